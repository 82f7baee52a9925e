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

struct traced {
	pid_t pid;
	unsigned what;
};

struct trace {
	struct traced *v;	/* by pid */
	size_t n, room;
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
	size_t lo = 0, hi = t->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (t->v[mid].pid < pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void
trace_add(struct plat *pl, pid_t pid, unsigned what)
{
	struct trace *t = pl->trace;
	struct traced *v;
	size_t at;

	if (t == NULL || pid <= 0)
		return;
	at = place_of(t, pid);
	if (at < t->n && t->v[at].pid == pid) {
		t->v[at].what |= what;
		return;
	}
	if (t->n == t->room) {
		t->room = t->room > 0 ? t->room * 2 : 64;
		if ((v = realloc(t->v, t->room * sizeof(*v))) == NULL) {
			t->room = t->n;
			t->failed = 1;
			return;
		}
		t->v = v;
	}
	memmove(t->v + at + 1, t->v + at, (t->n - at) * sizeof(*t->v));
	t->v[at].pid = pid;
	t->v[at].what = what;
	t->n++;
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
	struct plat_file *files;
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->nfiles; i++)
		if (strcmp(t->files[i].path, path) == 0)
			return;
	files = realloc(t->files, (t->nfiles + 1) * sizeof(*files));
	if (files != NULL) {
		t->files = files;
		files += t->nfiles;
		*files = *file;
		if ((files->path = strdup(path)) != NULL) {
			t->nfiles++;
			return;
		}
	}
	t->failed = 1;
}

const struct plat_file *
trace_file(const struct plat *pl, size_t i)
{
	return pl->trace != NULL && i < pl->trace->nfiles ?
	    &pl->trace->files[i] : NULL;
}
