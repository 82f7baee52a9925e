/* SPDX-License-Identifier: ISC */
/*
 * master_set.c: a set of control sockets: what is at their paths, and which is
 * which.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "masters.h"
#include "core/resolve.h"

/* No user has so many masters. */
#define MAX_MASTERS	10000

/* --- files --------------------------------------------------------------- */

static int
look(struct tun_masters *m, const char *path, unsigned flags,
    struct looked *at)
{
	struct resolved r;

	m->shared = 0;
	if (resolve_look(m->rs, path, flags, 0, &r) == -1)
		return -1;
	if (r.st.st_mode == 0) {
		errno = ENOENT;
		return -1;
	}
	m->shared = r.shared;
	at->st = r.st;
	at->dev = r.dev;
	return 0;
}

int
master_stat(struct tun_masters *m, const char *path, struct looked *at)
{
	return look(m, path, RESOLVE_FOLLOW, at);
}

int
master_lstat(struct tun_masters *m, const char *path, struct looked *at)
{
	return look(m, path, 0, at);
}

/* --- entries ------------------------------------------------------------- */

struct master *
master_add(struct tun_masters *m, const char *path, uid_t uid)
{
	struct master *e;

	if (m->n == MAX_MASTERS) {
		errno = E2BIG;
		return NULL;
	}
	if ((e = arena_alloc(m->a, sizeof(*e))) == NULL ||
	    (e->pub.path = arena_strdup(m->a, path)) == NULL ||
	    (m->v = arena_push(m->a, m->v, m->n, sizeof(struct master *))) ==
	    NULL)
		return NULL;
	e->pub.internal = e;
	e->of = m;
	e->pub.uid = uid;
	e->pub.ctl = TUN_CTL_UNKNOWN;
	e->pub.queue = -1;
	e->pub.round_trip = -1;
	e->pub.error = -1;
	e->pub.text = "";
	e->i = m->n;
	m->v[m->n++] = e;
	return e;
}

void
master_set_file(struct master *e, const struct stat *st)
{
	e->known = 1;
	e->dev = st->st_dev;
	e->ino = st->st_ino;
}

struct master *
master_by_file(const struct tun_masters *m, const struct stat *st)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i]->known && m->v[i]->ino == st->st_ino &&
		    m->v[i]->dev == st->st_dev)
			return m->v[i];
	return NULL;
}

/*
 * The entry that can be reached at path, or NULL.  A later file may have the
 * inode number of one that was removed since it was found.
 */
static struct master *
by_path(struct tun_masters *m, const char *path)
{
	struct master *e;
	struct looked at, now;
	size_t i;

	if (master_stat(m, path, &at) == 0) {
		e = master_by_file(m, &at.st);
		return e != NULL && master_stat(m, e->pub.path, &now) == 0 &&
		    now.st.st_ino == at.st.st_ino &&
		    now.st.st_dev == at.st.st_dev ? e : NULL;
	}
	for (i = 0; i < m->n; i++)
		if (strcmp(m->v[i]->pub.path, path) == 0)
			return m->v[i];
	return NULL;
}

/* --- for callers --------------------------------------------------------- */

const struct tun_master *
tun_masters_next(const struct tun_masters *m, const struct tun_master *prev)
{
	const struct master *e = prev != NULL ? prev->internal : NULL;
	size_t i = e != NULL ? e->i + 1 : 0;

	return i < m->n ? &m->v[i]->pub : NULL;
}

const struct tun_master *
tun_masters_at(struct tun_masters *m, const char *path)
{
	struct master *e = by_path(m, path);
	struct looked at;

	if (e == NULL) {
		if ((e = master_add(m, path, m->uid)) == NULL)
			return NULL;
		if (master_lstat(m, path, &at) == 0)
			master_set_file(e, &at.st);
	}
	return &e->pub;
}

const struct tun_master *
tun_masters_of(struct tun_masters *m, const struct tun *t)
{
	struct master *e;
	char *path;
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i]->pub.tun == t)
			return &m->v[i]->pub;
	if (t->ctlpath == NULL) {
		errno = ENOENT;
		return NULL;
	}
	if ((path = path_full(m->a, t->cwd, t->ctlpath)) == NULL)
		return NULL;
	if (*path != '/') {
		errno = ENOENT;
		return NULL;
	}
	if ((e = master_add(m, path, t->uid)) == NULL)
		return NULL;
	e->pub.tun = t;
	e->pub.pid = t->pid;
	return &e->pub;
}

void
tun_masters_free(struct tun_masters *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->n; i++)
		free(m->v[i]->text);
	arena_free(m->a);
}
