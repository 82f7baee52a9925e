/* SPDX-License-Identifier: ISC */
/*
 * Root connects to nothing that another user chose, unless it has first
 * become that user.  So whatever does connect runs in a child that has, for
 * good, and only its result comes back, through a pipe.
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asuser.h"
#include "ms.h"

/* Groups of a user beyond these are of no use to a socket. */
#define MAX_GROUPS	256

struct identity {
	uid_t uid;
	gid_t gid;
	gid_t groups[MAX_GROUPS];
	int ngroups;
};

/* Before fork(2): what reads files and locks is not for the child. */
static int
find_identity(uid_t uid, struct identity *id)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw == NULL) {
		errno = EPERM;
		return -1;
	}
	id->uid = uid;
	id->gid = pw->pw_gid;
	id->ngroups = MAX_GROUPS;
	if (getgrouplist(pw->pw_name, pw->pw_gid, id->groups,
	    &id->ngroups) == -1) {
		id->groups[0] = pw->pw_gid;
		id->ngroups = 1;
	}
	return 0;
}

/* There must be no way back. */
static int
become(const struct identity *id)
{
	if (setgroups((size_t)id->ngroups, id->groups) == -1 ||
	    setgid(id->gid) == -1 || setuid(id->uid) == -1)
		return -1;
	if (getuid() != id->uid || geteuid() != id->uid ||
	    getgid() != id->gid || getegid() != id->gid ||
	    setuid(0) != -1 || seteuid(0) != -1)
		return -1;
	return 0;
}

static int
write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;
	ssize_t n;

	while (len > 0) {
		if ((n = write(fd, p, len)) == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Exactly len bytes, in time. */
static int
read_all(int fd, void *buf, size_t len, int ms)
{
	int64_t deadline = ms_now() + ms;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char *p = buf;
	ssize_t n;
	int left;

	while (len > 0) {
		if ((left = ms_left(deadline)) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (poll(&pfd, 1, left) <= 0)
			continue;
		if ((n = read(fd, p, len)) == -1 && errno != EINTR)
			return -1;
		if (n == 0) {
			errno = EIO;
			return -1;
		}
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static pid_t
wait_for(pid_t pid)
{
	pid_t r;

	while ((r = waitpid(pid, NULL, 0)) == -1 && errno == EINTR)
		continue;
	return r;
}

int
asuser_run(uid_t uid, void (*fn)(void *), void *arg, void *buf, size_t len,
    int ms)
{
	struct identity *id;
	int fds[2], r, saved;
	char *copy = NULL;
	pid_t pid;

	if (uid == geteuid()) {
		fn(arg);
		return 0;
	}
	if (geteuid() != 0) {
		errno = EPERM;
		return -1;
	}
	if ((id = calloc(1, sizeof(*id))) == NULL)
		return -1;
	/* A child that dies half-way leaves buf as it was. */
	if (find_identity(uid, id) == -1 || (copy = malloc(len)) == NULL ||
	    pipe(fds) == -1) {
		saved = errno;
		free(copy);
		free(id);
		errno = saved;
		return -1;
	}
	if ((pid = fork()) == 0) {
		close(fds[0]);
		if (become(id) == -1)
			_exit(1);
		fn(arg);
		_exit(write_all(fds[1], buf, len) == -1 ? 1 : 0);
	}
	saved = errno;
	close(fds[1]);
	free(id);
	r = -1;
	if (pid != -1) {
		r = read_all(fds[0], copy, len, ms);
		saved = errno;
		if (r == -1)
			kill(pid, SIGKILL);
		wait_for(pid);
	}
	close(fds[0]);
	if (r == 0)
		memcpy(buf, copy, len);
	free(copy);
	errno = saved;
	return r;
}
