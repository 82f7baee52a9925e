/* SPDX-License-Identifier: ISC */
/*
 * reach.c: connects to the listeners of tunnels, and finds out whether the
 * tunnel accepted the connection.
 *
 * Each connection is made as the user of the tunnel, if necessary by a child.
 * The child passes the connection on, so that it can be looked up among the
 * sockets while it is open.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/asuser.h"
#include "compat/compat.h"
#include "compat/ms.h"
#include "reach.h"
#include "core/resolve.h"
#include "core/socket.h"

/* The time that a child needs to start and end. */
#define CHILD_MS	1000
/* The sockets are read again after this time, then after twice this time. */
#define FIRST_LOOK_MS	5
#define LAST_LOOK_MS	320

/* --- one connection ------------------------------------------------------ */

static void
reach_close(struct reach *r)
{
	if (r->fd != -1)
		close(r->fd);
	r->fd = -1;
}

/*
 * A path may lead to a file system that does not answer, or to a socket of
 * another machine.
 */
static int
connect_path(struct reach *r)
{
	struct resolver rs;
	struct resolved to;
	int result, saved;

	resolve_init(&rs);
	result = resolve(&rs, r->to.un.sun_path, RESOLVE_FOLLOW |
	    RESOLVE_OWNED, r->c->verdict.tun.uid, &to);
	if (result == -1)
		r->remote = errno == EREMOTE;
	else
		result = plat_connect(r->fd, to.dir, to.name, &to.st);
	saved = errno;
	resolve_end(&rs);
	errno = saved;
	return result;
}

static int
connect_to(struct reach *r)
{
	return r->to.sa.sa_family == AF_UNIX ? connect_path(r) :
	    connect(r->fd, &r->to.sa, r->tolen);
}

/* Starts the connection; the descriptor is -1 if it fails at once. */
static void
reach_start(struct reach *r)
{
	if ((r->fd = socket_new(r->to.sa.sa_family)) != -1 &&
	    connect_to(r) == -1 && errno != EINPROGRESS && errno != EINTR)
		reach_close(r);
}

/*
 * Sets the result.  The connection is kept until it is known who accepted it.
 */
static void
settle(struct reach *r, enum reach_result result)
{
	if (r->result == REACH_SILENT)
		r->result = result;
	if (result == REACH_END)
		r->over = 1;
	if (result == REACH_FAILED)
		reach_close(r);
}

static int
say(struct reach *r, const unsigned char *words, size_t n)
{
	return send(r->fd, words, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* RFC 1928: no authentication. */
static int
socks_greet(struct reach *r)
{
	static const unsigned char words[] = { 5, 1, 0 };

	return say(r, words, sizeof(words));
}

/* CONNECT to 127.0.0.1:1. */
static int
socks_ask(struct reach *r)
{
	static const unsigned char words[] = { 5, 1, 0, 1, 127, 0, 0, 1, 0, 1 };

	r->asked = 1;
	return say(r, words, sizeof(words));
}

/*
 * The client itself sends the two bytes of the greeting.  What follows, a reply
 * or the end of the connection, comes from the server.  The request waits for
 * the greeting: with both at once, ssh 10.6 ends a connection that the server
 * refuses without a byte.
 */
static void
socks_hear(struct reach *r, ssize_t n)
{
	r->said += (int)n;
	if (r->said > 2)
		settle(r, REACH_DATA);
	else if (r->said == 2 && !socks_ask(r))
		settle(r, REACH_FAILED);
}

static void
step(struct reach *r)
{
	unsigned char buf[512];
	socklen_t len;
	ssize_t n;
	int error;

	if (!r->connected) {
		len = sizeof(error);
		if (getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &len) ==
		    -1 || error != 0) {
			settle(r, REACH_FAILED);
			return;
		}
		r->connected = 1;
		r->result = REACH_SILENT;
		if (r->what == REACH_SERVER && !socks_greet(r))
			settle(r, REACH_FAILED);
		return;
	}
	n = recv(r->fd, buf, sizeof(buf), 0);
	if (n > 0 && r->what == REACH_SERVER)
		socks_hear(r, n);
	else if (n > 0)
		settle(r, REACH_DATA);
	else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK &&
	    errno != EINTR))
		settle(r, REACH_END);
}

