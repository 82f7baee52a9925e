/* SPDX-License-Identifier: ISC */
/* tunrun --keep: how to start tunnels that something else has started. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int
run_keep(const struct run *run)
{
	struct tun_ctx *ctx = run->ctx;
	struct pick pick = PICK_ANY;
	struct tun_list *list;
	struct row *rows;
	size_t i, nrows, foreground, kept = 0, failed = 0;

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
	for (i = 0; i < pick.nsels; i++) {
		if (pick_matches(&pick, i, rows, nrows) > 0)
			continue;
		failed++;
		unmatched_put(ctx, list, pick.needs, pick.sels[i],
		    pick.words[i], FOREIGN_RUN);
	}
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
