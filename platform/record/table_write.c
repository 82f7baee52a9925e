/* SPDX-License-Identifier: ISC */
/* Writes a recorded table of what a source answers. */
#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/array.h"
#include "table.h"

/* The state while a record is written. */
struct recording {
	struct plat *pl;
	unsigned flags;
	const char *const *env;
	FILE *fp;
	struct recorded *v;	/* the processes in it, by PID */
	size_t n;
	uint64_t *keys;		/* of all their sockets */
	size_t nkeys;
	uint64_t *netns;	/* namespaces written so far */
	size_t nnetns;
	pid_t *pids;		/* the processes asked for */
	size_t npids;
	int all;		/* or all processes */
};

struct recorded {
	struct plat_name name;	/* first: its PID sorts them */
	unsigned what;		/* TRACE_* */
};

/* --- lines ---------------------------------------------------------------- */

/* If a call has failed, writes the reason in place of the value. */
static int
put_failure(const struct recording *rec, const char *key, int r)
{
	if (r == -1)
		table_put_error(rec->fp, key, errno);
	return r == -1;
}

/* Is it NAME=VALUE with one of these names? */
static int
has_name(const char *s, const char *const *names)
{
	size_t len = strcspn(s, "=");

	for (; *names != NULL; names++)
		if (s[len] == '=' && strlen(*names) == len &&
		    strncmp(s, *names, len) == 0)
			return 1;
	return 0;
}

/* If names are given, writes only these variables. */
static void
put_words(FILE *fp, const char *key, const char *s, size_t len,
    const char *const *names)
{
	const char *end = s + len;

	fputs(key, fp);
	for (; s < end; s += strlen(s) + 1) {
		if (names != NULL && !has_name(s, names))
			continue;
		fputs(*s == '\0' ? " \"\"" : " ", fp);
		table_put_bytes(fp, s, strlen(s));
	}
	putc('\n', fp);
}

static void
put_args(const struct recording *rec, const struct plat_proc *row)
{
	char *buf;
	size_t len;

	if (put_failure(rec, "args", PLAT_ASK(rec->pl, args, row, &buf, &len)))
		return;
	put_words(rec->fp, "args", buf, len, NULL);
	free(buf);
}

static void
put_env(const struct recording *rec, const struct plat_proc *row)
{
	char *buf;
	size_t len;

	if (put_failure(rec, "env", PLAT_ASK(rec->pl, env, row, &buf, &len)))
		return;
	put_words(rec->fp, "env", buf, len, rec->env);
	free(buf);
}

static void
put_where(const struct recording *rec, const struct plat_proc *row,
    enum plat_where what, const char *key)
{
	char path[4096];
	ssize_t len;
	int gone;

	len = PLAT_ASK(rec->pl, where, row, what, path, sizeof(path), &gone);
	if (put_failure(rec, key, len == -1 ? -1 : 0))
		return;
	fprintf(rec->fp, "%s ", key);
	table_put_bytes(rec->fp, path, (size_t)len);
	if (gone)
		fputs(" gone", rec->fp);
	else if (table_is_deleted(path, (size_t)len))
		fputs(" there", rec->fp);
	putc('\n', rec->fp);
}

/* For a process found only by what it holds, writes only that. */
static void
put_fds(const struct recording *rec, const struct plat_proc *row,
    unsigned what)
{
	struct plat_fd *fds;
	struct proc p;
	size_t i, n;

	if (put_failure(rec, "fds",
	    PLAT_ASK(rec->pl, fds, row, &fds, &n, &p.limit)))
		return;
	table_put(rec->fp, "fds", LINE_FDS, &p);
	for (i = 0; i < n; i++)
		if (what & TRACE_FDS || fds[i].kind == PLAT_FD_SOCKET ||
		    fds[i].kind == PLAT_FD_PIPE)
			table_put(rec->fp, "fd", LINE_FD, &fds[i]);
	free(fds);
}

static void
put_members(const struct recording *rec, const struct plat_proc *row)
{
	pid_t pids[PLAT_MEMBERS_MAX];
	size_t i, n;

	if (put_failure(rec, "members",
	    PLAT_ASK(rec->pl, members, row, pids, PLAT_MEMBERS_MAX, &n)))
		return;
	fputs("members", rec->fp);
	for (i = 0; i < n; i++)
		if (pids[i] != getpid())
			fprintf(rec->fp, " %ld", (long)pids[i]);
	putc('\n', rec->fp);
}

