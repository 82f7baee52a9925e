/* SPDX-License-Identifier: ISC */
/*
 * Takes hold of the processes of a plan, and of the files that they may leave
 * behind, before the first signal; signals go to what is held.
 */

#include <sys/types.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "common/tool.h"
#include "kill/act.h"
#include "kill/plan.h"
#include "kill/signal_names.h"
#include "libfind.h"

/* Files that an ssh may leave behind, if the path leads to its socket now. */
static void
add_file(struct plan_item *it, const char *path)
{
	const struct tun *t = it->tun;
	struct tun_file *file;

	if ((file = tun_file_find(path, t->cwd, t->uid)) == NULL)
		return;
	it->files = tool_xreallocarray(it->files, it->nfiles + 1,
	    sizeof(*it->files));
	it->files[it->nfiles++] = file;
}

/*
 * Is there a file at the path that belongs to the forward itself?  A session of
 * sshd leaves its sockets behind, too, in the way of the client's next -R.
 */
static int
has_file(struct tun_ctx *ctx, const struct tun_fwd *fwd)
{
	if (fwd->spec.listen.path == NULL || (!fwd->tun->served &&
	    !tun_forward_is_local(&fwd->spec)))
		return 0;
	if (fwd->state == TUN_BOUND || fwd->state == TUN_UNLISTED)
		return fwd->file != 0;
	return tun_why_has(&fwd->tun->why, TUN_WHY_DENIED) &&
	    act_path_listens(ctx, fwd->tun, &fwd->spec) == 1;
}

static void
find_files(struct plan_item *it, struct tun_ctx *ctx)
{
	const struct tun *t = it->tun;
	const struct tun_fwd *fwd;
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		fwd = t->fwds[i];
		if (!has_file(ctx, fwd))
			continue;
		if (it->means != PLAN_CLOSE || plan_is_asked(it, fwd))
			add_file(it, fwd->spec.listen.path);
	}
	if (it->means != PLAN_CLOSE && t->ctlpath != NULL &&
	    (t->ctl == TUN_CTL_FOUND || t->ctl == TUN_CTL_OK))
		add_file(it, t->ctlpath);
}

static void
hold_helpers(struct plan_item *it, struct tun_ctx *ctx)
{
	const struct tun *t = it->tun;
	size_t i;

	if (!it->whole || t->nhelpers == 0)
		return;
	it->helpers = tool_xcalloc(t->nhelpers, sizeof(*it->helpers));
	for (i = 0; i < t->nhelpers; i++) {
		/*
		 * Another user can make pipes look like those of any process.
		 */
		if (t->helpers[i]->uid == t->uid &&
		    !tun_is_ancestor(ctx, t->helpers[i]->pid))
			it->helpers[i] = tun_hold_peer(ctx, t->helpers[i]);
	}
}

static void
hold(struct plan_item *it, struct tun_ctx *ctx)
{
	const struct tun *t = it->tun;

	if ((it->handle = tun_hold(ctx, t)) == NULL) {
		if (errno == ESRCH)
			plan_settle(it, PLAN_GONE, NULL);
		else
			plan_fail(it, "cannot take hold of it");
		return;
	}
	if (it->means == PLAN_PARENT &&
	    (it->parent = tun_hold_parent(ctx, t)) == NULL) {
		plan_fail(it, "cannot take hold of its supervisor");
		return;
	}
	hold_helpers(it, ctx);
	find_files(it, ctx);
}

void
act_hold(struct plan *plan)
{
	struct plan_item *it = NULL;

	while ((it = plan_next(plan, it, PLAN_OPEN)) != NULL) {
		if (it->handle == NULL)
			hold(it, plan->ctx);
	}
}

/*
 * A stopped process handles a signal only after SIGCONT; others ignore SIGCONT.
 */
int
act_send(struct tun_handle *v, int sig)
{
	if (tun_handle_signal(v, sig) == -1)
		return -1;
	if (sig != SIGKILL)
		tun_handle_signal(v, SIGCONT);
	return 0;
}

void
act_signal(struct plan_item *it, int sig)
{
	if (act_send(it->handle, sig) == 0)
		plan_settle(it, PLAN_SENT, NULL);
	else if (errno == EBUSY && it->result == PLAN_SENT)
		return;		/* it is about to end */
	else if (errno == ESRCH)
		plan_settle(it, it->result == PLAN_SENT ? PLAN_SENT : PLAN_GONE,
		    NULL);
	else
		plan_fail(it, signal_name(sig));
}
