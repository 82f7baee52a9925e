/* SPDX-License-Identifier: ISC */
/* The lines of a screen, whatever draws them. */

#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/tool.h"
#include "ps/screen_text.h"

static void
add_line(struct screen_text *t, char *s, size_t row)
{
	if (t->n == t->room) {
		t->room = t->room > 0 ? t->room * 2 : 64;
		t->v = tool_xreallocarray(t->v, t->room, sizeof(*t->v));
	}
	t->v[t->n].s = s;
	t->v[t->n++].row = row;
}

void
text_add(struct screen_text *t, const char *s, size_t row)
{
	char *copy = tool_xstrdup(s), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) != NULL &&
	    (rest != NULL || *line != '\0'))
		add_line(t, tool_xstrdup(line), row);
	free(copy);
}

static FILE *
open_text(char **textp, size_t *lenp)
{
	FILE *fp = open_memstream(textp, lenp);

	if (fp == NULL)
		tool_fail("--watch: %s", strerror(errno));
	return fp;
}

static void
close_text(FILE *fp)
{
	if (fclose(fp) == EOF)
		tool_fail("--watch: %s", strerror(errno));
}

void
text_fold(struct screen_text *t, const char *s, size_t width)
{
	char *copy = tool_xstrdup(s), *rest = copy, *line, *safe, *text;
	size_t len;
	FILE *fp = open_text(&text, &len);

	while ((line = strsep(&rest, "\n")) != NULL &&
	    (rest != NULL || *line != '\0')) {
		safe = tool_is_shown(line) ? tool_xstrdup(line) :
		    tool_vis(line);
		tool_fold(fp, width, safe);
		free(safe);
	}
	close_text(fp);
	text_add(t, text, 0);
	free(text);
	free(copy);
}

char *
text_heading(const struct args *args, const char *keys, size_t width)
{
	char *text;
	size_t len;
	FILE *fp = open_text(&text, &len);

	rounds_heading(args, keys, fp, width);
	close_text(fp);
	return text;
}

void
text_free(struct screen_text *t)
{
	while (t->n > 0)
		free(t->v[--t->n].s);
	free(t->v);
	memset(t, 0, sizeof(*t));
}

/* What out_table() prints for this view. */
static char *
table(struct view *view)
{
	char *text;
	size_t len;

	view->fp = open_text(&text, &len);
	out_table(view);
	close_text(view->fp);
	return text;
}

char *
text_table(const struct view *view, const size_t *rows, size_t n,
    const char *marks, size_t width)
{
	struct view some = *view;
	char *text, *some_marks = tool_xcalloc(n + 1, 1);
	size_t i;

	some.rows = tool_xcalloc(n, sizeof(*some.rows));
	for (i = 0; i < n; i++) {
		some.rows[i] = view->rows[rows[i]];
		some_marks[i] = marks[rows[i]];
	}
	some.nrows = n;
	some.marks = some_marks;
	some.width = width;
	some.why = 0;
	text = table(&some);
	free(some.rows);
	free(some_marks);
	return text;
}

char *
text_evidence(const struct view *view, size_t row, size_t width)
{
	struct view one = *view;
	char *text, *below;

	one.rows = &view->rows[row];
	one.nrows = 1;
	one.titles = 0;
	one.marks = NULL;
	one.width = width;
	one.why = 1;
	text = table(&one);
	below = tool_xstrdup(text + strcspn(text, "\n") + 1);
	free(text);
	return below;
}

int
text_has(const char *line, const char *part)
{
	size_t len = strlen(part);

	for (; strlen(line) >= len; line++) {
		if (strncasecmp(line, part, len) == 0)
			return 1;
		if (*line == '\0')
			break;
	}
	return 0;
}
