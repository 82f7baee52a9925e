/* SPDX-License-Identifier: ISC */
/*
 * facts.c: what is read of one candidate while the platform pins its process.
 */
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "compat/base_name.h"
#include "process.h"

/* The path of the executable, in the arena, or NULL if it is not readable. */
const char *
scan_exe(struct scan *s, const struct plat_proc *row, int *gone)
{
	char buf[4096];
	ssize_t n;

	n = plat_where(s->ctx->pl, row, PLAT_EXE, buf, sizeof(buf), gone);
	return n > 0 ? arena_strndup(s->a, buf, (size_t)n) : NULL;
}

/*
 * Paths relative to a removed directory lead nowhere. The mark at the end of
 * the name keeps it so when a new directory gets the same name.
 */
const char *
scan_cwd(struct scan *s, const struct plat_proc *row, int *gone)
{
	char buf[4096];
	ssize_t n;

	n = plat_where(s->ctx->pl, row, PLAT_CWD, buf, sizeof(buf), gone);
	if (n <= 0)
		return NULL;
	return *gone ? arena_printf(s->a, "%s" CWD_GONE, buf) :
	    arena_strndup(s->a, buf, (size_t)n);
}

static int
words_hold(const struct facts *f, const char *needle)
{
	size_t i;

	for (i = 0; i < f->argc; i++)
		if (strstr(f->argv[i], needle) != NULL)
			return 1;
	return 0;
}

static const char *const *
words_of(struct arena *a, char *buf, size_t len)
{
	const char **v;
	size_t n;

	if (cmdline_split_env(a, buf, len, &v, &n) == -1)
		v = NULL;
	free(buf);
	return (const char *const *)v;
}

const char *const *
process_argv(struct arena *a, struct plat *pl, const struct plat_proc *row)
{
	char *buf;
	size_t len;

	return plat_args(pl, row, &buf, &len) == -1 ? NULL :
	    words_of(a, buf, len);
}

const char *const *
process_env(struct arena *a, struct plat *pl, const struct plat_proc *row)
{
	char *buf;
	size_t len;

	return plat_env(pl, row, &buf, &len) == -1 ? NULL :
	    words_of(a, buf, len);
}

int
fds_have(const struct plat_fd *fds, size_t n, enum plat_fdkind kind,
    uint64_t key)
{
	size_t i;

	for (i = 0; key != 0 && i < n; i++)
		if (fds[i].kind == kind && fds[i].key == key)
			return 1;
	return 0;
}

const char *
process_var(const char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (; env != NULL && *env != NULL; env++)
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			return *env + len + 1;
	return NULL;
}

/* A title starts with the name of its program, and that may be any name. */
static int
set_names(struct scan *s, const struct facts *f, struct expand *x)
{
	const char **names;
	char *name;

	x->names = (const char *const *)s->ctx->ssh_names;
	if (f->taken == NULL || f->argc == 0)
		return 0;
	if ((names = arena_alloc(s->a, 2 * sizeof(*names))) == NULL ||
	    (name = arena_strdup(s->a, f->argv[0])) == NULL)
		return -1;
	name[strcspn(name, ":")] = '\0';
	names[0] = name;
	x->names = names;
	return 0;
}

/* Where a dbclient has its own pipe, unless its starter left it so many. */
#define OWN_PIPE_MAX	64

/* Of how many pipes has it both ends? */
static int
count_own_pipes(const struct facts *f)
{
	size_t i, k;
	int n = 0;

	for (i = 0; i < f->nfds && f->fds[i].fd < OWN_PIPE_MAX; i++)
		for (k = 0; k < i; k++)
			n += f->fds[i].kind == PLAT_FD_PIPE &&
			    f->fds[k].kind == PLAT_FD_PIPE &&
			    f->fds[i].key == f->fds[k].key &&
			    f->fds[k].fd > 2;
	return n;
}

/* OpenSSH catches SIGCHLD once it is connected, and a mux client SIGWINCH. */
int
facts_catches_nothing(const struct facts *f)
{
	return f->row.masks && !(f->row.sigcgt &
	    (1ULL << (SIGCHLD - 1) | 1ULL << (SIGWINCH - 1)));
}

/*
 * By what program it is read.  A copy of dbclient may be called ssh: it never
 * catches SIGCHLD, and holds both ends of one pipe.  An OpenSSH holds none, or
 * two with proxychains4(1), whose library is loaded into it.
 */
static const char *
program_of(const struct facts *f, const struct expand *x)
{
	const char *name = f->exe != NULL ? f->exe : f->row.comm;

	return facts_catches_nothing(f) && count_own_pipes(f) == 1 &&
	    cmdline_is_ssh(name, x->names) ? "dbclient" : name;
}

/*
 * The values of ${NAME}, %d, %u and %i as ssh expands them. Tokens that depend
 * on ssh_config stay unknown: argv does not tell the final host or port.
 */
static int
expansions(struct scan *s, const struct facts *f, const char *const *env,
    struct expand *x)
{
	const struct passwd *pw;

	memset(x, 0, sizeof(*x));
	x->env = env;
	if (set_names(s, f, x) == -1)
		return -1;
	x->program = program_of(f, x);
	x->unsure = f->exe == NULL && facts_catches_nothing(f);
	if (!words_hold(f, "%"))
		return 0;
	if ((x->uid = arena_printf(s->a, "%lu",
	    (unsigned long)f->row.ruid)) == NULL)
		return -1;
	pw = user_find(s->a, f->row.ruid);
	if (pw == NULL && plat_failed(errno))
		return -1;
	if (pw != NULL &&
	    ((x->home = arena_strdup(s->a, pw->pw_dir)) == NULL ||
	    (x->local_user = arena_strdup(s->a, pw->pw_name)) == NULL))
		return -1;
	return 0;
}

