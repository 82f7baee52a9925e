/* SPDX-License-Identifier: ISC */
/*
 * Draws the same screen again and again: on the alternate screen, without a
 * cursor, in one write, and the terminal is restored however the tool ends.
 */

#include <sys/types.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/tool.h"
#include "compat/compat.h"
#include "compat/ms.h"
#include "ps/screen_line.h"
#include "ps/terminal.h"
#include "ps/watch.h"

/* Alternate screen, no cursor, no wrapping; and the reverse of it. */
#define ENTER	"\033[?1049h\033[?25l\033[?7l\033[H\033[2J"
#define LEAVE	"\033[?7h\033[?25h\033[?1049l"
#define HOME	"\033[H"
#define TO_EOL	"\033[K"
#define TO_END	"\033[J"

static struct termios before;
static int entered, have_input;

const char *
watch_refuses(void)
{
	const char *term = getenv("TERM");

	if (!isatty(STDOUT_FILENO))
		return "standard output is no terminal; -j writes JSON";
	if (term == NULL || *term == '\0' || strcmp(term, "dumb") == 0)
		return "this terminal cannot; -j writes JSON";
	return NULL;
}

static int
put_all(const char *s, size_t len)
{
	ssize_t n;

	while (len > 0) {
		if ((n = write(STDOUT_FILENO, s, len)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

void
watch_leave(void)
{
	sigset_t ttou, old;

	if (!entered)
		return;
	entered = 0;
	/* A tool that ends in the background must not be stopped instead. */
	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &old);
	put_all(LEAVE, sizeof(LEAVE) - 1);
	if (have_input)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* Keys are read without echo; keys that send signals still do. */
static void
enter(void)
{
	struct termios raw;

	have_input = tcgetattr(STDIN_FILENO, &before) == 0;
	if (have_input) {
		raw = before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 1;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	entered = 1;
	put_all(ENTER, sizeof(ENTER) - 1);
}

/* Returns -1 to end, 0 when a new look is needed. */
static int
wait_until(const struct terminal *term, int64_t end)
{
	char c;

	for (;;) {
		switch (terminal_wait(term, end)) {
		case EVENT_KEY:
			if (read(STDIN_FILENO, &c, 1) != 1 || c == 'q' ||
			    c == 'Q')
				return -1;
			break;
		case EVENT_LOST:
			return -1;
		default:
			return 0;
		}
	}
}

/* As terminal_size(), but COLUMNS decides. */
static void
screen_size(size_t *lines, size_t *width)
{
	const char *columns = getenv("COLUMNS"), *errstr;
	long long n;

	terminal_size(lines, width);
	if (columns != NULL) {
		n = strtonum(columns, 1, 10000, &errstr);
		if (errstr == NULL)
			*width = (size_t)n;
	}
}

static void
fail(void)
{
	int error = errno;

	watch_leave();
	tool_fail("--watch: %s", strerror(error));
}

static FILE *
open_text(char **textp, size_t *lenp)
{
	FILE *fp = open_memstream(textp, lenp);

	if (fp == NULL)
		fail();
	return fp;
}

/*
 * Draws the lines that fit, each over the old one.  The old line is cleared
 * first, because after a full line the cursor would be on its last character.
 * What is wider is cut, since the terminal would print it over that character.
 */
static void
draw(char *text, size_t lines, size_t width)
{
	char *frame, *line, *next, *shown;
	size_t len, n = 0, more = 0;
	FILE *fp = open_text(&frame, &len);

	fputs(HOME, fp);
	for (line = text; *line != '\0'; line = next) {
		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		if (++n < lines || (n == lines && *next == '\0')) {
			shown = line_cut(line, width);
			fprintf(fp, "%s" TO_EOL "%s", n > 1 ? "\n" : "", shown);
			free(shown);
		} else
			more++;
	}
	if (more > 0) {
		shown = line_more(more);
		fprintf(fp, "\n" TO_EOL "%s", shown);
		free(shown);
	} else if (n < lines)
		fputs("\n" TO_END, fp);
	if (fclose(fp) == EOF || put_all(frame, len) == -1)
		fail();
	free(frame);
}

void
watch_screen(int64_t ms, void (*look)(void *arg, FILE *fp, size_t width),
    void *arg)
{
	struct terminal term = { enter, watch_leave, 0, -1 };
	size_t len, lines, width;
	int64_t next;
	char *text;
	FILE *fp;

	terminal_start();
	atexit(watch_leave);
	enter();
	term.input = have_input;
	do {
		next = ms_now() + ms;
		screen_size(&lines, &width);
		fp = open_text(&text, &len);
		look(arg, fp, width);
		if (fclose(fp) == EOF)
			fail();
		draw(text, lines, width);
		free(text);
	} while (wait_until(&term, next) == 0);
	watch_leave();
	terminal_end();
}
