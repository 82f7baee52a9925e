/* SPDX-License-Identifier: ISC */
/*
 * Does what a plan says, and nothing else: to processes that are held since
 * the plan was made, and until what was asked for is proven.
 */

#include <sys/types.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "plan.h"
#include "tool.h"

#define PARENT_MS	700	/* for a supervisor to take its child along */
#define HELPER_MS	1000	/* for a helper to see that its pipes are gone */
#define MUX_MS		1000	/* for a master to answer */
#define BACK_MS		1500	/* a loop that sleeps for a second is back */
#define LOOK_MS		100	/* between two looks */
#define COMMAND_MS	30000	/* for a service manager, if we wait at all */

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
pause_ms(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

static int
left_ms(int64_t deadline)
{
	int64_t left = deadline - now_ms();

	return left > 0 ? (int)left : 0;
}

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
hold(struct plan_item *it, struct tun_ctx *ctx)
{
	const struct tun *t = it->tun;
	size_t i;

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
	if (it->whole && t->nhelpers > 0) {
		it->helpers = tool_xcalloc(t->nhelpers, sizeof(*it->helpers));
		for (i = 0; i < t->nhelpers; i++)
			it->helpers[i] = tun_hold_peer(ctx, &t->helpers[i]);
	}
	find_files(it);
}

void
end_hold(struct plan *plan, struct tun_ctx *ctx)
{
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].result == PLAN_OPEN)
			hold(&plan->items[i], ctx);
	}
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

/*
 * autossh takes its ssh along, a shell does not; one that waits for its
 * child ends only after it.
 */
static void
signal_parent(struct plan_item *it)
{
	if (send(it->parent, SIGTERM) == -1 && errno != ESRCH) {
		fail_errno(it, it->tun->parent->comm);
		return;
	}
	it->result = PLAN_SENT;
	tun_victim_wait(it->parent, PARENT_MS);
	if (tun_victim_wait(it->victim, PARENT_MS) != 1)
		signal_tunnel(it, it->sig);
}

/* --- service managers ---------------------------------------------------- */

/* Their own user's manager is reached by what a login would have set. */
static int
become(const struct passwd *pw)
{
	char *dir = tool_xasprintf("/run/user/%lu", (unsigned long)pw->pw_uid);
	char *bus = tool_xasprintf("unix:path=%s/bus", dir);

	if (initgroups(pw->pw_name, pw->pw_gid) == -1 ||
	    setgid(pw->pw_gid) == -1 || setuid(pw->pw_uid) == -1 ||
	    setuid(0) != -1)
		return -1;
	return setenv("XDG_RUNTIME_DIR", dir, 1) == -1 ||
	    setenv("DBUS_SESSION_BUS_ADDRESS", bus, 1) == -1 ||
	    setenv("HOME", pw->pw_dir, 1) == -1 ||
	    setenv("USER", pw->pw_name, 1) == -1 ||
	    setenv("LOGNAME", pw->pw_name, 1) == -1 ? -1 : 0;
}

/* Does not return.  Standard output is for data. */
static void
become_command(const struct plan_item *it)
{
	const struct passwd *pw;
	int fd;

	if (it->as != geteuid() &&
	    ((pw = getpwuid(it->as)) == NULL || become(pw) == -1))
		_exit(126);
	if ((fd = open("/dev/null", O_RDONLY)) != -1)
		dup2(fd, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(it->command[0], it->command);
	_exit(127);
}

static void
run_command(struct plan_item *it, int wait)
{
	int64_t deadline = now_ms() + (wait > COMMAND_MS ? wait : COMMAND_MS);
	const char *name = it->command[0];
	int status;
	pid_t pid, r;

	fflush(stdout);
	if ((pid = fork()) == 0)
		become_command(it);
	if (pid == -1) {
		fail_errno(it, name);
		return;
	}
	while ((r = waitpid(pid, &status, WNOHANG)) == 0 &&
	    left_ms(deadline) > 0)
		pause_ms(10);
	if (r == 0)
		settle(it, PLAN_FAILED, tool_xasprintf("%s is not ready yet",
		    name));
	else if (r == -1)
		fail_errno(it, name);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		settle(it, PLAN_FAILED, tool_xasprintf("cannot run %s", name));
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 126)
		settle(it, PLAN_FAILED, tool_xasprintf("cannot become %s",
		    tool_user(it->as)));
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		settle(it, PLAN_FAILED, tool_xasprintf("%s failed", name));
	else
		settle(it, PLAN_SENT, NULL);
}

/* --- one forward --------------------------------------------------------- */

