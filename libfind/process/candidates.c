/* SPDX-License-Identifier: ISC */
/*
 * candidates.c: the processes that may be an ssh, and what was read of them.
 */
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "process.h"

/* Sanity limit on the number of ssh processes. */
#define MAX_CANDS	100000

struct facts *
scan_add(struct scan *s)
{
	struct facts **v, *f;

	if ((f = arena_alloc(s->a, sizeof(*f))) == NULL || (v = array_more(
	    &s->facts, &s->nfacts, sizeof(*v), MAX_CANDS)) == NULL)
		return NULL;
	return *v = f;
}

struct cand *
scan_link(struct scan *s, const struct facts *f)
{
	struct cand **v, *c;

	if ((c = arena_alloc(s->a, sizeof(*c))) == NULL || (v = array_more(
	    &s->cands, &s->n, sizeof(*v), MAX_CANDS)) == NULL)
		return NULL;
	c->arena = s->a;
	c->facts = f;
	return *v = c;
}

static int
by_pid(const void *a, const void *b)
{
	const struct cand *x = *(struct cand *const *)a;
	const struct cand *y = *(struct cand *const *)b;

	return (x->facts->row.pid > y->facts->row.pid) -
	    (x->facts->row.pid < y->facts->row.pid);
}

void
scan_sort(struct scan *s)
{
	if (s->n > 0)
		qsort(s->cands, s->n, sizeof(*s->cands), by_pid);
}

static int
pid_of_cand(const void *pid, const void *cand)
{
	const struct cand *c = *(struct cand *const *)cand;
	pid_t p = *(const pid_t *)pid;

	return (p > c->facts->row.pid) - (p < c->facts->row.pid);
}

struct cand *
scan_find(const struct scan *s, pid_t pid)
{
	struct cand **found = array_find(&pid, s->cands, s->n,
	    sizeof(*s->cands), pid_of_cand);

	return found != NULL ? *found : NULL;
}

static int
by_pid_of_facts(const void *a, const void *b)
{
	const struct facts *x = *(struct facts *const *)a;
	const struct facts *y = *(struct facts *const *)b;

	return pid_cmp(&x->row.pid, &y->row.pid);
}

static int
pid_of_facts(const void *pid, const void *facts)
{
	const struct facts *f = *(struct facts *const *)facts;

	return pid_cmp(pid, &f->row.pid);
}

void
scan_know(struct scan *s)
{
	if (s->nfacts > 0)
		qsort(s->facts, s->nfacts, sizeof(*s->facts), by_pid_of_facts);
	for (s->nknown = 0; s->nknown < s->nfacts; s->nknown++)
		s->facts[s->nknown]->known = 1;
}

int
scan_knows(const struct scan *s, pid_t pid)
{
	return array_find(&pid, s->facts, s->nknown, sizeof(*s->facts),
	    pid_of_facts) != NULL;
}

const struct tun_peer *
cand_peer(struct arena *a, const struct cand *c)
{
	const struct facts *f = c->facts;
	struct tun_peer *peer = arena_alloc(a, sizeof(*peer));

	if (peer == NULL)
		return NULL;
	peer->pid = f->row.pid;
	peer->uid = f->row.uid;
	peer->comm = f->row.comm;
	peer->ident[0] = f->row.ident[0];
	peer->ident[1] = f->row.ident[1];
	peer->argv = (const char *const *)f->argv;
	return peer;
}

int
scan_each_pinned(struct scan *s, int (*look)(struct scan *, struct facts *))
{
	struct plat_proc rows[PLAT_BATCH];
	size_t done, i, n, kept = 0;
	int r;

	for (done = 0; done < s->nfacts; done += n) {
		n = s->nfacts - done < PLAT_BATCH ? s->nfacts - done
						  : PLAT_BATCH;
		memset(rows, 0, sizeof(rows));
		for (i = 0; i < n; i++)
			rows[i].pid = s->facts[done + i]->row.pid;
		if (plat_rows(s->ctx->pl, rows, n) == -1)
			return -1;
		for (i = 0; i < n; i++) {
			struct facts *f = s->facts[done + i];

			if (f->row.start != 0 &&
			    (rows[i].pid == 0 ||
				memcmp(f->row.ident, rows[i].ident,
				    sizeof(f->row.ident)) != 0))
				rows[i].pid = 0;	/* no longer ssh */
			if (rows[i].flags & PLAT_ZOMBIE)
				rows[i].pid = 0;
			f->row = rows[i];
			if ((r = look(s, f)) == -1)
				return -1;
			if (r == 1) {
				s->facts[kept++] = f;
				continue;
			}
			/* If the rest fails, it is still in the array. */
			free(f->fds);
			f->fds = NULL;
		}
	}
	s->nfacts = kept;
	return 0;
}
