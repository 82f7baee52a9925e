/* SPDX-License-Identifier: ISC */
/* tuncheck: ask masters and tunnels whether they work. */

#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "common/journal_use.h"
#include "common/options.h"
#include "common/pick.h"
#include "common/sshname.h"
#include "common/tool.h"
#include "common/unmatched.h"
#include "compat/compat.h"
#include "libfind.h"

#define MASTER_MS	1000	/* a hundred times what a busy master takes */
#define PEER_MS		3000	/* a lost keepalive is sent a second time */

enum {
	OPT_CONFIG = 0x100, OPT_SSH_NAME
};

static const struct option_row option_rows[] = {
	OPTION_GROUP("which"),
	{ 'S', NULL, "SOCKET", "@socket", "ask at this control socket" },
	{ 'u', NULL, "USER", "@user", "of this user, for root" },
	{ OPT_CONFIG, "config", NULL, NULL, "what ssh_config adds" },
	{ OPT_SSH_NAME, "ssh-name", "NAME", "@program", "another name of ssh" },
	OPTION_GROUP("how"),
	{ 'P', NULL, NULL, NULL, "probe: use the tunnels" },
	{ 't', NULL, "TIME", "0.2 1 3 10", "wait so long for each answer" },
	{ 'x', NULL, NULL, NULL, "exit 4 unless all are there and healthy" },
	{ 'v', NULL, NULL, NULL, "the evidence" },
	OPTION_GROUP(OPTION_ONE_OF),
	{ 'J', NULL, NULL, NULL, "JSON" },
	{ 'q', NULL, NULL, NULL, "exit status only" },
	OPTION_GROUP(OPTION_ALONE),
	OPTION_END(NULL)
};

static const struct options options = {
	"usage: tuncheck [option ...] [selector ...]\n",
	"A selector is an ID, a port, a PID, a host, @label, a path or a "
	"forward:\ntunnels(7).\n"
	"Without any, all control sockets and tunnels of the user are asked.\n",
	option_rows, NULL
};

/* --- what is asked for --------------------------------------------------- */

static struct check_word *
add_word(struct check_args *args, const char *text)
{
	struct check_word *w;

	args->words = tool_xreallocarray(args->words, args->nwords + 1,
	    sizeof(*args->words));
	w = &args->words[args->nwords++];
	memset(w, 0, sizeof(*w));
	w->text = text;
	return w;
}

static void
take_operand(struct check_args *args, const char *text)
{
	struct tun_select *sel;
	const char *errstr;

	if ((sel = tun_select_parse(text, &errstr)) == NULL)
		tool_bad_word(text, errstr);
	add_word(args, text)->sel = sel;
}

static void
parse(struct check_args *args, int argc, char **argv)
{
	int c;

	args->ms = MASTER_MS;
	args->uid = geteuid();
	while ((c = options_next(&options, argc, argv)) != -1) {
		switch (c) {
		case 'J':
			args->json = 1;
			break;
		case 'P':
			args->probe = 1;
			break;
		case 'S':
			if (*optarg == '\0')
				tool_usage("-S: empty path");
			add_word(args, optarg);
			break;
		case 'q':
			args->quiet = 1;
			break;
		case 't':
			args->ms = (int)tool_ms("-t", optarg, 1, 3600000);
			break;
		case 'u':
			if (tool_uid(optarg, &args->uid) == -1)
				tool_usage("-u: no user %s", optarg);
			break;
		case 'v':
			args->verbose = 1;
			break;
		case 'x':
			args->expect = 1;
			break;
		case OPT_CONFIG:
			args->config = 1;
			break;
		case OPT_SSH_NAME:
			sshname_add(&args->ssh_names, optarg);
			break;
		}
	}
	if (args->json && args->quiet)
		tool_usage("-J and -q exclude each other");
	for (; optind < argc; optind++)
		take_operand(args, argv[optind]);
}

/* --- what there is ------------------------------------------------------- */

static void
add_master(struct check_job *job, const struct tun_master *m)
{
	size_t i;

	for (i = 0; i < job->nms; i++) {
		if (job->ms[i] == m)
			return;
	}
	job->ms = tool_xreallocarray(job->ms, job->nms + 1,
	    sizeof(*job->ms));
	job->ms[job->nms++] = m;
}

