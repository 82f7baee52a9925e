/* SPDX-License-Identifier: ISC */
/* libfind/sockets/told.c: what the journal says, as far as sockets agree. */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>

#include "fakesocks.h"
#include "tests.h"

static struct tun_forward local = { .kind = TUN_FWD_LOCAL,
    .listen = { NULL, NULL, 8080 }, .connect = { NULL, "h", 80 } };
static struct tun_forward dynamic = { .kind = TUN_FWD_DYNAMIC,
    .listen = { NULL, "*", 1080 } };
static struct tun_forward remote = { .kind = TUN_FWD_REMOTE,
    .listen = { NULL, NULL, 2022 }, .connect = { NULL, "h", 22 } };

/* A process that the journal knows these two lists of. */
static struct cand *
told(const struct tun_forward **open, const struct tun_forward **closed)
{
	static struct tun_record records[8];
	static const struct tun_record *added[8];
	static struct told t;
	struct cand *c = fake_proc(100);
	size_t i;

	for (i = 0; open[i] != NULL; i++) {
		records[i].fwd = open[i];
		added[i] = &records[i];
	}
	added[i] = NULL;
	t.open = added;
	t.closed = closed;
	fake_facts(c)->told = &t;
	fake_transport(c);
	return c;
}

static const struct tun_forward *none[] = { NULL };

START_TEST(what_was_given_has_a_target)
{
	const struct tun_forward *open[] = { &local, &dynamic, &remote, NULL };
	struct cand *c = told(open, none);
	struct tun_fwd *fwds;
	size_t i;

	fake_listener(c, 4, "::1", 8080);
	fake_listener(c, 5, "127.0.0.1", 8080);
	fake_listener(c, 6, "0.0.0.0", 1080);
	fake_listener(c, 7, "::", 1080);
	fake_join(FAKE_INFO);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 3);
	fwds = c->verdict.fwds;
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(fwds[i].source, TUN_SRC_JOURNAL);
		ck_assert(tun_why_has(&fwds[i].why, TUN_WHY_JOURNAL));
		ck_assert_int_eq(fwds[i].state, i == 2 ? TUN_REMOTE :
		    TUN_BOUND);
		ck_assert_int_eq(fwds[i].rx, -1);
		ck_assert_int_eq(fwds[i].tx, -1);
	}
	ck_assert_str_eq(fwds[0].spec.connect.host, "h");
	ck_assert_uint_eq(fwds[0].naddrs, 2);
	ck_assert_int_eq(fwds[1].spec.kind, TUN_FWD_DYNAMIC);
}
END_TEST

/* The listener that is there is another one, which stays unexplained. */
START_TEST(what_does_not_listen_is_ignored)
{
	const struct tun_forward *open[] = { &local, NULL };
	struct cand *c = told(open, none);

	fake_listener(c, 4, "127.0.0.1", 8081);
	fake_join(FAKE_INFO);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 1);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_UNLISTED);
	ck_assert(tun_why_has(&c->verdict.tun.why, TUN_WHY_JOURNALWRONG));
}
END_TEST

/* ssh was asked for another one at that place. */
START_TEST(another_listener_is_another_forward)
{
	const struct tun_forward *open[] = { &local, NULL };
	struct cand *c = told(open, none);
	struct plat_sock *sk = fake_listener(c, 4, "127.0.0.1", 8080);
	struct tun_record *r = (struct tun_record *)(uintptr_t)
	    fake_facts(c)->told->open[0];

	r->sock = _i == 0 ? sk->key : sk->key + 1;
	fake_join(FAKE_INFO);
	r->sock = 0;
	ck_assert_uint_eq(c->verdict.tun.nfwds, 1);
	ck_assert_int_eq(c->verdict.fwds[0].source, _i == 0 ?
	    TUN_SRC_JOURNAL : TUN_SRC_SOCKET);
	ck_assert_int_eq(tun_why_has(&c->verdict.tun.why,
	    TUN_WHY_JOURNALWRONG), _i);
}
END_TEST

/* Of what was ignored nothing is left for the next one. */
START_TEST(what_is_ignored_leaves_nothing)
{
	const struct tun_forward *open[] = { &local, &remote, NULL };
	struct cand *c = told(open, none);

	fake_listener(NULL, 0, "127.0.0.1", 8080);
	fake_listener(NULL, 0, "::1", 8080);
	fake_join(FAKE_INFO);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 1);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_REMOTE);
	ck_assert_ptr_null(c->links.fwds[0].owner);
}
END_TEST

