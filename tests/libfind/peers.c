/* SPDX-License-Identifier: ISC */
/* libfind/peers.c: who is in the way, by name. */
#include <sys/socket.h>

#include <check.h>
#include <string.h>

#include "fakesocks.h"
#include "tests.h"

/* The owner is one of ours: it can be named at once. */
START_TEST(held_by_a_tunnel)
{
	struct cand *first = fake_proc(100), *second = fake_proc(101);

	strcpy(fake_facts(first)->row.comm, "ssh");
	fake_ask(first, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	fake_ask(second, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	fake_listener(first, 4, "::1", 8080);
	fake_listener(first, 5, "127.0.0.1", 8080);
	fake_transport(second);
	fake_join(FAKE_INFO);
	ck_assert_int_eq(first->verdict.fwds[0].state, TUN_BOUND);
	ck_assert_int_eq(second->verdict.fwds[0].state, TUN_TAKEN);
	ck_assert_int_eq(second->verdict.fwds[0].owner->pid, 100);
	ck_assert_str_eq(second->verdict.fwds[0].owner->comm, "ssh");
	ck_assert_uint_eq(second->links.nwants, 0);
}
END_TEST

Suite *
peers_suite(void)
{
	Suite *s = suite_create("peers");
	TCase *tc = add_tests(s, "peers", TEST(held_by_a_tunnel));

	tcase_add_checked_fixture(tc, fake_setup, fake_teardown);
	return s;
}
