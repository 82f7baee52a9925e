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

/* Can it lead to a listener of the machine that connects to it? */
static int
is_near(const struct tun_end *to)
{
	return to->path != NULL ||
	    (to->host != NULL && to->port > 0 && is_own(to->host));
}

/* Compares ends, whatever the host: those with a path first, then by port. */
static int
end_cmp(const struct tun_end *x, const struct tun_end *y)
{
	if (x->path != NULL && y->path != NULL)
		return strcmp(x->path, y->path);
	if (x->path != NULL || y->path != NULL)
		return x->path != NULL ? -1 : 1;
	return (x->port > y->port) - (x->port < y->port);
}

int
fwd_leads_to(const struct tun_forward *a, const struct tun_forward *b)
{
	return is_near(&a->connect) && end_cmp(&a->connect, &b->listen) == 0;
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

static int
place_cmp(const void *a, const void *b)
{
	const struct hop *x = a, *y = b;

	if (x->server != y->server)
		return (uintptr_t)x->server < (uintptr_t)y->server ? -1 : 1;
	return end_cmp(x->listen, y->listen);
}

/* Of one place in the order of PIDs and of argv. */
static int
by_place(const void *a, const void *b)
{
	const struct hop *x = a, *y = b;
	pid_t p = x->c->facts->row.pid, q = y->c->facts->row.pid;
	int r = place_cmp(a, b);

	if (r != 0 || p != q)
		return r != 0 ? r : p < q ? -1 : 1;
	return (x->i > y->i) - (x->i < y->i);
}

/* Adds it if it listens here, or may do so on its server. */
static void
add_hop(struct join *j, const struct cand *c, size_t i)
{
	const struct tun_forward *spec = &c->verdict.fwds[i].spec;
	int here = c->links.fwds[i].owned > 0;

	if (here || spec->kind == TUN_FWD_REMOTE)
		j->hops[j->nhops++] = (struct hop){ here ? NULL : c,
		    &spec->listen, c, i };
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
		for (k = 0; k < c->verdict.tun.nfwds; k++)
			add_hop(j, c, k);
	}
	if (j->nhops > 0)
		qsort(j->hops, j->nhops, sizeof(*j->hops), by_place);
	return 0;
}

/* From a forward to the one at which its target listens, if that is there. */
static int
go_to(const struct join *j, const struct cand *server, struct hop *h)
{
	const struct hop to = { .server = server,
	    .listen = &spec_of(h)->connect };
	const struct hop *next = array_find(&to, j->hops, j->nhops,
	    sizeof(*j->hops), place_cmp);

	if (next == NULL)
		return 0;
	*h = *next;
	return 1;
}

/* Where an -L leads, its server may listen for the same ssh, or be here. */
static int
go_on(const struct join *j, struct hop *h)
{
	const struct tun_forward *spec = spec_of(h);

	if (!is_near(&spec->connect))
		return 0;
	if (spec->kind == TUN_FWD_REMOTE)
		return go_to(j, NULL, h);
	return spec->kind == TUN_FWD_LOCAL && (go_to(j, h->c, h) ||
	    (server_may_be_here(h->c) && go_to(j, NULL, h)));
}

void
leads_back_mark(const struct join *j, struct cand *c)
{
	size_t i, n;

	for (i = 0; i < c->verdict.tun.nfwds; i++) {
		struct hop h = { .c = c, .i = i };

		if (spec_of(&h)->kind != TUN_FWD_LOCAL)
			continue;
		for (n = 0; n < MAX_ROW && go_on(j, &h); n++)
			continue;
		c->links.fwds[i].leadsback = n == MAX_ROW;
	}
}
