/* SPDX-License-Identifier: ISC */
/*
 * Why a tunnel or a forward is meant, by the operand or the state that selects
 * it; and why it is refused.
 */

#include <sys/types.h>

#include <stdint.h>
#include <stdlib.h>

#include "common/out.h"
#include "common/pick.h"
#include "common/tool.h"
#include "kill/plan.h"
#include "kill/report.h"
#include "libfind.h"

/* --- why it is meant ----------------------------------------------------- */

static int
is_named_by(const struct plan_item *it, const struct tun_select *sel)
{
	size_t i;

	for (i = 0; i < it->nfwds; i++) {
		if (tun_select_match(sel, it->fwds[i]->tun, it->fwds[i]) != 0)
			return 1;
	}
	return it->nfwds == 0 && tun_select_match(sel, it->tun, NULL) != 0;
}

static char *
add_reason(char *list, char *item)
{
	return cell_join(list, "; ", item);
}

static char *
add_names(const struct plan *plan, const struct plan_item *it)
{
	const struct pick *pick = plan->pick;
	char *names = NULL;
	size_t i;

	for (i = 0; i < pick->nsels; i++) {
		if (is_named_by(it, pick->sels[i]))
			names = cell_join(names, ", ",
			    tool_xstrdup(pick->words[i]));
	}
	if (pick->npids > 0)
		names = cell_join(names, ", ", tool_xstrdup("-p"));
	if (pick->ctlpath != NULL)
		names = cell_join(names, ", ", tool_xstrdup("-S"));
	return names != NULL ? cell_join(tool_xstrdup("named by"), " ",
	    names) : NULL;
}

/* Which of its states was asked for? */
static enum tun_state
meant_state(const struct pick *pick, const struct plan_item *it)
{
	const struct tun_fwd *fwd = it->nfwds > 0 ? it->fwds[0] : NULL;

	if (fwd != NULL && pick->states >> fwd->state & 1)
		return fwd->state;
	if (fwd != NULL && pick->states >> tun_fwd_state(fwd) & 1)
		return tun_fwd_state(fwd);
	return it->tun->state;
}

struct tun_evidence
report_evidence(const struct plan_item *it)
{
	struct tun_evidence e = it->tun->why;

	if (it->nfwds > 0)
		tun_why_join(&e, &it->fwds[0]->why);
	return e;
}

/* "closed: the server has closed the connection" */
static char *
state_text(const struct pick *pick, const struct plan_item *it)
{
	enum tun_state state = meant_state(pick, it);
	struct tun_evidence e = report_evidence(it);
	char *why = cell_evidence(&e, it->tun->served);
	char *text = tool_xstrdup(state != TUN_UNKNOWN ?
	    tun_state_name(state) : "not known");

	return why != NULL ? cell_join(text, ": ", why) : text;
}

static char *
age_text(const char *fmt, int64_t seconds)
{
	char age[32];

	tool_age(seconds, age, sizeof(age));
	return cell_join(tool_xstrdup(fmt), " ", tool_xstrdup(age));
}

char *
report_why(const struct plan *plan, const struct plan_item *it)
{
	const struct pick *pick = plan->pick;
	const struct tun *t = it->tun;
	char *why;

	if (it->word != NULL)
		return tool_xasprintf("named by %s", it->word);
	why = add_names(plan, it);
	if (pick->classes != 0 || pick->states != 0)
		why = add_reason(why, state_text(pick, it));
	if (pick->older >= 0)
		why = add_reason(why, age_text("has run for",
		    tun_when(plan->list) - t->start));
	if (pick->idle >= 0)
		why = add_reason(why, age_text("has carried nothing for",
		    t->idle / 1000));
	if (pick->heard >= 0)
		why = add_reason(why, age_text(t->served ?
		    "has not heard the client for" :
		    "has not heard the server for", t->heard / 1000));
	if (pick->exposed)
		why = add_reason(why, tool_xstrdup("is exposed"));
	return why != NULL ? why : tool_xstrdup("matches the options");
}

/* --- why it is refused ---------------------------------------------------- */