/* Sockets that could not be read contradict nothing, and prove nothing. */
START_TEST(what_is_not_seen_is_no_contradiction)
{
	const struct tun_forward *open[] = { &local, &remote, NULL };
	const struct tun_forward *closed[] = { &dynamic, NULL };
	struct cand *c = told(open, closed);

	fake_facts(c)->fds_errno = EACCES;
	fake_ask(c, TUN_FWD_DYNAMIC, NULL, 1080, NULL, 0);
	fake_join(FAKE_INFO);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 3);
	ck_assert(!c->links.fwds[0].closed);
	ck_assert_int_eq(c->verdict.fwds[1].source, TUN_SRC_JOURNAL);
	ck_assert_int_eq(c->verdict.fwds[1].state, TUN_UNKNOWN);
	ck_assert_int_eq(c->verdict.fwds[2].state, TUN_REMOTE);
	ck_assert(!tun_why_has(&c->verdict.tun.why, TUN_WHY_JOURNALWRONG));
}
END_TEST

/* The master has what its client asked for. */
START_TEST(a_client_of_a_master_has_none)
{
	const struct tun_forward *open[] = { &remote, NULL };
	struct cand *c = told(open, none);

	c->links.master = fake_proc(101);
	fake_join(FAKE_INFO);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 0);
}
END_TEST

START_TEST(argv_comes_first)
{
	const struct tun_forward *open[] = { &local, &remote, NULL };
	struct cand *c = told(open, none);

	fake_ask(c, TUN_FWD_LOCAL, NULL, 8080, "other", 80);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 2022, "other", 22);
	fake_listener(c, 4, "127.0.0.1", 8080);
	fake_join(FAKE_INFO);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 2);
	ck_assert_int_eq(c->verdict.fwds[0].source, TUN_SRC_ARGV);
	ck_assert_int_eq(c->verdict.fwds[1].source, TUN_SRC_ARGV);
}
END_TEST

START_TEST(what_was_closed_is_released)
{
	const struct tun_forward *closed[] = { &local, &remote, NULL };
	struct cand *c = told(none, closed);
	size_t i;

	fake_ask(c, TUN_FWD_LOCAL, NULL, 8080, "h", 80);
	fake_ask(c, TUN_FWD_REMOTE, NULL, 2022, "h", 22);
	fake_join(FAKE_INFO);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 2);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(c->verdict.fwds[i].state, TUN_RELEASED);
		ck_assert(tun_why_has(&c->verdict.fwds[i].why,
		    TUN_WHY_PURPOSE));
	}
}
END_TEST

START_TEST(what_was_closed_and_listens_is_bound)
{
	const struct tun_forward *closed[] = { &local, NULL };
	struct cand *c = told(none, closed);

	fake_ask(c, TUN_FWD_LOCAL, NULL, 8080, "h", 80);
	fake_listener(c, 4, "127.0.0.1", 8080);
	fake_listener(c, 5, "::1", 8080);
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_BOUND);
	ck_assert(tun_why_has(&c->verdict.fwds[0].why, TUN_WHY_JOURNALWRONG));
}
END_TEST

/* It was closed, and is another process's now. */
START_TEST(what_was_closed_may_be_taken)
{
	const struct tun_forward *closed[] = { &local, NULL };
	struct cand *c = told(none, closed);

	fake_ask(c, TUN_FWD_LOCAL, NULL, 8080, "h", 80);
	fake_listener(NULL, 0, "127.0.0.1", 8080);
	fake_listener(NULL, 0, "::1", 8080);
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_TAKEN);
}
END_TEST

Suite *
told_suite(void)
{
	Suite *s = suite_create("told");
	TCase *tc = add_tests(s, "told", TEST(what_was_given_has_a_target),
	    TEST(what_does_not_listen_is_ignored),
	    TIMES(another_listener_is_another_forward, 2),
	    TEST(what_is_ignored_leaves_nothing),
	    TEST(what_is_not_seen_is_no_contradiction),
	    TEST(a_client_of_a_master_has_none), TEST(argv_comes_first),
	    TEST(what_was_closed_is_released),
	    TEST(what_was_closed_and_listens_is_bound),
	    TEST(what_was_closed_may_be_taken));

	tcase_add_checked_fixture(tc, fake_setup, fake_teardown);
	return s;
}
