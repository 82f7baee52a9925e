/* SPDX-License-Identifier: ISC */
/*
 * The BSDs and macOS: one table for the walk, and the checks around every
 * question that is asked by PID.
 *
 * These systems have no descriptor that pins a process. So each answer is read
 * first, and used only if the PID still belongs to the process in row: an
 * identity is never reused, so a process that exists after the answer also
 * existed before it.
 */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/time.h>

#include <netinet/in.h>
#ifndef __APPLE__
#include <netinet/tcp_fsm.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/array.h"
#include "compat/base_name.h"
#include "sysctl.h"

/* Sanity limit on the size of a table. */
#define TABLE_MAX	((size_t)256 << 20)
#define GROW_TRIES	16
#define ROOM		2048	/* besides; more than any one record */

/* An exec takes a short time; it is waited for 5 times, 2 ms each. */
#define EXEC_TRIES	5
#define EXEC_NS		2000000

/* --- asking the kernel ---------------------------------------------------- */

int
bsd_grow(int (*get)(void *, void *, size_t *), void *arg, void **bufp,
    size_t *lenp)
{
	size_t len, size = 0;
	void *buf = NULL, *p;
	int error, try;

	for (try = 0; try < GROW_TRIES; try++) {
		len = 0;
		if (get(arg, NULL, &len) == -1 && errno != ENOMEM)
			break;
		if (len > TABLE_MAX) {
			errno = E2BIG;
			break;
		}
		len += len / 8 + ROOM;
		/* A size that was too small once would be too small again. */
		size = len > size ? len : size + size / 2 + ROOM;
		if ((p = realloc(buf, size)) == NULL)
			break;
		buf = p;
		len = size;
		if (get(arg, buf, &len) == 0) {
			if (len <= size) {
				*bufp = buf;
				*lenp = len;
				return 0;
			}
			/*
			 * NetBSD cuts descriptors and sockets so, and says
			 * only how long all of them are.
			 */
			errno = ENOMEM;
		}
		if (errno != ENOMEM)
			break;
	}
	error = errno;
	free(buf);
	errno = error;
	return -1;
}

struct mib {
	int *v;
	unsigned n;
	size_t elem;
};

static int
get_mib(void *arg, void *buf, size_t *lenp)
{
	const struct mib *mib = arg;

	if (mib->elem != 0) {
		mib->v[mib->n - 1] = (int)(*lenp / mib->elem);
		*lenp -= *lenp % mib->elem;
	}
	return sysctl(mib->v, mib->n, buf, lenp, NULL, 0);
}

int
bsd_sysctl(int *mib, unsigned n, size_t elem, void **bufp, size_t *lenp)
{
	struct mib arg;

	arg.v = mib;
	arg.n = n;
	arg.elem = elem;
	return bsd_grow(get_mib, &arg, bufp, lenp);
}

int
bsd_whole(void *buf, size_t len, size_t size, size_t *np)
{
	if (len % size != 0) {
		free(buf);
		errno = EPROTO;
		return -1;
	}
	*np = len / size;
	return 0;
}

int
bsd_list(int *mib, unsigned n, size_t elem, size_t size, void *arrayp,
    size_t *np)
{
	void *buf;
	size_t len;

	if (bsd_sysctl(mib, n, elem, &buf, &len) == -1 ||
	    bsd_whole(buf, len, size, np) == -1)
		return -1;
	memcpy(arrayp, &buf, sizeof(buf));
	return 0;
}

int
bsd_words(int *mib, unsigned n, size_t size, size_t max, char **bufp,
    size_t *lenp)
{
	char *buf = NULL, *p;
	size_t len;
	int error;

	for (;; size *= 2) {
		if ((p = realloc(buf, size + 1)) == NULL)
			break;
		buf = p;
		len = size;
		if (sysctl(mib, n, buf, &len, NULL, 0) == -1) {
			if (errno != ENOMEM)
				break;
		} else if (len < size) {
			/* Some kernels do not end the last word. */
			if (len > 0 && buf[len - 1] != '\0')
				buf[len++] = '\0';
			*bufp = buf;
			*lenp = len;
			return 0;
		}
		/*
		 * A full buffer may be cut as well: NetBSD does not report
		 * that.
		 */
		if (size >= max) {
			errno = E2BIG;
			break;
		}
	}
	error = errno;
	free(buf);
	errno = error;
	return -1;
}

