/* SPDX-License-Identifier: ISC */
/* From the start of the command to the verdict, and for as long as it stays. */

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "common/tool.h"
#include "compat/ms.h"
#include "libfind.h"
#include "run/reaper.h"
#include "run/run.h"

#define LOOK_FIRST	10	/* ms between two scans, doubled each time */
#define LOOK_LAST	500
#define FAILED_MS	1000 /* for what a failed command leaves to end, too */
#define CONNECT_MS	120000	/* as long as a server waits for a login */
#define AUTO_TRIES	5	/* further starts with other ports */

/* Is it our turn to ask the user on the terminal? */
static int
has_terminal(void)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int has = tty != -1 && tcgetpgrp(tty) == getpgrp();

	if (tty != -1)
		close(tty);
	return has;
}

/*
 * Scans until there is a verdict.  RUN_NOT_YET: there was none in time, or
 * nothing is left to judge.
 */
static enum run_verdict
watch(struct run *run)
{
	struct reaper *b = &run->reaper;
	int forks = run->words != NULL && run->words->fork;
	int in_front = run->words != NULL && !forks;
	int pause = LOOK_FIRST;
	int64_t deadline = -1, begun = ms_now();
	enum run_verdict verdict;

	for (;;) {
		run_check_caught(run);
		if (b->ended && b->status != 0 && b->empty)
			return RUN_NOT_YET;
		if (b->ended && deadline == -1) {
			deadline = ms_now() +
			    (b->status == 0 ? run->wait : FAILED_MS);
			run->since = -1;
			pause = LOOK_FIRST;
		}
		if (run->leave && !b->ended &&
		    ms_now() - begun > CONNECT_MS && !has_terminal())
			return RUN_LATE;
		/*
		 * While the command runs, -f may still change the process.  A
		 * wrapper that keeps running has the tunnel once that has gone
		 * to the background.
		 */
		if (!b->ended && !in_front) {
			reaper_wait(b, forks || run->leave ? LOOK_LAST : -1);
			if (b->ended || !forks)
				continue;
		}
		run_look(run, !b->ended && !in_front);
		if ((verdict = run_judge(run)) != RUN_NOT_YET)
			return verdict;
		if (b->ended && (b->empty || ms_now() >= deadline))
			return RUN_NOT_YET;
		reaper_wait(b, pause);
		pause = pause * 2 < LOOK_LAST ? pause * 2 : LOOK_LAST;
	}
}

/* Only a port that was chosen is a reason to start it once more. */
static enum run_verdict
start_until_judged(struct run *run)
{
	enum run_verdict verdict;
	int tries = 0;

	for (;;) {
		reaper_start(&run->reaper, run->ctx, run->program, run->argv,
		    run->detach);
		verdict = watch(run);
		if (++tries > AUTO_TRIES || !run_choose_others(run, verdict))
			return verdict;
		run_end(run, SIGTERM);
		reaper_free(&run->reaper);
		run->since = -1;
	}
}

/* It was reported in the foreground and has gone to the background since. */
static int
has_moved(struct run *run)
{
	pid_t pid = run->nrows > 0 ? run->rows[0].tun->pid : -1;

	run_look(run, 0);
	return run->nrows > 0 && run->rows[0].tun->pid != pid;
}

/* The command stays in the foreground; we wait for it as its parent. */
static int
stay(struct run *run, int status)
{
	struct reaper *b = &run->reaper;
	int sig, last = 0;

	while (!b->ended) {
		reaper_wait(b, -1);
		if ((sig = reaper_caught()) != 0 && !b->ended)
			kill(b->child, last = sig);
	}
	if (last != 0)
		reaper_die(last);
	if (reaper_status(&run->reaper) == 0 && has_moved(run)) {
		run_put(run);
		run_remember(run);
		return status;
	}
	return status == TOOL_MATCH ? reaper_status(&run->reaper) : status;
}

int
run_start(struct run *run)
{
	int status = run_report(run, start_until_judged(run));

	return run->leave || run->reaper.ended || run->reaper.empty ?
	    status : stay(run, status);
}
