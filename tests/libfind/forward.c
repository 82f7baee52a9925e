/* SPDX-License-Identifier: ISC */
/* The forward grammar: what each spec means, and that it can be written. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verdict/verdict.h"
#include "tests.h"

#define L	TUN_FWD_LOCAL
#define R	TUN_FWD_REMOTE
#define D	TUN_FWD_DYNAMIC
#define RD	TUN_FWD_RDYNAMIC
#define W	TUN_FWD_STDIO
#define T	TUN_FWD_DEVICE

#define PORT(port)		{ NULL, NULL, port }
#define HOST(host, port)	{ NULL, host, port }
#define PATH(path)		{ path, NULL, -1 }
#define SOCKS			{ NULL, NULL, 0 }
#define NOTHING			{ NULL, NULL, -1 }
#define UNIT(unit)		{ NULL, unit, -1 }
#define BAD(why)		L, NOTHING, NOTHING, why
#define OK			NULL

#define TEN(s)	s s s s s s s s s s
#define P106	"/" TEN(TEN("p")) "pppppp"
#define H1024	TEN(TEN(TEN("h"))) TEN("hh") "hhhh"

/* The surroundings that the vectors of openssh.md were measured in. */
static const char *const env[] = {
	"SP=/s/env.sock", "PT=8123", "EMPTY=", "REC=${PT}", "AB=h:80", NULL
};
static const struct expand known = {
	env, "/root", "root", "0", "h", "h", "22", "root", "me.example", "me",
	"h", "", NULL, NULL, NULL, 0
};

struct row {
	enum tun_fwd_kind option;
	const char *spec;
	enum tun_fwd_kind kind;
	struct tun_end listen, connect;
	const char *why;		/* it is refused */
};

