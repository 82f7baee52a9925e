/* SPDX-License-Identifier: ISC */
/*
 * Draws the same screen again and again: on the alternate screen, without a
 * cursor, in one write, and the terminal is restored however the tool ends.
 *
 * Signals are blocked except while it waits, so no drawing is ever left half
 * done.
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/select.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "common/tool.h"
#include "compat/compat.h"
#include "compat/ms.h"
#include "ps/watch.h"

/* Alternate screen, no cursor, no wrapping; and the reverse of it. */
#define ENTER	"\033[?1049h\033[?25l\033[?7l\033[H\033[2J"
#define LEAVE	"\033[?7h\033[?25h\033[?1049l"
#define HOME	"\033[H"
#define TO_EOL	"\033[K"
#define TO_END	"\033[J"

static const int caught[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH
};
#define NCAUGHT	(sizeof(caught) / sizeof(caught[0]))

static volatile sig_atomic_t ending, stopping, resized;
static struct termios before;
static int entered, have_input;

static void
note(int sig)
{
	if (sig == SIGTSTP)
		stopping = 1;
	else if (sig == SIGWINCH)
		resized = 1;
	else
		ending = sig;
}

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

/* Lets the signal have its default effect; returns if it only stopped us. */
static void
submit(int sig, const sigset_t *open)
{
	struct sigaction sa, ours;
	sigset_t now;

	watch_leave();
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, &ours);
	raise(sig);
	sigprocmask(SIG_SETMASK, open, &now);
	/* We were stopped and have been continued. */
	sigprocmask(SIG_SETMASK, &now, NULL);
	sigaction(sig, &ours, NULL);
}

/* The only place where signals arrive.  Returns 1 if there is a key to read. */
static int
pass_time(int64_t ms, const sigset_t *open)
{
	struct timespec ts = { (time_t)(ms / 1000),
	    (long)(ms % 1000) * 1000000 };
	fd_set in;

	FD_ZERO(&in);
	if (have_input)
		FD_SET(STDIN_FILENO, &in);
	return pselect(have_input ? STDIN_FILENO + 1 : 0, &in, NULL, NULL,
	    &ts, open) == 1;
}

/*
 * Returns -1 to end, 0 when the time is over or a new look is needed at once.
 */
static int
wait_until(int64_t end, const sigset_t *open)
{
	int left;
	char c;

	for (;;) {
		left = ms_left(end);
		if (pass_time(left, open) &&
		    (read(STDIN_FILENO, &c, 1) != 1 || c == 'q' || c == 'Q'))
			return -1;
		if (ending)
			submit(ending, open);
		if (stopping) {
			stopping = 0;
			submit(SIGTSTP, open);
			/* A signal that came meanwhile ends the tool here. */
			pass_time(0, open);
			if (ending)
				submit(ending, open);
			enter();
			return 0;
		}
		if (resized || left == 0) {
			resized = 0;
			return 0;
		}
	}
}

static void
screen_size(size_t *lines, size_t *width)
{
	const char *columns = getenv("COLUMNS"), *errstr;
	struct winsize ws;
	long long n;

	*lines = 24;
	*width = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0) {
		if (ws.ws_row > 0)
			*lines = ws.ws_row;
		if (ws.ws_col > 0)
			*width = ws.ws_col;
	}
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
 */
static void
draw(char *text, size_t lines)
{
	char *frame, *line, *next;
	size_t len, n = 0, more = 0;
	FILE *fp = open_text(&frame, &len);

	fputs(HOME, fp);
	for (line = text; *line != '\0'; line = next) {
		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		if (++n < lines || (n == lines && *next == '\0'))
			fprintf(fp, "%s" TO_EOL "%s", n > 1 ? "\n" : "",
			    line);
		else
			more++;
	}
	if (more > 0)
		fprintf(fp, "\n" TO_EOL "(%zu more lines)", more);
	else if (n < lines)
		fputs("\n" TO_END, fp);
	if (fclose(fp) == EOF || put_all(frame, len) == -1)
		fail();
	free(frame);
}

void
watch_screen(int64_t ms, void (*look)(void *arg, FILE *fp, size_t width),
    void *arg)
{
	struct sigaction sa;
	sigset_t mask, open;
	size_t i, len, lines, width;
	int64_t next;
	char *text;
	FILE *fp;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = note;
	sigemptyset(&sa.sa_mask);
	sigemptyset(&mask);
	for (i = 0; i < NCAUGHT; i++)
		sigaddset(&mask, caught[i]);
	sigprocmask(SIG_BLOCK, &mask, &open);
	for (i = 0; i < NCAUGHT; i++) {
		/*
		 * A signal that the starter ignores, as nohup(1) does, stays
		 * ignored.
		 */
		sigaction(caught[i], NULL, &sa);
		if (sa.sa_handler == SIG_IGN)
			continue;
		sa.sa_handler = note;
		sigaction(caught[i], &sa, NULL);
		sigdelset(&open, caught[i]);
	}
	atexit(watch_leave);
	enter();
	do {
		next = ms_now() + ms;
		screen_size(&lines, &width);
		fp = open_text(&text, &len);
		look(arg, fp, width);
		if (fclose(fp) == EOF)
			fail();
		draw(text, lines);
		free(text);
	} while (wait_until(next, &open) == 0);
	watch_leave();
	sigprocmask(SIG_SETMASK, &open, NULL);
}
