/* SPDX-License-Identifier: ISC */
/*
 * scan.c: one scan of the process table.
 *
 * A scan walks all processes once by name, then reads the few that are an ssh,
 * in batches while the platform pins them. This gives facts and links; the
 * files of sockets/ and verdict/ derive the verdicts from them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/resolve.h"
#include "verdict/verdict.h"

#define CONNECTIONS	(TUN_SCAN_SOCKETS | TUN_SCAN_INFO)

static int
add_named(struct scan *s, const struct plat_name *np)
{
	struct facts *f;

	if (scan_knows(s, np->pid))
		return 0;
	if ((f = scan_add(s)) == NULL)
		return -1;
	f->row.pid = np->pid;
	f->byexe = np->via == PLAT_VIA_EXE;
	return 0;
}

/* Adds the processes that the caller says are an ssh, whatever their names. */
static int
add_taken(struct scan *s)
{
	struct facts *f;
	size_t i, k, named = s->nfacts;

	for (i = 0; i < s->ctx->ntaken; i++) {
		for (k = 0; k < named; k++)
			if (s->facts[k]->row.pid == s->ctx->taken[i].pid)
				break;
		if (k < named)
			continue;
		if ((f = scan_add(s)) == NULL)
			return -1;
		f->row.pid = s->ctx->taken[i].pid;
		f->taken = &s->ctx->taken[i];
	}
	return 0;
}

static int
walk(struct scan *s)
{
	int is_server = (s->flags & TUN_SCAN_SERVER) != 0;
	struct plat_name name;
	unsigned flags = 0;
	int r;

	if (s->flags & TUN_SCAN_OWN)
		flags |= PLAT_SCAN_OWN;
	/* The signal mask of an sshd says nothing of its phase. */
	if (is_server)
		flags |= PLAT_SCAN_BRIEF;
	if (plat_scan(s->ctx->pl, flags) == -1)
		return -1;
	while ((r = plat_next(s->ctx->pl, &name)) == 1)
		if ((is_server ? sshd_is_name(name.name) &&
		    sshd_may_be_session(s, &name) :
		    ctx_is_ssh(s->ctx, name.name)) &&
		    add_named(s, &name) == -1)
			return -1;
	return r == -1 || is_server ? r : add_taken(s);
}

static int
read_new(struct scan *s, struct facts *f)
{
	if (f->known)
		return f->row.pid != 0;
	return s->flags & TUN_SCAN_SERVER ? sshd_session_read(s, f) :
	    facts_read(s, f);
}

/*
 * ssh -f continues in a child, whose PID may be behind the position of the
 * walk. So if a candidate vanished between its name and its row, walk once more
 * for those that are new, but only once: another user's zombie looks the same
 * each time.
 */
static int
read_all(struct scan *s)
{
	if (walk(s) == -1 || scan_each_pinned(s, read_new) == -1)
		return -1;
	if (!s->vanished)
		return 0;
	scan_know(s);
	if (walk(s) == -1 || scan_each_pinned(s, read_new) == -1)
		return -1;
	s->vanished = 0;
	return 0;
}

/*
 * Reads descriptors later, when jump helpers need them to find their tunnel,
 * of those that were not read for the origin.
 */
static int
look_at_fds(struct scan *s, struct facts *f)
{
	if (f->row.pid == 0) {
		s->vanished = 1;
		return 0;
	}
	if (f->fds != NULL)
		return 1;
	return scan_read_fds(s, f) == -1 ? -1 : 1;
}

/* --- what becomes public ------------------------------------------------- */

/*
 * Why it may have a label that is not known; NONE: it has none. A title
 * overwrites argv and, on some systems, the environment.
 */
static enum tun_why
label_why(const struct scan *s, const struct cand *c)
{
	if (c->facts->cmd.label != NULL || !(s->flags & TUN_SCAN_ENV) ||
	    c->facts->cmd.kind == CMD_SERVED)
		return TUN_WHY_NONE;
	if (c->facts->cmd.kind == CMD_MUX ||
	    c->facts->cmd.kind == CMD_STOPPED || c->facts->cmd.kind == CMD_CUT)
		return c->facts->argv_errno ? TUN_WHY_NOENV : TUN_WHY_ARGVLOST;
	return c->facts->env == NULL ? TUN_WHY_NOENV : TUN_WHY_NONE;
}

