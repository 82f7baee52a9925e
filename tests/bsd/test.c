/* SPDX-License-Identifier: ISC */
/*
 * The same rows from every kernel, and what must come of its faults.
 *
 * Built once for each system against its fake headers and its fake kernel;
 * and once more, as NO_KERNEL, to read the same machine from a recorded
 * table.  Speaks TAP; the plan is kernels.t's.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "impl.h"

#include "canned.h"

/* What a system tells, and how it stands with its clock. */
#define REAPERS		0x01	/* who adopts is known */
#define PARENTS		0x02	/* so is who the first parent was */
#define STEPS		0x04	/* a stepped clock moves the start times */
#define PEERS		0x08	/* unix sockets show users their other end */
#define OTHERS_FDS	0x10	/* so do the descriptors of other users */
#define TTYS		0x20	/* descriptors have names */
#define KTHREADS	0x40	/* in the table */
#define TIMERS		0x80
#define NO_REAPERS	0x100	/* not even whether process 1 adopts */
#define NO_ZOMBIES	0x200	/* by their number */

#define CAPS_ALL	(PLAT_CAP_CWD | PLAT_CAP_SOCKS_OWN)
#define CAPS_BSD	(CAPS_ALL | PLAT_CAP_ARGS_OTHERS | PLAT_CAP_LISTENERS)

#if defined(__FreeBSD__)
#define SYSTEM		"freebsd"
#define TELLS		(REAPERS | STEPS | PEERS | TTYS | KTHREADS | TIMERS)
#define CAPS		(CAPS_BSD | PLAT_CAP_EXE | PLAT_CAP_TCPINFO | \
			PLAT_CAP_ENV | PLAT_CAP_PIPES)
#define CAPS_ROOT	(CAPS | PLAT_CAP_SOCKS_OTHERS)
#elif defined(__OpenBSD__)
#define SYSTEM		"openbsd"
#define TELLS		(STEPS | OTHERS_FDS | TTYS)
#define CAPS		(CAPS_BSD | PLAT_CAP_SOCKS_OTHERS | PLAT_CAP_BYTES | \
			PLAT_CAP_ENV)
#define CAPS_ROOT	(CAPS | PLAT_CAP_PIPES)
#elif defined(__NetBSD__)
#define SYSTEM		"netbsd"
#define TELLS		(PEERS | OTHERS_FDS)
#define CAPS		(CAPS_BSD | PLAT_CAP_EXE | PLAT_CAP_SOCKS_OTHERS | \
			PLAT_CAP_ENV)
#define CAPS_ROOT	CAPS
#elif defined(__DragonFly__)
#define SYSTEM		"dragonfly"
#define TELLS		(NO_REAPERS | NO_ZOMBIES | PEERS | OTHERS_FDS)
#define CAPS		(CAPS_BSD | PLAT_CAP_EXE | PLAT_CAP_SOCKS_OTHERS)
#define CAPS_ROOT	CAPS
#elif defined(__APPLE__)
#define SYSTEM		"darwin"
#define TELLS		(PARENTS | PEERS | TTYS | TIMERS)
#define CAPS		(CAPS_ALL | PLAT_CAP_EXE | PLAT_CAP_ENV | \
			PLAT_CAP_PIPES)
#define CAPS_ROOT	(CAPS | PLAT_CAP_ARGS_OTHERS | \
			PLAT_CAP_SOCKS_OTHERS | PLAT_CAP_LISTENERS)
#else
#define SYSTEM		"linux"
#define NO_KERNEL
#define TELLS		(PEERS | TTYS | KTHREADS | TIMERS)
#define CAPS		(CAPS_BSD | PLAT_CAP_EXE | PLAT_CAP_TCPINFO | \
			PLAT_CAP_BYTES | PLAT_CAP_SIGNAL_SAFE | \
			PLAT_CAP_ENV | PLAT_CAP_PIPES)
#endif

static struct plat *pl;
static int failed, bad;
static const char *table;

/* --- checking ------------------------------------------------------------- */

#define OK(e)	((e) ? (void)0 : say(__LINE__, #e, 0))
#define OK_FOR(e, pid)	((e) ? (void)0 : say(__LINE__, #e, pid))
#define FAILS(e, error)	OK((e) == -1 && errno == (error))

static void
say(int line, const char *what, pid_t pid)
{
	printf("# %s: line %d", SYSTEM, line);
	if (pid != 0)
		printf(", pid %d", (int)pid);
	printf(": not so: %s (errno %d)\n", what, errno);
	bad++;
}

static void
done(const char *name)
{
	printf("%s - %s: %s\n", bad > 0 ? "not ok" : "ok", SYSTEM, name);
	failed += bad > 0;
	bad = 0;
	plat_close(pl);
	pl = NULL;
}

/* A fresh machine, looked at by uid. */
static void
as(uid_t uid)
{
	canned_reset();
	canned_uid = uid;
	if ((pl = plat_open(table)) == NULL) {
		printf("Bail out! plat_open: %s\n", strerror(errno));
		exit(1);
	}
}

static struct plat_proc
row_of(pid_t pid)
{
	struct plat_proc row;

	memset(&row, 0xa5, sizeof(row));
	row.pid = pid;
	OK_FOR(plat_rows(pl, &row, 1) == 0, pid);
	return row;
}

/* What the i-th of its n descriptors leads to; 0: not so. */
static uint64_t
key_of(pid_t pid, size_t i, size_t n)
{
	struct plat_proc row = row_of(pid);
	struct plat_fd *fds;
	uint64_t key = 0;
	size_t got;

	if (plat_fds(pl, &row, &fds, &got, NULL) == 0) {
		if (got == n)
			key = fds[i].key;
		free(fds);
	}
	OK_FOR(key != 0, pid);
	return key;
}

/* In this system's table, which may leave kernel threads out? */
static int
is_listed(const struct canned_proc *p)
{
	return (TELLS & KTHREADS) || p->state != 'K';
}

/* Can it be looked at by its number? */
static int
is_found(const struct canned_proc *p)
{
	return is_listed(p) && !(TELLS & NO_ZOMBIES && p->state == 'Z');
}

/* --- the same rows from all of them --------------------------------------- */