ssize_t
bsd_path(int *mib, unsigned n, char *buf, size_t len)
{
	size_t size = len, used;

	if (sysctl(mib, n, buf, &size, NULL, 0) == -1) {
		/* OpenBSD says ERANGE, NetBSD ENOSPC. */
		if (errno == ENOMEM || errno == ERANGE || errno == ENOSPC)
			errno = ENAMETOOLONG;
		return -1;
	}
	used = strnlen(buf, size);
	if (used == 0 || used >= len) {
		errno = used == 0 ? ENOENT : ENAMETOOLONG;
		return -1;
	}
	buf[used] = '\0';
	return (ssize_t)used;
}

int
bsd_exec_wait(int try)
{
	const struct timespec moment = { 0, EXEC_NS };

	if (try >= EXEC_TRIES)
		return 0;
	nanosleep(&moment, NULL);
	return 1;
}

void
bsd_copy(char *to, size_t size, const char *from, size_t n)
{
	n = strnlen(from, n < size ? n : size - 1);
	memcpy(to, from, n);
	to[n] = '\0';
}

void
bsd_state(struct plat_proc *row, char state, int kthread)
{
	row->state = state;
	if (state == 'Z')
		row->flags |= PLAT_ZOMBIE;
	if (state == 'T' || state == 't')
		row->flags |= PLAT_STOPPED;
	if (kthread)
		row->flags |= PLAT_KTHREAD;
}

/* The terminal's number stays after the terminal was taken away. */
void
bsd_tty(struct plat_proc *row, uint64_t tty, uint64_t none, int controls)
{
	row->tty = tty != none && controls ? tty : PLAT_NOTTY;
	if (tty != none && !controls)
		row->flags |= PLAT_TTYLOST;
}

/* --- open, close ---------------------------------------------------------- */

static int
live_open(struct plat *pl, const char *table)
{
	struct live *lv;
	int error;

	(void)table;
	if ((lv = calloc(1, sizeof(*lv))) == NULL)
		return -1;
	lv->uid = geteuid();
	pl->live = lv;
	if (os_open(pl) == -1) {
		error = errno;
		free(lv);
		pl->live = NULL;
		errno = error;
		return -1;
	}
	return 0;
}

static void
live_close(struct plat *pl)
{
	if (pl->live->close != NULL)
		pl->live->close(pl);
	free(pl->live->rows);
	free(pl->live);
	pl->live = NULL;
}

/* A jail may lack ::1 on a machine that has it. */
static int
have_loopback6(void)
{
	static const uint8_t loopback[16] = { [15] = 1 };
	struct sockaddr_in6 sin6;
	int fd, r;

	if ((fd = socket(AF_INET6, SOCK_STREAM, 0)) == -1)
		return 0;
	memset(&sin6, 0, sizeof(sin6));
	sin6.sin6_len = sizeof(sin6);
	sin6.sin6_family = AF_INET6;
	memcpy(&sin6.sin6_addr, loopback, sizeof(loopback));
	r = bind(fd, (struct sockaddr *)(void *)&sin6, sizeof(sin6));
	close(fd);
	return r == 0;
}

/* A process that cannot see process 1 is in a jail, or cannot see others. */
static int
hides_others(struct plat *pl)
{
	struct plat_proc init;

	return pl->live->partial || os_row(pl, 1, &init) == -1;
}

/* The sockets of processes that are hidden are hidden as well. */
static unsigned
live_caps(struct plat *pl)
{
	unsigned caps = os_caps(pl);

	if (hides_others(pl))
		caps &= ~(unsigned)PLAT_CAP_LISTENERS;
	return caps | (have_loopback6() ? PLAT_CAP_INET6 : 0);
}

