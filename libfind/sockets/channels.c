/* SPDX-License-Identifier: ISC */
/* channels.c: the channels of a tunnel, the forward of each and its client. */
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include "join.h"

/* Which forward each of its listeners serves. */
static void
mark_listeners(struct holding *v)
{
	const struct cand *c = v->c;
	struct held *h;
	size_t i, k;

	for (i = 0; i < v->nlisteners; i++)
		v->byaddr[i]->serves = c->verdict.tun.nfwds;
	for (i = 0; i < c->verdict.tun.nfwds; i++)
		for (k = 0; k < c->links.fwds[i].nsocks; k++)
			if ((h = holding_find(v,
			    c->links.fwds[i].socks[k])) != NULL)
				h->serves = i;
}

/* The forward that accepted this connection: the most specific listener's. */
static size_t
came_for(const struct holding *v, const struct plat_sock *sk)
{
	const struct held *l = holding_listener(v, sk, 0);
	size_t none = v->c->verdict.tun.nfwds;

	if (l == NULL || l->serves == none)
		l = holding_listener(v, sk, 1);
	return l != NULL ? l->serves : none;
}

static int
goes_to(const struct join *j, const struct plat_sock *sk,
    const struct tun_end *target)
{
	const struct plat_sock *end;
	struct addr addr;

	if (target->path != NULL)
		return sk->family == AF_UNIX &&
		    (end = sockset_find(j->set, sk->peer_key)) != NULL &&
		    strcmp(end->path, target->path) == 0;
	if (!sock_is_inet(sk) || sk->peer.port != target->port)
		return 0;
	/* A host name may stand for any address. */
	return target->host == NULL || !addr_parse(target->host, &addr) ||
	    (addr.family == sk->family &&
	    memcmp(addr.ip, sk->peer.ip, sizeof(addr.ip)) == 0);
}

/* The -R that an outgoing connection serves, which goes to its target. */
static size_t
goes_for(const struct join *j, const struct cand *c,
    const struct plat_sock *sk)
{
	size_t i, dynamic = c->verdict.tun.nfwds;

	for (i = 0; i < c->verdict.tun.nfwds; i++) {
		if (c->verdict.fwds[i].spec.kind == TUN_FWD_RDYNAMIC)
			dynamic = i;
		if (c->verdict.fwds[i].spec.kind == TUN_FWD_REMOTE &&
		    goes_to(j, sk, &c->verdict.fwds[i].spec.connect))
			return i;
	}
	return sock_is_inet(sk) ? dynamic : c->verdict.tun.nfwds;
}

/* The other end of a connection, when it is on this machine. */
static const struct plat_sock *
far_end(const struct join *j, const struct plat_sock *sk)
{
	return sk->family == AF_UNIX ? sockset_find(j->set, sk->peer_key) :
	    join_far_end(j, sk);
}

static int
set_clients(struct join *j, struct holding *v, size_t k,
    struct held *const *channels, size_t n)
{
	struct tun_fwd *fwd = &v->c->verdict.fwds[k];
	const struct plat_sock *far, *sk;
	const struct tun_peer **clients;
	struct tun_peer *peer;
	size_t i;

	if (n == 0)
		return 0;
	clients = arena_alloc(j->a, n * sizeof(*clients));
	peer = arena_alloc(j->a, n * sizeof(*peer));
	if (clients == NULL || peer == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		sk = channels[i]->sk;
		far = far_end(j, sk);
		peer->addr = addr_public(sk->family, &sk->peer);
		clients[i] = peer;
		if (peers_name(j, v->c, peer++, far) == -1)
			return -1;
		/* The client of this channel is the tunnel itself. */
		if (far != NULL && holding_has(v, far))
			v->c->links.loop = 1;
	}
	fwd->clients = clients;
	fwd->nclients = n;
	return 0;
}

static int
set_conns(struct join *j, struct holding *v, size_t k,
    struct held *const *channels, size_t n)
{
	struct tun_fwd *fwd = &v->c->verdict.fwds[k];

