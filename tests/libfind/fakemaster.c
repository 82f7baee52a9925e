/* SPDX-License-Identifier: ISC */
/*
 * A scripted master: a child that serves one connection on a socket of its
 * own in a private directory.  Its script is words:
 *
 *	0000000c	hexadecimal digits: send these bytes
 *	'text		send the text
 *	9*41		send 9 bytes of 41
 *	.		from here on a byte at a time, 2 ms between them
 *	<		hear one frame
 *	^		be handed a descriptor; 'n' is recorded for the null
 *			device, '?' for any other
 *	-		hear until the other side is gone
 *
 * At the end of the script it closes.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/compat.h"
#include "fakemaster.h"

#define BACKLOG		64		/* as ssh's */
#define MAX_WORD	(256 * 1024)	/* of one frame */

/* --- words --------------------------------------------------------------- */

static int
nibble(int c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* The bytes of one word, good until the next. */
static const unsigned char *
word_bytes(const char *word, size_t *len)
{
	static unsigned char buf[MAX_WORD];
	char *end;
	size_t i;

	*len = strtoul(word, &end, 10);
	if (*end == '*') {
		if (*len > sizeof(buf))
			errx(1, "fakemaster: %s: too long", word);
		memset(buf, nibble(end[1]) << 4 | nibble(end[2]), *len);
		return buf;
	}
	*len = strlen(word);
	if (word[0] == '\'') {
		*len -= 1;
		return (const unsigned char *)word + 1;
	}
	if (*len % 2 != 0 || strspn(word, "0123456789abcdef") != *len)
		errx(1, "fakemaster: %s: what is that?", word);
	*len /= 2;
	for (i = 0; i < *len; i++)
		buf[i] = (unsigned char)(nibble(word[2 * i]) << 4 |
		    nibble(word[2 * i + 1]));
	return buf;
}

/* Calls act with each word. */
static void
each_word(const char *script, void (*act)(const char *, void *), void *arg)
{
	char *copy, *rest, *word;

	if ((copy = strdup(script)) == NULL)
		err(1, NULL);
	for (rest = copy; (word = strtok_r(rest, " \n\t", &rest)) != NULL;)
		act(word, arg);
	free(copy);
}

struct bytes {
	unsigned char *buf;
	size_t len, size;
};

static void
append_word(const char *word, void *arg)
{
	struct bytes *b = arg;
	const unsigned char *p;
	size_t n;

	p = word_bytes(word, &n);
	if (n > b->size - b->len)
		errx(1, "fakemaster: no room for %s", word);
	memcpy(b->buf + b->len, p, n);
	b->len += n;
}

size_t
fake_bytes(const char *script, unsigned char *buf, size_t size)
{
	struct bytes b;

	b.buf = buf;
	b.len = 0;
	b.size = size;
	each_word(script, append_word, &b);
	return b.len;
}

/* --- the child ----------------------------------------------------------- */

struct player {
	int fd;
	int record;
	int drips;
};

/* The other side may be gone whenever it has heard enough. */
static void
play_send(struct player *p, const unsigned char *buf, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = send(p->fd, buf, p->drips ? 1 : len, MSG_NOSIGNAL);
		if (n == -1)
			_exit(0);
		buf += n;
		len -= (size_t)n;
		if (p->drips)
			poll(NULL, 0, 2);
	}
}

/* Records len bytes of what comes. */
static void
play_hear(struct player *p, unsigned char *buf, size_t len)
{
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = recv(p->fd, buf + got, len - got, 0);
		if (n <= 0)
			_exit(0);
		if (write(p->record, buf + got, (size_t)n) != n)
			_exit(1);
		got += (size_t)n;
	}
}

static void
play_frame(struct player *p)
{
	unsigned char head[4], body[4096];
	size_t len;

	play_hear(p, head, sizeof(head));
	len = (size_t)head[2] << 8 | head[3];
	if (head[0] != 0 || head[1] != 0 || len > sizeof(body))
		_exit(1);
	play_hear(p, body, len);
}

