/* SPDX-License-Identifier: ISC */
/*
 * resolve.c: resolves a path that another user chose, or that another machine
 * can change.
 *
 * Each name is looked up in the directory that the last name led to, and that
 * directory is held open.  So a link is followed only if the right user owns
 * it, and renaming a directory meanwhile has no effect.  The table of mounts is
 * consulted before each step, because a file system whose server is gone would
 * block any process that enters it, for ever.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asuser.h"
#include "compat/array.h"
#include "compat/compat.h"
#include "compat/ms.h"
#include "platform.h"
#include "resolve.h"

#define LINKS_MAX	40	/* the same as in Linux */
#define LOOK_MS		500	/* time for a server to answer */
#define LOOK_ALL_MS	1000	/* total for those that do not answer */
#define NO_MOUNT	((size_t)-1)

/* --- what is mounted ----------------------------------------------------- */

/* qsort(3) does not keep the order of equal elements. */
static int
mount_cmp(const void *a, const void *b)
{
	const struct plat_mount *x = a, *y = b;
	int cmp = strcmp(x->point, y->point);

	return cmp != 0 ? cmp : x->order < y->order ? -1 : 1;
}

void
resolve_init(struct resolver *rs)
{
	memset(rs, 0, sizeof(*rs));
	rs->dir = -1;
}

static void
forget_dir(struct resolver *rs)
{
	if (rs->dir != -1)
		close(rs->dir);
	rs->dir = -1;
}

void
resolve_end(struct resolver *rs)
{
	forget_dir(rs);
	free(rs->v);
	free(rs->dead);
	resolve_init(rs);
}

static size_t root_mount(const struct resolver *);

/* Sorts the mounts in v, which are in the order of mounting, for a walk. */
void
resolve_sort(struct resolver *rs)
{
	size_t i;

	for (i = 0; i < rs->n; i++)
		rs->v[i].order = i;
	qsort(rs->v, rs->n, sizeof(*rs->v), mount_cmp);
	rs->root = root_mount(rs);
	rs->loaded = 1;
}

static int
load(struct resolver *rs)
{
	if (rs->loaded != 0)
		return 0;
	if (plat_mounts(&rs->v, &rs->n) == -1) {
		if (plat_failed(errno))
			return -1;
		rs->v = NULL;
		rs->n = 0;
		rs->local = errno == ENOSYS;
		rs->root = NO_MOUNT;
		rs->loaded = -1;
		return 0;
	}
	if ((rs->dead = calloc(rs->n + 1, 1)) == NULL) {
		free(rs->v);
		rs->v = NULL;
		return -1;
	}
	resolve_sort(rs);
	return 0;
}

static int
point_cmp(const void *point, const void *mount)
{
	return strcmp(point, ((const struct plat_mount *)mount)->point);
}

/* The first mount at this point, or NO_MOUNT. */
static size_t
first_at(const struct resolver *rs, const char *point)
{
	const struct plat_mount *m = array_find(point, rs->v, rs->n,
	    sizeof(*rs->v), point_cmp);

	return m != NULL ? (size_t)(m - rs->v) : NO_MOUNT;
}

/*
 * The mount that is entered at this point from the mount on; on itself if there
 * is none.  Mounts can be stacked there.  A mount with another parent is
 * covered by a later one.
 */
static size_t
enter(const struct resolver *rs, size_t on, const char *point)
{
	size_t i, first = first_at(rs, point);

	for (i = first; i < rs->n && strcmp(rs->v[i].point, point) == 0; i++) {
		if (rs->v[i].id == 0 && rs->v[i].parent == 0)
			on = i;
		else if (on != NO_MOUNT && i != on &&
		    rs->v[i].parent == rs->v[on].id) {
			on = i;
			i = first - 1;
		}
	}
	return on;
}

/* The lowest mount at "/" has none of the others there as its parent. */
static size_t
root_mount(const struct resolver *rs)
{
	size_t i, k, first = first_at(rs, "/");

	for (i = first; i < rs->n && strcmp(rs->v[i].point, "/") == 0; i++) {
		for (k = first; k < rs->n && strcmp(rs->v[k].point, "/") == 0 &&
		    (k == i || rs->v[k].id != rs->v[i].parent); k++)
			continue;
		if (k == rs->n || strcmp(rs->v[k].point, "/") != 0)
			return enter(rs, i, "/");
	}
	return first;
}

/* The mount of a path without links. */
static size_t
mount_of(const struct resolver *rs, const char *path)
{
	size_t len, at = rs->root;
	char buf[PATH_MAX];

	for (len = 1; path[0] != '\0' && path[len - 1] != '\0'; len++) {
		if (path[len] != '/' && path[len] != '\0')
			continue;
		memcpy(buf, path, len);
		buf[len] = '\0';
		at = enter(rs, at, buf);
	}
	return at;
}

