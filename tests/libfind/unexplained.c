/* SPDX-License-Identifier: ISC */
/* libfind/unexplained.c: listeners that no argv explains. */
#include <sys/socket.h>

#include <check.h>

#include "fakesocks.h"
#include "tests.h"

START_TEST(unlisted)
{
	struct cand *c = fake_proc(100);
	size_t i;

	c->verdict.tun.nfwds = 0;
	fake_transport(c);
	fake_listener(c, 4, "::1", 8080);
	fake_listener(c, 5, "127.0.0.1", 8080);
	fake_listener(c, 6, "0.0.0.0", 81);
	fake_listener(c, 7, "::", 81);
	fake_listener(c, 8, "192.0.2.1", 82);
	fake_held(c, 9, fake_unix(PLAT_TCP_LISTEN, "/run/pg.sock", 128));
	fake_join(FAKE_INFO);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 4);
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(c->verdict.fwds[i].state,
		    i == 3 ? TUN_DETACHED : TUN_UNLISTED);
		ck_assert_int_eq(c->verdict.fwds[i].source, TUN_SRC_SOCKET);
		ck_assert_int_eq(c->verdict.fwds[i].spec.kind, TUN_FWD_LOCAL);
		ck_assert_ptr_null(c->verdict.fwds[i].spec.connect.host);
		ck_assert_int_eq(c->verdict.fwds[i].spec.connect.port, -1);
		ck_assert_ptr_eq(c->verdict.fwds[i].tun, &c->verdict.tun);
	}
	ck_assert_ptr_null(c->verdict.fwds[0].spec.listen.host);
	ck_assert_int_eq(c->verdict.fwds[0].spec.listen.port, 8080);
	ck_assert_uint_eq(c->verdict.fwds[0].naddrs, 2);
	ck_assert_str_eq(c->verdict.fwds[1].spec.listen.host, "*");
	ck_assert_int_eq(c->verdict.fwds[1].exposed, 1);
	ck_assert_str_eq(c->verdict.fwds[2].spec.listen.host, "192.0.2.1");
	ck_assert_str_eq(c->verdict.fwds[3].spec.listen.path, "/run/pg.sock");
}
END_TEST

/* -L 0:db:5432 of a dbclient listens where the kernel says, on both families. */
START_TEST(port_of_kernel)
{
	struct cand *c = fake_proc(100);

	fake_facts(c)->cmd.flags |= CMD_DROPBEAR;
	fake_ask(c, TUN_FWD_LOCAL, NULL, -1, "db", 5432);
	fake_transport(c);
	fake_listener(c, 4, "127.0.0.1", 40123);
	fake_listener(c, 5, "::1", 40123);
	fake_join(FAKE_INFO);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 1);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_BOUND);
	ck_assert_uint_eq(c->verdict.fwds[0].naddrs, 2);
	ck_assert_ptr_null(c->verdict.fwds[0].spec.listen.host);
	ck_assert_int_eq(c->verdict.fwds[0].spec.listen.port, 40123);
	ck_assert_str_eq(c->verdict.fwds[0].spec.connect.host, "db");
}
END_TEST

Suite *
unexplained_suite(void)
{
	Suite *s = suite_create("unexplained");
	TCase *tc = add_tests(s, "unexplained", TEST(unlisted),
	    TEST(port_of_kernel));

	tcase_add_checked_fixture(tc, fake_setup, fake_teardown);
	return s;
}