/* Numbers 1 to 130 of openssh.md, B.7; ssh 9.2 and 10.5 agree on each. */
static const struct row vectors[] = {
	{ L, "8080:host:80", L, PORT(8080), HOST("host", 80), OK },
	{ L, "8080:host:http", L, PORT(8080), HOST("host", 80), OK },
	{ L, "http:host:80", L, PORT(80), HOST("host", 80), OK },
	{ L, "127.0.0.1:8080:host:80",
	    L, HOST("127.0.0.1", 8080), HOST("host", 80), OK },
	{ L, ":8080:host:80", L, HOST("", 8080), HOST("host", 80), OK },
	{ L, "*:8080:host:80", L, HOST("*", 8080), HOST("host", 80), OK },
	{ L, "localhost:8080:host:80",
	    L, HOST("localhost", 8080), HOST("host", 80), OK },
	{ L, "0.0.0.0:8080:host:80",
	    L, HOST("0.0.0.0", 8080), HOST("host", 80), OK },
	{ L, "[::1]:8080:host:80", L, HOST("::1", 8080), HOST("host", 80), OK },
	{ L, "[::]:8080:[2001:db8::1]:80",
	    L, HOST("::", 8080), HOST("2001:db8::1", 80), OK },
	{ L, "8080:[::1]:80", L, PORT(8080), HOST("::1", 80), OK },
	{ L, "[]:8080:host:80", L, HOST("", 8080), HOST("host", 80), OK },
	{ L, "[127.0.0.1]:8080:[host]:80",
	    L, HOST("127.0.0.1", 8080), HOST("host", 80), OK },
	{ L, "[8080]:[host]:[80]", L, PORT(8080), HOST("host", 80), OK },
	{ L, "8080:host:80:", L, PORT(8080), HOST("host", 80), OK },
	{ L, "8080::80", L, PORT(8080), HOST("", 80), OK },
	{ L, "65535:host:65535", L, PORT(65535), HOST("host", 65535), OK },
	{ L, "+8080:host:80", L, PORT(8080), HOST("host", 80), OK },
	{ L, " 8080:host:80", L, PORT(8080), HOST("host", 80), OK },
	{ L, "08080:host:080", L, PORT(8080), HOST("host", 80), OK },
	{ L, "8080: host:80", L, PORT(8080), HOST(" host", 80), OK },
	{ L, "8080:host: 80", L, PORT(8080), HOST("host", 80), OK },
	{ L, "8080:[fe80::1%eth0]:80",
	    L, PORT(8080), HOST("fe80::1%eth0", 80), OK },
	{ L, "8080:%h:80", L, PORT(8080), HOST("%h", 80), OK },
	{ L, "8080:socks:80", L, PORT(8080), HOST("socks", 80), OK },
	{ L, "[::1]:8080:/s/b.sock",
	    L, HOST("::1", 8080), PATH("/s/b.sock"), OK },
	{ L, "8080:/s/b.sock", L, PORT(8080), PATH("/s/b.sock"), OK },
	{ L, "127.0.0.1:8080:/s/b.sock",
	    L, HOST("127.0.0.1", 8080), PATH("/s/b.sock"), OK },
	{ L, ":8080:/s/b.sock", L, HOST("", 8080), PATH("/s/b.sock"), OK },
	{ L, "/s/a.sock:host:80", L, PATH("/s/a.sock"), HOST("host", 80), OK },
	{ L, "/s/a.sock:/s/b.sock",
	    L, PATH("/s/a.sock"), PATH("/s/b.sock"), OK },
	{ L, "[/s/a.sock]:[/s/b.sock]",
	    L, PATH("/s/a.sock"), PATH("/s/b.sock"), OK },
	{ L, "[/s/a:b.sock]:host:80",
	    L, PATH("/s/a:b.sock"), HOST("host", 80), OK },
	{ L, "/s/a\\:b.sock:host:80",
	    L, PATH("/s/a:b.sock"), HOST("host", 80), OK },
	{ L, "a\\:b:8080:host:80", L, HOST("a:b", 8080), HOST("host", 80), OK },
	{ L, "8080:ho\\\\st:80", L, PORT(8080), HOST("ho\\st", 80), OK },
	{ L, "./a.sock:host:80", L, PATH("./a.sock"), HOST("host", 80), OK },
	{ L, "~/a.sock:host:80", L, PATH("~/a.sock"), HOST("host", 80), OK },
	{ L, "8080:host/80", L, PORT(8080), PATH("host/80"), OK },
	{ L, "bind:8080:/a:80", L, HOST("bind", 8080), HOST("/a", 80), OK },
	{ L, "8080:a/b:80", L, PORT(8080), HOST("a/b", 80), OK },
	{ L, "/s/%u-%h-%p:host:80",
	    L, PATH("/s/root-h-22"), HOST("host", 80), OK },
	{ L, "${SP}:host:80", L, PATH("/s/env.sock"), HOST("host", 80), OK },
	{ L, "${PT}:host:80", L, PORT(8123), HOST("host", 80), OK },
	{ L, "8080:${SP}", L, PORT(8080), PATH("/s/env.sock"), OK },
	{ L, "::1:8080:host:80", BAD("too many fields") },
	{ L, "8080:::1:80", BAD("too many fields") },
	{ L, "8080:host:80::", BAD("bad connect port") },
	{ L, "8080:host:", BAD("too few fields") },
	{ L, "8080:host", BAD("too few fields") },
	{ L, "8080", BAD("too few fields") },
	{ L, "", BAD("empty") },
	{ L, "0:host:80", BAD("bad listen port") },
	{ L, "8080:host:0", BAD("bad connect port") },
	{ L, "65536:host:80", BAD("bad listen port") },
	{ L, "8080:host:65536", BAD("bad connect port") },
	{ L, "-1:host:80", BAD("bad listen port") },
	{ L, "8080:host:80 ", BAD("bad connect port") },
	{ L, "0x50:host:80", BAD("bad listen port") },
	{ L, "nosuchsvc:host:80", BAD("bad listen port") },
	{ L, "/s/a.sock", BAD("bad connect port") },
	{ L, "/s/a.sock:8080", BAD("too few fields") },
	{ L, "a.sock:host:80", BAD("bad listen port") },
	{ L, "[::1:8080:host:80", BAD("malformed field") },
	{ L, "[::1]8080:host:80", BAD("malformed field") },
	{ L, "127.0.0.1:8080:host:80:x", BAD("too many fields") },
	{ L, "127.0.0.1/8080/host/80", BAD("bad connect port") },
	{ L, "8080/host/80", BAD("bad connect port") },
	{ L, "/a:b:/c", BAD("bad connect port") },
	{ L, "/a:b:c:80", BAD("bad listen port") },
	{ L, "8080:host:80\\", BAD("malformed field") },
	{ L, "${NOPE}:host:80", BAD("variable not set") },
	{ L, "$SP:host:80", BAD("bad listen port") },
	{ L, "8080:fe80::1%eth0:80", BAD("too many fields") },
	{ L, P106 ":h:80", L, PATH(P106), HOST("h", 80), OK },
	{ L, P106 "p:h:80", BAD("path too long") },
	{ L, "8080:" H1024 ":80", L, PORT(8080), HOST(H1024, 80), OK },
	{ L, "8080:" H1024 "h:80", BAD("host too long") },
	{ D, "1080", D, PORT(1080), SOCKS, OK },
	{ D, "127.0.0.1:1080", D, HOST("127.0.0.1", 1080), SOCKS, OK },
	{ D, ":1080", D, HOST("", 1080), SOCKS, OK },
	{ D, "*:1080", D, HOST("*", 1080), SOCKS, OK },
	{ D, "localhost:1080", D, HOST("localhost", 1080), SOCKS, OK },
	{ D, "[::1]:1080", D, HOST("::1", 1080), SOCKS, OK },
	{ D, "1080:", D, PORT(1080), SOCKS, OK },
	{ D, "socks", D, PORT(1080), SOCKS, OK },
	{ D, "/s/d.sock", D, PATH("/s/d.sock"), SOCKS, OK },
	{ D, "/s/d.sock:1080", D, HOST("/s/d.sock", 1080), SOCKS, OK },
	{ D, "/s/a.sock:/s/b.sock",
	    L, PATH("/s/a.sock"), PATH("/s/b.sock"), OK },
	{ D, "8080:/s/b.sock", L, PORT(8080), PATH("/s/b.sock"), OK },
	{ D, "127.0.0.1/1080", D, PATH("127.0.0.1/1080"), SOCKS, OK },
	{ D, "::1:1080", BAD("too many fields") },
	{ D, "0", BAD("bad listen port") },
	{ D, "127.0.0.1:0", BAD("bad listen port") },
	{ D, "8080:h:80", BAD("too many fields") },
	{ D, "", BAD("empty") },
	{ D, "65536", BAD("bad listen port") },
	{ R, "8080:host:80", R, PORT(8080), HOST("host", 80), OK },
	{ R, "0:host:80", R, PORT(0), HOST("host", 80), OK },
	{ R, "127.0.0.1:0:host:80",
	    R, HOST("127.0.0.1", 0), HOST("host", 80), OK },
	{ R, "bind:8080:host:80", R, HOST("bind", 8080), HOST("host", 80), OK },
	{ R, ":8080:host:80", R, HOST("", 8080), HOST("host", 80), OK },
	{ R, "*:8080:host:80", R, HOST("*", 8080), HOST("host", 80), OK },
	{ R, "localhost:8080:host:80",
	    R, HOST("localhost", 8080), HOST("host", 80), OK },
	{ R, "[::1]:8080:host:80", R, HOST("::1", 8080), HOST("host", 80), OK },
	{ R, "8080", RD, PORT(8080), SOCKS, OK },
	{ R, "0", RD, PORT(0), SOCKS, OK },
	{ R, "bind:8080", RD, HOST("bind", 8080), SOCKS, OK },
	{ R, ":8080", RD, HOST("", 8080), SOCKS, OK },
	{ R, "*:8080", RD, HOST("*", 8080), SOCKS, OK },
	{ R, "[::1]:8080", RD, HOST("::1", 8080), SOCKS, OK },
	{ R, "[::]:0", RD, HOST("::", 0), SOCKS, OK },
	{ R, "8080:80", RD, HOST("8080", 80), SOCKS, OK },
	{ R, "host:0", RD, HOST("host", 0), SOCKS, OK },
	{ R, "8080:", RD, PORT(8080), SOCKS, OK },
	{ R, "/s/r.sock", RD, PATH("/s/r.sock"), SOCKS, OK },
	{ R, "/s/r.sock:host:80", R, PATH("/s/r.sock"), HOST("host", 80), OK },
	{ R, "/s/r.sock:/s/l.sock",
	    R, PATH("/s/r.sock"), PATH("/s/l.sock"), OK },
	{ R, "8080:/s/l.sock", R, PORT(8080), PATH("/s/l.sock"), OK },
	{ R, "bind:8080:/s/l.sock",
	    R, HOST("bind", 8080), PATH("/s/l.sock"), OK },
	{ R, "0:/s/l.sock", R, PORT(0), PATH("/s/l.sock"), OK },
	{ R, "/s/r.sock:80", RD, HOST("/s/r.sock", 80), SOCKS, OK },
	{ R, "%h:8080:x:80", R, HOST("%h", 8080), HOST("x", 80), OK },
	{ R, "/s/%r.sock:host:80",
	    R, PATH("/s/root.sock"), HOST("host", 80), OK },
	{ R, "${SP}:host:80", R, PATH("/s/env.sock"), HOST("host", 80), OK },
	{ R, "8080:host", BAD("bad listen port") },
	{ R, "8080:host:0", BAD("bad connect port") },
	{ R, "", BAD("empty") },
	{ R, "::1:8080", BAD("bad listen port") },
	{ R, "65536", BAD("bad listen port") }
};

