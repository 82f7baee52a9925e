/* SPDX-License-Identifier: ISC */
/* libfind/conns.c: which forward a channel is of. */
#include <sys/socket.h>

#include <check.h>

#include "fakesocks.h"
#include "tests.h"

/* Three connects, one over ::1; a -R channel; the server's connection. */
START_TEST(channels)
{
	struct cand *c = fake_proc(100);
	struct plat_sock *client;

	fake_transport(c)->known |= PLAT_SOCK_INFO | PLAT_SOCK_BYTES;
	fake_socks[0].lar = 1234;
	fake_socks[0].lds = 50;
	fake_socks[0].ldr = 40;
	fake_socks[0].rx = 77;
	fake_listener(c, 4, "::1", 8080);
	fake_listener(c, 5, "127.0.0.1", 8080);
	fake_listener(c, 6, "127.0.0.1", 1080);
	fake_conn(c, 7, "127.0.0.1", 8080, "127.0.0.1", 5001);
	fake_conn(c, 8, "127.0.0.1", 8080, "127.0.0.1", 5002)->state =
	    PLAT_TCP_CLOSE_WAIT;
	fake_conn(c, 9, "::1", 8080, "::1", 5003);
	fake_conn(c, 10, "127.0.0.1", 1080, "127.0.0.1", 5004);
	fake_conn(c, 11, "127.0.0.1", 5005, "127.0.0.1", 22);
	fake_conn(c, 12, "127.0.0.1", 5006, "192.0.2.9", 99);
	client = fake_sock(PLAT_TCP_ESTAB, "127.0.0.1", 5001, "127.0.0.1",
	    8080);
	client->uid = 33;
	fake_ask(c, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	fake_ask(c, TUN_FWD_DYNAMIC, "127.0.0.1", 1080, NULL, 0);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 2022, "localhost", 22);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 2023, "localhost", 23);
	fake_ask(c, TUN_FWD_RDYNAMIC, NULL, 2024, NULL, 0);
	fake_join(FAKE_INFO | TUN_SCAN_CLIENTS);
	ck_assert_int_eq(c->verdict.fwds[0].conns, 3);
	ck_assert_int_eq(c->verdict.fwds[1].conns, 1);
	ck_assert_int_eq(c->verdict.fwds[2].conns, 1);
	ck_assert_int_eq(c->verdict.fwds[2].state, TUN_REMOTE_USED);
	ck_assert_int_eq(c->verdict.fwds[3].conns, 0);
	ck_assert_int_eq(c->verdict.fwds[3].state, TUN_REMOTE);
	ck_assert_int_eq(c->verdict.fwds[4].conns, 1);
	ck_assert_int_eq(c->verdict.tun.conns, 6);
	ck_assert_uint_eq(c->verdict.fwds[0].nclients, 3);
	ck_assert_uint_eq(c->verdict.fwds[0].clients[0]->addr.port, 5001);
	ck_assert_uint_eq(c->verdict.fwds[0].clients[0]->uid, 33);
	ck_assert_uint_eq(c->links.nwants, 1);
	ck_assert_uint_eq(c->links.wants[0].key, client->key);
	ck_assert_int_eq(c->verdict.tun.heard, 1234);
	ck_assert_int_eq(c->verdict.tun.idle, 40);
	ck_assert_int_eq(c->verdict.tun.rx, 77);
	ck_assert_int_eq(c->verdict.tun.remote.port, 22);
	ck_assert_int_eq(c->links.transport_fd, 3);
}
END_TEST

/* Listeners alone were looked at: counts are unknown, not 0. */
START_TEST(not_counted)
{
	struct cand *c = fake_proc(100);

	fake_ask(c, TUN_FWD_LOCAL, "127.0.0.1", 8080, "db", 5432);
	fake_listener(c, 4, "127.0.0.1", 8080);
	fake_join(TUN_SCAN_SOCKETS);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_BOUND);
	ck_assert_int_eq(c->verdict.fwds[0].conns, -1);
	ck_assert_int_eq(c->verdict.tun.conns, -1);
}
END_TEST

