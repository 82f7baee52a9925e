/* SPDX-License-Identifier: ISC */
/* --on-change: runs a command for each forward that has changed. */
#ifndef ON_CHANGE_H
#define ON_CHANGE_H

#include "common/out.h"
#include "libfind.h"

struct on_change;

/*
 * Starts the process that runs the commands.  Call this before tool_confine(),
 * after which no program can be started.  With quiet their output is lost,
 * else it goes to standard error.
 */
struct on_change *on_change_start(const char *command, int quiet);
/*
 * Compares the rows with those of the last call, whose list is view->before,
 * and has the command run for each that has appeared, is in another state or is
 * gone.  The first call only remembers the rows.
 */
void	 on_change_look(struct on_change *oc, struct tun_ctx *ctx,
	    const struct view *view);
/* What the user should know, or NULL; the caller frees. */
char	*on_change_note(const struct on_change *oc);
/* A command that runs is ended, but not waited for. */
void	 on_change_free(struct on_change *oc);

#endif
