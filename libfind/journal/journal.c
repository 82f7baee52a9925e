/* SPDX-License-Identifier: ISC */
/*
 * journal.c: where the caller's journal is, what is read of it, and what is
 * added and dropped.
 */
#include <sys/types.h>

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/array.h"
#include "core/resolve.h"
#include "journal.h"

#define HOST_MAX	256

/* --- the place ----------------------------------------------------------- */

static char *
copy_path(const char *path)
{
	return strdup(path != NULL && *path == '/' ? path : "");
}

int
tun_journal_use(struct tun_ctx *ctx, const char *state_home, const char *home)
{
	struct journal_setup *js;

	if ((js = calloc(1, sizeof(*js))) == NULL)
		return -1;
	js->state_home = copy_path(state_home);
	js->home = copy_path(home);
	if (js->state_home == NULL || js->home == NULL) {
		journal_setup_free(js);
		errno = ENOMEM;
		return -1;
	}
	journal_setup_free(ctx->journal);
	ctx->journal = js;
	return 0;
}

const char *
tun_journal_error(const struct tun_ctx *ctx)
{
	return ctx->journal == NULL ? "it is not used" :
	    ctx->journal->trouble.why;
}

const char *
tun_journal_path(const struct tun_ctx *ctx)
{
	return ctx->journal == NULL || *ctx->journal->path == '\0' ? NULL :
	    ctx->journal->path;
}

static int
failed(struct tun_ctx *ctx, int error, const char *why)
{
	if (ctx->journal != NULL) {
		ctx->journal->trouble.error = error;
		ctx->journal->trouble.why = why;
	}
	errno = error;
	return -1;
}

/* This system and its boot, as a record has them. */
struct here {
	char boot[PLAT_BOOT_MAX];
	char host[HOST_MAX];
};

static int
find_here(struct tun_ctx *ctx, struct here *here)
{
	if (ctx->journal == NULL)
		return failed(ctx, ENOTSUP, NULL);
	if (ctx->recorded)
		return failed(ctx, ENOTSUP, "a recorded table has none");
	if (plat_boot(ctx->pl, here->boot, sizeof(here->boot)) == -1)
		return failed(ctx, ENOTSUP,
		    "this system does not tell one boot from another");
	if (gethostname(here->host, sizeof(here->host)) == -1 ||
	    here->host[0] == '\0')
		strcpy(here->host, "-");
	here->host[sizeof(here->host) - 1] = '\0';
	return 0;
}

/* --- one file, of up to three places ------------------------------------- */

typedef int (*action)(struct tun_ctx *ctx, const struct journal_place *at,
	    void *arg, struct journal_trouble *trouble);

static int
try_at(struct tun_ctx *ctx, const char *base, const char *below, action act,
    void *arg)
{
	struct journal_setup *js = ctx->journal;
	struct journal_place at = { js->path, strlen(base) };
	int n;

	*js->path = '\0';
	if (*base == '\0') {
		js->trouble.error = ENOTDIR;
		js->trouble.why = "there is no home directory";
		return -1;
	}
	n = snprintf(js->path, sizeof(js->path), "%s/%s/journal", base, below);
	if (n < 0 || (size_t)n >= sizeof(js->path))
		return failed(ctx, ENAMETOOLONG, strerror(ENAMETOOLONG));
	return act(ctx, &at, arg, &js->trouble);
}

/*
 * The environment may still have another user's directories, as after sudo(8):
 * then the journal is in the home that the user database has.
 */
static int
act_on_file(struct tun_ctx *ctx, action act, void *arg)
{
	const struct journal_setup *js = ctx->journal;
	const struct passwd *pw;
	struct arena *a;
	int r;

	if ((*js->state_home != '\0' &&
	    ((r = try_at(ctx, js->state_home, "libfind", act, arg)) == 0 ||
	    js->trouble.error != ENOTDIR)) ||
	    (r = try_at(ctx, js->home, ".local/state/libfind", act,
	    arg)) == 0 || js->trouble.error != ENOTDIR)
		return r;
	if ((a = arena_new()) == NULL)
		return failed(ctx, ENOMEM, strerror(ENOMEM));
	if ((pw = user_find(a, geteuid())) != NULL)
		r = try_at(ctx, pw->pw_dir, ".local/state/libfind", act, arg);
	arena_free(a);
	/* A user without a directory of its own has no journal. */
	if (r == -1 && js->trouble.error == ENOTDIR)
		return failed(ctx, ENOTSUP, js->trouble.why);
	return r;
}

