/* SPDX-License-Identifier: ISC */
/* libfind/bind_addr.c: where ssh binds what it is asked for. */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <check.h>
#include <string.h>

#include "sockets/join.h"
#include "tests.h"

static const struct {
	const char *host;
	unsigned flags;
	int noinet6;
	int n;
	const char *ips[2];
} lists[] = {
	{ NULL, 0, 0, 2, { "::1", "127.0.0.1" } },
	{ NULL, 0, 1, 1, { "127.0.0.1" } },
	{ NULL, CMD_INET4, 0, 1, { "127.0.0.1" } },
	{ NULL, CMD_INET6, 0, 1, { "::1" } },
	{ NULL, CMD_INET6, 1, 1, { "::1" } },
	{ NULL, CMD_INET4 | CMD_INET6, 0, 2, { "::1", "127.0.0.1" } },
	{ NULL, CMD_GATEWAY, 0, 2, { "::", "0.0.0.0" } },
	{ NULL, CMD_GATEWAY | CMD_INET4, 0, 1, { "0.0.0.0" } },
	{ "localhost", CMD_GATEWAY, 0, 2, { "::1", "127.0.0.1" } },
	{ "", 0, 0, 2, { "::", "0.0.0.0" } },
	{ "*", 0, 0, 2, { "::", "0.0.0.0" } },
	{ "*", 0, 1, 1, { "0.0.0.0" } },
	{ "0.0.0.0", 0, 0, 1, { "0.0.0.0" } },
	{ "192.0.2.7", CMD_GATEWAY, 0, 1, { "192.0.2.7" } },
	{ "192.0.2.7", CMD_INET6, 0, 0, { NULL } },
	{ "::1", 0, 1, 1, { "::1" } },	/* asked for by itself */
	{ "LOCALHOST", 0, 0, -1, { NULL } },
	{ "db.example", 0, 0, -1, { NULL } },
};

START_TEST(list)
{
	struct tun_end end = { .host = lists[_i].host, .port = 8080 };
	char buf[INET6_ADDRSTRLEN];
	struct bind_addr p;
	int i;

	bind_addr_of(&p, &end, lists[_i].flags, lists[_i].noinet6);
	ck_assert_int_eq(p.port, 8080);
	ck_assert_int_eq(p.n, lists[_i].n);
	for (i = 0; i < p.n; i++) {
		ck_assert_ptr_nonnull(inet_ntop(p.at[i].family, p.at[i].ip,
		    buf, sizeof(buf)));
		ck_assert_str_eq(buf, lists[_i].ips[i]);
	}
}
END_TEST

/* A bind address, a listener: is it there, does it keep others away? */
static const struct {
	const char *host, *at;
	int port, has, blocked;
} listeners[] = {
	{ "127.0.0.1", "127.0.0.1", 8080, 1, 1 },
	{ "127.0.0.1", "127.0.0.1", 8081, 0, 0 },
	{ "127.0.0.1", "127.0.0.2", 8080, 0, 0 },
	{ "127.0.0.1", "0.0.0.0", 8080, 0, 1 },
	{ "0.0.0.0", "127.0.0.1", 8080, 0, 1 },
	{ "0.0.0.0", "0.0.0.0", 8080, 1, 1 },
	{ "127.0.0.1", "::1", 8080, 0, 0 },
	{ "127.0.0.1", "::", 8080, 0, 1 },	/* as long as it is not known */
	{ "127.0.0.1", "::ffff:127.0.0.1", 8080, 0, 1 },
	{ "127.0.0.1", "::ffff:0.0.0.0", 8080, 0, 1 },
	{ "127.0.0.1", "::ffff:127.0.0.2", 8080, 0, 0 },
	{ "0.0.0.0", "::ffff:127.0.0.1", 8080, 0, 1 },
	{ "::1", "::ffff:127.0.0.1", 8080, 0, 0 },
	{ "::", "::ffff:127.0.0.1", 8080, 0, 0 },
	{ "::", "127.0.0.1", 8080, 0, 0 },
	{ "*", "::ffff:127.0.0.1", 8080, 0, 1 },
	{ "::1", "::", 8080, 0, 1 },
	{ "db.example", "192.0.2.7", 8080, 1, 0 },	/* who knows */
	{ "db.example", "0.0.0.0", 8080, 1, 1 },
	{ "db.example", "::", 8080, 1, 1 },
	{ "db.example", "192.0.2.7", 8081, 0, 0 },
	{ "*", "::", 8080, 1, 1 },
	{ "*", "0.0.0.0", 8080, 1, 1 },
	{ "*", "192.0.2.7", 8080, 0, 1 },
};

START_TEST(listener)
{
	struct tun_end end = { .host = listeners[_i].host, .port = 8080 };
	struct plat_sock sk;
	struct bind_addr p;
	struct addr at;

	memset(&sk, 0, sizeof(sk));
	bind_addr_of(&p, &end, 0, 0);
	ck_assert_int_eq(addr_parse(listeners[_i].at, &at), 1);
	sk.family = at.family;
	memcpy(sk.local.ip, at.ip, sizeof(sk.local.ip));
	sk.local.port = listeners[_i].port;
	ck_assert(!bind_addr_has(&p, &sk));
	ck_assert(!bind_addr_blocked(&p, &sk));
	sk.state = PLAT_TCP_LISTEN;
	ck_assert_int_eq(bind_addr_has(&p, &sk), listeners[_i].has);
	ck_assert_int_eq(bind_addr_blocked(&p, &sk), listeners[_i].blocked);
	sk.family = AF_UNIX;
	ck_assert(!bind_addr_blocked(&p, &sk));
}
END_TEST

START_TEST(v6only)
{
	struct tun_end end = { .host = "127.0.0.1", .port = 8080 };
	struct plat_sock sk = { .state = PLAT_TCP_LISTEN, .family = AF_INET6,
	    .local.port = 8080, .known = PLAT_SOCK_V6ONLY };
	struct bind_addr p;

	bind_addr_of(&p, &end, 0, 0);
	ck_assert(bind_addr_blocked(&p, &sk));
	sk.v6only = 1;
	ck_assert(!bind_addr_blocked(&p, &sk));
}
END_TEST

Suite *
bind_addr_suite(void)
{
	Suite *s = suite_create("bind_addr");

	add_tests(s, "bind_addr", ROWS(list, lists), ROWS(listener, listeners),
	    TEST(v6only));
	return s;
}
