/* SPDX-License-Identifier: ISC */
/* DragonFly, as its sysctls and its two libraries answer. */
#include <sys/user.h>
#include <sys/param.h>
#include <sys/types.h>
#include <sys/procctl.h>
#include <sys/socket.h>
#include <sys/socketvar.h>
#include <sys/sysctl.h>
#include <sys/un.h>
#include <sys/unpcb.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/tcp.h>
#include <netinet/tcp_fsm.h>
#include <netinet/tcp_var.h>

#include <errno.h>
#include <kinfo.h>
#include <kvm.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../canned.h"

#define ARG_CACHE	256	/* kern.ps_arg_cache_limit */
#define MAXFILES	64

static void
fill(const struct canned_proc *p, struct kinfo_proc *kp)
{
	int64_t start = BOOT + p->start;	/* however the clock is set */

	memset(kp, 0, sizeof(*kp));
	/* All threads of the kernel have the same number. */
	kp->kp_pid = p->state == 'K' ? -1 : p->pid;
	kp->kp_ppid = p->ppid;
	kp->kp_pgid = p->pgid;
	kp->kp_sid = p->sid;
	kp->kp_uid = p->uid;
	kp->kp_ruid = p->ruid;
	kp->kp_jailid = canned_jail;
	kp->kp_tdev = (uint32_t)p->tty;
	kp->kp_flags = p->state == 'K' || p->pid == 1 ? P_SYSTEM : 0;
	kp->kp_auxflags = (p->tty != NODEVICE && !p->lost ? KI_CTTY : 0) |
	    (p->sid == p->pid ? KI_SLEADER : 0);
	kp->kp_start.tv_sec = start / 1000000;
	kp->kp_start.tv_usec = start % 1000000;
	kp->kp_stat = p->state == 'T' ? SSTOP : p->state == 'Z' ? SZOMB :
	    SACTIVE;
	kp->kp_lwp.kl_stat = p->state == 'R' ? LSRUN : LSSLEEP;
	kp->kp_sigcatch.__bits[0] = (unsigned)p->catch;
	kp->kp_sigignore.__bits[0] = (unsigned)p->ignore;
	strcpy(kp->kp_comm, p->comm);
}

static int
process(const int *mib, unsigned n, void *old, size_t *oldlen)
{
	struct kinfo_proc *kp;
	size_t count = 0, i;
	int one = mib[2] == KERN_PROC_PID, r;

	if (n != (one ? 4u : 3u))
		return canned_fail(EINVAL);
	if (canned_ask(one ? "row" : "table", one ? mib[3] : 0) == -1)
		return -1;
	kp = calloc(nprocs + 1, sizeof(*kp));
	/*
	 * sysctl_kern_proc() of kern_proc.c: kern.ps_showallprocs restricts the
	 * list alone, and only the list has zombies.
	 */
	for (i = 0; i < nprocs; i++)
		if (!procs[i].gone && (one ? procs[i].pid == mib[3] &&
		    procs[i].state != 'K' && procs[i].state != 'Z' :
		    !canned_curtain ||
		    canned_may(&procs[i])))
			fill(&procs[i], &kp[count++]);
	count *= sizeof(*kp);
	r = canned_table(kp, canned_longer && count > 0 ? count - 8 : count,
	    old, oldlen);
	free(kp);
	return r;
}

int
sysctl(int *mib, unsigned n, void *old, size_t *oldlen, void *new,
    size_t newlen)
{
	const struct canned_proc *p;
	const char *s;

	(void)newlen;
	if (new != NULL || n < 3 || mib[0] != CTL_KERN || mib[1] != KERN_PROC)
		return canned_fail(EINVAL);
	if (mib[2] == KERN_PROC_ALL || mib[2] == KERN_PROC_PID)
		return process(mib, n, old, oldlen);
	if (n != 4)
		return canned_fail(EINVAL);
	if (canned_ask(mib[2] == KERN_PROC_ARGS ? "args" :
	    mib[2] == KERN_PROC_CWD ? "cwd" : "exe", mib[3]) == -1)
		return -1;
	/* Nobody there: success, and nothing. */
	if ((p = canned_proc(mib[3])) == NULL)
		return canned_give(NULL, 0, old, oldlen);
	switch (mib[2]) {
	case KERN_PROC_ARGS:
		return canned_give(p->args, p->argslen > ARG_CACHE ? 0 :
		    p->argslen, old, oldlen);
	case KERN_PROC_CWD:
		s = p->cwd;
		break;
	case KERN_PROC_PATHNAME:
		s = p->exe;
		break;
	default:
		return canned_fail(EINVAL);
	}
	return canned_give(s, s == NULL ? 0 : strlen(s) + 1, old, oldlen);
}

static void
socket_of(int i, struct xsocket *so)
{
	const struct canned_sock *s = &socks[i];

	so->xso_len = sizeof(*so);
	so->xso_so = (struct socket *)(uintptr_t)canned_so(i);
	so->xso_family = canned_family(s);
	so->so_uid = s->uid;
	so->so_type = SOCK_STREAM;
	if (s->state == ST_LISTEN) {
		so->so_options = SO_ACCEPTCONN;
		so->so_qlen = (short)s->rq;
		so->so_qlimit = (short)s->wq;
	} else {
		so->so_rcv.sb_cc = s->rq;
		so->so_snd.sb_cc = s->wq;
	}
}

