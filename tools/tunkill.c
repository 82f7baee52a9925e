/* SPDX-License-Identifier: ISC */
/* tunkill: end ssh tunnels, or single forwards of a master. */

#include <sys/types.h>
#include <sys/resource.h>

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/journal_use.h"
#include "common/options.h"
#include "common/out.h"
#include "common/pick.h"
#include "common/sshname.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "kill/act.h"
#include "kill/dead_sockets.h"
#include "kill/operands.h"
#include "kill/plan.h"
#include "kill/report.h"
#include "kill/signal_names.h"
#include "libfind.h"

#define WAIT_MS	5000
#define DAY_MS	86400000	/* the longest time of -k and -w */

enum {
	OPT_CONFIG = PICK_END, OPT_SERVER, OPT_SESSIONS, OPT_SOCKETS,
	OPT_SSH_NAME, OPT_SUPERVISOR, OPT_TABLE, OPT_WHOLE
};

static const struct option_row option_rows[] = {
	OPTION_GROUP("which"),
	{ 'a', NULL, NULL, NULL, "all that match" },
	PICK_OPTIONS,
	{ OPT_CONFIG, "config", NULL, NULL, "with what ssh_config adds" },
	{ OPT_SSH_NAME, "ssh-name", "NAME", "@program", "another name of ssh" },
	{ OPT_SERVER, "server", NULL, NULL, "sessions of sshd instead" },
	{ OPT_SOCKETS, "sockets", NULL, NULL, "dead control sockets instead" },
	{ OPT_TABLE, "table", "FILE", "@file", "a recorded table, with -n" },
	OPTION_GROUP("how"),
	{ 'n', "dry-run", NULL, NULL, "only show it" },
	{ 'i', NULL, NULL, NULL, "ask about each" },
	{ 'I', NULL, NULL, NULL, "as -i" },
	{ 's', "signal", "SIGNAL", "TERM HUP INT QUIT KILL ABRT USR1 USR2 ALRM",
	    "this one, or -SIGNAL" },
	{ 'k', NULL, "TIME", OPTION_TIMES, "KILL after so long" },
	{ 'w', NULL, "[TIME]", "0 1s 5s 30s", "wait so long" },
	OPTION_GROUP("also"),
	{ OPT_WHOLE, "whole", NULL, NULL, "the whole tunnel of a forward" },
	{ OPT_SESSIONS, "sessions", NULL, NULL, "with a shell or command" },
	{ OPT_SUPERVISOR, "supervisor", NULL, NULL, "what starts it again" },
	OPTION_GROUP("output"),
	{ 'e', NULL, NULL, NULL, "what has ended" },
	{ 'v', NULL, NULL, NULL, "the plan, too" },
	{ 'q', NULL, NULL, NULL, "no messages" },
	{ 'J', NULL, NULL, NULL, "JSON" },
	OPTION_GROUP(""),
	{ 'f', NULL, NULL, NULL, NULL },
	OPTION_GROUP(OPTION_ALONE),
	OPTION_END(NULL)
};

static const struct options options = {
	"usage: tunkill [option ...] [selector ...]\n"
	"       tunkill --sockets [option ...] [path ...]\n",
	"A selector is an ID, a port, a PID, a host, @label, a path or a "
	"forward:\ntunnels(7).\n", option_rows, NULL
};

/* The parsed command line. */
struct args {
	struct pick pick;
	struct act_options end;
	char *const *words;	/* operands */
	size_t nwords;
	unsigned plan;		/* PLAN_* */
	int sig;
	int many, ask, dry, echo, json, quiet, server, sockets, verbose;
	struct sshnames ssh_names;
	const char *table;
	size_t unmatched;	/* operands that match nothing */
	size_t width;		/* of the terminal that shows the plan, or 0 */
};

/* --- the command line ---------------------------------------------------- */

static int
signal_of(const char *option, const char *arg)
{
	const char *why;
	int sig = signal_parse(arg, &why);

	if (sig == -1)
		tool_usage("%s %s: %s", option, arg, why);
	return sig;
}

/*
 * "-HUP" and "-9" as in kill(1), and those that are refused: "-STOP" is not "-S
 * TOP".  Some shells accept lower-case names, too.  Here a name has to begin
 * with a capital letter, because no useful bundle of options does.
 */
static int
is_signal(const char *word)
{
	unsigned char c;

	if (word[0] != '-')
		return 0;
	c = (unsigned char)word[1];
	return isdigit(c) || (isupper(c) && signal_is_name(word + 1));
}

/* Takes such words out of argv. */
static int
take_signals(struct args *args, int argc, char **argv)
{
	int i, n = 1, value = 0;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			break;
		if (!value && is_signal(argv[i])) {
			args->sig = signal_of("signal", argv[i] + 1);
			continue;
		}
		value = !value && options_take_next(&options, argv[i]) == 1;
		argv[n++] = argv[i];
	}
	while (i < argc)
		argv[n++] = argv[i++];
	argv[n] = NULL;
	return n;
}

