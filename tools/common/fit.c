/* SPDX-License-Identifier: ISC */
/* What fits the terminal: columns, texts, lines of words. */

#include <stdlib.h>
#include <string.h>

#include "common/grid.h"
#include "common/tool.h"
#include "compat/compat.h"

#define MARK	2		/* width of a mark and its blank */
#define MORE	(FIT_GAP + 3)	/* of "+12" after the first line */

size_t
fit_room(const struct grid *grid)
{
	size_t taken = grid->marks != NULL ? MARK : 0;

	return grid->width > taken ? grid->width - taken : 1;
}

/* The width that a column needs at least. */
static size_t
least(const struct grid *grid, size_t i, size_t width)
{
	const struct grid_column *col = &grid->cols[i];
	size_t n = col->least;

	if (grid->titles && n < strlen(col->name))
		n = strlen(col->name);
	return col->least == 0 || width < n ? width : n;
}

/* The columns in the order of their ranks, and of their places within one. */
static size_t *
by_rank(const struct grid *grid)
{
	size_t *order = tool_xcalloc(grid->ncols, sizeof(*order)), i, j;

	for (i = 0; i < grid->ncols; i++) {
		for (j = i; j > 0 && grid->cols[order[j - 1]].rank >
		    grid->cols[i].rank; j--)
			order[j] = order[j - 1];
		order[j] = i;
	}
	return order;
}

static size_t
line_width(const struct grid *grid, const size_t *widths, int at_least)
{
	size_t i, sum = 0;

	for (i = 0; i < grid->ncols; i++)
		sum += (i > 0 ? FIT_GAP : 0) + (at_least ?
		    least(grid, i, widths[i]) : widths[i]);
	return sum;
}

/* The width of the first column but for texts of more than a third of room. */
static size_t
usual_width(const struct grid *grid, char *const *texts, size_t room)
{
	size_t i, width, most = grid->titles ? strlen(grid->cols[0].name) : 0;

	for (i = 0; i < grid->nrows; i++) {
		width = tool_width(texts[i * grid->ncols]);
		if (width > most && width <= room / 3)
			most = width;
	}
	return most;
}

/*
 * Gives room to the columns, one by one in each round, until all have what they
 * want: so short texts stay whole, and the longest share what is left.
 */
static void
widen(const struct grid *grid, const size_t *order, const size_t *wanted,
    size_t *widths, size_t room)
{
	size_t i, k, last = 0;

	while (room > 0 && room != last) {
		last = room;
		for (k = 0; k < grid->ncols && room > 0; k++) {
			i = order[k];
			if (widths[i] == FIT_OUT || widths[i] >= wanted[i])
				continue;
			widths[i]++;
			room--;
		}
	}
}

size_t
fit_columns(const struct grid *grid, char *const *texts, size_t *widths)
{
	size_t i, k, nout = 0, need, room = fit_room(grid);
	size_t *order, *wanted;

	if (grid->width == 0 || line_width(grid, widths, 0) <= room)
		return 0;
	if (grid->cols[0].rank == 0)
		widths[0] = usual_width(grid, texts, room);
	if (line_width(grid, widths, 1) > room)
		room -= room > MORE ? MORE : 0;
	order = by_rank(grid);
	wanted = tool_xcalloc(grid->ncols, sizeof(*wanted));
	for (k = 0; k < grid->ncols; k++) {
		i = order[k];
		wanted[i] = widths[i];
		widths[i] = least(grid, i, widths[i]);
		need = (k > 0 ? FIT_GAP : 0) + widths[i];
		if (need <= room)
			room -= need;
		else if (k > 0) {
			widths[i] = FIT_OUT;
			nout++;
		} else
			room = 0;
	}
	widen(grid, order, wanted, widths, room);
	free(wanted);
	free(order);
	return nout;
}

void
fit_cut(char *s, size_t width)
{
	if (tool_width(s) > width)
		strlcpy(s + tool_fit(s, width - 1), "+", 2);
}

void
fit_fold(FILE *fp, size_t width, char *text)
{
	char *s = tool_vis(text);

	tool_fold(fp, width, s);
	free(s);
	free(text);
}
