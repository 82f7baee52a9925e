/* SPDX-License-Identifier: ISC */
/*
 * NetBSD 9 and 10, by sysctl(3) alone. The sockets of a process are found by
 * kernel addresses, which only a process that has opened /dev/kmem may see;
 * without addresses no descriptors are returned, because they would be wrong.
 */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/lwp.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/un.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/array.h"
#include "sysctl.h"

/* The kernel's parts of <sys/file.h> and <sys/socketvar.h>. */
#ifndef DTYPE_SOCKET
#define DTYPE_VNODE	1
#define DTYPE_SOCKET	2
#define DTYPE_PIPE	3
#endif
#define STATE_CONNECTED		0x002	/* SS_ISCONNECTED */
#define STATE_DISCONNECTED	0x800	/* SS_ISDISCONNECTED */

/* From <sys/proc.h> and <sys/lwp.h>, if a release does not export them. */
#ifndef SACTIVE
#define SACTIVE		2
#define SDYING		3
#define SSTOP		4
#define SZOMB		5
#define SDEAD		6
#endif
#ifndef LSRUN
#define LSRUN		2
#define LSSLEEP		3
#define LSSTOP		4
#define LSZOMB		5
#define LSONPROC	7
#endif

/* A little over ARG_MAX; the kernel cuts what does not fit silently. */
#define ARGS_ROOM	((size_t)257 << 10)
#define ARGS_MAX	((size_t)2 << 20)

/*
 * Opening /dev/kmem sets a flag on the process, which the kernel checks before
 * it shows addresses.
 */
int
os_open(struct plat *pl)
{
	int fd;

	if (pl->live->uid == 0 &&
	    (fd = open("/dev/kmem", O_RDONLY | O_CLOEXEC)) != -1)
		close(fd);
	return 0;
}

/* The files of a process; pid 0: of all. */
static int
get_files(pid_t pid, struct kinfo_file **kfp, size_t *np)
{
	int mib[] = { CTL_KERN, KERN_FILE2, KERN_FILE_BYPID, pid,
	    sizeof(struct kinfo_file), INT_MAX };

	return bsd_list(mib, 6, 0, sizeof(**kfp), kfp, np);
}

/* Does the kernel show addresses to this process? */
static int
is_exposed(void)
{
	struct kinfo_file *kf;
	size_t i, n;
	int seen = 0;

	if (get_files(0, &kf, &n) == -1)
		return 0;
	for (i = 0; i < n && !seen; i++)
		seen = kf[i].ki_fdata != 0;
	free(kf);
	return seen;
}

unsigned
os_caps(struct plat *pl)
{
	unsigned caps;

	(void)pl;
	caps = PLAT_CAP_ARGS_OTHERS | PLAT_CAP_EXE | PLAT_CAP_CWD |
	    PLAT_CAP_LISTENERS | PLAT_CAP_ENV;
	if (is_exposed())
		caps |= PLAT_CAP_SOCKS_OWN | PLAT_CAP_SOCKS_OTHERS;
	return caps;
}

/* --- rows ----------------------------------------------------------------- */

/* p_stat is the state of a thread. */
static char
state_of(const struct kinfo_proc2 *kp)
{
	switch (kp->p_realstat) {
	case SSTOP:
		return 'T';
	case SZOMB:
	case SDYING:
	case SDEAD:
		return 'Z';
	case SACTIVE:
		break;
	default:
		return '?';
	}
	switch (kp->p_stat) {
	case LSRUN:
	case LSONPROC:
		return 'R';
	case LSSLEEP:
		return 'S';
	case LSSTOP:
		return 'T';
	case LSZOMB:
		return 'Z';
	default:
		return '?';
	}
}

/*
 * sysctl_doeproc() shows a process whose lock it does not get like a zombie,
 * without a start: an exec is under way, or the exit begins.
 */
static int
is_busy(const struct kinfo_proc2 *kp)
{
	return kp->p_uvalid == 0 && (kp->p_realstat == SACTIVE ||
	    kp->p_realstat == SSTOP);
}

