/* SPDX-License-Identifier: ISC */
/* tunrun --keep: how to start tunnels that something else has started. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/foreign.h"
#include "common/journal_use.h"
#include "common/pick.h"
#include "common/tool.h"
#include "common/unmatched.h"
#include "libfind.h"
#include "run/run.h"

/* 0, or -1 with a message. */
static int
keep(struct tun_ctx *ctx, const struct tun *t, int quiet)
{
	const char *why;

	if (tun_journal_keep(ctx, t) == -1) {
		why = tun_journal_error(ctx);
		tool_warn("process %ld: not kept: %s", (long)t->pid,
		    why != NULL ? why : strerror(errno));
		return -1;
	}
	if (!quiet)
		printf("%ld\n", (long)t->pid);
	return 0;
}

/* An operand that matches nothing is said; returns the number of those. */
static size_t
put_unmatched(const struct pick *pick, struct tun_ctx *ctx,
    const struct tun_list *list, const struct row *rows, size_t n)
{
	size_t i, k, unmatched = 0;

	for (i = 0; i < pick->nsels; i++) {
		for (k = 0; k < n && tun_select_match(pick->sels[i],
		    rows[k].tun, rows[k].fwd) == 0; k++)
			continue;
		if (k < n)
			continue;
		unmatched++;
		if (!foreign_put(ctx, pick->needs, pick->sels[i],
		    pick->words[i], FOREIGN_RUN))
			unmatched_put(pick->words[i], list);
	}
	return unmatched;
}

int
run_keep(const struct run *run)
{
	struct tun_ctx *ctx = run->ctx;
	struct pick pick = PICK_ANY;
	struct tun_list *list;
	struct row *rows;
	size_t i, nrows, foreground, kept = 0, failed;

	if (run->noperands == 0)
		tool_usage("--keep: which tunnel? give a selector");
	for (i = 0; i < run->noperands; i++)
		pick_operand(&pick, run->operands[i]);
	pick.all = 1;
	pick.ctx = ctx;
	if (tun_scan(ctx, pick_scan(&pick) | TUN_SCAN_SOCKETS | TUN_SCAN_ENV,
	    &list) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	rows = pick_rows(&pick, list, &nrows, &foreground);
	failed = put_unmatched(&pick, ctx, list, rows, nrows);
	for (i = 0; i < nrows; i++) {
		if (i > 0 && rows[i].tun == rows[i - 1].tun)
			continue;
		if (keep(ctx, rows[i].tun, run->quiet) == 0)
			kept++;
		else
			failed++;
	}
	free(rows);
	pick_free(&pick);
	tun_list_free(list);
	if (kept > 0)
		return failed > 0 ? TOOL_SOME : TOOL_MATCH;
	return nrows > 0 ? TOOL_ERROR : TOOL_NONE;
}
