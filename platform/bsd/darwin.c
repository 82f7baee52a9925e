/* SPDX-License-Identifier: ISC */
/*
 * macOS 12 and later: the process table by sysctl(3), everything else by
 * libproc, which is in libSystem. Sockets are read process by process, for the
 * user's own processes only. A process has a number that is never reused and
 * keeps that of its parent. Since 14.4 a signal can be sent to exactly that
 * process.
 */
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
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/array.h"
#include "sysctl.h"

#define ARGS_MAX	((int)16 << 20)

/* Of <sys/proc_info_private.h>, which is not in the SDK. */
#define UNIQUE		17	/* PROC_PIDUNIQIDENTIFIERINFO */

struct unique {
	uint8_t uuid[16];
	uint64_t id;		/* p_uniqueid */
	uint64_t parent;	/* p_puniqueid, kept when the parent dies */
	int32_t version;	/* p_idversion, changed by exec */
	int32_t reserved1;
	uint64_t reserved2[2];
};

struct os {
	char *args;		/* for KERN_PROCARGS2 */
	int argmax;		/* its size, to the byte */
	int (*send)(audit_token_t *, int);	/* NULL: not in this release */
};

static void
free_os(struct plat *pl)
{
	struct os *os = pl->live->os;

	free(os->args);
	free(os);
}

static int send_safely(struct plat *, const struct plat_proc *, int);

int
os_open(struct plat *pl)
{
	struct os *os;
	void *sym;

	if ((os = calloc(1, sizeof(*os))) == NULL)
		return -1;
	/* Since macOS 14.4; the header does not say so. */
	sym = dlsym(RTLD_DEFAULT, "proc_signal_with_audittoken");
	memcpy(&os->send, &sym, sizeof(sym));
	pl->live->os = os;
	pl->live->close = free_os;
	if (os->send != NULL)
		pl->live->signal = send_safely;
	return 0;
}

unsigned
os_caps(struct plat *pl)
{
	const struct os *os = pl->live->os;
	unsigned caps;

	caps = PLAT_CAP_EXE | PLAT_CAP_CWD | PLAT_CAP_SOCKS_OWN |
	    PLAT_CAP_ENV | PLAT_CAP_PIPES;
	if (pl->live->uid == 0)
		caps |= PLAT_CAP_ARGS_OTHERS | PLAT_CAP_SOCKS_OTHERS |
		    PLAT_CAP_LISTENERS;
	if (os->send != NULL)
		caps |= PLAT_CAP_SIGNAL_SAFE;
	return caps;
}

/* --- asking libproc ------------------------------------------------------- */

/*
 * libproc returns a number of bytes: 0 is an error, and another size than
 * expected is a mismatch.
 */
static int
exactly(int n, size_t size)
{
	if (n == (int)size)
		return 0;
	if (n > 0)
		errno = EPROTO;
	else if (errno == 0)
		errno = ESRCH;
	return -1;
}

static int
pid_info(pid_t pid, int flavor, void *buf, size_t size)
{
	errno = 0;
	return exactly(proc_pidinfo(pid, flavor, 0, buf, (int)size), size);
}

static int
fd_info(pid_t pid, int fd, int flavor, void *buf, size_t size)
{
	errno = 0;
	return exactly(proc_pidfdinfo(pid, fd, flavor, buf, (int)size), size);
}

/* For bsd_grow(): a list that fills the buffer may be cut. */
static int
list_fds(void *arg, void *buf, size_t *lenp)
{
	const pid_t *pid = arg;
	int n;

	errno = 0;
	n = proc_pidinfo(*pid, PROC_PIDLISTFDS, 0, buf, (int)*lenp);
	if (n < 0 || (n == 0 && errno != 0))
		return -1;
	if (buf != NULL && (size_t)n + sizeof(struct proc_fdinfo) > *lenp) {
		errno = ENOMEM;
		return -1;
	}
	*lenp = (size_t)n;
	return 0;
}

