/* SPDX-License-Identifier: ISC */
/* --ssh-name, which may be given more than once. */
#ifndef SSHNAME_H
#define SSHNAME_H

#include <stddef.h>

#include "libfind.h"

struct sshnames {
	const char **v;
	size_t n;
};

/* Adds one; does not return if it cannot be the name of a program. */
void	 sshname_add(struct sshnames *names, const char *name);
/* Passes all of them to ctx, and frees the list. */
void	 sshname_tell(struct sshnames *names, struct tun_ctx *ctx);

#endif
