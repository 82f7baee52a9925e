/* SPDX-License-Identifier: ISC */
/*
 * lost.c: tunnels of the journal that run no more and that nobody ended on
 * purpose, in the form that a scan gives to those that run.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "journal/journal.h"
#include "verdict/verdict.h"

struct lost {
	struct tun_ctx *ctx;
	const struct tun_journal *j;
	const struct tun_list *running;	/* or NULL */
	struct tun_list *list;
	const struct tun_record **recipes;
	size_t n;
	struct cand **cands;	/* those that are lost */
	size_t ncands;
};

/* A recipe whose process is gone, and the tunnel that it makes. */
struct gone {
	const struct tun_record *r;
	struct cmdline cmd;
	size_t ssh;		/* place of the ssh in its words; or argc */
	int placed;		/* what they mean depends on the directory */
	struct cand *c;
};

/* --- which are lost ------------------------------------------------------ */

static int
find_recipes(struct lost *lo)
{
	const struct tun_record *r = NULL, **v;

	while ((r = tun_journal_next(lo->j, r)) != NULL) {
		if (!r->current || !journal_is_visible(lo->j, r) ||
		    journal_is_replaced(lo->j, r))
			continue;
		v = arena_push(lo->list->arena,
		    (void *)(uintptr_t)lo->recipes, lo->n, sizeof(*v));
		if (v == NULL)
			return -1;
		v[lo->n++] = r;
		lo->recipes = v;
	}
	return 0;
}

/* Drops the recipes of those processes that exist. */
static int
drop_running(struct lost *lo)
{
	struct plat_proc rows[PLAT_BATCH];
	const struct tun_record *r;
	size_t i, k, n, kept = 0;

	for (i = 0; i < lo->n; i += n) {
		n = lo->n - i < PLAT_BATCH ? lo->n - i : PLAT_BATCH;
		memset(rows, 0, sizeof(rows));
		for (k = 0; k < n; k++)
			rows[k].pid = lo->recipes[i + k]->pid;
		if (plat_rows(lo->ctx->pl, rows, n) == -1)
			return -1;
		for (k = 0; k < n; k++) {
			r = lo->recipes[i + k];
			if (rows[k].pid == 0 ||
			    rows[k].flags & PLAT_ZOMBIE ||
			    rows[k].ident[0] != r->ident[0] ||
			    !journal_is_here(lo->j, r))
				lo->recipes[kept++] = r;
		}
	}
	lo->n = kept;
	return 0;
}

/* --- as tunnels ---------------------------------------------------------- */

/* The forwards of the command that were not closed, and those added. */
static int
make_forwards(struct lost *lo, struct cand *c, const struct cmdline *cmd,
    const struct tun_record *r)
{
	const struct tun_record *const *added = r->added;
	struct tun_fwd *v;
	size_t i, n = 0, max = cmd->nfwds;

	while (added[max - cmd->nfwds] != NULL)
		max++;
	v = arena_alloc(lo->list->arena, (max + 1) * sizeof(*v));
	if (v == NULL)
		return -1;
	for (i = 0; i < max; i++) {
		fwd_init(&v[i], &c->verdict.tun, TUN_SRC_ARGV);
		v[i].state = TUN_GONE;
	}
	for (i = 0; i < cmd->nfwds; i++)
		if (!journal_has(r->closed, &cmd->fwds[i]) &&
		    !journal_has_added(added, &cmd->fwds[i]))
			v[n++].spec = cmd->fwds[i];
	for (; *added != NULL; added++)
		journal_show(&v[n++], *added);
	c->verdict.fwds = v;
	c->verdict.tun.nfwds = n;
	return verdict_show_forwards(lo->list->arena, &c->verdict);
}

static void
make_tunnel(struct tun *t, const struct cmdline *cmd,
    const struct tun_record *r)
{
	tunnel_init(t);
	t->pid = r->pid;
	t->ppid = t->pgid = t->sid = -1;
	t->uid = geteuid();
	t->start = r->when;
	t->ident[0] = r->ident[0];
	t->ident[1] = r->ident[1];
	t->dest = cmd->dest;
	t->user = cmd->user;
	t->host = cmd->host;
	t->port = cmd->port;
	t->label = r->label != NULL ? r->label : cmd->label;
	t->ctlpath = r->ctlpath;
	t->argv = r->argv;
	t->argc = r->argc;
	t->started = r->argv;
	t->cwd = r->cwd;
	t->state = t->link = TUN_GONE;
}

/* --- what somebody has started again ------------------------------------- */

/* Are the last words of the recipe, from the place at, those behind its name? */
static int
ends_in(const struct tun_record *r, size_t at, const struct tun *t)
{
	size_t i;

	for (i = 1; i < t->argc; i++)
		if (strcmp(r->argv[at + i], t->argv[i]) != 0)
			return 0;
	return 1;
}

static int
has_forward(const struct tun *t, const struct tun_forward *spec)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		if (tun_forward_same_listener(&t->fwds[i]->spec, spec))
			return 1;
	return 0;
}

