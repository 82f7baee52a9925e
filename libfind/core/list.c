/* SPDX-License-Identifier: ISC */
/* The snapshot: an arena that owns all of it, and the list of tunnels. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"

#define CHUNK_MIN	4096
#define CHUNK_MAX	((size_t)1 << 20)

/* C99 has no max_align_t. */
union align {
	long long ll;
	long double ld;
	void *p;
	void (*fn)(void);
};

struct aligned {
	char c;
	union align u;		/* its offset is the alignment */
};

/* Chunks double in size up to CHUNK_MAX; only the newest is filled. */
struct chunk {
	struct chunk *next;
	size_t size, used;	/* of data */
	union align data[];
};

struct arena {
	struct chunk *chunks;
	size_t next_size;
};

struct arena *
arena_new(void)
{
	struct arena *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return NULL;
	a->next_size = CHUNK_MIN;
	return a;
}

void
arena_free(struct arena *a)
{
	struct chunk *c, *next;

	if (a == NULL)
		return;
	for (c = a->chunks; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

static struct chunk *
add_chunk(struct arena *a, size_t n)
{
	struct chunk *c;
	size_t size;

	size = n > a->next_size ? n : a->next_size;
	if (size > SIZE_MAX - sizeof(*c)) {
		errno = ENOMEM;
		return NULL;
	}
	if ((c = calloc(1, sizeof(*c) + size)) == NULL)
		return NULL;
	c->size = size;
	c->next = a->chunks;
	a->chunks = c;
	if (a->next_size < CHUNK_MAX)
		a->next_size *= 2;
	return c;
}

/* align is a power of two, at most that of union align. */
static void *
take(struct arena *a, size_t n, size_t align)
{
	struct chunk *c = a->chunks;
	size_t at;

	if (n == 0)
		n = 1;	/* so that each pointer is unique */
	at = c == NULL ? 0 : (c->used + align - 1) & ~(align - 1);
	if (c == NULL || at > c->size || n > c->size - at) {
		if ((c = add_chunk(a, n)) == NULL)
			return NULL;
		at = 0;
	}
	c->used = at + n;
	return (char *)c->data + at;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return take(a, n, offsetof(struct aligned, u));
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	const char *end;
	char *copy;

	if ((end = memchr(s, '\0', n)) != NULL)
		n = end - s;
	if (n == SIZE_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	if ((copy = take(a, n + 1, 1)) == NULL)
		return NULL;
	memcpy(copy, s, n);
	return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || (s = take(a, (size_t)n + 1, 1)) == NULL)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

/*
 * The room doubles whenever n is a power of two, so the array does not store
 * its capacity.  The old copies together are never larger than the array in
 * use.
 */
void *
arena_push(struct arena *a, void *old, size_t n, size_t size)
{
	char *array = old;

	if ((n & (n - 1)) == 0) {
		if (n > SIZE_MAX / 2 / size) {
			errno = ENOMEM;
			return NULL;
		}
		array = arena_alloc(a, (n == 0 ? 1 : 2 * n) * size);
		if (array == NULL)
			return NULL;
		if (n > 0)
			memcpy(array, old, n * size);
	}
	memset(array + n * size, 0, size);
	return array;
}

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
	const char **notes;
	char *copy;
	size_t i;

	list->complete = 0;
	for (i = 0; i < list->nnotes; i++)
		if (strcmp(list->notes[i], text) == 0)
			return 0;
	if ((copy = arena_strdup(list->arena, text)) == NULL)
		return -1;
	notes = arena_push(list->arena, list->notes, list->nnotes,
	    sizeof(*notes));
	if (notes == NULL)
		return -1;
	list->notes = notes;
	list->notes[list->nnotes++] = copy;
	return 0;
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
