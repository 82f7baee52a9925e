/* SPDX-License-Identifier: ISC */
/* The list on the screen: its rows, which one is selected, and its lines. */

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "common/tool.h"
#include "ps/screen_list.h"
#include "ps/screen_side.h"

const struct row *
screen_list_selected(const struct screen_list *l)
{
	return l->at < l->nshown ?
	    &l->r->args->view.rows[l->shown[l->at]] : NULL;
}

/* The lines of these rows, neither cut nor coloured. */
static void
plain_lines(const struct screen_list *l, const size_t *rows, size_t n,
    int titles, struct screen_text *t)
{
	struct view view = l->r->args->view;
	char *table;

	view.titles = titles;
	view.color = 0;
	table = text_table(&view, rows, n, l->marks, 0);
	text_add(t, table, 0);
	free(table);
}

/* Finds the rows that are shown; the index of this one is selected. */
static void
find_shown(struct screen_list *l, size_t selected)
{
	struct screen_text all = { NULL, 0, 0 };
	size_t i;

	free(l->shown);
	l->shown = tool_xcalloc(l->nrows, sizeof(*l->shown));
	for (i = 0; i < l->nrows; i++)
		l->shown[i] = i;
	if (*l->filter != '\0')
		plain_lines(l, l->shown, l->nrows, 0, &all);
	l->nshown = 0;
	for (i = 0; i < l->nrows; i++) {
		if (i == selected)
			l->at = l->nshown;
		if (*l->filter == '\0' ||
		    (i < all.n && text_has(all.v[i].s + 2, l->filter)))
			l->shown[l->nshown++] = i;
	}
	if (l->at >= l->nshown)
		l->at = l->nshown > 0 ? l->nshown - 1 : 0;
	text_free(&all);
}

void
screen_list_filter(struct screen_list *l)
{
	find_shown(l, l->at < l->nshown ? l->shown[l->at] : l->nrows);
}

/* The pasts of the rows; of one that is gone, that of the look before. */
static void
make_pasts(struct screen_list *l)
{
	const struct rounds *r = l->r;
	const struct view *view = &r->args->view;
	const struct past *before;
	size_t i, k = 0;

	free(l->past);
	l->past = tool_xcalloc(l->nrows, sizeof(*l->past));
	for (i = 0; i < l->nrows; i++) {
		k = rows_find(&view->rows[i], r->old, r->nold, k);
		before = k < r->nold ? &l->old_past[k] : NULL;
		if (before != NULL && i >= view->nrows)
			l->past[i] = *before;
		else
			l->past[i] = past_next(before, view, &view->rows[i]);
		k++;
	}
}

/*
 * After the rows have been chosen; row, or NULL, was the selected one.  In
 * another view nothing is marked, because nothing has changed.
 */
static void
mark_and_select(struct screen_list *l, const struct row *row, int other_view)
{
	struct view *view = &l->r->args->view;
	size_t n = view->nrows, selected;

	free(l->marks);
	l->marks = rounds_marks(l->r);
	l->nrows = view->nrows;
	/* Rows that are gone are shown only once. */
	view->nrows = n;
	if (other_view) {
		memset(l->marks, ' ', n);
		l->nrows = n;
	}
	make_pasts(l);
	selected = row != NULL ? rows_find(row, view->rows, l->nrows, 0) :
	    l->nrows;
	find_shown(l, selected);
}

int
screen_list_look(struct screen_list *l, enum look_how how)
{
	const struct row *now = screen_list_selected(l);
	struct args *args = l->r->args;
	struct tun_list *list;
	struct row row;

	if (tun_scan(l->r->ctx, ps_scan_flags(args), &list) == -1)
		return -1;
	/* A row that was gone by then is in a list that will be freed. */
	if (now != NULL && l->shown[l->at] >= args->view.nrows)
		now = NULL;
	if (now != NULL)
		row = *now;
	rounds_take(l->r, list);
	free(l->old_past);
	l->old_past = l->past;
	l->past = NULL;
	mark_and_select(l, now != NULL ? &row : NULL,
	    how == LOOK_OTHER);
	return 0;
}

void
screen_list_arrange(struct screen_list *l)
{
	const struct row *now = screen_list_selected(l);
	struct row row;

	if (now != NULL)
		row = *now;
	ps_choose(l->r->args);
	ps_arrange(l->r->args);
	mark_and_select(l, now != NULL ? &row : NULL, 0);
}

static void
add_evidence(struct screen_list *l, size_t i, size_t width)
{
	char *why = text_evidence(&l->r->args->view, l->shown[i], width);
	char *past = past_text(&l->past[l->shown[i]]);

	text_add(&l->body, why, i);
	text_add(&l->body, past, i);
	free(why);
	free(past);
}

/* The widths of the lines, if none is cut; the titles are the first of them. */
static size_t *
line_widths(const struct screen_list *l, size_t *mostp)
{
	struct screen_text lines = { NULL, 0, 0 };
	size_t i, *widths;

	plain_lines(l, l->shown, l->nshown, l->r->args->view.titles, &lines);
	widths = tool_xcalloc(lines.n, sizeof(*widths));
	*mostp = 0;
	for (i = 0; i < lines.n; i++) {
		widths[i] = tool_width(lines.v[i].s);
		if (widths[i] > *mostp)
			*mostp = widths[i];
	}
	text_free(&lines);
	return widths;
}

/* The longest word of a state before. */
static size_t
state_width(const struct screen_list *l)
{
	size_t i, n, most = 0;

	for (i = 0; i < l->nrows; i++) {
		n = l->past[i].changed > 0 ?
		    strlen(tun_state_name(l->past[i].was)) : 0;
		if (n > most)
			most = n;
	}
	return most;
}

/* Appends what is to the right of a line that has used so many columns. */
static void
add_side(struct screen_text *t, const struct side *side, const struct past *p,
    size_t used, size_t width)
{
	char **linep = &t->v[t->n - 1].s, *text = side_text(side, p), *line;
	size_t from = width - side_width(side);

	line = tool_xasprintf("%s%*s%s", *linep, from > used ?
	    (int)(from - used) : 0, "", text);
	free(text);
	free(*linep);
	*linep = line;
}

/* What is to the right of rows that are not cut. */
static struct side
find_side(const struct screen_list *l, size_t most, size_t width)
{
	return side_fit(most < width ? width - most : 0, state_width(l));
}

void
screen_list_lines(struct screen_list *l, size_t width)
{
	struct args *args = l->r->args;
	char *table, *line, *rest;
	size_t i, most, *widths, titles = args->view.titles != 0;
	struct side side;

	text_free(&l->title);
	text_free(&l->body);
	if (l->nshown == 0)
		return;
	widths = line_widths(l, &most);
	side = find_side(l, most, width);
	rest = table = text_table(&args->view, l->shown, l->nshown, l->marks,
	    args->wide ? 0 : width);
	if (titles && (line = strsep(&rest, "\n")) != NULL) {
		text_add(&l->title, line, 0);
		add_side(&l->title, &side, NULL, widths[0], width);
	}
	for (i = 0; i < l->nshown &&
	    (line = strsep(&rest, "\n")) != NULL; i++) {
		text_add(&l->body, line, i);
		add_side(&l->body, &side, &l->past[l->shown[i]],
		    widths[titles + i], width);
		if (args->view.why || (l->evidence && i == l->at))
			add_evidence(l, i, width);
	}
	free(table);
	free(widths);
}

void
screen_list_free(struct screen_list *l)
{
	free(l->marks);
	free(l->shown);
	free(l->past);
	free(l->old_past);
	text_free(&l->title);
	text_free(&l->body);
}
