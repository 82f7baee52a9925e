/* SPDX-License-Identifier: ISC */
/* tunps: list background ssh tunnels. */

#include <sys/types.h>
#include <sys/ioctl.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "libfind.h"
#include "out.h"
#include "pick.h"
#include "tool.h"

static const enum column plain_columns[] = {
	COL_ID, COL_PID, COL_STATE, COL_LISTEN, COL_TARGET, COL_VIA,
	COL_CONNS, COL_AGE,
	/* and these in the long view */
	COL_USER, COL_ORIGIN, COL_SUPERVISOR, COL_SOURCE
};
#define NPLAIN	8
#define NLONG	12

enum mode {
	MODE_TABLE,
	MODE_COMPLETE = PICK_END,
	MODE_COUNT = 'c',
	MODE_JSON = 'J',
	MODE_LINES = 'j',
	MODE_PIDS = 't',
	MODE_QUIET = 'q',
	MODE_RAW = 'r',
	MODE_TREE = 'T'
};

enum {
	OPT_CLIENTS = PICK_END + 1, OPT_CONFIG, OPT_HELP, OPT_LIST_COLUMNS,
	OPT_NEWEST, OPT_OLDEST, OPT_SORT, OPT_SSH_NAME, OPT_TABLE
};

static const char options[] = ":DJLMORS:TVacd:ejlno:p:qrtu:vw";

static const struct option long_options[] = {
	{ "clients", no_argument, NULL, OPT_CLIENTS },
	{ "complete", required_argument, NULL, MODE_COMPLETE },
	{ "config", no_argument, NULL, OPT_CONFIG },
	{ "exposed", no_argument, NULL, PICK_EXPOSED },
	{ "heard", required_argument, NULL, PICK_HEARD },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "idle", required_argument, NULL, PICK_IDLE },
	{ "list-columns", no_argument, NULL, OPT_LIST_COLUMNS },
	{ "newest", no_argument, NULL, OPT_NEWEST },
	{ "older", required_argument, NULL, PICK_OLDER },
	{ "oldest", no_argument, NULL, OPT_OLDEST },
	{ "sort", required_argument, NULL, OPT_SORT },
	{ "ssh-name", required_argument, NULL, OPT_SSH_NAME },
	{ "stale", no_argument, NULL, PICK_STALE },
	{ "state", required_argument, NULL, PICK_STATE },
	{ "suspect", no_argument, NULL, PICK_SUSPECT },
	{ "table", required_argument, NULL, OPT_TABLE },
	{ NULL, 0, NULL, 0 }
};

/* What the command line asks for. */
struct args {
	struct pick pick;
	struct view view;
	enum mode mode;
	const char *separator;	/* -d */
	const char *prefix;	/* --complete */
	const char *ssh_name, *table;
	const char *columns;	/* -o, the last one without '+' */
	const char **more;	/* -o +COL */
	size_t nmore;
	struct key *keys;
	size_t nkeys;
	unsigned scan;
	int every_column, longer, wide;
	int which;		/* OPT_NEWEST, OPT_OLDEST or 0: all */
	size_t foreground;	/* tunnels that -a would add */
};

static void
usage(void)
{
	fputs(
"usage: tunps [-aeDLMRlnvw] [-S path] [-p pid,...] [-u user,...]\n"
"             [-O | -o [+]column,...] [-J | -T | -c | -j | -q | -r |\n"
"             -t [-d separator]] [--clients] [--config] [--exposed]\n"
"             [--heard time] [--idle time] [--older time]\n"
"             [--newest | --oldest] [--sort [-]column,...]\n"
"             [--ssh-name name] [--stale] [--state name,...] [--suspect]\n"
"             [--table file] [selector ...]\n"
"       tunps --complete word | --help | --list-columns | -V\n"
"\n"
"A selector is an ID, a port, a PID, a host, @label or a path: tunnels(7).\n",
	    stdout);
}

static void
set_mode(struct args *args, int mode)
{
	if (args->mode != MODE_TABLE && (int)args->mode != mode)
		tool_usage("-%c and -%c exclude each other", args->mode, mode);
	args->mode = (enum mode)mode;
}

