/* SPDX-License-Identifier: ISC */
/* transport.c: the connection to the server that carries a tunnel. */
#include <sys/socket.h>

#include <limits.h>
#include <string.h>

#include "join.h"

/* Has it two pipes up to fd that may lead to a helper? fd -1: at any number. */
static int
has_pipes(const struct facts *f, int fd)
{
	uint64_t first = 0;
	size_t i;

	for (i = 0; i < f->nfds; i++) {
		if (!pipe_is_helpers(f, &f->fds[i]) ||
		    (fd != -1 && f->fds[i].fd > fd))
			continue;
		if (first != 0 && f->fds[i].key != first)
			return 1;
		first = f->fds[i].key;
	}
	return 0;
}

/*
 * Do pipes to a helper take the place of the connection h?  Then they were
 * opened first, but left one number free, so that h may stand just before them.
 * A dbclient may have more connections before them, which are its starter's.
 */
static int
pipes_lead_out(const struct facts *f, const struct held *h)
{
	return has_pipes(f, h != NULL && !(f->cmd.flags & CMD_DROPBEAR) ?
	    h->fd + 2 : -1);
}

/*
 * May its connection be no TCP socket?  A proxy command can pass one of any
 * family (ProxyUseFdpass), and those of most families are not in the set.  ssh
 * opens its connection first, so h is a channel if such a socket is lower.  A
 * lower unix socket may be one that a user database keeps open.
 */
static int
may_be_passed(const struct join *j, const struct holding *v,
    const struct held *h)
{
	const struct facts *f = v->c->facts;
	const struct held *u;
	size_t i;

	/* Other programs open sockets in any order, or keep their starter's. */
	if (h != NULL &&
	    (f->cmd.flags & CMD_DROPBEAR || f->cmd.kind == CMD_OTHER))
		return 0;
	for (i = 0; i < f->nfds; i++)
		if (f->fds[i].kind == PLAT_FD_SOCKET && f->fds[i].fd > 2 &&
		    (h == NULL || f->fds[i].fd < h->fd) &&
		    sockset_of(j->set, &f->fds[i]) == NULL)
			return 1;
	for (u = v->held; h == NULL && u < v->held + v->nheld; u++)
		if (u->fd > 2 && u->sk->family == AF_UNIX &&
		    !sock_is_listener(u->sk) && !u->accepted)
			return 1;
	return 0;
}

/*
 * The next descriptor from h on that is neither a listener nor accepted by one.
 * OpenSSH closes all but the standard descriptors when it starts, so these are
 * skipped: its starter passed them, and a network service passes the connection
 * of its own client there.
 */
static const struct held *
next_connection(const struct holding *v, const struct held *h)
{
	for (; h < v->held + v->nheld; h++)
		if (h->fd > 2 && sock_is_inet(h->sk) &&
		    !sock_is_listener(h->sk) && !h->accepted)
			return h;
	return NULL;
}

/*
 * The connection is the lowest such descriptor. A channel of -R looks the same
 * but is opened later, also where something else takes the place of the
 * connection.
 */
static const struct held *
find_connection(const struct holding *v)
{
	return next_connection(v, v->held);
}

/* Does it connect to the port of its server for a -R, too? */
static int
has_channels_to(const struct verdict *v, int port)
{
	size_t i;

	for (i = 0; i < v->tun.nfwds; i++)
		if (v->fwds[i].spec.kind == TUN_FWD_REMOTE &&
		    v->fwds[i].spec.connect.port == port)
			return 1;
	return 0;
}

/*
 * A dbclient keeps the sockets of its starter, in lower descriptors than its
 * connection: the one that leads to the port of its command line. It is NULL if
 * it cannot be told from another one.
 */
static const struct held *
find_dropbear(const struct holding *v)
{
	const struct held *h, *found = NULL;
	int port = v->c->facts->cmd.port;

	if (port <= 0)
		port = 22;

	for (h = find_connection(v); h != NULL; h = next_connection(v, h + 1)) {
		if (h->sk->peer.port != port)
			continue;
		if (found != NULL)
			return has_channels_to(&v->c->verdict, port) ?
			    found : NULL;
		found = h;
	}
	return found;
}

static int
came_through_any(const struct join *j, const struct plat_sock *sk)
{
	const struct plat_sock *const *v;
	size_t i, n = join_at_port(j, sk->local.port, &v);

	for (i = 0; i < n; i++)
		if (sock_is_listener(v[i]) && sock_came_through(sk, v[i]))
			return 1;
	return 0;
}

/*
 * A session of sshd may have opened connections for its client in lower
 * descriptors, which were free again.  The client's own one came through a
 * listener that the session does not hold: the sshd's.  If that sshd has ended,
 * it is the one of another user, because sshd accepted it before it became the
 * user of the session, or the only one.  Of several others it cannot be known,
 * and there may be none: the client of sshd -i can come through a pipe.
 */
