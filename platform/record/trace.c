/* SPDX-License-Identifier: ISC */
/*
 * Remembers which processes were looked at since plat_trace(), and what was
 * read of them: a record contains only that. Files that a caller has looked at
 * are remembered as well, with what was found.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "impl.h"
#include "compat/array.h"

struct traced {
	pid_t pid;
	unsigned what;
};

struct trace {
	struct traced *v;	/* by pid */
	size_t n;
	struct plat_file *files;
	size_t nfiles;
	int failed;		/* no memory: the record is incomplete */
};

int
plat_trace(struct plat *pl)
{
	trace_free(pl);
	return (pl->trace = calloc(1, sizeof(*pl->trace))) == NULL ? -1 : 0;
}

void
trace_free(struct plat *pl)
{
	size_t i;

	if (pl->trace == NULL)
		return;
	for (i = 0; i < pl->trace->nfiles; i++)
		free(pl->trace->files[i].path);
	free(pl->trace->files);
	free(pl->trace->v);
	free(pl->trace);
	pl->trace = NULL;
}

/* The index where the process is or would be. */
static size_t
place_of(const struct trace *t, pid_t pid)
{
	return array_place(&pid, t->v, t->n, sizeof(*t->v), pid_cmp);
}

void
trace_add(struct plat *pl, pid_t pid, unsigned what)
{
	struct trace *t = pl->trace;
	size_t at;

	if (t == NULL || pid <= 0)
		return;
	at = place_of(t, pid);
	if (at < t->n && t->v[at].pid == pid) {
		t->v[at].what |= what;
		return;
	}
	if (array_more(&t->v, &t->n, sizeof(*t->v), SIZE_MAX) == NULL) {
		t->failed = 1;
		return;
	}
	memmove(t->v + at + 1, t->v + at, (t->n - 1 - at) * sizeof(*t->v));
	t->v[at].pid = pid;
	t->v[at].what = what;
}

int
trace_what(const struct plat *pl, pid_t pid)
{
	const struct trace *t = pl->trace;
	size_t at;

	if (t == NULL)
		return -1;
	at = place_of(t, pid);
	return at < t->n && t->v[at].pid == pid ? (int)t->v[at].what : -1;
}

int
trace_check(const struct plat *pl)
{
	if (pl->trace == NULL || !pl->trace->failed)
		return 0;
	errno = ENOMEM;
	return -1;
}

void
plat_file_put(struct plat *pl, const char *path, const struct plat_file *file)
{
	struct trace *t = pl->trace;
	struct plat_file *new;
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->nfiles; i++)
		if (strcmp(t->files[i].path, path) == 0)
			return;
	new = array_more(&t->files, &t->nfiles, sizeof(*new), SIZE_MAX);
	if (new != NULL) {
		*new = *file;
		if ((new->path = strdup(path)) != NULL)
			return;
		t->nfiles--;
	}
	t->failed = 1;
}

const struct plat_file *
trace_file(const struct plat *pl, size_t i)
{
	return pl->trace != NULL && i < pl->trace->nfiles ?
	    &pl->trace->files[i] : NULL;
}
