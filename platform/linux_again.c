/* SPDX-License-Identifier: ISC */
/*
 * What walks with PLAT_SCAN_AGAIN remember, so that all but the first read
 * the directory and next to nothing else.
 *
 * A process is known by its number and the inode of its /proc directory: a
 * successor has another inode, and execve(2) keeps it.  So a name may change
 * behind our back.  Most that do, do so at once, as a shell's child that
 * becomes an ssh: who is young is read each time.  The rest is found by
 * every 30th walk, which believes nothing.  An inode may change by itself
 * when memory is short: then the process is young once more, which costs one
 * read.
 */
#include <stdlib.h>
#include <string.h>

#include "linux.h"
#include "ms.h"

#define YOUNG_MS	5000
#define WALKS_MAX	30

static void
forget(struct known_list *kl)
{
	size_t i;

	for (i = 0; i < kl->n; i++)
		free(kl->v[i].name);
	free(kl->v);
	memset(kl, 0, sizeof(*kl));
}

void
linux_again_free(struct live *lv)
{
	forget(&lv->last);
	forget(&lv->now);
}

void
linux_again_begin(struct live *lv)
{
	forget(&lv->last);
	/* Names are as good as the eyes they were seen with. */
	if (lv->now.flags != lv->scan)
		forget(&lv->now);
	lv->doubt = lv->walks++ % WALKS_MAX == 0;
	lv->last = lv->now;
	memset(&lv->now, 0, sizeof(lv->now));
	lv->now.flags = lv->scan;
	lv->met = 0;
	lv->walk_ms = ms_now();
}

/* Walks go by number, so both lists do. */
struct known *
linux_again_find(struct live *lv, pid_t pid, uint64_t ino)
{
	struct known_list *last = &lv->last;
	struct known *k;

	while (lv->met < last->n && last->v[lv->met].pid < pid)
		lv->met++;
	if (lv->met == last->n)
		return NULL;
	k = &last->v[lv->met];
	return k->pid == pid && k->ino == ino ? k : NULL;
}

/* A walk that believes nothing makes nobody any younger. */
int
linux_again_is_good(const struct live *lv, const struct known *k)
{
	return !lv->doubt && lv->walk_ms - k->since >= YOUNG_MS;
}

/*
 * For the next walk.  Where memory is short it is forgotten, which costs a
 * read.
 */
void
linux_again_keep(struct live *lv, struct known *old, uint64_t ino,
    const struct plat_name *np, int wanted)
{
	struct known_list *kl = &lv->now;
	struct known *k;
	size_t cap;

	if (kl->n == kl->cap) {
		cap = kl->cap > 0 ? kl->cap * 2 : 256;
		if ((k = realloc(kl->v, cap * sizeof(*k))) == NULL)
			return;
		kl->v = k;
		kl->cap = cap;
	}
	k = &kl->v[kl->n];
	k->pid = np->pid;
	k->ino = ino;
	k->since = old != NULL ? old->since : lv->walk_ms;
	k->via = np->via;
	k->name = NULL;
	if (wanted && old != NULL && old->name != NULL &&
	    strcmp(old->name, np->name) == 0) {
		k->name = old->name;
		old->name = NULL;
	} else if (wanted && (k->name = strdup(np->name)) == NULL)
		return;
	kl->n++;
}
