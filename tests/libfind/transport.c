/* SPDX-License-Identifier: ISC */
/* libfind/transport.c: which connection carries a tunnel. */
#include <sys/socket.h>

#include <check.h>

#include "fakesocks.h"
#include "tests.h"

/* Two hops: the tunnel has pipes, the last helper the connection. */
START_TEST(jump_hosts)
{
	struct cand *c = fake_proc(100), *near = fake_proc(101);
	struct cand *far = fake_proc(102);

	c->links.helper = near;
	near->links.helped = c;
	near->links.helper = far;
	far->links.helped = near;
	fake_listener(c, 3, "::1", 8080);
	fake_listener(c, 6, "127.0.0.1", 8080);
	fake_fd(c, 4, PLAT_FD_PIPE, 901);
	fake_fd(c, 5, PLAT_FD_PIPE, 902);
	/* A channel of a -R is not its transport. */
	fake_conn(c, 7, "127.0.0.1", 5005, "127.0.0.1", 22);
	fake_fd(near, 0, PLAT_FD_PIPE, 901);
	fake_fd(near, 4, PLAT_FD_PIPE, 901);
	fake_fd(near, 5, PLAT_FD_PIPE, 902);
	fake_fd(near, 6, PLAT_FD_PIPE, 903);
	fake_fd(near, 7, PLAT_FD_PIPE, 904);
	fake_transport(far);
	fake_fd(far, 0, PLAT_FD_PIPE, 903);
	fake_fd(far, 4, PLAT_FD_PIPE, 903);
	fake_fd(far, 5, PLAT_FD_PIPE, 904);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 2022, "localhost", 22);
	fake_join(FAKE_INFO);
	ck_assert_ptr_eq(c->links.transport_cand, far);
	ck_assert_int_eq(c->links.transport_fd, 3);
	ck_assert_int_eq(c->verdict.tun.remote.port, 22);
	ck_assert(c->links.piped);
	ck_assert(!far->links.piped);
	ck_assert_int_eq(c->verdict.fwds[0].conns, 1);
}
END_TEST

/* nc or the like: pipes, and nothing that we can follow. */
START_TEST(proxy_command)
{
	struct cand *c = fake_proc(100);

	fake_fd(c, 4, PLAT_FD_PIPE, 901);
	fake_fd(c, 5, PLAT_FD_PIPE, 902);
	fake_conn(c, 7, "127.0.0.1", 5005, "127.0.0.1", 22);
	fake_join(FAKE_INFO);
	ck_assert(c->links.piped);
	ck_assert_ptr_null(c->links.transport);
}
END_TEST

/* With -R alone the pipes leave 3 free, and the first channel gets it. */
START_TEST(channel_before_pipes)
{
	struct cand *c = fake_proc(100);

	fake_conn(c, 3, "127.0.0.1", 5005, "127.0.0.1", 22);
	fake_fd(c, 4, PLAT_FD_PIPE, 901);
	fake_fd(c, 5, PLAT_FD_PIPE, 902);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 2022, "localhost", 22);
	fake_join(FAKE_INFO);
	ck_assert(c->links.piped);
	ck_assert_ptr_null(c->links.transport);
	ck_assert_int_eq(c->verdict.fwds[0].conns, 1);
}
END_TEST

/* A proxy command has passed a unix socket: ProxyUseFdpass. */
START_TEST(passed_unix)
{
	struct cand *c = fake_proc(100);

	fake_held(c, 3, fake_unix(PLAT_TCP_ESTAB, NULL, 0));
	fake_listener(c, 4, "127.0.0.1", 8080);
	fake_conn(c, 5, "127.0.0.1", 8080, "127.0.0.1", 5001);
	fake_join(FAKE_INFO);
	ck_assert(c->links.passed);
	ck_assert(!c->links.piped);
}
END_TEST

/* Or a vsock, which is in no table: what is opened later is a channel. */
START_TEST(passed_other)
{
	struct cand *c = fake_proc(100);

	fake_fd(c, 3, PLAT_FD_SOCKET, 999);
	fake_conn(c, 4, "127.0.0.1", 5005, "127.0.0.1", 22);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 2022, "localhost", 22);
	fake_join(FAKE_INFO);
	ck_assert(c->links.passed);
	ck_assert_ptr_null(c->links.transport);
	ck_assert_int_eq(c->verdict.fwds[0].conns, 1);
}
END_TEST

