/* SPDX-License-Identifier: ISC */
/* Tables: aligned ones for people, raw ones for programs. */

#include <sys/types.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "out.h"
#include "tool.h"

#define GAP	2		/* blanks between columns */
#define NARROW	6		/* no text is cut to less */
#define MARK	2		/* columns of a mark and its blank */

#define BOLD	"\033[1m"
#define PLAIN	"\033[0m"

static FILE *
to(const struct view *view)
{
	return view->fp != NULL ? view->fp : stdout;
}

/* "1234", "12K", "3.4M": as ls -h. */
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
		/* No blank in it: awk counts fields. */
		if (localtime_r(&when, &tm) != NULL &&
		    strftime(buf, len, "%Y-%m-%dT%H:%M:%S", &tm) > 0)
			break;
		/* FALLTHROUGH */
	default:
		snprintf(buf, len, "%lld", (long long)n);
	}
}

/* For people; the caller frees. */
static char *
cell_text(const struct view *view, const struct row *row, enum column col)
{
	struct cell cell = cell_get(view, row, col);
	char buf[64], *s;

	switch (cell.type) {
	case CELL_UNKNOWN:
		return tool_xstrdup("?");
	case CELL_NONE:
		return tool_xstrdup("-");
	case CELL_NUMBER:
		format_number(cell.number, columns[col].form, buf,
		    sizeof(buf));
		return tool_xstrdup(buf);
	default:
		s = tool_vis(cell.text);
		free(cell.text);
		return s;
	}
}

