/* SPDX-License-Identifier: ISC */
/* libfind/select.c: what selectors say, and whom they name. */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "verdict/verdict.h"
#include "tests.h"

#define ID	TUN_MATCH_ID
#define PORT	TUN_MATCH_PORT
#define PID	TUN_MATCH_PID
#define DEST	TUN_MATCH_DEST
#define LABEL	TUN_MATCH_LABEL
#define PATH	TUN_MATCH_PATH
#define LISTEN	TUN_MATCH_LISTEN
#define FULL	TUN_MATCH_FORWARD
#define TARGET	TUN_MATCH_TARGET
#define JUMP	TUN_MATCH_JUMP

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
	{ ":x y:h:80",	"bad port" },
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

static const struct tun_fwd *const at0[] = {
	&fwds0[0], &fwds0[1]
};
static const struct tun_fwd *const at1[] = {
	&fwds1[0]
};
static const struct tun_fwd *const at2[] = {
	&fwds2[0], &fwds2[1], &fwds2[2]
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
		.fwds = at0,
		.nfwds = 2 } },
	{ .verdict.listed = 1,
	    .verdict.fwds = fwds1,
	    .verdict.tun = { .pid = 1080,
		.dest = "bastion",
		.host = "bastion",
		.label = "db",
		.ctlpath = "/run/cm",
		.cwd = "/",
		.fwds = at1,
		.nfwds = 1 } },
	{ .verdict.listed = 1,
	    .verdict.fwds = fwds2,
	    .verdict.tun = { .pid = 300,
		.dest = "ssh://al@server:22",
		.user = "al",
		.host = "server",
		.fwds = at2,
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
	{ "D127.0.0.1:1080", { 0, ID | FULL, 0 },
	    { 0, 0, ID | FULL, 0, 0, 0 } },
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
	struct tun bare;
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
		bare = *t;
		bare.nfwds = 0;
		ck_assert_uint_eq(tun_select_match_tunnel(sel, t),
		    tun_select_match(sel, &bare, NULL));
		for (j = 0; j < t->nfwds; j++, at++)
			ck_assert_msg(tun_select_match(sel, t, t->fwds[j]) ==
			    rows[_i].fwd[at], "%s: forward %d gives %#x, "
			    "not %#x", rows[_i].s, at,
			    tun_select_match(sel, t, t->fwds[j]),
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

/*
 * Both ends, in full and never a part.  0: a listener on both loopback
 * addresses; 1: on all addresses; 2: nothing says where it leads; 3 and 4:
 * remote; 5: remote on a path; 6: what a path leads to; 7: a device; 8: no
 * end is known; 9: stdio; 10: on another address of the loopback.
 */
static struct tun_addr both[] = {
	{ AF_INET, { 127, 0, 0, 1 }, 8008, NULL },
	{ AF_INET6, { [15] = 1 }, 8008, NULL },
};
static struct tun_addr every[] = { { AF_INET, { 0 }, 8009, NULL } };
static struct tun_addr one[] = { { AF_INET, { 127, 0, 0, 1 }, 7780, NULL } };
static struct tun_addr two[] = { { AF_INET, { 127, 0, 0, 2 }, 7781, NULL } };

#define NONE	{ NULL, NULL, -1 }

static struct tun_fwd ends[] = {
	{ .spec = { TUN_FWD_LOCAL, { NULL, NULL, 8008 },
	    { NULL, "DB.prod", 5432 } }, .addrs = both, .naddrs = 2 },
	{ .spec = { TUN_FWD_LOCAL, { NULL, "", 8009 },
	    { NULL, "fd00::1", 80 } }, .addrs = every, .naddrs = 1 },
	{ .spec = { TUN_FWD_LOCAL, { NULL, "127.0.0.1", 7780 }, NONE },
	    .source = TUN_SRC_SOCKET, .addrs = one, .naddrs = 1 },
	{ .spec = { TUN_FWD_REMOTE, { NULL, NULL, 2022 },
	    { NULL, "localhost", 22 } } },
	{ .spec = { TUN_FWD_RDYNAMIC, { NULL, "*", 9050 },
	    { NULL, NULL, 0 } } },
	{ .spec = { TUN_FWD_REMOTE, { "/run/r", NULL, -1 },
	    { "x/sock", NULL, -1 } } },
	{ .spec = { TUN_FWD_LOCAL, { NULL, NULL, 2375 },
	    { "/run/docker.sock", NULL, -1 } } },
	{ .spec = { TUN_FWD_DEVICE, { NULL, "5", -1 }, { NULL, "6", -1 } },
	    .device = "tap5", .ethernet = 1 },
	{ .spec = { TUN_FWD_REMOTE, NONE, { NULL, "localhost", 23 } } },
	{ .spec = { TUN_FWD_STDIO, NONE, { NULL, "inner", 22 } } },
	{ .spec = { TUN_FWD_LOCAL, { NULL, "127.0.0.2", 7781 }, NONE },
	    .source = TUN_SRC_SOCKET, .addrs = two, .naddrs = 1 },
};

static const struct tun_fwd *const *
ends_at(void)
{
	static const struct tun_fwd *at[NROWS(ends)];
	int i;

	for (i = 0; i < NROWS(ends); i++)
		at[i] = &ends[i];
	return at;
}

static const char *const jumps[] = {
	"bastion", "al@Edge:2222", "ssh://eve@far:2200", NULL
};

static const struct {
	const char *s;
	unsigned tunnel;	/* what each of them answers */
	int at;			/* the one that answers more, or -1 */
	unsigned how;
	int at2;		/* another one */
} named[] = {
	{ "localhost:8008",	0, 0, LISTEN, -1 },
	{ "LocalHost:8008",	0, 0, LISTEN, -1 },
	{ "127.0.0.1:8008",	0, 0, LISTEN, -1 },
	{ "[::1]:8008",		0, 0, LISTEN, -1 },
	{ "[0:0::1]:8008",	0, 0, LISTEN, -1 },
	{ "*:8008",		0, -1, 0, -1 },
	{ "localhost:800",	0, -1, 0, -1 },
	{ "localhost:80080",	0, -1, 0, -1 },
	{ "ocalhost:8008",	0, -1, 0, -1 },
	{ "127.0.0.2:8008",	0, -1, 0, -1 },
	{ "*:8009",		0, 1, LISTEN, -1 },
	{ "0.0.0.0:8009",	0, 1, LISTEN, -1 },
	{ "localhost:8009",	0, -1, 0, -1 },
	{ "127.0.0.1:7780",	0, 2, LISTEN, -1 },
	{ "localhost:7780",	0, 2, LISTEN, -1 },
	{ "server:2022",	0, 3, LISTEN, -1 },
	{ "Server:2022",	0, 3, LISTEN, -1 },
	{ "*@Server:9050",	0, 4, LISTEN, -1 },
	{ "server:9050",	0, 4, LISTEN, -1 },
	{ "Server:/run/r",	0, 5, LISTEN, -1 },
	{ "/run/r",		0, 5, PATH, -1 },
	{ "tap5",		0, 7, LISTEN, -1 },
	{ "tap6",		0, 7, TARGET, -1 },
	{ "tap",		0, -1, 0, -1 },
	{ "tun5",		0, -1, 0, -1 },
	{ "stdio",		0, 9, LISTEN, -1 },
	{ "server",		DEST, -1, 0, -1 },
	{ "server:2200",	DEST, -1, 0, -1 },
	{ "fred@server:2200",	DEST, -1, 0, -1 },
	{ "server:22",		0, -1, 0, -1 },
	{ "bastion",		JUMP, -1, 0, -1 },
	{ "bastio",		0, -1, 0, -1 },
	{ "edge",		JUMP, -1, 0, -1 },
	{ "al@edge",		JUMP, -1, 0, -1 },
	{ "edge:2222",		JUMP, -1, 0, -1 },
	{ "al@edge:2222",	JUMP, -1, 0, -1 },
	{ "bob@edge",		0, -1, 0, -1 },
	{ "edge:22",		0, -1, 0, -1 },
	{ "far",		JUMP, -1, 0, -1 },
	{ "ssh://eve@far:2200",	JUMP, -1, 0, -1 },
	{ "db.prod",		0, 0, TARGET, -1 },
	{ "db.prod:5432",	0, 0, TARGET, -1 },
	{ "db.prod:543",	0, -1, 0, -1 },
	{ "db",			0, -1, 0, -1 },
	{ "b.prod",		0, -1, 0, -1 },
	{ "fred@db.prod",	0, -1, 0, -1 },
	{ "fd00::1",		0, 1, TARGET, -1 },
	{ "[fd00::1]:80",	0, 1, TARGET, -1 },
	{ "[fd00::1]",		0, 1, TARGET, -1 },
	{ "[fd00::1]x",		0, -1, 0, -1 },
	{ "[fd00::1]:",		0, -1, 0, -1 },
	{ "[fd00::1]:8010:localhost:80", 0, -1, 0, -1 },
	{ "[server]",		DEST, -1, 0, -1 },
	{ "[server]:1:2",	0, -1, 0, -1 },
	{ "localhost",		0, 3, TARGET, 8 },
	{ "localhost:22",	0, 3, TARGET, -1 },
	{ "inner",		0, 9, TARGET, -1 },
	{ "socks",		0, -1, 0, -1 },
	{ "/run/docker.sock",	0, 6, TARGET, -1 },
	{ "/home/x/sock",	0, 5, TARGET, -1 },
	{ "x/sock",		0, 5, TARGET, -1 },
	{ "8008:db.prod:5432",	0, 0, FULL, -1 },
	{ "L8008:db.prod:5432",	0, 0, FULL, -1 },
	{ "l8008:db.prod:5432",	0, 0, FULL, -1 },
	{ "localhost:8008:db.prod:5432", 0, 0, FULL, -1 },
	{ "127.0.0.1:8008:db.prod:5432", 0, -1, 0, -1 },
	{ "8008:db.prod:543",	0, -1, 0, -1 },
	{ "8008:db:5432",	0, -1, 0, -1 },
	{ "R8008:db.prod:5432",	0, -1, 0, -1 },
	{ ":8009:[fd00::1]:80",	0, 1, FULL, -1 },
	{ "*:8009:[fd00::1]:80", 0, 1, FULL, -1 },
	{ "L:8009:[fd00::1]:80", 0, 1, FULL, -1 },
	{ "7780:anything:80",	0, 2, FULL, -1 },
	{ "127.0.0.1:7780:x:80", 0, 2, FULL, -1 },
	{ "127.0.0.2:7780:x:80", 0, -1, 0, -1 },
	{ "7781:x:80",		0, -1, 0, -1 },
	{ "127.0.0.2:7781:x:80", 0, 10, FULL, -1 },
	{ "L7780",		0, 2, ID, -1 },
	{ "D7780",		0, 2, ID | FULL, -1 },
	{ "d7780",		0, 2, ID | FULL, -1 },
	{ "R7780",		0, -1, 0, -1 },
	{ "2022:localhost:22",	0, 3, FULL, -1 },
	{ "R2022:localhost:22",	0, 3, FULL, -1 },
	{ "L2022:localhost:22",	0, -1, 0, -1 },
	{ "R*:9050",		0, 4, FULL, -1 },
	{ "R:9050",		0, 4, ID | FULL, -1 },
	{ "D9050",		0, -1, 0, -1 },
	{ "R/run/r:x/sock",	0, 5, FULL, -1 },
	{ "/run/r:x/sock",	0, 5, FULL, -1 },
	{ "2375:/run/docker.sock", 0, 6, FULL, -1 },
	{ "2375:/run/docker",	0, -1, 0, -1 },
	{ "23",			0, -1, 0, -1 },
};

START_TEST(test_named)
{
	struct tun t = { .pid = 7, .dest = "fred@Server", .user = "fred",
	    .host = "Server", .port = 2200, .cwd = "/home", .fwds = ends_at(),
	    .nfwds = NROWS(ends), .jumps = jumps };
	struct tun_select *sel;
	const char *errstr = "";
	unsigned want, got;
	int i;

	sel = tun_select_parse(named[_i].s, &errstr);
	ck_assert_msg(sel != NULL, "%s: %s", named[_i].s, errstr);
	for (i = 0; i < NROWS(ends); i++) {
		ends[i].tun = &t;
		want = named[_i].tunnel;
		if (i == named[_i].at || i == named[_i].at2)
			want |= named[_i].how;
		got = tun_select_match(sel, &t, &ends[i]);
		ck_assert_msg(got == want, "%s: forward %d gives %#x, not %#x",
		    named[_i].s, i, got, want);
	}
	tun_select_free(sel);
}
END_TEST

/* Words that begin with a colon and are addresses. */
static const struct {
	const char *s, *host;
	unsigned how;
} colons[] = {
	{ "::1",		"::1",		DEST },
	{ "::1",		"0:0::1",	DEST },
	{ "::1",		"localhost",	0 },
	{ "::1:8008",		"::1",		0 },
	{ "::1:8008",		"::1:8008",	DEST },
	{ "::ffff:10.0.0.9",	"10.0.0.9",	DEST },
	{ "::ffff:10.0.0.9",	"10.0.0.8",	0 },
};

START_TEST(test_colons)
{
	struct tun t = { .pid = 7, .host = colons[_i].host, .port = -1 };
	const char *errstr = "";
	struct tun_select *sel = tun_select_parse(colons[_i].s, &errstr);

	ck_assert_msg(sel != NULL, "%s: %s", colons[_i].s, errstr);
	ck_assert_uint_eq(tun_select_match(sel, &t, NULL), colons[_i].how);
	tun_select_free(sel);
}
END_TEST

/* What a master may be asked to close, the likeliest first. */
static const struct {
	const char *s, *want[4];
} full[] = {
	{ "R7779:localhost:22",	{ "R7779:localhost:22" } },
	{ "r7779:localhost:22",	{ "R7779:localhost:22" } },
	{ "8080:localhost:80",
	    { "L8080:localhost:80", "R8080:localhost:80" } },
	{ "D1080",		{ "D1080" } },
	{ "R9050",		{ "R9050" } },
	{ "L8080",		{ NULL } },
	{ "8080",		{ NULL } },
	{ "localhost:8080",	{ NULL } },
	{ "/a/b",		{ NULL } },
	{ "redis",		{ NULL } },
	{ "domain",		{ NULL } },
	{ "L8080:[::1]:80",	{ "L8080:[::1]:80" } },
	{ "/a/b:/c/d",		{ "L/a/b:/c/d", "R/a/b:/c/d" } },
	{ "localhost:1:h:2",	{ "Llocalhost:1:h:2", "Rlocalhost:1:h:2",
	    "Localhost:1:h:2" } },
	{ "L:1:h:2",		{ "L:1:h:2", "LL:1:h:2", "RL:1:h:2" } },
};

START_TEST(test_full)
{
	static const char letters[] = "LRDR";
	const struct tun_forward *fwd;
	struct tun_select *sel;
	const char *errstr, *want;
	char buf[64];
	size_t i;

	sel = tun_select_parse(full[_i].s, &errstr);
	ck_assert_ptr_nonnull(sel);
	for (i = 0; (want = full[_i].want[i]) != NULL; i++) {
		fwd = tun_select_forward(sel, i);
		ck_assert_msg(fwd != NULL, "%s: no %s", full[_i].s, want);
		buf[0] = letters[fwd->kind];
		tun_forward_format(fwd, buf + 1, sizeof(buf) - 1);
		ck_assert_msg(strcasecmp(buf, want) == 0, "%s: %s, not %s",
		    full[_i].s, buf, want);
	}
	ck_assert_msg(tun_select_forward(sel, i) == NULL, "%s: one more",
	    full[_i].s);
	tun_select_free(sel);
}
END_TEST

/* A number is a target port where it is nothing else in the list. */
static const struct {
	const char *s;
	int settled;
	unsigned how;		/* of the first of ends */
} numbers[] = {
	{ "5432",	1, TARGET },
	{ "8008",	0, PORT },
	{ "2022",	0, 0 },
	{ "7",		0, PID },
	{ "4321",	0, 0 },
	{ "99999",	0, 0 },
	{ "22",		1, 0 },
	{ ":5432",	0, 0 },
	{ "db.prod",	0, TARGET },
};

START_TEST(test_settle)
{
	struct tun t = { .pid = 7, .fwds = ends_at(), .nfwds = NROWS(ends) };
	struct tun_list *list = list_new();
	struct tun_select *sel;
	const char *errstr;
	int again;

	ck_assert_int_eq(list_add(list, &t), 0);
	sel = tun_select_parse(numbers[_i].s, &errstr);
	ck_assert_ptr_nonnull(sel);
	for (again = 0; again < 2; again++) {
		ck_assert_int_eq(tun_select_settle(sel, list),
		    numbers[_i].settled);
		ck_assert_uint_eq(tun_select_match(sel, &t, &ends[0]),
		    numbers[_i].how);
	}
	tun_list_free(list);
	/* Another list, where it leads nowhere. */
	list = list_new();
	ck_assert_int_eq(tun_select_settle(sel, list), 0);
	ck_assert_uint_eq(tun_select_match(sel, &t, &ends[0]) & TARGET,
	    numbers[_i].settled ? 0 : numbers[_i].how & TARGET);
	tun_list_free(list);
	tun_select_free(sel);
}
END_TEST

Suite *
select_suite(void)
{
	Suite *s = suite_create("select");

	add_tests(s, "select", ROWS(test_bad, bad), ROWS(test_match, rows),
	    ROWS(test_named, named), ROWS(test_full, full), ROWS(test_settle,
	    numbers), ROWS(test_colons, colons), TEST(test_unknown));
	return s;
}
