/* SPDX-License-Identifier: ISC */
/*
 * tunrun --again: decides which tunnels are started again, ends those that run
 * by the rules of tunkill, and starts all of them.  Nothing is ended that could
 * not be started.
 */

#include <sys/types.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/journal_use.h"
#include "common/out.h"
#include "common/pick.h"
#include "common/tool.h"
#include "common/unmatched.h"
#include "kill/act.h"
#include "kill/operands.h"
#include "kill/report.h"
#include "run/again.h"

#define WAIT_MS	5000	/* for a tunnel to end and its ports to be free */

/* --- which tunnels -------------------------------------------------------- */

/* Those of the operands that mean a running tunnel. */
static struct pick
pick_running(const struct pick *pick, const struct row *rows, size_t n)
{
	struct pick running = *pick;
	size_t i;

	running.sels = tool_xcalloc(pick->nsels, sizeof(*running.sels));
	running.words = tool_xcalloc(pick->nsels, sizeof(*running.words));
	running.nsels = 0;
	for (i = 0; i < pick->nsels; i++) {
		if (pick_matches(pick, i, rows, n) == 0)
			continue;
		running.sels[running.nsels] = pick->sels[i];
		running.words[running.nsels++] = pick->words[i];
	}
	return running;
}

static void
lack_operands(struct again *again, const struct pick *pick,
    const struct row *rows, size_t n, const struct row *lost, size_t nlost)
{
	size_t i;

	for (i = 0; i < pick->nsels; i++) {
		if (pick_matches(pick, i, rows, n) > 0 ||
		    pick_matches(pick, i, lost, nlost) > 0)
			continue;
		again->unmatched++;
		unmatched_put(again->ctx, again->list, pick->needs,
		    pick->sels[i], pick->words[i], FOREIGN_RUN);
	}
}

/* Without operands each tunnel as a whole. */
static size_t
keep_tunnels(struct row *rows, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++)
		if (kept == 0 || rows[kept - 1].tun != rows[i].tun) {
			rows[kept] = rows[i];
			rows[kept++].fwd = NULL;
		}
	return kept;
}

static struct again_job *
add_job(struct again *again, const struct tun *t, struct plan_item *item)
{
	struct again_job *job;

	again->jobs = tool_xreallocarray(again->jobs, again->n + 1,
	    sizeof(*again->jobs));
	job = &again->jobs[again->n++];
	memset(job, 0, sizeof(*job));
	job->tun = t;
	job->item = item;
	job->state = JOB_READY;
	return job;
}

/* --- what is left as it is ------------------------------------------------ */

/* Says why; the text is freed. */
static void
set_aside(const struct again *again, struct again_job *job,
    enum job_state state, char *why)
{
	char *name = again_name(job->tun);

	if (!again->run->quiet)
		tool_warn("%s: %s", name, why);
	free(name);
	free(why);
	job->state = state;
	if (job->item != NULL && job->item->result == PLAN_OPEN)
		job->item->result = PLAN_REFUSED;
}

/* The words of tunkill, which have the name in front. */
static void
refuse_as_planned(const struct again *again, struct again_job *job)
{
	char *why = report_result(&again->plan, job->item);

	if (why != NULL && !again->run->quiet)
		tool_warn("%s", why);
	free(why);
	job->state = JOB_REFUSED;
}

/* "systemctl --user restart -- x.service", of the command that stops it. */
static char *
restart_command(const struct tun_stop *stop)
{
	static const char *const words[][2] = {
		{ "stop", "restart" },	/* systemctl, supervisorctl */
		{ "down", "restart" },	/* sv */
		{ "-d", "-t" }		/* s6-svc, svc */
	};
	const char **argv;
	char *text;
	size_t i, k, n = 0;
	int done = 0;

	while (stop->argv[n] != NULL)
		n++;
	argv = tool_xcalloc(n + 1, sizeof(*argv));
	for (i = 0; i < n; i++) {
		argv[i] = stop->argv[i];
		for (k = 0; k < 3 && !done; k++)
			if (i > 0 && strcmp(argv[i], words[k][0]) == 0) {
				argv[i] = words[k][1];
				done = 1;
			}
	}
	text = cell_words(argv);
	free(argv);
	return text;
}

