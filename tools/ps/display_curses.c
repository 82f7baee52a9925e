/* SPDX-License-Identifier: ISC */
/* A terminal with keys and a mouse, by curses(3). */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "common/tool.h"
#include "ps/display.h"
#include "ps/screen_line.h"

#define ESCAPE_MS	25	/* a key that begins with ESC is sent at once */

static SCREEN *screen;

void
display_leave(void)
{
	sigset_t ttou, old;

	if (screen == NULL || isendwin())
		return;
	/* A tool that ends in the background must not be stopped instead. */
	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &old);
	endwin();
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void
display_enter(void)
{
	clearok(curscr, TRUE);
	refresh();
}

int
display_start(int color)
{
	short i;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    (screen = newterm(NULL, stdout, stdin)) == NULL)
		return -1;
	atexit(display_leave);
	cbreak();
	noecho();
	nonl();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	mouseinterval(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	if (color && start_color() == OK) {
		use_default_colors();
		for (i = 0; i < 8; i++)
			init_pair((short)(i + 1), i, -1);
	}
	return 0;
}

void
display_resize(size_t lines, size_t width)
{
	/* Unlike resizeterm(), it adds no KEY_RESIZE to what was typed. */
	resize_term((int)lines, (int)width);
	clearok(curscr, TRUE);
}

void
display_begin(void)
{
	erase();
}

/* What "\033[1;31m" makes of the attributes. */
static attr_t
change(attr_t attr, const char *sequence)
{
	const char *s = sequence + 1;
	long n;

	do {
		n = strtol(s + 1, (char **)&s, 10);
		if (n == 0)
			attr = A_NORMAL;
		else if (n == 1)
			attr |= A_BOLD;
		else if (n == 2)
			attr |= A_DIM;
		else if (n == 4)
			attr |= A_UNDERLINE;
		else if (n == 7)
			attr |= A_REVERSE;
		else if (has_colors() && n >= 30 && n <= 37)
			attr = (attr & ~(attr_t)A_COLOR) |
			    (attr_t)COLOR_PAIR(n - 30 + 1);
		else if (n == 39)
			attr &= ~(attr_t)A_COLOR;
	} while (*s == ';');
	return attr;
}

void
display_line(size_t line, const char *text, int selected)
{
	attr_t attr = A_NORMAL, base = selected ? A_REVERSE : A_NORMAL;
	size_t n, room = (size_t)COLS;
	char *cut, *part;
	const char *s;

	if (move((int)line, 0) == ERR)
		return;
	s = cut = line_cut(text, room);
	while (*s != '\0') {
		if ((n = line_sequence(s)) > 0) {
			attr = change(attr, s);
			s += n;
			continue;
		}
		n = 1 + strcspn(s + 1, "\033");
		part = tool_xasprintf("%.*s", (int)n, s);
		attrset((int)(attr | base));
		addstr(part);
		room -= tool_width(part);
		free(part);
		s += n;
	}
	free(cut);
	attrset((int)base);
	if (selected)
		hline(' ', (int)room);
	attrset(A_NORMAL);
}

void
display_end(int line)
{
	int y, x;

	curs_set(line >= 0);
	if (line >= 0) {
		/* The text of that line has been put last. */
		getyx(stdscr, y, x);
		move(line, y == line ? x : 0);
	}
	refresh();
}

static int
mouse(size_t *linep)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return DISPLAY_OTHER;
	*linep = (size_t)event.y;
	if (event.bstate & BUTTON4_PRESSED)
		return DISPLAY_WHEEL_UP;
	if (event.bstate & BUTTON5_PRESSED)
		return DISPLAY_WHEEL_DOWN;
	return DISPLAY_CLICK;
}

int
display_key(size_t *linep)
{
	int key = getch();

	switch (key) {
	case ERR:
		return DISPLAY_NONE;
	case KEY_UP:
		return DISPLAY_UP;
	case KEY_DOWN:
		return DISPLAY_DOWN;
	case KEY_PPAGE:
		return DISPLAY_PAGE_UP;
	case KEY_NPAGE:
		return DISPLAY_PAGE_DOWN;
	case KEY_HOME:
		return DISPLAY_HOME;
	case KEY_END:
		return DISPLAY_END;
	case KEY_ENTER:
	case '\r':
	case '\n':
		return DISPLAY_ENTER;
	case KEY_DC:
		return DISPLAY_DELETE;
	case KEY_BACKSPACE:
	case '\b':
	case 0x7f:
		return DISPLAY_BACKSPACE;
	case KEY_MOUSE:
		return mouse(linep);
	default:
		return key < 0x100 ? key : DISPLAY_OTHER;
	}
}
