/* SPDX-License-Identifier: ISC */
/* tuncheck: ask masters and tunnels whether they work. */

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/compat.h"
#include "common/json.h"
#include "libfind.h"
#include "common/foreign.h"
#include "common/options.h"
#include "common/out.h"
#include "common/sshname.h"
#include "common/tool.h"

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
	OPTION_END
};

static const struct options options = {
	"usage: tuncheck [option ...] [selector ...]\n",
	"A selector is an ID, a port, a PID, a host, @label, a path or a "
	"forward:\ntunnels(7).\n"
	"Without any, all control sockets and tunnels of the user are asked.\n",
	option_rows
};

/* An operand, or the path of a -S. */
struct word {
	const char *text;
	struct tun_select *sel;	/* NULL: from -S */
	int found;
};

struct args {
	struct word *words;
	size_t nwords;
	int config, json, probe, quiet, verbose, expect;
	int ms;
	struct sshnames ssh_names;
	uid_t uid;
};

/* What is asked and reported. */
struct job {
	struct tun_ctx *ctx;
	struct tun_list *list;		/* NULL: no process was read */
	struct tun_masters *masters, *lost;
	const struct tun_master **ms;
	size_t nms;
	const struct tun **tuns;
	size_t ntuns;
};

/* --- what is asked for --------------------------------------------------- */

static struct word *
add_word(struct args *args, const char *text)
{
	struct word *w;

	args->words = tool_xreallocarray(args->words, args->nwords + 1,
	    sizeof(*args->words));
	w = &args->words[args->nwords++];
	memset(w, 0, sizeof(*w));
	w->text = text;
	return w;
}

static void
take_operand(struct args *args, const char *text)
{
	struct tun_select *sel;
	const char *errstr;

	if ((sel = tun_select_parse(text, &errstr)) == NULL)
		tool_bad_word(text, errstr);
	add_word(args, text)->sel = sel;
}

static void
parse(struct args *args, int argc, char **argv)
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
add_master(struct job *job, const struct tun_master *m)
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
add_tunnel(struct job *job, const struct tun *t)
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
find_masters(const struct args *args, struct job *job, unsigned flags)
{
	tun_masters_free(job->masters);
	job->masters = NULL;
	job->nms = 0;
	if (tun_masters_find(job->ctx, job->list, args->uid, flags,
	    &job->masters) == -1)
		tool_fail("cannot look for sockets: %s", strerror(errno));
}

static void
scan(const struct args *args, struct job *job)
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
}

