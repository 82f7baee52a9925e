/* SPDX-License-Identifier: ISC */
/* Tells the user that an operand means something of another user. */
#ifndef FOREIGN_H
#define FOREIGN_H

#include "libfind.h"

/*
 * Prints a line if the words mean something of another user.  all is a list of
 * the tunnels of all users, with their sockets; what is the verb for what root
 * could do with -u, or NULL.  Returns 0 if the words match nothing.
 */
int	 foreign_put(struct tun_ctx *ctx, const struct tun_list *all,
	    const struct tun_select *sel, const char *word,
	    const char *what);

#endif
