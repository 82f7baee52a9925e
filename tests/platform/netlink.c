/* SPDX-License-Identifier: ISC */
/*
 * Sockets as the platform reports them, against sockets of our own.  Ports
 * are looked for below 32768, where no connection of the machine gets one
 * by accident.  On systems whose sockets come from elsewhere nothing is left
 * of this but the empty suite.
 */
#define _GNU_SOURCE		/* unshare */

#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform.h"
#include "tests.h"

#ifdef PLATFORM_LINUX
#include <sched.h>

#include "linux/sock.h"

#define ALL	(PLAT_SOCKS_ALL | PLAT_SOCKS_INFO | PLAT_SOCKS_UNIX)

/* One of each: a listener, its client, what it accepted. */
struct trio {
	int listener, client, accepted;
	uint16_t port;
	char path[64];
};

static struct plat *pl;
static struct trio four, six, local;
static char dir[] = "/tmp/socktestXXXXXX";

static uint64_t
key_of(int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return st.st_ino;
}

/* A listener on the loopback of the family, AF_UNSPEC any address; or -1. */
static int
listen_at(int family, uint16_t port)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	int fd, on = 1, rc;

	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_port = htons(port);
	in.sin_addr.s_addr = htonl(family == AF_UNSPEC ? INADDR_ANY :
	    INADDR_LOOPBACK);
	memset(&in6, 0, sizeof(in6));
	in6.sin6_family = AF_INET6;
	in6.sin6_port = htons(port);
	in6.sin6_addr = in6addr_loopback;
	fd = socket(family == AF_INET6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	if (fd == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (family == AF_INET6)
		rc = bind(fd, (struct sockaddr *)&in6, sizeof(in6));
	else
		rc = bind(fd, (struct sockaddr *)&in, sizeof(in));
	if (rc == -1 || listen(fd, 7) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
join(struct trio *t, int family)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	ck_assert_int_eq(getsockname(t->listener, (struct sockaddr *)&ss,
	    &len), 0);
	t->client = socket(family, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(t->client, (struct sockaddr *)&ss, len), 0);
	t->accepted = accept(t->listener, NULL, NULL);
	ck_assert_int_ne(t->accepted, -1);
}

static int
make_inet(struct trio *t, int family)
{
	int i;

	t->listener = -1;
	/* One port for each family: strangers() tells them apart by it. */
	for (i = family == AF_INET6; i < 1000 && t->listener == -1; i += 2) {
		t->port = 20000 + (getpid() * 2 + i) % 12000;
		t->listener = listen_at(family, t->port);
	}
	if (t->listener == -1)
		return -1;
	join(t, family);
	return 0;
}

static void
make_unix(struct trio *t)
{
	struct sockaddr_un sun;

	snprintf(t->path, sizeof(t->path), "%s/s", dir);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, t->path, strlen(t->path));
	t->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(t->listener, (struct sockaddr *)&sun,
	    sizeof(sun)), 0);
	ck_assert_int_eq(listen(t->listener, 64), 0);
	join(t, AF_UNIX);
}

static void
shut(struct trio *t)
{
	close(t->listener);
	close(t->client);
	close(t->accepted);
}

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_ptr_nonnull(pl = plat_open(NULL));
	ck_assert_int_eq(make_inet(&four, AF_INET), 0);
	if (make_inet(&six, AF_INET6) == -1)
		six.port = 0;	/* a machine without IPv6 */
	make_unix(&local);
}

static void
teardown(void)
{
	plat_close(pl);
	shut(&four);
	if (six.port != 0)
		shut(&six);
	shut(&local);
	unlink(local.path);
	rmdir(dir);
	strcpy(dir, "/tmp/socktestXXXXXX");
}

static const struct plat_sock *
find(const struct plat_sock *socks, size_t n, int fd)
{
	uint64_t key = key_of(fd);
	size_t i;

	for (i = 0; i < n; i++)
		if (socks[i].key == key)
			return &socks[i];
	return NULL;
}

