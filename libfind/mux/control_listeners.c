/* SPDX-License-Identifier: ISC */
/*
 * control_listeners.c: the control sockets that the kernel lists, and those
 * that processes name.
 *
 * ssh binds PATH.XXXXXXXXXXXXXXXX, links it to PATH and removes the long name.
 * The kernel's list of listeners therefore has the path of each master; it also
 * has the inode that was bound, which shows whether the path still leads to
 * that master.  The processes show which one is the master and from which
 * directory a relative name starts.  A socket without a listener is dead.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/ms.h"
#include "directory.h"
#include "masters.h"

/* A short burst of connections is not a queue: after this time it is gone. */
#define QUEUE_MS	100

/* --- listeners ----------------------------------------------------------- */

static int
is_listener(const struct plat_sock *sk)
{
	return sk->family == AF_UNIX && sk->state == PLAT_TCP_LISTEN;
}

static int
is_bound(const struct plat_sock *sk, const struct looked *at)
{
	return S_ISSOCK(at->st.st_mode) &&
	    plat_is_bound(sk, at->dev, at->st.st_ino);
}

/*
 * If the kernel shows no inode, a listener is found by the name that was bound.
 * This never finds a master, because ssh binds another name first.
 */
static int
is_bound_at(const struct plat_sock *sk, const char *path)
{
	return !(sk->known & PLAT_SOCK_VFS) && sk->pathlen == strlen(path) &&
	    memcmp(sk->path, path, sk->pathlen) == 0;
}

static const struct plat_sock *
listener_of(const struct tun_masters *m, const char *path,
    const struct looked *at)
{
	const struct plat_sock *sk;
	size_t i;

	for (i = 0; i < m->nsocks; i++) {
		sk = &m->socks[i];
		if (is_listener(sk) &&
		    (is_bound(sk, at) || is_bound_at(sk, path)))
			return sk;
	}
	return NULL;
}

int
masters_read_sockets(struct tun_ctx *ctx, struct tun_masters *m)
{
	if (plat_socks(ctx->pl, NULL, 0, PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX,
	    NULL, &m->socks, &m->nsocks) == 0)
		return 0;
	m->socks = NULL;
	m->nsocks = 0;
	return plat_failed(errno) ? -1 : 0;
}

/* --- what the kernel knows ----------------------------------------------- */

/*
 * The tunnel that owns a listener.  The foreground process of a ControlPersist
 * master has a copy of the listener but does not accept on it.
 */
static const struct tun *
owner_of(const struct tun_list *list, uint64_t key)
{
	const struct tun *t = NULL, *found = NULL;
	const struct cand *c;

	while (list != NULL && (t = tun_next(list, t)) != NULL) {
		c = t->internal;
		if (c->links.ctlsock != NULL && c->links.ctlsock->key == key &&
		    (found == NULL || c->facts->cmd.kind == CMD_MUX))
			found = t;
	}
	return found;
}

static int
may_be_bound(const struct dir_search *se, const struct dirent *de)
{
	return plat_is_bound(se->arg, 0, de->d_ino);
}

/*
 * Finds another name of a listener's file in the directory of path.  Returns 1
 * if there is one, 0 if not, -1 if the directory could not be searched.
 */
static int
renamed(struct tun_masters *m, const char *path, const struct plat_sock *sk,
    char **nowp, struct looked *at)
{
	struct dir_search se = { .wants = may_be_bound, .arg = sk };
	const char *slash = strrchr(path, '/');
	char *dir = NULL;
	size_t i;

	if (*path != '/' || slash == path)
		return 0;
	if ((dir = arena_strndup(m->a, path, (size_t)(slash - path))) == NULL)
		return -1;
	if (dir_search(m->a, m->rs, dir, &se) == -1 && plat_failed(errno))
		return -1;
	for (i = 0; i < se.n && !is_bound(sk, &se.v[i].at); i++)
		continue;
	if (i < se.n) {
		*at = se.v[i].at;
		*nowp = arena_printf(m->a, "%s/%s", dir, se.v[i].name);
	}
	free(se.v);
	return i == se.n ? 0 : *nowp != NULL ? 1 : -1;
}

/*
 * Finds out whether the path leads to the listener, and its other name if not.
 */
static void
find_file(struct tun_masters *m, struct master *e, const struct plat_sock *sk)
{
	const struct plat_sock *other;
	struct looked at;
	char *now = NULL;
	int found, there;

	e->pub.ctl = TUN_CTL_UNKNOWN;
	if (*e->pub.path != '/')
		return;
	there = master_stat(m, e->pub.path, &at) == 0;
	if (!there && errno != ENOENT && errno != ENOTDIR)
		return;
	if (there && !(sk->known & PLAT_SOCK_VFS)) {
		master_set_file(e, &at.st);
		return;
	}
	if (there && is_bound(sk, &at)) {
		master_set_file(e, &at.st);
		e->pub.ctl = TUN_CTL_FOUND;
		return;
	}
	/* The process that listens at that path may be on another machine. */
	if (there && m->shared)
		return;
	if (e->elsewhere)
		return;
	found = sk->known & PLAT_SOCK_VFS ?
	    renamed(m, e->pub.path, sk, &now, &at) : 0;
	if (found == -1)
		return;
	if (found) {
		e->pub.was = e->pub.path;
		e->pub.path = now;
		e->pub.ctl = TUN_CTL_FOUND;
		master_set_file(e, &at.st);
		return;
	}
	other = there ? listener_of(m, e->pub.path, &at) : NULL;
	e->pub.ctl = other != NULL ? TUN_CTL_REPLACED : TUN_CTL_LOST;
}