/* The address at which the forward listens; for a wildcard, the loopback. */
int
reach_set(struct reach *r, const struct tun_addr *a)
{
	static const unsigned char any[16], one[16] = { [15] = 1 };

	memset(&r->to, 0, sizeof(r->to));
	r->fd = -1;
	switch (a->family) {
	case AF_INET:
		r->to.in.sin_family = AF_INET;
		r->to.in.sin_port = htons(a->port);
		if (memcmp(a->ip, any, 4) == 0)
			r->to.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		else
			memcpy(&r->to.in.sin_addr, a->ip, 4);
		r->tolen = sizeof(r->to.in);
		return 1;
	case AF_INET6:
		r->to.in6.sin6_family = AF_INET6;
		r->to.in6.sin6_port = htons(a->port);
		memcpy(&r->to.in6.sin6_addr, memcmp(a->ip, any, 16) == 0 ?
		    one : a->ip, 16);
		r->tolen = sizeof(r->to.in6);
		return 1;
	case AF_UNIX:
		if (a->path == NULL || *a->path != '/' ||
		    strlcpy(r->to.un.sun_path, a->path,
		    sizeof(r->to.un.sun_path)) >= sizeof(r->to.un.sun_path))
			return 0;
		r->to.un.sun_family = AF_UNIX;
		r->tolen = sizeof(r->to.un);
		return 1;
	default:
		return 0;
	}
}

/* --- as their users ------------------------------------------------------ */

/*
 * The connections of one user, and the socket over which a child of ours passes
 * them on; -1: no child.
 */
struct starting {
	struct reach *v;
	size_t n;
	int to;
};

/* Passes on the connections that were started, in their order. */
static void
hand_over(const struct starting *s)
{
	int fds[SOCKET_FDS];
	size_t i, n = 0;

	for (i = 0; i < s->n; i++) {
		if (s->v[i].fd != -1)
			fds[n++] = s->v[i].fd;
		if (n == SOCKET_FDS || (i + 1 == s->n && n > 0)) {
			if (socket_send_fds(s->to, fds, n) == -1)
				return;
			n = 0;
		}
	}
}

static void
take_over(struct starting *s, int from)
{
	int fds[SOCKET_FDS];
	size_t i, k = 0, n = 0;

	for (i = 0; i < s->n; i++) {
		if (s->v[i].fd == -1)
			continue;
		if (k == n) {
			k = 0;
			n = socket_receive_fds(from, fds);
		}
		s->v[i].fd = k < n ? fds[k++] : -1;
	}
}

static void
start_all(void *arg)
{
	struct starting *s = arg;
	size_t i;

	for (i = 0; i < s->n; i++)
		reach_start(&s->v[i]);
	if (s->to != -1)
		hand_over(s);
}

static int
start_as(uid_t uid, struct reach *v, size_t n)
{
	struct starting s = { v, n, -1 };
	int ends[2], r;

	if (uid == geteuid()) {
		start_all(&s);
		return 0;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		return -1;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	s.to = ends[1];
	r = asuser_run_with(uid, &s.to, start_all, &s, v, n * sizeof(*v),
	    CHILD_MS);
	close(ends[1]);
	if (r == 0)
		take_over(&s, ends[0]);
	close(ends[0]);
	/* If it is not allowed, or the child has died, these were not tried. */
	return r == -1 && !plat_failed(errno) ? 0 : r;
}

/*
 * Works in runs of the same user, because the candidates of one list mostly
 * belong to one user.
 */
static int
start_users(struct reach *v, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i += k) {
		for (k = 1; i + k < n && v[i + k].c->verdict.tun.uid ==
		     v[i].c->verdict.tun.uid; k++)
			continue;
		if (start_as(v[i].c->verdict.tun.uid, v + i, k) == -1)
			return -1;
	}
	return 0;
}

/* --- who accepted them ---------------------------------------------------- */

/* Would this listener accept it, by the same address or by a wildcard? */
static int
would_take(const struct plat_sock *sk, const struct reach_ends *e, int exact)
{
	if (!sock_is_inet(sk) || !sock_is_listener(sk) ||
	    sk->local.port != e->there.port)
		return 0;
	if (exact)
		return addr_same(sk->family, &sk->local, e->family, &e->there);
	return addr_is_any(sk->local.ip) &&
	    (sk->family == AF_INET6 || e->family == AF_INET);
}

/*
 * Do all listeners that would accept it, and at least one, belong to the
 * process?  A listener at the very address comes before a wildcard.
 */
static int
only_its_own(const struct reach_ends *e, const struct plat_sock *socks,
    size_t nsocks, const struct plat_fd *fds, size_t nfds)
{
	size_t i, found = 0;
	int exact;

	for (exact = 1; found == 0 && exact >= 0; exact--)
		for (i = 0; i < nsocks; i++) {
			if (!would_take(&socks[i], e, exact))
				continue;
			if (!fds_have(fds, nfds, PLAT_FD_SOCKET,
			    socks[i].key))
				return 0;
			found++;
		}
	return found > 0;
}

