/* SPDX-License-Identifier: ISC */
/*
 * records.c: the records of the journal, and what they say together: which are
 * of one process, which forwards of a master are open, what was ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"

/* --- order --------------------------------------------------------------- */

/* Records of one process at a time: cut what is beyond any real master. */
#define FORWARDS_MAX	1024

/* qsort(3) passes nothing on, so what is sorted has all that is compared. */
struct sorted {
	const struct tun_record *r;
	size_t at;
};

static int
cmp_place(const struct sorted *a, const struct sorted *b)
{
	return a->at < b->at ? -1 : a->at > b->at;
}

/*
 * ident[1] is no part of it, because a kernel may not tell it to every caller,
 * nor is the host, whose name may change while it runs.
 */
static int
cmp_process(const struct tun_record *a, const struct tun_record *b)
{
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->ident[0] != b->ident[0])
		return a->ident[0] < b->ident[0] ? -1 : 1;
	return strcmp(a->boot, b->boot);
}

static int
by_process(const void *va, const void *vb)
{
	const struct sorted *a = va, *b = vb;
	int cmp = cmp_process(a->r, b->r);

	return cmp != 0 ? cmp : cmp_place(a, b);
}

static int
cmp_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? (a != NULL) - (b != NULL) :
	    strcmp(a, b);
}

/* Do two recipes make the same tunnel? */
static int
cmp_recipe(const struct tun_record *a, const struct tun_record *b)
{
	size_t i;
	int cmp;

	if (a->argc != b->argc)
		return a->argc < b->argc ? -1 : 1;
	for (i = 0; i < a->argc; i++)
		if ((cmp = strcmp(a->argv[i], b->argv[i])) != 0)
			return cmp;
	if ((cmp = cmp_text(a->cwd, b->cwd)) != 0)
		return cmp;
	return cmp_text(a->host, b->host);
}

static int
by_recipe(const void *va, const void *vb)
{
	const struct sorted *a = va, *b = vb;
	int cmp = cmp_recipe(a->r, b->r);

	return cmp != 0 ? cmp : cmp_place(a, b);
}

static int
is_recipe(const struct tun_record *r)
{
	return r->kind == TUN_RECORD_START || r->kind == TUN_RECORD_KEEP;
}

/* Sorts those of the records for which wants() is 1. */
static int
sort_records(struct tun_journal *j, int (*wants)(const struct tun_record *),
    int (*cmp)(const void *, const void *), size_t **vp, size_t *np)
{
	struct sorted *v;
	size_t i, n = 0;

	*vp = arena_alloc(j->a, (j->n + 1) * sizeof(**vp));
	if (*vp == NULL || (v = calloc(j->n + 1, sizeof(*v))) == NULL)
		return -1;
	for (i = 0; i < j->n; i++)
		if (wants(j->records[i])) {
			v[n].r = j->records[i];
			v[n++].at = i;
		}
	qsort(v, n, sizeof(*v), cmp);
	for (i = 0; i < n; i++)
		(*vp)[i] = v[i].at;
	*np = n;
	free(v);
	return 0;
}

static int
is_any(const struct tun_record *r)
{
	(void)r;
	return 1;
}

static int
sort(struct tun_journal *j)
{
	size_t n;

	if (sort_records(j, is_any, by_process, &j->by_process, &n) == -1)
		return -1;
	return sort_records(j, is_recipe, by_recipe, &j->recipes,
	    &j->nrecipes);
}

/* --- reading ------------------------------------------------------------- */

/* A line that is no record is skipped: a part of one, or another's bytes. */
static int
add_line(struct tun_journal *j, const char *line, size_t len)
{
	struct tun_record *r, **records;
	const char **lines;
	int ok;

	if ((r = arena_alloc(j->a, sizeof(*r))) == NULL ||
	    (ok = journal_parse(j->a, line, len, r)) == -1)
		return -1;
	if (ok == 0)
		return 0;
	records = arena_push(j->a, j->records, j->n, sizeof(*records));
	if (records == NULL)
		return -1;
	j->records = records;
	lines = arena_push(j->a, (void *)(uintptr_t)j->lines, j->n,
	    sizeof(*lines));
	if (lines == NULL)
		return -1;
	j->lines = lines;
	records[j->n] = r;
	if ((lines[j->n] = arena_strndup(j->a, line, len)) == NULL)
		return -1;
	j->n++;
	return 0;
}

