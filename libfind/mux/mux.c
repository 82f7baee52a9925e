/* SPDX-License-Identifier: ISC */
/*
 * Asks ssh masters over their control sockets: many conversations at once,
 * under one deadline.  dial.c connects; mux_wire.c has the protocol.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/asuser.h"
#include "compat/compat.h"
#include "core/dial.h"
#include "compat/ms.h"
#include "mux.h"
#include "core/resolve.h"
#include "core/socket.h"

/* The time that a child needs to start and end, besides its own deadline. */
#define CHILD_MS	500

enum conn_phase {
	CONN_WAITING,		/* not started, or no free descriptor yet */
	CONN_CONNECTING,
	CONN_TALKING,
	CONN_OVER
};

/* One conversation and its socket. */
struct mux_conn {
	enum conn_phase phase;
	const char *path;
	uid_t uid;
	int fd;
	int null;		/* input and output of a stdio forward */
	struct dial dial;
	int passes;		/* times that null is still to be passed */
	struct mux_talk talk;
};

/* --- one connection ------------------------------------------------------ */

/* A request that is not allowed ends the talk before it starts. */
static void
set_request(struct mux_conn *c, const struct mux_query *q)
{
	switch (q->request) {
	case 0:
	case MUX_ALIVE_CHECK:
		break;
	case MUX_OPEN_FWD:
	case MUX_CLOSE_FWD:
		mux_ask_fwd(&c->talk, q->request, q->fwd);
		break;
	case MUX_EXT_INFO:
		mux_ask_info(&c->talk, q->what);
		break;
	case MUX_NEW_STDIO_FWD:
		/*
		 * The server is asked to connect to its own port 1.  The null
		 * device is passed: after a timeout the master keeps these
		 * descriptors until its server has answered.
		 */
		mux_ask_stdio(&c->talk, "127.0.0.1", 1);
		c->passes = 2;
		break;
	default:
		mux_ask(&c->talk, q->request);
		break;
	}
}

static void
conn_init(struct mux_conn *c, const struct mux_query *q)
{
	c->path = q->path;
	c->uid = q->uid;
	c->fd = -1;
	c->null = -1;
	c->dial.wait = -1;
	c->passes = 0;
	mux_talk_init(&c->talk, q->reply.text, q->reply.room);
	c->talk.want_pid = q->pid;
	set_request(c, q);
	c->phase = c->talk.phase == MUX_DONE ? CONN_OVER : CONN_WAITING;
}

/* The conversation is over: closes the descriptors. */
static void
conn_close(struct mux_conn *c)
{
	if (c->fd != -1)
		close(c->fd);
	if (c->null != -1)
		close(c->null);
	dial_end(&c->dial);
	c->fd = c->null = -1;
	c->phase = CONN_OVER;
}

static void
conn_fail(struct mux_conn *c, int error, const char *text)
{
	mux_talk_fail(&c->talk, error, text);
	conn_close(c);
}

/* A call failed.  These are the errors that mean a hung or refusing master. */
static void
conn_errno(struct mux_conn *c, int error)
{
	switch (error) {
	case EAGAIN:
		/*
		 * Linux: the backlog of 64 is full, so the master does not
		 * accept.  Do not try again: each attempt takes one more place
		 * in it.
		 */
		conn_fail(c, ETIMEDOUT, "does not accept");
		break;
	case ECONNREFUSED:
		conn_fail(c, error, "nobody listens");
		break;
	case ENOENT:
		conn_fail(c, error, "no such path");
		break;
	case EACCES:
	case EPERM:
		conn_fail(c, EPERM, "may not connect");
		break;
	case EPROTOTYPE:
		conn_fail(c, EPROTO, "not a stream socket");
		break;
	case ECONNRESET:
	case ENOTCONN:
	case EPIPE:
		conn_fail(c, ECONNABORTED, "closes on us");
		break;
	default:
		conn_fail(c, error, strerror(error));
		break;
	}
}

/*
 * The owner of the path was checked before; this checks the user who listens.
 * Root is accepted, because it could act as any user.
 */
static void
conn_connected(struct mux_conn *c)
{
	uid_t uid;
	gid_t gid;

	if (getpeereid(c->fd, &uid, &gid) == -1)
		conn_errno(c, errno);
	else if (uid != c->uid && uid != 0)
		conn_fail(c, EPERM, "another user listens");
	else
		c->phase = CONN_TALKING;
}

/* Waits until other conversations have closed descriptors. */
static void
conn_put_off(struct mux_conn *c)
{
	conn_close(c);
	c->phase = CONN_WAITING;
}