static void
publish_process(struct tun *t, const struct facts *f)
{
	t->pid = f->row.pid;
	t->ppid = f->row.ppid;
	t->pgid = f->row.pgid;
	t->sid = f->row.sid;
	t->uid = f->row.uid;
	t->start = f->row.start / 1000000;
	t->ident[0] = f->row.ident[0];
	t->ident[1] = f->row.ident[1];
	t->argv = (const char *const *)f->argv;
	t->argc = f->argc;
	t->exe = f->exe;
	t->cwd = f->cwd;
	t->cwd_gone = f->oldcwd;
	t->netns = f->from.netns;
}

/* Is it known as a path, without ssh_config? */
static int
is_plain_path(const char *path)
{
	return strchr(path, '%') == NULL && strstr(path, "${") == NULL &&
	    *path != '~';
}

/*
 * -M alone proves no master: if the control path was in use, it is none. The
 * kernel's name replaces a path with tokens.
 */
static void
publish_master(struct tun *t, const struct cmdline *cmd)
{
	if (cmd->kind == CMD_MUX || cmd->kind == CMD_STOPPED ||
	    (cmd->flags & CMD_MASTER && cmd->ctlpath != NULL))
		t->master = 1;
	if (cmd->ctlpath != NULL && is_plain_path(cmd->ctlpath))
		t->ctlpath = cmd->ctlpath;
	t->ctl = t->master == 1 ? TUN_CTL_UNKNOWN : TUN_CTL_NONE;
}

/* What was not read, or may be read in another way. */
static void
publish_doubts(struct tun *t, const struct facts *f)
{
	switch (f->cmd.kind) {
	case CMD_MUX:
	case CMD_STOPPED:
		evidence_add(&t->why, TUN_WHY_ARGVLOST);
		break;
	case CMD_CUT:
		evidence_add(&t->why, f->argv_errno ? TUN_WHY_DENIED :
		    TUN_WHY_ARGVLOST);
		break;
	case CMD_BAD:
		evidence_add(&t->why, TUN_WHY_UNPARSED);
		break;
	default:
		break;
	}
	if (f->cmd.flags & CMD_UNKNOWN)
		evidence_add(&t->why, TUN_WHY_UNPARSED);
	if (f->from.netns == 0)
		evidence_add(&t->why, TUN_WHY_NETNS);
	if (!f->byexe)
		evidence_add(&t->why, TUN_WHY_UNVERIFIED);
	if (f->oldexe)
		evidence_add(&t->why, TUN_WHY_OLDEXE);
	evidence_add(&t->why, f->config_why);
	if (f->config != NULL && f->config->flags & CMD_FORK &&
	    !(f->cmd.flags & CMD_FORK))
		evidence_add(&t->why, TUN_WHY_CONFIGFORK);
}

static void
publish(const struct scan *s, struct cand *c)
{
	const struct facts *f = c->facts;
	struct tun *t = &c->verdict.tun;

	tunnel_init(t);
	t->internal = c;
	publish_process(t, f);
	t->dest = f->cmd.dest;
	t->user = f->cmd.user;
	t->host = f->cmd.host;
	t->port = f->cmd.port;
	t->label = f->cmd.label;
	evidence_add(&t->label_why, label_why(s, c));
	publish_master(t, &f->cmd);
	publish_doubts(t, f);
	if (f->told == NULL)
		return;
	t->started = f->told->command;
	if (f->told->named)
		evidence_add(&t->why, TUN_WHY_JOURNAL);
	if (f->told->others)
		evidence_add(&t->why, TUN_WHY_JOURNALOLD);
}

/*
 * The device of -w as ssh names it. For "any" only the kernel knows the unit;
 * it is found by the descriptors.
 */