static int
add_lines(struct tun_journal *j, const char *text, size_t len)
{
	const char *end;

	while (len > 0 && (end = memchr(text, '\n', len)) != NULL) {
		if (add_line(j, text, (size_t)(end - text)) == -1)
			return -1;
		len -= (size_t)(end - text) + 1;
		text = end + 1;
	}
	return 0;
}

static int say_accounts(struct tun_journal *);

struct tun_journal *
journal_new(const char *text, size_t len, const char *boot, const char *host)
{
	struct tun_journal *j;
	struct arena *a;

	if ((a = arena_new()) == NULL)
		return NULL;
	if ((j = arena_alloc(a, sizeof(*j))) == NULL)
		goto bad;
	j->a = a;
	if ((j->boot = arena_strdup(a, boot)) == NULL ||
	    (j->host = arena_strdup(a, host)) == NULL ||
	    add_lines(j, text, len) == -1 || sort(j) == -1 ||
	    say_accounts(j) == -1)
		goto bad;
	return j;
bad:
	arena_free(a);
	errno = ENOMEM;
	return NULL;
}

void
tun_journal_free(struct tun_journal *j)
{
	if (j != NULL)
		arena_free(j->a);
}

const struct tun_record *
tun_journal_next(const struct tun_journal *j, const struct tun_record *prev)
{
	size_t i = prev == NULL ? 0 : prev->index + 1;

	return i < j->n ? j->records[i] : NULL;
}

/* --- one process --------------------------------------------------------- */

int
journal_is_here(const struct tun_journal *j, const struct tun_record *r)
{
	return strcmp(r->boot, j->boot) == 0;
}

int
journal_is_visible(const struct tun_journal *j, const struct tun_record *r)
{
	size_t len = strcspn(j->boot, "/");

	if (journal_is_here(j, r))
		return 1;
	return strcmp(r->host, j->host) == 0 &&
	    (r->boot[len] != '/' || strncmp(r->boot, j->boot, len) != 0);
}

static int
is_same_ident(const struct tun_record *a, const struct tun_record *b)
{
	return a->ident[1] == b->ident[1] || a->ident[1] == 0 ||
	    b->ident[1] == 0;
}

static const struct tun_record *
nth(const struct tun_journal *j, size_t i)
{
	return j->records[j->by_process[i]];
}

