/* SPDX-License-Identifier: ISC */
/*
 * The origin of a tunnel, computed from facts alone.
 *
 * No kernel tells whether a parent started a process or adopted it.  Process 1
 * starts services and also adopts orphans, so a parent of 1 is evidence and
 * does not decide alone.  The first step finds out whether the parent is the
 * starter; the second step, what kind of starter or of orphan this is.
 */
#include <stdio.h>
#include <string.h>

#include "verdict.h"

/* These adopt orphans, or are process 1 on some systems. */
static const char *const reapers[] = {
	"systemd", "init", "launchd", "tini", "tini-static", "dumb-init",
	"catatonit", "docker-init", "containerd-shim",
	"containerd-shim-runc-v2", "conmon", "s6-svscan", "runit", "runsvdir",
	"openrc-init", "procd", "gnome-session-binary", NULL
};

/*
 * These run one command.  They adopt orphans as process 1; tini -s does
 * elsewhere, too.
 */
static const char *const wrappers[] = {
	"tini", "tini-static", "dumb-init", "catatonit", "docker-init", NULL
};

/* The child of one of these is the first process of a container. */
static const char *const runtimes[] = {
	"containerd-shim", "containerd-shim-runc-v2", "conmon", NULL
};

static int
parent_in(const struct facts *f, const char *const *list)
{
	return starter_in(f->parent->comm, f->parent_argv, list) != NULL;
}

/* "tini -- ssh -N host": was the parent told to run exactly this command? */
static int
is_wrapped(const struct facts *f)
{
	return f->parent_argv != NULL && f->argv != NULL &&
	    starter_ends_in(f->parent_argv, (const char *const *)f->argv);
}

static int
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), len = strlen(end);

	return n >= len && strcmp(s + n - len, end) == 0;
}

/*
 * Does more than the control group name the service?  A label of launchd counts
 * only if the system proves that launchd itself is the parent.
 */
static int
is_label(const struct whence *from)
{
	return *from->unit != '\0' && from->reparented == 0 &&
	    !ends_with(from->unit, ".scope") &&
	    !ends_with(from->unit, ".slice") &&
	    !ends_with(from->unit, ".service");
}

/* --- numbers as they are in its own PID namespace ------------------------ */

/*
 * A container looks the same from outside and from inside.  Process 1 is its
 * first process, whatever PID that has here, and a process in an outer
 * namespace is not a parent that adopts or supervises.
 */
static pid_t
own_pid(const struct facts *f)
{
	return f->from.nspid > 0 ? f->from.nspid : f->row.pid;
}

/* Is the parent in an outer namespace? */
static int
is_from_outside(const struct facts *f)
{
	return f->from.nslevel > 0 && f->parent->pid != 0 &&
	    f->parent_nspid > 0 && f->parent_nslevel < f->from.nslevel;
}

/* Was the process put into a running container, as by nsenter(1)? */
static int
has_entered(const struct facts *f)
{
	return is_from_outside(f) && own_pid(f) != 1;
}

/* Returns 0 if the process itself can see no parent. */
static pid_t
parent_pid(const struct facts *f)
{
	if (is_from_outside(f))
		return 0;
	return f->from.nslevel > 0 && f->parent_nspid > 0 ? f->parent_nspid :
	    f->row.ppid;
}

/*
 * Is the parent the service manager of a container that is seen from outside?
 */
static int
is_nested(const struct facts *f)
{
	return f->from.nslevel > 0 && parent_pid(f) == 1 &&
	    strcmp(f->parent->comm, "systemd") == 0;
}

/* A unit belongs to the service manager that is the parent. */
static int
is_service(const struct facts *f)
{
	if (is_nested(f))
		return f->from.cgroup_kind == PLAT_CGROUP_SERVICE;
	return unit_is_service(&f->from) || is_label(&f->from);
}

/* --- the parent ---------------------------------------------------------- */

/*
 * The user's service manager has a control group of its own and starts only
 * services.  Any other child of it was adopted.
 */
static int
came_from_elsewhere(const struct facts *f)
{
	return parent_pid(f) > 1 && strcmp(f->parent->comm, "systemd") == 0 &&
	    f->from.cgroup_kind != PLAT_CGROUP_UNKNOWN &&
	    f->from.cgroup_kind != PLAT_CGROUP_MANAGER && !is_service(f);
}

/*
 * Does the parent adopt orphans?  Wrappers do so as process 1; elsewhere only
 * tini does, with -s.
 */
static int
is_reaper(const struct facts *f)
{
	const char *const *argv;

	if (f->from.reaper > 0 && f->from.reaper == f->row.ppid)
		return 1;
	if (!parent_in(f, reapers))
		return 0;
	if (parent_pid(f) == 1 || !parent_in(f, wrappers))
		return 1;
	for (argv = f->parent_argv; argv != NULL && *argv != NULL; argv++)
		if (strcmp(*argv, "-s") == 0)	/* of tini */
			return 1;
	return 0;
}

