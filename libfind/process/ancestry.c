/* SPDX-License-Identifier: ISC */
/*
 * ancestry.c: reads, in batches of their own, the parents of candidates, what
 * has started these, and the leaders of their sessions and process groups.
 */
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "process.h"

#define MAX_WRAPPERS	16	/* between a tunnel and its supervisor */

static const struct ancestor *
find_ancestor(const struct scan *s, pid_t pid)
{
	return array_find(&pid, s->ancestors, s->nancestors,
	    sizeof(*s->ancestors), pid_cmp);
}

/* argv of a parent, by which a supervisor is recognized. */
const char *const *
ancestry_words(struct scan *s, const struct plat_proc *row)
{
	return row->pid == 0 || row->flags & PLAT_ZOMBIE ? NULL :
	    process_argv(s->a, s->ctx->pl, row);
}

/* Some supervisors are configured by the directory they run in. */
static const char *
ancestor_cwd(struct scan *s, const struct plat_proc *row)
{
	int gone;

	if (row->pid == 0 || row->flags & PLAT_ZOMBIE)
		return NULL;
	return scan_cwd(s, row, &gone);
}

/* Reads up to PLAT_BATCH processes. */
static int
read_batch(struct scan *s, struct ancestor *a, const pid_t *pids, size_t n)
{
	struct plat_proc rows[PLAT_BATCH];
	size_t i;

	memset(rows, 0, sizeof(rows));
	for (i = 0; i < n; i++)
		rows[i].pid = pids[i];
	if (plat_rows(s->ctx->pl, rows, n) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		a[i].argv = ancestry_words(s, &rows[i]);
		a[i].cwd = ancestor_cwd(s, &rows[i]);
		a[i].row = rows[i];
		if (rows[i].pid == 0)
			a[i].row.flags |= PLAT_ZOMBIE;
		a[i].row.pid = pids[i];
	}
	return 0;
}

/*
 * Reads those that are not known yet.  Candidates are known, and most lead a
 * session and a process group of their own, so that few are left to read.
 */
static int
read_more(struct scan *s, pid_t *pids, size_t n)
{
	struct ancestor *a;
	size_t i, j, k;

	qsort(pids, n, sizeof(*pids), pid_cmp);
	for (i = j = 0; i < n; i++)
		if (pids[i] > 0 && (j == 0 || pids[j - 1] != pids[i]) &&
		    scan_find(s, pids[i]) == NULL)
			pids[j++] = pids[i];
	n = j;
	a = arena_alloc(s->a, (s->nancestors + n + 1) * sizeof(*a));
	if (a == NULL)
		return -1;
	for (i = 0; i < n; i += k) {
		k = n - i < PLAT_BATCH ? n - i : PLAT_BATCH;
		if (read_batch(s, a + i, pids + i, k) == -1)
			return -1;
	}
	if (s->nancestors > 0)
		memcpy(a + n, s->ancestors, s->nancestors * sizeof(*a));
	s->ancestors = a;
	s->nancestors += n;
	qsort(a, s->nancestors, sizeof(*a), pid_cmp);
	return 0;
}

/*
 * Is it unknown whether this parent has started the child, which it may have
 * adopted?  One in an outer namespace is none of the tunnel's.
 */
static int
may_have_adopted(const struct scan *s, const struct facts *f,
    const struct plat_proc *parent, const struct plat_proc *child)
{
	struct plat_origin o;

	/* What a process starts is in its session or leads another. */
	if (parent->pid == 1 || parent->start > child->start ||
	    (child->sid != parent->sid && child->sid != child->pid))
		return 1;
	if (f->from.nslevel > 0 &&
	    (plat_origin(s->ctx->pl, parent, &o) == -1 || o.nspid == 1 ||
	    o.nslevel != f->from.nslevel))
		return 1;
	return plat_origin(s->ctx->pl, child, &o) == 0 &&
	    (o.reparented == 1 || o.reaper == parent->pid);
}

/* A loop starts its own child again; further up it may be one over hosts. */
static int
is_supervisor(const struct ancestor *a, int is_parent)
{
	const char *name = starter_restarts(a->row.comm, a->argv);

	return name != NULL && (is_parent || strcmp(name, "shell loop") != 0);
}

/*
 * A supervisor that has started the parent starts the tunnel again with it, if
 * all between them run only the one below; one of these may be a script, which
 * may have other commands.  *unreadp: a process to be read first, or 0.
 */
