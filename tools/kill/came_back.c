/* SPDX-License-Identifier: ISC */
/*
 * Was something that was ended started again?  It may be the same tunnel, or
 * another process that listens in the same place.
 */

#include <sys/types.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/out.h"
#include "common/tool.h"
#include "compat/ms.h"
#include "kill/act.h"
#include "kill/plan.h"
#include "libfind.h"

#define BACK_MS		1500	/* enough for a loop that sleeps for a second */
#define LOOK_MS		100	/* between two looks */

static int
same_argv(const struct tun *a, const struct tun *b)
{
	return a->argv != NULL && b->argv != NULL &&
	    tool_same_words(a->argv, b->argv);
}

static int
listens_at(const struct tun *t, const struct tun_addr *addr)
{
	size_t i, k;

	for (i = 0; i < t->nfwds; i++) {
		for (k = 0; k < t->fwds[i]->naddrs; k++) {
			if (cell_same_addr(&t->fwds[i]->addrs[k], addr))
				return 1;
		}
	}
	return 0;
}

static int
same_port(const struct tun *a, const struct tun *b)
{
	const struct tun_fwd *fwd;
	size_t i, k;

	/* In another network namespace the same number is another port. */
	if (a->netns == 0 || b->netns == 0)
		return 0;
	for (i = 0; i < a->nfwds; i++) {
		fwd = a->fwds[i];
		for (k = 0; k < fwd->naddrs; k++) {
			if (fwd->addrs[k].port != 0 &&
			    listens_at(b, &fwd->addrs[k]))
				return 1;
		}
	}
	return 0;
}

/* Which of the plan's tunnels was t before it was started again? */
static struct plan_item *
predecessor(struct plan *plan, const struct tun *t)
{
	struct plan_item *it;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		it = &plan->items[i];
		if (it->whole && !it->tun->served && it->tun->uid == t->uid &&
		    (it->result == PLAN_ENDED || it->result == PLAN_FAILED) &&
		    (same_argv(it->tun, t) || same_port(it->tun, t)))
			return it;
	}
	return NULL;
}

/* Did the parent also start the one that was ended? */
static int
has_old_parent(const struct tun *old, const struct tun *t)
{
	return old->parent != NULL && old->parent->pid == t->parent->pid &&
	    memcmp(old->parent->ident, t->parent->ident,
	    sizeof(t->parent->ident)) == 0;
}

/* Could --supervisor stop its parent? */
static int
can_stop(struct tun_ctx *ctx, const struct plan_item *it, const struct tun *t)
{
	struct tun_stop *stop = tun_stop_find(ctx, t);
	int r = stop != NULL && it->parent == NULL &&
	    (stop->kind == TUN_STOP_PARENT || stop->kind == TUN_STOP_COMMAND);

	tun_stop_free(stop);
	return r;
}

static char *
back_text(struct tun_ctx *ctx, const struct plan_item *it,
    const struct tun *t)
{
	char *text = tool_xasprintf("came back as %ld", (long)t->pid);

	if (t->parent == NULL)
		return text;
	/* Another parent may itself have been started again. */
	if (!has_old_parent(it->tun, t))
		return cell_join(text, ", ", tool_xasprintf("a child of %s "
		    "%ld", t->parent->comm, (long)t->parent->pid));
	return cell_join(text, ": ", tool_xasprintf("%s %ld starts it "
	    "again%s", t->parent->comm, (long)t->parent->pid,
	    can_stop(ctx, it, t) ? ", see --supervisor" : ""));
}

/* Sessions of sshd: their clients come back, which has_place() finds. */
static int
all_served(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n && plan->items[i].tun->served; i++)
		continue;
	return i == plan->n;
}

