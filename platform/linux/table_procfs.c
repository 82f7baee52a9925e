/* SPDX-License-Identifier: ISC */
/* Linux rows read directly from stat and status, without a library. */
#define _GNU_SOURCE

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux.h"

/* The text after "\nNAME:\t" in status; its first line is Name, escaped. */
static const char *
field(const char *status, const char *name)
{
	const char *p;

	p = strstr(status, name);
	return p == NULL ? NULL : p + strlen(name);
}

static int
fill(struct plat *pl, struct plat_proc *row)
{
	const char *cgt, *status, *uid;
	size_t len;
	unsigned euid, ruid;
	int pin;

	pin = pl->live->pins[row->pin].fd;
	if (linux_stat(pl, pin, row) == -1 ||
	    (status = linux_read(pl, pin, "status", &len)) == NULL)
		return -1;
	uid = field(status, "\nUid:\t");
	if (uid == NULL || sscanf(uid, "%u %u", &ruid, &euid) != 2) {
		errno = ESRCH;
		return -1;
	}
	row->ruid = ruid;
	row->uid = euid;
	if ((cgt = field(status, "\nSigCgt:\t")) != NULL) {
		row->sigcgt = strtoull(cgt, NULL, 16);
		row->masks = 1;
	}
	return 0;
}

int
linux_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (rows[i].pid != 0 && fill(pl, &rows[i]) == -1) {
			if (plat_failed(errno))
				return -1;
			rows[i].pid = 0;
		}
	return 0;
}

void
linux_rows_free(struct plat *pl)
{
	(void)pl;
}
