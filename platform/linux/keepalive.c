/* SPDX-License-Identifier: ISC */
/*
 * linux_nudge.c: does the peer of another process's connection still answer?
 *
 * A copy of its socket (pidfd_getfd(2), Linux 5.6) is told that one idle
 * second is enough for a keepalive: the kernel sends one as soon as the peer
 * was silent that long.  An answer shows as a fresh tcpi_last_ack_recv.  No
 * byte of the connection's data is touched and its process never wakes.
 *
 * While data waits for its acknowledgement the kernel sends no keepalive, and
 * sends the data again instead.  Then nothing is set: the question is on its
 * way already, and its answer is an acknowledgement that advances.  That the
 * peer was heard of before the question is no answer.
 *
 * What the socket was set to is put back before we return, or by another
 * process if we are killed: linux_guard.c.  TCP_KEEPCNT is left alone: a
 * lower one would make the kernel end the connection.
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

#ifndef SYS_pidfd_open
#define SYS_pidfd_open	434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd	438
#endif

/* A keepalive is sent only after TCP_KEEPIDLE of silence; one is the least. */
#define IDLE_S		1
/* One keepalive may be lost: send a second after this long. */
#define AGAIN_MS	1000
#define POLL_MS		5
/* And give that second one this long at least. */
#define SETTLE_MS	500
/* Ages are counted in ticks, a hundred a second at the least. */
#define TICKS_MS	50
/*
 * Unanswered keepalives add up until the peer is heard again, and at
 * TCP_KEEPCNT (9) the kernel ends the connection.  Stay this far from it.
 */
#define PROBES_LEFT	4

/* One that is asked. */
struct copy {
	int fd;			/* -1: nothing to do any more */
	int rounds;		/* keepalives that we have asked for */
	int64_t began;		/* of the question, ms */
	int64_t poked, sent;	/* of the last round; sent 0: not yet */
	struct tcp_info first;	/* when it began */
	size_t slot;		/* of the guard; NO_SLOT: nothing is set */
	size_t twin;		/* an earlier one of the same socket, or itself */
};

#define NO_SLOT	((size_t)-1)

/* All of one call. */
struct asking {
	struct plat_nudge *v;
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

static int
get_int(int fd, int level, int name, int *value)
{
	socklen_t len = sizeof(*value);

	return getsockopt(fd, level, name, value, &len);
}

static int
set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

/*
 * A copy of the socket, of this very process and this very socket: pinned
 * before, compared after.
 */
static int
steal(struct plat *pl, const struct plat_nudge *ng)
{
	struct stat st;
	int fd, pidfd, saved;

	if ((pidfd = syscall(SYS_pidfd_open, ng->row.pid, 0)) == -1)
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

static enum plat_nudged
refusal(int error)
{
	if (plat_failed(error))
		return PLAT_NUDGE_BUSY;
	switch (error) {
	case EPERM:
	case EACCES:
		return PLAT_NUDGE_DENIED;
	case ESRCH:
	case EBADF:
		return PLAT_NUDGE_GONE;
	default:
		return PLAT_NUDGE_UNSUPPORTED;
	}
}

/* Sets the timer off; once more for a second keepalive. */
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
 * Does data wait, sent or not?  Then the kernel sends no keepalive, and what
 * becomes of the data is the answer.
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

	return get_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms) == 0 && ms != 0;
}

/* May it be sent two more keepalives? */
static int
can_be_poked(int fd, const struct tcp_info *ti)
{
	int count;

	return get_int(fd, IPPROTO_TCP, TCP_KEEPCNT, &count) == 0 &&
	    (int)ti->tcpi_probes + PROBES_LEFT < count && !is_impatient(fd);
}

static int
look(struct plat_nudge *ng, const struct copy *c, struct tcp_info *ti)
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
drop(struct asking *a, struct copy *c)
{
	if (c->fd == -1)
		return;
	if (c->slot != NO_SLOT)
		guard_restore(&a->guard, c->slot);
	close(c->fd);
	c->fd = -1;
}

