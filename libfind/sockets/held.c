/* SPDX-License-Identifier: ISC */
/* held.c: the sockets that a candidate holds, each listed once. */
#include <stdlib.h>

#include "join.h"

static int
by_fd(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

static int
by_socket(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	if (x->sk != y->sk)
		return x->sk < y->sk ? -1 : 1;
	return by_fd(a, b);
}

static void
hold(struct holding *v, const struct sockset *set)
{
	const struct plat_sock *sk;
	size_t i;

	for (i = 0; i < v->c->facts->nfds; i++) {
		if ((sk = sockset_of(set, &v->c->facts->fds[i])) == NULL)
			continue;
		v->held[v->nheld].fd = v->c->facts->fds[i].fd;
		v->held[v->nheld++].sk = sk;
	}
}

/* Two descriptors of one socket count once. */
static void
drop_copies(struct holding *v)
{
	size_t i, n = 0;

	qsort(v->held, v->nheld, sizeof(*v->held), by_socket);
	for (i = 0; i < v->nheld; i++)
		if (n == 0 || v->held[n - 1].sk != v->held[i].sk)
			v->held[n++] = v->held[i];
	v->nheld = n;
	qsort(v->held, v->nheld, sizeof(*v->held), by_fd);
}

static void
mark_accepted(struct holding *v)
{
	const struct plat_sock *l;
	size_t i, k;

	for (i = 0; i < v->nheld; i++) {
		if (!sock_is_listener(l = v->held[i].sk))
			continue;
		for (k = 0; k < v->nheld; k++)
			if (!sock_is_listener(v->held[k].sk) &&
			    sock_came_through(v->held[k].sk, l))
				v->held[k].accepted = 1;
	}
}

int
holding_make(struct join *j, struct holding *v, struct cand *c)
{
	size_t i, n = 0;

	v->c = c;
	if (c->facts->fds == NULL || c->facts->fds_errno != 0)
		return 0;
	for (i = 0; i < c->facts->nfds; i++)
		n += c->facts->fds[i].kind == PLAT_FD_SOCKET;
	if ((v->held = arena_alloc(j->a, n * sizeof(*v->held))) == NULL)
		return -1;
	hold(v, j->set);
	/*
	 * A process that holds sockets, but none of these, may be in another
	 * namespace than the set; so may one that holds none at all, if its
	 * namespace has no ID.
	 */
	c->links.seen = c->facts->from.netns != 0 || v->nheld > 0 ||
	    (n == 0 && c->facts->from.netns_id != 0);
	drop_copies(v);
	mark_accepted(v);
	return 0;
}

int
holding_has(const struct holding *v, const struct plat_sock *sk)
{
	size_t i;

	for (i = 0; i < v->nheld; i++)
		if (v->held[i].sk == sk)
			return 1;
	return 0;
}
