/* SPDX-License-Identifier: ISC */
/*
 * Has tunkill(1) say what ends with a row, and end it.
 *
 * A helper starts the program, since root's tunps can start none.  All checks
 * are those of tunkill: it looks by itself, and ends only what has this ID and
 * this PID then.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/tool.h"
#include "ps/end_row.h"

/* The program beside tunps, or the one that the shell would find. */
static char *
program(const char *tunps)
{
	const char *slash = strrchr(tunps, '/');

	return tool_xasprintf("%.*stunkill", slash == NULL ? 0 :
	    (int)(slash + 1 - tunps), tunps);
}

static void run_tunkill(const struct end_row *, const struct end_request *)
	    TOOL_NORETURN;

static void
run_tunkill(const struct end_row *e, const struct end_request *req)
{
	const char **argv = tool_xcalloc(2 * e->ssh_names.n + 9, sizeof(*argv));
	char pid[32], *path = program(e->tunps);
	size_t i, n = 0;

	snprintf(pid, sizeof(pid), "%ld", (long)req->pid);
	argv[n++] = "tunkill";
	argv[n++] = req->plan ? "-n" : "-e";
	for (i = 0; i < e->ssh_names.n; i++) {
		argv[n++] = "--ssh-name";
		argv[n++] = e->ssh_names.v[i];
	}
	if (req->whole)
		argv[n++] = "--whole";
	if (req->served)
		argv[n++] = "--server";
	argv[n++] = "-p";
	argv[n++] = pid;
	argv[n++] = "--";
	argv[n++] = req->id;
	signal(SIGPIPE, SIG_DFL);
	execvp(path, (char *const *)argv);
	printf("%s: %s\n", path, strerror(errno));
	fflush(stdout);
	_exit(TOOL_ERROR);
}

/* Keeps what fits, and reads all. */
static void
read_text(int fd, char *text, size_t size)
{
	char rest[512];
	size_t len = 0;
	ssize_t n;

	do {
		n = len + 1 < size ? read(fd, text + len, size - 1 - len) :
		    read(fd, rest, sizeof(rest));
		if (n > 0 && len + 1 < size)
			len += (size_t)n;
	} while (n > 0 || (n == -1 && errno == EINTR));
	text[len] = '\0';
}

static void
answer(const struct end_row *e, const struct end_request *req,
    struct end_reply *reply)
{
	int fds[2], status;
	pid_t pid;

	memset(reply, 0, sizeof(*reply));
	reply->status = TOOL_ERROR;
	if (pipe(fds) == -1 || (pid = fork()) == -1) {
		snprintf(reply->text, sizeof(reply->text), "%s\n",
		    strerror(errno));
		return;
	}
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		closefrom(STDERR_FILENO + 1);
		run_tunkill(e, req);
	}
	close(fds[1]);
	read_text(fds[0], reply->text, sizeof(reply->text));
	close(fds[0]);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	reply->status = WIFEXITED(status) ? WEXITSTATUS(status) : TOOL_ERROR;
}

static void
serve(int in, int out, const void *arg)
{
	struct end_request req;
	struct end_reply reply;

	while (helper_read(in, &req, sizeof(req))) {
		answer(arg, &req, &reply);
		if (write(out, &reply, sizeof(reply)) != sizeof(reply))
			break;
	}
}

void
end_row_start(struct end_row *e)
{
	helper_start(&e->helper, "--watch", 1, serve, e);
}

int
end_row_ask(const struct end_row *e, const struct end_request *req)
{
	return write(e->helper.to, req, sizeof(*req)) == sizeof(*req) ? 0 : -1;
}

int
end_row_reply(const struct end_row *e, struct end_reply *reply)
{
	return helper_read(e->helper.from, reply, sizeof(*reply)) ? 0 : -1;
}
