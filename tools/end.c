/* SPDX-License-Identifier: ISC */
/*
 * Does what a plan says, and nothing else: to processes that are held since
 * the plan was made, and until what was asked for is proven.
 */

#include <sys/types.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "plan.h"
#include "tool.h"

#define PARENT_MS	700	/* for a supervisor to take its child along */
#define HELPER_MS	1000	/* for a helper to see that its pipes are gone */
#define MUX_MS		1000	/* for a master to answer */
#define COMMAND_MS	30000	/* for a service manager, if we wait at all */

/* Takes the ownership of detail. */
static void
settle(struct plan_item *it, enum plan_result result, char *detail)
{
	free(it->detail);
	it->result = result;
	it->detail = detail;
}

static void
fail_errno(struct plan_item *it, const char *what)
{
	settle(it, PLAN_FAILED, tool_xasprintf("%s: %s", what,
	    strerror(errno)));
}

/* --- before -------------------------------------------------------------- */

/* Files that an ssh may leave behind, if they lead to it today. */
static void
add_file(struct plan_item *it, const char *path)
{
	const struct tun *t = it->tun;
	struct tun_file file;

	if (tun_file_find(path, t->cwd, t->uid, &file) == -1)
		return;
	it->files = tool_xreallocarray(it->files, it->nfiles + 1,
	    sizeof(*it->files));
	it->files[it->nfiles++] = file;
}

static void
find_files(struct plan_item *it)
{
	const struct tun *t = it->tun;
	const struct tun_fwd *fwd;
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		fwd = &t->fwds[i];
		/* Bound: the path's inode is that of its own listener. */
		if (fwd->spec.listen.path == NULL || fwd->state != TUN_BOUND ||
		    (fwd->spec.kind != TUN_FWD_LOCAL &&
		    fwd->spec.kind != TUN_FWD_DYNAMIC))
			continue;
		if (it->means != PLAN_CLOSE || it->fwds[0] == fwd)
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
		if (!tun_is_ancestor(ctx, t->helpers[i].pid))
			it->helpers[i] = tun_hold_peer(ctx, &t->helpers[i]);
	}
}

static void
hold(struct plan_item *it, struct tun_ctx *ctx)
{
	const struct tun *t = it->tun;

	if ((it->victim = tun_hold(ctx, t)) == NULL) {
		if (errno == ESRCH)
			settle(it, PLAN_GONE, NULL);
		else
			fail_errno(it, "cannot take hold of it");
		return;
	}
	if (it->means == PLAN_PARENT &&
	    (it->parent = tun_hold_parent(ctx, t)) == NULL) {
		fail_errno(it, "cannot take hold of its supervisor");
		return;
	}
	hold_helpers(it, ctx);
	find_files(it);
}

void
end_hold(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].result == PLAN_OPEN)
			hold(&plan->items[i], plan->ctx);
	}
}

/* --- what one end takes along ------------------------------------------- */

static int
same_words(const char *const *a, const char *const *b)
{
	for (; *a != NULL && *b != NULL; a++, b++) {
		if (strcmp(*a, *b) != 0)
			return 0;
	}
	return *a == *b;
}

static int
same_command(const struct plan_item *a, const struct plan_item *b)
{
	return a->means == PLAN_COMMAND && b->means == PLAN_COMMAND &&
	    a->stop->uid == b->stop->uid &&
	    same_words(a->stop->argv, b->stop->argv);
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
	size_t i;

	for (i = 0; master->whole && i < master->tun->nusers; i++) {
		if (master->tun->users[i].pid == it->tun->pid)
			return 1;
	}
	return 0;
}

/* Has something been done already that ends this one too? */
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

/* A stopped process takes a signal once it is continued; others ignore it. */
static int
send(struct tun_victim *v, int sig)
{
	if (tun_victim_signal(v, sig) == -1)
		return -1;
	if (sig != SIGKILL)
		tun_victim_signal(v, SIGCONT);
	return 0;
}

static void
signal_tunnel(struct plan_item *it, int sig)
{
	if (send(it->victim, sig) == 0)
		settle(it, PLAN_SENT, NULL);
	else if (errno == ESRCH)
		settle(it, it->result == PLAN_SENT ? PLAN_SENT : PLAN_GONE,
		    NULL);
	else
		fail_errno(it, plan_signal_name(sig));
}

static void
signal_parent(struct plan_item *it)
{
	if (send(it->parent, plan_parent_signal(it)) == 0 || errno == ESRCH)
		settle(it, PLAN_SENT, NULL);
	else
		fail_errno(it, it->tun->parent->comm);
}

/*
 * autossh takes its ssh along, a shell does not; one that waits for its
 * child ends only after it.
 */
