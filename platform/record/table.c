/* SPDX-License-Identifier: ISC */
/* Answers the platform's calls from a recorded table. */
#include <sys/types.h>
#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bag.h"
#include "compat/array.h"
#include "table.h"

int
table_load(struct plat *pl, FILE *fp)
{
	struct table *t;

	if ((t = table_read(fp)) == NULL)
		return -1;
	pl->ops = &plat_recorded;
	pl->table = t;
	return 0;
}

static int
table_open(struct plat *pl, const char *path)
{
	FILE *fp;
	int error, r;

	if ((fp = fopen(path, "r")) == NULL)
		return -1;
	r = table_load(pl, fp);
	error = errno;
	fclose(fp);
	errno = error;
	return r;
}

static void
table_close(struct plat *pl)
{
	table_free(pl->table->first != NULL ? pl->table->first : pl->table);
	pl->table = NULL;
}

static int
table_later(struct plat *pl)
{
	if (pl->table->later == NULL)
		return 0;
	pl->table = pl->table->later;
	return 1;
}

static unsigned
table_caps(struct plat *pl)
{
	return pl->table->sys.caps;
}

static unsigned
table_gaps(struct plat *pl)
{
	return pl->table->sys.gaps;
}

static int64_t
table_now(struct plat *pl)
{
	return pl->table->sys.now;
}

static uid_t
table_uid(struct plat *pl)
{
	return pl->table->sys.uid;
}

static int
table_scan(struct plat *pl, unsigned flags)
{
	if (pl->table->first != NULL)
		pl->table = pl->table->first;
	pl->table->scan = flags;
	pl->table->next = 0;
	return 0;
}

static int
table_next(struct plat *pl, struct plat_name *np)
{
	struct table *t = pl->table;
	const struct proc *p;

	while (t->next < t->nprocs) {
		p = &t->procs[t->next++];
		if (t->scan & PLAT_SCAN_OWN && p->row.uid != t->sys.uid)
			continue;
		*np = p->name;
		return 1;
	}
	return 0;
}

static struct proc *
by_number(struct table *t, pid_t pid)
{
	return array_find(&pid, t->procs, t->nprocs, sizeof(*t->procs),
	    pid_cmp);
}

static struct proc *
by_row(struct table *t, const struct plat_proc *row)
{
	struct proc *p;

	p = by_number(t, row->pid);
	if (p == NULL || p->row.ident[0] != row->ident[0] ||
	    p->row.ident[1] != row->ident[1]) {
		errno = ESRCH;
		return NULL;
	}
	return p;
}

static int
table_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	const struct proc *p;
	size_t i;

	assert(n <= PLAT_BATCH);
	for (i = 0; i < n; i++) {
		if ((p = by_number(pl->table, rows[i].pid)) != NULL)
			rows[i] = p->row;
		else
			memset(&rows[i], 0, sizeof(rows[i]));
	}
	return 0;
}

/* A copy of n elements; not NULL even if n is 0. */
static void *
copy(const void *from, size_t n, size_t size)
{
	void *p;

	if ((p = malloc(n == 0 ? 1 : n * size)) != NULL && n > 0)
		memcpy(p, from, n * size);
	return p;
}

static int
give(const struct bytes *b, char **bufp, size_t *lenp)
{
	char *buf;

	if (b->error != 0) {
		errno = b->error;
		return -1;
	}
	if ((buf = copy(b->p, b->len, 1)) == NULL)
		return -1;
	*bufp = buf;
	*lenp = b->len;
	return 0;
}

static int
table_args(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	const struct proc *p;

	if ((p = by_row(pl->table, row)) == NULL)
		return -1;
	return give(&p->args, bufp, lenp);
}

static int
table_env(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	const struct proc *p;

	if ((p = by_row(pl->table, row)) == NULL)
		return -1;
	return give(&p->env, bufp, lenp);
}

static ssize_t
table_where(struct plat *pl, const struct plat_proc *row,
    enum plat_where what, char *buf, size_t len, int *gone)
{
	const struct proc *p;
	const struct bytes *b;

	if ((p = by_row(pl->table, row)) == NULL)
		return -1;
	b = &p->where[what];
	if (b->error != 0 || b->len >= len) {
		errno = b->error != 0 ? b->error : ENAMETOOLONG;
		return -1;
	}
	memcpy(buf, b->p, b->len + 1);
	*gone = b->gone;
	return (ssize_t)b->len;
}

static int
table_fds(struct plat *pl, const struct plat_proc *row,
    struct plat_fd **fdsp, size_t *np, size_t *limit)
{
	struct table *t = pl->table;
	const struct proc *p;
	struct plat_fd *fds;

	if ((p = by_row(t, row)) == NULL)
		return -1;
	if (p->fds.error != 0) {
		errno = p->fds.error;
		return -1;
	}
	fds = copy(p->fds.n == 0 ? NULL : t->fds + p->fds.first, p->fds.n,
	    sizeof(*fds));
	if (fds == NULL)
		return -1;
	*fdsp = fds;
	*np = p->fds.n;
	if (limit != NULL)
		*limit = p->limit;
	return 0;
}

static int
table_origin(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	const struct proc *p;

	if ((p = by_row(pl->table, row)) == NULL)
		return -1;
	if (p->origin_error != 0) {
		errno = p->origin_error;
		return -1;
	}
	*op = *p->origin;
	return 0;
}

static int
table_other_files(struct plat *pl, const struct plat_proc *row)
{
	const struct proc *p = by_row(pl->table, row);

	return p == NULL ? -1 : p->otherfiles;
}

