/* SPDX-License-Identifier: ISC */
/* transport.c: the connection to the server that carries a tunnel. */
#include "join.h"

/* Has it two pipes below fd that may lead to a helper? fd -1: at any number. */
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
 * The connection is the lowest descriptor that is neither a listener nor
 * accepted by one. ssh closes all but the standard descriptors when it starts,
 * so these are skipped: its starter passed them, and a network service passes
 * the connection of its own client there. A channel of -R looks the same but is
 * opened later; an ssh with a proxy command has pipes instead, which then are
 * opened before the channel.
 */
static const struct held *
find_connection(const struct holding *v)
{
	const struct held *h;
	size_t i;

	for (i = 0; i < v->nheld; i++) {
		h = &v->held[i];
		if (h->fd > 2 && sock_is_inet(h->sk) &&
		    !sock_is_listener(h->sk) && !h->accepted)
			return h;
	}
	return NULL;
}

/*
 * A session of sshd may have opened connections for its client in lower
 * descriptors, which were free again.  The client's own one came through a
 * listener that the session does not hold: the sshd's.
 */
static const struct held *
find_client(const struct join *j, const struct holding *v)
{
	const struct plat_sock *l;
	const struct held *h;
	size_t i, k;

	for (i = 0; i < v->nheld; i++) {
		h = &v->held[i];
		if (h->fd <= 2 || !sock_is_inet(h->sk) ||
		    sock_is_listener(h->sk) || h->accepted)
			continue;
		for (k = 0; k < j->set->nsocks; k++) {
			l = &j->set->socks[k];
			if (sock_is_inet(l) && sock_is_listener(l) &&
			    sock_came_through(h->sk, l))
				return h;
		}
	}
	return find_connection(v);
}

static int
has_another(const struct holding *v, const struct held *h)
{
	while (++h < v->held + v->nheld)
		if (sock_is_inet(h->sk) && !sock_is_listener(h->sk))
			return 1;
	return 0;
}

void
transport_own(const struct join *j, struct holding *v)
{
	struct cand *c = v->c;
	const struct held *h = c->facts->cmd.kind == CMD_SERVED ?
	    find_client(j, v) : find_connection(v);

	/*
	 * A helper that was found is better evidence than the order of
	 * descriptors.
	 */
	if (c->links.helper == NULL)
		c->links.helper = c->links.proxy;
	/* The pipes of an sshd lead to its own commands. */
	c->links.piped = c->facts->cmd.kind != CMD_SERVED &&
	    (c->links.helper != NULL ||
	    has_pipes(c->facts, h != NULL ? h->fd : -1));
	/*
	 * If another program than ssh has several connections, which of them it
	 * uses cannot be known.
	 */
	if (h == NULL || c->links.piped ||
	    (c->facts->cmd.kind == CMD_OTHER && has_another(v, h)))
		return;
	c->links.transport = h->sk;
	c->links.transport_key = h->sk->key;
	c->links.transport_cand = c;
	c->links.transport_fd = h->fd;
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

void
transport_publish(struct cand *c)
{
	const struct plat_sock *sk = c->links.transport;
	struct tun *t = &c->verdict.tun;

	if (sk == NULL)
		return;
	t->local = addr_public(sk->family, &sk->local);
	t->remote = addr_public(sk->family, &sk->peer);
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
