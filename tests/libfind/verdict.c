/* SPDX-License-Identifier: ISC */
/* The one verdict: what link and listener make of a forward and a tunnel. */
#include <string.h>

#include "verdict/verdict.h"
#include "tests.h"

#define OK	TUN_HEALTH_OK
#define BAD	TUN_HEALTH_BAD
#define UNKNOWN	TUN_HEALTH_UNKNOWN

static const struct {
	enum tun_state link, first, second;
	enum tun_health want[3];	/* the first, the second, all */
	const char *reason;		/* of all; or NULL */
} rows[] = {
	{ TUN_UP, TUN_BOUND, TUN_BOUND, { OK, OK, OK }, NULL },
	{ TUN_ALIVE, TUN_REMOTE, TUN_DEVICE, { OK, OK, OK },
	    "only the server knows whether it listens" },
	/* A forward that listens is not bad because the other does not. */
	{ TUN_UP, TUN_BOUND, TUN_TAKEN, { OK, BAD, BAD },
	    "another process listens there" },
	{ TUN_UP, TUN_HALF, TUN_BOUND, { BAD, OK, BAD },
	    "one address family is not bound" },
	{ TUN_UP, TUN_NOADDRESS, TUN_BOUND, { BAD, OK, BAD },
	    "no interface has the address that it listens on" },
	{ TUN_UP, TUN_RELEASED, TUN_BOUND, { OK, OK, OK },
	    "it was closed in the master, or never listened" },
	{ TUN_UP, TUN_UNKNOWN, TUN_BOUND, { UNKNOWN, OK, UNKNOWN },
	    "it cannot be seen" },
	{ TUN_UP, TUN_UNKNOWN, TUN_DETACHED, { UNKNOWN, BAD, BAD },
	    "its path does not lead to it" },
	{ TUN_BROKEN, TUN_BOUND, TUN_REMOTE, { BAD, BAD, BAD },
	    "its link is dead" },
	{ TUN_STALLED, TUN_UNKNOWN, TUN_BOUND, { BAD, BAD, BAD },
	    "its link does not answer" },
	{ TUN_HIDDEN, TUN_BOUND, TUN_BOUND, { UNKNOWN, UNKNOWN, UNKNOWN },
	    "its sockets cannot be seen" },
	{ TUN_HIDDEN, TUN_BOUND, TUN_CHOKED, { UNKNOWN, BAD, BAD },
	    "connections wait to be accepted" },
	{ TUN_PROMPT, TUN_BOUND, TUN_BOUND, { UNKNOWN, UNKNOWN, UNKNOWN },
	    "it waits for a password" },
	{ TUN_CLIENT, TUN_IN_MASTER, TUN_IN_MASTER,
	    { UNKNOWN, UNKNOWN, UNKNOWN }, "its master cannot be seen" },
	{ TUN_STUCK, TUN_UNBOUND, TUN_BOUND, { BAD, BAD, BAD },
	    "it did not get through authentication" },
	{ TUN_NSTATES, TUN_BOUND, TUN_BOUND, { UNKNOWN, UNKNOWN, UNKNOWN },
	    "it cannot be seen" },
};

static void
make(struct tun *t, struct tun_fwd *fwds, int i)
{
	static const struct tun_fwd *at[2];

	at[0] = &fwds[0];
	at[1] = &fwds[1];
	memset(t, 0, sizeof(*t));
	memset(fwds, 0, 2 * sizeof(*fwds));
	t->link = rows[i].link;
	t->state = TUN_PARTIAL;		/* which is said of no forward */
	t->heard = 5;
	t->fwds = at;
	t->nfwds = 2;
	fwds[0].tun = fwds[1].tun = t;
	fwds[0].state = rows[i].first;
	fwds[1].state = rows[i].second;
}

START_TEST(row)
{
	const char *reason;
	struct tun_fwd fwds[2];
	struct tun t;

	make(&t, fwds, _i);
	ck_assert_int_eq(tun_fwd_health(&fwds[0], NULL), rows[_i].want[0]);
	ck_assert_int_eq(tun_fwd_health(&fwds[1], NULL), rows[_i].want[1]);
	ck_assert_int_eq(tun_health(&t, &reason), rows[_i].want[2]);
	ck_assert_pstr_eq(reason, rows[_i].reason);
}
END_TEST