/* --- reading ------------------------------------------------------------- */

struct reader {
	const pid_t *pids;
	size_t n;
	char *text;
	size_t len;
};

static int
has_pid(const void *arg, const char *line, size_t len)
{
	const struct reader *rd = arg;
	pid_t pid = journal_line_pid(line, len);

	return array_find(&pid, rd->pids, rd->n, sizeof(pid), pid_cmp) != NULL;
}

static int
read_file(struct tun_ctx *ctx, const struct journal_place *at, void *arg,
    struct journal_trouble *trouble)
{
	struct reader *rd = arg;

	return journal_file_read(ctx->rs, at,
	    rd->pids != NULL ? has_pid : NULL, rd, &rd->text, &rd->len,
	    trouble);
}

struct tun_journal *
journal_read(struct tun_ctx *ctx, const pid_t *pids, size_t n)
{
	struct reader rd = { pids, n, NULL, 0 };
	struct tun_journal *j;
	struct here here;

	if (find_here(ctx, &here) == -1)
		return NULL;
	if (act_on_file(ctx, read_file, &rd) == -1)
		return NULL;
	j = journal_new(rd.text, rd.len, here.boot, here.host);
	free(rd.text);
	if (j == NULL)
		(void)failed(ctx, ENOMEM, strerror(ENOMEM));
	return j;
}

struct tun_journal *
tun_journal_read(struct tun_ctx *ctx)
{
	return journal_read(ctx, NULL, 0);
}

/* What is lost has no process any more, and began when its record says. */
const struct tun_record *
tun_journal_of(const struct tun_journal *j, const struct tun *t)
{
	const struct tun_record *r;
	size_t i;

	for (i = 0; i < j->nrecipes; i++) {
		r = j->records[j->recipes[i]];
		if (!r->current || r->pid != t->pid ||
		    r->ident[0] != t->ident[0])
			continue;
		if (t->state == TUN_GONE ? r->when == t->start :
		    journal_is_here(j, r))
			return r;
	}
	return NULL;
}

/* --- changing ------------------------------------------------------------ */

struct journal_change {
	const char *line;	/* to be added; or NULL */
	const struct here *here;
	const struct tun *const *tuns;	/* to be forgotten */
	size_t ntuns;
	const struct tun_journal *known; /* that they are of */
};

static int
exists(pid_t pid)
{
	return kill(pid, 0) == 0 || errno != ESRCH;
}

/*
 * Does a record still count? One of a process that runs does, and a recipe from
 * which something can be started again, with what was added to it. What cannot
 * be seen from here may run.
 */
static int
counts(struct tun_journal *j, size_t i, const struct journal_account *ac)
{
	const struct tun_record *r = j->records[i];
	int runs = journal_is_here(j, r) && exists(r->pid);

	if (!journal_is_visible(j, r))
		return 1;
	if (ac->ended || (!runs && (ac->recipe == NULL ||
	    journal_is_replaced(j, ac->recipe))))
		return 0;
	switch (r->kind) {
	case TUN_RECORD_START:
	case TUN_RECORD_KEEP:
		return r == ac->recipe;
	case TUN_RECORD_ADD:
		return journal_has_added(ac->open, r->fwd);
	case TUN_RECORD_CLOSE:
		return journal_has(ac->closed, r->fwd);
	case TUN_RECORD_END:
		break;
	}
	return 0;
}

/* Is it a record of a process that is to be forgotten? */
static int
is_forgotten(const struct tun_journal *j, const struct journal_change *ch,
    const struct tun_record *r)
{
	const struct tun_record *recipe;
	size_t i;

	for (i = 0; i < ch->ntuns; i++) {
		if (ch->tuns[i]->pid != r->pid ||
		    ch->tuns[i]->ident[0] != r->ident[0])
			continue;
		recipe = tun_journal_of(ch->known, ch->tuns[i]);
		if (strcmp(r->boot, recipe == NULL ? j->boot :
		    recipe->boot) == 0)
			return 1;
	}
	return 0;
}

