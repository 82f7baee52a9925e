/* SPDX-License-Identifier: ISC */
/*
 * unit_share.c: does a tunnel share the control group of its service with
 * unrelated processes? A service without other processes exists for the tunnel
 * and starts it again. In a service that also hosts other processes, a user may
 * have typed the command.
 *
 * Related are the shells and wrappers that were told to run the tunnel,
 * up to the main process of the service, and what these have started; its
 * descendants; its jump helpers and proxy commands; and other ssh with theirs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/array.h"
#include "process.h"

/* A group with more unrelated processes than this has another purpose. */
#define MAX_MATES	16

/* A member of the group that is no candidate. */
struct mate {
	struct plat_proc row;
	const char *const *argv;
	int related;		/* of any candidate */
	int above;		/* an ancestor of one */
	int ours;		/* an ancestor of this tunnel */
};

struct unit_group {
	const char *cgroup;
	enum group_kind kind;	/* the same for all, if it can be */
	int depends;
	pid_t *pids;		/* all members, sorted */
	size_t npids;
	struct mate mates[MAX_MATES];
	size_t nmates;
	int worked;		/* an ssh in it has a terminal */
};

static int
is_member(const struct unit_group *g, pid_t pid)
{
	return array_find(&pid, g->pids, g->npids, sizeof(pid), pid_cmp) !=
	    NULL;
}

static int
asks(const struct facts *f)
{
	return *f->from.unit != '\0' && f->row.tty == PLAT_NOTTY &&
	    unit_is_service(&f->from);
}

/* --- who is in it -------------------------------------------------------- */

/* -1: no memory.  1: all members are known, 0: they are not. */
static int
read_members(struct scan *s, const struct facts *f, struct unit_group *g)
{
	pid_t *pids;
	size_t i;

	g->kind = GROUP_UNKNOWN;
	if ((pids = calloc(PLAT_MEMBERS_MAX, sizeof(*pids))) == NULL)
		return -1;
	if (plat_members(s->ctx->pl, &f->row, pids, PLAT_MEMBERS_MAX,
	    &g->npids) == -1) {
		free(pids);
		g->npids = 0;
		if (errno == E2BIG)
			g->kind = GROUP_SHARED;
		return plat_failed(errno) ? -1 : 0;
	}
	g->pids = pids;
	qsort(pids, g->npids, sizeof(*pids), pid_cmp);
	for (i = 0; i < g->npids; i++) {
		/* The process that runs this scan does not count. */
		if (scan_find(s, pids[i]) != NULL ||
		    (!s->ctx->recorded && pids[i] == getpid()))
			continue;
		if (pids[i] == 0)	/* has no PID here */
			return 0;
		if (g->nmates == MAX_MATES) {
			g->kind = GROUP_SHARED;
			return 0;
		}
		g->mates[g->nmates++].row.pid = pids[i];
	}
	return 1;
}

/* 1: all rows are there.  0: some are gone or hidden.  -1: no memory. */
static int
read_mates(struct scan *s, struct unit_group *g)
{
	struct plat_proc rows[MAX_MATES];
	size_t i;

	memset(rows, 0, sizeof(rows));
	for (i = 0; i < g->nmates; i++)
		rows[i].pid = g->mates[i].row.pid;
	if (g->nmates > 0 && plat_rows(s->ctx->pl, rows, g->nmates) == -1)
		return -1;
	for (i = 0; i < g->nmates; i++) {
		if (rows[i].pid == 0)
			return 0;
		g->mates[i].row = rows[i];
		g->mates[i].argv = ancestry_words(s, &rows[i]);
	}
	return 1;
}

static void
clear(struct unit_group *g)
{
	free(g->pids);
	g->pids = NULL;
	g->npids = g->nmates = 0;
}

/*
 * A member may exit between the list and its row, so this tries twice; if it is
 * still missing, it is hidden.
 */
static int
read_group(struct scan *s, const struct facts *f, struct unit_group *g)
{
	int again, r = 0;

	for (again = 0; again < 2 && r == 0; again++) {
		clear(g);
		if ((r = read_members(s, f, g)) != 1)
			break;
		r = read_mates(s, g);
	}
	g->depends = r == 1;
	return r == -1 ? -1 : 0;
}

/* --- who is related ------------------------------------------------------ */

static struct mate *
find_mate(struct unit_group *g, pid_t pid)
{
	size_t i;

	for (i = 0; i < g->nmates; i++)
		if (g->mates[i].row.pid == pid)
			return &g->mates[i];
	return NULL;
}

/* Marks a candidate's ancestors, as long as each was told to run the next. */
static void
mark_above(struct unit_group *g, const struct facts *f, int ours)
{
	const char *const *argv = (const char *const *)f->argv;
	pid_t pid = f->row.ppid;
	struct mate *m;
	size_t i;

	for (i = 0; i < MAX_MATES; i++) {
		if ((m = find_mate(g, pid)) == NULL)
			return;
		/* The process that created the container of the one below. */
		if (!(i == 0 && f->from.nslevel > 0 && f->from.nspid == 1) &&
		    !starter_is_wrapper(m->row.comm, m->argv, argv))
			return;
		m->related = m->above = 1;
		m->ours = ours;
		argv = m->argv;
		pid = m->row.ppid;
	}
}

