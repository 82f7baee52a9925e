/* SPDX-License-Identifier: ISC */
/* Tells the user that an operand means something of another user. */
#ifndef FOREIGN_H
#define FOREIGN_H

#include "libfind.h"

/* What can be done about it. */
enum foreign_hint {
	FOREIGN_NONE,
	FOREIGN_LIST,		/* by -e */
	FOREIGN_RUN,		/* with the tool only by that user */
	FOREIGN_END,		/* by root, with -u */
	FOREIGN_ASK		/* likewise */
};

/*
 * Prints a line if the word means something of another user.  flags are those
 * of tun_scan(3) that the selector needs, besides the sockets.
 * Returns 0 if the word matches nothing, or if the process table cannot be read
 * again.
 */
int	 foreign_put(struct tun_ctx *ctx, unsigned flags,
	    const struct tun_select *sel, const char *word,
	    enum foreign_hint hint);

#endif
