/* SPDX-License-Identifier: ISC */
/*
 * Offsets, sizes and numbers as the real headers have them, on amd64.  The
 * layout.c of each system is nothing but these lines: a header of ours that
 * is laid out differently does not compile.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stddef.h>

/* Of the struct that S stands for, and of its members: offset and size. */
#define SIZE(n)							\
	_Static_assert(sizeof(S) == (n), "size")
#define AT(member, off, n)					\
	_Static_assert(offsetof(S, member) == (off) &&		\
	    sizeof(((S *)0)->member) == (n), #member)
#define IS(name, value)						\
	_Static_assert((long long)(name) == (value), #name)

#endif
