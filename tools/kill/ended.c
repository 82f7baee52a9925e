/* SPDX-License-Identifier: ISC */
/* Waits after a signal until it is proven that what was asked for has ended. */

#include <sys/types.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/out.h"
#include "common/tool.h"
#include "compat/ms.h"
#include "kill/act.h"
#include "kill/plan.h"
#include "libfind.h"

/* for a helper to notice that its pipes are closed */
#define HELPER_MS	1000

/* between two scans for a new session at a port that is still in use */
#define SESSION_MS	1000

/* --- the processes ------------------------------------------------------- */

/* As tun_handle_wait(): for the tunnel, and for what would start it again. */
static int
wait_for(struct plan_item *it, int64_t deadline)
{
	int r = tun_handle_wait(it->handle, ms_left(deadline));

	return r != 1 || it->parent == NULL ? r :
	    tun_handle_wait(it->parent, ms_left(deadline));
}

void
ended_wait(struct plan *plan, int64_t deadline)
{
	struct plan_item *it = NULL;
	int r;

	while ((it = plan_next(plan, it, PLAN_SENT)) != NULL) {
		if ((r = wait_for(it, deadline)) == 1)
			plan_settle(it, PLAN_ENDED, NULL);
		else if (r == -1)
			plan_fail(it, "cannot wait for it");
	}
}

void
ended_kill(struct plan *plan)
{
	struct plan_item *it = NULL;

	while ((it = plan_next(plan, it, PLAN_SENT)) != NULL) {
		if (it->parent != NULL)
			act_send(it->parent, SIGKILL);
		act_signal(it, SIGKILL);
	}
}

/* Why it, or its helper, may still be there. */
static const char *
frozen_text(const struct plan_item *it)
{
	return tun_why_has(&it->tun->why, TUN_WHY_FROZEN) ? ": its control "
	    "group is frozen, and a signal waits until it is thawed" : "";
}

void
ended_give_up(struct plan *plan, int wait)
{
	struct plan_item *it = NULL;

	while ((it = plan_next(plan, it, PLAN_SENT)) != NULL) {
		if (it->parent != NULL && tun_handle_wait(it->handle, 0) == 1)
			plan_settle(it, PLAN_FAILED, tool_xasprintf("%s %ld is "
			    "still there", it->tun->parent->comm,
			    (long)it->tun->parent->pid));
		else
			plan_settle(it, PLAN_FAILED, tool_xasprintf("still "
			    "there after %g s%s", wait / 1000.0,
			    frozen_text(it)));
	}
}

/* Helpers end by themselves when their pipes are closed. */
static void
end_helper(struct plan_item *it, size_t i, int escalate)
{
	struct tun_handle *v = it->helpers[i];

	if (v == NULL || tun_handle_wait(v, HELPER_MS) == 1)
		return;
	act_send(v, SIGTERM);
	if (tun_handle_wait(v, HELPER_MS) == 1)
		return;
	if (escalate) {
		act_send(v, SIGKILL);
		if (tun_handle_wait(v, HELPER_MS) == 1)
			return;
	}
	plan_settle(it, PLAN_FAILED, tool_xasprintf("its helper %ld is still "
	    "there%s", (long)it->tun->helpers[i]->pid, frozen_text(it)));
}

/* --- the ports ----------------------------------------------------------- */

/* "sh(4711), nc(4712)", or NULL. */
static char *
holders(struct tun_ctx *ctx, int port)
{
	const struct tun_peer **peers;
	char *text = NULL;
	size_t i, n;

	if (tun_port_owners(ctx, port, &peers, &n) == -1)
		return NULL;
	for (i = 0; i < n; i++)
		text = cell_join(text, ", ", cell_peer(peers[i]));
	free(peers);
	return text;
}

/* act_watch_back() reports what is there. */
static int
is_reopened(const struct plan *plan, const struct tun_fwd *fwd)
{
	char *text = act_new_session(plan, fwd);
	int r = text != NULL;

	free(text);
	return r;
}

static void
check_port(struct plan_item *it, const struct plan *plan,
    const struct tun_fwd *fwd, const struct tun_addr *addr, int64_t deadline)
{
	uint64_t sock, last = 0;
	int64_t next = 0;
	char *text, *who;
	int left, r;

	for (;;) {
		left = ms_left(deadline);
		r = tun_is_listening(plan->ctx, addr, &sock);
		if (r == 0)
			return;
		if (r == -1)
			break;
		/* Some systems number a listener by its address. */
		if (sock != last || left == 0 || ms_now() >= next) {
			if (is_reopened(plan, fwd))
				return;
			last = sock;
			next = ms_now() + SESSION_MS;
		}
		if (left == 0)
			break;
		ms_sleep(20);
	}
	text = cell_addr(addr);
	if (r == -1)
		plan_settle(it, PLAN_FAILED, tool_xasprintf("%s: cannot see "
		    "whether it is free", text));
	else {
		who = holders(plan->ctx, addr->port);
		plan_settle(it, PLAN_FAILED, tool_xasprintf("%s is not free: "
		    "%s listens", text, who != NULL ? who : "something else"));
		free(who);
	}
	free(text);
}

/* In another network namespace it is a different port. */
static void
check_ports(struct plan_item *it, const struct plan *plan, int64_t deadline)
{
	const struct tun_fwd *fwd;
	size_t i, j;

	if (it->tun->netns == 0)
		return;
	for (i = 0; i < it->tun->nfwds; i++) {
		fwd = it->tun->fwds[i];
		for (j = 0; plan_takes(it, fwd) && j < fwd->naddrs; j++) {
			if (it->result == PLAN_ENDED)
				check_port(it, plan, fwd, &fwd->addrs[j],
				    deadline);
		}
	}
}

/* --- what is left -------------------------------------------------------- */

static void
remove_files(const struct plan_item *it, int quiet)
{
	size_t i;

	for (i = 0; i < it->nfiles; i++) {
		if (tun_file_remove(it->files[i]) == 0 || errno == ENOENT ||
		    errno == ESTALE || errno == EADDRINUSE || quiet)
			continue;
		tool_warn("%s: stays: %s", tun_file_path(it->files[i]),
		    strerror(errno));
	}
}

void
ended_clean_up(struct plan *plan, const struct act_options *options,
    int64_t deadline)
{
	struct plan_item *it = NULL;
	size_t j;

	while ((it = plan_next(plan, it, PLAN_ENDED)) != NULL) {
		for (j = 0; it->helpers != NULL && j < it->tun->nhelpers; j++)
			end_helper(it, j, options->kill >= 0);
		if (it->result == PLAN_ENDED)
			check_ports(it, plan, deadline);
		remove_files(it, options->quiet);
	}
}
