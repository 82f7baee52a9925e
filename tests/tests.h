/* SPDX-License-Identifier: ISC */
/* What the suites share: one Suite a file, named like the file. */
#ifndef TESTS_H
#define TESTS_H

#include <check.h>

#include "config.h"

/* Was this built to look at the processes of this machine? */
#ifdef PLATFORM_UNSUPPORTED
#define IS_LIVE	0
#else
#define IS_LIVE	1
#endif

/* Does the list of unix sockets tell which file each is? */
#ifdef HAVE_LIBMNL
#define INODES	1
#else
#define INODES	0
#endif

/* Every suite; X.c of tests/libfind or tests/platform has X_suite(). */
#define SUITES(X)	\
	X(accessors)	\
	X(addr)		\
	X(arena)	\
	X(bind_addr)	\
	X(candidates)	\
	X(channels)	\
	X(cmdline)	\
	X(config)	\
	X(confine)	\
	X(control)	\
	X(descendants)	\
	X(device)	\
	X(export)	\
	X(forward)	\
	X(guard)	\
	X(health)	\
	X(held)		\
	X(id)		\
	X(join)		\
	X(journal)	\
	X(key_line)	\
	X(list)		\
	X(listener_owner)	\
	X(masters)	\
	X(match)	\
	X(mounts)	\
	X(mux)		\
	X(netlink)	\
	X(open_channels)	\
	X(origin)	\
	X(path)		\
	X(pattern)	\
	X(peers)	\
	X(plat)		\
	X(port_filter)	\
	X(port_owner)	\
	X(reach)	\
	X(resolve)	\
	X(scan)		\
	X(select)	\
	X(signal)	\
	X(sockset)	\
	X(sshd)		\
	X(sshd_settings)	\
	X(stop)		\
	X(table)	\
	X(told)		\
	X(transport)	\
	X(unexplained)	\
	X(verdict)

#define SUITE_PROTOTYPE(name)	Suite *name##_suite(void);
SUITES(SUITE_PROTOTYPE)

/* The call returns -1 and says so in errno. */
#define ck_assert_fails(call, error) do {	\
	ck_assert_int_eq(call, -1);		\
	ck_assert_int_eq(errno, error);		\
} while (0)

#define NROWS(table)	((int)(sizeof(table) / sizeof((table)[0])))

/* What START_TEST() defines. */
#if CHECK_MAJOR_VERSION == 0 && CHECK_MINOR_VERSION < 13
typedef TFun test_t;
#else
typedef const TTest *test_t;
#endif

/* A test, and for which values of _i it is run. */
struct test {
	test_t test;
	int times;
};
#define TEST(test)		{ test, 1 }
#define TIMES(test, times)	{ test, times }
#define ROWS(test, table)	{ test, NROWS(table) }

/* add_tests(s, "name", TEST(...), ...): a test case of the suite. */
#define add_tests(s, name, ...)	\
	add_case(s, name, (const struct test[]){ __VA_ARGS__, { NULL, 0 } })

/* A context of this recorded table. */
struct tun_ctx *open_table(const char *text);

TCase	*add_case(Suite *s, const char *name, const struct test *tests);

#endif
