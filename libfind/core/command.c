/* SPDX-License-Identifier: ISC */
/*
 * command.c: runs commands, several at once, and reads their output.  It does
 * not change the signal dispositions, other children or the terminal of the
 * caller.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asuser.h"
#include "compat/compat.h"
#include "compat/groups.h"
#include "core.h"
#include "compat/ms.h"

#define AT_ONCE		8
#define OUTPUT_MAX	((size_t)1 << 20)
#define ROUNDS_MAX	3 /* limit for all jobs together, in times of ms */
#define GROUPS_MAX	1024	/* more are of no use to a command */
#define TICK		20	/* ms between two checks for the end */

/* --- whom to trust ------------------------------------------------------- */

/*
 * Can only root and uid change it?  A group may for a user, but not for root.
 */
static int
is_safe(const struct stat *st, uid_t uid)
{
	mode_t others = uid == 0 ? S_IWGRP | S_IWOTH : S_IWOTH;

	if (st->st_uid != 0 && st->st_uid != uid)
		return 0;
	return (st->st_mode & others) == 0 ||
	    (S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX);
}

int
run_trusts(const char *path, uid_t uid, char *real, size_t len)
{
	char buf[PATH_MAX], *slash;
	struct stat st;

	if (realpath(path, buf) == NULL || strlcpy(real, buf, len) >= len ||
	    stat(buf, &st) == -1 || S_ISDIR(st.st_mode) ||
	    !is_safe(&st, uid))
		return 0;
	while ((slash = strrchr(buf, '/')) != NULL) {
		slash[slash == buf] = '\0';
		if (stat(buf, &st) == -1 || !is_safe(&st, uid))
			return 0;
		if (slash == buf)
			return 1;
	}
	return 0;
}

/* --- as whom ------------------------------------------------------------- */

int
run_as(struct arena *a, const struct passwd *pw, struct run_job *job)
{
	gid_t *groups;
	int n = GROUPS_MAX;

	job->uid = pw->pw_uid;
	job->gid = pw->pw_gid;
	if (!(job->become = pw->pw_uid != getuid()))
		return 0;
	if ((groups = arena_alloc(a, (size_t)n * sizeof(*groups))) == NULL)
		return -1;
	if (group_list(pw, groups, &n) == -1)
		n = 0;
	job->groups = groups;
	job->ngroups = (size_t)n;
	return 0;
}

/* --- the child ----------------------------------------------------------- */

/*
 * Runs between fork and exec, perhaps in a program with threads, so it only
 * makes system calls.  A session of its own keeps the command away from our
 * terminal and lets us end all of its processes.
 */
static void
child(const struct run_job *job, int out)
{
	sigset_t none;
	int null;

	(void)setsid();
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* It is one of 0 to 2 itself if the caller has closed these. */
	if ((null = open("/dev/null", O_RDWR)) == -1 ||
	    (null = fcntl(null, F_DUPFD, 3)) == -1 || out <= 2 ||
	    dup2(null, 0) == -1 || dup2(out, 1) == -1 ||
	    dup2(job->errors ? out : null, 2) == -1)
		_exit(127);
	closefrom(3);
	/* Set the real user, too: ssh reads the real one. */
	if (job->become && (setgroups(job->ngroups, job->groups) == -1 ||
	    setgid(job->gid) == -1 || setuid(job->uid) == -1 ||
	    getuid() != job->uid || geteuid() != job->uid ||
	    (job->uid != 0 && setuid(0) == 0)))
		_exit(127);
	if (chdir(job->cwd) == -1)
		_exit(127);
	execve(job->path, (char *const *)(uintptr_t)job->argv,
	    (char *const *)(uintptr_t)job->env);
	_exit(127);
}

/* Moves a descriptor above 2, because the caller may have closed 0 to 2. */
static int
lift(int *fd)
{
	int up = fcntl(*fd, F_DUPFD_CLOEXEC, 3);

	if (up == -1)
		return -1;
	close(*fd);
	*fd = up;
	return 0;
}

static int
start(struct run_job *job, int ms)
{
	int fds[2], error;

	if (pipe(fds) == -1)
		return -1;
	if (lift(&fds[0]) == -1 || lift(&fds[1]) == -1 ||
	    fcntl(fds[0], F_SETFL, O_NONBLOCK) == -1 ||
	    (job->pid = fork()) == -1) {
		error = errno;
		close(fds[0]);
		close(fds[1]);
		errno = error;
		return -1;
	}
	if (job->pid == 0)
		child(job, fds[1]);
	close(fds[1]);
	job->fd = fds[0];
	job->deadline = ms_now() + ms;
	return 0;
}

/* --- reading the output -------------------------------------------------- */

