/* SPDX-License-Identifier: ISC */
/*
 * tunrun: starts ssh, waits until its forwards listen, and prints which process
 * is in the background.
 */

#include <sys/types.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "common/sshname.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "compat/ms.h"
#include "libfind.h"
#include "run/reaper.h"
#include "run/run.h"

#define WAIT_DEFAULT	10	/* seconds, -t */
#define LOOK_FIRST	10	/* ms between two scans, doubled each time */
#define LOOK_LAST	500

enum {
	OPT_SSH_NAME = 0x100, OPT_STRICT
};

static const struct option_row option_rows[] = {
	OPTION_GROUP("start"),
	{ 'l', NULL, "LABEL", NULL, "a label, so that @LABEL selects it" },
	{ 't', NULL, "TIME", "5s 10s 30s 1m", "wait so long for the forwards" },
	{ OPT_STRICT, "strict", NULL, NULL, "all forwards, or none" },
	{ OPT_SSH_NAME, "ssh-name", "NAME", "@program", "another name of ssh" },
	OPTION_GROUP(OPTION_ONE_OF),
	{ 'v', NULL, NULL, NULL, "also the IDs of the forwards" },
	{ 'q', NULL, NULL, NULL, "print nothing" },
	{ 'J', NULL, NULL, NULL, "JSON, as of tunps" },
	OPTION_GROUP(OPTION_ALONE),
	OPTION_END
};

static const struct options options = {
	"usage: tunrun [option ...] [--] command ...\n"
	"       tunrun [option ...] [--] ssh-option ... host\n",
	"Starts ssh, waits until its forwards listen, and prints its process "
	"ID.\n", option_rows
};


/* --- what is asked for --------------------------------------------------- */

/*
 * The number of our own options: they end at a word that is no option, or that
 * has a letter we do not have, which is then an option of ssh.
 */
static int
own_words(int argc, char *const *argv)
{
	int i, takes;

	for (i = 1; i < argc; i++) {
		if (*argv[i] != '-' || strcmp(argv[i], "-") == 0 ||
		    strcmp(argv[i], "--") == 0)
			break;
		if ((takes = options_take_next(&options, argv[i])) == -1)
			break;
		i += takes;
	}
	return i < argc ? i : argc;
}

static void
parse(struct run *run, int argc, char **argv)
{
	static char ssh[] = "ssh";
	const char *errstr;
	int64_t seconds;
	int c, n = own_words(argc, argv);

	while ((c = options_next(&options, n, argv)) != -1) {
		switch (c) {
		case 'J':
			run->json = 1;
			break;
		case 'l':
			run->label = optarg;
			break;
		case 'q':
			run->quiet = 1;
			break;
		case 't':
			seconds = tool_duration(optarg, &errstr);
			if (errstr != NULL)
				tool_usage("-t: %s is %s", optarg, errstr);
			if (seconds > INT_MAX / 1000)
				tool_usage("-t: %s is too long", optarg);
			run->wait = seconds * 1000;
			break;
		case 'v':
			run->verbose = 1;
			break;
		case OPT_SSH_NAME:
			sshname_add(&run->ssh_names, optarg);
			break;
		case OPT_STRICT:
			run->strict = 1;
			break;
		}
	}
	if (run->label != NULL && (*run->label == '\0'))
		tool_usage("-l: an empty label names nothing");
	if (n < argc && strcmp(argv[n], "--") == 0)
		n++;
	if (n == argc)
		tool_usage("what is to be run? See tunrun --help");
	run->argv = tool_xcalloc((size_t)(argc - n) + 2, sizeof(*run->argv));
	c = 0;
	if (*argv[n] == '-')
		run->argv[c++] = ssh;
	while (n < argc)
		run->argv[c++] = argv[n++];
}

/* Finds the ssh in the command, and the forwards that it asks for. */
static void
find_ssh(struct run *run)
{
	size_t n = 0;

	while (run->argv[n] != NULL)
		n++;
	run->words = tun_words_parse(run->ctx, (const char *const *)run->argv,
	    n);
	if (run->words == NULL && errno == ENOMEM)
		tool_fail("%s", strerror(errno));
}

/*
 * Only ssh itself can find out whether the server listens.  A value that the
 * user has given has precedence.
 */
static void
tell_strict(struct run *run)
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

/* --- until there is a verdict, and after -------------------------------- */

/*
 * Scans until there is a verdict.  RUN_NOT_YET: there was none in time, or nothing
 * is left to judge.
 */
static enum run_verdict
watch(struct run *run)
{
	struct reaper *b = &run->reaper;
	int forks = run->words != NULL && run->words->fork;
	int in_front = run->words != NULL && !forks;
	int pause = LOOK_FIRST;
	int64_t deadline = -1;
	enum run_verdict verdict;

	for (;;) {
		run_check_caught(run);
		if (b->ended && b->status != 0)
			return RUN_NOT_YET;
		if (b->ended && deadline == -1) {
			deadline = ms_now() + run->wait;
			run->since = -1;
			pause = LOOK_FIRST;
		}
		/*
		 * While the command runs, -f may still change the process.  A
		 * wrapper that keeps running has the tunnel once that has gone
		 * to the background.
		 */
		if (!b->ended && !in_front) {
			reaper_wait(b, forks ? LOOK_LAST : -1);
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
		return status;
	}
	return status == TOOL_MATCH ? reaper_status(&run->reaper) : status;
}

int
main(int argc, char **argv)
{
	struct run run = { .wait = WAIT_DEFAULT * 1000, .since = -1 };
	int status;

	tool_start();
	parse(&run, argc, argv);
	if ((run.ctx = tun_open(NULL)) == NULL)
		tool_fail("processes: %s", strerror(errno));
	sshname_tell(&run.ssh_names, run.ctx);
	find_ssh(&run);
	tell_strict(&run);
	if (run.label != NULL && setenv("TUN_LABEL", run.label, 1) == -1)
		tool_fail("-l: %s", strerror(errno));
	reaper_start(&run.reaper, run.ctx, run.argv);
	status = run_report(&run, watch(&run));
	if (!run.reaper.ended && !run.reaper.empty)
		status = stay(&run, status);
	tun_list_free(run.list);
	tun_words_free(run.words);
	reaper_free(&run.reaper);
	free(run.rows);
	free(run.argv);
	tun_close(run.ctx);
	return tool_end(status);
}
