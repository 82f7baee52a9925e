/* SPDX-License-Identifier: ISC */
/*
 * DragonFly 5 and 6: sysctl(3), with libkinfo for descriptors and libkvm for
 * long command lines.
 */
#include <sys/user.h>		/* first: it shows the kernel's structs */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/socketvar.h>
#include <sys/sysctl.h>
#include <sys/un.h>
#include <sys/unpcb.h>

#include <net/route.h>
#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/tcp.h>
#include <netinet/tcp_seq.h>
#include <netinet/tcp_var.h>

#include <errno.h>
#include <fcntl.h>
#include <kinfo.h>
#include <kvm.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "sysctl.h"

/* The kernel's part of <sys/file.h>. */
#ifndef DTYPE_SOCKET
#define DTYPE_VNODE	1
#define DTYPE_SOCKET	2
#define DTYPE_PIPE	3
#endif

#define ARGS_ROOM	((size_t)16 << 10)
#define ARGS_MAX	((size_t)2 << 20)
#define FILES_TRIES	16

int
os_open(struct plat *pl)
{
	(void)pl;
	return 0;
}

static void
close_kvm(struct plat *pl)
{
	kvm_close(pl->live->os);
}

/* Pipes have addresses, but each end has its own. */
unsigned
os_caps(struct plat *pl)
{
	(void)pl;
	return PLAT_CAP_ARGS_OTHERS | PLAT_CAP_EXE | PLAT_CAP_CWD |
	    PLAT_CAP_SOCKS_OWN | PLAT_CAP_SOCKS_OTHERS | PLAT_CAP_LISTENERS;
}

/* --- rows ----------------------------------------------------------------- */

static char
state_of(const struct kinfo_proc *kp)
{
	switch (kp->kp_stat) {
	case SSTOP:
		return 'T';
	case SZOMB:
		return 'Z';
	case SACTIVE:
		break;
	default:
		return '?';
	}
	switch (kp->kp_lwp.kl_stat) {
	case LSRUN:
		return 'R';
	case LSSLEEP:
		return 'S';
	case LSSTOP:
		return 'T';
	default:
		return '?';
	}
}

/* The start is the time of day of the fork and never changes. */
static void
to_row(const struct kinfo_proc *kp, struct plat_proc *row)
{
	memset(row, 0, sizeof(*row));
	row->pid = kp->kp_pid;
	row->ppid = kp->kp_ppid > 0 ? kp->kp_ppid : 0;
	row->pgid = kp->kp_pgid;
	row->sid = kp->kp_sid;
	row->uid = kp->kp_uid;
	row->ruid = kp->kp_ruid;
	row->start = (int64_t)kp->kp_start.tv_sec * 1000000 +
	    kp->kp_start.tv_usec;
	row->ident[0] = (uint64_t)row->start;
	bsd_state(row, state_of(kp), kp->kp_flags & P_SYSTEM &&
	    kp->kp_pid != 1);
	bsd_tty(row, (uint32_t)kp->kp_tdev, (uint32_t)NODEV,
	    kp->kp_auxflags & KI_CTTY);
	row->masks = 1;
	row->sigcgt = kp->kp_sigcatch.__bits[0] |
	    (uint64_t)kp->kp_sigcatch.__bits[1] << 32;
	bsd_copy(row->comm, sizeof(row->comm), kp->kp_comm,
	    sizeof(kp->kp_comm));
}

static int
get_procs(int *mib, unsigned words, struct kinfo_proc **kpp, size_t *np)
{
	return bsd_list(mib, words, 0, sizeof(**kpp), kpp, np);
}

int
os_table(struct plat *pl, struct plat_proc **rowsp, size_t *np)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_ALL };
	struct kinfo_proc *kp;
	struct plat_proc *rows;
	size_t i, n;

	(void)pl;
	if (get_procs(mib, 3, &kp, &n) == -1)
		return -1;
	/* The kernel's threads are in it, all with the PID -1. */
	if ((rows = calloc(n + 1, sizeof(*rows))) != NULL)
		for (i = *np = 0; i < n; i++)
			if (kp[i].kp_pid > 0)
				to_row(&kp[i], &rows[(*np)++]);
	free(kp);
	*rowsp = rows;
	return rows == NULL ? -1 : 0;
}

