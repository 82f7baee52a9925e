/* SPDX-License-Identifier: ISC */
/*
 * Carries out a plan, and nothing else, on processes that have been held since
 * the plan was made.
 */

#include <sys/types.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/out.h"
#include "common/tool.h"
#include "compat/ms.h"
#include "kill/act.h"
#include "kill/plan.h"
#include "kill/signal_names.h"
#include "libfind.h"
#include "plan.h"
#include "common/tool.h"

#define PARENT_MS	700	/* for a supervisor to end its child, too */
#define MUX_MS		1000	/* for a master to answer */
#define COMMAND_MS	30000 /* for a service manager, unless we do not wait */

/* --- before the first signal ---------------------------------------------- */

/* Files that an ssh may leave behind, if the path leads to its socket now. */
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

/*
 * If the descriptors are hidden: does any process listen at the path, by the
 * kernel's list?  A relative path would need the working directory, which is
 * hidden, too.
 */
static int
path_listens(struct tun_ctx *ctx, const struct tun *t,
    const struct tun_forward *spec)
{
	struct tun_listener v[1];
	ssize_t n;

	errno = EACCES;
	if (*spec->listen.path != '/')
		return -1;
	n = tun_listeners(ctx, t, spec, 0, v, 1);
	return n != -1 ? n > 0 : errno == EACCES ? 1 : errno == ESRCH ? 0 : -1;
}

/* Is there a file at the path that belongs to the forward itself? */
static int
has_file(struct tun_ctx *ctx, const struct tun_fwd *fwd)
{
	if (fwd->spec.listen.path == NULL || !tun_forward_is_local(&fwd->spec))
		return 0;
	/* In these states the path leads to the forward's own listener. */
	if (fwd->state == TUN_BOUND || fwd->state == TUN_UNLISTED)
		return 1;
	return tun_why_has(&fwd->tun->why, TUN_WHY_DENIED) &&
	    path_listens(ctx, fwd->tun, &fwd->spec) == 1;
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
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].result == PLAN_OPEN &&
		    plan->items[i].handle == NULL)
			hold(&plan->items[i], plan->ctx);
	}
}

/* --- processes that end together ----------------------------------------- */

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
		if (master->tun->users[i]->pid == it->tun->pid)
			return 1;
	}
	return 0;
}

/* Has something been done already that also ends this one? */
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
	else if (errno == ESRCH)
		plan_settle(it, it->result == PLAN_SENT ? PLAN_SENT : PLAN_GONE,
		    NULL);
	else
		plan_fail(it, signal_name(sig));
}

static void
signal_parent(struct plan_item *it)
{
	if (act_send(it->parent, plan_parent_signal(it)) == 0 || errno == ESRCH)
		plan_settle(it, PLAN_SENT, NULL);
	else
		plan_fail(it, it->tun->parent->comm);
}

/*
 * autossh ends its ssh, a shell does not; a shell that waits for its child ends
 * only after the child.
 */
static void
signal_children(struct plan *plan)
{
	int64_t deadline = ms_now() + PARENT_MS;
	struct plan_item *it;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		it = &plan->items[i];
		if (it->means != PLAN_PARENT || it->result != PLAN_SENT)
			continue;
		tun_handle_wait(it->parent, ms_left(deadline));
		if (tun_handle_wait(it->handle, 0) != 1)
			act_signal(it, it->sig);
	}
}

/* --- service managers ---------------------------------------------------- */

/* The last line of its output, which tool_warn() escapes. */
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
		plan_settle(it, PLAN_SENT, NULL);
	else
		plan_settle(it, PLAN_FAILED, command_failed(it->stop, said));
	free(said);
}

/* --- one forward --------------------------------------------------------- */

/*
 * The places where it listens now: the addresses of the row, or those of the
 * operand.
 */
static int
is_place(const struct plan_item *it, const struct tun_addr *addr)
{
	size_t i;

	if (it->nfwds == 0 || it->spec->listen.path != NULL)
		return 1;
	for (i = 0; i < it->fwds[0]->naddrs; i++) {
		if (plan_same_addr(addr, &it->fwds[0]->addrs[i]))
			return 1;
	}
	return 0;
}

/*
 * If the descriptors are hidden: does the user listen on that port with a
 * process that cannot be seen?
 */
static int
user_listens(struct tun_ctx *ctx, const struct plan_item *it)
{
	const struct tun_peer **peers;
	size_t i, n;
	int found = 0;

	if (it->spec->listen.path != NULL)
		return path_listens(ctx, it->tun, it->spec);
	if (tun_holder(ctx, it->spec->listen.port, &peers, &n) == -1)
		return -1;
	for (i = 0; i < n && !found; i++)
		found = peers[i]->uid == it->tun->uid &&
		    (peers[i]->pid == 0 || peers[i]->pid == it->tun->pid);
	free(peers);
	return found;
}

