/* SPDX-License-Identifier: ISC */
/*
 * Passes each call to the source: the live system or a recorded table. It also
 * remembers what a record will need (trace_add), and failures for lack of
 * memory or descriptors (noted).
 */
#include <netinet/in.h>
#include <stdlib.h>

#include "impl.h"
#include "compat/ms.h"

struct plat *
plat_open(const char *table)
{
	struct plat *pl;

	if ((pl = calloc(1, sizeof(*pl))) == NULL)
		return NULL;
	pl->ops = table != NULL ? &plat_recorded : &plat_live;
	if (PLAT_ASK(pl, open, table) == -1) {
		free(pl);
		return NULL;
	}
	return pl;
}

void
plat_close(struct plat *pl)
{
	if (pl == NULL)
		return;
	pl->ops->close(pl);
	trace_free(pl);
	free(pl);
}

/* Notes the failure of a call and returns the call's result. */
static int
noted(struct plat *pl, int r)
{
	if (r == -1)
		(void)plat_note_failure(pl);
	return r;
}

unsigned
plat_caps(struct plat *pl)
{
	return pl->ops->caps(pl);
}

unsigned
plat_gaps(struct plat *pl)
{
	return pl->ops->gaps(pl);
}

int64_t
plat_now(struct plat *pl)
{
	return pl->ops->now(pl);
}

uid_t
plat_uid(struct plat *pl)
{
	return pl->ops->uid(pl);
}

int
plat_first_port(struct plat *pl)
{
	return pl->ops->first_port != NULL ? pl->ops->first_port(pl) :
	    IPPORT_RESERVED;
}

int
plat_boot(struct plat *pl, char *buf, size_t len)
{
	return noted(pl, PLAT_ASK(pl, boot, buf, len));
}

int
plat_netns(struct plat *pl, const struct plat_proc *row, uint64_t *idp)
{
	return noted(pl, PLAT_ASK(pl, netns, row, idp));
}

int
plat_other_files(struct plat *pl, const struct plat_proc *row)
{
	return pl->ops->other_files == NULL ? 0 :
	    noted(pl, pl->ops->other_files(pl, row));
}

int
plat_is_contained(struct plat *pl, const struct plat_proc *row)
{
	return pl->ops->is_contained == NULL ? 0 :
	    noted(pl, pl->ops->is_contained(pl, row));
}

int
plat_scan(struct plat *pl, unsigned flags)
{
	return noted(pl, PLAT_ASK(pl, scan, flags));
}

int
plat_next(struct plat *pl, struct plat_name *np)
{
	return noted(pl, PLAT_ASK(pl, next, np));
}

int
plat_title(struct plat *pl, const struct plat_name *np, char *buf, size_t len)
{
	return noted(pl, PLAT_ASK(pl, title, np, buf, len));
}

int
plat_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	size_t i;
	int r = noted(pl, PLAT_ASK(pl, rows, rows, n));

	for (i = 0; r == 0 && i < n; i++)
		trace_add(pl, rows[i].pid, 0);
	return r;
}

int
plat_args(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	trace_add(pl, row->pid, TRACE_ARGS);
	return noted(pl, PLAT_ASK(pl, args, row, bufp, lenp));
}

int
plat_env(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	trace_add(pl, row->pid, TRACE_ENV);
	return noted(pl, PLAT_ASK(pl, env, row, bufp, lenp));
}

ssize_t
plat_where(struct plat *pl, const struct plat_proc *row, enum plat_where what,
    char *buf, size_t len, int *gone)
{
	ssize_t n;

	trace_add(pl, row->pid, what == PLAT_EXE ? TRACE_EXE : TRACE_CWD);
	if ((n = PLAT_ASK(pl, where, row, what, buf, len, gone)) == -1)
		(void)plat_note_failure(pl);
	return n;
}

int
plat_fds(struct plat *pl, const struct plat_proc *row, struct plat_fd **fdsp,
    size_t *np, size_t *limit)
{
	trace_add(pl, row->pid, TRACE_FDS);
	return noted(pl, PLAT_ASK(pl, fds, row, fdsp, np, limit));
}

int
plat_origin(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	trace_add(pl, row->pid, TRACE_ORIGIN);
	return noted(pl, PLAT_ASK(pl, origin, row, op));
}

int
plat_members(struct plat *pl, const struct plat_proc *row, pid_t *pids,
    size_t max, size_t *np)
{
	trace_add(pl, row->pid, TRACE_MEMBERS);
	return noted(pl, PLAT_ASK(pl, members, row, pids, max, np));
}

int
plat_socks(struct plat *pl, const uint64_t *keys, size_t nkeys,
    unsigned flags, const struct plat_proc *netns, struct plat_sock **socksp,
    size_t *np)
{
	return noted(pl, PLAT_ASK(pl, socks, keys, nkeys, flags, netns,
	    socksp, np));
}

void
plat_hint(struct plat *pl, uint16_t port)
{
	if (pl->ops->hint != NULL)
		pl->ops->hint(pl, port);
}

static int
trace_owners(struct plat *pl, const pid_t *owners, size_t n, int r)
{
	size_t i;

	for (i = 0; r == 0 && i < n; i++)
		trace_add(pl, owners[i], TRACE_KEYS);
	return noted(pl, r);
}

int
plat_socket_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	return trace_owners(pl, owners, n,
	    PLAT_ASK(pl, socket_owner, keys, n, owners));
}

int
plat_pipe_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	return trace_owners(pl, owners, n,
	    PLAT_ASK(pl, pipe_owner, keys, n, owners));
}

int
plat_keepalive(struct plat *pl, struct plat_keepalive *v, size_t n, int ms)
{
	return PLAT_ASK(pl, keepalive, v, n, ms);
}

int
plat_signal(struct plat *pl, const struct plat_proc *row, const char *exe,
    int sig)
{
	return PLAT_ASK(pl, signal, row, exe, sig);
}

int
plat_later(struct plat *pl, int ms)
{
	if (pl->ops->later != NULL)
		return pl->ops->later(pl);
	ms_sleep(ms);
	return 1;
}

int
plat_file_get(struct plat *pl, const char *path, struct plat_file *file)
{
	return PLAT_ASK(pl, file_get, path, file);
}
