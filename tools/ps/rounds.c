/* SPDX-License-Identifier: ISC */
/* Looks again and again, and compares each look with the one before. */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/out.h"
#include "common/tool.h"
#include "compat/ms.h"
#include "ps/on_change.h"
#include "ps/rounds.h"

void
rounds_take(struct rounds *r, struct tun_list *list)
{
	struct view *view = &r->args->view;
	int64_t now = ms_now();

	tun_list_free(view->before);
	view->before = view->list;
	free(r->old);
	r->old = view->rows;
	r->nold = view->nrows;
	view->rows = NULL;
	view->list = list;
	view->passed = now - view->when;
	view->when = now;
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

/* The interval is left out where one line has no room for it. */
static char *
heading_start(const struct args *args, const char *clock, const char *end,
    size_t width)
{
	const char *what = args->server ? "session" : "tunnel";
	char *text = tool_xasprintf("%s  %zu %s%s", clock, args->tunnels, what,
	    args->tunnels == 1 ? "" : "s");
	char *every = tool_xasprintf(", every %gs", (double)args->watch / 1000);

	if (width == 0 || strlen(text) + strlen(every) + strlen(end) <= width)
		return cell_join(text, "", every);
	free(every);
	return text;
}

void
rounds_heading(const struct args *args, const char *keys, FILE *fp,
    size_t width)
{
	const struct view *view = &args->view;
	time_t when = (time_t)tun_when(view->list);
	char clock[16] = "?", *text, *end, *last;
	const char *note;
	struct tm tm;
	size_t i;

	if (localtime_r(&when, &tm) != NULL)
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	end = tool_xasprintf("  (%s)", keys);
	text = heading_start(args, clock, end, width);
	for (i = 0; (note = tun_note(view->list, i)) != NULL; i++)
		text = cell_join(text, "; ", tool_xstrdup(note));
	if (args->on_change != NULL &&
	    (last = on_change_note(args->on_change)) != NULL)
		text = cell_join(text, "; --on-change: ", last);
	fit_fold(fp, width, cell_join(text, "", end));
}

void
rounds_free(struct rounds *r)
{
	free(r->old);
}