static void
walk(unsigned flags)
{
	struct plat_name np;
	int met[512] = { 0 }, r;
	size_t i;

	OK(plat_scan(pl, flags) == 0);
	while ((r = plat_next(pl, &np)) == 1) {
		OK_FOR(np.pid > 0 && np.pid < 512 && canned_proc(np.pid),
		    np.pid);
		if (np.pid <= 0 || np.pid >= 512)
			continue;
		met[np.pid]++;
		if (np.via == PLAT_VIA_COMM || np.name[0] != '\0')
			OK_FOR(strcmp(np.name, canned_proc(np.pid)->comm) ==
			    0, np.pid);
	}
	OK(r == 0);
	for (i = 0; i < nprocs; i++)
		OK_FOR(met[procs[i].pid] == (is_listed(&procs[i]) &&
		    (flags == 0 || procs[i].uid == canned_uid)),
		    procs[i].pid);
}

static void
test_walk(void)
{
	as(1000);
	walk(0);
	walk(PLAT_SCAN_OWN);
	walk(0);
	done("one walk meets every process once");
}

static void
same_row(const struct canned_proc *p, const struct plat_proc *row)
{
	pid_t pid = p->pid;
	unsigned flags = 0;

	OK_FOR(row->pid == pid, pid);
	OK_FOR(row->ppid == p->ppid, pid);
	OK_FOR(row->pgid == p->pgid, pid);
	/* OpenBSD says 0 for a leader that is dead, macOS of a zombie. */
	OK_FOR(row->sid == p->sid || (row->sid == 0 && (p->lost ||
	    p->state == 'Z')), pid);
	OK_FOR(row->uid == p->uid && row->ruid == p->ruid, pid);
	OK_FOR(row->tty == (p->tty == NODEVICE || p->lost ? PLAT_NOTTY :
	    (uint64_t)p->tty), pid);
#ifndef NO_KERNEL	/* Linux takes it away and leaves no trace */
	flags |= p->lost ? PLAT_TTYLOST : 0;
#endif
	flags |= p->state == 'Z' ? PLAT_ZOMBIE : 0;
	flags |= p->state == 'T' ? PLAT_STOPPED : 0;
	flags |= p->state == 'K' ? PLAT_KTHREAD : 0;
	OK_FOR(row->flags == flags, pid);
	OK_FOR(strcmp(row->comm, p->comm) == 0, pid);
	/* OpenBSD has no start time for a zombie. */
	OK_FOR(row->start == BOOT + p->start ||
	    (row->start == 0 && p->state == 'Z'), pid);
	OK_FOR(row->masks && row->sigcgt == p->catch, pid);
	switch (p->state) {
	case 'Z':
	case 'T':
		OK_FOR(row->state == p->state, pid);
		break;
	default:	/* macOS says R of all that live */
		OK_FOR(row->state == 'S' || row->state == 'R', pid);
	}
}

static void
test_rows(void)
{
	struct plat_proc rows[PLAT_BATCH];
	size_t i, n = 0;

	as(1000);
	memset(rows, 0, sizeof(rows));
	for (i = 0; i < nprocs; i++)
		if (is_listed(&procs[i]))
			rows[n++].pid = procs[i].pid;
	rows[n].pid = 999;
	rows[n + 1].pid = -1;
	OK(plat_rows(pl, rows, n + 2) == 0);
	for (i = n = 0; i < nprocs; i++)
		if (is_found(&procs[i]))
			same_row(&procs[i], &rows[n++]);
		else if (is_listed(&procs[i]))
			OK_FOR(rows[n++].pid == 0, procs[i].pid);
	OK(rows[n].pid == 0 && rows[n + 1].pid == 0);
	done("rows");
}

static void
test_args(void)
{
	struct plat_proc row;
	char *buf;
	size_t i, len;

	as(0);
	for (i = 0; i < nprocs; i++) {
		if (!is_found(&procs[i]))
			continue;
		row = row_of(procs[i].pid);
		buf = NULL;
		OK_FOR(plat_args(pl, &row, &buf, &len) == 0, row.pid);
		if (buf == NULL)
			continue;
		/* macOS counts the words that were there before a title. */
		while (len > procs[i].argslen && buf[len - 1] == '\0' &&
		    procs[i].argc > 0)
			len--;
		OK_FOR(len == procs[i].argslen && (len == 0 ||
		    memcmp(buf, procs[i].args, len) == 0), row.pid);
		free(buf);
	}
	done("argv: newlines, empty words, titles, none at all");
}

static void
test_env(void)
{
	struct plat_proc row;
	char *buf;
	size_t len;

	as(1000);
	row = row_of(300);
	errno = 0;
	if (!(CAPS & PLAT_CAP_ENV)) {
		FAILS(plat_env(pl, &row, &buf, &len), ENOSYS);
	} else if (plat_env(pl, &row, &buf, &len) == 0) {
		OK(len == canned_proc(300)->envlen && memcmp(buf,
		    canned_proc(300)->env, len) == 0);
		free(buf);
		row = row_of(304);
		FAILS(plat_env(pl, &row, &buf, &len), EACCES);
#ifdef __APPLE__	/* left out of the answer, as of a system program */
		row = row_of(301);
		FAILS(plat_env(pl, &row, &buf, &len), EACCES);
#endif
	} else
		OK(!"environment");
	done("environment");
}

static void
test_where(void)
{
	struct plat_proc row;
	char buf[1024];
	ssize_t n;
	int gone;

	as(1000);
	row = row_of(301);
	n = plat_where(pl, &row, PLAT_EXE, buf, sizeof(buf), &gone);
	if (CAPS & PLAT_CAP_EXE)
		OK(n == 12 && strcmp(buf, "/usr/bin/ssh") == 0);
	else
		FAILS(n, ENOSYS);
	n = plat_where(pl, &row, PLAT_CWD, buf, sizeof(buf), &gone);
	OK(n == 4 && strcmp(buf, "/tmp") == 0);
	FAILS(plat_where(pl, &row, PLAT_CWD, buf, 4, &gone), ENAMETOOLONG);
	row = row_of(304);
#if !defined(__DragonFly__) && !defined(__NetBSD__) /* they tell all */
	FAILS(plat_where(pl, &row, PLAT_CWD, buf, sizeof(buf), &gone), EACCES);
#endif
	/* A zombie has neither, and is still there. */
	row = row_of(306);
	errno = 0;
	OK(plat_where(pl, &row, PLAT_EXE, buf, sizeof(buf), &gone) == -1 &&
	    (errno == ESRCH) == (row.pid == 0));
	OK(plat_where(pl, &row, PLAT_CWD, buf, sizeof(buf), &gone) == -1 &&
	    (errno == ESRCH) == (row.pid == 0));
	done("executable and working directory");
}

