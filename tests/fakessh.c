/* SPDX-License-Identifier: ISC */
/*
 * fakessh: a master of OpenSSH 10.3, as far as the mux protocol shows it.
 * Copied to a file named ssh it is found like one:
 *
 *	ssh -M -S path host [port]
 *
 * It never listens for a forward of that port that has no listen address,
 * though it says OK, and never forgets it: since 10.1 that is so for a
 * forward whose port was taken.  There only localhost helps.  Other ports it
 * opens on 127.0.0.1.  Ends after a minute, or when it is told to.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>

#include <err.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint32_t dead_port;

static void
put32(unsigned char *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, 4);
}

static uint32_t
get32(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return ntohl(v);
}

static int
read_all(int fd, void *buf, size_t len)
{
	return recv(fd, buf, len, MSG_WAITALL) == (ssize_t)len;
}

/* A reply of a type, the request's number and the text, if there is one. */
static void
reply(int fd, uint32_t type, const unsigned char *body, const char *text)
{
	unsigned char buf[4096];
	size_t len = 12;

	put32(buf + 4, type);
	memcpy(buf + 8, body + 4, 4);
	if (type == 0x90000001U) {
		put32(buf + len, 1);
		len += 4;
	}
	if (type == 0x80000005U) {
		put32(buf + len, (uint32_t)getpid());
		len += 4;
	} else if (text != NULL) {
		put32(buf + len, (uint32_t)strlen(text));
		memcpy(buf + len + 4, text, strlen(text));
		len += 4 + strlen(text);
	}
	put32(buf, (uint32_t)len - 4);
	if (send(fd, buf, len, MSG_NOSIGNAL) != (ssize_t)len)
		warnx("reply");
}

static int
open_port(uint32_t port)
{
	struct sockaddr_in sin;
	int fd, one = 1;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = htons((uint16_t)port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
	    sizeof(one)) == -1 || bind(fd, (struct sockaddr *)&sin,
	    sizeof(sin)) == -1)
		return -1;
	return listen(fd, 5);
}

static void
open_fwd(int fd, const unsigned char *body)
{
	uint32_t hostlen = get32(body + 12), port;

	port = get32(body + 16 + hostlen);
	if (hostlen == 0 && port == dead_port)
		reply(fd, 0x80000001U, body, NULL);
	else if ((port == dead_port && (hostlen != 9 ||
	    memcmp(body + 16, "localhost", 9) != 0)) ||
	    open_port(port) == -1)
		reply(fd, 0x80000003U, body, "Port forwarding failed");
	else
		reply(fd, 0x80000001U, body, NULL);
}

/* More text than a page of a terminal has; the last line has an escape. */
static const char *
channels(void)
{
	static char text[3072];
	size_t len = 0;
	int i;

	for (i = 1; i <= 80; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "  %d: direct-tcpip 127.0.0.1\r\n", i);
	snprintf(text + len, sizeof(text) - len, "80 channels\033[2J\r\n");
	return text;
}

static void
serve(int fd)
{
	static const unsigned char hello[] = {
		0, 0, 0, 0x15, 0, 0, 0, 1, 0, 0, 0, 4,
		0, 0, 0, 4, 'i', 'n', 'f', 'o', 0, 0, 0, 1, '0'
	};
	unsigned char head[4], body[1024];
	uint32_t len;

	if (send(fd, hello, sizeof(hello), MSG_NOSIGNAL) == -1)
		return;
	while (read_all(fd, head, 4) && (len = get32(head)) >= 8 &&
	    len < sizeof(body) && read_all(fd, body, len)) {
		switch (get32(body)) {
		case 0x00000001U:
			break;
		case 0x10000004U:
			reply(fd, 0x80000005U, body, NULL);
			break;
		case 0x10000006U:
			open_fwd(fd, body);
			break;
		case 0x10000007U:
			reply(fd, 0x80000003U, body, "port not found");
			break;
		case 0x20000001U:
			/* "connection" or "channels", by its length */
			reply(fd, 0x90000001U, body, get32(body + 8) == 10 ?
			    "master for host\r\n  tcp 192.0.2.1:1 -> "
			    "192.0.2.2:22\r\n" : channels());
			break;
		default:
			reply(fd, 0x80000003U, body, "unsupported request");
			break;
		}
	}
}

int
main(int argc, char *argv[])
{
	struct sockaddr_un sun;
	int fd, peer;

	if (argc < 5)
		errx(2, "usage: ssh -M -S path host [port]");
	if (argc > 5)
		dead_port = (uint32_t)strtoul(argv[5], NULL, 10);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s.abcdefghijklmnop",
	    argv[3]);
	umask(0177);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    listen(fd, 64) == -1 || link(sun.sun_path, argv[3]) == -1 ||
	    unlink(sun.sun_path) == -1)
		err(1, "%s", sun.sun_path);
	alarm(60);
	while ((peer = accept(fd, NULL, NULL)) != -1) {
		serve(peer);
		close(peer);
	}
	err(1, "accept");
}