/* Is it the other end of our connection? */
static int
is_other_end(const struct plat_sock *sk, const struct reach_ends *e)
{
	if (e->family == AF_UNIX)
		return sk->family == AF_UNIX && e->key != 0 &&
		    sk->known & PLAT_SOCK_PEER && sk->peer_key == e->key;
	return sock_is_inet(sk) && !sock_is_listener(sk) &&
	    addr_same(sk->family, &sk->local, e->family, &e->there) &&
	    addr_same(sk->family, &sk->peer, e->family, &e->here);
}

/*
 * An end without a key belongs to no process: it waits to be accepted, or was
 * closed.  It still has the address at which it arrived, which differs from
 * ours if a packet filter sent it elsewhere.
 */
enum reach_taken
reach_taken_by(const struct reach_ends *e, const struct plat_sock *socks,
    size_t nsocks, const struct plat_fd *fds, size_t nfds)
{
	const struct plat_sock *sk;
	size_t i;
	int left = 0;

	for (i = 0; i < nsocks; i++) {
		sk = &socks[i];
		if (!is_other_end(sk, e))
			continue;
		if (fds_have(fds, nfds, PLAT_FD_SOCKET, sk->key))
			return TAKEN;
		left |= sk->key == 0 && sk->state != PLAT_TCP_ESTAB &&
		    sk->state != PLAT_TCP_SYN_RECV;
	}
	return left && e->family != AF_UNIX &&
	    only_its_own(e, socks, nsocks, fds, nfds) ? TAKEN_OVER :
	    TAKEN_UNKNOWN;
}

static int
name_end(int fd, int (*ask)(int, struct sockaddr *, socklen_t *), int *family,
    struct plat_addr *a)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} u;
	socklen_t len = sizeof(u);

	memset(&u, 0, sizeof(u));
	memset(a, 0, sizeof(*a));
	if (ask(fd, &u.sa, &len) == -1)
		return -1;
	*family = u.sa.sa_family;
	if (*family == AF_INET) {
		memcpy(a->ip, &u.in.sin_addr, 4);
		a->port = ntohs(u.in.sin_port);
	} else if (*family == AF_INET6) {
		memcpy(a->ip, &u.in6.sin6_addr, 16);
		a->port = ntohs(u.in6.sin6_port);
	}
	return 0;
}

static int
name_ends(const struct reach *r, struct reach_ends *e)
{
	struct stat st;

	memset(e, 0, sizeof(*e));
	if (fstat(r->fd, &st) == -1)
		return -1;
	/*
	 * If this is not a socket's key, the table of sockets does not have it.
	 */
	e->key = st.st_ino;
	return name_end(r->fd, getsockname, &e->family, &e->here) == -1 ||
	    name_end(r->fd, getpeername, &e->family, &e->there) == -1 ? -1 : 0;
}

/* What is needed to tell who accepted a connection. */
struct look {
	struct reach *r;
	struct reach_ends ends;
	struct plat_fd *fds;
	size_t nfds;
};

/*
 * Collects the connections that are open and not known yet, and the descriptors
 * of their processes.
 */
static int
prepare(struct plat *pl, struct reach *v, size_t n, struct look *looks,
    size_t *np)
{
	struct look *l;
	size_t i, limit;

	for (i = 0; i < n; i++) {
		if (v[i].fd == -1 || !v[i].connected ||
		    v[i].taken != TAKEN_UNKNOWN)
			continue;
		l = &looks[*np];
		l->r = &v[i];
		if (name_ends(&v[i], &l->ends) == -1)
			continue;
		if (plat_fds(pl, &v[i].c->facts->row, &l->fds, &l->nfds,
		    &limit) == 0)
			++*np;
		else if (plat_failed(errno))
			return -1;
		else
			v[i].taken = TAKEN_UNREADABLE;
	}
	return 0;
}

static int
read_sockets(struct plat *pl, const struct look *looks, size_t n,
    struct plat_sock **socksp, size_t *np)
{
	size_t i, k = 0, room = n;
	uint64_t *keys;
	int r;

