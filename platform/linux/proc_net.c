/* SPDX-License-Identifier: ISC */
/*
 * Sockets from /proc/net: for kernels and sandboxes without netlink, and for
 * other network namespaces, where netlink would require entering them. It gives
 * less: no tcp_info, no backlog, no inode of a unix path and no peer.
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sock.h"

/* __SO_ACCEPTCON of the kernel: a listening unix socket. */
#define ACCEPTCON	0x10000

/* SS_CONNECTED of linux/net.h. */
#define CONNECTED	3

/*
 * Reads a number of such a line: at least one digit, then the byte end, which
 * is skipped. A blank as end also matches the end of the line.
 */
static int
number(const char **sp, int base, char end, uint64_t *v)
{
	static const char digits[] = "0123456789abcdef";
	const char *s = *sp, *d;
	int c, n;

	while (*s == ' ')
		s++;
	*v = 0;
	for (n = 0; *s != '\0'; n++, s++) {
		c = *s >= 'A' && *s <= 'F' ? *s - 'A' + 'a' : *s;
		if ((d = memchr(digits, c, base)) == NULL)
			break;
		*v = *v * base + (d - digits);
	}
	if (n == 0 || n > 20)
		return -1;
	if (*s == end)
		s++;
	else if (*s != '\0' || end != ' ')
		return -1;
	*sp = s;
	return 0;
}

/* Words of 32 bits in the byte order of this machine. */
static int
address(const char **sp, int family, struct plat_addr *ap)
{
	char word[9];
	const char *w;
	uint64_t v;
	uint32_t u;
	int i, n;

	n = family == AF_INET ? 1 : 4;
	while (**sp == ' ')
		(*sp)++;
	for (i = 0; i < n; i++) {
		if (strnlen(*sp, 8) < 8)
			return -1;
		memcpy(word, *sp, 8);
		word[8] = '\0';
		w = word;
		if (word[0] == ' ' || number(&w, 16, ' ', &v) == -1 ||
		    w != word + 8)
			return -1;
		u = v;
		memcpy(ap->ip + i * 4, &u, 4);
		*sp += 8;
	}
	if (*(*sp)++ != ':' || number(sp, 16, ' ', &v) == -1 || v > 65535)
		return -1;
	ap->port = v;
	return 0;
}

/* The kernel has the same numbers of states. */
static enum plat_tcp
tcp_state(uint64_t v)
{
	return v <= PLAT_TCP_CLOSING ? (enum plat_tcp)v : PLAT_TCP_UNKNOWN;
}

/*
 *	sl: local:port remote:port st tx:rx timer:when retrnsmt uid probes inode
 */
int
proc_inet_line(const char *line, int family, struct plat_sock *sk)
{
	uint64_t v, st, tx, rx, timer, when, rtx, uid, probes, inode;
	const char *s = line;
	long hz;

	memset(sk, 0, sizeof(*sk));
	if (number(&s, 10, ':', &v) == -1 ||
	    address(&s, family, &sk->local) == -1 ||
	    address(&s, family, &sk->peer) == -1 ||
	    number(&s, 16, ' ', &st) == -1 ||
	    number(&s, 16, ':', &tx) == -1 || number(&s, 16, ' ', &rx) == -1 ||
	    number(&s, 16, ':', &timer) == -1 ||
	    number(&s, 16, ' ', &when) == -1 ||
	    number(&s, 16, ' ', &rtx) == -1 ||
	    number(&s, 10, ' ', &uid) == -1 ||
	    number(&s, 10, ' ', &probes) == -1 ||
	    number(&s, 10, ' ', &inode) == -1)
		return -1;
	sk->family = family;
	sk->state = tcp_state(st);
	sk->key = inode;
	sk->uid = uid;
	sk->rq = rx;
	sk->wq = tx;
	sk->known = PLAT_SOCK_UID | PLAT_SOCK_QUEUES | PLAT_SOCK_ADDR;
	if (timer <= PLAT_TIMER_PROBE) {
		sk->timer = (enum plat_timer)timer;
		sk->known |= PLAT_SOCK_TIMER;
	}
	/* Clock ticks; the kernel writes 0 for a timer that is overdue. */
	if (sk->timer != PLAT_TIMER_NONE && (hz = sysconf(_SC_CLK_TCK)) > 0)
		sk->expires = when * 1000 / hz;
	sk->retrans = rtx;
	sk->probes = probes;
	return 0;
}

