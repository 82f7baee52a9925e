/* SPDX-License-Identifier: ISC */
/*
 * Linux rows from libprocps 3.3, whose public struct belongs to one soname.
 */
#define _GNU_SOURCE

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <proc/readproc.h>

#include "linux.h"

/*
 * cmd is not used, because newer versions escape it. start_time is in ticks,
 * although the header says seconds.
 */
static void
fill(struct plat_proc *row, const proc_t *p)
{
	row->ppid = p->ppid;
	row->pgid = p->pgrp;
	row->sid = p->session;
	row->ident[0] = p->start_time;
	row->uid = (uid_t)p->euid;
	row->ruid = (uid_t)p->ruid;
	row->sigcgt = strtoull(p->sigcatch, NULL, 16);
	row->masks = 1;
	linux_row(row, p->tty, p->flags, p->state);
}

/* 0 if the row is filled in, or the process has exited; -1 on failure. */
static int
take(struct plat *pl, struct plat_proc *row, const proc_t *p)
{
	int pin = pl->live->pins[row->pin].fd;

	if (p != NULL && isxdigit((unsigned char)p->sigcatch[0]) &&
	    linux_comm(pl, pin, row->comm, sizeof(row->comm)) == 0) {
		fill(row, p);
		return 0;
	}
	row->pid = 0;
	return linux_left_out(pl, pin, 0);
}

/*
 * The library reads by PID, in the order of its list. The pin is read
 * afterwards: if it still answers, the PID was not reused.
 */
int
linux_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	pid_t ids[PLAT_BATCH + 1];
	size_t i, nids = 0;
	PROCTAB *tab;
	proc_t p;
	int error, more, r = 0;

	for (i = 0; i < n; i++)
		if (rows[i].pid != 0)
			ids[nids++] = rows[i].pid;
	if (nids == 0)
		return 0;
	ids[nids] = 0;
	memset(&p, 0, sizeof(p));
	tab = openproc(PROC_PID | PROC_FILLSTAT | PROC_FILLSTATUS, ids);
	if (tab == NULL)
		return -1;
	more = readproc(tab, &p) != NULL;
	for (i = 0; i < n && r == 0; i++) {
		if (rows[i].pid == 0)
			continue;
		if (!more || p.tid != rows[i].pid) {
			r = take(pl, &rows[i], NULL);
			continue;
		}
		r = take(pl, &rows[i], &p);
		if (r == 0)
			more = readproc(tab, &p) != NULL;
	}
	error = errno;
	closeproc(tab);
	errno = error;
	return r;
}

void
linux_rows_free(struct plat *pl)
{
	(void)pl;
}
