/* SPDX-License-Identifier: ISC */
/*
 * A command that we start, and all that comes of it: the processes that
 * descend from it, also those that have left it for the background.
 */

#ifndef BROOD_H
#define BROOD_H

#include <sys/types.h>

#include <stddef.h>

#include "libfind.h"
#include "common/tool.h"

struct brood {
	struct tun_ctx *ctx;
	char *mark;		/* in their environment; NULL: we reap them */
	pid_t child;		/* what was started */
	int ended, status;	/* has it, and what waitpid(2) said */
	int empty;		/* it was seen that none of all these is left */
	struct tun_child *before; /* children that we had already: not ours */
	size_t nbefore;
};

/*
 * Runs argv, with its output on standard error.  From here on SIGHUP, SIGINT,
 * SIGQUIT, SIGTERM and SIGPIPE do no more than show in brood_caught(), unless
 * our starter ignores them.  Does not return if that is not possible; what
 * cannot be run is a status of 126 or 127.
 */
void	 brood_start(struct brood *b, struct tun_ctx *ctx, char **argv);
/* Until one of them ends or we are signalled; ms at most, -1: for ever. */
void	 brood_wait(struct brood *b, int ms);
/* Those that are left, in order of their numbers; the caller frees *vp. */
int	 brood_find(struct brood *b, struct tun_child **vp, size_t *np);
/* Ends them all; -1: some do not end. */
int	 brood_end(struct brood *b, int sig);
void	 brood_free(struct brood *b);
/* The last signal since the last call, or 0. */
int	 brood_caught(void);
/* As whoever sent the signal would have it, had we not caught it. */
void	 brood_die(int sig) TOOL_NORETURN;

#endif