/* The user of a listener, as well as it is known. */
static int
find_uid(struct tun_masters *m, const struct plat_sock *sk,
    const struct tun *t, const char *path, uid_t *uidp)
{
	struct looked at;

	if (t != NULL)
		*uidp = t->uid;
	else if (sk->known & PLAT_SOCK_UID)
		*uidp = sk->uid;
	else if (*path == '/' && master_lstat(m, path, &at) == 0)
		*uidp = at.st.st_uid;
	else
		return 0;
	return 1;
}

static int
add_listener(struct tun_masters *m, const struct plat_sock *sk,
    const struct tun_list *list)
{
	const struct tun *t = owner_of(list, sk->key);
	struct master *e;
	uid_t owner;
	char *path;

	if ((path = ctl_path(m->a, sk)) == NULL ||
	    (path = path_full(m->a, t != NULL ? t->cwd : NULL, path)) == NULL)
		return -1;
	if (!find_uid(m, sk, t, path, &owner) || owner != m->uid)
		return 0;
	if ((e = master_add(m, path, owner)) == NULL)
		return -1;
	e->key = sk->key;
	e->elsewhere = t != NULL &&
	    ((const struct cand *)t->internal)->links.ctlelsewhere;
	e->pub.tun = t;
	e->pub.pid = t != NULL ? t->pid : 0;
	if (sk->known & PLAT_SOCK_QUEUES)
		e->pub.queue = (int)sk->rq;
	find_file(m, e, sk);
	return 0;
}

/* Looks once more at the listeners that have waiting connections. */
static int
look_again(struct tun_ctx *ctx, struct tun_masters *m)
{
	struct plat_sock *socks;
	size_t i, k, n;
	int queues = 0;

	for (i = 0; i < m->n; i++)
		queues |= m->v[i]->pub.queue > 0;
	if (!queues)
		return 0;
	ms_sleep(QUEUE_MS);
	if (plat_socks(ctx->pl, NULL, 0, PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX,
	    NULL, &socks, &n) == -1)
		return plat_failed(errno) ? -1 : 0;
	for (i = 0; i < m->n; i++)
		for (k = 0; m->v[i]->pub.queue > 0 && k < n; k++)
			if (socks[k].key == m->v[i]->key &&
			    (int)socks[k].rq < m->v[i]->pub.queue)
				m->v[i]->pub.queue = (int)socks[k].rq;
	free(socks);
	return 0;
}

int
masters_find_listeners(struct tun_ctx *ctx, struct tun_masters *m,
    const struct tun_list *list)
{
	size_t i;

	for (i = 0; i < m->nsocks; i++)
		if (ctl_is_listener(&m->socks[i]) &&
		    add_listener(m, &m->socks[i], list) == -1)
			return -1;
	return look_again(ctx, m);
}

/* --- what processes name ------------------------------------------------- */

int
master_add_file(struct tun_masters *m, const char *path,
    const struct looked *at, struct master **ep)
{
	struct master *e;

	*ep = NULL;
	if (!S_ISSOCK(at->st.st_mode) || at->st.st_uid != m->uid ||
	    master_by_file(m, &at->st) != NULL ||
	    listener_of(m, path, at) != NULL)
		return 0;
	if ((e = master_add(m, path, m->uid)) == NULL)
		return -1;
	master_set_file(e, &at->st);
	*ep = e;
	return 0;
}

static int
add_path(struct tun_masters *m, const char *path, struct master **ep)
{
	struct looked at;

	*ep = NULL;
	if (master_lstat(m, path, &at) == -1)
		return 0;
	return master_add_file(m, path, &at, ep);
}

int
masters_find_named(struct tun_masters *m, const struct tun_list *list)
{
	const struct tun *t = NULL;
	const struct cand *c;
	struct master *e;
	char *path;

	while ((t = tun_next(list, t)) != NULL) {
		c = t->internal;
		if (t->uid != m->uid || t->ctlpath == NULL ||
		    c->links.ctlsock != NULL)
			continue;
		if ((path = path_full(m->a, t->cwd, t->ctlpath)) == NULL ||
		    add_path(m, path, &e) == -1)
			return -1;
		/* Its listener may be hidden, with all of its sockets. */
		if (e != NULL && t->master == 1) {
			e->pub.tun = t;
			e->pub.pid = t->pid;
		}
	}
	return 0;
}