static void
signal_children(struct plan *plan)
{
	int64_t deadline = tool_now() + PARENT_MS;
	struct plan_item *it;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		it = &plan->items[i];
		if (it->means != PLAN_PARENT || it->result != PLAN_SENT)
			continue;
		tun_victim_wait(it->parent, tool_left(deadline));
		if (tun_victim_wait(it->victim, 0) != 1)
			signal_tunnel(it, it->sig);
	}
}

/* --- service managers ---------------------------------------------------- */

/* Its last words, which tool_warn() escapes. */
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
		settle(it, PLAN_SENT, NULL);
	else
		settle(it, PLAN_FAILED, command_failed(it->stop, said));
	free(said);
}

/* --- one forward --------------------------------------------------------- */

/* -1: cannot tell. */
static int
still_listens(struct tun_ctx *ctx, const struct tun_fwd *fwd)
{
	struct tun_listener v[64];
	ssize_t i, n;
	size_t j;

	n = tun_listeners(ctx, fwd->tun, &fwd->spec, 0, v,
	    sizeof(v) / sizeof(v[0]));
	if (n == -1)
		return errno == ESRCH ? 0 : -1;
	for (i = 0; i < n; i++) {
		if (v[i].pid != fwd->tun->pid)
			continue;
		if (fwd->spec.listen.path != NULL)
			return 1;
		for (j = 0; j < fwd->naddrs; j++) {
			if (plan_same_addr(&v[i].addr, &fwd->addrs[j]))
				return 1;
		}
	}
	return 0;
}

/* The sockets tell, not the reply; of a remote forward, nothing does. */
static void
verify_close(struct plan_item *it, struct tun_ctx *ctx, int64_t deadline)
{
	const struct tun_fwd *fwd = it->fwds[0];
	int r;

	if (fwd->spec.kind == TUN_FWD_REMOTE ||
	    fwd->spec.kind == TUN_FWD_RDYNAMIC) {
		settle(it, PLAN_ENDED, tool_xstrdup("the server was told, and "
		    "does not confirm"));
		return;
	}
	while ((r = still_listens(ctx, fwd)) == 1 && tool_left(deadline) > 0)
		tool_nap(20);
	if (r == 0)
		settle(it, PLAN_ENDED, NULL);
	else if (r == 1)
		settle(it, PLAN_FAILED, tool_xstrdup("the master said yes, "
		    "and still listens"));
	else
		fail_errno(it, "cannot look at its sockets");
}

static void
close_forward(struct plan_item *it, struct tun_ctx *ctx, int wait)
{
	struct tun_mux_reply reply;

	reply.text[0] = '\0';
	if (tun_close_forward(it->tun, &it->fwds[0]->spec, MUX_MS,
	    &reply) == 0)
		verify_close(it, ctx, tool_now() + wait);
	else if (errno == ESRCH)
		settle(it, PLAN_FAILED, tool_xstrdup("another master is "
		    "behind the control path now"));
	else
		settle(it, PLAN_FAILED, tool_xasprintf("the master: %s",
		    reply.text[0] != '\0' ? reply.text : strerror(errno)));
}

/* --- all of them --------------------------------------------------------- */

static void
act(struct plan *plan, struct plan_item *it, int wait)
{
	const struct plan_item *why = cause(plan, it);

	/* Whoever has ended since is nobody's success. */
	if (why == NULL && tun_victim_wait(it->victim, 0) == 1) {
		settle(it, PLAN_GONE, NULL);
		return;
	}
	switch (it->means) {
	case PLAN_SIGNAL:
		if (why != NULL)	/* it may be ending by itself */
			it->result = PLAN_SENT;
		signal_tunnel(it, it->sig);
		break;
	case PLAN_PARENT:
		signal_parent(it);
		break;
	case PLAN_COMMAND:
		if (why != NULL)
			settle(it, why->result, why->detail != NULL ?
			    tool_xstrdup(why->detail) : NULL);
		else
			run_command(it, wait);
		break;
	case PLAN_CLOSE:
		close_forward(it, plan->ctx, wait);
		break;
	case PLAN_REFUSE:
		break;
	}
}

/* --- after --------------------------------------------------------------- */

static void
wait_for_all(struct plan *plan, int64_t deadline)
{
	struct plan_item *it;
	size_t i;
	int r;

	for (i = 0; i < plan->n; i++) {
		it = &plan->items[i];
		if (it->result != PLAN_SENT)
			continue;
		r = tun_victim_wait(it->victim, tool_left(deadline));
		if (r == 1 && it->parent != NULL)
			r = tun_victim_wait(it->parent, tool_left(deadline));
		if (r == 1)
			settle(it, PLAN_ENDED, NULL);
		else if (r == -1)
			fail_errno(it, "cannot wait for it");
	}
}

