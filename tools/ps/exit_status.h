/* SPDX-License-Identifier: ISC */
/* Questions that an exit status answers: --check, --expect, --wait. */
#ifndef VERDICT_H
#define VERDICT_H

#include <stddef.h>

#include "libfind.h"
#include "common/out.h"

/*
 * Asks the masters and the servers of the rows' tunnels; the answers are in
 * the tunnels afterwards.  Says so where asking is not permitted.
 */
void	 verdict_ask(struct tun_ctx *ctx, const struct row *rows, size_t n);

/*
 * TOOL_BAD: something is not as it should be.  TOOL_ERROR: nothing is, but of
 * something it is not known.  Else TOOL_MATCH.
 */
int	 verdict_health(const struct row *rows, size_t n);

/* Says in one line of which it is not known, and why of the first. */
void	 verdict_unknown(const struct row *rows, size_t n);

/*
 * TOOL_MATCH if all rows that lead somewhere lead to host, and for each
 * selector there is one; else TOOL_BAD.  A row that leads nowhere, as one
 * that failed to bind, or whose clients choose the target, is left out only
 * beside another of the same tunnel that leads to host.  Unless quiet, says
 * where the others lead.
 */
int	 verdict_expect(const struct row *rows, size_t n, const char *host,
	    struct tun_select *const *sels, size_t nsels, int quiet);

#endif