/* Nothing wrong was seen: that is worth something only if something was. */
START_TEST(quiet)
{
	struct tun t = { .link = TUN_QUIET, .heard = 7200000 };
	const char *reason;

	ck_assert_int_eq(tun_health(&t, &reason), OK);
	evidence_add(&t.why, TUN_WHY_NOPTRACE);
	ck_assert_int_eq(tun_health(&t, &reason), UNKNOWN);
	ck_assert_str_eq(reason, tun_why_text(TUN_WHY_NOPTRACE));
	evidence_drop(&t.why, TUN_WHY_NOPTRACE);
	t.heard = -1;
	ck_assert_int_eq(tun_health(&t, &reason), UNKNOWN);
	evidence_add(&t.why, TUN_WHY_PROXIED);
	ck_assert_int_eq(tun_health(&t, &reason), UNKNOWN);
	ck_assert_str_eq(reason, tun_why_text(TUN_WHY_PROXIED));
}
END_TEST

/* A forward that listens where nobody can look is shown so, with the reason. */
START_TEST(out_of_reach)
{
	struct tun t = { .link = TUN_ALIVE };
	struct tun_fwd fwd = { .state = TUN_UNKNOWN, .tun = &t };
	const char *reason;

	ck_assert_int_eq(tun_fwd_state(&fwd), TUN_ALIVE);
	evidence_add(&fwd.why, TUN_WHY_REMOTEFS);
	ck_assert_int_eq(tun_fwd_state(&fwd), TUN_UNKNOWN);
	ck_assert_int_eq(tun_fwd_health(&fwd, &reason), UNKNOWN);
	ck_assert_str_eq(reason, tun_why_text(TUN_WHY_REMOTEFS));
	t.link = TUN_STALLED;
	ck_assert_int_eq(tun_fwd_state(&fwd), TUN_STALLED);
	ck_assert_int_eq(tun_fwd_health(&fwd, NULL), BAD);
}
END_TEST

/* A client is as its master is, and a circle of them is nobody's. */
START_TEST(client)
{
	struct tun t = { .link = TUN_CLIENT }, m = { .link = TUN_UP };
	const char *reason;

	t.carrier = &m;
	ck_assert_int_eq(tun_health(&t, NULL), OK);
	m.link = TUN_STALLED;
	ck_assert_int_eq(tun_health(&t, &reason), BAD);
	ck_assert_str_eq(reason, "its link does not answer");
	m.link = TUN_CLIENT;
	m.carrier = &t;
	ck_assert_int_eq(tun_health(&t, NULL), UNKNOWN);
}
END_TEST

/* What an answer does to a tunnel whose forwards are not all there. */
START_TEST(set_link)
{
	struct tun t = { .link = TUN_QUIET, .state = TUN_PARTIAL };

	verdict_set_link(&t, TUN_ALIVE);
	ck_assert_int_eq(t.link, TUN_ALIVE);
	ck_assert_int_eq(t.state, TUN_PARTIAL);
	verdict_set_link(&t, TUN_BROKEN);
	ck_assert_int_eq(t.state, TUN_BROKEN);
	t.state = t.link = TUN_UP;
	verdict_set_link(&t, TUN_ALIVE);
	ck_assert_int_eq(t.state, TUN_ALIVE);
}
END_TEST

/* Each state is judged: what has a word has a health and, if bad, a reason. */
START_TEST(states)
{
	const char *reason;
	int s;

	for (s = 0; s < TUN_NSTATES; s++) {
		ck_assert_str_ne(tun_state_name(s), "");
		ck_assert_str_ne(tun_state_text(s), "");
		if (tun_state_health(s, &reason) != OK)
			ck_assert_ptr_nonnull(reason);
	}
	ck_assert_str_eq(tun_health_name(OK), "ok");
	ck_assert_str_eq(tun_health_name(BAD), "bad");
	ck_assert_str_eq(tun_health_name(UNKNOWN), "?");
}
END_TEST

Suite *
verdict_suite(void)
{
	Suite *s = suite_create("verdict");

	add_tests(s, "verdict", ROWS(row, rows), TEST(quiet),
	    TEST(out_of_reach), TEST(client), TEST(set_link), TEST(states));
	return s;
}
