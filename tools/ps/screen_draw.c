/* SPDX-License-Identifier: ISC */
/* --watch with keys: heading, list or page, and the last line. */

#include <sys/types.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/out.h"
#include "common/tool.h"
#include "ps/display.h"
#include "ps/screen.h"
#include "ps/screen_line.h"

#define WIDE	60		/* columns for several keys in the heading */

/* The heading may take a fourth of the screen, and the titles are below it. */
static void
make_top(struct screen *s)
{
	char *text = text_heading(s->args, s->width < WIDE ? "q ends" :
	    "q ends, ? helps", s->width);

	text_free(&s->head);
	text_add(&s->head, text, 0);
	free(text);
	while (s->head.n > 1 && s->head.n > s->lines / 4)
		free(s->head.v[--s->head.n].s);
	if (s->page.n == 0 && s->list.title.n > 0)
		text_add(&s->head, s->list.title.v[0].s, 0);
}

/* Lines between the heading with the titles, and the status line. */
size_t
screen_height(const struct screen *s)
{
	size_t around = s->head.n + 1;

	return s->lines > around ? s->lines - around : 0;
}

/* The first and the last line of the selected row. */
static void
find_selected(const struct screen *s, size_t *firstp, size_t *lastp)
{
	const struct screen_text *body = &s->list.body;
	size_t i = 0;

	while (i < body->n && body->v[i].row != s->list.at)
		i++;
	*firstp = i;
	while (i + 1 < body->n && body->v[i + 1].row == s->list.at)
		i++;
	*lastp = i;
}

/*
 * Scrolls so that these lines of the selected row are seen; if they are more
 * than the screen, the first ones, or those to which the user has scrolled
 * since.
 */
static void
scroll_to(struct screen *s, size_t first, size_t last)
{
	size_t n = s->list.body.n, h = screen_height(s);
	size_t end = last + 1 > h ? last + 1 - h : 0;
	size_t least = first < end ? first : end;
	size_t most = first < end ? end : first;

	if (first < end && s->scrolled != s->list.at)
		s->top = first;
	if (s->top < least)
		s->top = least;
	if (s->top > most)
		s->top = most;
	if (s->top + h > n)
		s->top = n > h ? n - h : 0;
	s->scrolled = s->list.at;
}

void
screen_layout(struct screen *s, size_t *firstp, size_t *lastp)
{
	screen_list_lines(&s->list, s->width);
	find_selected(s, firstp, lastp);
	scroll_to(s, *firstp, *lastp);
}

static char *
shown(const char *text)
{
	return tool_is_shown(text) ? tool_xstrdup(text) : tool_vis(text);
}

/* What is typed: its end, where it is longer than the line. */
static char *
typed_end(const struct screen *s)
{
	char *text = shown(s->list.filter), *line;
	const char *end = text;
	uint32_t cp;
	size_t n;

	/* "/", "+" for what is left out, and the cursor. */
	while (tool_width(end) + (end > text ? 3 : 2) > s->width &&
	    *end != '\0') {
		n = tool_utf8(end, &cp);
		end += n > 0 ? n : 1;
	}
	line = tool_xasprintf("/%s%s", end > text ? "+" : "", end);
	free(text);
	return line;
}

/* Below a page. */
static char *
say_page(const struct screen *s, size_t more)
{
	char *text = s->ending == END_ASKED ? tool_xasprintf("end %s? y or n",
	    s->request.id) : tool_xstrdup("q: back");

	return cell_join(text, more > 0 ? "  " : "", line_more(more));
}

/* What the last line says, before it is escaped. */
static char *
say_last(const struct screen *s, size_t more)
{
	const struct screen_list *l = &s->list;

	if (s->ending == END_ASKED)
		return say_page(s, more);
	if (s->message != NULL)
		return tool_xstrdup(s->message);
	if (s->failure != NULL)
		return tool_xstrdup(s->failure);
	if (s->page.n > 0)
		return say_page(s, more);
	if (s->typing)
		return typed_end(s);
	if (*l->filter != '\0')
		return tool_xasprintf("/%s: %zu of %zu", l->filter, l->nshown,
		    l->nrows);
	return line_more(more);
}

static void
draw_last(const struct screen *s, size_t more)
{
	char *text = say_last(s, more), *safe = shown(text);

	display_line(s->lines - 1, safe, 0);
	free(safe);
	free(text);
}

/* What is there where no row is. */
static char *
no_rows(const struct screen *s)
{
	if (s->list.r->args->view.list == NULL)
		return tool_xstrdup("");
	if (s->list.nrows > 0)
		return tool_xstrdup("no line has this text");
	if (s->args->foreground == 0)
		return tool_xstrdup(s->args->server ? "no sessions" :
		    "no tunnels");
	return tool_xasprintf("%zu in the foreground: a shows them",
	    s->args->foreground);
}

void
screen_page(struct screen *s, const char *text)
{
	free(s->page_text);
	s->page_text = tool_xstrdup(text);
	s->page_top = 0;
	screen_fold(s);
}

void
screen_fold(struct screen *s)
{
	text_free(&s->page);
	text_fold(&s->page, s->page_text, s->width);
}

void
screen_draw(struct screen *s)
{
	size_t i, line, h, more, first, last, *topp, selected = s->list.at;
	const struct screen_text *body = &s->list.body;
	char *text;

	screen_list_lines(&s->list, s->width);
	make_top(s);
	topp = &s->top;
	h = screen_height(s);
	if (s->page.n > 0) {
		body = &s->page;
		topp = &s->page_top;
		selected = (size_t)-1;
		if (*topp + h > body->n)
			*topp = body->n > h ? body->n - h : 0;
	} else {
		find_selected(s, &first, &last);
		scroll_to(s, first, last);
	}
	display_begin();
	for (line = 0; line < s->head.n; line++)
		display_line(line, s->head.v[line].s, 0);
	for (i = 0; i < h && *topp + i < body->n; i++)
		display_line(line + i, body->v[*topp + i].s,
		    body->v[*topp + i].row == selected);
	if (body->n == 0 && h > 0) {
		text = no_rows(s);
		display_line(line, text, 0);
		free(text);
	}
	more = body->n > *topp + h ? body->n - *topp - h : 0;
	draw_last(s, more);
	display_end(s->typing ? (int)s->lines - 1 : -1);
}
