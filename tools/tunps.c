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
#include "metrics.h"
#include "out.h"
#include "pick.h"
#include "served.h"
#include "tool.h"
#include "verdict.h"
#include "watch.h"

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
	MODE_EXPORT,
	MODE_METRICS,
	MODE_COUNT = 'c',
	MODE_JSON = 'J',
	MODE_LINES = 'j',
	MODE_PIDS = 't',
	MODE_QUIET = 'q',
	MODE_RAW = 'r',
	MODE_TREE = 'T'
};

enum {
	OPT_CHECK = MODE_METRICS + 1, OPT_CLIENTS, OPT_CONFIG, OPT_EXPECT,
	OPT_HELP, OPT_LIST_COLUMNS, OPT_NEWEST, OPT_OLDEST, OPT_SERVER,
	OPT_SORT, OPT_SSH_NAME, OPT_TABLE, OPT_WAIT, OPT_WATCH
};

static const char options[] = ":DJLMORS:TVacd:ejlno:p:qrtu:vw";

static const struct option long_options[] = {
	{ "check", optional_argument, NULL, OPT_CHECK },
	{ "clients", no_argument, NULL, OPT_CLIENTS },
	{ "complete", required_argument, NULL, MODE_COMPLETE },
	{ "config", no_argument, NULL, OPT_CONFIG },
	{ "expect", required_argument, NULL, OPT_EXPECT },
	{ "export", required_argument, NULL, MODE_EXPORT },
	{ "exposed", no_argument, NULL, PICK_EXPOSED },
	{ "heard", required_argument, NULL, PICK_HEARD },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "idle", required_argument, NULL, PICK_IDLE },
	{ "list-columns", no_argument, NULL, OPT_LIST_COLUMNS },
	{ "metrics", optional_argument, NULL, MODE_METRICS },
	{ "newest", no_argument, NULL, OPT_NEWEST },
	{ "older", required_argument, NULL, PICK_OLDER },
	{ "oldest", no_argument, NULL, OPT_OLDEST },
	{ "server", no_argument, NULL, OPT_SERVER },
	{ "sort", required_argument, NULL, OPT_SORT },
	{ "ssh-name", required_argument, NULL, OPT_SSH_NAME },
	{ "stale", no_argument, NULL, PICK_STALE },
	{ "state", required_argument, NULL, PICK_STATE },
	{ "suspect", no_argument, NULL, PICK_SUSPECT },
	{ "table", required_argument, NULL, OPT_TABLE },
	{ "wait", required_argument, NULL, OPT_WAIT },
	{ "watch", optional_argument, NULL, OPT_WATCH },
	{ NULL, 0, NULL, 0 }
};

#define WATCH_MS	2000	/* --watch without a time, as watch(1) */
#define WATCH_LEAST	100

/* What the command line asks for. */
struct args {
	struct pick pick;
	struct view view;
	enum mode mode;
	const char *separator;	/* -d */
	const char *prefix;	/* --complete */
	const char *ssh_name, *table;
	int server;		/* --server */
	int lists;		/* an option that is about tunnels */
	int check;		/* --check */
	int each;		/* --metrics=each */
	enum tun_format format;	/* --export */
	const char *expect;	/* --expect */
	int64_t wait;		/* --wait, in ms; -1: do not */
	int64_t watch;		/* --watch, in ms; 0: do not */
	char *const *words;	/* operands */
	size_t nwords;
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
"             -t [-d separator] | --export format | --metrics[=each]]\n"
"             [--check] [--clients] [--config] [--expect host]\n"
"             [--exposed] [--heard time]\n"
"             [--idle time] [--older time] [--newest | --oldest]\n"
"             [--sort [-]column,...] [--ssh-name name] [--stale]\n"
"             [--state name,...] [--suspect] [--table file]\n"
"             [--wait time | --watch[=time]]\n"
"             [selector ...]\n"
"       tunps --server [-envw] [-J | -c | -q | -r] [-u user,...]\n"
"             [--table file] [port | path ...]\n"
"       tunps --complete word | --help | --list-columns | -V\n"
"\n"
"A selector is an ID, a port, a PID, a host, @label or a path: tunnels(7).\n",
	    stdout);
}

/* How the user has asked for it. */
static const char *
mode_option(int mode, char buf[3])
{
	if (mode == MODE_EXPORT)
		return "--export";
	if (mode == MODE_METRICS)
		return "--metrics";
	buf[0] = '-';
	buf[1] = (char)mode;
	buf[2] = '\0';
	return buf;
}

