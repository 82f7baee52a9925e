/* SPDX-License-Identifier: ISC */
/*
 * mktun: a process that looks like one kind of tunnel.
 *
 *	mktun [-drs] [-c comm] [-e NAME=value] [-l port] [-t title]
 *	    [-u path] [-x file] [word ...]
 *
 * The words are its argv, from argv[0] on; none is the empty argv.  It prints
 * its process number when it is ready and ends when its standard input does.
 *
 *	-c comm		calls itself so
 *	-d		a background process: its starter ends once it is ready
 *	-e NAME=value	has this in its environment
 *	-l port		listens on 127.0.0.1 and ::1
 *	-r		its starter adopts orphans and stays
 *	-s		leads a session, without a terminal, 0 to 2 on /dev/null
 *	-t title	overwrites its argv, as setproctitle(3) does
 *	-u path		listens on a unix socket
 *	-x file		runs as this file, a copy of this program
 */
#ifdef __linux__
#define _GNU_SOURCE
#include <sys/prctl.h>
#endif

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEASH	19		/* what standard input became */
#define READY	18		/* what standard output became */

extern char **environ;

static void
end(int sig)
{
	_exit(sig == SIGTERM ? 0 : 255);
}

static void
nothing(int sig)
{
	(void)sig;
}

/* Writes over argv and the environment behind it, as OpenSSH does. */
static void
overwrite(char *argv[], const char *title)
{
	char *last, *s = argv[0];
	size_t room;
	int i;

	last = s + strlen(s);
	for (i = 1; argv[i] != NULL; i++)
		last = argv[i] + strlen(argv[i]);
	for (i = 0; environ[i] != NULL; i++)
		if (environ[i] == last + 1)
			last = environ[i] + strlen(environ[i]);
	room = (size_t)(last - s);
	memset(s, 0, room);
	snprintf(s, room, "%s", title);
}

/* The second program: what mktun became.  The signals are those of ssh. */
static int
be(char *argv[])
{
	const char *comm = getenv("MKTUN_COMM");
	char *title = getenv("MKTUN_TITLE"), c;
	ssize_t n;

	signal(SIGHUP, end);
	signal(SIGINT, end);
	signal(SIGQUIT, end);
	signal(SIGTERM, end);
	signal(SIGCHLD, nothing);
	signal(SIGWINCH, nothing);
#ifdef __linux__
	if (comm != NULL)
		prctl(PR_SET_NAME, comm);
#else
	(void)comm;
#endif
	if (title != NULL && (title = strdup(title)) != NULL) {
		overwrite(argv, title);
		free(title);
	}
	dprintf(READY, "%ld\n", (long)getpid());
	close(READY);
	do
		n = read(LEASH, &c, 1);
	while (n != 0);
	return 0;
}

/* Stays open for as long as we live. */
static void
listener(int family, const void *sa, socklen_t len)
{
	int fd, on = 1;

	if ((fd = socket(family, SOCK_STREAM, 0)) == -1)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, sa, len) == -1 || listen(fd, 128) == -1)
		err(1, "bind");
	/* cppcheck-suppress resourceLeak */
}

static void
listen_port(const char *port)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	memset(&sin6, 0, sizeof(sin6));
	sin6.sin6_family = AF_INET6;
	sin6.sin6_addr = in6addr_loopback;
	sin6.sin6_port = htons((uint16_t)atoi(port));
	listener(AF_INET6, &sin6, sizeof(sin6));
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = sin6.sin6_port;
	listener(AF_INET, &sin, sizeof(sin));
}

static void
listen_path(const char *path)
{
	struct sockaddr_un sun;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sun.sun_path))
		errx(1, "%s: too long", path);
	strcpy(sun.sun_path, path);
	listener(AF_UNIX, &sun, sizeof(sun));
}

static void
copy_file(const char *from, const char *to)
{
	char buf[65536];
	ssize_t n;
	int in, out;

	in = open(from, O_RDONLY);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0755);
	if (in == -1 || out == -1)
		err(1, "%s", in == -1 ? from : to);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			err(1, "%s", to);
	close(in);
	if (n == -1 || close(out) == -1)
		err(1, "%s", to);
}

static void
detach(void)
{
	int fd;

	if (setsid() == -1)
		err(1, "setsid");
	if ((fd = open("/dev/null", O_RDWR)) == -1)
		err(1, "/dev/null");
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
}

static void
become_reaper(void)
{
#ifdef PR_SET_CHILD_SUBREAPER
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		err(1, "prctl");
#else
	errx(1, "-r: not on this system");
#endif
}

/* Forks away from its starter; returns in the child, whose parent is gone. */
static void
orphan(int adopt)
{
	pid_t middle;

	if (adopt)
		become_reaper();
	if ((middle = fork()) == -1)
		err(1, "fork");
	if (middle == 0) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			while (getppid() == middle)
				;
			return;
		default:
			_exit(0);
		}
	}
	/* What runs on holds these. */
	close(READY);
	close(1);
	while (wait(NULL) != -1)
		if (!adopt)
			break;
	_exit(0);
}

int
main(int argc, char *argv[])
{
	static char *empty[] = { NULL };
	char path[PATH_MAX];
	const char *file = NULL;
	ssize_t n;
	int away = 0, ch, lead = 0, reap = 0;

	if (getenv("MKTUN") != NULL)
		return be(argv);

	dup2(0, LEASH);
	dup2(1, READY);
	while ((ch = getopt(argc, argv, "+c:de:l:rst:u:x:")) != -1)
		switch (ch) {
		case 'c': setenv("MKTUN_COMM", optarg, 1); break;
		case 'd': away = 1; break;
		case 'e': putenv(optarg); break;
		case 'l': listen_port(optarg); break;
		case 'r': reap = 1; break;
		case 's': lead = 1; break;
		case 't': setenv("MKTUN_TITLE", optarg, 1); break;
		case 'u': listen_path(optarg); break;
		case 'x': file = optarg; break;
		default:
			errx(2, "see the head of tests/mktun.c");
		}
	argv += optind;
	argc -= optind;

	if ((n = readlink("/proc/self/exe", path, sizeof(path) - 1)) == -1)
		errx(1, "/proc/self/exe: cannot find myself");
	path[n] = '\0';
	if (file != NULL)
		copy_file(path, file);
	if (away || reap)
		orphan(reap);
	if (lead)
		detach();
	setenv("MKTUN", "", 1);
	execv(file != NULL ? file : path, argc > 0 ? argv : empty);
	err(1, "%s", file != NULL ? file : path);
}
