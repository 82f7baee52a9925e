/* SPDX-License-Identifier: ISC */
/*
 * peer: the other ends of a tunnel, for the live tests.
 *
 *	peer echo PORT			both loopbacks; gives back what comes
 *	peer deaf HOST PORT		accepts, never reads, never says a word
 *	peer hold N HOST PORT [TEXT]	N connections, TEXT sent on each
 *	peer socks N HOST PORT TO	the same through SOCKS5 to 127.0.0.1:TO
 *	peer flood HOST PORT BYTES	writes until nothing moves for a while
 *	peer clash PORT HOST TO		a connection from 127.0.0.1:PORT
 *	peer relay HOST PORT		standard input, output: for ProxyCommand
 *	peer linger HOST PORT		the same, but stays if HOST closes
 *	peer pass HOST PORT		passes a connection, for ProxyUseFdpass
 *	peer settings PID		keepalive settings of its TCP sockets
 *
 * A HOST with a slash is a path, and its PORT is passed over.  The first five
 * and clash say "ready" when they are and stay until they are killed.
 */
#define _GNU_SOURCE

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FDS		1024
#define QUIET_MS	500	/* as long as a flood waits for room */

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static socklen_t
address(union address *a, const char *host, const char *port)
{
	memset(a, 0, sizeof(*a));
	if (strchr(host, '/') != NULL) {
		a->un.sun_family = AF_UNIX;
		if (strlen(host) >= sizeof(a->un.sun_path))
			errx(1, "%s: too long", host);
		strcpy(a->un.sun_path, host);
		return sizeof(a->un);
	}
	if (inet_pton(AF_INET, host, &a->in.sin_addr) == 1) {
		a->in.sin_family = AF_INET;
		a->in.sin_port = htons((uint16_t)atoi(port));
		return sizeof(a->in);
	}
	if (inet_pton(AF_INET6, host, &a->in6.sin6_addr) != 1)
		errx(2, "%s: not a numeric address", host);
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = htons((uint16_t)atoi(port));
	return sizeof(a->in6);
}

static void
ready(void)
{
	puts("ready");
	fflush(stdout);
}

static int
listen_on(const char *host, const char *port)
{
	union address a;
	socklen_t len = address(&a, host, port);
	int fd, on = 1, off = 0;

	if ((fd = socket(a.sa.sa_family, SOCK_STREAM, 0)) == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* As most servers: a listener at :: is for both families. */
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, &a.sa, len) == -1 || listen(fd, 128) == -1)
		err(1, "%s %s", host, port);
	return fd;
}

static int
connect_to(const char *host, const char *port)
{
	union address a;
	socklen_t len = address(&a, host, port);
	int fd;

	if ((fd = socket(a.sa.sa_family, SOCK_STREAM, 0)) == -1 ||
	    connect(fd, &a.sa, len) == -1)
		err(1, "%s %s", host, port);
	return fd;
}

static void
give(int fd, const void *buf, size_t len)
{
	const char *p = buf;
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = write(fd, p, len)) == -1)
			err(1, "write");
}

static void
stay(void)
{
	ready();
	for (;;)
		pause();
}

/* Serves those that come to the first n of pfd; echoes, or never reads. */
static void
serve(struct pollfd *pfd, nfds_t n, int echo)
{
	nfds_t i, listeners = n;
	char buf[65536];
	ssize_t len;

	ready();
	for (;;) {
		if (poll(pfd, n, -1) == -1)
			err(1, "poll");
		for (i = n; i-- > 0;) {
			if (pfd[i].revents == 0)
				continue;
			if (i < listeners) {
				if (n == MAX_FDS)
					errx(1, "too many");
				pfd[n].fd = accept(pfd[i].fd, NULL, NULL);
				pfd[n].revents = 0;
				pfd[n++].events = echo ? POLLIN : 0;
				continue;
			}
			len = echo ? read(pfd[i].fd, buf, sizeof(buf)) : 0;
			if (len > 0)
				give(pfd[i].fd, buf, (size_t)len);
			else {
				close(pfd[i].fd);
				pfd[i] = pfd[--n];
			}
		}
	}
}

static void
echo(const char *port)
{
	static struct pollfd pfd[MAX_FDS];
	nfds_t n = 0;

	pfd[n++].fd = listen_on("127.0.0.1", port);
	if (access("/proc/net/if_inet6", R_OK) == 0)
		pfd[n++].fd = listen_on("::1", port);
	pfd[0].events = pfd[1].events = POLLIN;
	serve(pfd, n, 1);
}

static void
deaf(const char *host, const char *port)
{
	static struct pollfd pfd[MAX_FDS];

	pfd[0].fd = listen_on(host, port);
	pfd[0].events = POLLIN;
	serve(pfd, 1, 0);
}

static void
hold(int n, const char *host, const char *port, const char *text)
{
	while (n-- > 0)
		give(connect_to(host, port), text, strlen(text));
	stay();
}

static void
socks(int n, const char *host, const char *port, const char *to)
{
	unsigned char ask[] = { 5, 1, 0, 1, 127, 0, 0, 1, 0, 0 };
	char answer[10];
	int fd;

	ask[8] = (unsigned char)(atoi(to) >> 8);
	ask[9] = (unsigned char)atoi(to);
	while (n-- > 0) {
		fd = connect_to(host, port);
		give(fd, "\5\1\0", 3);
		if (recv(fd, answer, 2, MSG_WAITALL) != 2)
			errx(1, "no SOCKS");
		give(fd, ask, sizeof(ask));
		if (recv(fd, answer, 10, MSG_WAITALL) != 10 || answer[1] != 0)
			errx(1, "refused");
	}
	stay();
}

