/* SPDX-License-Identifier: ISC */
/* libfind/select.c: what selectors say, and whom they name. */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "internal.h"
#include "tests.h"

#define ID	TUN_MATCH_ID
#define PORT	TUN_MATCH_PORT
#define PID	TUN_MATCH_PID
#define DEST	TUN_MATCH_DEST
#define LABEL	TUN_MATCH_LABEL
#define PATH	TUN_MATCH_PATH

static const struct {
	const char *s, *errstr;
} bad[] = {
	{ "",		"empty selector" },
	{ "@",		"empty label" },
	{ ":",		"empty port" },
	{ ":0",		"port out of range" },
	{ ":65536",	"port out of range" },
	{ ":99999999999999999999", "port out of range" },
	{ ":http",	"bad port" },
	{ ":-1",	"bad port" },
	{ ": 80",	"bad port" },
	{ ":80:81",	"bad port" },
	{ "0",		"number out of range" },
	{ "00",		"number out of range" },
	{ "2147483648",	"number out of range" },
	{ "fred@",	"empty host" },
	{ "L8008@",	"empty host" },
};

START_TEST(test_bad)
{
	const char *errstr = NULL;

	errno = 0;
	ck_assert_ptr_null(tun_select_parse(bad[_i].s, &errstr));
	ck_assert_str_eq(errstr, bad[_i].errstr);
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

/*
 * Three tunnels.  0: PID 8008 to fred@Server with L8008 and a listener in
 * its directory; 1: PID 1080, a labelled master to bastion; 2: PID 300 to
 * server again, by ssh's URI.
 */
static struct tun_addr moved = { AF_INET, { 127, 0, 0, 1 }, 8080, NULL };

static struct tun_fwd fwds0[] = {
	{ .spec = { TUN_FWD_LOCAL, { NULL, NULL, 8008 }, { NULL, "h", 80 } } },
	{ .spec = { TUN_FWD_LOCAL, { "./run/x", NULL, -1 },
	    { NULL, "h", 80 } } },
};
static struct tun_fwd fwds1[] = {
	{ .spec = { TUN_FWD_DYNAMIC, { NULL, "127.0.0.1", 1080 },
	    { NULL, NULL, 0 } }, .addrs = &moved, .naddrs = 1 },
};
static struct tun_fwd fwds2[] = {
	{ .spec = { TUN_FWD_REMOTE, { NULL, NULL, 2022 }, { NULL, "h", 22 } } },
	{ .spec = { TUN_FWD_LOCAL, { NULL, NULL, 8008 }, { NULL, "h", 80 } } },
	{ .spec = { TUN_FWD_STDIO, { NULL, NULL, -1 }, { NULL, "h", 22 } } },
};

static struct cand cands[] = {
	{ .verdict.listed = 1,
	    .verdict.fwds = fwds0,
	    .verdict.tun = { .pid = 8008,
		.dest = "fred@Server",
		.user = "fred",
		.host = "Server",
		.cwd = "/home/fred",
		.ctlpath = "cm.sock",
		.fwds = fwds0,
		.nfwds = 2 } },
	{ .verdict.listed = 1,
	    .verdict.fwds = fwds1,
	    .verdict.tun = { .pid = 1080,
		.dest = "bastion",
		.host = "bastion",
		.label = "db",
		.ctlpath = "/run/cm",
		.cwd = "/",
		.fwds = fwds1,
		.nfwds = 1 } },
	{ .verdict.listed = 1,
	    .verdict.fwds = fwds2,
	    .verdict.tun = { .pid = 300,
		.dest = "ssh://al@server:22",
		.user = "al",
		.host = "server",
		.fwds = fwds2,
		.nfwds = 3 } },
};

/* What each tunnel answers as a whole, then its forwards one by one. */
static const struct {
	const char *s;
	unsigned whole[3], fwd[6];	/* fwd: 0 0, 1, 2 2 2 */
} rows[] = {
	{ "L8008",	{ ID, 0, ID }, { ID, 0, 0, 0, ID, 0 } },
	{ "l8008",	{ ID, 0, ID }, { ID, 0, 0, 0, ID, 0 } },
	{ "L8008@Server", { ID, 0, 0 }, { ID, 0, 0, 0, 0, 0 } },
	{ "L8008@fred@Server", { ID, 0, 0 }, { ID, 0, 0, 0, 0, 0 } },
	{ "l8008@server", { 0, 0, ID }, { 0, 0, 0, 0, ID, 0 } },
	{ "L8008@server#300", { 0, 0, ID }, { 0, 0, 0, 0, ID, 0 } },
	{ "L8008@server#301", { 0, 0, 0 }, { 0, 0, 0, 0, 0, 0 } },
	{ "L8008#300",	{ 0, 0, ID }, { 0, 0, 0, 0, ID, 0 } },
	{ "L8008@server#", { 0, 0, 0 }, { 0 } },
	{ "L8008#3000",	{ 0, 0, 0 }, { 0 } },
	{ "L800",	{ 0, 0, 0 }, { 0 } },
	{ "L80080",	{ 0, 0, 0 }, { 0 } },
	{ "L08008",	{ 0, 0, 0 }, { 0 } },
	{ "D8008",	{ 0, 0, 0 }, { 0 } },
	{ "Llocalhost:8008", { ID, 0, ID }, { ID, 0, 0, 0, ID, 0 } },
	{ "D127.0.0.1:1080", { 0, ID, 0 }, { 0, 0, ID, 0, 0, 0 } },
	{ "D127.0.0.2:1080", { 0, 0, 0 }, { 0 } },
	{ "L./run/x",	{ ID, 0, 0 }, { 0, ID, 0, 0, 0, 0 } },
	{ "W300",	{ 0, 0, ID }, { 0, 0, 0, 0, 0, ID } },
	{ "m1080",	{ 0, ID, 0 }, { 0, 0, ID, 0, 0, 0 } },
	{ "8008",	{ PID | PORT, 0, PORT },
	    { PID | PORT, PID, 0, 0, PORT, 0 } },
	{ ":8008",	{ PORT, 0, PORT }, { PORT, 0, 0, 0, PORT, 0 } },
	{ "1080",	{ 0, PID | PORT, 0 }, { 0, 0, PID | PORT, 0, 0, 0 } },
	{ ":8080",	{ 0, PORT, 0 }, { 0, 0, PORT, 0, 0, 0 } },
	{ ":2022",	{ 0, 0, PORT }, { 0, 0, 0, PORT, 0, 0 } },
	{ "300",	{ 0, 0, PID }, { 0, 0, 0, PID, PID, PID } },
	{ "80",		{ 0, 0, 0 }, { 0 } },
	{ "server",	{ DEST, 0, DEST },
	    { DEST, DEST, 0, DEST, DEST, DEST } },
	{ "fred@server", { DEST, 0, 0 }, { DEST, DEST, 0, 0, 0, 0 } },
	{ "fred@Server", { DEST, 0, 0 }, { DEST, DEST, 0, 0, 0, 0 } },
	{ "Fred@server", { 0, 0, 0 }, { 0 } },
	{ "al@server",	{ 0, 0, DEST }, { 0, 0, 0, DEST, DEST, DEST } },
	{ "ssh://al@server:22", { 0, 0, DEST }, { 0, 0, 0, DEST, DEST, DEST } },
	{ "serve",	{ 0, 0, 0 }, { 0 } },
	{ "@db",	{ 0, LABEL, 0 }, { 0, 0, LABEL, 0, 0, 0 } },
	{ "@d",		{ 0, 0, 0 }, { 0 } },
	{ "xdb",	{ 0, 0, 0 }, { 0 } },
	{ "/run/cm",	{ 0, PATH, 0 }, { 0, 0, PATH, 0, 0, 0 } },
	{ "/home/fred/cm.sock", { PATH, 0, 0 }, { PATH, PATH, 0, 0, 0, 0 } },
	{ "./run/x",	{ PATH, 0, 0 }, { 0, PATH, 0, 0, 0, 0 } },
	{ "/home/fred/run/x", { PATH, 0, 0 }, { 0, PATH, 0, 0, 0, 0 } },
	{ "/home/fredrun/x", { 0, 0, 0 }, { 0 } },
	{ "cm.sock",	{ 0, 0, 0 }, { 0 } },
	{ "run/x",	{ 0, 0, 0 }, { 0 } },
	{ " 8008",	{ 0, 0, 0 }, { 0 } },
	{ "%s%n",	{ 0, 0, 0 }, { 0 } },
};

START_TEST(test_match)
{
	struct cand *order[] = { &cands[2], &cands[0], &cands[1] };
	struct arena *a = arena_new();
	struct tun_select *sel;
	const char *errstr = "";
	const struct tun *t;
	size_t j;
	int i, at = 0;

	ck_assert_ptr_nonnull(a);
	ck_assert_int_eq(ident_assign(a, order, 3), 0);
	sel = tun_select_parse(rows[_i].s, &errstr);
	ck_assert_msg(sel != NULL, "%s: %s", rows[_i].s, errstr);
	for (i = 0; i < NROWS(cands); i++) {
		t = &cands[i].verdict.tun;
		ck_assert_msg(tun_select_match(sel, t, NULL) ==
		    rows[_i].whole[i], "%s: tunnel %d gives %#x, not %#x",
		    rows[_i].s, i, tun_select_match(sel, t, NULL),
		    rows[_i].whole[i]);
		for (j = 0; j < t->nfwds; j++, at++)
			ck_assert_msg(tun_select_match(sel, t, &t->fwds[j]) ==
			    rows[_i].fwd[at], "%s: forward %d gives %#x, "
			    "not %#x", rows[_i].s, at,
			    tun_select_match(sel, t, &t->fwds[j]),
			    rows[_i].fwd[at]);
	}
	tun_select_free(sel);
	arena_free(a);
}
END_TEST

/* Nothing known of a tunnel but its PID. */
START_TEST(test_unknown)
{
	static const char *const words[] = {
		"L1", "w", "host", "u@host", "/x", "@x", ":1", "x/y", "M"
	};
	struct tun t = { .pid = 7 };
	struct tun_fwd fwd = { .spec = { TUN_FWD_DEVICE,
	    { NULL, NULL, -1 }, { NULL, NULL, -1 } } };
	struct tun_select *sel;
	const char *errstr;
	int i;

	for (i = 0; i < NROWS(words); i++) {
		sel = tun_select_parse(words[i], &errstr);
		ck_assert_ptr_nonnull(sel);
		ck_assert_uint_eq(tun_select_match(sel, &t, NULL), 0);
		ck_assert_uint_eq(tun_select_match(sel, &t, &fwd), 0);
		tun_select_free(sel);
	}
	tun_select_free(NULL);
}
END_TEST

Suite *
select_suite(void)
{
	Suite *s = suite_create("select");
	TCase *tc = tcase_create("select");

	tcase_add_loop_test(tc, test_bad, 0, NROWS(bad));
	tcase_add_loop_test(tc, test_match, 0, NROWS(rows));
	tcase_add_test(tc, test_unknown);
	suite_add_tcase(s, tc);
	return s;
}
