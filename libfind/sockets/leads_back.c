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
#include <string.h>

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

/* A forward: one of those of a candidate. */
struct hop {
	const struct cand *c;
	size_t i;
};

static const struct tun_forward *
spec_of(const struct hop *h)
{
	return &h->c->verdict.fwds[h->i].spec;
}

/* If the listener is a forward to which h leads, this one takes its place. */
static int
go_to(const struct join *j, struct hop *h, const struct plat_sock *sk)
{
	const struct holding *o = owner_of(j, sk->key);
	struct hop next;
	size_t k;

	if (o == NULL || !sock_is_listener(sk))
		return 0;
	next.c = o->c;
	for (next.i = 0; next.i < o->c->verdict.tun.nfwds; next.i++)
		for (k = 0; k < o->c->links.fwds[next.i].nsocks; k++)
			if (o->c->links.fwds[next.i].socks[k] == sk &&
			    fwd_leads_to(spec_of(h), spec_of(&next))) {
				*h = next;
				return 1;
			}
	return 0;
}

/* From a forward to the one that its target is, if that is on this machine. */
static int
go_on_here(const struct join *j, struct hop *h)
{
	const struct plat_sock *const *at;
	size_t i, n;

	if (spec_of(h)->connect.path != NULL) {
		for (i = 0; i < j->set->nsocks; i++)
			if (j->set->socks[i].family == AF_UNIX &&
			    go_to(j, h, &j->set->socks[i]))
				return 1;
		return 0;
	}
	n = join_at_port(j, spec_of(h)->connect.port, &at);
	for (i = 0; i < n; i++)
		if (go_to(j, h, at[i]))
			return 1;
	return 0;
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
		if (spec_of(&h)->kind != TUN_FWD_LOCAL)
			continue;
		for (n = 0; n < MAX_ROW && go_on(j, &h); n++)
			continue;
		c->links.fwds[i].leadsback = n == MAX_ROW;
	}
}
