/* SPDX-License-Identifier: ISC */
/* tunpermit: who may forward what through the sshd of this machine. */

#include <sys/types.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/grid.h"
#include "common/options.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "libfind.h"
#include "permit/permits.h"

enum { OPT_CERT = 256, OPT_MAY, OPT_PID, OPT_SSHD };

static const struct option_row option_rows[] = {
	OPTION_GROUP("ask"),
	{ OPT_MAY, "may", NULL, "login pty shell", "may the user do this?" },
	{ 'L', NULL, "TARGET", NULL, "connect to host:port or a path" },
	{ 'R', NULL, "PLACE", NULL, "listen on a port or path" },
	{ 'D', NULL, NULL, NULL, "let a SOCKS client choose" },
	{ 'w', NULL, "UNIT", "any", "open a device" },
	OPTION_GROUP("client"),
	{ 'C', NULL, "CLIENT", NULL,
	    "addr, host, laddr, lport, rdomain" },
	{ OPT_CERT, "cert", "FILE", "@file", "its certificate" },
	OPTION_GROUP("sshd"),
	{ OPT_PID, "pid", "PID", NULL, "that listens, of several" },
	{ OPT_SSHD, "sshd", "PROGRAM", "@file", "even if it does not run" },
	{ 'f', NULL, "FILE", "@file", "with this configuration" },
	{ 'o', NULL, "OPTION", NULL, "with this option" },
	OPTION_GROUP("output"),
	{ 'J', NULL, NULL, NULL, "JSON" },
	{ 'n', NULL, NULL, NULL, "no headings" },
	{ 'q', NULL, NULL, NULL, "only the exit status" },
	{ 'v', NULL, NULL, NULL, "places and reasons" },
	OPTION_GROUP(OPTION_ALONE),
	OPTION_END(NULL)
};

static const struct options options = {
	"usage: tunpermit [option ...] [user ...]\n"
	"       tunpermit --may [option ...] request user\n",
	"A request is -L, -R, -D, -w, login, shell or pty.\n", option_rows, NULL
};

/* What is told the library before it asks. */
struct setting {
	enum tun_permits_what what;
	const char *option, *value;
};

/* The parsed command line. */
struct args {
	struct tun_permits *sshd;
	struct setting *settings;
	size_t nsettings;
	int may, json, quiet, titles, why;
	int asked;			/* a request was given */
	int socks;			/* -D */
	enum tun_request request;
	struct tun_forward *fwd;	/* of -L, -R and -w; or NULL */
	struct tun_end end;
	char **users;
	size_t nusers;
	int all;			/* no user was named */
};

static void
set(struct args *args, enum tun_permits_what what, const char *option,
    const char *value)
{
	struct setting *setting;

	args->settings = tool_xreallocarray(args->settings,
	    args->nsettings + 1, sizeof(*args->settings));
	setting = &args->settings[args->nsettings++];
	setting->what = what;
	setting->option = option;
	setting->value = value;
}

/* The first line of a file that the caller names. */
static char *
first_line(const char *option, const char *file)
{
	char *line = NULL;
	size_t size = 0;
	FILE *fp;

	errno = 0;
	if ((fp = fopen(file, "r")) == NULL || getline(&line, &size, fp) == -1)
		tool_fail("%s: %s: %s", option, file, errno != 0 ?
		    strerror(errno) : "no certificate");
	fclose(fp);
	return line;
}

static void
apply(struct args *args)
{
	const struct setting *st;
	const char *errstr;
	char *line;
	size_t i;

	for (i = 0; i < args->nsettings; i++) {
		st = &args->settings[i];
		line = st->what == TUN_PERMITS_CERT ?
		    first_line(st->option, st->value) : NULL;
		if (tun_permits_set(args->sshd, st->what, line != NULL ? line :
		    st->value, &errstr) == -1) {
			if (errstr == NULL)
				tool_fail("%s", strerror(errno));
			tool_usage("%s: %s: %s", st->option, st->value,
			    errstr);
		}
		free(line);
	}
}

