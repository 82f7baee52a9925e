/* SPDX-License-Identifier: ISC */
/* Looks again and again, and compares each look with the one before. */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/out.h"
#include "common/tool.h"
#include "ps/on_change.h"
#include "ps/rounds.h"

void
rounds_take(struct rounds *r, struct tun_list *list)
{
	struct view *view = &r->args->view;

	tun_list_free(view->before);
	view->before = view->list;
	free(r->old);
	r->old = view->rows;
	r->nold = view->nrows;
	view->rows = NULL;
	view->list = list;
	ps_choose(r->args);
	if (r->args->on_change != NULL)
		on_change_look(r->args->on_change, r->ctx, view);
	ps_arrange(r->args);
}

char *
rounds_marks(struct rounds *r)
{
	struct view *view = &r->args->view;
	char *marks;

	/* In the first round all rows are new, so none is marked. */
	if (view->before != NULL)
		return rows_mark(view, r->old, r->nold);
	marks = tool_xcalloc(view->nrows + 1, 1);
	memset(marks, ' ', view->nrows);
	return marks;
}

void
rounds_heading(const struct args *args, const char *keys, FILE *fp,
    size_t width)
{
	const struct view *view = &args->view;
	time_t when = (time_t)tun_when(view->list);
	char clock[16] = "?", *text;
	const char *note;
	char *last;
	struct tm tm;
	size_t i, n = 0;

	for (i = 0; i < view->nrows; i++)
		n += i == 0 || view->rows[i].tun != view->rows[i - 1].tun;
	if (localtime_r(&when, &tm) != NULL)
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	text = tool_xasprintf("%s  %zu tunnel%s, every %gs", clock, n,
	    n == 1 ? "" : "s", (double)args->watch / 1000);
	for (i = 0; (note = tun_note(view->list, i)) != NULL; i++)
		text = cell_join(text, "; ", tool_xstrdup(note));
	if (args->on_change != NULL &&
	    (last = on_change_note(args->on_change)) != NULL)
		text = cell_join(text, "; --on-change: ", last);
	fit_fold(fp, width, cell_join(text, "  ", tool_xasprintf("(%s)",
	    keys)));
}

void
rounds_free(struct rounds *r)
{
	free(r->old);
}
