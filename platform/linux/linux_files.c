/* SPDX-License-Identifier: ISC */
/*
 * Follows a path step by step, by O_PATH descriptors: these ask no server,
 * trigger no automount, and stay with their file when it is renamed.
 */
#define _GNU_SOURCE	/* O_PATH, statx(2) */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "linux.h"
#include "compat/compat.h"

/* Linux 5.8; earlier kernels give no cheap way to find the mount. */
#ifdef STATX_MNT_ID
#define MOUNT_ID(sx)	((sx)->stx_mask & STATX_MNT_ID ? (sx)->stx_mnt_id : 0)
#else
#define STATX_MNT_ID	0
#define MOUNT_ID(sx)	0
#endif

/* Only what the kernel has in memory: a dead server would not answer. */
int
linux_look(int fd, struct stat *st, uint64_t *mount)
{
#ifdef AT_STATX_DONT_SYNC
	struct statx sx;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
	    STATX_BASIC_STATS | STATX_MNT_ID, &sx) == 0) {
		memset(st, 0, sizeof(*st));
		st->st_dev = makedev(sx.stx_dev_major, sx.stx_dev_minor);
		st->st_ino = sx.stx_ino;
		st->st_mode = sx.stx_mode;
		st->st_uid = sx.stx_uid;
		st->st_gid = sx.stx_gid;
		st->st_ctime = sx.stx_ctime.tv_sec;
		*mount = MOUNT_ID(&sx);
		return 0;
	}
	if (errno != ENOSYS && errno != EINVAL && errno != EPERM)
		return -1;
#endif
	*mount = 0;
	return fstat(fd, st);
}

int
linux_look_at(int dir, const char *name, struct stat *st, uint64_t *mount)
{
	int fd, r, saved;

	if ((fd = openat(dir, name, O_PATH | O_CLOEXEC)) == -1)
		return -1;
	r = linux_look(fd, st, mount);
	saved = errno;
	close(fd);
	errno = saved;
	return r;
}

int
plat_step(int dir, const char *name, struct plat_step *step)
{
	ssize_t n;
	int fd, saved;

	step->fd = -1;
	step->link[0] = '\0';
	if ((fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)) == -1)
		return -1;
	if (linux_look(fd, &step->st, &step->mount) == -1)
		goto bad;
	if (S_ISDIR(step->st.st_mode)) {
		step->fd = fd;
		return 0;
	}
	if (S_ISLNK(step->st.st_mode)) {
		if ((n = readlinkat(fd, "", step->link,
		    sizeof(step->link))) == -1)
			goto bad;
		if ((size_t)n == sizeof(step->link)) {
			errno = ENAMETOOLONG;
			goto bad;
		}
		step->link[n] = '\0';
	}
	close(fd);
	return 0;
bad:
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* Without a usable /proc a descriptor has no name to connect to. */
static int
connect_by_name(int sock, int dir, const char *name, int file)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char link[32];
	int n;

	n = snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
	if (n > 0 && faccessat(AT_FDCWD, link, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		strlcpy(sun.sun_path, link, sizeof(sun.sun_path));
	else if (strlcpy(sun.sun_path, name, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	} else
		return connectat(dir, sock, (struct sockaddr *)&sun,
		    sizeof(sun));
	return connect(sock, (struct sockaddr *)&sun, sizeof(sun));
}

int
plat_connect(int sock, int dir, const char *name, const struct stat *st)
{
	struct stat now;
	uint64_t mount;
	int file, saved, r = -1;

	while ((file = openat(dir, name, O_PATH | O_NOFOLLOW |
	    O_CLOEXEC)) == -1 && errno == EINTR)
		continue;
	if (file == -1) {
		/* As a result of connect(2) it would mean a full backlog. */
		if (errno == EAGAIN)
			errno = ENFILE;
		return -1;
	}
	if (linux_look(file, &now, &mount) == 0) {
		errno = ESTALE;
		if (now.st_dev == st->st_dev && now.st_ino == st->st_ino &&
		    S_ISSOCK(now.st_mode))
			r = connect_by_name(sock, dir, name, file);
	}
	saved = errno;
	close(file);
	errno = saved;
	return r;
}
