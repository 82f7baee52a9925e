/* SPDX-License-Identifier: ISC */
/*
 * rival: an ordinary user who gets in the way of root's tools.  It says
 * "ready", and goes on until it is killed.
 *
 *	rival swap A B		exchanges two directories, again and again
 *	rival stop		stops each process of its user that appears
 *	rival listen PATH	prints a line for each connection
 *	rival hang DIR		mounts a file system that never answers; as root
 */
#define _GNU_SOURCE	/* renameat2(2) */

#ifdef __linux__
#include <linux/fuse.h>
#include <sys/types.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE	2
#endif

#define AHEAD	4	/* numbers of processes that are tried */

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
ready(void)
{
	if (puts("ready") == EOF || fflush(stdout) == EOF)
		exit(1);
}

static void
swap(const char *a, const char *b)
{
	unsigned long i;

	for (i = 0;; i++) {
		if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == -1)
			die("renameat2");
		if (i == 0)
			ready();
	}
}

/* The number that was given out last. */
static pid_t
last_pid(int fd)
{
	char buf[128], *p;
	ssize_t n;

	if ((n = pread(fd, buf, sizeof(buf) - 1, 0)) <= 0)
		die("/proc/loadavg");
	buf[n] = '\0';
	return (p = strrchr(buf, ' ')) != NULL ? (pid_t)atol(p) : 0;
}

/* From at once to some milliseconds later, so that each moment is met. */
static void
pause_a_bit(void)
{
	struct timespec ts = { 0, (long)(rand() % 4000) * 1000 };

	if (rand() % 2)
		nanosleep(&ts, NULL);
}

/* What may be signalled has become us. */
static void
stop_all(void)
{
	pid_t pid, last, done = 0;
	int fd;

	if ((fd = open("/proc/loadavg", O_RDONLY)) == -1)
		die("/proc/loadavg");
	ready();
	for (;;) {
		last = last_pid(fd);
		for (pid = last - AHEAD; pid <= last + AHEAD; pid++) {
			if (pid <= 1 || pid == getpid() || pid == done ||
			    kill(pid, 0) == -1)
				continue;
			pause_a_bit();
			if (kill(pid, SIGSTOP) == 0)
				done = pid;
		}
	}
}

static void
listen_at(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, peer;

	strncpy(sun.sun_path, path, sizeof(sun.sun_path) - 1);
	umask(077);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    listen(fd, 64) == -1)
		die(path);
	ready();
	while ((peer = accept(fd, NULL, NULL)) != -1) {
		puts("connected");
		fflush(stdout);
		close(peer);
	}
	die("accept");
}

/* What FUSE says once, and what it then never hears. */
static void
hang(const char *dir)
{
	union {
		struct fuse_in_header head;
		char room[1 << 17];
	} *in = malloc(sizeof(*in));
	struct {
		struct fuse_out_header head;
		struct fuse_init_out init;
	} out;
	char options[96];
	int fd;

	if (in == NULL || (fd = open("/dev/fuse", O_RDWR)) == -1)
		die("/dev/fuse");
	snprintf(options, sizeof(options),
	    "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (mount("hang", dir, "fuse.hang", MS_NOSUID | MS_NODEV,
	    options) == -1)
		die(dir);
	ready();
	while (read(fd, in, sizeof(*in)) > 0) {
		if (in->head.opcode != FUSE_INIT)
			continue;
		memset(&out, 0, sizeof(out));
		out.head.len = sizeof(out);
		out.head.unique = in->head.unique;
		out.init.major = FUSE_KERNEL_VERSION;
		out.init.minor = FUSE_KERNEL_MINOR_VERSION;
		out.init.max_write = 4096;
		if (write(fd, &out, sizeof(out)) == -1)
			die("FUSE_INIT");
	}
	die("read");
}

int
main(int argc, char *argv[])
{
	if (argc == 4 && strcmp(argv[1], "swap") == 0)
		swap(argv[2], argv[3]);
	else if (argc == 2 && strcmp(argv[1], "stop") == 0)
		stop_all();
	else if (argc == 3 && strcmp(argv[1], "listen") == 0)
		listen_at(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "hang") == 0)
		hang(argv[2]);
	fprintf(stderr, "usage: rival swap A B | stop | listen PATH | "
	    "hang DIR\n");
	return 2;
}
#else
int
main(void)
{
	return 77;
}
#endif
