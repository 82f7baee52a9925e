/* SPDX-License-Identifier: ISC */
/*
 * masters.c: finds control sockets.
 *
 * ssh binds PATH.XXXXXXXXXXXXXXXX, links it to PATH and removes the long name.
 * The kernel's list of listeners therefore has the path of each master; it also
 * has the inode that was bound, which shows whether the path still leads to
 * that master.  The processes show which one is the master and from which
 * directory a relative name starts.  A socket without a listener is dead; dead
 * sockets are looked for in the places where users keep control sockets.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/compat.h"
#include "masters.h"
#include "compat/ms.h"
#include "core/resolve.h"

/* Limits: a directory may hold anything, and no user has so many masters. */
#define MAX_ENTRIES	20000
#define MAX_MASTERS	10000
/*
 * The number of names that a child reports of a directory on a shared file
 * system, that is, one that other machines serve.
 */
#define MAX_REMOTE	256

/* A short burst of connections is not a queue: after this time it is gone. */
#define QUEUE_MS	100

/* The public part is constant for callers, and not for the library. */
struct master *
master_of(const struct tun_master *m)
{
	const struct master *e = (const struct master *)m;

	return e->of->v[e->i];
}

/* --- files --------------------------------------------------------------- */

static int
look(struct tun_masters *m, const char *path, unsigned flags, struct stat *st)
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
	*st = r.st;
	return 0;
}

int
master_stat(struct tun_masters *m, const char *path, struct stat *st)
{
	return look(m, path, RESOLVE_FOLLOW, st);
}

int
master_lstat(struct tun_masters *m, const char *path, struct stat *st)
{
	return look(m, path, 0, st);
}

/* --- listeners ----------------------------------------------------------- */

static int
is_listener(const struct plat_sock *sk)
{
	return sk->family == AF_UNIX && sk->state == PLAT_TCP_LISTEN;
}

static int
is_bound(const struct plat_sock *sk, const struct stat *st)
{
	return S_ISSOCK(st->st_mode) && plat_is_bound(sk, st->st_ino);
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
    const struct stat *st)
{
	const struct plat_sock *sk;
	size_t i;

	for (i = 0; i < m->nsocks; i++) {
		sk = &m->socks[i];
		if (is_listener(sk) &&
		    (is_bound(sk, st) || is_bound_at(sk, path)))
			return sk;
	}
	return NULL;
}

static int
read_sockets(struct tun_ctx *ctx, struct tun_masters *m)
{
	size_t i;

	if (plat_socks(ctx->pl, NULL, 0, PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX,
	    NULL, &m->socks, &m->nsocks) == -1) {
		m->socks = NULL;
		m->nsocks = 0;
		m->blind = 1;
		return plat_failed(errno) ? -1 : 0;
	}
	for (i = 0; i < m->nsocks; i++)
		if (is_listener(&m->socks[i]) && m->socks[i].path[0] != '\0' &&
		    !(m->socks[i].known & PLAT_SOCK_VFS))
			m->blind = 1;
	return 0;
}

/* --- entries ------------------------------------------------------------- */

static struct master *
add(struct tun_masters *m, const char *path, uid_t uid)
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
	e->of = m;
	e->pub.uid = uid;
	e->pub.ctl = TUN_CTL_UNKNOWN;
	e->pub.queue = -1;
	e->pub.trip = -1;
	e->pub.error = -1;
	e->pub.text = "";
	e->i = m->n;
	m->v[m->n++] = e;
	return e;
}

static void
set_file(struct master *e, const struct stat *st)
{
	e->known = 1;
	e->dev = st->st_dev;
	e->ino = st->st_ino;
}

/* The entry whose path leads to this file. */
static struct master *
by_file(const struct tun_masters *m, const struct stat *st)
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
	struct stat st, now;
	size_t i;

	if (master_stat(m, path, &st) == 0) {
		e = by_file(m, &st);
		return e != NULL && master_stat(m, e->pub.path, &now) == 0 &&
		    now.st_ino == st.st_ino && now.st_dev == st.st_dev ?
		    e : NULL;
	}
	for (i = 0; i < m->n; i++)
		if (strcmp(m->v[i]->pub.path, path) == 0)
			return m->v[i];
	return NULL;
}

/* --- the usual places ---------------------------------------------------- */

enum base {
	BASE_HOME,
	BASE_ROOT,
	BASE_RUN		/* /run/user/UID */
};

/*
 * From public ssh_config files, and from the defaults of Ansible and Emacs.
 * Any user can create names in shared directories, so the owner is always
 * checked.
 */
