/* SPDX-License-Identifier: ISC */
/* --watch with keys: what each key does. */

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "common/out.h"
#include "common/pick.h"
#include "common/tool.h"
#include "ps/display.h"
#include "ps/screen.h"

#define WHEEL	3		/* lines */

/* --- moving --------------------------------------------------------------- */

/* The place after so many steps down or up, from least to most. */
static size_t
moved(size_t at, size_t by, int down, size_t least, size_t most)
{
	if (down)
		return most - at > by ? at + by : most;
	return at - least > by ? at - by : least;
}

/*
 * Moves by lines where rows have several: within the selected row, if it has
 * more than the screen, and else to another one.
 */
static void
move_by_lines(struct screen *s, size_t by, int down)
{
	const struct screen_text *body = &s->list.body;
	size_t first, last, end, line, h = screen_height(s);

	/* Several keys may have been typed since the last frame. */
	screen_layout(s, &first, &last);
	end = last + 1 > h ? last + 1 - h : 0;
	if (first < end && s->top != (down ? end : first)) {
		s->top = moved(s->top, by, down, first, end);
		return;
	}
	line = moved(first, by, down, 0, body->n - 1);
	if (down && line <= last && last + 1 < body->n)
		line = last + 1;
	s->list.at = body->v[line].row;
}

/* Moves in the list, or in the page that is shown. */
static void
move_by(struct screen *s, size_t by, int down)
{
	struct screen_list *l = &s->list;

	if (s->page.n > 0)
		s->page_top = moved(s->page_top, by, down, 0, s->page.n - 1);
	else if (l->nshown > 0 && (l->evidence || s->args->view.why))
		move_by_lines(s, by, down);
	else if (l->nshown > 0)
		l->at = moved(l->at, by, down, 0, l->nshown - 1);
}

/* Moves to the first, or to the last; drawing limits what is scrolled. */
static void
move_to_end(struct screen *s, int down)
{
	size_t n = s->list.nshown;

	if (s->page.n > 0) {
		s->page_top = down ? s->page.n - 1 : 0;
		return;
	}
	s->list.at = down && n > 0 ? n - 1 : 0;
	s->top = down ? s->list.body.n : 0;
}

/* Moves by a key; returns 0 for other keys. */
static int
take_move(struct screen *s, int key)
{
	size_t page = screen_height(s) > 1 ? screen_height(s) - 1 : 1;

	switch (key) {
	case DISPLAY_WHEEL_UP:
		move_by(s, WHEEL, 0);
		break;
	case DISPLAY_WHEEL_DOWN:
		move_by(s, WHEEL, 1);
		break;
	case DISPLAY_UP: case 'k':
		move_by(s, 1, 0);
		break;
	case DISPLAY_DOWN: case 'j':
		move_by(s, 1, 1);
		break;
	case DISPLAY_PAGE_UP: case 'b':
		move_by(s, page, 0);
		break;
	case DISPLAY_PAGE_DOWN: case ' ':
		move_by(s, page, 1);
		break;
	case DISPLAY_HOME: case 'g':
		move_to_end(s, 0);
		break;
	case DISPLAY_END: case 'G':
		move_to_end(s, 1);
		break;
	default:
		return 0;
	}
	return 1;
}

/* --- filter --------------------------------------------------------------- */

/* Takes off the last character. */
static void
shorten(char *filter)
{
	size_t n = strlen(filter);

	while (n > 0 && (filter[n - 1] & 0xc0) == 0x80)
		n--;
	filter[n > 0 ? n - 1 : 0] = '\0';
}

static void
take_typed(struct screen *s, int key)
{
	char *filter = s->list.filter;
	size_t n = strlen(filter);

	if (key == DISPLAY_ENTER || key == DISPLAY_ESCAPE)
		s->typing = 0;
	if (key == DISPLAY_ESCAPE)
		*filter = '\0';
	else if (key == DISPLAY_BACKSPACE)
		shorten(filter);
	else if (key >= ' ' && key < 0x100 && n + 1 < FILTER_MAX) {
		filter[n] = (char)key;
		filter[n + 1] = '\0';
	}
	screen_list_filter(&s->list);
}

/* --- order and views ------------------------------------------------------ */

/* By the next column, or after the last as the command line says. */
static void
sort_next(struct screen *s)
{
	struct args *args = s->args;

	if (++s->sorted > args->view.ncols)
		s->sorted = 0;
	if (s->sorted == 0) {
		args->keys = s->keys;
		args->nkeys = s->nkeys;
		screen_say(s, "not sorted by a key");
	} else {
		s->key.col = args->view.cols[s->sorted - 1];
		s->key.down = 0;
		args->keys = &s->key;
		args->nkeys = 1;
		screen_say(s, "sorted by %s", columns[s->key.col].name);
	}
	screen_list_arrange(&s->list);
}

