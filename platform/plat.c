/* SPDX-License-Identifier: ISC */
/*
 * Hands each call to the live system or to a recorded table.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "impl.h"
#include "compat/ms.h"

#define LOOK_MS	10	/* between two looks at a process */

struct plat *
plat_open(const char *table)
{
	struct plat *pl;

	if ((pl = calloc(1, sizeof(*pl))) == NULL)
		return NULL;
	if ((table != NULL ? table_open(pl, table) : live_open(pl)) == -1) {
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
	if (pl->table != NULL)
		table_close(pl);
	else
		live_close(pl);
	trace_free(pl);
	free(pl);
}

int
plat_failed(int error)
{
	switch (error) {
	case EAGAIN:
	case EINTR:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return 1;
	default:
		return 0;
	}
}

int
plat_note_failure(struct plat *pl)
{
	int failed = plat_failed(errno);

	if (failed && pl->failure == 0)
		pl->failure = errno;
	return failed;
}

int
plat_failure(struct plat *pl)
{
	int error = pl->failure;

	pl->failure = 0;
	return error;
}

/* What a call has returned. */
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
	return pl->table != NULL ? table_caps(pl) : live_caps(pl);
}

unsigned
plat_gaps(struct plat *pl)
{
	return pl->table != NULL ? table_gaps(pl) : live_gaps(pl);
}

int64_t
plat_now(struct plat *pl)
{
	return pl->table != NULL ? table_now(pl) : live_now(pl);
}

uid_t
plat_uid(struct plat *pl)
{
	return pl->table != NULL ? table_uid(pl) : live_uid(pl);
}

int
plat_scan(struct plat *pl, unsigned flags)
{
	return noted(pl, pl->table != NULL ? table_scan(pl, flags) :
	    live_scan(pl, flags));
}

int
plat_next(struct plat *pl, struct plat_name *np)
{
	return noted(pl, pl->table != NULL ? table_next(pl, np) :
	    live_next(pl, np));
}

int
plat_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	size_t i;
	int r;

	r = noted(pl, pl->table != NULL ? table_rows(pl, rows, n) :
	    live_rows(pl, rows, n));
	for (i = 0; r == 0 && i < n; i++)
		trace_add(pl, rows[i].pid, 0);
	return r;
}

int
plat_args(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	trace_add(pl, row->pid, TRACE_ARGS);
	return noted(pl, pl->table != NULL ?
	    table_args(pl, row, bufp, lenp) : live_args(pl, row, bufp, lenp));
}

int
plat_env(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	trace_add(pl, row->pid, TRACE_ENV);
	return noted(pl, pl->table != NULL ?
	    table_env(pl, row, bufp, lenp) : live_env(pl, row, bufp, lenp));
}

ssize_t
plat_where(struct plat *pl, const struct plat_proc *row, enum plat_where what,
    char *buf, size_t len)
{
	ssize_t n;

	trace_add(pl, row->pid, what == PLAT_EXE ? TRACE_EXE : TRACE_CWD);
	n = pl->table != NULL ? table_where(pl, row, what, buf, len) :
	    live_where(pl, row, what, buf, len);
	if (n == -1)
		(void)plat_note_failure(pl);
	return n;
}

int
plat_fds(struct plat *pl, const struct plat_proc *row, struct plat_fd **fdsp,
    size_t *np, size_t *limit)
{
	trace_add(pl, row->pid, TRACE_FDS);
	return noted(pl, pl->table != NULL ?
	    table_fds(pl, row, fdsp, np, limit) :
	    live_fds(pl, row, fdsp, np, limit));
}

int
plat_origin(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	trace_add(pl, row->pid, TRACE_ORIGIN);
	return noted(pl, pl->table != NULL ? table_origin(pl, row, op) :
	    live_origin(pl, row, op));
}

int
plat_members(struct plat *pl, const struct plat_proc *row, pid_t *pids,
    size_t max, size_t *np)
{
	trace_add(pl, row->pid, TRACE_MEMBERS);
	return noted(pl, pl->table != NULL ?
	    table_members(pl, row, pids, max, np) :
	    live_members(pl, row, pids, max, np));
}