/*
 * The start is the time of day of the fork and never changes. A zombie has
 * none.
 */
static void
to_row(const struct kinfo_proc2 *kp, struct plat_proc *row)
{
	memset(row, 0, sizeof(*row));
	row->pid = kp->p_pid;
	row->ppid = kp->p_ppid;
	row->pgid = kp->p__pgid;
	row->sid = kp->p_sid;
	row->uid = kp->p_uid;
	row->ruid = kp->p_ruid;
	if (kp->p_uvalid != 0) {
		row->start = (int64_t)kp->p_ustart_sec * 1000000 +
		    kp->p_ustart_usec;
		row->ident[0] = (uint64_t)row->start;
	}
	bsd_state(row, state_of(kp), kp->p_flag & P_SYSTEM && kp->p_pid != 1);
	bsd_tty(row, kp->p_tdev, (uint32_t)KERN_PROC_TTY_NODEV,
	    kp->p_eflag & EPROC_CTTY);
	row->masks = 1;
	row->sigcgt = kp->p_sigcatch.__bits[0] |
	    (uint64_t)kp->p_sigcatch.__bits[1] << 32;
	bsd_copy(row->comm, sizeof(row->comm), kp->p_comm,
	    sizeof(kp->p_comm));
}

/* op: KERN_PROC_ALL or KERN_PROC_PID. */
static int
get_procs(int op, int arg, struct kinfo_proc2 **kpp, size_t *np)
{
	int mib[] = { CTL_KERN, KERN_PROC2, op, arg,
	    sizeof(struct kinfo_proc2), 0 };

	return bsd_list(mib, 6, sizeof(**kpp), sizeof(**kpp), kpp, np);
}

/* For an unused PID the kernel succeeds and returns no data. */
static int
get_proc(pid_t pid, struct kinfo_proc2 *one)
{
	struct kinfo_proc2 *kp;
	size_t n;
	int found;

	if (get_procs(KERN_PROC_PID, pid, &kp, &n) == -1)
		return -1;
	found = n > 0 && kp->p_pid == pid;
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
	struct kinfo_proc2 kp;
	int try;

	(void)pl;
	for (try = 0;; try++) {
		if (get_proc(pid, &kp) == -1)
			return -1;
		if (!is_busy(&kp))
			break;
		if (!bsd_exec_wait(try)) {
			errno = EBUSY;
			return -1;
		}
	}
	to_row(&kp, row);
	return 0;
}

int
os_table(struct plat *pl, struct plat_proc **rowsp, size_t *np)
{
	struct kinfo_proc2 *kp;
	struct plat_proc *row, *rows;
	size_t i, n;

	if (get_procs(KERN_PROC_ALL, 0, &kp, &n) == -1)
		return -1;
	/* Process 0 is the kernel with all its threads. */
	if ((rows = calloc(n + 1, sizeof(*rows))) != NULL)
		for (i = *np = 0; i < n; i++) {
			if (kp[i].p_pid <= 0)
				continue;
			row = &rows[(*np)++];
			if (!is_busy(&kp[i]) ||
			    os_row(pl, kp[i].p_pid, row) == -1)
				to_row(&kp[i], row);
		}
	free(kp);
	*rowsp = rows;
	return rows == NULL ? -1 : 0;
}

/* --- words and places ----------------------------------------------------- */

int
os_args(struct plat *pl, const struct plat_proc *row, int env, char **bufp,
    size_t *lenp)
{
	int mib[] = { CTL_KERN, KERN_PROC_ARGS, row->pid, KERN_PROC_ARGV };

	(void)pl;
	if (env)
		mib[3] = KERN_PROC_ENV;
	return bsd_words(mib, 4, ARGS_ROOM, ARGS_MAX, bufp, lenp);
}

