/* SPDX-License-Identifier: ISC */
/* tunps: list background ssh tunnels. */

#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/color.h"
#include "common/grid.h"
#include "common/hosts.h"
#include "common/journal_use.h"
#include "common/options.h"
#include "common/out.h"
#include "common/pick.h"
#include "common/sshname.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "libfind.h"
#include "ps/end_row.h"
#include "ps/lost_list.h"
#include "ps/on_change.h"
#include "ps/ps.h"
#include "ps/record_file.h"
#include "ps/watch.h"

/*
 * What is shown without -o: the columns before the first NCOLUMNS, and in the
 * long format those before the second one, too.
 */
static const enum column plain_columns[] = {
	COL_ID, COL_PID, COL_STATE, COL_LISTEN, COL_TARGET, COL_VIA,
	COL_CONNS, COL_AGE, NCOLUMNS,
	COL_USER, COL_ORIGIN, COL_SUPERVISOR, COL_SOURCE, NCOLUMNS
};

static const enum column lost_columns[] = {
	COL_ID, COL_START, COL_LISTEN, COL_TARGET, COL_VIA, COL_LABEL, COL_CMD,
	NCOLUMNS,
	COL_PID, COL_CWD, NCOLUMNS
};

static const enum column server_columns[] = {
	COL_ID, COL_PID, COL_STATE, COL_LISTEN, COL_USER, COL_CLIENT,
	COL_CONNS, COL_AGE, NCOLUMNS,
	COL_KIND, COL_HEARD, COL_IDLE, COL_EXPOSED, NCOLUMNS
};

/* The connections of --direct have a target and no listener. */
static const enum column direct_columns[] = {
	COL_ID, COL_STATE, COL_TARGET, COL_USER, COL_CLIENT, COL_RX, COL_TX,
	COL_AGE, NCOLUMNS,
	COL_KIND, COL_PID, COL_LISTEN, COL_CONNS, NCOLUMNS
};

enum {
	OPT_CHECK = MODE_METRICS + 1, OPT_CLIENTS, OPT_COLOR, OPT_CONFIG,
	OPT_DIRECT, OPT_EXPECT, OPT_FORGET, OPT_LIST_COLUMNS, OPT_LOST,
	OPT_NEWEST, OPT_OLDEST, OPT_ON_CHANGE, OPT_RECORD, OPT_SERVER, OPT_SORT,
	OPT_SSH_NAME, OPT_TABLE, OPT_WAIT, OPT_WATCH
};

static const struct option_row option_rows[] = {
	OPTION_GROUP("which"),
	{ 'a', NULL, NULL, NULL, "also in the foreground" },
	{ 'e', NULL, NULL, NULL, "also of other users" },
	{ 'M', NULL, NULL, NULL, "masters" },
	PICK_OPTIONS,
	{ OPT_NEWEST, "newest", NULL, NULL, "started last" },
	{ OPT_OLDEST, "oldest", NULL, NULL, "started first" },
	{ OPT_LOST, "lost", NULL, NULL, "that run no more" },
	{ OPT_FORGET, "forget", NULL, NULL, "these in the journal" },
	{ OPT_SERVER, "server", NULL, NULL, "sessions of sshd" },
	{ OPT_DIRECT, "direct", NULL, NULL, "what sshd connects to" },
	{ OPT_SSH_NAME, "ssh-name", "NAME", "@program", "another name of ssh" },
	OPTION_GROUP("rows"),
	{ 'l', NULL, NULL, NULL, "more columns" },
	{ 'O', NULL, NULL, NULL, "all columns" },
	{ 'o', NULL, "[+]COLUMN,...", "@column", "these columns" },
	{ 'n', NULL, NULL, NULL, "no headings" },
	{ 'w', NULL, NULL, NULL, "wide" },
	{ 'v', NULL, NULL, NULL, "the evidence" },
	{ OPT_CLIENTS, "clients", NULL, NULL, "who is connected" },
	{ OPT_COLOR, "color", "[WHEN]", "auto always never", "of states" },
	{ OPT_SORT, "sort", "[-]COLUMN,...", "@column", "by these" },
	{ 'd', NULL, "TEXT", NULL, "for -t" },
	OPTION_GROUP(OPTION_ONE_OF),
	{ 'c', NULL, NULL, NULL, "number of tunnels" },
	{ 't', NULL, NULL, NULL, "PIDs only" },
	{ 'q', NULL, NULL, NULL, "exit status only" },
	{ 'T', NULL, NULL, NULL, "tree" },
	{ 'r', NULL, NULL, NULL, "raw" },
	{ 'J', NULL, NULL, NULL, "JSON" },
	{ 'j', NULL, NULL, NULL, "JSON lines" },
	{ MODE_METRICS, "metrics", "[each]", "each", "for monitoring" },
	{ MODE_EXPORT, "export", "FORMAT", "config sh systemd",
	    "to start them again" },
	OPTION_GROUP("ask"),
	{ OPT_CHECK, "check", "[]", NULL, "whether they work" },
	{ OPT_CONFIG, "config", NULL, NULL, "what ssh_config adds" },
	{ OPT_EXPECT, "expect", "HOST", "@host", "must lead there" },
	{ OPT_WAIT, "wait", "TIME", OPTION_TIMES, "until it listens" },
	{ OPT_WATCH, "watch", "[TIME]", OPTION_TIMES, "look again" },
	{ OPT_ON_CHANGE, "on-change", "COMMAND", NULL, "for each change" },
	{ OPT_RECORD, "record", "FILE", "@file", "what --table reads" },
	{ OPT_TABLE, "table", "FILE", "@file", "a recorded table" },
	OPTION_GROUP(OPTION_ALONE),
	{ OPT_LIST_COLUMNS, "list-columns", NULL, NULL, "all columns" },
	{ MODE_COMPLETE, "complete", "WORD", NULL, "words for a shell" },
	OPTION_END("columns states")
};