/* The result of an attempt to connect, with errno if it failed. */
static void
conn_dialled(struct mux_conn *c, int r)
{
	if (r == 0)
		conn_connected(c);
	else if (errno == EINPROGRESS)
		c->phase = CONN_CONNECTING;
	else if (errno == EMFILE || errno == ENFILE)
		conn_put_off(c);
	else if (c->dial.text[0] != '\0')
		conn_fail(c, errno, c->dial.text);
	else if (errno == EINTR)
		c->phase = CONN_CONNECTING;
	else
		conn_errno(c, errno);
}

/* Starts to connect; stays CONN_WAITING if no descriptor is free. */
static void
conn_start(struct mux_conn *c, struct resolver *rs)
{
	c->dial.text[0] = '\0';
	if ((c->fd = socket_new(AF_UNIX)) != -1 && c->passes > 0)
		c->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (c->fd != -1 && (c->passes == 0 || c->null != -1))
		conn_dialled(c, dial_start(rs, c->path, c->uid, c->fd,
		    &c->dial));
	else if (errno == EMFILE || errno == ENFILE)
		conn_put_off(c);
	else
		conn_fail(c, errno, strerror(errno));
}

/* The descriptors follow the request. */
static int
has_output(const struct mux_conn *c)
{
	return c->talk.outlen > 0 ||
	    (c->talk.phase == MUX_ASK && c->passes > 0);
}

/*
 * Each descriptor is sent by itself with one byte of data, because ssh's
 * mm_receive_fd() expects that.
 */
static void
conn_write(struct mux_conn *c)
{
	ssize_t n;

	while (has_output(c)) {
		if (c->talk.outlen > 0) {
			n = send(c->fd, c->talk.out, c->talk.outlen,
			    MSG_NOSIGNAL);
			if (n > 0)
				mux_talk_sent(&c->talk, (size_t)n);
		} else if ((n = socket_send_fds(c->fd, &c->null, 1)) == 0)
			c->passes--;
		if (n == -1 && errno != EINTR) {
			if (errno != EAGAIN && errno != EWOULDBLOCK)
				conn_errno(c, errno);
			return;
		}
	}
}

/*
 * One read for each turn, so that a master that sends a lot does not delay the
 * others.
 */
static void
conn_read(struct mux_conn *c)
{
	unsigned char buf[8192];
	ssize_t n;

	n = recv(c->fd, buf, sizeof(buf), 0);
	if (n > 0)
		mux_talk_input(&c->talk, buf, (size_t)n);
	else if (n == 0)
		mux_talk_eof(&c->talk);
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		conn_errno(c, errno);
}

/* Handles an event on the socket. */
static void
conn_step(struct mux_conn *c)
{
	socklen_t len;
	int error = 0;

	if (c->phase == CONN_CONNECTING && c->dial.wait != -1)
		conn_dialled(c, dial_result(&c->dial));
	else if (c->phase == CONN_CONNECTING) {
		len = sizeof(error);
		if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
			error = errno;
		if (error != 0)
			conn_errno(c, error);
		else
			conn_connected(c);
	}
	if (c->phase == CONN_TALKING)
		conn_read(c);
	if (c->phase == CONN_TALKING)
		conn_write(c);
	if (c->phase == CONN_TALKING && c->talk.phase == MUX_DONE)
		conn_close(c);
}

static short
conn_events(const struct mux_conn *c)
{
	if (c->phase == CONN_CONNECTING)
		return c->dial.wait != -1 ? POLLIN : POLLOUT;
	return has_output(c) ? POLLIN | POLLOUT : POLLIN;
}

/* The deadline is over, or poll(2) has failed. */
static void
conn_give_up(struct mux_conn *c, int error)
{
	if (c->phase == CONN_OVER)
		return;
	if (c->phase == CONN_WAITING)
		conn_errno(c, EMFILE);
	else if (error != ETIMEDOUT)
		conn_errno(c, error);
	else if (c->dial.wait != -1)
		conn_fail(c, EREMOTE, resolve_error(error));
	else if (c->phase == CONN_CONNECTING)
		conn_fail(c, error, "does not accept");
	else if (c->talk.phase == MUX_GREET)
		conn_fail(c, error, "does not say hello in time");
	else
		conn_fail(c, error, "does not answer in time");
}

/* --- many connections ---------------------------------------------------- */

static int
is_open(const struct mux_conn *c)
{
	return c->phase == CONN_CONNECTING || c->phase == CONN_TALKING;
}

/*
 * Starts waiting conversations while there are descriptors, and lists the open
 * ones for poll(2), in order.  Only open ones are listed, because poll(2)
 * accepts no more entries than the limit of descriptors.
 */
