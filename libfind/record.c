/* SPDX-License-Identifier: ISC */
/*
 * record.c: writes what a scan reads as a table, which can be scanned later and
 * on another machine instead of the live system.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "verdict/verdict.h"

/* The same time as between the two samples of a scan. */
#define LATER_MS	1000

/*
 * Sanity limit on the variables that one command line names: no ssh needs so
 * many, and each is compared with all variables of each environment.
 */
#define NAMES_MAX	64

/* Names of variables that a verdict depends on. */
struct names {
	struct arena *a;
	const char **v;		/* NULL-ended */
	size_t n;
};

static int
add_name(struct names *names, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (strncmp(names->v[i], s, len) == 0 &&
		    names->v[i][len] == '\0')
			return 0;
	return arena_add_string(names->a, &names->v, &names->n,
	    arena_strndup(names->a, s, len));
}

/* Adds the NAME of each ${NAME} in a word, until there are max. */
static int
add_from(struct names *names, const char *word, size_t max)
{
	const char *end, *s;

	for (s = word; names->n < max && (s = strstr(s, "${")) != NULL;
	    s = end) {
		s += 2;
		if ((end = strchr(s, '}')) == NULL)
			return 0;
		if (add_name(names, s, (size_t)(end - s)) == -1)
			return -1;
	}
	return 0;
}

/* The label's variables and those that argv mentions; no other is written. */
static int
find_names(struct names *names, const struct tun_list *list)
{
	const struct tun *t = NULL;
	size_t i, max;

	if (add_name(names, "TUN_LABEL", 9) == -1)
		return -1;
	while ((t = tun_next(list, t)) != NULL) {
		max = names->n + NAMES_MAX;
		for (i = 0; i < t->argc; i++)
			if (add_from(names, t->argv[i], max) == -1)
				return -1;
	}
	return 0;
}

static int
write_both(struct tun_ctx *ctx, const char *const *names, int later, FILE *fp)
{
	unsigned flags = PLAT_RECORD_TRACED | PLAT_RECORD_ENV;

	if (plat_record(ctx->pl, NULL, 0, flags, names, fp) == -1)
		return -1;
	if (later && plat_later(ctx->pl, LATER_MS) && plat_record(ctx->pl,
	    NULL, 0, flags | PLAT_RECORD_LATER, names, fp) == -1)
		return -1;
	return fflush(fp) == EOF ? -1 : 0;
}

static int
write_fd(struct tun_ctx *ctx, const char *const *names, int later, int fd)
{
	FILE *fp;
	int copy, error, r;

	if ((copy = dup(fd)) == -1)
		return -1;
	if ((fp = fdopen(copy, "w")) == NULL) {
		error = errno;
		close(copy);
		errno = error;
		return -1;
	}
	r = write_both(ctx, names, later, fp);
	error = errno;
	if (fclose(fp) == EOF && r == 0)
		return -1;
	errno = error;
	return r;
}

/*
 * The scan is made for what it reads; its results are derived again when the
 * table is opened. The scan takes one sample, and the record takes the second
 * itself.
 */
int
tun_record(struct tun_ctx *ctx, unsigned flags, int fd)
{
	struct names names = { NULL, NULL, 0 };
	struct tun_list *list;
	int error, r = -1;

	if (plat_trace(ctx->pl) == -1 || tun_scan(ctx,
	    flags & ~(unsigned)(TUN_SCAN_AGAIN | TUN_SCAN_CONFIG), &list) == -1)
		return -1;
	if ((names.a = arena_new()) != NULL && find_names(&names, list) == 0)
		r = write_fd(ctx, names.v, (flags & TUN_SCAN_AGAIN) != 0, fd);
	error = errno;
	arena_free(names.a);
	tun_list_free(list);
	errno = error;
	return r;
}
