/* SPDX-License-Identifier: ISC */
/* Searching a directory for files; directory.c. */
#ifndef DIRECTORY_H
#define DIRECTORY_H

#include <dirent.h>

#include "core/resolve.h"

struct arena;

struct dir_entry {
	char name[256];
	struct looked at;
};

struct dir_search {
	int (*wants)(const struct dir_search *se, const struct dirent *de);
	const void *arg;
	const char *dir;	/* for a child */
	struct looked at;	/* the directory, unless a child searches */
	struct dir_entry *v;	/* the caller frees */
	size_t n, room;
};

/*
 * Finds the entries that se->wants.  -1: the directory could not be read, and
 * there are none.
 */
int	 dir_search(struct arena *a, struct resolver *rs, const char *dir,
	    struct dir_search *se);

#endif
