/* SPDX-License-Identifier: ISC */
/* Finds the process that has a port on which no tunnel listens. */
#ifndef HOLDER_H
#define HOLDER_H

#include <sys/types.h>

#include "libfind.h"

/* The port that an operand may mean, or 0. */
int	 port_holder_port(const char *word);
/*
 * May a process that cannot be seen have the port that the word means, and be
 * of this user, or of any if uid is -1?
 */
int	 port_holder_is_unseen(struct tun_ctx *ctx, const char *word,
	    uid_t uid);
/*
 * Prints one line for each process that has the port, on standard error;
 * returns 0 if there is none.
 */
int	 port_holder_put(struct tun_ctx *ctx, int port);

#endif
