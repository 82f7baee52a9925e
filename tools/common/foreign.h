/* SPDX-License-Identifier: ISC */
/* Tells the user that an operand means something of another user. */
#ifndef FOREIGN_H
#define FOREIGN_H

#include "libfind.h"

/*
 * Prints a line if the word means something of another user.  flags are those
 * of tun_scan(3) that the selector needs, besides the sockets; what is the verb
 * for what root could do with -u, FOREIGN_LIST for what -e does, FOREIGN_RUN
 * for what only that user can do with the tool, or NULL.
 * Returns 0 if the word matches nothing, or if the process table cannot be read
 * again.
 */
#define FOREIGN_LIST	""
#define FOREIGN_RUN	"run"
int	 foreign_put(struct tun_ctx *ctx, unsigned flags,
	    const struct tun_select *sel, const char *word,
	    const char *what);

#endif
