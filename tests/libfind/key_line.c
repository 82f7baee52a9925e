/* SPDX-License-Identifier: ISC */
/* libfind/key_line.c: lines of authorized_keys, as sshd reads them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "permit/permit.h"
#include "tests.h"

#define ED25519	"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwN" \
		"Dg8QERITFBUWFxgZGhscHR4f"
#define KEY	"ssh-ed25519 " ED25519 " comment with blanks"
#define PLAIN	(KEY_FORWARD | KEY_PTY | KEY_ANYTUN)

static const struct {
	const char *text;
	int found;
	unsigned flags;
	const char *error;
} lines[] = {
	{ "", 0, 0, NULL }, { "  # " KEY, 0, 0, NULL },
	{ "nothing", 0, 0, NULL }, { "ssh-ed25519 x", 0, 0, NULL },
	{ "ssh-unknown AAAA", 0, 0, NULL }, { "ssh-rsa AAAA%", 0, 0, NULL },
	{ "ssh-rsa-cert-v01@openssh.com AAAA comment with blanks", 1, 0,
	    "a certificate, which is no key here" },
	{ "sk-ssh-ed25519-cert-v01@openssh.com AAAA comment with blanks", 1,
	    0, "a certificate, which is no key here" },
	{ "ssh-rsa " ED25519 " comment with blanks", 1, 0,
	    "another key than its type says" },
	{ "ssh-new AAAAB3NzaC1uZXcAAAABeA== comment with blanks", 1, PLAIN,
	    NULL },
	{ "ssh-new AAAAB3NzaC1uZXcAAAAB comment with blanks", 1, 0,
	    "a damaged key" },
	{ "ssh-new " ED25519, 0, 0, NULL },
	{ KEY, 1, PLAIN, NULL }, { " \t" KEY, 1, PLAIN, NULL },
	{ "restrict " KEY, 1, KEY_RESTRICT | KEY_ANYTUN, NULL },
	{ "RESTRICT,Port-Forwarding " KEY, 1, KEY_RESTRICT | KEY_FORWARD |
	    KEY_ANYTUN, NULL },
	{ "port-forwarding,restrict " KEY, 1, KEY_RESTRICT | KEY_ANYTUN,
	    NULL },
	{ "no-port-forwarding,port-forwarding " KEY, 1, PLAIN, NULL },
	{ "no-pty\t" KEY, 1, KEY_FORWARD | KEY_ANYTUN, NULL },
	{ "cert-authority " KEY, 1, PLAIN | KEY_CA, NULL },
	{ "tunnel=\"3\" " KEY, 1, KEY_FORWARD | KEY_PTY, NULL },
	{ "tunnel=\"any\" " KEY, 1, KEY_FORWARD | KEY_PTY, NULL },
	{ "tunnel=\" +3\" " KEY, 1, KEY_FORWARD | KEY_PTY, NULL },
	{ "tunnel=\"2147483645\" " KEY, 1, KEY_FORWARD | KEY_PTY, NULL },
	{ "environment=\"A=b c\",user-rc,no-X11-forwarding " KEY, 1, PLAIN,
	    NULL },
	{ "command=\"echo \\\"a b\\\"\" " KEY, 1, PLAIN, NULL },
	{ "no-restrict " KEY, 1, 0, "unknown key option" },
	{ "no-cert-authority " KEY, 1, 0, "unknown key option" },
	{ "restricted " KEY, 1, 0, "unknown key option" },
	{ "no-pty, " KEY, 1, KEY_FORWARD | KEY_ANYTUN, NULL },
	{ ",no-pty,,user-rc " KEY, 1, KEY_FORWARD | KEY_ANYTUN, NULL },
	{ ",no-pty;user-rc " KEY, 1, 0, "unknown key option" },
	{ "x=\"y z\" " KEY, 1, 0, "unknown key option" },
	{ "command=true " KEY, 1, 0, "missing start quote" },
	{ "command=\"a\",command=\"b\" " KEY, 1, 0,
	    "multiple \"command\" clauses" },
	{ "permitopen=\"none\" " KEY, 1, 0, "invalid permitopen" },
	{ "permitlisten=\"x\" " KEY, 1, 0, "invalid permitlisten" },
	{ "expiry-time=\"tomorrow\" " KEY, 1, 0, "invalid expires time" },
	{ "expiry-time=\"202401012400Z\" " KEY, 1, 0,
	    "invalid expires time" },
	{ "expiry-time=\"202401012360Z\" " KEY, 1, 0,
	    "invalid expires time" },
	{ "expiry-time=\"20240101235961Z\" " KEY, 1, 0,
	    "invalid expires time" },
	{ "environment=\"A\" " KEY, 1, 0, "invalid environment string" },
	{ "tunnel=\"2147483646\" " KEY, 1, 0, "invalid tun device" },
	{ "tunnel=\"x\" " KEY, 1, 0, "invalid tun device" }
};

START_TEST(line)
{
	struct arena *a = arena_new();
	struct key_line key;

	memset(&key, 0, sizeof(key));
	ck_assert_int_eq(key_line_parse(a, lines[_i].text, &key),
	    lines[_i].found);
	if (lines[_i].found == 1) {
		ck_assert_str_eq(key.comment, "comment with blanks");
		if (lines[_i].error != NULL)
			ck_assert_str_eq(key.error, lines[_i].error);
		else {
			ck_assert_ptr_null(key.error);
			ck_assert_uint_eq(key.flags, lines[_i].flags);
		}
	}
	arena_free(a);
}
END_TEST

START_TEST(values)
{
	static const char text[] = "command=\"echo \\\"a b\\\"\",from=\"10.*\","
	    "permitopen=\"[::1]:7001\",permitopen=\"db:*\","
	    "permitlisten=\"7101\",principals=\"a,b\" " KEY;
	struct arena *a = arena_new();
	struct key_line key;

	memset(&key, 0, sizeof(key));
	ck_assert_int_eq(key_line_parse(a, text, &key), 1);
	ck_assert_str_eq(key.command, "echo \"a b\"");
	ck_assert_str_eq(key.from, "10.*");
	ck_assert_str_eq(key.principals, "a,b");
	ck_assert_uint_eq(key.nopens, 2);
	ck_assert_str_eq(key.opens[0].host, "::1");
	ck_assert_int_eq(key.opens[1].port, -1);
	ck_assert_uint_eq(key.nlistens, 1);
	ck_assert_str_eq(key.listens[0].host, "*");
	ck_assert_ptr_null(key.fatal);
	arena_free(a);
}
END_TEST

/* sshd takes the line, and ends each session that it begins with it. */
START_TEST(fatal)
{
	struct arena *a = arena_new();
	struct key_line key;

	memset(&key, 0, sizeof(key));
	ck_assert_int_eq(key_line_parse(a, "permitlisten=\"[::1]/7\" " KEY,
	    &key), 1);
	ck_assert_ptr_null(key.error);
	ck_assert_str_eq(key.fatal, "sshd ends each session with this key: "
	    "a '/' in permitlisten");
	arena_free(a);
}
END_TEST

