/* SPDX-License-Identifier: ISC */
/*
 * leads_back.c: forwards whose target may lead back to their own listener,
 * directly or by other forwards. One connection to such a forward makes others
 * until no descriptor is left.
 *
 * A local forward can lead to this machine only if the server may be this
 * machine. The addresses of the connection say that it may be, but not that it
 * is: a port of this machine may be forwarded to another one. So this is only a
 * reason not to connect.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "join.h"

/* More forwards than this in a row are taken for a circle. */
#define MAX_ROW		16

/* Is it an address of the machine that connects to it, whichever that is? */
static int
is_own(const char *host)
{
	struct addr p, plain;
	in_addr_t in;

	if (strcmp(host, "localhost") == 0)
		return 1;
	if (!addr_parse(host, &p)) {
		/* Short forms, as 127.1. */
		if ((in = inet_addr(host)) == INADDR_NONE)
			return 0;
		p.family = AF_INET;
		memcpy(p.ip, &in, sizeof(in));
	}
	plain = addr_plain(p.family, p.ip);
	return addr_is_any(plain.ip) ||
	    addr_is_loopback(plain.family, plain.ip);
}

int
fwd_leads_to(const struct tun_forward *a, const struct tun_forward *b)
{
	if (a->connect.path != NULL)
		return b->listen.path != NULL &&
		    strcmp(a->connect.path, b->listen.path) == 0;
	return a->connect.host != NULL && a->connect.port > 0 &&
	    a->connect.port == b->listen.port && is_own(a->connect.host);
}

static int
server_may_be_here(const struct cand *c)
{
	const struct plat_sock *t = c->links.transport;

	if (t == NULL || c->links.piped)
		return 0;
	return addr_is_loopback(t->family, t->peer.ip) ||
	    memcmp(t->local.ip, t->peer.ip, sizeof(t->peer.ip)) == 0;
}

static const struct tun_forward *
spec_of(const struct hop *h)
{
	return &h->c->verdict.fwds[h->i].spec;
}

/* Compares listening ends: those with a path first, then by port. */
static int
end_cmp(const struct tun_end *x, const struct tun_end *y)
{
	if (x->path != NULL && y->path != NULL)
		return strcmp(x->path, y->path);
	if (x->path != NULL || y->path != NULL)
		return x->path != NULL ? -1 : 1;
	return (x->port > y->port) - (x->port < y->port);
}

/* Of one end in the order of the sockets. */
static int
by_end(const void *a, const void *b)
{
	const struct hop *x = a, *y = b;
	const struct plat_sock *s = x->c->links.fwds[x->i].socks[0];
	const struct plat_sock *t = y->c->links.fwds[y->i].socks[0];
	int r = end_cmp(&spec_of(x)->listen, &spec_of(y)->listen);

	return r != 0 ? r : (s > t) - (s < t);
}

static int
is_end(const void *end, const void *hop)
{
	return end_cmp(end, &spec_of(hop)->listen);
}

int
leads_back_index(struct join *j)
{
	struct cand *c;
	size_t i, k, n = 0;

	for (i = 0; i < j->n; i++)
		n += j->holdings[i].c->verdict.tun.nfwds;
	if ((j->hops = arena_alloc(j->a, n * sizeof(*j->hops))) == NULL)
		return -1;
	for (i = 0; i < j->n; i++) {
		c = j->holdings[i].c;
		for (k = 0; k < c->verdict.tun.nfwds; k++) {
			if (c->links.fwds[k].owned == 0)
				continue;
			j->hops[j->nhops].c = c;
			j->hops[j->nhops++].i = k;
		}
	}
	if (j->nhops > 0)
		qsort(j->hops, j->nhops, sizeof(*j->hops), by_end);
	return 0;
}

/* From a forward to the one that its target is, if that is on this machine. */
static int
go_on_here(const struct join *j, struct hop *h)
{
	const struct hop *next = array_find(&spec_of(h)->connect, j->hops,
	    j->nhops, sizeof(*j->hops), is_end);

	if (next == NULL || !fwd_leads_to(spec_of(h), spec_of(next)))
		return 0;
	*h = *next;
	return 1;
}

static int
go_on(const struct join *j, struct hop *h)
{
	const struct hop from = *h;

	if (spec_of(h)->kind == TUN_FWD_REMOTE)
		return go_on_here(j, h);
	if (spec_of(h)->kind != TUN_FWD_LOCAL)
		return 0;
	/* The server may listen there for the same ssh. */
	for (h->i = 0; h->i < h->c->verdict.tun.nfwds; h->i++)
		if (spec_of(h)->kind == TUN_FWD_REMOTE &&
		    fwd_leads_to(spec_of(&from), spec_of(h)))
			return 1;
	*h = from;
	return server_may_be_here(h->c) && go_on_here(j, h);
}

void
leads_back_mark(const struct join *j, struct cand *c)
{
	struct hop h;
	size_t i, n;

	for (i = 0; i < c->verdict.tun.nfwds; i++) {
		h.c = c;
		h.i = i;
		if (spec_of(&h)->kind != TUN_FWD_LOCAL ||
		    !end_is_known(&spec_of(&h)->connect))
			continue;
		for (n = 0; n < MAX_ROW && go_on(j, &h); n++)
			continue;
		c->links.fwds[i].leadsback = n == MAX_ROW;
	}
}
