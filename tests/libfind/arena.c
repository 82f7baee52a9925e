/* SPDX-License-Identifier: ISC */
/* libfind/arena.c: memory, strings and arrays. */
#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "core/core.h"
#include "tests.h"

static struct arena *arena;

static void
setup(void)
{
	arena = arena_new();
	ck_assert_ptr_nonnull(arena);
}

static void
teardown(void)
{
	arena_free(arena);
}

START_TEST(test_alloc)
{
	static const size_t sizes[] = { 0, 1, 7, 16, 4095, 4097, 1 << 21 };
	unsigned char *p, *prev = NULL;
	size_t i, j, n, dirty;

	for (i = 0; i < 2000; i++) {
		n = sizes[i % (i < 20 ? 7 : 4)];
		p = arena_alloc(arena, n);
		ck_assert_ptr_nonnull(p);
		ck_assert_ptr_ne(p, prev);
		ck_assert_uint_eq((uintptr_t)p % sizeof(void *), 0);
		for (j = dirty = 0; j < n; j++)
			dirty += p[j] != 0;
		ck_assert_uint_eq(dirty, 0);
		memset(p, 0xa5, n);
		prev = p;
	}
}
END_TEST

START_TEST(test_alloc_overflow)
{
	errno = 0;
	ck_assert_ptr_null(arena_alloc(arena, SIZE_MAX));
	ck_assert_int_eq(errno, ENOMEM);
	errno = 0;
	ck_assert_ptr_null(arena_alloc(arena, SIZE_MAX - 8));
	ck_assert_int_eq(errno, ENOMEM);
	errno = 0;
	ck_assert_ptr_null(arena_push(arena, arena, (SIZE_MAX >> 3) + 1, 8));
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_ptr_nonnull(arena_alloc(arena, 8));
}
END_TEST

START_TEST(test_strings)
{
	char big[10000];

	ck_assert_str_eq(arena_strdup(arena, ""), "");
	ck_assert_str_eq(arena_strdup(arena, "a\nb\xff"), "a\nb\xff");
	ck_assert_str_eq(arena_strndup(arena, "abc", 2), "ab");
	ck_assert_str_eq(arena_strndup(arena, "abc", 9), "abc");
	ck_assert_str_eq(arena_strndup(arena, "abc", SIZE_MAX), "abc");
	ck_assert_str_eq(arena_printf(arena, "%s %d", "M", 12), "M 12");
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	ck_assert_str_eq(arena_printf(arena, "%s", big), big);
}
END_TEST

/* Two arrays grown in turn, as forwards and their words are. */
START_TEST(test_push)
{
	int *a = NULL;
	long *b = NULL;
	size_t i, n;

	for (n = 0; n < 5000; n++) {
		a = arena_push(arena, a, n, sizeof(*a));
		b = arena_push(arena, b, n, sizeof(*b));
		ck_assert_ptr_nonnull(a);
		ck_assert_ptr_nonnull(b);
		ck_assert_int_eq(a[n], 0);
		ck_assert_int_eq(b[n], 0);
		a[n] = n + 1;
		b[n] = -(long)n;
	}
	for (i = 0; i < n; i++) {
		ck_assert_int_eq(a[i], (int)i + 1);
		ck_assert_int_eq(b[i], -(long)i);
	}
	/* Shorter, then longer again: zeroed, not what was there. */
	for (n = 4; n < 6; n++) {
		a = arena_push(arena, a, n, sizeof(*a));
		ck_assert_int_eq(a[n], 0);
		ck_assert_int_eq(a[3], 4);
		a[n + 1] = 1;
	}
}
END_TEST

/* Ended by NULL after each; a string that could not be made is no end. */
START_TEST(test_add_string)
{
	const char **v = NULL;
	size_t n = 0, i;

	for (i = 0; i < 20; i++) {
		ck_assert_int_eq(arena_add_string(arena, &v, &n,
		    &"abcdefghijklmnopqrst"[i]), 0);
		ck_assert_uint_eq(n, i + 1);
		ck_assert_ptr_null(v[n]);
	}
	ck_assert_int_eq(arena_add_string(arena, &v, &n, NULL), -1);
	ck_assert_uint_eq(n, 20);
	for (i = 0; i < n; i++)
		ck_assert_uint_eq(strlen(v[i]), 20 - i);
}
END_TEST

Suite *
arena_suite(void)
{
	Suite *s = suite_create("arena");
	TCase *tc = add_tests(s, "arena", TEST(test_alloc),
	    TEST(test_alloc_overflow), TEST(test_strings), TEST(test_push),
	    TEST(test_add_string));

	tcase_add_checked_fixture(tc, setup, teardown);
	return s;
}