static const struct plat_sock *
by_key(const struct plat_sock *v, size_t n, uint64_t key)
{
	size_t i;

	for (i = 0; i < n && key != 0; i++)
		if (v[i].key == key)
			return &v[i];
	return NULL;
}

static int
same_addr(const struct plat_addr *a, const uint8_t *ip, uint16_t port,
    int family)
{
	return a->port == port && memcmp(a->ip, ip, family == AF_INET ? 4 :
	    16) == 0;
}

static void
same_sock(int at, const struct plat_sock *sk)
{
	const struct canned_sock *s = &socks[at];
	int family = s->kind == SOCK_TCP4 ? AF_INET : s->kind == SOCK_TCP6 ?
	    AF_INET6 : AF_UNIX;

	OK_FOR(sk != NULL, at);
	if (sk == NULL)
		return;
	OK_FOR(sk->family == family, at);
	OK_FOR(sk->state == (s->state == ST_LISTEN ? PLAT_TCP_LISTEN :
	    s->state == ST_CLOSE_WAIT ? PLAT_TCP_CLOSE_WAIT :
	    s->state == ST_DISCONNECTED ? PLAT_TCP_CLOSE :
	    PLAT_TCP_ESTAB), at);
	if (sk->known & PLAT_SOCK_UID)
		OK_FOR(sk->uid == s->uid, at);
	if (sk->known & PLAT_SOCK_QUEUES)
		OK_FOR(sk->rq == s->rq && sk->wq == s->wq, at);
	else
		OK_FOR(s->state == ST_LISTEN, at);
	if (family == AF_UNIX) {
		OK_FOR(sk->pathlen == (s->path == NULL ? 0 :
		    strlen(s->path)) && memcmp(sk->path, s->path == NULL ?
		    "" : s->path, sk->pathlen) == 0, at);
		return;
	}
	OK_FOR(sk->known & PLAT_SOCK_ADDR, at);
	OK_FOR(same_addr(&sk->local, s->laddr, s->lport, family), at);
	OK_FOR(same_addr(&sk->peer, s->faddr, s->fport, family), at);
	if (TELLS & TIMERS) {
		OK_FOR(sk->known & PLAT_SOCK_TIMER, at);
		OK_FOR(sk->timer == (s->rexmt ? PLAT_TIMER_RETRANS :
		    s->keep ? PLAT_TIMER_KEEPALIVE : PLAT_TIMER_NONE), at);
	}
	OK_FOR(!(sk->known & PLAT_SOCK_INFO) == (!(CAPS & PLAT_CAP_TCPINFO) ||
	    s->state == ST_LISTEN), at);
	if (sk->known & PLAT_SOCK_INFO)
		OK_FOR((int)sk->lar == s->heard &&
		    (int)sk->total_retrans == s->rexmits, at);
	OK_FOR(!(sk->known & PLAT_SOCK_BYTES) == !(CAPS & PLAT_CAP_BYTES) ||
	    s->state == ST_LISTEN || s->uid != canned_uid, at);
	if (sk->known & PLAT_SOCK_BYTES)
		OK_FOR(sk->rx == s->rx && sk->tx == s->tx, at);
}

/* Descriptors of pid against the canned ones, sockets by what they lead to. */
static void
same_fds(pid_t pid)
{
	const struct canned_proc *p = canned_proc(pid);
	struct plat_proc row = row_of(pid);
	const struct canned_fd *c;
	struct plat_fd *fds;
	struct plat_sock *v = NULL;
	uint64_t keys[NFDS];
	size_t i, n = 0, nkeys = 0, nv = 0;

	if (plat_fds(pl, &row, &fds, &n, NULL) == -1) {
		OK_FOR(!"descriptors", pid);
		return;
	}
	for (i = 0; i < n && i < NFDS; i++)
		if (fds[i].kind == PLAT_FD_SOCKET)
			keys[nkeys++] = fds[i].key;
	OK_FOR(plat_socks(pl, keys, nkeys, PLAT_SOCKS_LISTEN |
	    PLAT_SOCKS_ALL | PLAT_SOCKS_INFO | PLAT_SOCKS_UNIX, NULL, &v,
	    &nv) == 0, pid);
	for (i = 0; i < NFDS && p->fds[i].what != FD_NONE; i++) {
		c = &p->fds[i];
		OK_FOR(i < n && fds[i].fd == c->fd, pid);
		if (i >= n)
			break;
		switch (c->what) {
		case FD_SOCKET:
			OK_FOR(fds[i].kind == PLAT_FD_SOCKET, pid);
			same_sock(c->sock, by_key(v, nv, fds[i].key));
			break;
		case FD_PIPE:
			OK_FOR(fds[i].kind == PLAT_FD_PIPE, pid);
			if (CAPS & PLAT_CAP_PIPES)
				OK_FOR(fds[i].key != 0 && (c->pipe & ~0xfffu)
				    == (fds[i].key & ~(uint64_t)0xfff), pid);
			break;
		default:
			if (TELLS & TTYS)
				OK_FOR(fds[i].kind == (strcmp(c->path,
				    "/dev/null") == 0 ? PLAT_FD_NULL :
				    PLAT_FD_TTY) && strcmp(fds[i].name,
				    c->path) == 0, pid);
		}
	}
	OK_FOR(i == n, pid);
	free(fds);
	free(v);
}

static void
test_fds(void)
{
	struct plat_proc row;
	struct plat_fd *fds;
	size_t n;

	as(1000);
	same_fds(300);
	same_fds(301);
	same_fds(302);
	same_fds(303);
#ifdef __NetBSD__	/* of whom it hides it says nothing, too */
	row = row_of(305);
	FAILS(plat_fds(pl, &row, &fds, &n, NULL), EACCES);
#else
	same_fds(305);
#endif
	row = row_of(304);
	if (TELLS & OTHERS_FDS)
		same_fds(304);
	else
		FAILS(plat_fds(pl, &row, &fds, &n, NULL), EACCES);
	/* A zombie is there and has none. */
	row = row_of(306);
	fds = NULL;
	OK(row.pid == 0 || (plat_fds(pl, &row, &fds, &n, NULL) == 0 &&
	    n == 0));
	free(fds);
	done("descriptors lead to their sockets");
}

static int
holds(const struct plat_sock *v, size_t n, int at)
{
	const struct canned_sock *s = &socks[at];
	size_t i;
	int family = s->kind == SOCK_TCP4 ? AF_INET : AF_INET6, found = 0;

	for (i = 0; i < n; i++)
		found += v[i].family == family &&
		    same_addr(&v[i].local, s->laddr, s->lport, family) &&
		    same_addr(&v[i].peer, s->faddr, s->fport, family);
	return found;
}

