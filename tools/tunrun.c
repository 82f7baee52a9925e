/* SPDX-License-Identifier: ISC */
/*
 * tunrun: starts ssh, waits until its forwards listen, and prints which process
 * is in the background.
 */

#include <sys/types.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "common/sshname.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "libfind.h"
#include "run/again.h"
#include "run/run.h"

#define WAIT_DEFAULT	10	/* seconds, -t */

enum {
	OPT_AGAIN = 0x100, OPT_KEEP, OPT_SESSIONS, OPT_SSH_NAME, OPT_STRICT,
	OPT_WHOLE
};

static const struct option_row option_rows[] = {
	OPTION_GROUP("start"),
	{ 'l', NULL, "LABEL", NULL, "a label, so that @LABEL selects it" },
	{ 't', NULL, "TIME", "5s 10s 30s 1m", "wait so long for the forwards" },
	{ OPT_STRICT, "strict", NULL, NULL, "all forwards, or none" },
	{ OPT_SSH_NAME, "ssh-name", "NAME", "@program", "another name of ssh" },
	OPTION_GROUP("or"),
	{ OPT_AGAIN, "again", NULL, NULL, "start these as they were" },
	{ OPT_KEEP, "keep", NULL, NULL, "remember how these were started" },
	OPTION_GROUP("again"),
	{ 'a', NULL, NULL, NULL, "all that match" },
	{ 'n', NULL, NULL, NULL, "only show it" },
	{ OPT_SESSIONS, "sessions", NULL, NULL, "with a shell or command" },
	{ OPT_WHOLE, "whole", NULL, NULL, "the whole tunnel of a forward" },
	OPTION_GROUP(OPTION_ONE_OF),
	{ 'v', NULL, NULL, NULL, "also the IDs of the forwards" },
	{ 'q', NULL, NULL, NULL, "print nothing" },
	{ 'J', NULL, NULL, NULL, "JSON, as of tunps" },
	OPTION_GROUP(OPTION_ALONE),
	OPTION_END(NULL)
};

static const struct options options = {
	"usage: tunrun [option ...] [--] command ...\n"
	"       tunrun [option ...] [--] ssh-option ... host\n"
	"       tunrun --again [option ...] [selector ...]\n"
	"       tunrun --keep selector ...\n",
	"Starts ssh, waits until its forwards listen, and prints its process "
	"ID.\n"
	"A local port may be auto, as in -L auto:host:port: a free one is "
	"chosen.\n", option_rows, NULL
};

/* --- what is asked for --------------------------------------------------- */

/* Has this word -a or -n, which are options of ssh except with --again? */
static int
has_ssh_letter(const char *word)
{
	return word[1] != '-' &&
	    strcspn(word + 1, "an") < strcspn(word + 1, "lt");
}

/*
 * The number of our own options: they end at a word that is no option, or that
 * has a letter we do not have, which is then an option of ssh.  With --again,
 * which may come after -n, there is no ssh.
 */
static int
own_words(int argc, char *const *argv)
{
	int i, takes, ssh = 0;

	for (i = 1; i < argc; i++) {
		if (*argv[i] != '-' || strcmp(argv[i], "-") == 0 ||
		    strcmp(argv[i], "--") == 0)
			break;
		if (strcmp(argv[i], "--again") == 0)
			return argc;
		if ((takes = options_take_next(&options, argv[i])) == -1)
			break;
		if (ssh == 0 && has_ssh_letter(argv[i]))
			ssh = i;
		i += takes;
	}
	return ssh > 0 ? ssh : i < argc ? i : argc;
}

static void
check_again(const struct run *run)
{
	if (!run->again && run->plan != 0)
		tool_usage("--sessions and --whole: only after --again");
	if (run->again && (run->keep || run->label != NULL || run->strict ||
	    run->json))
		tool_usage("--again: not with --keep, --strict, -J or -l");
}

static void
check_keep(const struct run *run)
{
	if (run->keep && (run->label != NULL || run->strict || run->json))
		tool_usage("--keep: starts nothing: only with -q and "
		    "--ssh-name");
}

static int64_t
wait_ms(const char *arg)
{
	const char *errstr;
	int64_t seconds = tool_duration(arg, &errstr);

	if (errstr != NULL)
		tool_usage("-t: %s is %s", arg, errstr);
	if (seconds > INT_MAX / 1000)
		tool_usage("-t: %s is too long", arg);
	return seconds * 1000;
}

static void
take_option(struct run *run, int c)
{
	switch (c) {
	case 'J':
		run->json = 1;
		break;
	case 'a':
		run->all = 1;
		break;
	case 'l':
		run->label = optarg;
		break;
	case 'n':
		run->dry = 1;
		break;
	case 'q':
		run->quiet = 1;
		break;
	case 't':
		run->wait = wait_ms(optarg);
		break;
	case 'v':
		run->verbose = 1;
		break;
	case OPT_AGAIN:
		run->again = 1;
		break;
	case OPT_SESSIONS:
		run->plan |= PLAN_SESSIONS;
		break;
	case OPT_WHOLE:
		run->plan |= PLAN_WHOLE;
		break;
	case OPT_KEEP:
		run->keep = 1;
		break;
	case OPT_SSH_NAME:
		sshname_add(&run->ssh_names, optarg);
		break;
	case OPT_STRICT:
		run->strict = 1;
		break;
	}
}

/* The command: these words, behind "ssh" where they begin with an option. */
static void
take_command(struct run *run, char **words, size_t n)
{
	static char ssh[] = "ssh";
	size_t i, k = 0;

	if (n == 0)
		tool_usage("what is to be run? See tunrun --help");
	run->argv = tool_xcalloc(n + 2, sizeof(*run->argv));
	if (*words[0] == '-')
		run->argv[k++] = ssh;
	for (i = 0; i < n; i++)
		run->argv[k++] = words[i];
}

static void
parse(struct run *run, int argc, char **argv)
{
	int c, n = own_words(argc, argv);

	while ((c = options_next(&options, n, argv)) != -1)
		take_option(run, c);
	if (run->label != NULL && *run->label == '\0')
		tool_usage("-l: an empty label names nothing");
	check_again(run);
	check_keep(run);
	if (run->again)
		n = optind;
	else if (n < argc && strcmp(argv[n], "--") == 0)
		n++;
	if (run->again || run->keep) {
		run->operands = argv + n;
		run->noperands = (size_t)(argc - n);
	} else
		take_command(run, argv + n, (size_t)(argc - n));
}

static int
start(struct run *run)
{
	run_find_ssh(run);
	run_choose_ports(run);
	run_tell_strict(run);
	if (run->label != NULL && setenv("TUN_LABEL", run->label, 1) == -1)
		tool_fail("-l: %s", strerror(errno));
	return run_start(run);
}

int
main(int argc, char **argv)
{
	struct run run = { .wait = WAIT_DEFAULT * 1000, .since = -1 };
	int status;

	tool_start();
	parse(&run, argc, argv);
	run.ctx = sshname_open(NULL, &run.ssh_names);
	status = run.again ? run_again(&run) : run.keep ? run_keep(&run) :
	    start(&run);
	tun_list_free(run.list);
	tun_words_free(run.words);
	reaper_free(&run.reaper);
	run_free_ports(&run);
	free(run.rows);
	free(run.argv);
	tun_close(run.ctx);
	return tool_end(status);
}