/* Streams of its own clients, and one that a user database keeps open. */
START_TEST(not_passed)
{
	struct cand *c = fake_proc(100), *d = fake_proc(200);

	fake_held(c, 3, fake_unix(PLAT_TCP_LISTEN, "/tmp/x", 128));
	fake_held(c, 4, fake_unix(PLAT_TCP_ESTAB, "/tmp/x", 0));
	fake_held(d, 3, fake_unix(PLAT_TCP_ESTAB, NULL, 0));
	fake_conn(d, 4, "192.0.2.1", 40000, "203.0.113.5", 22);
	fake_join(FAKE_INFO);
	ck_assert(!c->links.passed);
	ck_assert(!d->links.passed);
	ck_assert_int_eq(d->links.transport_fd, 4);
}
END_TEST

/* -f with a command keeps the launcher's pipes, after its connection. */
START_TEST(pipes_of_a_command)
{
	struct cand *c = fake_proc(100);

	fake_transport(c);
	fake_fd(c, 4, PLAT_FD_FILE, 900);
	fake_fd(c, 5, PLAT_FD_PIPE, 901);
	fake_fd(c, 6, PLAT_FD_PIPE, 902);
	fake_join(FAKE_INFO);
	ck_assert(!c->links.piped);
	ck_assert_ptr_nonnull(c->links.transport);
}
END_TEST

/* proxychains4 talks to itself through two pipes. */
START_TEST(pipes_of_a_library)
{
	struct cand *c = fake_proc(100);

	fake_fd(c, 3, PLAT_FD_PIPE, 901);
	fake_fd(c, 4, PLAT_FD_PIPE, 901);
	fake_fd(c, 5, PLAT_FD_PIPE, 902);
	fake_fd(c, 6, PLAT_FD_PIPE, 902);
	fake_conn(c, 7, "127.0.0.1", 40000, "127.0.0.1", 1080);
	fake_join(FAKE_INFO);
	ck_assert(!c->links.piped);
	ck_assert_int_eq(c->links.transport_fd, 7);
}
END_TEST

/* A log and a key before it are no pipes. */
START_TEST(files)
{
	struct cand *c = fake_proc(100);

	fake_fd(c, 3, PLAT_FD_FILE, 901);
	fake_fd(c, 4, PLAT_FD_FILE, 902);
	fake_conn(c, 5, "192.0.2.1", 40000, "203.0.113.5", 22);
	fake_join(FAKE_INFO);
	ck_assert(!c->links.piped);
	ck_assert_int_eq(c->links.transport_fd, 5);
}
END_TEST

/* What came through a listener carries nothing. */
START_TEST(only_clients)
{
	struct cand *c = fake_proc(100);

	fake_listener(c, 3, "127.0.0.1", 8080);
	fake_conn(c, 4, "127.0.0.1", 8080, "127.0.0.1", 5001);
	fake_join(FAKE_INFO);
	ck_assert_ptr_null(c->links.transport);
}
END_TEST

/* Which of its connections a program that is no ssh uses, it alone knows. */
START_TEST(no_ssh)
{
	struct cand *c = fake_proc(100), *d = fake_proc(200);

	fake_facts(c)->cmd.kind = fake_facts(d)->cmd.kind = CMD_OTHER;
	fake_transport(c);
	fake_transport(d);
	fake_conn(d, 4, "192.0.2.1", 40001, "203.0.113.6", 443);
	fake_join(FAKE_INFO);
	ck_assert_ptr_nonnull(c->links.transport);
	ck_assert_ptr_null(d->links.transport);
}
END_TEST

/* A dbclient keeps what its starter has opened: connections and listeners. */
START_TEST(dropbear_inherits)
{
	struct cand *c = fake_proc(100);

	fake_facts(c)->cmd.flags |= CMD_DROPBEAR;
	fake_facts(c)->cmd.port = 2222;
	fake_conn(c, 3, "127.0.0.1", 40000, "127.0.0.1", 5432);
	fake_listener(c, 4, "127.0.0.1", 8080);
	fake_conn(c, 5, "192.0.2.1", 40001, "203.0.113.5", 2222);
	fake_conn(c, 6, "127.0.0.1", 40002, "127.0.0.1", 5432);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 2022, "127.0.0.1", 5432);
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->links.transport_fd, 5);
	ck_assert_int_eq(c->verdict.fwds[0].conns, 1);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 1);
}
END_TEST