static void
test_socks(void)
{
	struct plat_sock *v;
	uint64_t keys[2];
	size_t i, n;

	as(0);
	/* Its transport and its IPv4 listener. */
	keys[0] = key_of(300, 1, 5);
	keys[1] = key_of(300, 3, 5);
	OK(plat_socks(pl, keys, 2, PLAT_SOCKS_LISTEN, NULL, &v, &n) == 0);
	OK(n == 3 && holds(v, n, 1) == 1 && holds(v, n, 2) == 1 &&
	    holds(v, n, 10) == 1);
	for (i = 0; i < n; i++)
		OK(v[i].state == PLAT_TCP_LISTEN && !(v[i].known &
		    (PLAT_SOCK_INFO | PLAT_SOCK_BYTES)));
	free(v);
	OK(plat_socks(pl, keys, 2, PLAT_SOCKS_LISTEN | PLAT_SOCKS_ALL, NULL,
	    &v, &n) == 0);
	/* By key, and both ends of the client by port; not 5 and 9. */
	OK(n == 6 && holds(v, n, 0) == 1 && holds(v, n, 3) == 1 &&
	    holds(v, n, 4) == 1);
	for (i = 0; i < n; i++)
		OK(!(v[i].known & (PLAT_SOCK_INFO | PLAT_SOCK_BYTES)));
	free(v);
	OK(plat_socks(pl, NULL, 0, PLAT_SOCKS_LISTEN | PLAT_SOCKS_ALL |
	    PLAT_SOCKS_UNIX, NULL, &v, &n) == 0);
	OK(n == 4);
	free(v);
	done("sockets that were asked for, and no others");
}

/* A mux client's socket leads to its master's end of it. */
static void
test_peers(void)
{
	const struct plat_sock *client, *end;
	struct plat_sock *v;
	uint64_t key;
	size_t n;

	as(TELLS & PEERS ? 1000 : 0);
	key = key_of(303, 1, 2);
	OK(plat_socks(pl, &key, 1, PLAT_SOCKS_ALL | PLAT_SOCKS_UNIX, NULL,
	    &v, &n) == 0);
	client = by_key(v, n, key);
	OK(client != NULL && client->known & PLAT_SOCK_PEER);
	end = client == NULL ? NULL : by_key(v, n, client->peer_key);
	OK(end != NULL && end->pathlen > 0);
	free(v);
	done("unix sockets know their other end");
}

static void
test_origin(void)
{
	struct plat_proc row;
	struct plat_origin o;

	as(1000);
	row = row_of(301);
	OK(plat_origin(pl, &row, &o) == 0);
	OK(o.reparented != 1 && o.unit[0] == '\0');
#ifndef NO_KERNEL
	OK(o.reaper == ((TELLS & NO_REAPERS) ? 0 : 1));
	OK(o.reparented == ((TELLS & NO_REAPERS) ? -1 : 0));
	row = row_of(305);
	OK(plat_origin(pl, &row, &o) == 0);
	OK(o.reaper == ((TELLS & NO_REAPERS) ? 0 : 1));
	/* Only macOS remembers who the parent was. */
	OK(o.reparented == ((TELLS & PARENTS) ? 1 : -1));
	row = row_of(90);
	OK(plat_origin(pl, &row, &o) == 0);
	OK(o.reparented == ((TELLS & PARENTS) ? 0 : -1));
	row = row_of(307);
	OK(plat_origin(pl, &row, &o) == 0);
	if (TELLS & REAPERS)
		OK(o.reaper == 210 && o.reparented == -1);
	/* Who adopts a reaper is not told. */
	row = row_of(210);
	OK(plat_origin(pl, &row, &o) == 0);
	if (TELLS & REAPERS)
		OK(o.reaper == 0 && o.reparented == -1);
#endif
	done("origin");
}

static void
test_caps(void)
{
	as(1000);
	OK(plat_caps(pl) == (unsigned)(CAPS | PLAT_CAP_INET6));
	OK(plat_uid(pl) == 1000);
	OK(plat_gaps(pl) == 0);
#ifndef NO_KERNEL
	done("what it can show");
	as(0);
	OK(plat_caps(pl) == (unsigned)(CAPS_ROOT | PLAT_CAP_INET6));
	canned_noinet6 = 1;
	OK(plat_caps(pl) == (unsigned)(CAPS_ROOT));
	canned_proc(1)->gone = 1;
	OK(plat_gaps(pl) == PLAT_GAP_HIDDEN);
	OK(!(plat_caps(pl) & PLAT_CAP_LISTENERS));
	done("what it can show to root");
#else
	done("what it can show");
#endif
}

#ifndef NO_KERNEL

static void
test_owner(void)
{
	uint64_t keys[3] = { 0, 0, 12345 };
	pid_t owners[3];

	as(0);
	keys[0] = key_of(304, 0, 2);
	OK(plat_socket_owner(pl, keys, 3, owners) == 0);
	OK(owners[0] == 304 && owners[1] == 0 && owners[2] == 0);
	done("whose a socket is");
}

/* 301 writes into a pipe that 303 reads. */
static void
test_pipes(void)
{
	struct plat_proc row;
	struct plat_fd *fds;
	uint64_t keys[3];
	pid_t owners[3];
	size_t n;

	as(0);
	row = row_of(301);
	OK(plat_fds(pl, &row, &fds, &n, NULL) == 0 && n == 3);
	keys[0] = fds[1].key;
	keys[1] = fds[2].key;
	keys[2] = 0;
	free(fds);
	OK(plat_pipe_owner(pl, keys, 3, owners) == 0);
	OK(owners[0] == 0 && owners[2] == 0);
	OK(owners[1] == ((CAPS_ROOT) & PLAT_CAP_PIPES ? 303 : 0));
	done("who reads a pipe");
}

/* --- faults --------------------------------------------------------------- */

static const char *when;
static int answer, times;
static void (*change)(void);

/* At the question that is waited for: change the machine, or say no. */
static int
hook(const char *what, pid_t pid)
{
	(void)pid;
	if (strcmp(what, when) != 0 || times == 0)
		return 0;
	times--;
	if (change != NULL)
		change();
	return answer;
}

static void
at(const char *what, void (*how)(void), int error, int n)
{
	when = what;
	change = how;
	answer = error;
	times = n;
	canned_hook = hook;
}

