/* SPDX-License-Identifier: ISC */
/*
 * A command that we start, and the processes that descend from it, including
 * those that have gone to the background.
 */

#ifndef BROOD_H
#define BROOD_H

#include <sys/types.h>

#include <stddef.h>

#include "libfind.h"
#include "common/tool.h"

struct brood {
	struct tun_ctx *ctx;
	char *mark; /* in their environment; NULL: we are the reaper */
	pid_t child;		/* the command that was started */
	int ended, status;	/* it has ended; status of waitpid(2) */
	int empty;		/* none of all these processes is left */
	struct tun_child *before; /* children from before: not ours */
	size_t nbefore;
};

/*
 * Runs argv with its output on standard error.  From now on SIGHUP, SIGINT,
 * SIGQUIT, SIGTERM and SIGPIPE only show in brood_caught(), unless our starter
 * ignores them.  Does not return if that is not possible.  A command that
 * cannot be run is a status of 126 or 127.
 */
void	 brood_start(struct brood *b, struct tun_ctx *ctx, char **argv);
/*
 * Waits until one of them ends or a signal comes; at most ms, or for ever with
 * -1.
 */
void	 brood_wait(struct brood *b, int ms);
/* Finds the processes that are left, sorted by PID; the caller frees *vp. */
int	 brood_find(struct brood *b, struct tun_child **vp, size_t *np);
/* Ends all of them; -1 if some do not end. */
int	 brood_end(struct brood *b, int sig);
void	 brood_free(struct brood *b);
/* The last signal since the last call, or 0. */
int	 brood_caught(void);
/* Has the effect that the signal would have had if we had not caught it. */
void	 brood_die(int sig) TOOL_NORETURN;

#endif
