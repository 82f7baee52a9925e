/* SPDX-License-Identifier: ISC */
/*
 * reuse ssh [rounds]: a tunnel is seen, dies, and its number is given to an
 * innocent process before anyone signals it.  Run it as root in a PID
 * namespace of its own with its own /proc:
 *
 *	unshare -pf --mount-proc reuse /path/to/an/ssh 100
 *
 * ssh is a copy of this very program under that name: run as "ssh", it waits.
 * In odd rounds the tunnel is held before it dies, in even ones it is not.
 * The innocent process is an "ssh" too in every second pair of rounds, so that
 * only the identity tells.  Speaks TAP.
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libfind.h"

/* What the program does as "ssh", or as an innocent: nothing, for long. */
static void
be(void)
{
	for (;;)
		pause();
}

static void
last_pid(pid_t pid)
{
	char text[16];
	ssize_t n;
	int fd, len;

	len = snprintf(text, sizeof(text), "%ld", (long)pid);
	if ((fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY)) == -1)
		err(2, "ns_last_pid");
	n = write(fd, text, (size_t)len);
	close(fd);
	if (n != len)
		err(2, "ns_last_pid");
}

static pid_t
start(const char *file, const char *const *argv)
{
	char c;
	int fds[2];
	pid_t pid;

	/* Closed by exec: then the new program runs. */
	if (pipe(fds) == -1 || fcntl(fds[1], F_SETFD, FD_CLOEXEC) == -1)
		err(2, "pipe");
	if ((pid = fork()) == -1)
		err(2, "fork");
	if (pid == 0) {
		close(fds[0]);
		setsid();
		execv(file, (char *const *)argv);
		_exit(127);
	}
	close(fds[1]);
	while (read(fds[0], &c, 1) > 0)
		continue;
	close(fds[0]);
	return pid;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

/* The same number, for another process. */
static pid_t
reuse(pid_t pid, const char *file, const char *const *argv)
{
	pid_t next;
	int i;

	for (i = 0; i < 100; i++) {
		last_pid(pid - 1);
		if ((next = start(file, argv)) == pid)
			return next;
		end(next);
	}
	errx(2, "number %ld is not given again", (long)pid);
}

static const struct tun *
find(const struct tun_list *list, pid_t pid)
{
	const struct tun *t = NULL;

	while ((t = tun_next(list, t)) != NULL)
		if (t->pid == pid)
			return t;
	return NULL;
}

static int
is_alive(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == 0;
}

/* NULL: all is well. */
static const char *
try(const char *ssh, int held, int twin)
{
	static const char *const tunnel[] = { "ssh", "-N", "-L", "1:h:1",
	    "reuse", NULL };
	static const char *const innocent[] = { "sleep", "600", NULL };
	static const struct timespec ticks = { 0, 20000000 };
	struct tun_handle *v = NULL;
	struct tun_list *list;
	struct tun_ctx *ctx;
	const struct tun *t;
	const char *bad = NULL;
	pid_t pid, other;

	if ((ctx = tun_open(NULL)) == NULL)
		err(2, "tun_open");
	pid = start(ssh, tunnel);
	if (tun_scan(ctx, 0, &list) == -1)
		err(2, "scan");
	if ((t = find(list, pid)) == NULL)
		errx(2, "no tunnel is seen");
	if (held && (v = tun_hold(ctx, t)) == NULL)
		err(2, "tun_hold");

	end(pid);
	/* Before Linux 6.9 a start is known by its tick of 10 ms only. */
	if (t->ident[1] == 0 && !held)
		nanosleep(&ticks, NULL);
	other = twin ? reuse(pid, ssh, tunnel) :
	    reuse(pid, "/bin/sleep", innocent);

	if (tun_signal(ctx, t, SIGKILL) == 0 || errno != ESRCH)
		bad = "tun_signal";
	if (held && tun_handle_wait(v, 0) != 1)
		bad = "tun_handle_wait";
	if (held && (tun_handle_signal(v, SIGKILL) == 0 || errno != ESRCH))
		bad = "tun_handle_signal";
	if (!held && (v = tun_hold(ctx, t)) != NULL)
		bad = "tun_hold";
	if (!is_alive(other))
		bad = "the innocent process is gone";
	end(other);
	tun_handle_free(v);
	tun_list_free(list);
	tun_close(ctx);
	return bad;
}

int
main(int argc, char *argv[])
{
	const char *bad = NULL, *base = strrchr(argv[0], '/');
	int i, rounds;

	base = base != NULL ? base + 1 : argv[0];
	if (strcmp(base, "ssh") == 0)
		be();
	if (argc < 2)
		errx(2, "usage: reuse ssh [rounds]");
	rounds = argc > 2 ? atoi(argv[2]) : 100;
	for (i = 0; i < rounds && bad == NULL; i++)
		bad = try(argv[1], i % 2, i / 2 % 2);
	if (bad != NULL)
		printf("# round %d: %s\n", i, bad);
	printf("%sok 1 - a number given again is no process that is held, "
	    "%d times\n",
	    bad != NULL ? "not " : "", i);
	printf("1..1\n");
	return bad != NULL;
}
