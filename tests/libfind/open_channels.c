/* SPDX-License-Identifier: ISC */
/* libfind/mux/open_channels.c: targets from a master's list of channels. */
#include <check.h>
#include <string.h>

#include "mux/mux.h"
#include "tests.h"

/* As a master of 10.3 wrote them; END is the rest of each line. */
#define HEAD	"The following connections are open:\r\n"
#define AT(port)	", connect from 127.0.0.1 port 5000 " \
			"to 127.0.0.1 port " port " "
#define END(type)	"(t4 [" type "] r0 nm0 i0/0 o0/0 e[closed]/0 " \
			"fd 12/12/-1 sock 12 cc -1 nc0 io 0x01/0x00 B)\r\n"
#define TCP	"direct-tcpip"
#define TO(to, port)	"  #8 " TCP ": listening port 80 for " to \
			" port " port AT("80") END(TCP)
#define SOCKS(to)	"  #14 " TCP ": listening port 80 for " to AT("80") \
			END("dynamic-tcpip")
#define STREAM	"direct-streamlocal@openssh.com"
#define TO_PATH(to)	"  #16 " STREAM ": listening port 80 for " to \
			" port -2" AT("80") END(STREAM)
#define FROM(path)	"  #17 " TCP ": listening port -2 for h port 22, " \
			"connect from  port 0 to " path " port 0 " END(TCP)
#define OTHERS	"  #15 client-session (t4 [session] r4 nm0 i3/0 o0/0 " \
		"e[write]/0 fd -1/21/22 sock -1 cc 17 nc0 io 0x00/0x00 B)\r\n" \
		"  #16 mux-control (t16 [mux-control] nr0 m0 i0/0 o0/0 " \
		"e[closed]/0 fd 19/19/-1 sock 19 cc -1 nc0 io 0x01/0x01 I)\r\n"
#define H50	"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"

static const struct {
	const char *path;	/* where it listens; NULL: at port 80 */
	int conns;
	const char *text, *want;	/* "?": as before */
} rows[] = {
	{ NULL, 1, HEAD TO("localhost", "443") OTHERS, "localhost:443" },
	{ NULL, 2, HEAD TO("::1", "443") OTHERS TO("::1", "443"),
	    "[::1]:443" },
	{ NULL, 1, HEAD TO_PATH("/run/a b port 1"), "?" },
	{ NULL, 1, HEAD TO_PATH("/run/a b"), "/run/a b" },
	{ NULL, 1, HEAD TO_PATH("h"), "?" },
	{ NULL, 1, HEAD SOCKS("h port 22"), "socks" },
	{ NULL, 2, HEAD SOCKS("h port 22") SOCKS("i port 80"), "socks" },
	{ "/s/a", 1, HEAD FROM("/s/a"), "h:22" },
	{ "/s/a", 1, HEAD FROM("/s/a2") FROM("/s"), "?" },
	{ "/s/a", 1, HEAD TO("h", "1"), "?" },
	/* Nobody uses it: what is there is of nobody. */
	{ NULL, 0, HEAD TO("h", "1"), "?" },
	{ NULL, -1, HEAD TO("h", "1"), "?" },
	/* They do not agree. */
	{ NULL, 1, HEAD TO("h", "1") TO("i", "1"), "?" },
	{ NULL, 1, HEAD TO("h", "1") TO("h", "2"), "?" },
	{ NULL, 1, HEAD TO("h", "1") TO("hh", "1"), "?" },
	{ NULL, 1, HEAD TO("h", "1") SOCKS("h port 1"), "?" },
	/* A client of -D has put a line into the name of its target. */
	{ NULL, 1, HEAD SOCKS("h\r\n  #9 " TCP ": listening port 80 for e "
	    "port 1") TO("h", "1"), "?" },
	{ NULL, 1, HEAD TO("e\x1b[2Jf", "1"), "e\x1b[2Jf:1" },
	/* ssh may have cut it. */
	{ NULL, 1, HEAD TO(H50 H50, "1"), "?" },
	{ NULL, 1, HEAD TO("", "1"), "?" },
	{ NULL, 1, HEAD TO("h", "0"), "?" },
	{ NULL, 1, HEAD TO("h", "65536"), "?" },
	{ NULL, 1, HEAD TO("h", "-3"), "?" },
	{ NULL, 1, HEAD TO("h", "x"), "?" },
	{ NULL, 1, "", "?" },
	{ NULL, 1, HEAD "  #8 direct-tcpip: listening port 80 for h", "?" },
	{ NULL, 1, HEAD "  #8 direct-tcpip: listening port 80 for h port 1",
	    "?" },
	{ NULL, 1, HEAD "  #8 forwarded-tcpip: listening port 80 for h port 1"
	    AT("80") END("forwarded-tcpip"), "?" }
};