static void
add_tunnel(struct check_job *job, const struct tun *t)
{
	size_t i;

	for (i = 0; i < job->ntuns; i++) {
		if (job->tuns[i] == t)
			return;
	}
	job->tuns = tool_xreallocarray(job->tuns, job->ntuns + 1,
	    sizeof(*job->tuns));
	job->tuns[job->ntuns++] = t;
}

static void
find_masters(const struct check_args *args, struct check_job *job,
    unsigned flags)
{
	tun_masters_free(job->masters);
	job->masters = NULL;
	job->nms = 0;
	if (tun_masters_find(job->ctx, job->list, args->uid, flags,
	    &job->masters) == -1)
		tool_fail("cannot look for sockets: %s", strerror(errno));
}

static void
scan(const struct check_args *args, struct check_job *job)
{
	unsigned flags = TUN_SCAN_SOCKETS | TUN_SCAN_INFO | TUN_SCAN_AGAIN;
	size_t i;

	if (args->uid == geteuid())
		flags |= TUN_SCAN_OWN;
	if (args->config)
		flags |= TUN_SCAN_CONFIG;
	for (i = 0; i < args->nwords; i++) {
		if (*args->words[i].text == '@')
			flags |= TUN_SCAN_ENV;
	}
	if (tun_scan(job->ctx, flags, &job->list) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	if (!args->quiet)
		journal_put_error(job->ctx);
}

/* The masters at a path, and those whose socket was made there. */
static void
match_masters(struct check_job *job, struct check_word *w)
{
	const struct tun_master *m = NULL;

	if (strchr(w->text, '/') == NULL)
		return;
	while ((m = tun_masters_next(job->masters, m)) != NULL) {
		if (tool_same_file(job->ctx, w->text, m->path) ||
		    (m->was != NULL && strcmp(w->text, m->was) == 0)) {
			add_master(job, m);
			w->found = 1;
		}
	}
}

static void
match_tunnels(const struct check_args *args, struct check_job *job,
    struct check_word *w)
{
	const struct tun_master *m;
	const struct tun *t = NULL;

	pick_settle_path(job->ctx, w->text, &w->sel, job->list);
	while ((t = tun_next(job->list, t)) != NULL) {
		if (t->uid != args->uid ||
		    tun_select_match(w->sel, t, NULL) == 0)
			continue;
		w->found = 1;
		add_tunnel(job, t);
		m = NULL;
		while ((m = tun_masters_next(job->masters, m)) != NULL) {
			if (m->tun == t)
				add_master(job, m);
		}
	}
}

static void
take_path(struct check_job *job, struct check_word *w)
{
	const struct tun_master *m = tun_masters_at(job->masters, w->text);

	if (m == NULL)
		tool_fail("%s: %s", w->text, strerror(errno));
	add_master(job, m);
	w->found = 1;
}

/* Is a word the path of a socket, or with -S of whatever is there? */
static int
is_there(struct tun_ctx *ctx, const struct check_word *w)
{
	struct tun_look look;

	if (w->sel == NULL)
		return tun_look(ctx, w->text, 0, &look) == 0 ||
		    errno != ENOENT;
	return strchr(w->text, '/') != NULL &&
	    tun_look(ctx, w->text, 0, &look) == 0 && look.is_socket;
}

/*
 * A path may be the listener of a master or of a forward, and we may connect
 * only to a master, so the kernel's list of listeners is read first.  If all
 * words are control sockets, no process has to be read.  The master of a socket
 * that does not exist may be without a path, or have another one: then only the
 * list of listeners shows it.
 */
static int
find_paths(const struct check_args *args, struct check_job *job)
{
	unsigned flags = 0;
	size_t i;

	if (args->nwords == 0 || args->probe)
		return 0;
	for (i = 0; i < args->nwords; i++) {
		if (!is_there(job->ctx, &args->words[i]))
			return 0;
		if (args->words[i].sel != NULL)
			flags = TUN_MASTERS_SOCKETS;
	}
	find_masters(args, job, flags);
	for (i = 0; i < args->nwords; i++) {
		struct check_word *w = &args->words[i];

		if (w->sel == NULL)
			take_path(job, w);
		else
			match_masters(job, w);
		if (!w->found)
			return 0;
	}
	return 1;
}

static void
find_all(const struct check_args *args, struct check_job *job)
{
	const struct tun_master *m = NULL;
	const struct tun *t = NULL;

	find_masters(args, job, TUN_MASTERS_SOCKETS | TUN_MASTERS_PLACES);
	while ((m = tun_masters_next(job->masters, m)) != NULL)
		add_master(job, m);
	while ((t = tun_next(job->list, t)) != NULL) {
		if (t->uid == args->uid)
			add_tunnel(job, t);
	}
}

/* A word that matches nothing of this user: does it match another user's? */
static void
lack_word(const struct check_args *args, struct check_job *job,
    struct check_word *w)
{
	w->unseen = unmatched_is_unseen(job->ctx, w->text, job->list,
	    args->uid);
	unmatched_put(job->ctx, job->list, TUN_SCAN_INFO,
	    args->uid == geteuid() ? w->sel : NULL, w->text, FOREIGN_ASK);
}

static void
find_words(const struct check_args *args, struct check_job *job)
{
	size_t i;

	find_masters(args, job, TUN_MASTERS_SOCKETS);
	for (i = 0; i < args->nwords; i++) {
		struct check_word *w = &args->words[i];

		w->found = 0;
		match_masters(job, w);
		if (w->sel == NULL && !w->found)
			take_path(job, w);
		else if (w->sel != NULL)
			match_tunnels(args, job, w);
		if (!w->found && strchr(w->text, '/') != NULL)
			take_path(job, w);
		if (!w->found)
			lack_word(args, job, w);
	}
	/* The tunnel of a master, too, because its listeners are probed. */
	for (i = 0; args->probe && i < job->nms; i++) {
		if (job->ms[i]->tun != NULL)
			add_tunnel(job, job->ms[i]->tun);
	}
}

static int
masters_cmp(const void *a, const void *b)
{
	const struct tun_master *x = *(const struct tun_master *const *)a;
	const struct tun_master *y = *(const struct tun_master *const *)b;

	return strcmp(x->path, y->path);
}

static void
ask(const struct check_args *args, struct check_job *job)
{
	if (job->nms > 0)
		qsort(job->ms, job->nms, sizeof(*job->ms), masters_cmp);
	if (tun_masters_ask(job->ms, job->nms, TUN_ASK_MASTER,
	    args->ms) == -1 ||
	    tun_check(job->ctx, job->tuns, job->ntuns, TUN_ASK_PEER,
	    args->ms > PEER_MS ? args->ms : PEER_MS) == -1 ||
	    (args->probe && (tun_masters_ask(job->ms, job->nms,
	    TUN_ASK_ROUNDTRIP, args->ms) == -1 ||
	    tun_check(job->ctx, job->tuns, job->ntuns,
	    TUN_ASK_ROUNDTRIP | TUN_ASK_TARGET, args->ms) == -1)))
		tool_fail("cannot ask: %s", strerror(errno));
}

int
main(int argc, char **argv)
{
	struct check_args args = { 0 };
	struct check_job job = { 0 };
	size_t i;
	int status;

	tool_start();
	parse(&args, argc, argv);
	if (!args.config)
		tool_confine();
	job.ctx = sshname_open(NULL, &args.ssh_names);
	if (!find_paths(&args, &job)) {
		scan(&args, &job);
		if (args.nwords == 0)
			find_all(&args, &job);
		else
			find_words(&args, &job);
	}
	ask(&args, &job);
	/* The names of users. */
	if (pledge("stdio rpath getpw", NULL) == -1)
		tool_fail("pledge: %s", strerror(errno));
	check_put(&args, &job);
	if (!args.quiet) {
		if (job.ntuns + job.nms + args.nwords == 0 &&
		    tool_on_terminal())
			tool_warn("no tunnel and no master to ask");
		check_put_notes(&job);
	}
	status = check_verdict(&args, &job);

	for (i = 0; i < args.nwords; i++)
		tun_select_free(args.words[i].sel);
	free(args.words);
	free(job.ms);
	free(job.tuns);
	tun_masters_free(job.masters);
	tun_list_free(job.list);
	tun_close(job.ctx);
	return tool_end(status);
}
