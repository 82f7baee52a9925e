/* SPDX-License-Identifier: ISC */
/* libfind/list.c: the snapshot; libfind/names.c: words. */
#include <string.h>

#include "verdict/verdict.h"
#include "tests.h"

START_TEST(test_empty_list)
{
	struct tun_list *list = list_new();

	ck_assert_ptr_nonnull(list);
	list_sort(list);
	ck_assert_uint_eq(tun_count(list), 0);
	ck_assert_ptr_null(tun_next(list, NULL));
	ck_assert_int_eq(tun_complete(list), 1);
	ck_assert_ptr_null(tun_note(list, 0));
	list->when = 1700000000;
	ck_assert_int_eq(tun_when(list), 1700000000);
	tun_list_free(list);
	tun_list_free(NULL);
}
END_TEST

START_TEST(test_list)
{
	enum { N = 1000 };
	struct tun_list *list = list_new();
	const struct tun *t = NULL;
	struct tun *tuns;
	size_t i;

	ck_assert_ptr_nonnull(list);
	tuns = arena_alloc(list->arena, (N + 1) * sizeof(*tuns));
	ck_assert_ptr_nonnull(tuns);
	for (i = 0; i < N; i++) {
		tuns[i].pid = 1 + i * 7919 % N;
		ck_assert_int_eq(list_add(list, &tuns[i]), 0);
	}
	/* The same PID later in the same scan. */
	tuns[N].pid = 17;
	tuns[N].ident[1] = 1;
	ck_assert_int_eq(list_add(list, &tuns[N]), 0);
	list_sort(list);
	ck_assert_uint_eq(tun_count(list), N + 1);
	for (i = 0; i < N + 1; i++) {
		t = tun_next(list, t);
		ck_assert_ptr_nonnull(t);
		ck_assert_int_eq(t->pid, i < 17 ? i + 1 : i);
	}
	ck_assert_ptr_null(tun_next(list, t));
	tun_list_free(list);
}
END_TEST

START_TEST(test_notes)
{
	struct tun_list *list = list_new();
	char text[] = "some processes are hidden";

	ck_assert_ptr_nonnull(list);
	ck_assert_int_eq(list_note(list, text), 0);
	ck_assert_int_eq(list_note(list, text), 0);
	ck_assert_int_eq(list_note(list, "no sockets"), 0);
	text[0] = 'x';
	ck_assert_int_eq(tun_complete(list), 0);
	ck_assert_str_eq(tun_note(list, 0), "some processes are hidden");
	ck_assert_str_eq(tun_note(list, 1), "no sockets");
	ck_assert_ptr_null(tun_note(list, 2));
	tun_list_free(list);
}
END_TEST

/* Every state has a word of its own that leads back to it. */
START_TEST(test_state_names)
{
	enum tun_state s;

	for (s = TUN_UNKNOWN; s < TUN_NSTATES; s++) {
		ck_assert_ptr_nonnull(tun_state_name(s));
		ck_assert_int_eq(tun_state_parse(tun_state_name(s)), s);
	}
	ck_assert_str_eq(tun_state_name(TUN_NSTATES), "?");
	ck_assert_str_eq(tun_state_name(TUN_UP), "up");
	ck_assert_str_eq(tun_state_name(TUN_REMOTE_USED), "remote-used");
	ck_assert_int_eq(tun_state_parse(""), TUN_UNKNOWN);
	ck_assert_int_eq(tun_state_parse("UP"), TUN_UNKNOWN);
	ck_assert_int_eq(tun_state_parse("live"), TUN_UNKNOWN);
}
END_TEST

START_TEST(test_stale)
{
	enum tun_state s;
	int stale;

	for (s = TUN_UNKNOWN; s <= TUN_NSTATES; s++) {
		stale = s == TUN_STUCK || s == TUN_CLOSED ||
		    s == TUN_BROKEN || s == TUN_USELESS;
		ck_assert_msg((tun_state_class(s) == TUN_CLASS_STALE) == stale,
		    "%s", tun_state_name(s));
	}
}
END_TEST

static const struct {
	enum tun_state state;
	enum tun_class class;
} classes[] = {
	{ TUN_GONE,	TUN_CLASS_GONE },
	{ TUN_STARTING,	TUN_CLASS_STARTING },
	{ TUN_PROMPT,	TUN_CLASS_STARTING },
	{ TUN_STOPPED,	TUN_CLASS_SUSPECT },
	{ TUN_STALLED,	TUN_CLASS_SUSPECT },
	{ TUN_CHOKED,	TUN_CLASS_SUSPECT },
	{ TUN_MUTE,	TUN_CLASS_SUSPECT },
	{ TUN_PARTIAL,	TUN_CLASS_LIVE },
	{ TUN_UP,	TUN_CLASS_LIVE },
	{ TUN_QUIET,	TUN_CLASS_LIVE },
	{ TUN_ALIVE,	TUN_CLASS_LIVE },
	{ TUN_HIDDEN,	TUN_CLASS_UNKNOWN },
	{ TUN_UNBOUND,	TUN_CLASS_UNKNOWN },
	{ TUN_NOADDRESS, TUN_CLASS_UNKNOWN },
};

START_TEST(test_class)
{
	ck_assert_int_eq(tun_state_class(classes[_i].state),
	    classes[_i].class);
}
END_TEST