static void
play_fd(struct player *p)
{
	union {
		struct cmsghdr hdr;
		unsigned char buf[CMSG_SPACE(sizeof(int))];
	} control;
	struct stat got, null;
	struct msghdr msg;
	struct cmsghdr *cmsg;
	struct iovec iov;
	char dummy;
	int fd;

	memset(&msg, 0, sizeof(msg));
	iov.iov_base = &dummy;
	iov.iov_len = 1;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = control.buf;
	msg.msg_controllen = sizeof(control.buf);
	if (recvmsg(p->fd, &msg, 0) != 1 ||
	    (cmsg = CMSG_FIRSTHDR(&msg)) == NULL ||
	    cmsg->cmsg_type != SCM_RIGHTS)
		_exit(1);
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	if (fstat(fd, &got) == -1 || stat("/dev/null", &null) == -1)
		_exit(1);
	close(fd);
	if (write(p->record, got.st_rdev == null.st_rdev ? "n" : "?", 1) != 1)
		_exit(1);
}

static void
play_word(const char *word, void *arg)
{
	struct player *p = arg;
	const unsigned char *buf;
	unsigned char c;
	size_t len;

	if (strcmp(word, "<") == 0)
		play_frame(p);
	else if (strcmp(word, "^") == 0)
		play_fd(p);
	else if (strcmp(word, ".") == 0)
		p->drips = 1;
	else if (strcmp(word, "-") == 0)
		for (;;)
			play_hear(p, &c, 1);
	else {
		buf = word_bytes(word, &len);
		play_send(p, buf, len);
	}
}

static void
play(int listener, int record, const char *script)
{
	struct player p;

	p.record = record;
	p.drips = 0;
	if ((p.fd = accept(listener, NULL, NULL)) == -1)
		_exit(1);
	each_word(script, play_word, &p);
	_exit(0);
}

/* --- the parent ---------------------------------------------------------- */

void
fake_start_as(struct fake *f, const char *script, uid_t uid)
{
	struct sockaddr_un sun;
	int fds[2];

	memset(f, 0, sizeof(*f));
	strlcpy(f->dir, "/tmp/fakemaster.XXXXXX", sizeof(f->dir));
	if (mkdtemp(f->dir) == NULL)
		err(1, "mkdtemp");
	snprintf(f->path, sizeof(f->path), "%s/s", f->dir);

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	strlcpy(sun.sun_path, f->path, sizeof(sun.sun_path));
	if ((f->listener = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    bind(f->listener, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    chmod(f->path, 0600) == -1)
		err(1, "%s", f->path);
	if (uid != geteuid() && (chown(f->path, uid, (gid_t)-1) == -1 ||
	    chmod(f->dir, 0711) == -1))
		err(1, "%s", f->path);
	if (pipe(fds) == -1)
		err(1, "pipe");
	f->record = fds[0];

	/* It is who calls listen() that SO_PEERCRED shows. */
	if (script == NULL) {
		if (listen(f->listener, BACKLOG) == -1)
			err(1, "listen");
		close(fds[1]);
		return;
	}
	if (uid == geteuid() && listen(f->listener, BACKLOG) == -1)
		err(1, "listen");
	if ((f->pid = fork()) == -1)
		err(1, "fork");
	if (f->pid == 0) {
		/* Whatever goes wrong, it must not stay. */
		alarm(120);
		if (uid != geteuid() && (setuid(uid) == -1 ||
		    listen(f->listener, BACKLOG) == -1))
			_exit(1);
		if (write(fds[1], "", 1) != 1)
			_exit(1);
		close(fds[0]);
		play(f->listener, fds[1], script);
	}
	close(fds[1]);
	if (read(f->record, fds, 1) != 1)
		errx(1, "fakemaster: did not start");
	/* A dead one is to be refused, not to queue. */
	close(f->listener);
	f->listener = -1;
}

void
fake_start(struct fake *f, const char *script)
{
	fake_start_as(f, script, geteuid());
}

static int
dial(const char *path)
{
	struct sockaddr_un sun;
	int fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		err(1, "socket");
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

size_t
fake_stop(struct fake *f, unsigned char *heard, size_t size)
{
	size_t len = 0;
	ssize_t n;
	int fd;

	/* Who was never called still waits for a connection: here is one. */
	if (f->pid != 0 && (fd = dial(f->path)) != -1)
		close(fd);
	while (heard != NULL && len < size &&
	    (n = read(f->record, heard + len, size - len)) > 0)
		len += (size_t)n;
	close(f->record);
	if (f->listener != -1)
		close(f->listener);
	if (f->pid != 0) {
		/* Not TERM, for which Check's handler was inherited. */
		kill(f->pid, SIGKILL);
		waitpid(f->pid, NULL, 0);
	}
	unlink(f->path);
	rmdir(f->dir);
	return len;
}