/* What the sheet leaves open, measured with ssh -G of 9.2. */
static const struct row corners[] = {
	/* ssh drops a last field that is nothing but a backslash. */
	{ L, "8080:h:80:\\", L, PORT(8080), HOST("h", 80), OK },
	{ D, "1080:\\", D, PORT(1080), SOCKS, OK },
	{ L, "a:1:h:80:\\", BAD("too many fields") },
	{ D, "\\", BAD("empty") },
	{ D, "1080\\", BAD("malformed field") },
	{ R, "-0", RD, PORT(0), SOCKS, OK },
	{ R, "-0:h:80", R, PORT(0), HOST("h", 80), OK },
	{ R, "-00000:h:80", R, PORT(0), HOST("h", 80), OK },
	{ L, "8080:h:-1", BAD("bad connect port") },
	{ L, "8080:h:", BAD("too few fields") },
	{ L, "8080:h:+", BAD("bad connect port") },
	{ L, "8080:h:99999999999999999999", BAD("bad connect port") },
	{ L, "000000000000000000000080:h:80", L, PORT(80), HOST("h", 80), OK },
	{ L, "\t\n\v\f\r 8080:h:\t80", L, PORT(8080), HOST("h", 80), OK },
	{ L, "8080:h:80:[", BAD("malformed field") },
	{ L, "8080:/a]b", L, PORT(8080), PATH("/a]b"), OK },
	{ L, "8080:[/a\\]", L, PORT(8080), PATH("/a\\"), OK },
	{ L, "[/a]:h:80", L, PATH("/a"), HOST("h", 80), OK },
	{ L, "x\\/y:1:/z", L, HOST("x/y", 1), PATH("/z"), OK },
	{ L, "\\/a:h:80", BAD("bad listen port") },
	{ L, "8080:/%%", L, PORT(8080), PATH("/%"), OK },
	{ L, "8080:/%%h%", BAD("bad % token") },
	{ L, "8080:/%T", BAD("bad % token") },
	{ L, "8080:/%C", BAD("needs what is not known") },
	{ L, "8080:%%:80", L, PORT(8080), HOST("%%", 80), OK },
	{ L, "8080:${AB}", L, PORT(8080), HOST("h", 80), OK },
	{ L, "8080:${EMPTY}:80", L, PORT(8080), HOST("", 80), OK },
	{ L, "8080:${REC}:80", L, PORT(8080), HOST("${PT}", 80), OK },
	{ L, "8080:${}:80", BAD("bad variable") },
	{ L, "8080:${PT:80", BAD("bad variable") },
	{ L, "8080:$$\\{h:80", L, PORT(8080), HOST("$${h", 80), OK },
	{ L, "8080:\xff\xfe:80", L, PORT(8080), HOST("\xff\xfe", 80), OK },
	{ L, "8080:a\nb:80", L, PORT(8080), HOST("a\nb", 80), OK },
	{ RD, "8080", RD, PORT(8080), SOCKS, OK },
	{ W, "h:22", W, NOTHING, HOST("h", 22), OK },
	{ W, "[fe80::1%eth0]:22", W, NOTHING, HOST("fe80::1%eth0", 22), OK },
	{ W, "22", W, NOTHING, PORT(22), OK },
	{ W, ":22", W, NOTHING, HOST("", 22), OK },
	{ W, "/s/%h", W, NOTHING, PATH("/s/%h"), OK },
	{ W, "/s/a:/s/b", W, NOTHING, PATH("/s/a"), OK },
	{ W, "${AB}", W, NOTHING, HOST("h", 80), OK },
	{ W, "a:h:22", BAD("too many fields") },
	{ W, "h:0", BAD("bad listen port") },
	{ T, "0", T, UNIT("0"), UNIT("any"), OK },
	{ T, "any:1", T, UNIT("any"), UNIT("1"), OK },
	{ T, "ANY:+01", T, UNIT("any"), UNIT("1"), OK },
	{ T, "2147483645", T, UNIT("2147483645"), UNIT("any"), OK },
	{ T, "2147483646", BAD("bad tunnel device") },
	{ T, "1:", BAD("bad tunnel device") },
	{ T, ":1", BAD("bad tunnel device") },
	{ T, "1:2:3", BAD("bad tunnel device") },
	{ T, "-1", BAD("bad tunnel device") },
	{ T, "", BAD("bad tunnel device") }
};