	for (i = 0; i < n; i++)
		room += looks[i].nfds;
	if ((keys = calloc(room, sizeof(*keys))) == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		keys[k++] = looks[i].ends.key;
		k += sockset_keys(looks[i].fds, looks[i].nfds, keys + k);
	}
	r = plat_socks(pl, keys, k, PLAT_SOCKS_LISTEN | PLAT_SOCKS_ALL |
	    PLAT_SOCKS_UNIX | PLAT_SOCKS_LEFT, NULL, socksp, np);
	free(keys);
	return r;
}

static void
tell_who(struct look *l, const struct plat_sock *socks, size_t n)
{
	l->r->taken = reach_taken_by(&l->ends, socks, n, l->fds, l->nfds);
	/*
	 * A packet filter cannot redirect a path, and the scan has seen its
	 * owner.
	 */
	if (l->r->taken == TAKEN_UNKNOWN && l->r->over &&
	    l->ends.family == AF_UNIX)
		l->r->taken = TAKEN_OVER;
}

static int
look_who(struct plat *pl, struct reach *v, size_t n)
{
	struct look *looks = calloc(n, sizeof(*looks));
	struct plat_sock *socks = NULL;
	size_t i, k = 0, nsocks;
	int r = -1;

	if (looks != NULL && prepare(pl, v, n, looks, &k) == 0 &&
	    (k == 0 || read_sockets(pl, looks, k, &socks, &nsocks) == 0))
		r = 0;
	for (i = 0; r == 0 && i < k; i++)
		tell_who(&looks[i], socks, nsocks);
	for (i = 0; i < k; i++)
		free(looks[i].fds);
	free(socks);
	free(looks);
	return r;
}

/* --- all together -------------------------------------------------------- */

/* Can nothing more be learnt of it? */
static int
is_settled(const struct reach *r)
{
	if (r->fd == -1)
		return 1;
	if (r->taken == TAKEN_UNREADABLE)
		return 1;
	return r->result != REACH_SILENT && r->connected &&
	    (r->taken != TAKEN_UNKNOWN || r->over);
}

static int
look_at_all(struct plat *pl, struct reach *v, size_t n)
{
	size_t i;

	if (look_who(pl, v, n) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (is_settled(&v[i]))
			reach_close(&v[i]);
	return 0;
}

/*
 * Waits until left, and handles the events.  Returns the number of connections
 * with a result.
 */
static size_t
wait_and_step(struct reach *v, size_t n, struct pollfd *fds, int left)
{
	size_t i, k = 0, open = 0;

	for (i = 0; i < n; i++) {
		/* A connection that is over is always ready. */
		if (v[i].fd == -1 || v[i].over)
			continue;
		fds[open].fd = v[i].fd;
		fds[open].revents = 0;
		fds[open++].events = v[i].connected ? POLLIN : POLLOUT;
	}
	if (poll(fds, open, left) <= 0)
		return 0;
	for (i = open = 0; i < n; i++)
		if (v[i].fd != -1 && !v[i].over && fds[k++].revents != 0) {
			step(&v[i]);
			open++;
		}
	return open;
}

static size_t
count_open(const struct reach *v, size_t n)
{
	size_t i, open = 0;

	for (i = 0; i < n; i++)
		open += v[i].fd != -1;
	return open;
}

static int
attend(struct plat *pl, struct reach *v, size_t n, struct pollfd *fds,
    int64_t deadline)
{
	int left, pause = FIRST_LOOK_MS;
	int64_t look = ms_now();

	while (count_open(v, n) > 0 && (left = ms_left(deadline)) > 0) {
		if (left > ms_left(look))
			left = ms_left(look);
		if (wait_and_step(v, n, fds, left) == 0 && ms_left(look) > 0)
			continue;
		if (look_at_all(pl, v, n) == -1)
			return -1;
		if (ms_left(look) == 0) {
			look = ms_now() + pause;
			pause = pause < LAST_LOOK_MS ? pause * 2 : pause;
		}
	}
	return 0;
}

int
reach_all(struct plat *pl, struct reach *v, size_t n, int ms)
{
	struct pollfd *fds;
	size_t i;
	int r;

	if (n == 0)
		return 0;
	for (i = 0; i < n; i++) {
		v[i].result = REACH_FAILED;
		v[i].taken = TAKEN_UNKNOWN;
		v[i].fd = -1;
		v[i].connected = v[i].said = v[i].asked = 0;
		v[i].over = v[i].remote = 0;
	}
	if ((fds = calloc(n, sizeof(*fds))) == NULL)
		return -1;
	if ((r = start_users(v, n)) == 0)
		r = attend(pl, v, n, fds, ms_now() + ms);
	free(fds);
	return r;
}

void
reach_end(struct reach *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		reach_close(&v[i]);
}