static int
get_fds(pid_t pid, struct proc_fdinfo **fdsp, size_t *np)
{
	size_t len;
	void *buf;

	if (bsd_grow(list_fds, &pid, &buf, &len) == -1)
		return -1;
	if (bsd_whole(buf, len, sizeof(struct proc_fdinfo), np) == -1)
		return -1;
	*fdsp = buf;
	return 0;
}

/* --- rows ----------------------------------------------------------------- */

static char
state_of(const struct kinfo_proc *kp)
{
	switch (kp->kp_proc.p_stat) {
	case SRUN:		/* even if all its threads sleep */
		return 'R';
	case SSLEEP:
		return 'S';
	case SSTOP:
		return 'T';
	case SZOMB:
		return 'Z';
	default:
		return '?';
	}
}

static void
to_row(const struct kinfo_proc *kp, struct plat_proc *row)
{
	const struct extern_proc *p = &kp->kp_proc;
	const struct eproc *e = &kp->kp_eproc;
	struct unique u;
	pid_t sid;

	memset(row, 0, sizeof(*row));
	row->pid = p->p_pid;
	row->ppid = e->e_ppid;
	row->pgid = e->e_pgid;
	if ((sid = getsid(p->p_pid)) > 0)
		row->sid = sid;		/* not of a zombie */
	row->uid = e->e_ucred.cr_uid;
	row->ruid = e->e_pcred.p_ruid;
	row->start = (int64_t)p->p_starttime.tv_sec * 1000000 +
	    p->p_starttime.tv_usec;
	if (pid_info(p->p_pid, UNIQUE, &u, sizeof(u)) == 0) {
		row->ident[0] = u.id;
		row->ident[1] = (uint32_t)u.version;
	} else
		row->ident[0] = (uint64_t)row->start;
	bsd_state(row, state_of(kp), p->p_flag & P_SYSTEM && p->p_pid != 1);
	bsd_tty(row, (uint32_t)e->e_tdev, (uint32_t)NODEV,
	    e->e_flag & EPROC_CTTY);
	row->masks = 1;
	row->sigcgt = (uint32_t)p->p_sigcatch;
	bsd_copy(row->comm, sizeof(row->comm), p->p_comm, sizeof(p->p_comm));
}

static int
get_procs(int op, int arg, struct kinfo_proc **kpp, size_t *np)
{
	int mib[] = { CTL_KERN, KERN_PROC, op, arg };

	return bsd_list(mib, 4, 0, sizeof(**kpp), kpp, np);
}

int
os_table(struct plat *pl, struct plat_proc **rowsp, size_t *np)
{
	struct kinfo_proc *kp;
	struct plat_proc *rows;
	size_t i, n;

	(void)pl;
	if (get_procs(KERN_PROC_ALL, 0, &kp, &n) == -1)
		return -1;
	if ((rows = calloc(n + 1, sizeof(*rows))) != NULL)
		for (i = *np = 0; i < n; i++)
			if (kp[i].kp_proc.p_pid > 0)
				to_row(&kp[i], &rows[(*np)++]);
	free(kp);
	*rowsp = rows;
	return rows == NULL ? -1 : 0;
}

int
os_row(struct plat *pl, pid_t pid, struct plat_proc *row)
{
	struct kinfo_proc *kp;
	size_t n;
	int found;

	(void)pl;
	if (get_procs(KERN_PROC_PID, pid, &kp, &n) == -1)
		return -1;
	found = n > 0 && kp->kp_proc.p_pid == pid;
	if (found)
		to_row(kp, row);
	free(kp);
	if (!found)
		errno = ESRCH;
	return found ? 0 : -1;
}

/* --- words and places ----------------------------------------------------- */

/*
 * What the stack of a process starts with: argc, the path of the program, NULs,
 * argv, environment. The buffer must have exactly one size: a smaller one gets
 * the end without the start, and a larger one gives EINVAL.
 */
