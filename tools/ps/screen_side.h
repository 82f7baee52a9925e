/* SPDX-License-Identifier: ISC */
/* What the screen shows to the right of the rows, where there is room. */
#ifndef SCREEN_SIDE_H
#define SCREEN_SIDE_H

#include <stddef.h>

#include "ps/past.h"

struct side {
	size_t bar;		/* looks in the bar; 0: no bar */
	size_t was;		/* columns of the state before; 0: no change */
};

/* What fits into so many columns, for the longest word of a state. */
struct side side_fit(size_t room, size_t state);
/* The columns that it takes, with the blanks before it. */
size_t	 side_width(const struct side *side);
/* The text for a row, or the titles (NULL).  The caller frees it. */
char	*side_text(const struct side *side, const struct past *p);

#endif
