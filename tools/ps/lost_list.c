/* SPDX-License-Identifier: ISC */
/* lost_list.c: tunps --lost and --forget. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/journal_use.h"
#include "common/pick.h"
#include "common/tool.h"
#include "libfind.h"
#include "ps/lost_list.h"

int
lost_list_read(struct lost_list *ll, struct tun_ctx *ctx,
    const struct tun_list *live)
{
	memset(ll, 0, sizeof(*ll));
	if ((ll->journal = tun_journal_read(ctx)) == NULL)
		return -1;
	if (tun_journal_lost(ctx, ll->journal, live, &ll->list) == 0)
		return 0;
	lost_list_free(ll);
	return -1;
}

void
lost_list_free(struct lost_list *ll)
{
	tun_list_free(ll->list);
	tun_journal_free(ll->journal);
	memset(ll, 0, sizeof(*ll));
}

int64_t
lost_list_count(struct tun_ctx *ctx, const struct tun_list *live)
{
	struct lost_list ll;
	int64_t n;

	if (lost_list_read(&ll, ctx, live) == -1)
		return -1;
	n = (int64_t)tun_count(ll.list);
	lost_list_free(&ll);
	return n;
}

/* --- --forget ------------------------------------------------------------ */

struct forgotten {
	const struct tun **v;
	size_t n;
};

static int
has_record(const struct tun_journal *j, const struct tun *t)
{
	const struct tun_record *r = NULL;

	while ((r = tun_journal_next(j, r)) != NULL)
		if (r->pid == t->pid && r->ident[0] == t->ident[0])
			return 1;
	return 0;
}

/* Adds the tunnels of the list that are selected and have a record. */
static void
collect(struct forgotten *f, const struct pick *pick,
    const struct tun_list *list, const struct tun_journal *j)
{
	const struct tun *t, *last = NULL;
	struct row *rows;
	size_t i, n, foreground;

	rows = pick_rows(pick, list, &n, &foreground);
	for (i = 0; i < n; i++) {
		t = rows[i].tun;
		if (t == last || !has_record(j, t))
			continue;
		last = t;
		f->v = tool_xreallocarray(f->v, f->n + 1, sizeof(*f->v));
		f->v[f->n++] = t;
	}
	free(rows);
}

static int
selects_any(const struct tun_select *sel, const struct forgotten *f)
{
	size_t i, k;

	for (i = 0; i < f->n; i++) {
		if (tun_select_match_tunnel(sel, f->v[i]) != 0)
			return 1;
		for (k = 0; k < f->v[i]->nfwds; k++)
			if (tun_select_match(sel, f->v[i],
			    f->v[i]->fwds[k]) != 0)
				return 1;
	}
	return 0;
}

static size_t
put_unmatched(const struct pick *pick, const struct forgotten *f)
{
	size_t i, unmatched = 0;

	for (i = 0; i < pick->nsels; i++)
		if (!selects_any(pick->sels[i], f)) {
			tool_warn("%s: the journal has no such tunnel",
			    pick->words[i]);
			unmatched++;
		}
	return unmatched;
}

int
lost_list_forget(const struct args *args, struct tun_ctx *ctx)
{
	struct pick pick = args->pick;
	struct forgotten f = { NULL, 0 };
	struct tun_list *live;
	struct lost_list ll;
	size_t unmatched;

	pick.all = 1;
	if (tun_scan(ctx, pick_scan(&pick) | TUN_SCAN_OWN | TUN_SCAN_SOCKETS,
	    &live) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	if (lost_list_read(&ll, ctx, live) == -1)
		journal_fail(ctx);
	collect(&f, &pick, live, ll.journal);
	collect(&f, &pick, ll.list, ll.journal);
	unmatched = put_unmatched(&pick, &f);
	if (f.n > 0 && tun_journal_forget(ctx, ll.journal, f.v, f.n) == -1)
		journal_fail(ctx);
	lost_list_free(&ll);
	tun_list_free(live);
	free(f.v);
	return f.n == 0 ? TOOL_NONE : unmatched > 0 ? TOOL_SOME : TOOL_MATCH;
}
