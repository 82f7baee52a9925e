/* SPDX-License-Identifier: ISC */
/*
 * ancestry.c: reads, in batches of their own, the parents of candidates and the
 * leaders of their sessions and process groups.
 */
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "process.h"

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

/*
 * The parents and leaders, in order. Candidates are known already, and most lead
 * a session and a process group of their own, so that few are left to read.
 */
static size_t
find_pids(const struct scan *s, pid_t *pids)
{
	size_t i, n = 0, kept = 0;

	for (i = 0; i < s->n; i++) {
		const struct plat_proc *row = &s->cands[i]->facts->row;

		pids[n++] = row->ppid;
		pids[n++] = row->sid;
		pids[n++] = row->pgid;
	}
	qsort(pids, n, sizeof(*pids), pid_cmp);
	for (i = 0; i < n; i++)
		if (pids[i] > 0 && (kept == 0 || pids[kept - 1] != pids[i]) &&
		    scan_find(s, pids[i]) == NULL)
			pids[kept++] = pids[i];
	return kept;
}

/* Reads up to PLAT_BATCH of them; what has no row counts as a zombie. */
static int
read_batch(struct scan *s, struct ancestor *v, const pid_t *pids, size_t n)
{
	struct plat_proc rows[PLAT_BATCH];
	size_t i;

	memset(rows, 0, sizeof(rows));
	for (i = 0; i < n; i++)
		rows[i].pid = pids[i];
	if (plat_rows(s->ctx->pl, rows, n) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		v[i].argv = ancestry_words(s, &rows[i]);
		v[i].cwd = ancestor_cwd(s, &rows[i]);
		v[i].row = rows[i];
		if (rows[i].pid == 0)
			v[i].row.flags |= PLAT_ZOMBIE;
		v[i].row.pid = pids[i];
	}
	return 0;
}

int
ancestry_read(struct scan *s)
{
	struct ancestor *v;
	pid_t *pids;
	size_t i, n;
	int r = 0;

	if (s->n == 0)
		return 0;
	if ((pids = calloc(s->n * 3, sizeof(*pids))) == NULL)
		return -1;
	n = find_pids(s, pids);
	if ((v = arena_alloc(s->a, n * sizeof(*v))) == NULL)
		r = -1;
	for (i = 0; r == 0 && i < n; i += PLAT_BATCH)
		r = read_batch(s, v + i, pids + i,
		    n - i < PLAT_BATCH ? n - i : PLAT_BATCH);
	free(pids);
	s->ancestors = v;
	s->nancestors = n;
	return r;
}

/* The PID of a dead leader is a zombie's or unused. */
static int
lives(const struct scan *s, pid_t pid)
{
	const struct ancestor *p;

	if (scan_find(s, pid) != NULL)
		return 1;
	p = find_ancestor(s, pid);
	return p != NULL && !(p->row.flags & PLAT_ZOMBIE);
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

void
ancestry_set(const struct scan *s, struct facts *f)
{
	static const struct plat_proc nobody;
	int hidden = (plat_gaps(s->ctx->pl) & PLAT_GAP_HIDDEN) != 0;
	const struct cand *parent;
	const struct ancestor *p;

	f->parent = &nobody;
	if ((parent = scan_find(s, f->row.ppid)) != NULL) {
		f->parent = &parent->facts->row;
		f->parent_argv = (const char *const *)parent->facts->argv;
		f->parent_cwd = parent->facts->cwd;
	} else if ((p = find_ancestor(s, f->row.ppid)) != NULL &&
	    !(p->row.flags & PLAT_ZOMBIE)) {
		f->parent = &p->row;
		f->parent_argv = p->argv;
		f->parent_cwd = p->cwd;
	}
	if (f->from.nslevel > 0 && f->parent->pid != 0)
		parent_number(s, parent, f);
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
