/* SPDX-License-Identifier: ISC */
/*
 * descendants.c: the descendants of a process, for a program that looks for
 * what it has started.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/array.h"
#include "process.h"

struct descendants {
	struct plat *pl;
	const char *mark;
	struct plat_proc *rows;	/* of all visible processes */
	char *in;		/* 1: is a descendant */
	pid_t *pids;		/* of the descendants */
	size_t n, npids;
};

static int
add_pid(struct descendants *f, pid_t pid)
{
	struct plat_proc *row;

	row = array_more(&f->rows, &f->n, sizeof(*row), SIZE_MAX);
	if (row == NULL)
		return -1;
	row->pid = pid;
	return 0;
}

/*
 * Does its environment contain the mark as one whole entry? -1: not readable.
 */
static int
is_marked(struct descendants *f, const struct plat_proc *row)
{
	size_t len, i, size = strlen(f->mark) + 1;
	char *buf;
	int found = 0;

	if (plat_env(f->pl, row, &buf, &len) == -1)
		return plat_failed(errno) ? -1 : 0;
	for (i = 0; !found && i + size <= len; i += strlen(buf + i) + 1)
		found = memcmp(buf + i, f->mark, size) == 0;
	free(buf);
	return found;
}

static void
add_descendant(struct descendants *f, size_t i)
{
	f->in[i] = 1;
	f->pids[f->npids++] = f->rows[i].pid;
}

static int
read_all(struct descendants *f)
{
	struct plat_name name;
	size_t i, k, n;
	int r;

	if (plat_scan(f->pl, PLAT_SCAN_OWN) == -1)
		return -1;
	while ((r = plat_next(f->pl, &name)) == 1)
		if (add_pid(f, name.pid) == -1)
			return -1;
	if (r == -1 || (f->in = calloc(f->n + 1, 1)) == NULL ||
	    (f->pids = calloc(f->n + 1, sizeof(*f->pids))) == NULL)
		return -1;
	for (i = 0; i < f->n; i += n) {
		n = f->n - i < PLAT_BATCH ? f->n - i : PLAT_BATCH;
		if (plat_rows(f->pl, f->rows + i, n) == -1)
			return -1;
		for (k = i; f->mark != NULL && k < i + n; k++) {
			if (f->rows[k].pid == 0)
				continue;
			if ((r = is_marked(f, &f->rows[k])) == -1)
				return -1;
			if (r)
				add_descendant(f, k);
		}
	}
	return 0;
}

/*
 * A child may have a lower PID than its parent, so this repeats until a round
 * finds no new descendant.
 */
static void
add_children(struct descendants *f, pid_t pid)
{
	size_t i, k;
	int more;

	do {
		more = 0;
		for (i = 0; i < f->n; i++) {
			if (f->in[i] || f->rows[i].pid == 0 ||
			    f->rows[i].pid == pid)
				continue;
			for (k = 0; k < f->npids; k++)
				if (f->pids[k] == f->rows[i].ppid)
					break;
			if (f->rows[i].ppid != pid && k == f->npids)
				continue;
			add_descendant(f, i);
			more = 1;
		}
	} while (more);
}

static void
set_child(struct tun_child *child, const struct plat_proc *row)
{
	child->pid = row->pid;
	child->ppid = row->ppid;
	child->ident[0] = row->ident[0];
	child->ident[1] = row->ident[1];
	memcpy(child->comm, row->comm, sizeof(child->comm));
}

int
tun_sees_itself(struct tun_ctx *ctx)
{
	struct plat_proc row;

	if (ctx->recorded || plat_gaps(ctx->pl) & PLAT_GAP_PIDNS)
		return 0;
	return row_read(ctx->pl, getpid(), &row);
}

int
tun_descendants(struct tun_ctx *ctx, pid_t pid, const char *mark,
    struct tun_child **vp, size_t *np)
{
	struct descendants f;
	struct tun_child *v = NULL;
	size_t i, n = 0;
	int r = -1;

	if (mark != NULL && !(plat_caps(ctx->pl) & PLAT_CAP_ENV)) {
		errno = ENOTSUP;
		return -1;
	}
	memset(&f, 0, sizeof(f));
	f.pl = ctx->pl;
	f.mark = mark;
	if (read_all(&f) == 0 &&
	    (v = calloc(f.n + 1, sizeof(*v))) != NULL) {
		add_children(&f, pid);
		for (i = 0; i < f.n; i++) {
			if (!f.in[i] || f.rows[i].pid == pid ||
			    f.rows[i].flags & PLAT_ZOMBIE)
				continue;
			set_child(&v[n++], &f.rows[i]);
		}
		qsort(v, n, sizeof(*v), pid_cmp);
		*vp = v;
		*np = n;
		r = 0;
	}
	free(f.rows);
	free(f.in);
	free(f.pids);
	return r;
}