static int
get_stack(struct os *os, pid_t pid, const char **textp, size_t *lenp,
    int *argcp)
{
	int mib[] = { CTL_KERN, KERN_PROCARGS2, pid };
	int argmax_mib[] = { CTL_KERN, KERN_ARGMAX };
	const char *end, *p;
	size_t len;

	if (os->args == NULL) {
		len = sizeof(os->argmax);
		if (sysctl(argmax_mib, 2, &os->argmax, &len, NULL, 0) == -1)
			return -1;
		if (os->argmax <= 0 || os->argmax > ARGS_MAX) {
			errno = EPROTO;
			return -1;
		}
		if ((os->args = malloc((size_t)os->argmax)) == NULL)
			return -1;
	}
	len = (size_t)os->argmax;
	if (sysctl(mib, 3, os->args, &len, NULL, 0) == -1)
		return -1;
	if (len < sizeof(*argcp) || len > (size_t)os->argmax) {
		errno = EINVAL;
		return -1;
	}
	memcpy(argcp, os->args, sizeof(*argcp));
	p = os->args + sizeof(*argcp);
	end = os->args + len;
	while (p < end && *p != '\0')
		p++;
	/* An empty argv[0] cannot be distinguished from the padding NULs. */
	while (p < end && *p == '\0')
		p++;
	*textp = p;
	*lenp = (size_t)(end - p);
	return 0;
}

/* The length of n words, or of all up to an empty one if n is -1. */
static size_t
words_of(const char *s, size_t len, int n)
{
	size_t at = 0, word;

	for (; at < len && n != 0; n -= n > 0) {
		word = strnlen(s + at, len - at);
		if (n < 0 && word == 0)
			break;
		at += word + 1;
	}
	return at < len ? at : len;
}

/*
 * argc is as it was at exec; a title may have overwritten the words and the
 * environment after them. sysctl_procargsx() of kern_sysctl.c leaves the
 * environment of restricted programs out, as of those of the system, without a
 * word: so none at all is not known.
 */
int
os_args(struct plat *pl, const struct plat_proc *row, int env, char **bufp,
    size_t *lenp)
{
	const char *s;
	char *buf;
	size_t args, len;
	int argc;

	if (get_stack(pl->live->os, row->pid, &s, &len, &argc) == -1)
		return -1;
	args = words_of(s, len, argc > 0 ? argc : 0);
	if (env) {
		s += args;
		if ((len = words_of(s, len - args, -1)) == 0) {
			errno = EACCES;
			return -1;
		}
	} else
		len = args;
	if ((buf = malloc(len + 1)) == NULL)
		return -1;
	memcpy(buf, s, len);
	if (len > 0 && buf[len - 1] != '\0')
		buf[len++] = '\0';
	*bufp = buf;
	*lenp = len;
	return 0;
}

ssize_t
os_where(struct plat *pl, const struct plat_proc *row, enum plat_where what,
    char *buf, size_t len)
{
	char path[PROC_PIDPATHINFO_MAXSIZE];
	struct proc_vnodepathinfo vpi;
	const char *s = path;
	size_t max, n;

	(void)pl;
	if (what == PLAT_CWD) {
		if (pid_info(row->pid, PROC_PIDVNODEPATHINFO, &vpi,
		    sizeof(vpi)) == -1)
			return -1;
		s = vpi.pvi_cdir.vip_path;
		max = sizeof(vpi.pvi_cdir.vip_path);
	} else {
		errno = 0;
		max = sizeof(path);
		memset(path, 0, sizeof(path));
		if (proc_pidpath(row->pid, path, sizeof(path)) <= 0) {
			if (errno == 0)
				errno = ENOENT;
			return -1;
		}
	}
	n = strnlen(s, max);
	if (n == 0 || n >= len || n == max) {
		errno = n == 0 ? ENOENT : ENAMETOOLONG;
		return -1;
	}
	memcpy(buf, s, n + 1);
	return (ssize_t)n;
}

/* --- sockets -------------------------------------------------------------- */

