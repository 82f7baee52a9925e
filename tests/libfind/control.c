/* SPDX-License-Identifier: ISC */
/* libfind/ctl.c: which listeners are a master's, by what ssh calls them. */
#include <sys/socket.h>

#include <check.h>
#include <string.h>

#include "fakesocks.h"
#include "tests.h"

static const struct {
	const char *name;
	unsigned backlog;	/* 0: the source does not say */
	const char *path;	/* NULL: it is none */
} names[] = {
	{ "/tmp/cm.0123456789abcDEF", 64, "/tmp/cm" },
	{ "/tmp/cm.0123456789abcDEF", 0, "/tmp/cm" },
	{ "/tmp/cm.0123456789abcDEF", 128, NULL },	/* -L /path */
	{ "cm.with.dots.0123456789abcDEF", 64, "cm.with.dots" },
	{ "/tmp/cm", 64, NULL },
	{ "/tmp/cm.0123456789abcDE", 64, NULL },
	{ "/tmp/cm.0123456789abcDEF0", 64, NULL },
	{ "/tmp/cm.0123456789abcDE/", 64, NULL },
	{ "/tmp/cm.0123456789abcD\351F", 64, NULL },
	{ "/tmp/cm-0123456789abcDEF", 64, NULL },
	{ ".0123456789abcDEF", 64, NULL },	/* of nothing */
	{ "", 64, NULL },
};

START_TEST(name)
{
	struct plat_sock sk;

	memset(&sk, 0, sizeof(sk));
	sk.family = AF_UNIX;
	sk.known = names[_i].backlog != 0 ? PLAT_SOCK_QUEUES : 0;
	sk.wq = names[_i].backlog;
	strcpy(sk.path, names[_i].name);
	sk.pathlen = strlen(sk.path);
	/* What it has accepted is called the same. */
	sk.state = PLAT_TCP_ESTAB;
	ck_assert(!ctl_is_listener(&sk));
	sk.state = PLAT_TCP_LISTEN;
	ck_assert_int_eq(ctl_is_listener(&sk), names[_i].path != NULL);
	if (names[_i].path != NULL)
		ck_assert_str_eq(ctl_path(fake_arena, &sk), names[_i].path);
}
END_TEST

/* -N -L over a master that was there: its own argv, no socket of it. */
START_TEST(mux_client)
{
	struct cand *master = fake_proc(100), *client = fake_proc(200);
	struct plat_sock *end, *in;

	fake_transport(master);
	fake_held(master, 4, fake_unix(PLAT_TCP_LISTEN,
	    "/tmp/m.0123456789abcdef", 64));
	fake_listener(master, 5, "::1", 8080);
	fake_listener(master, 6, "127.0.0.1", 8080);
	in = fake_held(master, 7, fake_unix(PLAT_TCP_ESTAB,
	    "/tmp/m.0123456789abcdef", 0));
	end = fake_held(client, 3, fake_unix(PLAT_TCP_ESTAB, NULL, 0));
	end->peer_key = in->key;
	in->peer_key = end->key;
	fake_ask(client, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	fake_ask(client, TUN_FWD_LOCAL, NULL, 8081, "db", 5432);
	fake_join(FAKE_INFO);
	ck_assert_ptr_eq(client->links.master, master);
	ck_assert_int_eq(client->verdict.fwds[0].state, TUN_IN_MASTER);
	ck_assert_int_eq(client->verdict.fwds[1].state, TUN_RELEASED);
	/* But its target is the client's word, not the socket's. */
	ck_assert_int_eq(master->verdict.fwds[0].state, TUN_UNLISTED);
	ck_assert_ptr_null(master->verdict.fwds[0].spec.connect.host);
	/* No one's file is there. */
	ck_assert_int_eq(master->verdict.tun.ctl, TUN_CTL_LOST);
}
END_TEST

Suite *
control_suite(void)
{
	Suite *s = suite_create("control");
	TCase *tc = add_tests(s, "ctl", ROWS(name, names), TEST(mux_client));

	tcase_add_checked_fixture(tc, fake_setup, fake_teardown);
	return s;
}
