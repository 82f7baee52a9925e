/* SPDX-License-Identifier: ISC */
/* transport.c: the connection to the server that carries a tunnel. */
#include "join.h"

/* Two pipes below fd, above the standard ones: a proxy's. */
static int
has_pipes(const struct cand *c, int fd)
{
	uint64_t first = 0;
	size_t i;

	for (i = 0; i < c->facts->nfds; i++) {
		if (c->facts->fds[i].kind != PLAT_FD_PIPE ||
		    c->facts->fds[i].fd <= 2 ||
		    (fd != -1 && c->facts->fds[i].fd > fd))
			continue;
		if (first != 0 && c->facts->fds[i].key != first)
			return 1;
		first = c->facts->fds[i].key;
	}
	return 0;
}

/*
 * The lowest descriptor that is neither a listener nor accepted.  A -R
 * channel looks the same but comes later; so do the pipes that an ssh with a
 * proxy has instead, which then come before it.
 */
static const struct held *
find_connection(const struct view *v)
{
	const struct held *h;

	for (h = v->held; h < v->held + v->nheld; h++)
		if (sock_is_inet(h->sk) && !sock_is_listener(h->sk) &&
		    !h->accepted)
			return h;
	return NULL;
}

static int
has_another(const struct view *v, const struct held *h)
{
	while (++h < v->held + v->nheld)
		if (sock_is_inet(h->sk) && !sock_is_listener(h->sk))
			return 1;
	return 0;
}

void
transport_own(struct view *v)
{
	struct cand *c = v->c;
	const struct held *h = find_connection(v);
	int pipes = has_pipes(c, h != NULL ? h->fd : -1);

	if (pipes && c->links.hop == NULL)
		c->links.hop = c->links.proxy;
	c->links.piped = pipes || c->links.hop != NULL;
	/* Which of several a program that is no ssh uses is its own affair. */
	if (h == NULL || c->links.piped ||
	    (c->facts->cmd.kind == CMD_OTHER && has_another(v, h)))
		return;
	c->links.transport = h->sk;
	c->links.transport_key = h->sk->key;
	c->links.transport_cand = c;
	c->links.transport_fd = h->fd;
}

/* Through jump hosts it is the last helper's. */
void
transport_hop(const struct join *j, struct cand *c)
{
	struct cand *hop = c->links.hop;
	size_t n;

	/* Pipes can be handed round in a circle. */
	for (n = 0; hop != NULL && hop->links.hop != NULL && n < j->n; n++)
		hop = hop->links.hop;
	if (hop == NULL || hop->links.transport_cand != hop)
		return;
	c->links.transport = hop->links.transport;
	c->links.transport_key = hop->links.transport_key;
	c->links.transport_cand = hop;
	c->links.transport_fd = hop->links.transport_fd;
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
	/* In other states the ages are those of the machine. */
	if (!(sk->known & PLAT_SOCK_INFO) || (sk->state != PLAT_TCP_ESTAB &&
	    sk->state != PLAT_TCP_CLOSE_WAIT))
		return;
	t->idle = sk->lds < sk->ldr ? sk->lds : sk->ldr;
	t->heard = sk->lar;
	t->rtt = sk->rtt;
	t->retrans = sk->total_retrans;
}
