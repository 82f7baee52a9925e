/* SPDX-License-Identifier: ISC */
/* libfind/act/probe.c: what is refused before anything is asked. */
#include <check.h>
#include <errno.h>
#include <stddef.h>

#include "libfind.h"
#include "tests.h"

/* With no time a master was called hung that was never asked. */
START_TEST(negative_time)
{
	struct tun_ctx *ctx = open_table("libfind-table 1\n"
	    "system caps=0x79ff now=1700000100000000 uid=1000\n"
	    "proc pid=100 name=ssh ppid=1 pgid=100 sid=100 uid=1000 ruid=1000 "
	    "ident=100 masks=1 sigcgt=0x8014007 state=S comm=ssh\n"
	    "args ssh -fNM -S /nowhere/cm -L 8008:h:80 host\n"
	    "exe /usr/bin/ssh\n");
	struct tun_list *list;
	const struct tun *t;

	ck_assert_int_eq(tun_scan(ctx, TUN_SCAN_STATES, &list), 0);
	ck_assert_ptr_nonnull(t = tun_next(list, NULL));
	ck_assert_fails(tun_check(ctx, &t, 1, TUN_ASK_MASTER, -1), EINVAL);
	ck_assert_int_ne(t->ctl, TUN_CTL_HUNG);
	ck_assert_fails(tun_check(ctx, NULL, 0, 0, -1), EINVAL);
	ck_assert_int_eq(tun_check(ctx, &t, 1, TUN_ASK_MASTER, 0), 0);
	tun_list_free(list);
	tun_close(ctx);
}
END_TEST

Suite *
probe_suite(void)
{
	Suite *s = suite_create("probe");

	add_tests(s, "refused", TEST(negative_time));
	return s;
}