static const struct ancestor *
find_supervisor(const struct scan *s, const struct facts *f, pid_t *unreadp)
{
	const struct ancestor *a = find_ancestor(s, f->row.ppid), *found = NULL;
	const struct ancestor *below = NULL;
	pid_t above;
	int i, scripts = 0;

	*unreadp = 0;
	for (i = 0; i < MAX_WRAPPERS && a != NULL; i++) {
		if (below != NULL &&
		    may_have_adopted(s, f, &a->row, &below->row))
			break;
		if (is_supervisor(a, below == NULL))
			found = a;
		scripts += starter_is_script(a->row.comm, a->argv);
		above = a->row.ppid;
		if (scripts > 1 || above <= 1 ||
		    !starter_is_wrapper(a->row.comm, a->argv, below != NULL ?
		    below->argv : (const char *const *)f->argv) ||
		    scan_find(s, above) != NULL)
			break;
		below = a;
		if ((a = find_ancestor(s, above)) == NULL)
			*unreadp = above;
	}
	return found;
}

int
ancestry_read(struct scan *s)
{
	pid_t *pids;
	size_t i, n = 0;
	int r;

	if (s->n == 0)
		return 0;
	if ((pids = calloc(s->n * 3, sizeof(*pids))) == NULL)
		return -1;
	for (i = 0; i < s->n; i++) {
		const struct plat_proc *row = &s->cands[i]->facts->row;

		pids[n++] = row->ppid;
		pids[n++] = row->sid;
		pids[n++] = row->pgid;
	}
	while ((r = read_more(s, pids, n)) == 0) {
		for (i = n = 0; i < s->n; i++) {
			(void)find_supervisor(s, s->cands[i]->facts, &pids[n]);
			n += pids[n] != 0;
		}
		if (n == 0)
			break;
	}
	free(pids);
	return r;
}

/* The PID of a dead leader is a zombie's or unused. */
static int
lives(const struct scan *s, pid_t pid)
{
	const struct ancestor *a;

	if (scan_find(s, pid) != NULL)
		return 1;
	a = find_ancestor(s, pid);
	return a != NULL && !(a->row.flags & PLAT_ZOMBIE);
}

/* Compares the namespaces of parent and child. */
static void
parent_number(const struct scan *s, const struct cand *parent,
    struct facts *f)
{
	struct plat_origin o;

	if (parent != NULL) {
		f->parent_nspid = parent->facts->from.nspid;
		f->parent_nslevel = parent->facts->from.nslevel;
	} else if (plat_origin(s->ctx->pl, f->parent, &o) == 0) {
		f->parent_nspid = o.nspid;
		f->parent_nslevel = o.nslevel;
	}
}

static void
set_parent(struct facts *f, const struct ancestor *a)
{
	f->parent = &a->row;
	f->parent_argv = a->argv;
	f->parent_cwd = a->cwd;
}

void
ancestry_set(const struct scan *s, struct facts *f)
{
	static const struct plat_proc nobody;
	int hidden = (plat_gaps(s->ctx->pl) & PLAT_GAP_HIDDEN) != 0;
	const struct cand *parent;
	const struct ancestor *a;
	pid_t unread;

	f->parent = &nobody;
	if ((parent = scan_find(s, f->row.ppid)) != NULL) {
		f->parent = &parent->facts->row;
		f->parent_argv = (const char *const *)parent->facts->argv;
		f->parent_cwd = parent->facts->cwd;
	} else if ((a = find_ancestor(s, f->row.ppid)) != NULL &&
	    !(a->row.flags & PLAT_ZOMBIE))
		set_parent(f, a);
	/* The numbers are those of the process above, whoever supervises it. */
	if (f->from.nslevel > 0 && f->parent->pid != 0)
		parent_number(s, parent, f);
	if (parent == NULL && f->parent->pid != 0 &&
	    (a = find_supervisor(s, f, &unread)) != NULL)
		set_parent(f, a);
	/* Where processes are hidden, an invisible process may be alive. */
	f->have_leader = hidden || lives(s, f->row.sid);
	f->have_group = hidden || lives(s, f->row.pgid);
}

/* Publishes the parent if it is the process that started the candidate. */
int
ancestry_publish(const struct scan *s, const struct facts *f, struct verdict *v)
{
	struct tun_peer *peer;

	if (f->parent->pid == 0 ||
	    !tun_why_has(&v->tun.origin_why, TUN_WHY_PARENT))
		return 0;
	if ((peer = row_peer(s->a, f->parent)) == NULL)
		return -1;
	peer->argv = f->parent_argv;
	peer->cwd = f->parent_cwd;
	v->tun.parent = peer;
	return 0;
}
