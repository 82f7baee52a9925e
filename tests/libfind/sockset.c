/* SPDX-License-Identifier: ISC */
/* libfind/sockset.c: sockets by key and by descriptor, and their kinds. */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/verdict.h"
#include "tests.h"

/* The kernel's order is none; 0 is a socket that no process has. */
START_TEST(by_key)
{
	static const uint64_t keys[] = { 70, 0, 3, 0, 500, 9 };
	struct plat_sock *socks = calloc(NROWS(keys), sizeof(*socks));
	struct plat_fd fd = { .kind = PLAT_FD_SOCKET, .key = 500 };
	struct sockset set = { .socks = socks, .nsocks = NROWS(keys) };
	int i;

	ck_assert_ptr_nonnull(socks);
	for (i = 0; i < NROWS(keys); i++)
		socks[i].key = keys[i];
	ck_assert_int_eq(sockset_index(&set), 0);
	for (i = 0; i < NROWS(keys); i++)
		ck_assert_ptr_eq(sockset_find(&set, keys[i]),
		    keys[i] != 0 ? &socks[i] : NULL);
	ck_assert_ptr_null(sockset_find(&set, 4));
	ck_assert_ptr_null(sockset_find(&set, 501));
	ck_assert_ptr_eq(sockset_of(&set, &fd), &socks[4]);
	fd.kind = PLAT_FD_PIPE;
	ck_assert_ptr_null(sockset_of(&set, &fd));
	sockset_clear(&set);
	ck_assert_ptr_null(sockset_find(&set, 70));
}
END_TEST

/* MPTCP: a dead subflow was taken for a connection that worked. */
START_TEST(subflows)
{
	static const struct {
		enum plat_tcp state;
		uint32_t lar;
	} flows[] = {
		{ PLAT_TCP_CLOSE, 0 },
		{ PLAT_TCP_ESTAB, 90000 },
		{ PLAT_TCP_ESTAB, 40 },
		{ PLAT_TCP_ESTAB, 50 },
		{ PLAT_TCP_SYN_SENT, 0 }
	};
	struct plat_sock *socks = calloc(NROWS(flows), sizeof(*socks));
	struct sockset set = { .socks = socks, .nsocks = NROWS(flows) };
	int i;

	ck_assert_ptr_nonnull(socks);
	for (i = 0; i < NROWS(flows); i++) {
		socks[i].key = 7;
		socks[i].state = flows[i].state;
		socks[i].lar = flows[i].lar;
	}
	ck_assert_int_eq(sockset_index(&set), 0);
	ck_assert_ptr_eq(sockset_find(&set, 7), &socks[2]);
	sockset_clear(&set);
}
END_TEST

START_TEST(keys_of_descriptors)
{
	static const struct plat_fd fds[] = {
		{ .kind = PLAT_FD_TTY, .key = 1 },
		{ .kind = PLAT_FD_SOCKET, .key = 2 },
		{ .kind = PLAT_FD_PIPE, .key = 3 },
		{ .kind = PLAT_FD_SOCKET, .key = 4 }
	};
	uint64_t keys[NROWS(fds)] = { 0 };

	ck_assert_uint_eq(sockset_keys(fds, NROWS(fds), keys), 2);
	ck_assert_uint_eq(keys[0], 2);
	ck_assert_uint_eq(keys[1], 4);
	ck_assert_uint_eq(sockset_keys(NULL, 0, keys), 0);
}
END_TEST

/* A connection, a listener: did it come through that? */
static const struct {
	const char *ip;
	int port;
	const char *at;
	int atport;
	int yes;
} through[] = {
	{ "127.0.0.1", 8080, "127.0.0.1", 8080, 1 },
	{ "127.0.0.1", 8080, "0.0.0.0", 8080, 1 },
	{ "192.0.2.1", 8080, "0.0.0.0", 8080, 1 },
	{ "192.0.2.1", 8080, "127.0.0.1", 8080, 0 },
	{ "127.0.0.1", 8081, "127.0.0.1", 8080, 0 },
	{ "::1", 8080, "::1", 8080, 1 },
	{ "::1", 8080, "::", 8080, 1 },
	{ "::1", 8080, "0.0.0.0", 8080, 0 },
	{ "/run/s", 0, "/run/s", 0, 1 },
	{ "/run/s", 0, "/run/t", 0, 0 },
	{ "/run/s", 0, "/run/ss", 0, 0 },
	{ "/run/s", 0, "0.0.0.0", 0, 0 },
	{ "", 0, "", 0, 0 },		/* unnamed */
};

static struct plat_sock
make(const char *at, int port)
{
	struct plat_sock sk;

	memset(&sk, 0, sizeof(sk));
	sk.family = strchr(at, ':') != NULL ? AF_INET6 :
	    strchr(at, '.') != NULL ? AF_INET : AF_UNIX;
	if (sk.family == AF_UNIX) {
		strcpy(sk.path, at);
		sk.pathlen = strlen(at);
	} else
		ck_assert_int_eq(inet_pton(sk.family, at, sk.local.ip), 1);
	sk.local.port = port;
	return sk;
}

START_TEST(came_through)
{
	struct plat_sock sk = make(through[_i].ip, through[_i].port);
	struct plat_sock l = make(through[_i].at, through[_i].atport);

	l.state = PLAT_TCP_LISTEN;
	ck_assert(sock_is_listener(&l));
	ck_assert(!sock_is_listener(&sk));
	ck_assert_int_eq(sock_is_inet(&sk), sk.path[0] == '\0' &&
	    through[_i].port != 0);
	ck_assert_int_eq(sock_came_through(&sk, &l), through[_i].yes);
}
END_TEST

Suite *
sockset_suite(void)
{
	Suite *s = suite_create("sockset");

	add_tests(s, "sockset", TEST(by_key), TEST(subflows),
	    TEST(keys_of_descriptors),
	    ROWS(came_through, through));
	return s;
}
