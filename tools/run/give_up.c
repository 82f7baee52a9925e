/* SPDX-License-Identifier: ISC */
/* Ends what was started: also after a signal, or if it cannot be looked at. */

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "common/tool.h"
#include "run/reaper.h"
#include "run/run.h"

void
run_end(struct run *run, int sig)
{
	if (reaper_end(&run->reaper, sig) == -1)
		run_say(run, "what was started may still run");
}

void
run_check_caught(struct run *run)
{
	int sig = reaper_caught();

	if (sig == 0)
		return;
	run_end(run, sig == SIGPIPE ? SIGTERM : sig);
	reaper_die(sig);
}

void
run_cannot_look(struct run *run)
{
	int error = errno;

	/* Of --again, whoever started us is told that it was not started. */
	if (!run->reported || run->leave)
		run_end(run, SIGTERM);
	tool_fail("cannot look: %s", strerror(error));
}
