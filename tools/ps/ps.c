/* SPDX-License-Identifier: ISC */
/* tunps, from the parsed command line to the output. */

#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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
#include "ps/on_change.h"
#include "ps/ps.h"
#include "ps/served.h"
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

/* No more flags than needed, because sockets cost more than processes. */
static unsigned
scan_flags(const struct args *args)
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

static void
put_pids(const struct view *view, const char *separator)
{
	size_t i;

	for (i = 0; i < view->nrows; i++) {
		if (i > 0)
			fputs(separator, stdout);
		printf("%ld", (long)view->rows[i].tun->pid);
	}
	if (view->nrows > 0)
		putchar('\n');
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
		out_metrics(view, args->each, took,
		    lost_list_count(ctx, view->list));
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

/*
 * Notes are printed once, whatever was found: an empty list must not look as if
 * nothing is there when something could not be seen.
 */
static void
put_notes(const struct args *args)
{
	const struct tun_list *list = args->view.list;
	const char *note;
	char *all = tool_xstrdup("view incomplete"), *longer;
	size_t i;

	if (!tun_complete(list)) {
		for (i = 0; (note = tun_note(list, i)) != NULL; i++) {
			longer = tool_xasprintf("%s%s %s", all,
			    i > 0 ? ";" : ":", note);
			free(all);
			all = longer;
		}
		tool_warn("%s", all);
	}
	free(all);
	/* A monitoring system does not need this line in every round. */
	if (args->foreground > 0) {
		if (args->mode != MODE_METRICS)
			put_foreground(args);
	} else if (args->view.nrows == 0 && pick_lost_label(&args->pick, list))
		tool_warn(PICK_LOST_LABEL);
}

/*
 * The facts that this system never shows to this user; NULL if there are none.
 */
static char *
blanks(struct tun_ctx *ctx)
{
	char *all = NULL, *longer;
	const char *what;
	size_t i;

	for (i = 0; (what = tun_cannot(ctx, i)) != NULL; i++) {
		longer = tool_xasprintf("%s%s%s", i > 0 ? all : "",
		    i > 0 ? ", " : "", what);
		free(all);
		all = longer;
	}
	return all;
}

static struct tun_list *
scan(const struct args *args, struct tun_ctx *ctx, unsigned flags)
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

/* How the rows together match the selector. */
static unsigned
match_of(const struct view *view, const struct tun_select *sel)
{
	unsigned how = 0;
	size_t i;

	for (i = 0; i < view->nrows; i++)
		how |= tun_select_match(sel, view->rows[i].tun,
		    view->rows[i].fwd);
	return how;
}

/* Reports a number that was read as the port of a target. */
static void
put_target_port(const struct args *args, size_t i)
{
	char *names = readings_target_port(args->words[i], args->view.list);

	if (names != NULL)
		tool_warn("%s: no tunnel listens there; it is the target port "
		    "of %s", args->words[i], names);
	free(names);
}

/* Reports the ports that were asked for and on which no row listens. */
static void
put_holders(const struct args *args, struct tun_ctx *ctx)
{
	unsigned how;
	size_t i;
	int port;

	for (i = 0; i < args->nwords; i++) {
		port = port_holder_port(args->words[i]);
		how = match_of(&args->view, args->pick.sels[i]);
		if (port == 0 || (how & ~(unsigned)TUN_MATCH_TARGET) != 0 ||
		    pick_left_out(&args->pick, args->view.list, i) > 0)
			continue;
		put_target_port(args, i);
		port_holder_put(ctx, port);
	}
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

/* TOOL_MATCH: every selector has a row, and every row is healthy. */
static int
is_there(const struct args *args)
{
	size_t i;

	for (i = 0; i < args->pick.nsels; i++) {
		if (match_of(&args->view, args->pick.sels[i]) == 0)
			return TOOL_BAD;
	}
	return args->view.nrows == 0 ? TOOL_BAD :
	    verdict_health(args->view.rows, args->view.nrows);
}

#define MS_LEAST	20	/* between two scans, at first */
#define MS_MOST		250	/* and at most */

/* Scans until all is healthy or the time is over; returns the last status. */
static int
await(struct args *args, struct tun_ctx *ctx)
{
	int64_t end = ms_now() + args->wait, gap = MS_LEAST, left;
	unsigned flags = scan_flags(args) | columns[COL_CONNS].scan;
	int status;

	/*
	 * A second sample takes a second, and the next scan follows soon
	 * anyway.
	 */
	flags &= ~(unsigned)TUN_SCAN_AGAIN;
	for (;;) {
		args->view.list = scan(args, ctx, flags);
		choose(args, &args->pick);
		if ((status = is_there(args)) == TOOL_MATCH)
			return status;
		left = end - ms_now();
		if (left <= 0 || args->table != NULL)
			return status;
		ms_sleep(left < gap ? left : gap);
		gap = gap * 3 / 2 < MS_MOST ? gap * 3 / 2 : MS_MOST;
		tun_list_free(args->view.list);
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

/* The exit status as far as the rows decide it. */
static int
judge(const struct args *args)
{
	const struct view *view = &args->view;
	int status = view->nrows > 0 ? TOOL_MATCH : TOOL_NONE, health;

	if (args->expect != NULL)
		status = verdict_expect(view->rows, view->nrows, args->expect,
		    args->pick.sels, args->pick.nsels,
		    args->mode == MODE_QUIET);
	if (args->check && (status == TOOL_MATCH || status == TOOL_ERROR)) {
		health = verdict_health(view->rows, view->nrows);
		if (health == TOOL_ERROR && args->mode != MODE_QUIET)
			verdict_unknown(view->rows, view->nrows);
		if (health != TOOL_MATCH)
			status = health;
	}
	return status;
}

/* Sorts the rows, and keeps as many for each tunnel as are printed. */
static void
arrange(struct args *args)
{
	struct view *view = &args->view;

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

/* Does everything that reads the system; the rows are chosen afterwards. */
static int
see(struct args *args, struct tun_ctx *ctx)
{
	struct view *view = &args->view;
	unsigned flags = scan_flags(args);
	int status = TOOL_MATCH;

	args->pick.target_ports = takes_target_ports(args);
	if (args->wait >= 0) {
		status = await(args, ctx);
		tun_list_free(view->list);
	}
	if (samples_rate(args)) {
		view->before = scan(args, ctx, flags);
		sleep(1);
	}
	view->list = scan(args, ctx, flags);
	view->clients = (flags & TUN_SCAN_CLIENTS) != 0;
	if (args->check)
		ask(args, ctx);
	choose(args, &args->pick);
	if (args->which != WHICH_ALL)
		rows_keep_one(view, args->which == WHICH_NEWEST);
	if (args->mode == MODE_COMPLETE || args->mode == MODE_QUIET)
		return status;
	if (status != TOOL_MATCH)
		tool_warn("waited in vain");
	put_holders(args, ctx);
	return status;
}

/* --watch: the state between two scans. */
struct watching {
	struct args *args;
	struct tun_ctx *ctx;
	struct row *old;	/* rows of view.before */
	size_t nold;
};

static void
look_again(struct watching *w)
{
	struct view *view = &w->args->view;

	tun_list_free(view->before);
	view->before = view->list;
	free(w->old);
	w->old = view->rows;
	w->nold = view->nrows;
	view->rows = NULL;
	view->list = scan(w->args, w->ctx, scan_flags(w->args));
	choose(w->args, &w->args->pick);
	if (w->args->which != WHICH_ALL)
		rows_keep_one(view, w->args->which == WHICH_NEWEST);
	if (w->args->on_change != NULL)
		on_change_look(w->args->on_change, w->ctx, view);
	arrange(w->args);
}

/* "23:59:01  2 tunnels, every 2s; view incomplete: ..." */
static void
put_heading(const struct args *args, FILE *fp)
{
	const struct view *view = &args->view;
	time_t when = (time_t)tun_when(view->list);
	char clock[16] = "?", *text = NULL;
	const char *note;
	struct tm tm;
	size_t i, n = 0;

	for (i = 0; i < view->nrows; i++)
		n += i == 0 || view->rows[i].tun != view->rows[i - 1].tun;
	if (localtime_r(&when, &tm) != NULL)
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	fprintf(fp, "%s  %zu tunnel%s, every %gs", clock, n,
	    n == 1 ? "" : "s", (double)args->watch / 1000);
	for (i = 0; (note = tun_note(view->list, i)) != NULL; i++)
		fprintf(fp, "; %s", note);
	if (args->on_change != NULL &&
	    (text = on_change_note(args->on_change)) != NULL)
		fprintf(fp, "; --on-change: %s", text);
	free(text);
	fputs("  (q ends)\n", fp);
}

static void
look_screen(void *arg, FILE *fp, size_t width)
{
	struct watching *w = arg;
	struct view *view = &w->args->view;
	size_t nrows;
	char *marks;

	look_again(w);
	put_heading(w->args, fp);
	nrows = view->nrows;
	/* In the first round all rows are new, so none is marked. */
	if (view->before != NULL)
		marks = rows_mark(view, w->old, w->nold);
	else {
		marks = tool_xcalloc(nrows + 1, 1);
		memset(marks, ' ', nrows);
	}
	view->fp = fp;
	view->marks = marks;
	view->bold = getenv("NO_COLOR") == NULL;
	view->width = w->args->wide ? 0 : width;
	if (view->nrows > 0)
		out_table(view);
	/* Rows that are gone are shown only once. */
	view->nrows = nrows;
	free(marks);
}

/* Says it once; *saidp is what was said last. */
static void
warn_on_change(const struct args *args, char **saidp)
{
	char *note = args->on_change != NULL ?
	    on_change_note(args->on_change) : NULL;

	if (note == NULL || (*saidp != NULL && strcmp(note, *saidp) == 0)) {
		free(note);
		return;
	}
	tool_warn("--on-change: %s", note);
	free(*saidp);
	*saidp = note;
}

int
ps_watch(struct args *args, struct tun_ctx *ctx)
{
	struct watching w = { args, ctx, NULL, 0 };
	char *said = NULL;

	args->view.clients = (scan_flags(args) & TUN_SCAN_CLIENTS) != 0;
	args->pick.target_ports = takes_target_ports(args);
	if (args->mode == MODE_TABLE)
		watch_screen(args->watch, look_screen, &w);
	else for (;;) {
		look_again(&w);
		out_json_line(&args->view);
		if (fflush(stdout) == EOF)
			break;
		warn_on_change(args, &said);
		ms_sleep(args->watch);
	}
	free(said);
	free(w.old);
	on_change_free(args->on_change);
	return args->view.nrows > 0 ? TOOL_MATCH : TOOL_NONE;
}

int
ps_answer(struct args *args, struct tun_ctx *ctx)
{
	int64_t took = ms_now();
	char *cannot;
	int status, verdict;

	status = see(args, ctx);
	took = ms_now() - took;
	cannot = args->view.why ? blanks(ctx) : NULL;
	/* The names of users, the file of -S, the width of the terminal. */
	if (pledge("stdio rpath getpw tty", NULL) == -1)
		tool_fail("pledge: %s", strerror(errno));
	if ((verdict = judge(args)) != TOOL_MATCH && status != TOOL_BAD)
		status = verdict;
	arrange(args);
	put(args, ctx, took);
	if (args->mode != MODE_COMPLETE && args->mode != MODE_QUIET) {
		put_notes(args);
		if (cannot != NULL)
			tool_warn("cannot be seen here: %s", cannot);
	}
	free(cannot);
	return status;
}

/* What is lost has no sockets and cannot be asked: the journal knows it all. */
int
ps_lose(struct args *args, struct tun_ctx *ctx)
{
	struct tun_list *live = scan(args, ctx, TUN_SCAN_OWN);
	struct lost_list ll;

	if (lost_list_read(&ll, ctx, live) == -1) {
		if (args->mode == MODE_COMPLETE)
			exit(TOOL_ERROR);
		tool_fail("the journal: %s", tun_journal_error(ctx));
	}
	args->view.list = ll.list;
	args->pick.target_ports = takes_target_ports(args);
	choose(args, &args->pick);
	if (args->which != WHICH_ALL)
		rows_keep_one(&args->view, args->which == WHICH_NEWEST);
	arrange(args);
	put(args, ctx, 0);
	args->view.list = NULL;
	lost_list_free(&ll);
	tun_list_free(live);
	return args->view.nrows > 0 ? TOOL_MATCH : TOOL_NONE;
}

int
ps_serve(const struct args *args, struct tun_ctx *ctx)
{
	struct served sv = { .titles = args->view.titles,
	    .why = args->view.why, .width = args->view.width };
	int status;

	status = served_look(&sv, ctx, &args->pick, args->words,
	    args->nwords);
	if (pledge("stdio rpath getpw tty", NULL) == -1)
		tool_fail("pledge: %s", strerror(errno));
	switch (args->mode) {
	case MODE_COUNT:
		printf("%zu\n", sv.nlines);
		break;
	case MODE_JSON:
		served_json(&sv);
		break;
	case MODE_QUIET:
		break;
	case MODE_RAW:
		served_raw(&sv);
		break;
	default:
		served_table(&sv);
	}
	if (args->mode != MODE_QUIET)
		served_notes(&sv);
	served_free(&sv);
	return status;
}
