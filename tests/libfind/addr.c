/* SPDX-License-Identifier: ISC */
/* libfind/addr.c: what addresses are, and whether two are the same. */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <check.h>
#include <string.h>

#include "verdict/verdict.h"
#include "tests.h"

static const struct {
	const char *text;
	int family;		/* 0: a name, or nothing */
	int any, loopback;
} kinds[] = {
	{ "0.0.0.0", AF_INET, 1, 0 },
	{ "127.0.0.1", AF_INET, 0, 1 },
	{ "127.1.2.3", AF_INET, 0, 1 },
	{ "128.0.0.1", AF_INET, 0, 0 },
	{ "::", AF_INET6, 1, 0 },
	{ "::1", AF_INET6, 0, 1 },
	{ "0:0::0:1", AF_INET6, 0, 1 },
	{ "::2", AF_INET6, 0, 0 },
	{ "7f00::1", AF_INET6, 0, 0 },
	{ "localhost", 0, 0, 0 },
	{ "127.1", 0, 0, 0 },	/* ssh takes it, by getaddrinfo(3) */
	{ "[::1]", 0, 0, 0 },
	{ "*", 0, 0, 0 },
	{ "", 0, 0, 0 },
};

START_TEST(kind)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(kinds[_i].text, &addr),
	    kinds[_i].family != 0);
	if (kinds[_i].family == 0)
		return;
	ck_assert_int_eq(addr.family, kinds[_i].family);
	ck_assert_int_eq(addr_is_any(addr.ip), kinds[_i].any);
	ck_assert_int_eq(addr_is_loopback(addr.family, addr.ip),
	    kinds[_i].loopback);
}
END_TEST

static const struct {
	const char *a, *b;
	int port, same;
} pairs[] = {
	{ "127.0.0.1", "127.0.0.1", 80, 1 },
	{ "127.0.0.1", "127.0.0.1", 81, 0 },
	{ "127.0.0.1", "127.0.0.2", 80, 0 },
	{ "127.0.0.1", "::ffff:127.0.0.1", 80, 1 },
	{ "::ffff:192.0.2.1", "192.0.2.1", 80, 1 },
	{ "127.0.0.1", "::7f00:1", 80, 0 },
	{ "127.0.0.1", "7f00:1::", 80, 0 },
	{ "::1", "::1", 80, 1 },
	{ "::1", "127.0.0.1", 80, 0 },
};

static int
read_addr(const char *text, struct plat_addr *pa)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(text, &addr), 1);
	memcpy(pa->ip, addr.ip, sizeof(pa->ip));
	pa->port = 80;
	return addr.family;
}

START_TEST(same)
{
	struct plat_addr a, b;
	int fa = read_addr(pairs[_i].a, &a), fb = read_addr(pairs[_i].b, &b);

	b.port = pairs[_i].port;
	ck_assert_int_eq(addr_same(fa, &a, fb, &b), pairs[_i].same);
	ck_assert_int_eq(addr_same(fb, &b, fa, &a), pairs[_i].same);
}
END_TEST

START_TEST(of_a_socket)
{
	struct plat_sock sk;
	struct tun_addr ta;
	struct arena *a = arena_new();

	ck_assert_ptr_nonnull(a);
	memset(&sk, 0, sizeof(sk));
	sk.family = read_addr("192.0.2.7", &sk.local);
	ck_assert_int_eq(addr_of(a, &sk, &ta), 0);
	ck_assert_int_eq(ta.family, AF_INET);
	ck_assert_uint_eq(ta.ip[3], 7);
	ck_assert_uint_eq(ta.port, 80);
	ck_assert_ptr_null(ta.path);
	memset(&sk, 0, sizeof(sk));
	sk.family = AF_UNIX;
	strcpy(sk.path, "/run/s");
	ck_assert_int_eq(addr_of(a, &sk, &ta), 0);
	ck_assert_int_eq(ta.family, AF_UNIX);
	ck_assert_str_eq(ta.path, "/run/s");
	arena_free(a);
}
END_TEST

Suite *
addr_suite(void)
{
	Suite *s = suite_create("addr");

	add_tests(s, "addr", ROWS(kind, kinds), ROWS(same, pairs),
	    TEST(of_a_socket));
	return s;
}
