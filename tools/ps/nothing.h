/* SPDX-License-Identifier: ISC */
/* Tells the user of a terminal why nothing was listed. */
#ifndef NOTHING_H
#define NOTHING_H

#include "libfind.h"
#include "ps/ps.h"

/* About all of the command line, when no row and no other line was printed. */
void	 nothing_put(const struct args *args, struct tun_ctx *ctx);
/* About an operand that matches nothing. */
void	 nothing_put_word(const struct args *args, struct tun_ctx *ctx,
	    size_t i);

#endif
