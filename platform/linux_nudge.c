/* SPDX-License-Identifier: ISC */
/*
 * linux_nudge.c: does the peer of another process's connection still answer?
 *
 * A copy of its socket (pidfd_getfd(2), Linux 5.6) is told that one idle
 * second is enough for a keepalive: the kernel sends one at once.  An answer
 * shows as a fresh tcpi_last_ack_recv.  No byte of the connection's data is
 * touched and its process never wakes.
 *
 * What the socket was set to is put back before we return, with signals held
 * off and others who ask kept waiting in between.  TCP_KEEPCNT is left alone:
 * a lower one would make the kernel end the connection.
 */
#define _GNU_SOURCE
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "impl.h"
#include "ms.h"
#include "platform.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open	434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd	438
#endif

/* Heard of less than this ago, a peer needs no asking. */
#define FRESH_MS	1500
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

struct copy {
	int fd;			/* -1: nothing to do any more */
	int keepalive, idle;	/* as they were */
	int changed;
	int rounds;
	int64_t began, poked;	/* ms */
	uint32_t before;	/* tcpi_last_ack_recv when it began, ms */
	unsigned probes;	/* tcpi_probes, likewise */
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
	struct plat_proc row;
	struct stat st;
	int fd, pidfd, saved;

	if ((pidfd = syscall(SYS_pidfd_open, ng->row.pid, 0)) == -1)
		return -1;
	memset(&row, 0, sizeof(row));
	row.pid = ng->row.pid;
	if (plat_rows(pl, &row, 1) == -1 || row.pid == 0 ||
	    memcmp(row.ident, ng->row.ident, sizeof(row.ident)) != 0) {
		close(pidfd);
		errno = ESRCH;
		return -1;
	}
	fd = syscall(SYS_pidfd_getfd, pidfd, ng->fd, 0);
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
	c->changed = 1;
	c->poked = ms_now();
	if (set_int(c->fd, SOL_SOCKET, SO_KEEPALIVE, 1) == -1)
		return -1;
	return set_int(c->fd, IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S);
}

/*
 * Does data wait, sent or not?  Then the kernel sends no keepalive, and what
 * becomes of the data is the answer.
 */
static int
data_waits(int fd)
{
	int n;

	return ioctl(fd, SIOCOUTQ, &n) == -1 || n > 0;
}

/* With TCP_USER_TIMEOUT the second unanswered keepalive ends the connection. */
static int
is_impatient(int fd)
{
	int ms;

	return get_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms) == 0 && ms != 0;
}

/*
 * Two at once would each put back what the other has set.  The lock is on the
 * socket and of this process, so it ends with us however we end.  Where there
 * are no such locks we are as good as alone.
 */
static int
is_alone(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_SETLK, &whole) == 0 ||
	    (errno != EAGAIN && errno != EACCES);
}

static int
first_poke(struct copy *c)
{
	if (get_int(c->fd, SOL_SOCKET, SO_KEEPALIVE, &c->keepalive) == -1 ||
	    get_int(c->fd, IPPROTO_TCP, TCP_KEEPIDLE, &c->idle) == -1)
		return -1;
	return poke(c);
}

/*
 * Asks, unless the socket tells already or must be left alone.  1: there is
 * something to wait for, if only for another that asks.
 */
static int
ask(struct plat_nudge *ng, struct copy *c)
{
	struct tcp_info ti;
	int count;

	ng->result = PLAT_NUDGE_UNSUPPORTED;
	if (tcp_info(c->fd, &ti) == -1 ||
	    get_int(c->fd, IPPROTO_TCP, TCP_KEEPCNT, &count) == -1)
		return 0;
	c->began = ms_now();
	ng->heard = ti.tcpi_last_ack_recv;
	c->before = ti.tcpi_last_ack_recv;
	c->probes = ti.tcpi_probes;
	ng->result = PLAT_NUDGE_BUSY;
	if (ti.tcpi_state != TCP_ESTABLISHED)
		ng->result = PLAT_NUDGE_RESET;
	else if (ti.tcpi_unacked > 0 || data_waits(c->fd))
		return 0;
	else if (ti.tcpi_last_ack_recv < FRESH_MS)
		ng->result = PLAT_NUDGE_ANSWERED;
	else if ((int)ti.tcpi_probes + PROBES_LEFT >= count ||
	    is_impatient(c->fd))
		return 0;
	else if (!is_alone(c->fd) || first_poke(c) == 0)
		return 1;
	else
		ng->result = PLAT_NUDGE_UNSUPPORTED;
	return 0;
}

static void
end(struct copy *c)
{
	if (c->fd == -1)
		return;
	if (c->changed) {
		set_int(c->fd, IPPROTO_TCP, TCP_KEEPIDLE, c->idle);
		set_int(c->fd, SOL_SOCKET, SO_KEEPALIVE, c->keepalive);
	}
	close(c->fd);
	c->fd = -1;
}

/*
 * 1: there is an answer, one way or the other.  Until then the silence is no
 * verdict, unless both keepalives are out, counted by the kernel.
 */
static int
answered(struct plat_nudge *ng, const struct copy *c)
{
	struct tcp_info ti;
	int64_t now;

	if (tcp_info(c->fd, &ti) == -1 || ti.tcpi_state != TCP_ESTABLISHED) {
		ng->result = PLAT_NUDGE_RESET;
		return 1;
	}
	now = ms_now();
	ng->heard = ti.tcpi_last_ack_recv;
	if (ti.tcpi_last_ack_recv + TICKS_MS < c->before + (now - c->began)) {
		ng->result = PLAT_NUDGE_ANSWERED;
		return 1;
	}
	ng->result = c->rounds == 2 && ti.tcpi_probes >= c->probes + 2 &&
	    now - c->poked >= SETTLE_MS && !data_waits(c->fd) ?
	    PLAT_NUDGE_SILENT : PLAT_NUDGE_BUSY;
	return 0;
}

static void
begin(struct plat *pl, struct plat_nudge *ng, struct copy *c)
{
	if ((c->fd = steal(pl, ng)) == -1)
		ng->result = refusal(errno);
	else if (!ask(ng, c))
		end(c);
}

/* One step on; 0: there is no more to wait for. */
static int
go_on(struct plat_nudge *ng, struct copy *c)
{
	if (answered(ng, c))
		end(c);
	else if (c->rounds == 0 && !ask(ng, c))
		end(c);
	else if (c->rounds == 1 && ms_now() - c->poked >= AGAIN_MS)
		return poke(c) == 0;
	return c->fd != -1;
}

int
live_nudge(struct plat *pl, struct plat_nudge *v, size_t n, int ms)
{
	const struct timespec pause = { 0, POLL_MS * 1000000L };
	int64_t start = ms_now(), passed;
	sigset_t all, old;
	struct copy *copies;
	size_t i, open;

	if (n == 0)
		return 0;
	if ((copies = calloc(n, sizeof(*copies))) == NULL)
		return -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (i = 0; i < n; i++)
		begin(pl, &v[i], &copies[i]);
	do {
		passed = ms_now() - start;
		for (open = i = 0; i < n; i++)
			open += copies[i].fd != -1 &&
			    go_on(&v[i], &copies[i]);
	} while (open > 0 && passed < ms && nanosleep(&pause, NULL) == 0);
	for (i = 0; i < n; i++)
		end(&copies[i]);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	free(copies);
	return 0;
}
