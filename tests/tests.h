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

/* Every suite; X.c of tests/libfind or tests/platform has X_suite(). */
#define SUITES(X)	\
	X(accessors)	\
	X(addr)		\
	X(bind_addr)	\
	X(channels)	\
	X(cmdline)	\
	X(config)	\
	X(confine)	\
	X(control)	\
	X(descendants)	\
	X(export)	\
	X(forward)	\
	X(guard)	\
	X(health)	\
	X(held)		\
	X(id)		\
	X(join)		\
	X(journal)	\
	X(list)		\
	X(listener_owner)	\
	X(masters)	\
	X(match)	\
	X(mounts)	\
	X(mux)		\
	X(netlink)	\
	X(origin)	\
	X(path)		\
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
	X(stop)		\
	X(table)	\
	X(transport)	\
	X(unexplained)	\
	X(verdict)

#define SUITE_PROTOTYPE(name)	Suite *name##_suite(void);
SUITES(SUITE_PROTOTYPE)

/* Rows of a table, for tcase_add_loop_test(tc, test, 0, NROWS(table)). */
#define NROWS(table)	((int)(sizeof(table) / sizeof((table)[0])))

#endif