static void
vanish(void)
{
	canned_proc(300)->gone = 1;
}

/* Its number goes to a process of the same user and of the same name. */
static void
reuse(void)
{
	struct canned_proc *p = canned_proc(300);

	p->start += 1000000;
	p->args = "ssh\0other\0";
	p->argslen = 10;
	p->parent = 77;
}

static void
die(void)
{
	struct canned_proc *p = canned_proc(300);

	p->state = 'Z';
	p->args = p->exe = p->cwd = NULL;
	p->argslen = 0;
	p->fds[0].what = FD_NONE;
}

/* All four calls fail with ESRCH and leave their results alone. */
static void
all_gone(const struct plat_proc *row, const char *what, void (*how)(void))
{
	struct plat_origin o;
	struct plat_fd *fds;
	char *buf, path[1024];
	size_t n;
	int gone;

	/* Not all kernels have an origin to ask for; the check they have. */
	at(strcmp(what, "origin") == 0 ? "row" : what, how, 0, 1);
	errno = 0;
	if (strcmp(what, "args") == 0)
		FAILS(plat_args(pl, row, &buf, &n), ESRCH);
	else if (strcmp(what, "cwd") == 0)
		FAILS(plat_where(pl, row, PLAT_CWD, path, sizeof(path), &gone),
		    ESRCH);
	else if (strcmp(what, "fds") == 0)
		FAILS(plat_fds(pl, row, &fds, &n, NULL), ESRCH);
	else
		FAILS(plat_origin(pl, row, &o), ESRCH);
	canned_hook = NULL;
}

static void
test_vanish(void)
{
	static const char *const calls[] = { "args", "cwd", "fds", "origin" };
	static void (*const ways[])(void) = { vanish, reuse, die };
	static const char *const names[] = { "gone", "another has the number",
	    "a zombie" };
	struct plat_proc row;
	char name[64];
	size_t i, k;

	for (k = 0; k < 3; k++) {
		for (i = 0; i < 4; i++) {
			as(1000);
			row = row_of(300);
			all_gone(&row, calls[i], ways[k]);
			if (i < 3)
				plat_close(pl);
		}
		snprintf(name, sizeof(name), "between two questions: %s",
		    names[k]);
		done(name);
	}
}

static void
test_grow(void)
{
	struct plat_proc row;
	struct plat_sock *v = NULL;
	struct plat_fd *fds = NULL;
	size_t n;

	as(1000);
	canned_grow = 3;
	walk(0);
	OK(canned_grow == 0);
	row = row_of(300);
	canned_grow = 2;
	OK(plat_fds(pl, &row, &fds, &n, NULL) == 0 && n == 5);
	OK(canned_grow == 0);
	free(fds);
	canned_grow = 2;
	OK(plat_socks(pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &v, &n) == 0);
	OK(canned_grow == 0);
	OK(n == 3 || !((CAPS) & PLAT_CAP_LISTENERS));
	free(v);
	canned_grow = 1000;
	FAILS(plat_scan(pl, 0), ENOMEM);
	OK(canned_grow > 900);
	done("tables that grow while they are read");
}

/* Whoever could not be read may have it: nobody was said to. */
static void
test_owner_unread(void)
{
	uint64_t keys[2];
	pid_t owners[2];

	as(0);
	keys[0] = key_of(304, 0, 2);
	keys[1] = 12345;
	at("fds", NULL, ENFILE, 1);
	FAILS(plat_socket_owner(pl, keys, 2, owners), ENFILE);
	OK(times == 0);
	at("fds", NULL, EPERM, 1);
	OK(plat_socket_owner(pl, keys, 2, owners) == 0);
	OK(times == 0);
	canned_hook = NULL;
	done("whose a socket is, if a process cannot be read");
}

static void
test_long_args(void)
{
	struct plat_proc row;
	char *buf = NULL, *big;
	size_t len, n = 300000;

	as(1000);
	big = calloc(1, n);
	memset(big, 'x', n - 1);
	canned_proc(300)->args = big;
	canned_proc(300)->argslen = n;
	row = row_of(300);
#ifdef __DragonFly__	/* loses them, and says that it did */
	FAILS(plat_args(pl, &row, &buf, &len), E2BIG);
#else
	OK(plat_args(pl, &row, &buf, &len) == 0);
	OK(len == n && memcmp(buf, big, n) == 0);
#endif
	free(buf);
	free(big);
	done("argv of 300000 bytes");
}

static void
test_busy(void)
{
	struct plat_proc row;
	char *buf = NULL;
	size_t len;

	as(1000);
	row = row_of(300);
	at("args", NULL, EBUSY, 2);
	OK(plat_args(pl, &row, &buf, &len) == 0 &&
	    len == canned_proc(300)->argslen);
	free(buf);
	at("args", NULL, EBUSY, 1000);
	FAILS(plat_args(pl, &row, &buf, &len), EBUSY);
	OK(times > 900);
	done("in the middle of an exec");
}

/* That a process could not be looked at does not mean that it has ended. */
static void
test_row_unread(void)
{
	static const int errors[] = { EINTR, EAGAIN };
	struct plat_proc row;
	struct plat_fd *fds;
	struct plat_hold h;
	size_t i, n;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		as(1000);
		row = row_of(300);
		at("row", NULL, errors[i], 1000);
		FAILS(plat_fds(pl, &row, &fds, &n, NULL), errors[i]);
		FAILS(plat_signal(pl, &row, "ssh", SIGTERM), errors[i]);
		FAILS(plat_rows(pl, &row, 1), errors[i]);
		plat_close(pl);
	}
	as(1000);
	row = row_of(300);
	OK(plat_hold(pl, &row, "ssh", &h) == 0);
	at("row", NULL, EPERM, 1000);
	FAILS(plat_fds(pl, &row, &fds, &n, NULL), EACCES);
	OK(plat_hold_wait(pl, &h, 0) != 1);
	plat_hold_drop(&h);
	OK(plat_rows(pl, &row, 1) == 0 && row.pid == 0);
	canned_hook = NULL;
	OK(plat_gaps(pl) == PLAT_GAP_HIDDEN && sent_pid == 0);
	/* What was in the way once is not for ever: --watch goes on. */
	OK(plat_scan(pl, 0) == 0 && plat_gaps(pl) == 0);
	done("a process that cannot be looked at");
}

