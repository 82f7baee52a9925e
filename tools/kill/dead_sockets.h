/* SPDX-License-Identifier: ISC */
/* Control sockets that nobody listens on: found, shown, removed. */
#ifndef DEAD_H
#define DEAD_H

#include <sys/types.h>

#include <stddef.h>

#include "libfind.h"

struct dead_options {
	int ask, dry, echo, json, quiet;
	uid_t uid;
};

/* Those at the paths, or all that can be found; an exit status. */
int	 dead_run(struct tun_ctx *ctx, char *const *paths, size_t npaths,
	    const struct dead_options *options);

#endif
