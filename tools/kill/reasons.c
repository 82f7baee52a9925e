/* SPDX-License-Identifier: ISC */
/*
 * Why a tunnel or a forward is meant: the operand or the state that selects it.
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

static int
is_named_by(const struct plan_item *it, const struct tun_select *sel)
{
	size_t i;

	for (i = 0; i < it->nfwds; i++) {
		if (tun_select_match(sel, it->tun, it->fwds[i]) != 0)
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
	char *why = cell_evidence(&e);
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
	char *why = add_names(plan, it);

	if (pick->classes != 0 || pick->states != 0)
		why = add_reason(why, state_text(pick, it));
	if (pick->older >= 0)
		why = add_reason(why, age_text("has run for",
		    tun_when(plan->list) - t->start));
	if (pick->idle >= 0)
		why = add_reason(why, age_text("has carried nothing for",
		    t->idle / 1000));
	if (pick->heard >= 0)
		why = add_reason(why, age_text("has not heard the server for",
		    t->heard / 1000));
	if (pick->exposed)
		why = add_reason(why, tool_xstrdup("is exposed"));
	return why != NULL ? why : tool_xstrdup("matches the options");
}