/* 1: there may be more; 0: that was all; -1 with errno. */
static int
take(struct run_job *job, size_t *room)
{
	ssize_t n;
	char *p;

	for (;;) {
		if (job->len + 1 >= *room) {
			if (*room >= OUTPUT_MAX) {
				errno = E2BIG;
				return -1;
			}
			*room = *room == 0 ? 8192 : *room * 2;
			if ((p = realloc(job->out, *room)) == NULL)
				return -1;
			job->out = p;
		}
		n = read(job->fd, job->out + job->len, *room - job->len - 1);
		if (n > 0)
			job->len += (size_t)n;
		else if (n == 0)
			return 0;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 1;
		else if (errno != EINTR)
			return -1;
	}
}

static void
end(struct run_job *job, int error)
{
	/* It leads its process group only after it has called setsid(). */
	kill(-job->pid, SIGKILL);
	(void)child_end(job->pid, NULL);
	job->error = error;
	job->done = 1;
}

/*
 * Has it ended?  If the caller ignores SIGCHLD or waits for all children
 * itself, the exit status is lost; then the output has to show that it is
 * complete.
 */
static int
has_ended(struct run_job *job)
{
	int status = 0;
	pid_t pid;

	while ((pid = waitpid(job->pid, &status, WNOHANG)) == -1 &&
	    errno == EINTR)
		continue;
	if (pid == 0)
		return 0;
	if (pid == job->pid && status != 0)
		job->error = ECHILD;
	job->done = 1;
	return 1;
}

/* Reads on, and ends the job on failure.  Output left in the pipe is used. */
static void
look(struct run_job *job, size_t *room, int *eof)
{
	int ended, r = 0;

	ended = has_ended(job);
	if (!*eof)
		r = take(job, room);
	if (r == -1) {
		if (ended)
			job->error = errno;
		else
			end(job, errno);
	} else if (r == 0)
		*eof = 1;
	if (!job->done && ms_now() >= job->deadline)
		end(job, ETIMEDOUT);
}

/* --- several at once ----------------------------------------------------- */

/* A running job. */
struct slot {
	struct run_job *job;
	size_t room;		/* for its output */
	int eof;		/* the output is closed; it will end soon */
};

static void
watch(const struct slot *slots, size_t n)
{
	struct pollfd pfd[AT_ONCE];
	nfds_t npfd = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (slots[i].eof)
			continue;
		pfd[npfd].fd = slots[i].job->fd;
		pfd[npfd++].events = POLLIN;
	}
	(void)poll(pfd, npfd, npfd < n ? 1 : TICK);
}

/* Starts jobs while there is room; returns the number of running ones. */
static size_t
fill(struct slot *slots, size_t busy, struct run_job **next,
    const struct run_job *stop, int64_t last, int ms)
{
	struct run_job *job;

	while (busy < AT_ONCE && *next < stop) {
		job = (*next)++;
		if (ms_now() >= last)
			job->error = ETIMEDOUT;
		else if (start(job, ms) == -1)
			/* ENOMEM is only for memory of this process. */
			job->error = errno == ENOMEM ? EAGAIN : errno;
		else {
			memset(&slots[busy], 0, sizeof(slots[busy]));
			slots[busy++].job = job;
		}
	}
	return busy;
}

/* Removes the jobs that are done; returns the number that are left. */
static size_t
clear(struct slot *slots, size_t busy)
{
	struct run_job *job;
	size_t i;

	for (i = 0; i < busy;) {
		job = slots[i].job;
		look(job, &slots[i].room, &slots[i].eof);
		if (!job->done) {
			i++;
			continue;
		}
		close(job->fd);
		if (job->out != NULL)
			job->out[job->len] = '\0';
		slots[i] = slots[--busy];
	}
	return busy;
}

int
run_jobs(struct run_job *jobs, size_t n, int ms)
{
	struct slot slots[AT_ONCE];
	struct run_job *next = jobs;
	int64_t last = ms_now() + (int64_t)ROUNDS_MAX * ms;
	size_t i, busy = 0;
	int nomem = 0;

	if (n == 0)
		return 0;
	for (i = 0; i < n; i++) {
		jobs[i].out = NULL;
		jobs[i].len = 0;
		jobs[i].error = jobs[i].done = 0;
	}
	while ((busy = fill(slots, busy, &next, jobs + n, last, ms)) > 0) {
		watch(slots, busy);
		busy = clear(slots, busy);
	}
	for (i = 0; i < n; i++)
		nomem |= jobs[i].error == ENOMEM;
	if (!nomem)
		return 0;
	for (i = 0; i < n; i++) {
		free(jobs[i].out);
		jobs[i].out = NULL;
	}
	errno = ENOMEM;
	return -1;
}