static void
leave_to_supervisor(const struct again *again, struct again_job *job)
{
	const struct tun *t = job->tun;
	const struct tun_stop *stop = job->item->stop;
	char *how;

	if (stop != NULL && stop->kind == TUN_STOP_COMMAND)
		how = restart_command(stop);
	else if (strncmp(t->supervisor, "autossh ", 8) == 0)
		how = tool_xasprintf("kill -USR1 %ld", (long)t->supervisor_pid);
	else
		how = tool_xasprintf("it starts process %ld again when that "
		    "ends", (long)t->pid);
	set_aside(again, job, JOB_LEFT, tool_xasprintf("left to its "
	    "supervisor, %s: %s", t->supervisor, how));
	free(how);
}

/* --- whether it can be started -------------------------------------------- */

/* Why it is not for us, whatever its recipe is; or NULL. */
static char *
find_reason(const struct again_job *job)
{
	const struct tun *t = job->tun;

	if (job->item->means == PLAN_CLOSE)
		return tool_xstrdup("a master has it, which --whole starts "
		    "again with all that it has");
	if (t->state == TUN_CLIENT)
		return tool_xstrdup("it is a client of a master: name the "
		    "master");
	if (t->origin == TUN_ORIGIN_FOREGROUND)
		return tool_xasprintf("process %ld runs in the foreground: "
		    "start it again where it runs", (long)t->pid);
	return NULL;
}

/* From the journal, or else from its process; 0, or -1 with a message. */
static int
find_recipe(const struct again *again, struct again_job *job)
{
	const char *why;

	if (again->journal != NULL)
		job->recipe = tun_journal_of(again->journal, job->tun);
	if (job->recipe != NULL)
		return 0;
	job->made = tun_record_make(again->ctx, job->tun, &why);
	job->recipe = job->made;
	if (job->made != NULL)
		return 0;
	if (errno == EXDEV)
		set_aside(again, job, JOB_LEFT, tool_xasprintf("%s: run "
		    "tunrun there", why));
	else
		set_aside(again, job, JOB_REFUSED, tool_xasprintf("it is not "
		    "known how it was started: %s", why));
	return -1;
}

/*
 * The process of another tunnel that runs and that its command has started,
 * too; 0: there is none.
 */
static pid_t
find_sibling(const struct again *again, const struct again_job *job)
{
	const struct tun_record *r;
	const struct tun *t = NULL;

	while (again->journal != NULL &&
	    (t = tun_next(again->list, t)) != NULL) {
		r = tun_journal_of(again->journal, t);
		if (r != NULL && tun_record_is_sibling(r, job->recipe))
			return t->pid;
	}
	return 0;
}

/* What goes through a VPN must not go out beside it. */
static int
is_elsewhere(const struct again *again, const struct again_job *job)
{
	int moves = tun_record_moves(again->ctx, job->recipe);

	return moves == 1 || (moves == -1 && job->tun->netns == 0);
}

