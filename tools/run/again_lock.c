/* SPDX-License-Identifier: ISC */
/*
 * One tunrun --again of a user at a time: two would start the same tunnel
 * twice.  A directory is locked, because that works on a file system that is
 * read-only, too.
 */

#include <sys/types.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/tool.h"
#include "run/again.h"

/* The user's own directory, or -1. */
static int
open_own(struct tun_ctx *ctx, const char *path)
{
	struct stat st;
	int fd;

	fd = again_answers(ctx, path) ? open(path, O_RDONLY | O_DIRECTORY |
	    O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd != -1 && (fstat(fd, &st) == -1 || st.st_uid != geteuid())) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/*
 * The journal is below the home directory, unless that is another user's, as
 * after sudo(8).
 */
static int
open_any(struct tun_ctx *ctx)
{
	const struct passwd *pw = getpwuid(geteuid());
	const char *home = getenv("HOME");
	int fd = home != NULL && *home == '/' ? open_own(ctx, home) : -1;

	return fd != -1 || pw == NULL ? fd : open_own(ctx, pw->pw_dir);
}

int
again_lock(struct tun_ctx *ctx)
{
	int fd = open_any(ctx);

	if (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (fd != -1 && errno == EWOULDBLOCK)
		return -1;
	tool_warn("no directory of yours can be locked: do not run two at "
	    "once");
	return fd != -1 ? fd : open("/", O_RDONLY | O_CLOEXEC);
}
