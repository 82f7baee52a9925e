/* SPDX-License-Identifier: ISC */
/* FreeBSD, as its sysctls answer. */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/procctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/socketvar.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/unpcb.h>
#include <sys/user.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/tcp.h>
#include <netinet/tcp_var.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../canned.h"

#define ROOM	(64 * 1024)

static void
set_time(struct timeval *tv, int64_t us)
{
	tv->tv_sec = us / 1000000;
	tv->tv_usec = us % 1000000;
}

static void
fill(const struct canned_proc *p, struct kinfo_proc *kp)
{
	memset(kp, 0, sizeof(*kp));
	kp->ki_structsize = sizeof(*kp) + (canned_longer ? 64 : 0);
	kp->ki_pid = p->pid;
	kp->ki_ppid = p->ppid;
	kp->ki_pgid = p->pgid;
	kp->ki_sid = p->sid;
	kp->ki_uid = p->uid;
	kp->ki_ruid = p->ruid;
	kp->ki_jid = canned_jail;
	kp->ki_tdev = p->tty == NODEVICE ? NODEV : (uint64_t)p->tty;
	kp->ki_flag = p->state == 'K' ? P_SYSTEM | P_KPROC :
	    p->pid == 1 ? P_SYSTEM : 0;
	if (p->tty != NODEVICE)
		kp->ki_flag |= P_CONTROLT;
	kp->ki_kiflag = (p->tty != NODEVICE && !p->lost ? KI_CTTY : 0) |
	    (p->sid == p->pid ? KI_SLEADER : 0);
	set_time(&kp->ki_start, canned_boot + p->start);
	kp->ki_stat = p->state == 'R' ? SRUN : p->state == 'T' ? SSTOP :
	    p->state == 'Z' ? SZOMB : SSLEEP;
	kp->ki_sigcatch.__bits[0] = (uint32_t)p->catch;
	kp->ki_sigignore.__bits[0] = (uint32_t)p->ignore;
	strcpy(kp->ki_comm, p->comm);
}

/* security.bsd.see_other_gids: root's group is ours as well. */
static int
is_hidden(const struct canned_proc *p)
{
	return canned_curtain && p->uid != 0 && !canned_may(p);
}

static int
all(void *old, size_t *oldlen)
{
	struct kinfo_proc *kp;
	size_t i, n = 0;
	int r;

	if (canned_ask("table", 0) == -1)
		return -1;
	kp = calloc(nprocs, sizeof(*kp));
	for (i = 0; i < nprocs; i++)
		if (!procs[i].gone && !is_hidden(&procs[i]))
			fill(&procs[i], &kp[n++]);
	r = canned_table(kp, n * sizeof(*kp), old, oldlen);
	free(kp);
	return r;
}

/* Every descriptor in as few bytes as its path lets it. */
static size_t
pack(char *out, struct kinfo_file *kf)
{
	size_t len = offsetof(struct kinfo_file, kf_path) +
	    strlen(kf->kf_path) + 1;

	len = (len + 7) & ~(size_t)7;
	kf->kf_structsize = canned_longer ? 1 << 20 : (int)len;
	memcpy(out, kf, len);
	return len;
}

static void
descriptor(const struct canned_fd *f, struct kinfo_file *kf)
{
	const struct canned_sock *s = &socks[f->sock];

	memset(kf, 0, sizeof(*kf));
	kf->kf_fd = f->fd;
	switch (f->what) {
	case FD_SOCKET:
		kf->kf_type = KF_TYPE_SOCKET;
		kf->kf_sock_type = SOCK_STREAM;
		kf->kf_un.kf_sock.kf_sock_pcb = canned_pcb(f->sock);
		if (s->kind != SOCK_LOCAL) {
			kf->kf_sock_domain = canned_family(s);
			canned_inet(s, s->laddr, s->lport, &kf->kf_sa_local);
			canned_inet(s, s->faddr, s->fport, &kf->kf_sa_peer);
			break;
		}
		kf->kf_sock_domain = AF_UNIX;
		canned_unix(s, &kf->kf_sa_local);
		if (s->peer != -1)
			kf->kf_un.kf_sock.kf_sock_unpconn =
			    canned_pcb(s->peer);
		break;
	case FD_PIPE:
		kf->kf_type = KF_TYPE_PIPE;
		if (canned_hidden)
			break;
		kf->kf_un.kf_pipe.kf_pipe_addr = f->pipe;
		kf->kf_un.kf_pipe.kf_pipe_peer = f->peer;
		break;
	default:
		kf->kf_type = KF_TYPE_VNODE;
		strcpy(kf->kf_path, f->path);
		break;
	}
}

/*
 * The descriptors up to the first that does not fit, and success, however many
 * follow: export_kinfo_to_sb() of kern_descrip.c. A table that has grown begins
 * with new ones.
 */
