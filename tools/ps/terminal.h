/* SPDX-License-Identifier: ISC */
/* Waits on a terminal, and gives it back before a signal has its effect. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stddef.h>
#include <stdint.h>

enum event {
	EVENT_TIME,		/* the time is over */
	EVENT_KEY,		/* there is something to read */
	EVENT_REPLY,		/* so there is from the other descriptor */
	EVENT_RESIZED,
	EVENT_CONTINUED,	/* after it was stopped */
	EVENT_LOST		/* the terminal is gone */
};

/* How the terminal is taken, and how it is given back. */
struct terminal {
	void (*enter)(void);
	void (*leave)(void);
	int input;		/* keys are read from standard input */
	int reply;		/* another descriptor to wait for, or -1 */
};

/*
 * Signals are blocked from here on except while terminal_wait() waits, so no
 * drawing is ever left half done.
 */
void	 terminal_start(void);
/*
 * Waits until something happens, at most until that moment of ms_now().  A
 * signal that ends the tool does so here, after leave(); one that stops it,
 * too, and enter() follows when it goes on.
 */
enum event terminal_wait(const struct terminal *term, int64_t end);
/* Unblocks the signals. */
void	 terminal_end(void);
/* The size of the terminal that standard output is. */
void	 terminal_size(size_t *lines, size_t *width);

#endif
