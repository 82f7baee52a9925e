/* SPDX-License-Identifier: ISC */
/* Removes and sorts rows. */

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "common/out.h"
#include "common/tool.h"

/* A row with its sort keys. */
struct sorted_row {
	struct row row;
	size_t place;		/* its place before sorting */
	struct cell *cells;	/* one for each key */
	const struct key *keys;
	size_t nkeys;
};

const char *
row_id(const struct row *row)
{
	return row->fwd != NULL && row->fwd->id != NULL ? row->fwd->id :
	    row->tun->id;
}

enum tun_state
row_state(const struct row *row)
{
	return row->fwd != NULL ? tun_fwd_state(row->fwd) : row->tun->state;
}

enum tun_health
row_health(const struct row *row, const char **reasonp)
{
	return row->fwd != NULL ? tun_fwd_health(row->fwd, reasonp) :
	    tun_health(row->tun, reasonp);
}

void
rows_keep_one(struct view *view, int newest)
{
	const struct tun *t, *best = NULL;
	size_t i, n = 0;

	for (i = 0; i < view->nrows; i++) {
		t = view->rows[i].tun;
		/* Within the same second, PIDs decide. */
		if (best == NULL || (t->start != best->start ?
		    (t->start > best->start) == newest :
		    (t->pid > best->pid) == newest))
			best = t;
	}
	for (i = 0; i < view->nrows; i++) {
		if (view->rows[i].tun == best)
			view->rows[n++] = view->rows[i];
	}
	view->nrows = n;
}

size_t
rows_together(const struct row *rows, size_t nrows, size_t i)
{
	size_t n = 1;

	while (i + n < nrows && rows[i + n].tun == rows[i].tun)
		n++;
	return n;
}

size_t
rows_tunnels(const struct row *rows, size_t nrows)
{
	size_t i, n = 0;

	for (i = 0; i < nrows; i += rows_together(rows, nrows, i))
		n++;
	return n;
}

int
rows_differ(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->ncols; i++) {
		if (columns[view->cols[i]].per_forward)
			return 1;
	}
	return 0;
}

void
rows_keep_tunnels(struct view *view)
{
	size_t i, n = 0;

	for (i = 0; i < view->nrows; i++) {
		if (n == 0 || view->rows[i].tun != view->rows[n - 1].tun)
			view->rows[n++] = view->rows[i];
	}
	view->nrows = n;
}

static int
cmp(const void *a, const void *b)
{
	const struct sorted_row *x = a, *y = b;
	size_t i;
	int c;

	for (i = 0; i < x->nkeys; i++) {
		c = cell_cmp(&x->cells[i], &y->cells[i]);
		if (c != 0)
			return x->keys[i].down ? -c : c;
	}
	return x->place < y->place ? -1 : 1;
}

static void
sort(struct view *view, struct sorted_row *lines, const struct key *keys,
    size_t nkeys, int whole)
{
	const struct row *of = view->rows;
	size_t i, j;

	for (i = 0; i < view->nrows; i++) {
		if (!whole || view->rows[i].tun != of->tun)
			of = &view->rows[i];
		lines[i].row = view->rows[i];
		lines[i].place = i;
		lines[i].keys = keys;
		lines[i].nkeys = nkeys;
		lines[i].cells = tool_xcalloc(nkeys, sizeof(struct cell));
		for (j = 0; j < nkeys; j++)
			lines[i].cells[j] = cell_get(view, of, keys[j].col);
	}
	qsort(lines, view->nrows, sizeof(*lines), cmp);
	for (i = 0; i < view->nrows; i++) {
		view->rows[i] = lines[i].row;
		for (j = 0; j < nkeys; j++)
			free(lines[i].cells[j].text);
		free(lines[i].cells);
	}
}

void
rows_sort(struct view *view, const struct key *keys, size_t nkeys, int whole)
{
	struct sorted_row *lines;

	if (nkeys == 0 || view->nrows < 2)
		return;
	lines = tool_xcalloc(view->nrows, sizeof(*lines));
	sort(view, lines, keys, nkeys, whole);
	free(lines);
}

int
rows_same(const struct row *a, const struct row *b)
{
	if (!tool_same_process(a->tun, b->tun))
		return 0;
	if (a->fwd == NULL || b->fwd == NULL)
		return a->fwd == b->fwd;
	/* An ID gets a suffix when another tunnel comes to have it. */
	return strcmp(a->fwd->id, b->fwd->id) == 0 ||
	    tun_forward_cmp(&a->fwd->spec, &b->fwd->spec) == 0;
}

/* A change of times and byte counts is not marked. */
static int
is_news(enum column col)
{
	return (columns[col].form == FORM_TEXT ||
	    columns[col].form == FORM_COUNT) && col != COL_WHY;
}

static int
has_changed(const struct view *view, const struct row *a, const struct row *b)
{
	struct cell x, y;
	size_t i;
	int changed = 0;

	for (i = 0; i < view->ncols && !changed; i++) {
		if (!is_news(view->cols[i]))
			continue;
		x = cell_get(view, a, view->cols[i]);
		y = cell_get(view, b, view->cols[i]);
		changed = cell_cmp(&x, &y) != 0;
		free(x.text);
		free(y.text);
	}
	return changed;
}

size_t
rows_find(const struct row *row, const struct row *old, size_t n, size_t hint)
{
	size_t i;

	if (hint < n && rows_same(row, &old[hint]))
		return hint;
	for (i = 0; i < n; i++) {
		if (rows_same(row, &old[i]))
			return i;
	}
	return n;
}

char *
rows_mark(struct view *view, const struct row *old, size_t nold)
{
	char *marks = tool_xcalloc(view->nrows + nold + 1, 1);
	char *met = tool_xcalloc(nold, 1);
	size_t i, k = 0, n = view->nrows;

	for (i = 0; i < n; i++) {
		k = rows_find(&view->rows[i], old, nold, k);
		if (k == nold) {
			marks[i] = '+';
			continue;
		}
		met[k] = 1;
		marks[i] = has_changed(view, &view->rows[i], &old[k]) ? '*' :
		    ' ';
		k++;
	}
	view->rows = tool_xreallocarray(view->rows, n + nold,
	    sizeof(*view->rows));
	for (k = 0; k < nold; k++) {
		if (!met[k]) {
			view->rows[view->nrows] = old[k];
			marks[view->nrows++] = '-';
		}
	}
	free(met);
	return marks;
}