/* Two tunnels may have one connection.  Twice set it would be restored wrong. */
static size_t
find_twin(const struct plat_nudge *v, size_t i)
{
	size_t k;

	for (k = 0; k < i && v[k].key != v[i].key; k++)
		continue;
	return k;
}

static void
copy_answer(struct plat_nudge *ng, const struct plat_nudge *from)
{
	ng->result = from->result;
	ng->heard = from->heard;
	ng->retrans = from->retrans;
	ng->probes = from->probes;
	ng->waits = from->waits;
}

static void
begin(struct plat *pl, struct plat_nudge *ng, struct copy *c)
{
	/* The numbers of another namespace are other processes here. */
	if (pl->live->foreign) {
		ng->result = PLAT_NUDGE_BUSY;
		return;
	}
	if ((c->fd = steal(pl, ng)) == -1) {
		ng->result = refusal(errno);
		return;
	}
	c->began = ms_now();
	ng->result = PLAT_NUDGE_UNSUPPORTED;
	if (look(ng, c, &c->first) == 0) {
		ng->result = ng->waits ? PLAT_NUDGE_WAITING : PLAT_NUDGE_BUSY;
		if (c->first.tcpi_state != PLAT_TCP_ESTAB)
			ng->result = PLAT_NUDGE_RESET;
		else if (ng->waits || can_be_poked(c->fd, &c->first))
			return;
	}
	close(c->fd);
	c->fd = -1;
}

/*
 * Something came from the peer after the question.  While data waits for its
 * acknowledgement only that counts: packets may get through in one direction
 * alone.
 */
static int
is_answer(const struct copy *c, const struct tcp_info *ti, int64_t now)
{
	if (ti->tcpi_bytes_acked > c->first.tcpi_bytes_acked)
		return 1;
	return ti->tcpi_unacked == 0 && ti->tcpi_last_ack_recv + TICKS_MS <
	    c->first.tcpi_last_ack_recv + (now - c->began);
}

/* Both keepalives are out, counted by the kernel, and had their time. */
static int
is_silence(const struct plat_nudge *ng, const struct copy *c, int64_t now)
{
	return c->rounds == 2 && !ng->waits &&
	    ng->probes >= c->first.tcpi_probes + 2u &&
	    now - c->poked >= SETTLE_MS;
}

/* 1: there is an answer, one way or the other. */
static int
answered(struct plat_nudge *ng, struct copy *c)
{
	int64_t now = ms_now();
	struct tcp_info ti;

	if (look(ng, c, &ti) == -1 || ti.tcpi_state != PLAT_TCP_ESTAB) {
		ng->result = PLAT_NUDGE_RESET;
		return 1;
	}
	if (is_answer(c, &ti, now)) {
		ng->result = PLAT_NUDGE_ANSWERED;
		return 1;
	}
	if (c->rounds > 0 && c->sent == 0 &&
	    ng->probes >= c->first.tcpi_probes + (unsigned)c->rounds)
		c->sent = now;
	if (is_silence(ng, c, now)) {
		ng->result = PLAT_NUDGE_SILENT;
		return 1;
	}
	if (c->rounds > 0 || ng->waits)
		ng->result = PLAT_NUDGE_WAITING;
	return 0;
}

/* One step on. */
static void
go_on(struct asking *a, struct plat_nudge *ng, struct copy *c)
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
		ng->result = PLAT_NUDGE_UNSUPPORTED;
		drop(a, c);
	}
}

/* Those that need a keepalive are handed to a guard before any is sent one. */
static int
set_guard(struct asking *a)
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

/* Without the guard nothing may be set any more, and the rest is unknown. */
static int
is_guarded(struct asking *a)
{
	return a->guard.v == NULL || guard_is_alive(&a->guard);
}

static void
ask(struct asking *a, int ms)
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
linux_nudge(struct plat *pl, struct plat_nudge *v, size_t n, int ms)
{
	struct asking a = { .v = v, .n = n };
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
