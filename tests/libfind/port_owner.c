/* SPDX-License-Identifier: ISC */
/* libfind/port_owner.c: who listens on a port, this process for one. */
#include <sys/socket.h>
#include <sys/un.h>

#include <netinet/in.h>

#include <arpa/inet.h>

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libfind.h"
#include "tests.h"

/* A listener on 127.0.0.1; the same port again if it is given. */
static int
listener(int *port, int reuse)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd, on = 1;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = htons((uint16_t)*port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_ne(fd = socket(AF_INET, SOCK_STREAM, 0), -1);
	if (reuse)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

START_TEST(test_self)
{
	struct tun_ctx *ctx = tun_open(NULL);
	const struct tun_peer **peers;
	size_t n = 99;
	int fd, port = 0;

	ck_assert_ptr_nonnull(ctx);
	fd = listener(&port, 0);
	ck_assert_int_eq(tun_port_owners(ctx, port, &peers, &n), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(peers[0]->pid, getpid());
	ck_assert_uint_eq(peers[0]->uid, geteuid());
	ck_assert_str_eq(peers[0]->comm, "check");
	ck_assert_int_eq(peers[0]->addr.family, AF_INET);
	ck_assert_uint_eq(peers[0]->addr.port, port);
	ck_assert_uint_eq(peers[0]->addr.ip[0], 127);
	free(peers);

	close(fd);
	ck_assert_int_eq(tun_port_owners(ctx, port, &peers, &n), 0);
	ck_assert_uint_eq(n, 0);
	free(peers);
	tun_close(ctx);
}
END_TEST

/* Very many sockets of one process on one port are one owner. */
START_TEST(test_many)
{
	struct tun_ctx *ctx = tun_open(NULL);
	const struct tun_peer **peers;
	size_t i, n;
	int fds[200], port = 0;

	for (i = 0; i < 200; i++)
		fds[i] = listener(&port, 1);
	ck_assert_int_eq(tun_port_owners(ctx, port, &peers, &n), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(peers[0]->pid, getpid());
	free(peers);
	for (i = 0; i < 200; i++)
		close(fds[i]);
	tun_close(ctx);
}
END_TEST

/* The first process that listens at the path, 0: none does; or -errno. */
static int
owner(struct tun_ctx *ctx, const char *path)
{
	const struct tun_peer **peers;
	size_t n;
	int pid = 0;

	errno = 0;
	if (tun_path_owners(ctx, path, &peers, &n) == -1) {
		ck_assert_int_ne(errno, 0);
		return -errno;
	}
	if (n > 0) {
		ck_assert_str_eq(peers[0]->comm, "check");
		pid = peers[0]->pid;
	}
	free(peers);
	return pid;
}

/* A path of this process, then one that nobody listens at, then none. */
START_TEST(test_path)
{
	char dir[] = "/tmp/owner.XXXXXX", path[64];
	struct tun_ctx *ctx = tun_open(NULL);
	struct sockaddr_un sun;
	int fd;

	ck_assert_ptr_nonnull(ctx);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, path, strlen(path));
	ck_assert_int_ne(fd = socket(AF_UNIX, SOCK_STREAM, 0), -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(tun_is_bound(ctx, path), INODES ? 1 : -1);
	ck_assert_int_eq(owner(ctx, path), INODES ? getpid() : -EACCES);

	/* Without inodes another's listener, if there is one, may be it. */
	close(fd);
	if (INODES) {
		ck_assert_int_eq(tun_is_bound(ctx, path), 0);
		ck_assert_int_eq(owner(ctx, path), 0);
	}

	unlink(path);
	ck_assert_int_eq(tun_is_bound(ctx, path), -1);
	ck_assert_int_eq(owner(ctx, path), 0);
	rmdir(dir);

	/* What cannot be looked at is not absent. */
	ck_assert_int_eq(tun_is_bound(ctx, "s"), -1);
	ck_assert_int_eq(owner(ctx, "s"), -EACCES);
	tun_close(ctx);
}
END_TEST

/* A network namespace without any socket. */
START_TEST(test_none)
{
	struct tun_ctx *ctx = open_table("libfind-table 1\n"
	    "system caps=0x7ff now=1700000000000000 uid=1000\n"
	    "socks\n"
	    "file /s ino=7 socket=1\n");

	ck_assert_int_eq(owner(ctx, "/s"), 0);
	ck_assert_int_eq(tun_is_bound(ctx, "/s"), 0);
	tun_close(ctx);
}
END_TEST

/* Whose it is may be all that can be seen; connections do not count. */
START_TEST(test_unseen)
{
	static const char table[] =
	    "libfind-table 1\n"
	    "system caps=0x7ff now=1700000000000000 uid=1000\n"
	    "socks\n"
	    "sock family=inet state=listen local=0.0.0.0:5432 key=7 uid=26 "
	    "known=0x81\n"
	    "sock family=inet6 state=listen local=[::]:5432 key=8 uid=26 "
	    "known=0x81\n"
	    "sock family=inet state=listen local=127.0.0.1:5433 key=9 uid=27 "
	    "known=0x81\n"
	    "sock family=inet state=estab local=127.0.0.1:5432 "
	    "peer=127.0.0.1:999 key=10 uid=28 known=0x81\n";
	struct tun_ctx *ctx = open_table(table);
	const struct tun_peer **peers;
	size_t n;

	ck_assert_int_eq(tun_port_owners(ctx, 5432, &peers, &n), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(peers[0]->pid, 0);
	ck_assert_uint_eq(peers[0]->uid, 26);
	ck_assert_ptr_null(peers[0]->comm);
	free(peers);
	tun_close(ctx);
}
END_TEST

Suite *
port_owner_suite(void)
{
	Suite *s = suite_create("port_owner");

	add_tests(s, "port_owner", TIMES(test_self, IS_LIVE),
	    TIMES(test_many, IS_LIVE), TIMES(test_path, IS_LIVE),
	    TEST(test_none), TEST(test_unseen));
	return s;
}