static int
publish_device(struct scan *s, const struct cmdline *cmd, struct tun_fwd *fwd)
{
	const char *unit = fwd->spec.listen.host;

	if (fwd->spec.kind != TUN_FWD_DEVICE)
		return 0;
	fwd->ethernet = (cmd->flags & CMD_ETHERNET) != 0;
	if (unit == NULL || strcmp(unit, "any") == 0)
		return 0;
	fwd->device = arena_printf(s->a, "%s%s",
	    fwd->ethernet ? "tap" : "tun", unit);
	return fwd->device == NULL ? -1 : 0;
}

static int
publish_forwards(struct scan *s, struct cand *c)
{
	const struct cmdline *cmd = &c->facts->cmd;
	struct tun_fwd *fwd;
	size_t i;

	if (cmd->nfwds == 0)
		return 0;
	fwd = arena_alloc(s->a, cmd->nfwds * sizeof(*fwd));
	if (fwd == NULL)
		return -1;
	c->verdict.fwds = fwd;
	c->verdict.tun.nfwds = cmd->nfwds;
	for (i = 0; i < cmd->nfwds; i++, fwd++) {
		fwd_init(fwd, &c->verdict.tun, i < cmd->nfwds - cmd->nconfig ?
		    TUN_SRC_ARGV : TUN_SRC_CONFIG);
		fwd->spec = cmd->fwds[i];
		if (i < cmd->nmonitor)
			evidence_add(&fwd->why, TUN_WHY_MONITOR);
		if (publish_device(s, cmd, fwd) == -1)
			return -1;
	}
	return 0;
}

static int
runs_command(const struct facts *f)
{
	return f->cmd.ncommand > 0 ||
	    f->cmd.flags & (CMD_SUBSYSTEM | CMD_COMMAND) ||
	    (f->config != NULL &&
		f->config->flags & (CMD_SUBSYSTEM | CMD_COMMAND));
}

/*
 * Since OpenSSH 9.4 a mux client with -f goes to the background together with
 * the command that it runs. Its forwards belong to the master and stay there
 * when the client ends.
 */
static int
is_client_in_background(const struct cand *c)
{
	const struct facts *f = c->facts;

	if (c->verdict.tun.origin != TUN_ORIGIN_BACKGROUND ||
	    f->cmd.kind != CMD_SESSION)
		return 0;
	if (c->links.master != NULL)
		return 1;
	/*
	 * A process with a connection of its own is no client, whatever it
	 * catches.
	 */
	return f->byexe && health_is_client(&f->row) &&
	    c->links.transport_key == 0;
}

/* Does it listen where its argv says? */
static int
listens_as_asked(const struct cand *c)
{
	size_t i;

	for (i = 0; i < c->verdict.tun.nfwds; i++)
		if (c->verdict.fwds[i].source == TUN_SRC_ARGV &&
		    c->verdict.fwds[i].naddrs > 0)
			return 1;
	return 0;
}

/*
 * Is a process without an ssh's name a client of ssh? Its argv alone proves
 * nothing, because that of a wrapper can look like an ssh's.
 */
static int
is_proven(const struct scan *s, const struct cand *c)
{
	const struct cmdline *cmd = &c->facts->cmd;
	const char *host = s->ctx->taken_host;

	if (cmd->kind != CMD_SESSION)
		return c->links.ctlsock != NULL;
	if (listens_as_asked(c))
		return 1;
	if (c->links.transport_key == 0 && !c->links.piped &&
	    c->links.master == NULL)
		return 0;
	if (host != NULL)
		return cmd->host != NULL && strcmp(cmd->host, host) == 0;
	return cmd->nfwds > 0 || cmd->flags & CMD_NOSESSION;
}

/*
 * Can this be a tunnel? It is one if it listens or is asked to forward. A
 * master is one, too, and so is a client in the background that runs no
 * command, because it can have no other purpose, whatever ssh_config says.
 */
