/* SPDX-License-Identifier: ISC */
/* socket_owner.c: which process has a socket or a pipe. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/array.h"
#include "linux.h"

struct quest {
	uint64_t key;
	size_t at;		/* index in the caller's arrays */
};

/* The key of a link of /proc/PID/fd to a socket or a pipe, or 0. */
static uint64_t
link_key(struct plat *pl, int dir, const char *name, const char *what)
{
	unsigned long long key;
	char buf[64], *end;
	size_t len = strlen(what);
	ssize_t n;

	if ((n = readlinkat(dir, name, buf, sizeof(buf) - 1)) == -1)
		(void)plat_note_failure(pl);
	if (n <= (ssize_t)len || strncmp(buf, what, len) != 0)
		return 0;
	buf[n] = '\0';
	key = strtoull(buf + len, &end, 10);
	return strcmp(end, "]") == 0 ? key : 0;
}

/*
 * Stores pid for those who ask for the key; first says that only the first
 * answer counts. Returns how many questions had no answer before.
 */
static size_t
tell(uint64_t key, pid_t pid, const struct quest *q, size_t n, pid_t *owners,
    int first)
{
	size_t found = 0, i = array_place(&key, q, n, sizeof(*q), key_cmp);

	/* The same key may have been asked for twice. */
	for (; i < n && q[i].key == key; i++) {
		found += owners[q[i].at] == 0;
		if (owners[q[i].at] == 0 || !first)
			owners[q[i].at] = pid;
	}
	return found;
}

/* The next entry; NULL at the end, or after a failure, which is noted. */
static const struct dirent *
next_entry(struct plat *pl, DIR *dir)
{
	const struct dirent *de;

	errno = 0;
	if ((de = readdir(dir)) == NULL)
		(void)plat_note_failure(pl);
	return de;
}

/* Answers what this process's descriptors answer; returns how many. */
static size_t
ask_process(struct plat *pl, int procfd, const char *name, pid_t pid,
    const struct quest *q, size_t n, pid_t *owners)
{
	const struct dirent *de;
	char path[64];
	size_t found = 0;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "%.32s/fd", name);
	fd = openat(procfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || (dir = fdopendir(fd)) == NULL) {
		(void)plat_note_failure(pl);
		if (fd != -1)
			close(fd);
		return 0;
	}
	while (found < n && (de = next_entry(pl, dir)) != NULL)
		if (isdigit((unsigned char)de->d_name[0]))
			found += tell(link_key(pl, fd, de->d_name,
			    "socket:["), pid, q, n, owners, 1);
	closedir(dir);
	return found;
}

/* The same for its standard input. */
static size_t
ask_stdin(struct plat *pl, int procfd, const char *name, pid_t pid,
    const struct quest *q, size_t n, pid_t *owners)
{
	char path[64];

	snprintf(path, sizeof(path), "%.32s/fd/0", name);
	tell(link_key(pl, procfd, path, "pipe:["), pid, q, n, owners, 0);
	return 0;	/* a later process may have it, too */
}

/* Asks all processes in turn until every question is answered. */
static int
ask_all(struct plat *pl, const uint64_t *keys, size_t n, pid_t *owners,
    size_t (*ask)(struct plat *, int, const char *, pid_t,
    const struct quest *, size_t, pid_t *))
{
	int before = plat_failure(pl), error;
	struct quest *q;
	const struct dirent *de;
	size_t i, open;
	DIR *proc;
	long pid;

	memset(owners, 0, n * sizeof(*owners));
	if (n == 0)
		return 0;
	if ((q = calloc(n, sizeof(*q))) == NULL)
		return -1;
	for (i = open = 0; i < n; i++)
		if (keys[i] != 0) {
			q[open].key = keys[i];
			q[open++].at = i;
		}
	qsort(q, open, sizeof(*q), key_cmp);
	if ((proc = opendir("/proc")) == NULL) {
		free(q);
		return -1;
	}
	for (i = 0; i < open && (de = next_entry(pl, proc)) != NULL;) {
		pid = strtol(de->d_name, NULL, 10);
		if (pid > 0)
			i += ask(pl, dirfd(proc), de->d_name, pid, q, open,
			    owners);
	}
	closedir(proc);
	free(q);
	/* A process that could not be read may have it. */
	error = pl->failure;
	pl->failure = before;
	errno = error;
	return i < open && error != 0 ? -1 : 0;
}

int
linux_socket_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	return ask_all(pl, keys, n, owners, ask_process);
}

int
linux_pipe_owner(struct plat *pl, const uint64_t *keys, size_t n,
    pid_t *owners)
{
	return ask_all(pl, keys, n, owners, ask_stdin);
}
