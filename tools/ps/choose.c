/* SPDX-License-Identifier: ISC */
/* Scans as the command line asks for, and chooses and sorts the rows. */

#include <sys/types.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/journal_use.h"
#include "common/out.h"
#include "common/pick.h"
#include "common/tool.h"
#include "common/unmatched.h"
#include "compat/ms.h"
#include "libfind.h"
#include "ps/exit_status.h"
#include "ps/ps.h"
#include "ps/watch.h"

/*
 * A rate takes a second to measure, so it is only measured if it was asked for
 * by name.
 */
static int
samples_rate(const struct args *args)
{
	size_t i;

	if (args->table != NULL || args->every_column)
		return 0;
	for (i = 0; i < args->view.ncols; i++) {
		if (args->view.cols[i] == COL_RATE)
			return 1;
	}
	for (i = 0; i < args->nkeys; i++) {
		if (args->keys[i].col == COL_RATE)
			return 1;
	}
	return 0;
}

unsigned
ps_scan_flags(const struct args *args)
{
	unsigned flags = args->scan | pick_scan(&args->pick);
	size_t i;

	for (i = 0; i < args->nkeys; i++)
		flags |= columns[args->keys[i].col].scan;
	switch (args->mode) {
	case MODE_COMPLETE:
	case MODE_EXPORT:
		return flags | TUN_SCAN_SOCKETS | TUN_SCAN_ENV;
	case MODE_COUNT:
	case MODE_PIDS:
	case MODE_QUIET:
		return flags;
	case MODE_METRICS:
		return flags | columns[COL_STATE].scan;
	case MODE_TREE:
		return flags | columns[COL_CLIENTS].scan;
	case MODE_JSON:
	case MODE_LINES:
		if (args->view.all)
			return flags | columns[COL_STATE].scan | TUN_SCAN_ENV;
		break;
	default:
		break;
	}
	for (i = 0; i < args->view.ncols; i++)
		flags |= columns[args->view.cols[i]].scan;
	return flags;
}

struct tun_list *
ps_scan(const struct args *args, struct tun_ctx *ctx, unsigned flags)
{
	struct tun_list *list;

	if (tun_scan(ctx, flags, &list) == -1) {
		int error = errno;

		if (args->mode == MODE_COMPLETE)
			exit(TOOL_ERROR);
		watch_leave();
		tool_fail("cannot look: %s", strerror(error));
	}
	if (args->mode != MODE_COMPLETE && args->watch == 0)
		journal_put_error(ctx);
	return list;
}

unsigned
ps_match(const struct args *args, size_t i)
{
	const struct view *view = &args->view;
	unsigned how = 0;
	size_t k;

	for (k = 0; k < view->nrows; k++)
		how |= pick_match(&args->pick, i, &view->rows[k]);
	return how;
}

/*
 * Options that answer with a status ask for a tunnel that listens on the port;
 * one that leads to this port is no answer.
 */
static int
takes_target_ports(const struct args *args)
{
	return args->mode != MODE_QUIET && args->mode != MODE_COUNT &&
	    args->wait < 0 && !args->check && args->expect == NULL;
}

static void
choose(struct args *args, const struct pick *pick)
{
	struct view *view = &args->view;

	free(view->rows);
	view->rows = pick_rows(pick, view->list, &view->nrows,
	    &args->foreground);
}

void
ps_choose(struct args *args)
{
	args->pick.target_ports = takes_target_ports(args);
	choose(args, &args->pick);
	if (args->which != WHICH_ALL)
		rows_keep_one(&args->view, args->which == WHICH_NEWEST);
}

int
ps_absent(const struct args *args, struct tun_ctx *ctx, size_t i)
{
	const struct pick *pick = &args->pick;
	uid_t uid = pick->everyone || args->server ? (uid_t)-1 : geteuid();

	if (ctx != NULL && unmatched_is_unseen(ctx, pick->words[i],
	    args->view.list, uid))
		return TOOL_ERROR;
	return verdict_absent(args->view.list);
}