static enum column
find_column(const char *option, const char *name)
{
	const char *names[NCOLUMNS + 1], *like;
	size_t i;

	for (i = 0; i < NCOLUMNS; i++) {
		if (strcasecmp(columns[i].name, name) == 0)
			return (enum column)i;
		names[i] = columns[i].name;
	}
	names[NCOLUMNS] = NULL;
	if ((like = tool_nearest(name, names)) != NULL)
		tool_usage("%s: no column %s; did you mean %s?", option, name,
		    like);
	tool_usage("%s: no column %s; see --list-columns", option, name);
}

static void
add_column(struct view *view, enum column col)
{
	view->cols = tool_xreallocarray(view->cols, view->ncols + 1,
	    sizeof(*view->cols));
	view->cols[view->ncols++] = col;
}

static void
add_columns(struct view *view, const char *list)
{
	char **v = tool_split("-o", list);
	size_t i;

	for (i = 0; v[i] != NULL; i++)
		add_column(view, find_column("-o", v[i]));
	free(v);
}

static void
choose_columns(struct args *args)
{
	size_t i;

	if (args->every_column) {
		for (i = 0; i < NCOLUMNS; i++)
			add_column(&args->view, (enum column)i);
	} else if (args->columns != NULL)
		add_columns(&args->view, args->columns);
	else {
		for (i = 0; i < (args->longer ? NLONG : NPLAIN); i++)
			add_column(&args->view, plain_columns[i]);
	}
	for (i = 0; i < args->nmore; i++)
		add_columns(&args->view, args->more[i]);
	free(args->more);
}

static void
add_keys(struct args *args, const char *list)
{
	char **v = tool_split("--sort", list);
	struct key *key;
	size_t i;

	for (i = 0; v[i] != NULL; i++) {
		args->keys = tool_xreallocarray(args->keys, args->nkeys + 1,
		    sizeof(*args->keys));
		key = &args->keys[args->nkeys++];
		key->down = *v[i] == '-';
		key->col = find_column("--sort", v[i] + key->down);
	}
	free(v);
}

static void
take_option(struct args *args, int c, char *const *argv)
{
	switch (c) {
	case 'J': case 'T': case 'c': case 'j': case 'q': case 'r': case 't':
		set_mode(args, c);
		break;
	case 'M':
		args->pick.masters = 1;
		args->scan |= TUN_SCAN_SOCKETS;
		break;
	case 'O':
		args->every_column = 1;
		break;
	case 'V':
		printf("tunps %s\n", VERSION);
		exit(tool_end(TOOL_MATCH));
	case 'a':
		args->pick.all = 1;
		break;
	case 'd':
		args->separator = optarg;
		break;
	case 'e':
		args->pick.everyone = 1;
		break;
	case 'l':
		args->longer = 1;
		break;
	case 'n':
		args->view.titles = 0;
		break;
	case 'o':
		if (*optarg != '+') {
			args->columns = optarg;
			break;
		}
		args->more = tool_xreallocarray(args->more, args->nmore + 1,
		    sizeof(*args->more));
		args->more[args->nmore++] = optarg + 1;
		break;
	case 'v':
		args->view.why = 1;
		args->scan |= TUN_SCAN_SOCKETS | TUN_SCAN_INFO;
		break;
	case 'w':
		args->wide = 1;
		break;
	case MODE_COMPLETE:
		args->mode = MODE_COMPLETE;
		args->prefix = optarg;
		break;
	case OPT_CLIENTS:
		args->scan |= columns[COL_CLIENTS].scan;
		args->more = tool_xreallocarray(args->more, args->nmore + 1,
		    sizeof(*args->more));
		args->more[args->nmore++] = columns[COL_CLIENTS].name;
		break;
	case OPT_CONFIG:
		args->scan |= TUN_SCAN_CONFIG;
		break;
	case OPT_HELP:
		usage();
		exit(tool_end(TOOL_MATCH));
	case OPT_LIST_COLUMNS:
		out_columns();
		exit(tool_end(TOOL_MATCH));
	case OPT_NEWEST:
	case OPT_OLDEST:
		if (args->which != 0 && args->which != c)
			tool_usage("--newest and --oldest exclude each other");
		args->which = c;
		break;
	case OPT_SORT:
		add_keys(args, optarg);
		break;
	case OPT_SSH_NAME:
		if (*optarg == '\0' || strchr(optarg, '/') != NULL)
			tool_usage("--ssh-name: not the name of a program");
		args->ssh_name = optarg;
		break;
	case OPT_TABLE:
		args->table = optarg;
		break;
	default:
		tool_bad_option(c, argv, long_options);
	}
}