/* Returns -1 if that cannot be known. */
static int
still_listens(struct tun_ctx *ctx, const struct plan_item *it)
{
	const struct tun *t = it->tun;
	struct tun_listener v[64];
	ssize_t i, n;

	if (tun_why_has(&t->why, TUN_WHY_DENIED))
		return user_listens(ctx, it);
	n = tun_listeners(ctx, t, it->spec, 0, v, sizeof(v) / sizeof(v[0]));
	if (n == -1)
		return errno == ESRCH ? 0 : -1;
	for (i = 0; i < n; i++) {
		if (v[i].pid == t->pid && is_place(it, &v[i].addr))
			return 1;
	}
	return 0;
}

static int
is_remote(const struct plan_item *it)
{
	return it->spec->kind == TUN_FWD_REMOTE ||
	    it->spec->kind == TUN_FWD_RDYNAMIC;
}

/*
 * The number of listeners that the sshd of this machine has at the port of a
 * remote forward; -1 if the server may be another machine, or if they cannot be
 * seen.
 */
static int
served_here(struct tun_ctx *ctx, const struct plan_item *it)
{
	const struct tun *t = it->tun;
	const struct tun_served *s = NULL;
	struct tun_served_list *list;
	int n = 0;

	if (it->spec->listen.path != NULL || it->spec->listen.port <= 0 ||
	    t->remote.family == 0 || (!cell_is_loopback(&t->remote) &&
	    memcmp(t->remote.ip, t->local.ip, sizeof(t->remote.ip)) != 0) ||
	    tun_served(ctx, &list) == -1)
		return -1;
	while ((s = tun_served_next(list, s)) != NULL)
		n += s->listen.port == it->spec->listen.port;
	tun_served_free(list);
	return n > 0 ? n : -1;
}

/*
 * The result comes from the sockets and not from the reply; for a remote
 * forward, from the sockets of the server if it is this machine.
 */
static void
verify_close(struct plan_item *it, struct tun_ctx *ctx, int before,
    int64_t deadline)
{
	int r;

	if (is_remote(it) && before == -1) {
		plan_settle(it, PLAN_ENDED, tool_xstrdup("the server was told, "
		    "and does not confirm"));
		return;
	}
	do {
		r = is_remote(it) ? served_here(ctx, it) >= before :
		    still_listens(ctx, it);
		if (r == 1)
			ms_sleep(20);
	} while (r == 1 && ms_left(deadline) > 0);
	if (r == 0)
		plan_settle(it, PLAN_ENDED, NULL);
	else if (r == 1)
		plan_settle(it, PLAN_FAILED, tool_xstrdup(is_remote(it) ?
		    "the master said yes, and the server still listens" :
		    "the master said yes, and still listens"));
	else
		plan_fail(it, "cannot look at its sockets");
}

/*
 * The master has refused because it does not have the forward.  This is taken
 * from its reply if no row shows the forward; otherwise only if nothing listens
 * any more.
 */
static int
is_unknown_to_it(struct tun_ctx *ctx, const struct plan_item *it,
    const struct tun_mux_reply *reply, int before)
{
	if (it->word != NULL)
		return reply->text[0] != '\0';
	return strcmp(reply->text, "port not forwarded") == 0 &&
	    (is_remote(it) ? before <= 0 : still_listens(ctx, it) == 0);
}

static void
close_forward(struct plan_item *it, struct tun_ctx *ctx, int wait)
{
	struct tun_mux_reply reply;
	int before = is_remote(it) ? served_here(ctx, it) : -1;

	reply.text[0] = '\0';
	if (tun_close_forward(it->tun, it->spec, MUX_MS, &reply) == 0)
		verify_close(it, ctx, before, ms_now() + wait);
	else if (errno == ESRCH)
		plan_settle(it, PLAN_FAILED, tool_xstrdup("another master is "
		    "behind the control path now"));
	else
		plan_settle(it, is_unknown_to_it(ctx, it, &reply, before) ?
		    PLAN_GONE : PLAN_FAILED, tool_xasprintf("the master: %s",
		    reply.text[0] != '\0' ? reply.text : strerror(errno)));
}

/* --- all of them --------------------------------------------------------- */

static void
act(struct plan *plan, struct plan_item *it, int wait)
{
	const struct plan_item *why = cause(plan, it);

	/* A process that exited by itself is not reported as ended by us. */
	if (why == NULL && tun_handle_wait(it->handle, 0) == 1) {
		plan_settle(it, PLAN_GONE, NULL);
		return;
	}
	switch (it->means) {
	case PLAN_SIGNAL:
		if (why != NULL)	/* it may be about to end by itself */
			it->result = PLAN_SENT;
		act_signal(it, it->sig);
		break;
	case PLAN_PARENT:
		signal_parent(it);
		break;
	case PLAN_COMMAND:
		if (why != NULL)
			plan_settle(it, why->result, why->detail != NULL ?
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

void
act_begin(struct plan *plan, int wait)
{
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].result == PLAN_OPEN)
			act(plan, &plan->items[i], wait);
	}
	signal_children(plan);
}