static int
is_local(const struct resolver *rs, size_t mount)
{
	return rs->local || (rs->v != NULL && mount != NO_MOUNT &&
	    rs->v[mount].fs == PLAT_FS_LOCAL);
}

static int
is_trigger(const struct resolver *rs, size_t mount)
{
	return rs->v != NULL && mount != NO_MOUNT &&
	    rs->v[mount].fs == PLAT_FS_TRIGGER;
}

/* Its file system, unless the step shows that it was mounted since. */
static uint64_t
device_of(const struct resolver *rs, size_t mount, const struct plat_step *step)
{
	const struct plat_mount *m;

	if (rs->v == NULL || mount == NO_MOUNT)
		return 0;
	m = &rs->v[mount];
	return m->id != 0 && step->mount != 0 && m->id != step->mount ? 0 :
	    m->dev;
}

/* --- one path ------------------------------------------------------------ */

struct walk {
	struct resolver *rs;
	unsigned flags;
	uid_t uid;
	int dir;		/* the current directory */
	size_t mount;
	struct stat dirst;
	int links;
	int replaced;		/* the last name was a link */
	int shared;		/* it is on a shared file system */
	size_t stopped;		/* the mount that was not entered */
	size_t guarded;		/* of at: to where only uid may enter, or 0 */
	char at[PATH_MAX];	/* its path, "" for the root */
	char todo[PATH_MAX];	/* the rest of the path */
};

static int
fail(int error)
{
	errno = error;
	return -1;
}

/*
 * May the walk go on, on this mount?  The root is allowed, because this program
 * itself came from there.
 */
static int
may_enter(struct walk *w, size_t mount)
{
	w->shared = !is_local(w->rs, mount);
	if (!w->shared || (mount != NO_MOUNT && mount == w->rs->root))
		return 0;
	w->stopped = mount;
	if (w->flags & RESOLVE_SHARED && !is_trigger(w->rs, mount))
		return 0;
	return fail(EREMOTE);
}

/* A mask of an access control list shows as the permissions of the group. */
static void
note_guard(struct walk *w)
{
	size_t len = strlen(w->at);

	if (len < w->guarded)
		w->guarded = 0;
	if (w->guarded == 0 && w->dirst.st_uid == w->uid &&
	    (w->dirst.st_mode & (S_IXGRP | S_IXOTH)) == 0)
		w->guarded = len;
}

static int
go_to(struct walk *w, const struct plat_step *step, size_t mount)
{
	/* Something was mounted after the table was read. */
	if (mount != NO_MOUNT && step->mount != 0 &&
	    w->rs->v[mount].id != 0 && w->rs->v[mount].id != step->mount &&
	    !(w->flags & RESOLVE_SHARED)) {
		close(step->fd);
		return fail(EREMOTE);
	}
	if (w->dir != -1)
		close(w->dir);
	w->dir = step->fd;
	w->dirst = step->st;
	w->mount = mount;
	note_guard(w);
	return 0;
}

static int
start(struct walk *w)
{
	struct plat_step step;

	w->at[0] = '\0';
	if (plat_step(AT_FDCWD, "/", &step) == -1)
		return -1;
	if (step.fd == -1)
		return fail(ENOTDIR);
	w->shared = !is_local(w->rs, w->rs->root);
	return go_to(w, &step, w->rs->root);
}

/* The text of the link comes before the rest of the path. */
static int
follow(struct walk *w, const struct plat_step *step)
{
	char rest[PATH_MAX];

	if (w->flags & RESOLVE_OWNED && step->st.st_uid != 0 &&
	    step->st.st_uid != w->uid)
		return fail(EPERM);
	if (++w->links > LINKS_MAX)
		return fail(ELOOP);
	if (step->link[0] == '\0')
		return fail(ENOENT);
	strlcpy(rest, w->todo, sizeof(rest));
	if (strlcpy(w->todo, step->link, sizeof(w->todo)) >=
	    sizeof(w->todo) || (*rest != '\0' &&
	    (strlcat(w->todo, "/", sizeof(w->todo)) >= sizeof(w->todo) ||
	    strlcat(w->todo, rest, sizeof(w->todo)) >= sizeof(w->todo))))
		return fail(ENAMETOOLONG);
	return step->link[0] == '/' ? start(w) : 0;
}

static int
go_up(struct walk *w)
{
	struct plat_step step;
	char *slash = strrchr(w->at, '/');
	size_t mount;

	if (slash == NULL)
		return 0;
	*slash = '\0';
	if (plat_step(w->dir, "..", &step) == -1)
		return -1;
	mount = mount_of(w->rs, w->at);
	if (may_enter(w, mount) == -1) {
		close(step.fd);
		return fail(EREMOTE);
	}
	return go_to(w, &step, mount);
}

