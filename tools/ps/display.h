/* SPDX-License-Identifier: ISC */
/* A terminal with keys and a mouse, by curses(3). */
#ifndef DISPLAY_H
#define DISPLAY_H

#include <stddef.h>

/* Keys above all bytes. */
enum {
	DISPLAY_NONE = -1,	/* no key is waiting */
	DISPLAY_UP = 0x100, DISPLAY_DOWN, DISPLAY_PAGE_UP, DISPLAY_PAGE_DOWN,
	DISPLAY_HOME, DISPLAY_END, DISPLAY_ENTER, DISPLAY_DELETE,
	DISPLAY_BACKSPACE, DISPLAY_WHEEL_UP, DISPLAY_WHEEL_DOWN,
	DISPLAY_CLICK, DISPLAY_OTHER
};
#define DISPLAY_ESCAPE	'\033'

/*
 * Takes the terminal, with colours or without.  Returns -1 if it cannot be
 * used, or if this was built without curses(3); then nothing has happened.
 */
int	 display_start(int color);
/* Gives the terminal back; display_enter() takes it again. */
void	 display_leave(void);
void	 display_enter(void);
/* The terminal has this size now, and nothing is known of what it shows. */
void	 display_resize(size_t lines, size_t width);

/* A frame is empty at first, and is shown at its end. */
void	 display_begin(void);
/*
 * Puts a line; where it does not fit, a '+' shows that it was cut.  Of
 * sequences it has none but "\033[...m".
 */
void	 display_line(size_t line, const char *text, int selected);
/* With a cursor after the text of that line, or without one (-1). */
void	 display_end(int line);

/* The next key; *linep is where a click was. */
int	 display_key(size_t *linep);

#endif
