/* SPDX-License-Identifier: ISC */
/*
 * Linux rows from libproc2, procps 4.0.0 and later.
 *
 * PIDS_VAL takes four arguments up to 4.0.4 and three since 4.0.5, and enum
 * values moved between them: only result is used, by our own index.
 */
#define _GNU_SOURCE

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libproc2/pids.h>

#include "linux.h"

enum {
	I_PID, I_PPID, I_PGRP, I_SID, I_TTY, I_STATE, I_FLAGS, I_START,
	I_EUID, I_RUID, I_CATCH, I_CMD, I_COUNT
};

/* All of them come from stat and status. */
static enum pids_item items[I_COUNT] = {
	PIDS_ID_PID, PIDS_ID_PPID, PIDS_ID_PGRP, PIDS_ID_SESSION, PIDS_TTY,
	PIDS_STATE, PIDS_FLAGS, PIDS_TICS_BEGAN,
	PIDS_ID_EUID, PIDS_ID_RUID, PIDS_SIGCATCH, PIDS_CMD
};

/* -1: the library could not read status, and has zeros for its fields. */
static int
fill(struct plat_proc *row, const struct pids_result *r)
{
	const char *cgt = r[I_CATCH].result.str;

	if (cgt == NULL || !isxdigit((unsigned char)*cgt))
		return -1;
	row->ppid = r[I_PPID].result.s_int;
	row->pgid = r[I_PGRP].result.s_int;
	row->sid = r[I_SID].result.s_int;
	row->ident[0] = r[I_START].result.ull_int;
	row->uid = r[I_EUID].result.u_int;
	row->ruid = r[I_RUID].result.u_int;
	row->sigcgt = strtoull(cgt, NULL, 16);
	row->masks = 1;
	linux_row(row, r[I_TTY].result.s_int, r[I_FLAGS].result.ul_int,
	    (char)r[I_STATE].result.s_ch);
	return 0;
}

/*
 * The library escapes comm, and a "?" may stand for any byte; an ordinary name
 * is taken as it is. The library reads by PID. The pin is read afterwards: if
 * it still answers, the PID was not reused.
 */
static int
set_comm(struct plat *pl, struct plat_proc *row, const struct pids_result *r)
{
	static const char plain[] = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz";
	const char *cmd = r[I_CMD].result.str;
	int pin = pl->live->pins[row->pin].fd;
	size_t n = cmd != NULL ? strspn(cmd, plain) : 0;

	if (n == 0 || cmd[n] != '\0' || n >= sizeof(row->comm))
		return linux_comm(pl, pin, row->comm, sizeof(row->comm));
	memcpy(row->comm, cmd, n + 1);
	return faccessat(pin, "comm", F_OK, 0);
}

/* The stack of a process, or NULL: the library omits those that have exited. */
static const struct pids_result *
stack_of(const struct pids_fetch *fetch, pid_t pid)
{
	int i;

	for (i = 0; fetch != NULL && i < fetch->counts->total; i++)
		if (fetch->stacks[i]->head[I_PID].result.s_int == pid)
			return fetch->stacks[i]->head;
	return NULL;
}

int
linux_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	struct pids_info *info = pl->live->lib;
	const struct pids_result *head;
	struct pids_fetch *fetch;
	unsigned ids[PLAT_BATCH];	/* the library accepts up to 255 */
	size_t i;
	int error, nids = 0, pin;

	if (info == NULL) {
		if ((error = procps_pids_new(&info, items, I_COUNT)) < 0) {
			errno = -error;
			return -1;
		}
		pl->live->lib = info;
	}
	for (i = 0; i < n; i++)
		if (rows[i].pid != 0)
			ids[nids++] = (unsigned)rows[i].pid;
	if (nids == 0)
		return 0;
	errno = 0;
	fetch = procps_pids_select(info, ids, nids, PIDS_SELECT_PID);
	error = errno;
	if (fetch == NULL && plat_failed(error))
		return -1;
	for (i = 0; i < n; i++) {
		if (rows[i].pid == 0)
			continue;
		pin = pl->live->pins[rows[i].pin].fd;
		head = stack_of(fetch, rows[i].pid);
		if (head != NULL && fill(&rows[i], head) == 0 &&
		    set_comm(pl, &rows[i], head) == 0)
			continue;
		rows[i].pid = 0;
		if (linux_left_out(pl, pin, error) == -1)
			return -1;
	}
	return 0;
}

void
linux_rows_free(struct plat *pl)
{
	struct pids_info *info = pl->live->lib;

	if (info != NULL)
		procps_pids_unref(&info);
	pl->live->lib = NULL;
}