#define ZEROS10	"AAAAAAAAAA"
#define ZEROS80	ZEROS10 ZEROS10 ZEROS10 ZEROS10 ZEROS10 ZEROS10 ZEROS10 ZEROS10
#define RSA	"AAAAB3NzaC1yc2EAAAADAQABAAAA"	/* up to the modulus */

static const struct {
	const char *blob;
	int whole, bits;
} blobs[] = {
	{ ED25519, 1, 0 }, { ED25519 " " ED25519, 1, 0 },
	{ ED25519 "=", 0, 0 }, { ED25519 "A", 0, 0 }, { "", 0, 0 },
	{ "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhsc"
	    "HR4feA==", 0, 0 },
	{ "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBB" ZEROS80
	    "AAAAAA=", 1, 0 },
	{ "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAzODQAAABhB" ZEROS80
	    ZEROS10 ZEROS10 ZEROS10 ZEROS10 "AAAAAAAAA==", 0, 0 },
	{ RSA "gQC" ZEROS80 ZEROS80 ZEROS10 "A==", 1, 1024 },
	{ RSA "gE" ZEROS80 ZEROS80 ZEROS10, 0, 0 },
	{ RSA "gI" ZEROS80 ZEROS80 ZEROS10, 0, 0 }
};

START_TEST(blob)
{
	struct arena *a = arena_new();
	const char *type;
	int bits;

	ck_assert_int_eq(key_blob_read(a, blobs[_i].blob, &type, &bits),
	    blobs[_i].whole);
	if (blobs[_i].whole)
		ck_assert_int_eq(bits, blobs[_i].bits);
	arena_free(a);
}
END_TEST

static const struct {
	const char *text;
	int64_t when;
} times[] = {
	{ "19700102Z", 86400 }, { "20000301Z", 951868800 },
	{ "20240229Z", 1709164800 }, { "203801190314Z", 2147483640 },
	{ "20380119031408Z", 2147483648 },
	{ "20991231235959UTC", 4102444799 },
	/* Local time, which is an hour ahead. */
	{ "20240229", 1709164800 - 3600 },
	/* sshd does not ask whether it is summer then. */
	{ "20240701", 1719792000 - 3600 }
};

START_TEST(expiry)
{
	struct arena *a = arena_new();
	struct key_line key;
	char text[256];

	setenv("TZ", "XXX-1YYY-2,M3.5.0,M10.5.0/3", 1);
	memset(&key, 0, sizeof(key));
	/* The earlier one of two counts. */
	snprintf(text, sizeof(text), "expiry-time=\"21000101Z\","
	    "expiry-time=\"%s\" " KEY, times[_i].text);
	ck_assert_int_eq(key_line_parse(a, text, &key), 1);
	ck_assert_ptr_null(key.error);
	ck_assert_int_eq(key.expires, times[_i].when);
	arena_free(a);
}
END_TEST

Suite *
key_line_suite(void)
{
	Suite *s = suite_create("key_line");

	add_tests(s, "key_line", ROWS(line, lines), TEST(values),
	    TEST(fatal), ROWS(blob, blobs), ROWS(expiry, times));
	return s;
}
