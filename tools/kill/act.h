/* SPDX-License-Identifier: ISC */
/* Carries out a plan. */
#ifndef ACT_H
#define ACT_H

#include <stdint.h>

#include "kill/plan.h"
#include "libfind.h"

struct act_options {
	int wait;		/* ms; 0: do not wait */
	int kill;		/* ms until KILL; -1: never */
	int quiet;
	int on_purpose;		/* the journal is told: it is not lost */
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

/* hold.c: signals a tunnel; the second, a process that may be stopped. */
void	 act_signal(struct plan_item *it, int sig);
int	 act_send(struct tun_handle *v, int sig);

/* close.c: has a master close a forward, and waits until it is closed. */
void	 act_close(struct plan_item *it, struct tun_ctx *ctx, int wait);
/* Does any process listen at the path of a forward?  -1 if not known. */
int	 act_path_listens(struct tun_ctx *ctx, const struct tun *t,
	    const struct tun_forward *spec);

/* ended.c: of those that were signalled. */
void	 ended_wait(struct plan *plan, int64_t deadline);
void	 ended_kill(struct plan *plan);
void	 ended_give_up(struct plan *plan, int wait);
/* Helpers, ports and files of those that have ended. */
void	 ended_clean_up(struct plan *plan, const struct act_options *options,
	    int64_t deadline);

/* came_back.c: finds those that were ended and have been started again. */
void	 act_watch_back(struct plan *plan);
/* The session of sshd that has the place of one that has ended; or NULL. */
char	*act_new_session(const struct plan *plan, const struct tun_fwd *fwd);

#endif