static int
same_addr(const struct tun_addr *a, const struct tun_addr *b)
{
	return a->family == b->family && a->port == b->port &&
	    memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

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
			if (same_addr(&v[i].addr, &fwd->addrs[j]))
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
	while ((r = still_listens(ctx, fwd)) == 1 && left_ms(deadline) > 0)
		pause_ms(20);
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

	if (tun_victim_wait(it->victim, 0) == 1) {
		settle(it, PLAN_GONE, NULL);
		return;
	}
	reply.text[0] = '\0';
	if (tun_close_forward(it->tun, &it->fwds[0]->spec, MUX_MS,
	    &reply) == 0)
		verify_close(it, ctx, now_ms() + wait);
	else if (errno == ESRCH)
		settle(it, PLAN_FAILED, tool_xstrdup("another master is "
		    "behind the control path now"));
	else
		settle(it, PLAN_FAILED, tool_xasprintf("the master: %s",
		    reply.text[0] != '\0' ? reply.text : strerror(errno)));
}

/* --- after --------------------------------------------------------------- */

/* Not ended in time: say so, and of a signal that it was sent. */
static void
wait_for_end(struct plan_item *it, int64_t deadline)
{
	int r = tun_victim_wait(it->victim, left_ms(deadline));

	if (r == 1)
		settle(it, PLAN_ENDED, NULL);
	else if (r == -1)
		fail_errno(it, "cannot wait for it");
}

static void
wait_for_all(struct plan *plan, int64_t deadline)
{
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].result == PLAN_SENT)
			wait_for_end(&plan->items[i], deadline);
	}
}

static void
kill_the_rest(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].result == PLAN_SENT)
			signal_tunnel(&plan->items[i], SIGKILL);
	}
}

static void
give_up(struct plan *plan, int wait)
{
	struct plan_item *it;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		it = &plan->items[i];
		if (it->result == PLAN_SENT)
			settle(it, PLAN_FAILED, tool_xasprintf("still there "
			    "after %d s", wait / 1000));
		else if (it->result == PLAN_ENDED && it->parent != NULL &&
		    tun_victim_wait(it->parent, PARENT_MS) != 1)
			settle(it, PLAN_FAILED, tool_xasprintf("%s %ld is "
			    "still there", it->tun->parent->comm,
			    (long)it->tun->parent->pid));
	}
}

/* Helpers end by themselves when their pipes do. */
static void
end_helpers(struct plan_item *it)
{
	size_t i;

	for (i = 0; it->helpers != NULL && i < it->tun->nhelpers; i++) {
		if (it->helpers[i] == NULL ||
		    tun_victim_wait(it->helpers[i], HELPER_MS) == 1)
			continue;
		send(it->helpers[i], SIGTERM);
		if (tun_victim_wait(it->helpers[i], HELPER_MS) != 1)
			settle(it, PLAN_FAILED, tool_xasprintf("its helper "
			    "%ld is still there",
			    (long)it->tun->helpers[i].pid));
	}
}

static void
check_port(struct plan_item *it, struct tun_ctx *ctx,
    const struct tun_addr *addr, int64_t deadline)
{
	char *text;
	int r;

	while ((r = tun_is_listening(ctx, addr)) == 1 &&
	    left_ms(deadline) > 0)
		pause_ms(20);
	if (r == 0)
		return;
	text = cell_addr(addr);
	settle(it, PLAN_FAILED, tool_xasprintf(r == 1 ?
	    "%s is not free: something else listens" :
	    "%s: cannot see whether it is free", text));
	free(text);
}

static void
check_ports(struct plan_item *it, struct tun_ctx *ctx, int64_t deadline)
{
	const struct tun *t = it->tun;
	size_t i, j;

	/* Another namespace's ports are not ours. */
	if (t->why & TUN_WHY_NETNS)
		return;
	for (i = 0; i < t->nfwds; i++) {
		for (j = 0; j < t->fwds[i].naddrs; j++) {
			if (it->result == PLAN_ENDED)
				check_port(it, ctx, &t->fwds[i].addrs[j],
				    deadline);
		}
	}
}

static void
remove_files(struct plan_item *it)
{
	size_t i;

	for (i = 0; i < it->nfiles; i++) {
		if (tun_file_remove(&it->files[i]) == 0 || errno == ENOENT ||
		    errno == ESTALE || errno == EADDRINUSE)
			continue;
		tool_warn("%s: stays: %s", it->files[i].path,
		    strerror(errno));
	}
}

/* --- is it back? --------------------------------------------------------- */

static int
same_process(const struct tun *a, const struct tun *b)
{
	return a->pid == b->pid &&
	    memcmp(a->ident, b->ident, sizeof(a->ident)) == 0;
}