/*
 * "L8008, D1080": the forwards that were not asked for; NULL if there are none.
 */
static char *
others(const struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *text = NULL;
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (!plan_is_asked(it, t->fwds[i]) &&
		    !plan_is_monitor(t->fwds[i]) && t->fwds[i]->id != NULL)
			text = cell_join(text, ", ",
			    tool_xstrdup(t->fwds[i]->id));
	}
	return text;
}

/* What else --whole would end; NULL if nothing is known. */
static char *
rest(const struct plan *plan, const struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *text = others(it);
	int conns = 0;
	size_t i;

	if (plan_has_session(t))
		text = cell_join(text, ", ", tool_xstrdup(t->session > 0 ?
		    "a shell or command" : "perhaps a shell or command"));
	if (t->nusers > 0)
		text = cell_join(text, ", ", report_peers(plan, t->users,
		    t->nusers));
	for (i = 0; i < t->nfwds; i++) {
		if (t->fwds[i]->conns > 0)
			conns += t->fwds[i]->conns;
	}
	if (text != NULL && conns > 0)
		text = cell_join(text, " ", tool_xasprintf("(%d connection%s "
		    "in all)", conns, conns == 1 ? "" : "s"));
	return text;
}

/*
 * A listener of a master as ssh would be told of it, without its target, which
 * that of a -D has none of.
 */
static char *
in_full(const struct plan_item *it)
{
	const struct tun_end *end = &it->fwds[0]->spec.listen;
	struct row row = { it->tun, it->fwds[0] };
	char *listen, *text;

	if (end->path == NULL && end->port > 0 && plan_is_localhost(end->host))
		return tool_xasprintf("L%d:HOST:PORT, or D%d if it is a -D",
		    end->port, end->port);
	if ((listen = cell_listen(&row)) == NULL)
		return tool_xasprintf("%s:HOST:PORT", row.fwd->id);
	text = end->path != NULL ? tool_xasprintf("L%s:HOST:PORT", listen) :
	    tool_xasprintf("L%s:HOST:PORT, or D%s if it is a -D", listen,
	    listen);
	free(listen);
	return text;
}

/* Why it is not ended alone, and what would end with it. */
static char *
company(const struct plan *plan, const struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *with = rest(plan, it), *text, *full;

	text = with != NULL ? tool_xasprintf("%s %ld also carries %s",
	    cell_process(t), (long)t->pid, with) :
	    tool_xasprintf("%s %ld may carry more: %s", cell_process(t),
	    (long)t->pid, plan_unseen(t) != NULL ? plan_unseen(t) :
	    "not all of it is known");
	free(with);
	if (it->obstacle != NULL)
		return cell_join(text, ", and ", tool_xstrdup(it->obstacle));
	full = in_full(it);
	text = cell_join(text, ", and ", tool_xasprintf("the target of %s is "
	    "not known, so the master cannot be asked to close it: give it in "
	    "full (%s)", it->fwds[0]->id, full));
	free(full);
	return text;
}

static const char *
session_text(const struct tun *t)
{
	if (t->session < 0 && t->argv == NULL)
		return "it may carry a shell: its command line is hidden";
	if (plan_config_decides(t))
		return "a shell or command may run in it: only ssh_config "
		    "says that (--config asks)";
	if (t->session < 0)
		return "it may carry a shell or command: not all of its "
		    "command line is known";
	if (t->origin == TUN_ORIGIN_FOREGROUND)
		return "a shell or command runs in it, in the foreground";
	return "a shell or command runs in it";
}

static char *
users_text(const struct plan *plan, const struct tun *t)
{
	return cell_join(report_peers(plan, t->users, t->nusers), " ",
	    tool_xasprintf("%s through this %s", t->nusers == 1 ?
	    "goes" : "go", t->master == 1 ? "master" : "ssh"));
}

