/* SPDX-License-Identifier: ISC */
/*
 * What comes of a verdict: the PID is printed, or what was started is ended
 * again; and the exit status.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/out.h"
#include "common/tool.h"
#include "libfind.h"
#include "run/run.h"

static void
put_text(const struct run *run)
{
	char *id;
	size_t i, k;

	for (i = 0; i < run->nrows; i++) {
		if (i > 0 && run->rows[i].tun == run->rows[i - 1].tun)
			continue;
		printf("%ld", (long)run->rows[i].tun->pid);
		for (k = 0; k < run->nautos; k++)
			printf(" %d", run->autos[k].port);
		putchar('\n');
	}
	for (i = 0; run->verbose && i < run->nrows; i++) {
		id = tool_raw(run->rows[i].fwd != NULL ?
		    run->rows[i].fwd->id : run->rows[i].tun->id);
		puts(id);
		free(id);
	}
}

static void
put_json(const struct run *run)
{
	struct view view;

	memset(&view, 0, sizeof(view));
	view.list = run->list;
	view.rows = run->rows;
	view.nrows = run->nrows;
	view.all = view.clients = 1;
	out_json(&view);
}

/* Before its PID is printed, nobody else could end it. */
static void
hand_over(struct run *run)
{
	int error = tool_flush();

	run_check_caught(run);
	if (error != 0) {
		run_end(run, SIGTERM);
		if (error == EPIPE)
			exit(TOOL_ERROR);
		tool_fail("standard output: %s", strerror(error));
	}
	run->reported = 1;
}

void
run_put(struct run *run)
{
	if (run->quiet)
		;
	else if (run->json)
		put_json(run);
	else
		put_text(run);
	if (!run->reported)
		hand_over(run);
}

/* Is it a client in the foreground, whose forwards its master has? */
static int
is_client(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->nrows; i++)
		if (run->rows[i].fwd != NULL &&
		    run->rows[i].fwd->state == TUN_IN_MASTER)
			return 1;
	return 0;
}

static int
report_master(struct run *run)
{
	const struct tun *t = run_find_master(run);

	if (t == NULL)
		return 0;
	run_put(run);
	run_remember_added(run, t);
	run_say_master(run, t);
	return 1;
}

static int
report_good(struct run *run)
{
	if (is_client(run) && report_master(run))
		return TOOL_MATCH;
	run_put(run);
	run_remember(run);
	run_say_notes(run);
	return TOOL_MATCH;
}

static void
end_strictly(struct run *run)
{
	run_end(run, SIGTERM);
	if (run->reaper.empty)
		run_say(run, "ended again");
}

static int
report_bad(struct run *run)
{
	run_say_rows(run);
	if (run->strict) {
		end_strictly(run);
	} else {
		run_put(run);
		run_remember(run);
		run_say_notes(run);
	}
	return TOOL_BAD;
}

/* A tunnel is not ended because something cannot be seen. */
static int
report_unseen(struct run *run)
{
	run_say_rows(run);
	run_put(run);
	run_remember(run);
	run_say_notes(run);
	return TOOL_ERROR;
}

static int
report_late(struct run *run)
{
	run_say(run, "process %ld has not connected in time, and is ended",
	    (long)run->reaper.child);
	run_end(run, SIGTERM);
	return TOOL_BAD;
}

/*
 * Where we are not the reaper, a program that clears its environment hides, as
 * do those of macOS itself: so any tunnel that started since may be ours.  When
 * the system says that it started can be a second too early, because the time
 * of its boot is rounded.
 */
static int
report_hidden(const struct run *run)
{
	const struct tun *t = NULL;
	int n = 0;

	if (run->reaper.mark == NULL || run->list == NULL)
		return 0;
	while ((t = tun_next(run->list, t)) != NULL)
		if (t->start + 1 >= run->reaper.start) {
			run_say(run, "process %ld has started since and may "
			    "be the tunnel: its environment does not show "
			    "TUN_RUN", (long)t->pid);
			n++;
		}
	return n > 0;
}

/* The command succeeded, and has left no tunnel. */
static int
report_none(struct run *run)
{
	const struct tun_words *w = run->words;
	const struct tun *t;

	run_look_for_master(run);
	if (report_master(run))
		return TOOL_MATCH;
	if (report_hidden(run))
		return TOOL_ERROR;
	if (!run->reaper.empty) {
		run_say_left(run);
		if (run->strict && w != NULL && w->nfwds > 0) {
			end_strictly(run);
			return TOOL_BAD;
		}
	} else if ((t = run_may_have(run)) != NULL) {
		run_say(run, "whether a master that was there before has the "
		    "remote forward cannot be seen: process %ld may have it",
		    (long)t->pid);
		return TOOL_ERROR;
	} else if (w != NULL && w->fork && w->at > 0)
		run_say(run, "nothing is left in the background: if %s hangs "
		    "up on it, put nohup before ssh", run->argv[0]);
	else
		run_say(run, "nothing is left in the background");
	return TOOL_NONE;
}

/*
 * ssh has ended as it does if a forward fails.  A process that listens where a
 * forward should is the reason, or would have been the next one.
 */
static int
report_failed(struct run *run)
{
	char *why;
	size_t i, taken = 0;

	for (i = 0; run->told && i < run->words->nfwds; i++) {
		why = run_find_taken(run->ctx, &run->words->fwds[i]);
		if (why == NULL)
			continue;
		run_say(run, "%s", why);
		free(why);
		taken++;
	}
	if (!run->reaper.empty && run->strict)
		end_strictly(run);
	else if (!run->reaper.empty)
		run_say_left(run);
	return taken > 0 ? TOOL_BAD : reaper_status(&run->reaper);
}

int
run_report(struct run *run, enum run_verdict verdict)
{
	if (run->reaper.ended && run->reaper.status != 0)
		return report_failed(run);
	if (verdict == RUN_GOOD)
		return report_good(run);
	if (verdict == RUN_UNSEEN)
		return report_unseen(run);
	if (verdict == RUN_LATE)
		return report_late(run);
	return run->nrows > 0 ? report_bad(run) : report_none(run);
}
