/* SPDX-License-Identifier: ISC */
/* libfind/ident.c: IDs, and that each leads to its forward only. */
#include <stdlib.h>
#include <string.h>

#include "verdict/verdict.h"
#include "tests.h"

#define MAXFWDS	8

/* What a forward is asked for with. */
struct ask {
	enum tun_fwd_kind kind;
	const char *bind;	/* or path, or unit */
	int port;		/* -1: bind is a path or a unit */
};

#define L	TUN_FWD_LOCAL
#define R	TUN_FWD_REMOTE
#define D	TUN_FWD_DYNAMIC
#define RD	TUN_FWD_RDYNAMIC
#define W	TUN_FWD_STDIO
#define T	TUN_FWD_DEVICE

static void
set_spec(struct tun_forward *spec, const struct ask *ask)
{
	memset(spec, 0, sizeof(*spec));
	spec->kind = ask->kind;
	spec->listen.port = ask->port;
	if (ask->port == -1 && ask->kind != T)
		spec->listen.path = ask->bind;
	else
		spec->listen.host = ask->bind;
}

static const struct {
	struct ask ask;
	const char *want;
} shorts[] = {
	{ { L, NULL, 8008 },		"L8008" },
	{ { L, "127.0.0.2", 8008 },	"L8008" },
	{ { L, "", 8008 },		"L8008" },
	{ { D, NULL, 1080 },		"D1080" },
	{ { R, NULL, 2022 },		"R2022" },
	{ { R, NULL, 0 },		"R0" },
	{ { RD, NULL, 9050 },		"R9050" },
	{ { W, NULL, -1 },		"W77" },
	{ { T, "0", -1 },		"T0" },
	{ { T, NULL, -1 },		"Tany" },
	{ { L, "/run/x.sock", -1 },	"L/run/x.sock" },
	{ { R, "/run/x.sock", -1 },	"R/run/x.sock" },
	{ { L, "run/x", -1 },		"Lrun/x" },
	{ { L, "x", -1 },		"L./x" },
	{ { L, "/a b\n@#%'~", -1 },	"L/a%20b%0A%40%23%25%27%7E" },
	{ { L, "/caf\xc3\xa9", -1 },	"L/caf%C3%A9" },
};

START_TEST(test_short)
{
	struct arena *a = arena_new();
	struct tun_forward spec;

	ck_assert_ptr_nonnull(a);
	set_spec(&spec, &shorts[_i].ask);
	ck_assert_str_eq(ident_short(a, &spec, 77), shorts[_i].want);
	arena_free(a);
}
END_TEST