static void
check_listener(const struct plat_sock *sk, const struct trio *t, int family)
{
	ck_assert_ptr_nonnull(sk);
	ck_assert_int_eq(sk->family, family);
	ck_assert_int_eq(sk->state, PLAT_TCP_LISTEN);
	ck_assert_uint_eq(sk->local.port, t->port);
	ck_assert_uint_eq(sk->peer.port, 0);
	ck_assert_uint_eq(sk->uid, geteuid());
	ck_assert_uint_eq(sk->rq, 0);
}

START_TEST(listeners)
{
	static const uint8_t lo4[16] = { 127, 0, 0, 1 };
	static const uint8_t lo6[16] = { [15] = 1 };
	const struct plat_sock *sk;
	struct plat_sock *socks;
	size_t i, n;

	ck_assert_int_eq(plat_socks(pl, NULL, 0,
	    PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX, NULL, &socks, &n), 0);
	for (i = 0; i < n; i++)
		ck_assert_int_eq(socks[i].state, PLAT_TCP_LISTEN);
	check_listener(sk = find(socks, n, four.listener), &four, AF_INET);
	ck_assert_mem_eq(sk->local.ip, lo4, 16);
	if (six.port != 0) {
		sk = find(socks, n, six.listener);
		check_listener(sk, &six, AF_INET6);
		ck_assert_mem_eq(sk->local.ip, lo6, 16);
	}
	sk = find(socks, n, local.listener);
	ck_assert_ptr_nonnull(sk);
	ck_assert_int_eq(sk->family, AF_UNIX);
	ck_assert_str_eq(sk->path, local.path);
	ck_assert_uint_eq(sk->pathlen, strlen(local.path));
	free(socks);
}
END_TEST

/* What only netlink has; where it is denied there is nothing to check. */
START_TEST(netlink_extras)
{
	uint64_t keys[4];
	const struct plat_sock *sk;
	struct plat_sock *socks;
	struct stat st;
	size_t n;

	keys[0] = key_of(four.accepted);
	keys[1] = key_of(local.accepted);
	keys[2] = key_of(four.listener);
	keys[3] = 0;
	ck_assert_int_eq(write(four.client, "abc", 3), 3);
	ck_assert_int_eq(plat_socks(pl, keys, 4, ALL, NULL, &socks, &n), 0);
	if (plat_gaps(pl) & PLAT_GAP_NETLINK) {
		free(socks);
		return;
	}
	sk = find(socks, n, four.listener);
	ck_assert_uint_eq(sk->wq, 7);
	if (six.port != 0) {
		sk = find(socks, n, six.listener);
		ck_assert(sk->known & PLAT_SOCK_V6ONLY);
		ck_assert_int_eq(sk->v6only, 1);
	}
	sk = find(socks, n, four.accepted);
	ck_assert_ptr_nonnull(sk);
	ck_assert_uint_eq(sk->known & (PLAT_SOCK_INFO | PLAT_SOCK_BYTES),
	    PLAT_SOCK_INFO | PLAT_SOCK_BYTES);
	ck_assert_uint_eq(sk->rq, 3);
	ck_assert_uint_eq(sk->rx, 3);
	ck_assert_uint_eq(sk->tx, 0);
	/* It has no key among ours, but it meets our listener. */
	sk = find(socks, n, four.client);
	ck_assert_ptr_nonnull(sk);
	ck_assert_uint_eq(sk->tx, 3);
	ck_assert_uint_eq(sk->peer.port, four.port);

	ck_assert_int_eq(stat(local.path, &st), 0);
	sk = find(socks, n, local.listener);
	ck_assert_uint_eq(sk->wq, 64);
	ck_assert(sk->known & PLAT_SOCK_VFS);
	ck_assert_uint_eq(sk->vfs_ino, (uint32_t)st.st_ino);
	sk = find(socks, n, local.accepted);
	ck_assert_ptr_nonnull(sk);
	ck_assert_str_eq(sk->path, local.path);
	ck_assert_uint_eq(sk->peer_key, key_of(local.client));
	/* The other end comes along. */
	ck_assert_ptr_nonnull(find(socks, n, local.client));
	free(socks);
}
END_TEST