static int
holds_lost_terminal(const struct facts *f)
{
	size_t i;

	if (f->row.flags & PLAT_TTYLOST)
		return 1;
	for (i = 0; i < f->nfds; i++)
		if (f->fds[i].kind == PLAT_FD_TTY &&
		    (f->fds[i].flags & PLAT_FD_DELETED))
			return 1;
	return 0;
}

/*
 * Which evidence shows whether the service has other processes?  For a service
 * of a container it cannot be known.
 */
static enum tun_why
shares_unit(const struct facts *f)
{
	if (is_label(&f->from) || (!is_nested(f) && f->group == GROUP_OWN))
		return TUN_WHY_NONE;
	return !is_nested(f) && f->group == GROUP_SHARED ? TUN_WHY_SHAREDUNIT :
	    TUN_WHY_UNITUNSEEN;
}

/*
 * Could the leader of this number be seen?  With PID namespaces, 0 stands for
 * a leader that is in one further out; on the BSDs it is one that is gone.
 */
static int
is_in_sight(const struct facts *f, pid_t leader)
{
	return leader > 0 || f->from.nspid == 0;
}

/* Collects the evidence; each item is independent of the others. */
static void
evidence(const struct facts *f, struct tun_evidence *why)
{
	const struct plat_proc *row = &f->row;

	if (row->sid == row->pid)
		evidence_add(why, TUN_WHY_LEADER);
	evidence_add(why,
	    row->tty == PLAT_NOTTY ? TUN_WHY_NOTTY : TUN_WHY_TTY);
	if (f->cmd.flags & CMD_FORK)
		evidence_add(why, TUN_WHY_FORK);
	if (f->cmd.kind == CMD_MUX || f->cmd.kind == CMD_STOPPED)
		evidence_add(why, TUN_WHY_TITLE);
	if (parent_pid(f) == 1)
		evidence_add(why, TUN_WHY_PPID1);
	if (is_reaper(f))
		evidence_add(why, TUN_WHY_REAPER);
	if (came_from_elsewhere(f))
		evidence_add(why, TUN_WHY_CGROUP);
	if (is_service(f)) {
		evidence_add(why, TUN_WHY_UNIT);
		evidence_add(why, shares_unit(f));
	}
	if (starter_restarts(f->parent->comm, f->parent_argv) != NULL)
		evidence_add(why, TUN_WHY_SUPERVISOR);
	if (holds_lost_terminal(f))
		evidence_add(why, TUN_WHY_TTYGONE);
	/*
	 * If the parent cannot be seen, its session leader may be unseen, too.
	 */
	if (f->parent->pid == 0) {
		evidence_add(why, TUN_WHY_NOPARENT);
		return;
	}
	if (f->parent->start > row->start)
		evidence_add(why, TUN_WHY_YOUNGPARENT);
	if (row->sid != row->pid && is_in_sight(f, row->sid) &&
	    !f->have_leader)
		evidence_add(why, TUN_WHY_DEADSESSION);
	if (row->pgid != row->pid && is_in_sight(f, row->pgid) &&
	    !f->have_group)
		evidence_add(why, TUN_WHY_DEADGROUP);
}

/* Are fds 0, 1 and 2 the null device? */
static int
is_silent(const struct facts *f)
{
	size_t i, n = 0;

	for (i = 0; i < f->nfds; i++)
		n += f->fds[i].fd <= 2 && f->fds[i].kind == PLAT_FD_NULL;
	return n == 3;
}

/* Does the parent adopt orphans? */
static int
is_adoptable(const struct tun_evidence *why)
{
	return tun_why_has(why, TUN_WHY_PPID1) ||
	    tun_why_has(why, TUN_WHY_REAPER);
}

/*
 * Did the tunnel leave its starter by itself?  -f in argv is not enough: until
 * the process has authenticated, it is still where it was started.  If the
 * command line cannot be read, session and terminal have to decide.
 */
static int
is_detached(const struct facts *f, const struct tun_evidence *why)
{
	if (!tun_why_has(why, TUN_WHY_LEADER) ||
	    !tun_why_has(why, TUN_WHY_NOTTY))
		return 0;
	if (tun_why_has(why, TUN_WHY_FORK) ||
	    tun_why_has(why, TUN_WHY_TITLE))
		return 1;
	if (f->cmd.kind == CMD_CUT)
		return 1; /* a title: a master that went to the background */
	/* With ControlPersist, -N goes to the background without -f. */
	if ((f->cmd.flags & CMD_PERSIST) && (f->cmd.flags & CMD_NOSESSION))
		return 1;
	return f->argv == NULL && is_adoptable(why) &&
	    !tun_why_has(why, TUN_WHY_UNIT);
}