	switch (fwd->spec.kind) {
	case TUN_FWD_LOCAL:
	case TUN_FWD_DYNAMIC:
	case TUN_FWD_SERVED:
		fwd->conns = n;
		return j->flags & TUN_SCAN_CLIENTS ?
		    set_clients(j, v, k, channels, n) : 0;
	case TUN_FWD_REMOTE:
	case TUN_FWD_RDYNAMIC:
		fwd->conns = n;
		v->c->links.fwds[k].used = n > 0;
		return 0;
	default:
		return 0;
	}
}

/*
 * A channel is neither a listener nor the transport, nor a socket that the
 * starter passed as standard input or output.
 */
int
held_is_channel(const struct cand *c, const struct held *h)
{
	return h->fd > 2 && !sock_is_listener(h->sk) &&
	    (c->links.transport_cand != c || h->fd != c->links.transport_fd);
}

/* Do both lead to the listener of the other, from different sides? */
static int
is_circle(const struct tun_forward *l, const struct tun_forward *r)
{
	return l->kind == TUN_FWD_LOCAL && r->kind == TUN_FWD_REMOTE &&
	    fwd_leads_to(l, r) && fwd_leads_to(r, l);
}

/*
 * -L P:localhost:Q -R Q:localhost:P: the server may have refused Q, but not if
 * the client of the -L is this -R.
 */
static void
find_loops(const struct join *j, struct holding *v)
{
	const struct tun_fwd *fwds = v->c->verdict.fwds;
	const struct held *h, *client;
	const struct plat_sock *far;
	size_t n = v->c->verdict.tun.nfwds;

	for (h = v->held; h < v->held + v->nheld; h++)
		if (h->of < n && fwds[h->of].spec.kind == TUN_FWD_LOCAL &&
		    (far = far_end(j, h->sk)) != NULL &&
		    (client = holding_find(v, far)) != NULL && client->of < n &&
		    is_circle(&fwds[h->of].spec, &fwds[client->of].spec))
			v->c->links.loop = v->c->links.fwds[h->of].loop = 1;
}

/* By forward, and of one by descriptor. */
static int
by_forward(const void *a, const void *b)
{
	const struct held *x = *(struct held *const *)a;
	const struct held *y = *(struct held *const *)b;

	if (x->of != y->of)
		return x->of < y->of ? -1 : 1;
	return (x > y) - (x < y);
}

/* Assigns each channel to its forward. */
int
conns_count(struct join *j, struct holding *v)
{
	struct cand *c = v->c;
	struct held *h, **channels;
	size_t i, k, n = 0, at = 0;

	if (!c->links.seen ||
	    !(j->flags & (TUN_SCAN_INFO | TUN_SCAN_CLIENTS)) ||
	    c->links.master != NULL)
		return 0;
	channels = arena_alloc(j->a, v->nheld * sizeof(*channels));
	if (channels == NULL)
		return -1;
	c->verdict.tun.conns = 0;
	mark_listeners(v);
	for (i = 0; i < v->nheld; i++) {
		h = &v->held[i];
		h->of = c->verdict.tun.nfwds;
		if (!held_is_channel(c, h))
			continue;
		h->of = h->accepted ? came_for(v, h->sk) :
		    goes_for(j, c, h->sk);
		if (h->of < c->verdict.tun.nfwds)
			channels[n++] = h;
		if (h->of < c->verdict.tun.nfwds || sock_is_inet(h->sk))
			c->verdict.tun.conns++;
	}
	find_loops(j, v);
	if (n > 0)
		qsort(channels, n, sizeof(*channels), by_forward);
	for (k = 0; k < c->verdict.tun.nfwds; k++, at = i) {
		for (i = at; i < n && channels[i]->of == k; i++)
			continue;
		if (set_conns(j, v, k, channels + at, i - at) == -1)
			return -1;
	}
	return 0;
}
