/* SPDX-License-Identifier: ISC */
/* libfind/sshd_settings.c: what "sshd -T -ddd" says, and where it stands. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "permit/permit.h"
#include "tests.h"

/* As OpenSSH 9.2 prints it, shortened. */
static const char output[] =
    "debug2: load_server_config: filename /etc/s c\n"
    "debug2: parse_server_config_depth: config /etc/s c len 206\n"
    "debug3: /etc/s c:2 setting PermitOpen localhost:7001\n"
    "debug3: /etc/s c:4 setting DenyUsers x \"y z\"\n"
    "debug3: /etc/a:1.d/x:5 setting DenyUsers w\n"
    "debug3: checking syntax for 'Match User root'\n"
    "debug3: checking syntax for 'Match User ghost LocalAddress localhost'\n"
    "debug3: /etc/s c:10 setting allowtcpforwarding no\n"
    "debug1: sshd version OpenSSH_9.2, OpenSSL 3.0.19 27 Jan 2026\n"
    "debug2: parse_server_config_depth: config reprocess config len 206\n"
    "debug3: reprocess config:7 setting PermitOpen none\n"
    "debug3: reprocess config:8 setting PermitOpen any\r\n"
    "port 7777\n"
    "denyusers x\n"
    "denyusers y z\n"
    "denyusers w\n"
    "permitopen none\n"
    "forcecommand \n"
    "/etc/s c: line 3: Bad configuration option: x\n"
    "/etc/s c: terminating, 1 bad configuration options\n";

static struct arena *a;
static struct sshd_settings s;

static void
set_up(void)
{
	a = arena_new();
	ck_assert_int_eq(sshd_settings_read(a, output, &s), 0);
}

static void
tear_down(void)
{
	arena_free(a);
}

static const struct {
	const char *keyword, *file;
	unsigned line;
} places[] = {
	{ "permitopen", "/etc/s c", 7 },
	{ "allowtcpforwarding", "/etc/s c", 10 },
	{ "denyusers", "/etc/s c", 4 },
	{ "permitlisten", NULL, 0 }
};

START_TEST(place)
{
	struct permit_at at = sshd_place(&s, places[_i].keyword);

	ck_assert_uint_eq(at.line, places[_i].line);
	if (places[_i].file == NULL)
		ck_assert_ptr_null(at.file);
	else
		ck_assert_str_eq(at.file, places[_i].file);
}
END_TEST

/* The command line comes before the file, and a Match block after both. */
START_TEST(option)
{
	static const char *const options[] = { "PermitOpen=db:1",
	    "denyusersx y", "AllowTcpForwarding=yes" };

	s.options = options;
	s.noptions = 3;
	ck_assert_ptr_null(sshd_place(&s, "allowtcpforwarding").file);
	ck_assert_ptr_null(sshd_line_text(&s, "allowtcpforwarding"));
	ck_assert_uint_eq(sshd_place(&s, "denyusers").line, 4);
	ck_assert_uint_eq(sshd_place(&s, "permitopen").line, 7);
}
END_TEST

START_TEST(value)
{
	ck_assert_str_eq(sshd_value(&s, "port"), "7777");
	ck_assert_str_eq(sshd_value(&s, "permitopen"), "none");
	ck_assert_str_eq(sshd_value(&s, "forcecommand"), "");
	ck_assert_ptr_null(sshd_value(&s, "permitlisten"));
	ck_assert_int_eq(s.release, 902);
	ck_assert_uint_eq(s.nfiles, 1);
	ck_assert_str_eq(s.files[0], "/etc/s c");
	ck_assert_str_eq(s.error,
	    "/etc/s c: line 3: Bad configuration option: x");
	ck_assert_str_eq(sshd_line_text(&s, "denyusers"), "x \"y z\"");
}
END_TEST

/* OpenSSH 10.6 writes keywords as the manual does. */
START_TEST(capitals)
{
	struct sshd_settings found;

	/* It ends before it has settings. */
	ck_assert_int_eq(sshd_settings_read(a, "bad addr or host: :: (x)\n",
	    &found), 0);
	ck_assert_uint_eq(found.nvalues, 0);
	ck_assert_str_eq(found.error, "bad addr or host: :: (x)");

	ck_assert_int_eq(sshd_settings_read(a, "Missing directory: /run/sshd\n"
	    "Port 7777\nPermitOpen none\nForceCommand \n"
	    "UsePAM no\n", &found), 0);
	ck_assert_uint_eq(found.nvalues, 4);
	ck_assert_str_eq(found.error, "Missing directory: /run/sshd");
	ck_assert_str_eq(sshd_value(&found, "permitopen"), "none");
	ck_assert_str_eq(sshd_value(&found, "forcecommand"), "");
}
END_TEST

static const struct {
	const char *line;
	int by_name;
} matches[] = {
	{ "User host", 0 }, { "User ghost", 0 }, { "Address 10.0.0.0/8", 0 },
	{ "Host *.example", 1 }, { "User a host=b", 1 }
};

START_TEST(by_name)
{
	struct sshd_settings found;
	char text[256];

	ck_assert_int_eq(s.by_name, 0);
	snprintf(text, sizeof(text), "debug3: checking syntax for 'Match %s'\n",
	    matches[_i].line);
	ck_assert_int_eq(sshd_settings_read(a, text, &found), 0);
	ck_assert_int_eq(found.by_name, matches[_i].by_name);
}
END_TEST

static int
find(void *arg, const char *word, struct permit_at at)
{
	struct permit_at *found = arg;

	*found = at;
	return strcmp(word, "w") == 0;
}

START_TEST(each_word)
{
	struct permit_at at = { NULL, 0 };

	ck_assert_int_eq(sshd_words(a, &s, "denyusers", find, &at), 1);
	ck_assert_str_eq(at.file, "/etc/a:1.d/x");
	ck_assert_uint_eq(at.line, 5);
	ck_assert_int_eq(sshd_words(a, &s, "allowusers", find, &at), 0);
}
END_TEST

static const struct {
	const char *text;
	size_t n;
	const char *last;
} splits[] = {
	{ "a b", 2, "b" }, { "", 0, NULL }, { "  a\t'b c' ", 2, "b c" },
	{ "\"a b\"c", 1, "a bc" }, { "a\\ b", 1, "a b" },
	{ "a\\\"b", 1, "a\"b" }, { "'a\\'b'", 1, "a'b" }, { "a #b", 1, "a" },
	{ "a\\x", 1, "a\\x" }, { "'a\\ b'", 1, "a\\ b" }
};

START_TEST(split)
{
	const char **words;
	size_t n;

	ck_assert_int_eq(sshd_split(a, splits[_i].text, &words, &n), 0);
	ck_assert_uint_eq(n, splits[_i].n);
	if (n > 0)
		ck_assert_str_eq(words[n - 1], splits[_i].last);
}
END_TEST

Suite *
sshd_settings_suite(void)
{
	Suite *suite = suite_create("sshd_settings");
	TCase *tc = add_tests(suite, "sshd_settings", ROWS(place, places),
	    TEST(option), TEST(value), TEST(capitals), TEST(each_word),
	    ROWS(by_name, matches), ROWS(split, splits));

	tcase_add_checked_fixture(tc, set_up, tear_down);
	return suite;
}