static int
is_tunnel(const struct scan *s, const struct cand *c)
{
	if (c->facts->taken != NULL && !is_proven(s, c))
		return 0;
	if (c->facts->cmd.kind == CMD_OTHER)
		return 0;
	/*
	 * A helper with -W has no forwards; a helper that runs a command may
	 * have.
	 */
	if (c->links.helped != NULL &&
	    (facts_is_jump_helper(c->facts) || c->verdict.tun.nfwds == 0))
		return 0;
	/*
	 * A -W helper with unreadable pipes is still the helper of some tunnel.
	 */
	if (facts_is_jump_helper(c->facts) && c->facts->fds == NULL)
		return 0;
	if (is_client_in_background(c))
		return 0;
	if (c->verdict.tun.nfwds > 0 || c->verdict.tun.master == 1)
		return 1;
	if (c->links.master != NULL || runs_command(c->facts))
		return 0;
	if (c->facts->config != NULL && c->facts->config->flags & CMD_NOSESSION)
		return 1;
	return c->facts->cmd.flags & CMD_NOSESSION ||
	    (c->facts->row.sid == c->facts->row.pid &&
		c->facts->row.tty == PLAT_NOTTY);
}

/*
 * Can only its connections show that it is a client of a master, and no tunnel?
 * One that was there before its master catches SIGCHLD as any ssh does.
 */
static int
may_be_client(const struct cand *c)
{
	if (!c->verdict.listed || c->facts->cmd.kind != CMD_SESSION)
		return 0;
	return c->verdict.tun.nfwds == 0 ||
	    (c->verdict.tun.origin == TUN_ORIGIN_BACKGROUND &&
	    !(c->facts->cmd.flags & CMD_NOSESSION));
}

/* Is there no ssh_config at all that could add options? */
static int
is_without_config(const struct facts *f)
{
	return f->cmd.configfile != NULL &&
	    (strcmp(f->cmd.configfile, "none") == 0 ||
	    strcmp(f->cmd.configfile, "/dev/null") == 0);
}

/*
 * Can a shell get input from it? After -f, -n and ControlPersist, descriptor 0
 * is the null device.
 */
static int
has_input(const struct facts *f)
{
	size_t i;

	if (f->fds == NULL)
		return -1;
	for (i = 0; i < f->nfds; i++)
		if (f->fds[i].fd == 0)
			return f->fds[i].kind != PLAT_FD_NULL;
	return 0;
}

/*
 * Does it run a shell or a command? A client that went to the background cannot
 * have an interactive shell, so -N or a RemoteCommand is in its ssh_config. The
 * sessions of a [mux] master belong to its clients; a master that was told to
 * stop may have clients that can no longer be found.
 */
static int
session_of(const struct cand *c)
{
	const struct facts *f = c->facts;

	if (f->cmd.kind == CMD_CUT || f->cmd.kind == CMD_STOPPED)
		return -1;
	if (f->cmd.kind == CMD_MUX)
		return 0;
	if (f->cmd.flags & CMD_NOSESSION || facts_is_jump_helper(f) ||
	    (f->config != NULL && f->config->flags & CMD_NOSESSION))
		return 0;
	if (runs_command(f) || f->row.tty != PLAT_NOTTY ||
	    c->verdict.tun.origin == TUN_ORIGIN_FOREGROUND)
		return 1;
	if (f->cmd.kind != CMD_SESSION)
		return -1;
	return f->config != NULL || is_without_config(f) ? has_input(f) : -1;
}

/* The tunnel whose jump helper it is, or itself. */
static struct cand *
whole_of(struct cand *c)
{
	size_t i;

	for (i = 0; c->links.helped != NULL && i < MAX_CHAIN; i++)
		c = c->links.helped;
	return c;
}

static int
add_user(struct scan *s, struct verdict *v, const struct cand *c)
{
	size_t n = v->tun.nusers;

	v->users = arena_push(s->a, v->users, n, sizeof(*v->users));
	if (v->users == NULL || (v->users[n] = cand_peer(s->a, c)) == NULL)
		return -1;
	v->tun.users = v->users;
	v->tun.nusers++;
	return 0;
}

/*
 * A tunnel that uses a master ends with it, and so with each ssh whose jump
 * helper the master is: that takes its helper along.
 */