static nfds_t
prepare(struct mux_conn *conns, size_t n, struct resolver *rs,
    struct pollfd *fds)
{
	nfds_t nfds = 0;
	int full = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (conns[i].phase == CONN_WAITING && !full) {
			conn_start(&conns[i], rs);
			full = conns[i].phase == CONN_WAITING;
		}
		if (is_open(&conns[i])) {
			fds[nfds].fd = conns[i].dial.wait != -1 ?
			    conns[i].dial.wait : conns[i].fd;
			fds[nfds].events = conn_events(&conns[i]);
			fds[nfds].revents = 0;
			nfds++;
		}
	}
	return nfds;
}

static void
run(struct mux_conn *conns, size_t n, struct pollfd *fds, int ms)
{
	int64_t deadline = ms_now() + ms;
	struct resolver rs;
	struct pollfd *fd;
	nfds_t nfds;
	size_t i;
	int left, ready, error = ETIMEDOUT;

	resolve_init(&rs);
	while ((nfds = prepare(conns, n, &rs, fds)) > 0) {
		left = ms_left(deadline);
		ready = poll(fds, nfds, left);
		if (ready == -1 && errno != EINTR) {
			error = errno;
			break;
		}
		for (i = 0, fd = fds; ready > 0 && i < n; i++)
			if (is_open(&conns[i]) && (fd++)->revents != 0)
				conn_step(&conns[i]);
		if (left == 0)
			break;
	}
	for (i = 0; i < n; i++)
		conn_give_up(&conns[i], error);
	resolve_end(&rs);
}

/* --- queries ------------------------------------------------------------- */

struct mux_query *
mux_queries(size_t n, size_t room)
{
	struct mux_query *v;
	char *text;
	size_t i;

	if ((v = calloc(n, sizeof(*v) + room)) == NULL)
		return NULL;
	text = (char *)(v + n);
	for (i = 0; i < n; i++) {
		v[i].reply.text = text + i * room;
		v[i].reply.room = room;
	}
	return v;
}

/* None could be asked. */
static void
fail_all(struct mux_query *v, size_t n, int error)
{
	size_t i;

	for (i = 0; i < n; i++) {
		v[i].error = error;
		strlcpy(v[i].reply.text, error == EPERM ?
		    "another user's socket" : strerror(error),
		    v[i].reply.room);
	}
}

/* The queries of one user, and what is needed to ask them. */
struct mux_asking {
	struct mux_query *v;
	size_t n;
	int ms;
	struct mux_conn *conns;
	struct pollfd *fds;
};

static void
ask_all(void *arg)
{
	const struct mux_asking *as = arg;
	size_t i;

	for (i = 0; i < as->n; i++)
		conn_init(&as->conns[i], &as->v[i]);
	run(as->conns, as->n, as->fds, as->ms);
	for (i = 0; i < as->n; i++) {
		as->v[i].error = as->conns[i].talk.error;
		as->v[i].reply = as->conns[i].talk.reply;
	}
}

/*
 * The pointers of the queries are valid in a child, which is a copy of this
 * process, and are the same when it has returned them.
 */
int
mux_ask_as(uid_t uid, struct mux_query *v, size_t n, int ms)
{
	struct mux_asking as = { v, n, ms, NULL, NULL };
	int r = -1;

	if (n == 0)
		return 0;
	if (ms < 0) {
		errno = EINVAL;
		return -1;
	}
	as.conns = calloc(n, sizeof(*as.conns));
	as.fds = calloc(n, sizeof(*as.fds));
	if (as.conns != NULL && as.fds != NULL) {
		if (asuser_run(uid, ask_all, &as, v,
		    n * (sizeof(*v) + v->reply.room), ms + CHILD_MS) == -1)
			fail_all(v, n, errno);
		r = 0;
	}
	free(as.conns);
	free(as.fds);
	return r;
}

enum tun_ctl
mux_ctl(const struct mux_query *q, pid_t pid)
{
	switch (q->error) {
	case 0:
		return pid != 0 && pid != q->reply.pid ? TUN_CTL_REPLACED :
		    TUN_CTL_OK;
	case ETIMEDOUT:
		return TUN_CTL_HUNG;
	case ECONNREFUSED:
		return TUN_CTL_DEAD;
	case ENOENT:
		return TUN_CTL_LOST;
	case ECONNABORTED:
		return TUN_CTL_DENIED;
	case EPROTO:
		return TUN_CTL_NOMASTER;
	case EPERM:
	case ENAMETOOLONG:
		return TUN_CTL_UNSAFE;
	default:
		return TUN_CTL_UNKNOWN;
	}
}
