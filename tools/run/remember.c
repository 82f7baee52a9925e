/* SPDX-License-Identifier: ISC */
/* Writes to the journal what was started, so that it can be started again. */

#include <limits.h>
#include <unistd.h>

#include "common/journal_use.h"
#include "libfind.h"
#include "run/run.h"

extern char **environ;

/*
 * What stays in the foreground ends with us, and is not started again.  -f
 * first ends the command, and then makes a session of its own.
 */
static int
is_on_its_own(const struct run *run, const struct tun *t)
{
	return run->reaper.ended || t->sid == t->pid;
}

void
run_remember(struct run *run)
{
	const struct tun *t, *last = NULL;
	char cwd[PATH_MAX];
	const char *where = getcwd(cwd, sizeof(cwd));
	size_t i;
	int r;

	run->remembered = 1;
	for (i = 0; i < run->nrows; i++) {
		t = run->rows[i].tun;
		if (t == last)
			continue;
		last = t;
		if (!is_on_its_own(run, t)) {
			run->remembered = 0;
			continue;
		}
		r = tun_journal_start(run->ctx, t,
		    (const char *const *)run->argv, where,
		    (const char *const *)environ);
		run->remembered &= r == 0;
		journal_wrote(run->ctx, r);
	}
}

void
run_remember_added(const struct run *run, const struct tun *master)
{
	size_t i;

	for (i = 0; i < run->words->nfwds; i++)
		if (run->words->fwds[i].kind != TUN_FWD_STDIO &&
		    run->words->fwds[i].kind != TUN_FWD_DEVICE)
			journal_add(run->ctx, master, &run->words->fwds[i], 0);
}