static void
check_string(const char *got, const char *want)
{
	if (want == NULL)
		ck_assert_ptr_null(got);
	else {
		ck_assert_ptr_nonnull(got);
		ck_assert_str_eq(got, want);
	}
}

static void
check_end(const struct tun_end *got, const struct tun_end *want)
{
	check_string(got->path, want->path);
	check_string(got->host, want->host);
	ck_assert_int_eq(got->port, want->port);
}

/* What was accepted can be written, and means the same when read again. */
static void
check_round(struct arena *a, const struct tun_forward *fwd)
{
	struct tun_forward again;
	const char *errstr;
	char buf[4096], small[8];
	int n;

	n = tun_forward_format(fwd, buf, sizeof(buf));
	ck_assert_int_eq(n, strlen(buf));
	ck_assert_msg(forward_parse(a, fwd->kind, buf, NULL, &again,
	    &errstr) == 0, "%s: %s", buf, errstr);
	ck_assert_msg(tun_forward_cmp(fwd, &again) == 0, "%s", buf);

	ck_assert_int_eq(tun_forward_format(fwd, NULL, 0), n);
	ck_assert_int_eq(tun_forward_format(fwd, small, sizeof(small)), n);
	ck_assert_int_eq(strncmp(small, buf, sizeof(small) - 1), 0);
	ck_assert_int_lt(strlen(small), sizeof(small));
}

