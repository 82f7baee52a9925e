/* SPDX-License-Identifier: ISC */
/* tunkill's plan as text. */

#include <sys/types.h>

#include <stdlib.h>
#include <unistd.h>

#include "common/grid.h"
#include "common/out.h"
#include "common/tool.h"
#include "kill/plan.h"
#include "kill/report.h"
#include "kill/signal_names.h"
#include "libfind.h"

const char *
report_result_name(enum plan_result result)
{
	static const char *const names[] = {
		"open", "sent", "ended", "gone", "declined", "refused",
		"failed", "came back"
	};

	return names[result];
}

/* --- a plan -------------------------------------------------------------- */

char *
report_name(const struct plan_item *it)
{
	char *text = NULL;
	size_t i;

	for (i = 0; i < it->nfwds; i++) {
		if (it->fwds[i]->id != NULL)
			text = cell_join(text, ", ",
			    tool_xstrdup(it->fwds[i]->id));
	}
	if (text != NULL)
		return text;
	return tool_xstrdup(it->word != NULL ? it->word : it->tun->id);
}

static char *
command_text(const struct tun_stop *stop)
{
	char *words = cell_words(stop->argv);

	if (stop->uid != geteuid())
		words = cell_join(words, " as ",
		    tool_xstrdup(tool_user(stop->uid)));
	return words;
}

/* Why there was nothing to do. */
static char *
gone_text(const struct plan_item *it)
{
	return it->detail != NULL ? tool_xstrdup(it->detail) :
	    tool_xasprintf("%s %ld had ended by itself",
	    cell_process(it->tun), (long)it->tun->pid);
}

static char *
what(const struct plan *plan, const struct plan_item *it)
{
	const struct tun *t = it->tun;
	const char *sig = signal_name(it->sig);
	char *ssh = report_ssh(t), *text = NULL, *command;

	if (it->result == PLAN_GONE) {
		free(ssh);
		return cell_join(tool_xstrdup("nothing to do"), ": ",
		    gone_text(it));
	}
	switch (it->means) {
	case PLAN_REFUSE:
		text = cell_join(tool_xstrdup("refused"), ": ",
		    report_refusal(plan, it));
		break;
	case PLAN_SIGNAL:
		text = tool_xasprintf("end %s by %s%s", ssh, sig,
		    t->ctl == TUN_CTL_REPLACED ? ", lest it removes another "
		    "master's control socket" : "");
		break;
	case PLAN_CLOSE:
		text = tool_xasprintf("have master %s close it", ssh);
		break;
	case PLAN_PARENT:
		text = tool_xasprintf("end %s %ld by %s, then %s by %s",
		    t->parent->comm, (long)t->parent->pid,
		    signal_name(plan_parent_signal(it)), ssh, sig);
		break;
	case PLAN_COMMAND:
		command = command_text(it->stop);
		text = plan_signals_after(it) ?
		    tool_xasprintf("run %s, then end %s by %s", command, ssh,
		    sig) :
		    tool_xasprintf("run %s, which ends %s", command, ssh);
		free(command);
		break;
	}
	free(ssh);
	return text;
}

#define MEMBERS_MAX	32	/* lines about other processes of a unit */

/* --- what ends with it ---------------------------------------------------- */

/* Where the plan is printed. */
struct place {
	FILE *fp;
	size_t width;
};

static void
put(const struct place *to, const char *before, char *text)
{
	fit_fold(to->fp, to->width, tool_xasprintf("%s%s", before, text));
	free(text);
}

static void
put_with(const struct place *to, char *text)
{
	put(to, "    with it: ", text);
}

static void
put_conns(const struct plan *plan, const struct plan_item *it,
    const struct tun_fwd *fwd, const struct place *to)
{
	char *who = report_peers(plan, fwd->clients, fwd->nclients);

	put(to, it->means == PLAN_CLOSE ? "    stays: " : "    with it: ",
	    tool_xasprintf("%d connection%s of %s%s%s", fwd->conns,
	    fwd->conns == 1 ? "" : "s", fwd->id, who != NULL ? ": " : "",
	    who != NULL ? who : ""));
	free(who);
}

static void
put_forward(const struct plan *plan, const struct plan_item *it,
    const struct tun_fwd *fwd, const struct place *to)
{
	struct row row = { it->tun, fwd };
	char *listen, *target;

	if (it->whole && !plan_is_asked(it, fwd) && !plan_is_monitor(fwd)) {
		listen = cell_listen(&row);
		target = cell_target(&row);
		put_with(to, tool_xasprintf("%s, %s to %s", fwd->id,
		    listen != NULL ? listen : plan_is_direct(fwd) ?
		    "a connection" : "?",
		    target != NULL ? target : "?"));
		free(listen);
		free(target);
	}
	if (fwd->state == TUN_IN_MASTER)
		put(to, "    stays: ", tool_xasprintf("%s, where a master "
		    "listens", fwd->id));
	if (fwd->conns > 0 && plan_takes(it, fwd) && !plan_is_direct(fwd))
		put_conns(plan, it, fwd, to);
}

