/* SPDX-License-Identifier: ISC */
/* Reads a recorded table: its text into a struct table. */
#include <sys/types.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cgroup_path.h"
#include "compat/array.h"
#include "table.h"

/* --- lines ---------------------------------------------------------------- */

/* Changes words in place into words that end with NUL. */
static int
get_words(char *line, struct bytes *b)
{
	char *s, *to = line;
	size_t len;

	b->p = line;
	while ((s = table_word(&line)) != NULL) {
		if (strcmp(s, "\"\"") == 0)
			*s = '\0';
		else if (*s == '\0')
			return table_bad();
		if (table_unescape(s, &len) == -1)
			return -1;
		if (strlen(s) != len)
			return table_bad();
		memmove(to, s, len + 1);
		to += len + 1;
	}
	b->len = b->p == NULL ? 0 : (size_t)(to - b->p);
	return 0;
}

static int
get_path(char *line, struct bytes *b)
{
	if (line == NULL || *line == '!' || strchr(line, ' ') != NULL ||
	    table_unescape(line, &b->len) == -1 || strlen(line) != b->len)
		return table_bad();
	b->p = line;
	return 0;
}

static int
get_where(char *line, struct bytes *b)
{
	char *path = table_word(&line);

	b->gone = line != NULL && strcmp(line, "gone") == 0;
	if (line != NULL && !b->gone && strcmp(line, "there") != 0)
		return table_bad();
	if (get_path(path, b) == -1)
		return -1;
	if (line == NULL && table_is_deleted(b->p, b->len)) {
		b->gone = 1;
		b->len -= sizeof(DELETED) - 1;
		b->p[b->len] = '\0';
	}
	return 0;
}

/* The PIDs are kept as text. */
static int
get_members(char *line, struct bytes *b)
{
	const char *s;
	uint64_t pid;

	if (get_words(line, b) == -1)
		return -1;
	for (s = b->p; s != NULL && s < b->p + b->len; s += strlen(s) + 1)
		if (table_number(s, INT32_MAX, &pid) == -1)
			return -1;
	return 0;
}

/* What the lines to come belong to. */
struct table_reader {
	struct table *t;	/* the sample */
	struct proc *proc;	/* NULL: none */
	struct span *socks;	/* NULL: none */
};

static int
get_proc(struct table_reader *rd, char *line)
{
	struct table *t = rd->t;
	struct proc *p;

	p = array_more(&t->procs, &t->nprocs, sizeof(*p), MAX_PROCS);
	if (p == NULL)
		return -1;
	p->row.tty = PLAT_NOTTY;
	p->args.error = p->env.error = p->where[PLAT_EXE].error =
	    p->where[PLAT_CWD].error = p->origin_error = p->fds.error =
	    p->socks.error = EACCES;
	p->members.error = ENOTSUP;
	if (table_get(line, LINE_PROC, p) == -1)
		return -1;
	p->row.pid = p->name.pid;
	rd->proc = p;
	rd->socks = NULL;
	return p->name.pid > 0 ? 0 : table_bad();
}

static int
get_origin(struct proc *p, char *line)
{
	size_t len;
	int r, user;

	if ((r = table_get_error(line, &p->origin_error)) != 0)
		return r == -1 ? -1 : 0;
	if (p->origin == NULL &&
	    (p->origin = calloc(1, sizeof(*p->origin))) == NULL)
		return -1;
	if (table_get(line, LINE_ORIGIN, p->origin) == -1)
		return -1;
	/* The path of the group gives the other members. */
	p->origin->cgroup_kind = cgroup_kind(p->origin->cgroup);
	(void)cgroup_unit(p->origin->cgroup, &len, &user,
	    &p->origin->unit_owner);
	/* Tables of before the group was recorded: the manager of its user. */
	if (p->origin->unit_user && *p->origin->cgroup == '\0')
		p->origin->unit_owner = p->row.uid;
	return 0;
}

/* Starts a list, whose lines follow: fds, netns, socks. */
static int
get_span(struct span *span, char *line, size_t first)
{
	int r;

	if (span->n > 0 || (r = table_get_error(line, &span->error)) == -1)
		return table_bad();
	span->first = first;
	return r;
}

static int
get_fds(struct table *t, struct proc *p, char *line)
{
	int r;

	if ((r = get_span(&p->fds, line, t->nfds)) != 0)
		return r == -1 ? -1 : 0;
	return table_get(line, LINE_FDS, p);
}

static int
get_fd(struct table *t, struct proc *p, char *line)
{
	struct plat_fd *f;

	if (p->fds.error != 0)
		return table_bad();
	f = array_more(&t->fds, &t->nfds, sizeof(*f), MAX_FDS);
	if (f == NULL)
		return -1;
	p->fds.n++;
	return table_get(line, LINE_FD, f);
}

static int
get_socks(struct table_reader *rd, struct span *span, char *line)
{
	int r;

	if ((r = get_span(span, line, rd->t->nsocks)) == -1)
		return -1;
	rd->socks = r == 0 ? span : NULL;
	return r == 0 && line != NULL ? table_bad() : 0;
}

static int
get_sock(struct table_reader *rd, char *line)
{
	struct plat_sock *s;

	if (rd->socks == NULL)
		return table_bad();
	s = array_more(&rd->t->sockv, &rd->t->nsocks, sizeof(*s), MAX_SOCKS);
	if (s == NULL)
		return -1;
	rd->socks->n++;
	if (table_get(line, LINE_SOCK, s) == -1)
		return -1;
	return s->family != 0 ? 0 : table_bad();
}

