/* SPDX-License-Identifier: ISC */
/*
 * OpenBSD 7, by sysctl(3) alone. The path of an executable is not available,
 * only process 1 adopts orphans, and one call gives everything about a socket.
 * A pledged process may not ask for descriptors any more.
 *
 * No feature macro here: _POSIX_C_SOURCE breaks <sys/sysctl.h>.
 */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/time.h>

#include <netinet/in.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "sysctl.h"

/* The kernel's parts of <sys/file.h>, <sys/vnode.h>, <sys/socketvar.h>. */
#ifndef DTYPE_SOCKET
#define DTYPE_VNODE	1
#define DTYPE_SOCKET	2
#define DTYPE_PIPE	3
#endif
#define VTYPE_CHR	4	/* VCHR */
#define STATE_CONNECTED		0x002	/* SS_ISCONNECTED */
#define STATE_DISCONNECTED	0x800	/* SS_ISDISCONNECTED */

/* A call for the size always returns ARG_MAX, which is 512 KiB. */
#define ARGS_ROOM	((size_t)32 << 10)
#define ARGS_MAX	((size_t)2 << 20)

#define IDENT_US	10000	/* identities are in ticks, as on Linux */

int
os_open(struct plat *pl)
{
	(void)pl;
	return 0;
}

/* Only root sees the addresses that identify pipes. */
unsigned
os_caps(struct plat *pl)
{
	unsigned caps;

	caps = PLAT_CAP_ARGS_OTHERS | PLAT_CAP_CWD | PLAT_CAP_SOCKS_OWN |
	    PLAT_CAP_SOCKS_OTHERS | PLAT_CAP_LISTENERS | PLAT_CAP_BYTES |
	    PLAT_CAP_ENV;
	if (pl->live->uid == 0)
		caps |= PLAT_CAP_PIPES;
	return caps;
}

/* --- rows ----------------------------------------------------------------- */

/* 0 if it is not known; the identity then depends on a steady clock. */
static int64_t
boot_time(void)
{
	int mib[] = { CTL_KERN, KERN_BOOTTIME };
	struct timeval tv;
	size_t len = sizeof(tv);

	if (sysctl(mib, 2, &tv, &len, NULL, 0) == -1 || len != sizeof(tv))
		return 0;
	return (int64_t)tv.tv_sec * 1000000 + tv.tv_usec;
}

static char
state_of(const struct kinfo_proc *kp)
{
	switch (kp->p_stat) {
	case SRUN:
	case SONPROC:
		return 'R';
	case SSLEEP:
		return 'S';
	case SSTOP:
		return 'T';
	case SZOMB:
	case SDEAD:
		return 'Z';
	default:
		return '?';
	}
}

/*
 * The kernel adds the present boot time to the start, so the start changes when
 * the clock is set. It cuts both the sum and the boot time from nanoseconds to
 * microseconds (fill_kproc() of kern_sysctl.c), so their difference may change
 * by one then, which ticks hide. A zombie has no start.
 */
static void
to_row(const struct kinfo_proc *kp, int64_t boot, struct plat_proc *row)
{
	memset(row, 0, sizeof(*row));
	row->pid = kp->p_pid;
	row->ppid = kp->p_ppid;
	row->pgid = kp->p__pgid;
	row->sid = kp->p_sid;		/* 0: its leader is gone */
	row->uid = kp->p_uid;
	row->ruid = kp->p_ruid;
	if (kp->p_ustart_sec != 0) {
		row->start = (int64_t)kp->p_ustart_sec * 1000000 +
		    kp->p_ustart_usec;
		row->ident[0] = (uint64_t)(row->start - boot) / IDENT_US;
	}
	bsd_state(row, state_of(kp), kp->p_psflags & PS_SYSTEM);
	if (kp->p_psflags & PS_ZOMBIE)
		row->flags |= PLAT_ZOMBIE;
	bsd_tty(row, kp->p_tdev, (uint32_t)NODEV, kp->p_eflag & EPROC_CTTY);
	row->masks = 1;
	row->sigcgt = kp->p_sigcatch;
	bsd_copy(row->comm, sizeof(row->comm), kp->p_comm,
	    sizeof(kp->p_comm));
}

/* op: KERN_PROC_ALL or KERN_PROC_PID. */
static int
get_procs(int op, int arg, struct kinfo_proc **kpp, size_t *np,
    int64_t *bootp)
{
	int mib[] = { CTL_KERN, KERN_PROC, op, arg,
	    sizeof(struct kinfo_proc), 0 };
	int64_t after, boot;
	size_t len;
	void *buf;
	int try;

	/*
	 * If the clock were stepped in between, every process would seem new.
	 */
	for (try = 0;; try++) {
		boot = boot_time();
		if (bsd_sysctl(mib, 6, sizeof(struct kinfo_proc), &buf,
		    &len) == -1)
			return -1;
		after = boot_time();
		if (after == boot || try == 3)
			break;
		free(buf);
	}
	if (bsd_whole(buf, len, sizeof(struct kinfo_proc), np) == -1)
		return -1;
	*kpp = buf;
	*bootp = boot;
	return 0;
}

