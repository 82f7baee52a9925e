/* SPDX-License-Identifier: ISC */
/* list.c: the snapshot: its tunnels, and what could not be seen. */
#include <stdlib.h>
#include <string.h>

#include "core.h"

struct tun_list *
list_new(void)
{
	struct tun_list *list;
	struct arena *a;

	if ((a = arena_new()) == NULL)
		return NULL;
	if ((list = arena_alloc(a, sizeof(*list))) == NULL) {
		arena_free(a);
		return NULL;
	}
	list->arena = a;
	list->complete = 1;
	return list;
}

void
tunnel_init(struct tun *t)
{
	t->conns = t->master = t->session = t->netns = -1;
	t->idle = t->heard = t->rx = t->tx = t->rtt = t->retrans = -1;
}

void
fwd_init(struct tun_fwd *fwd, const struct tun *t, enum tun_source source)
{
	fwd->tun = t;
	fwd->source = source;
	fwd->spec.listen.port = fwd->spec.connect.port = -1;
	fwd->conns = fwd->exposed = -1;
	fwd->rx = fwd->tx = -1;
}

int
list_add(struct tun_list *list, struct tun *t)
{
	struct tun **tuns;

	tuns = arena_push(list->arena, list->tuns, list->ntuns, sizeof(*tuns));
	if (tuns == NULL)
		return -1;
	list->tuns = tuns;
	list->tuns[list->ntuns++] = t;
	return 0;
}

int
list_note(struct tun_list *list, const char *text)
{
	size_t i;

	list->complete = 0;
	for (i = 0; i < list->nnotes; i++)
		if (strcmp(list->notes[i], text) == 0)
			return 0;
	return arena_add_string(list->arena, &list->notes, &list->nnotes,
	    arena_strdup(list->arena, text));
}

/*
 * Sorts by identity, not by PID alone: a PID that was reused during a scan may
 * be there twice, and tun_next() must tell the two apart.
 */
static int
by_pid(const void *va, const void *vb)
{
	const struct tun *a = *(const struct tun *const *)va;
	const struct tun *b = *(const struct tun *const *)vb;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->ident[0] != b->ident[0])
		return a->ident[0] < b->ident[0] ? -1 : 1;
	if (a->ident[1] != b->ident[1])
		return a->ident[1] < b->ident[1] ? -1 : 1;
	return 0;
}

void
list_sort(struct tun_list *list)
{
	if (list->ntuns > 0)
		qsort(list->tuns, list->ntuns, sizeof(*list->tuns), by_pid);
}

const struct tun *
tun_next(const struct tun_list *list, const struct tun *prev)
{
	struct tun **at;
	size_t i = 0;

	if (prev != NULL) {
		at = bsearch(&prev, list->tuns, list->ntuns,
		    sizeof(*list->tuns), by_pid);
		if (at == NULL)
			return NULL;	/* a tunnel of another list */
		i = at - list->tuns + 1;
	}
	return i < list->ntuns ? list->tuns[i] : NULL;
}

size_t
tun_count(const struct tun_list *list)
{
	return list->ntuns;
}

int
tun_complete(const struct tun_list *list)
{
	return list->complete;
}

const char *
tun_note(const struct tun_list *list, size_t i)
{
	return i < list->nnotes ? list->notes[i] : NULL;
}

int64_t
tun_when(const struct tun_list *list)
{
	return list->when;
}

void
tun_list_free(struct tun_list *list)
{
	if (list == NULL)
		return;
	arena_free(list->journal);
	arena_free(list->arena);
}