/*
 * The dynamic loader may have been told to run an ssh: then the words begin with
 * its own.
 */
static size_t
loader_words(const struct scan *s, const struct facts *f)
{
	const char *const *argv = (const char *const *)f->argv;
	const char *name = f->argc > 0 ? base_name(argv[0]) : "";
	size_t n;

	if (strncmp(name, "ld", 2) != 0 || strstr(name, ".so") == NULL)
		return 0;
	n = 1 + ctx_find_ssh(s->ctx, argv + 1, f->argc - 1);
	return n < f->argc ? n : 0;
}

static int
read_argv(struct scan *s, struct facts *f)
{
	const char *const *env = NULL;
	struct expand x;
	char *buf;
	size_t len, skip;
	int r;

	if (plat_args(s->ctx->pl, &f->row, &buf, &len) == -1) {
		f->argv_errno = errno;
		f->cmd.kind = CMD_CUT;
		f->cmd.port = -1;
		return plat_failed(errno) ? -1 : 0;
	}
	r = cmdline_split(s->a, buf, len, &f->argv, &f->argc);
	free(buf);
	if (r == -1)
		return -1;
	if (s->flags & (TUN_SCAN_ENV | TUN_SCAN_CONFIG) || words_hold(f, "${"))
		env = f->env = process_env(s->a, s->ctx->pl, &f->row);
	skip = loader_words(s, f);
	if (expansions(s, f, env, &x) == -1 || cmdline_parse(s->a,
	    (const char *const *)f->argv + skip, f->argc - skip, &x,
	    &f->cmd) == -1)
		return -1;
	if (f->cmd.label == NULL)
		f->cmd.label = process_var(env, "TUN_LABEL");
	return 0;
}

int
scan_read_fds(struct scan *s, struct facts *f)
{
	if (f->fds != NULL || f->fds_errno != 0)
		return 0;
	if (plat_fds(s->ctx->pl, &f->row, &f->fds, &f->nfds, &f->fdlimit) == 0)
		return 0;
	f->fds = NULL;
	f->fds_errno = errno;
	return plat_failed(errno) ? -1 : 0;
}

/* Copies the text to the arena; an empty text becomes NULL. */
static int
keep(struct arena *a, const char *text, const char **sp)
{
	*sp = *text == '\0' ? "" : arena_strdup(a, text);
	return *sp == NULL ? -1 : 0;
}

int
scan_read_origin(struct scan *s, struct facts *f)
{
	struct plat_origin o;
	struct whence *w = &f->from;

	if (plat_origin(s->ctx->pl, &f->row, &o) == -1) {
		memset(&o, 0, sizeof(o));
		o.reparented = o.netns = -1;
	}
	w->reparented = o.reparented;
	w->reaper = o.reaper;
	w->unit_user = o.unit_user;
	w->unit_main = o.unit_main;
	w->cgroup_kind = o.cgroup_kind;
	w->nspid = o.nspid;
	w->nslevel = o.nslevel;
	w->frozen = o.frozen;
	w->netns = o.netns;
	w->netns_id = o.netns_id;
	if (keep(s->a, o.unit, &w->unit) == -1)
		return -1;
	return keep(s->a, o.cgroup, &w->cgroup);
}

/*
 * Do its standard descriptors decide whether -f of ssh_config or setsid(1) put
 * it in the background? The origin must be the same for all scan flags.
 */
static int
origin_asks(const struct facts *f)
{
	return f->row.sid == f->row.pid && f->row.tty == PLAT_NOTTY &&
	    f->cmd.kind == CMD_SESSION && !(f->cmd.flags & CMD_FORK);
}

/*
 * Reads all facts that later passes need, while the process is pinned. 1: it
 * exists; 0: it has exited, or is no ssh; -1: no memory.
 */
int
facts_read(struct scan *s, struct facts *f)
{
	if (f->row.pid == 0) {
		s->vanished = 1;
		return 0;
	}
	if (f->row.flags & PLAT_KTHREAD)
		return 0;
	if (f->taken != NULL && memcmp(f->row.ident, f->taken->ident,
	    sizeof(f->row.ident)) != 0)
		return 0;
	f->exe = scan_exe(s, &f->row, &f->oldexe);
	if (facts_catches_nothing(f) && scan_read_fds(s, f) == -1)
		return -1;
	if (read_argv(s, f) == -1)
		return -1;
	if (f->cmd.kind == CMD_SERVED)
		return 0;
	if (f->taken != NULL && f->cmd.kind != CMD_SESSION &&
	    f->cmd.kind != CMD_MUX && f->cmd.kind != CMD_STOPPED)
		return 0;
	f->cwd = scan_cwd(s, &f->row, &f->oldcwd);
	if (scan_read_origin(s, f) == -1)
		return -1;
	if ((s->flags & TUN_SCAN_SOCKETS || origin_asks(f)) &&
	    scan_read_fds(s, f) == -1)
		return -1;
	if (f->argv_errno == ESRCH || f->fds_errno == ESRCH) {
		s->vanished = 1;
		return 0;
	}
	return 1;
}

int
facts_got_sigstop(const struct facts *f)
{
	return f->row.state == 'T' || f->row.state == 't' ||
	    f->row.flags & PLAT_STOPPED;
}

int
facts_is_stopped(const struct facts *f)
{
	return facts_got_sigstop(f) || f->from.frozen;
}