static void
check_row(const struct row *row)
{
	struct tun_forward fwd;
	struct arena *a;
	const char *errstr = NULL;
	int r;

	ck_assert_ptr_nonnull(a = arena_new());
	errno = 0;
	r = forward_parse(a, row->option, row->spec, &known, &fwd, &errstr);
	if (row->why != NULL) {
		ck_assert_fails(r, EINVAL);
		ck_assert_str_eq(errstr, row->why);
	} else {
		ck_assert_msg(r == 0, "%s: %s", row->spec, errstr);
		ck_assert_int_eq(fwd.kind, row->kind);
		check_end(&fwd.listen, &row->listen);
		check_end(&fwd.connect, &row->connect);
		check_round(a, &fwd);
	}
	arena_free(a);
}

START_TEST(vector)
{
	check_row(&vectors[_i]);
}
END_TEST

START_TEST(corner)
{
	check_row(&corners[_i]);
}
END_TEST

/* Two words, as in ssh_config. */
static const struct {
	enum tun_fwd_kind option;
	const char *words[4];
	enum tun_fwd_kind kind;
	struct tun_end listen, connect;
	const char *why;
} words[] = {
	{ L, { "8080", "host:80" }, L, PORT(8080), HOST("host", 80), OK },
	{ L, { "8080:host", "80" }, L, PORT(8080), HOST("host", 80), OK },
	{ L, { "8080", "/s/b" }, L, PORT(8080), PATH("/s/b"), OK },
	{ L, { "${PT}", "${AB}" }, L, PORT(8123), HOST("h", 80), OK },
	{ L, { "8080:host:80" }, BAD("no target") },
	{ L, { "8080", "" }, BAD("no target") },
	{ L, { "8080", "host:80", "x" }, BAD("too many words") },
	{ L, { "" }, BAD("empty") },
	{ L, { NULL }, BAD("empty") },
	{ R, { "8080" }, RD, PORT(8080), SOCKS, OK },
	{ R, { "8080", "" }, RD, PORT(8080), SOCKS, OK },
	{ R, { "0", "host:80" }, R, PORT(0), HOST("host", 80), OK },
	/* One word is read as dynamic, which may still lead to a path. */
	{ R, { "8080:/s" }, R, PORT(8080), PATH("/s"), OK },
	{ R, { "8080:host:80" }, BAD("too many fields") },
	/* Two words are never read as dynamic. */
	{ R, { "bind", "8080" }, BAD("too few fields") },
	{ D, { "1080" }, D, PORT(1080), SOCKS, OK },
	{ D, { "1080", "host:80" }, BAD("too many words") },
	/* Cut at 255 bytes: of ":12345", "123" is left. */
	{ L, { "8080", TEN(TEN("hh")) TEN("hhhh") "hhhhhh:12345" }, L,
	    PORT(8080), HOST(TEN(TEN("hh")) TEN("hhhh") "hhhhhh", 123), OK },
	{ D, { TEN(TEN("hh")) TEN("hhhhh") "h:1080" }, D,
	    HOST(TEN(TEN("hh")) TEN("hhhhh") "h", 108), SOCKS, OK }
};

