/* SPDX-License-Identifier: ISC */
/*
 * ancestry.c: reads, in batches of their own, the parents of candidates and the
 * leaders of their sessions and process groups.
 */
#include <stdlib.h>

#include "compat/array.h"
#include "process.h"

static struct plat_proc *
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
 * Candidates are known already, and most lead a session and a process group of
 * their own, so that few processes are left to read.
 */
int
ancestry_read(struct scan *s)
{
	pid_t *pids;
	size_t i, j, k, n = 0;

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
	qsort(pids, n, sizeof(*pids), pid_cmp);
	for (i = j = 0; i < n; i++)
		if (pids[i] > 0 && (j == 0 || pids[j - 1] != pids[i]) &&
		    scan_find(s, pids[i]) == NULL)
			pids[j++] = pids[i];
	n = j;
	s->ancestors = arena_alloc(s->a, (n ? n : 1) * sizeof(*s->ancestors));
	s->ancestor_argv = arena_alloc(s->a,
	    (n ? n : 1) * sizeof(*s->ancestor_argv));
	s->ancestor_cwd = arena_alloc(s->a,
	    (n ? n : 1) * sizeof(*s->ancestor_cwd));
	if (s->ancestors == NULL || s->ancestor_argv == NULL ||
	    s->ancestor_cwd == NULL)
		goto fail;
	for (i = 0; i < n; i += k) {
		k = n - i < PLAT_BATCH ? n - i : PLAT_BATCH;
		for (j = 0; j < k; j++)
			s->ancestors[i + j].pid = pids[i + j];
		if (plat_rows(s->ctx->pl, s->ancestors + i, k) == -1)
			goto fail;
		for (j = 0; j < k; j++) {
			struct plat_proc *p = &s->ancestors[i + j];

			s->ancestor_argv[i + j] = ancestry_words(s, p);
			s->ancestor_cwd[i + j] = ancestor_cwd(s, p);
			if (p->pid == 0)
				p->flags |= PLAT_ZOMBIE;
			p->pid = pids[i + j];
		}
	}
	s->nancestors = n;
	free(pids);
	return 0;
fail:
	free(pids);
	return -1;
}

/* The PID of a dead leader is a zombie's or unused. */
static int
lives(const struct scan *s, pid_t pid)
{
	const struct plat_proc *p;

	if (scan_find(s, pid) != NULL)
		return 1;
	p = find_ancestor(s, pid);
	return p != NULL && !(p->flags & PLAT_ZOMBIE);
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
	const struct plat_proc *p;

	f->parent = &nobody;
	if ((parent = scan_find(s, f->row.ppid)) != NULL) {
		f->parent = &parent->facts->row;
		f->parent_argv = (const char *const *)parent->facts->argv;
		f->parent_cwd = parent->facts->cwd;
	} else if ((p = find_ancestor(s, f->row.ppid)) != NULL &&
	    !(p->flags & PLAT_ZOMBIE)) {
		f->parent = p;
		f->parent_argv = s->ancestor_argv[p - s->ancestors];
		f->parent_cwd = s->ancestor_cwd[p - s->ancestors];
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
