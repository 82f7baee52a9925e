/* SPDX-License-Identifier: ISC */
/*
 * A system that we cannot look at: ENOSYS for everything but recorded tables.
 * The template for a port: copy it, and fill in one function after the other.
 * A call that the system has no answer to stays as it is here, and its
 * PLAT_CAP_ bit unset.
 */
#include <errno.h>

#include "impl.h"

/* Sets pl->live, which is yours to define. */
int
live_open(struct plat *pl)
{
	(void)pl;
	errno = ENOSYS;
	return -1;
}

void
live_close(struct plat *pl)
{
	(void)pl;
}

unsigned
live_caps(struct plat *pl)
{
	(void)pl;
	return 0;
}

unsigned
live_gaps(struct plat *pl)
{
	return pl->gaps;
}

int64_t
live_now(struct plat *pl)
{
	(void)pl;
	return 0;
}

uid_t
live_uid(struct plat *pl)
{
	(void)pl;
	return (uid_t)-1;
}

int
live_scan(struct plat *pl, unsigned flags)
{
	(void)pl;
	(void)flags;
	errno = ENOSYS;
	return -1;
}

int
live_next(struct plat *pl, struct plat_name *np)
{
	(void)pl;
	(void)np;
	errno = ENOSYS;
	return -1;
}

int
live_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	(void)pl;
	(void)rows;
	(void)n;
	errno = ENOSYS;
	return -1;
}

int
live_args(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	(void)pl;
	(void)row;
	(void)bufp;
	(void)lenp;
	errno = ENOSYS;
	return -1;
}

int
live_env(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	(void)pl;
	(void)row;
	(void)bufp;
	(void)lenp;
	errno = ENOSYS;
	return -1;
}

ssize_t
live_where(struct plat *pl, const struct plat_proc *row, enum plat_where what,
    char *buf, size_t len)
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
live_fds(struct plat *pl, const struct plat_proc *row, struct plat_fd **fdsp,
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
live_origin(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	(void)pl;
	(void)row;
	(void)op;
	errno = ENOSYS;
	return -1;
}

int
live_members(struct plat *pl, const struct plat_proc *row, pid_t *pids,
    size_t max, size_t *np)
{
	(void)pl;
	(void)row;
	(void)pids;
	(void)max;
	(void)np;
	errno = ENOSYS;
	return -1;
}

int
live_socks(struct plat *pl, const uint64_t *keys, size_t nkeys,
    unsigned flags, const struct plat_proc *netns, struct plat_sock **socksp,
    size_t *np)
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

void
live_socks_close(struct plat *pl)
{
	(void)pl;
}

int
live_socket_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	(void)pl;
	(void)keys;
	(void)n;
	(void)owners;
	errno = ENOSYS;
	return -1;
}

int
live_pipe_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	(void)pl;
	(void)keys;
	(void)n;
	(void)owners;
	errno = ENOSYS;
	return -1;
}

int
live_hold(struct plat *pl, const struct plat_proc *row, const char *exe,
    int *fdp)
{
	(void)pl;
	(void)row;
	(void)exe;
	(void)fdp;
	errno = ENOSYS;
	return -1;
}

int
live_hold_signal(struct plat *pl, const struct plat_proc *row,
    const char *exe, int fd, int sig)
{
	(void)pl;
	(void)row;
	(void)exe;
	(void)fd;
	(void)sig;
	errno = ENOSYS;
	return -1;
}

int
live_signal(struct plat *pl, const struct plat_proc *row, const char *exe,
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

int
live_nudge(struct plat *pl, struct plat_nudge *v, size_t n, int ms)
{
	(void)pl;
	(void)v;
	(void)n;
	(void)ms;
	errno = ENOSYS;
	return -1;
}

/* ENOSYS: all paths count as local, and a dead mount may hold us up. */
int
plat_mounts(struct plat_mount **vp, size_t *np)
{
	(void)vp;
	(void)np;
	errno = ENOSYS;
	return -1;
}
