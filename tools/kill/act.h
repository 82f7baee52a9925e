/* SPDX-License-Identifier: ISC */
/* Carries out a plan. */
#ifndef ACT_H
#define ACT_H

#include <stddef.h>

#include "libfind.h"
#include "kill/plan.h"

struct act_options {
	int wait;		/* ms; 0: do not wait */
	int kill;		/* ms until KILL; -1: never */
	int quiet;
};

/*
 * Takes hold of all processes of the plan, so that time may pass before
 * act_run() and no other process is signalled.
 */
void	 act_hold(struct plan *plan);
/*
 * Does all that is planned, waits until it is proven, and sets the results.
 * Processes that are not held are held first.
 */
void	 act_run(struct plan *plan, const struct act_options *options);

/* --- among the files of this folder --------------------------------------- */

/* Signals a tunnel; the second, a process that may be stopped. */
void	 act_signal(struct plan_item *it, int sig);
int	 act_send(struct tun_handle *v, int sig);
/* act.c: signals and asks, once all are held. */
void	 act_begin(struct plan *plan, int wait);
/* came_back.c: finds those that were ended and have been started again. */
void	 act_watch_back(struct plan *plan);

#endif
