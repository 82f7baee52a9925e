/* SPDX-License-Identifier: ISC */
/* The words of the command that is run. */

#include <errno.h>
#include <string.h>

#include "common/tool.h"
#include "libfind.h"
#include "run/run.h"

void
run_find_ssh(struct run *run)
{
	size_t n = 0;

	tun_words_free(run->words);
	while (run->argv[n] != NULL)
		n++;
	run->words = tun_words_parse(run->ctx, (const char *const *)run->argv,
	    n);
	if (run->words == NULL && errno == ENOMEM)
		tool_fail("%s", strerror(errno));
}

void
run_tell_strict(struct run *run)
{
	static char option[] = "-o", value[] = "ExitOnForwardFailure=yes";
	size_t n, at;

	if (!run->strict || run->words == NULL || run->words->exitonfail != -1)
		return;
	for (n = 0; run->argv[n] != NULL; n++)
		continue;
	run->argv = tool_xreallocarray(run->argv, n + 3, sizeof(*run->argv));
	at = run->words->at + 1;
	memmove(&run->argv[at + 2], &run->argv[at],
	    (n - at + 1) * sizeof(*run->argv));
	run->argv[at] = option;
	run->argv[at + 1] = value;
	run->told = 1;
}