static unsigned
live_gaps(struct plat *pl)
{
	return pl->gaps | (hides_others(pl) ? PLAT_GAP_HIDDEN : 0);
}

static int64_t
live_now(struct plat *pl)
{
	struct timespec ts;

	(void)pl;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static uid_t
live_uid(struct plat *pl)
{
	return pl->live->uid;
}

/* --- the walk and the rows ------------------------------------------------ */

static int
live_scan(struct plat *pl, unsigned flags)
{
	struct live *lv = pl->live;
	struct plat_proc *rows;
	size_t i, n;

	if (os_table(pl, &rows, &n) == -1)
		return -1;
	/* DragonFly leaves out of the table what it shows by number. */
	for (i = 0; i < n && rows[i].pid != 1; i++)
		;
	if (i == n)
		lv->partial = 1;
	/* What is read from here on has gaps of its own. */
	pl->gaps = 0;
	free(lv->rows);
	lv->rows = rows;
	lv->n = n;
	lv->next = 0;
	lv->scan = flags;
	return 0;
}

/* A process cannot change its p_comm; a title changes only argv. */
static int
live_next(struct plat *pl, struct plat_name *np)
{
	struct live *lv = pl->live;
	const struct plat_proc *row;

	while (lv->next < lv->n) {
		row = &lv->rows[lv->next++];
		if (lv->scan & PLAT_SCAN_OWN && row->uid != lv->uid)
			continue;
		np->pid = row->pid;
		np->via = PLAT_VIA_COMM;
		bsd_copy(np->name, sizeof(np->name), row->comm,
		    sizeof(row->comm));
		return 1;
	}
	return 0;
}

static int
live_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	pid_t pid;
	size_t i;

	for (i = 0; i < n; i++) {
		pid = rows[i].pid;
		memset(&rows[i], 0, sizeof(rows[i]));
		if (pid <= 0 || os_row(pl, pid, &rows[i]) == 0)
			continue;
		memset(&rows[i], 0, sizeof(rows[i]));
		if (errno == EPROTO || plat_failed(errno))
			return -1;
		/* Only ESRCH shows that it has exited. */
		if (errno != ESRCH)
			pl->gaps |= PLAT_GAP_HIDDEN;
	}
	return 0;
}

static int
is_hollow(const struct plat_proc *row)
{
	return (row->flags & (PLAT_ZOMBIE | PLAT_KTHREAD)) != 0;
}

/*
 * Does the process in row still exist and, if it was alive when row was read,
 * is it still alive? -1 with ESRCH if not.
 */
static int
is_there(struct plat *pl, const struct plat_proc *row, struct plat_proc *now)
{
	if (os_row(pl, row->pid, now) == -1) {
		if (errno == EPERM)
			errno = EACCES;
		return -1;
	}
	if (memcmp(now->ident, row->ident, sizeof(now->ident)) != 0 ||
	    (now->flags & PLAT_ZOMBIE && !(row->flags & PLAT_ZOMBIE))) {
		errno = ESRCH;
		return -1;
	}
	return 0;
}

/* A zombie or a kernel thread, of which the kernel has no such thing. */
static int
has_none(const struct plat_proc *row, int error)
{
	return (error == EINVAL || error == ESRCH) && is_hollow(row);
}

/*
 * Checks an answer: 0 it is valid; -1 with an errno of platform.h. For a
 * process that has exited the kernels return ESRCH, EINVAL or an empty success,
 * so the process itself is checked first. ESRCH for a zombie means that it is
 * not among the living (OpenBSD's prfind()), not that it is gone.
 */