/* The masters at a path, and those whose socket was made there. */
static void
match_masters(struct job *job, struct word *w)
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
match_tunnels(const struct args *args, struct job *job, struct word *w)
{
	const struct tun_master *m;
	const struct tun *t = NULL;

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
take_path(struct job *job, struct word *w)
{
	const struct tun_master *m = tun_masters_at(job->masters, w->text);

	if (m == NULL)
		tool_fail("%s: %s", w->text, strerror(errno));
	add_master(job, m);
	w->found = 1;
}

static int
is_socket(struct tun_ctx *ctx, const char *path)
{
	struct tun_look look;

	return tun_look(ctx, path, 0, &look) == 0 && look.is_socket;
}

/*
 * A path may be the listener of a master or of a forward, and we may connect
 * only to a master, so the kernel's list of listeners is read first.  If all
 * operands are control sockets, no process has to be read.
 */
static int
find_paths(const struct args *args, struct job *job)
{
	unsigned flags = 0;
	size_t i;

	if (args->nwords == 0 || args->probe)
		return 0;
	for (i = 0; i < args->nwords; i++) {
		if (args->words[i].sel == NULL)
			continue;
		if (strchr(args->words[i].text, '/') == NULL ||
		    !is_socket(job->ctx, args->words[i].text))
			return 0;
		flags = TUN_MASTERS_SOCKETS;
	}
	find_masters(args, job, flags);
	for (i = 0; i < args->nwords; i++) {
		struct word *w = &args->words[i];

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
find_all(const struct args *args, struct job *job)
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
put_unmatched(const struct args *args, struct job *job, const struct word *w)
{
	if (args->uid != geteuid() || w->sel == NULL ||
	    !foreign_put(job->ctx, TUN_SCAN_INFO, w->sel, w->text, "ask"))
		tool_warn("%s: no such tunnel", w->text);
}

static void
find_words(const struct args *args, struct job *job)
{
	size_t i;

	find_masters(args, job, TUN_MASTERS_SOCKETS);
	for (i = 0; i < args->nwords; i++) {
		struct word *w = &args->words[i];

		w->found = 0;
		match_masters(job, w);
		if (w->sel == NULL && !w->found)
			take_path(job, w);
		else if (w->sel != NULL)
			match_tunnels(args, job, w);
		if (!w->found && strchr(w->text, '/') != NULL)
			take_path(job, w);
		if (!w->found)
			put_unmatched(args, job, w);
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
ask_masters(const struct args *args, const struct tun_master *const *ms,
    size_t n)
{
	if (tun_masters_ask(ms, n, TUN_ASK_MASTER |
	    (args->probe ? TUN_ASK_ROUNDTRIP : 0), args->ms) == -1)
		tool_fail("cannot ask: %s", strerror(errno));
}

/*
 * A socket that was named and does not exist may still have its master, without
 * a path or under another one.  Only the list of listeners shows that.
 */
static void
find_lost(const struct args *args, struct job *job)
{
	const struct tun_master *m;
	size_t i;

	for (i = 0; i < job->nms && job->ms[i]->ctl != TUN_CTL_NONE; i++)
		continue;
	if (i == job->nms)
		return;
	if (job->list == NULL)
		scan(args, job);
	if (job->lost == NULL && tun_masters_find(job->ctx, job->list,
	    args->uid, TUN_MASTERS_SOCKETS, &job->lost) == -1)
		tool_fail("cannot look for sockets: %s", strerror(errno));
	for (; i < job->nms; i++) {
		if (job->ms[i]->ctl != TUN_CTL_NONE)
			continue;
		m = NULL;
		while ((m = tun_masters_next(job->lost, m)) != NULL) {
			if (strcmp(job->ms[i]->path, m->was != NULL ?
			    m->was : m->path) == 0)
				break;
		}
		if (m != NULL) {
			job->ms[i] = m;
			ask_masters(args, &m, 1);
		}
	}
}

static void
ask(const struct args *args, struct job *job)
{
	if (job->nms > 0)
		qsort(job->ms, job->nms, sizeof(*job->ms), masters_cmp);
	ask_masters(args, job->ms, job->nms);
	find_lost(args, job);
	if (tun_check(job->ctx, job->tuns, job->ntuns, TUN_ASK_PEER,
	    args->ms > PEER_MS ? args->ms : PEER_MS) == -1 ||
	    (args->probe && tun_check(job->ctx, job->tuns, job->ntuns,
	    TUN_ASK_ROUNDTRIP | TUN_ASK_TARGET, args->ms) == -1))
		tool_fail("cannot ask: %s", strerror(errno));
}

/* --- output --------------------------------------------------------------- */

/* " (pid 4711)" if it is known.  The caller frees it. */
static char *
pid_words(pid_t pid)
{
	return pid > 0 ? tool_xasprintf(" (pid %ld)", (long)pid) :
	    tool_xstrdup("");
}

static const char *
reason(const struct tun_master *m)
{
	if (*m->text != '\0')
		return m->text;
	return m->error > 0 ? strerror(m->error) : "it was not asked";
}

static char *
master_words(const struct tun_master *m)
{
	char *pid = pid_words(m->pid), *s = NULL;

	switch (m->ctl) {
	case TUN_CTL_OK:
		s = tool_xasprintf("master running%s%s%s%s", pid,
		    m->was != NULL ? ", renamed from " : "",
		    m->was != NULL ? m->was : "",
		    m->trip == 1 ? ", its server answers" :
		    m->trip == 0 ? ", its server does not answer" : "");
		break;
	case TUN_CTL_LOST:
		s = tool_xasprintf("headless master%s: nothing leads to it",
		    pid);
		break;
	case TUN_CTL_REPLACED:
		s = m->error == 0 ?
		    tool_xasprintf("another master running%s", pid) :
		    tool_xasprintf("headless master%s: its path leads to "
		    "another", pid);
		break;
	case TUN_CTL_DEAD:
		s = tool_xasprintf("dead socket: %s", reason(m));
		break;
	case TUN_CTL_HUNG:
		s = tool_xasprintf("master hung%s: %s", pid, reason(m));
		break;
	case TUN_CTL_DENIED:
		s = tool_xasprintf("master denied us%s: %s", pid, reason(m));
		break;
	case TUN_CTL_UNSAFE:
		s = tool_xasprintf("unsafe path%s: %s", pid, reason(m));
		break;
	case TUN_CTL_FOREIGN:
		s = tool_xasprintf("foreign%s: %s", pid, reason(m));
		break;
	case TUN_CTL_NOMASTER:
		s = tool_xasprintf("no master: %s", reason(m));
		break;
	case TUN_CTL_NONE:
		s = tool_xstrdup("no such path");
		break;
	case TUN_CTL_UNKNOWN:
	case TUN_CTL_FOUND:
		s = tool_xasprintf("not known%s: %s", pid, reason(m));
		break;
	}
	free(pid);
	return s;
}

static enum tun_health
master_health(const struct tun_master *m)
{
	if (m->ctl == TUN_CTL_UNKNOWN || m->ctl == TUN_CTL_FOUND)
		return TUN_HEALTH_UNKNOWN;
	return m->ctl == TUN_CTL_OK && m->trip != 0 ? TUN_HEALTH_OK :
	    TUN_HEALTH_BAD;
}

/* Is the forward itself bad, whatever the state of its link? */
static int
is_bad(const struct tun_fwd *fwd)
{
	return tun_fwd_state(fwd) == fwd->state &&
	    tun_fwd_health(fwd, NULL) == TUN_HEALTH_BAD;
}

static void
put_vis(const char *s)
{
	char *text = tool_vis(s);

	fputs(text, stdout);
	free(text);
}

static void
put_why(const struct tun_evidence *e)
{
	enum tun_why why = TUN_WHY_NONE;

	while ((why = tun_why_next(e, why)) != TUN_WHY_NONE)
		printf("    %s\n", tun_why_text(why));
}

/* Prints the lines that a master has reported; the line ends vary. */
static void
put_info(const char *text)
{
	char *copy = tool_xstrdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\r\n")) != NULL) {
		if (*line == '\0')
			continue;
		fputs("    ", stdout);
		put_vis(line);
		putchar('\n');
	}
	free(copy);
}

/* What masters of 10.3 and later report; NULL for others. */
static const char *
info(const struct args *args, const struct tun_master *m, const char *what)
{
	return args->verbose && m->ctl == TUN_CTL_OK &&
	    tun_master_info(m, what, args->ms) == 0 ? m->text : NULL;
}

static void
put_master(const struct args *args, const struct tun_master *m)
{
	static const char *const whats[] = { "connection", "channels" };
	char *words = master_words(m);
	const char *text;
	size_t i;

	put_vis(m->path);
	fputs(": ", stdout);
	put_vis(words);
	putchar('\n');
	free(words);
	for (i = 0; i < 2; i++)
		if ((text = info(args, m, whats[i])) != NULL)
			put_info(text);
}

static const char *
target_words(const struct tun_fwd *fwd)
{
	switch (fwd->state) {
	case TUN_ANSWERS:
		return "target answers";
	case TUN_REFUSED:
		return "target refuses";
	case TUN_SILENT:
		return "target is silent";
	case TUN_UNKNOWN:
		return "target not known";
	default:
		return "target not tried";
	}
}

/*
 * Why nothing is known of a target; NULL if there is no reason.  The caller
 * frees it.
 */
static char *
target_reason(const struct tun_fwd *fwd)
{
	static const enum tun_why reasons[] = {
		TUN_WHY_REMOTEFS, TUN_WHY_NOACCEPT, TUN_WHY_NOCONNECT,
		TUN_WHY_BACKLOG,
		TUN_WHY_NETNS, TUN_WHY_DENIED, TUN_WHY_PROXIED, TUN_WHY_FRESH
	};
	size_t i;

	switch (fwd->state) {
	case TUN_ANSWERS:
	case TUN_REFUSED:
	case TUN_SILENT:
		return NULL;
	case TUN_UNKNOWN:
		for (i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
			if (tun_why_has(&fwd->why, reasons[i]))
				return tool_xstrdup(tun_why_text(reasons[i]));
		break;
	case TUN_UNLISTED:
		return tool_xstrdup("nothing says where it leads");
	default:
		break;
	}
	if (fwd->tun->link == TUN_UNKNOWN)
		return tool_xstrdup("whether its tunnel works is not known");
	return tool_xasprintf("its tunnel is %s",
	    tun_state_name(fwd->tun->link));
}

static void
put_target(const struct tun_fwd *fwd)
{
	char *reason = target_reason(fwd);

	printf("%s: %s%s%s\n", fwd->id, target_words(fwd),
	    reason != NULL ? ": " : "", reason != NULL ? reason : "");
	free(reason);
}

/* Prints the forwards whose state is worth a line. */
static void
put_forwards(const struct args *args, const struct tun *t)
{
	const struct tun_fwd *fwd;
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		fwd = t->fwds[i];
		if (args->probe && fwd->spec.kind == TUN_FWD_LOCAL &&
		    (!is_bad(fwd) || fwd->state == TUN_REFUSED ||
		    fwd->state == TUN_SILENT))
			put_target(fwd);
		else if (is_bad(fwd))
			printf("%s: %s\n", fwd->id,
			    tun_state_name(fwd->state));
		else
			continue;
		if (args->verbose)
			put_why(&fwd->why);
	}
}

static void
put_tunnel(const struct args *args, const struct tun *t)
{
	char age[32], *via = cell_via(t);
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		printf("%s%s", i > 0 ? "," : "", t->fwds[i]->id);
	if (t->nfwds == 0)
		fputs(t->id, stdout);
	printf(": %s (pid %ld)", t->state != TUN_UNKNOWN ?
	    tun_state_name(t->state) : "not known", (long)t->pid);
	if (via != NULL) {
		fputs(" via ", stdout);
		put_vis(via);
	}
	if (t->heard >= 0) {
		tool_age(t->heard / 1000, age, sizeof(age));
		printf(", heard %s ago", age);
	}
	if (tun_why_has(&t->why, TUN_WHY_ROUNDTRIP))
		fputs(", server answers", stdout);
	else if (tun_why_has(&t->why, TUN_WHY_NOROUNDTRIP))
		fputs(", server does not answer", stdout);
	putchar('\n');
	free(via);
	if (args->verbose)
		put_why(&t->why);
	put_forwards(args, t);
}

static json_t *
json_master(const struct args *args, const struct tun_master *m)
{
	json_t *object = json_object();

	out_json_string(object, "path", m->path);
	out_json_string(object, "was", m->was);
	out_json_string(object, "user", tool_user(m->uid));
	out_json_put(object, "uid", json_integer((json_int_t)m->uid));
	out_json_put(object, "pid", m->pid > 0 ? json_integer(m->pid) :
	    json_null());
	out_json_string(object, "state", tun_ctl_name(m->ctl));
	out_json_put(object, "healthy", out_json_health(master_health(m)));
	out_json_made(object, "answer", master_words(m));
	out_json_string(object, "reason", m->ctl != TUN_CTL_OK &&
	    *m->text != '\0' ? m->text : NULL);
	out_json_put(object, "queue", out_json_number(m->queue));
	out_json_put(object, "trip", out_json_truth(m->trip));
	out_json_string(object, "tunnel", m->tun != NULL ? m->tun->id : NULL);
	out_json_string(object, "connection", info(args, m, "connection"));
	out_json_string(object, "channels", info(args, m, "channels"));
	return object;
}

/* The tunnels in the format of tunps -J. */
static json_t *
json_tunnels(const struct job *job)
{
	struct view view;
	const struct tun *t;
	json_t *tunnels;
	size_t i, k;

	memset(&view, 0, sizeof(view));
	view.list = job->list;
	view.all = 1;
	for (i = 0; i < job->ntuns; i++) {
		t = job->tuns[i];
		for (k = 0; k < t->nfwds || k == 0; k++) {
			view.rows = tool_xreallocarray(view.rows,
			    view.nrows + 1, sizeof(*view.rows));
			view.rows[view.nrows].tun = t;
			view.rows[view.nrows++].fwd = t->nfwds > 0 ?
			    t->fwds[k] : NULL;
		}
	}
	tunnels = out_json_tunnels(&view);
	free(view.rows);
	return tunnels;
}

static void
put_json(const struct args *args, const struct job *job)
{
	json_t *root = json_object(), *sockets = json_array();
	size_t i;

	out_json_put(root, "version", json_integer(JSON_VERSION));
	out_json_put(root, "complete", json_boolean(job->list == NULL ||
	    tun_complete(job->list)));
	out_json_put(root, "notes", out_json_notes(job->list));
	for (i = 0; i < job->nms; i++)
		out_json_add(sockets, json_master(args, job->ms[i]));
	out_json_put(root, "sockets", sockets);
	out_json_put(root, "tunnels", json_tunnels(job));
	out_json_print(root);
}

/* Notes are printed once, whatever was found. */
static void
put_notes(const struct job *job)
{
	const char *note;
	size_t i;

	for (i = 0; job->list != NULL &&
	    (note = tun_note(job->list, i)) != NULL; i++)
		tool_warn("view incomplete: %s", note);
}

static void
put(const struct args *args, const struct job *job)
{
	size_t i;

	if (args->quiet)
		return;
	if (args->json) {
		put_json(args, job);
		return;
	}
	for (i = 0; i < job->nms; i++)
		put_master(args, job->ms[i]);
	for (i = 0; i < job->ntuns; i++)
		put_tunnel(args, job->tuns[i]);
}

/* The exit status for the worst of all that was asked. */
static int
verdict(const struct args *args, const struct job *job)
{
	size_t i, found = job->ntuns, bad = 0, unknown = 0;
	enum tun_health health;

	for (i = 0; i < args->nwords; i++)
		bad += !args->words[i].found;
	for (i = 0; i < job->nms; i++) {
		found += job->ms[i]->ctl != TUN_CTL_NONE;
		health = master_health(job->ms[i]);
		bad += health == TUN_HEALTH_BAD;
		unknown += health == TUN_HEALTH_UNKNOWN;
	}
	for (i = 0; i < job->ntuns; i++) {
		health = tun_health(job->tuns[i], NULL);
		bad += health == TUN_HEALTH_BAD;
		unknown += health == TUN_HEALTH_UNKNOWN;
	}
	if (found == 0)
		return TOOL_NONE;
	if (!args->expect || bad + unknown == 0)
		return TOOL_MATCH;
	return bad > 0 ? TOOL_BAD : TOOL_ERROR;
}

int
main(int argc, char **argv)
{
	struct args args = { 0 };
	struct job job = { 0 };
	size_t i;
	int status;

	tool_start();
	parse(&args, argc, argv);
	if (!args.config)
		tool_confine();
	if ((job.ctx = tun_open(NULL)) == NULL)
		tool_fail("processes: %s", strerror(errno));
	sshname_tell(&args.ssh_names, job.ctx);
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
	put(&args, &job);
	if (!args.quiet)
		put_notes(&job);
	status = verdict(&args, &job);

	for (i = 0; i < args.nwords; i++)
		tun_select_free(args.words[i].sel);
	free(args.words);
	free(job.ms);
	free(job.tuns);
	tun_masters_free(job.masters);
	tun_masters_free(job.lost);
	tun_list_free(job.list);
	tun_close(job.ctx);
	return tool_end(status);
}