/* A crowd of strangers is not kept. */
START_TEST(strangers)
{
	uint64_t key = key_of(four.listener);
	struct plat_sock *socks;
	size_t n;

	if (six.port == 0)
		return;
	ck_assert_int_eq(plat_socks(pl, &key, 1, ALL, NULL, &socks, &n), 0);
	ck_assert_ptr_nonnull(find(socks, n, four.accepted));
	ck_assert_ptr_nonnull(find(socks, n, six.listener));
	ck_assert_ptr_null(find(socks, n, six.accepted));
	ck_assert_ptr_null(find(socks, n, six.client));
	ck_assert_ptr_null(find(socks, n, local.accepted));
	free(socks);
}
END_TEST

/* Nor are the other ends of our own, if nobody looks at them. */
START_TEST(held)
{
	uint64_t keys[2] = { key_of(four.listener), key_of(four.accepted) };
	struct plat_sock *socks;
	size_t n;

	ck_assert_int_eq(plat_socks(pl, keys, 2, ALL, NULL, &socks, &n), 0);
	ck_assert_ptr_nonnull(find(socks, n, four.client));
	free(socks);
	ck_assert_int_eq(plat_socks(pl, keys, 2, ALL | PLAT_SOCKS_HELD, NULL,
	    &socks, &n), 0);
	ck_assert_ptr_nonnull(find(socks, n, four.listener));
	ck_assert_ptr_nonnull(find(socks, n, four.accepted));
	ck_assert_ptr_null(find(socks, n, four.client));
	free(socks);
}
END_TEST

/* Connections that wait are the listener's, not somebody's. */
START_TEST(waiting)
{
	uint64_t key = key_of(four.listener);
	struct sockaddr_in in;
	struct plat_sock *socks;
	socklen_t len = sizeof(in);
	size_t i, n;
	int fd;

	ck_assert_int_eq(getsockname(four.listener, (struct sockaddr *)&in,
	    &len), 0);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&in, len), 0);
	ck_assert_int_eq(plat_socks(pl, &key, 1, ALL, NULL, &socks, &n), 0);
	ck_assert_uint_eq(find(socks, n, four.listener)->rq, 1);
	for (i = 0; i < n; i++)
		ck_assert_uint_ne(socks[i].key, 0);
	free(socks);
	close(fd);
}
END_TEST

/* Where both sources know a field they agree on it. */
static void
check_same(const struct plat_sock *a, const struct plat_sock *b)
{
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(a->family, b->family);
	ck_assert_int_eq(a->state, b->state);
	ck_assert_mem_eq(&a->local, &b->local, sizeof(a->local));
	ck_assert_mem_eq(&a->peer, &b->peer, sizeof(a->peer));
	ck_assert_uint_eq(a->pathlen, b->pathlen);
	ck_assert_mem_eq(a->path, b->path, sizeof(a->path));
	if (b->known & PLAT_SOCK_UID)
		ck_assert_uint_eq(a->uid, b->uid);
	if (b->known & PLAT_SOCK_TIMER)
		ck_assert_int_eq(a->timer, b->timer);
	if (!(b->known & PLAT_SOCK_QUEUES))
		return;
	ck_assert_uint_eq(a->rq, b->rq);
	if (a->state != PLAT_TCP_LISTEN)
		ck_assert_uint_eq(a->wq, b->wq);
}

START_TEST(sources_agree)
{
	const int fds[] = { four.listener, four.client, four.accepted,
	    local.listener, local.accepted, six.listener, six.client,
	    six.accepted };
	uint64_t keys[8];
	struct plat_sock *socks;
	struct bag bag;
	size_t i, n, nfds = six.port != 0 ? 8 : 5;
	int fd;

	/* Neither side may have anything under way. */
	ck_assert_int_eq(write(four.client, "abcd", 4), 4);
	for (i = 0; i < nfds; i++)
		keys[i] = key_of(fds[i]);
	ck_assert_int_eq(plat_socks(pl, keys, nfds, ALL, NULL, &socks, &n), 0);
	ck_assert_int_eq(bag_init(&bag, keys, nfds, ALL), 0);
	fd = open("/proc/self", O_RDONLY);
	ck_assert_int_eq(proc_socks(fd, &bag), 0);
	close(fd);
	for (i = 0; i < nfds; i++)
		check_same(find(socks, n, fds[i]),
		    find(bag.socks, bag.n, fds[i]));
	ck_assert_uint_eq(find(bag.socks, bag.n, four.accepted)->rq, 4);
	bag_free(&bag);
	free(socks);
}
END_TEST

