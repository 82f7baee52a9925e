/* SPDX-License-Identifier: ISC */
/* port_index.c: which sockets of the set have a port. */
#include <stdlib.h>

#include "compat/array.h"
#include "join.h"

static int
port_of_sock(const void *port, const void *sock)
{
	const struct plat_sock *sk = *(const struct plat_sock *const *)sock;
	int p = *(const int *)port;

	return (p > sk->local.port) - (p < sk->local.port);
}

/* Of one port in the order of the platform, which has listeners first. */
static int
by_port(const void *a, const void *b)
{
	const struct plat_sock *x = *(const struct plat_sock *const *)a;
	const struct plat_sock *y = *(const struct plat_sock *const *)b;

	if (x->local.port != y->local.port)
		return x->local.port < y->local.port ? -1 : 1;
	return (x > y) - (x < y);
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
	qsort(j->byport, j->nbyport, sizeof(*j->byport), by_port);
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
