/* SPDX-License-Identifier: ISC */
/*
 * directory.c: searches a directory that a user chose, if need be in a child: a
 * file system of another machine may never answer.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/compat.h"
#include "directory.h"
#include "core/core.h"

/* A directory may hold anything. */
#define MAX_ENTRIES	20000
/* How many names a child reports of a directory of another machine. */
#define MAX_REMOTE	256

static struct dir_entry *
new_entry(struct dir_search *se)
{
	struct dir_entry *v;
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
search_fd(struct dir_search *se, int fd)
{
	const struct dirent *de;
	struct dir_entry *e;
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
		if (!se->wants(se, de) ||
		    strlcpy(e->name, de->d_name, sizeof(e->name)) >=
		    sizeof(e->name) || fstatat(fd, e->name, &e->at.st,
		    AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		/* Something may be mounted on the file itself. */
		e->at.dev = e->at.st.st_dev == se->at.st.st_dev ?
		    se->at.dev : 0;
		se->n++;
	}
	closedir(dp);
	if (r == -1)
		errno = ENOMEM;
	return r;
}

/* What a child has found. */
struct far {
	struct dir_search se;
	struct {
		size_t n;
		struct dir_entry v[MAX_REMOTE];
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
search_apart(struct resolver *rs, const char *dir, struct dir_search *se)
{
	struct far *far;
	int r, saved;

	if ((far = calloc(1, sizeof(*far))) == NULL)
		return -1;
	far->se = *se;
	far->se.dir = dir;
	r = resolve_apart(rs, dir, search_far, far, &far->out,
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

static int
search(struct arena *a, struct resolver *rs, const char *dir,
    struct dir_search *se)
{
	struct resolved r;
	char *path;
	int fd;

	if ((path = arena_printf(a, "%s/.", dir)) == NULL)
		return -1;
	if (resolve(rs, path, RESOLVE_FOLLOW, 0, &r) == -1)
		return errno == EREMOTE ? search_apart(rs, dir, se) : -1;
	se->at.st = r.st;
	se->at.dev = r.dev;
	fd = openat(r.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd == -1 ? -1 : search_fd(se, fd);
}

int
dir_search(struct arena *a, struct resolver *rs, const char *dir,
    struct dir_search *se)
{
	int saved;

	if (search(a, rs, dir, se) == 0)
		return 0;
	saved = errno;
	free(se->v);
	se->v = NULL;
	se->n = 0;
	errno = saved;
	return -1;
}
