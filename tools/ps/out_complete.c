/* SPDX-License-Identifier: ISC */
/* Words for the completion of the shells: value, tab, meaning. */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/out.h"
#include "common/tool.h"
#include "compat/compat.h"

struct offer {
	int rank;		/* keeps words of one kind together */
	char *value, *text;
};

struct offers {
	struct offer *v;
	size_t n;
	const char *prefix;
};

/*
 * Completion puts a word into a command line.  The shells quote words from
 * other processes; a word that could still run something is left out.
 */
static int
is_plain(const char *s)
{
	char *safe = tool_vis(s);
	int plain = *s != '\0' && *s != '-' && strcmp(s, safe) == 0 &&
	    s[strcspn(s, "!\"$&'()*;<>?\\^`{|}")] == '\0';

	free(safe);
	return plain;
}

/* Adds a word; frees both strings. */
static void
add(struct offers *w, int rank, char *value, char *text)
{
	size_t len = strlen(w->prefix);

	if (value == NULL || !is_plain(value) ||
	    strncasecmp(value, w->prefix, len) != 0) {
		free(value);
		free(text);
		return;
	}
	w->v = tool_xreallocarray(w->v, w->n + 1, sizeof(*w->v));
	w->v[w->n].rank = rank;
	w->v[w->n].value = value;
	w->v[w->n++].text = text;
}

static int
cmp(const void *a, const void *b)
{
	const struct offer *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return strcmp(x->value, y->value);
}

/* "localhost:80 via fred@server, 3d04h" */
static char *
describe(const struct view *view, const struct row *row)
{
	char *target, *via = cell_via(row->tun), *text, age[32] = "";
	struct cell cell = cell_get(view, row, COL_AGE);

	target = row->fwd != NULL ? cell_target(row) : NULL;
	if (cell.type == CELL_NUMBER)
		tool_age(cell.number, age, sizeof(age));
	text = tool_xasprintf("%s%svia %s%s%s", target != NULL ? target : "",
	    target != NULL ? " " : "", via != NULL ? via : "?",
	    *age != '\0' ? ", " : "", age);
	free(target);
	free(via);
	return text;
}

static void
add_tunnel(struct offers *w, const struct view *view, const struct row *row)
{
	const struct tun *t = row->tun;
	struct row whole = { t, NULL };

	if (t->label != NULL)
		add(w, 1, tool_xasprintf("@%s", t->label),
		    describe(view, row));
	if (t->dest != NULL)
		add(w, 2, tool_xstrdup(t->dest), tool_xstrdup("destination"));
	if (t->host != NULL)
		add(w, 2, tool_xstrdup(t->host), tool_xstrdup("destination"));
	if (t->pid > 0)
		add(w, 4, tool_xasprintf("%ld", (long)t->pid),
		    describe(view, &whole));
	if (t->ctlpath != NULL)
		add(w, 5, tool_xstrdup(t->ctlpath),
		    tool_xstrdup("control socket"));
}

void
out_complete(const struct view *view, const char *prefix)
{
	struct offers w = { NULL, 0, prefix };
	const struct row *row;
	const struct tun_end *end;
	size_t i;
	char *s;

	for (i = 0; i < view->nrows; i++) {
		row = &view->rows[i];
		if (i == 0 || row->tun != row[-1].tun)
			add_tunnel(&w, view, row);
		if (row->fwd == NULL) {
			add(&w, 0, tool_xstrdup(row->tun->id),
			    describe(view, row));
			continue;
		}
		end = &row->fwd->spec.listen;
		add(&w, 0, tool_xstrdup(row->fwd->id), describe(view, row));
		if (end->port > 0)
			add(&w, 3, tool_xasprintf(*prefix == ':' ? ":%d" :
			    "%d", end->port), describe(view, row));
		if (end->path != NULL)
			add(&w, 5, tool_xstrdup(end->path),
			    describe(view, row));
	}
	if (w.n > 0)
		qsort(w.v, w.n, sizeof(*w.v), cmp);
	for (i = 0; i < w.n; i++) {
		if (i > 0 && strcmp(w.v[i].value, w.v[i - 1].value) == 0)
			continue;
		s = tool_vis(w.v[i].text);
		printf("%s\t%s\n", w.v[i].value, s);
		free(s);
	}
	for (i = 0; i < w.n; i++) {
		free(w.v[i].value);
		free(w.v[i].text);
	}
	free(w.v);
}