/* Marks the records that still count. */
static int
mark_counting(struct tun_journal *j, char *marks)
{
	struct journal_account ac;
	size_t i, k, end;

	for (i = 0; i < j->n; i = end) {
		end = journal_group(j, i);
		if (journal_account(j, j->records[j->by_process[i]],
		    &ac) == -1)
			return -1;
		for (k = i; k < end; k++)
			marks[j->by_process[k]] =
			    (char)counts(j, j->by_process[k], &ac);
	}
	return 0;
}

/* Copies the lines of the records that stay, in their order. */
static int
keep_some(struct tun_journal *j, const struct journal_change *ch,
    char *to, size_t *lenp)
{
	char *marks = calloc(j->n + 1, 1);
	size_t i, n, len = 0;

	if (marks == NULL ||
	    (ch->tuns == NULL && mark_counting(j, marks) == -1)) {
		free(marks);
		return -1;
	}
	for (i = 0; i < j->n; i++) {
		if (ch->tuns != NULL ? is_forgotten(j, ch, j->records[i]) :
		    !marks[i])
			continue;
		n = strlen(j->lines[i]);
		memcpy(to + len, j->lines[i], n);
		to[len + n] = '\n';
		len += n + 1;
	}
	free(marks);
	*lenp = len;
	return 0;
}

static int
rewrite(void *arg, const char *text, size_t len, char **newp, size_t *newlenp)
{
	const struct journal_change *ch = arg;
	struct tun_journal *j;
	char *new;
	int r = -1;

	if ((j = journal_new(text, len, ch->here->boot,
	    ch->here->host)) == NULL)
		return -1;
	if ((new = malloc(len + 1)) != NULL)
		r = keep_some(j, ch, new, newlenp);
	tun_journal_free(j);
	if (r == -1) {
		free(new);
		errno = ENOMEM;
		return -1;
	}
	*newp = new;
	return 0;
}

static int
change_file(struct tun_ctx *ctx, const struct journal_place *at, void *arg,
    struct journal_trouble *trouble)
{
	struct journal_change *ch = arg;

	return journal_file_update(ctx->rs, at, ch->line, rewrite, ch,
	    trouble);
}

/* Adds a record of t, of which the kind and what belongs to it are set. */
static int
add(struct tun_ctx *ctx, const struct tun *t, const struct tun_record *given)
{
	struct tun_record r = *given;
	struct journal_change ch = { 0 };
	struct here here;
	struct arena *a;
	int ret = -1;

	if (find_here(ctx, &here) == -1)
		return -1;
	if ((a = arena_new()) == NULL)
		return failed(ctx, ENOMEM, strerror(ENOMEM));
	/* What is kept has run since before. */
	r.when = r.kind == TUN_RECORD_KEEP ? (int64_t)t->start :
	    (int64_t)time(NULL);
	r.boot = here.boot;
	r.host = here.host;
	r.pid = t->pid;
	r.ident[0] = t->ident[0];
	r.ident[1] = t->ident[1];
	ch.here = &here;
	if ((ch.line = journal_line(a, &r)) == NULL)
		(void)failed(ctx, errno, errno == E2BIG ?
		    "its command line is too long" : strerror(errno));
	else
		ret = act_on_file(ctx, change_file, &ch);
	arena_free(a);
	return ret;
}

/* That of the process, or the caller's; 0: it is not known. */
static uint64_t
netns_of(struct tun_ctx *ctx, const struct plat_proc *row)
{
	uint64_t id;

	return plat_netns(ctx->pl, row, &id) == 0 ? id : 0;
}

/* Those variables that a record may have; NULL: there are none. */
static int
pick_variables(struct arena *a, const char *const *env,
    const char *const **vp)
{
	const char **v = NULL;
	size_t n = 0;

	for (; env != NULL && *env != NULL; env++)
		if (journal_keeps_variable(*env) &&
		    arena_add_string(a, &v, &n, *env) == -1)
			return -1;
	*vp = (const char *const *)v;
	return 0;
}

/* A title hides the label of the process, but not that of its command. */
static const char *
label_of(const struct tun *t, const char *const *env)
{
	for (; t->label == NULL && env != NULL && *env != NULL; env++)
		if (strncmp(*env, "TUN_LABEL=", 10) == 0)
			return *env + 10;
	return t->label;
}