START_TEST(row)
{
	struct tun_fwd fwd = { .source = TUN_SRC_SOCKET,
	    .state = TUN_UNLISTED, .conns = rows[_i].conns };
	struct cand c = { .verdict = { .fwds = &fwd, .tun.nfwds = 1 } };
	char text[4096], target[256];

	ck_assert_ptr_nonnull(c.arena = arena_new());
	fwd.spec.listen.path = rows[_i].path;
	fwd.spec.listen.port = rows[_i].path != NULL ? -1 : 80;
	fwd.spec.connect.port = -1;
	strcpy(text, rows[_i].text);
	ck_assert_int_eq(channels_want_targets(&c), rows[_i].conns > 0);
	ck_assert_int_eq(channels_take_targets(&c, text), 0);
	if (tun_target_text(&fwd, target, sizeof(target)) == 0)
		strcpy(target, "?");
	ck_assert_str_eq(target, rows[_i].want);
	ck_assert_int_eq(fwd.source, strcmp(target, "?") == 0 ?
	    TUN_SRC_SOCKET : TUN_SRC_MUX);
	ck_assert_int_eq(fwd.state, strcmp(target, "?") == 0 ?
	    TUN_UNLISTED : TUN_BOUND);
	ck_assert_int_eq(channels_want_targets(&c),
	    rows[_i].conns > 0 && strcmp(target, "?") == 0);
	arena_free(c.arena);
}
END_TEST

/* What the command line has asked for is known, whatever a master says. */
START_TEST(asked)
{
	struct tun_fwd fwd = { .source = TUN_SRC_ARGV, .conns = 1,
	    .spec = { TUN_FWD_LOCAL, { NULL, NULL, 80 },
	    { NULL, "mine", 1 } } };
	struct cand c = { .verdict = { .fwds = &fwd, .tun.nfwds = 1 } };
	char text[] = HEAD TO("h", "443");

	ck_assert_ptr_nonnull(c.arena = arena_new());
	ck_assert(!channels_want_targets(&c));
	ck_assert_int_eq(channels_take_targets(&c, text), 0);
	ck_assert_str_eq(fwd.spec.connect.host, "mine");
	ck_assert_int_eq(fwd.source, TUN_SRC_ARGV);
	arena_free(c.arena);
}
END_TEST

/* Two forwards at one port: the lines do not say which of them it is. */
START_TEST(two)
{
	struct tun_fwd fwds[2] = { { .source = TUN_SRC_SOCKET, .conns = 1,
	    .spec = { TUN_FWD_LOCAL, { NULL, "127.0.0.1", 80 },
	    { NULL, NULL, -1 } } } };
	struct cand c = { .verdict = { .fwds = fwds, .tun.nfwds = 2 } };

	fwds[1] = fwds[0];
	fwds[1].spec.listen.host = "::1";
	ck_assert(!channels_want_targets(&c));
	fwds[1].spec.listen.port = 81;
	ck_assert(channels_want_targets(&c));
}
END_TEST

Suite *
open_channels_suite(void)
{
	Suite *s = suite_create("open_channels");

	add_tests(s, "targets", ROWS(row, rows), TEST(asked), TEST(two));
	return s;
}
