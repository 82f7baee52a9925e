/* SPDX-License-Identifier: ISC */
/* macOS, as its sysctls and libproc answer. */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/proc.h>
#include <sys/proc_info.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/un.h>

#include <netinet/in.h>

#include <dlfcn.h>
#include <errno.h>
#include <libproc.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../canned.h"

#define ARGMAX	(1024 * 1024)

struct unique {
	uint8_t uuid[16];
	uint64_t id, parent;
	int32_t version, reserved1;
	uint64_t reserved2[2];
};

static int32_t
version_of(const struct canned_proc *p)
{
	return (int32_t)(p->start % 1000000000) + 7;
}

/* A process that has died leaves its number, not its successor's. */
static uint64_t
unique_of(const struct canned_proc *p)
{
	/* reuse() in test.c gives the number to one that started later. */
	return canned_unique(p) + (p->start >= 31000000 ? 5000 : 0);
}

static void
fill(const struct canned_proc *p, struct kinfo_proc *kp)
{
	int64_t start = BOOT + p->start;	/* fixed at fork */

	memset(kp, 0, sizeof(*kp));
	kp->kp_proc.p_pid = p->pid;
	kp->kp_proc.p_flag = p->tty != NODEVICE ? P_CONTROLT : 0;
	kp->kp_proc.p_stat = p->state == 'T' ? SSTOP : p->state == 'Z' ?
	    SZOMB : SRUN;
	kp->kp_proc.p_starttime.tv_sec = start / 1000000;
	kp->kp_proc.p_starttime.tv_usec = start % 1000000;
	kp->kp_proc.p_sigcatch = (uint32_t)p->catch;
	kp->kp_proc.p_sigignore = (uint32_t)p->ignore;
	strcpy(kp->kp_proc.p_comm, p->comm);
	kp->kp_eproc.e_ppid = p->ppid;
	kp->kp_eproc.e_pgid = p->pgid;
	kp->kp_eproc.e_ucred.cr_uid = p->uid;
	kp->kp_eproc.e_pcred.p_ruid = p->ruid;
	kp->kp_eproc.e_tdev = p->tty;
	kp->kp_eproc.e_flag = (p->tty != NODEVICE && !p->lost ? EPROC_CTTY :
	    0) | (p->sid == p->pid ? EPROC_SLEADER : 0);
}

static int
process(const int *mib, void *old, size_t *oldlen)
{
	struct kinfo_proc *kp;
	size_t i, n = 0;
	int one = mib[2] == KERN_PROC_PID, r;

	if (canned_ask(one ? "row" : "table", one ? mib[3] : 0) == -1)
		return -1;
	kp = calloc(nprocs + 1, sizeof(*kp));
	if (!one) {
		kp[n].kp_proc.p_flag = P_SYSTEM;
		strcpy(kp[n++].kp_proc.p_comm, "kernel_task");
	}
	for (i = 0; i < nprocs; i++)
		if (!procs[i].gone && procs[i].state != 'K' &&
		    (!one || procs[i].pid == mib[3]))
			fill(&procs[i], &kp[n++]);
	n *= sizeof(*kp);
	r = canned_table(kp, canned_longer == 1 && n > 0 ? n - 8 :
	    n, old, oldlen);
	free(kp);
	return r;
}

/*
 * argc, path, padding, argv, environment, NUL, what the linker wants.  The
 * end of it all where the room is too small.
 */
static int
stack(pid_t pid, void *old, size_t *oldlen)
{
	static char buf[ARGMAX];
	const struct canned_proc *p = canned_proc(pid);
	size_t i, len;
	int argc = 0;

	if (canned_ask("args", pid) == -1)
		return -1;
	if (p == NULL || p->state == 'Z' || !canned_may(p) || old == NULL ||
	    *oldlen > ARGMAX + 4)
		return canned_fail(EINVAL);
	for (i = 0; i < p->argslen; i++)
		argc += p->args[i] == '\0';
	if (p->argc != 0)
		argc = p->argc;
	memcpy(buf, &argc, sizeof(argc));
	len = sizeof(argc);
	strcpy(buf + len, p->exe);
	len += strlen(p->exe) + 1;
	do
		buf[len++] = '\0';
	while (len % 8 != 0);
	memcpy(buf + len, p->args, p->argslen);
	len += p->argslen;
	/* A title has no words behind it, only what it left of them. */
	if (p->argc == 6) {
		memset(buf + len, 0, 40);
		len += 40;
	}
	if (p->envlen > 0)
		memcpy(buf + len, p->env, p->envlen);
	len += p->envlen;
	buf[len++] = '\0';
	strcpy(buf + len, "executable_path=/x");
	len += strlen(buf + len) + 1;
	if (*oldlen < len) {
		memcpy(old, buf + len - *oldlen, *oldlen);
		return 0;
	}
	memcpy(old, buf, len);
	*oldlen = len;
	return 0;
}

