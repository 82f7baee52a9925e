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

/* Every suite; tests/X.c defines X_suite().  Alphabetical. */
#define SUITES(X)	\
	X(addr)		\
	X(cmdline)	\
	X(config)	\
	X(confine)	\
	X(conns)	\
	X(ctl)		\
	X(export)	\
	X(family)	\
	X(filter)	\
	X(forward)	\
	X(guard)	\
	X(health)	\
	X(holder)	\
	X(ident)	\
	X(join)		\
	X(list)		\
	X(masters)	\
	X(match)	\
	X(mounts)	\
	X(mux)		\
	X(origin)	\
	X(owner)	\
	X(path)		\
	X(peers)	\
	X(place)	\
	X(plat)		\
	X(reach)	\
	X(resolve)	\
	X(scan)		\
	X(select)	\
	X(server)	\
	X(signal)	\
	X(sock)		\
	X(sockset)	\
	X(stop)		\
	X(table)	\
	X(transport)	\
	X(unasked)	\
	X(verdict)	\
	X(view)

#define SUITE_PROTOTYPE(name)	Suite *name##_suite(void);
SUITES(SUITE_PROTOTYPE)

/* Rows of a table, for tcase_add_loop_test(tc, test, 0, NROWS(table)). */
#define NROWS(table)	((int)(sizeof(table) / sizeof((table)[0])))

#endif
