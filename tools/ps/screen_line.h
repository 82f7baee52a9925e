/* SPDX-License-Identifier: ISC */
/* One line of the screen: its sequences, and what of it fits. */
#ifndef SCREEN_LINE_H
#define SCREEN_LINE_H

#include <stddef.h>

/* The length of the sequence "\033[...m" that s begins with, or 0. */
size_t	 line_sequence(const char *s);
/*
 * The line, or of one that is wider what fits; a '+' shows that it was cut.
 * The caller frees it.
 */
char	*line_cut(const char *s, size_t width);

/* "(3 more lines)", or "" for none.  The caller frees it. */
char	*line_more(size_t more);

#endif