static void
set_mode(struct args *args, int mode)
{
	char one[3], other[3];

	if (args->mode != MODE_TABLE && (int)args->mode != mode)
		tool_usage("%s and %s exclude each other",
		    mode_option((int)args->mode, one),
		    mode_option(mode, other));
	args->mode = (enum mode)mode;
}

static void
set_export(struct args *args, const char *name)
{
	static const char *const names[] = { "sh", "config", "systemd" };
	static const enum tun_format formats[] = { TUN_FORMAT_SH,
	    TUN_FORMAT_CONFIG, TUN_FORMAT_SYSTEMD };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0) {
			set_mode(args, MODE_EXPORT);
			args->format = formats[i];
			return;
		}
	tool_usage("--export: no format %s: sh, config or systemd", name);
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

/* Asking a target, or for a round trip, can do harm: another tool's work. */
static void
set_check(struct args *args, const char *level)
{
	if (level != NULL && (strcmp(level, "trip") == 0 ||
	    strcmp(level, "connect") == 0))
		tool_usage("--check=%s: use tuncheck -P", level);
	if (level != NULL)
		tool_usage("--check=%s: no such check", level);
	args->check = 1;
	args->scan |= columns[COL_STATE].scan;
}

static void
set_metrics(struct args *args, const char *detail)
{
	if (detail != NULL && strcmp(detail, "each") != 0)
		tool_usage("--metrics=%s: only --metrics=each", detail);
	set_mode(args, MODE_METRICS);
	args->each |= detail != NULL;
}