/*
 * ssh_config can have the effect of -f and -N, too.  Then an orphan that leads
 * its session has the null device as standard input, output and error, as after
 * -f.  A remote shell that has no terminal is evidence, too, because nobody
 * starts one on purpose.
 */
static int
is_detached_by_config(const struct facts *f, const struct tun_evidence *why)
{
	if (!tun_why_has(why, TUN_WHY_LEADER) ||
	    !tun_why_has(why, TUN_WHY_NOTTY) ||
	    f->cmd.kind != CMD_SESSION || f->argv == NULL)
		return 0;
	return is_silent(f) ||
	    (f->cmd.ncommand == 0 &&
		!(f->cmd.flags & (CMD_NOSESSION | CMD_SUBSYSTEM)));
}

/*
 * Between the fork of -f and its setsid(2) an ssh does not yet lead a session.
 * If its session is dead, however, it lost its starter before that.
 */
static int
is_between(const struct facts *f, const struct tun_evidence *why)
{
	return f->cmd.flags & CMD_FORK &&
	    !tun_why_has(why, TUN_WHY_DEADSESSION);
}

/*
 * Is this the first process of a container, or the only command that this
 * process was told to run?  Then it ends together with the container.  If its
 * PID in the container is not known, the parent has to be a runtime.
 */
static int
is_container(const struct facts *f, const struct tun_evidence *why)
{
	if (!tun_why_has(why, TUN_WHY_NOTTY))
		return 0;
	if (own_pid(f) == 1)
		return 1;
	if (parent_pid(f) == 1 && f->parent->pid != 0)
		return is_wrapped(f);
	return f->from.nspid == 0 && tun_why_has(why, TUN_WHY_LEADER) &&
	    parent_in(f, runtimes);
}

/*
 * Does the service manager itself confirm it?  It puts the PID of the main
 * process into the environment, which descendants of that process inherit.
 */
static int
is_main_process(const struct facts *f)
{
	return f->from.unit_main > 0 && f->from.unit_main == own_pid(f);
}

/*
 * A child of the service manager that leads a session was started by the
 * manager, or is an orphan that made a session.  The manager may be hidden.  If
 * the service has other processes, only the PID that the manager gives can
 * tell.
 */
static int
is_run_by_manager(const struct facts *f, const struct tun_evidence *why)
{
	int init = f->parent->pid == 0 ? f->row.ppid == 1 :
	    strcmp(f->parent->comm, "systemd") == 0 ||
	    (parent_pid(f) == 1 && strcmp(f->parent->comm, "init") == 0);

	if (!tun_why_has(why, TUN_WHY_UNIT))
		return 0;
	if (is_label(&f->from) || (init && f->from.reparented == 0))
		return 1;
	if (!tun_why_has(why, TUN_WHY_LEADER))
		return 0;
	if (!init || f->from.unit_main > 0)
		return init && is_main_process(f);
	return !tun_why_has(why, TUN_WHY_SHAREDUNIT);
}

/*
 * In a container whose first process made no session, all processes share the
 * session of init.  There, a process that init starts is in init's group or
 * leads a group.  Only a shell at a terminal puts its children into the group
 * of another child.
 */
static int
in_third_group(const struct facts *f, const struct tun_evidence *why)
{
	return f->parent != NULL && tun_why_has(why, TUN_WHY_NOTTY) &&
	    f->row.pgid != f->row.pid && f->row.pgid != f->parent->pgid;
}

/* Is the parent a process other than the starter?  Proofs come first. */
static int
is_adopted(const struct facts *f, const struct tun_evidence *why)
{
	pid_t parent_sid = f->parent->pid != 0 ? f->parent->sid : 1;
	int elsewhere = f->row.sid != parent_sid;
	int init = is_adoptable(why);

	if (f->from.reparented == 1 ||
	    tun_why_has(why, TUN_WHY_YOUNGPARENT))
		return 1;
	if (f->from.reparented == 0 || is_wrapped(f) ||
	    (tun_why_has(why, TUN_WHY_UNIT) && is_main_process(f)))
		return 0;
	if (tun_why_has(why, TUN_WHY_CGROUP))
		return 1;
	if (tun_why_has(why, TUN_WHY_DEADSESSION) && elsewhere)
		return 1;
	if (tun_why_has(why, TUN_WHY_DEADGROUP) && init)
		return 1;
	if (!init || tun_why_has(why, TUN_WHY_SUPERVISOR))
		return 0;
	if (!elsewhere)
		return in_third_group(f, why) || (init &&
		    f->cmd.flags & CMD_FORK && !is_in_sight(f, f->row.sid));
	/*
	 * A process that init starts leads a session, as a service or on a
	 * terminal.
	 */
	return !tun_why_has(why, TUN_WHY_LEADER) ||
	    !(is_run_by_manager(f, why) || tun_why_has(why, TUN_WHY_TTY));
}

