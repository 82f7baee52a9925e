/* SPDX-License-Identifier: ISC */
/* Tells the user about an operand that matches nothing. */
#ifndef UNMATCHED_H
#define UNMATCHED_H

#include <sys/types.h>

#include "common/foreign.h"
#include "libfind.h"

/*
 * Can what the word means be there and not be seen, in a tunnel of this user,
 * or of any if uid is -1?
 */
int	 unmatched_is_unseen(struct tun_ctx *ctx, const char *word,
	    const struct tun_list *list, uid_t uid);
/*
 * Prints that the word means something of another user, as foreign_put() does
 * with these flags; or that there is no such tunnel, or that none is seen, and
 * on a terminal also what the word was read as and the names in the list that
 * are most like it.  sel is NULL where tunnels of other users do not count.
 */
void	 unmatched_put(struct tun_ctx *ctx, const struct tun_list *list,
	    unsigned flags, const struct tun_select *sel, const char *word,
	    enum foreign_hint hint);

#endif
