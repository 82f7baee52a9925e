/* SPDX-License-Identifier: ISC */
/*
 * keepalive.c: does the peer of another process's connection still answer?
 *
 * The idle time before a keepalive is set to one second on a copy of the socket
 * (pidfd_getfd(2), Linux 5.6): the kernel sends a keepalive as soon as the peer
 * was silent for that long. An answer resets tcpi_last_ack_recv. No data of the
 * connection is changed, and its process does not wake up.
 *
 * While data waits for its acknowledgement, the kernel sends no keepalive and
 * sends the data again instead. Then nothing is set, and the answer is an
 * acknowledgement that advances. A packet that the peer sent before the
 * question is no answer.
 *
 * The original settings are restored before the call returns, or by another
 * process if we are killed: guard.c. TCP_KEEPCNT is not changed, because a
 * lower value would make the kernel end the connection.
 */
#define _GNU_SOURCE
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guard.h"
#include "linux.h"
#include "compat/ms.h"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd	438
#endif

/* Silence before a keepalive (TCP_KEEPIDLE); one second is the minimum. */
#define IDLE_S		1
/* A keepalive may be lost, so a second one is sent after this time. */
#define AGAIN_MS	1000
#define POLL_MS		5
/* The minimum time to wait for an answer to the second one. */
#define SETTLE_MS	500
/* Ages are counted in ticks, at least a hundred a second. */
#define TICKS_MS	50
/*
 * Unanswered keepalives add up until the peer is heard again, and at
 * TCP_KEEPCNT (9) the kernel ends the connection. Keep this distance from it.
 */
#define PROBES_LEFT	4

/* A connection whose peer is asked. */
struct copy {
	int fd;			/* -1: finished */
	int rounds;		/* keepalives that we have asked for */
	int64_t began;		/* start of the question, ms */
	int64_t poked, sent;	/* of the last round; sent 0: not yet */
	struct tcp_info first;	/* when it began */
	size_t slot;		/* in the guard; NO_SLOT: nothing is set */
	size_t twin;		/* earlier one with this socket, or self */
};

#define NO_SLOT	((size_t)-1)

/* The state of one call. */
struct keepalive_asking {
	struct plat_keepalive *v;
	struct copy *copies;
	size_t n;
	struct guard guard;
};

static int
tcp_info(int fd, struct tcp_info *ti)
{
	socklen_t len = sizeof(*ti);

	memset(ti, 0, sizeof(*ti));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, ti, &len);
}

/* TCP_INFO of MPTCP is that of its first subflow, which may be the dead one. */
static int
is_plain_tcp(int fd)
{
	int protocol;

	return guard_int(fd, SOL_SOCKET, SO_PROTOCOL, &protocol) == 0 &&
	    protocol == IPPROTO_TCP;
}

static int
set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

/*
 * Copies the socket. The process is pinned before and the socket's key compared
 * after, so it is exactly the socket that was asked for.
 */
static int
steal(struct plat *pl, const struct plat_keepalive *ng)
{
	struct stat st;
	int fd, pidfd, saved;

	if ((pidfd = linux_pidfd_open(ng->row.pid)) == -1)
		return -1;
	fd = linux_is_there(pl, &ng->row) ?
	    (int)syscall(SYS_pidfd_getfd, pidfd, ng->fd, 0) : -1;
	saved = errno;
	if (fd != -1 && (fstat(fd, &st) == -1 || st.st_ino != ng->key)) {
		close(fd);
		fd = -1;
		saved = EBADF;
	}
	close(pidfd);
	errno = saved;
	return fd;
}

static enum plat_keepalive_result
refusal(int error)
{
	if (plat_failed(error))
		return PLAT_KEEPALIVE_BUSY;
	switch (error) {
	case EPERM:
	case EACCES:
		return PLAT_KEEPALIVE_DENIED;
	case ESRCH:
	case EBADF:
		return PLAT_KEEPALIVE_GONE;
	default:
		return PLAT_KEEPALIVE_UNSUPPORTED;
	}
}

