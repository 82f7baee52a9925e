/* SPDX-License-Identifier: ISC */
/* Who has a port that no tunnel has. */
#ifndef STRANGER_H
#define STRANGER_H

#include "libfind.h"

/* The port that an operand may mean, or 0. */
int	 stranger_port(const char *word);
/* One line for each process that has it, on standard error. */
void	 stranger_put(struct tun_ctx *ctx, int port);

#endif
