/* SPDX-License-Identifier: ISC */
/*
 * stop.c: finds what starts a tunnel again and how to prevent that: by ending
 * this process, or by a command to a service manager.  Such a command is run as
 * the user who has to give it; it gets nothing from us but its words.
 */
#include <sys/types.h>

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/array.h"
#include "verdict/verdict.h"

#define MAX_WORDS	8
#define USUAL_PATH	"/usr/bin:/bin:/usr/sbin:/sbin"
#define SAID_MAX	4096	/* bytes of a command's output */

extern char **environ;

/* The public part, and what it points to. */
struct stop {
	struct tun_stop pub;
	struct arena *a;
	const char *words[MAX_WORDS];
};

static int
starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* --- as which user -------------------------------------------------------- */

static void
set_words(struct stop *st, uid_t uid, const char *const *words)
{
	size_t i;

	for (i = 0; i < MAX_WORDS - 1 && words[i] != NULL; i++)
		st->words[i] = words[i];
	st->pub.kind = TUN_STOP_COMMAND;
	st->pub.argv = st->words;
	/* Only root can become another user. */
	st->pub.uid = geteuid() == 0 ? uid : geteuid();
}

/* --- systemd ------------------------------------------------------------- */

/* Are we in the unit that would be stopped? */
static int
is_our_unit(struct tun_ctx *ctx, const struct plat_origin *from)
{
	struct plat_origin own;
	struct plat_proc row;

	return row_read(ctx->pl, getpid(), &row) == 1 &&
	    plat_origin(ctx->pl, &row, &own) == 0 &&
	    own.unit_user == from->unit_user &&
	    strcmp(own.unit, from->unit) == 0;
}

/*
 * The process may belong to another user than the manager of its unit, and to
 * that user's own manager the name means another unit.
 */
static int
by_systemd(struct stop *st, struct tun_ctx *ctx, const struct tun *t)
{
	struct plat_origin from;
	struct plat_proc row;

	row_set(&row, t->pid, t->ident);
	if (plat_origin(ctx->pl, &row, &from) == -1 ||
	    strcmp(from.unit, t->unit) != 0)
		return 0;	/* gone, or moved */
	st->pub.self = !ctx->recorded && is_our_unit(ctx, &from);
	if (!from.unit_user) {
		set_words(st, 0, (const char *[]){ "systemctl", "stop", "--",
		    t->unit, NULL });
		return 1;
	}
	if (from.unit_owner == (uid_t)-1 ||
	    (geteuid() != 0 && from.unit_owner != geteuid()))
		return 0;
	set_words(st, from.unit_owner, (const char *[]){ "systemctl", "--user", "stop",
	    "--", t->unit, NULL });
	return 1;
}

/* --- managers of one service, and of many -------------------------------- */

/* These are given the directory of the service. */
static int
by_directory(struct stop *st, const struct tun *t)
{
	static const struct {
		const char *name, *words[2];
	} tools[] = {
		{ "runsv ", { "sv", "down" } },
		{ "s6-supervise ", { "s6-svc", "-d" } },
		{ "supervise ", { "svc", "-d" } }
	};
	size_t i;

	if (t->parent->cwd == NULL || *t->parent->cwd != '/')
		return 0;
	for (i = 0; i < NELEM(tools); i++) {
		if (!starts(t->supervisor, tools[i].name))
			continue;
		set_words(st, t->parent->uid, (const char *[]){
		    tools[i].words[0], tools[i].words[1], t->parent->cwd,
		    NULL });
		return 1;
	}
	return 0;
}

/*
 * supervisord sets a variable in the environment of its children.  The text
 * from a process of another user is not passed to a manager.
 */
