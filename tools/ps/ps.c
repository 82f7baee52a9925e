/* SPDX-License-Identifier: ISC */
/* tunps, from the parsed command line to the output. */

#include <sys/types.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/holder.h"
#include "common/journal_use.h"
#include "common/out.h"
#include "common/pick.h"
#include "common/readings.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "compat/ms.h"
#include "libfind.h"
#include "ps/exit_status.h"
#include "ps/lost_list.h"
#include "ps/metrics.h"
#include "ps/nothing.h"
#include "ps/ps.h"

static void
put_pids(const struct view *view, const char *separator)
{
	const char *before = "";
	size_t i;

	for (i = 0; i < view->nrows; i++) {
		if (view->rows[i].tun->pid <= 0)
			continue;
		printf("%s%ld", before, (long)view->rows[i].tun->pid);
		before = separator;
	}
	if (before == separator)
		putchar('\n');
}

/* The journal is of tunnels, and knows no session of sshd. */
static int64_t
count_lost(const struct args *args, struct tun_ctx *ctx)
{
	if (args->server)
		return -1;
	return args->lost ? (int64_t)tun_count(args->view.list) :
	    lost_list_count(ctx, args->view.list);
}

static void
put(const struct args *args, struct tun_ctx *ctx, int64_t took)
{
	const struct view *view = &args->view;

	switch (args->mode) {
	case MODE_TABLE:
		if (view->nrows > 0)
			out_table(view);
		break;
	case MODE_COMPLETE:
		out_complete(view, args->prefix);
		break;
	case MODE_COUNT:
		printf("%zu\n", view->nrows);
		break;
	case MODE_JSON:
		out_json(view);
		break;
	case MODE_LINES:
		out_json_lines(view);
		break;
	case MODE_EXPORT:
		out_export(view, args->format);
		break;
	case MODE_METRICS:
		out_metrics(view, args->each, took, count_lost(args, ctx));
		break;
	case MODE_PIDS:
		put_pids(view, args->separator != NULL ? args->separator :
		    "\n");
		break;
	case MODE_QUIET:
		break;
	case MODE_RAW:
		if (view->nrows > 0)
			out_raw(view);
		break;
	case MODE_TREE:
		out_tree(view);
		break;
	}
}

/*
 * The parent of a foreground tunnel may be a user's shell or cron(8).  The
 * tunnels that were left out are reported, for each selector that matches
 * nothing else.
 */
static void
put_foreground(const struct args *args)
{
	const struct pick *pick = &args->pick;
	size_t i, n;

	for (i = 0; i < pick->nsels; i++) {
		n = pick_left_out(pick, args->view.list, i);
		if (n > 0)
			tool_warn(n == 1 ? "%s: runs in the foreground "
			    "(-a shows it)" : "%s: %zu tunnels run in the "
			    "foreground (-a shows them)", pick->words[i], n);
	}
	if (pick->nsels > 0 || args->view.nrows > 0)
		return;
	n = args->foreground;
	tool_warn(n == 1 ? "%zu tunnel runs in the foreground (-a shows it)" :
	    "%zu tunnels run in the foreground (-a shows them)", n);
}

/* On a terminal nothing is silent, except for monitoring. */
static int
speaks(const struct args *args)
{
	return tool_on_terminal() && args->mode != MODE_METRICS;
}

/*
 * Notes are printed once, whatever was found: an empty list must not look as if
 * nothing is there when something could not be seen.
 */
static void
put_notes(const struct args *args, struct tun_ctx *ctx)
{
	const struct tun_list *list = args->view.list;
	const char *note;
	char *all = NULL;
	size_t i;

	for (i = 0; (note = tun_note(list, i)) != NULL; i++)
		all = cell_join(all, "; ", tool_xstrdup(note));
	if (!tun_complete(list))
		tool_warn("view incomplete%s%s", all != NULL ? ": " : "",
		    all != NULL ? all : "");
	free(all);
	/* A monitoring system does not need this line in every round. */
	if (args->foreground > 0) {
		if (args->mode != MODE_METRICS)
			put_foreground(args);
	} else if (args->view.nrows == 0 && pick_lost_label(&args->pick, list))
		tool_warn(PICK_LOST_LABEL);
	else if (args->view.nrows == 0 && args->pick.nsels == 0 && speaks(args))
		nothing_put(args, ctx);
}

/*
 * The facts that this system never shows to this user; NULL if there are none.
 */