START_TEST(config_words)
{
	struct tun_forward fwd;
	struct arena *a;
	const char *errstr;
	size_t n = 0;
	int r;

	while (words[_i].words[n] != NULL)
		n++;
	ck_assert_ptr_nonnull(a = arena_new());
	r = forward_parse_words(a, words[_i].option, words[_i].words, n,
	    &known, &fwd, &errstr);
	if (words[_i].why != NULL) {
		ck_assert_int_eq(r, -1);
		ck_assert_str_eq(errstr, words[_i].why);
	} else {
		ck_assert_int_eq(r, 0);
		ck_assert_int_eq(fwd.kind, words[_i].kind);
		check_end(&fwd.listen, &words[_i].listen);
		check_end(&fwd.connect, &words[_i].connect);
		check_round(a, &fwd);
	}
	arena_free(a);
}
END_TEST

/* What is not known is never guessed. */
START_TEST(unknown)
{
	static const struct expand user = {
		NULL, "/root", "root", "0", NULL, NULL, NULL, NULL, NULL, NULL,
		NULL, NULL, NULL, NULL, NULL, 0
	};
	static const char *const specs[] = {
		"${PT}:h:80", "/s/%h:h:80", "1:/s/%C", "1:/s/%n", "1:/s/%p",
		"1:/s/%r", "1:/s/%l", "1:/s/%L", "1:/s/%k", "1:/s/%j"
	};
	struct tun_forward fwd;
	struct arena *a;
	const char *errstr = NULL;
	size_t i;

	ck_assert_ptr_nonnull(a = arena_new());
	for (i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		ck_assert_int_eq(forward_parse(a, L, specs[i], &user, &fwd,
		    &errstr), -1);
		ck_assert_ptr_eq(errstr, fwd_errstr_unknown);
	}
	ck_assert_int_eq(forward_parse(a, L, "1:%d/%u-%i", &user, &fwd,
	    &errstr), 0);
	ck_assert_str_eq(fwd.connect.path, "/root/root-0");
	ck_assert_int_eq(forward_parse(a, TUN_FWD_STDIO, "${PT}", NULL,
	    &fwd, &errstr), -1);
	ck_assert_ptr_eq(errstr, fwd_errstr_unknown);
	arena_free(a);
}
END_TEST