static void
check_job(const struct again *again, struct again_job *job)
{
	pid_t sibling;
	char *why;

	if (job->item != NULL) {
		if (job->tun->supervisor != NULL) {
			leave_to_supervisor(again, job);
			return;
		}
		if (job->item->result != PLAN_OPEN) {
			refuse_as_planned(again, job);
			return;
		}
		if ((why = find_reason(job)) != NULL) {
			set_aside(again, job, JOB_REFUSED, why);
			return;
		}
	}
	if (find_recipe(again, job) == -1)
		return;
	if (is_elsewhere(again, job))
		set_aside(again, job, JOB_LEFT, tool_xasprintf("it %s in "
		    "another network namespace: run tunrun there",
		    job->item != NULL ? "is" : "was"));
	else if ((sibling = find_sibling(again, job)) != 0)
		set_aside(again, job, JOB_REFUSED, tool_xasprintf("its command "
		    "would start process %ld once more, which runs",
		    (long)sibling));
	else if (!(again->run->plan & PLAN_SESSIONS) &&
	    again_runs_command(job, again->ctx))
		set_aside(again, job, JOB_LEFT, tool_xstrdup("it would run "
		    "its remote command once more: --sessions"));
	else if ((why = again_obstacle(job, again->ctx)) != NULL)
		set_aside(again, job, JOB_REFUSED, why);
}

/* Would both listen at one place here? */
static int
share_listener(const struct tun *a, const struct tun *b)
{
	const struct tun_forward *x, *y;
	size_t i, k;

	for (i = 0; i < a->nfwds; i++) {
		x = &a->fwds[i]->spec;
		for (k = 0; tun_forward_is_local(x) && k < b->nfwds; k++) {
			y = &b->fwds[k]->spec;
			if (tun_forward_is_local(y) &&
			    tun_forward_same_listener(x, y))
				return 1;
		}
	}
	return 0;
}

/* One start makes all that one start has made. */
static void
leave_siblings(const struct again *again)
{
	struct again_job *a, *b, *end = again->jobs + again->n;

	for (a = again->jobs; a < end; a++)
		for (b = again->jobs; b < a && a->state == JOB_READY; b++)
			if (b->state == JOB_READY &&
			    tun_record_is_sibling(a->recipe, b->recipe))
				set_aside(again, a, JOB_LEFT, tool_xasprintf(
				    "it is started with process %ld, by the "
				    "same command", (long)b->tun->pid));
}

/* Is b lost as well, and was it there after a? */
static int
is_newer(const struct again_job *b, const struct again_job *a)
{
	return b != a && b->item == NULL && b->state == JOB_READY &&
	    (b->tun->start > a->tun->start ||
	    (b->tun->start == a->tun->start && b > a));
}

/* Of those that are lost and had the same port, only the last one is wanted. */
static void
leave_older(const struct again *again)
{
	struct again_job *a, *b, *end = again->jobs + again->n;

	for (a = again->jobs; a < end; a++)
		for (b = again->jobs; b < end && a->item == NULL &&
		    a->state == JOB_READY; b++)
			if (is_newer(b, a) && share_listener(a->tun, b->tun))
				set_aside(again, a, JOB_LEFT, tool_xasprintf(
				    "process %ld, which is lost too, listened "
				    "there later: tunps --forget %ld",
				    (long)b->tun->pid, (long)a->tun->pid));
}

/* --- the plan ------------------------------------------------------------- */

static void
line_put(const char *before, char *text)
{
	char *shown = tool_vis(text);

	printf("%s%s\n", before, shown);
	free(shown);
	free(text);
}

static void
put_recipe(const struct again_job *job)
{
	const struct tun_record *r = job->recipe;
	const struct tun_record *const *added = r->added;
	char spec[1024];

	line_put("    start: ", cell_words(r->argv));
	line_put("    in: ", tool_xstrdup(r->cwd));
	for (; added != NULL && *added != NULL; added++)
		if (tun_forward_format((*added)->fwd, spec,
		    sizeof(spec)) >= 0)
			line_put("    add: ", tool_xasprintf("%s %s",
			    tun_kind_name((*added)->fwd->kind), spec));
}

static void
put_job(const struct again *again, const struct again_job *job)
{
	char when[32] = "?", *name;
	time_t start = (time_t)job->tun->start;
	struct tm tm;

	if (job->item != NULL) {
		report_plan(&again->plan, job->item, stdout,
		    tool_terminal_width(STDOUT_FILENO));
	} else {
		name = again_name(job->tun);
		if (localtime_r(&start, &tm) != NULL)
			strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
		line_put("", tool_xasprintf("%s: lost; it was started %s", name,
		    when));
		free(name);
	}
	put_recipe(job);
}

