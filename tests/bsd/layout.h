/* SPDX-License-Identifier: ISC */
/*
 * Offsets, sizes and numbers as the real headers have them, on amd64.  The
 * layout.c of each system is nothing but these lines: a header of ours that
 * is laid out differently does not compile.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stddef.h>

#define SIZE(type, n)						\
	_Static_assert(sizeof(type) == (n), #type)
#define AT(type, member, off, n)				\
	_Static_assert(offsetof(type, member) == (off) &&	\
	    sizeof(((type *)0)->member) == (n), #type "." #member)
#define IS(name, value)						\
	_Static_assert((long long)(name) == (value), #name)

#endif
