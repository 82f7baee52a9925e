/* SPDX-License-Identifier: ISC */
/*
 * In place of platform/table.c, which wants more of libc than we pretend to
 * have: plat.c needs something to call, and here is no table.
 */
#include <errno.h>

#include "impl.h"

int
table_open(struct plat *pl, const char *path)
{
	(void)pl;
	(void)path;
	errno = ENOSYS;
	return -1;
}

int
table_load(struct plat *pl, FILE *fp)
{
	(void)pl;
	(void)fp;
	errno = ENOSYS;
	return -1;
}

void
table_close(struct plat *pl)
{
	(void)pl;
}

unsigned
table_caps(struct plat *pl)
{
	(void)pl;
	errno = ENOSYS;
	return 0;
}

unsigned
table_gaps(struct plat *pl)
{
	(void)pl;
	errno = ENOSYS;
	return 0;
}

int64_t
table_now(struct plat *pl)
{
	(void)pl;
	errno = ENOSYS;
	return 0;
}

uid_t
table_uid(struct plat *pl)
{
	(void)pl;
	errno = ENOSYS;
	return 0;
}

int
table_scan(struct plat *pl, unsigned flags)
{
	(void)pl;
	(void)flags;
	errno = ENOSYS;
	return -1;
}

int
table_next(struct plat *pl, struct plat_name *np)
{
	(void)pl;
	(void)np;
	errno = ENOSYS;
	return -1;
}

int
table_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	(void)pl;
	(void)rows;
	(void)n;
	errno = ENOSYS;
	return -1;
}

int
table_args(struct plat *pl, const struct plat_proc *row, char **bufp, size_t
    *lenp)
{
	(void)pl;
	(void)row;
	(void)bufp;
	(void)lenp;
	errno = ENOSYS;
	return -1;
}

int
table_env(struct plat *pl, const struct plat_proc *row, char **bufp, size_t
    *lenp)
{
	(void)pl;
	(void)row;
	(void)bufp;
	(void)lenp;
	errno = ENOSYS;
	return -1;
}

ssize_t
table_where(struct plat *pl, const struct plat_proc *row, enum plat_where
    what, char *buf, size_t len)
{
	(void)pl;
	(void)row;
	(void)what;
	(void)buf;
	(void)len;
	errno = ENOSYS;
	return -1;
}

int
table_fds(struct plat *pl, const struct plat_proc *row, struct plat_fd **fdsp,
    size_t *np, size_t *limit)
{
	(void)pl;
	(void)row;
	(void)fdsp;
	(void)np;
	(void)limit;
	errno = ENOSYS;
	return -1;
}

int
table_origin(struct plat *pl, const struct plat_proc *row, struct plat_origin
    *op)
{
	(void)pl;
	(void)row;
	(void)op;
	errno = ENOSYS;
	return -1;
}

int
table_socks(struct plat *pl, const uint64_t *keys, size_t nkeys, unsigned
    flags, const struct plat_proc *netns, struct plat_sock **socksp, size_t
    *np)
{
	(void)pl;
	(void)keys;
	(void)nkeys;
	(void)flags;
	(void)netns;
	(void)socksp;
	(void)np;
	errno = ENOSYS;
	return -1;
}

int
table_signal(struct plat *pl, const struct plat_proc *row, const char *exe,
    int sig, int *racefree)
{
	(void)pl;
	(void)row;
	(void)exe;
	(void)sig;
	(void)racefree;
	errno = ENOSYS;
	return -1;
}