/* Takes the next name from the rest of the path; "" if there is none. */
static int
next_name(struct walk *w, char *name, size_t size)
{
	const char *p = w->todo + strspn(w->todo, "/");
	size_t len = strcspn(p, "/");

	if (len >= size)
		return fail(ENAMETOOLONG);
	memcpy(name, p, len);
	name[len] = '\0';
	p += len;
	/* "name/" has to be a directory. */
	if (*p == '/' && len > 0 && p[strspn(p, "/")] == '\0')
		p = ".";
	memmove(w->todo, p, strlen(p) + 1);
	return 0;
}

/* Adds the name to the current path: the mount that it is on. */
static int
add_name(struct walk *w, const char *name, size_t *mountp)
{
	if (strlcat(w->at, "/", sizeof(w->at)) >= sizeof(w->at) ||
	    strlcat(w->at, name, sizeof(w->at)) >= sizeof(w->at))
		return fail(ENAMETOOLONG);
	*mountp = enter(w->rs, w->mount, w->at);
	return may_enter(w, *mountp);
}

/* Enters a directory, or goes to where a link leads. */
static int
go_down(struct walk *w, const char *name)
{
	struct plat_step step;
	size_t len = strlen(w->at), mount;

	if (add_name(w, name, &mount) == -1 ||
	    plat_step(w->dir, name, &step) == -1)
		return -1;
	if (step.fd != -1)
		return go_to(w, &step, mount);
	w->at[len] = '\0';
	return step.link[0] != '\0' || S_ISLNK(step.st.st_mode) ?
	    follow(w, &step) : fail(ENOTDIR);
}

/*
 * Looks up the last name.  Returns 1 if it is found or known not to exist, 0 to
 * go on.
 */
static int
finish(struct walk *w, const char *name, struct resolved *r)
{
	struct plat_step step;
	size_t len = strlen(w->at), mount;

	if (add_name(w, name, &mount) == -1)
		return -1;
	w->at[len] = '\0';
	memset(&r->st, 0, sizeof(r->st));
	r->dev = 0;
	if (plat_step(w->dir, name, &step) == 0) {
		if (step.fd != -1)
			close(step.fd);
		if (S_ISLNK(step.st.st_mode) && w->flags & RESOLVE_FOLLOW) {
			w->replaced = 1;
			return follow(w, &step);
		}
		r->st = step.st;
		r->dev = device_of(w->rs, mount, &step);
	} else if (errno != ENOENT)
		return -1;
	strlcpy(r->name, name, sizeof(r->name));
	return 1;
}

/* Walks to the last name, and on if that is a link to be followed. */
static int
walk(struct walk *w, struct resolved *r)
{
	char name[sizeof(r->name)];
	int done = 0;

	while (!done) {
		if (next_name(w, name, sizeof(name)) == -1)
			return -1;
		if (name[0] == '\0')
			done = finish(w, ".", r);
		else if (strcmp(name, ".") == 0)
			continue;
		else if (strcmp(name, "..") == 0)
			done = go_up(w);
		else if (w->todo[0] == '\0')
			done = finish(w, name, r);
		else
			done = go_down(w, name);
		if (done == -1)
			return -1;
	}
	return 0;
}

/* --- the last directory -------------------------------------------------- */

/* Where the last name begins; NULL if there is none. */
static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : NULL;
}

static int
begin(struct walk *w, const char *path)
{
	struct resolver *rs = w->rs;
	const char *last = last_name(path);
	size_t len = last == NULL ? 0 : (size_t)(last - path);

	if (rs->dir != -1 && len > 0 && rs->flags == w->flags &&
	    rs->uid == w->uid && strncmp(rs->text, path, len) == 0 &&
	    rs->text[len] == '\0' && strcmp(last, ".") != 0 &&
	    strcmp(last, "..") != 0) {
		w->dir = rs->dir;
		rs->dir = -1;
		w->dirst = rs->dirst;
		w->mount = rs->mount;
		w->guarded = rs->guarded;
		w->shared = !is_local(rs, rs->mount);
		strlcpy(w->at, rs->at, sizeof(w->at));
		strlcpy(w->todo, last, sizeof(w->todo));
		return 0;
	}
	if (strlcpy(w->todo, path, sizeof(w->todo)) >= sizeof(w->todo))
		return fail(ENAMETOOLONG);
	return start(w);
}

/*
 * Keeps the current directory for the next path.  It is the directory of this
 * path, unless the last name was a link.
 */
static void
keep_dir(struct walk *w, const char *path)
{
	struct resolver *rs = w->rs;
	const char *last = last_name(path);

	forget_dir(rs);
	rs->dir = w->dir;
	rs->dirst = w->dirst;
	rs->mount = w->mount;
	rs->guarded = w->guarded;
	rs->flags = w->flags;
	rs->uid = w->uid;
	strlcpy(rs->at, w->at, sizeof(rs->at));
	rs->text[0] = '\0';
	/* The path is no longer than PATH_MAX. */
	if (last != NULL && !w->replaced)
		strlcpy(rs->text, path, (size_t)(last - path) + 1);
}