/* Tunnels with a forward each, or two of one PID in one tunnel. */
#define NSET	4
static const struct {
	const char *what;
	struct {
		pid_t pid;
		const char *host, *dest;
		struct ask ask;
		const char *want;
	} f[NSET];
} sets[] = {
	{ "nothing shared", {
	    { 1, "s", "s", { L, NULL, 80 }, "L80" },
	    { 1, "s", "s", { D, NULL, 80 }, "D80" },
	    { 2, "s", "s", { R, NULL, 80 }, "R80" },
	    { 2, "s", "s", { L, NULL, 81 }, "L81" } } },
	{ "two servers", {
	    { 1, "a", "f@a", { R, NULL, 80 }, "R80@a" },
	    { 2, "b", "f@b", { R, NULL, 80 }, "R80@b" },
	    { 3, "b", "f@b", { R, NULL, 8 }, "R8" } } },
	{ "two users", {
	    { 1, "s", "a@s", { R, NULL, 80 }, "R80@a@s" },
	    { 2, "s", "b@s", { R, NULL, 80 }, "R80@b@s" } } },
	{ "one server", {
	    { 1, "s", "s", { R, NULL, 80 }, "R80@s#1" },
	    { 2, "s", "s", { R, NULL, 80 }, "R80@s#2" },
	    { 3, "t", "t", { R, NULL, 80 }, "R80@t" } } },
	{ "remote kinds share a letter", {
	    { 1, "a", "a", { R, NULL, 80 }, "R80@a" },
	    { 2, "b", "b", { RD, NULL, 80 }, "R80@b" } } },
	{ "two binds in one process", {
	    { 1, "s", "s", { L, "127.0.0.2", 80 }, "L127.0.0.2:80" },
	    { 1, "s", "s", { L, "::1", 80 }, "L::1:80" },
	    { 1, "s", "s", { L, NULL, 80 }, "Llocalhost:80" },
	    { 1, "s", "s", { L, "*", 80 }, "L:80" } } },
	{ "two binds, one server", {
	    { 1, "s", "s", { L, "127.0.0.2", 80 }, "L127.0.0.2:80" },
	    { 2, "s", "s", { L, "127.0.0.3", 80 }, "L127.0.0.3:80" } } },
	{ "two binds, two servers", {
	    { 1, "a", "a", { L, "127.0.0.2", 80 }, "L80@a" },
	    { 2, "b", "b", { L, "127.0.0.3", 80 }, "L80@b" } } },
	{ "binds and servers crossed", {
	    { 1, "a", "a", { L, "::1", 80 }, "L::1:80@a" },
	    { 1, "a", "a", { L, "::2", 80 }, "L::2:80@a" },
	    { 2, "b", "b", { L, "::1", 80 }, "L::1:80@b" },
	    { 2, "b", "b", { L, "::2", 80 }, "L::2:80@b" } } },
	{ "the same twice", {
	    { 1, "s", "s", { L, NULL, 80 }, "Llocalhost:80@s#1.1" },
	    { 1, "s", "s", { L, "localhost", 80 }, "Llocalhost:80@s#1.2" } } },
	{ "server not known", {
	    { 1, NULL, NULL, { L, NULL, 80 }, "L80#1" },
	    { 2, NULL, NULL, { L, NULL, 80 }, "L80#2" },
	    { 3, "s", "s", { L, NULL, 80 }, "L80@s" } } },
	{ "one's host is the other's destination", {
	    { 1, "s", "s", { R, NULL, 80 }, "R80@s#1" },
	    { 2, "t", "s", { R, NULL, 80 }, "R80@t" } } },
	{ "paths", {
	    { 1, "a", "a", { L, "/x", -1 }, "L/x@a" },
	    { 2, "b", "b", { L, "/x", -1 }, "L/x@b" },
	    { 3, "b", "b", { L, "/x@b", -1 }, "L/x%40b" },
	    { 3, "b", "b", { R, "/x", -1 }, "R/x" } } },
	{ "paths in one server", {
	    { 1, "s", "s", { L, "/x", -1 }, "L/x@s#1" },
	    { 2, "s", "s", { L, "/x", -1 }, "L/x@s#2" } } },
	{ "a name like a suffix", {
	    { 1, "s#2", "s#2", { R, NULL, 80 }, "R80@s%232" },
	    { 2, "s", "s", { R, NULL, 80 }, "R80@s" } } },
	{ "devices and stdio", {
	    { 1, "s", "s", { T, NULL, -1 }, "Tany@s#1" },
	    { 2, "s", "s", { T, NULL, -1 }, "Tany@s#2" },
	    { 1, "s", "s", { W, NULL, -1 }, "W1" },
	    { 2, "s", "s", { W, NULL, -1 }, "W2" } } },
};

/* Candidates in a block; fwds of one PID go together. */
struct set {
	struct cand cands[64], *order[64];
	size_t n;
};

static struct cand *
find(struct set *set, struct arena *a, pid_t pid, const char *host,
    const char *dest)
{
	struct cand *c;
	size_t i;

	for (i = 0; i < set->n; i++)
		if (set->cands[i].verdict.tun.pid == pid)
			return &set->cands[i];
	c = &set->cands[set->n];
	set->order[set->n++] = c;
	memset(c, 0, sizeof(*c));
	c->verdict.listed = 1;
	c->verdict.tun.pid = pid;
	c->verdict.tun.host = host;
	c->verdict.tun.dest = dest;
	c->verdict.fwds = arena_alloc(a, MAXFWDS * sizeof(*c->verdict.fwds));
	ck_assert_ptr_nonnull(c->verdict.fwds);
	return c;
}