static int
by_supervisord(struct stop *st, struct tun_ctx *ctx, const struct tun *t)
{
	const char *const *env, *group, *name, *url;
	struct plat_proc row;

	if (!starts(t->supervisor, "supervisord ") ||
	    t->parent->uid != t->uid)
		return 0;
	row_set(&row, t->pid, t->ident);
	env = process_env(st->a, ctx->pl, &row);
	group = process_var(env, "SUPERVISOR_GROUP_NAME");
	name = process_var(env, "SUPERVISOR_PROCESS_NAME");
	url = process_var(env, "SUPERVISOR_SERVER_URL");
	if (group == NULL || name == NULL || url == NULL)
		return 0;
	if ((name = arena_printf(st->a, "%s:%s", group, name)) == NULL)
		return -1;
	set_words(st, t->uid, (const char *[]){ "supervisorctl", "-s", url,
	    "stop", name, NULL });
	return 1;
}

/* --- containers ---------------------------------------------------------- */

#define MAX_WRAPPERS	16	/* between a tunnel and the first process */

/*
 * "tini -- entry" runs "/bin/sh -e entry", and autossh may be a script that
 * starts the real one: only the first words are others.
 */
static int
is_told_to_run(const char *comm, const char *const *argv,
    const char *const *child)
{
	int i;

	if (starter_is_wrapper(comm, argv, child))
		return 1;
	for (i = 0; i < 2 && argv != NULL && child != NULL &&
	    *child != NULL; i++)
		if (starter_ends_in(argv, ++child))
			return 1;
	return 0;
}

/*
 * The first process of its container, if all from the tunnel up to it may have
 * been told to run only the one below, and so end with it.  One that runs us,
 * too, waits for us.
 */
static int
find_container(struct stop *st, struct tun_ctx *ctx, const struct tun *t)
{
	const char *const *argv, *const *child = t->argv;
	pid_t pid = t->parent->pid;
	struct plat_origin from;
	struct plat_proc row;
	int i, r;

	for (i = 0; i < MAX_WRAPPERS && pid > 0; i++, pid = row.ppid) {
		if ((r = tun_is_ancestor(ctx, pid)) != 0)
			return r == 1 ? 0 : -1;
		if ((r = row_read(ctx->pl, pid, &row)) != 1)
			return r;
		if (plat_origin(ctx->pl, &row, &from) == -1)
			return plat_failed(errno) ? -1 : 0;
		argv = process_argv(st->a, ctx->pl, &row);
		if (!is_told_to_run(row.comm, argv, child))
			return 0;
		if (from.nspid == 1) {
			st->pub.container = arena_printf(st->a, "%s %ld",
			    row.comm, (long)pid);
			return st->pub.container == NULL ? -1 : 0;
		}
		child = argv;
	}
	return 0;
}

/* --- the verdict --------------------------------------------------------- */

/*
 * Programs that start only this process again, and that end when they are
 * signalled.
 */
static int
ends_with_parent(const struct tun *t)
{
	if (t->supervisor == NULL)
		return starter_is_script(t->parent->comm, t->parent->argv);
	return t->supervisor_pid == t->parent->pid &&
	    (starts(t->supervisor, "autossh ") ||
	    starts(t->supervisor, "shell loop ") ||
	    starts(t->supervisor, "daemon "));
}

static int
judge(struct stop *st, struct tun_ctx *ctx, const struct tun *t)
{
	int r;

	st->pub.kind = t->supervisor == NULL ? TUN_STOP_NOTHING :
	    TUN_STOP_UNKNOWN;
	/* A supervisor with a PID runs in a container. */
	if (t->unit != NULL && t->supervisor != NULL &&
	    t->supervisor_pid == 0 && starts(t->supervisor, "systemd "))
		return by_systemd(st, ctx, t);
	if (t->parent == NULL)
		return 0;
	if ((r = find_container(st, ctx, t)) == -1)
		return -1;
	if (ends_with_parent(t))
		st->pub.kind = TUN_STOP_PARENT;
	else if (t->supervisor != NULL && (r = by_directory(st, t)) == 0)
		r = by_supervisord(st, ctx, t);
	st->pub.self = st->pub.kind != TUN_STOP_NOTHING &&
	    tun_is_ancestor(ctx, t->parent->pid) != 0;
	return r;
}

