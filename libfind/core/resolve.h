/* SPDX-License-Identifier: ISC */
/*
 * Paths that others chose, resolved once and without waiting; resolve.c.
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <sys/types.h>
#include <sys/stat.h>

#include <limits.h>
#include <stddef.h>

struct plat_mount;

/*
 * What is mounted, and the last directory that was found: paths often lie
 * beside each other.
 */
struct resolver {
	struct plat_mount *v;	/* by point */
	size_t n;
	int loaded;		/* -1: not to be had, so no path is local */
	int local;		/* the system tells nothing: all are */
	unsigned char *dead;	/* of v: has not answered */
	int spent;		/* ms that were waited for those */
	int dir;		/* -1: none */
	struct stat dirst;
	size_t mount, root;	/* of dir, and of "/", in v */
	unsigned flags;		/* that it was found with */
	uid_t uid;
	char text[PATH_MAX];	/* dir as it was written */
	char at[PATH_MAX];	/* and without links */
};

#define RESOLVE_FOLLOW	0x1	/* a link in the last place, too */
#define RESOLVE_OWNED	0x2	/* no link but root's and those of uid */
#define RESOLVE_SHARED	0x4	/* go where other machines may be, and wait */

/* Where a path leads. */
struct resolved {
	int dir;		/* the resolver's, until it is used again */
	char name[256];		/* in dir, and no link */
	struct stat st;		/* of name, all zero if there is none */
	struct stat dirst;	/* of dir */
	int shared;		/* on a file system that others have too */
};

void	 resolve_init(struct resolver *rs);
void	 resolve_end(struct resolver *rs);
/* For tests: v has n mounts, dead has room for them. */
void	 resolve_sort(struct resolver *rs);

/*
 * 0, also where the last name does not exist (st_mode is 0 then), or -1 with
 * errno: ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG.  EPERM: a link of
 * another user is on the way.  EREMOTE: it lies on a file system that other
 * machines, or a process, may have a hand in, or that looking would mount.
 */
int	 resolve(struct resolver *rs, const char *path, unsigned flags,
	    uid_t uid, struct resolved *r);

/*
 * The same, on such a file system too: a child looks there, for half a second
 * at most, and r->dir is -1 then.  ETIMEDOUT: its server does not answer.
 */
int	 resolve_look(struct resolver *rs, const char *path, unsigned flags,
	    uid_t uid, struct resolved *r);

/*
 * Calls fn(arg), which touches path, in a child for half a second at most;
 * what it leaves in buf comes back.  0, or -1 with errno.
 */
int	 resolve_apart(struct resolver *rs, const char *path,
	    void (*fn)(void *), void *arg, void *buf, size_t len);

/* What errno says after a failure, for people. */
const char *resolve_error(int error);

#endif