static int
add_master_user(struct scan *s, struct cand *master, struct cand *user)
{
	const struct tun **carrier = &user->verdict.tun.carrier;
	struct cand *c;
	size_t i;

	for (c = master, i = 0; c != NULL && c != user && i < MAX_CHAIN;
	    c = c->links.helped, i++) {
		if (*carrier == NULL && is_tunnel(s, c))
			*carrier = &c->verdict.tun;
		if (add_user(s, &c->verdict, user) == -1)
			return -1;
	}
	return 0;
}

/*
 * Publishes the ssh processes that use another one: clients of a master, those
 * whose helper is such a client, and those whose helper is a tunnel itself.
 */
static int
publish_users(struct scan *s)
{
	struct cand *c, *whole;
	size_t i;

	for (i = 0; i < s->n; i++) {
		c = s->cands[i];
		whole = whole_of(c);
		if (add_master_user(s, c->links.master, whole) == -1)
			return -1;
		if (whole != c && is_tunnel(s, c) &&
		    add_user(s, &c->verdict, whole) == -1)
			return -1;
	}
	return 0;
}

static int
judge(struct scan *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		struct cand *c = s->cands[i];

		publish(s, c);
		if (publish_forwards(s, c) == -1 ||
		    origin_judge(s->a, c->facts, &c->verdict) == -1 ||
		    ancestry_publish(s, c->facts, &c->verdict) == -1)
			return -1;
		c->verdict.tun.session = session_of(c);
	}
	return 0;
}

/* Were its sockets read, and may one of them lead to an unknown master? */
static int
any_blind_client(const struct scan *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->cands[i]->links.seen &&
		    s->cands[i]->links.mastered == LINK_UNKNOWN)
			return 1;
	return 0;
}

static int
notes(struct scan *s)
{
	unsigned gaps = plat_gaps(s->ctx->pl);

	if (gaps & PLAT_GAP_HIDDEN && !(s->flags & TUN_SCAN_OWN) &&
	    list_note(s->list, "processes of other users are hidden") == -1)
		return -1;
	if (gaps & PLAT_GAP_PIDNS &&
	    list_note(s->list, "the process table is another PID "
	    "namespace's") == -1)
		return -1;
	if (gaps & PLAT_GAP_NETLINK && any_blind_client(s) &&
	    list_note(s->list, "netlink is not available: which clients use "
	    "which master is not known") == -1)
		return -1;
	if (gaps & PLAT_GAP_SOCKETS &&
	    list_note(s->list, "some sockets could not be read") == -1)
		return -1;
	/* sshd_infer() has said so. */
	if (s->denied > 0 && !(s->flags & TUN_SCAN_SERVER) &&
	    list_note(s->list, "descriptors of some processes are not readable: "
	    "their sockets are unknown") == -1)
		return -1;
	return 0;
}

static int
fill_list(struct scan *s)
{
	struct verdict *v;
	size_t i;

	for (i = 0; i < s->n; i++) {
		v = &s->cands[i]->verdict;
		if (v->listed && (verdict_show_forwards(s->a, v) == -1 ||
		    list_add(s->list, &v->tun) == -1))
			return -1;
	}
	list_sort(s->list);
	return 0;
}

static void
drop_fds(struct scan *s)
{
	size_t i;

	for (i = 0; i < s->nfacts; i++) {
		free(s->facts[i]->fds);
		s->facts[i]->fds = NULL;
	}
}

static int
any_jump_helper(const struct scan *s)
{
	size_t i;

	for (i = 0; i < s->nfacts; i++)
		if (facts_is_jump_helper(s->facts[i]))
			return 1;
	return 0;
}

/* From here on facts are only read, except for those of helpers. */
static int
link_all(struct scan *s)
{
	size_t i;

	for (i = 0; i < s->nfacts; i++)
		if (scan_link(s, s->facts[i]) == NULL)
			return -1;
	scan_sort(s);
	return 0;
}

