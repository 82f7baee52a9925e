/* SPDX-License-Identifier: ISC */
/* arena.c: memory that is freed in one call, with strings and arrays in it. */
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

/* There is always one element more than strings, for the NULL. */
int
arena_add_string(struct arena *a, const char ***vp, size_t *np, const char *s)
{
	const char **v = *vp;

	if (s == NULL ||
	    (*np == 0 && (v = arena_push(a, v, 0, sizeof(*v))) == NULL))
		return -1;
	v[*np] = s;
	if ((v = arena_push(a, v, *np + 1, sizeof(*v))) == NULL)
		return -1;
	*vp = v;
	++*np;
	return 0;
}