/*
 * An exit that has begun: no words, no files and no start any more, but not yet
 * a zombie (fill_kproc(), PS_EXITING).
 */
static int
is_exiting(const struct plat_proc *row)
{
	return row->start == 0 && !(row->flags & PLAT_ZOMBIE);
}

int
os_table(struct plat *pl, struct plat_proc **rowsp, size_t *np)
{
	struct kinfo_proc *kp;
	struct plat_proc *rows;
	int64_t boot;
	size_t i, n;

	(void)pl;
	if (get_procs(KERN_PROC_ALL, 0, &kp, &n, &boot) == -1)
		return -1;
	if ((rows = calloc(n + 1, sizeof(*rows))) != NULL)
		for (i = *np = 0; i < n; i++)
			if (kp[i].p_pid > 0)
				to_row(&kp[i], boot, &rows[(*np)++]);
	free(kp);
	*rowsp = rows;
	return rows == NULL ? -1 : 0;
}

static int
get_row(pid_t pid, struct plat_proc *row)
{
	struct kinfo_proc *kp;
	int64_t boot;
	size_t n;
	int found;

	if (get_procs(KERN_PROC_PID, pid, &kp, &n, &boot) == -1)
		return -1;
	found = n > 0 && kp->p_pid == pid;
	if (found)
		to_row(kp, boot, row);
	free(kp);
	if (!found)
		errno = ESRCH;
	return found ? 0 : -1;
}

int
os_row(struct plat *pl, pid_t pid, struct plat_proc *row)
{
	int try;

	(void)pl;
	for (try = 0;; try++) {
		if (get_row(pid, row) == -1)
			return -1;
		if (!is_exiting(row))
			return 0;
		if (!bsd_exec_wait(try)) {
			errno = EBUSY;
			return -1;
		}
	}
}

/* --- words and places ----------------------------------------------------- */

/*
 * The kernel returns the argument of execve(2): pointers into the same buffer,
 * up to a NULL, and then the words. A pointer outside the buffer ends the list.
 */
static int
flatten(const char *buf, size_t len, char **bufp, size_t *lenp)
{
	const char *word, *const end = buf + len;
	char *flat;
	uintptr_t p;
	size_t i, n, size = 0;

	if ((flat = malloc(len + 1)) == NULL)
		return -1;
	for (i = 0; i + sizeof(word) <= len; i += sizeof(word)) {
		memcpy(&p, buf + i, sizeof(p));
		if (p < (uintptr_t)buf || p >= (uintptr_t)end)
			break;
		word = buf + (p - (uintptr_t)buf);
		n = strnlen(word, (size_t)(end - word));
		/* Words that overlap could need more room than there is. */
		if (n > len - size)
			break;
		memcpy(flat + size, word, n);
		flat[size + n] = '\0';
		size += n + 1;
		if (size > len)
			break;
	}
	*bufp = flat;
	*lenp = size;
	return 0;
}

int
os_args(struct plat *pl, const struct plat_proc *row, int env, char **bufp,
    size_t *lenp)
{
	int mib[] = { CTL_KERN, KERN_PROC_ARGS, row->pid, KERN_PROC_ARGV };
	size_t len;
	char *buf;
	int error = 0;

	(void)pl;
	if (env)
		mib[3] = KERN_PROC_ENV;
	if (bsd_words(mib, 4, ARGS_ROOM, ARGS_MAX, &buf, &len) == -1)
		return -1;
	if (flatten(buf, len, bufp, lenp) == -1)
		error = errno;
	free(buf);
	errno = error;
	return error != 0 ? -1 : 0;
}

ssize_t
os_where(struct plat *pl, const struct plat_proc *row, enum plat_where what,
    char *buf, size_t len)
{
	int mib[] = { CTL_KERN, KERN_PROC_CWD, row->pid };

	(void)pl;
	if (what == PLAT_CWD)
		return bsd_path(mib, 3, buf, len);
	errno = ENOSYS;
	return -1;
}

/* --- sockets -------------------------------------------------------------- */

/* The files of a process; pid -1: of all. */
static int
get_files(pid_t pid, struct kinfo_file **kfp, size_t *np)
{
	int mib[] = { CTL_KERN, KERN_FILE, KERN_FILE_BYPID, pid,
	    sizeof(struct kinfo_file), 0 };

	return bsd_list(mib, 6, sizeof(**kfp), sizeof(**kfp), kfp, np);
}

/* What the kernel says of an address to who is not root: fill_file(). */
static uint64_t
address(uint64_t p)
{
	return p == UINT64_MAX ? 0 : p;
}

/*
 * One that is bound and was never connected is taken for a listener. An
 * accepted socket has the path of its listener, and keeps it when its peer has
 * hung up.
 */
