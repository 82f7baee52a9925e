/* SPDX-License-Identifier: ISC */
/* masters.c: finds the control sockets of a user; connects to none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "masters.h"
#include "core/resolve.h"

static int
path_cmp(const void *a, const void *b)
{
	const struct master *x = *(struct master *const *)a;
	const struct master *y = *(struct master *const *)b;
	int cmp = strcmp(x->pub.path, y->pub.path);

	/* A socket that can be reached comes before one that cannot. */
	return cmp != 0 ? cmp : (int)x->pub.ctl - (int)y->pub.ctl;
}

int
tun_masters_find(struct tun_ctx *ctx, const struct tun_list *list, uid_t uid,
    unsigned flags, struct tun_masters **mp)
{
	struct tun_masters *m;
	struct arena *a;
	size_t i;
	int r = -1, saved;

	if ((a = arena_new()) == NULL)
		return -1;
	if ((m = arena_alloc(a, sizeof(*m))) == NULL)
		goto out;
	m->a = a;
	m->rs = ctx->rs;
	m->uid = uid;
	/* With a list, its scan has done this already. */
	if (list == NULL)
		resolve_end(ctx->rs);
	if (flags != 0 && masters_read_sockets(ctx, m) == -1)
		goto out;
	if (flags & TUN_MASTERS_SOCKETS &&
	    masters_find_listeners(ctx, m, list) == -1)
		goto out;
	if (list != NULL && masters_find_named(m, list) == -1)
		goto out;
	if (flags & TUN_MASTERS_PLACES && masters_find_places(m) == -1)
		goto out;
	if (m->n > 0)
		qsort(m->v, m->n, sizeof(*m->v), path_cmp);
	for (i = 0; i < m->n; i++)
		m->v[i]->i = i;
	r = 0;
out:
	saved = errno;
	if (m != NULL) {
		free(m->socks);
		m->socks = NULL;
		m->nsocks = 0;
	}
	if (r == -1)
		arena_free(a);
	else
		*mp = m;
	errno = saved;
	return r;
}
