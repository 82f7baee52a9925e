/* SPDX-License-Identifier: ISC */
/*
 * walk: what a scan asks of the platform, and nothing else.
 *
 *	walk name
 *
 * Walks over all processes; reads the rows, argv, places, descriptors and
 * origin of those with this name; prints how many there were and the peak of
 * its memory in KB.
 */
#include <sys/types.h>
#include <sys/resource.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform.h"

static size_t
read_all(struct plat *pl, struct plat_proc *rows, size_t n)
{
	struct plat_origin o;
	struct plat_fd *fds;
	char *args, path[4096];
	size_t i, len, nfds, found = 0;
	int gone;

	if (plat_rows(pl, rows, n) == -1)
		err(1, "rows");
	for (i = 0; i < n; i++) {
		if (rows[i].pid == 0 ||
		    plat_args(pl, &rows[i], &args, &len) == -1)
			continue;
		free(args);
		found++;
		plat_where(pl, &rows[i], PLAT_EXE, path, sizeof(path), &gone);
		plat_where(pl, &rows[i], PLAT_CWD, path, sizeof(path), &gone);
		if (plat_fds(pl, &rows[i], &fds, &nfds, NULL) == 0)
			free(fds);
		plat_origin(pl, &rows[i], &o);
	}
	return found;
}

int
main(int argc, char *argv[])
{
	struct plat_proc rows[PLAT_BATCH];
	struct plat_name np;
	struct rusage ru;
	struct plat *pl;
	size_t found = 0, n = 0;
	int r;

	if (argc != 2)
		errx(2, "usage: walk name");
	if ((pl = plat_open(NULL)) == NULL || plat_scan(pl, 0) == -1)
		err(1, "this system");
	while ((r = plat_next(pl, &np)) == 1) {
		if (strcmp(np.name, argv[1]) != 0)
			continue;
		rows[n++].pid = np.pid;
		if (n == PLAT_BATCH) {
			found += read_all(pl, rows, n);
			n = 0;
		}
	}
	if (r == -1)
		err(1, "next");
	found += read_all(pl, rows, n);
	plat_close(pl);
	getrusage(RUSAGE_SELF, &ru);
	printf("%zu %ld\n", found, ru.ru_maxrss);
	return 0;
}