static void
unix_sock(const struct kinfo_file *kf, struct plat_sock *sk)
{
	uint64_t pcb = address(kf->so_pcb);

	sk->family = AF_UNIX;
	bsd_copy(sk->path, sizeof(sk->path), kf->unp_path,
	    sizeof(kf->unp_path));
	sk->pathlen = (uint16_t)strlen(sk->path);
	if (kf->unp_conn != 0 || kf->so_state & STATE_CONNECTED)
		sk->state = PLAT_TCP_ESTAB;
	else
		sk->state = sk->pathlen > 0 &&
		    !(kf->so_state & STATE_DISCONNECTED) ?
		    PLAT_TCP_LISTEN : PLAT_TCP_CLOSE;
	sk->key = pcb != 0 ? pcb : bsd_key_fd((pid_t)kf->p_pid, kf->fd_fd);
	if (kf->unp_conn != 0) {
		sk->peer_key = kf->unp_conn;
		sk->known |= PLAT_SOCK_PEER;
	}
}

/* 0: no stream socket. */
static int
to_sock(uid_t uid, const struct kinfo_file *kf, struct plat_sock *sk)
{
	memset(sk, 0, sizeof(*sk));
	if (kf->f_type != DTYPE_SOCKET || kf->so_type != SOCK_STREAM)
		return 0;
	if (kf->so_family == AF_UNIX)
		unix_sock(kf, sk);
	else if (kf->so_family == AF_INET || kf->so_family == AF_INET6) {
		bsd_addr(sk, (int)kf->so_family, kf->inp_laddru,
		    kf->inp_faddru, kf->inp_lport, kf->inp_fport);
		sk->state = bsd_tcp((int)kf->t_state);
		/* Each routing domain has its own ports; the key stays odd. */
		sk->key = bsd_key_inet(sk) + 2 * (uint64_t)kf->inp_rtableid;
	} else
		return 0;
	sk->uid = kf->p_uid;
	sk->known |= PLAT_SOCK_UID;
	if (sk->state == PLAT_TCP_LISTEN)
		return 1;
	sk->rq = (uint32_t)kf->so_rcv_cc;
	sk->wq = (uint32_t)kf->so_snd_cc;
	sk->known |= PLAT_SOCK_QUEUES;
	if (uid == 0 || kf->f_uid == uid) {
		sk->rx = kf->f_rbytes;
		sk->tx = kf->f_wbytes;
		sk->known |= PLAT_SOCK_BYTES;
	}
	return 1;
}

static void
device(const struct kinfo_file *kf, const struct plat_proc *row,
    struct plat_fd *f)
{
	const char *name;
	char path[64];

	name = devname((dev_t)kf->va_rdev, S_IFCHR);
	if (name != NULL && strcmp(name, "??") != 0) {
		snprintf(path, sizeof(path), "/dev/%s", name);
		bsd_fd_path(f, path);
	}
	if (row->tty != PLAT_NOTTY && kf->va_rdev == row->tty)
		f->kind = PLAT_FD_TTY;
}

static void
to_fd(uid_t uid, const struct kinfo_file *kf, const struct plat_proc *row,
    struct plat_fd *f)
{
	struct plat_sock sk;

	f->fd = kf->fd_fd;
	switch (kf->f_type) {
	case DTYPE_SOCKET:
		f->kind = PLAT_FD_SOCKET;
		f->key = to_sock(uid, kf, &sk) ? sk.key :
		    bsd_key_fd(row->pid, kf->fd_fd);
		break;
	case DTYPE_PIPE:
		/* Each end has its own address; the lower one is the key. */
		f->kind = PLAT_FD_PIPE;
		f->key = kf->pipe_peer != 0 && kf->pipe_peer < kf->f_data ?
		    kf->pipe_peer : kf->f_data;
		break;
	case DTYPE_VNODE:
		f->kind = PLAT_FD_FILE;
		if (kf->v_type == VTYPE_CHR)
			device(kf, row, f);
		break;
	}
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
	if (get_files(row->pid, &kf, &nfiles) == -1)
		return -1;
	for (i = 0; i < nfiles; i++) {
		/* Working directory and the like are negative. */
		if (kf[i].fd_fd < 0 || (pid_t)kf[i].p_pid != row->pid)
			continue;
		f = array_more(fdsp, np, sizeof(*f), FDS_MAX);
		if (f == NULL) {
			error = errno;
			break;
		}
		to_fd(pl->live->uid, &kf[i], row, f);
	}
	free(kf);
	errno = error;
	return error != 0 ? -1 : 0;
}

int
os_socks(struct plat *pl, struct wanted_socks *w)
{
	struct kinfo_file *kf;
	struct plat_sock sk;
	size_t i, n;
	int error = 0;

	if (get_files(-1, &kf, &n) == -1)
		return -1;
	for (w->pass = 0; w->pass < 2; w->pass++)
		for (i = 0; i < n && error == 0; i++)
			if (kf[i].fd_fd >= 0 &&
			    to_sock(pl->live->uid, &kf[i], &sk) &&
			    bsd_want(w, &sk) == -1)
				error = errno;
	free(kf);
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
