/* SPDX-License-Identifier: ISC */
/* --watch with keys, on a terminal that curses(3) can use. */
#ifndef SCREEN_H
#define SCREEN_H

#include <stddef.h>

#include "common/tool.h"
#include "ps/end_row.h"
#include "ps/rounds.h"
#include "ps/screen_list.h"
#include "ps/screen_text.h"

enum ending {
	END_NONE,
	END_PLAN,		/* tunkill -n has been started */
	END_ASKED,		/* its plan is shown, with a question */
	END_ENDING		/* tunkill has been started */
};

struct screen {
	struct screen_list list;
	struct args *args;
	size_t lines, width;	/* of the terminal */
	struct screen_text head;	/* the heading, and the titles */
	size_t top;		/* the first line of the list that is shown */
	size_t scrolled;	/* the row that it was chosen for */
	struct screen_text page; /* in place of the list, if it has lines */
	size_t page_top;
	char *page_text;	/* that its lines were made of */
	int typing;		/* the filter */
	int quit;
	enum ending ending;	/* of this row: */
	struct end_request request;
	int no_helper;		/* what starts tunkill has ended */
	char *failure;		/* of the last look, or NULL */
	char *message;		/* about the last key, or NULL */
	struct key *keys;	/* of the command line, */
	size_t nkeys;		/* whatever s has chosen */
	size_t sorted;		/* column of s, from 1; 0: as keys say */
	struct key key;
};

/* Until the user quits.  Returns -1 if there is no such terminal. */
int	 screen_run(struct rounds *r);

/* screen_look.c */
void	 screen_look(struct screen *s, enum look_how how);
/* Says it on the last line, until the next key. */
void	 screen_say(struct screen *s, const char *fmt, ...) TOOL_PRINTF(2, 3);

/* screen_draw.c */
void	 screen_draw(struct screen *s);
/* Shows a page with this text. */
void	 screen_page(struct screen *s, const char *text);
/* Makes the lines of the page anew, for another width. */
void	 screen_fold(struct screen *s);
/* Lines for the list, or for the page that is shown in its place. */
size_t	 screen_height(const struct screen *s);
/* Scrolls to the selected row; its first and its last line among all. */
void	 screen_layout(struct screen *s, size_t *firstp, size_t *lastp);

/* screen_end.c: for the selected row. */
void	 screen_check(struct screen *s);
void	 screen_export(struct screen *s);
/*
 * Has tunkill make a plan for it, or for its whole tunnel; the reply comes
 * later.
 */
void	 screen_end_row(struct screen *s, int whole);
void	 screen_end_answer(struct screen *s, int yes);
void	 screen_end_reply(struct screen *s);

/* screen_keys.c: takes the keys that have been typed. */
void	 screen_take_keys(struct screen *s);

#endif