ssize_t
os_where(struct plat *pl, const struct plat_proc *row, enum plat_where what,
    char *buf, size_t len)
{
	int mib[] = { CTL_KERN, KERN_PROC_ARGS, row->pid, KERN_PROC_PATHNAME };

	(void)pl;
	if (what == PLAT_CWD)
		mib[3] = KERN_PROC_CWD;
	return bsd_path(mib, 4, buf, len);
}

/* --- sockets -------------------------------------------------------------- */

/*
 * The files of one process. The kernel leaves out, without a word, what
 * security.curtain hides and who is in an exec: no file of a process that lives
 * means that they are not known.
 */
static int
get_own_files(struct plat *pl, pid_t pid, struct kinfo_file **kfp, size_t *np)
{
	struct plat_proc row;
	int try;

	for (try = 0; try < 2; try++) {
		if (get_files(pid, kfp, np) == -1)
			return -1;
		if (*np > 0)
			return 0;
		free(*kfp);
		/* This waits for the end of an exec. */
		if (os_row(pl, pid, &row) == -1)
			return -1;
	}
	errno = row.flags & PLAT_ZOMBIE ? ESRCH : EACCES;
	return -1;
}

int
os_fds(struct plat *pl, const struct plat_proc *row, struct plat_fd **fdsp,
    size_t *np, size_t *limit)
{
	struct kinfo_file *kf;
	struct plat_fd *f;
	size_t i, nfiles;
	int error = 0;

	(void)limit;
	if (get_own_files(pl, row->pid, &kf, &nfiles) == -1)
		return -1;
	for (i = 0; i < nfiles && error == 0; i++) {
		if (kf[i].ki_fd < 0 || (pid_t)kf[i].ki_pid != row->pid)
			continue;
		f = array_more(fdsp, np, sizeof(*f), FDS_MAX);
		if (f == NULL) {
			error = errno;
			break;
		}
		f->fd = kf[i].ki_fd;
		f->key = kf[i].ki_fdata;
		switch (kf[i].ki_ftype) {
		case DTYPE_SOCKET:
			f->kind = PLAT_FD_SOCKET;
			if (f->key == 0)
				error = EACCES;
			break;
		case DTYPE_PIPE:	/* each end has its own address */
			f->kind = PLAT_FD_PIPE;
			break;
		case DTYPE_VNODE:
			f->kind = PLAT_FD_FILE;
			f->key = 0;
			break;
		}
	}
	free(kf);
	errno = error;
	return error != 0 ? -1 : 0;
}

static void
inet_sock(const struct kinfo_pcb *pcb, struct plat_sock *sk)
{
	struct sockaddr_in6 a6, b6;
	struct sockaddr_in a, b;

	if (pcb->ki_family == AF_INET) {
		memcpy(&a, &pcb->ki_s, sizeof(a));
		memcpy(&b, &pcb->ki_d, sizeof(b));
		bsd_addr(sk, AF_INET, &a.sin_addr, &b.sin_addr, a.sin_port,
		    b.sin_port);
	} else {
		memcpy(&a6, &pcb->ki_s, sizeof(a6));
		memcpy(&b6, &pcb->ki_d, sizeof(b6));
		bsd_addr(sk, AF_INET6, &a6.sin6_addr, &b6.sin6_addr,
		    a6.sin6_port, b6.sin6_port);
	}
	sk->state = bsd_tcp(pcb->ki_tstate);
	sk->key = pcb->ki_sockaddr != 0 ? pcb->ki_sockaddr :
	    bsd_key_inet(sk);
}

/* Listening is guessed as on OpenBSD. */
static void
unix_sock(const struct kinfo_pcb *all, size_t n, const struct kinfo_pcb *pcb,
    struct plat_sock *sk)
{
	struct sockaddr_un sun;
	size_t i, max = 0;