/* For an unused PID the kernel succeeds and returns no data. */
static int
get_proc(pid_t pid, struct kinfo_proc *one)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_PID, pid };
	struct kinfo_proc *kp;
	size_t n;
	int found;

	if (get_procs(mib, 4, &kp, &n) == -1)
		return -1;
	found = n > 0 && kp->kp_pid == pid;
	if (found)
		*one = *kp;
	free(kp);
	if (!found)
		errno = ESRCH;
	return found ? 0 : -1;
}

int
os_row(struct plat *pl, pid_t pid, struct plat_proc *row)
{
	struct kinfo_proc kp;

	(void)pl;
	if (get_proc(pid, &kp) == -1)
		return -1;
	to_row(&kp, row);
	return 0;
}

/* --- words and places ----------------------------------------------------- */

/*
 * The kernel keeps no more than kern.ps_arg_cache_limit, 256 bytes. libkvm
 * reads longer ones from the process, if procfs is mounted and permits it.
 */
static int
long_args(struct plat *pl, pid_t pid, char **bufp, size_t *lenp)
{
	char errbuf[_POSIX2_LINE_MAX], **argv, *buf;
	const struct kinfo_proc *kp;
	kvm_t *kd = pl->live->os;
	size_t i, len = 0, n;
	int count;

	if (kd == NULL && (kd = kvm_openfiles(NULL, "/dev/null", NULL,
	    O_RDONLY, errbuf)) != NULL) {
		pl->live->os = kd;
		pl->live->close = close_kvm;
	}
	if (kd == NULL ||
	    (kp = kvm_getprocs(kd, KERN_PROC_PID, pid, &count)) == NULL ||
	    count < 1 || (argv = kvm_getargv(kd, kp, 0)) == NULL) {
		errno = E2BIG;
		return -1;
	}
	for (i = 0; argv[i] != NULL; i++)
		len += strlen(argv[i]) + 1;
	if (len == 0 || len > ARGS_MAX) {
		errno = E2BIG;
		return -1;
	}
	if ((buf = malloc(len)) == NULL)
		return -1;
	*lenp = len;
	for (i = len = 0; argv[i] != NULL; i++) {
		n = strlen(argv[i]) + 1;
		memcpy(buf + len, argv[i], n);
		len += n;
	}
	*bufp = buf;
	return 0;
}

int
os_args(struct plat *pl, const struct plat_proc *row, int env, char **bufp,
    size_t *lenp)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_ARGS, row->pid };
	size_t len;
	char *buf;

	if (env) {
		errno = ENOSYS;
		return -1;
	}
	if (bsd_words(mib, 4, ARGS_ROOM, ARGS_MAX, &buf, &len) == -1)
		return -1;
	/* No data: too long, never set, or exited. */
	if (len == 0 && !(row->flags & (PLAT_ZOMBIE | PLAT_KTHREAD))) {
		free(buf);
		return long_args(pl, row->pid, bufp, lenp);
	}
	*bufp = buf;
	*lenp = len;
	return 0;
}

ssize_t
os_where(struct plat *pl, const struct plat_proc *row, enum plat_where what,
    char *buf, size_t len)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_PATHNAME, row->pid };

	(void)pl;
	if (what == PLAT_CWD)
		mib[2] = KERN_PROC_CWD;
	return bsd_path(mib, 4, buf, len);
}

/* --- sockets -------------------------------------------------------------- */

/*
 * All files of all processes. The library asks for the size only once, so a
 * list that has grown meanwhile is read again.
 */
