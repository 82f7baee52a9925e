/* SPDX-License-Identifier: ISC */
/* A child that keeps the rights that root's tunps gives up. */

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/tool.h"
#include "ps/helper.h"

static void
open_pipe(const char *option, int fds[2])
{
	int i;

	if (pipe(fds) == -1)
		tool_fail("%s: %s", option, strerror(errno));
	for (i = 0; i < 2; i++)
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
}

static void
leave_terminal(int quiet)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	dup2(null, STDIN_FILENO);
	if (quiet)
		dup2(null, STDERR_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	close(null);
}

void
helper_start(struct helper *h, const char *option, int quiet,
    void (*run)(int in, int out, const void *arg), const void *arg)
{
	int to[2], from[2];
	pid_t pid;

	open_pipe(option, to);
	open_pipe(option, from);
	/* If the child is killed, a write must fail and not end tunps. */
	signal(SIGPIPE, SIG_IGN);
	if ((pid = fork()) == -1)
		tool_fail("%s: %s", option, strerror(errno));
	if (pid == 0) {
		close(to[1]);
		close(from[0]);
		leave_terminal(quiet);
		run(to[0], from[1], arg);
		_exit(0);
	}
	close(to[0]);
	close(from[1]);
	h->to = to[1];
	h->from = from[0];
}

int
helper_read(int fd, void *buf, size_t len)
{
	char *p = buf;
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = read(fd, p, len)) <= 0)
			return 0;
	return 1;
}

void
helper_close(struct helper *h)
{
	close(h->to);
	close(h->from);
}
