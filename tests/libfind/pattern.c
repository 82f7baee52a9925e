/* SPDX-License-Identifier: ISC */
/* libfind/pattern.c: patterns of sshd_config and of authorized_keys. */
#include <check.h>

#include "permit/permit.h"
#include "tests.h"

static const struct {
	const char *s, *pattern;
	int match;
} patterns[] = {
	{ "alice", "alice", 1 }, { "alice", "al*", 1 }, { "alice", "*", 1 },
	{ "alice", "?lice", 1 }, { "alice", "alic", 0 }, { "", "*", 1 },
	{ "", "?", 0 }, { "abcabd", "*abd", 1 }, { "abab", "*ab*ab*", 1 },
	{ "ab", "*ab*ab*", 0 }, { "Alice", "alice", 0 }
};

START_TEST(match)
{
	ck_assert_int_eq(pattern_match(patterns[_i].s, patterns[_i].pattern),
	    patterns[_i].match);
}
END_TEST

static const struct {
	const char *addr, *host, *list;
	int match, release;
} lists[] = {
	{ "10.9.9.2", "10.9.9.2", "10.9.9.2", 1, 0 },
	{ "10.9.9.2", "10.9.9.2", "10.9.9.*", 1, 0 },
	{ "10.9.9.2", "10.9.9.2", "10.9.0.0/16", 1, 0 },
	{ "10.9.9.2", "10.9.9.2", "10.9.9.2/31", 1, 0 },
	{ "10.9.9.2", "10.9.9.2", "10.9.9.4/30", 0, 0 },
	{ "::ffff:10.9.9.2", "h", "10.9.0.0/16", 1, 0 },
	{ "2001:db8::1", "h", "2001:db8::/32", 1, 0 },
	{ "2001:db8::1", "h", "10.0.0.0/8", 0, 0 },
	{ "2001:db8::1", "h", "0.0.0.0/0", 0, 0 },
	{ "10.1.1.1", "h", "::/0", 0, 0 },
	{ "127.0.0.1", "127.0.0.1", "!127.0.0.1,*", -1, 0 },
	{ "127.0.0.1", "127.0.0.1", "*,!127.0.0.0/8", -1, 0 },
	{ "10.1.1.1", "gw.example", "*.example", 1, 0 },
	{ "10.1.1.1", "GW.Example", "gw.EXAMPLE", 1, 0 },
	{ "10.1.1.1", "10.1.1.1", "gw.example", 0, 0 },
	/* Bits beyond the mask make sshd refuse the whole list. */
	{ "10.1.1.1", "10.1.1.1", "10.1.1.1/8,*", -1, 0 },
	{ "10.1.1.1", "10.1.1.1", "10.0.0.0/33,*", -1, 0 },
	/* So does an entry that is empty. */
	{ "10.1.1.1", "10.1.1.1", "10.1.1.1,", -1, 0 },
	{ "10.1.1.1", "10.1.1.1", "!,10.1.1.1", -1, 0 },
	{ "10.1.1.1", "10.1.1.1", "10.1.1.1,,x", -1, 0 },
	{ "10.1.1.1", "10.1.1.1", "", -1, 0 },
	/* What is no mask for any address is a pattern. */
	{ "10.1.1.1", "10.1.1.1", "10.0.0.0/255.0.0.0,10.1.1.1", 1, 0 },
	{ "10.1.1.1", "10.1.1.1", "10.0.0.0/129,10.1.1.1", 1, 907 },
	{ "10.1.1.1", "10.1.1.1", "10.0.0.0/129,10.1.1.1", -1, 908 },
	{ "10.1.1.1", "10.1.1.1", "10.0.0.0/+8", 0, 907 },
	{ "10.1.1.1", "10.1.1.1", "10.0.0.0/+8", 1, 908 },
	{ "10.0.0.1", "10.0.0.1", "10.1", 1, 0 },
	{ "10.0.0.1", "10.0.0.1", "0xa.0/8", 1, 0 },
	{ "10.0.0.1", "h", "10.1x", 0, 0 }
};

START_TEST(from)
{
	struct permit_client client = { "alice", lists[_i].host,
	    lists[_i].addr, lists[_i].release };

	ck_assert_int_eq(pattern_from(&client, lists[_i].list),
	    lists[_i].match);
}
END_TEST

static const struct {
	const char *user, *pattern;
	int match;
} users[] = {
	{ "alice", "alice", 1 }, { "alice", "al*", 1 }, { "alice", "bob", 0 },
	{ "alice", "alice@10.1.1.1", 1 }, { "alice", "alice@10.0.0.0/8", 1 },
	{ "alice", "alice@10.2.*", 0 }, { "alice", "*@*", 1 },
	{ "alice", "bob@*", 0 }, { "alice@ad", "alice@ad@10.1.1.1", 1 },
	{ "alice@ad", "alice@ad", 0 }
};

START_TEST(user)
{
	struct permit_client client = { users[_i].user, "10.1.1.1",
	    "10.1.1.1", 0 };

	ck_assert_int_eq(pattern_user(&client, users[_i].pattern),
	    users[_i].match);
}
END_TEST

static const struct {
	const char *text;
	int listens;
	const char *host;	/* NULL: refused */
	int port;
} entries[] = {
	{ "localhost:7001", 0, "localhost", 7001 },
	{ "localhost:*", 0, "localhost", -1 },
	{ "*:7001", 0, "*", 7001 },
	{ "[::1]:7001", 0, "::1", 7001 },
	{ "[/run/x.sock]:*", 0, "/run/x.sock", -1 },
	{ "localhost:07001", 0, "localhost", 7001 },
	{ "localhost/7001", 0, "localhost", 7001 },
	{ "7001", 0, NULL, 0 }, { "none", 0, NULL, 0 }, { "", 0, NULL, 0 },
	{ "localhost:0", 0, NULL, 0 }, { "localhost:", 0, NULL, 0 },
	{ "localhost:65536", 0, NULL, 0 }, { "[::1", 0, NULL, 0 },
	{ "[::1]7001", 0, NULL, 0 },
	{ "7101", 1, "*", 7101 }, { "*", 1, "*", -1 },
	{ "localhost:7101", 1, "localhost", 7101 }, { "x", 1, NULL, 0 }
};

START_TEST(entry)
{
	struct arena *a = arena_new();
	struct permit_entry e;
	const char *errstr;
	int r = permit_entry_parse(a, entries[_i].text, entries[_i].listens,
	    &e, &errstr);

	if (entries[_i].host == NULL) {
		ck_assert_int_eq(r, -1);
		ck_assert_ptr_nonnull(errstr);
	} else {
		ck_assert_int_eq(r, 0);
		ck_assert_str_eq(e.host, entries[_i].host);
		ck_assert_int_eq(e.port, entries[_i].port);
	}
	arena_free(a);
}
END_TEST

Suite *
pattern_suite(void)
{
	Suite *s = suite_create("pattern");

	add_tests(s, "pattern", ROWS(match, patterns), ROWS(from, lists),
	    ROWS(user, users), ROWS(entry, entries));
	return s;
}