/* A process that another tunnel's script has started is not related. */
static int
has_related_parent(const struct scan *s, struct unit_group *g,
    const struct mate *m)
{
	const struct mate *parent;

	if ((parent = find_mate(g, m->row.ppid)) != NULL)
		return parent->related && (!parent->above || parent->ours);
	return scan_find(s, m->row.ppid) != NULL &&
	    is_member(g, m->row.ppid);
}

/* Marks descendants; returns how many members are left unmarked. */
static size_t
mark_below(const struct scan *s, struct unit_group *g)
{
	size_t i, left = 0, round;

	for (round = 0; round <= g->nmates; round++) {
		for (i = left = 0; i < g->nmates; i++) {
			if (!g->mates[i].related)
				g->mates[i].related = has_related_parent(s, g,
				    &g->mates[i]);
			left += !g->mates[i].related;
		}
	}
	return left;
}

/*
 * A proxy command whose parent exited by -f has the pipes of its ssh as
 * standard input and output.
 */
static int
is_proxy(struct scan *s, const struct facts *f, const struct mate *m)
{
	struct plat_fd *fds;
	size_t i, n;
	int shared = 0;

	if (f->fds == NULL || plat_fds(s->ctx->pl, &m->row, &fds, &n, NULL) ==
	    -1)
		return 0;
	for (i = 0; i < n; i++)
		if (fds[i].fd <= 1 && fds[i].kind == PLAT_FD_PIPE)
			shared += fds_have(f->fds, f->nfds, PLAT_FD_PIPE,
			    fds[i].key);
	free(fds);
	return shared == 2;
}

/* Marks the proxy commands among the members that are not marked yet. */
static void
mark_proxies(struct scan *s, struct facts *f, struct unit_group *g)
{
	size_t i;

	for (i = 0; i < g->nmates; i++)
		if (!g->mates[i].related)
			g->mates[i].related = is_proxy(s, f, &g->mates[i]);
}

/* Marks what is the same for all candidates of the group. */
static void
mark_all(const struct scan *s, struct unit_group *g)
{
	size_t i;

	for (i = 0; i < g->npids; i++) {
		const struct cand *c = scan_find(s, g->pids[i]);

		if (c == NULL)
			continue;
		if (c->facts->row.tty != PLAT_NOTTY)
			g->worked = 1;
		mark_above(g, c->facts, 0);
	}
}

/* 1: all are related to f. -1: no memory. */
static int
has_for_itself(struct scan *s, struct facts *f, struct unit_group *g)
{
	struct mate saved[MAX_MATES];
	size_t left;

	if (g->worked || g->nmates == 0)
		return !g->worked;
	memcpy(saved, g->mates, sizeof(saved));
	mark_above(g, f, 1);
	left = mark_below(s, g);
	if (left > 0 && left <= 2) {
		if (f->fds == NULL && f->fds_errno == 0 &&
		    scan_read_fds(s, f) == -1)
			return -1;
		mark_proxies(s, f, g);
		left = mark_below(s, g);
	}
	memcpy(g->mates, saved, sizeof(saved));
	return left == 0;
}

/* --- all of them --------------------------------------------------------- */

static int
find_group(struct scan *s, struct facts *f, struct unit_group **groups,
    size_t *np, struct unit_group **gp)
{
	size_t i;

	for (i = 0; i < *np; i++) {
		*gp = &(*groups)[i];
		if (strcmp((*gp)->cgroup, f->from.cgroup) == 0)
			return 0;
	}
	if ((*gp = array_more(groups, np, sizeof(**gp), SIZE_MAX)) == NULL)
		return -1;
	(*gp)->cgroup = f->from.cgroup;
	if (read_group(s, f, *gp) == -1)
		return -1;
	if ((*gp)->depends)
		mark_all(s, *gp);
	return 0;
}

static int
look(struct scan *s, struct facts *f, struct unit_group *g)
{
	int r;

	if (!g->depends) {
		f->group = g->kind;
		return 0;
	}
	if ((r = has_for_itself(s, f, g)) == -1)
		return -1;
	f->group = r ? GROUP_OWN : GROUP_SHARED;
	return 0;
}

int
groups_look(struct scan *s)
{
	struct unit_group *groups = NULL, *g;
	size_t i, n = 0;
	int r = 0;

	for (i = 0; i < s->nfacts && r == 0; i++) {
		struct facts *f = s->facts[i];

		if (asks(f) && (r = find_group(s, f, &groups, &n, &g)) == 0)
			r = look(s, f, g);
	}
	for (i = 0; i < n; i++)
		clear(&groups[i]);
	free(groups);
	return r;
}
