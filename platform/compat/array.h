/* SPDX-License-Identifier: ISC */
/*
 * Arrays: their size, one more element, order, and binary searches. All layers
 * use it; it is a header so that nothing has to be linked.
 */
#ifndef ARRAY_H
#define ARRAY_H

#include <sys/types.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * Adds a zeroed element of size bytes to the *np elements of an array, and
 * returns it; arrayp points to the pointer to the array, which is NULL at
 * first. NULL with errno: E2BIG where it has max elements. Elements may be
 * removed by a smaller *np.
 */
static inline void *
array_more(void *arrayp, size_t *np, size_t size, size_t max)
{
	size_t n = *np;
	char *grown, *v;

	if (n >= max) {
		errno = E2BIG;
		return NULL;
	}
	memcpy(&v, arrayp, sizeof(v));
	/* It has room for 16, 32, 64 and so on. */
	if (n % 16 == 0 && (n & (n - 1)) == 0) {
		grown = realloc(v, (n == 0 ? 16 : 2 * n) * size);
		if (grown == NULL)
			return NULL;
		v = grown;
		memcpy(arrayp, &v, sizeof(v));
	}
	*np = n + 1;
	return memset(v + n * size, 0, size);
}

/* For elements that begin with a PID, in order and against a PID as key. */
static inline int
pid_cmp(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* The same for elements that begin with the key of a socket or pipe. */
static inline int
key_cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/*
 * The index of the first of n sorted elements that is not less than the key, n
 * if there is none. cmp is like that of bsearch(3): the key comes first.
 */
static inline size_t
array_place(const void *key, const void *v, size_t n, size_t size,
    int (*cmp)(const void *, const void *))
{
	size_t low = 0, high = n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (cmp(key, (const char *)v + mid * size) > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* bsearch(3), but v may be NULL, and of equal elements it is the first. */
static inline void *
array_find(const void *key, const void *v, size_t n, size_t size,
    int (*cmp)(const void *, const void *))
{
	size_t i = array_place(key, v, n, size, cmp);
	const char *p;

	if (i == n || cmp(key, p = (const char *)v + i * size) != 0)
		return NULL;
	return (void *)(uintptr_t)p;
}

#endif
