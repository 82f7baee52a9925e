/* SPDX-License-Identifier: ISC */
/* What tunkill is going to do, decided before anything is done. */

#include <sys/types.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "plan.h"
#include "tool.h"

/* --- what is asked for --------------------------------------------------- */

int
plan_is_monitor(const struct tun_fwd *fwd)
{
	return (fwd->why & TUN_WHY_MONITOR) != 0;
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

int
plan_same_addr(const struct tun_addr *a, const struct tun_addr *b)
{
	return a->family == b->family && a->port == b->port &&
	    memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
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
		if (!plan_is_monitor(&t->fwds[i]) &&
		    !is_picked(&t->fwds[i], rows, n))
			return 0;
	}
	return 1;
}

/*
 * Was it the tunnel that was named, or something that it forwards?  PIDs,
 * destinations, labels and control paths name tunnels; without operands the
 * options do, as long as they leave none of its forwards out.
 */
static int
names_tunnel(const struct pick *pick, const struct tun *t,
    const struct row *rows, size_t n)
{
	struct tun bare = *t;
	size_t i;

	if (!has_all(t, rows, n))
		return 0;
	bare.nfwds = 0;
	for (i = 0; i < pick->nsels; i++) {
		if (tun_select_match(pick->sels[i], &bare, NULL) != 0)
			return 1;
	}
	return pick->nsels == 0;
}

/* --- reasons against ----------------------------------------------------- */

/* Takes the ownership of text; the first reason is the one that is given. */
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

/* "L8008, D1080" of those forwards that are not asked for; NULL: none. */
static char *
others(const struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *text = NULL;
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (!plan_is_asked(it, &t->fwds[i]) &&
		    !plan_is_monitor(&t->fwds[i]) && t->fwds[i].id != NULL)
			text = cell_join(text, ", ",
			    tool_xstrdup(t->fwds[i].id));
	}
	return text;
}

static char *
users(const struct tun *t)
{
	char *text = NULL;
	size_t i;

	for (i = 0; i < t->nusers; i++)
		text = cell_join(text, ", ", tool_xasprintf("ssh %ld",
		    (long)t->users[i].pid));
	return text;
}

static const char *
session_text(const struct tun *t)
{
	if (t->session < 0)
		return "it may carry a shell: its command line is hidden";
	if (t->origin == TUN_ORIGIN_FOREGROUND)
		return "a shell or command runs in it, in the foreground";
	return "a shell or command runs in it";
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
 * autossh takes its ssh along by the signal that it gets, and an orderly end
 * of that one is what has to be avoided.
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

	if (!is_ours(parent->uid))
		refuse(it, tool_xasprintf("%s %ld, which starts it, is %s's",
		    parent->comm, (long)parent->pid, tool_user(parent->uid)));
	else
		it->means = PLAN_PARENT;
}

/* With --supervisor. */
static void
plan_stop(struct plan_item *it)
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
	else if (it->stop->kind == TUN_STOP_COMMAND)
		it->means = PLAN_COMMAND;
}

/* Without. */
static void
plan_leave(struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *text;

	if (t->supervisor == NULL)
		return;
	if (it->stop->kind == TUN_STOP_PARENT)
		refuse(it, tool_xasprintf("%s starts it again: --supervisor "
		    "ends that first", t->supervisor));
	if (it->stop->kind != TUN_STOP_COMMAND)
		return;
	text = cell_words(it->stop->argv);
	refuse(it, tool_xasprintf("%s starts it again: %s (--supervisor runs "
	    "that)", t->supervisor, text));
	free(text);
}

static void
plan_supervised(const struct plan *plan, struct plan_item *it)
{
	if ((it->stop = tun_stop_find(plan->ctx, it->tun)) == NULL)
		tool_fail("%s", strerror(errno));
	if (it->stop->kind == TUN_STOP_UNKNOWN)
		refuse(it, tool_xasprintf("%s starts it again, and has to be "
		    "told to stop it", it->tun->supervisor));
	else if (plan->flags & PLAN_SUPERVISOR)
		plan_stop(it);
	else
		plan_leave(it);
}

/* --- means --------------------------------------------------------------- */

static void
plan_whole(const struct plan *plan, struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *text;

	it->whole = 1;
	it->means = PLAN_SIGNAL;
	/*
	 * An orderly end removes the control path, be it another master's by
	 * now.  The user's own choice of a signal stands only where it does
	 * not.
	 */
	it->sig = t->ctl == TUN_CTL_REPLACED ? SIGKILL : plan->sig;
	if (tun_is_ancestor(plan->ctx, t->pid))
		refuse(it, tool_xstrdup("it is what runs this command"));
	refuse_foreign(it);
	if (t->session != 0 && !(plan->flags & PLAN_SESSIONS))
		refuse(it, tool_xasprintf("%s: --sessions ends it too",
		    session_text(t)));
	if (t->nusers > 0 && !(plan->flags & PLAN_SESSIONS)) {
		text = users(t);
		refuse(it, tool_xasprintf("%s %s through this master: "
		    "--sessions ends %s too", text, t->nusers == 1 ? "goes" :
		    "go", t->nusers == 1 ? "it" : "them"));
		free(text);
	}
	if (it->refusal == NULL)
		plan_supervised(plan, it);
}