static int
get_files(struct kinfo_file **kfp, size_t *np)
{
	int r = 0, try;

	for (try = 0; try < FILES_TRIES; try++) {
		*kfp = NULL;
		if ((r = kinfo_get_files(kfp, np)) == 0)
			break;
		if (r == -1)
			r = errno;
		if (r != ENOMEM)
			break;
	}
	if (r == 0 && *np > 0 && (*kfp)->f_size != sizeof(**kfp)) {
		free(*kfp);
		r = EPROTO;
	}
	/* The library returns EOPNOTSUPP for structs of another size. */
	errno = r == EOPNOTSUPP ? EPROTO : r;
	return r == 0 ? 0 : -1;
}

int
os_fds(struct plat *pl, const struct plat_proc *row, struct plat_fd **fdsp,
    size_t *np, size_t *limit)
{
	struct kinfo_file *kf;
	struct plat_fd *f;
	size_t i, nfiles;
	int error = 0;

	(void)pl;
	(void)limit;
	if (get_files(&kf, &nfiles) == -1)
		return -1;
	for (i = 0; i < nfiles && error == 0; i++) {
		if (kf[i].f_pid != row->pid || kf[i].f_fd < 0)
			continue;
		f = array_more(fdsp, np, sizeof(*f), FDS_MAX);
		if (f == NULL) {
			error = errno;
			break;
		}
		f->fd = kf[i].f_fd;
		switch (kf[i].f_type) {
		case DTYPE_SOCKET:
			f->kind = PLAT_FD_SOCKET;
			f->key = (uintptr_t)kf[i].f_data;
			/* Without its key it would seem to hold no socket. */
			if (f->key == 0)
				error = EACCES;
			break;
		case DTYPE_PIPE:
			f->kind = PLAT_FD_PIPE;
			f->key = (uintptr_t)kf[i].f_data;
			break;
		case DTYPE_VNODE:
			f->kind = PLAT_FD_FILE;
			break;
		}
	}
	free(kf);
	errno = error;
	return error != 0 ? -1 : 0;
}

static void
queues(struct plat_sock *sk, const struct xsocket *so)
{
	sk->known |= PLAT_SOCK_QUEUES | PLAT_SOCK_UID;
	sk->uid = so->so_uid;
	if (sk->state == PLAT_TCP_LISTEN) {
		sk->rq = (uint32_t)so->so_qlen;
		sk->wq = (uint32_t)so->so_qlimit;
	} else {
		sk->rq = (uint32_t)so->so_rcv.sb_cc;
		sk->wq = (uint32_t)so->so_snd.sb_cc;
	}
}

/*
 * The family is that of the socket: the flags of an inpcb have changed between
 * releases.
 */
static void
tcp_sock(const struct xtcpcb *xt, struct plat_sock *sk)
{
	const struct inpcb *inp = &xt->xt_inp;

	memset(sk, 0, sizeof(*sk));
	if (xt->xt_socket.xso_family == AF_INET6)
		bsd_addr(sk, AF_INET6, &inp->in6p_laddr, &inp->in6p_faddr,
		    inp->inp_lport, inp->inp_fport);
	else
		bsd_addr(sk, AF_INET, &inp->inp_laddr, &inp->inp_faddr,
		    inp->inp_lport, inp->inp_fport);
	sk->state = bsd_tcp(xt->xt_tp.t_state);
	sk->key = (uintptr_t)xt->xt_socket.xso_so;
	if (sk->key == 0)
		sk->key = bsd_key_inet(sk);
	queues(sk, &xt->xt_socket);
}

/* sysctl by name, for bsd_grow(). */
static int
by_name(void *arg, void *buf, size_t *lenp)
{
	return sysctlbyname(arg, buf, lenp, NULL, 0);
}

/* A list of records, each of which contains its length. */
static int
get_list(char *name, size_t record, void **bufp, size_t *np)
{
	size_t i, len, step;
	void *buf;

	if (bsd_grow(by_name, name, &buf, &len) == -1)
		return -1;
	for (i = 0; i < len / record; i++) {
		memcpy(&step, (char *)buf + i * record, sizeof(step));
		if (step != record)
			break;
	}
	if (i * record != len) {
		free(buf);
		errno = EPROTO;
		return -1;
	}
	*bufp = buf;
	*np = i;
	return 0;
}

