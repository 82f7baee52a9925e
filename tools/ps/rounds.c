/* SPDX-License-Identifier: ISC */
/* --watch: looks again and again, and shows what has changed. */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/out.h"
#include "common/tool.h"
#include "compat/ms.h"
#include "libfind.h"
#include "ps/on_change.h"
#include "ps/ps.h"
#include "ps/watch.h"

/* --watch: the state between two scans. */
struct watching {
	struct args *args;
	struct tun_ctx *ctx;
	struct row *old;	/* rows of view.before */
	size_t nold;
};

static void
look_again(struct watching *w)
{
	struct view *view = &w->args->view;

	tun_list_free(view->before);
	view->before = view->list;
	free(w->old);
	w->old = view->rows;
	w->nold = view->nrows;
	view->rows = NULL;
	view->list = ps_scan(w->args, w->ctx, ps_scan_flags(w->args));
	ps_choose(w->args);
	if (w->args->on_change != NULL)
		on_change_look(w->args->on_change, w->ctx, view);
	ps_arrange(w->args);
}

/* "23:59:01  2 tunnels, every 2s; view incomplete: ..." */
static void
put_heading(const struct args *args, FILE *fp, size_t width)
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
	fit_fold(fp, width, cell_join(text, "  ", tool_xstrdup("(q ends)")));
}

static void
look_screen(void *arg, FILE *fp, size_t width)
{
	struct watching *w = arg;
	struct view *view = &w->args->view;
	size_t nrows;
	char *marks;

	look_again(w);
	view->width = w->args->wide ? 0 : width;
	put_heading(w->args, fp, view->width);
	nrows = view->nrows;
	/* In the first round all rows are new, so none is marked. */
	if (view->before != NULL)
		marks = rows_mark(view, w->old, w->nold);
	else {
		marks = tool_xcalloc(nrows + 1, 1);
		memset(marks, ' ', nrows);
	}
	view->fp = fp;
	view->marks = marks;
	if (view->nrows > 0)
		out_table(view);
	/* Rows that are gone are shown only once. */
	view->nrows = nrows;
	free(marks);
}

/* Says it once; *saidp is what was said last. */
static void
warn_on_change(const struct args *args, char **saidp)
{
	char *note = args->on_change != NULL ?
	    on_change_note(args->on_change) : NULL;

	if (note == NULL || (*saidp != NULL && strcmp(note, *saidp) == 0)) {
		free(note);
		return;
	}
	tool_warn("--on-change: %s", note);
	free(*saidp);
	*saidp = note;
}

int
ps_watch(struct args *args, struct tun_ctx *ctx)
{
	struct watching w = { args, ctx, NULL, 0 };
	char *said = NULL;

	args->view.clients = (ps_scan_flags(args) & TUN_SCAN_CLIENTS) != 0;
	if (args->mode == MODE_TABLE)
		watch_screen(args->watch, look_screen, &w);
	else for (;;) {
		look_again(&w);
		out_json_line(&args->view);
		if (fflush(stdout) == EOF)
			break;
		warn_on_change(args, &said);
		ms_sleep(args->watch);
	}
	free(said);
	free(w.old);
	on_change_free(args->on_change);
	return args->view.nrows > 0 ? TOOL_MATCH : TOOL_NONE;
}