static enum plat_tcp
tcp_state(int state)
{
	switch (state) {
	case TSI_S_CLOSED:
		return PLAT_TCP_CLOSE;
	case TSI_S_LISTEN:
		return PLAT_TCP_LISTEN;
	case TSI_S_SYN_SENT:
		return PLAT_TCP_SYN_SENT;
	case TSI_S_SYN_RECEIVED:
		return PLAT_TCP_SYN_RECV;
	case TSI_S_ESTABLISHED:
		return PLAT_TCP_ESTAB;
	case TSI_S__CLOSE_WAIT:
		return PLAT_TCP_CLOSE_WAIT;
	case TSI_S_FIN_WAIT_1:
		return PLAT_TCP_FIN_WAIT1;
	case TSI_S_CLOSING:
		return PLAT_TCP_CLOSING;
	case TSI_S_LAST_ACK:
		return PLAT_TCP_LAST_ACK;
	case TSI_S_FIN_WAIT_2:
		return PLAT_TCP_FIN_WAIT2;
	case TSI_S_TIME_WAIT:
		return PLAT_TCP_TIME_WAIT;
	default:
		return PLAT_TCP_UNKNOWN;
	}
}

/* XXX The start time of the timers is not known, so expires stays 0. */
static void
tcp_sock(const struct tcp_sockinfo *tcp, struct plat_sock *sk)
{
	static const enum plat_timer kinds[TSI_T_NTIMERS] = {
		[TSI_T_REXMT] = PLAT_TIMER_RETRANS,
		[TSI_T_PERSIST] = PLAT_TIMER_PROBE,
		[TSI_T_KEEP] = PLAT_TIMER_KEEPALIVE,
		[TSI_T_2MSL] = PLAT_TIMER_TIMEWAIT,
	};
	const struct in_sockinfo *in = &tcp->tcpsi_ini;
	int i;

	/* A listener for both families is an IPv6 one. */
	if (in->insi_vflag & INI_IPV6)
		bsd_addr(sk, AF_INET6, &in->insi_laddr.ina_6,
		    &in->insi_faddr.ina_6, (unsigned)in->insi_lport,
		    (unsigned)in->insi_fport);
	else
		bsd_addr(sk, AF_INET, &in->insi_laddr.ina_46.i46a_addr4,
		    &in->insi_faddr.ina_46.i46a_addr4,
		    (unsigned)in->insi_lport, (unsigned)in->insi_fport);
	sk->state = tcp_state(tcp->tcpsi_state);
	sk->known |= PLAT_SOCK_TIMER;
	for (i = 0; i < TSI_T_NTIMERS; i++)
		if (tcp->tcpsi_timer[i] > 0) {
			sk->timer = kinds[i];
			break;
		}
}

static void
unix_sock(const struct socket_info *so, struct plat_sock *sk)
{
	const struct un_sockinfo *un = &so->soi_proto.pri_un;
	const struct sockaddr_un *sun = &un->unsi_addr.ua_sun;
	size_t max = sizeof(sun->sun_path);

	sk->family = AF_UNIX;
	if (sun->sun_len > offsetof(struct sockaddr_un, sun_path)) {
		if (sun->sun_len - offsetof(struct sockaddr_un, sun_path) <
		    max)
			max = sun->sun_len -
			    offsetof(struct sockaddr_un, sun_path);
		bsd_copy(sk->path, sizeof(sk->path), sun->sun_path, max);
		sk->pathlen = (uint16_t)strlen(sk->path);
	}
	if (so->soi_options & SO_ACCEPTCONN)
		sk->state = PLAT_TCP_LISTEN;
	else if (un->unsi_conn_so != 0)
		sk->state = PLAT_TCP_ESTAB;
	else
		sk->state = PLAT_TCP_CLOSE;
	if (un->unsi_conn_so != 0) {
		sk->peer_key = un->unsi_conn_so;
		sk->known |= PLAT_SOCK_PEER;
	}
}