static const struct place {
	enum base base;
	const char *dir;
	const char *names[8];	/* patterns for fnmatch(3) */
} places[] = {
	{ BASE_HOME, "/.ssh", { "cm-*", "cm_*", "control-*", "master-*",
	    "mux-*", "mux_*", "ssh-*" } },
	{ BASE_HOME, "/.ssh", { "*@*:*", "*@*-*", "ctl-*", "ssh_mux_*",
	    "control:*", "ctrl-*" } },
	{ BASE_HOME, "/.ssh/cm", { "*" } },
	{ BASE_HOME, "/.ssh/connections", { "*" } },
	{ BASE_HOME, "/.ssh/control", { "*" } },
	{ BASE_HOME, "/.ssh/controlmasters", { "*" } },
	{ BASE_HOME, "/.ssh/mux", { "*" } },
	{ BASE_HOME, "/.ssh/sockets", { "*" } },
	{ BASE_HOME, "/.ansible/cp", { "*" } },
	{ BASE_ROOT, "/tmp", { "cm-*", "mux-*", "ssh-*", "ssh_mux_*",
	    "tramp.*", "*@*:*" } },
	{ BASE_ROOT, "/tmp/ssh", { "*" } },
	{ BASE_ROOT, "/dev/shm", { "cm-*", "mux-*", "ssh-*", "ssh_mux_*",
	    "*@*:*" } },
	{ BASE_RUN, "", { "cm-*", "mux-*", "ssh-*", "ssh_mux_*", "*@*:*" } },
	{ BASE_RUN, "/ssh", { "*" } }
};

/* The socket of an agent is not a master's, even if its name matches. */
static int
is_name(const struct place *p, const char *name)
{
	size_t i;

	if (*name == '.' || strstr(name, "agent") != NULL)
		return 0;
	for (i = 0; i < 8 && p->names[i] != NULL; i++)
		if (fnmatch(p->names[i], name, 0) == 0)
			return 1;
	return 0;
}

/* --- directories --------------------------------------------------------- */

/* What to look for in a directory: the names of a place, or a bound file. */
struct search {
	const struct place *place;
	const struct plat_sock *sk;	/* if place is NULL */
	const char *dir;
	struct entry *v;	/* the caller frees */
	size_t n, room;
};

struct entry {
	char name[256];
	struct stat st;
};

static int
is_wanted(const struct search *se, const struct dirent *de)
{
	return se->place != NULL ? is_name(se->place, de->d_name) :
	    plat_is_bound(se->sk, de->d_ino);
}

static struct entry *
new_entry(struct search *se)
{
	struct entry *v;
	size_t room = se->room == 0 ? 16 : se->room * 2;

	if (se->n == se->room) {
		if ((v = reallocarray(se->v, room, sizeof(*v))) == NULL)
			return NULL;
		se->v = v;
		se->room = room;
	}
	return &se->v[se->n];
}