/* A helper of another user is not signalled: it ends by itself or stays. */
static void
put_helper(const struct plan *plan, const struct plan_item *it,
    const struct tun_peer *helper, const struct place *to)
{
	char *text = report_helper(plan, helper);

	if (helper->uid == it->tun->uid)
		put_with(to, cell_join(tool_xstrdup("jump helper"), " ",
		    text));
	else
		put(to, "    stays: ", cell_join(text, ", ", tool_xasprintf(
		    "not a process of %s", tool_user(it->tun->uid))));
}

static int
is_listed(const struct plan *plan, const struct plan_item *it, pid_t pid)
{
	const struct tun *t = NULL;

	if (tool_has_peer(it->tun->helpers, it->tun->nhelpers, pid))
		return 1;
	while ((t = tun_next(plan->list, t)) != NULL) {
		if (t->pid == pid && (t == it->tun || plan_stops_too(it, t)))
			return 1;
	}
	return 0;
}

/* All other processes that end with a unit. */
static void
put_members(const struct plan *plan, const struct plan_item *it,
    const struct place *to)
{
	const struct tun_peer *const *v;
	size_t i, n = 0;

	if (it->unit == NULL)
		return;
	v = it->unit->members;
	for (i = 0; i < it->unit->nmembers; i++) {
		if (is_listed(plan, it, v[i]->pid))
			continue;
		if (n++ < MEMBERS_MAX)
			put_with(to, cell_join(report_peer(plan, v[i]), ", ",
			    tool_xstrdup("of the same unit")));
	}
	n += it->unit->nhidden;
	if (it->unit->nhidden > 0 && n <= MEMBERS_MAX)
		put_with(to, tool_xasprintf("%zu of the same unit that cannot "
		    "be seen", it->unit->nhidden));
	if (n > MEMBERS_MAX)
		put_with(to, tool_xasprintf("and %zu more, of the same unit",
		    n - MEMBERS_MAX));
}

static void
put_whole(const struct plan *plan, const struct plan_item *it,
    const struct place *to)
{
	const struct tun *t = it->tun, *other = NULL;
	size_t i;

	if (t->session == 1)
		put_with(to, cell_join(tool_xstrdup("a shell or command"),
		    ": ", t->argv != NULL ? cell_words(t->argv) :
		    tool_xstrdup("?")));
	if (t->nusers > 0)
		put_with(to, cell_join(tool_xasprintf("what goes through the "
		    "%s", t->master == 1 ? "master" : "ssh"), ": ",
		    report_peers(plan, t->users, t->nusers)));
	while ((other = tun_next(plan->list, other)) != NULL) {
		if (plan_is_through(it, other))
			put_with(to, cell_join(report_ssh(other), ", ",
			    tool_xstrdup("which goes through its device")));
	}
	for (i = 0; i < t->nhelpers; i++)
		put_helper(plan, it, t->helpers[i], to);
	/* The service manager decides how it ends. */
	if (it->means == PLAN_COMMAND && t->ctl == TUN_CTL_REPLACED)
		put_with(to, cell_join(tool_xstrdup("another master's control "
		    "socket"), ": ", tool_xstrdup(t->ctlpath)));
}

char *
report_result(const struct plan *plan, const struct plan_item *it)
{
	char *text = NULL;

	switch (it->result) {
	case PLAN_OPEN:
	case PLAN_DECLINED:
		return NULL;
	case PLAN_SENT:
	case PLAN_ENDED:
		text = tool_xasprintf("%s %s %ld%s%s%s",
		    it->result == PLAN_SENT ? "signalled" :
		    it->means == PLAN_CLOSE ? "closed in" : "ended",
		    cell_process(it->tun), (long)it->tun->pid,
		    it->detail != NULL ? " (" : "",
		    it->detail != NULL ? it->detail : "",
		    it->detail != NULL ? ")" : "");
		break;
	case PLAN_REFUSED:
		text = report_refusal(plan, it);
		break;
	case PLAN_GONE:
		text = gone_text(it);
		break;
	case PLAN_FAILED:
	case PLAN_BACK:
		text = tool_xstrdup(it->detail);
		break;
	}
	return cell_join(report_name(it), ": ", text);
}

void
report_plan(const struct plan *plan, const struct plan_item *it, FILE *fp,
    size_t width)
{
	const struct place to = { fp, width };
	const struct tun *t;
	const char *note;
	size_t i;

	put(&to, "", cell_join(report_name(it), ": ", what(plan, it)));
	put(&to, "    why: ", report_why(plan, it));
	for (i = 0; i < it->tun->nfwds; i++)
		put_forward(plan, it, it->tun->fwds[i], &to);
	if (it->whole)
		put_whole(plan, it, &to);
	for (t = NULL; (t = tun_next(plan->list, t)) != NULL;) {
		if (plan_stops_too(it, t))
			put_with(&to, cell_join(report_ssh(t), ", ",
			    tool_xstrdup("of the same unit")));
		else if (plan_is_left(plan, it, t))
			put(&to, "    stays: ", cell_join(report_ssh(t), ", ",
			    tool_xasprintf("which %s %ld does not start again "
			    "then", t->parent->comm, (long)t->parent->pid)));
	}
	put_members(plan, it, &to);
	for (i = 0; (note = plan_note(it, i)) != NULL; i++)
		put(&to, "    not seen: ", tool_xstrdup(note));
}