/* 0: no stream socket; the key is set in any case. */
static int
to_sock(pid_t pid, uid_t uid, int fd, const struct socket_info *so,
    struct plat_sock *sk)
{
	memset(sk, 0, sizeof(*sk));
	if (so->soi_kind == SOCKINFO_TCP)
		tcp_sock(&so->soi_proto.pri_tcp, sk);
	else if (so->soi_kind == SOCKINFO_UN && so->soi_type == SOCK_STREAM)
		unix_sock(so, sk);
	/*
	 * A handle and no address: it is scrambled, but always in the same way.
	 */
	sk->key = so->soi_so;
	if (sk->key == 0)
		sk->key = so->soi_kind == SOCKINFO_TCP ? bsd_key_inet(sk) :
		    bsd_key_fd(pid, fd);
	if (sk->family == 0)
		return 0;
	sk->uid = uid;
	sk->known |= PLAT_SOCK_UID | PLAT_SOCK_QUEUES;
	if (sk->state == PLAT_TCP_LISTEN) {
		sk->rq = (uint16_t)so->soi_qlen;
		sk->wq = (uint16_t)so->soi_qlimit;
	} else {
		sk->rq = so->soi_rcv.sbi_cc;
		sk->wq = so->soi_snd.sbi_cc;
	}
	return 1;
}

static uint64_t
pipe_key(const struct pipe_info *p)
{
	/* Each end has its own handle; the lower one identifies the pipe. */
	return p->pipe_peerhandle != 0 && p->pipe_peerhandle < p->pipe_handle
	    ? p->pipe_peerhandle : p->pipe_handle;
}

/* -1: only with EPROTO. 0: it was closed after it was listed. */
static int
to_fd(const struct plat_proc *row, const struct proc_fdinfo *from,
    struct plat_fd *f)
{
	const struct kern_ctl_info *ctl;
	struct vnode_fdinfowithpath vi;
	struct socket_fdinfo si;
	struct plat_sock sk;
	struct pipe_fdinfo pi;
	int fd = from->proc_fd, r = 0;

	f->fd = fd;
	switch (from->proc_fdtype) {
	case PROX_FDTYPE_SOCKET:
		f->kind = PLAT_FD_SOCKET;
		f->key = bsd_key_fd(row->pid, fd);
		r = fd_info(row->pid, fd, PROC_PIDFDSOCKETINFO, &si,
		    sizeof(si));
		if (r == -1)
			break;
		to_sock(row->pid, row->uid, fd, &si.psi, &sk);
		f->key = sk.key;
		ctl = &si.psi.soi_proto.pri_kern_ctl;
		if (si.psi.soi_kind == SOCKINFO_KERN_CTL &&
		    strncmp(ctl->kcsi_name, "com.apple.net.utun_control",
		    sizeof(ctl->kcsi_name)) == 0) {
			f->kind = PLAT_FD_TUN;
			f->key = 0;
			snprintf(f->name, sizeof(f->name), "utun%u",
			    (unsigned)ctl->kcsi_unit - 1);
		}
		break;
	case PROX_FDTYPE_PIPE:
		f->kind = PLAT_FD_PIPE;
		r = fd_info(row->pid, fd, PROC_PIDFDPIPEINFO, &pi,
		    sizeof(pi));
		if (r == 0)
			f->key = pipe_key(&pi.pipeinfo);
		break;
	case PROX_FDTYPE_VNODE:
		f->kind = PLAT_FD_FILE;
		r = fd_info(row->pid, fd, PROC_PIDFDVNODEPATHINFO, &vi,
		    sizeof(vi));
		vi.pvip.vip_path[sizeof(vi.pvip.vip_path) - 1] = '\0';
		if (r == 0)
			bsd_fd_path(f, vi.pvip.vip_path);
		break;
	}
	if (r == 0)
		return 1;
	return errno == EPROTO ? -1 : errno != EBADF;
}

int
os_fds(struct plat *pl, const struct plat_proc *row, struct plat_fd **fdsp,
    size_t *np, size_t *limit)
{
	struct plat_fd *f;
	struct proc_fdinfo *list;
	size_t i, nlist;
	int error = 0, r;

	(void)pl;
	(void)limit;
	if (get_fds(row->pid, &list, &nlist) == -1)
		return -1;
	for (i = 0; i < nlist && error == 0; i++) {
		f = array_more(fdsp, np, sizeof(*f), FDS_MAX);
		if (f == NULL || (r = to_fd(row, &list[i], f)) == -1)
			error = errno;
		else
			*np -= r == 0;
	}
	free(list);
	errno = error;
	return error != 0 ? -1 : 0;
}

/*
 * All sockets of one process; -1 with the errno of plat_failed(), with E2BIG or
 * EPROTO. A policy may keep them even from root.
 */
