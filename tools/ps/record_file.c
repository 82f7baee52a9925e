/* SPDX-License-Identifier: ISC */
/* tunps --record: writes what a scan reads to a file. */

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/tool.h"
#include "libfind.h"
#include "ps/record_file.h"

/*
 * Root may be given a name in a directory such as /tmp, where any user can put
 * a link: a link of another user leads to where that user wants.
 */
static void
check_links(const char *path)
{
	char *prefix = tool_xstrdup(path), *p = prefix;
	struct stat st;

	while (*(p += strspn(p, "/")) != '\0') {
		p += strcspn(p, "/");
		*p = '\0';
		if (lstat(prefix, &st) == 0 && S_ISLNK(st.st_mode) &&
		    st.st_uid != 0 && st.st_uid != geteuid())
			tool_fail("%s: %s is a link of another user", path,
			    prefix);
		if (prefix + strlen(path) == p)
			break;
		*p = '/';
	}
	free(prefix);
}

/* Overwrites a file of the caller; any other file is left alone. */
static int
open_own(const char *path)
{
	struct stat st;
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1 || fstat(fd, &st) == -1)
		tool_fail("%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_nlink != 1)
		tool_fail("%s: exists and is no plain file of yours: "
		    "give another name", path);
	if (ftruncate(fd, 0) == -1 || fchmod(fd, 0600) == -1)
		tool_fail("%s: %s", path, strerror(errno));
	return fd;
}

static int
create(const char *path, int *made)
{
	struct stat st, now;
	int fd;

	check_links(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	*made = fd != -1;
	if (fd == -1 && errno == EEXIST)
		fd = open_own(path);
	if (fd == -1 || fstat(fd, &st) == -1)
		tool_fail("%s: %s", path, strerror(errno));
	/* A directory of the first check may have been replaced by a link. */
	check_links(path);
	if (lstat(path, &now) == -1 || now.st_dev != st.st_dev ||
	    now.st_ino != st.st_ino)
		tool_fail("%s: another file by now", path);
	return fd;
}

void
record_write(struct tun_ctx *ctx, unsigned flags, const char *path)
{
	int error, fd, made;

	fd = create(path, &made);
	if (tun_record(ctx, flags, fd) == -1 || fsync(fd) == -1) {
		error = errno;
		if (made)
			unlink(path);
		tool_fail("%s: cannot record: %s", path, strerror(error));
	}
	close(fd);
}