/* A rate takes a second to measure: only where it is asked for by name. */
static int
samples_rate(const struct args *args)
{
	size_t i;

	if (args->table != NULL || args->every_column)
		return 0;
	for (i = 0; i < args->view.ncols; i++) {
		if (args->view.cols[i] == COL_RATE)
			return 1;
	}
	for (i = 0; i < args->nkeys; i++) {
		if (args->keys[i].col == COL_RATE)
			return 1;
	}
	return 0;
}

/* No more than is asked for: sockets cost more than processes. */
static unsigned
scan_flags(const struct args *args)
{
	unsigned flags = args->scan | pick_scan(&args->pick);
	size_t i;

	for (i = 0; i < args->nkeys; i++)
		flags |= columns[args->keys[i].col].scan;
	switch (args->mode) {
	case MODE_COMPLETE:
		return flags | TUN_SCAN_SOCKETS | TUN_SCAN_ENV;
	case MODE_COUNT:
	case MODE_PIDS:
	case MODE_QUIET:
		return flags;
	case MODE_TREE:
		return flags | columns[COL_CLIENTS].scan;
	case MODE_JSON:
	case MODE_LINES:
		if (args->view.all)
			return flags | columns[COL_STATE].scan | TUN_SCAN_ENV;
		break;
	default:
		break;
	}
	for (i = 0; i < args->view.ncols; i++)
		flags |= columns[args->view.cols[i]].scan;
	return flags;
}

static size_t
terminal_width(void)
{
	const char *columns_env = getenv("COLUMNS"), *errstr;
	struct winsize ws;
	long long n;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (columns_env != NULL) {
		n = strtonum(columns_env, 1, 10000, &errstr);
		if (errstr == NULL)
			return (size_t)n;
	}
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0)
		return ws.ws_col;
	return 80;
}

static void
parse(struct args *args, int argc, char **argv)
{
	int c;

	args->view.titles = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, options, long_options, NULL)) !=
	    -1) {
		if (!pick_option(&args->pick, c, optarg))
			take_option(args, c, argv);
	}
	for (; optind < argc; optind++)
		pick_operand(&args->pick, argv[optind]);
	if (args->separator != NULL && args->mode != MODE_PIDS)
		tool_usage("-d: only with -t");
	args->view.all = args->columns == NULL;
	choose_columns(args);
	if (args->mode == MODE_COMPLETE)
		args->pick.all = 1;
	if (!args->wide && args->mode == MODE_TABLE)
		args->view.width = terminal_width();
}

static void
put_pids(const struct view *view, const char *separator)
{
	size_t i;

	for (i = 0; i < view->nrows; i++) {
		if (i > 0)
			fputs(separator, stdout);
		printf("%ld", (long)view->rows[i].tun->pid);
	}
	if (view->nrows > 0)
		putchar('\n');
}

static void
put(const struct args *args)
{
	const struct view *view = &args->view;

	switch (args->mode) {
	case MODE_TABLE:
		if (view->nrows > 0)
			out_table(view);
		break;
	case MODE_COMPLETE:
		out_complete(view, args->prefix);
		break;
	case MODE_COUNT:
		printf("%zu\n", view->nrows);
		break;
	case MODE_JSON:
		out_json(view);
		break;
	case MODE_LINES:
		out_json_lines(view);
		break;
	case MODE_PIDS:
		put_pids(view, args->separator != NULL ? args->separator :
		    "\n");
		break;
	case MODE_QUIET:
		break;
	case MODE_RAW:
		if (view->nrows > 0)
			out_raw(view);
		break;
	case MODE_TREE:
		out_tree(view);
		break;
	}
}

