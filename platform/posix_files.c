/* SPDX-License-Identifier: ISC */
/*
 * Follows a path step by step, on systems where a descriptor of a file of any
 * type cannot be opened. A file that was replaced between two calls is noticed.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "compat/compat.h"
#include "platform.h"

static int
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    (a->st_mode & S_IFMT) == (b->st_mode & S_IFMT);
}

static int
read_link(int dir, const char *name, struct plat_step *step)
{
	struct stat now;
	ssize_t n;

	n = readlinkat(dir, name, step->link, sizeof(step->link));
	if (n == -1)
		return -1;
	if ((size_t)n == sizeof(step->link)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	step->link[n] = '\0';
	if (fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	if (is_same(&step->st, &now))
		return 0;
	errno = ESTALE;
	return -1;
}

static int
open_dir(int dir, const char *name, struct plat_step *step)
{
	struct stat now;

	step->fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_NONBLOCK | O_CLOEXEC);
	if (step->fd == -1)
		return -1;
	if (fstat(step->fd, &now) == 0 && is_same(&step->st, &now))
		return 0;
	close(step->fd);
	step->fd = -1;
	errno = ESTALE;
	return -1;
}

int
plat_step(int dir, const char *name, struct plat_step *step)
{
	step->fd = -1;
	step->mount = 0;
	step->link[0] = '\0';
	if (fstatat(dir, name, &step->st, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	if (S_ISDIR(step->st.st_mode))
		return open_dir(dir, name, step);
	if (S_ISLNK(step->st.st_mode))
		return read_link(dir, name, step);
	return 0;
}

int
plat_connect(int sock, int dir, const char *name, const struct stat *st)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat now;

	if (strlcpy(sun.sun_path, name, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (connectat(dir, sock, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		return -1;
	if (fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    is_same(st, &now))
		return 0;
	errno = ESTALE;
	return -1;
}