/* Sessions of sshd have no helpers, no masters and nobody who restarts them. */
static int
scan_sessions(struct scan *s)
{
	struct cand *c;
	size_t i, seen;

	if (read_all(s) == -1 || link_all(s) == -1)
		return -1;
	for (i = 0; i < s->n; i++)
		publish(s, s->cands[i]);
	if (sockets_look(s, health_judge) == -1)
		return -1;
	seen = s->n;
	if (sshd_infer(s) == -1)
		return -1;
	for (i = 0; i < s->n; i++) {
		c = s->cands[i];
		if (i >= seen) {
			publish(s, c);
			c->verdict.tun.state = c->verdict.tun.link =
			    TUN_HIDDEN;
		}
		if (sshd_name_client(s, i) == -1)
			return -1;
		c->verdict.listed |= c->verdict.tun.nfwds > 0;
	}
	if (ident_assign(s->a, s->cands, s->n) == -1 || notes(s) == -1)
		return -1;
	return fill_list(s);
}

static int
scan_once(struct scan *s)
{
	size_t i;

	if (read_all(s) == -1)
		return -1;
	if (any_jump_helper(s) && !(s->flags & TUN_SCAN_SOCKETS) &&
	    scan_each_pinned(s, look_at_fds) == -1)
		return -1;
	if (s->flags & TUN_SCAN_CONFIG && config_resolve(s) == -1)
		return -1;
	if (facts_recall(s) == -1 || link_all(s) == -1 ||
	    jump_helpers_fold(s) == -1)
		return -1;
	if (s->flags & TUN_SCAN_INFO && proxies_find(s) == -1)
		return -1;
	if (ancestry_read(s) == -1)
		return -1;
	for (i = 0; i < s->nfacts; i++)
		ancestry_set(s, s->facts[i]);
	if (groups_look(s) == -1)
		return -1;
	if (judge(s) == -1)
		return -1;
	if (sockets_look(s, health_judge) == -1 || publish_users(s) == -1)
		return -1;
	clients_name_masters(s);
	for (i = 0; i < s->n; i++) {
		if (jump_helpers_publish(s, s->cands[i]) == -1 ||
		    jumps_publish(s, s->cands[i]) == -1)
			return -1;
		s->cands[i]->verdict.listed = is_tunnel(s, s->cands[i]);
		s->unclear |= (s->flags & CONNECTIONS) != CONNECTIONS &&
		    may_be_client(s->cands[i]);
	}
	if (devices_look(s) == -1 ||
	    ident_assign(s->a, s->cands, s->n) == -1 || notes(s) == -1)
		return -1;
	return fill_list(s);
}

int
tun_scan(struct tun_ctx *ctx, unsigned flags, struct tun_list **listp)
{
	struct tun_list *list;
	struct scan s;
	int again = 0, r, saved;

	/* What ssh_config claims must be compared with the sockets. */
	if (flags & TUN_SCAN_CONFIG)
		flags |= TUN_SCAN_SOCKETS;
	/* The connection to the client shows that it is a session. */
	if (flags & TUN_SCAN_SERVER)
		flags |= CONNECTIONS;
	/* A file system that did not answer in the last scan may answer now. */
	resolve_end(ctx->rs);
	/* If a candidate vanished after it was read, all is read once more. */
	for (;;) {
		memset(&s, 0, sizeof(s));
		s.ctx = ctx;
		s.flags = flags;
		if ((list = list_new()) == NULL)
			return -1;
		list->when = plat_now(ctx->pl) / 1000000;
		s.list = list;
		s.a = list->arena;
		(void)plat_failure(ctx->pl);
		r = flags & TUN_SCAN_SERVER ? scan_sessions(&s) :
		    scan_once(&s);
		saved = errno;
		/*
		 * Something that could not be read for lack of descriptors or
		 * memory would look as if it did not exist.
		 */
		if (r == 0 && (saved = plat_failure(ctx->pl)) != 0)
			r = -1;
		drop_fds(&s);
		free(s.facts);
		free(s.cands);
		if (r == 0 && !s.unclear && (!s.vanished || again++ > 0))
			break;
		if (s.unclear)
			flags |= CONNECTIONS;
		tun_list_free(list);
		if (r == -1) {
			errno = saved;
			return -1;
		}
	}
	*listp = list;
	return 0;
}