int
plat_socks(struct plat *pl, const uint64_t *keys, size_t nkeys,
    unsigned flags, const struct plat_proc *netns, struct plat_sock **socksp,
    size_t *np)
{
	return noted(pl, pl->table != NULL ?
	    table_socks(pl, keys, nkeys, flags, netns, socksp, np) :
	    live_socks(pl, keys, nkeys, flags, netns, socksp, np));
}

void
plat_hint(struct plat *pl, uint16_t port)
{
	pl->hints[port / 8] |= 1u << port % 8;
	pl->hinted = 1;
}

static void
trace_owners(struct plat *pl, const pid_t *owners, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		trace_add(pl, owners[i], TRACE_KEYS);
}

int
plat_socket_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	int r;

	r = noted(pl, pl->table != NULL ?
	    table_socket_owner(pl, keys, n, owners) :
	    live_socket_owner(pl, keys, n, owners));
	if (r == 0)
		trace_owners(pl, owners, n);
	return r;
}

int
plat_pipe_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	int r;

	r = noted(pl, pl->table != NULL ?
	    table_pipe_owner(pl, keys, n, owners) :
	    live_pipe_owner(pl, keys, n, owners));
	if (r == 0)
		trace_owners(pl, owners, n);
	return r;
}

int
plat_later(struct plat *pl, int ms)
{
	if (pl->table != NULL)
		return table_later(pl);
	ms_sleep(ms);
	return 1;
}

int
plat_file_get(struct plat *pl, const char *path, struct plat_file *file)
{
	return pl->table != NULL ? table_file_get(pl, path, file) : -1;
}

int
plat_signal(struct plat *pl, const struct plat_proc *row, const char *exe,
    int sig, int *racefree)
{
	return pl->table != NULL ? table_signal(pl, row, exe, sig, racefree) :
	    live_signal(pl, row, exe, sig, racefree);
}

/* --- holding on to a process --------------------------------------------- */

static const char *
hold_exe(const struct plat_hold *h)
{
	return h->exe[0] != '\0' ? h->exe : NULL;
}

int
plat_hold(struct plat *pl, const struct plat_proc *row, const char *exe,
    struct plat_hold *h)
{
	struct plat_hold hold = { .row = *row, .fd = -1 };

	if (pl->table != NULL) {
		errno = ENOTSUP;
		return -1;
	}
	if (exe != NULL && strlen(exe) >= sizeof(hold.exe)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (exe != NULL)
		strcpy(hold.exe, exe);
	if (live_hold(pl, row, exe, &hold.fd) == -1)
		return -1;
	*h = hold;
	return 0;
}

int
plat_hold_signal(struct plat *pl, const struct plat_hold *h, int sig)
{
	return live_hold_signal(pl, &h->row, hold_exe(h), h->fd, sig);
}

/* Nothing to wait on: look again and again. */
static int
wait_by_looking(struct plat *pl, const struct plat_hold *h, int ms)
{
	int64_t deadline = ms_now() + ms;

	for (;;) {
		if (live_hold_signal(pl, &h->row, hold_exe(h), -1, 0) == -1 &&
		    errno != EPERM)
			return errno == ESRCH ? 1 : -1;
		if (ms_now() >= deadline)
			return 0;
		ms_sleep(LOOK_MS);
	}
}

int
plat_hold_wait(struct plat *pl, const struct plat_hold *h, int ms)
{
	struct pollfd pfd = { .fd = h->fd, .events = POLLIN };
	int64_t left, deadline = ms_now() + ms;
	int r;

	if (h->fd == -1)
		return wait_by_looking(pl, h, ms);
	for (;;) {
		left = deadline - ms_now();
		r = poll(&pfd, 1, left > 0 ? (int)left : 0);
		if (r != -1)
			return r > 0;
		if (errno != EINTR)
			return -1;
	}
}

void
plat_hold_drop(struct plat_hold *h)
{
	if (h->fd != -1)
		close(h->fd);
	h->fd = -1;
}

int
plat_nudge(struct plat *pl, struct plat_nudge *v, size_t n, int ms)
{
	if (pl->table == NULL)
		return live_nudge(pl, v, n, ms);
	errno = ENOSYS;		/* nobody is at the other end of a record */
	return -1;
}
