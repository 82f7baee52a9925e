/* SPDX-License-Identifier: ISC */
/* libfind/candidates.c: the processes that a scan keeps. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "process/process.h"
#include "tests.h"

/* The first one is dropped, the second fails. */
static int
look(struct scan *s, struct facts *f)
{
	if (f == s->facts[0])
		return 0;
	errno = EMFILE;
	return -1;
}

/* A scan that fails frees what is left, also of those that were dropped. */
START_TEST(drop_then_fail)
{
	struct scan s = { 0 };
	size_t i;

	s.ctx = open_table("libfind-table 1\nsystem caps=0x79ff now=1\n");
	ck_assert_ptr_nonnull(s.a = arena_new());
	for (i = 0; i < 2; i++) {
		ck_assert_ptr_nonnull(scan_add(&s));
		s.facts[i]->row.pid = 100;
		ck_assert_ptr_nonnull(s.facts[i]->fds =
		    malloc(sizeof(struct plat_fd)));
	}
	ck_assert_int_eq(scan_each_pinned(&s, look), -1);
	ck_assert_ptr_null(s.facts[0]->fds);
	ck_assert_ptr_nonnull(s.facts[1]->fds);
	free(s.facts[1]->fds);
	free(s.facts);
	arena_free(s.a);
	tun_close(s.ctx);
}
END_TEST

Suite *
candidates_suite(void)
{
	Suite *s = suite_create("candidates");

	add_tests(s, "candidates", TEST(drop_then_fail));
	return s;
}