static size_t
tcp_list(char *buf)
{
	struct xtcpcb xt;
	size_t i, len = 0;

	for (i = 0; i < nsocks; i++) {
		const struct canned_sock *s = &socks[i];

		if (s->kind == SOCK_LOCAL)
			continue;
		memset(&xt, 0, sizeof(xt));
		xt.xt_len = sizeof(xt) + (canned_longer ? 64 : 0);
		socket_of((int)i, &xt.xt_socket);
		xt.xt_inp.inp_lport = htons(s->lport);
		xt.xt_inp.inp_fport = htons(s->fport);
		if (s->kind == SOCK_TCP4) {
			memcpy(&xt.xt_inp.inp_laddr, s->laddr, 4);
			memcpy(&xt.xt_inp.inp_faddr, s->faddr, 4);
		} else {
			memcpy(&xt.xt_inp.in6p_laddr, s->laddr, 16);
			memcpy(&xt.xt_inp.in6p_faddr, s->faddr, 16);
		}
		xt.xt_tp.t_state = canned_tcps(s);
		memcpy(buf + len, &xt, sizeof(xt));
		len += sizeof(xt);
		/* Every CPU has its own list of listeners. */
		if (s->state == ST_LISTEN) {
			memcpy(buf + len, &xt, sizeof(xt));
			len += sizeof(xt);
		}
	}
	return len;
}

static size_t
unix_list(char *buf)
{
	struct xunpcb xu;
	size_t i, len = 0;

	for (i = 0; i < nsocks; i++) {
		const struct canned_sock *s = &socks[i];

		if (s->kind != SOCK_LOCAL)
			continue;
		memset(&xu, 0, sizeof(xu));
		xu.xu_len = sizeof(xu);
		xu.xu_unpp = (struct unpcb *)(uintptr_t)canned_pcb((int)i);
		if (s->peer != -1)
			xu.xu_unp.unp_conn = (struct unpcb *)(uintptr_t)
			    canned_pcb(s->peer);
		if (s->path != NULL) {
			xu.xu_unp.unp_addr = &xu.xu_addr;
			xu.xu_addr.sun_family = AF_UNIX;
			xu.xu_addr.sun_len = (unsigned char)(2 +
			    strlen(s->path));
			strcpy(xu.xu_addr.sun_path, s->path);
		}
		socket_of((int)i, &xu.xu_socket);
		memcpy(buf + len, &xu, sizeof(xu));
		len += sizeof(xu);
	}
	return len;
}

int
sysctlbyname(const char *what, void *old, size_t *oldlen, void *new,
    size_t newlen)
{
	(void)new;
	(void)newlen;
	return canned_lists(what, tcp_list, unix_list, old, oldlen);
}

/* The library asks once for the size, and gives up with -1 and ENOMEM. */
int
kinfo_get_files(struct kinfo_file **kfp, size_t *np)
{
	struct kinfo_file *kf;
	size_t i, k, n = 0;

	if (canned_ask("fds", 0) == -1)
		return -1;
	if (canned_grow > 0) {
		canned_grow--;
		return canned_fail(ENOMEM);
	}
	kf = calloc(MAXFILES, sizeof(*kf));
	for (i = 0; i < nprocs; i++) {
		const struct canned_proc *p = &procs[i];

		if (p->gone || p->state == 'Z')
			continue;
		for (k = 0; k < NFDS && p->fds[k].what != FD_NONE; k++, n++) {
			const struct canned_fd *f = &p->fds[k];

			kf[n].f_size = sizeof(*kf) + (canned_longer ? 8 : 0);
			kf[n].f_pid = p->pid;
			kf[n].f_uid = p->uid;
			kf[n].f_fd = f->fd;
			kf[n].f_type = f->what == FD_SOCKET ? 2 :
			    f->what == FD_PIPE ? 3 : 1;
			if (!canned_hidden)
				kf[n].f_data = (void *)(uintptr_t)(f->what ==
				    FD_SOCKET ? canned_so(f->sock) :
				    f->pipe);
		}
	}
	*kfp = kf;
	*np = n;
	return 0;
}

/* sys_procctl() of kern_exit.c: only of oneself, who is not in the table. */
int
procctl(fake_idtype_t type, id_t id, int command, void *data)
{
	(void)type;
	(void)id;
	(void)command;
	(void)data;
	return canned_fail(EINVAL);
}

/* --- libkvm, where there is no procfs ------------------------------------- */

static const char *kvm_argv[3] = { "ssh", "-N", NULL };

kvm_t *
kvm_openfiles(const char *exec, const char *core, const char *swap, int flags,
    char *err)
{
	(void)exec;
	(void)core;
	(void)swap;
	(void)flags;
	err[0] = '\0';
	return calloc(1, 1);
}

struct kinfo_proc *
kvm_getprocs(kvm_t *kd, int op, int arg, int *n)
{
	static struct kinfo_proc kp;
	const struct canned_proc *p = canned_proc(arg);

	*n = 0;
	if (kd == NULL || op != KERN_PROC_PID || p == NULL)
		return NULL;
	fill(p, &kp);
	*n = 1;
	return &kp;
}

char **
kvm_getargv(kvm_t *kd, const struct kinfo_proc *kp, int max)
{
	(void)kd;
	(void)kp;
	(void)max;
	return canned_token ? (char **)(uintptr_t)kvm_argv : NULL;
}

int
kvm_close(kvm_t *kd)
{
	free(kd);
	return 0;
}
