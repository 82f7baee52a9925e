/* SPDX-License-Identifier: ISC */
/* The list on the screen: its rows, which one is selected, and its lines. */
#ifndef SCREEN_LIST_H
#define SCREEN_LIST_H

#include <stddef.h>

#include "ps/past.h"
#include "ps/rounds.h"
#include "ps/screen_text.h"

#define FILTER_MAX	128

struct screen_list {
	struct rounds *r;
	char *marks;		/* of all rows */
	size_t nrows;		/* those that are gone are last */
	size_t *shown;		/* the rows that have the text of the filter */
	size_t nshown;
	size_t at;		/* the selected one of these */
	struct past *past;	/* of all rows */
	struct past *old_past;	/* of those of the look before */
	int evidence;		/* show it below the selected row */
	char filter[FILTER_MAX];
	struct screen_text title, body; /* as screen_list_lines() made them */
};

enum look_how {
	LOOK_AGAIN,
	LOOK_OTHER		/* at another view: options have changed */
};

/* Returns -1 if that is not possible; then all stays as it is. */
int	 screen_list_look(struct screen_list *l, enum look_how how);
/* Chooses and sorts the rows again, as the command line now says. */
void	 screen_list_arrange(struct screen_list *l);
/* Finds the rows that have the text of the filter. */
void	 screen_list_filter(struct screen_list *l);
/* The selected row, or NULL. */
const struct row *screen_list_selected(const struct screen_list *l);
/* Makes the lines for a screen of so many columns. */
void	 screen_list_lines(struct screen_list *l, size_t width);
void	 screen_list_free(struct screen_list *l);

#endif