/* What the options that it needs would overrule. */
static char *
overruled(const struct plan *plan, const struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *text = NULL;

	if (it->needs & PLAN_WHOLE)
		text = company(plan, it);
	else if (it->needs & PLAN_SESSIONS) {
		if (plan_has_session(t))
			text = tool_xstrdup(session_text(t));
		if (t->nusers > 0)
			text = cell_join(text, "; ", users_text(plan, t));
		if (plan_hides_users(t))
			text = cell_join(text, "; ", tool_xstrdup("what goes "
			    "through this master is not known: its "
			    "descriptors are hidden"));
	}
	if (it->needs & PLAN_SUPERVISOR)
		text = cell_join(text, "; ", tool_xasprintf("%s starts it "
		    "again", t->supervisor));
	return text;
}

/* What one option does, if no other option is needed. */
static char *
one_way(const struct plan_item *it)
{
	char *command, *text;

	switch (it->needs) {
	case PLAN_WHOLE:
		return tool_xstrdup("--whole ends it all");
	case PLAN_SESSIONS:
		return tool_xstrdup("--sessions ends that, too");
	case PLAN_SUPERVISOR:
		if (it->stop->argv == NULL)
			return tool_xstrdup("--supervisor ends that first");
		command = cell_words(it->stop->argv);
		text = tool_xasprintf("%s (--supervisor runs that)", command);
		free(command);
		return text;
	default:
		return NULL;
	}
}

static char *
ways(const struct plan_item *it)
{
	char *text = one_way(it);

	if (text != NULL)
		return text;
	return tool_xasprintf("%s%s%sends it all",
	    it->needs & PLAN_WHOLE ? "--whole " : "",
	    it->needs & PLAN_SESSIONS ? "--sessions " : "",
	    it->needs & PLAN_SUPERVISOR ? "--supervisor " : "");
}

/* Why no process can be ended for it. */
static char *
unknown_text(const struct tun *t)
{
	char *sessions = cell_candidates(t);

	if (sessions == NULL)
		return tool_xstrdup("which process has it is not known");
	return cell_join(tool_xstrdup("one of your sessions has it, give the "
	    "PID of the one to end"), ": ", sessions);
}

/* What it is that runs this command, or would end with it. */
static char *
supervisor_text(const struct tun *t)
{
	return t->supervisor != NULL ? tool_xstrdup(t->supervisor) :
	    tool_xasprintf("its parent %s %ld", t->parent->comm,
	    (long)t->parent->pid);
}

char *
report_refusal(const struct plan *plan, const struct plan_item *it)
{
	const struct tun *t = it->tun;

	switch (it->refusal) {
	case PLAN_ALLOWED:
		break;
	case PLAN_NEEDS:
		/* The unknown target is another way already. */
		return cell_join(overruled(plan, it), it->needs & PLAN_WHOLE &&
		    it->obstacle == NULL ? ", or " : ": ", ways(it));
	case PLAN_OWN_ANCESTOR:
		return tool_xstrdup("it is what runs this command");
	case PLAN_OWN_LOGIN:
		return tool_xstrdup("it is the login that this command came "
		    "over");
	case PLAN_FOREIGN:
		return tool_xasprintf("it is %s's", tool_user(t->uid));
	case PLAN_NO_PROCESS:
		return unknown_text(t);
	case PLAN_IN_MASTER:
		return tool_xasprintf("a master listens in place of ssh %ld",
		    (long)t->pid);
	case PLAN_CONTAINER:
		return tool_xasprintf("its container %s with it: stop the "
		    "container instead (%s)", it->stop->container != NULL ?
		    "may end" : "ends", it->stop->container != NULL ?
		    it->stop->container : t->supervisor);
	case PLAN_NO_STOP:
		return tool_xasprintf("%s starts it again, and has to be told "
		    "to stop it", t->supervisor);
	case PLAN_STOP_OWN_ANCESTOR:
		return cell_join(supervisor_text(t), " ",
		    tool_xstrdup("is what runs this command, too"));
	case PLAN_STOP_FOREIGN:
		return tool_xasprintf("%s %ld, which starts it, is %s's",
		    t->parent->comm, (long)t->parent->pid,
		    tool_user(t->parent->uid));
	}
	return NULL;
}
