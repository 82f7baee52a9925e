/* SPDX-License-Identifier: ISC */
/* Tables of tunnels, and the evidence for the values in them. */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/out.h"
#include "common/tool.h"

/* sshd uses these ports for X11 (channels.c): at most so many displays. */
#define X11_FIRST	6010
#define X11_LAST	7009

/* "    tunnel up because the server was heard of lately" */
static void
put_reasons(FILE *fp, const struct view *view, const struct tun *t,
    const char *what, const char *verdict, const struct tun_evidence *e)
{
	char *reasons = cell_evidence(e, t->served);

	if (strcmp(verdict, "?") == 0)
		verdict = "not known";
	fit_fold(fp, view->width, tool_xasprintf("    %s %s%s%s", what, verdict,
	    reasons != NULL ? " because " : "",
	    reasons != NULL ? reasons : ""));
	free(reasons);
}

/* Prints the evidence for one row. */
static void
put_why(FILE *fp, const struct grid *grid, size_t i)
{
	const struct view *view = grid->arg;
	const struct tun *t = view->rows[i].tun;
	const struct tun_fwd *fwd = view->rows[i].fwd;
	char *sessions = cell_candidates(t), *holder, *clients;

	if (!t->served)
		put_reasons(fp, view, t, "origin", tun_origin_name(t->origin),
		    &t->origin_why);
	put_reasons(fp, view, t, t->served ? "session" : "tunnel",
	    tun_state_name(t->state), &t->why);
	if (fwd != NULL)
		put_reasons(fp, view, t, "forward", tun_state_name(fwd->state),
		    &fwd->why);
	if (fwd != NULL && t->served && fwd->spec.listen.port >= X11_FIRST &&
	    fwd->spec.listen.port <= X11_LAST)
		fit_fold(fp, view->width, tool_xstrdup(
		    "    may be X11 forwarding, by its port"));
	if (sessions != NULL)
		fit_fold(fp, view->width, tool_xasprintf(
		    "    of one of these: %s", sessions));
	free(sessions);
	if (tun_why_next(&t->label_why, TUN_WHY_NONE) != TUN_WHY_NONE)
		put_reasons(fp, view, t, "label", "?", &t->label_why);
	if (fwd != NULL && fwd->owner != NULL) {
		holder = cell_peer(fwd->owner);
		fit_fold(fp, view->width,
		    tool_xasprintf("    held by %s", holder));
		free(holder);
	}
	clients = view->clients && fwd != NULL ?
	    cell_clients_text(fwd, ", ") : NULL;
	if (clients != NULL)
		fit_fold(fp, view->width,
		    tool_xasprintf("    connected: %s", clients));
	free(clients);
	grid_unknown(fp, grid, i);
}

static int
has_label(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->nrows; i++) {
		if (view->rows[i].tun->label != NULL)
			return 1;
	}
	return 0;
}

static void
make_grid(struct grid *grid, struct grid_column cols[], const struct view *view)
{
	enum column *which = tool_xcalloc(view->ncols, sizeof(*which));
	int leave_out = view->some_labels && !has_label(view);
	size_t i, n = 0;

	memset(grid, 0, sizeof(*grid));
	for (i = 0; i < view->ncols; i++) {
		if (view->cols[i] == COL_LABEL && leave_out)
			continue;
		which[n] = view->cols[i];
		cols[n].name = columns[view->cols[i]].name;
		cols[n].form = columns[view->cols[i]].form;
		cols[n].least = columns[view->cols[i]].least;
		cols[n++].rank = view->ndefault > 0 && i >= view->ndefault ? 1 :
		    columns[view->cols[i]].rank;
	}
	grid->cols = cols;
	grid->ncols = n;
	grid->nrows = view->nrows;
	grid->cells = tool_xcalloc(n * view->nrows, sizeof(*grid->cells));
	for (i = 0; i < n * view->nrows; i++)
		grid->cells[i] = cell_get(view, &view->rows[i / n],
		    which[i % n]);
	grid->titles = view->titles;
	free(which);
}

void
out_table(const struct view *view)
{
	struct grid_column *cols = tool_xcalloc(view->ncols, sizeof(*cols));
	struct grid grid;

	make_grid(&grid, cols, view);
	grid.width = view->width;
	grid.fp = view->fp;
	grid.marks = view->marks;
	grid.color = view->color;
	grid.below = view->why ? put_why : NULL;
	grid.arg = view;
	grid_table(&grid);
	grid_free(&grid);
	free(cols);
}

void
out_raw(const struct view *view)
{
	struct grid_column *cols = tool_xcalloc(view->ncols, sizeof(*cols));
	struct grid grid;

	make_grid(&grid, cols, view);
	grid_raw(&grid);
	grid_free(&grid);
	free(cols);
}

void
out_columns(void)
{
	size_t i;

	for (i = 0; i < NCOLUMNS; i++)
		printf("%-10s  %s\n", columns[i].name, columns[i].text);
}

/* Forwards have no class, unless they show one of their tunnel. */
static const char *
class_of(enum tun_state s)
{
	enum tun_class class = tun_state_class(s);

	return class == TUN_CLASS_UNKNOWN &&
	    tun_state_health(s, NULL) != TUN_HEALTH_UNKNOWN ? "-" :
	    tun_class_name(class);
}

void
out_states(void)
{
	int s;

	printf("%-11s  %-8s  %-6s  %s\n", "STATE", "CLASS", "HEALTH",
	    "MEANING");
	for (s = 0; s < TUN_NSTATES; s++)
		printf("%-11s  %-8s  %-6s  %s\n", tun_state_name(s),
		    class_of(s), tun_health_name(tun_state_health(s, NULL)),
		    tun_state_text(s));
}