/* One on all addresses and one on this: it came through this. */
START_TEST(closest)
{
	struct cand *c = fake_proc(100);

	fake_transport(c);
	fake_ask(c, TUN_FWD_LOCAL, "0.0.0.0", 8080, "db", 5432);
	fake_ask(c, TUN_FWD_LOCAL, "127.0.0.2", 8080, "db", 5433);
	fake_listener(c, 4, "0.0.0.0", 8080);
	fake_listener(c, 5, "127.0.0.2", 8080);
	fake_conn(c, 6, "127.0.0.2", 8080, "127.0.0.1", 5001);
	fake_conn(c, 7, "127.0.0.2", 8080, "127.0.0.1", 5002);
	fake_conn(c, 8, "127.0.0.3", 8080, "127.0.0.1", 5003);
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->verdict.fwds[0].conns, 1);
	ck_assert_int_eq(c->verdict.fwds[1].conns, 2);
}
END_TEST

/* A -R to a path, and one to another address. */
START_TEST(targets)
{
	struct cand *c = fake_proc(100);
	struct plat_sock *near, *far;

	fake_transport(c);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 2022, "192.0.2.9", 22);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 2023, NULL, -1)->spec.connect.path =
	    "/run/db";
	fake_conn(c, 4, "127.0.0.1", 5005, "192.0.2.8", 22);
	near = fake_held(c, 5, fake_unix(PLAT_TCP_ESTAB, NULL, 0));
	far = fake_unix(PLAT_TCP_ESTAB, "/run/db", 0);
	near->peer_key = far->key;
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->verdict.fwds[0].conns, 0);
	ck_assert_int_eq(c->verdict.fwds[1].conns, 1);
	ck_assert_int_eq(c->verdict.fwds[1].state, TUN_REMOTE_USED);
	ck_assert_int_eq(c->verdict.tun.conns, 2);
}
END_TEST

/*
 * A -L and a -R that lead to each other's ports: a loop once they are
 * connected.  A -R that leads to another -L is none.
 */
START_TEST(loops)
{
	struct cand *c = fake_proc(100);

	fake_transport(c);
	fake_ask(c, TUN_FWD_LOCAL, "127.0.0.1", 8080, "localhost", 9090);
	fake_ask(c, TUN_FWD_LOCAL, "127.0.0.1", 8081, "localhost", 9091);
	fake_ask(c, TUN_FWD_LOCAL, "127.0.0.1", 8082, "db", 5432);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 9090, "127.0.0.1", 8080);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 9091, "127.0.0.1", 8081);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 9092, "127.0.0.1", 8082);
	fake_listener(c, 4, "127.0.0.1", 8080);
	fake_listener(c, 5, "127.0.0.1", 8081);
	fake_listener(c, 6, "127.0.0.1", 8082);
	fake_conn(c, 7, "127.0.0.1", 5001, "127.0.0.1", 8080);
	fake_conn(c, 8, "127.0.0.1", 8080, "127.0.0.1", 5001);
	fake_conn(c, 9, "127.0.0.1", 8081, "127.0.0.1", 5002);
	fake_conn(c, 10, "127.0.0.1", 5003, "127.0.0.1", 8082);
	fake_conn(c, 11, "127.0.0.1", 8082, "127.0.0.1", 5003);
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_LOOP);
	ck_assert(tun_why_has(&c->verdict.fwds[0].why, TUN_WHY_LOOP));
	ck_assert_int_eq(c->verdict.fwds[1].state, TUN_BOUND);
	ck_assert_int_eq(c->verdict.fwds[2].state, TUN_BOUND);
	ck_assert_int_eq(c->verdict.fwds[3].state, TUN_REMOTE_USED);
}
END_TEST

Suite *
channels_suite(void)
{
	Suite *s = suite_create("channels");
	TCase *tc = add_tests(s, "conns", TEST(channels), TEST(not_counted),
	    TEST(closest), TEST(targets), TEST(loops));

	tcase_add_checked_fixture(tc, fake_setup, fake_teardown);
	return s;
}
