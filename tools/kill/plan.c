/* SPDX-License-Identifier: ISC */
/* Decides what will be done, before anything is done. */

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
#include "libfind.h"

/* --- what is asked for --------------------------------------------------- */

int
plan_is_monitor(const struct tun_fwd *fwd)
{
	return tun_why_has(&fwd->why, TUN_WHY_MONITOR);
}

int
plan_is_direct(const struct tun_fwd *fwd)
{
	return fwd->spec.kind == TUN_FWD_DIRECT;
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
		    !plan_is_direct(t->fwds[i]) &&
		    !is_picked(t->fwds[i], rows, n))
			return 0;
	}
	return 1;
}

/* Has it connections of -L, -D or -W that were not named? */
static int
has_more(const struct tun *t, const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (plan_is_direct(t->fwds[i]) &&
		    !is_picked(t->fwds[i], rows, n))
			return 1;
	}
	return 0;
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

/* --- reasons against ----------------------------------------------------- */

/* No option overrules this reason; the first such reason is given. */
static void
refuse(struct plan_item *it, enum plan_refusal refusal)
{
	if (it->refusal == PLAN_ALLOWED)
		it->refusal = refusal;
}

/* One of PLAN_* overrules this one. */
static void
object(const struct plan *plan, struct plan_item *it, unsigned option)
{
	it->needs |= option & ~plan->flags;
}

/*
 * Options are named only if they make the command work, and then all of them.
 */
static void
conclude(struct plan_item *it)
{
	if (it->refusal != PLAN_ALLOWED)
		it->needs = 0;
	else if (it->needs != 0)
		it->refusal = PLAN_NEEDS;
	if (it->refusal != PLAN_ALLOWED) {
		it->means = PLAN_REFUSE;
		it->result = PLAN_REFUSED;
	}
}

static int
is_ours(uid_t uid)
{
	return geteuid() == 0 || uid == geteuid();
}

/* --- what starts it again ------------------------------------------------- */

int
plan_stops_too(const struct plan_item *it, const struct tun *t)
{
	const struct tun *own = it->tun;

	/* Without a unit, the command ends only what its supervisor started. */
	return it->means == PLAN_COMMAND && own->supervisor_pid == 0 &&
	    t != own && t->supervisor != NULL && strcmp(own->supervisor,
	    t->supervisor) == 0 && (t->uid == own->uid ||
	    strncmp(t->supervisor, "systemd --user ", 15) != 0);
}

int
plan_signals_after(const struct plan_item *it)
{
	return it->means == PLAN_PARENT || (it->means == PLAN_COMMAND &&
	    it->tun->supervisor_pid != 0 &&
	    it->tun->supervisor_pid != it->tun->ppid);
}

int
plan_is_through(const struct plan_item *it, const struct tun *t)
{
	return it->whole && t->through == it->tun;
}

/* Does what is ended or stopped first start this one, too? */
static int
starts_too(const struct plan_item *it, const struct tun *t)
{
	const struct tun *own = it->tun;

	if (!plan_signals_after(it) || t->parent == NULL ||
	    t->parent->pid != own->parent->pid)
		return 0;
	/* supervisord has many services, and stops one. */
	return t->ppid == own->ppid || own->supervisor == NULL ||
	    strncmp(own->supervisor, "supervisord ", 12) != 0;
}