/* Why the master cannot be told to close this one, or NULL. */
static const char *
unreachable(const struct tun_fwd *fwd)
{
	const struct tun *t = fwd->tun;
	const struct tun_end *l = &fwd->spec.listen, *c = &fwd->spec.connect;

	if (t->master != 1)
		return "ssh cannot close one of its forwards without a "
		    "control socket";
	switch (fwd->spec.kind) {
	case TUN_FWD_STDIO:
	case TUN_FWD_DEVICE:
		return "a master cannot close this kind of forward";
	default:
		break;
	}
	switch (t->ctl) {
	case TUN_CTL_FOUND:
	case TUN_CTL_OK:
		break;
	case TUN_CTL_LOST:
		return "the path of the control socket is gone";
	case TUN_CTL_REPLACED:
		return "the path of the control socket is another master's";
	case TUN_CTL_HUNG:
		return "the master does not answer";
	default:
		return "the master has no control socket that can be used";
	}
	if (t->ctlpath == NULL)
		return "the path of the control socket is not known";
	if (fwd->source == TUN_SRC_SOCKET)
		return "nothing says where it leads, and a master closes only "
		    "what is named in full";
	if (l->path == NULL && l->host != NULL && *l->host == '\0')
		return "its bind address is empty, which the mux protocol "
		    "cannot say";
	if (c->path == NULL && c->host != NULL && *c->host == '\0')
		return "its target is empty, which the mux protocol cannot "
		    "say";
	return NULL;
}

static int
carries_more(const struct tun *t)
{
	return t->session != 0 || t->nusers > 0;
}

/* What --whole would end beside what was asked for. */
static char *
rest(const struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *text = others(it);
	int conns = 0;
	size_t i;

	if (t->session != 0)
		text = cell_join(text, ", ",
		    tool_xstrdup("a shell or command"));
	if (t->nusers > 0)
		text = cell_join(text, ", ", users(t));
	for (i = 0; i < t->nfwds; i++) {
		if (t->fwds[i].conns > 0)
			conns += t->fwds[i].conns;
	}
	if (conns > 0)
		text = cell_join(text, " ", tool_xasprintf("(%d connection%s "
		    "in all)", conns, conns == 1 ? "" : "s"));
	return text;
}

static void
plan_forward(struct plan_item *it)
{
	const struct tun_fwd *fwd = it->fwds[0];
	const struct tun *t = it->tun;
	const char *why = unreachable(fwd);
	char *text;

	refuse_foreign(it);
	if (fwd->state == TUN_IN_MASTER)
		refuse(it, tool_xasprintf("a master listens in place of ssh "
		    "%ld", (long)t->pid));
	if (why != NULL) {
		text = rest(it);
		refuse(it, tool_xasprintf("ssh %ld also carries %s, and %s: "
		    "--whole%s ends it all", (long)t->pid, text, why,
		    carries_more(t) ? " --sessions" : ""));
		free(text);
	}
	if (it->refusal == NULL)
		it->means = PLAN_CLOSE;
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
	it->why = plan_why(plan, it);
	return it;
}

/*
 * Is all of the tunnel meant, or is there no other way, and nothing else that
 * would go?
 */
static int
is_whole(const struct plan *plan, const struct row *rows, size_t n)
{
	const struct tun *t = rows[0].tun;
	size_t i;

	if (plan->flags & PLAN_WHOLE || rows[0].fwd == NULL ||
	    names_tunnel(plan->pick, t, rows, n))
		return 1;
	for (i = 0; i < n; i++) {
		if (unreachable(rows[i].fwd) == NULL)
			return 0;
	}
	return has_all(t, rows, n) && !carries_more(t);
}

/* The rows of one tunnel. */
static void
plan_tunnel(struct plan *plan, const struct row *rows, size_t n)
{
	size_t i;

	if (is_whole(plan, rows, n)) {
		plan_whole(plan, add(plan, rows, n));
		return;
	}
	for (i = 0; i < n; i++)
		plan_forward(add(plan, &rows[i], 1));
}

void
plan_make(struct plan *plan, const struct row *rows, size_t nrows)
{
	size_t i, n;

	plan->items = NULL;
	plan->n = 0;
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
		tun_victim_free(it->helpers[i]);
	for (i = 0; i < it->nfiles; i++)
		free(it->files[i].path);
	tun_victim_free(it->victim);
	tun_victim_free(it->parent);
	tun_stop_free(it->stop);
	free(it->helpers);
	free(it->files);
	free(it->fwds);
	free(it->why);
	free(it->refusal);
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
