/* SPDX-License-Identifier: ISC */
/*
 * Carries out a plan, and nothing else, on processes that have been held since
 * the plan was made.
 */

#include <sys/types.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/journal_use.h"
#include "common/tool.h"
#include "compat/ms.h"
#include "kill/act.h"
#include "kill/plan.h"
#include "libfind.h"

#define PARENT_MS	700	/* for a supervisor to end its child, too */
#define COMMAND_MS	30000 /* for a service manager, unless we do not wait */

/* --- processes that end together ----------------------------------------- */

static int
same_command(const struct plan_item *a, const struct plan_item *b)
{
	return a->means == PLAN_COMMAND && b->means == PLAN_COMMAND &&
	    a->stop->uid == b->stop->uid &&
	    tool_same_words(a->stop->argv, b->stop->argv);
}

static int
same_parent(const struct plan_item *a, const struct plan_item *b)
{
	return a->means == PLAN_PARENT && b->means == PLAN_PARENT &&
	    a->tun->parent->pid == b->tun->parent->pid;
}

static int
goes_through(const struct plan_item *it, const struct plan_item *master)
{
	return master->whole && tool_has_peer(master->tun->users,
	    master->tun->nusers, it->tun->pid);
}

/* Has something been done already that also ends this one? */
static const struct plan_item *
cause(const struct plan *plan, const struct plan_item *it)
{
	const struct plan_item *p;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		p = &plan->items[i];
		if (p != it && (p->result == PLAN_SENT ||
		    p->result == PLAN_FAILED) && (same_command(p, it) ||
		    same_parent(p, it) || goes_through(it, p)))
			return p;
	}
	return NULL;
}

/* --- signals ------------------------------------------------------------- */

static void
signal_parent(struct plan_item *it)
{
	if (act_send(it->parent, plan_parent_signal(it)) == 0 || errno == ESRCH)
		plan_settle(it, PLAN_SENT, NULL);
	else
		plan_fail(it, it->tun->parent->comm);
}

/*
 * autossh ends its ssh; a shell does not, nor does what has started that.  A
 * shell that waits for its child ends only after the child.
 */
static void
signal_children(struct plan *plan)
{
	int64_t deadline = ms_now() + PARENT_MS;
	struct plan_item *it = NULL;

	while ((it = plan_next(plan, it, PLAN_SENT)) != NULL) {
		if (!plan_signals_after(it))
			continue;
		tun_handle_wait(it->parent != NULL ? it->parent : it->handle,
		    ms_left(deadline));
		if (tun_handle_wait(it->handle, 0) != 1)
			act_signal(it, it->sig);
	}
}

/* --- service managers ---------------------------------------------------- */

/* The last line of its output, which tool_warn() escapes. */
static char *
last_line(char *text)
{
	char *p = text + strlen(text);

	while (p > text && (p[-1] == '\n' || p[-1] == '\r' || p[-1] == ' '))
		*--p = '\0';
	while (p > text && p[-1] != '\n')
		p--;
	return p;
}

static char *
command_failed(const struct tun_stop *stop, char *said)
{
	const char *name = stop->argv[0];

	switch (errno) {
	case ENOENT:
		return tool_xasprintf("%s: not found where only root%s could "
		    "have put it", name, geteuid() != 0 ? " or you" : "");
	case EPERM:
		return tool_xasprintf("cannot become %s",
		    tool_user(stop->uid));
	case ETIMEDOUT:
		return tool_xasprintf("%s has not come back", name);
	case ECHILD:
		if (said != NULL && *(said = last_line(said)) != '\0')
			return tool_xasprintf("%s failed: %s", name, said);
		return tool_xasprintf("%s failed", name);
	default:
		return tool_xasprintf("%s: %s", name, strerror(errno));
	}
}

static void
run_command(struct plan_item *it, int wait)
{
	char *said = NULL;

	if (tun_stop_run(it->stop, wait > COMMAND_MS ? wait : COMMAND_MS,
	    &said) == 0)
		plan_settle(it, PLAN_SENT, NULL);
	else
		plan_settle(it, PLAN_FAILED, command_failed(it->stop, said));
	free(said);
}

/* --- all of it ----------------------------------------------------------- */

static void
act(struct plan *plan, struct plan_item *it, int wait)
{
	const struct plan_item *why = cause(plan, it);

	/* A process that exited by itself is not reported as ended by us. */
	if (why == NULL && tun_handle_wait(it->handle, 0) == 1) {
		plan_settle(it, PLAN_GONE, NULL);
		return;
	}
	switch (it->means) {
	case PLAN_SIGNAL:
		if (why != NULL)	/* it may be about to end by itself */
			it->result = PLAN_SENT;
		act_signal(it, it->sig);
		break;
	case PLAN_PARENT:
		signal_parent(it);
		break;
	case PLAN_COMMAND:
		if (why != NULL)
			plan_settle(it, why->result, why->detail != NULL ?
			    tool_xstrdup(why->detail) : NULL);
		else
			run_command(it, wait);
		break;
	case PLAN_CLOSE:
		act_close(it, plan->ctx, wait);
		break;
	case PLAN_REFUSE:
		break;
	}
}

/*
 * What was ended on purpose is not lost, and a forward that was closed on
 * purpose is not missing.  This is written before any wait for the end, in
 * which we may be interrupted.
 */
static void
remember(const struct plan *plan, const struct plan_item *it)
{
	if (it->tun->served ||
	    (it->result != PLAN_ENDED && it->result != PLAN_SENT))
		return;
	journal_wrote(plan->ctx, it->means == PLAN_CLOSE ?
	    tun_journal_close(plan->ctx, it->tun, it->spec) :
	    tun_journal_end(plan->ctx, it->tun));
}

void
act_run(struct plan *plan, const struct act_options *options)
{
	struct plan_item *it = NULL;
	int64_t deadline;

	act_hold(plan);
	while ((it = plan_next(plan, it, PLAN_OPEN)) != NULL) {
		act(plan, it, options->wait);
		if (options->on_purpose)
			remember(plan, it);
	}
	signal_children(plan);
	if (options->kill >= 0) {
		ended_wait(plan, ms_now() + options->kill);
		ended_kill(plan);
	}
	if (options->wait == 0)
		return;
	deadline = ms_now() + options->wait;
	ended_wait(plan, deadline);
	ended_give_up(plan, options->wait);
	ended_clean_up(plan, options, deadline);
	act_watch_back(plan);
}