static struct tun_fwd *
add(struct set *set, struct arena *a, pid_t pid, const char *host,
    const char *dest, const struct ask *ask)
{
	struct cand *c = find(set, a, pid, host, dest);
	struct tun_fwd *fwd;

	ck_assert_uint_lt(c->verdict.tun.nfwds, MAXFWDS);
	fwd = &c->verdict.fwds[c->verdict.tun.nfwds++];
	set_spec(&fwd->spec, ask);
	ck_assert_int_eq(verdict_show_forwards(a, &c->verdict), 0);
	return fwd;
}

static void
reverse(struct set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		set->order[i] = &set->cands[set->n - 1 - i];
}

START_TEST(test_set)
{
	struct arena *a = arena_new();
	struct tun_fwd *fwds[NSET];
	static struct set set;
	int i, n, turn;

	ck_assert_ptr_nonnull(a);
	set.n = 0;
	for (n = 0; n < NSET && sets[_i].f[n].pid != 0; n++)
		fwds[n] = add(&set, a, sets[_i].f[n].pid, sets[_i].f[n].host,
		    sets[_i].f[n].dest, &sets[_i].f[n].ask);
	for (turn = 0; turn < 2; turn++) {
		ck_assert_int_eq(ident_assign(a, set.order, set.n), 0);
		for (i = 0; i < n; i++)
			ck_assert_msg(strcmp(fwds[i]->id,
			    sets[_i].f[i].want) == 0, "%s: %s, not %s",
			    sets[_i].what, fwds[i]->id, sets[_i].f[i].want);
		reverse(&set);
	}
	arena_free(a);
}
END_TEST

START_TEST(test_masters)
{
	struct arena *a = arena_new();
	static struct set set;
	struct ask ask = { L, NULL, 80 };

	ck_assert_ptr_nonnull(a);
	set.n = 0;
	find(&set, a, 12, NULL, NULL);
	find(&set, a, 13, NULL, NULL);
	add(&set, a, 14, "s", "s", &ask);
	add(&set, a, 15, "s", "s", &ask);
	set.cands[3].verdict.listed = 0; /* a helper takes no part */
	ck_assert_int_eq(ident_assign(a, set.order, set.n), 0);
	ck_assert_str_eq(set.cands[0].verdict.tun.id, "M12");
	ck_assert_str_eq(set.cands[1].verdict.tun.id, "M13");
	ck_assert_str_eq(set.cands[2].verdict.fwds[0].id, "L80");
	ck_assert_ptr_null(set.cands[3].verdict.fwds[0].id);
	ck_assert(ident_match("m12", &set.cands[0].verdict.tun, NULL));
	ck_assert(!ident_match("M1", &set.cands[0].verdict.tun, NULL));
	ck_assert(!ident_match("M123", &set.cands[0].verdict.tun, NULL));
	arena_free(a);
}
END_TEST

/* Small alphabets, hostile ones among them, so that much is shared. */
static const char *const hosts[] = {
	NULL, "", "s", "t", "s#1", "s#1.1", "a@s", "1", "%", "s%231"
};
static const char *const binds[] = {
	NULL, "", "*", "localhost", "::1", "127.0.0.2", "1:8", "@s"
};
static const char *const paths[] = {
	"/x", "/x@s", "/x@s#1", "x", "./x", "/x#1.1", "", "localhost:8", "8"
};

static void
random_set(struct set *set, struct arena *a)
{
	static const enum tun_fwd_kind kinds[] = { L, R, D, RD, W, T };
	struct ask ask;
	int i, j, n, ntuns = 1 + rand() % 12;
	const char *host, *dest;

	set->n = 0;
	for (i = 0; i < ntuns; i++) {
		host = hosts[rand() % NROWS(hosts)];
		dest = rand() % 3 ? host : hosts[rand() % NROWS(hosts)];
		n = rand() % MAXFWDS;
		for (j = 0; j < n; j++) {
			ask.kind = kinds[rand() % NROWS(kinds)];
			ask.port = rand() % 3 == 0 ? -1 : 8 + rand() % 2;
			ask.bind = ask.port == -1 ?
			    paths[rand() % NROWS(paths)] :
			    binds[rand() % NROWS(binds)];
			add(set, a, i + 1, host, dest, &ask);
		}
		if (n == 0)
			find(set, a, i + 1, host, dest);
	}
}