static int
files(const struct canned_proc *p, void *old, size_t *oldlen)
{
	static const struct canned_fd new = { FD_PATH, 100, 0, 0, 0, "/new" };
	struct kinfo_file kf;
	char *buf = calloc(1, ROOM), one[sizeof(kf)];
	size_t len = 0, n, room = old == NULL ? ROOM : *oldlen;
	int i, grown = old != NULL && canned_grow > 0, r;

	/* What is no descriptor comes first. */
	memset(&kf, 0, sizeof(kf));
	kf.kf_fd = KF_FD_TYPE_CWD;
	kf.kf_type = KF_TYPE_VNODE;
	strcpy(kf.kf_path, p->cwd != NULL ? p->cwd : "");
	canned_grow -= grown;
	for (i = -1; i < NFDS || grown; i++) {
		if (i != -1 && !grown && p->fds[i].what == FD_NONE)
			continue;
		if (i != -1)
			descriptor(grown ? &new : &p->fds[i], &kf);
		if ((n = pack(one, &kf)) > room - len)
			break;
		memcpy(buf + len, one, n);
		len += n;
	}
	r = canned_give(buf, len, old, oldlen);
	free(buf);
	return r;
}

static int
cwd(const struct canned_proc *p, void *old, size_t *oldlen)
{
	struct kinfo_file kf;
	char buf[sizeof(kf)];

	memset(&kf, 0, sizeof(kf));
	kf.kf_fd = KF_FD_TYPE_CWD;
	kf.kf_type = KF_TYPE_VNODE;
	strcpy(kf.kf_path, p->cwd);
	return canned_give(buf, pack(buf, &kf), old, oldlen);
}

int
sysctl(const int *mib, unsigned n, void *old, size_t *oldlen,
    const void *new, size_t newlen)
{
	static const char *const names[64] = {
		[KERN_PROC_PID] = "row", [KERN_PROC_ARGS] = "args",
		[KERN_PROC_ENV] = "env", [KERN_PROC_PATHNAME] = "exe",
		[KERN_PROC_CWD] = "cwd", [KERN_PROC_FILEDESC] = "fds",
		[KERN_PROC_RLIMIT] = "limit",
	};
	const struct canned_proc *p;
	struct kinfo_proc kp;
	struct rlimit rl = { 1024, 4096 };

	(void)newlen;
	if (new != NULL || n < 3 || mib[0] != CTL_KERN || mib[1] != KERN_PROC)
		return canned_fail(EINVAL);
	if (mib[2] == KERN_PROC_PROC)
		return all(old, oldlen);
	if (n < 4 || mib[2] < 0 || mib[2] > 63 || names[mib[2]] == NULL)
		return canned_fail(EINVAL);
	if ((p = canned_asked(names[mib[2]], mib[3])) == NULL)
		return -1;
	if (is_hidden(p))
		return canned_fail(ESRCH);
	switch (mib[2]) {
	case KERN_PROC_PID:
		fill(p, &kp);
		return canned_give(&kp, sizeof(kp), old, oldlen);
	case KERN_PROC_ARGS:
		/* An exit is under way: sysctl_kern_proc_args(). */
		if (canned_exec > 0 && p->pid == 300) {
			canned_proc(300)->gone = --canned_exec == 0;
			return canned_give(NULL, 0, old, oldlen);
		}
		return canned_give(p->args, p->argslen, old, oldlen);
	case KERN_PROC_PATHNAME:
		return canned_give(p->exe == NULL ? "" : p->exe,
		    p->exe == NULL ? 0 : strlen(p->exe) + 1, old, oldlen);
	}
	/* The rest needs the right to debug it, and that it lives: pget(). */
	if (p->state == 'Z')
		return canned_fail(ESRCH);
	if (!canned_may(p))
		return canned_fail(EPERM);
	switch (mib[2]) {
	case KERN_PROC_ENV:
		return canned_give(p->env, p->envlen, old, oldlen);
	case KERN_PROC_CWD:
		return p->cwd == NULL ? canned_fail(ENOENT) :
		    cwd(p, old, oldlen);
	case KERN_PROC_RLIMIT:
		return canned_give(&rl, sizeof(rl), old, oldlen);
	default:
		return files(p, old, oldlen);
	}
}

static void
socket_of(int i, struct xsocket *so)
{
	const struct canned_sock *s = &socks[i];

	so->xso_len = sizeof(*so);
	so->xso_so = canned_so(i);
	so->so_pcb = canned_pcb(i);
	so->xso_family = canned_family(s);
	so->so_uid = s->uid;
	so->so_type = SOCK_STREAM;
	if (s->state == ST_LISTEN) {
		so->so_options = SO_ACCEPTCONN;
		so->so_qlen = s->rq;
		so->so_qlimit = s->wq;
	} else {
		so->so_rcv.sb_cc = s->rq;
		so->so_snd.sb_cc = s->wq;
	}
}

/*
 * tcp_inptoxtp() of tcp_subr.c reckons in unsigned ints:
 * 1000 * (ticks - tp->t_rcvtime) / hz.
 */
static int
received(const struct canned_sock *s)
{
	uint32_t ticks = (uint32_t)((int64_t)s->heard * canned_hz / 1000);

	return (int)(1000 * ticks / (uint32_t)canned_hz);
}

