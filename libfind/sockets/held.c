/* SPDX-License-Identifier: ISC */
/* held.c: the sockets that a candidate holds, each listed once. */
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
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
hold(struct holding *v, const struct sockset *set, const struct plat_fd *fds,
    size_t nfds)
{
	const struct plat_sock *sk;
	size_t i;

	for (i = 0; i < nfds; i++) {
		if ((sk = sockset_of(set, &fds[i])) == NULL)
			continue;
		v->held[v->nheld].fd = fds[i].fd;
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

/* Compares local addresses. */
static int
addr_cmp(const struct plat_sock *x, const struct plat_sock *y)
{
	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	if (x->family == AF_UNIX && x->pathlen != y->pathlen)
		return x->pathlen < y->pathlen ? -1 : 1;
	if (x->family == AF_UNIX)
		return memcmp(x->path, y->path, x->pathlen);
	if (x->local.port != y->local.port)
		return x->local.port < y->local.port ? -1 : 1;
	return memcmp(x->local.ip, y->local.ip, sizeof(x->local.ip));
}

static int
sock_cmp(const struct plat_sock *x, const struct plat_sock *y)
{
	int r = sock_is_listener(y) - sock_is_listener(x);

	if (r == 0)
		r = addr_cmp(x, y);
	return r != 0 ? r : (x > y) - (x < y);
}

static int
by_addr(const void *a, const void *b)
{
	return sock_cmp((*(struct held *const *)a)->sk,
	    (*(struct held *const *)b)->sk);
}

static int
index_by_addr(struct arena *a, struct holding *v)
{
	size_t i;

	v->byaddr = arena_alloc(a, v->nheld * sizeof(*v->byaddr));
	if (v->byaddr == NULL)
		return -1;
	for (i = 0; i < v->nheld; i++) {
		v->byaddr[i] = &v->held[i];
		v->nlisteners += sock_is_listener(v->held[i].sk) != 0;
	}
	qsort(v->byaddr, v->nheld, sizeof(*v->byaddr), by_addr);
	return 0;
}

static void
mark_accepted(struct holding *v)
{
	struct held *h;

	for (h = v->held; h < v->held + v->nheld; h++)
		h->accepted = !sock_is_listener(h->sk) &&
		    (holding_listener(v, h->sk, 0) != NULL ||
		    holding_listener(v, h->sk, 1) != NULL);
}

static size_t
count_sockets(const struct plat_fd *fds, size_t nfds)
{
	size_t i, n = 0;

	for (i = 0; i < nfds; i++)
		n += fds[i].kind == PLAT_FD_SOCKET;
	return n;
}

int
holding_read(struct arena *a, struct holding *v, const struct sockset *set,
    const struct plat_fd *fds, size_t nfds)
{
	v->held = arena_alloc(a, count_sockets(fds, nfds) * sizeof(*v->held));
	if (v->held == NULL)
		return -1;
	hold(v, set, fds, nfds);
	drop_copies(v);
	if (index_by_addr(a, v) == -1)
		return -1;
	mark_accepted(v);
	return 0;
}

int
holding_make(struct join *j, struct holding *v, struct cand *c)
{
	const struct facts *f = c->facts;

	v->c = c;
	c->links.holding = v;
	if (f->fds == NULL || f->fds_errno != 0)
		return 0;
	if (holding_read(j->a, v, j->set, f->fds, f->nfds) == -1)
		return -1;
	/*
	 * A process that holds sockets, but none of these, may be in another
	 * namespace than the set; so may one that holds none at all, if its
	 * namespace has no ID.
	 */
	c->links.seen = f->from.netns != 0 || v->nheld > 0 ||
	    (f->from.netns_id != 0 && count_sockets(f->fds, f->nfds) == 0);
	return 0;
}

void
holding_drop_before(struct holding *v, int fd)
{
	size_t i, n = v->nheld;

	if (n == 0 || v->held->fd >= fd)
		return;
	for (i = 0; i < n && v->held->fd < fd; i++)
		v->held++;
	v->nheld = v->nlisteners = 0;
	for (i = 0; i < n; i++) {
		if (v->byaddr[i]->fd < fd)
			continue;
		v->nlisteners += sock_is_listener(v->byaddr[i]->sk) != 0;
		v->byaddr[v->nheld++] = v->byaddr[i];
	}
	mark_accepted(v);
}

static int
is_held(const void *sk, const void *held)
{
	return sock_cmp(sk, (*(struct held *const *)held)->sk);
}

struct held *
holding_find(const struct holding *v, const struct plat_sock *sk)
{
	struct held **h = array_find(sk, v->byaddr, v->nheld,
	    sizeof(*v->byaddr), is_held);

	return h != NULL ? *h : NULL;
}

int
holding_has(const struct holding *v, const struct plat_sock *sk)
{
	return holding_find(v, sk) != NULL;
}

static int
is_at(const void *at, const void *held)
{
	return addr_cmp(at, (*(struct held *const *)held)->sk);
}

struct held *
holding_listener(const struct holding *v, const struct plat_sock *sk, int any)
{
	struct plat_sock at = *sk;
	struct held **h;

	if (sk->family == AF_UNIX && (any || sk->pathlen == 0))
		return NULL;
	if (any)
		memset(at.local.ip, 0, sizeof(at.local.ip));
	h = array_find(&at, v->byaddr, v->nlisteners, sizeof(*v->byaddr),
	    is_at);
	return h != NULL ? *h : NULL;
}

size_t
holding_at_port(const struct holding *v, int family, uint16_t port)
{
	struct plat_sock at = { .family = family, .local.port = port };

	return array_place(&at, v->byaddr, v->nlisteners, sizeof(*v->byaddr),
	    is_at);
}