static void
test_denied(void)
{
	struct plat_proc row;
	struct plat_fd *fds;
	char *buf = NULL;
	size_t len;

	as(1000);
	row = row_of(300);
	at("args", NULL, EPERM, 1);
	FAILS(plat_args(pl, &row, &buf, &len), EACCES);
	at("fds", NULL, EPERM, 1);
	FAILS(plat_fds(pl, &row, &fds, &len, NULL), EACCES);
	at("table", NULL, EPERM, 1);
	FAILS(plat_scan(pl, 0), EPERM);
	canned_hook = NULL;
	row = row_of(304);
	errno = 0;
	if (CAPS & PLAT_CAP_ARGS_OTHERS) {
		OK(plat_args(pl, &row, &buf, &len) == 0);
		free(buf);
	} else
		FAILS(plat_args(pl, &row, &buf, &len), EACCES);
	done("what may not be read");
}

#ifdef __FreeBSD__
static void
test_exit(void)
{
	struct plat_proc row;
	char *buf;
	size_t n;

	as(1000);
	row = row_of(300);
	canned_exec = 3;
	FAILS(plat_args(pl, &row, &buf, &n), ESRCH);
	OK(canned_exec == 0);
	plat_close(pl);
	as(1000);
	canned_exec = 1000;
	FAILS(plat_args(pl, &row, &buf, &n), EBUSY);
	done("an exit that is under way");
}

/* How long the peer of 300 was silent; -1: not known. */
static int64_t
silence(int heard, int keep)
{
	uint64_t key = key_of(300, 1, 5);
	const struct plat_sock *sk;
	struct plat_sock *v = NULL;
	int64_t ms = -1;
	size_t n = 0;

	socks[0].heard = heard;
	socks[0].keep = keep;
	OK(plat_socks(pl, &key, 1, PLAT_SOCKS_ALL | PLAT_SOCKS_INFO, NULL,
	    &v, &n) == 0);
	if ((sk = by_key(v, n, key)) != NULL && sk->known & PLAT_SOCK_INFO)
		ms = sk->lar;
	free(v);
	return ms;
}

/* The kernel's number wraps after 71.6 minutes, as 4294967 ms. */
static void
test_silence(void)
{
	as(1000);
	OK(silence(4000, 7196000) == 4000);
	OK(silence(4290000, 2910000) == 4290000);
	OK(silence(4298967, 2901033) == -1);
	/* Probes are sent. */
	OK(silence(7205000, 70000) == -1);
	/* The timer may have been set long before the last segment. */
	OK(silence(3500000, 100000) == 3500000);
	OK(silence(4000, 100000) == -1);
	OK(silence(4000, 0) == -1);
	/* Without a keepalive nothing ends a long silence. */
	canned_keepalive = 0;
	OK(silence(4000, 7196000) == -1);
	canned_keepalive = 1;
	canned_hz = 100;
	OK(silence(4298960, 2901040) == 4298960);
	OK(silence(4000, 100000) == 4000);
	done("silence that is longer than the kernel's number");
}
#endif

/* Equal addresses of two networks are not the same. */
static void
test_network(void)
{
	struct plat_proc row;
	struct plat_origin o;
	uint64_t key;

	as(1000);
	row = row_of(300);
	OK(plat_origin(pl, &row, &o) == 0 && o.netns == 1);
	key = key_of(300, 3, 5);
	canned_jail = 3;
#ifdef __OpenBSD__	/* a routing domain */
	OK(key_of(300, 3, 5) != key && key_of(300, 3, 5) % 2 == 1);
#elif defined(__FreeBSD__) || defined(__DragonFly__)
	OK(plat_origin(pl, &row, &o) == 0 && o.netns == -1);
#endif
	(void)key;
	done("networks of others");
}

#if defined(__FreeBSD__) || defined(__DragonFly__)
/* Process 1 can be looked at, and not all others can. */
static void
test_partial(void)
{
	as(1000);
	canned_curtain = 1;
	plat_close(pl);
	OK((pl = plat_open(NULL)) != NULL);
	OK(plat_scan(pl, 0) == 0);
	OK(plat_gaps(pl) == PLAT_GAP_HIDDEN);
	OK(!(plat_caps(pl) & PLAT_CAP_LISTENERS));
	done("processes of others are left out, and that is said");
	as(0);
	canned_curtain = 1;
	plat_close(pl);
	OK((pl = plat_open(NULL)) != NULL);
	OK(plat_scan(pl, 0) == 0);
	OK(plat_gaps(pl) == 0 && plat_caps(pl) & PLAT_CAP_LISTENERS);
	done("nothing is left out for root");
}
#endif

#ifdef __NetBSD__
/* In an exec a process has no start, and its descriptors are left out. */
static void
test_exec(void)
{
	struct plat_proc now, row;
	struct plat_fd *fds = NULL;
	struct plat_hold h;
	char *buf;
	size_t n;

	as(1000);
	row = row_of(300);
	canned_exec = 3;
	now = row_of(300);
	OK(canned_exec == 0 && now.pid == 300 &&
	    memcmp(now.ident, row.ident, sizeof(row.ident)) == 0);
	canned_exec = 3;
	OK(plat_fds(pl, &row, &fds, &n, NULL) == 0 && n == 5);
	free(fds);
	canned_exec = 3;
	OK(plat_signal(pl, &row, "ssh", SIGTERM) == 0 && sent_pid == 300);
	OK(plat_hold(pl, &row, "ssh", &h) == 0);
	canned_exec = 3;
	walk(0);
	OK(canned_exec == 0 && plat_gaps(pl) == 0);
	/* One that takes too long is not known, and not gone. */
	canned_exec = 1000;
	FAILS(plat_args(pl, &row, &buf, &n), EBUSY);
	FAILS(plat_fds(pl, &row, &fds, &n, NULL), EBUSY);
	OK(plat_hold_wait(pl, &h, 0) == 0);
	plat_hold_drop(&h);
	now = row_of(300);
	OK(now.pid == 0 && plat_gaps(pl) == PLAT_GAP_HIDDEN);
	done("an exec that is under way");
}

/* security.curtain */
static void
test_curtain(void)
{
	struct plat_proc row;
	struct plat_fd *fds;
	size_t n;

	as(1000);
	canned_curtain = 1;
	row = row_of(304);
	FAILS(plat_fds(pl, &row, &fds, &n, NULL), EACCES);
	done("descriptors that are not shown");
}
#endif