int
sysctl(int *mib, unsigned n, void *old, size_t *oldlen, void *new,
    size_t newlen)
{
	int argmax = ARGMAX;

	(void)newlen;
	if (new != NULL || n < 2 || mib[0] != CTL_KERN)
		return canned_fail(EINVAL);
	if (mib[1] == KERN_ARGMAX && n == 2)
		return canned_give(&argmax, sizeof(argmax), old, oldlen);
	if (mib[1] == KERN_PROCARGS2 && n == 3)
		return stack(mib[2], old, oldlen);
	if (mib[1] == KERN_PROC && n == 4)
		return process(mib, old, oldlen);
	return canned_fail(ENOTSUP);
}

pid_t
getsid(pid_t pid)
{
	const struct canned_proc *p = canned_proc(pid);

	return p == NULL || p->state == 'Z' ? canned_fail(ESRCH) : p->sid;
}

/* --- libproc -------------------------------------------------------------- */

/* 0 with errno, or how many bytes were given. */
static int
no(int error)
{
	errno = error;
	return 0;
}

static int
give(const void *data, size_t len, void *buf, int size)
{
	if (canned_longer)
		len -= 8;
	if (size < (int)len)
		return no(ENOMEM);
	memcpy(buf, data, len);
	return (int)len;
}

static int
list(const struct canned_proc *p, void *buf, int size)
{
	struct proc_fdinfo fds[NFDS];
	int i, n = 0;

	for (i = 0; i < NFDS && p->fds[i].what != FD_NONE; i++, n++) {
		fds[n].proc_fd = p->fds[i].fd;
		fds[n].proc_fdtype = p->fds[i].what == FD_SOCKET ?
		    PROX_FDTYPE_SOCKET : p->fds[i].what == FD_PIPE ?
		    PROX_FDTYPE_PIPE : PROX_FDTYPE_VNODE;
	}
	n *= (int)sizeof(fds[0]);
	if (buf == NULL)
		return n;
	/* Grown, so what fits is given, and that is all that is said. */
	if (canned_grow > 0) {
		canned_grow--;
		memset(buf, 0, (size_t)size);
		return size - size % (int)sizeof(fds[0]);
	}
	if (n > size)
		n = size - size % (int)sizeof(fds[0]);
	memcpy(buf, fds, (size_t)n);
	return n;
}

int
proc_pidinfo(int pid, int flavor, uint64_t arg, void *buf, int size)
{
	const struct canned_proc *p;
	struct proc_vnodepathinfo vpi;
	struct unique u;

	(void)arg;
	if (flavor != 17 && canned_ask(flavor == PROC_PIDLISTFDS ? "fds" :
	    "cwd", pid) == -1)
		return 0;
	if ((p = canned_proc(pid)) == NULL || p->state == 'Z')
		return no(ESRCH);
	switch (flavor) {
	case 17:
		memset(&u, 0, sizeof(u));
		u.id = unique_of(p);
		u.parent = p->parent;
		u.version = version_of(p);
		memcpy(buf, &u, sizeof(u));
		return sizeof(u);
	case PROC_PIDLISTFDS:
		return canned_may(p) ? list(p, buf, size) : no(EPERM);
	case PROC_PIDVNODEPATHINFO:
		if (!canned_may(p))
			return no(EPERM);
		memset(&vpi, 0, sizeof(vpi));
		strcpy(vpi.pvi_cdir.vip_path, p->cwd);
		return give(&vpi, sizeof(vpi), buf, size);
	default:
		return no(EINVAL);
	}
}

