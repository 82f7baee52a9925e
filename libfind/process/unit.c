/* SPDX-License-Identifier: ISC */
/*
 * unit.c: the other processes in the unit of a tunnel, which also end when the
 * service manager stops that unit.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "process.h"

/* The public part first: what the caller has is a pointer to it. */
struct listing {
	struct tun_unit pub;
	struct arena *a;
	const struct tun_peer **members;
};

static int
add_member(struct listing *l, struct plat *pl, const struct plat_proc *row)
{
	struct tun_peer *peer = row_peer(l->a, row);

	if (peer == NULL)
		return -1;
	peer->argv = process_argv(l->a, pl, row);
	l->members[l->pub.nmembers++] = peer;
	return 0;
}

/* A process without a row is hidden, or has just exited. */
static int
add_members(struct listing *l, struct plat *pl, const pid_t *pids, size_t n)
{
	struct plat_proc rows[PLAT_BATCH];
	size_t done, i, k;

	l->members = arena_alloc(l->a, n * sizeof(*l->members));
	if (l->members == NULL)
		return -1;
	for (done = 0; done < n; done += k) {
		k = n - done < PLAT_BATCH ? n - done : PLAT_BATCH;
		memset(rows, 0, sizeof(rows));
		for (i = 0; i < k; i++)
			rows[i].pid = pids[done + i];
		if (plat_rows(pl, rows, k) == -1)
			return -1;
		for (i = 0; i < k; i++) {
			if (rows[i].pid == 0)
				l->pub.nhidden++;
			else if (!(rows[i].flags & PLAT_ZOMBIE) &&
			    add_member(l, pl, &rows[i]) == -1)
				return -1;
		}
	}
	l->pub.members = l->members;
	return 0;
}

struct tun_unit *
tun_unit_find(struct tun_ctx *ctx, const struct tun *t)
{
	pid_t pids[PLAT_MEMBERS_MAX];
	struct listing *l;
	struct plat_proc row;
	struct arena *a;
	size_t n;
	int error;

	row_set(&row, t->pid, t->ident);
	if (plat_members(ctx->pl, &row, pids, PLAT_MEMBERS_MAX, &n) == -1 ||
	    (a = arena_new()) == NULL)
		return NULL;
	qsort(pids, n, sizeof(*pids), pid_cmp);
	if ((l = arena_alloc(a, sizeof(*l))) != NULL) {
		l->a = a;
		if (add_members(l, ctx->pl, pids, n) == 0)
			return &l->pub;
	}
	error = errno;
	arena_free(a);
	errno = error;
	return NULL;
}

void
tun_unit_free(struct tun_unit *unit)
{
	if (unit != NULL)
		arena_free(((struct listing *)unit)->a);
}

static int
is_service_name(const char *unit)
{
	const char *dot = strrchr(unit, '.');

	return dot != NULL && strcmp(dot, ".service") == 0;
}

/*
 * A desktop runs each application as app-NAME@ID.service. Such a unit lasts as
 * long as any of its processes, and no manager starts it again.
 */
int
unit_is_service(const struct whence *from)
{
	return is_service_name(from->unit) &&
	    !(strncmp(from->unit, "app-", 4) == 0 &&
	    strchr(from->unit, '@') != NULL);
}