static void
look_for_new(struct plan *plan, unsigned flags)
{
	const struct tun *t = NULL;
	struct plan_item *it;
	struct tun_list *list;

	if (all_served(plan) || tun_scan(plan->ctx, flags, &list) == -1)
		return;
	while ((t = tun_next(list, t)) != NULL) {
		if (tool_find_process(plan->list, t) != NULL ||
		    (it = predecessor(plan, t)) == NULL)
			continue;
		plan_settle(it, PLAN_BACK, back_text(plan->ctx, it, t));
	}
	tun_list_free(list);
}

/* --- by place ------------------------------------------------------------ */

static int
same_end(const struct tun_end *a, const struct tun_end *b)
{
	if (a->path != NULL || b->path != NULL)
		return a->path != NULL && b->path != NULL &&
		    strcmp(a->path, b->path) == 0;
	return a->port > 0 && a->port == b->port;
}

/* Was it told to forward from there? */
static int
asks_for(const struct tun *t, const struct tun_fwd *fwd)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (t->fwds[i]->source != TUN_SRC_SOCKET &&
		    same_end(&t->fwds[i]->spec.listen, &fwd->spec.listen))
			return 1;
	}
	return 0;
}

/*
 * Which process started it?  The process that listens may be a master that
 * another ssh has asked, or one that has left its starter.
 */
static char *
starter(const struct tun_list *list, const struct tun_fwd *fwd, pid_t pid)
{
	const struct tun *t = NULL, *parent = NULL;

	while ((t = tun_next(list, t)) != NULL) {
		if (t->pid != pid && !asks_for(t, fwd))
			continue;
		if (t->supervisor != NULL)
			return tool_xstrdup(t->supervisor);
		if (t->parent != NULL)
			parent = t;
	}
	return parent == NULL ? NULL : tool_xasprintf("%s %ld",
	    parent->parent->comm, (long)parent->parent->pid);
}

/*
 * Does any process listen where it did?  -1 if that cannot be known.  The path
 * of a detached forward was another process's before.
 */
static int
is_taken(struct tun_ctx *ctx, const struct tun_fwd *fwd)
{
	const struct tun_peer **v;
	size_t i, n;

	if (fwd->spec.listen.path != NULL) {
		if (fwd->naddrs == 0 || fwd->state == TUN_DETACHED)
			return 0;
		if (tun_listeners(ctx, fwd->tun, &fwd->spec, 0, &v, &n) == -1)
			return errno == ESRCH;
		free(v);
		return n > 0;
	}
	for (i = 0; i < fwd->naddrs; i++) {
		if (fwd->tun->netns != 0 &&
		    tun_is_listening(ctx, &fwd->addrs[i], NULL) == 1)
			return 1;
	}
	return 0;
}

/* The process that has its port or path; 0 if not known. */
static pid_t
holder_of(struct tun_ctx *ctx, const struct tun_fwd *fwd)
{
	const char *path = fwd->spec.listen.path;
	const struct tun_peer **peers;
	pid_t pid = 0;
	size_t i, n;
	int r = -1;

	if (path == NULL && fwd->naddrs > 0)
		r = tun_port_owners(ctx, fwd->addrs[0].port, &peers, &n);
	else if (path != NULL && *path == '/')
		r = tun_path_owners(ctx, path, &peers, &n);
	if (r == -1)
		return 0;
	for (i = 0; i < n && pid == 0; i++)
		pid = peers[i]->pid;
	free(peers);
	return pid;
}

static char *
place_text(const struct plan *plan, const struct tun_fwd *fwd)
{
	pid_t pid = holder_of(plan->ctx, fwd);
	char *text, *who = NULL;
	struct tun_list *list;

	if (tun_scan(plan->ctx, TUN_SCAN_SOCKETS, &list) == 0) {
		who = starter(list, fwd, pid);
		tun_list_free(list);
	}
	/* An ssh that has asked its master ends soon. */
	if (who == NULL)
		who = starter(plan->list, fwd, pid);
	text = pid != 0 ? tool_xasprintf("came back as %ld", (long)pid) :
	    tool_xstrdup("came back");
	return who == NULL ? text : cell_join(text, ": ",
	    cell_join(who, " ", tool_xstrdup("starts it again")));
}