static void
flood(const char *host, const char *port, long bytes)
{
	static char buf[65536];
	struct pollfd pfd;
	ssize_t n;

	pfd.fd = connect_to(host, port);
	pfd.events = POLLOUT;
	fcntl(pfd.fd, F_SETFL, O_NONBLOCK);
	while (bytes > 0 && poll(&pfd, 1, QUIET_MS) == 1) {
		n = write(pfd.fd, buf, sizeof(buf));
		if (n == -1 && errno != EAGAIN)
			err(1, "write");
		bytes -= n > 0 ? n : 0;
	}
	stay();
}

static void
clash(const char *from, const char *host, const char *to)
{
	union address a;
	socklen_t len = address(&a, "127.0.0.1", from);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, &a.sa, len) == -1)
		err(1, "%s", from);
	len = address(&a, host, to);
	if (connect(fd, &a.sa, len) == -1)
		err(1, "%s", to);
	stay();
}

static void
relay(const char *host, const char *port, int lingers)
{
	struct pollfd pfd[2];
	char buf[65536];
	ssize_t n;
	int i;

	pfd[0].fd = 0;
	pfd[1].fd = connect_to(host, port);
	pfd[0].events = pfd[1].events = POLLIN;
	for (;;) {
		if (poll(pfd, 2, -1) == -1)
			err(1, "poll");
		for (i = 0; i < 2; i++) {
			if (pfd[i].revents == 0)
				continue;
			n = read(pfd[i].fd, buf, sizeof(buf));
			if (n <= 0 && i == 1 && lingers) {
				pfd[i].events = 0;
				continue;
			}
			if (n <= 0)
				return;
			give(i == 0 ? pfd[1].fd : 1, buf, (size_t)n);
		}
	}
}

static void
pass(int fd)
{
	union {
		struct cmsghdr head;
		char buf[CMSG_SPACE(sizeof(fd))];
	} rights = { .head = { .cmsg_len = CMSG_LEN(sizeof(fd)),
	    .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { .iov_base = (char[]){ 0 }, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = rights.buf, .msg_controllen = sizeof(rights.buf) };

	memcpy(CMSG_DATA(&rights.head), &fd, sizeof(fd));
	if (sendmsg(1, &msg, 0) == -1)
		err(1, "sendmsg");
}

#ifdef __linux__
/* The header of an older libc does not have it. */
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd	438
#endif

static int
option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, level, name, &value, &len) == -1 ? -1 : value;
}

static void
settings(pid_t pid)
{
	union address a;
	socklen_t len;
	int fd, i, pidfd;

	if ((pidfd = (int)syscall(SYS_pidfd_open, pid, 0)) == -1)
		err(1, "%ld", (long)pid);
	for (i = 0; i < 64; i++) {
		if ((fd = (int)syscall(SYS_pidfd_getfd, pidfd, i, 0)) == -1) {
			if (errno != EBADF)
				err(1, "%ld", (long)pid);
			continue;
		}
		len = sizeof(a);
		if (option(fd, SOL_SOCKET, SO_ACCEPTCONN) == 0 &&
		    getpeername(fd, &a.sa, &len) == 0 &&
		    a.sa.sa_family != AF_UNIX)
			printf("%d keepalive=%d idle=%d intvl=%d cnt=%d\n", i,
			    option(fd, SOL_SOCKET, SO_KEEPALIVE),
			    option(fd, IPPROTO_TCP, TCP_KEEPIDLE),
			    option(fd, IPPROTO_TCP, TCP_KEEPINTVL),
			    option(fd, IPPROTO_TCP, TCP_KEEPCNT));
		close(fd);
	}
}
#else
static void
settings(pid_t pid)
{
	errx(1, "%ld: not on this system", (long)pid);
}
#endif

int
main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	if (argc == 3 && strcmp(word, "echo") == 0)
		echo(argv[2]);
	else if (argc == 4 && strcmp(word, "deaf") == 0)
		deaf(argv[2], argv[3]);
	else if (argc >= 5 && strcmp(word, "hold") == 0)
		hold(atoi(argv[2]), argv[3], argv[4], argc > 5 ? argv[5] : "");
	else if (argc == 6 && strcmp(word, "socks") == 0)
		socks(atoi(argv[2]), argv[3], argv[4], argv[5]);
	else if (argc == 5 && strcmp(word, "flood") == 0)
		flood(argv[2], argv[3], atol(argv[4]));
	else if (argc == 5 && strcmp(word, "clash") == 0)
		clash(argv[2], argv[3], argv[4]);
	else if (argc == 4 && strcmp(word, "relay") == 0)
		relay(argv[2], argv[3], 0);
	else if (argc == 4 && strcmp(word, "linger") == 0)
		relay(argv[2], argv[3], 1);
	else if (argc == 4 && strcmp(word, "pass") == 0)
		pass(connect_to(argv[2], argv[3]));
	else if (argc == 3 && strcmp(word, "settings") == 0)
		settings((pid_t)atol(argv[2]));
	else
		errx(2, "see the head of tests/peer.c");
	return 0;
}