/* Finds the records of the process that key is of. */
static void
find_process(const struct tun_journal *j, const struct tun_record *key,
    size_t *firstp, size_t *endp)
{
	size_t low = 0, high = j->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (cmp_process(nth(j, mid), key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*firstp = *endp = low;
	if (low < j->n && cmp_process(nth(j, low), key) == 0)
		*endp = journal_group(j, low);
}

size_t
journal_group(const struct tun_journal *j, size_t first)
{
	size_t end = first + 1;

	while (end < j->n && cmp_process(nth(j, first), nth(j, end)) == 0)
		end++;
	return end;
}

/* Are there records of another process that had this PID? */
static int
has_others(const struct tun_journal *j, pid_t pid, size_t first, size_t end)
{
	return (first > 0 && nth(j, first - 1)->pid == pid) ||
	    (end < j->n && nth(j, end)->pid == pid);
}

/* From now on the forward is in neither of the lists. */
static void
drop_forward(struct journal_account *ac, const struct tun_forward *fwd)
{
	size_t i, n;

	for (i = n = 0; i < ac->nopen; i++)
		if (!tun_forward_same_listener(ac->open[i]->fwd, fwd))
			ac->open[n++] = ac->open[i];
	ac->nopen = n;
	for (i = n = 0; i < ac->nclosed; i++)
		if (!tun_forward_same_listener(ac->closed[i], fwd))
			ac->closed[n++] = ac->closed[i];
	ac->nclosed = n;
}

int
journal_has(const struct tun_forward *const *fwds,
    const struct tun_forward *fwd)
{
	for (; *fwds != NULL; fwds++)
		if (tun_forward_same_listener(*fwds, fwd))
			return 1;
	return 0;
}

const struct tun_record *
journal_added(struct arena *a, const struct tun_forward *fwd)
{
	struct tun_record *r = arena_alloc(a, sizeof(*r));

	if (r != NULL) {
		r->kind = TUN_RECORD_ADD;
		r->fwd = fwd;
	}
	return r;
}

void
journal_show(struct tun_fwd *fwd, const struct tun_record *added)
{
	fwd->asked = added->fwd;
	fwd->spec = *added->fwd;
	if (added->port > 0)
		fwd->spec.listen.port = added->port;
	fwd->source = TUN_SRC_JOURNAL;
}

int
journal_has_added(const struct tun_record *const *added,
    const struct tun_forward *fwd)
{
	for (; *added != NULL; added++)
		if (tun_forward_same_listener((*added)->fwd, fwd))
			return 1;
	return 0;
}

static void
apply(struct journal_account *ac, const struct tun_record *r)
{
	switch (r->kind) {
	case TUN_RECORD_START:
	case TUN_RECORD_KEEP:
		ac->recipe = r;
		ac->ended = 0;
		break;
	case TUN_RECORD_ADD:
		drop_forward(ac, r->fwd);
		if (ac->nopen < FORWARDS_MAX)
			ac->open[ac->nopen++] = r;
		break;
	case TUN_RECORD_CLOSE:
		drop_forward(ac, r->fwd);
		if (ac->nclosed < FORWARDS_MAX)
			ac->closed[ac->nclosed++] = r->fwd;
		break;
	case TUN_RECORD_END:
		ac->ended = 1;
		break;
	}
}

int
journal_account(struct tun_journal *j, const struct tun_record *key,
    struct journal_account *ac)
{
	size_t i, first, end, n;

	memset(ac, 0, sizeof(*ac));
	find_process(j, key, &first, &end);
	n = end - first < FORWARDS_MAX ? end - first : FORWARDS_MAX;
	/* Each list ends with NULL. */
	ac->open = arena_alloc(j->a, (n + 1) * sizeof(*ac->open));
	ac->closed = arena_alloc(j->a, (n + 1) * sizeof(*ac->closed));
	if (ac->open == NULL || ac->closed == NULL)
		return -1;
	for (i = first; i < end; i++)
		if (is_same_ident(nth(j, i), key))
			apply(ac, nth(j, i));
	ac->open[ac->nopen] = NULL;
	ac->closed[ac->nclosed] = NULL;
	ac->others = has_others(j, key->pid, first, end);
	return 0;
}

/* The last recipe of each process gets what happened to its forwards. */
static int
say_accounts(struct tun_journal *j)
{
	struct journal_account ac;
	struct tun_record *r;
	size_t i;

	for (i = 0; i < j->n; i++)
		j->records[i]->index = i;
	for (i = 0; i < j->n; i = journal_group(j, i)) {
		if (journal_account(j, nth(j, i), &ac) == -1)
			return -1;
		if (ac.recipe == NULL)
			continue;
		r = j->records[ac.recipe->index];
		r->added = ac.open;
		r->closed = ac.closed;
		r->current = !ac.ended;
	}
	return 0;
}

int
tun_record_is_sibling(const struct tun_record *a, const struct tun_record *b)
{
	return a != b && a->starter > 0 && a->starter == b->starter &&
	    strcmp(a->boot, b->boot) == 0 && cmp_recipe(a, b) == 0;
}

int
journal_is_replaced(const struct tun_journal *j,
    const struct tun_record *recipe)
{
	struct sorted key = { recipe, recipe->index }, here;
	size_t low = 0, high = j->nrecipes, mid;

	/* The place behind the recipe itself. */
	while (low < high) {
		mid = low + (high - low) / 2;
		here.at = j->recipes[mid];
		here.r = j->records[here.at];
		if (by_recipe(&here, &key) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < j->nrecipes; low++) {
		here.r = j->records[j->recipes[low]];
		if (cmp_recipe(here.r, recipe) != 0)
			return 0;
		if (!tun_record_is_sibling(here.r, recipe))
			return 1;
	}
	return 0;
}
