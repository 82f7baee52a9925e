/* SPDX-License-Identifier: ISC */
/* Tables of cells: aligned for people, raw for programs. */

#include <sys/types.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/grid.h"
#include "common/tool.h"
#include "compat/compat.h"

static FILE *
to(const struct grid *grid)
{
	return grid->fp != NULL ? grid->fp : stdout;
}

/* "1234", "12K", "3.4M": as ls -h prints them. */
static void
format_bytes(int64_t n, char *buf, size_t len)
{
	static const char units[] = "KMGTPE";
	const char *u = units;
	double x = (double)n / 1024;

	if (n < 1024) {
		snprintf(buf, len, "%lld", (long long)n);
		return;
	}
	for (; x >= 1023.5 && u[1] != '\0'; u++)
		x /= 1024;
	snprintf(buf, len, x < 9.95 ? "%.1f%c" : "%.0f%c", x, *u);
}

static void
format_number(int64_t n, enum form form, char *buf, size_t len)
{
	time_t when = (time_t)n;
	struct tm tm;

	switch (form) {
	case FORM_AGE:
		tool_age(n, buf, len);
		break;
	case FORM_BYTES:
		format_bytes(n, buf, len);
		break;
	case FORM_USEC:
		snprintf(buf, len, "%.1fms", (double)n / 1000);
		break;
	case FORM_DATE:
		/* No blank in the date, because awk counts fields. */
		if (localtime_r(&when, &tm) != NULL &&
		    strftime(buf, len, "%Y-%m-%dT%H:%M:%S", &tm) > 0)
			break;
		/* FALLTHROUGH */
	default:
		snprintf(buf, len, "%lld", (long long)n);
	}
}

/* The text for people; the caller frees it. */
static char *
cell_text(const struct cell *cell, enum form form)
{
	char buf[64];

	switch (cell->type) {
	case CELL_UNKNOWN:
		return tool_xstrdup("?");
	case CELL_NONE:
		return tool_xstrdup("-");
	case CELL_NUMBER:
		format_number(cell->number, form, buf, sizeof(buf));
		return tool_xstrdup(buf);
	default:
		return tool_vis(cell->text);
	}
}