/* Writes the sockets that belong to the keys; row NULL: our namespace. */
static void
put_socks(const struct recording *rec, const struct plat_proc *row,
    const char *key)
{
	struct plat_sock *socks;
	size_t i, n;

	if (put_failure(rec, key, PLAT_ASK(rec->pl, socks, rec->keys,
	    rec->nkeys, PLAT_SOCKS_LISTEN | PLAT_SOCKS_ALL | PLAT_SOCKS_INFO |
	    PLAT_SOCKS_UNIX, row, &socks, &n)))
		return;
	fprintf(rec->fp, "%s\n", key);
	for (i = 0; i < n; i++)
		table_put(rec->fp, "sock", LINE_SOCK, &socks[i]);
	free(socks);
}

/* A namespace is written with the first process in it. */
static int
put_netns(struct recording *rec, const struct plat_proc *row, uint64_t id)
{
	uint64_t *p;
	size_t i;

	for (i = 0; id != 0 && i < rec->nnetns; i++)
		if (rec->netns[i] == id)
			return 0;
	p = array_more(&rec->netns, &rec->nnetns, sizeof(*p), MAX_PROCS);
	if (p == NULL)
		return -1;
	*p = id;
	put_socks(rec, row, "netns");
	return 0;
}

static int
put_origin(struct recording *rec, const struct plat_proc *row, unsigned what)
{
	struct plat_origin o;

	if (put_failure(rec, "origin", PLAT_ASK(rec->pl, origin, row, &o)))
		return 0;
	table_put(rec->fp, "origin", LINE_ORIGIN, &o);
	if (*o.unit != '\0' && what & TRACE_MEMBERS)
		put_members(rec, row);
	return o.netns == 0 ? put_netns(rec, row, o.netns_id) : 0;
}

static int
put_proc(struct recording *rec, const struct recorded *r,
    const struct plat_proc *row)
{
	struct proc p = { .name = r->name, .row = *row };

	if (rec->pl->ops->other_files != NULL)
		p.otherfiles = rec->pl->ops->other_files(rec->pl, row);
	table_put(rec->fp, "\nproc", LINE_PROC, &p);
	if (r->what & TRACE_ARGS)
		put_args(rec, row);
	if (r->what & TRACE_ENV && rec->flags & PLAT_RECORD_ENV)
		put_env(rec, row);
	if (r->what & TRACE_EXE)
		put_where(rec, row, PLAT_EXE, "exe");
	if (r->what & TRACE_CWD)
		put_where(rec, row, PLAT_CWD, "cwd");
	if (r->what & (TRACE_FDS | TRACE_KEYS))
		put_fds(rec, row, r->what);
	return r->what & TRACE_ORIGIN ? put_origin(rec, row, r->what) : 0;
}

static void
put_file(FILE *fp, const struct plat_file *f)
{
	fputs("file ", fp);
	table_put_bytes(fp, f->path, strlen(f->path));
	if (f->error != 0)
		table_put_error(fp, "", f->error);
	else
		table_put(fp, "", LINE_FILE, f);
}

/* --- which processes ------------------------------------------------------ */

/* Collects the keys of all processes before any socket is looked up. */
static int
find_keys(struct recording *rec)
{
	struct plat_proc row;
	struct plat_fd *fds;
	uint64_t *key = NULL;
	size_t i, k, n, limit;

	for (i = 0; i < rec->n; i++) {
		row.pid = rec->v[i].name.pid;
		if (!(rec->v[i].what & TRACE_FDS))
			continue;
		if (PLAT_ASK(rec->pl, rows, &row, 1) == -1)
			return -1;
		if (row.pid == 0)
			continue;
		if (PLAT_ASK(rec->pl, fds, &row, &fds, &n, &limit) == -1) {
			if (plat_failed(errno))
				return -1;
			continue;
		}
		for (k = 0; k < n; k++) {
			if (fds[k].kind != PLAT_FD_SOCKET)
				continue;
			key = array_more(&rec->keys, &rec->nkeys, sizeof(*key),
			    MAX_FDS);
			if (key == NULL)
				break;
			*key = fds[k].key;
		}
		free(fds);
		if (k < n)
			return -1;
	}
	return 0;
}