static void
help_topic(const char *word)
{
	if (strcmp(word, "columns") == 0)
		out_columns();
	else if (strcmp(word, "states") == 0)
		out_states();
	else
		tool_usage("--help: no topic %s: columns or states", word);
}

static const struct options options = {
	"usage: tunps [option ...] [selector ...]\n"
	"       tunps --server [option ...] [selector ...]\n",
	"A selector is an ID, a port, a PID, a host, @label or a path: "
	"tunnels(7).\n", option_rows, help_topic
};

#define WATCH_MS	2000 /* --watch without a time; the same as watch(1) */
#define WATCH_LEAST	100

/* The output option as the user has typed it. */
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
set_which(struct args *args, enum which which)
{
	if (args->which != WHICH_ALL && args->which != which)
		tool_usage("--newest and --oldest exclude each other");
	args->which = which;
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
add_word(struct words *words, const char *word)
{
	words->v = tool_xreallocarray(words->v, words->n + 1,
	    sizeof(*words->v));
	words->v[words->n++] = word;
}

/* No column is printed twice. */
static void
add_column(struct view *view, enum column col)
{
	size_t i;

	for (i = 0; i < view->ncols; i++) {
		if (view->cols[i] == col)
			return;
	}
	view->cols = tool_xreallocarray(view->cols, view->ncols + 1,
	    sizeof(*view->cols));
	view->cols[view->ncols++] = col;
}

static void
add_columns(struct view *view, struct words *lists)
{
	char **v;
	size_t i, j;

	for (i = 0; i < lists->n; i++) {
		v = tool_split("-o", lists->v[i]);
		for (j = 0; v[j] != NULL; j++)
			add_column(view, find_column("-o", v[j]));
		free(v);
	}
	free(lists->v);
}

/* The columns without -o.  A table has labels, too, if there are any. */
static void
add_defaults(struct args *args)
{
	const enum column *col = args->lost ? lost_columns :
	    args->direct ? direct_columns : args->server ? server_columns :
	    plain_columns;

	for (; *col != NCOLUMNS; col++)
		add_column(&args->view, *col);
	for (col++; args->longer && *col != NCOLUMNS; col++)
		add_column(&args->view, *col);
	if (args->mode == MODE_TABLE && !args->server)
		add_column(&args->view, COL_LABEL);
	args->view.some_labels = 1;
}

static void
choose_columns(struct args *args)
{
	size_t i;

	if (args->every_column) {
		for (i = 0; i < NCOLUMNS; i++)
			add_column(&args->view, (enum column)i);
	} else if (args->columns.n > 0)
		add_columns(&args->view, &args->columns);
	else {
		add_defaults(args);
		args->view.ndefault = args->view.ncols;
	}
	add_columns(&args->view, &args->more);
	/* The evidence has the clients. */
	if (args->clients && !(args->mode == MODE_TABLE && args->view.why))
		add_column(&args->view, COL_CLIENTS);
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

/* Asking a target, or for a round trip, may do harm; tuncheck does that. */
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

static void
take_option(struct args *args, int c)
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
		if (*optarg == '+')
			add_word(&args->more, optarg + 1);
		else
			add_word(&args->columns, optarg);
		break;
	case 'v':
		args->view.why = 1;
		args->scan |= TUN_SCAN_SOCKETS | TUN_SCAN_INFO | TUN_SCAN_ENV;
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
		args->clients = 1;
		break;
	case OPT_COLOR:
		args->color = optarg != NULL ? optarg : "always";
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
	case OPT_FORGET:
		args->forget = 1;
		break;
	case OPT_LOST:
		args->lost = 1;
		break;
	case OPT_LIST_COLUMNS:
		out_columns();
		exit(tool_end(TOOL_MATCH));
	case OPT_NEWEST:
	case OPT_OLDEST:
		set_which(args, c == OPT_NEWEST ? WHICH_NEWEST : WHICH_OLDEST);
		break;
	case OPT_ON_CHANGE:
		args->command = optarg;
		break;
	case OPT_RECORD:
		args->record = optarg;
		break;
	case OPT_DIRECT:
		args->direct = 1;
		args->scan |= TUN_SCAN_DIRECT | TUN_SCAN_SOCKETS |
		    TUN_SCAN_INFO;
		break;
	case OPT_SERVER:
		args->server = 1;
		args->scan |= TUN_SCAN_SERVER | TUN_SCAN_SOCKETS;
		break;
	case OPT_SORT:
		add_keys(args, optarg);
		break;
	case OPT_SSH_NAME:
		sshname_add(&args->ssh_names, optarg);
		break;
	case OPT_TABLE:
		args->table = optarg;
		break;
	case OPT_WAIT:
		args->wait = tool_ms("--wait", optarg, 0, INT64_MAX);
		args->scan |= TUN_SCAN_SOCKETS;
		break;
	case OPT_WATCH:
		args->watch = optarg == NULL ? WATCH_MS :
		    tool_ms("--watch", optarg, WATCH_LEAST, INT64_MAX);
		break;
	}
}