/*
 * One that leads to the server's port is not known from the starter's; nor is
 * any other one the dbclient's. A channel to that port comes later.
 */
START_TEST(dropbear_unclear)
{
	struct cand *c = fake_proc(100), *d = fake_proc(200);
	struct cand *e = fake_proc(300);

	fake_facts(c)->cmd.flags |= CMD_DROPBEAR;
	fake_facts(d)->cmd.flags |= CMD_DROPBEAR;
	fake_facts(e)->cmd.flags |= CMD_DROPBEAR;
	fake_conn(c, 3, "192.0.2.1", 40001, "203.0.113.6", 22);
	fake_conn(c, 5, "192.0.2.1", 40002, "203.0.113.5", 22);
	fake_conn(d, 3, "127.0.0.1", 40003, "127.0.0.1", 5432);
	fake_conn(e, 3, "192.0.2.1", 40004, "203.0.113.5", 22);
	fake_conn(e, 5, "127.0.0.1", 40005, "127.0.0.1", 22);
	fake_ask(e, TUN_FWD_REMOTE, NULL, 2022, "127.0.0.1", 22);
	fake_join(FAKE_INFO);
	ck_assert_ptr_null(c->links.transport);
	ck_assert(c->links.passed);
	ck_assert_ptr_null(d->links.transport);
	ck_assert(d->links.passed);
	ck_assert_int_eq(e->links.transport_fd, 3);
	ck_assert(!e->links.passed);
}
END_TEST

/* Its own sockets come after the pipes to its helper. */
START_TEST(dropbear_piped)
{
	struct cand *c = fake_proc(100), *h = fake_proc(200);

	fake_facts(c)->cmd.flags |= CMD_DROPBEAR | CMD_JUMP;
	fake_facts(h)->cmd.flags |= CMD_DROPBEAR;
	fake_listener(c, 3, "127.0.0.1", 8080);
	fake_listener(c, 4, "127.0.0.1", 8081);
	fake_conn(c, 5, "192.0.2.1", 40000, "203.0.113.6", 22);
	fake_listener(c, 10, "127.0.0.1", 8888);
	fake_fd(c, 7, PLAT_FD_PIPE, 901);
	fake_fd(c, 8, PLAT_FD_PIPE, 902);
	c->links.helper = h;
	fake_transport(h);
	fake_ask(c, TUN_FWD_LOCAL, NULL, 8888, "db", 5432);
	fake_join(FAKE_INFO);
	ck_assert(c->links.piped);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 1);
	ck_assert_ptr_eq(c->links.transport_cand, h);
}
END_TEST

/* Without -J and hops the pipes are its starter's; "-J &3" has none. */
START_TEST(dropbear_not_piped)
{
	struct cand *c = fake_proc(100), *d = fake_proc(200);

	fake_facts(c)->cmd.flags |= CMD_DROPBEAR;
	fake_facts(d)->cmd.flags |= CMD_DROPBEAR | CMD_JUMP;
	fake_fd(c, 3, PLAT_FD_PIPE, 901);
	fake_fd(c, 4, PLAT_FD_PIPE, 902);
	fake_conn(c, 5, "192.0.2.1", 40000, "203.0.113.5", 22);
	fake_conn(d, 3, "192.0.2.1", 40001, "203.0.113.5", 22);
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->links.transport_fd, 5);
	ck_assert_int_eq(d->links.transport_fd, 3);
}
END_TEST

Suite *
transport_suite(void)
{
	Suite *s = suite_create("transport");
	TCase *tc = add_tests(s, "transport", TEST(jump_hosts),
	    TEST(proxy_command), TEST(channel_before_pipes), TEST(passed_unix),
	    TEST(passed_other), TEST(not_passed), TEST(pipes_of_a_command),
	    TEST(pipes_of_a_library), TEST(files), TEST(only_clients),
	    TEST(no_ssh), TEST(dropbear_inherits), TEST(dropbear_unclear),
	    TEST(dropbear_piped), TEST(dropbear_not_piped));

	tcase_add_checked_fixture(tc, fake_setup, fake_teardown);
	return s;
}
