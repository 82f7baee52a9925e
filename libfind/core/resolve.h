/* SPDX-License-Identifier: ISC */
/* Resolves paths that others chose, once and without waiting; resolve.c. */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <sys/types.h>
#include <sys/stat.h>

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct plat_mount;

/*
 * The mounts, and the last directory that was found, because paths are often in
 * the same directory.
 */
struct resolver {
	struct plat_mount *v;	/* sorted by mount point */
	size_t n;
	int loaded;		/* -1: not available; then no path is local */
	int local;		/* the system has no table: all are local */
	unsigned char *dead;	/* for each of v: it has not answered */
	int spent;		/* ms spent waiting for those */
	int dir;		/* -1: none */
	struct stat dirst;
	size_t mount, root;	/* mounts of dir and of "/", in v */
	size_t guarded;		/* as in a walk */
	unsigned flags;		/* the flags that found it */
	uid_t uid;
	char text[PATH_MAX];	/* dir as it was written */
	char at[PATH_MAX];	/* dir without links */
};

#define RESOLVE_FOLLOW	0x1	/* follow a link in the last place, too */
#define RESOLVE_OWNED	0x2	/* only follow links of root and of uid */
#define RESOLVE_SHARED	0x4	/* enter shared file systems, and wait */

/* The result: where a path leads. */
struct resolved {
	int dir;		/* the resolver's; valid until its next use */
	char name[256];		/* in dir, and not a link */
	struct stat st;		/* of name; all zero if it does not exist */
	uint64_t dev;		/* of name, as in struct plat_mount; or 0 */
	struct stat dirst;	/* of dir */
	int guarded;		/* uid's, who alone may enter it or one above */
	int shared;		/* other machines use the file system, too */
};

/* What is there, and on which file system. */
struct looked {
	struct stat st;
	uint64_t dev;		/* as in struct plat_mount; or 0 */
};

void	 resolve_init(struct resolver *rs);
void	 resolve_end(struct resolver *rs);
/* For tests: v has n mounts, and dead has room for them. */
void	 resolve_sort(struct resolver *rs);

/*
 * Returns 0, also if the last name does not exist (st_mode is 0 then), or -1
 * with errno: ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG.  EPERM: a link of
 * another user is on the way.  EREMOTE: the path is on a file system that other
 * machines or a process may change, or that would be mounted by looking.
 */
int	 resolve(struct resolver *rs, const char *path, unsigned flags,
	    uid_t uid, struct resolved *r);

/*
 * The same, but also on such a file system: a child looks there for at most
 * half a second, and r->dir is -1 then.  ETIMEDOUT: its server does not answer.
 */
int	 resolve_look(struct resolver *rs, const char *path, unsigned flags,
	    uid_t uid, struct resolved *r);

/*
 * Calls fn(arg), which uses path, in a child for at most half a second; what it
 * leaves in buf is returned.  0, or -1 with errno.
 */
int	 resolve_apart(struct resolver *rs, const char *path,
	    void (*fn)(void *), void *arg, void *buf, size_t len);

/* The text for errno after a failure. */
const char *resolve_error(int error);

#endif