/* --watch never asks, and it needs a terminal. */
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

/* The command would run once for what each of many users does. */
static void
check_on_change(const struct args *args)
{
	if (args->watch == 0)
		tool_usage("--on-change: only with --watch");
	if (args->pick.everyone && args->pick.npids == 0)
		tool_usage("--on-change: only for one's own tunnels: not with "
		    "-e or -u of others");
	if (args->table != NULL)
		tool_usage("--on-change: a recorded table does not change");
}

/* A record cannot be asked, has one moment, and is not made from a record. */
static void
check_record(const struct args *args)
{
	if (args->table != NULL)
		tool_usage("--record and --table exclude each other");
	if (args->check || args->wait >= 0 || args->watch > 0 ||
	    args->scan & TUN_SCAN_CONFIG)
		tool_usage("--record: not with --check, --config, --wait or "
		    "--watch");
}

/* What does not run cannot be watched or asked, and only its user knows it. */
static void
check_lost(const struct args *args, const char *option)
{
	if (args->check || args->expect != NULL || args->wait >= 0 ||
	    args->watch > 0 || args->scan & TUN_SCAN_CONFIG)
		tool_usage("%s: not with --check, --config, --expect, --wait "
		    "or --watch", option);
	if (args->table != NULL || args->record != NULL)
		tool_usage("%s: a recorded table has no journal", option);
	if (args->pick.everyone || args->pick.nuids > 0)
		tool_usage("%s: only of one's own: not with -e or -u", option);
}

/*
 * A session of sshd has no ssh_config, no control socket and no command that
 * starts it again.  All are listed, whoever logged in, unless -u says whose.
 */
static void
check_server(struct args *args)
{
	const char *what = NULL;

	if (args->scan & TUN_SCAN_CONFIG)
		what = "--config";
	else if (args->mode == MODE_EXPORT)
		what = "--export";
	else if (args->forget)
		what = "--forget";
	else if (args->lost)
		what = "--lost";
	else if (args->command != NULL)
		what = "--on-change";
	else if (args->record != NULL)
		what = "--record";
	else if (args->pick.masters)
		what = "-M";
	else if (args->pick.ctlpath != NULL)
		what = "-S";
	if (what != NULL)
		tool_usage("%s and --server exclude each other", what);
	args->view.served = 1;
	args->pick.all = 1;
	args->pick.everyone |= args->pick.nuids == 0;
}

