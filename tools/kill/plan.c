/* SPDX-License-Identifier: ISC */
/* Decides what tunkill will do, before anything is done. */

#include <sys/types.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/out.h"
#include "common/pick.h"
#include "common/tool.h"
#include "kill/plan.h"
#include "kill/report.h"
#include "libfind.h"

/* Recognised by its address. */
static const char target_unknown[] = "its target is not known";

/* --- what is asked for --------------------------------------------------- */

int
plan_is_monitor(const struct tun_fwd *fwd)
{
	return tun_why_has(&fwd->why, TUN_WHY_MONITOR);
}

int
plan_is_asked(const struct plan_item *it, const struct tun_fwd *fwd)
{
	size_t i;

	for (i = 0; i < it->nfwds; i++) {
		if (it->fwds[i] == fwd)
			return 1;
	}
	return 0;
}

int
plan_takes(const struct plan_item *it, const struct tun_fwd *fwd)
{
	return it->whole || plan_is_asked(it, fwd);
}

static int
is_picked(const struct tun_fwd *fwd, const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (rows[i].fwd == fwd)
			return 1;
	}
	return 0;
}

static int
has_all(const struct tun *t, const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (!plan_is_monitor(t->fwds[i]) &&
		    !is_picked(t->fwds[i], rows, n))
			return 0;
	}
	return 1;
}

/*
 * Options alone select whole tunnels, unless one of them selects by forwards.
 */
static int
options_name_tunnels(const struct pick *pick, const struct tun *t)
{
	return pick->nsels == 0 && pick->kinds == 0 && !pick->exposed &&
	    (pick->states == 0 || (pick->states >> t->state & 1));
}

/*
 * Was the tunnel itself named, or a forward of it?  PIDs, destinations, labels
 * and control paths name tunnels.
 */
static int
names_tunnel(const struct pick *pick, const struct tun *t,
    const struct row *rows, size_t n)
{
	size_t i;

	if (!has_all(t, rows, n))
		return 0;
	for (i = 0; i < pick->nsels && pick->kinds == 0; i++) {
		if (tun_select_match_tunnel(pick->sels[i], t) != 0)
			return 1;
	}
	return options_name_tunnels(pick, t);
}

/* --- what it may carry but is not seen ------------------------------------ */

int
plan_config_decides(const struct tun *t)
{
	return t->session < 0 && t->argv != NULL &&
	    !tun_why_has(&t->why, TUN_WHY_ARGVLOST) &&
	    !tun_why_has(&t->why, TUN_WHY_UNPARSED);
}

/* Is one of its local forwards in no command line? */
static int
has_unexplained(const struct tun *t)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (t->fwds[i]->source == TUN_SRC_SOCKET)
			return 1;
	}
	return 0;
}

const char *
plan_unseen(const struct tun *t)
{
	if (t->argv == NULL)
		return "its command line is hidden";
	if (tun_why_has(&t->why, TUN_WHY_ARGVLOST))
		return "a title has replaced its command line";
	if (tun_why_has(&t->why, TUN_WHY_UNPARSED))
		return "not all of its command line can be read";
	if (t->master == 1)
		return "remote forwards that were added to a master cannot be "
		    "seen";
	if (t->master == -1)
		return "its descriptors are hidden";
	if (has_unexplained(t))
		return "its command line does not have all of its forwards, "
		    "and remote ones of ssh_config cannot be seen";
	return NULL;
}

/* --- reasons against ----------------------------------------------------- */

/*
 * Frees text.  No option overrules this reason; the first such reason is given.
 */
static void
refuse(struct plan_item *it, char *text)
{
	if (it->refusal != NULL) {
		free(text);
		return;
	}
	it->means = PLAN_REFUSE;
	it->result = PLAN_REFUSED;
	it->refusal = text;
}

/*
 * The same for a reason that one of PLAN_* overrules; NULL if a reason that was
 * given before includes it.
 */