/* Hostile argv times hostile environment: a ceiling, not gigabytes. */
START_TEST(ceiling)
{
	static char big[70000], spec[200];
	const char *const large[] = { big, "E=", NULL };
	struct expand x;
	struct tun_forward fwd;
	struct arena *a;
	const char *errstr = NULL;
	int i;

	memset(&x, 0, sizeof(x));
	x.env = large;
	memset(big, '0', sizeof(big) - 1);
	memcpy(big, "A=", 2);
	ck_assert_ptr_nonnull(a = arena_new());
	ck_assert_int_eq(forward_parse(a, D, "${A}80", &x, &fwd, &errstr), -1);
	ck_assert_str_eq(errstr, "too long");
	big[65536 + 2] = '\0';
	ck_assert_int_eq(forward_parse(a, D, "${A}80", &x, &fwd, &errstr), 0);
	ck_assert_int_eq(fwd.listen.port, 80);
	ck_assert_int_eq(forward_parse(a, D, "${A}${A}80", &x, &fwd, &errstr),
	    -1);
	for (i = 0; i < 17; i++)
		strcat(spec, "${E}");
	strcat(spec, "80");
	ck_assert_int_eq(forward_parse(a, D, spec, &x, &fwd, &errstr), -1);
	ck_assert_int_eq(forward_parse(a, D, spec + 4, &x, &fwd, &errstr), 0);
	arena_free(a);
}
END_TEST

/* The public face: the caller's own environment and user. */
START_TEST(public_parse)
{
	struct tun_forward *fwd;
	const char *errstr = NULL;
	char want[64];

	ck_assert_int_eq(setenv("FWD_TEST", "8008", 1), 0);
	fwd = tun_forward_parse(L, "${FWD_TEST}:/x/%i%%", &errstr);
	ck_assert_ptr_nonnull(fwd);
	ck_assert_int_eq(fwd->listen.port, 8008);
	snprintf(want, sizeof(want), "/x/%lu%%", (unsigned long)getuid());
	ck_assert_str_eq(fwd->connect.path, want);
	tun_forward_free(fwd);

	ck_assert_ptr_null(tun_forward_parse(L, "1:/x/%h", &errstr));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_eq(errstr, fwd_errstr_unknown);
	ck_assert_ptr_null(tun_forward_parse(L, "8080", &errstr));
	ck_assert_str_eq(errstr, "too few fields");
	ck_assert_int_eq(unsetenv("FWD_TEST"), 0);
	tun_forward_free(NULL);
}
END_TEST

/* How it is written, where there is a choice. */
static const struct {
	enum tun_fwd_kind option;
	const char *spec, *want;
} formats[] = {
	{ L, "+080:host:http", "80:host:80" },
	{ L, "[::1]:1:[h]:2", "[::1]:1:h:2" },
	{ L, "[/a:b]:h:2", "/a\\:b:h:2" },
	{ L, "[ x]:1:h:2", "\\ x:1:h:2" },
	{ L, "[ /x]:h:2", "\\ /x:h:2" },
	{ L, "8080: host:80", "8080: host:80" },
	{ L, "[a\\]:1:h:2", "a\\\\:1:h:2" },
	{ L, "\\[a]:1:h:2", "\\[a]:1:h:2" },
	{ L, "a\\:]:1:h:2", "a\\:]:1:h:2" },
	{ L, "b:1:[a:/]:2", "b:1:a\\:\\/:2" },
	{ L, "b\\/c:1:/x", "b\\/c:1:/x" },
	{ L, "$\\{PT}:1:h:2", "$\\{PT}:1:h:2" },
	{ L, "1:/$\\{PT}", "1:/$\\{PT}" },
	{ L, "a\\:$\\{PT}:1:h:2", "a\\:$\\{PT}:1:h:2" },
	{ L, "1:/%%", "1:/%%" },
	{ L, ":1::2", ":1::2" },
	{ R, "[]:0", ":0" },
	{ W, "[fe80::1]:22", "[fe80::1]:22" },
	{ W, "/x%h", "/x%h" },
	{ W, "80", "80" },
	{ T, "00", "0:any" },
	{ T, "Any:+7", "any:7" }
};

START_TEST(format)
{
	struct tun_forward fwd;
	struct arena *a;
	const char *errstr;
	char buf[128];

	ck_assert_ptr_nonnull(a = arena_new());
	ck_assert_int_eq(forward_parse(a, formats[_i].option,
	    formats[_i].spec, &known, &fwd, &errstr), 0);
	tun_forward_format(&fwd, buf, sizeof(buf));
	ck_assert_str_eq(buf, formats[_i].want);
	arena_free(a);
}
END_TEST