/* Milliseconds from a time, or from seconds with a fraction: "0.5". */
static int64_t
milliseconds(const char *option, const char *arg)
{
	const char *errstr, *dot = strchr(arg, '.');
	int64_t n, scale;
	char *whole;

	if (dot == NULL) {
		n = tool_duration(arg, &errstr);
		if (errstr != NULL)
			tool_usage("%s: %s is %s", option, arg, errstr);
		return n * 1000;
	}
	whole = tool_xstrdup(arg);
	whole[dot - arg] = '\0';
	n = strtonum(whole, 0, 1000000000, &errstr) * 1000;
	free(whole);
	if (errstr != NULL || dot[1] == '\0' ||
	    dot[1 + strspn(dot + 1, "0123456789")] != '\0')
		tool_usage("%s: %s is not a number of seconds", option, arg);
	for (scale = 100, dot++; *dot != '\0'; dot++, scale /= 10)
		n += (*dot - '0') * scale;
	return n;
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
	case MODE_EXPORT:
		set_export(args, optarg);
		break;
	case MODE_METRICS:
		set_metrics(args, optarg);
		break;
	case OPT_CHECK:
		set_check(args, optarg);
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
	case OPT_EXPECT:
		if (*optarg == '\0')
			tool_usage("--expect: empty host");
		args->expect = optarg;
		args->scan |= TUN_SCAN_SOCKETS;
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
	case OPT_SERVER:
		args->server = 1;
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
	case OPT_WAIT:
		args->wait = milliseconds("--wait", optarg);
		args->scan |= TUN_SCAN_SOCKETS;
		break;
	case OPT_WATCH:
		args->watch = optarg == NULL ? WATCH_MS :
		    milliseconds("--watch", optarg);
		if (args->watch < WATCH_LEAST)
			tool_usage("--watch: %s is too short a time", optarg);
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

	if (args->wait >= 0 || args->watch > 0)
		flags |= TUN_SCAN_WATCH;

	for (i = 0; i < args->nkeys; i++)
		flags |= columns[args->keys[i].col].scan;
	switch (args->mode) {
	case MODE_COMPLETE:
	case MODE_EXPORT:
		return flags | TUN_SCAN_SOCKETS | TUN_SCAN_ENV;
	case MODE_COUNT:
	case MODE_PIDS:
	case MODE_QUIET:
		return flags;
	case MODE_METRICS:
		return flags | columns[COL_STATE].scan;
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

/* It only looks, and it looks only where it can be seen. */
static void
check_watch(const struct args *args)
{
	const char *why;

	if (args->check || args->expect != NULL || args->wait >= 0 ||
	    args->scan & TUN_SCAN_CONFIG)
		tool_usage("--watch: never asks: not with --check, --config, "
		    "--expect or --wait");
	if (args->mode == MODE_LINES)
		return;
	if (args->mode != MODE_TABLE)
		tool_usage("--watch: only as a table or with -j");
	if ((why = watch_refuses()) != NULL)
		tool_usage("--watch: %s", why);
}

/* Is it about tunnels?  --server lists none. */
static int
is_of_tunnels(int c)
{
	return c != OPT_SERVER && c != OPT_TABLE &&
	    (c > 0xff || strchr("Jcenqruvw", c) == NULL);
}

static void
parse(struct args *args, int argc, char **argv)
{
	int c;

	args->view.titles = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, options, long_options, NULL)) !=
	    -1) {
		args->lists |= is_of_tunnels(c);
		if (!pick_option(&args->pick, c, optarg))
			take_option(args, c, argv);
	}
	args->words = argv + optind;
	args->nwords = (size_t)(argc - optind);
	if (args->server && args->lists)
		tool_usage("--server: lists no tunnels: only with -c, -e, "
		    "-J, -n, -q, -r, -u, -v, -w and --table");
	for (; optind < argc; optind++) {
		if (args->server)
			served_operand(argv[optind]);
		else
			pick_operand(&args->pick, argv[optind]);
	}
	if (!pick_is_named(&args->pick) && args->expect != NULL)
		tool_usage("--expect: of which tunnel? give a selector");
	if (!pick_is_named(&args->pick) && args->wait >= 0)
		tool_usage("--wait: for which tunnel? give a selector");
	if (args->separator != NULL && args->mode != MODE_PIDS)
		tool_usage("-d: only with -t");
	if (args->watch > 0)
		check_watch(args);
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
put(const struct args *args, int64_t took)
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
	case MODE_EXPORT:
		out_export(view, args->format);
		break;
	case MODE_METRICS:
		out_metrics(view, args->each, took);
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
scan(const struct args *args, struct tun_ctx *ctx, unsigned flags)
{
	struct tun_list *list;

	if (tun_scan(ctx, flags, &list) == -1) {
		int error = errno;

		if (args->mode == MODE_COMPLETE)
			exit(TOOL_ERROR);
		watch_leave();
		tool_fail("cannot look: %s", strerror(error));
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

/* The port that an operand may mean, or 0. */
static int
port_of(const char *word)
{
	const char *errstr;
	int port;

	if (*word != '\0' && strchr(":DLdl", *word) != NULL)
		word++;
	port = (int)strtonum(word, 1, 65535, &errstr);
	return errstr == NULL ? port : 0;
}

static int
has_match(const struct view *view, const struct tun_select *sel)
{
	size_t i;

	for (i = 0; i < view->nrows; i++) {
		if (tun_select_match(sel, view->rows[i].tun,
		    view->rows[i].fwd) != 0)
			return 1;
	}
	return 0;
}

/* One line: who has the port instead. */
static void
put_holder(const struct tun_list *all, int port, const struct tun_peer *p)
{
	const char *comm = p->comm != NULL ? p->comm : "?";
	const struct tun *t = NULL;

	if (p->pid == 0 && p->uid == (uid_t)-1) {
		tool_warn("%d is held by a process that cannot be seen", port);
		return;
	}
	if (p->pid == 0) {
		tool_warn("%d is held by a process of %s that cannot be seen",
		    port, tool_user(p->uid));
		return;
	}
	while ((t = tun_next(all, t)) != NULL && t->pid != p->pid)
		;
	if (t == NULL)
		tool_warn("%d is held by %s (%ld), no tunnel", port, comm,
		    (long)p->pid);
	else if (t->uid != geteuid())
		tool_warn("%d is held by %s (%ld), a tunnel of %s: "
		    "-e lists it", port, comm, (long)p->pid,
		    tool_user(t->uid));
	else
		tool_warn("%d is held by %s (%ld), a tunnel that is not "
		    "listed here", port, comm, (long)p->pid);
}

static void
put_holders(struct tun_ctx *ctx, int port)
{
	struct tun_peer *peers;
	struct tun_list *all;
	size_t i, n;

	if (tun_holder(ctx, port, &peers, &n) == -1)
		return;
	if (n > 0 && tun_scan(ctx, TUN_SCAN_SOCKETS, &all) == 0) {
		for (i = 0; i < n; i++)
			put_holder(all, port, &peers[i]);
		tun_list_free(all);
	}
	free(peers);
}

/* Ports that were asked for and belong to no row. */
static void
put_strangers(const struct args *args, struct tun_ctx *ctx)
{
	size_t i;
	int port;

	if (args->foreground > 0)
		return;
	for (i = 0; i < args->nwords; i++) {
		port = port_of(args->words[i]);
		if (port != 0 && !has_match(&args->view, args->pick.sels[i]))
			put_holders(ctx, port);
	}
}

static void
choose(struct args *args, const struct pick *pick)
{
	struct view *view = &args->view;

	free(view->rows);
	view->rows = pick_rows(pick, view->list, &view->nrows,
	    &args->foreground);
}

/* Every selector has a row, and every row listens. */
static int
is_there(const struct args *args)
{
	size_t i;

	for (i = 0; i < args->pick.nsels; i++) {
		if (!has_match(&args->view, args->pick.sels[i]))
			return 0;
	}
	for (i = 0; i < args->view.nrows; i++) {
		if (verdict_bound(&args->view.rows[i]) != TOOL_MATCH)
			return 0;
	}
	return args->view.nrows > 0;
}

#define MS_LEAST	20	/* between two looks, at first */
#define MS_MOST		250	/* and later on */

static void
nap(int64_t ms)
{
	struct timespec ts = { (time_t)(ms / 1000), ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Looks until it is there or the time is up; TOOL_MATCH or TOOL_BAD. */
static int
await(struct args *args, struct tun_ctx *ctx)
{
	int64_t end = now_ms() + args->wait, gap = MS_LEAST, left;
	unsigned flags = scan_flags(args) | columns[COL_CONNS].scan;

	/* A second sample takes a second, and a look soon follows anyway. */
	flags &= ~(unsigned)TUN_SCAN_AGAIN;
	for (;;) {
		args->view.list = scan(args, ctx, flags);
		choose(args, &args->pick);
		if (is_there(args))
			return TOOL_MATCH;
		left = end - now_ms();
		if (left <= 0 || args->table != NULL)
			return TOOL_BAD;
		nap(left < gap ? left : gap);
		gap = gap * 3 / 2 < MS_MOST ? gap * 3 / 2 : MS_MOST;
		tun_list_free(args->view.list);
	}
}

/*
 * Asks all that the command line names; a state that is asked for is one
 * after the answer.
 */
static void
ask(struct args *args, struct tun_ctx *ctx)
{
	struct pick any = args->pick;

	any.classes = 0;
	any.states = 0;
	any.heard = -1;
	choose(args, &any);
	verdict_ask(ctx, args->view.rows, args->view.nrows);
}

/* The exit status as far as the rows decide. */
static int
judge(const struct args *args)
{
	const struct view *view = &args->view;
	int status = view->nrows > 0 ? TOOL_MATCH : TOOL_NONE, verdict;

	if (args->expect != NULL && verdict_expect(view->rows, view->nrows,
	    args->expect, args->mode == MODE_QUIET) != TOOL_MATCH)
		status = TOOL_BAD;
	if (args->check && status == TOOL_MATCH) {
		verdict = verdict_health(view->rows, view->nrows);
		if (verdict == TOOL_ERROR && args->mode != MODE_QUIET)
			tool_warn("of some tunnels it cannot be told");
		status = verdict;
	}
	return status;
}

/* In which order, and how many for each tunnel. */
static void
arrange(struct args *args)
{
	struct view *view = &args->view;

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

/* Everything that has to look; the rows are chosen afterwards. */
static int
see(struct args *args, struct tun_ctx *ctx)
{
	struct view *view = &args->view;
	unsigned flags = scan_flags(args);
	int status = TOOL_MATCH;

	if (args->wait >= 0) {
		status = await(args, ctx);
		tun_list_free(view->list);
	}
	if (samples_rate(args)) {
		view->before = scan(args, ctx, flags);
		sleep(1);
	}
	view->list = scan(args, ctx, flags);
	view->clients = (flags & TUN_SCAN_CLIENTS) != 0;
	if (args->check)
		ask(args, ctx);
	choose(args, &args->pick);
	if (args->which != 0)
		rows_keep_one(view, args->which == OPT_NEWEST);
	if (args->mode == MODE_COMPLETE || args->mode == MODE_QUIET)
		return status;
	if (status != TOOL_MATCH)
		tool_warn("waited in vain");
	put_strangers(args, ctx);
	return status;
}

/* --watch, from one look to the next. */
struct watching {
	struct args *args;
	struct tun_ctx *ctx;
	struct row *old;	/* rows of view.before */
	size_t nold;
};

static void
look_again(struct watching *w)
{
	struct view *view = &w->args->view;

	tun_list_free(view->before);
	view->before = view->list;
	free(w->old);
	w->old = view->rows;
	w->nold = view->nrows;
	view->rows = NULL;
	view->list = scan(w->args, w->ctx, scan_flags(w->args));
	choose(w->args, &w->args->pick);
	if (w->args->which != 0)
		rows_keep_one(view, w->args->which == OPT_NEWEST);
	arrange(w->args);
}

/* "23:59:01  2 tunnels, every 2s; view incomplete: ..." */
static void
put_heading(const struct args *args, FILE *fp)
{
	const struct view *view = &args->view;
	time_t when = (time_t)tun_when(view->list);
	char clock[16] = "?";
	const char *note;
	struct tm tm;
	size_t i, n = 0;

	for (i = 0; i < view->nrows; i++)
		n += i == 0 || view->rows[i].tun != view->rows[i - 1].tun;
	if (localtime_r(&when, &tm) != NULL)
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	fprintf(fp, "%s  %zu tunnel%s, every %gs", clock, n,
	    n == 1 ? "" : "s", (double)args->watch / 1000);
	for (i = 0; (note = tun_note(view->list, i)) != NULL; i++)
		fprintf(fp, "; %s", note);
	fputs("  (q ends)\n", fp);
}

static void
look_screen(void *arg, FILE *fp, size_t width)
{
	struct watching *w = arg;
	struct view *view = &w->args->view;
	size_t nrows;
	char *marks;

	look_again(w);
	put_heading(w->args, fp);
	nrows = view->nrows;
	/* At first everything is new, and nothing is news. */
	if (view->before != NULL)
		marks = rows_mark(view, w->old, w->nold);
	else {
		marks = tool_xcalloc(nrows + 1, 1);
		memset(marks, ' ', nrows);
	}
	view->fp = fp;
	view->marks = marks;
	view->bold = getenv("NO_COLOR") == NULL;
	view->width = w->args->wide ? 0 : width;
	if (view->nrows > 0)
		out_table(view);
	/* Those that are gone are shown once. */
	view->nrows = nrows;
	free(marks);
}

static int
watch(struct args *args, struct tun_ctx *ctx)
{
	struct watching w = { args, ctx, NULL, 0 };

	args->view.clients = (scan_flags(args) & TUN_SCAN_CLIENTS) != 0;
	if (args->mode == MODE_TABLE)
		watch_screen(args->watch, look_screen, &w);
	else for (;;) {
		look_again(&w);
		out_json_line(&args->view);
		if (fflush(stdout) == EOF)
			break;
		nap(args->watch);
	}
	free(w.old);
	return args->view.nrows > 0 ? TOOL_MATCH : TOOL_NONE;
}

/* One look, or what it takes to answer. */
static int
answer(struct args *args, struct tun_ctx *ctx)
{
	int64_t took = now_ms();
	int status, verdict;

	status = see(args, ctx);
	took = now_ms() - took;
	/* Names of users, the file of -S, the width of the terminal. */
	if (pledge("stdio rpath getpw tty", NULL) == -1)
		tool_fail("pledge: %s", strerror(errno));
	if ((verdict = judge(args)) != TOOL_MATCH && status != TOOL_BAD)
		status = verdict;
	arrange(args);
	put(args, took);
	if (args->mode != MODE_COMPLETE && args->mode != MODE_QUIET)
		put_notes(args);
	return status;
}

static int
serve(const struct args *args, struct tun_ctx *ctx)
{
	struct served sv = { .titles = args->view.titles,
	    .why = args->view.why, .width = args->view.width };
	int status;

	status = served_look(&sv, ctx, &args->pick, args->words,
	    args->nwords);
	if (pledge("stdio rpath getpw tty", NULL) == -1)
		tool_fail("pledge: %s", strerror(errno));
	switch (args->mode) {
	case MODE_COUNT:
		printf("%zu\n", sv.nlines);
		break;
	case MODE_JSON:
		served_json(&sv);
		break;
	case MODE_QUIET:
		break;
	case MODE_RAW:
		served_raw(&sv);
		break;
	default:
		served_table(&sv);
	}
	if (args->mode != MODE_QUIET)
		served_notes(&sv);
	served_free(&sv);
	return status;
}

int
main(int argc, char **argv)
{
	struct args args = { .pick = PICK_ANY, .mode = MODE_TABLE,
	    .wait = -1 };
	struct tun_ctx *ctx;
	int status;

	tool_start();
	parse(&args, argc, argv);
	ctx = look(&args);
	if (args.server)
		status = serve(&args, ctx);
	else if (args.watch > 0)
		status = watch(&args, ctx);
	else
		status = answer(&args, ctx);
	free(args.view.rows);
	free(args.view.cols);
	free(args.keys);
	pick_free(&args.pick);
	tun_list_free(args.view.list);
	tun_list_free(args.view.before);
	tun_close(ctx);
	return tool_end(status);
}