static char *
blanks(struct tun_ctx *ctx)
{
	char *all = NULL;
	const char *what;
	size_t i;

	for (i = 0; (what = tun_cannot(ctx, i)) != NULL; i++)
		all = cell_join(all, ", ", tool_xstrdup(what));
	return all;
}

/* Reports a number that was read as the port of a target, or returns 0. */
static int
put_target_port(const struct args *args, size_t i)
{
	char *names = readings_target_port(args->words[i], args->view.list);

	if (names != NULL)
		tool_warn("%s: no tunnel listens there; it is the target port "
		    "of %s", args->words[i], names);
	else
		return 0;
	free(names);
	return 1;
}

/* What cannot be seen may be a session of sshd. */
static int
put_path_owner(struct tun_ctx *ctx, const char *path)
{
	const struct tun_peer **peers;
	char *who = NULL;
	size_t n;

	if (tun_path_owners(ctx, path, &peers, &n) == 0) {
		if (n > 0 && peers[0]->pid > 0)
			who = cell_peer(peers[0]);
		free(peers);
	}
	if (who == NULL) {
		tool_warn("%s: the process that listens there cannot be seen",
		    path);
		return 0;
	}
	tool_warn("%s: another process listens there: %s", path, who);
	free(who);
	return 1;
}

/* Reports a socket of which it is not known whether somebody listens there. */
static int
put_path_unknown(struct tun_ctx *ctx, const char *path, int *unseen)
{
	const struct tun_peer **peers;
	size_t n;

	if (tun_path_owners(ctx, path, &peers, &n) == 0) {
		free(peers);
		return 0;
	}
	tool_warn("%s: whether a process listens there is not known", path);
	*unseen = 1;
	return 1;
}

/*
 * Reports what is at a path where no session of sshd is seen to listen, or
 * returns 0.
 */
static int
put_path(struct tun_ctx *ctx, const char *path, int *unseen)
{
	switch (tun_is_bound(ctx, path)) {
	case 0:
		/* One of another network namespace is not seen. */
		tool_warn("%s: no process here listens at this socket, which "
		    "is in the way of -R: tunkill --sockets removes it, if it "
		    "is dead", path);
		return 1;
	case 1:
		*unseen |= !put_path_owner(ctx, path);
		return 1;
	default:
		return put_path_unknown(ctx, path, unseen);
	}
}

/* Are all rows that it matches of other network namespaces? */
static int
is_only_elsewhere(const struct view *view, const struct tun_select *sel)
{
	size_t i;

	for (i = 0; i < view->nrows; i++)
		if (view->rows[i].tun->netns != 0 && tun_select_match(sel,
		    view->rows[i].tun, view->rows[i].fwd) != 0)
			return 0;
	return 1;
}

/*
 * Reports the ports that were asked for and on which no row listens, and on a
 * terminal all else that matches nothing.  Returns 1 if what was asked for may
 * be there and cannot be seen.
 */
static int
put_holders(const struct args *args, struct tun_ctx *ctx)
{
	unsigned how;
	size_t i;
	int port, said, unseen = 0;

	for (i = 0; i < args->nwords; i++) {
		port = port_holder_port(args->words[i]);
		how = ps_match(args, i);
		/* Here that port is another one. */
		if (port != 0 && how & TUN_MATCH_PORT &&
		    is_only_elsewhere(&args->view, args->pick.sels[i]))
			(void)port_holder_put(ctx, port);
		if ((how & ~(unsigned)TUN_MATCH_TARGET) != 0 ||
		    pick_left_out(&args->pick, args->view.list, i) > 0)
			continue;
		said = args->server && args->words[i][0] == '/' &&
		    put_path(ctx, args->words[i], &unseen);
		if (port != 0) {
			said |= put_target_port(args, i);
			said |= port_holder_put(ctx, port);
		}
		if (!said && how == 0 && speaks(args))
			nothing_put_word(args, ctx, i);
	}
	return unseen;
}

/*
 * Reports rows of which the process was asked for and is not known: by -t, or
 * of a port that one of several sessions has.
 */