static size_t
tcp_list(char *buf)
{
	struct xinpgen head;
	struct in_endpoints *ie;
	struct xtcpcb xt;
	size_t i, len = 0;

	memset(&head, 0, sizeof(head));
	head.xig_len = sizeof(head);
	memcpy(buf, &head, sizeof(head));
	len += sizeof(head);
	for (i = 0; i < nsocks; i++) {
		const struct canned_sock *s = &socks[i];

		if (s->kind == SOCK_LOCAL)
			continue;
		memset(&xt, 0, sizeof(xt));
		xt.xt_len = sizeof(xt) + (canned_longer ? 64 : 0);
		xt.t_state = canned_tcps(s);
		xt.t_rcvtime = received(s);
		xt.t_sndrexmitpack = s->rexmits;
		xt.tt_rexmt = s->rexmt;
		xt.tt_keep = s->keep;
		xt.xt_inp.xi_len = sizeof(xt.xt_inp);
		socket_of((int)i, &xt.xt_inp.xi_socket);
		ie = &xt.xt_inp.inp_inc.inc_ie;
		ie->ie_lport = htons(s->lport);
		ie->ie_fport = htons(s->fport);
		xt.xt_inp.inp_vflag = s->kind == SOCK_TCP4 ? INP_IPV4 :
		    INP_IPV6;
		if (s->kind == SOCK_TCP4) {
			memcpy(&ie->ie_laddr, s->laddr, 4);
			memcpy(&ie->ie_faddr, s->faddr, 4);
		} else {
			memcpy(&ie->ie6_laddr, s->laddr, 16);
			memcpy(&ie->ie6_faddr, s->faddr, 16);
			/* The number of the interface, as KAME puts it. */
			if (s->laddr[0] == 0xfe)
				ie->ie6_laddr.__u6_addr.__u6_addr8[3] =
				    ie->ie6_faddr.__u6_addr.__u6_addr8[3] = 2;
		}
		memcpy(buf + len, &xt, sizeof(xt));
		len += sizeof(xt);
	}
	memcpy(buf + len, &head, sizeof(head));
	return len + sizeof(head);
}

static size_t
unix_list(char *buf)
{
	struct xunpgen head;
	struct xunpcb xu;
	size_t i, len = 0;

	memset(&head, 0, sizeof(head));
	head.xug_len = sizeof(head);
	memcpy(buf, &head, sizeof(head));
	len += sizeof(head);
	for (i = 0; i < nsocks; i++) {
		if (socks[i].kind != SOCK_LOCAL)
			continue;
		memset(&xu, 0, sizeof(xu));
		xu.xu_len = sizeof(xu);
		xu.xu_unpp = canned_pcb((int)i);
		if (socks[i].peer != -1)
			xu.unp_conn = canned_pcb(socks[i].peer);
		canned_unix(&socks[i], &xu.xu_addr);
		socket_of((int)i, &xu.xu_socket);
		if (socks[i].peer != -1)
			xu.xu_socket.so_state = SS_ISCONNECTED;
		memcpy(buf + len, &xu, sizeof(xu));
		len += sizeof(xu);
	}
	memcpy(buf + len, &head, sizeof(head));
	return len + sizeof(head);
}

int
sysctlbyname(const char *what, void *old, size_t *oldlen, const void *new,
    size_t newlen)
{
	const struct {
		const char *name;
		int value;
	} numbers[] = { { "kern.hz", canned_hz },
	    { "net.inet.tcp.keepidle", 7200000 },
	    { "net.inet.tcp.keepintvl", 75000 },
	    { "net.inet.tcp.keepcnt", 8 },
	    { "net.inet.tcp.always_keepalive", canned_keepalive },
	    { "security.bsd.see_other_uids", 1 },
	    { "security.bsd.see_other_gids", !canned_curtain },
	    { "security.bsd.see_jail_proc", 1 } };
	struct timeval boot;
	size_t i;

	(void)new;
	(void)newlen;
	if (strcmp(what, "kern.boottime") == 0) {
		set_time(&boot, canned_boot);
		return canned_give(&boot, sizeof(boot), old, oldlen);
	}
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(what, numbers[i].name) == 0)
			return canned_give(&numbers[i].value, sizeof(int),
			    old, oldlen);
	return canned_lists(what, tcp_list, unix_list, old, oldlen);
}

int
procctl(fake_idtype_t type, id_t id, int command, void *data)
{
	const struct canned_proc *p;
	struct procctl_reaper_status *rs = data;
	size_t i;

	if (type != P_PID || command != PROC_REAP_STATUS)
		return canned_fail(EINVAL);
	if ((p = canned_asked("origin", (pid_t)id)) == NULL)
		return -1;
	memset(rs, 0, sizeof(*rs));
	/* reap_status() of kern_procctl.c: a reaper is its own. */
	for (i = 0; i < nprocs && procs[i].reaper != p->pid; i++)
		;
	rs->rs_reaper = i < nprocs ? p->pid : p->reaper;
	rs->rs_flags = (i < nprocs ? REAPER_STATUS_OWNED : 0) |
	    (rs->rs_reaper == 1 ? REAPER_STATUS_REALINIT : 0);
	return 0;
}