static void
parse(struct args *args, int argc, char **argv)
{
	int c;

	args->view.titles = 1;
	while ((c = options_next(&options, argc, argv)) != -1) {
		if (!pick_option(&args->pick, c, optarg))
			take_option(args, c);
	}
	args->words = argv + optind;
	args->nwords = (size_t)(argc - optind);
	for (; optind < argc; optind++)
		pick_operand(&args->pick, argv[optind]);
	if (args->direct && !args->server)
		tool_usage("--direct: only with --server");
	if (args->server)
		check_server(args);
	if (!pick_is_named(&args->pick) && args->expect != NULL)
		tool_usage("--expect: of which tunnel? give a selector");
	if (!pick_is_named(&args->pick) && args->wait >= 0)
		tool_usage("--wait: for which tunnel? give a selector");
	if (args->separator != NULL && args->mode != MODE_PIDS)
		tool_usage("-d: only with -t");
	if (args->watch > 0)
		check_watch(args);
	if (args->command != NULL)
		check_on_change(args);
	if (args->record != NULL)
		check_record(args);
	if (args->lost)
		check_lost(args, "--lost");
	if (args->forget) {
		check_lost(args, "--forget");
		if (!pick_is_named(&args->pick))
			tool_usage("--forget: which tunnel? give a selector");
	}
	args->view.color = color_wanted(args->color);
	if (args->view.color == -1)
		tool_usage("--color: %s: auto, always or never", args->color);
	args->view.all = args->columns.n == 0;
	choose_columns(args);
	if (args->direct && args->table == NULL)
		args->pick.hosts = hosts_read("/etc/hosts");
	/* A script that wants no headings takes addresses, too. */
	if (args->view.titles && args->mode != MODE_RAW)
		args->view.hosts = args->pick.hosts;
	if (args->mode == MODE_COMPLETE)
		args->pick.all = 1;
	if (!args->wide && (args->mode == MODE_TABLE ||
	    args->mode == MODE_TREE))
		args->view.width = tool_terminal_width(STDOUT_FILENO);
}

/*
 * All facts that any option shows, of all users.  The list is then read from
 * the file, so that it shows what a reader of the file will see.
 */
#define RECORD_FLAGS	(TUN_SCAN_SOCKETS | TUN_SCAN_INFO | \
			TUN_SCAN_CLIENTS | TUN_SCAN_ENV | TUN_SCAN_AGAIN)

static void
record(struct args *args, struct tun_ctx *ctx)
{
	struct sshnames *names = &args->ssh_names, copy = *names;

	copy.v = tool_xcalloc(names->n, sizeof(*names->v));
	if (names->n > 0)
		memcpy(copy.v, names->v, names->n * sizeof(*names->v));
	sshname_tell(names, ctx);
	*names = copy;
	record_write(ctx, RECORD_FLAGS, args->record);
}

static struct tun_ctx *
look(struct args *args)
{
	struct tun_ctx *ctx = tun_open(args->table);

	if (ctx == NULL) {
		if (args->mode == MODE_COMPLETE)
			exit(TOOL_ERROR);
		tool_fail("%s: %s", args->table != NULL ? args->table :
		    "processes", args->table != NULL && errno == EINVAL ?
		    "not a recorded table" : strerror(errno));
	}
	if (args->record == NULL) {
		sshname_tell(&args->ssh_names, ctx);
		journal_use(ctx);
		args->pick.ctx = args->table == NULL ? ctx : NULL;
		return ctx;
	}
	record(args, ctx);
	tun_close(ctx);
	args->table = args->record;
	args->record = NULL;
	return look(args);
}

int
main(int argc, char **argv)
{
	struct args args = { .pick = PICK_ANY, .mode = MODE_TABLE,
	    .color = "auto", .wait = -1 };
	struct tun_ctx *ctx;
	int status;

	tool_start();
	parse(&args, argc, argv);
	if (args.command != NULL)
		args.on_change = on_change_start(args.command,
		    args.mode == MODE_TABLE && isatty(STDERR_FILENO));
	if (args.watch > 0 && args.mode == MODE_TABLE) {
		args.end_row.tunps = argv[0];
		args.end_row.ssh_names = args.ssh_names;
		end_row_start(&args.end_row);
	}
	if (!(args.scan & TUN_SCAN_CONFIG))
		tool_confine();
	ctx = look(&args);
	if (args.forget)
		status = lost_list_forget(&args, ctx);
	else if (args.lost)
		status = ps_lose(&args, ctx);
	else if (args.watch > 0)
		status = ps_watch(&args, ctx);
	else
		status = ps_answer(&args, ctx);
	free(args.view.rows);
	free(args.view.cols);
	free(args.keys);
	hosts_free(args.pick.hosts);
	pick_free(&args.pick);
	tun_list_free(args.view.list);
	tun_list_free(args.view.before);
	tun_close(ctx);
	return tool_end(status);
}