struct tun_stop *
tun_stop_find(struct tun_ctx *ctx, const struct tun *t)
{
	struct stop *st;
	struct arena *a;
	int errnum;

	if ((a = arena_new()) == NULL)
		return NULL;
	if ((st = arena_alloc(a, sizeof(*st))) == NULL) {
		arena_free(a);
		return NULL;
	}
	st->a = a;
	if (judge(st, ctx, t) == -1) {
		errnum = errno;
		arena_free(a);
		errno = errnum;
		return NULL;
	}
	return &st->pub;
}

void
tun_stop_free(struct tun_stop *stop)
{
	if (stop != NULL)
		arena_free(((struct stop *)stop)->a);
}

/* --- the command --------------------------------------------------------- */

/*
 * Looks a program up as execvp(3) does, but not where another user may have put
 * it.
 */
static const char *
find_program(struct arena *a, const char *name)
{
	const char *p, *path = getenv("PATH");
	char real[PATH_MAX];
	size_t len;

	if (path == NULL)
		path = USUAL_PATH;
	for (; *path != '\0'; path += len + (path[len] == ':')) {
		len = strcspn(path, ":");
		if (*path != '/')
			continue;
		p = arena_printf(a, "%.*s/%s", (int)len, path, name);
		if (p == NULL)
			return NULL;
		if (access(p, X_OK) == 0 &&
		    run_trusts(p, geteuid(), real, sizeof(real)))
			return p;
	}
	errno = ENOENT;
	return NULL;
}

/*
 * To find a user's manager, variables are needed that a login sets and cron(8)
 * does not.  Another user must not see the rest of our environment.
 */
static const char *const *
make_env(struct arena *a, const struct passwd *pw, int other)
{
	const char **v, *path = getenv("PATH");
	size_t i, n = 0;

	for (i = 0; environ[i] != NULL; i++)
		continue;
	if ((v = arena_alloc(a, (i + 7) * sizeof(*v))) == NULL)
		return NULL;
	for (i = 0; !other && environ[i] != NULL; i++)
		v[n++] = environ[i];
	if (other) {
		v[n++] = arena_printf(a, "HOME=%s", pw->pw_dir);
		v[n++] = arena_printf(a, "LOGNAME=%s", pw->pw_name);
		v[n++] = arena_printf(a, "PATH=%s", path != NULL ? path :
		    USUAL_PATH);
		v[n++] = arena_printf(a, "USER=%s", pw->pw_name);
	}
	if (other || getenv("XDG_RUNTIME_DIR") == NULL)
		v[n++] = arena_printf(a, "XDG_RUNTIME_DIR=/run/user/%lu",
		    (unsigned long)pw->pw_uid);
	for (i = 0; i < n; i++) {
		if (v[i] == NULL)
			return NULL;
	}
	return v;
}

static int
make_job(struct arena *a, const struct tun_stop *stop, struct run_job *job)
{
	const struct passwd *pw = user_find(a, stop->uid);

	memset(job, 0, sizeof(*job));
	if (pw == NULL || (geteuid() != 0 && stop->uid != geteuid())) {
		errno = EPERM;
		return -1;
	}
	job->argv = stop->argv;
	job->cwd = "/";
	job->errors = 1;
	if (run_as(a, pw, job) == -1)
		return -1;
	job->path = find_program(a, stop->argv[0]);
	if (job->path == NULL)
		return -1;
	job->env = make_env(a, pw, job->become);
	return job->env == NULL ? -1 : 0;
}

int
tun_stop_run(const struct tun_stop *stop, int ms, char **saidp)
{
	struct run_job job;
	struct arena *a;
	int error;

	*saidp = NULL;
	if (stop->kind != TUN_STOP_COMMAND) {
		errno = EINVAL;
		return -1;
	}
	if ((a = arena_new()) == NULL)
		return -1;
	if (make_job(a, stop, &job) == -1 || run_jobs(&job, 1, ms) == -1) {
		error = errno;
		job.out = NULL;
	} else
		error = job.error;
	if (job.out != NULL && job.len > SAID_MAX)
		job.out[SAID_MAX] = '\0';
	if (error != 0)
		*saidp = job.out;
	else
		free(job.out);
	arena_free(a);
	errno = error;
	return error != 0 ? -1 : 0;
}
