/* SPDX-License-Identifier: ISC */
/* Questions that the exit status answers: --check, --expect, --wait. */
#ifndef EXIT_STATUS_H
#define EXIT_STATUS_H

#include <stddef.h>

#include "common/out.h"
#include "libfind.h"

/*
 * Asks the masters and servers of the tunnels in rows; their states are in the
 * tunnels afterwards.  Reports it if asking is not permitted.
 */
void	 verdict_ask(struct tun_ctx *ctx, const struct row *rows, size_t n);

/*
 * Returns TOOL_BAD if something is bad; otherwise TOOL_ERROR if the health of
 * something is not known; otherwise TOOL_MATCH.
 */
int	 verdict_health(const struct row *rows, size_t n);

/* The verdict on what no row shows: TOOL_ERROR unless all could be seen. */
int	 verdict_absent(const struct tun_list *list);

/* Returns the status that counts: TOOL_BAD, else TOOL_ERROR. */
int	 verdict_worse(int a, int b);

/*
 * Prints in one line whose health is not known, with the reason for the first.
 */
void	 verdict_unknown(const struct row *rows, size_t n);

/*
 * Returns TOOL_MATCH if all rows that lead somewhere lead to host, and each
 * selector matches such a row; TOOL_ERROR if that is not known, as
 * absent[] says of each selector without a row, or absent[0] if there are no
 * selectors and no rows; otherwise TOOL_BAD.  A row that leads nowhere
 * because it failed to bind, or whose clients choose the target, is left out
 * only if another row of the same tunnel leads to host.  Unless quiet is set,
 * prints where the others lead.
 */
int	 verdict_expect(const struct row *rows, size_t n, const char *host,
	    struct tun_select *const *sels, size_t nsels,
	    const int *absent, int quiet);

#endif