static int
answers(const struct tun_select *sel, const struct tun *t,
    const struct tun_fwd *fwd)
{
	return (tun_select_match(sel, t, fwd) & TUN_MATCH_ID) != 0;
}

/* Each ID selects its forward and no other. */
static void
check_unique(const struct set *set)
{
	const char *errstr;
	struct tun_select *sel;
	const struct tun *t, *u;
	size_t i, j, k, m;
	int same;

	for (i = 0; i < set->n; i++) {
		t = &set->cands[i].verdict.tun;
		for (j = 0; j < t->nfwds; j++) {
			sel = tun_select_parse(t->fwds[j]->id, &errstr);
			ck_assert_ptr_nonnull(sel);
			for (k = 0; k < set->n; k++) {
				u = &set->cands[k].verdict.tun;
				for (m = 0; m < u->nfwds; m++) {
					same = t == u && j == m;
					if (same == answers(sel, u,
					    u->fwds[m]))
						continue;
					ck_abort_msg("%s and %s",
					    t->fwds[j]->id, u->fwds[m]->id);
				}
			}
			tun_select_free(sel);
		}
	}
}

static void
check_safe(const char *id)
{
	ck_assert_msg(id[strspn(id, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._+,=/:@#%")] == '\0',
	    "%s", id);
}

/* Unique, printable, and the same in any order of the list. */
START_TEST(test_random)
{
	static struct set set;
	const char *was[64 * MAXFWDS];
	struct arena *a;
	size_t i, j, n;
	int round;

	srand(_i + 1);
	for (round = 0; round < 100; round++) {
		a = arena_new();
		ck_assert_ptr_nonnull(a);
		random_set(&set, a);
		ck_assert_int_eq(ident_assign(a, set.order, set.n), 0);
		check_unique(&set);
		for (n = i = 0; i < set.n; i++)
			for (j = 0; j < set.cands[i].verdict.tun.nfwds; j++)
				was[n++] = set.cands[i].verdict.fwds[j].id;
		reverse(&set);
		ck_assert_int_eq(ident_assign(a, set.order, set.n), 0);
		for (n = i = 0; i < set.n; i++)
			for (j = 0; j < set.cands[i].verdict.tun.nfwds; j++) {
				check_safe(was[n]);
				ck_assert_str_eq(
				    set.cands[i].verdict.fwds[j].id, was[n]);
				n++;
			}
		arena_free(a);
	}
}
END_TEST

/* A hostile argv: as many equal forwards as fit, to a host without end. */
START_TEST(test_crowd)
{
	enum { N = 20000 };
	struct arena *a = arena_new();
	struct ask ask = { L, NULL, 80 };
	struct cand c, *cp = &c;
	static char host[100000];
	size_t i;

	ck_assert_ptr_nonnull(a);
	memset(host, 'h', sizeof(host) - 1);
	memset(&c, 0, sizeof(c));
	c.verdict.listed = 1;
	c.verdict.tun.pid = 9;
	c.verdict.tun.host = c.verdict.tun.dest = host;
	c.verdict.fwds = arena_alloc(a, N * sizeof(*c.verdict.fwds));
	ck_assert_ptr_nonnull(c.verdict.fwds);
	c.verdict.tun.nfwds = N;
	for (i = 0; i < N; i++)
		set_spec(&c.verdict.fwds[i].spec, &ask);
	ck_assert_int_eq(ident_assign(a, &cp, 1), 0);
	ck_assert_str_eq(c.verdict.fwds[0].id, "Llocalhost:80#9.1");
	ck_assert_str_eq(c.verdict.fwds[N - 1].id, "Llocalhost:80#9.20000");
	arena_free(a);
}
END_TEST

Suite *
id_suite(void)
{
	Suite *s = suite_create("id");

	add_tests(s, "ident", ROWS(test_short, shorts), ROWS(test_set, sets),
	    TEST(test_masters), TIMES(test_random, 10), TEST(test_crowd));
	return s;
}