#ifdef __DragonFly__
/* Where procfs is mounted, libkvm reads what the kernel did not keep. */
static void
test_kvm(void)
{
	char big[512];
	struct plat_proc row;
	char *buf = NULL;
	size_t len;

	as(1000);
	memset(big, 'x', sizeof(big));
	canned_proc(300)->args = big;
	canned_proc(300)->argslen = sizeof(big);
	canned_token = 1;
	row = row_of(300);
	OK(plat_args(pl, &row, &buf, &len) == 0 && len == 7 &&
	    memcmp(buf, "ssh\0-N", 7) == 0);
	free(buf);
	at("args", vanish, 0, 1);
	FAILS(plat_args(pl, &row, &buf, &len), ESRCH);
	done("long command lines by libkvm");
}
#endif

/* Garbage must not pass for rows. */
static void
test_longer(void)
{
	struct plat_proc row;
	struct plat_sock *v;
	struct plat_fd *fds;
	size_t n;

	as(0);
	row = row_of(300);
	canned_longer = 1;
	FAILS(plat_scan(pl, 0), EPROTO);
	FAILS(plat_fds(pl, &row, &fds, &n, NULL), EPROTO);
	FAILS(plat_socks(pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &v, &n), EPROTO);
	row.pid = 300;
	FAILS(plat_rows(pl, &row, 1), EPROTO);
#ifdef __APPLE__
	canned_longer = 2;	/* those of libproc alone */
	row = row_of(300);
	FAILS(plat_fds(pl, &row, &fds, &n, NULL), EPROTO);
#endif
	done("structs of another size");
}

static void
test_hidden(void)
{
	struct plat_proc row;
	struct plat_sock *v;
	struct plat_fd *fds;
	size_t n;

	as(1000);
	canned_hidden = 1;
#if defined(__NetBSD__) || defined(__DragonFly__)
	/* No descriptor can be matched, so nobody says that there are none. */
	row = row_of(300);
	FAILS(plat_fds(pl, &row, &fds, &n, NULL), EACCES);
#ifdef __NetBSD__	/* as it comes; on DragonFly it would be news */
	OK(!(plat_caps(pl) & (PLAT_CAP_SOCKS_OWN | PLAT_CAP_SOCKS_OTHERS)));
#endif
#ifdef __DragonFly__
	row = row_of(305);
	OK(plat_fds(pl, &row, &fds, &n, NULL) == 0 && n == 0);
	free(fds);
#endif
#else
	(void)row;
	(void)fds;
	same_fds(300);
#endif
	/* Who listens where is no secret on the BSDs. */
	OK(plat_socks(pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &v, &n) == 0);
	OK(holds(v, n, 2) == 1);
	free(v);
	done("kernel addresses hidden");
}

static void
step(void)
{
	canned_boot += 3600 * INT64_C(1000000);
	canned_nano = 500;
}

static void
test_clock(void)
{
	struct plat_proc before, now;

	as(1000);
	before = row_of(300);
	step();
	now = row_of(300);
	OK(memcmp(before.ident, now.ident, sizeof(now.ident)) == 0);
	OK((now.start != before.start) == !!(TELLS & STEPS));
	reuse();
	now = row_of(300);
	OK(memcmp(before.ident, now.ident, sizeof(now.ident)) != 0);
	done("an identity outlives a stepped clock");
}

static void
test_signal(void)
{
	struct plat_proc row;

	as(1000);
	row = row_of(300);
	OK(plat_signal(pl, &row, "ssh", SIGTERM) == 0);
	OK(sent_pid == 300 && sent_signal == SIGTERM);
	sent_pid = 0;
	OK(plat_signal(pl, &row, NULL, SIGKILL) == 0);
	OK(sent_pid == 300 && sent_signal == SIGKILL);
	/* A process that may not be watched may still be sent signals. */
	canned_nowatch = 1;
	sent_pid = 0;
	OK(plat_signal(pl, &row, "ssh", SIGTERM) == 0);
	OK(sent_pid == 300);
	canned_nowatch = 0;
	sent_pid = 0;
	errno = 0;
	FAILS(plat_signal(pl, &row, "scp", SIGTERM), ESRCH);
	row.uid = 0;
	FAILS(plat_signal(pl, &row, "ssh", SIGTERM), ESRCH);
	row = row_of(304);
	FAILS(plat_signal(pl, &row, NULL, SIGTERM), EPERM);
	row = row_of(306);
	FAILS(plat_signal(pl, &row, NULL, SIGTERM), ESRCH);
	row.pid = 0;
	OK(plat_signal(pl, &row, NULL, SIGTERM) == -1);
	row.pid = -1;
	OK(plat_signal(pl, &row, NULL, SIGTERM) == -1);
	OK(sent_pid == 0);
	done("signals");
}

/* Held, sent to, and waited for. */
static void
test_hold(void)
{
	static void (*const ways[])(void) = { vanish, reuse, die };
	struct plat_hold h;
	struct plat_proc row;
	size_t k;

	for (k = 0; k < 3; k++) {
		as(1000);
		row = row_of(300);
		OK(plat_hold(pl, &row, "ssh", &h) == 0 && h.fd == -1);
		OK(plat_hold_wait(pl, &h, 0) == 0);
		OK(plat_hold_signal(pl, &h, SIGTERM) == 0 &&
		    sent_pid == 300);
		sent_pid = 0;
		ways[k]();
		FAILS(plat_hold_signal(pl, &h, SIGKILL), ESRCH);
		OK(sent_pid == 0);
		OK(plat_hold_wait(pl, &h, 5000) == 1);
		FAILS(plat_hold(pl, &row, "ssh", &h), ESRCH);
		plat_hold_drop(&h);
		if (k < 2)
			plat_close(pl);
	}
	done("holding on to a process");
}

static void
test_signal_race(void)
{
	static void (*const ways[])(void) = { vanish, reuse, die };
	struct plat_hold h;
	struct plat_proc row;
	size_t k;

	/* Before the watch, after it, and as late as the kernel can tell. */
	for (k = 0; k < 3; k++) {
		as(1000);
		row = row_of(300);
		at("watch", ways[k], 0, 1);
		FAILS(plat_signal(pl, &row, "ssh", SIGTERM), ESRCH);
		OK(sent_pid == 0);
		plat_close(pl);
		as(1000);
		row = row_of(300);
		at("row", ways[k], 0, 1);
		FAILS(plat_signal(pl, &row, "ssh", SIGTERM), ESRCH);
		OK(sent_pid == 0);
		plat_close(pl);
	}
	as(1000);
	row = row_of(300);
	OK(plat_hold(pl, &row, "ssh", &h) == 0);
	canned_exits = 1;
	FAILS(plat_signal(pl, &row, "ssh", SIGTERM), ESRCH);
	OK(sent_pid == 0);
	/* It has not ended before it is gone. */
	OK(plat_hold_wait(pl, &h, 0) == 0);
	plat_hold_drop(&h);
	done("no signal to a successor");
}

