/* SPDX-License-Identifier: ISC */
/* Finds, shows and removes control sockets that nobody listens on. */
#ifndef DEAD_SOCKETS_H
#define DEAD_SOCKETS_H

#include <sys/types.h>

#include <stddef.h>

#include "libfind.h"

struct dead_options {
	int ask, dry, echo, json, quiet;
	uid_t uid;
};

/* Works on the paths, or on all that can be found; returns an exit status. */
int	 dead_run(struct tun_ctx *ctx, char *const *paths, size_t npaths,
	    const struct dead_options *options);

#endif