/* Forward, tunnel, what the row says. */
static const struct {
	enum tun_state fwd, tun, want;
} shown[] = {
	{ TUN_BOUND,	TUN_UP,		TUN_UP },
	{ TUN_BOUND,	TUN_QUIET,	TUN_QUIET },
	{ TUN_BOUND,	TUN_BROKEN,	TUN_BROKEN },
	{ TUN_REMOTE,	TUN_UP,		TUN_UP },
	{ TUN_REMOTE_USED, TUN_STALLED,	TUN_STALLED },
	{ TUN_UNLISTED,	TUN_UP,		TUN_UP },
	{ TUN_DEVICE,	TUN_UP,		TUN_UP },
	{ TUN_UNKNOWN,	TUN_HIDDEN,	TUN_HIDDEN },
	{ TUN_HALF,	TUN_UP,		TUN_HALF },
	{ TUN_NOADDRESS, TUN_UP,	TUN_NOADDRESS },
	{ TUN_UNBOUND,	TUN_UP,		TUN_UNBOUND },
	{ TUN_RELEASED,	TUN_UP,		TUN_RELEASED },
	{ TUN_TAKEN,	TUN_UP,		TUN_TAKEN },
	{ TUN_CHOKED,	TUN_UP,		TUN_CHOKED },
	{ TUN_DETACHED,	TUN_UP,		TUN_DETACHED },
	{ TUN_DEADFILE,	TUN_UP,		TUN_DEADFILE },
	{ TUN_LOOP,	TUN_UP,		TUN_LOOP },
	{ TUN_IN_MASTER, TUN_CLIENT,	TUN_IN_MASTER },
	{ TUN_ANSWERS,	TUN_UP,		TUN_ANSWERS },
	{ TUN_REFUSED,	TUN_UP,		TUN_REFUSED },
	{ TUN_SILENT,	TUN_UP,		TUN_SILENT },
};

START_TEST(test_shown)
{
	struct tun t = { 0 };
	struct tun_fwd fwd = { 0 };

	/* A sister forward makes the tunnel partial, and not this row. */
	t.state = TUN_PARTIAL;
	t.link = shown[_i].tun;
	fwd.tun = &t;
	fwd.state = shown[_i].fwd;
	ck_assert_int_eq(tun_fwd_state(&fwd), shown[_i].want);
}
END_TEST

START_TEST(test_why)
{
	struct tun_evidence all = { { 0 } }, none = { { 0 } };
	enum tun_why why, other;
	size_t n = 0;

	for (why = TUN_WHY_NONE + 1; why < TUN_WHY_COUNT; why++) {
		ck_assert_str_ne(tun_why_text(why), "?");
		for (other = TUN_WHY_NONE + 1; other < why; other++)
			ck_assert_str_ne(tun_why_text(why),
			    tun_why_text(other));
		ck_assert(!tun_why_has(&all, why));
		evidence_add(&all, why);
		ck_assert(tun_why_has(&all, why));
	}
	ck_assert_str_eq(tun_why_text(TUN_WHY_NONE), "?");
	ck_assert_str_eq(tun_why_text(TUN_WHY_COUNT), "?");
	ck_assert(!tun_why_has(&all, sizeof(all) * 8));

	for (why = 0; (why = tun_why_next(&all, why)) != TUN_WHY_NONE; n++)
		continue;
	ck_assert_uint_eq(n, TUN_WHY_COUNT - 1);
	ck_assert_int_eq(tun_why_next(&none, TUN_WHY_NONE), TUN_WHY_NONE);

	evidence_add(&none, TUN_WHY_NONE);
	tun_why_join(&none, &all);
	evidence_drop(&none, TUN_WHY_LEADER);
	ck_assert(!tun_why_has(&none, TUN_WHY_LEADER));
	ck_assert(tun_why_has(&none, TUN_WHY_COUNT - 1));
}
END_TEST

START_TEST(test_words)
{
	ck_assert_str_eq(tun_kind_name(TUN_FWD_LOCAL), "local");
	ck_assert_str_eq(tun_kind_name(TUN_FWD_RDYNAMIC), "remote-dynamic");
	ck_assert_str_eq(tun_kind_name(TUN_FWD_STDIO), "stdio");
	ck_assert_str_eq(tun_kind_name(TUN_FWD_DEVICE), "tun");
	ck_assert_str_eq(tun_kind_name(99), "?");
	ck_assert_str_eq(tun_source_name(TUN_SRC_MUX), "mux");
	ck_assert_str_eq(tun_origin_name(TUN_ORIGIN_UNKNOWN), "?");
	ck_assert_str_eq(tun_origin_name(TUN_ORIGIN_FOREGROUND), "foreground");
	ck_assert_str_eq(tun_ctl_name(TUN_CTL_NONE), "none");
	ck_assert_str_eq(tun_ctl_name(TUN_CTL_UNSAFE), "unsafe");
}
END_TEST

Suite *
list_suite(void)
{
	Suite *s = suite_create("list");

	add_tests(s, "snapshot", TEST(test_empty_list), TEST(test_list),
	    TEST(test_notes));
	add_tests(s, "words", TEST(test_state_names), TEST(test_stale),
	    ROWS(test_class, classes), ROWS(test_shown, shown), TEST(test_why),
	    TEST(test_words));
	return s;
}