static void
take_option(struct args *args, int c)
{
	switch (c) {
	case 'I':
	case 'i':
		args->ask = 1;
		break;
	case 'J':
		args->json = 1;
		break;
	case 'a':
		args->pick.all = 1;
		break;
	case 'e':
		args->echo = 1;
		break;
	case 'f':
		tool_usage("-f: tunkill matches tunnels, not command lines");
	case 'k':
		args->end.kill = (int)tool_ms("-k", optarg, 0, DAY_MS);
		break;
	case 'n':
		args->dry = 1;
		break;
	case 'q':
		args->quiet = args->end.quiet = 1;
		break;
	case 's':
		args->sig = signal_of("-s", optarg);
		break;
	case 'v':
		args->verbose = 1;
		break;
	case 'w':
		args->end.wait = optarg != NULL ? (int)tool_ms("-w", optarg, 0,
		    DAY_MS) : WAIT_MS;
		break;
	case OPT_CONFIG:
		args->pick.needs |= TUN_SCAN_CONFIG;
		break;
	case OPT_SERVER:
		args->server = 1;
		args->pick.needs |= TUN_SCAN_SERVER | TUN_SCAN_DIRECT;
		break;
	case OPT_SESSIONS:
		args->plan |= PLAN_SESSIONS;
		break;
	case OPT_SOCKETS:
		args->sockets = 1;
		break;
	case OPT_SSH_NAME:
		sshname_add(&args->ssh_names, optarg);
		break;
	case OPT_SUPERVISOR:
		args->plan |= PLAN_SUPERVISOR;
		break;
	case OPT_TABLE:
		args->table = optarg;
		break;
	case OPT_WHOLE:
		args->plan |= PLAN_WHOLE;
		break;
	}
}

/* Options that select by what is wrong with a tunnel. */
static int
is_filtered(const struct pick *pick)
{
	return pick->classes != 0 || pick->states != 0 || pick->exposed ||
	    pick->older >= 0 || pick->idle >= 0 || pick->heard >= 0;
}

/* Of a control socket only the user is known, so other options are refused. */
static void
check_sockets(const struct args *args)
{
	const struct pick *pick = &args->pick;

	if (args->table != NULL || is_filtered(pick) || pick_is_named(pick) ||
	    args->server || pick->kinds != 0 || args->plan != 0)
		tool_usage("--sockets: takes paths, and no option that selects "
		    "tunnels");
	if (pick->nuids > 1)
		tool_usage("--sockets: of one user at a time");
}

/* Whoever logged in, unless -u says whose; nothing starts a session again. */
static void
check_server(struct args *args)
{
	if (args->pick.needs & TUN_SCAN_CONFIG ||
	    args->plan & PLAN_SUPERVISOR || args->pick.ctlpath != NULL)
		tool_usage("--server: not with -S, --config or --supervisor");
	args->pick.all = 1;
	args->pick.everyone |= args->pick.nuids == 0;
}

static void
parse(struct args *args, int argc, char **argv)
{
	const struct pick *pick = &args->pick;
	size_t i;
	int c;

	argc = take_signals(args, argc, argv);
	while ((c = options_next(&options, argc, argv)) != -1) {
		if (!pick_option(&args->pick, c, optarg))
			take_option(args, c);
	}
	args->words = argv + optind;
	args->nwords = (size_t)(argc - optind);
	if (args->table != NULL && !args->dry)
		tool_usage("--table: only with -n: a record has no processes");
	if (args->sockets) {
		check_sockets(args);
		return;
	}
	for (i = 0; i < args->nwords; i++)
		pick_operand(&args->pick, args->words[i]);
	args->many = pick->all || args->ask || is_filtered(pick);
	if (!pick_is_named(pick) && !is_filtered(pick) && !(pick->all &&
	    (pick->nuids > 0 || pick->kinds != 0)))
		tool_usage("which tunnel? Give an ID, a port, a host or a "
		    "PID, or a filter such as --stale");
	/* What is named may also run in the foreground. */
	if (pick_is_named(pick))
		args->pick.all = 1;
	if (args->server)
		check_server(args);
}

/* --- looking ------------------------------------------------------------- */

/* Is the plan printed, with the names of clients? */
static int
prints_plan(const struct args *args)
{
	return args->dry || args->ask || args->verbose || args->json;
}

static struct tun_list *
scan(const struct args *args, struct tun_ctx *ctx)
{
	unsigned flags = pick_scan(&args->pick) | TUN_SCAN_SOCKETS |
	    TUN_SCAN_INFO;
	struct tun_list *list;

	/* To find the names of clients, all processes have to be read. */
	if (prints_plan(args))
		flags |= TUN_SCAN_CLIENTS;
	if (tun_scan(ctx, flags, &list) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	if (!args->quiet)
		journal_put_error(ctx);
	return list;
}

/*
 * An empty list must not look as if nothing is there when something could not
 * be seen.
 */
static void
put_notes(const struct args *args, const struct tun_list *list)
{
	const char *note;
	size_t i;

	if (args->quiet)
		return;
	if (pick_lost_label(&args->pick, list))
		tool_warn(PICK_LOST_LABEL);
	for (i = 0; (note = tun_note(list, i)) != NULL; i++)
		tool_warn("view incomplete: %s", note);
	if (args->unmatched == 0 && tool_on_terminal())
		tool_warn("no tunnel matches the options");
}

/* --- output --------------------------------------------------------------- */

static void
ask(const struct args *args, struct plan *plan)
{
	struct plan_item *it = NULL;

	while ((it = plan_next(plan, it, PLAN_OPEN)) != NULL) {
		report_plan(plan, it, stderr, args->width);
		fputs("tunkill: do it? [y/N] ", stderr);
		if (!tool_answer())
			it->result = PLAN_DECLINED;
	}
}

static void
show(const struct args *args, const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n; i++)
		report_plan(plan, &plan->items[i], stdout, args->width);
}

