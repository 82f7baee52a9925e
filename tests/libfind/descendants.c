/* SPDX-License-Identifier: ISC */
/* family.c: who descends from a process, and whether we see ourselves. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "libfind.h"
#include "tests.h"

/* A shell with a child, whose own child has been adopted by init. */
#define SYSTEM(caps) \
	"libfind-table 1\n" \
	"system caps=" caps " now=1700000100000000 uid=1000\n" \
	PROC("1", "0", "init") \
	PROC("50", "1", "sh") \
	PROC("60", "50", "child") \
	PROC("70", "1", "orphan") "env TUN_RUN=50.1\n" \
	PROC("80", "1", "other") "env TUN_RUN=50.12\n"
#define PROC(pid, ppid, comm) \
	"proc pid=" pid " name=" comm " ppid=" ppid " pgid=" pid " sid=" pid \
	    " uid=1000 ruid=1000 ident=" pid \
	    " start=1700000001000000 state=S comm=" comm "\n"

START_TEST(children)
{
	struct tun_ctx *ctx = open_table(SYSTEM("0x79ff"));
	struct tun_child *v;
	size_t n;

	ck_assert_int_eq(tun_descendants(ctx, 50, NULL, &v, &n), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(v[0].pid, 60);
	ck_assert_int_eq(v[0].ppid, 50);
	ck_assert_uint_eq(v[0].ident[0], 60);
	ck_assert_str_eq(v[0].comm, "child");
	free(v);
	ck_assert_int_eq(tun_descendants(ctx, 50, "TUN_RUN=50.1", &v, &n), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(v[1].comm, "orphan");
	free(v);
	tun_close(ctx);
}
END_TEST

/* Without environments a mark is found nowhere, which means nothing. */
START_TEST(no_environments)
{
	struct tun_ctx *ctx = open_table(SYSTEM("0x69ff"));
	struct tun_child *v;
	size_t n;

	ck_assert_fails(tun_descendants(ctx, 50, "TUN_RUN=50.1", &v, &n),
	    ENOTSUP);
	ck_assert_int_eq(tun_descendants(ctx, 50, NULL, &v, &n), 0);
	free(v);
	tun_close(ctx);
}
END_TEST

START_TEST(itself)
{
	struct tun_ctx *ctx = open_table(SYSTEM("0x79ff"));

	ck_assert_int_eq(tun_sees_itself(ctx), 0);
	tun_close(ctx);
	if (!IS_LIVE)
		return;
	ck_assert_ptr_nonnull(ctx = tun_open(NULL));
	ck_assert_int_eq(tun_sees_itself(ctx), 1);
	tun_close(ctx);
}
END_TEST

Suite *
descendants_suite(void)
{
	Suite *s = suite_create("descendants");

	add_tests(s, "family", TEST(children), TEST(no_environments),
	    TEST(itself));
	return s;
}