/* --- all of it ------------------------------------------------------------ */

static void
look(struct again *again, const struct pick *pick)
{
	unsigned flags = pick_scan(pick) | TUN_SCAN_OWN | TUN_SCAN_STATES |
	    TUN_SCAN_ENV;

	if (again->run->dry)
		flags |= TUN_SCAN_CLIENTS;
	if (tun_scan(again->ctx, flags, &again->list) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	again->journal = tun_journal_read(again->ctx);
	again->unread = again->journal == NULL && errno != ENOTSUP;
	if (again->unread)
		journal_put_error(again->ctx);
	if (again->journal != NULL && tun_journal_lost(again->ctx,
	    again->journal, again->list, &again->lost) == -1)
		tool_fail("cannot look: %s", strerror(errno));
}

static void
add_lost(struct again *again, const struct pick *pick, const struct row *rows,
    size_t n)
{
	const struct tun *last = NULL;
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < pick->nsels &&
		    pick_match(pick, k, &rows[i]) == 0; k++)
			continue;
		if (rows[i].tun == last ||
		    (pick->nsels > 0 && k == pick->nsels))
			continue;
		last = rows[i].tun;
		add_job(again, last, NULL);
	}
}

/* All forwards of what is lost, and each tunnel without one. */
static struct row *
lost_rows(const struct again *again, size_t *np)
{
	const struct tun *t = NULL;
	struct row *rows = NULL;
	size_t i, n = 0;

	while (again->lost != NULL &&
	    (t = tun_next(again->lost, t)) != NULL)
		for (i = 0; i == 0 || i < t->nfwds; i++) {
			rows = tool_xreallocarray(rows, n + 1, sizeof(*rows));
			rows[n].tun = t;
			rows[n++].fwd = t->nfwds > 0 ? t->fwds[i] : NULL;
		}
	*np = n;
	return rows;
}

/* Makes the jobs of all that is meant. */
static void
choose(struct again *again, struct pick *pick, struct pick *running)
{
	size_t i, n, nlost, foreground;
	struct row *lost = lost_rows(again, &nlost), *rows;

	rows = pick_rows(pick, again->list, &n, &foreground);
	*running = pick_running(pick, rows, n);
	lack_operands(again, pick, rows, n, lost, nlost);
	if (pick->nsels == 0)
		n = keep_tunnels(rows, n);
	else if (running->nsels > 0)
		operands_check(&again->plan, rows, &n, again->run->all, 1);
	plan_make(&again->plan, rows, n);
	for (i = 0; i < again->plan.n; i++)
		add_job(again, again->plan.items[i].tun,
		    &again->plan.items[i]);
	add_lost(again, pick, lost, nlost);
	for (i = 0; i < again->n; i++)
		check_job(again, &again->jobs[i]);
	leave_siblings(again);
	leave_older(again);
	free(rows);
	free(lost);
}

/*
 * What is ended here and then cannot be started is lost, and not ended on
 * purpose: the journal has to know how to start it.
 */
static void
end_running(struct again *again)
{
	struct act_options options = { .wait = WAIT_MS, .kill = -1,
	    .quiet = again->run->quiet };
	struct again_job *job;
	size_t i;

	for (i = 0; i < again->n; i++) {
		job = &again->jobs[i];
		if (job->state == JOB_READY && job->made != NULL)
			journal_wrote(again->ctx, tun_journal_keep(again->ctx,
			    job->tun));
	}
	act_run(&again->plan, &options);
	for (i = 0; i < again->n; i++) {
		job = &again->jobs[i];
		if (job->state == JOB_READY && job->item != NULL &&
		    job->item->result != PLAN_ENDED &&
		    job->item->result != PLAN_GONE)
			refuse_as_planned(again, job);
	}
}

