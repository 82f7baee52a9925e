/* SPDX-License-Identifier: ISC */
/* port_index.c: which sockets of the set have a port, or the ends of another. */
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "join.h"

static int
port_of_sock(const void *port, const void *sock)
{
	const struct plat_sock *sk = *(const struct plat_sock *const *)sock;
	int p = *(const int *)port;

	return (p > sk->local.port) - (p < sk->local.port);
}

/* The same for an IPv4-mapped address and its IPv4 address. */
static uint32_t
low_bits(int family, const struct plat_addr *at)
{
	struct addr plain = addr_plain(family, at->ip);
	uint32_t bits;

	memcpy(&bits, plain.ip + (plain.family == AF_INET ? 0 : 12),
	    sizeof(bits));
	return bits;
}

/* Compares two ends of x with those of y; a listener has no peer. */
static int
ends_cmp(const struct plat_sock *x, const struct plat_addr *local,
    const struct plat_addr *peer, const struct plat_sock *y)
{
	uint32_t a, b;

	if (local->port != y->local.port)
		return local->port < y->local.port ? -1 : 1;
	if (peer->port != y->peer.port)
		return peer->port < y->peer.port ? -1 : 1;
	if (peer->port == 0)
		return 0;
	a = low_bits(x->family, local);
	b = low_bits(y->family, &y->local);
	if (a == b) {
		a = low_bits(x->family, peer);
		b = low_bits(y->family, &y->peer);
	}
	return (a > b) - (a < b);
}

/* Of one port the listeners come first, in the order of the platform. */
static int
by_ends(const void *a, const void *b)
{
	const struct plat_sock *x = *(const struct plat_sock *const *)a;
	const struct plat_sock *y = *(const struct plat_sock *const *)b;
	int r = ends_cmp(x, &x->local, &x->peer, y);

	return r != 0 ? r : (x > y) - (x < y);
}

static int
is_far_end(const void *near, const void *sock)
{
	const struct plat_sock *sk = near;

	return ends_cmp(sk, &sk->peer, &sk->local,
	    *(const struct plat_sock *const *)sock);
}

int
join_index_ports(struct join *j)
{
	size_t i;

	j->byport = arena_alloc(j->a,
	    (j->set->nsocks + 1) * sizeof(*j->byport));
	if (j->byport == NULL)
		return -1;
	for (i = 0; i < j->set->nsocks; i++)
		if (sock_is_inet(&j->set->socks[i]))
			j->byport[j->nbyport++] = &j->set->socks[i];
	qsort(j->byport, j->nbyport, sizeof(*j->byport), by_ends);
	return 0;
}

size_t
join_at_port(const struct join *j, int port,
    const struct plat_sock *const **vp)
{
	size_t first = array_place(&port, j->byport, j->nbyport,
	    sizeof(*j->byport), port_of_sock), end = first;

	while (end < j->nbyport && j->byport[end]->local.port == port)
		end++;
	*vp = j->byport + first;
	return end - first;
}

const struct plat_sock *
join_far_end(const struct join *j, const struct plat_sock *sk)
{
	const struct plat_sock *o;
	size_t i = array_place(sk, j->byport, j->nbyport, sizeof(*j->byport),
	    is_far_end);

	for (; i < j->nbyport && is_far_end(sk, &j->byport[i]) == 0; i++) {
		o = j->byport[i];
		if (!sock_is_listener(o) &&
		    addr_same(o->family, &o->local, sk->family, &sk->peer) &&
		    addr_same(o->family, &o->peer, sk->family, &sk->local))
			return o;
	}
	return NULL;
}