/* --- requests ------------------------------------------------------------- */

static void
ask(struct args *args, enum tun_request request)
{
	if (args->asked)
		tool_usage("--may: one request at a time");
	args->asked = 1;
	args->request = request;
}

/*
 * The end that the server sees, alone or in a whole forward of ssh: the
 * connecting one of -L, the listening one of -R.
 */
static void
ask_forward(struct args *args, int option, const char *spec)
{
	static const enum tun_fwd_kind alone[] = { TUN_FWD_STDIO,
	    TUN_FWD_RDYNAMIC }, whole[] = { TUN_FWD_LOCAL, TUN_FWD_REMOTE };
	int listens = option == 'R';
	const char *errstr, *other;
	size_t colons = 0, i;

	ask(args, listens ? TUN_REQUEST_LISTEN : TUN_REQUEST_OPEN);
	for (i = 0; spec[i] != '\0'; i++)
		colons += spec[i] == ':';
	if (spec[0] == '/' && colons == 0) {
		args->end.path = spec;
		return;
	}
	args->fwd = tun_forward_parse(alone[listens], spec, &errstr);
	if (args->fwd == NULL)
		args->fwd = tun_forward_parse(whole[listens], spec, &other);
	if (args->fwd == NULL)
		tool_usage("-%c %s: %s", option, spec, errstr);
	args->end = listens ? args->fwd->listen : args->fwd->connect;
}

static void
take_option(struct args *args, int c)
{
	switch (c) {
	case 'C':
		set(args, TUN_PERMITS_CLIENT, "-C", optarg);
		break;
	case 'D':
		ask(args, TUN_REQUEST_OPEN);
		args->socks = 1;
		break;
	case 'J':
		args->json = 1;
		break;
	case 'L':
	case 'R':
		ask_forward(args, c, optarg);
		break;
	case 'f':
		set(args, TUN_PERMITS_FILE, "-f", optarg);
		break;
	case 'n':
		args->titles = 0;
		break;
	case 'o':
		set(args, TUN_PERMITS_OPTION, "-o", optarg);
		break;
	case 'q':
		args->quiet = 1;
		break;
	case 'v':
		args->why = 1;
		break;
	case 'w':
		ask(args, TUN_REQUEST_DEVICE);
		args->end.host = optarg;
		break;
	case OPT_CERT:
		set(args, TUN_PERMITS_CERT, "--cert", optarg);
		break;
	case OPT_MAY:
		args->may = 1;
		break;
	case OPT_PID:
		set(args, TUN_PERMITS_PID, "--pid", optarg);
		break;
	case OPT_SSHD:
		set(args, TUN_PERMITS_PROGRAM, "--sshd", optarg);
		break;
	}
}

static void
add_user(struct args *args, const char *name)
{
	args->users = tool_xreallocarray(args->users, args->nusers + 1,
	    sizeof(*args->users));
	args->users[args->nusers++] = tool_xstrdup(name);
}

static void
add_all_users(struct args *args)
{
	const struct passwd *pw;

	args->all = 1;
	setpwent();
	while ((pw = getpwent()) != NULL)
		add_user(args, pw->pw_name);
	endpwent();
}

/*
 * The first of two operands of --may is the target of -D, or a request that is
 * no option of ssh.
 */
static void
take_request(struct args *args, const char *word)
{
	static const struct {
		const char *word;
		enum tun_request request;
	} requests[] = {
		{ "login", TUN_REQUEST_LOGIN },
		{ "pty", TUN_REQUEST_TTY },
		{ "shell", TUN_REQUEST_SHELL }
	};
	const char *errstr;
	size_t i;

	if (args->socks) {
		args->fwd = tun_forward_parse(TUN_FWD_STDIO, word, &errstr);
		if (args->fwd == NULL)
			tool_usage("-D %s: %s", word, errstr);
		args->end = args->fwd->connect;
		args->socks = 0;
		return;
	}
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (strcmp(word, requests[i].word) == 0) {
			ask(args, requests[i].request);
			return;
		}
	tool_usage("--may: one user, not %s as well", word);
}