#ifdef __OpenBSD__
/* Its end is waited for; one that takes too long is not known, and not gone. */
static void
test_exit(void)
{
	struct plat_proc now, row;
	struct plat_hold h;
	char *buf;
	size_t n;

	as(1000);
	row = row_of(300);
	OK(plat_hold(pl, &row, "ssh", &h) == 0);
	canned_exec = 3;
	now = row_of(300);
	OK(canned_exec == 0 && now.pid == 0 && plat_gaps(pl) == 0);
	plat_close(pl);
	as(1000);
	canned_exec = 3;
	FAILS(plat_args(pl, &row, &buf, &n), ESRCH);
	plat_close(pl);
	as(1000);
	canned_exec = 1000;
	FAILS(plat_args(pl, &row, &buf, &n), EBUSY);
	at("watch", NULL, ESRCH, 1000);
	OK(plat_hold_wait(pl, &h, 0) == 0);
	plat_hold_drop(&h);
	now = row_of(300);
	OK(now.pid == 0 && plat_gaps(pl) == PLAT_GAP_HIDDEN);
	done("an exit that is under way");
}

/* Pointers that lead out of the answer, and no NULL at their end. */
static void
test_wild(void)
{
	struct plat_proc row;
	char *buf = NULL;
	size_t len;

	as(1000);
	row = row_of(300);
	canned_wild = 1;
	OK(plat_args(pl, &row, &buf, &len) == 0 && len == 4 &&
	    strcmp(buf, "ssh") == 0);
	free(buf);
	canned_wild = 2;
	OK(plat_args(pl, &row, &buf, &len) == 0 && len > 0 &&
	    buf[len - 1] == '\0');
	free(buf);
	done("pointers that lie");
}
#endif

#ifdef __APPLE__
static void
test_token(void)
{
	struct plat_hold h;
	struct plat_proc row;

	as(1000);
	plat_close(pl);
	canned_token = 1;	/* looked up once */
	OK((pl = plat_open(NULL)) != NULL);
	OK(plat_caps(pl) & PLAT_CAP_SIGNAL_SAFE);
	row = row_of(300);
	OK(plat_signal(pl, &row, "ssh", SIGTERM) == 0);
	OK(sent_token == 1 && sent_pid == 300);
	row = row_of(304);
	FAILS(plat_signal(pl, &row, NULL, SIGTERM), EPERM);
	/* Who is safe is held by a descriptor. */
	row = row_of(300);
	OK(plat_hold(pl, &row, "ssh", &h) == 0 && h.fd != -1);
	OK(plat_hold_signal(pl, &h, SIGTERM) == 0 && sent_pid == 300);
	plat_hold_drop(&h);
	/* The kernel itself finds out. */
	at("token", reuse, 0, 1);
	sent_pid = 0;
	FAILS(plat_signal(pl, &row, "ssh", SIGTERM), ESRCH);
	OK(sent_pid == 0);
	done("signals by audit token");
}

/* Whose sockets a policy hides, even from root. */
static void
test_policy(void)
{
	struct plat_proc row;
	struct plat_sock *v;
	struct plat_fd *fds;
	size_t n;

	as(0);
	at("fds", NULL, EPERM, 1);
	OK(plat_socks(pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &v, &n) == 0);
	free(v);
	OK(times == 0 && plat_gaps(pl) == PLAT_GAP_SOCKETS);
	plat_close(pl);
	as(0);
	at("fds", NULL, ESRCH, 1);
	OK(plat_socks(pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &v, &n) == 0);
	free(v);
	OK(plat_gaps(pl) == 0);
	at("fds", NULL, ENFILE, 1);
	FAILS(plat_socks(pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &v, &n),
	    ENFILE);
	/* One that was closed meanwhile, and one that may not be read. */
	row = row_of(300);
	at("fd", NULL, EBADF, 1);
	OK(plat_fds(pl, &row, &fds, &n, NULL) == 0 && n == 4);
	free(fds);
	at("fd", NULL, EBADF, 1);
	OK(plat_socks(pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &v, &n) == 0);
	free(v);
	OK(plat_gaps(pl) == 0);
	at("fd", NULL, EPERM, 1);
	OK(plat_socks(pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &v, &n) == 0);
	free(v);
	OK(plat_gaps(pl) == PLAT_GAP_SOCKETS);
	done("sockets that may not be read");
}

/* What PROCARGS2 may hold. */
static void
test_procargs(void)
{
	struct plat_proc row;
	char *buf = NULL;
	size_t len;

	as(1000);
	row = row_of(300);
	canned_proc(300)->argc = 1000000;
	OK(plat_args(pl, &row, &buf, &len) == 0 && len >= 3);
	free(buf);
	canned_proc(300)->argc = -5;
	OK(plat_args(pl, &row, &buf, &len) == 0 && len == 0);
	free(buf);
	canned_proc(300)->argc = 2;
	OK(plat_args(pl, &row, &buf, &len) == 0 && len == 7 &&
	    memcmp(buf, "ssh\0-f", 7) == 0);
	free(buf);
	done("a count of words that lies");
}
#endif

#endif /* NO_KERNEL */

int
main(int argc, char *argv[])
{
	table = argc > 1 ? argv[1] : NULL;
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_caps();
	test_walk();
	test_rows();
	test_args();
	test_env();
	test_where();
	test_fds();
	test_socks();
	test_peers();
	test_origin();
#ifndef NO_KERNEL
	test_owner();
	test_pipes();
	test_vanish();
	test_grow();
	test_owner_unread();
	test_long_args();
	test_busy();
	test_network();
	test_row_unread();
	test_denied();
	test_longer();
	test_hidden();
	test_clock();
	test_signal();
	test_signal_race();
	test_hold();
#ifdef __FreeBSD__
	test_exit();
	test_silence();
#endif
#if defined(__FreeBSD__) || defined(__DragonFly__)
	test_partial();
#endif
#ifdef __NetBSD__
	test_exec();
	test_curtain();
#endif
#ifdef __DragonFly__
	test_kvm();
#endif
#ifdef __OpenBSD__
	test_exit();
	test_wild();
#endif
#ifdef __APPLE__
	test_token();
	test_procargs();
	test_policy();
#endif
#endif
	return failed > 0;
}