static char *
title(enum column col)
{
	char *s = tool_xstrdup(columns[col].name), *p;

	for (p = s; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return s;
}

/* Numbers stand on the right.  An age has its unit there, so it may not. */
static int
is_right(enum column col)
{
	return columns[col].form != FORM_TEXT && columns[col].form != FORM_AGE
	    && columns[col].form != FORM_DATE;
}

/* What may lose its end: never a name or a number that is typed again. */
static int
is_soft(enum column col)
{
	return columns[col].form == FORM_TEXT && col != COL_ID &&
	    col != COL_LISTEN && col != COL_STATE;
}

/* Takes what is too much from the columns, the last one first. */
static void
shrink(const struct view *view, size_t *widths)
{
	size_t i, least, sum = view->marks != NULL ? MARK : 0;

	for (i = 0; i < view->ncols; i++)
		sum += widths[i] + (i > 0 ? GAP : 0);
	for (i = view->ncols; i-- > 0 && sum > view->width;) {
		least = strlen(columns[view->cols[i]].name);
		if (least < NARROW)
			least = NARROW;
		if (!is_soft(view->cols[i]) || widths[i] <= least)
			continue;
		if (sum - view->width < widths[i] - least)
			least = widths[i] - (sum - view->width);
		sum -= widths[i] - least;
		widths[i] = least;
	}
}

static void
pad(FILE *fp, size_t n)
{
	while (n-- > 0)
		putc(' ', fp);
}

/* Makes s as narrow as asked for; '+' says that it goes on. */
static void
cut(char *s, size_t width)
{
	size_t n;

	if (tool_width(s) <= width)
		return;
	n = tool_fit(s, width - 1);
	strlcpy(s + n, "+", 2);
}

/* One line, behind its mark if there are any; nothing trails. */
static void
put_line(const struct view *view, char mark, char *const *texts,
    const size_t *widths)
{
	FILE *fp = to(view);
	size_t i, room, gap = 0;
	int bold = view->bold && mark != ' ';

	if (view->marks != NULL)
		fprintf(fp, "%s%c ", bold ? BOLD : "", mark);
	for (i = 0; i < view->ncols; i++) {
		cut(texts[i], widths[i]);
		room = widths[i] - tool_width(texts[i]);
		pad(fp, is_right(view->cols[i]) ? gap + room : gap);
		fputs(texts[i], fp);
		gap = is_right(view->cols[i]) ? GAP : GAP + room;
	}
	fprintf(fp, "%s\n", bold ? PLAIN : "");
}

/* "    tunnel up, because the server was heard of lately" */
static void
put_reasons(FILE *fp, const char *what, const char *verdict, uint64_t why)
{
	const char *sep = " because ";
	uint64_t bit;

	if (strcmp(verdict, "?") == 0)
		verdict = "not known";
	fprintf(fp, "    %s %s", what, verdict);
	for (bit = 1; bit != 0; bit <<= 1) {
		if (why & bit) {
			fprintf(fp, "%s%s", sep, tun_why_text(bit));
			sep = ", ";
		}
	}
	putc('\n', fp);
}

/* Columns that have no answer, by name. */
static void
put_unknown(const struct view *view, const struct row *row)
{
	const char *sep = "    not known: ";
	struct cell cell;
	size_t i;

	for (i = 0; i < view->ncols; i++) {
		cell = cell_get(view, row, view->cols[i]);
		free(cell.text);
		if (cell.type == CELL_UNKNOWN) {
			fprintf(to(view), "%s%s", sep, columns[view->cols[i]].name);
			sep = ", ";
		}
	}
	if (*sep == ',')
		putc('\n', to(view));
}

/* The evidence for one row. */
static void
put_why(const struct view *view, const struct row *row)
{
	const struct tun *t = row->tun;
	const struct tun_fwd *fwd = row->fwd;
	char *holder, *s;

	put_reasons(to(view), "origin", tun_origin_name(t->origin), t->origin_why);
	put_reasons(to(view), "tunnel", tun_state_name(t->state), t->why);
	if (fwd != NULL)
		put_reasons(to(view), "forward", tun_state_name(fwd->state), fwd->why);
	if (fwd != NULL && fwd->holder != NULL) {
		holder = cell_peer(fwd->holder);
		s = tool_vis(holder);
		fprintf(to(view), "    held by %s\n", s);
		free(s);
		free(holder);
	}
	put_unknown(view, row);
}

void
out_table(const struct view *view)
{
	size_t i, j, width, n = view->ncols, *widths;
	char **titles, **texts;

	widths = tool_xcalloc(n, sizeof(*widths));
	titles = tool_xcalloc(n, sizeof(*titles));
	texts = tool_xcalloc(n * view->nrows, sizeof(*texts));
	for (i = 0; i < n; i++) {
		titles[i] = title(view->cols[i]);
		widths[i] = view->titles ? strlen(titles[i]) : 0;
		for (j = 0; j < view->nrows; j++) {
			texts[j * n + i] = cell_text(view, &view->rows[j],
			    view->cols[i]);
			width = tool_width(texts[j * n + i]);
			if (width > widths[i])
				widths[i] = width;
		}
	}
	if (view->width > 0)
		shrink(view, widths);
	if (view->titles)
		put_line(view, ' ', titles, widths);
	for (j = 0; j < view->nrows; j++) {
		put_line(view, view->marks != NULL ? view->marks[j] : ' ',
		    texts + j * n, widths);
		if (view->why)
			put_why(view, &view->rows[j]);
	}
	for (i = 0; i < n; i++)
		free(titles[i]);
	for (i = 0; i < n * view->nrows; i++)
		free(texts[i]);
	free(titles);
	free(texts);
	free(widths);
}

/* "-", "?" and "''" have their meaning; a text that is just that is escaped. */
static void
put_raw(const struct view *view, const struct row *row, enum column col)
{
	struct cell cell = cell_get(view, row, col);
	char *s;

	switch (cell.type) {
	case CELL_UNKNOWN:
		putchar('?');
		break;
	case CELL_NONE:
		putchar('-');
		break;
	case CELL_NUMBER:
		printf("%lld", (long long)cell.number);
		break;
	case CELL_TEXT:
		s = tool_raw(cell.text);
		if (strcmp(s, "-") == 0 || strcmp(s, "?") == 0 ||
		    strcmp(s, "''") == 0)
			printf("\\%03o%s", (unsigned char)*s, s + 1);
		else
			fputs(*s != '\0' ? s : "''", stdout);
		free(s);
		free(cell.text);
		break;
	}
}

void
out_raw(const struct view *view)
{
	size_t i, j;
	char *s;

	for (i = 0; view->titles && i < view->ncols; i++) {
		s = title(view->cols[i]);
		printf("%s%c", s, i + 1 < view->ncols ? ' ' : '\n');
		free(s);
	}
	for (j = 0; j < view->nrows; j++) {
		for (i = 0; i < view->ncols; i++) {
			if (i > 0)
				putchar(' ');
			put_raw(view, &view->rows[j], view->cols[i]);
		}
		putchar('\n');
	}
}

void
out_columns(void)
{
	size_t i;

	for (i = 0; i < NCOLUMNS; i++)
		printf("%-10s  %s\n", columns[i].name, columns[i].text);
}
