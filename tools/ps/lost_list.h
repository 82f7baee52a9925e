/* SPDX-License-Identifier: ISC */
/* Tunnels of the journal: those that run no more, and all that it has. */
#ifndef LOST_LIST_H
#define LOST_LIST_H

#include "libfind.h"
#include "ps/ps.h"

/*
 * Reads the journal, and makes the list of what is lost if live are the user's
 * own tunnels.  0, or -1 if the journal is not used.
 */
struct lost_list {
	struct tun_journal *journal;
	struct tun_list *list;
};

int	 lost_list_read(struct lost_list *ll, struct tun_ctx *ctx,
	    const struct tun_list *live);
void	 lost_list_free(struct lost_list *ll);
/* The number of lost tunnels; -1 if it is not known. */
int64_t	 lost_list_count(struct tun_ctx *ctx, const struct tun_list *live);

/*
 * --forget: removes what the operands select from the journal; returns the exit
 * status.
 */
int	 lost_list_forget(const struct args *args, struct tun_ctx *ctx);

#endif