static int
verdict(struct plat *pl, const struct plat_proc *row, int error)
{
	struct plat_proc now;

	if (is_there(pl, row, &now) == -1)
		return -1;
	if (error == 0)
		return 0;
	if (error == ESRCH)
		error = is_hollow(&now) ? ENOENT : EACCES;
	/* macOS returns EINVAL for other users' processes. */
	if (error == EPERM || (error == EINVAL && !is_hollow(&now) &&
	    pl->live->uid != 0 && now.uid != pl->live->uid))
		error = EACCES;
	errno = error;
	return -1;
}

/* --- words, places, descriptors, origin ----------------------------------- */

static int
words(struct plat *pl, const struct plat_proc *row, int env, char **bufp,
    size_t *lenp)
{
	char *buf = NULL;
	size_t len = 0;
	int error, try;

	for (try = 0;; try++) {
		error = 0;
		if (os_args(pl, row, env, &buf, &len) == -1)
			error = errno;
		if (error != EBUSY || !bsd_exec_wait(try))
			break;
	}
	if (has_none(row, error) && (buf = calloc(1, 1)) != NULL)
		error = 0;
	if (verdict(pl, row, error) == -1) {
		error = errno;
		if (buf != NULL)
			free(buf);
		errno = error;
		return -1;
	}
	*bufp = buf;
	*lenp = len;
	return 0;
}

static int
live_args(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	return words(pl, row, 0, bufp, lenp);
}

static int
live_env(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	return words(pl, row, 1, bufp, lenp);
}

static ssize_t
live_where(struct plat *pl, const struct plat_proc *row, enum plat_where what,
    char *buf, size_t len, int *gone)
{
	ssize_t n;

	n = os_where(pl, row, what, buf, len);
	if (verdict(pl, row, n == -1 ? errno : 0) == -1)
		return -1;
	*gone = 0;	/* these systems do not return such a path */
	return n;
}

static int
live_fds(struct plat *pl, const struct plat_proc *row, struct plat_fd **fdsp,
    size_t *np, size_t *limit)
{
	struct plat_fd *fds = NULL;
	size_t n = 0, max = 0;
	int error = 0;

	if (os_fds(pl, row, &fds, &n, &max) == -1 && !has_none(row, errno))
		error = errno;
	if (verdict(pl, row, error) == -1) {
		error = errno;
		free(fds);
		errno = error;
		return -1;
	}
	/* NULL would mean that they could not be read. */
	if (fds == NULL && (fds = calloc(1, sizeof(*fds))) == NULL)
		return -1;
	*fdsp = fds;
	*np = n;
	if (limit != NULL)
		*limit = max;
	return 0;
}

static int
live_origin(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	struct plat_origin o;
	int error = 0;

	memset(&o, 0, sizeof(o));
	o.reparented = -1;
	o.unit_owner = (uid_t)-1;
	o.netns = 1;
	if (os_origin(pl, row, &o) == -1)
		error = errno;
	if (verdict(pl, row, error) == -1)
		return -1;
	*op = o;
	return 0;
}

void
bsd_fd_path(struct plat_fd *f, const char *path)
{
	if (path[0] != '/')
		return;
	if (strcmp(path, "/dev/null") == 0)
		f->kind = PLAT_FD_NULL;
	else if (starts(path, "/dev/tun") || starts(path, "/dev/tap")) {
		f->kind = PLAT_FD_TUN;
		path += 5;
	} else if (starts(path, "/dev/pts/") || starts(path, "/dev/tty") ||
	    strcmp(path, "/dev/console") == 0)
		f->kind = PLAT_FD_TTY;
	else
		f->kind = PLAT_FD_FILE;
	if (strlen(path) < sizeof(f->name))
		strcpy(f->name, path);
}

/* --- sockets -------------------------------------------------------------- */

static uint64_t
fnv(uint64_t h, const void *p, size_t n)
{
	const uint8_t *s = p;

	for (; n > 0; n--)
		h = (h ^ *s++) * UINT64_C(0x100000001b3);
	return h;
}

#define FNV_START	UINT64_C(0xcbf29ce484222325)

/*
 * The kernels hide the addresses of their sockets. So the key of a connection
 * is made of both its ends, and that of a listener of its one.
 */
