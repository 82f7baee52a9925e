/* SPDX-License-Identifier: ISC */
/* libfind/ctl.c: which listeners are a master's, by what ssh calls them. */
#include <sys/socket.h>

#include <check.h>
#include <string.h>

#include "internal.h"
#include "tests.h"

static const struct {
	const char *name;
	unsigned backlog;	/* 0: the source does not say */
	const char *path;	/* NULL: it is none */
} names[] = {
	{ "/tmp/cm.0123456789abcDEF", 64, "/tmp/cm" },
	{ "/tmp/cm.0123456789abcDEF", 0, "/tmp/cm" },
	{ "/tmp/cm.0123456789abcDEF", 128, NULL },	/* -L /path */
	{ "cm.with.dots.0123456789abcDEF", 64, "cm.with.dots" },
	{ "/tmp/cm", 64, NULL },
	{ "/tmp/cm.0123456789abcDE", 64, NULL },
	{ "/tmp/cm.0123456789abcDEF0", 64, NULL },
	{ "/tmp/cm.0123456789abcDE/", 64, NULL },
	{ "/tmp/cm.0123456789abcD\351F", 64, NULL },
	{ "/tmp/cm-0123456789abcDEF", 64, NULL },
	{ ".0123456789abcDEF", 64, NULL },	/* of nothing */
	{ "", 64, NULL },
};

START_TEST(name)
{
	struct plat_sock sk;
	struct arena *a = arena_new();

	ck_assert_ptr_nonnull(a);
	memset(&sk, 0, sizeof(sk));
	sk.family = AF_UNIX;
	sk.known = names[_i].backlog != 0 ? PLAT_SOCK_QUEUES : 0;
	sk.wq = names[_i].backlog;
	strcpy(sk.path, names[_i].name);
	sk.pathlen = strlen(sk.path);
	/* What it has accepted is called the same. */
	sk.state = PLAT_TCP_ESTAB;
	ck_assert(!ctl_is_listener(&sk));
	sk.state = PLAT_TCP_LISTEN;
	ck_assert_int_eq(ctl_is_listener(&sk), names[_i].path != NULL);
	if (names[_i].path != NULL)
		ck_assert_str_eq(ctl_path(a, &sk), names[_i].path);
	arena_free(a);
}
END_TEST

Suite *
ctl_suite(void)
{
	Suite *s = suite_create("ctl");
	TCase *tc = tcase_create("ctl");

	tcase_add_loop_test(tc, name, 0, NROWS(names));
	suite_add_tcase(s, tc);
	return s;
}