static void
tell(const struct args *args, const struct plan *plan,
    const struct plan_item *it)
{
	int good = it->result == PLAN_SENT || it->result == PLAN_ENDED;
	char *text = report_result(plan, it), *shown;

	if (text != NULL && !good && !args->quiet)
		tool_warn("%s", text);
	if (good && (args->echo || args->verbose) && !args->json) {
		shown = tool_vis(text);
		puts(shown);
		free(shown);
	}
	free(text);
}

static int
status_of(const struct args *args, const struct plan *plan)
{
	size_t i, good = 0, gone = args->unmatched, bad = 0;

	for (i = 0; i < plan->n; i++) {
		switch (plan->items[i].result) {
		case PLAN_OPEN:		/* with -n */
		case PLAN_SENT:
		case PLAN_ENDED:
			good++;
			break;
		case PLAN_GONE:
			gone++;
			break;
		case PLAN_DECLINED:
			break;
		default:
			bad++;
		}
	}
	return tool_status(good, gone, bad);
}

/* Each process that is held takes one descriptor. */
static void
raise_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NOFILE, &rl);
	}
}

static int
end_tunnels(struct args *args, struct tun_ctx *ctx)
{
	struct tun_list *list = scan(args, ctx);
	struct plan plan = { .ctx = ctx, .list = list, .pick = &args->pick,
	    .flags = args->plan, .sig = args->sig,
	    .recorded = args->table != NULL };
	struct row *rows;
	size_t i, n, foreground;
	int status;

	rows = pick_rows(&args->pick, list, &n, &foreground);
	args->unmatched = operands_check(&plan, rows, &n, args->many,
	    args->quiet);
	/* The PIDs that it shows would be those of other processes here. */
	if (args->table == NULL && n + plan.n > 0 && !tool_sees_itself(ctx))
		tool_fail("cannot end anything: the process table does not "
		    "show tunkill itself (a /proc of another PID namespace?)");
	plan_make(&plan, rows, n);
	if (args->server && prints_plan(args) && tun_scan(ctx,
	    TUN_SCAN_SOCKETS, &plan.near) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	/* The names of users. */
	if (args->dry && pledge("stdio rpath getpw", NULL) == -1)
		tool_fail("pledge: %s", strerror(errno));
	if (!args->dry) {
		act_hold(&plan);
		if (args->verbose && !args->ask && !args->json)
			show(args, &plan);
		if (args->ask)
			ask(args, &plan);
		act_run(&plan, &args->end);
	}
	if (args->json)
		report_json(&plan, args->dry);
	else if (args->dry)
		show(args, &plan);
	for (i = 0; i < plan.n && !args->dry; i++)
		tell(args, &plan, &plan.items[i]);
	if (plan.n == 0)
		put_notes(args, list);
	status = status_of(args, &plan);
	plan_free(&plan);
	free(rows);
	tun_list_free(plan.near);
	tun_list_free(list);
	return status;
}

static int
end_sockets(const struct args *args, struct tun_ctx *ctx)
{
	const struct pick *pick = &args->pick;
	struct dead_options dead = { args->ask, args->dry,
	    args->echo || args->verbose, args->json, args->quiet,
	    pick->nuids > 0 ? pick->uids[0] : geteuid() };

	return dead_run(ctx, args->words, args->nwords, &dead);
}

int
main(int argc, char **argv)
{
	struct args args = { .pick = PICK_ANY, .sig = SIGTERM,
	    .end = { .wait = WAIT_MS, .kill = -1, .on_purpose = 1 } };
	struct tun_ctx *ctx;
	int status;

	tool_start();
	parse(&args, argc, argv);
	args.width = tool_terminal_width(args.ask ? STDERR_FILENO :
	    STDOUT_FILENO);
	/* No ssh -G and no command for a supervisor will be started. */
	if (!(args.pick.needs & TUN_SCAN_CONFIG) &&
	    !(args.plan & PLAN_SUPERVISOR))
		tool_confine();
	raise_limit();
	ctx = sshname_open(args.table, &args.ssh_names);
	args.pick.ctx = args.table == NULL ? ctx : NULL;
	/*
	 * pledge(2) only in a dry run: at the end it is checked again whether
	 * the port is free, and no promise lets OpenBSD show the sockets.
	 */
	status = args.sockets ? end_sockets(&args, ctx) :
	    end_tunnels(&args, ctx);
	pick_free(&args.pick);
	tun_close(ctx);
	return tool_end(status);
}