uint64_t
bsd_key_inet(const struct plat_sock *sk)
{
	uint64_t h = FNV_START;
	uint8_t family = sk->family == AF_INET6 ? 6 : 4;

	h = fnv(h, &family, 1);
	h = fnv(h, sk->local.ip, sizeof(sk->local.ip));
	h = fnv(h, &sk->local.port, sizeof(sk->local.port));
	h = fnv(h, sk->peer.ip, sizeof(sk->peer.ip));
	h = fnv(h, &sk->peer.port, sizeof(sk->peer.port));
	return h | 1;
}

uint64_t
bsd_key_fd(pid_t pid, int fd)
{
	uint64_t h = fnv(FNV_START, &pid, sizeof(pid));

	return fnv(h, &fd, sizeof(fd)) | 1;
}

void
bsd_addr(struct plat_sock *sk, int family, const void *local,
    const void *peer, unsigned lport, unsigned fport)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct plat_addr *a;
	int i;

	sk->family = family;
	memcpy(sk->local.ip, local, family == AF_INET ? 4 : 16);
	memcpy(sk->peer.ip, peer, family == AF_INET ? 4 : 16);
	sk->local.port = ntohs((uint16_t)lport);
	sk->peer.port = ntohs((uint16_t)fport);
	sk->known |= PLAT_SOCK_ADDR;
	if (family == AF_INET)
		return;
	/* Some sources return IPv4 addresses as IPv4-mapped IPv6 addresses. */
	if (memcmp(sk->local.ip, mapped, sizeof(mapped)) == 0) {
		sk->family = AF_INET;
		for (i = 0; i < 2; i++) {
			a = i == 0 ? &sk->local : &sk->peer;
			memmove(a->ip, a->ip + 12, 4);
			memset(a->ip + 4, 0, 12);
		}
		return;
	}
	/*
	 * Some sources leave the scope in link-local addresses, as the kernel
	 * does.
	 */
	for (i = 0; i < 2; i++) {
		a = i == 0 ? &sk->local : &sk->peer;
		if (a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80)
			a->ip[2] = a->ip[3] = 0;
	}
}

#ifndef __APPLE__
/* By name, because DragonFly's numbers differ from those of the others. */
enum plat_tcp
bsd_tcp(int state)
{
	switch (state) {
	case TCPS_CLOSED:
		return PLAT_TCP_CLOSE;
	case TCPS_LISTEN:
		return PLAT_TCP_LISTEN;
	case TCPS_SYN_SENT:
		return PLAT_TCP_SYN_SENT;
	case TCPS_SYN_RECEIVED:
		return PLAT_TCP_SYN_RECV;
	case TCPS_ESTABLISHED:
		return PLAT_TCP_ESTAB;
	case TCPS_CLOSE_WAIT:
		return PLAT_TCP_CLOSE_WAIT;
	case TCPS_FIN_WAIT_1:
		return PLAT_TCP_FIN_WAIT1;
	case TCPS_CLOSING:
		return PLAT_TCP_CLOSING;
	case TCPS_LAST_ACK:
		return PLAT_TCP_LAST_ACK;
	case TCPS_FIN_WAIT_2:
		return PLAT_TCP_FIN_WAIT2;
	case TCPS_TIME_WAIT:
		return PLAT_TCP_TIME_WAIT;
	default:
		return PLAT_TCP_UNKNOWN;
	}
}
#endif

int
bsd_want(struct wanted_socks *w, const struct plat_sock *sk)
{
	struct bag *bag = &w->bag;
	struct plat_sock *p;
	size_t n = bag->n;

	if ((sk->state == PLAT_TCP_LISTEN) != (w->pass == 0))
		return 0;
	if (bag_add(bag, sk) == -1)
		return -1;
	if (bag->n > n && !(bag->flags & PLAT_SOCKS_INFO)) {
		p = &bag->socks[n];
		p->known &= ~(unsigned)(PLAT_SOCK_INFO | PLAT_SOCK_BYTES);
		p->total_retrans = p->lds = p->ldr = p->lar = 0;
		p->rx = p->tx = 0;
	}
	return 0;
}

