/* SPDX-License-Identifier: ISC */
/*
 * row.c: one row of the process table, for a question about one process, and
 * what the caller gets of it.
 */
#include <errno.h>
#include <string.h>

#include "core.h"

void
row_set(struct plat_proc *row, pid_t pid, const uint64_t *ident)
{
	memset(row, 0, sizeof(*row));
	row->pid = pid;
	row->ident[0] = ident[0];
	row->ident[1] = ident[1];
	row->pin = -1;
}

int
row_read(struct plat *pl, pid_t pid, struct plat_proc *row)
{
	memset(row, 0, sizeof(*row));
	row->pid = pid;
	if (plat_rows(pl, row, 1) == -1)
		return -1;
	return row->pid != 0;
}

int
row_read_same(struct plat *pl, pid_t pid, const uint64_t *ident,
    struct plat_proc *row)
{
	int r = row_read(pl, pid, row);

	if (r == -1)
		return -1;
	if (r == 0 || memcmp(row->ident, ident, sizeof(row->ident)) != 0) {
		errno = ESRCH;
		return -1;
	}
	return 0;
}

struct tun_peer *
row_peer(struct arena *a, const struct plat_proc *row)
{
	struct tun_peer *peer = arena_alloc(a, sizeof(*peer));

	if (peer == NULL || (peer->comm = arena_strdup(a, row->comm)) == NULL)
		return NULL;
	peer->pid = row->pid;
	peer->uid = row->uid;
	peer->ident[0] = row->ident[0];
	peer->ident[1] = row->ident[1];
	return peer;
}
