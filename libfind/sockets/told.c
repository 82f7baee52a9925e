/* SPDX-License-Identifier: ISC */
/*
 * told.c: what the journal says of the forwards of a process, as far as its
 * sockets agree. Only the server knows whether a remote forward is there, so
 * the journal decides that alone. Sockets that are hidden contradict nothing.
 */
#include <string.h>

#include "join.h"

/* Marks those that were closed on purpose and do not listen. */
static void
mark_closed(struct cand *c)
{
	const struct tun_forward *spec;
	struct fwd_links *f;
	size_t i;

	for (i = 0; i < c->verdict.tun.nfwds; i++) {
		f = &c->links.fwds[i];
		spec = &c->verdict.fwds[i].spec;
		if (!journal_has(c->facts->told->closed, spec) ||
		    (tun_forward_is_local(spec) && !f->seen))
			continue;
		if (tun_forward_is_local(spec) && f->owned > 0)
			evidence_add(&c->verdict.fwds[i].why,
			    TUN_WHY_JOURNALWRONG);
		else
			f->closed = 1;
	}
}

/* The index of the forward with this listener, or their number. */
static size_t
find_row(const struct cand *c, const struct tun_forward *spec)
{
	size_t i;

	for (i = 0; i < c->verdict.tun.nfwds; i++)
		if (tun_forward_same_listener(&c->verdict.fwds[i].spec, spec))
			break;
	return i;
}

/*
 * If the forward has the very socket of the record, this is what was opened in
 * place of a forward that was closed: its target counts.
 */
static void
update_row(struct cand *c, size_t i, const struct tun_record *r)
{
	const struct fwd_links *f = &c->links.fwds[i];
	struct tun_fwd *fwd = &c->verdict.fwds[i];
	size_t k;

	if (r->sock == 0 || fwd->source == TUN_SRC_JOURNAL)
		return;
	for (k = 0; k < f->nsocks; k++)
		if (f->socks[k]->key == r->sock) {
			journal_show(fwd, r);
			evidence_add(&fwd->why, TUN_WHY_JOURNAL);
			return;
		}
}

/* Another listener at the place of the one that was added is not the same. */
static int
is_replaced(const struct holding *v, uint64_t sock)
{
	size_t i;

	for (i = 0; sock != 0 && i < v->nheld; i++)
		if (v->held[i].sk->key == sock)
			return 0;
	return sock != 0;
}

/* Adds the forward if the sockets do not contradict. */
static int
add_forward(struct join *j, struct holding *v, const struct tun_record *r)
{
	const struct tun_forward *spec = r->fwd;
	struct cand *c = v->c;
	size_t n = c->verdict.tun.nfwds;
	struct tun_fwd *fwd = &c->verdict.fwds[n];
	struct fwd_links *f = &c->links.fwds[n];

	if (c->links.seen && is_replaced(v, r->sock)) {
		evidence_add(&c->verdict.tun.why, TUN_WHY_JOURNALWRONG);
		return 0;
	}
	fwd_init(fwd, &c->verdict.tun, TUN_SRC_JOURNAL);
	journal_show(fwd, r);
	if (match_forward(j, v, fwd, f) == -1)
		return -1;
	if (tun_forward_is_local(spec) && f->seen && f->owned == 0) {
		evidence_add(&c->verdict.tun.why, TUN_WHY_JOURNALWRONG);
		memset(fwd, 0, sizeof(*fwd));
		memset(f, 0, sizeof(*f));
		return 0;
	}
	evidence_add(&fwd->why, TUN_WHY_JOURNAL);
	c->verdict.tun.nfwds++;
	return 0;
}

int
told_join(struct join *j, struct holding *v)
{
	struct cand *c = v->c;
	const struct told *told = c->facts->told;
	size_t i, n, row;

	if (told == NULL || c->links.master != NULL)
		return 0;
	mark_closed(c);
	for (n = 0; told->open[n] != NULL; n++)
		continue;
	if (n == 0)
		return 0;
	if (fwds_grow(j, c, c->verdict.tun.nfwds + n) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		row = find_row(c, told->open[i]->fwd);
		if (row < c->verdict.tun.nfwds)
			update_row(c, row, told->open[i]);
		else if (add_forward(j, v, told->open[i]) == -1)
			return -1;
	}
	return 0;
}

int
fwds_grow(struct join *j, struct cand *c, size_t max)
{
	struct fwd_links *facts = arena_alloc(j->a, max * sizeof(*facts));
	struct tun_fwd *fwds = arena_alloc(j->a, max * sizeof(*fwds));
	size_t n = c->verdict.tun.nfwds;

	if (fwds == NULL || facts == NULL)
		return -1;
	if (n > 0) {
		memcpy(fwds, c->verdict.fwds, n * sizeof(*fwds));
		memcpy(facts, c->links.fwds, n * sizeof(*facts));
	}
	c->verdict.fwds = fwds;
	c->links.fwds = facts;
	return 0;
}