int
plan_is_left(const struct plan *plan, const struct plan_item *it,
    const struct tun *t)
{
	size_t i;

	for (i = 0; i < plan->n; i++)
		if (plan->items[i].tun == t &&
		    plan->items[i].means != PLAN_REFUSE)
			return 0;
	return t != it->tun && starts_too(it, t);
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

/* Finds all processes that end with the unit that it is stopped with. */
static void
find_members(const struct plan *plan, struct plan_item *it)
{
	if (it->tun->unit != NULL && it->tun->supervisor_pid == 0 &&
	    (it->unit = tun_unit_find(plan->ctx, it->tun)) == NULL)
		it->unit_error = errno;
}

/* Plans to end first what starts it again. */
static void
plan_stop(const struct plan *plan, struct plan_item *it)
{
	if (it->stop->self)
		refuse(it, PLAN_STOP_OWN_ANCESTOR);
	else if (it->stop->kind == TUN_STOP_COMMAND) {
		it->means = PLAN_COMMAND;
		find_members(plan, it);
	} else if (it->stop->kind == TUN_STOP_PARENT) {
		/* A process of another user is never ended with it. */
		if (it->tun->parent->uid != it->tun->uid)
			refuse(it, PLAN_STOP_FOREIGN);
		it->means = PLAN_PARENT;
	}
}

static void
plan_supervised(const struct plan *plan, struct plan_item *it)
{
	const struct tun *t = it->tun;

	if ((it->stop = tun_stop_find(plan->ctx, t)) == NULL)
		tool_fail("%s", strerror(errno));
	if (tun_why_has(&t->origin_why, TUN_WHY_CONTAINER) ||
	    it->stop->container != NULL)
		refuse(it, PLAN_CONTAINER);
	else if (it->stop->kind == TUN_STOP_UNKNOWN)
		refuse(it, PLAN_NO_STOP);
	/* A script that started it may start it again or not. */
	else if (t->supervisor != NULL && it->stop->kind != TUN_STOP_NOTHING)
		object(plan, it, PLAN_SUPERVISOR);
	/* Also without --supervisor, which is not named if it would not do. */
	if (it->refusal == PLAN_ALLOWED &&
	    (plan->flags | it->needs) & PLAN_SUPERVISOR)
		plan_stop(plan, it);
}

/* --- a tunnel, or one forward of a master --------------------------------- */

/* Collects all reasons against ending the tunnel. */
static void
weigh_whole(const struct plan *plan, struct plan_item *it)
{
	const struct tun *t = it->tun;
	int r;

	if ((r = tun_is_ancestor(plan->ctx, t->pid)) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	if (r)
		refuse(it, PLAN_OWN_ANCESTOR);
	if ((r = tun_is_own_login(plan->ctx, t)) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	if (r)
		refuse(it, PLAN_OWN_LOGIN);
	if (!is_ours(t->uid))
		refuse(it, PLAN_FOREIGN);
	if (plan_has_session(t) || t->nusers > 0 || plan_hides_users(t))
		object(plan, it, PLAN_SESSIONS);
	if (t->pid == 0)
		refuse(it, PLAN_NO_PROCESS);
	/* The sshd that waits for clients starts no session again. */
	if (!t->served)
		plan_supervised(plan, it);
}

static void
plan_whole(const struct plan *plan, struct plan_item *it)
{
	it->whole = 1;
	it->means = PLAN_SIGNAL;
	/*
	 * An orderly end removes the control path, even if it is another
	 * master's by now.  Only in other cases the signal that the user has
	 * chosen is used.
	 */
	it->sig = it->tun->ctl == TUN_CTL_REPLACED ? SIGKILL : plan->sig;
	weigh_whole(plan, it);
	conclude(it);
}

/* Does the master of this client listen for it? */
static int
is_in_master(const struct tun_fwd *fwd)
{
	return fwd->state == TUN_IN_MASTER;
}

static void
plan_forward(const struct plan *plan, struct plan_item *it)
{
	const struct tun_fwd *fwd = it->fwds[0];
	const struct tun *t = is_in_master(fwd) && it->tun->carrier != NULL ?
	    it->tun->carrier : it->tun;

	it->means = PLAN_CLOSE;
	it->obstacle = plan_cannot_close_row(plan, t, fwd, &it->spec);
	if (it->obstacle == NULL && it->spec != NULL) {
		it->tun = t;
		if (!is_ours(t->uid))
			refuse(it, PLAN_FOREIGN);
	} else if (is_in_master(fwd))
		refuse(it, PLAN_IN_MASTER);
	else {
		object(plan, it, PLAN_WHOLE);
		weigh_whole(plan, it);
	}
	conclude(it);
	if (it->refusal == PLAN_ALLOWED && fwd->state == TUN_RELEASED)
		plan_settle(it, PLAN_GONE, tool_xstrdup("closed already, or it "
		    "never listened"));
}

static struct plan_item *
add_item(struct plan *plan, const struct row *rows, size_t n)
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
	return it;
}

/*
 * At most one master is asked, because another one may have a forward of the
 * same name.
 */
const struct tun *
plan_askable(const struct plan *plan, const struct tun_forward *spec,
    const struct tun *prev)
{
	const struct tun *t = prev;

	while ((t = tun_next(plan->list, t)) != NULL) {
		/*
		 * A local listener would have a row, unless descriptors are
		 * hidden.
		 */
		if ((plan_is_remote(spec) ||
		    tun_why_has(&t->why, TUN_WHY_DENIED)) &&
		    pick_has_tunnel(plan->pick, t, tun_when(plan->list)) &&
		    is_ours(t->uid) && plan_cannot_close(t, spec) == NULL)
			break;
	}
	return t;
}

void
plan_ask(struct plan *plan, const struct tun *t,
    const struct tun_forward *spec, const char *word)
{
	struct row row = { t, NULL };
	struct plan_item *it = add_item(plan, &row, 1);

	it->word = word;
	it->spec = spec;
	it->means = PLAN_CLOSE;
}

/*
 * Is the whole tunnel meant?  Or is there no other way, and nothing else would
 * end, as far as all that it carries is known?  A master is never ended for a
 * forward, nor is its client, whose end would leave the forward there.
 */
static int
is_whole(const struct plan *plan, const struct row *rows, size_t n)
{
	const struct tun *t = rows[0].tun;

	if (plan->flags & PLAN_WHOLE || rows[0].fwd == NULL ||
	    names_tunnel(plan->pick, t, rows, n))
		return 1;
	if (t->master != 0 || is_in_master(rows[0].fwd) ||
	    !has_all(t, rows, n) || has_more(t, rows, n) ||
	    plan_unseen(t) != NULL)
		return 0;
	/* Of a session of sshd nothing smaller can be ended. */
	return t->served || (!plan_has_session(t) && t->nusers == 0);
}

/*
 * Do the options also select the row that its master has of the same listener?
 */
static int
is_selected_twice(const struct plan *plan, const struct tun_fwd *fwd)
{
	const struct tun *t = fwd->tun->carrier;
	size_t i;

	if (!is_in_master(fwd) || t == NULL ||
	    !pick_has_tunnel(plan->pick, t, tun_when(plan->list)))
		return 0;
	for (i = 0; i < t->nfwds; i++) {
		if (tun_forward_same_listener(&t->fwds[i]->spec, &fwd->spec))
			return 1;
	}
	return 0;
}

/* Do only options select it, though it was closed before or comes twice? */
static int
is_left_out(const struct plan *plan, const struct tun_fwd *fwd)
{
	const struct pick *pick = plan->pick;

	if (pick->nsels > 0)
		return 0;
	if (fwd->state == TUN_RELEASED)
		return !(pick->states >> TUN_RELEASED & 1);
	return is_selected_twice(plan, fwd);
}

/* Plans the rows of one tunnel. */
static void
plan_tunnel(struct plan *plan, const struct row *rows, size_t n)
{
	size_t i;

	if (is_whole(plan, rows, n)) {
		plan_whole(plan, add_item(plan, rows, n));
		return;
	}
	for (i = 0; i < n; i++) {
		if (!is_left_out(plan, rows[i].fwd))
			plan_forward(plan, add_item(plan, &rows[i], 1));
	}
}

void
plan_make(struct plan *plan, const struct row *rows, size_t nrows)
{
	size_t i, n;

	for (i = 0; i < nrows; i += n) {
		n = rows_together(rows, nrows, i);
		plan_tunnel(plan, &rows[i], n);
	}
}

/* --- results ------------------------------------------------------------- */

struct plan_item *
plan_next(const struct plan *plan, struct plan_item *prev,
    enum plan_result result)
{
	struct plan_item *it = prev == NULL ? plan->items : prev + 1;

	for (; it != plan->items + plan->n; it++) {
		if (it->result == result)
			return it;
	}
	return NULL;
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

static void
item_free(struct plan_item *it)
{
	size_t i;

	for (i = 0; it->helpers != NULL && i < it->tun->nhelpers; i++)
		tun_handle_free(it->helpers[i]);
	for (i = 0; i < it->nfiles; i++)
		tun_file_free(it->files[i]);
	tun_handle_free(it->handle);
	tun_handle_free(it->parent);
	tun_stop_free(it->stop);
	free(it->helpers);
	free(it->files);
	free(it->fwds);
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