static int
add_recipe(struct tun_ctx *ctx, enum tun_record_kind kind,
    const struct tun *t, const char *const *argv, const char *cwd,
    const char *const *env)
{
	struct tun_record r = { .kind = kind, .argv = argv, .cwd = cwd,
	    .label = label_of(t, env), .ctlpath = t->ctlpath,
	    .starter = getpid(), .netns = netns_of(ctx, NULL) };
	struct arena *a;
	int ret = -1;

	if ((a = arena_new()) == NULL)
		return failed(ctx, ENOMEM, strerror(ENOMEM));
	if (pick_variables(a, env, &r.env) == -1)
		(void)failed(ctx, ENOMEM, strerror(ENOMEM));
	else
		ret = add(ctx, t, &r);
	arena_free(a);
	return ret;
}

int
tun_journal_start(struct tun_ctx *ctx, const struct tun *t,
    const char *const *argv, const char *cwd, const char *const *env)
{
	return add_recipe(ctx, TUN_RECORD_START, t, argv, cwd, env);
}

int
tun_journal_add(struct tun_ctx *ctx, const struct tun *t,
    const struct tun_forward *fwd, int port, uint64_t sock)
{
	struct tun_record r = { .kind = TUN_RECORD_ADD, .fwd = fwd,
	    .port = port, .sock = sock, .ctlpath = t->ctlpath };

	return add(ctx, t, &r);
}

int
tun_journal_close(struct tun_ctx *ctx, const struct tun *t,
    const struct tun_forward *fwd)
{
	struct tun_record r = { .kind = TUN_RECORD_CLOSE, .fwd = fwd,
	    .ctlpath = t->ctlpath };

	return add(ctx, t, &r);
}

/* Only what could be started again can be lost. */
int
tun_journal_end(struct tun_ctx *ctx, const struct tun *t)
{
	struct tun_record r = { .kind = TUN_RECORD_END };
	struct tun_journal *j;
	int has;

	if ((j = journal_read(ctx, &t->pid, 1)) == NULL)
		return -1;
	has = tun_journal_of(j, t) != NULL;
	tun_journal_free(j);
	return has ? add(ctx, t, &r) : 0;
}

int
tun_journal_forget(struct tun_ctx *ctx, const struct tun_journal *j,
    const struct tun *const *tuns, size_t n)
{
	struct journal_change ch = { .tuns = tuns, .ntuns = n, .known = j };
	struct here here;

	if (find_here(ctx, &here) == -1)
		return -1;
	ch.here = &here;
	return act_on_file(ctx, change_file, &ch);
}

/* --- keeping ------------------------------------------------------------- */

/*
 * The environment of the process, as a vector, and its network namespace.  What
 * is contained has chosen its words for files and processes of its own.
 */
static int
read_process(struct tun_ctx *ctx, const struct tun *t, struct arena *a,
    const char *const **envp, uint64_t *netnsp, const char **whyp)
{
	struct plat_proc row;
	const char **v;
	size_t len, n;
	char *buf;
	int r;

	*whyp = "its environment is not readable";
	if (row_read_same(ctx->pl, t->pid, t->ident, &row) == -1) {
		if (errno == ESRCH)
			*whyp = "it has ended";
		return -1;
	}
	if ((r = plat_is_contained(ctx->pl, &row)) != 0) {
		*whyp = r == 1 ? "it has other mounts, another root directory "
		    "or another PID namespace" : "whether it is in a container "
		    "cannot be seen";
		errno = EXDEV;
		return -1;
	}
	if (plat_env(ctx->pl, &row, &buf, &len) == -1)
		return -1;
	r = cmdline_split_env(a, buf, len, &v, &n);
	free(buf);
	if (r == -1) {
		*whyp = strerror(ENOMEM);
		errno = ENOMEM;
		return -1;
	}
	*envp = (const char *const *)v;
	*netnsp = netns_of(ctx, &row);
	return 0;
}

/* Why it cannot be started again from what its process shows; or NULL. */
static const char *
unkeepable(const struct tun *t)
{
	if (t->uid != geteuid())
		return "it is another user's";
	if (tun_why_has(&t->why, TUN_WHY_ARGVLOST))
		return "a title has replaced its command line";
	if (t->argv == NULL)
		return "its command line is not readable";
	if (tun_why_has(&t->why, TUN_WHY_UNPARSED))
		return "its command line is not understood";
	if (t->cwd == NULL)
		return "its directory is not readable";
	if (t->cwd_gone)
		return "its directory was removed";
	return NULL;
}