static int
was_there(const struct tun_list *list, const struct tun *t)
{
	const struct tun *old = NULL;

	while ((old = tun_next(list, old)) != NULL) {
		if (same_process(old, t))
			return 1;
	}
	return 0;
}

static int
same_argv(const struct tun *a, const struct tun *b)
{
	size_t i;

	if (a->argv == NULL || b->argv == NULL || a->argc != b->argc)
		return 0;
	for (i = 0; i < a->argc; i++) {
		if (strcmp(a->argv[i], b->argv[i]) != 0)
			return 0;
	}
	return 1;
}

static int
same_port(const struct tun *a, const struct tun *b)
{
	const struct tun_fwd *f, *g;
	size_t i, j, k, m;

	for (i = 0; i < a->nfwds; i++) {
		f = &a->fwds[i];
		for (j = 0; j < b->nfwds; j++) {
			g = &b->fwds[j];
			for (k = 0; k < f->naddrs; k++) {
				for (m = 0; m < g->naddrs; m++) {
					if (f->addrs[k].port != 0 &&
					    same_addr(&f->addrs[k],
					    &g->addrs[m]))
						return 1;
				}
			}
		}
	}
	return 0;
}

/* Which of the plan's tunnels is t again? */
static struct plan_item *
predecessor(struct plan *plan, const struct tun *t)
{
	struct plan_item *it;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		it = &plan->items[i];
		if (it->whole && it->tun->uid == t->uid &&
		    (it->result == PLAN_ENDED || it->result == PLAN_FAILED) &&
		    (same_argv(it->tun, t) || same_port(it->tun, t)))
			return it;
	}
	return NULL;
}

static void
look_for_new(struct plan *plan, struct tun_ctx *ctx, unsigned flags)
{
	const struct tun *t = NULL;
	struct plan_item *it;
	struct tun_list *list;

	if (tun_scan(ctx, flags, &list) == -1)
		return;
	while ((t = tun_next(list, t)) != NULL) {
		if (was_there(plan->list, t) ||
		    (it = predecessor(plan, t)) == NULL)
			continue;
		settle(it, PLAN_BACK, tool_xasprintf("came back as %ld%s",
		    (long)t->pid, it->parent == NULL && t->parent != NULL ?
		    ": its parent starts it again, see --supervisor" : ""));
	}
	tun_list_free(list);
}

static int
any(const struct plan *plan, enum plan_result result)
{
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].whole && plan->items[i].result == result)
			return 1;
	}
	return 0;
}

static void
watch(struct plan *plan, struct tun_ctx *ctx)
{
	unsigned flags = TUN_SCAN_SOCKETS | TUN_SCAN_OWN;
	int64_t deadline = now_ms() + BACK_MS;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].tun->uid != geteuid())
			flags &= ~(unsigned)TUN_SCAN_OWN;
	}
	while (any(plan, PLAN_ENDED)) {
		look_for_new(plan, ctx, flags);
		if (left_ms(deadline) == 0)
			break;
		pause_ms(left_ms(deadline) < LOOK_MS ? left_ms(deadline) :
		    LOOK_MS);
	}
}

/* ------------------------------------------------------------------------- */

static void
act(struct plan_item *it, struct tun_ctx *ctx, int wait)
{
	/* Whoever has ended since is nobody's success. */
	if (tun_victim_wait(it->victim, 0) == 1) {
		settle(it, PLAN_GONE, NULL);
		return;
	}
	switch (it->means) {
	case PLAN_SIGNAL:
		signal_tunnel(it, it->sig);
		break;
	case PLAN_PARENT:
		signal_parent(it);
		break;
	case PLAN_COMMAND:
		run_command(it, wait);
		break;
	case PLAN_CLOSE:
		close_forward(it, ctx, wait);
		break;
	case PLAN_REFUSE:
		break;
	}
}

void
end_run(struct plan *plan, struct tun_ctx *ctx,
    const struct end_options *options)
{
	int64_t deadline;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].result == PLAN_OPEN)
			act(&plan->items[i], ctx, options->wait);
	}
	if (options->kill >= 0) {
		wait_for_all(plan, now_ms() + options->kill);
		kill_the_rest(plan);
	}
	if (options->wait == 0 && options->kill < 0)
		return;
	deadline = now_ms() + options->wait;
	wait_for_all(plan, deadline);
	give_up(plan, options->wait);
	for (i = 0; i < plan->n; i++) {
		if (plan->items[i].result != PLAN_ENDED)
			continue;
		if (plan->items[i].whole) {
			end_helpers(&plan->items[i]);
			check_ports(&plan->items[i], ctx, deadline);
		}
		remove_files(&plan->items[i]);
	}
	watch(plan, ctx);
}