/* "file PATH !REASON" or "file PATH ino=..." */
static int
get_file(struct table *t, char *line)
{
	struct file *f;
	char *path = table_word(&line);
	int r;

	f = array_more(&t->files, &t->nfiles, sizeof(*f), MAX_FILES);
	if (f == NULL || get_path(path, &f->path) == -1)
		return -1;
	if ((r = table_get_error(line, &f->is.error)) != 0)
		return r == -1 ? -1 : 0;
	return table_get(line, LINE_FILE, &f->is);
}

/* The lines of a process whose value is kept as text. */
static const struct {
	const char *key;
	int (*get)(char *, struct bytes *);
	size_t off;
} texts[] = {
	{ "args", get_words, offsetof(struct proc, args) },
	{ "env", get_words, offsetof(struct proc, env) },
	{ "exe", get_where, offsetof(struct proc, where[PLAT_EXE]) },
	{ "cwd", get_where, offsetof(struct proc, where[PLAT_CWD]) },
	{ "members", get_members, offsetof(struct proc, members) }
};

static int
get_text(struct proc *p, const char *key, char *line)
{
	struct bytes *b;
	size_t i;
	int r;

	for (i = 0; i < NELEM(texts); i++)
		if (strcmp(key, texts[i].key) == 0) {
			b = (void *)((char *)p + texts[i].off);
			r = table_get_error(line, &b->error);
			return r == 0 ? texts[i].get(line, b) :
			    r == 1 ? 0 : -1;
		}
	return table_bad();
}

static int
get_line(struct table_reader *rd, char *line)
{
	struct proc *p = rd->proc;
	char *key = table_word(&line);

	if (strcmp(key, "system") == 0)
		return table_get(line, LINE_SYSTEM, &rd->t->sys);
	if (strcmp(key, "proc") == 0)
		return get_proc(rd, line);
	if (strcmp(key, "file") == 0)
		return get_file(rd->t, line);
	if (strcmp(key, "sock") == 0)
		return get_sock(rd, line);
	if (strcmp(key, "socks") == 0) {
		rd->proc = NULL;
		return get_socks(rd, &rd->t->socks, line);
	}
	if (p == NULL)
		return table_bad();
	if (strcmp(key, "origin") == 0)
		return get_origin(p, line);
	if (strcmp(key, "fds") == 0)
		return get_fds(rd->t, p, line);
	if (strcmp(key, "fd") == 0)
		return get_fd(rd->t, p, line);
	if (strcmp(key, "netns") == 0)
		return get_socks(rd, &p->socks, line);
	return get_text(p, key, line);
}

/* --- all of it ------------------------------------------------------------ */

/* Sorts by pid; each pid may be there only once. */
static int
sort_procs(struct table *t)
{
	size_t i;

	if (t->nprocs > 0)
		qsort(t->procs, t->nprocs, sizeof(*t->procs), pid_cmp);
	for (i = 1; i < t->nprocs; i++)
		if (t->procs[i].row.pid == t->procs[i - 1].row.pid)
			return table_bad();
	return 0;
}

static struct table *
new_later(struct table *first)
{
	struct table *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	t->first = first;
	t->sys = first->sys;
	t->socks.error = EACCES;
	first->later = t;
	/* cppcheck-suppress memleak; the first one owns it */
	return t;
}

/* Parses all lines of a text that ends with its only NUL. */
static int
parse(struct table *t, char *text)
{
	struct table_reader rd = { .t = t };
	char *line, *next;

	t->socks.error = EACCES;
	if ((next = strchr(text, '\n')) == NULL)
		return table_bad();
	*next++ = '\0';
	if (strcmp(text, MAGIC) != 0)
		return table_bad();
	for (line = next; *line != '\0'; line = next) {
		/*
		 * A line without its newline shows that the table was cut off.
		 */
		if ((next = strchr(line, '\n')) == NULL)
			return table_bad();
		*next++ = '\0';
		if (*line == '\0' || *line == '#')
			continue;
		if (strcmp(line, "later") == 0) {
			if (t->later != NULL)
				return table_bad();
			rd = (struct table_reader){ .t = new_later(t) };
			if (rd.t == NULL)
				return -1;
		} else if (get_line(&rd, line) == -1)
			return -1;
	}
	if (t->later != NULL && sort_procs(t->later) == -1)
		return -1;
	return sort_procs(t);
}

void
table_free(struct table *t)
{
	size_t i;

	if (t == NULL)
		return;
	table_free(t->later);
	for (i = 0; i < t->nprocs; i++)
		free(t->procs[i].origin);
	free(t->procs);
	free(t->files);
	free(t->fds);
	free(t->sockv);
	free(t->text);
	free(t);
}

/* Reads the whole text, which ends with its only NUL; -1 with errno. */
static int
read_text(struct table *t, FILE *fp)
{
	size_t len = 0, n, size = 0;
	char *p;

	do {
		if (len + 1 >= size) {
			size = size == 0 ? 65536 : size * 2;
			if (size > 2 * MAX_BYTES)
				return table_bad();
			if ((p = realloc(t->text, size)) == NULL)
				return -1;
			t->text = p;
		}
		n = fread(t->text + len, 1, size - 1 - len, fp);
		len += n;
	} while (n > 0);
	if (ferror(fp)) {
		if (errno == 0)
			errno = EIO;
		return -1;
	}
	t->text[len] = '\0';
	return len > MAX_BYTES || strlen(t->text) != len ? table_bad() : 0;
}

struct table *
table_read(FILE *fp)
{
	struct table *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	if (read_text(t, fp) == 0 && parse(t, t->text) == 0)
		return t;
	if (errno == E2BIG)
		errno = EINVAL;		/* over a limit of ours */
	table_free(t);
	return NULL;
}