/* Searches the directory fd, and closes fd. */
static int
search_fd(struct search *se, int fd)
{
	const struct dirent *de;
	struct entry *e;
	DIR *dp;
	int n = 0, r = 0;

	if ((dp = fdopendir(fd)) == NULL) {
		close(fd);
		errno = ENOMEM;
		return -1;
	}
	while (r == 0 && n++ < MAX_ENTRIES && (de = readdir(dp)) != NULL) {
		if ((e = new_entry(se)) == NULL) {
			r = -1;
			break;
		}
		if (!is_wanted(se, de) ||
		    strlcpy(e->name, de->d_name, sizeof(e->name)) >=
		    sizeof(e->name) || fstatat(fd, e->name, &e->st,
		    AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		se->n++;
	}
	closedir(dp);
	if (r == -1)
		errno = ENOMEM;
	return r;
}

/* What a child has found. */
struct far {
	struct search se;
	struct {
		size_t n;
		struct entry v[MAX_REMOTE];
	} out;
};

static void
search_far(void *arg)
{
	struct far *far = arg;
	int fd;

	fd = open(far->se.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return;
	(void)search_fd(&far->se, fd);
	far->out.n = far->se.n < MAX_REMOTE ? far->se.n : MAX_REMOTE;
	memcpy(far->out.v, far->se.v, far->out.n * sizeof(far->out.v[0]));
}

/*
 * Searches a directory on a shared file system in a child, which can be killed.
 */
static int
search_apart(struct tun_masters *m, const char *dir, struct search *se)
{
	struct far *far;
	int r, saved;

	if ((far = calloc(1, sizeof(*far))) == NULL)
		return -1;
	far->se = *se;
	far->se.dir = dir;
	r = resolve_apart(m->rs, dir, search_far, far, &far->out,
	    sizeof(far->out));
	if (r == 0 &&
	    (se->v = calloc(far->out.n + 1, sizeof(*se->v))) == NULL)
		r = -1;
	if (r == 0) {
		se->n = far->out.n;
		memcpy(se->v, far->out.v, se->n * sizeof(*se->v));
	}
	saved = errno;
	free(far);
	errno = saved;
	return r;
}

/* Returns -1 with errno if the directory could not be read. */
static int
search(struct tun_masters *m, const char *dir, struct search *se)
{
	struct resolved r;
	char *path;
	int fd;

	if ((path = arena_printf(m->a, "%s/.", dir)) == NULL)
		return -1;
	if (resolve(m->rs, path, RESOLVE_FOLLOW, 0, &r) == -1)
		return errno == EREMOTE ? search_apart(m, dir, se) : -1;
	fd = openat(r.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd == -1 ? -1 : search_fd(se, fd);
}

/* Frees what a failed search has found; errno stays. */
static int
drop_search(struct search *se)
{
	int saved = errno;

	free(se->v);
	errno = saved;
	return -1;
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

/*
 * Finds another name of a listener's file in the directory of path.  Returns 1
 * if there is one, 0 if not, -1 if the directory could not be searched.
 */
static int
renamed(struct tun_masters *m, const char *path, const struct plat_sock *sk,
    char **nowp, struct stat *st)
{
	struct search se = { .sk = sk };
	const char *slash = strrchr(path, '/');
	char *dir = NULL;
	size_t i;

	if (*path != '/' || slash == path)
		return 0;
	if ((dir = arena_strndup(m->a, path, (size_t)(slash - path))) == NULL)
		return -1;
	if (search(m, dir, &se) == -1 && plat_failed(errno))
		return drop_search(&se);
	for (i = 0; i < se.n && !is_bound(sk, &se.v[i].st); i++)
		continue;
	if (i < se.n) {
		*st = se.v[i].st;
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
	struct stat st;
	char *now = NULL;
	int found, there;

	e->pub.ctl = TUN_CTL_UNKNOWN;
	if (*e->pub.path != '/')
		return;
	there = master_stat(m, e->pub.path, &st) == 0;
	if (!there && errno != ENOENT && errno != ENOTDIR)
		return;
	if (there && !(sk->known & PLAT_SOCK_VFS)) {
		set_file(e, &st);
		return;
	}
	if (there && is_bound(sk, &st)) {
		set_file(e, &st);
		e->pub.ctl = TUN_CTL_FOUND;
		return;
	}
	/* The process that listens at that path may be on another machine. */
	if (there && m->shared)
		return;
	found = sk->known & PLAT_SOCK_VFS ?
	    renamed(m, e->pub.path, sk, &now, &st) : 0;
	if (found == -1)
		return;
	if (found) {
		e->pub.was = e->pub.path;
		e->pub.path = now;
		e->pub.ctl = TUN_CTL_FOUND;
		set_file(e, &st);
		return;
	}
	other = there ? listener_of(m, e->pub.path, &st) : NULL;
	e->pub.ctl = other != NULL ? TUN_CTL_REPLACED : TUN_CTL_LOST;
}

/* The user of a listener, as well as it is known. */
static int
find_uid(struct tun_masters *m, const struct plat_sock *sk,
    const struct tun *t, const char *path, uid_t *uidp)
{
	struct stat st;

	if (t != NULL)
		*uidp = t->uid;
	else if (sk->known & PLAT_SOCK_UID)
		*uidp = sk->uid;
	else if (*path == '/' && master_lstat(m, path, &st) == 0)
		*uidp = st.st_uid;
	else
		return 0;
	return 1;
}

static int
add_listener(struct tun_masters *m, const struct plat_sock *sk,
    const struct tun_list *list, uid_t uid)
{
	const struct tun *t = owner_of(list, sk->key);
	struct master *e;
	uid_t owner;
	char *path;

	if ((path = ctl_path(m->a, sk)) == NULL ||
	    (path = path_full(m->a, t != NULL ? t->cwd : NULL, path)) == NULL)
		return -1;
	if (!find_uid(m, sk, t, path, &owner) || owner != uid)
		return 0;
	if ((e = add(m, path, uid)) == NULL)
		return -1;
	e->key = sk->key;
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

static int
find_listeners(struct tun_ctx *ctx, struct tun_masters *m,
    const struct tun_list *list, uid_t uid)
{
	size_t i;

	for (i = 0; i < m->nsocks; i++)
		if (ctl_is_listener(&m->socks[i]) &&
		    add_listener(m, &m->socks[i], list, uid) == -1)
			return -1;
	return look_again(ctx, m);
}

/* --- what processes say -------------------------------------------------- */

/*
 * Adds a socket file that belongs to no known listener: it is dead, or its
 * master cannot be seen.  Files of other listeners are left out, because we
 * must not connect to them.
 */
static int
add_file(struct tun_masters *m, const char *path, uid_t uid,
    const struct stat *st, struct master **ep)
{
	struct master *e;

	*ep = NULL;
	if (!S_ISSOCK(st->st_mode) || st->st_uid != uid ||
	    by_file(m, st) != NULL || listener_of(m, path, st) != NULL)
		return 0;
	if ((e = add(m, path, uid)) == NULL)
		return -1;
	set_file(e, st);
	*ep = e;
	return 0;
}

static int
add_path(struct tun_masters *m, const char *path, uid_t uid,
    struct master **ep)
{
	struct stat st;

	*ep = NULL;
	if (master_lstat(m, path, &st) == -1)
		return 0;
	return add_file(m, path, uid, &st, ep);
}

static int
find_said(struct tun_masters *m, const struct tun_list *list, uid_t uid)
{
	const struct tun *t = NULL;
	const struct cand *c;
	struct master *e;
	char *path;

	while ((t = tun_next(list, t)) != NULL) {
		c = t->internal;
		if (t->uid != uid || t->ctlpath == NULL ||
		    c->links.ctlsock != NULL)
			continue;
		if ((path = path_full(m->a, t->cwd, t->ctlpath)) == NULL ||
		    add_path(m, path, uid, &e) == -1)
			return -1;
		/* Its listener may be hidden, with all of its sockets. */
		if (e != NULL && t->master == 1) {
			e->pub.tun = t;
			e->pub.pid = t->pid;
		}
	}
	return 0;
}

/* --- searching the places ------------------------------------------------- */

static char *
place_dir(struct arena *a, const struct place *p, uid_t uid)
{
	const struct passwd *pw;

	switch (p->base) {
	case BASE_HOME:
		if ((pw = user_find(a, uid)) == NULL || *pw->pw_dir != '/')
			return NULL;
		return arena_printf(a, "%s%s", pw->pw_dir, p->dir);
	case BASE_RUN:
		return arena_printf(a, "/run/user/%lu%s", (unsigned long)uid,
		    p->dir);
	case BASE_ROOT:
		break;
	}
	return arena_strdup(a, p->dir);
}

static int
look_in(struct tun_masters *m, const struct place *p, const char *dir,
    uid_t uid)
{
	struct search se = { .place = p };
	struct master *e;
	char *path;
	size_t i;
	int r = 0;

	if (search(m, dir, &se) == -1 && plat_failed(errno))
		return drop_search(&se);
	for (i = 0; r == 0 && i < se.n; i++) {
		path = arena_printf(m->a, "%s/%s", dir, se.v[i].name);
		r = path == NULL ? -1 :
		    add_file(m, path, uid, &se.v[i].st, &e);
	}
	free(se.v);
	return r;
}

static int
find_places(struct tun_masters *m, uid_t uid)
{
	size_t i;
	char *dir;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		errno = 0;
		dir = place_dir(m->a, &places[i], uid);
		if (dir == NULL && plat_failed(errno))
			return -1;
		if (dir != NULL && look_in(m, &places[i], dir, uid) == -1)
			return -1;
	}
	return 0;
}

/* --- all of it ------------------------------------------------------------ */

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
	if (flags != 0 && read_sockets(ctx, m) == -1)
		goto out;
	if (flags & TUN_MASTERS_SOCKETS &&
	    find_listeners(ctx, m, list, uid) == -1)
		goto out;
	if (list != NULL && find_said(m, list, uid) == -1)
		goto out;
	if (flags & TUN_MASTERS_PLACES && find_places(m, uid) == -1)
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

const struct tun_master *
tun_masters_next(const struct tun_masters *m, const struct tun_master *prev)
{
	size_t i = prev != NULL ? master_of(prev)->i + 1 : 0;

	return i < m->n ? &m->v[i]->pub : NULL;
}

const struct tun_master *
tun_masters_at(struct tun_masters *m, const char *path)
{
	struct master *e = by_path(m, path);
	struct stat st;

	if (e == NULL) {
		if ((e = add(m, path, m->uid)) == NULL)
			return NULL;
		if (master_lstat(m, path, &st) == 0)
			set_file(e, &st);
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
	if ((e = add(m, path, t->uid)) == NULL)
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