static void
fill_socket(int i, struct socket_info *so)
{
	const struct canned_sock *s = &socks[i];
	struct in_sockinfo *in = &so->soi_proto.pri_tcp.tcpsi_ini;
	struct un_sockinfo *un = &so->soi_proto.pri_un;

	/* A handle is no address, and not hidden. */
	so->soi_so = UINT64_C(0x8000000000) + (uint64_t)i;
	so->soi_type = SOCK_STREAM;
	if (s->state == ST_LISTEN) {
		so->soi_options = SO_ACCEPTCONN;
		so->soi_qlen = (short)s->rq;
		so->soi_qlimit = (short)s->wq;
	} else {
		so->soi_rcv.sbi_cc = s->rq;
		so->soi_snd.sbi_cc = s->wq;
	}
	if (s->kind == SOCK_LOCAL) {
		so->soi_kind = SOCKINFO_UN;
		so->soi_family = AF_UNIX;
		if (s->peer != -1)
			un->unsi_conn_so = UINT64_C(0x8000000000) +
			    (uint64_t)s->peer;
		un->unsi_addr.ua_sun.sun_family = AF_UNIX;
		if (s->path != NULL) {
			un->unsi_addr.ua_sun.sun_len = (unsigned char)(2 +
			    strlen(s->path));
			strcpy(un->unsi_addr.ua_sun.sun_path, s->path);
		}
		return;
	}
	so->soi_kind = SOCKINFO_TCP;
	so->soi_family = canned_family(s);
	in->insi_lport = htons(s->lport);
	in->insi_fport = htons(s->fport);
	if (s->kind == SOCK_TCP4) {
		in->insi_vflag = INI_IPV4;
		memcpy(&in->insi_laddr.ina_46.i46a_addr4, s->laddr, 4);
		memcpy(&in->insi_faddr.ina_46.i46a_addr4, s->faddr, 4);
	} else {
		in->insi_vflag = INI_IPV6;
		memcpy(&in->insi_laddr.ina_6, s->laddr, 16);
		memcpy(&in->insi_faddr.ina_6, s->faddr, 16);
	}
	so->soi_proto.pri_tcp.tcpsi_state = canned_tcps(s);
	so->soi_proto.pri_tcp.tcpsi_timer[TSI_T_REXMT] = s->rexmt;
	so->soi_proto.pri_tcp.tcpsi_timer[TSI_T_KEEP] = s->keep;
}

int
proc_pidfdinfo(int pid, int fd, int flavor, void *buf, int size)
{
	const struct canned_proc *p = canned_proc(pid);
	const struct canned_fd *f;
	struct vnode_fdinfowithpath vi;
	struct socket_fdinfo si;
	struct pipe_fdinfo pi;
	int i;

	if (canned_ask("fd", pid) == -1)
		return 0;
	if (p == NULL || p->state == 'Z')
		return no(ESRCH);
	if (!canned_may(p))
		return no(EPERM);
	for (i = 0; i < NFDS && (p->fds[i].what == FD_NONE ||
	    p->fds[i].fd != fd); i++)
		;
	if (i == NFDS)
		return no(EBADF);
	f = &p->fds[i];
	memset(&si, 0, sizeof(si));
	memset(&pi, 0, sizeof(pi));
	memset(&vi, 0, sizeof(vi));
	if (flavor == PROC_PIDFDSOCKETINFO && f->what == FD_SOCKET) {
		fill_socket(f->sock, &si.psi);
		return give(&si, sizeof(si), buf, size);
	}
	if (flavor == PROC_PIDFDPIPEINFO && f->what == FD_PIPE) {
		pi.pipeinfo.pipe_handle = f->pipe;
		pi.pipeinfo.pipe_peerhandle = f->peer;
		return give(&pi, sizeof(pi), buf, size);
	}
	if (flavor == PROC_PIDFDVNODEPATHINFO && f->what == FD_PATH) {
		strcpy(vi.pvip.vip_path, f->path);
		return give(&vi, sizeof(vi), buf, size);
	}
	return no(EBADF);
}

int
proc_pidpath(int pid, void *buf, uint32_t size)
{
	const struct canned_proc *p = canned_proc(pid);

	if (canned_ask("exe", pid) == -1)
		return 0;
	if (p == NULL || p->state == 'Z')
		return no(ESRCH);
	/* It wants room for a path, and no more than for four. */
	if (size < MAXPATHLEN || size > PROC_PIDPATHINFO_MAXSIZE)
		return no(size < MAXPATHLEN ? ENOMEM : EOVERFLOW);
	strcpy(buf, p->exe);
	return (int)strlen(p->exe);
}

/* Says what is wrong itself, not in errno. */
int
proc_signal_with_audittoken(audit_token_t *token, int sig)
{
	const struct canned_proc *p;
	pid_t pid = (pid_t)token->val[5];

	canned_ask("token", pid);
	if ((p = canned_proc(pid)) == NULL ||
	    (int32_t)token->val[7] != version_of(p))
		return ESRCH;
	if (!canned_may(p))
		return EPERM;
	sent_token = 1;
	sent_pid = pid;
	sent_signal = sig;
	return 0;
}

void *
dlsym(void *handle, const char *name)
{
	int (*f)(audit_token_t *, int) = proc_signal_with_audittoken;
	void *p;

	if (handle != RTLD_DEFAULT || !canned_token ||
	    strcmp(name, "proc_signal_with_audittoken") != 0)
		return NULL;
	memcpy(&p, &f, sizeof(p));
	return p;
}