static void
object(const struct plan *plan, struct plan_item *it, unsigned option,
    char *text)
{
	if (plan->flags & option) {
		free(text);
		return;
	}
	it->needs |= option;
	if (text != NULL)
		it->against = cell_join(it->against, "; ", text);
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

/*
 * Options are named only if they make the command work, and then all of them.
 */
static void
conclude(struct plan_item *it)
{
	if (it->needs == 0)
		return;
	if (it->refusal == NULL)
		refuse(it, cell_join(it->against, it->other_way ? ", or " :
		    ": ", ways(it)));
	else {
		it->needs = 0;
		free(it->against);
	}
	it->against = NULL;
}

static int
is_ours(uid_t uid)
{
	return geteuid() == 0 || uid == geteuid();
}

static void
refuse_foreign(struct plan_item *it)
{
	if (!is_ours(it->tun->uid))
		refuse(it, tool_xasprintf("it is %s's",
		    tool_user(it->tun->uid)));
}

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

static const char *
session_text(const struct tun *t)
{
	if (t->session < 0 && t->argv == NULL)
		return "it may carry a shell: its command line is hidden";
	if (t->session < 0)
		return "it may carry a shell or command: not all of its "
		    "command line is known";
	if (t->origin == TUN_ORIGIN_FOREGROUND)
		return "a shell or command runs in it, in the foreground";
	return "a shell or command runs in it";
}

static int
has_session(const struct tun *t)
{
	return t->session != 0 && !plan_config_decides(t);
}

/* --- what starts it again ------------------------------------------------- */

int
plan_is_mate(const struct plan_item *it, const struct tun *t)
{
	const struct tun *own = it->tun;

	return it->means == PLAN_COMMAND && own->unit != NULL && t != own &&
	    t->supervisor != NULL && strcmp(own->supervisor,
	    t->supervisor) == 0 && (t->uid == own->uid ||
	    strncmp(t->supervisor, "systemd --user ", 15) != 0);
}

/*
 * The signal that autossh gets also ends its ssh, and an orderly end of that
 * ssh has to be avoided.
 */
int
plan_parent_signal(const struct plan_item *it)
{
	return it->tun->ctl == TUN_CTL_REPLACED ? SIGKILL : SIGTERM;
}

static void
plan_parent(struct plan_item *it)
{
	const struct tun_peer *parent = it->tun->parent;

	/* A process of another user is never ended together with it. */
	if (parent->uid != it->tun->uid)
		refuse(it, tool_xasprintf("%s %ld, which starts it, is %s's",
		    parent->comm, (long)parent->pid, tool_user(parent->uid)));
	else
		it->means = PLAN_PARENT;
}

/* Finds all processes that end with the unit. */
static void
find_members(const struct plan *plan, struct plan_item *it)
{
	if (it->tun->unit == NULL || it->unit != NULL)
		return;
	if ((it->unit = tun_unit_find(plan->ctx, it->tun)) == NULL)
		it->unit_error = errno;
}

/* With --supervisor. */
static void
plan_stop(const struct plan *plan, struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *who;

	if (it->stop->self) {
		who = t->supervisor != NULL ? tool_xstrdup(t->supervisor) :
		    tool_xasprintf("its parent %s %ld", t->parent->comm,
		    (long)t->parent->pid);
		refuse(it, tool_xasprintf("%s is what runs this command, too",
		    who));
		free(who);
	} else if (it->stop->kind == TUN_STOP_PARENT)
		plan_parent(it);
	else if (it->stop->kind == TUN_STOP_COMMAND) {
		it->means = PLAN_COMMAND;
		find_members(plan, it);
	}
}

/* Without --supervisor.  A script that started it may start it again or not. */
static void
plan_leave(const struct plan *plan, struct plan_item *it)
{
	if (it->tun->supervisor == NULL ||
	    it->stop->kind == TUN_STOP_NOTHING)
		return;
	object(plan, it, PLAN_SUPERVISOR, tool_xasprintf("%s starts it again",
	    it->tun->supervisor));
	/* The reasons for which --supervisor would be refused. */
	if (it->refusal == NULL) {
		plan_stop(plan, it);
		if (it->refusal == NULL)
			it->means = PLAN_SIGNAL;
	}
}

static void
plan_supervised(const struct plan *plan, struct plan_item *it)
{
	if ((it->stop = tun_stop_find(plan->ctx, it->tun)) == NULL)
		tool_fail("%s", strerror(errno));
	if (tun_why_has(&it->tun->origin_why, TUN_WHY_CONTAINER))
		refuse(it, tool_xasprintf("its container ends with it: "
		    "stop the container instead (%s)", it->tun->supervisor));
	else if (it->stop->kind == TUN_STOP_UNKNOWN)
		refuse(it, tool_xasprintf("%s starts it again, and has to be "
		    "told to stop it", it->tun->supervisor));
	else if (plan->flags & PLAN_SUPERVISOR)
		plan_stop(plan, it);
	else
		plan_leave(plan, it);
}

/* --- means --------------------------------------------------------------- */

static char *
users_text(const struct plan *plan, const struct tun *t)
{
	return cell_join(report_peers(plan, t->users, t->nusers), " ",
	    tool_xasprintf("%s through this %s", t->nusers == 1 ?
	    "goes" : "go", t->master == 1 ? "master" : "ssh"));
}

/* Collects all reasons against ending the tunnel. */
static void
weigh_whole(const struct plan *plan, struct plan_item *it)
{
	const struct tun *t = it->tun;
	int r;

	if ((r = tun_is_ancestor(plan->ctx, t->pid)) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	if (r)
		refuse(it, tool_xstrdup("it is what runs this command"));
	refuse_foreign(it);
	/* company() has named them. */
	if (has_session(t))
		object(plan, it, PLAN_SESSIONS, it->needs & PLAN_WHOLE ? NULL :
		    tool_xstrdup(session_text(t)));
	if (t->nusers > 0)
		object(plan, it, PLAN_SESSIONS, it->needs & PLAN_WHOLE ? NULL :
		    users_text(plan, t));
	plan_supervised(plan, it);
}

static void
plan_whole(const struct plan *plan, struct plan_item *it)
{
	const struct tun *t = it->tun;

	it->whole = 1;
	it->means = PLAN_SIGNAL;
	/*
	 * An orderly end removes the control path, even if it is another
	 * master's by now.  Only in other cases the signal that the user has
	 * chosen is used.
	 */
	it->sig = t->ctl == TUN_CTL_REPLACED ? SIGKILL : plan->sig;
	weigh_whole(plan, it);
	conclude(it);
}

/* --- one forward of a master --------------------------------------------- */

static int
is_remote(enum tun_fwd_kind kind)
{
	return kind == TUN_FWD_REMOTE || kind == TUN_FWD_RDYNAMIC;
}

/*
 * The forward as the user has written it in full, if nothing else describes it.
 */
static const struct tun_forward *
named_in_full(const struct pick *pick, const struct tun_fwd *fwd)
{
	const struct tun_forward *f;
	size_t i, k;

	for (i = 0; i < pick->nsels; i++) {
		if (!(tun_select_match(pick->sels[i], fwd->tun, fwd) &
		    TUN_MATCH_FORWARD))
			continue;
		for (k = 0; (f = tun_select_forward(pick->sels[i], k)) !=
		    NULL; k++) {
			if (is_remote(f->kind) == is_remote(fwd->spec.kind))
				return f;
		}
	}
	return NULL;
}

/* Returns the reason why this master cannot be asked at all, or NULL. */
static const char *
cannot_be_asked(const struct tun *t)
{
	if (t->master != 1)
		return "ssh cannot close one of its forwards without a "
		    "control socket";
	switch (t->ctl) {
	case TUN_CTL_FOUND:
	case TUN_CTL_OK:
		break;
	case TUN_CTL_UNKNOWN:
		/* The PID in its answer has to be the right one. */
		if (tun_why_has(&t->why, TUN_WHY_DENIED))
			break;
		return "the master has no control socket that can be used";
	case TUN_CTL_LOST:
		return "the path of the control socket is gone";
	case TUN_CTL_REPLACED:
		return "the path of the control socket is another master's";
	case TUN_CTL_HUNG:
		return "the master does not answer";
	default:
		return "the master has no control socket that can be used";
	}
	return t->ctlpath == NULL ?
	    "the path of the control socket is not known" : NULL;
}

/* Returns the reason why it cannot be asked to close this forward, or NULL. */
static const char *
cannot_be_closed(const struct tun *t, const struct tun_forward *spec)
{
	const struct tun_end *l = &spec->listen, *c = &spec->connect;
	const char *why = cannot_be_asked(t);

	if (why != NULL)
		return why;
	if (spec->kind == TUN_FWD_STDIO || spec->kind == TUN_FWD_DEVICE)
		return "a master cannot close this kind of forward";
	if (l->path == NULL && l->host != NULL && *l->host == '\0')
		return "its bind address is empty, which the mux protocol "
		    "cannot say";
	if (c->path == NULL && c->host != NULL && *c->host == '\0')
		return "its target is empty, which the mux protocol cannot "
		    "say";
	return NULL;
}

static int
is_known(const struct tun_end *end)
{
	return end->path != NULL || end->host != NULL || end->port != -1;
}

/*
 * A forward with a token that only ssh_config resolves has an end that is not
 * known.
 */
static int
is_read(const struct tun_forward *spec)
{
	return spec->kind == TUN_FWD_STDIO || spec->kind == TUN_FWD_DEVICE ||
	    (is_known(&spec->listen) && is_known(&spec->connect));
}

/* The same for a row, with the forward that would be sent to the master. */
static const char *
unreachable(const struct plan *plan, const struct tun_fwd *fwd,
    const struct tun_forward **specp)
{
	const struct tun_forward *full = NULL;
	int known = fwd->source != TUN_SRC_SOCKET && is_read(&fwd->spec);
	const char *why;

	if (!known)
		full = named_in_full(plan->pick, fwd);
	*specp = full != NULL ? full : &fwd->spec;
	if ((why = cannot_be_closed(fwd->tun, *specp)) != NULL)
		return why;
	return !known && full == NULL ? target_unknown : NULL;
}

/* What else --whole would end; NULL if nothing is known. */
static char *
rest(const struct plan *plan, const struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *text = others(it);
	int conns = 0;
	size_t i;

	if (has_session(t))
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

/* Why it is not ended alone, and what would end with it. */
static char *
company(const struct plan *plan, const struct plan_item *it, const char *why)
{
	const struct tun *t = it->tun;
	char *with = rest(plan, it), *text;

	text = with != NULL ? tool_xasprintf("ssh %ld also carries %s",
	    (long)t->pid, with) : tool_xasprintf("ssh %ld may carry more: %s",
	    (long)t->pid, plan_unseen(t) != NULL ? plan_unseen(t) :
	    "not all of it is known");
	free(with);
	if (why != target_unknown)
		return cell_join(text, ", and ", tool_xstrdup(why));
	return cell_join(text, ", and ", tool_xasprintf("the target of %s is "
	    "not known, so the master cannot be asked to close it: give it in "
	    "full (%s:HOST:PORT)", it->fwds[0]->id, it->fwds[0]->id));
}

static void
plan_forward(const struct plan *plan, struct plan_item *it)
{
	const struct tun_fwd *fwd = it->fwds[0];
	const char *why = unreachable(plan, fwd, &it->spec);

	it->means = PLAN_CLOSE;
	if (fwd->state == TUN_IN_MASTER)
		refuse(it, tool_xasprintf("a master listens in place of ssh "
		    "%ld", (long)it->tun->pid));
	if (why == NULL) {
		refuse_foreign(it);
		if (it->refusal == NULL && fwd->state == TUN_RELEASED)
			plan_settle(it, PLAN_GONE, tool_xstrdup("closed "
			    "already, or it never listened"));
		return;
	}
	it->other_way = why == target_unknown;
	object(plan, it, PLAN_WHOLE, company(plan, it, why));
	weigh_whole(plan, it);
	conclude(it);
}

void
plan_settle(struct plan_item *it, enum plan_result result, char *detail)
{
	free(it->detail);
	it->result = result;
	it->detail = detail;
}

void
plan_fail(struct plan_item *it, const char *what)
{
	plan_settle(it, PLAN_FAILED, tool_xasprintf("%s: %s", what,
	    strerror(errno)));
}

static struct plan_item *
add(struct plan *plan, const struct row *rows, size_t n)
{
	struct plan_item *it;
	size_t i;

	plan->items = tool_xreallocarray(plan->items, plan->n + 1,
	    sizeof(*plan->items));
	it = &plan->items[plan->n++];
	memset(it, 0, sizeof(*it));
	it->tun = rows[0].tun;
	it->fwds = tool_xcalloc(n, sizeof(*it->fwds));
	for (i = 0; i < n; i++) {
		if (rows[i].fwd != NULL)
			it->fwds[it->nfwds++] = rows[i].fwd;
	}
	it->why = report_why(plan, it);
	return it;
}

/* A master that can be asked to close a forward that none of its rows shows. */
static int
may_have(const struct plan *plan, const struct tun *t,
    const struct tun_forward *spec)
{
	/* A local listener would have a row, unless descriptors are hidden. */
	if (!is_remote(spec->kind) && !tun_why_has(&t->why, TUN_WHY_DENIED))
		return 0;
	return pick_has_tunnel(plan->pick, t, tun_when(plan->list)) &&
	    is_ours(t->uid) && cannot_be_closed(t, spec) == NULL;
}

/* The number of such masters; the last one in *tp, their names in *namesp. */
static size_t
askable(const struct plan *plan, const struct tun_forward *spec,
    const struct tun **tp, char **namesp)
{
	const struct tun *t = NULL;
	size_t n = 0;

	*namesp = NULL;
	while ((t = tun_next(plan->list, t)) != NULL) {
		if (!may_have(plan, t, spec))
			continue;
		*tp = t;
		*namesp = cell_join(*namesp, ", ", report_ssh(t));
		n++;
	}
	return n;
}

/*
 * At most one master is asked, because another one may have a forward of the
 * same name.
 */
int
plan_ask(struct plan *plan, size_t operand)
{
	const char *word = plan->pick->words[operand];
	const struct tun_forward *spec;
	const struct tun *t = NULL;
	struct plan_item *it;
	struct row row;
	char *names;
	size_t i, n = 0;

	for (i = 0; n == 0 && (spec = tun_select_forward(
	    plan->pick->sels[operand], i)) != NULL; i++) {
		n = askable(plan, spec, &t, &names);
		if (n > 1)
			tool_usage("%s: no list shows it, and %zu masters "
			    "could have it: %s; say which by -S or -p", word,
			    n, names);
		free(names);
	}
	if (n == 0)
		return 0;
	row.tun = t;
	row.fwd = NULL;
	it = add(plan, &row, 1);
	it->word = word;
	it->spec = spec;
	it->means = PLAN_CLOSE;
	free(it->why);
	it->why = cell_join(tool_xstrdup("named by"), " ", tool_xstrdup(word));
	return 1;
}

/*
 * Is the whole tunnel meant?  Or is there no other way, and nothing else would
 * end, as far as all that it carries is known?  A master is never ended for a
 * forward.
 */
static int
is_whole(const struct plan *plan, const struct row *rows, size_t n)
{
	const struct tun *t = rows[0].tun;

	if (plan->flags & PLAN_WHOLE || rows[0].fwd == NULL ||
	    names_tunnel(plan->pick, t, rows, n))
		return 1;
	return t->master == 0 && has_all(t, rows, n) && !has_session(t) &&
	    t->nusers == 0 && plan_unseen(t) == NULL;
}

/* Plans the rows of one tunnel. */
static void
plan_tunnel(struct plan *plan, const struct row *rows, size_t n)
{
	size_t i;

	if (is_whole(plan, rows, n)) {
		plan_whole(plan, add(plan, rows, n));
		return;
	}
	for (i = 0; i < n; i++)
		plan_forward(plan, add(plan, &rows[i], 1));
}

void
plan_make(struct plan *plan, const struct row *rows, size_t nrows)
{
	size_t i, n;

	for (i = 0; i < nrows; i += n) {
		for (n = 1; i + n < nrows && rows[i + n].tun == rows[i].tun;
		    n++)
			;
		plan_tunnel(plan, &rows[i], n);
	}
}

static void
item_free(struct plan_item *it)
{
	size_t i;

	for (i = 0; it->helpers != NULL && i < it->tun->nhelpers; i++)
		tun_handle_free(it->helpers[i]);
	for (i = 0; i < it->nfiles; i++)
		free(it->files[i].path);
	tun_handle_free(it->handle);
	tun_handle_free(it->parent);
	tun_stop_free(it->stop);
	free(it->helpers);
	free(it->files);
	free(it->fwds);
	free(it->why);
	free(it->refusal);
	tun_unit_free(it->unit);
	free(it->detail);
}

void
plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n; i++)
		item_free(&plan->items[i]);
	free(plan->items);
}
