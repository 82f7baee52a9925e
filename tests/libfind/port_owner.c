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

/* A path of this process, then one that nobody listens at, then none. */
START_TEST(test_path)
{
	char dir[] = "/tmp/owner.XXXXXX", path[64];
	struct tun_ctx *ctx = tun_open(NULL);
	const struct tun_peer **peers;
	struct sockaddr_un sun;
	size_t n = 99;
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
	ck_assert_int_eq(tun_is_bound(ctx, path), 1);
	ck_assert_int_eq(tun_path_owners(ctx, path, &peers, &n), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(peers[0]->pid, getpid());
	ck_assert_str_eq(peers[0]->comm, "check");
	free(peers);

	close(fd);
	ck_assert_int_eq(tun_is_bound(ctx, path), 0);
	ck_assert_int_eq(tun_path_owners(ctx, path, &peers, &n), 0);
	ck_assert_uint_eq(n, 0);
	free(peers);

	unlink(path);
	ck_assert_int_eq(tun_is_bound(ctx, path), -1);
	ck_assert_int_eq(tun_path_owners(ctx, path, &peers, &n), 0);
	ck_assert_uint_eq(n, 0);
	free(peers);
	rmdir(dir);

	/* What cannot be looked at is not absent. */
	ck_assert_int_eq(tun_is_bound(ctx, "s"), -1);
	errno = 0;
	ck_assert_int_eq(tun_path_owners(ctx, "s", &peers, &n), -1);
	ck_assert_int_eq(errno, EACCES);
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
	char path[] = "/tmp/owner.XXXXXX";
	struct tun_ctx *ctx;
	const struct tun_peer **peers;
	size_t n;
	int fd;

	ck_assert_int_ne(fd = mkstemp(path), -1);
	ck_assert_int_eq(write(fd, table, sizeof(table) - 1),
	    (ssize_t)sizeof(table) - 1);
	close(fd);
	ctx = tun_open(path);
	unlink(path);
	ck_assert_ptr_nonnull(ctx);
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
	    TEST(test_unseen));
	return s;
}
