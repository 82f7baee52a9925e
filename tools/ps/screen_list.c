/* SPDX-License-Identifier: ISC */
/* The list on the screen: its rows, which one is selected, and its lines. */

#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/tool.h"
#include "ps/screen_list.h"

#define ASK_MS	3000		/* as --check waits for an answer */

const struct row *
screen_list_selected(const struct screen_list *l)
{
	return l->at < l->nshown ?
	    &l->r->args->view.rows[l->shown[l->at]] : NULL;
}

/* The lines of all rows, none of them cut, one a row. */
static void
all_lines(const struct screen_list *l, struct screen_text *t)
{
	struct view view = l->r->args->view;
	size_t i, *rows = tool_xcalloc(l->nrows, sizeof(*rows));
	char *table;

	for (i = 0; i < l->nrows; i++)
		rows[i] = i;
	view.titles = 0;
	view.color = 0;
	view.nrows = l->nrows;
	table = text_table(&view, rows, l->nrows, l->marks, 0);
	text_add(t, table, 0);
	free(table);
	free(rows);
}

/* Finds the rows that are shown; the index of this one is selected. */
static void
find_shown(struct screen_list *l, size_t selected)
{
	struct screen_text all = { NULL, 0, 0 };
	size_t i;

	if (*l->filter != '\0')
		all_lines(l, &all);
	free(l->shown);
	l->shown = tool_xcalloc(l->nrows, sizeof(*l->shown));
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
	selected = row != NULL ? rows_find(row, view->rows, l->nrows, 0) :
	    l->nrows;
	find_shown(l, selected);
}

/* The state in the new list is then that after the answer. */
static int
ask(struct screen_list *l, const struct tun_list *list, const struct tun *t)
{
	if ((t = tool_find_process(list, t)) == NULL)
		return 0;
	return tun_check(l->r->ctx, &t, 1, TUN_ASK_MASTER | TUN_ASK_PEER,
	    ASK_MS);
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
	if (how == LOOK_ASK && now != NULL && ask(l, list, now->tun) == -1) {
		int error = errno;

		tun_list_free(list);
		errno = error;
		return -1;
	}
	/* A row that was gone by then is in a list that will be freed. */
	if (now != NULL && l->shown[l->at] >= args->view.nrows)
		now = NULL;
	if (now != NULL)
		row = *now;
	rounds_take(l->r, list);
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

	text_add(&l->body, why, i);
	free(why);
}

void
screen_list_lines(struct screen_list *l, size_t width)
{
	struct args *args = l->r->args;
	char *table, *line, *rest;
	size_t i;

	text_free(&l->title);
	text_free(&l->body);
	if (l->nshown == 0)
		return;
	rest = table = text_table(&args->view, l->shown, l->nshown, l->marks,
	    args->wide ? 0 : width);
	if (args->view.titles && (line = strsep(&rest, "\n")) != NULL)
		text_add(&l->title, line, 0);
	for (i = 0; i < l->nshown &&
	    (line = strsep(&rest, "\n")) != NULL; i++) {
		text_add(&l->body, line, i);
		if (args->view.why || (l->evidence && i == l->at))
			add_evidence(l, i, width);
	}
	free(table);
}

void
screen_list_free(struct screen_list *l)
{
	free(l->marks);
	free(l->shown);
	text_free(&l->title);
	text_free(&l->body);
}
