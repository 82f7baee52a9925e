/* SPDX-License-Identifier: ISC */
/* libfind/join.c: where it all really listens. */
#include <sys/socket.h>

#include <check.h>

#include "fakesocks.h"
#include "tests.h"

START_TEST(addresses)
{
	struct cand *c = fake_proc(100);

	fake_transport(c);
	fake_ask(c, TUN_FWD_DYNAMIC, "*", 1080, NULL, 0);
	fake_ask(c, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	fake_ask(c, TUN_FWD_REMOTE, "*", 2022, "localhost", 22);
	fake_listener(c, 4, "0.0.0.0", 1080);
	fake_listener(c, 5, "::", 1080);
	fake_listener(c, 6, "::1", 8080);
	fake_listener(c, 7, "127.0.0.1", 8080);
	fake_join(FAKE_INFO);
	ck_assert_uint_eq(c->verdict.fwds[0].naddrs, 2);
	ck_assert_int_eq(c->verdict.fwds[0].addrs[0].family, AF_INET);
	ck_assert_int_eq(c->verdict.fwds[0].addrs[1].family, AF_INET6);
	ck_assert_uint_eq(c->verdict.fwds[0].addrs[1].port, 1080);
	ck_assert_int_eq(c->verdict.fwds[0].exposed, 1);
	ck_assert(tun_why_has(&c->verdict.fwds[0].why, TUN_WHY_WILDCARD));
	ck_assert_uint_eq(c->verdict.fwds[1].naddrs, 2);
	ck_assert_int_eq(c->verdict.fwds[1].exposed, 0);
	ck_assert(!tun_why_has(&c->verdict.fwds[1].why, TUN_WHY_WILDCARD));
	/* GatewayPorts of the server decides. */
	ck_assert_uint_eq(c->verdict.fwds[2].naddrs, 0);
	ck_assert_int_eq(c->verdict.fwds[2].exposed, -1);
}
END_TEST

Suite *
join_suite(void)
{
	Suite *s = suite_create("join");
	TCase *tc = add_tests(s, "join", TEST(addresses));

	tcase_add_checked_fixture(tc, fake_setup, fake_teardown);
	return s;
}
