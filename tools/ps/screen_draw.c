/* SPDX-License-Identifier: ISC */
/* --watch with keys: heading, list or page, and the last line. */

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "common/tool.h"
#include "ps/display.h"
#include "ps/screen.h"

#define WIDE	60		/* columns for more than one key in the heading */

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

/* Scrolls so that the lines of the selected row are seen, the first at least. */
static void
scroll_to_selected(struct screen *s)
{
	const struct screen_text *body = &s->list.body;
	size_t first = 0, last, h = screen_height(s);

	while (first < body->n && body->v[first].row != s->list.at)
		first++;
	for (last = first; last + 1 < body->n &&
	    body->v[last + 1].row == s->list.at; last++)
		;
	if (s->top + h <= last)
		s->top = last + 1 > h ? last + 1 - h : 0;
	if (s->top > first)
		s->top = first;
	if (s->top + h > body->n)
		s->top = body->n > h ? body->n - h : 0;
}

static char *
shown(const char *text)
{
	return tool_is_shown(text) ? tool_xstrdup(text) : tool_vis(text);
}

/* What the last line says, before it is escaped. */
static char *
say_last(const struct screen *s, size_t more)
{
	const struct screen_list *l = &s->list;

	if (s->ending == END_ASKED)
		return tool_xasprintf("end %s? y or n", s->request.id);
	if (s->message != NULL)
		return tool_xstrdup(s->message);
	if (s->failure != NULL)
		return tool_xstrdup(s->failure);
	if (s->typing)
		return tool_xasprintf("/%s", l->filter);
	if (*l->filter != '\0')
		return tool_xasprintf("/%s: %zu of %zu", l->filter, l->nshown,
		    l->nrows);
	if (more > 0)
		return tool_xasprintf("(%zu more lines)", more);
	return tool_xstrdup("");
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
	if (s->list.r->args->view.list == NULL || s->list.nrows > 0)
		return tool_xstrdup("");
	if (s->args->foreground == 0)
		return tool_xstrdup("no tunnels");
	return tool_xasprintf("%zu in the foreground: a shows them",
	    s->args->foreground);
}

void
screen_draw(struct screen *s)
{
	size_t i, line, h, more, *topp, selected = s->list.at;
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
	} else
		scroll_to_selected(s);
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