/* Starts the timer; called again for the second keepalive. */
static int
poke(struct copy *c)
{
	c->rounds++;
	c->poked = ms_now();
	c->sent = 0;
	if (set_int(c->fd, SOL_SOCKET, SO_KEEPALIVE, 1) == -1)
		return -1;
	return set_int(c->fd, IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S);
}

/*
 * Does data wait to be sent or acknowledged? Then the kernel sends no
 * keepalive, and the acknowledgement of the data is the answer.
 */
static int
data_waits(int fd, const struct tcp_info *ti)
{
	int n;

	return ti->tcpi_unacked > 0 || ioctl(fd, SIOCOUTQ, &n) == -1 || n > 0;
}

/* With TCP_USER_TIMEOUT the second unanswered keepalive ends the connection. */
static int
is_impatient(int fd)
{
	int ms;

	return guard_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms) == 0 &&
	    ms != 0;
}

/* Can it get two more keepalives without reaching TCP_KEEPCNT? */
static int
can_be_poked(int fd, const struct tcp_info *ti)
{
	int count;

	return guard_int(fd, IPPROTO_TCP, TCP_KEEPCNT, &count) == 0 &&
	    (int)ti->tcpi_probes + PROBES_LEFT < count && !is_impatient(fd);
}

static int
look(struct plat_keepalive *ng, const struct copy *c, struct tcp_info *ti)
{
	if (tcp_info(c->fd, ti) == -1)
		return -1;
	ng->heard = ti->tcpi_last_ack_recv;
	ng->retrans = ti->tcpi_retransmits;
	ng->probes = ti->tcpi_probes;
	ng->waits = data_waits(c->fd, ti);
	return 0;
}

static void
drop(struct keepalive_asking *a, struct copy *c)
{
	if (c->fd == -1)
		return;
	if (c->slot != NO_SLOT)
		guard_restore(&a->guard, c->slot);
	close(c->fd);
	c->fd = -1;
}

/* Two tunnels may share a socket: set twice, it would be restored wrongly. */
static size_t
find_twin(const struct plat_keepalive *v, size_t i)
{
	size_t k;

	for (k = 0; k < i && v[k].key != v[i].key; k++)
		continue;
	return k;
}

static void
copy_answer(struct plat_keepalive *ng, const struct plat_keepalive *from)
{
	ng->result = from->result;
	ng->heard = from->heard;
	ng->retrans = from->retrans;
	ng->probes = from->probes;
	ng->waits = from->waits;
}

static void
begin(struct plat *pl, struct plat_keepalive *ng, struct copy *c)
{
	/* PIDs of another namespace belong to other processes here. */
	if (pl->live->foreign) {
		ng->result = PLAT_KEEPALIVE_BUSY;
		return;
	}
	if ((c->fd = steal(pl, ng)) == -1) {
		ng->result = refusal(errno);
		return;
	}
	c->began = ms_now();
	ng->result = PLAT_KEEPALIVE_UNSUPPORTED;
	if (is_plain_tcp(c->fd) && look(ng, c, &c->first) == 0) {
		ng->result = ng->waits ? PLAT_KEEPALIVE_WAITING :
		    PLAT_KEEPALIVE_BUSY;
		if (c->first.tcpi_state != PLAT_TCP_ESTAB)
			ng->result = PLAT_KEEPALIVE_RESET;
		else if (ng->waits || can_be_poked(c->fd, &c->first))
			return;
	}
	close(c->fd);
	c->fd = -1;
}

/*
 * Did the peer send anything after the question? While data waits for its
 * acknowledgement, only the acknowledgement counts, because packets may get
 * through in one direction only.
 */
static int
is_answer(const struct copy *c, const struct tcp_info *ti, int64_t now)
{
	if (ti->tcpi_bytes_acked > c->first.tcpi_bytes_acked)
		return 1;
	return ti->tcpi_unacked == 0 && ti->tcpi_last_ack_recv + TICKS_MS <
	    c->first.tcpi_last_ack_recv + (now - c->began);
}

/* Were both keepalives sent, as the kernel counts, and the time waited? */
static int
is_silence(const struct plat_keepalive *ng, const struct copy *c, int64_t now)
{
	return c->rounds == 2 && !ng->waits &&
	    ng->probes >= c->first.tcpi_probes + 2u &&
	    now - c->poked >= SETTLE_MS;
}

