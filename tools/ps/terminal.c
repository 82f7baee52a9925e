/* SPDX-License-Identifier: ISC */
/* Waits on a terminal, and gives it back before a signal has its effect. */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/select.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "compat/ms.h"
#include "ps/terminal.h"

static const int caught[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH
};
#define NCAUGHT	(sizeof(caught) / sizeof(caught[0]))

static volatile sig_atomic_t ending, stopping, resized;
static sigset_t open_mask;	/* while it waits */

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

void
terminal_start(void)
{
	struct sigaction sa;
	sigset_t mask;
	size_t i;

	sigemptyset(&mask);
	for (i = 0; i < NCAUGHT; i++)
		sigaddset(&mask, caught[i]);
	sigprocmask(SIG_BLOCK, &mask, &open_mask);
	for (i = 0; i < NCAUGHT; i++) {
		/*
		 * A signal that the starter ignores, as nohup(1) does, stays
		 * ignored.
		 */
		sigaction(caught[i], NULL, &sa);
		if (sa.sa_handler == SIG_IGN)
			continue;
		memset(&sa, 0, sizeof(sa));
		sa.sa_handler = note;
		sigemptyset(&sa.sa_mask);
		sigaction(caught[i], &sa, NULL);
		sigdelset(&open_mask, caught[i]);
	}
}

void
terminal_end(void)
{
	sigprocmask(SIG_SETMASK, &open_mask, NULL);
}

/* Lets the signal have its default effect; returns if it only stopped us. */
static void
submit(const struct terminal *term, int sig)
{
	struct sigaction sa, ours;
	sigset_t now;

	term->leave();
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, &ours);
	raise(sig);
	sigprocmask(SIG_SETMASK, &open_mask, &now);
	/* We were stopped and have been continued. */
	sigprocmask(SIG_SETMASK, &now, NULL);
	sigaction(sig, &ours, NULL);
}

/* The only place where signals arrive. */
static enum event
pass_time(const struct terminal *term, int64_t ms)
{
	struct timespec ts = { (time_t)(ms / 1000),
	    (long)(ms % 1000) * 1000000 };
	fd_set in;

	FD_ZERO(&in);
	if (term->input)
		FD_SET(STDIN_FILENO, &in);
	if (term->reply != -1)
		FD_SET(term->reply, &in);
	if (pselect((term->reply > STDIN_FILENO ? term->reply :
	    STDIN_FILENO) + 1, &in, NULL, NULL, &ts, &open_mask) <= 0)
		return EVENT_TIME;
	if (term->reply != -1 && FD_ISSET(term->reply, &in))
		return EVENT_REPLY;
	return EVENT_KEY;
}

/* A terminal that is gone can always be read, and has no more keys. */
static int
is_lost(void)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1 &&
	    (pfd.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

enum event
terminal_wait(const struct terminal *term, int64_t end)
{
	enum event event;
	int left;

	for (;;) {
		left = ms_left(end);
		event = pass_time(term, left);
		if (ending)
			submit(term, ending);
		if (stopping) {
			stopping = 0;
			submit(term, SIGTSTP);
			/* A signal that came meanwhile ends the tool here. */
			pass_time(term, 0);
			if (ending)
				submit(term, ending);
			term->enter();
			return EVENT_CONTINUED;
		}
		if (event == EVENT_KEY && is_lost())
			return EVENT_LOST;
		if (event != EVENT_TIME)
			return event;
		if (resized) {
			resized = 0;
			return EVENT_RESIZED;
		}
		if (left == 0)
			return EVENT_TIME;
	}
}

void
terminal_size(size_t *lines, size_t *width)
{
	struct winsize ws;

	*lines = 24;
	*width = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0) {
		if (ws.ws_row > 0)
			*lines = ws.ws_row;
		if (ws.ws_col > 0)
			*width = ws.ws_col;
	}
}