/* What was added later does not count; nor what only the server can know. */
static int
has_forwards(const struct tun *t, const struct cand *c)
{
	const struct tun_fwd *fwd = c->verdict.fwds;
	const struct tun_fwd *end = fwd + c->verdict.tun.nfwds;

	for (; fwd < end; fwd++)
		if (fwd->source != TUN_SRC_JOURNAL &&
		    tun_forward_is_local(&fwd->spec) &&
		    end_is_known(&fwd->spec.listen) &&
		    !has_forward(t, &fwd->spec))
			return 0;
	return 1;
}

static int
is_relative(const char *path)
{
	return path != NULL && strchr("/~%$", *path) == NULL &&
	    strcmp(path, "none") != 0;
}

/*
 * 1 or 0: do its words name a file by a relative path? -1 with ENOMEM.  With -f
 * a dbclient goes to /, so that where it was started is not seen.
 */
static int
is_placed(struct arena *a, const struct gone *g)
{
	const struct cmdline *cmd = &g->cmd;
	struct cmd_option *v;
	size_t i, n;

	if (cmd->flags & CMD_DROPBEAR && cmd->flags & CMD_FORK)
		return 0;
	if (is_relative(cmd->configfile) || is_relative(cmd->ctlpath))
		return 1;
	for (i = 0; i < cmd->nfwds; i++)
		if (is_relative(cmd->fwds[i].listen.path) ||
		    is_relative(cmd->fwds[i].connect.path))
			return 1;
	if (cmdline_options(a, g->r->argv + g->ssh, g->r->argc - g->ssh, cmd,
	    &v, &n) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (v[i].letter == 'i' && is_relative(v[i].value))
			return 1;
	return 0;
}

/*
 * Is the running one what was lost? Its words say it, and where they depend on
 * the directory, that, too, which an ssh keeps. If a title hides them, or if
 * the recipe is of autossh, the forwards have to agree, too; of a program that
 * is not known, all words behind its name. Those of a title are listed only if
 * its sockets were seen.
 */
static int
is_again(const struct gone *g, const struct tun *t)
{
	const struct tun_record *r = g->r;

	if (tun_why_has(&t->why, TUN_WHY_ARGVLOST))
		return r->ctlpath != NULL && t->ctlpath != NULL &&
		    strcmp(r->ctlpath, t->ctlpath) == 0 &&
		    (tun_why_has(&t->why, TUN_WHY_NOSOCKETS) ||
		    has_forwards(t, g->c));
	if (t->argv == NULL || t->argc == 0)
		return 0;
	if (g->ssh < r->argc)
		return t->argc == r->argc - g->ssh && ends_in(r, g->ssh, t) &&
		    (!g->placed || t->cwd == NULL || r->cwd == NULL ||
		    strcmp(t->cwd, r->cwd) == 0);
	return (g->cmd.kind == CMD_CUT ? t->argc == r->argc :
	    t->argc <= r->argc) && ends_in(r, r->argc - t->argc, t) &&
	    has_forwards(t, g->c);
}

static int
runs_again(const struct lost *lo, const struct gone *g)
{
	const struct tun *t = NULL;

	while (lo->running != NULL &&
	    (t = tun_next(lo->running, t)) != NULL)
		if (is_again(g, t))
			return 1;
	return 0;
}

static int
add_tunnel(struct lost *lo, const struct tun_record *r)
{
	struct arena *a = lo->list->arena;
	struct cand *c = arena_alloc(a, sizeof(*c)), **v;
	struct gone g = { .r = r, .c = c };

	g.ssh = ctx_find_ssh(lo->ctx, r->argv, r->argc);
	if (c == NULL || cmdline_started(a, lo->ctx, r->argv, r->argc,
	    &g.cmd) == -1 || (g.ssh < r->argc &&
	    (g.placed = is_placed(a, &g)) == -1))
		return -1;
	make_tunnel(&c->verdict.tun, &g.cmd, r);
	c->verdict.listed = 1;
	if (make_forwards(lo, c, &g.cmd, r) == -1)
		return -1;
	if (runs_again(lo, &g))
		return 0;
	if ((v = arena_push(a, lo->cands, lo->ncands, sizeof(*v))) == NULL)
		return -1;
	lo->cands = v;
	v[lo->ncands++] = c;
	return list_add(lo->list, &c->verdict.tun);
}

static int
make_list(struct lost *lo)
{
	size_t i;

	lo->list->when = plat_now(lo->ctx->pl) / 1000000;
	if (find_recipes(lo) == -1 || drop_running(lo) == -1)
		return -1;
	for (i = 0; i < lo->n; i++)
		if (add_tunnel(lo, lo->recipes[i]) == -1)
			return -1;
	if (ident_assign(lo->list->arena, lo->cands, lo->ncands) == -1)
		return -1;
	list_sort(lo->list);
	return 0;
}

int
tun_journal_lost(struct tun_ctx *ctx, const struct tun_journal *j,
    const struct tun_list *list, struct tun_list **listp)
{
	struct lost lo = { .ctx = ctx, .j = j, .running = list };
	int saved;

	if ((lo.list = list_new()) == NULL)
		return -1;
	if (make_list(&lo) == -1) {
		saved = errno;
		tun_list_free(lo.list);
		errno = saved;
		return -1;
	}
	*listp = lo.list;
	return 0;
}