/* 1: the result is known, whatever it is. */
static int
answered(struct plat_keepalive *ng, struct copy *c)
{
	int64_t now = ms_now();
	struct tcp_info ti;

	if (look(ng, c, &ti) == -1 || ti.tcpi_state != PLAT_TCP_ESTAB) {
		ng->result = PLAT_KEEPALIVE_RESET;
		return 1;
	}
	if (is_answer(c, &ti, now)) {
		ng->result = PLAT_KEEPALIVE_ANSWERED;
		return 1;
	}
	if (c->rounds > 0 && c->sent == 0 &&
	    ng->probes >= c->first.tcpi_probes + (unsigned)c->rounds)
		c->sent = now;
	if (is_silence(ng, c, now)) {
		ng->result = PLAT_KEEPALIVE_SILENT;
		return 1;
	}
	if (c->rounds > 0 || ng->waits)
		ng->result = PLAT_KEEPALIVE_WAITING;
	return 0;
}

/* Does the next step for one connection. */
static void
go_on(struct keepalive_asking *a, struct plat_keepalive *ng, struct copy *c)
{
	int due;

	if (answered(ng, c)) {
		drop(a, c);
		return;
	}
	if (c->slot == NO_SLOT || ng->waits)
		return;
	due = c->rounds == 0 ? guard_is_ours(&a->guard, c->slot) :
	    c->rounds == 1 && c->sent != 0 && ms_now() - c->sent >= AGAIN_MS;
	if (due && poke(c) == -1) {
		ng->result = PLAT_KEEPALIVE_UNSUPPORTED;
		drop(a, c);
	}
}

/* Passes the sockets to a guard before any keepalive is sent. */
static int
set_guard(struct keepalive_asking *a)
{
	size_t i, k = 0;

	for (i = 0; i < a->n; i++)
		k += a->copies[i].fd != -1 && !a->v[i].waits;
	if (k == 0)
		return 0;
	if (guard_open(&a->guard, k) == -1)
		return -1;
	for (i = k = 0; i < a->n; i++)
		if (a->copies[i].fd != -1 && !a->v[i].waits) {
			a->guard.v[k].fd = a->copies[i].fd;
			a->copies[i].slot = k++;
		}
	return guard_start(&a->guard);
}

/* Without the guard nothing may be set any more; other results are unknown. */
static int
is_guarded(struct keepalive_asking *a)
{
	return a->guard.v == NULL || guard_is_alive(&a->guard);
}

static void
ask(struct keepalive_asking *a, int ms)
{
	int64_t deadline = ms_now() + ms;
	size_t i, open;
	int left;

	do {
		left = ms_left(deadline);
		for (open = i = 0; i < a->n; i++) {
			if (a->copies[i].fd != -1)
				go_on(a, &a->v[i], &a->copies[i]);
			open += a->copies[i].fd != -1;
		}
		if (open > 0 && left > 0)
			ms_sleep(POLL_MS);
	} while (open > 0 && left > 0 && is_guarded(a));
}

int
linux_keepalive(struct plat *pl, struct plat_keepalive *v, size_t n, int ms)
{
	struct keepalive_asking a = { .v = v, .n = n };
	sigset_t all, old;
	int r, saved;
	size_t i;

	if (n == 0)
		return 0;
	if ((a.copies = calloc(n, sizeof(*a.copies))) == NULL)
		return -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (i = 0; i < n; i++) {
		a.copies[i].fd = -1;
		a.copies[i].slot = NO_SLOT;
		if ((a.copies[i].twin = find_twin(v, i)) == i)
			begin(pl, &v[i], &a.copies[i]);
	}
	if ((r = set_guard(&a)) == 0)
		ask(&a, ms);
	saved = errno;
	for (i = 0; i < n; i++) {
		drop(&a, &a.copies[i]);
		if (a.copies[i].twin != i)
			copy_answer(&v[i], &v[a.copies[i].twin]);
	}
	guard_close(&a.guard);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	free(a.copies);
	errno = saved;
	return r;
}
