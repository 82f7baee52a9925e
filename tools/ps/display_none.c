/* SPDX-License-Identifier: ISC */
/* In place of display_curses.c where there is no curses for wide characters. */

#include "ps/display.h"

int
display_start(int color)
{
	(void)color;
	return -1;
}

/* What follows is never called. */

void
display_leave(void)
{
}

void
display_enter(void)
{
}

void
display_resize(size_t lines, size_t width)
{
	(void)lines;
	(void)width;
}

void
display_begin(void)
{
}

void
display_line(size_t line, const char *text, int selected)
{
	(void)line;
	(void)text;
	(void)selected;
}

void
display_end(int line)
{
	(void)line;
}

int
display_key(size_t *linep)
{
	(void)linep;
	return DISPLAY_NONE;
}
