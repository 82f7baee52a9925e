/* SPDX-License-Identifier: ISC */
/*
 * Root connects to nothing that another user chose, unless it has first become
 * that user.  Anything that connects therefore runs in a child that has become
 * the user for good; only the result comes back, through a pipe.
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
#include "core.h"
#include "compat/compat.h"
#include "compat/groups.h"
#include "compat/ms.h"
#include "platform.h"

/* More groups of a user are of no use to connect to a socket. */
#define MAX_GROUPS	256

struct identity {
	uid_t uid;
	gid_t gid;
	gid_t groups[MAX_GROUPS];
	int ngroups;
};

/* Call this before fork(2): the child must not read files or take locks. */
static int
find_identity(uid_t uid, struct identity *id)
{
	const struct passwd *pw;
	struct arena *a;
	int error;

	if ((a = arena_new()) == NULL)
		return -1;
	if ((pw = user_find(a, uid)) == NULL) {
		error = plat_failed(errno) ? errno : EPERM;
		arena_free(a);
		errno = error;
		return -1;
	}
	id->uid = uid;
	id->gid = pw->pw_gid;
	id->ngroups = MAX_GROUPS;
	if (group_list(pw, id->groups, &id->ngroups) == -1) {
		id->groups[0] = pw->pw_gid;
		id->ngroups = 1;
	}
	arena_free(a);
	return 0;
}

/* It must not be possible to become root again. */
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

/* Reads exactly len bytes before the deadline. */
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

/* --- children ------------------------------------------------------------ */

#define END_MS	1000		/* for the end of a child that was killed */

/*
 * SIGKILL also ends a child that is stopped.  A child that hangs in a system
 * call of a dead file system may not end at all; it is left behind and becomes
 * a child of init when this process ends.
 */
int
child_end(pid_t pid, int *status)
{
	int64_t deadline = ms_now() + END_MS;
	int killed = 0;
	pid_t r;

	for (;;) {
		r = waitpid(pid, status, WNOHANG);
		if (r == pid)
			return 0;
		/* The PID is not reused while it is our child. */
		if (r == -1 && errno != EINTR)
			return -1;
		if (r == 0 && !killed) {
			kill(pid, SIGKILL);
			killed = 1;
		} else if (ms_left(deadline) == 0) {
			errno = ETIMEDOUT;
			return -1;
		} else
			ms_sleep(1);
	}
}

int
child_only(const int *keep, int n)
{
	int null, i, up[CHILD_KEEP];

	/* Move the descriptors above the numbers that they will get. */
	for (i = 0; i < n; i++)
		if ((up[i] = fcntl(keep[i], F_DUPFD, 3 + n)) == -1)
			return -1;
	if ((null = open("/dev/null", O_RDWR)) == -1)
		return -1;
	for (i = 0; i < 3; i++)
		if (dup2(null, i) == -1)
			return -1;
	for (i = 0; i < n; i++)
		if (dup2(up[i], 3 + i) == -1)
			return -1;
	closefrom(3 + n);
	return 0;
}

/*
 * Inherited descriptors would make a reader of our output wait for the child.
 */
static void
child(const struct identity *id, int *fd, void (*fn)(void *), void *arg,
    const void *buf, size_t len, int out)
{
	int keep[CHILD_KEEP] = { out, fd != NULL ? *fd : -1 };

	if (child_only(keep, fd != NULL ? 2 : 1) == -1 ||
	    (id != NULL && become(id) == -1))
		_exit(1);
	if (fd != NULL)
		*fd = 4;
	fn(arg);
	_exit(write_all(3, buf, len) == -1 ? 1 : 0);
}

/* Without id, the child keeps our user. */
static int
run_child(const struct identity *id, int *fd, void (*fn)(void *), void *arg,
    void *buf, size_t len, int ms)
{
	int fds[2], r = -1, saved;
	char *copy;		/* a child that dies early changes nothing */
	pid_t pid;

	if ((copy = malloc(len)) == NULL)
		return -1;
	if (pipe(fds) == -1) {
		free(copy);
		return -1;
	}
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	if ((pid = fork()) == 0)
		child(id, fd, fn, arg, buf, len, fds[1]);
	saved = errno;
	close(fds[1]);
	if (pid != -1) {
		r = read_all(fds[0], copy, len, ms);
		saved = errno;
		/*
		 * A child that has become a user may have been stopped by that
		 * user.
		 */
		(void)child_end(pid, NULL);
	}
	close(fds[0]);
	if (r == 0)
		memcpy(buf, copy, len);
	free(copy);
	errno = saved;
	return r;
}

int
child_run(void (*fn)(void *), void *arg, void *buf, size_t len, int ms)
{
	return run_child(NULL, NULL, fn, arg, buf, len, ms);
}

int
asuser_run(uid_t uid, void (*fn)(void *), void *arg, void *buf, size_t len,
    int ms)
{
	return asuser_run_with(uid, NULL, fn, arg, buf, len, ms);
}

int
asuser_run_with(uid_t uid, int *fd, void (*fn)(void *), void *arg, void *buf,
    size_t len, int ms)
{
	struct identity *id;
	int r, saved;

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
	r = find_identity(uid, id);
	if (r == 0)
		r = run_child(id, fd, fn, arg, buf, len, ms);
	saved = errno;
	free(id);
	errno = saved;
	return r;
}