static const struct held *
find_client(const struct join *j, const struct holding *v)
{
	const struct held *h, *first = find_connection(v);
	uid_t uid = v->c->facts->row.uid;

	for (h = first; h != NULL; h = next_connection(v, h + 1))
		if (came_through_any(j, h->sk))
			return h;
	for (h = first; h != NULL; h = next_connection(v, h + 1))
		if (h->sk->known & PLAT_SOCK_UID && h->sk->uid != uid)
			return h;
	if (first == NULL || next_connection(v, first + 1) != NULL)
		return NULL;
	/* The session's user is not root, and made it for its client. */
	return uid != 0 && first->sk->known & PLAT_SOCK_UID ? NULL : first;
}

static int
has_another(const struct holding *v, const struct held *h)
{
	while (++h < v->held + v->nheld)
		if (sock_is_inet(h->sk) && !sock_is_listener(h->sk))
			return 1;
	return 0;
}

static const struct held *
find_own(const struct join *j, const struct holding *v)
{
	const struct cmdline *cmd = &v->c->facts->cmd;

	if (cmd->kind == CMD_SERVED)
		return find_client(j, v);
	return cmd->flags & CMD_DROPBEAR ? find_dropbear(v) :
	    find_connection(v);
}

static void
own_transport(const struct join *j, struct holding *v)
{
	struct cand *c = v->c;
	const struct held *h = find_own(j, v);

	/*
	 * A helper that was found is better evidence than the order of
	 * descriptors.
	 */
	if (c->links.helper == NULL)
		c->links.helper = c->links.proxy;
	/*
	 * The pipes of an sshd lead to its own commands.  If it has no
	 * connection, that is one which cannot be seen.
	 */
	if (c->facts->cmd.kind == CMD_SERVED) {
		c->links.piped = h == NULL;
	} else {
		c->links.piped = c->links.helper != NULL ||
		    pipes_lead_out(c->facts, h);
		c->links.passed = may_be_passed(j, v, h) ||
		    (h == NULL && find_connection(v) != NULL);
	}
	/*
	 * If another program than ssh has several connections, which of them it
	 * uses cannot be known.
	 */
	if (h == NULL || c->links.piped || c->links.passed ||
	    (c->facts->cmd.kind == CMD_OTHER && has_another(v, h)))
		return;
	c->links.transport = h->sk;
	c->links.transport_key = h->sk->key;
	c->links.transport_cand = c;
	c->links.transport_fd = h->fd;
}

/* What a dbclient has in lower descriptors than these is its starter's. */
static int
first_own_fd(const struct cand *c)
{
	const struct facts *f = c->facts;
	int fd = INT_MAX;
	size_t i;

	if (c->links.transport != NULL)
		return c->links.transport_fd;
	for (i = 0; i < f->nfds; i++)
		if (pipe_is_helpers(f, &f->fds[i]) && f->fds[i].fd < fd)
			fd = f->fds[i].fd;
	return fd == INT_MAX ? 0 : fd;
}

void
transport_own(const struct join *j, struct holding *v)
{
	own_transport(j, v);
	if (v->c->facts->cmd.flags & CMD_DROPBEAR)
		v->c->links.first_fd = first_own_fd(v->c);
	holding_drop_before(v, v->c->links.first_fd);
}

/* Through jump hosts it is the last helper's transport, or its master's. */
void
transport_by_helper(struct cand *c)
{
	struct cand *end = c, *next;
	size_t n;

	for (n = 0; (next = links_next(end)) != NULL && n < MAX_CHAIN; n++)
		end = next;
	if (end == c || next != NULL || end->links.transport_cand != end)
		return;
	c->links.transport = end->links.transport;
	c->links.transport_key = end->links.transport_key;
	c->links.transport_cand = end;
	c->links.transport_fd = end->links.transport_fd;
}

/* Behind a listener of both families an IPv4 client has a mapped address. */
static struct tun_addr
end_of(int family, const struct plat_addr *at)
{
	struct addr plain = addr_plain(family, at->ip);
	struct tun_addr end = addr_public(plain.family, at);

	memcpy(end.ip, plain.ip, sizeof(end.ip));
	return end;
}

void
transport_publish(struct cand *c)
{
	const struct plat_sock *sk = c->links.transport;
	struct tun *t = &c->verdict.tun;

	if (sk == NULL)
		return;
	t->local = end_of(sk->family, &sk->local);
	t->remote = end_of(sk->family, &sk->peer);
	if (sk->known & PLAT_SOCK_BYTES) {
		t->rx = sk->rx;
		t->tx = sk->tx;
	}
	/* In other states the kernel's ages count from boot. */
	if (!(sk->known & PLAT_SOCK_INFO) || (sk->state != PLAT_TCP_ESTAB &&
	    sk->state != PLAT_TCP_CLOSE_WAIT))
		return;
	t->idle = sk->lds < sk->ldr ? sk->lds : sk->ldr;
	t->heard = sk->lar;
	t->rtt = sk->rtt;
	t->retrans = sk->total_retrans;
}
