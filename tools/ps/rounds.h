/* SPDX-License-Identifier: ISC */
/* Looks again and again, and compares each look with the one before. */
#ifndef ROUNDS_H
#define ROUNDS_H

#include <stddef.h>
#include <stdio.h>

#include "libfind.h"
#include "ps/ps.h"

struct rounds {
	struct args *args;	/* its view has the lists and the rows */
	struct tun_ctx *ctx;
	struct row *old;	/* rows of view.before */
	size_t nold;
};

/* Chooses and sorts the rows of a new list, which it keeps. */
void	 rounds_take(struct rounds *r, struct tun_list *list);
/* The marks of the rows, as rows_mark() has them. */
char	*rounds_marks(struct rounds *r);
/* "23:59:01  2 tunnels, every 2s; view incomplete: ...  (q ends)" */
void	 rounds_heading(const struct args *args, const char *keys, FILE *fp,
	    size_t width);
void	 rounds_free(struct rounds *r);

#endif