/*
 * A process with a terminal was started by a user of the service.  A tunnel
 * that is alone in its service is started again, however it was started.  In
 * any other case the service manager has to be the starter.
 */
static int
is_in_service(const struct facts *f, const struct tun_evidence *why,
    int adopted)
{
	if (!tun_why_has(why, TUN_WHY_UNIT) || !tun_why_has(why, TUN_WHY_NOTTY))
		return 0;
	if (!tun_why_has(why, TUN_WHY_SHAREDUNIT) &&
	    !tun_why_has(why, TUN_WHY_UNITUNSEEN))
		return 1;
	return !adopted && is_run_by_manager(f, why);
}

static int
name_supervisor(struct arena *a, struct verdict *v, const char *what, pid_t pid)
{
	struct tun *t = &v->tun;

	t->supervisor = pid == 0 ? arena_strdup(a, what) :
	    arena_printf(a, "%s %ld", what, (long)pid);
	t->supervisor_pid = pid;
	t->origin = TUN_ORIGIN_SUPERVISED;
	return t->supervisor == NULL ? -1 : 0;
}

static int
name_service(struct arena *a, const struct facts *f, struct verdict *v)
{
	const struct whence *from = &f->from;
	const char *dot = strrchr(from->unit, '.'), *manager = "launchd";
	char *s;

	/* Our service manager would stop the whole container. */
	if (is_nested(f))
		return name_supervisor(a, v, f->parent->comm, f->parent->pid);
	if (dot != NULL && strcmp(dot, ".service") == 0)
		manager = from->unit_user ? "systemd --user" : "systemd";
	if ((s = arena_printf(a, "%s %s", manager, from->unit)) == NULL)
		return -1;
	return name_supervisor(a, v, s, 0);
}

/* Names the parent that starts the tunnel again. */
static int
name_parent(struct arena *a, const struct facts *f, struct verdict *v)
{
	return name_supervisor(a, v, starter_restarts(f->parent->comm,
	    f->parent_argv), f->parent->pid);
}

static int
name_container(struct arena *a, const struct facts *f, struct verdict *v)
{
	evidence_add(&v->tun.origin_why, TUN_WHY_SUPERVISOR);
	evidence_add(&v->tun.origin_why, TUN_WHY_CONTAINER);
	if (f->parent->pid == 0)
		return name_supervisor(a, v, "container", 0);
	return name_supervisor(a, v, f->parent->comm, f->parent->pid);
}

static int
judge(struct arena *a, const struct facts *f, struct verdict *v)
{
	struct tun *t = &v->tun;
	struct tun_evidence *why = &t->origin_why;
	int adopted, detached;

	evidence(f, why);

	if (*f->from.unit != '\0')
		t->unit = f->from.unit;
	if ((detached = is_detached(f, why)))
		adopted = 1;
	else if (is_container(f, why))
		adopted = 0;
	else
		adopted = is_adopted(f, why);
	if (adopted)
		evidence_drop(why, TUN_WHY_SUPERVISOR);
	else if (f->parent->pid != 0)
		evidence_add(why, TUN_WHY_PARENT);

	if (is_in_service(f, why, adopted))
		return name_service(a, f, v);
	if (tun_why_has(why, TUN_WHY_SUPERVISOR))
		return name_parent(a, f, v);
	if (!adopted && is_container(f, why))
		return name_container(a, f, v);
	/* Only macOS can prove that launchd itself started the process. */
	if (f->from.reparented == 0 && f->row.ppid == 1 && !detached &&
	    strcmp(f->parent->comm, "launchd") == 0)
		return name_supervisor(a, v, "launchd", 0);
	if (detached ||
	    (adopted && (is_between(f, why) || is_detached_by_config(f, why))))
		t->origin = TUN_ORIGIN_BACKGROUND;
	else if (adopted)
		t->origin = TUN_ORIGIN_ABANDONED;
	else if (tun_why_has(why, TUN_WHY_TTY) ||
	    tun_why_has(why, TUN_WHY_PARENT))
		t->origin = TUN_ORIGIN_FOREGROUND;
	else
		t->origin = TUN_ORIGIN_UNKNOWN;
	return 0;
}

int
origin_judge(struct arena *a, const struct facts *f, struct verdict *v)
{
	static const struct plat_proc nobody;
	struct facts inside;

	if (!has_entered(f))
		return judge(a, f, v);
	inside = *f;
	inside.parent = &nobody;
	inside.parent_argv = NULL;
	inside.row.ppid = 0;
	return judge(a, &inside, v);
}
