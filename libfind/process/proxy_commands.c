/* SPDX-License-Identifier: ISC */
/*
 * proxy_commands.c: helpers that are no ssh. A ProxyCommand (nc, cloudflared, a
 * shell) has ssh's pipes as its standard input and output, and holds the
 * connection that carries the tunnel. The walk skips such processes, so the
 * readers of the pipes are looked up once for all tunnels that hold some.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"

/* A pipe that a candidate holds, and the process that reads it. */
struct lead {
	uint64_t key;
	struct cand *c;
	pid_t pid;
};

/* Does it hold the pipe, at a descriptor above the standard ones? */
static int
holds_pipe(const struct facts *f, uint64_t key)
{
	size_t i;

	for (i = 0; i < f->nfds; i++)
		if (f->fds[i].kind == PLAT_FD_PIPE && f->fds[i].fd > 2 &&
		    f->fds[i].key == key)
			return 1;
	return 0;
}

static size_t
leads_of(struct cand *c, struct lead *v)
{
	size_t i, n = 0;

	if (c->links.helper != NULL || c->facts->fds == NULL)
		return 0;
	for (i = 0; i < c->facts->nfds; i++) {
		if (!pipe_is_helpers(c->facts, &c->facts->fds[i]))
			continue;
		if (v != NULL) {
			v[n].key = c->facts->fds[i].key;
			v[n].c = c;
		}
		n++;
	}
	return n;
}

/* Moves to the front those whose pipe a process reads that is no candidate. */
static int
ask(struct scan *s, struct lead *v, size_t *np)
{
	uint64_t *keys = calloc(*np, sizeof(*keys));
	pid_t *pids = calloc(*np, sizeof(*pids));
	size_t i, n = 0;
	int r = -1;

	if (keys == NULL || pids == NULL)
		goto out;
	for (i = 0; i < *np; i++)
		keys[i] = v[i].key;
	if ((r = plat_pipe_owner(s->ctx->pl, keys, *np, pids)) == -1)
		goto out;
	for (i = 0; i < *np; i++)
		if (pids[i] > 0 && scan_find(s, pids[i]) == NULL) {
			v[n] = v[i];
			v[n++].pid = pids[i];
		}
	*np = n;
out:
	free(keys);
	free(pids);
	return r;
}

/* Reads the facts of a helper while it is pinned, as for a candidate. */
static int
look_at_proxy(struct scan *s, struct facts *f)
{
	char *buf;
	size_t len;
	int r = 0;

	f->cmd.kind = CMD_OTHER;
	f->cmd.port = -1;
	if (plat_args(s->ctx->pl, &f->row, &buf, &len) == 0) {
		r = cmdline_split(s->a, buf, len, &f->argv, &f->argc);
		free(buf);
	}
	if (r == -1 || scan_read_fds(s, f) == -1)
		return -1;
	return scan_read_origin(s, f);
}

/*
 * A helper has both pipes. A process that only reads a tunnel's output, as in
 * "ssh ... | less", is no helper.
 */
static int
has_both(const struct facts *f, const struct lead *v)
{
	return f->fds != NULL && pipe_at(f, 0) == v->key &&
	    pipe_at(f, 1) != v->key && holds_pipe(v->c->facts, pipe_at(f, 1));
}

static int
adopt(struct scan *s, struct lead *v, const struct plat_proc *row)
{
	struct facts *f;
	struct cand *c;

	assert(v->c != NULL);
	if (row->pid == 0 || v->c->links.proxy != NULL)
		return 0;
	if ((f = scan_add(s)) == NULL)
		return -1;
	f->row = *row;
	if (look_at_proxy(s, f) == -1)
		return -1;
	if (!has_both(f, v))
		return 0;
	if ((c = scan_link(s, f)) == NULL)
		return -1;
	c->links.helped = v->c;
	v->c->links.proxy = c;
	return 0;
}

static int
adopt_all(struct scan *s, struct lead *v, size_t n)
{
	struct plat_proc rows[PLAT_BATCH];
	size_t done, i, k;

	for (done = 0; done < n; done += k) {
		k = n - done < PLAT_BATCH ? n - done : PLAT_BATCH;
		memset(rows, 0, sizeof(rows));
		for (i = 0; i < k; i++)
			rows[i].pid = v[done + i].pid;
		if (plat_rows(s->ctx->pl, rows, k) == -1)
			return -1;
		for (i = 0; i < k; i++)
			if (adopt(s, &v[done + i], &rows[i]) == -1)
				return -1;
	}
	return 0;
}

int
proxies_find(struct scan *s)
{
	struct lead *v;
	size_t i, k, n = 0;
	int r;

	for (i = 0; i < s->n; i++)
		n += leads_of(s->cands[i], NULL);
	if (n == 0)
		return 0;
	if ((v = calloc(n, sizeof(*v))) == NULL)
		return -1;
	for (i = k = 0; i < s->n; i++)
		k += leads_of(s->cands[i], v + k);
	r = ask(s, v, &n);
	/* Not every system can answer this; there the helper stays unknown. */
	if (r == -1 && !plat_failed(errno))
		r = n = 0;
	if (r == 0)
		r = adopt_all(s, v, n);
	free(v);
	scan_sort(s);
	return r;
}