static int
table_members(struct plat *pl, const struct plat_proc *row, pid_t *pids,
    size_t max, size_t *np)
{
	const struct proc *p;
	const char *s;
	size_t n = 0;

	if ((p = by_row(pl->table, row)) == NULL)
		return -1;
	if (p->members.error != 0) {
		errno = p->members.error;
		return -1;
	}
	for (s = p->members.p; s != NULL && s < p->members.p + p->members.len;
	    s += strlen(s) + 1) {
		if (n == max) {
			errno = E2BIG;
			return -1;
		}
		pids[n++] = (pid_t)strtol(s, NULL, 10);
	}
	*np = n;
	return 0;
}

/* Its own list, or that of another process in the same namespace. */
static const struct span *
netns_socks(const struct table *t, const struct proc *p)
{
	const struct proc *q;

	if (p->socks.error == 0 || p->origin == NULL ||
	    p->origin->netns_id == 0)
		return &p->socks;
	for (q = t->procs; q < t->procs + t->nprocs; q++)
		if (q->origin != NULL && q->socks.error == 0 &&
		    q->origin->netns_id == p->origin->netns_id)
			return &q->socks;
	return &p->socks;
}

/* Clears what is not returned without PLAT_SOCKS_INFO. */
static void
strip_info(struct plat_sock *s)
{
	s->known &= ~(unsigned)(PLAT_SOCK_INFO | PLAT_SOCK_BYTES);
	s->probes = s->unacked = s->total_retrans = 0;
	s->lds = s->ldr = s->lar = s->rtt = 0;
	s->rx = s->tx = 0;
}

static int
table_socks(struct plat *pl, const uint64_t *keys, size_t nkeys,
    unsigned flags, const struct plat_proc *netns,
    struct plat_sock **socksp, size_t *np)
{
	struct table *t = pl->table;
	const struct span *span = &t->socks;
	struct plat_sock *all;
	struct bag bag;
	struct proc *p;
	size_t i;
	int r = 0;

	if (netns != NULL) {
		if ((p = by_row(t, netns)) == NULL)
			return -1;
		if (p->origin == NULL || p->origin->netns != 1)
			span = netns_socks(t, p);
	}
	if (span->error != 0) {
		errno = span->error;
		return -1;
	}
	if (bag_init(&bag, keys, nkeys, flags | PLAT_SOCKS_LEFT) == -1)
		return -1;
	all = span->n == 0 ? NULL : t->sockv + span->first;
	for (i = 0; i < span->n; i++)
		bag_mark(&bag, &all[i]);
	for (i = 0; i < span->n && r == 0; i++)
		r = bag_add(&bag, &all[i]);
	for (i = 0; i < bag.n && !(flags & PLAT_SOCKS_INFO); i++)
		strip_info(&bag.socks[i]);
	if (r == 0) {
		*socksp = bag.socks;
		*np = bag.n;
		bag.socks = NULL;
	}
	bag_free(&bag);
	return r;
}

/*
 * A socket's owner is the first process that holds it, as in a walk over all;
 * a pipe's is the last that has it as its standard input.
 */
static void
find_owners(const struct table *t, enum plat_fdkind kind,
    const uint64_t *keys, size_t n, pid_t *owners)
{
	int pipe = kind == PLAT_FD_PIPE;
	const struct plat_fd *f;
	const struct proc *p;
	size_t i, j, k;

	memset(owners, 0, n * sizeof(*owners));
	for (i = 0; i < t->nprocs; i++) {
		p = &t->procs[i];
		for (j = 0; j < p->fds.n; j++) {
			f = &t->fds[p->fds.first + j];
			if (f->kind != kind || (pipe && f->fd != 0))
				continue;
			for (k = 0; k < n; k++)
				if (keys[k] != 0 && keys[k] == f->key &&
				    (pipe || owners[k] == 0))
					owners[k] = p->row.pid;
		}
	}
}

static int
table_socket_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	find_owners(pl->table, PLAT_FD_SOCKET, keys, n, owners);
	return 0;
}

static int
table_pipe_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	find_owners(pl->table, PLAT_FD_PIPE, keys, n, owners);
	return 0;
}

static int
table_file_get(struct plat *pl, const char *path, struct plat_file *file)
{
	const struct table *t = pl->table;
	size_t i;

	if (t->first != NULL)
		t = t->first;
	for (i = 0; i < t->nfiles; i++)
		if (strcmp(t->files[i].path.p, path) == 0) {
			*file = t->files[i].is;
			return 0;
		}
	memset(file, 0, sizeof(*file));
	file->error = EACCES;
	return 0;
}

/* A process that has this PID today is not the recorded one. */
static int
table_signal(struct plat *pl, const struct plat_proc *row, const char *exe,
    int sig)
{
	(void)pl;
	(void)row;
	(void)exe;
	(void)sig;
	errno = ENOTSUP;
	return -1;
}

static int
table_hold(struct plat *pl, const struct plat_proc *row, const char *exe,
    int *fdp)
{
	(void)fdp;
	return table_signal(pl, row, exe, 0);
}

/* A recorded connection has no peer to ask, so there is no keepalive. */
const struct plat_ops plat_recorded = {
	.open = table_open,
	.close = table_close,
	.caps = table_caps,
	.gaps = table_gaps,
	.now = table_now,
	.uid = table_uid,
	.scan = table_scan,
	.next = table_next,
	.rows = table_rows,
	.args = table_args,
	.env = table_env,
	.where = table_where,
	.fds = table_fds,
	.other_files = table_other_files,
	.origin = table_origin,
	.members = table_members,
	.socks = table_socks,
	.socket_owner = table_socket_owner,
	.pipe_owner = table_pipe_owner,
	.signal = table_signal,
	.hold = table_hold,
	.later = table_later,
	.file_get = table_file_get
};