static void
sort_reverse(struct screen *s)
{
	if (s->sorted == 0) {
		screen_say(s, "s sorts first");
		return;
	}
	s->key.down = !s->key.down;
	screen_say(s, "sorted by %s%s", columns[s->key.col].name,
	    s->key.down ? ", from the end" : "");
	screen_list_arrange(&s->list);
}

static void
view_foreground(struct screen *s)
{
	struct pick *pick = &s->args->pick;

	if (s->args->server) {
		screen_say(s, "all sessions are shown");
		return;
	}
	pick->all = !pick->all;
	screen_say(s, pick->all ? "with those in the foreground" :
	    "without those in the foreground");
	screen_look(s, LOOK_OTHER);
}

static void
view_everyone(struct screen *s)
{
	struct pick *pick = &s->args->pick;

	if (s->args->server || pick->nuids > 0 || pick->npids > 0) {
		screen_say(s, "-u, -p or --server says whose are shown");
		return;
	}
	if (s->args->on_change != NULL) {
		screen_say(s, "--on-change is only for one's own");
		return;
	}
	pick->everyone = !pick->everyone;
	screen_say(s, pick->everyone ? "of all users" : "only one's own");
	screen_look(s, LOOK_OTHER);
}

/* --- help ----------------------------------------------------------------- */

static void
show_help(struct screen *s)
{
	static const char help[] =
	    "up k, down j    move\n"
	    "page up b, page down space\n"
	    "home g, end G   the first, the last\n"
	    "/               only rows with a text; ESC ends it\n"
	    "s, S            sort by the next column; reverse\n"
	    "a               also those in the foreground\n"
	    "e               also those of other users\n"
	    "enter v         the evidence for a row\n"
	    "r               look now\n"
	    "c               ask whether it works\n"
	    "x               copy what starts it to the clipboard\n"
	    "K delete        end it: shows what would end, and asks\n"
	    "W               the same for all forwards of its tunnel\n"
	    "wheel, click    move, select\n"
	    "q               quit; in a page such as this: back\n"
	    "Marks: + new, * changed, - gone.\n";

	screen_page(s, help);
}

/* --- all keys ------------------------------------------------------------- */

/* A page is left by any key that does not move in it. */
static void
take_page_key(struct screen *s, int key)
{
	if (take_move(s, key))
		return;
	if (s->ending == END_ASKED)
		screen_end_answer(s, key == 'y' || key == 'Y');
	else
		text_free(&s->page);
}

/* Selects the row of a line of the screen. */
static void
take_click(struct screen *s, size_t line)
{
	const struct screen_text *body = &s->list.body;
	size_t at = s->top + line - s->head.n;

	if (s->page.n == 0 && line >= s->head.n && at < body->n &&
	    line < s->head.n + screen_height(s))
		s->list.at = body->v[at].row;
}

static void
take_list_key(struct screen *s, int key)
{
	switch (key) {
	case '/':
		s->typing = 1;
		*s->list.filter = '\0';
		screen_list_filter(&s->list);
		break;
	case '?':
		show_help(s);
		break;
	case DISPLAY_ENTER: case 'v':
		s->list.evidence = !s->list.evidence;
		break;
	case DISPLAY_ESCAPE:
		*s->list.filter = '\0';
		screen_list_filter(&s->list);
		break;
	case 'L' & 0x1f:
		display_resize(s->lines, s->width);
		break;
	case 'K': case DISPLAY_DELETE:
		screen_end_row(s, 0);
		break;
	case 'S':
		sort_reverse(s);
		break;
	case 'W':
		screen_end_row(s, 1);
		break;
	case 'a':
		view_foreground(s);
		break;
	case 'c':
		screen_check(s);
		break;
	case 'e':
		view_everyone(s);
		break;
	case 'q': case 'Q':
		s->quit = 1;
		break;
	case 'r':
		screen_look(s, LOOK_AGAIN);
		break;
	case 's':
		sort_next(s);
		break;
	case 'x':
		screen_export(s);
		break;
	default:
		(void)take_move(s, key);
	}
}

void
screen_take_keys(struct screen *s)
{
	size_t line;
	int key;

	while (!s->quit && (key = display_key(&line)) != DISPLAY_NONE) {
		free(s->message);
		s->message = NULL;
		if (key == DISPLAY_CLICK)
			take_click(s, line);
		else if (s->typing)
			take_typed(s, key);
		else if (s->page.n > 0)
			take_page_key(s, key);
		else
			take_list_key(s, key);
	}
}