/*
 *	num: refs protocol flags type st inode [path]
 *
 * XXX The path is as its owner wrote it: a newline in it begins what looks
 * like a socket of its own, and a leading @ is either that or the NUL of an
 * abstract name.  Netlink has neither fault.
 */
int
proc_unix_line(const char *line, struct plat_sock *sk)
{
	uint64_t v, flags, type, st, inode;
	const char *s = line;
	size_t n;

	memset(sk, 0, sizeof(*sk));
	if (number(&s, 16, ':', &v) == -1 || number(&s, 16, ' ', &v) == -1 ||
	    number(&s, 16, ' ', &v) == -1 ||
	    number(&s, 16, ' ', &flags) == -1 ||
	    number(&s, 16, ' ', &type) == -1 ||
	    number(&s, 16, ' ', &st) == -1 ||
	    number(&s, 10, ' ', &inode) == -1 || type != SOCK_STREAM)
		return -1;
	sk->family = AF_UNIX;
	sk->key = inode;
	sk->state = flags & ACCEPTCON ? PLAT_TCP_LISTEN :
	    st == CONNECTED ? PLAT_TCP_ESTAB : PLAT_TCP_CLOSE;
	if ((n = strlen(s)) >= sizeof(sk->path))
		n = sizeof(sk->path) - 1;
	memcpy(sk->path, s, n);
	sk->pathlen = n;
	if (sk->path[0] == '@')
		sk->path[0] = '\0';
	return 0;
}

static int
read_table(int procfd, const char *file, int family, struct bag *bag)
{
	struct plat_sock sk;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	FILE *fp;
	int error, fd, rc = 0;

	if ((fd = openat(procfd, file, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	if ((fp = fdopen(fd, "r")) == NULL) {
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	errno = 0;
	while (rc == 0 && (n = getline(&line, &size, fp)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		/*
		 * The heading does not parse and is skipped like any bad line.
		 */
		if ((family == AF_UNIX ? proc_unix_line(line, &sk) :
		    proc_inet_line(line, family, &sk)) == 0)
			rc = bag_add(bag, &sk);
	}
	/* getline(3) without memory does not set the end of the file. */
	if (rc == 0 && !feof(fp))
		rc = -1;
	error = errno;
	free(line);
	fclose(fp);
	errno = error;
	return rc;
}

/*
 * The kernel lists listeners first, but tcp before tcp6: a connection to a port
 * that only an IPv6 listener has would come before its listener. So if
 * connections are asked for, listeners are collected in a pass of their own.
 *
 * A kernel without IPv6 or unix sockets has no file for them. Any other file
 * that cannot be read is a failure: its sockets would be taken for absent.
 */
int
proc_socks(int procfd, struct bag *bag)
{
	static const struct {
		const char *file;
		int family;
	} tables[] = {
		{ "net/tcp", AF_INET },
		{ "net/tcp6", AF_INET6 },
		{ "net/unix", AF_UNIX }
	};
	unsigned flags = bag->flags;
	size_t i, n;
	int pass;

	n = flags & PLAT_SOCKS_UNIX ? 3 : 2;
	for (pass = flags & PLAT_SOCKS_ALL ? 0 : 1; pass < 2; pass++) {
		bag->flags = pass == 0 ? flags & ~PLAT_SOCKS_ALL : flags;
		bag->n = 0;
		for (i = 0; i < n; i++)
			if (read_table(procfd, tables[i].file,
			    tables[i].family, bag) == -1 &&
			    (i == 0 || errno != ENOENT))
				return -1;
	}
	bag->flags = flags;
	/* The others are also missing if the process has exited meanwhile. */
	return faccessat(procfd, tables[0].file, F_OK, 0);
}