/*
 * Tables that are there (+), that the kernel does not have (-), or that cannot
 * be read (!): tcp, tcp6, unix.
 */
static const struct {
	const char *tables;
	int error;
} readable[] = {
	{ "+++", 0 },
	{ "+-+", 0 },
	{ "+--", 0 },
	{ "---", ENOENT },
	{ "-++", ENOENT },
	{ "!++", ELOOP },		/* all was "read" by the others */
	{ "+!+", ELOOP },
	{ "++!", ELOOP },
};

START_TEST(unreadable_table)
{
	static const char *const names[] = { "net/tcp", "net/tcp6",
	    "net/unix" };
	char top[] = "/tmp/socktestXXXXXX";
	struct bag bag;
	int dirfd, fd, i;

	ck_assert_ptr_nonnull(mkdtemp(top));
	dirfd = open(top, O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(mkdirat(dirfd, "net", 0700), 0);
	for (i = 0; i < 3; i++)
		if (readable[_i].tables[i] == '!')
			ck_assert_int_eq(symlinkat(strrchr(names[i], '/') + 1,
			    dirfd, names[i]), 0);
		else if (readable[_i].tables[i] == '+') {
			fd = openat(dirfd, names[i], O_CREAT | O_WRONLY, 0600);
			ck_assert_int_ne(fd, -1);
			close(fd);
		}
	ck_assert_int_eq(bag_init(&bag, NULL, 0, ALL), 0);
	errno = 0;
	ck_assert_int_eq(proc_socks(dirfd, &bag),
	    readable[_i].error == 0 ? 0 : -1);
	if (readable[_i].error != 0)
		ck_assert_int_eq(errno, readable[_i].error);
	bag_free(&bag);
	for (i = 0; i < 3; i++)
		unlinkat(dirfd, names[i], 0);
	unlinkat(dirfd, "net", AT_REMOVEDIR);
	close(dirfd);
	rmdir(top);
}
END_TEST

/* Another process of its namespace may be asked in its place. */
START_TEST(exited_in_between)
{
	struct plat_proc row;
	struct plat_sock *socks;
	siginfo_t si;
	size_t n;

	memset(&row, 0, sizeof(row));
	if ((row.pid = fork()) == 0)
		for (;;)
			pause();
	ck_assert_int_eq(plat_rows(pl, &row, 1), 0);
	kill(row.pid, SIGKILL);
	ck_assert_int_eq(waitid(P_PID, (id_t)row.pid, &si,
	    WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(plat_socks(pl, NULL, 0, ALL, &row, &socks, &n), -1);
	ck_assert_int_eq(errno, ESRCH);		/* a zombie */
	waitpid(row.pid, NULL, 0);
	ck_assert_int_eq(plat_socks(pl, NULL, 0, ALL, &row, &socks, &n), -1);
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

START_TEST(owner)
{
	uint64_t keys[3];
	pid_t owners[3], child;
	int p[2];
	char c;

	keys[0] = key_of(four.client);
	keys[1] = 0;
	ck_assert_int_eq(pipe(p), 0);
	if ((child = fork()) == 0) {
		close(p[1]);
		if (read(p[0], &c, 1) == -1)
			_exit(1);
		_exit(0);
	}
	close(p[0]);
	keys[2] = key_of(four.accepted);
	close(four.accepted);
	ck_assert_int_eq(plat_socket_owner(pl, keys, 3, owners), 0);
	ck_assert(owners[0] == getpid() || owners[0] == child);
	ck_assert_int_eq(owners[1], 0);
	ck_assert_int_eq(owners[2], child);
	close(p[1]);
	waitpid(child, NULL, 0);
	four.accepted = -1;
}
END_TEST

/* Who reads, not who writes; of two the later. */
START_TEST(reader)
{
	uint64_t keys[2];
	pid_t owners[2], child;
	int p[2];
	char c;

	ck_assert_int_eq(pipe(p), 0);
	keys[0] = key_of(p[0]);
	keys[1] = 0;
	ck_assert_int_eq(plat_pipe_owner(pl, keys, 2, owners), 0);
	ck_assert_int_eq(owners[0], 0);
	if ((child = fork()) == 0) {
		dup2(p[0], 0);
		close(p[1]);
		kill(getpid(), SIGSTOP);
		if (read(0, &c, 1) == -1)
			_exit(1);
		_exit(0);
	}
	waitpid(child, NULL, WUNTRACED);
	ck_assert_int_eq(plat_pipe_owner(pl, keys, 2, owners), 0);
	ck_assert_int_eq(owners[0], child);
	ck_assert_int_eq(owners[1], 0);
	kill(child, SIGCONT);
	close(p[0]);
	close(p[1]);
	waitpid(child, NULL, 0);
}
END_TEST

/* A listener in a namespace that we cannot ask netlink about. */
START_TEST(other_namespace)
{
	struct plat_proc row;
	struct plat_sock *socks;
	size_t i, n;
	int up[2], down[2], status;
	char c = 0;

	ck_assert_int_eq(pipe(up), 0);
	ck_assert_int_eq(pipe(down), 0);
	memset(&row, 0, sizeof(row));
	if ((row.pid = fork()) == 0) {
		close(down[1]);
		/* The loopback is down there, but the wildcard will do. */
		if (unshare(CLONE_NEWNET) == -1)
			_exit(77);
		if (listen_at(AF_UNSPEC, 4711) == -1)
			_exit(1);
		if (write(up[1], &c, 1) != 1 || read(down[0], &c, 1) == -1)
			_exit(1);
		_exit(0);
	}
	close(up[1]);
	close(down[0]);
	if (read(up[0], &c, 1) == 1) {
		ck_assert_int_eq(plat_rows(pl, &row, 1), 0);
		ck_assert_int_eq(plat_socks(pl, NULL, 0, PLAT_SOCKS_LISTEN,
		    &row, &socks, &n), 0);
		for (i = 0; i < n; i++)
			ck_assert_uint_eq(socks[i].local.port, 4711);
		ck_assert_uint_eq(n, 1);
		free(socks);
	}
	close(down[1]);
	close(up[0]);
	waitpid(row.pid, &status, 0);
	/* 77: not allowed to make one. */
	ck_assert(WIFEXITED(status) && (WEXITSTATUS(status) == 0 ||
	    WEXITSTATUS(status) == 77));
}
END_TEST

/* What an address is by the lines that the kernel has. */

#define TRIE	"Main:\n  +-- 0.0.0.0/0 3 0 5\n" \
		"     |-- 10.0.0.0\n        /8 host LOCAL\n" \
		"     +-- 172.17.0.0/16 2 0 2\n" \
		"        |-- 172.17.0.0\n           /16 link UNICAST\n" \
		"        |-- 172.17.0.1\n           /32 host LOCAL\n" \
		"        |-- 172.17.255.255\n           /32 link BROADCAST\n" \
		"     |-- 192.0.2.0\n        /24 universe UNICAST tos=0x10\n" \
		"        /25 host LOCAL\n"
#define INET6	"20010db8000000000000000000000005 03 40 00 c0       d0\n" \
		"fe800000000000000000000000000077 03 40 20 82       d0\n" \
		"20010db8000000000000000000000006 04 40 00 40   tenta\n"
#define ZERO	"00000000000000000000000000000000"
#define ROUTES	"20010db8000000000000000000000000 40 " ZERO " 00 " ZERO \
		" 00000100 00000001 00000000 00000001       d0\n" \
		"20010db8000100000000000000000000 30 " ZERO " 00 " ZERO \
		" 00000400 00000001 00000000 80000001       lo\n" \
		ZERO " 00 " ZERO " 00 " ZERO \
		" ffffffff 00000001 00000000 00200200       lo\n"

static const struct {
	const char *file, *text, *ip;
	uint32_t scope;
	int here;
} local_lines[] = {
	{ "fib_trie", TRIE, "172.17.0.1", 0, 1 },
	{ "fib_trie", TRIE, "172.17.0.2", 0, 0 },
	{ "fib_trie", TRIE, "172.17.255.255", 0, 0 },
	{ "fib_trie", TRIE, "10.200.3.4", 0, 1 },
	{ "fib_trie", TRIE, "11.0.0.1", 0, 0 },
	{ "fib_trie", TRIE, "192.0.2.127", 0, 1 },
	{ "fib_trie", TRIE, "192.0.2.128", 0, 0 },
	{ "fib_trie", "", "10.0.0.1", 0, 0 },
	{ "fib_trie", "/8 host LOCAL\n", "10.0.0.1", 0, 0 },
	{ "fib_trie", "|-- 1000.0.0.0\n/0 host LOCAL\n", "10.0.0.1", 0, 0 },
	{ "fib_trie", "|-- 10.0.0.0\n/99 host LOCAL\n", "10.0.0.1", 0, 0 },
	{ "fib_trie", "|-- 0.0.0.0\n/0 host LOCAL\n", "10.0.0.1", 0, 1 },
	{ "fib_trie", TRIE, "2001:db8::5", 0, 0 },
	{ "if_inet6", INET6, "2001:db8::5", 0, 1 },
	{ "if_inet6", INET6, "2001:db8::6", 0, 1 },	/* tentative */
	{ "if_inet6", INET6, "2001:db8::7", 0, 0 },
	{ "if_inet6", INET6, "2001:db8::5", 9, 1 },	/* of a VRF */
	{ "if_inet6", INET6, "fe80::77", 3, 1 },
	{ "if_inet6", INET6, "fe80::77", 4, 0 },
	{ "if_inet6", INET6, "fe80::77", 0, 1 },
	{ "if_inet6", "20010db8 03 40 00 c0 d0\n", "2001:db8::5", 0, 0 },
	{ "ipv6_route", ROUTES, "2001:db8:1::1", 0, 1 },
	{ "ipv6_route", ROUTES, "2001:db8:2::1", 0, 0 },
	{ "ipv6_route", ROUTES, "2001:db8::5", 0, 0 },
	{ "ipv6_route", ROUTES, "10.0.0.1", 0, 0 },
};

START_TEST(local_line)
{
	struct plat_sock sk = { .state = PLAT_TCP_LISTEN, .key = 7,
	    .local_addr = PLAT_LOCAL_ADDR_GONE };
	struct bag bag = { .socks = &sk, .n = 1 };
	char *text = strdup(local_lines[_i].text);
	FILE *fp = fmemopen(text, strlen(text) + 1, "r");

	ck_assert_ptr_nonnull(fp);
	sk.family = strchr(local_lines[_i].ip, ':') ? AF_INET6 : AF_INET;
	sk.scope = local_lines[_i].scope;
	ck_assert_int_eq(inet_pton(sk.family, local_lines[_i].ip,
	    sk.local.ip), 1);
	ck_assert_int_eq(local_addr_read(fp, local_lines[_i].file, &bag), 0);
	ck_assert_int_eq(sk.local_addr == PLAT_LOCAL_ADDR_HERE,
	    local_lines[_i].here);
	fclose(fp);
	free(text);
}
END_TEST

/* Which listeners there is a question about. */
static const struct {
	const char *ip;
	enum plat_tcp state;
	uint64_t key;
	int asks;
} questions[] = {
	{ "192.0.2.1", PLAT_TCP_LISTEN, 7, 1 },
	{ "192.0.2.1", PLAT_TCP_LISTEN, 8, 0 },
	{ "192.0.2.1", PLAT_TCP_ESTAB, 7, 0 },
	{ "0.0.0.0", PLAT_TCP_LISTEN, 7, 0 },
	{ "127.0.0.1", PLAT_TCP_LISTEN, 7, 0 },
	{ "127.9.9.9", PLAT_TCP_LISTEN, 7, 0 },
	{ "::", PLAT_TCP_LISTEN, 7, 0 },
	{ "::1", PLAT_TCP_LISTEN, 7, 1 },
	{ "::ffff:192.0.2.1", PLAT_TCP_LISTEN, 7, 0 },
	{ "fe80::1", PLAT_TCP_LISTEN, 7, 1 },
};

START_TEST(place_question)
{
	struct plat_sock sk = { .state = questions[_i].state,
	    .key = questions[_i].key };
	const uint64_t key = 7;
	struct bag bag;

	sk.family = strchr(questions[_i].ip, ':') ? AF_INET6 : AF_INET;
	ck_assert_int_eq(inet_pton(sk.family, questions[_i].ip, sk.local.ip),
	    1);
	ck_assert_int_eq(bag_init(&bag, &key, 1, PLAT_SOCKS_ALL), 0);
	bag.socks = &sk;
	bag.n = 1;
	ck_assert_int_eq(local_addr_asks(&bag), questions[_i].asks);
	/* There is no such directory: nothing is known. */
	local_addr_look(-1, &bag);
	ck_assert_int_eq(sk.local_addr, PLAT_LOCAL_ADDR_UNKNOWN);
	bag.socks = NULL;
	bag_free(&bag);
}
END_TEST

static const struct {
	const char *line;
	int family, state;
	uint16_t lport, rport;
	uint64_t key;
	int timer;
	uint32_t expires, rq, wq;
} inet_lines[] = {
	{ "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
	    "retrnsmt   uid  timeout inode", AF_INET, -1, 0, 0, 0, 0, 0, 0, 0 },
	{ "", AF_INET, -1, 0, 0, 0, 0, 0, 0, 0 },
	{ "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 "
	    "00000000     0        0 1051 1 0000000051a0aaab 100 0 0 10 0",
	    AF_INET, PLAT_TCP_LISTEN, 8080, 0, 1051, PLAT_TIMER_NONE, 0, 3, 0 },
	{ "   1: 020200C0:80A6 507100CB:0050 01 0000005C:00000000 01:000000C8 "
	    "00000004  1000        0 99 1 00000000928db0c4", AF_INET,
	    PLAT_TCP_ESTAB, 32934, 80, 99, PLAT_TIMER_RETRANS, 2000, 0, 92 },
	/* Cut short: no inode. */
	{ "   1: 020200C0:80A6 507100CB:0050 01 0000005C:00000000 01:000000C8 "
	    "00000004  1000        0 ", AF_INET, -1, 0, 0, 0, 0, 0, 0, 0 },
	/* An address of the other family. */
	{ "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 "
	    "00000000     0        0 1051 1", AF_INET6, -1, 0, 0, 0, 0, 0, 0,
	    0 },
	{ "   0: 00000000000000000000000001000000:0016 "
	    "00000000000000000000000000000000:0000 0A 00000000:00000000 "
	    "00:00000000 00000000     0        0 7 1", AF_INET6,
	    PLAT_TCP_LISTEN, 22, 0, 7, PLAT_TIMER_NONE, 0, 0, 0 },
	/* A port that is none. */
	{ "   0: 0100007F:11F90 00000000:0000 0A 00000000:00000003 00:00000000 "
	    "00000000     0        0 1051 1", AF_INET, -1, 0, 0, 0, 0, 0, 0,
	    0 },
};

START_TEST(inet_line)
{
	struct plat_sock sk;
	int rc;

	rc = proc_inet_line(inet_lines[_i].line, inet_lines[_i].family, &sk);
	ck_assert_int_eq(rc, inet_lines[_i].state == -1 ? -1 : 0);
	if (rc == -1)
		return;
	ck_assert_int_eq(sk.state, inet_lines[_i].state);
	ck_assert_uint_eq(sk.local.port, inet_lines[_i].lport);
	ck_assert_uint_eq(sk.peer.port, inet_lines[_i].rport);
	ck_assert_uint_eq(sk.key, inet_lines[_i].key);
	ck_assert_int_eq(sk.timer, inet_lines[_i].timer);
	ck_assert_uint_eq(sk.expires, inet_lines[_i].expires);
	ck_assert_uint_eq(sk.rq, inet_lines[_i].rq);
	ck_assert_uint_eq(sk.wq, inet_lines[_i].wq);
}
END_TEST

static const struct {
	const char *line;
	int state;
	uint64_t key;
	const char *path;
	size_t pathlen;
} unix_lines[] = {
	{ "Num       RefCount Protocol Flags    Type St Inode Path", -1, 0, "",
	    0 },
	{ "0000000069c45212: 00000003 00000000 00000000 0001 03   643",
	    PLAT_TCP_ESTAB, 643, "", 0 },
	{ "0000000069c45212: 00000003 00000000 00010000 0001 01   9 /a b",
	    PLAT_TCP_LISTEN, 9, "/a b", 4 },
	{ "0000000069c45212: 00000003 00000000 00010000 0001 01   9 @x",
	    PLAT_TCP_LISTEN, 9, "", 2 },
	/* A datagram socket is not ours to report. */
	{ "0000000069c45212: 00000003 00000000 00000000 0002 01   9 /dev/log",
	    -1, 0, "", 0 },
};

START_TEST(unix_line)
{
	struct plat_sock sk;
	int rc;

	rc = proc_unix_line(unix_lines[_i].line, &sk);
	ck_assert_int_eq(rc, unix_lines[_i].state == -1 ? -1 : 0);
	if (rc == -1)
		return;
	ck_assert_int_eq(sk.state, unix_lines[_i].state);
	ck_assert_uint_eq(sk.key, unix_lines[_i].key);
	ck_assert_str_eq(sk.path, unix_lines[_i].path);
	ck_assert_uint_eq(sk.pathlen, unix_lines[_i].pathlen);
}
END_TEST

START_TEST(bag)
{
	uint64_t keys[1000];
	struct bag b;
	size_t i;

	/* Runs, repeats and the key that is none. */
	for (i = 0; i < 1000; i++)
		keys[i] = i % 2 == 0 ? 5000 + i : i % 10;
	ck_assert_int_eq(bag_init(&b, keys, 1000, 0), 0);
	for (i = 1; i < 1000; i++)
		ck_assert_int_eq(bag_has(&b, 5000 + i), i % 2 == 0);
	ck_assert(!bag_has(&b, 0));
	ck_assert(bag_has(&b, 9));
	ck_assert_uint_eq(b.nkeys, 505);
	bag_free(&b);
}
END_TEST

/* Every key has its socket, or there was no room for more. */
START_TEST(bag_is_whole)
{
	const uint64_t keys[] = { 7, 0, 9, 7 };
	struct plat_sock sk = { .family = AF_INET, .state = PLAT_TCP_ESTAB };
	struct bag b;

	ck_assert_int_eq(bag_init(&b, keys, 4, PLAT_SOCKS_ALL), 0);
	ck_assert(!bag_whole(&b));
	sk.key = 7;
	ck_assert_int_eq(bag_add(&b, &sk), 0);
	ck_assert_int_eq(bag_add(&b, &sk), 0);
	sk.state = PLAT_TCP_LISTEN;
	sk.key = 8;
	ck_assert_int_eq(bag_add(&b, &sk), 0);
	sk.key = 0;
	ck_assert_int_eq(bag_add(&b, &sk), 0);
	ck_assert_uint_eq(b.n, 4);
	ck_assert(!bag_whole(&b));
	b.full = 1;
	ck_assert(bag_whole(&b));
	b.full = 0;
	sk.key = 9;
	ck_assert_int_eq(bag_add(&b, &sk), 0);
	ck_assert(bag_whole(&b));
	bag_free(&b);
	ck_assert_int_eq(bag_init(&b, NULL, 0, PLAT_SOCKS_ALL), 0);
	ck_assert(bag_whole(&b));
	bag_free(&b);
}
END_TEST
#endif

Suite *
netlink_suite(void)
{
	Suite *s = suite_create("netlink");
#ifdef PLATFORM_LINUX
	TCase *tc;

	tc = add_tests(s, "live", TEST(listeners), TEST(netlink_extras),
	    TEST(strangers), TEST(held), TEST(waiting), TEST(sources_agree),
	    TEST(owner), TEST(reader), TEST(other_namespace),
	    TEST(exited_in_between));
	tcase_add_checked_fixture(tc, setup, teardown);
	add_tests(s, "lines", ROWS(local_line, local_lines),
	    ROWS(place_question, questions), ROWS(inet_line, inet_lines),
	    ROWS(unix_line, unix_lines), TEST(bag), TEST(bag_is_whole),
	    ROWS(unreadable_table, readable));
#endif
	return s;
}