/*
 * What was not seen is said once, whatever was found.  That nothing was found
 * must not pass for nothing being there.
 */
static void
put_notes(const struct args *args)
{
	const struct tun_list *list = args->view.list;
	const char *note;
	char *all = tool_xstrdup("view incomplete"), *longer;
	size_t i;

	if (!tun_complete(list)) {
		for (i = 0; (note = tun_note(list, i)) != NULL; i++) {
			longer = tool_xasprintf("%s%s %s", all,
			    i > 0 ? ";" : ":", note);
			free(all);
			all = longer;
		}
		tool_warn("%s", all);
	}
	free(all);
	if (args->view.nrows == 0 && args->foreground > 0 &&
	    pick_is_named(&args->pick))
		tool_warn("it is in the foreground: -a lists it");
}

static struct tun_list *
scan(const struct args *args, struct tun_ctx *ctx)
{
	struct tun_list *list;

	if (tun_scan(ctx, scan_flags(args), &list) == -1) {
		if (args->mode == MODE_COMPLETE)
			exit(TOOL_ERROR);
		tool_fail("cannot look: %s", strerror(errno));
	}
	return list;
}

static struct tun_ctx *
look(const struct args *args)
{
	struct tun_ctx *ctx = tun_open(args->table);

	if (ctx == NULL) {
		if (args->mode == MODE_COMPLETE)
			exit(TOOL_ERROR);
		tool_fail("%s: %s", args->table != NULL ? args->table :
		    "processes", args->table != NULL && errno == EINVAL ?
		    "not a recorded table" : strerror(errno));
	}
	if (args->ssh_name != NULL && tun_ssh_name(ctx, args->ssh_name) == -1)
		tool_fail("--ssh-name: %s", strerror(errno));
	return ctx;
}

/* Which rows, and in which order. */
static void
arrange(struct args *args)
{
	struct view *view = &args->view;

	view->rows = pick_rows(&args->pick, view->list, &view->nrows,
	    &args->foreground);
	if (args->which != 0)
		rows_keep_one(view, args->which == OPT_NEWEST);
	switch (args->mode) {
	case MODE_TABLE:
	case MODE_RAW:
		if (!rows_differ(view))
			rows_keep_tunnels(view);
		rows_sort(view, args->keys, args->nkeys, 0);
		break;
	case MODE_COUNT:
	case MODE_PIDS:
		rows_keep_tunnels(view);
		/* FALLTHROUGH */
	default:
		rows_sort(view, args->keys, args->nkeys, 1);
	}
}

int
main(int argc, char **argv)
{
	struct args args = { .pick = PICK_ANY, .mode = MODE_TABLE };
	struct tun_list *list, *before = NULL;
	struct tun_ctx *ctx;
	int status;

	tool_start();
	parse(&args, argc, argv);
	ctx = look(&args);
	if (samples_rate(&args)) {
		before = scan(&args, ctx);
		sleep(1);
	}
	list = scan(&args, ctx);
	/* Names of users, the file of -S, the width of the terminal. */
	if (pledge("stdio rpath getpw tty", NULL) == -1)
		tool_fail("pledge: %s", strerror(errno));
	args.view.list = list;
	args.view.before = before;
	args.view.clients = (scan_flags(&args) & TUN_SCAN_CLIENTS) != 0;
	arrange(&args);
	put(&args);
	status = args.view.nrows > 0 ? TOOL_MATCH : TOOL_NONE;
	if (args.mode != MODE_COMPLETE && args.mode != MODE_QUIET)
		put_notes(&args);

	free(args.view.rows);
	free(args.view.cols);
	free(args.keys);
	pick_free(&args.pick);
	tun_list_free(list);
	tun_list_free(before);
	tun_close(ctx);
	return tool_end(status);
}