/* In ascending order: each differs from the next in one thing. */
START_TEST(order)
{
	static const struct tun_forward fwds[] = {
		{ L, PATH("/a"), HOST("h", 1) },
		{ L, PATH("/b"), HOST("h", 1) },
		{ L, PORT(1), PATH("/a") },
		{ L, PORT(1), PATH("/b") },
		{ L, PORT(1), HOST("", 1) },
		{ L, PORT(1), HOST("h", 1) },
		{ L, PORT(1), HOST("h", 2) },
		{ L, HOST("", 1), HOST("h", 1) },
		{ L, HOST("x", 1), HOST("h", 1) },
		{ L, PORT(2), HOST("h", 1) },
		{ R, PORT(1), HOST("h", 1) },
		{ D, PORT(1), SOCKS },
		{ RD, PORT(1), SOCKS }
	};
	int i, j, d;

	for (i = 0; i < NROWS(fwds); i++)
		for (j = 0; j < NROWS(fwds); j++) {
			d = tun_forward_cmp(&fwds[i], &fwds[j]);
			ck_assert_int_eq((d > 0) - (d < 0),
			    (i > j) - (i < j));
		}
}
END_TEST

START_TEST(is_local)
{
	static const int local[] = { [L] = 1, [D] = 1, [R] = 0, [RD] = 0,
	    [TUN_FWD_STDIO] = 0, [TUN_FWD_DEVICE] = 0 };
	struct tun_forward fwd = { .kind = (enum tun_fwd_kind)_i };

	ck_assert_int_eq(tun_forward_is_local(&fwd), local[_i]);
}
END_TEST

static const struct {
	struct tun_forward a, b;
	int same;
} listeners[] = {
	{ { L, PORT(1), HOST("h", 1) }, { L, PORT(1), PATH("/a") }, 1 },
	{ { L, PORT(1), HOST("h", 1) }, { D, PORT(1), SOCKS }, 1 },
	{ { L, PORT(1), SOCKS }, { L, HOST("localhost", 1), SOCKS }, 1 },
	{ { L, HOST("", 1), SOCKS }, { L, HOST("*", 1), SOCKS }, 1 },
	{ { L, PATH("/a"), SOCKS }, { L, PATH("/a"), HOST("h", 1) }, 1 },
	{ { R, PORT(1), HOST("h", 1) }, { RD, PORT(1), SOCKS }, 1 },
	{ { L, PORT(1), SOCKS }, { R, PORT(1), SOCKS }, 0 },
	{ { L, PORT(1), SOCKS }, { L, PORT(2), SOCKS }, 0 },
	{ { L, PORT(1), SOCKS }, { L, HOST("", 1), SOCKS }, 0 },
	{ { L, PORT(1), SOCKS }, { L, HOST("127.0.0.1", 1), SOCKS }, 0 },
	{ { L, PATH("/a"), SOCKS }, { L, PATH("/b"), SOCKS }, 0 },
	{ { L, PATH("/a"), SOCKS }, { L, PORT(1), SOCKS }, 0 },
	/* "-L %i-a.sock:h:1" and "-L %i-b.sock:h:1" were one and the same. */
	{ { L, NOTHING, HOST("h", 1) }, { L, NOTHING, HOST("h", 1) }, 0 },
	{ { L, NOTHING, HOST("h", 1) }, { L, PORT(1), HOST("h", 1) }, 0 },
	/* The server chooses a port for each target. */
	{ { R, PORT(0), PORT(1) }, { R, PORT(0), PORT(2) }, 0 },
	{ { R, PORT(0), PORT(1) }, { R, PORT(0), PORT(1) }, 1 }
};

START_TEST(same_listener)
{
	ck_assert_int_eq(tun_forward_same_listener(&listeners[_i].a,
	    &listeners[_i].b), listeners[_i].same);
	ck_assert_int_eq(tun_forward_same_listener(&listeners[_i].b,
	    &listeners[_i].a), listeners[_i].same);
}
END_TEST

Suite *
forward_suite(void)
{
	Suite *s = suite_create("forward");

	add_tests(s, "parse", ROWS(vector, vectors), ROWS(corner, corners),
	    ROWS(config_words, words), TEST(unknown), TEST(ceiling),
	    TEST(public_parse));
	add_tests(s, "format", ROWS(format, formats), TEST(order),
	    TIMES(is_local, TUN_FWD_DEVICE + 1), ROWS(same_listener,
	    listeners));
	return s;
}