static void
parse(struct args *args, int argc, char **argv)
{
	char *const *words;
	int c;

	while ((c = options_next(&options, argc, argv)) != -1)
		take_option(args, c);
	words = argv + optind;
	if (args->may && argc - optind == 2)
		take_request(args, *words++);
	for (; *words != NULL; words++)
		add_user(args, *words);
	if (args->asked && !args->may)
		tool_usage("a request needs --may in front");
	if (args->may && (!args->asked || args->nusers != 1))
		tool_usage("--may: give a request (-L, -R, -D, -w, login, "
		    "shell or pty) and one user");
	if (args->json && args->quiet)
		tool_usage("-J and -q exclude each other");
	if (args->quiet && !args->may)
		tool_usage("-q: only with --may");
	if (args->nusers == 0)
		add_all_users(args);
}

/* --- answers -------------------------------------------------------------- */

static int
status_of(enum tun_may may)
{
	return may == TUN_MAY_YES ? TOOL_MATCH : may == TUN_MAY_NO ? TOOL_BAD :
	    TOOL_ERROR;
}

/* A client of -D chooses the target. */
static int
answer(const struct args *args)
{
	const struct tun_permit *way;
	const struct tun_ruling *ruling = tun_permits_any(args->sshd,
	    args->request, args->socks ? NULL : &args->end, &way);

	if (ruling == NULL && errno == ENOENT)
		return TOOL_ERROR;
	if (ruling == NULL)
		tool_fail("%s", strerror(errno));
	if (args->json)
		permits_ruling_json(args->sshd, way, ruling);
	else if (!args->quiet) {
		permits_ruling(way, ruling);
		permits_notes(args->sshd);
	}
	return status_of(ruling->may);
}

/* Of all users, those are listed who have a key or get in without one. */
static int
list(const struct args *args)
{
	struct permits permits = { .sshd = args->sshd };
	const struct tun_permit *p = NULL;

	permits.titles = args->titles;
	permits.why = args->why;
	permits.width = tool_terminal_width(STDOUT_FILENO);
	while ((p = tun_permits_next(args->sshd, p)) != NULL) {
		if (args->all && p->type == NULL &&
		    p->login->may == TUN_MAY_NO)
			continue;
		permits.rows = tool_xreallocarray(permits.rows,
		    permits.nrows + 1, sizeof(*permits.rows));
		permits.rows[permits.nrows++] = p;
	}
	if (args->json)
		permits_json(&permits);
	else {
		permits_table(&permits);
		permits_notes(args->sshd);
	}
	free(permits.rows);
	return permits.nrows > 0 ? TOOL_MATCH : TOOL_NONE;
}

int
main(int argc, char **argv)
{
	struct args args;
	struct tun_ctx *ctx;
	size_t i;
	int status;

	tool_start();
	memset(&args, 0, sizeof(args));
	args.titles = 1;
	parse(&args, argc, argv);
	if ((ctx = tun_open(NULL)) == NULL)
		tool_fail("cannot look: %s", strerror(errno));
	if ((args.sshd = tun_permits_open(ctx)) == NULL)
		tool_fail("%s", strerror(errno));
	apply(&args);
	if (tun_permits_read(args.sshd, (const char *const *)args.users,
	    args.nusers) == -1)
		tool_fail("%s", tun_permits_error(args.sshd) != NULL ?
		    tun_permits_error(args.sshd) : strerror(errno));
	status = args.may ? answer(&args) : list(&args);
	for (i = 0; i < args.nusers; i++)
		free(args.users[i]);
	free(args.users);
	free(args.settings);
	tun_forward_free(args.fwd);
	tun_permits_free(args.sshd);
	tun_close(ctx);
	return tool_end(status);
}
