/* SPDX-License-Identifier: ISC */
/*
 * listener_owner.c: who owns a listener. When a ControlPersist master forks
 * off, the client in the foreground keeps copies of all listeners but never
 * accepts a connection: the master owns them.
 */
#include <stdlib.h>

#include "compat/array.h"
#include "join.h"

static int
is_master(const struct cand *c)
{
	return c->links.ctlsock != NULL || c->facts->cmd.kind == CMD_MUX ||
	    c->facts->cmd.kind == CMD_STOPPED;
}

static int
by_owner(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;
	const struct cand *c = x->v->c, *d = y->v->c;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (is_master(c) != is_master(d))
		return is_master(c) ? -1 : 1;
	return c->facts->row.pid < d->facts->row.pid
	    ? -1
	    : c->facts->row.pid > d->facts->row.pid;
}

int
owner_find(struct join *j)
{
	struct owner *o;
	size_t i, k, n = 0;

	for (i = 0; i < j->n; i++)
		n += j->holdings[i].nheld;
	if ((o = arena_alloc(j->a, (n + 1) * sizeof(*o))) == NULL)
		return -1;
	for (n = i = 0; i < j->n; i++)
		for (k = 0; k < j->holdings[i].nheld; k++) {
			o[n].key = j->holdings[i].held[k].sk->key;
			o[n++].v = &j->holdings[i];
		}
	qsort(o, n, sizeof(*o), by_owner);
	for (i = k = 0; i < n; i++)
		if (k == 0 || o[k - 1].key != o[i].key)
			o[k++] = o[i];
		else
			o[k - 1].shared = 1;
	j->owners = o;
	j->nowners = k;
	return 0;
}

static const struct owner *
find(const struct join *j, uint64_t key)
{
	return array_find(&key, j->owners, j->nowners, sizeof(*j->owners),
	    key_cmp);
}

struct holding *
owner_of(const struct join *j, uint64_t key)
{
	const struct owner *o = find(j, key);

	return o != NULL ? o->v : NULL;
}

int
owner_is_shared(const struct join *j, uint64_t key)
{
	const struct owner *o = find(j, key);

	return o != NULL && o->shared;
}