	memcpy(&sun, &pcb->ki_s, sizeof(sun));
	if (sun.sun_len > offsetof(struct sockaddr_un, sun_path))
		max = sun.sun_len - offsetof(struct sockaddr_un, sun_path);
	if (max > sizeof(sun.sun_path))
		max = sizeof(sun.sun_path);
	if (max > 0)
		bsd_copy(sk->path, sizeof(sk->path), sun.sun_path, max);
	sk->pathlen = (uint16_t)strlen(sk->path);
	sk->family = AF_UNIX;
	if (pcb->ki_conn != 0 || pcb->ki_sostate & STATE_CONNECTED)
		sk->state = PLAT_TCP_ESTAB;
	else
		sk->state = sk->pathlen > 0 &&
		    !(pcb->ki_sostate & STATE_DISCONNECTED) ?
		    PLAT_TCP_LISTEN : PLAT_TCP_CLOSE;
	sk->key = pcb->ki_sockaddr;
	/*
	 * The control block of the other end, which is not the other end's key.
	 */
	for (i = 0; i < n && pcb->ki_conn != 0; i++)
		if (all[i].ki_pcbaddr == pcb->ki_conn) {
			sk->peer_key = all[i].ki_sockaddr;
			sk->known |= PLAT_SOCK_PEER;
			break;
		}
}

static int
add_sock(struct wanted_socks *w, const struct kinfo_pcb *all, size_t n,
    const struct kinfo_pcb *pcb)
{
	struct plat_sock sk;

	if (pcb->ki_type != SOCK_STREAM)
		return 0;
	memset(&sk, 0, sizeof(sk));
	if (pcb->ki_family == AF_UNIX)
		unix_sock(all, n, pcb, &sk);
	else
		inet_sock(pcb, &sk);
	if (sk.state != PLAT_TCP_LISTEN) {
		sk.rq = (uint32_t)pcb->ki_rcvq;
		sk.wq = (uint32_t)pcb->ki_sndq;
		sk.known |= PLAT_SOCK_QUEUES;
	}
	return bsd_want(w, &sk);
}

/* The sockets of a protocol, which the kernel may have been built without. */
static int
get_list(const char *name, struct kinfo_pcb **pcbp, size_t *np)
{
	int mib[CTL_MAXNAME];
	size_t n = CTL_MAXNAME - 4;

	*pcbp = NULL;
	*np = 0;
	if (sysctlnametomib(name, mib, &n) == -1)
		return errno == ENOENT ? 0 : -1;
	mib[n++] = PCB_ALL;
	mib[n++] = 0;
	mib[n++] = sizeof(struct kinfo_pcb);
	mib[n++] = INT_MAX;
	return bsd_list(mib, (unsigned)n, 0, sizeof(**pcbp), pcbp, np);
}

/* All listeners are read before the first connection, from all lists. */
int
os_socks(struct plat *pl, struct wanted_socks *w)
{
	static const char *const names[] = { "net.inet.tcp.pcblist",
	    "net.inet6.tcp6.pcblist", "net.local.stream.pcblist" };
	struct kinfo_pcb *pcb[3] = { NULL, NULL, NULL };
	size_t i, k, lists, n[3] = { 0, 0, 0 };
	int error = 0;

	(void)pl;
	lists = w->bag.flags & PLAT_SOCKS_UNIX ? 3 : 2;
	for (k = 0; k < lists && error == 0; k++)
		if (get_list(names[k], &pcb[k], &n[k]) == -1)
			error = errno;
	for (w->pass = 0; w->pass < 2; w->pass++)
		for (k = 0; k < lists; k++)
			for (i = 0; i < n[k] && error == 0; i++)
				if (add_sock(w, pcb[k], n[k], &pcb[k][i]) ==
				    -1)
					error = errno;
	for (k = 0; k < lists; k++)
		free(pcb[k]);
	errno = error;
	return error != 0 ? -1 : 0;
}

/* --- origin --------------------------------------------------------------- */

/* Only process 1 adopts orphans. */
int
os_origin(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	(void)pl;
	op->reaper = 1;
	if (row->ppid > 0)
		op->reparented = row->ppid == 1 ? -1 : 0;
	return 0;
}
