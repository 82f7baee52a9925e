/* SPDX-License-Identifier: ISC */
/*
 * Run every suite and report as TAP.  Check's own variables choose what runs:
 * CK_RUN_SUITE, CK_RUN_CASE, CK_EXCLUDE_TAGS, CK_FORK=no (for a debugger).
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libfind.h"
#include "tests.h"

#define SUITE_FUNCTION(name)	name##_suite,

struct tun_ctx *
open_table(const char *text)
{
	char path[] = "/tmp/table.XXXXXX";
	struct tun_ctx *ctx;
	int fd;

	ck_assert_int_ne(fd = mkstemp(path), -1);
	ck_assert_int_eq(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	close(fd);
	ctx = tun_open(path);
	unlink(path);
	ck_assert_ptr_nonnull(ctx);
	return ctx;
}

TCase *
add_case(Suite *s, const char *name, const struct test *tests)
{
	TCase *tc = tcase_create(name);

	/* For what hangs: a busy machine may take its time. */
	tcase_set_timeout(tc, 180);
	for (; tests->test != NULL; tests++)
		tcase_add_loop_test(tc, tests->test, 0, tests->times);
	suite_add_tcase(s, tc);
	return tc;
}

int
main(void)
{
	static Suite *(*const suites[])(void) = { SUITES(SUITE_FUNCTION) };
	SRunner *runner;
	size_t i;
	int failed;

	/* If our parent ignores it, the status of a child is lost. */
	signal(SIGCHLD, SIG_DFL);
	/* A user's group may have no other member, and may then write. */
	umask(022);
	runner = srunner_create(NULL);
	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		srunner_add_suite(runner, suites[i]());

	if (!IS_LIVE)
		puts("# no live system in this build, so without plat, "
		    "signal, netlink and\n# the two of port_owner that look "
		    "at this process");
	fflush(stdout);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
