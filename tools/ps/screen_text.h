/* SPDX-License-Identifier: ISC */
/* The lines of a screen, whatever draws them. */
#ifndef SCREEN_TEXT_H
#define SCREEN_TEXT_H

#include <stddef.h>

#include "common/out.h"
#include "ps/rounds.h"

/* Lines as a terminal shows them; of its sequences only "\033[...m". */
struct screen_text {
	struct screen_line {
		char *s;
		size_t row;	/* what it belongs to */
	} *v;
	size_t n, room;
};

/* Appends the lines of s. */
void	 text_add(struct screen_text *t, const char *s, size_t row);
/*
 * Appends a text of another program, escaped where it has to be; lines of more
 * columns than width are broken.
 */
void	 text_fold(struct screen_text *t, const char *s, size_t width);
void	 text_free(struct screen_text *t);

/* The lines of out_table() for some of the rows, as one text. */
char	*text_table(const struct view *view, const size_t *rows, size_t n,
	    const char *marks, size_t width);
/* What rounds_heading() prints. */
char	*text_heading(const struct args *args, const char *keys,
	    size_t width);
/* The evidence for a row, as it is printed below it. */
char	*text_evidence(const struct view *view, size_t row, size_t width);
/* Does a line have what a user looks for, in any case? */
int	 text_has(const char *line, const char *part);

#endif
