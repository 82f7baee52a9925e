/* SPDX-License-Identifier: ISC */
/* Trees: supervisor, tunnel, its helpers and forwards, their clients. */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/out.h"
#include "common/tool.h"

#define DEPTH	4		/* supervisor, tunnel, forward, client */
#define GAP	2		/* before the state */
#define LEAST	8		/* columns of a text that is cut */

struct tree {
	const struct view *view;
	int last[DEPTH];	/* the last one below the same parent */
	const char *down, *fork, *end, *arrow;
};

/* Prints a line, and in its colour the word that begins there. */
static void
put_line(const struct tree *tree, const char *line, size_t at, enum tone tone)
{
	size_t n;

	if (!tree->view->color || tone == TONE_NONE || at >= strlen(line)) {
		puts(line);
		return;
	}
	n = strcspn(line + at, " ,");
	printf("%.*s%s%.*s" COLOR_OFF "%s\n", (int)at, line, color_on(tone),
	    (int)n, line + at, line + at + n);
}

/*
 * Prints one line and frees its three texts, of which the last one may be NULL;
 * it begins with the word that has the tone.
 * On a narrow terminal the second one is cut, then the third, never the first.
 * Text from other processes is escaped; the lines of the tree are not.
 */
static void
put(struct tree *tree, int depth, int last, char *head, char *text, char *tail,
    enum tone tone)
{
	char *parts[] = { head, text, tail != NULL ? tail : tool_xstrdup("") };
	char *vis[3], *line;
	size_t width = tree->view->width, taken = 3 * (size_t)depth, least;
	int i;

	tree->last[depth] = last;
	for (i = 1; i < depth; i++)
		fputs(tree->last[i] ? "   " : tree->down, stdout);
	if (depth > 0)
		fputs(last ? tree->end : tree->fork, stdout);
	for (i = 0; i < 3; i++) {
		vis[i] = tool_vis(parts[i]);
		free(parts[i]);
	}
	if (width > 0) {
		width = width > taken ? width - taken : 1;
		taken = tool_width(vis[0]) + tool_width(vis[2]);
		fit_cut(vis[1], width > taken + LEAST ? width - taken : LEAST);
	}
	line = tool_xasprintf("%s%s%s", vis[0], vis[1], vis[2]);
	if (width > 0) {
		least = tool_width(vis[0]);
		fit_cut(line, width > least ? width : least + 1);
	}
	put_line(tree, line, strlen(vis[0]) + strlen(vis[1]) + GAP, tone);
	free(line);
	for (i = 0; i < 3; i++)
		free(vis[i]);
}

static void
put_clients(struct tree *tree, int depth, const struct tun_fwd *fwd)
{
	size_t i, n;
	char **v = cell_clients(fwd, &n);

	for (i = 0; i < n; i++)
		put(tree, depth, i + 1 == n, tool_xstrdup(""), v[i], NULL,
		    TONE_NONE);
	free(v);
}

static void
put_forward(struct tree *tree, int depth, int last, const struct row *row)
{
	const struct tun_fwd *fwd = row->fwd;
	char *listen = cell_listen(row), *target = cell_target(row);
	char conns[32] = "";

	if (fwd->conns > 0)
		snprintf(conns, sizeof(conns), ", %d connection%s", fwd->conns,
		    fwd->conns > 1 ? "s" : "");
	put(tree, depth, last, tool_xasprintf("%s  ", fwd->id),
	    tool_xasprintf("%s %s %s", listen != NULL ? listen : "?",
	    tree->arrow, target != NULL ? target : "?"),
	    tool_xasprintf("  %s%s", tun_state_name(tun_fwd_state(fwd)),
	    conns),
	    cell_tone(tun_fwd_state(fwd), tun_fwd_health(fwd, NULL)));
	free(listen);
	free(target);
	put_clients(tree, depth + 1, fwd);
}

static void
put_helper(struct tree *tree, int depth, int last, const struct tun_peer *p)
{
	put(tree, depth, last,
	    tool_xasprintf("%ld helper  ", (long)p->pid),
	    p->argv != NULL ? cell_words(p->argv) :
	    tool_xstrdup(p->comm != NULL ? p->comm : "?"), NULL,
	    TONE_NONE);
}

static void
put_tunnel(struct tree *tree, int depth, int last, const struct row *row,
    size_t n)
{
	const struct tun *t = row->tun;
	struct cell age = cell_get(tree->view, row, COL_AGE);
	char *via = cell_via(t), text[32] = "?";
	size_t i, nfwds = row->fwd != NULL ? n : 0;

	if (age.type == CELL_NUMBER)
		tool_age(age.number, text, sizeof(text));
	put(tree, depth, last, tool_xasprintf("%ld %s", (long)t->pid,
	    t->master == 1 ? "master " : ""),
	    via != NULL ? via : tool_xstrdup("?"),
	    tool_xasprintf("  %s  %s  %s", tun_state_name(t->state),
	    tun_origin_name(t->origin), text),
	    cell_tone(t->state, tun_health(t, NULL)));
	for (i = 0; i < t->nhelpers; i++)
		put_helper(tree, depth + 1, i + 1 == t->nhelpers && nfwds == 0,
		    t->helpers[i]);
	for (i = 0; i < nfwds; i++)
		put_forward(tree, depth + 1, i + 1 == nfwds, &row[i]);
}

/* The index of the next tunnel with the same supervisor, or nrows. */
static size_t
next_sibling(const struct view *view, size_t i)
{
	const struct tun *t = view->rows[i].tun, *u;

	for (i++; i < view->nrows; i++) {
		u = view->rows[i].tun;
		if (u != t && u != view->rows[i - 1].tun &&
		    u->supervisor_pid == t->supervisor_pid &&
		    u->supervisor != NULL &&
		    strcmp(u->supervisor, t->supervisor) == 0)
			break;
	}
	return i;
}

void
out_tree(const struct view *view)
{
	struct tree tree = { view, { 0 }, "|  ", "|- ", "`- ", "->" };
	char *done = tool_xcalloc(view->nrows, 1);
	size_t i, j, n, next;

	if (tool_is_utf8()) {
		tree.down = "\342\224\202  ";
		tree.fork = "\342\224\234\342\224\200 ";
		tree.end = "\342\224\224\342\224\200 ";
		tree.arrow = "\342\206\222";
	}
	for (i = 0; i < view->nrows; i += n) {
		n = rows_together(view->rows, view->nrows, i);
		if (done[i])
			continue;
		if (view->rows[i].tun->supervisor == NULL) {
			put_tunnel(&tree, 0, 1, &view->rows[i], n);
			continue;
		}
		put(&tree, 0, 1, tool_xstrdup(""),
		    tool_xstrdup(view->rows[i].tun->supervisor), NULL,
		    TONE_NONE);
		for (j = i; j < view->nrows; j = next) {
			next = next_sibling(view, j);
			put_tunnel(&tree, 1, next == view->nrows,
			    &view->rows[j],
			    rows_together(view->rows, view->nrows, j));
			done[j] = 1;
		}
	}
	free(done);
}