static char *
title(const struct grid_column *col)
{
	char *s = tool_xstrdup(col->name), *p;

	for (p = s; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return s;
}

/* Numbers are aligned to the right.  An age ends in its unit, so it is not. */
static int
is_right(const struct grid_column *col)
{
	return col->form != FORM_TEXT && col->form != FORM_AGE &&
	    col->form != FORM_DATE;
}

static void
pad(FILE *fp, size_t n)
{
	while (n-- > 0)
		putc(' ', fp);
}

static void
put_text(const struct grid *grid, const char *text, enum tone tone)
{
	FILE *fp = to(grid);

	if (grid->color && tone != TONE_NONE)
		fprintf(fp, "%s%s" COLOR_OFF, color_on(tone), text);
	else
		fputs(text, fp);
}

/*
 * Prints the texts of a line, without trailing blanks.  One of rank 0 that is
 * wider than its column moves those behind it, as far as there is room.
 */
static void
put_texts(const struct grid *grid, const struct cell *cells,
    char *const *texts, const size_t *widths, size_t room)
{
	FILE *fp = to(grid);
	size_t i, width, from, at = 0, start = 0;

	for (i = 0; i < grid->ncols; i++) {
		if (widths[i] == FIT_OUT)
			continue;
		if (grid->width > 0 && grid->cols[i].rank > 0)
			fit_cut(texts[i], widths[i]);
		width = tool_width(texts[i]);
		from = start;
		if (is_right(&grid->cols[i]) && width < widths[i])
			from += widths[i] - width;
		if (start > 0 && from < at + FIT_GAP)
			from = at + FIT_GAP;
		if (grid->width > 0 && grid->cols[i].rank > 0) {
			if (from >= room)
				break;
			fit_cut(texts[i], room - from);
			width = tool_width(texts[i]);
		}
		pad(fp, from - at);
		put_text(grid, texts[i], cells != NULL ? cells[i].tone :
		    TONE_NONE);
		at = from + width;
		start += widths[i] + FIT_GAP;
	}
}

/* Prints one line, after its mark if there are marks; no cells: headings. */
static void
put_line(const struct grid *grid, char mark, const struct cell *cells,
    char *const *texts, const size_t *widths, size_t nout)
{
	FILE *fp = to(grid);
	int bold = grid->color && (mark != ' ' || cells == NULL);
	char more[32] = "";

	if (nout > 0)
		snprintf(more, sizeof(more), "%*s+%zu", FIT_GAP, "", nout);
	fputs(bold ? COLOR_BOLD : "", fp);
	if (grid->marks != NULL)
		fprintf(fp, "%c ", mark);
	put_texts(grid, cells, texts, widths, fit_room(grid) - strlen(more));
	fprintf(fp, "%s%s\n", more, bold ? COLOR_PLAIN : "");
}

/* Fills in the texts of a column and their width. */
static size_t
fill_column(const struct grid *grid, size_t col, char **texts)
{
	size_t row, width, most = 0;

	for (row = 0; row < grid->nrows; row++) {
		texts[row * grid->ncols + col] =
		    cell_text(&grid->cells[row * grid->ncols + col],
		    grid->cols[col].form);
		width = tool_width(texts[row * grid->ncols + col]);
		if (width > most)
			most = width;
	}
	return most;
}

static void
free_texts(char **texts, size_t n)
{
	while (n-- > 0)
		free(texts[n]);
	free(texts);
}

void
grid_table(const struct grid *grid)
{
	size_t i, n = grid->ncols, nout;
	size_t *widths = tool_xcalloc(n, sizeof(*widths));
	char **titles = tool_xcalloc(n, sizeof(*titles));
	char **texts = tool_xcalloc(n * grid->nrows, sizeof(*texts));

	for (i = 0; i < n; i++) {
		titles[i] = title(&grid->cols[i]);
		widths[i] = fill_column(grid, i, texts);
		if (grid->titles && widths[i] < strlen(titles[i]))
			widths[i] = strlen(titles[i]);
	}
	nout = fit_columns(grid, texts, widths);
	if (grid->titles)
		put_line(grid, ' ', NULL, titles, widths, nout);
	for (i = 0; i < grid->nrows; i++) {
		put_line(grid, grid->marks != NULL ? grid->marks[i] : ' ',
		    grid->cells + i * n, texts + i * n, widths,
		    i == 0 && !grid->titles ? nout : 0);
		if (grid->below != NULL)
			grid->below(to(grid), grid, i);
	}
	free_texts(titles, n);
	free_texts(texts, n * grid->nrows);
	free(widths);
}

void
grid_unknown(FILE *fp, const struct grid *grid, size_t row)
{
	const struct cell *cells = grid->cells + row * grid->ncols;
	char *text = tool_xstrdup("    not known:"), *more;
	const char *sep = " ";
	size_t i;

	for (i = 0; i < grid->ncols; i++) {
		if (cells[i].type != CELL_UNKNOWN)
			continue;
		more = tool_xasprintf("%s%s%s", text, sep, grid->cols[i].name);
		free(text);
		text = more;
		sep = ", ";
	}
	if (*sep == ',')
		fit_fold(fp, grid->width, text);
	else
		free(text);
}

/*
 * "-", "?" and "''" have special meanings, so a text that is equal to one of
 * them is escaped.
 */
static void
put_raw(const struct cell *cell)
{
	char *s;

	switch (cell->type) {
	case CELL_UNKNOWN:
		putchar('?');
		break;
	case CELL_NONE:
		putchar('-');
		break;
	case CELL_NUMBER:
		printf("%lld", (long long)cell->number);
		break;
	case CELL_TEXT:
		s = tool_raw(cell->text);
		if (strcmp(s, "-") == 0 || strcmp(s, "?") == 0 ||
		    strcmp(s, "''") == 0)
			printf("\\%03o%s", (unsigned char)*s, s + 1);
		else
			fputs(*s != '\0' ? s : "''", stdout);
		free(s);
		break;
	}
}

void
grid_raw(const struct grid *grid)
{
	size_t i, n = grid->ncols;
	char *s;

	for (i = 0; grid->titles && i < n; i++) {
		s = title(&grid->cols[i]);
		printf("%s%c", s, i + 1 < n ? ' ' : '\n');
		free(s);
	}
	for (i = 0; i < n * grid->nrows; i++) {
		put_raw(&grid->cells[i]);
		putchar((i + 1) % n != 0 ? ' ' : '\n');
	}
}

void
grid_free(struct grid *grid)
{
	size_t i;

	for (i = 0; i < grid->ncols * grid->nrows; i++)
		free(grid->cells[i].text);
	free(grid->cells);
}