/* TOOL_MATCH: every selector has a row, and every row is healthy. */
static int
is_there(const struct args *args, struct tun_ctx *ctx)
{
	const struct view *view = &args->view;
	const struct pick *pick = &args->pick;
	int status = verdict_health(view->rows, view->nrows);
	size_t i;

	if (view->nrows == 0 && pick->nsels == 0)
		return verdict_absent(view->list);
	for (i = 0; i < pick->nsels; i++) {
		if (ps_match(args, i) == 0)
			status = verdict_worse(status,
			    ps_absent(args, ctx, i));
	}
	return status;
}

#define MS_LEAST	20	/* between two scans, at first */
#define MS_MOST		250	/* and at most */

/* Scans into args->view; is all there and healthy? */
static int
look(struct args *args, struct tun_ctx *ctx, unsigned flags)
{
	tun_list_free(args->view.list);
	args->view.list = ps_scan(args, ctx, flags);
	choose(args, &args->pick);
	return is_there(args, NULL);
}

/* Scans until all is healthy or the time is over; returns the last status. */
static int
await(struct args *args, struct tun_ctx *ctx)
{
	int64_t end = ms_now() + args->wait, gap = MS_LEAST, left;
	unsigned flags = ps_scan_flags(args) | columns[COL_CONNS].scan |
	    TUN_SCAN_STATES;
	int status;

	/*
	 * A second sample takes a second: only what is healthy without one
	 * needs it.
	 */
	for (;;) {
		status = look(args, ctx, flags & ~(unsigned)TUN_SCAN_AGAIN);
		if (status == TOOL_MATCH)
			status = look(args, ctx, flags);
		left = end - ms_now();
		if (status == TOOL_MATCH)
			return status;
		if (left <= 0 || args->table != NULL)
			return is_there(args, ctx);
		ms_sleep(left < gap ? left : gap);
		gap = gap * 3 / 2 < MS_MOST ? gap * 3 / 2 : MS_MOST;
	}
}

/*
 * Asks all that the command line selects.  A state that is asked for is the
 * state after the answer.
 */
static void
ask(struct args *args, struct tun_ctx *ctx)
{
	struct pick any = args->pick;

	/* The PIDs that it shows would be those of other processes here. */
	if (args->table == NULL && !tool_sees_itself(ctx))
		tool_fail("cannot ask: the process table does not show tunps "
		    "itself (a /proc of another PID namespace?)");
	any.classes = 0;
	any.states = 0;
	any.heard = -1;
	choose(args, &any);
	verdict_ask(ctx, args->view.rows, args->view.nrows);
}

void
ps_arrange(struct args *args)
{
	struct view *view = &args->view;

	args->tunnels = rows_tunnels(view->rows, view->nrows);
	switch (args->mode) {
	case MODE_TABLE:
	case MODE_RAW:
		if (!rows_differ(view))
			rows_keep_tunnels(view);
		rows_sort(view, args->keys, args->nkeys, 0);
		break;
	case MODE_COUNT:
	case MODE_PIDS:
		rows_keep_tunnels(view);
		/* FALLTHROUGH */
	default:
		rows_sort(view, args->keys, args->nkeys, 1);
	}
}

int
ps_look(struct args *args, struct tun_ctx *ctx)
{
	struct view *view = &args->view;
	unsigned flags = ps_scan_flags(args);
	int status = TOOL_MATCH;

	if (args->wait >= 0) {
		status = await(args, ctx);
		tun_list_free(view->list);
	}
	if (samples_rate(args)) {
		view->before = ps_scan(args, ctx, flags);
		view->when = ms_now();
		sleep(1);
	}
	view->list = ps_scan(args, ctx, flags);
	view->passed = ms_now() - view->when;
	view->clients = (flags & TUN_SCAN_CLIENTS) != 0;
	if (args->check)
		ask(args, ctx);
	ps_choose(args);
	return status;
}