/* argv[0] is free text: it must name the program that is to be started. */
static const char *const *
runnable(struct tun_ctx *ctx, const struct tun *t, struct arena *a)
{
	const char **v;

	if (t->argc == 0 || ctx_is_ssh(ctx, t->argv[0]) || t->exe == NULL)
		return t->argv;
	if ((v = arena_alloc(a, (t->argc + 1) * sizeof(*v))) == NULL)
		return NULL;
	memcpy(v, t->argv, t->argc * sizeof(*v));
	v[0] = t->exe;
	return v;
}

/* A record of its own, and what it points to. */
struct made {
	struct tun_record pub;
	struct arena *a;
};

/* Copies what a scan has found of the journal's forwards of a master. */
static int
copy_forwards(struct made *m, const struct tun *t)
{
	const struct tun_record **added;
	const struct tun_forward **closed;
	size_t i, nadded = 0, nclosed = 0;

	added = arena_alloc(m->a, (t->nfwds + 1) * sizeof(*added));
	closed = arena_alloc(m->a, (t->nfwds + 1) * sizeof(*closed));
	if (added == NULL || closed == NULL)
		return -1;
	for (i = 0; i < t->nfwds; i++)
		if (t->fwds[i]->source == TUN_SRC_JOURNAL) {
			added[nadded] = journal_added(m->a,
			    t->fwds[i]->asked);
			if (added[nadded++] == NULL)
				return -1;
		} else if (tun_why_has(&t->fwds[i]->why, TUN_WHY_PURPOSE))
			closed[nclosed++] = &t->fwds[i]->spec;
	m->pub.added = added;
	m->pub.closed = closed;
	return 0;
}

static int
make(struct made *m, struct tun_ctx *ctx, const struct tun *t,
    const char **whyp)
{
	const char *const *env;

	m->pub.kind = TUN_RECORD_KEEP;
	m->pub.argc = t->argc;
	m->pub.cwd = t->cwd;
	m->pub.label = t->label;
	m->pub.ctlpath = t->ctlpath;
	if (read_process(ctx, t, m->a, &env, &m->pub.netns, whyp) == -1)
		return -1;
	*whyp = strerror(ENOMEM);
	m->pub.argv = runnable(ctx, t, m->a);
	return m->pub.argv == NULL ||
	    pick_variables(m->a, env, &m->pub.env) == -1 ? -1 :
	    copy_forwards(m, t);
}

struct tun_record *
tun_record_make(struct tun_ctx *ctx, const struct tun *t, const char **whyp)
{
	struct arena *a;
	struct made *m;
	int error;

	if ((*whyp = unkeepable(t)) != NULL) {
		errno = ENOTSUP;
		return NULL;
	}
	*whyp = strerror(ENOMEM);
	if ((a = arena_new()) == NULL)
		return NULL;
	if ((m = arena_alloc(a, sizeof(*m))) != NULL) {
		m->a = a;
		if (make(m, ctx, t, whyp) == 0)
			return &m->pub;
	}
	error = errno;
	arena_free(a);
	errno = error;
	return NULL;
}

void
tun_record_free(struct tun_record *r)
{
	if (r != NULL)
		arena_free(((struct made *)r)->a);
}

int
tun_record_moves(struct tun_ctx *ctx, const struct tun_record *r)
{
	uint64_t ours = netns_of(ctx, NULL);
	struct here here;

	if (r->netns == 0 || ours == 0)
		return -1;
	if (r->netns != ours)
		return 1;
	/* What tun_record_make() has made is of this boot. */
	return ours != 1 && r->boot != NULL && find_here(ctx, &here) == 0 &&
	    strcmp(r->boot, here.boot) != 0;
}

int
tun_journal_keep(struct tun_ctx *ctx, const struct tun *t)
{
	const struct tun_record *old;
	struct tun_journal *j;
	struct tun_record *r;
	const char *why;
	int ret;

	if (ctx->journal == NULL)
		return failed(ctx, ENOTSUP, NULL);
	if ((j = journal_read(ctx, &t->pid, 1)) == NULL)
		return -1;
	/* The command that started it is more than what its process shows. */
	old = tun_journal_of(j, t);
	ret = old != NULL && old->kind == TUN_RECORD_START;
	tun_journal_free(j);
	if (ret)
		return 0;
	if ((r = tun_record_make(ctx, t, &why)) == NULL)
		return failed(ctx, errno, why);
	ret = add(ctx, t, r);
	tun_record_free(r);
	return ret;
}