static int
lacks_process(const struct args *args)
{
	const struct row *row;
	int named = args->pick.nsels > 0 && args->mode != MODE_COUNT &&
	    args->mode != MODE_QUIET && args->mode != MODE_COMPLETE;
	int lacks = 0;
	char *text;

	for (row = args->view.rows; row < args->view.rows + args->view.nrows;
	    row++) {
		if (row->tun->pid > 0 || row->fwd == NULL)
			continue;
		text = cell_candidates(row->tun);
		if (text != NULL && (named || args->mode == MODE_PIDS))
			tool_warn("%s: one of these sessions has it: %s",
			    row->fwd->id, text);
		else if (args->mode == MODE_PIDS)
			tool_warn("%s: the process that has it is not known",
			    row->fwd->id);
		lacks |= args->mode == MODE_PIDS || (text != NULL && named);
		free(text);
	}
	return lacks;
}

static int
expect(const struct args *args, struct tun_ctx *ctx)
{
	const struct view *view = &args->view;
	const struct pick *pick = &args->pick;
	int *absent = tool_xcalloc(pick->nsels + 1, sizeof(*absent));
	size_t i;
	int status;

	absent[0] = verdict_absent(view->list);
	for (i = 0; i < pick->nsels; i++)
		if (ps_match(args, i) == 0)
			absent[i] = ps_absent(args, ctx, i);
	status = verdict_expect(view->rows, view->nrows, args->expect,
	    pick->sels, pick->nsels, absent, args->mode == MODE_QUIET);
	free(absent);
	return status;
}

/* The exit status as far as the rows decide it. */
static int
judge(const struct args *args, struct tun_ctx *ctx)
{
	const struct view *view = &args->view;
	int status = view->nrows > 0 ? TOOL_MATCH : TOOL_NONE, health;

	if (args->expect != NULL)
		status = expect(args, ctx);
	if (args->check && (status == TOOL_MATCH || status == TOOL_ERROR)) {
		health = verdict_health(view->rows, view->nrows);
		if (health == TOOL_ERROR && args->mode != MODE_QUIET)
			verdict_unknown(view->rows, view->nrows);
		if (health != TOOL_MATCH)
			status = health;
	}
	return status;
}

int
ps_answer(struct args *args, struct tun_ctx *ctx)
{
	int quiet = args->mode == MODE_COMPLETE || args->mode == MODE_QUIET;
	int64_t took = ms_now();
	char *cannot;
	int status, verdict, unseen = 0;

	status = ps_look(args, ctx);
	took = ms_now() - took;
	if (!quiet && status != TOOL_MATCH)
		tool_warn("waited in vain");
	if (!quiet)
		unseen = put_holders(args, ctx);
	cannot = args->view.why ? blanks(ctx) : NULL;
	verdict = judge(args, ctx);
	/* The names of users, the file of -S, the width of the terminal. */
	if (pledge("stdio rpath getpw tty", NULL) == -1)
		tool_fail("pledge: %s", strerror(errno));
	if (verdict == TOOL_BAD || status == TOOL_MATCH)
		status = verdict;
	ps_arrange(args);
	put(args, ctx, took);
	/* Only root sees sessions of others, which may be what is meant. */
	unseen |= args->server && !tun_complete(args->view.list);
	if ((lacks_process(args) && status == TOOL_MATCH) ||
	    (unseen && status == TOOL_NONE))
		status = TOOL_ERROR;
	if (!quiet) {
		put_notes(args, ctx);
		if (cannot != NULL)
			tool_warn("cannot be seen here: %s", cannot);
	}
	free(cannot);
	return status;
}

/*
 * What is lost has no sockets and cannot be asked: the journal knows it all.
 * The sockets show whether a master whose words a title hides has its forwards.
 */
int
ps_lose(struct args *args, struct tun_ctx *ctx)
{
	struct tun_list *live = ps_scan(args, ctx, TUN_SCAN_OWN |
	    TUN_SCAN_SOCKETS);
	struct lost_list ll;

	if (lost_list_read(&ll, ctx, live) == -1) {
		if (args->mode == MODE_COMPLETE)
			exit(TOOL_ERROR);
		journal_fail(ctx);
	}
	args->view.list = ll.list;
	ps_choose(args);
	ps_arrange(args);
	put(args, ctx, 0);
	if (args->view.nrows == 0 && args->mode != MODE_COMPLETE &&
	    args->mode != MODE_QUIET && speaks(args))
		tool_warn("no %stunnel is lost", args->pick.nsels > 0 ?
		    "such " : "");
	args->view.list = NULL;
	lost_list_free(&ll);
	tun_list_free(live);
	return args->view.nrows > 0 ? TOOL_MATCH : TOOL_NONE;
}
