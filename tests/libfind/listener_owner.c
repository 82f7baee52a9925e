/* SPDX-License-Identifier: ISC */
/* libfind/owner.c: whose a listener is that two processes hold. */
#include <sys/socket.h>

#include <check.h>

#include "fakesocks.h"
#include "tests.h"

/* ControlPersist with the first client in front: both hold everything. */
START_TEST(detached_master)
{
	struct cand *client = fake_proc(100), *master = fake_proc(200);
	struct plat_sock *l6, *l4, *t, *ctl, *end, *in;

	fake_facts(master)->cmd.kind = CMD_MUX;
	t = fake_transport(client);
	fake_held(master, 3, t);
	l6 = fake_listener(client, 4, "::1", 8080);
	l4 = fake_listener(client, 5, "127.0.0.1", 8080);
	fake_held(master, 4, l6);
	fake_held(master, 5, l4);
	ctl = fake_held(master, 6, fake_unix(PLAT_TCP_LISTEN,
	    "cm-x.0123456789abcDEF", 64));
	in = fake_held(master, 7, fake_unix(PLAT_TCP_ESTAB, ctl->path, 0));
	end = fake_held(client, 6, fake_unix(PLAT_TCP_ESTAB, NULL, 0));
	end->peer_key = in->key;
	in->peer_key = end->key;
	fake_conn(master, 8, "::1", 8080, "::1", 5003);
	fake_ask(client, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	fake_join(FAKE_INFO);
	ck_assert_ptr_eq(client->links.master, master);
	ck_assert_ptr_null(master->links.master);
	ck_assert_int_eq(client->verdict.fwds[0].state, TUN_IN_MASTER);
	ck_assert_uint_eq(client->verdict.tun.nfwds, 1);
	/* The same socket proves what it was asked for. */
	ck_assert_uint_eq(master->verdict.tun.nfwds, 1);
	ck_assert_int_eq(master->verdict.fwds[0].state, TUN_BOUND);
	ck_assert_str_eq(master->verdict.fwds[0].spec.connect.host, "db");
	ck_assert_int_eq(master->verdict.fwds[0].conns, 1);
	ck_assert_int_eq(master->verdict.tun.master, 1);
	ck_assert_str_eq(master->verdict.tun.ctlpath, "/home/fred/cm-x");
	ck_assert_uint_eq(master->links.ctlsock->key, ctl->key);
}
END_TEST

/* The same after -O stop: the control socket is closed, and its name stays. */
START_TEST(stopped_master)
{
	struct cand *client = fake_proc(100), *master = fake_proc(200);
	struct plat_sock *end, *in, *l, *t;

	fake_facts(master)->cmd.kind = CMD_STOPPED;
	t = fake_transport(client);
	fake_held(master, 3, t);
	l = fake_listener(client, 4, "127.0.0.1", 8080);
	fake_held(master, 4, l);
	in = fake_held(master, 7, fake_unix(PLAT_TCP_ESTAB,
	    "cm-x.0123456789abcDEF", 0));
	end = fake_held(client, 6, fake_unix(PLAT_TCP_ESTAB, NULL, 0));
	end->peer_key = in->key;
	in->peer_key = end->key;
	fake_conn(master, 8, "127.0.0.1", 8080, "127.0.0.1", 5003);
	fake_ask(client, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	fake_join(FAKE_INFO);
	ck_assert_ptr_eq(client->links.master, master);
	ck_assert_int_eq(client->verdict.fwds[0].state, TUN_IN_MASTER);
	ck_assert_int_eq(master->verdict.fwds[0].conns, 1);
}
END_TEST

Suite *
listener_owner_suite(void)
{
	Suite *s = suite_create("listener_owner");
	TCase *tc = add_tests(s, "owner", TEST(detached_master),
	    TEST(stopped_master));

	tcase_add_checked_fixture(tc, fake_setup, fake_teardown);
	return s;
}