/* The socket that has this control block. */
static uint64_t
peer_key(const struct xunpcb *all, size_t n, const void *conn)
{
	size_t i;

	for (i = 0; i < n && conn != NULL; i++)
		if ((const void *)all[i].xu_unpp == conn)
			return (uintptr_t)all[i].xu_socket.xso_so;
	return 0;
}

static void
unix_sock(const struct xunpcb *all, size_t n, const struct xunpcb *xu,
    struct plat_sock *sk)
{
	const struct sockaddr_un *sun = &xu->xu_addr;
	size_t max = sizeof(sun->sun_path);

	memset(sk, 0, sizeof(*sk));
	sk->family = AF_UNIX;
	if (xu->xu_unp.unp_addr != NULL &&
	    sun->sun_len > offsetof(struct sockaddr_un, sun_path)) {
		if (sun->sun_len - offsetof(struct sockaddr_un, sun_path) <
		    max)
			max = sun->sun_len -
			    offsetof(struct sockaddr_un, sun_path);
		bsd_copy(sk->path, sizeof(sk->path), sun->sun_path, max);
		sk->pathlen = (uint16_t)strlen(sk->path);
	}
	if (xu->xu_socket.so_options & SO_ACCEPTCONN)
		sk->state = PLAT_TCP_LISTEN;
	else if (xu->xu_unp.unp_conn != NULL)
		sk->state = PLAT_TCP_ESTAB;
	else
		sk->state = PLAT_TCP_CLOSE;
	sk->key = (uintptr_t)xu->xu_socket.xso_so;
	sk->peer_key = peer_key(all, n, xu->xu_unp.unp_conn);
	if (sk->peer_key != 0)
		sk->known |= PLAT_SOCK_PEER;
	queues(sk, &xu->xu_socket);
}

static int
add_tcp(struct wanted_socks *w)
{
	char name[] = "net.inet.tcp.pcblist";
	struct plat_sock sk;
	struct xtcpcb *xt;
	size_t i, n;
	void *buf;
	int error = 0;

	if (get_list(name, sizeof(*xt), &buf, &n) == -1)
		return -1;
	xt = buf;
	for (w->pass = 0; w->pass < 2; w->pass++)
		for (i = 0; i < n && error == 0; i++) {
			tcp_sock(&xt[i], &sk);
			if (bsd_want(w, &sk) == -1)
				error = errno;
		}
	free(buf);
	errno = error;
	return error != 0 ? -1 : 0;
}

static int
add_unix(struct wanted_socks *w)
{
	char name[] = "net.local.stream.pcblist";
	struct plat_sock sk;
	struct xunpcb *xu;
	size_t i, n;
	void *buf;
	int error = 0;

	if (get_list(name, sizeof(*xu), &buf, &n) == -1)
		return -1;
	xu = buf;
	for (w->pass = 0; w->pass < 2; w->pass++)
		for (i = 0; i < n && error == 0; i++) {
			unix_sock(xu, n, &xu[i], &sk);
			if (bsd_want(w, &sk) == -1)
				error = errno;
		}
	free(buf);
	errno = error;
	return error != 0 ? -1 : 0;
}

int
os_socks(struct plat *pl, struct wanted_socks *w)
{
	(void)pl;
	if (add_tcp(w) == -1)
		return -1;
	return w->bag.flags & PLAT_SOCKS_UNIX ? add_unix(w) : 0;
}

/* --- origin --------------------------------------------------------------- */

/*
 * Each process may become a reaper, and procctl(2) answers only for its caller
 * (sys_procctl() of kern_exit.c): who adopts the orphans of another process is
 * not known, and so neither whether its parent has adopted it.
 */
int
os_origin(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	struct kinfo_proc kp;

	(void)pl;
	/* A jail may have a network stack of its own. */
	if (get_proc(row->pid, &kp) == 0 && kp.kp_jailid != 0)
		op->netns = -1;
	return 0;
}
