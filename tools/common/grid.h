/* SPDX-License-Identifier: ISC */
/* Tables of cells: aligned for people, raw for programs. */
#ifndef GRID_H
#define GRID_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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
	int whole;		/* never cut on a narrow terminal */
};

struct grid {
	const struct grid_column *cols;
	size_t ncols, nrows;
	struct cell *cells;	/* row by row; freed by grid_free() */
	int titles;
	size_t width;		/* of the terminal; 0: do not cut */
	FILE *fp;		/* NULL: stdout */
	const char *marks;	/* a character before each row, or NULL */
	int bold;		/* rows with a mark are bold */
	/* Prints more about a row, below it; or NULL. */
	void (*below)(FILE *fp, const struct grid *grid, size_t row);
	const void *arg;	/* passed to below() */
};

/* The width of the terminal that standard output is; 0: it is none. */
size_t	 grid_width(void);
void	 grid_table(const struct grid *grid);
/* For below(): prints the names of the columns whose value is not known. */
void	 grid_unknown(FILE *fp, const struct grid *grid, size_t row);
/* Prints with one blank between fields; see tool_raw(). */
void	 grid_raw(const struct grid *grid);
void	 grid_free(struct grid *grid);

#endif
