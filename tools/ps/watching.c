/* SPDX-License-Identifier: ISC */
/* --watch: shows what has changed, on a terminal or as lines of JSON. */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/out.h"
#include "common/tool.h"
#include "compat/ms.h"
#include "libfind.h"
#include "ps/on_change.h"
#include "ps/ps.h"
#include "ps/rounds.h"
#include "ps/screen.h"
#include "ps/watch.h"

static void
look(struct rounds *r)
{
	rounds_take(r, ps_scan(r->args, r->ctx, ps_scan_flags(r->args)));
}

static void
look_screen(void *arg, FILE *fp, size_t width)
{
	struct rounds *r = arg;
	struct view *view = &r->args->view;
	size_t nrows;
	char *marks;

	look(r);
	view->width = r->args->wide ? 0 : width;
	rounds_heading(r->args, "q ends", fp, view->width);
	nrows = view->nrows;
	marks = rounds_marks(r);
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
	struct rounds r = { args, ctx, NULL, 0 };
	char *said = NULL;

	args->view.clients = (ps_scan_flags(args) & TUN_SCAN_CLIENTS) != 0;
	if (args->mode == MODE_TABLE) {
		if (screen_run(&r) == -1)
			watch_screen(args->watch, look_screen, &r);
	} else for (;;) {
		look(&r);
		out_json_line(&args->view);
		if (fflush(stdout) == EOF)
			break;
		warn_on_change(args, &said);
		ms_sleep(args->watch);
	}
	free(said);
	rounds_free(&r);
	on_change_free(args->on_change);
	return args->view.nrows > 0 ? TOOL_MATCH : TOOL_NONE;
}