static int
socks_of(struct plat *pl, pid_t pid, uid_t uid, struct plat_sock **vp,
    size_t *np)
{
	struct socket_fdinfo si;
	struct proc_fdinfo *list;
	struct plat_sock *sk;
	size_t i, n;
	int error = 0;

	if (get_fds(pid, &list, &n) == -1) {
		if (plat_failed(errno) || errno == EPROTO)
			return -1;
		if (errno != ESRCH)
			pl->gaps |= PLAT_GAP_SOCKETS;
		return 0;
	}
	for (i = 0; i < n && error == 0; i++) {
		if (list[i].proc_fdtype != PROX_FDTYPE_SOCKET)
			continue;
		if (fd_info(pid, list[i].proc_fd, PROC_PIDFDSOCKETINFO, &si,
		    sizeof(si)) == -1) {
			if (plat_failed(errno) || errno == EPROTO)
				error = errno;
			else if (errno != EBADF && errno != ESRCH)
				pl->gaps |= PLAT_GAP_SOCKETS;
			continue;
		}
		sk = array_more(vp, np, sizeof(*sk), BAG_MAX);
		if (sk == NULL)
			error = errno;
		else
			*np -= !to_sock(pid, uid, list[i].proc_fd, &si.psi,
			    sk);
	}
	free(list);
	errno = error;
	return error != 0 ? -1 : 0;
}

/* Users get no list from the kernel, so our processes are asked one by one. */
int
os_socks(struct plat *pl, struct wanted_socks *w)
{
	uid_t me = pl->live->uid, uid;
	struct plat_sock *v = NULL;
	struct kinfo_proc *kp;
	size_t i, n = 0, nprocs;
	int error = 0;

	if (get_procs(KERN_PROC_ALL, 0, &kp, &nprocs) == -1)
		return -1;
	for (i = 0; i < nprocs && error == 0; i++) {
		uid = kp[i].kp_eproc.e_ucred.cr_uid;
		if ((me != 0 && uid != me) || kp[i].kp_proc.p_pid <= 0 ||
		    kp[i].kp_proc.p_stat == SZOMB)
			continue;
		if (socks_of(pl, kp[i].kp_proc.p_pid, uid, &v, &n) == -1)
			error = errno;
	}
	free(kp);
	if (error == E2BIG) {
		w->bag.full = 1;
		error = 0;
	}
	for (w->pass = 0; w->pass < 2; w->pass++)
		for (i = 0; i < n && error == 0; i++)
			if (bsd_want(w, &v[i]) == -1)
				error = errno;
	free(v);
	errno = error;
	return error != 0 ? -1 : 0;
}

/* --- origin and signals --------------------------------------------------- */

/* launchd(8) adopts orphans, but also starts processes of its own. */
int
os_origin(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	struct unique parent, u;

	(void)pl;
	op->reaper = 1;
	if (row->ppid <= 0)
		return 0;
	if (pid_info(row->pid, UNIQUE, &u, sizeof(u)) == 0 && u.parent != 0 &&
	    pid_info(row->ppid, UNIQUE, &parent, sizeof(parent)) == 0)
		op->reparented = u.parent != parent.id;
	else
		op->reparented = row->ppid == 1 ? -1 : 0;
	return 0;
}

/*
 * The kernel compares PID and version in the token with those of the process
 * that has the PID now, and sends the signal or fails with ESRCH.
 */
static int
send_safely(struct plat *pl, const struct plat_proc *row, int sig)
{
	const struct os *os = pl->live->os;
	audit_token_t token;
	struct unique u;
	int r;

	if (pid_info(row->pid, UNIQUE, &u, sizeof(u)) == -1 ||
	    u.id != row->ident[0] || (uint32_t)u.version != row->ident[1]) {
		errno = ESRCH;
		return -1;
	}
	memset(&token, 0, sizeof(token));
	token.val[5] = (unsigned)row->pid;
	token.val[7] = (unsigned)u.version;
	r = os->send(&token, sig);
	if (r > 0)
		errno = r;
	return r == 0 ? 0 : -1;
}
