/* SPDX-License-Identifier: ISC */
/* What is not ours to name: whose it is, and who may get at it. */
#ifndef FOREIGN_H
#define FOREIGN_H

#include "libfind.h"

/*
 * Says that the words mean something of another user.  all is a list of all
 * users' tunnels, with their sockets; what is the verb of that which root can
 * do by -u, or NULL.  0: the words mean nothing of anybody.
 */
int	 foreign_put(struct tun_ctx *ctx, const struct tun_list *all,
	    const struct tun_select *sel, const char *word,
	    const char *what);

#endif