static void
kill_the_rest(struct plan *plan)
{
	struct plan_item *it;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		it = &plan->items[i];
		if (it->result != PLAN_SENT)
			continue;
		if (it->parent != NULL)
			send(it->parent, SIGKILL);
		signal_tunnel(it, SIGKILL);
	}
}

static void
give_up(struct plan *plan, int wait)
{
	struct plan_item *it;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		it = &plan->items[i];
		if (it->result != PLAN_SENT)
			continue;
		if (tun_victim_wait(it->victim, 0) != 1)
			settle(it, PLAN_FAILED, tool_xasprintf("still there "
			    "after %d s", wait / 1000));
		else
			settle(it, PLAN_FAILED, tool_xasprintf("%s %ld is "
			    "still there", it->tun->parent->comm,
			    (long)it->tun->parent->pid));
	}
}

/* Helpers end by themselves when their pipes do. */
static void
end_helper(struct plan_item *it, size_t i, int escalate)
{
	struct tun_victim *v = it->helpers[i];

	if (v == NULL || tun_victim_wait(v, HELPER_MS) == 1)
		return;
	send(v, SIGTERM);
	if (tun_victim_wait(v, HELPER_MS) == 1)
		return;
	if (escalate) {
		send(v, SIGKILL);
		if (tun_victim_wait(v, HELPER_MS) == 1)
			return;
	}
	settle(it, PLAN_FAILED, tool_xasprintf("its helper %ld is still there",
	    (long)it->tun->helpers[i].pid));
}

/* "sh(4711), nc(4712)", or NULL. */
static char *
holders(struct tun_ctx *ctx, int port)
{
	struct tun_peer *peers;
	char *text = NULL;
	size_t i, n;

	if (tun_holder(ctx, port, &peers, &n) == -1)
		return NULL;
	for (i = 0; i < n; i++)
		text = cell_join(text, ", ", cell_peer(&peers[i]));
	free(peers);
	return text;
}

static void
check_port(struct plan_item *it, struct tun_ctx *ctx,
    const struct tun_addr *addr, int64_t deadline)
{
	char *text, *who;
	int r;

	while ((r = tun_is_listening(ctx, addr)) == 1 &&
	    tool_left(deadline) > 0)
		tool_nap(20);
	if (r == 0)
		return;
	text = cell_addr(addr);
	if (r == -1)
		settle(it, PLAN_FAILED, tool_xasprintf("%s: cannot see "
		    "whether it is free", text));
	else {
		who = holders(ctx, addr->port);
		settle(it, PLAN_FAILED, tool_xasprintf("%s is not free: %s "
		    "listens", text, who != NULL ? who : "something else"));
		free(who);
	}
	free(text);
}

/* In another network namespace a port is another one. */
static void
check_ports(struct plan_item *it, struct tun_ctx *ctx, int64_t deadline)
{
	const struct tun_fwd *fwd;
	size_t i, j;

	if (it->tun->why & TUN_WHY_NETNS)
		return;
	for (i = 0; i < it->tun->nfwds; i++) {
		fwd = &it->tun->fwds[i];
		for (j = 0; plan_takes(it, fwd) && j < fwd->naddrs; j++) {
			if (it->result == PLAN_ENDED)
				check_port(it, ctx, &fwd->addrs[j], deadline);
		}
	}
}

static void
remove_files(const struct plan_item *it, int quiet)
{
	size_t i;

	for (i = 0; i < it->nfiles; i++) {
		if (tun_file_remove(&it->files[i]) == 0 || errno == ENOENT ||
		    errno == ESTALE || errno == EADDRINUSE || quiet)
			continue;
		tool_warn("%s: stays: %s", it->files[i].path,
		    strerror(errno));
	}
}

static void
clean_up(struct plan *plan, const struct end_options *options,
    int64_t deadline)
{
	struct plan_item *it;
	size_t i, j;

	for (i = 0; i < plan->n; i++) {
		it = &plan->items[i];
		if (it->result != PLAN_ENDED)
			continue;
		for (j = 0; it->helpers != NULL && j < it->tun->nhelpers; j++)
			end_helper(it, j, options->kill >= 0);
		if (it->result == PLAN_ENDED)
			check_ports(it, plan->ctx, deadline);
		remove_files(it, options->quiet);
	}
}

void
end_run(struct plan *plan, const struct end_options *options)
{
	int64_t deadline;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].result == PLAN_OPEN)
			act(plan, &plan->items[i], options->wait);
	}
	signal_children(plan);
	if (options->kill >= 0) {
		wait_for_all(plan, tool_now() + options->kill);
		kill_the_rest(plan);
	}
	if (options->wait == 0)
		return;
	deadline = tool_now() + options->wait;
	wait_for_all(plan, deadline);
	give_up(plan, options->wait);
	clean_up(plan, options, deadline);
	back_watch(plan);
}