/* --- sessions of sshd ----------------------------------------------------- */

static int
has_place(const struct tun *t, const struct tun_fwd *fwd)
{
	size_t i;

	if (t == NULL || t->netns != fwd->tun->netns)
		return 0;
	for (i = 0; i < t->nfwds; i++) {
		if (same_end(&t->fwds[i]->spec.listen, &fwd->spec.listen))
			return 1;
	}
	return 0;
}

/* "sshd 21 of root@10.0.0.9 has localhost:2022 now" */
static char *
session_text(const struct tun *t, const struct tun_fwd *fwd)
{
	struct row row = { fwd->tun, fwd };
	char *client = cell_via(t), *listen = cell_listen(&row), *text;

	text = tool_xasprintf("%s %ld of %s has %s now", cell_process(t),
	    (long)t->pid, client != NULL ? client : "?",
	    listen != NULL ? listen : "?");
	free(client);
	free(listen);
	return text;
}

char *
act_new_session(const struct plan *plan, const struct tun_fwd *fwd)
{
	const struct tun *t = NULL;
	struct tun_list *list;
	char *text = NULL;

	if (!fwd->tun->served || tun_scan(plan->ctx, TUN_SCAN_SERVER |
	    TUN_SCAN_SOCKETS | TUN_SCAN_INFO, &list) == -1)
		return NULL;
	while (text == NULL && (t = tun_next(list, t)) != NULL) {
		if (t->pid > 0 && has_place(t, fwd) &&
		    !has_place(tool_find_process(plan->list, t), fwd))
			text = session_text(t, fwd);
	}
	tun_list_free(list);
	return text;
}

/*
 * A session that did not work was in the way of the one that has its port now.
 * One that worked has come back with its client.
 */
static void
settle_session(struct plan *plan, struct plan_item *it,
    const struct tun_fwd *fwd)
{
	enum tun_class class = tun_state_class(it->tun->state);
	char *text = act_new_session(plan, fwd);

	if (text == NULL)
		plan_settle(it, PLAN_BACK, tool_xstrdup("another process "
		    "listens there now"));
	else if (class == TUN_CLASS_STALE || class == TUN_CLASS_SUSPECT)
		plan_settle(it, PLAN_ENDED, text);
	else
		plan_settle(it, PLAN_BACK, cell_join(tool_xstrdup("came back"),
		    ": ", text));
}

static void
look_at_places(struct plan *plan)
{
	const struct tun_fwd *fwd;
	struct plan_item *it;
	size_t i, k;

	for (i = 0; i < plan->n; i++) {
		it = &plan->items[i];
		for (k = 0; k < it->tun->nfwds; k++) {
			fwd = it->tun->fwds[k];
			/* Of a session with a detail it is known already. */
			if (it->result != PLAN_ENDED || !plan_takes(it, fwd) ||
			    (fwd->tun->served && it->detail != NULL) ||
			    !is_taken(plan->ctx, fwd))
				continue;
			if (fwd->tun->served)
				settle_session(plan, it, fwd);
			else
				plan_settle(it, PLAN_BACK, place_text(plan,
				    fwd));
		}
	}
}

void
act_watch_back(struct plan *plan)
{
	unsigned flags = TUN_SCAN_SOCKETS | TUN_SCAN_OWN;
	int64_t deadline = ms_now() + BACK_MS;
	size_t i;
	int left;

	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].tun->uid != geteuid())
			flags &= ~(unsigned)TUN_SCAN_OWN;
	}
	/*
	 * If a port is not free, the tunnel may have been started again
	 * already.
	 */
	if (plan_next(plan, NULL, PLAN_FAILED) != NULL)
		look_for_new(plan, flags);
	while (plan_next(plan, NULL, PLAN_ENDED) != NULL) {
		look_for_new(plan, flags);
		look_at_places(plan);
		if ((left = ms_left(deadline)) == 0)
			break;
		ms_sleep(left < LOOK_MS ? left : LOOK_MS);
	}
}