/* A source that lists descriptors repeats a socket for each of them. */
static void
drop_copies(struct bag *bag)
{
	struct plat_sock *v = bag->socks;
	size_t i, n = 0;

	if (bag->n > 0)
		qsort(v, bag->n, sizeof(*v), key_cmp);
	for (i = 0; i < bag->n; i++)
		if (v[i].key == 0 || n == 0 || v[n - 1].key != v[i].key)
			v[n++] = v[i];
	bag->n = n;
}

static int
live_socks(struct plat *pl, const uint64_t *keys, size_t nkeys,
    unsigned flags, const struct plat_proc *netns, struct plat_sock **socksp,
    size_t *np)
{
	struct wanted_socks w;
	int error, r;

	(void)netns;
	/* Sockets without a key belong to processes as well. */
	if (bag_init(&w.bag, keys, nkeys, (flags | PLAT_SOCKS_LEFT) &
	    ~(unsigned)PLAT_SOCKS_HELD) == -1)
		return -1;
	if ((r = os_socks(pl, &w)) == 0) {
		drop_copies(&w.bag);
		if (w.bag.full)
			pl->gaps |= PLAT_GAP_SOCKETS;
		*socksp = w.bag.socks;
		*np = w.bag.n;
		w.bag.socks = NULL;
	}
	error = errno;
	bag_free(&w.bag);
	errno = error;
	return r;
}

/*
 * Asks every visible process for the keys of its descriptors of one kind, or of
 * one descriptor only if only is not -1. Fails if a process that could not be
 * read for lack of memory may have what was not found.
 */
static int
ask_all(struct plat *pl, const uint64_t *keys, size_t n, pid_t *owners,
    enum plat_fdkind kind, int only)
{
	struct plat_proc *rows;
	struct plat_fd *fds;
	size_t i, k, nfds, nrows, p;
	int error = 0;

	memset(owners, 0, n * sizeof(*owners));
	for (i = 0; i < n && keys[i] == 0; i++)
		;
	if (i == n)
		return 0;
	if (os_table(pl, &rows, &nrows) == -1)
		return -1;
	for (p = 0; p < nrows; p++) {
		if (is_hollow(&rows[p]))
			continue;
		if (live_fds(pl, &rows[p], &fds, &nfds, NULL) == -1) {
			if (plat_failed(errno))
				error = errno;
			continue;
		}
		for (k = 0; k < nfds; k++)
			for (i = 0; i < n && fds[k].kind == kind &&
			    (only == -1 || fds[k].fd == only); i++)
				if (keys[i] != 0 && keys[i] == fds[k].key &&
				    (owners[i] == 0 || only != -1))
					owners[i] = rows[p].pid;
		free(fds);
	}
	free(rows);
	for (i = 0; i < n && (keys[i] == 0 || owners[i] != 0); i++)
		;
	errno = error;
	return i < n && error != 0 ? -1 : 0;
}

static int
live_socket_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	return ask_all(pl, keys, n, owners, PLAT_FD_SOCKET, -1);
}

/* A process that reads a pipe has it as its standard input. */
static int
live_pipe_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	return ask_all(pl, keys, n, owners, PLAT_FD_PIPE, STDIN_FILENO);
}

/* --- signals -------------------------------------------------------------- */

/* p_comm has room for at least 15 bytes on each system. */
static int
same_name(struct plat *pl, const struct plat_proc *now, const char *exe)
{
	char path[MAXPATHLEN];

	if (os_where(pl, now, PLAT_EXE, path, sizeof(path)) != -1)
		return strcmp(base_name(path), exe) == 0;
	return strcmp(now->comm, exe) == 0 || (strlen(now->comm) >= 15 &&
	    starts(exe, now->comm));
}