static void
put_failures(const struct again *again)
{
	const struct again_job *job;
	char *name;
	size_t i;

	for (i = 0; i < again->n && !again->run->quiet; i++) {
		job = &again->jobs[i];
		if (job->state != JOB_DONE || job->status == TOOL_MATCH ||
		    job->status == JOB_SAID)
			continue;
		name = again_name(job->tun);
		if (job->status == TOOL_BAD)
			tool_warn("%s: does not work", name);
		else
			tool_warn("%s: was not started: exit status %d", name,
			    job->status);
		free(name);
	}
}

static void
put_nothing(const struct again *again)
{
	if (again->journal != NULL)
		tool_warn("nothing is stale or lost");
	else if (again->unread)
		tool_warn("nothing is stale; what is lost is not known");
	else
		tool_warn("nothing is stale");
}

static int
status_of(const struct again *again, int named)
{
	int unknown = again->unread && (!named || again->unmatched > 0);
	size_t i, good = 0, bad = 0, left = 0;
	size_t failed = again->unmatched + (size_t)unknown;
	const struct again_job *job;

	for (i = 0; i < again->n; i++) {
		job = &again->jobs[i];
		if (job->state == JOB_READY || (job->state == JOB_DONE &&
		    job->status == TOOL_MATCH))
			good++;
		else if (job->state == JOB_DONE && job->status == TOOL_BAD)
			bad++;
		else if (job->state == JOB_LEFT && !named)
			left++;
		else
			failed++;
	}
	if (good > 0)
		return bad + failed > 0 ? TOOL_SOME : TOOL_MATCH;
	if (bad > 0)
		return failed > 0 ? TOOL_SOME : TOOL_BAD;
	return again->n > left || unknown ? TOOL_ERROR : TOOL_NONE;
}

static void
again_free(struct again *again)
{
	size_t i;

	for (i = 0; i < again->n; i++) {
		tun_record_free(again->jobs[i].made);
		free(again->jobs[i].program);
		free(again->jobs[i].agent);
	}
	free(again->jobs);
	plan_free(&again->plan);
	tun_list_free(again->lost);
	tun_journal_free(again->journal);
	tun_list_free(again->list);
}

int
run_again(const struct run *run)
{
	struct again again = { .run = run, .ctx = run->ctx };
	struct pick pick = PICK_ANY, running;
	int lock = -1, status;
	size_t i;

	if (!run->dry && (lock = again_lock(run->ctx)) == -1)
		tool_fail("--again: another one of yours is at work");
	for (i = 0; i < run->noperands; i++)
		pick_operand(&pick, run->operands[i]);
	if (pick.nsels > 0)
		pick.all = 1;
	else
		pick.classes = 1u << TUN_CLASS_STALE;
	pick.ctx = run->ctx;
	look(&again, &pick);
	again.plan.ctx = run->ctx;
	again.plan.list = again.list;
	again.plan.pick = &running;
	again.plan.flags = run->plan;
	again.plan.sig = SIGTERM;
	choose(&again, &pick, &running);
	for (i = 0; i < again.n && run->dry; i++)
		if (again.jobs[i].state == JOB_READY)
			put_job(&again, &again.jobs[i]);
	if (again.n == 0 && pick.nsels == 0 && !run->quiet)
		put_nothing(&again);
	if (!run->dry) {
		/* What we end may carry the login in which we run. */
		again.hangup = signal(SIGHUP, SIG_IGN);
		again.pipe = signal(SIGPIPE, SIG_IGN);
		end_running(&again);
		again_start(&again);
		put_failures(&again);
		close(lock);
	}
	status = status_of(&again, pick.nsels > 0);
	free(running.sels);
	free(running.words);
	again_free(&again);
	pick_free(&pick);
	return status;
}