static int
resolve_full(struct resolver *rs, const char *path, unsigned flags, uid_t uid,
    struct resolved *r, size_t *stopped)
{
	struct walk w = { .rs = rs, .flags = flags, .uid = uid, .dir = -1,
	    .stopped = NO_MOUNT };
	int saved;

	*stopped = NO_MOUNT;
	if (load(rs) == -1)
		return -1;
	if (begin(&w, path) == -1 || walk(&w, r) == -1) {
		saved = errno;
		*stopped = w.stopped;
		if (w.dir != -1)
			close(w.dir);
		return fail(saved);
	}
	r->dir = w.dir;
	r->dirst = w.dirst;
	r->guarded = w.guarded > 0;
	r->shared = w.shared;
	keep_dir(&w, path);
	return 0;
}

/* A relative path starts from the current directory. */
static const char *
absolute(const char *path, char *buf, size_t size)
{
	if (*path == '/')
		return path;
	if (getcwd(buf, size) == NULL)
		return NULL;
	if (strlcat(buf, "/", size) >= size ||
	    strlcat(buf, path, size) >= size) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return buf;
}

int
resolve(struct resolver *rs, const char *path, unsigned flags, uid_t uid,
    struct resolved *r)
{
	char buf[PATH_MAX];
	size_t stopped;

	if (*path == '\0')
		return fail(ENOENT);
	if ((path = absolute(path, buf, sizeof(buf))) == NULL)
		return -1;
	return resolve_full(rs, path, flags, uid, r, &stopped);
}

/* --- file systems that may never answer ----------------------------------- */

struct looking {
	struct resolver *rs;
	const char *path;
	unsigned flags;
	uid_t uid;
	struct {
		int error;
		struct resolved r;
	} out;
};

static void
look(void *arg)
{
	struct looking *lo = arg;
	size_t stopped;

	/* The child has none of our descriptors. */
	lo->rs->dir = -1;
	lo->out.error = resolve_full(lo->rs, lo->path, lo->flags, lo->uid,
	    &lo->out.r, &stopped) == -1 ? errno : 0;
	lo->out.r.dir = -1;
}

/* A server that did not answer once is not asked again. */
static int
apart(struct resolver *rs, size_t mount, void (*fn)(void *), void *arg,
    void *buf, size_t len)
{
	int64_t begun = ms_now();
	int r;

	if (is_trigger(rs, mount))
		return fail(EREMOTE);
	if (rs->spent >= LOOK_ALL_MS ||
	    (mount != NO_MOUNT && rs->dead[mount]))
		return fail(ETIMEDOUT);
	r = child_run(fn, arg, buf, len, LOOK_MS);
	if (r == -1 && errno == ETIMEDOUT) {
		rs->spent += (int)(ms_now() - begun);
		if (mount != NO_MOUNT)
			rs->dead[mount] = 1;
		errno = ETIMEDOUT;
	}
	return r;
}

int
resolve_look(struct resolver *rs, const char *path, unsigned flags, uid_t uid,
    struct resolved *r)
{
	struct looking lo = { .rs = rs, .flags = flags | RESOLVE_SHARED,
	    .uid = uid };
	char buf[PATH_MAX];
	size_t stopped;

	if (*path == '\0')
		return fail(ENOENT);
	if ((lo.path = absolute(path, buf, sizeof(buf))) == NULL)
		return -1;
	if (resolve_full(rs, lo.path, flags, uid, r, &stopped) == 0)
		return 0;
	if (errno != EREMOTE)
		return -1;
	if (apart(rs, stopped, look, &lo, &lo.out, sizeof(lo.out)) == -1)
		return -1;
	if (lo.out.error != 0)
		return fail(lo.out.error);
	*r = lo.out.r;
	r->shared = 1;
	return 0;
}

int
resolve_apart(struct resolver *rs, const char *path, void (*fn)(void *),
    void *arg, void *buf, size_t len)
{
	struct resolved r;
	char full[PATH_MAX];
	size_t stopped;

	if ((path = absolute(path, full, sizeof(full))) == NULL)
		return -1;
	(void)resolve_full(rs, path, RESOLVE_FOLLOW, 0, &r, &stopped);
	return apart(rs, stopped, fn, arg, buf, len);
}

const char *
resolve_error(int error)
{
	switch (error) {
	case EREMOTE:
		return "on a network file system: its master may be on "
		    "another machine";
	case ETIMEDOUT:
		return "its file system does not answer";
	default:
		return strerror(error);
	}
}
