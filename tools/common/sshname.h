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
/*
 * Opens the live system, or a recorded table, with these names and the journal
 * of the user; frees the list.  Does not return if that is not possible.
 */
struct tun_ctx *sshname_open(const char *table, struct sshnames *names);

#endif