static int
is_still(struct plat *pl, const struct plat_proc *row, const char *exe)
{
	struct plat_proc now;

	if (is_there(pl, row, &now) == -1)
		return -1;
	if (now.flags & PLAT_ZOMBIE || now.uid != row->uid ||
	    (exe != NULL && !same_name(pl, &now, exe))) {
		errno = ESRCH;
		return -1;
	}
	return 0;
}

/* A queue that reports when a process exits; -1 with ESRCH or another errno. */
static int
watch(pid_t pid)
{
	const struct timespec now = { 0, 0 };
	struct kevent ev;
	int error, kq;

	if ((kq = kqueue()) == -1)
		return -1;
	fcntl(kq, F_SETFD, FD_CLOEXEC);
	memset(&ev, 0, sizeof(ev));
	EV_SET(&ev, pid, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0, 0);
	if (kevent(kq, &ev, 1, NULL, 0, &now) != -1)
		return kq;
	error = errno;
	close(kq);
	errno = error;
	return -1;
}

/*
 * First the queue is made, then the process is checked, then the queue is asked
 * for an exit. What remains is the time between the last two system calls.
 * Signal 0 changes nothing, so it uses plain kill(2) everywhere.
 */
static int
live_signal(struct plat *pl, const struct plat_proc *row, const char *exe,
    int sig)
{
	const struct timespec now = { 0, 0 };
	struct kevent ev;
	int error = 0, kq = -1;

	if (row->pid <= 0) {
		errno = ESRCH;
		return -1;
	}
	/*
	 * Some processes may be sent signals but not watched. Signal 0 asks
	 * whether it has ended, and the watch tells of an exit that has only
	 * begun: until it is over, the process may have its sockets.
	 */
	if (sig != 0 && (kq = watch(row->pid)) == -1 && errno == ESRCH)
		return -1;
	if (is_still(pl, row, exe) == -1)
		error = errno;
	else if (sig != 0 && pl->live->signal != NULL)
		error = pl->live->signal(pl, row, sig) == -1 ?
		    errno : 0;
	else if (kq != -1 && kevent(kq, NULL, 0, &ev, 1, &now) > 0)
		error = ESRCH;
	else if (kill(row->pid, sig) == -1)
		error = errno;
	if (kq != -1)
		close(kq);
	errno = error;
	return error != 0 ? -1 : 0;
}

/*
 * A descriptor would mean that signals are safe. So none is returned on a
 * system where they are not, although it could be waited on.
 */
static int
live_hold(struct plat *pl, const struct plat_proc *row, const char *exe,
    int *fdp)
{
	int error, kq = -1;

	if (row->pid <= 0) {
		errno = ESRCH;
		return -1;
	}
	if (os_caps(pl) & PLAT_CAP_SIGNAL_SAFE &&
	    (kq = watch(row->pid)) == -1 && errno == ESRCH)
		return -1;
	if (is_still(pl, row, exe) == 0) {
		*fdp = kq;
		return 0;
	}
	error = errno;
	if (kq != -1)
		close(kq);
	errno = error;
	return -1;
}

/* The queue is not read here: an event that was read cannot be waited for. */
static int
live_hold_signal(struct plat *pl, const struct plat_proc *row,
    const char *exe, int fd, int sig)
{
	(void)fd;
	return live_signal(pl, row, exe, sig);
}

/*
 * There are no members, keepalive and hint: timers of other processes' sockets
 * cannot be set, and there are no control groups and no selection by port.
 */
const struct plat_ops plat_live = {
	.open = live_open,
	.close = live_close,
	.caps = live_caps,
	.gaps = live_gaps,
	.now = live_now,
	.uid = live_uid,
	.scan = live_scan,
	.next = live_next,
	.rows = live_rows,
	.args = live_args,
	.env = live_env,
	.where = live_where,
	.fds = live_fds,
	.origin = live_origin,
	.socks = live_socks,
	.socket_owner = live_socket_owner,
	.pipe_owner = live_pipe_owner,
	.signal = live_signal,
	.hold = live_hold,
	.hold_signal = live_hold_signal
};
