/* SPDX-License-Identifier: ISC */
/*
 * A command that we start, and the processes that descend from it, including
 * those that have gone to the background.
 */

#ifndef REAPER_H
#define REAPER_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "common/tool.h"
#include "libfind.h"

struct reaper {
	struct tun_ctx *ctx;
	char *mark; /* in their environment; NULL: we are the reaper */
	pid_t child;		/* the command that was started, */
	int64_t start;		/* in that second since the epoch */
	int ended, status;	/* it has ended; status of waitpid(2) */
	int empty;		/* none of all these processes is left */
	struct tun_child *before; /* children from before: not ours */
	size_t nbefore;
};

/*
 * Runs argv with its output on standard error: the program at this path, or the
 * one that PATH leads to if it is NULL.  From now on SIGHUP, SIGINT, SIGQUIT,
 * SIGTERM and SIGPIPE only show in reaper_caught(), unless our starter ignores
 * them.  With detach it leads a session without a terminal.  Does not return if
 * that is not possible.  A command that cannot be run is a status of 126 or
 * 127.
 */
void	 reaper_start(struct reaper *b, struct tun_ctx *ctx,
	    const char *program, char **argv, int detach);
/*
 * Waits until one of them ends or a signal comes; at most ms, or for ever with
 * -1.
 */
void	 reaper_wait(struct reaper *b, int ms);
/* Finds the processes that are left, sorted by PID; the caller frees *vp. */
int	 reaper_find(struct reaper *b, struct tun_child **vp, size_t *np);
/* Ends all of them; -1 if some do not end. */
int	 reaper_end(struct reaper *b, int sig);
void	 reaper_free(struct reaper *b);
/* The exit status of the command that has ended, as a shell says it. */
int	 reaper_status(const struct reaper *b);
/* The last signal since the last call, or 0. */
int	 reaper_caught(void);
/* Has the effect that the signal would have had if we had not caught it. */
void	 reaper_die(int sig) TOOL_NORETURN;

#endif