static int
add_pids(struct recording *rec, const pid_t *pids, size_t n)
{
	pid_t *p;
	size_t i;

	for (i = 0; i < n; i++) {
		p = array_more(&rec->pids, &rec->npids, sizeof(*p), MAX_PROCS);
		if (p == NULL)
			return -1;
		*p = pids[i];
	}
	return 0;
}

/*
 * Adds the other processes in the units of those asked for, because an origin
 * depends on them. If there are many, their number is enough.
 */
#define FEW	16

static int
choose(struct recording *rec, const pid_t *pids, size_t n)
{
	struct plat_proc row;
	pid_t more[FEW];
	size_t i, nmore;

	if (add_pids(rec, pids, n) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		row.pid = pids[i];
		if (PLAT_ASK(rec->pl, rows, &row, 1) == -1)
			return -1;
		if (row.pid != 0 &&
		    PLAT_ASK(rec->pl, members, &row, more, FEW, &nmore) == 0 &&
		    add_pids(rec, more, nmore) == -1)
			return -1;
	}
	return 0;
}

/* What is written of a process; -1: nothing. */
static int
what_of(const struct recording *rec, pid_t pid)
{
	size_t i;

	if (rec->flags & PLAT_RECORD_TRACED)
		return trace_what(rec->pl, pid);
	for (i = 0; i < rec->npids; i++)
		if (rec->pids[i] == pid)
			break;
	return rec->all || i < rec->npids ? TRACE_ALL : -1;
}

static int
find_procs(struct recording *rec)
{
	struct plat_name name;
	struct recorded *r;
	int more, what;

	if (PLAT_ASK(rec->pl, scan, 0) == -1)
		return -1;
	while ((more = PLAT_ASK(rec->pl, next, &name)) == 1) {
		if ((what = what_of(rec, name.pid)) == -1)
			continue;
		r = array_more(&rec->v, &rec->n, sizeof(*r), MAX_PROCS);
		if (r == NULL)
			return -1;
		r->name = name;
		r->what = (unsigned)what;
	}
	if (more == 0 && rec->n > 0)
		qsort(rec->v, rec->n, sizeof(*rec->v), pid_cmp);
	return more;
}

/* --- all of it ------------------------------------------------------------ */

static int
put_table(struct recording *rec)
{
	const struct plat_file *file;
	struct plat_proc row;
	struct system sys;
	size_t i;

	sys.caps = rec->pl->ops->caps(rec->pl);
	sys.gaps = rec->pl->ops->gaps(rec->pl);
	sys.now = rec->pl->ops->now(rec->pl);
	sys.uid = rec->pl->ops->uid(rec->pl);
	fprintf(rec->fp, "%s\n",
	    rec->flags & PLAT_RECORD_LATER ? "\nlater" : MAGIC);
	table_put(rec->fp, "system", LINE_SYSTEM, &sys);
	for (i = 0; i < rec->n; i++) {
		row.pid = rec->v[i].name.pid;
		if (PLAT_ASK(rec->pl, rows, &row, 1) == -1)
			return -1;
		if (row.pid != 0 && put_proc(rec, &rec->v[i], &row) == -1)
			return -1;
	}
	putc('\n', rec->fp);
	put_socks(rec, NULL, "socks");
	if (!(rec->flags & PLAT_RECORD_LATER))
		for (i = 0; (file = trace_file(rec->pl, i)) != NULL; i++)
			put_file(rec->fp, file);
	return ferror(rec->fp) ? -1 : 0;
}

int
plat_record(struct plat *pl, const pid_t *pids, size_t n, unsigned flags,
    const char *const *env, FILE *fp)
{
	struct recording rec = { .pl = pl, .flags = flags, .env = env,
	    .fp = fp, .all = pids == NULL };
	int r = -1;

	if ((pids == NULL || choose(&rec, pids, n) == 0) &&
	    find_procs(&rec) == 0 && find_keys(&rec) == 0)
		r = put_table(&rec);
	if (trace_check(pl) == -1)
		r = -1;
	free(rec.v);
	free(rec.pids);
	free(rec.keys);
	free(rec.netns);
	return r;
}
