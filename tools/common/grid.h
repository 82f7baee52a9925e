/* SPDX-License-Identifier: ISC */
/* Tables of cells: aligned for people, raw for programs. */
#ifndef GRID_H
#define GRID_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/color.h"

/* What is in a cell. */
enum cell_type {
	CELL_UNKNOWN,
	CELL_NONE,
	CELL_NUMBER,
	CELL_TEXT
};

struct cell {
	enum cell_type type;
	int64_t number;
	char *text;		/* byte-exact; the reader frees it */
	enum tone tone;
};

/* The form in which a number is printed for people. */
enum form {
	FORM_TEXT,
	FORM_COUNT,
	FORM_AGE,		/* seconds */
	FORM_DATE,		/* seconds since the epoch */
	FORM_BYTES,
	FORM_USEC
};

struct grid_column {
	const char *name;
	enum form form;
	size_t least;		/* it is not cut to less; 0: not cut at all */
	int rank;		/* the greatest are cut and left out first */
};

struct grid {
	const struct grid_column *cols;
	size_t ncols, nrows;
	struct cell *cells;	/* row by row; freed by grid_free() */
	int titles;
	size_t width;		/* of the terminal; 0: any fits */
	FILE *fp;		/* NULL: stdout */
	const char *marks;	/* a character before each row, or NULL */
	int color;		/* tones; headings and marked rows are bold */
	/* Prints more about a row, below it; or NULL. */
	void (*below)(FILE *fp, const struct grid *grid, size_t row);
	const void *arg;	/* passed to below() */
};

/*
 * Each row takes one line that fits the terminal, whatever is in it: columns
 * are cut to their least widths, then those are left out that still do not fit,
 * and "+3" after the first line says how many.  A column of rank 0 is never cut
 * or left out; in the first column a text of more than a third of the line
 * moves the rest of its own line to the right instead.
 */
void	 grid_table(const struct grid *grid);
/* For below(): prints the names of the columns whose value is not known. */
void	 grid_unknown(FILE *fp, const struct grid *grid, size_t row);
/* Prints with one blank between fields; see tool_raw(). */
void	 grid_raw(const struct grid *grid);
void	 grid_free(struct grid *grid);

/* fit.c: what fits the terminal. */

/*
 * Changes the widths of the columns of texts so that a line fits; one that is
 * left out gets FIT_OUT.  Returns the number of those.
 */
size_t	 fit_columns(const struct grid *grid, char *const *texts,
	    size_t *widths);
#define FIT_OUT	SIZE_MAX
#define FIT_GAP	2		/* blanks between columns */
/* The columns of a line that are left beside its mark. */
size_t	 fit_room(const struct grid *grid);
/* Cuts s to this width, which is not 0; a '+' shows that it was cut. */
void	 fit_cut(char *s, size_t width);
/* Escapes, prints and frees a text; see tool_fold(). */
void	 fit_fold(FILE *fp, size_t width, char *text);

#endif
