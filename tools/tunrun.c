/* SPDX-License-Identifier: ISC */
/*
 * tunrun: starts ssh, waits until its forwards listen, and prints which process
 * is in the background.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/reaper.h"
#include "compat/compat.h"
#include "libfind.h"
#include "compat/ms.h"
#include "common/out.h"
#include "common/sshname.h"
#include "common/tool.h"

#define WAIT_DEFAULT	10	/* seconds, -t */
#define LOOK_FIRST	10	/* ms between two scans, doubled each time */
#define LOOK_LAST	500
#define SETTLE		400	/* ms after which a bad forward counts as bad */

enum {
	OPT_HELP = 0x100, OPT_SSH_NAME, OPT_STRICT
};

static const char options[] = "+:JVl:qt:v";

static const struct option long_options[] = {
	{ "help", no_argument, NULL, OPT_HELP },
	{ "ssh-name", required_argument, NULL, OPT_SSH_NAME },
	{ "strict", no_argument, NULL, OPT_STRICT },
	{ NULL, 0, NULL, 0 }
};

/* UNSEEN: nothing is known to be bad, but something cannot be seen. */
enum verdict { BAD = -1, NOT_YET, GOOD, UNSEEN };

struct run {
	struct tun_ctx *ctx;
	char **argv;		/* what is run */
	const char *label;
	struct sshnames ssh_names;
	int64_t wait;		/* ms */
	int json, quiet, strict, verbose;

	struct tun_words *words; /* NULL: there is no ssh in them */
	int told; /* --strict has made ssh end if a forward fails */
	struct reaper reaper;
	int reported; /* its PID was printed: it now belongs to the user */
	int64_t since;		/* since when the state has been bad, or -1 */

	struct tun_list *list;	/* the last scan */
	struct row *rows;	/* our tunnels in it */
	size_t nrows;
};

static void
usage(void)
{
	fputs(
"usage: tunrun [option ...] [--] command ...\n"
"       tunrun [option ...] [--] ssh-option ... host\n"
"       tunrun --help | -V\n"
"\n"
"Starts ssh, waits until its forwards listen, and prints its process ID.\n"
"\n"
"-l  label, so that @label selects it   -J  JSON, as of tunps\n"
"-t  wait so long for the forwards      -q  print nothing\n"
"--strict  all forwards, or none        -v  also the IDs of the forwards\n"
"--ssh-name  another name of ssh\n",
	    stdout);
}

/* --- what is asked for --------------------------------------------------- */

/*
 * Is it the long option whose value is the next word, as getopt_long(3) reads
 * it?
 */
static int
is_ssh_name(const char *s)
{
	size_t len = strlen(s);

	return len >= sizeof("--ss") - 1 && strncmp("--ssh-name", s, len) == 0;
}

/*
 * The number of our own options: they end at a word that is no option, or that
 * has a letter we do not have, which is then an option of ssh.
 */
static int
own_words(int argc, char *const *argv)
{
	const char *s, *letter;
	int i;

	for (i = 1; i < argc; i++) {
		s = argv[i];
		if (*s != '-' || s[1] == '\0' || strcmp(s, "--") == 0)
			break;
		if (s[1] == '-') {
			i += is_ssh_name(s);
			continue;
		}
		while (*++s != '\0') {
			if ((letter = strchr(options + 2, *s)) == NULL ||
			    *s == ':')
				return i;
			if (letter[1] == ':') {
				i += s[1] == '\0';
				break;
			}
		}
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

	opterr = 0;
	while ((c = getopt_long(n, argv, options, long_options, NULL)) != -1) {
		switch (c) {
		case 'J':
			run->json = 1;
			break;
		case 'V':
			printf("tunrun %s\n", VERSION);
			exit(tool_end(TOOL_MATCH));
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
		case OPT_HELP:
			usage();
			exit(tool_end(TOOL_MATCH));
		case OPT_SSH_NAME:
			sshname_add(&run->ssh_names, optarg);
			break;
		case OPT_STRICT:
			run->strict = 1;
			break;
		default:
			tool_bad_option(c, argv, long_options);
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

/* --- what there is ------------------------------------------------------- */

static int
is_among(const struct tun_child *v, size_t n, pid_t pid)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].pid == pid)
			return 1;
	return 0;
}

static void
add_row(struct run *run, const struct tun *t, const struct tun_fwd *fwd)
{
	run->rows = tool_xreallocarray(run->rows, run->nrows + 1,
	    sizeof(*run->rows));
	run->rows[run->nrows].tun = t;
	run->rows[run->nrows++].fwd = fwd;
}

static void
add_tunnel(struct run *run, const struct tun *t)
{
	size_t i, n = 0;

	for (i = 0; i < t->nfwds; i++) {
		if (tun_why_has(&t->fwds[i].why, TUN_WHY_MONITOR))
			continue;
		add_row(run, t, &t->fwds[i]);
		n++;
	}
	if (n == 0)
		add_row(run, t, NULL);
}

static void
look_again(struct run *run)
{
	unsigned flags = TUN_SCAN_OWN | TUN_SCAN_SOCKETS | TUN_SCAN_INFO;

	if (run->label != NULL || run->json)
		flags |= TUN_SCAN_ENV;
	if (run->json)
		flags |= TUN_SCAN_CLIENTS;
	tun_list_free(run->list);
	run->list = NULL;
	run->nrows = 0;
	if (tun_scan(run->ctx, flags, &run->list) == -1)
		tool_fail("cannot look: %s", strerror(errno));
}

/*
 * A client whose own master has stayed in the background, as with ssh 10: the
 * master has its forwards.
 */
static int
has_own_master(const struct run *run, const struct tun_child *v, size_t n,
    const struct tun *client)
{
	const struct tun *t = NULL;
	size_t i;

	while ((t = tun_next(run->list, t)) != NULL)
		for (i = 0; i < t->nusers; i++)
			if (t->users[i].pid == client->pid &&
			    is_among(v, n, t->pid))
				return 1;
	return 0;
}

/* Has it left the process that started it, as -f does? */
static int
has_left(const struct tun *t, const struct tun_child *v, size_t n)
{
	return t->sid == t->pid && !is_among(v, n, t->ppid);
}

/*
 * Finds the tunnels that we have started; with left set, only those that are in
 * the background by now.  A PID that is in both scans is the same process,
 * because as its reaper we did not wait for it in between.
 */
static void
look(struct run *run, int left)
{
	const struct tun *t = NULL;
	struct tun_child *v;
	size_t n;

	if (reaper_find(&run->reaper, &v, &n) == -1 || tun_take(run->ctx, v, n,
	    run->words != NULL ? run->words->host : NULL) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	look_again(run);
	while ((t = tun_next(run->list, t)) != NULL)
		if (is_among(v, n, t->pid) &&
		    !has_own_master(run, v, n, t) &&
		    (!left || has_left(t, v, n)))
			add_tunnel(run, t);
	free(v);
}

/* --- verdicts ------------------------------------------------------------ */

/* Returns why a forward is not as it should be, or NULL if it is. */
static const char *
complaint(const struct tun_fwd *fwd)
{
	const char *reason;

	return tun_fwd_health(fwd, &reason) == TUN_HEALTH_OK ? NULL : reason;
}

static int
is_starting(const struct tun *t)
{
	return t->state == TUN_STARTING || t->state == TUN_PROMPT ||
	    t->state == TUN_STUCK;
}

/* Does the tunnel of some row show its command line? */
static int
shows_words(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->nrows; i++)
		if (!tun_why_has(&run->rows[i].tun->why, TUN_WHY_ARGVLOST))
			return 1;
	return 0;
}

static int
is_at(const struct tun_fwd *fwd, const struct tun_forward *want)
{
	size_t i;

	if (fwd == NULL)
		return 0;
	for (i = 0; want->listen.path == NULL && i < fwd->naddrs; i++)
		if (fwd->addrs[i].path == NULL &&
		    fwd->addrs[i].port == want->listen.port)
			return 1;
	return tun_forward_same_listener(&fwd->spec, want);
}

/*
 * The next one after prev that was asked for and that has no row.  A master
 * without a command line does not show the forwards that it failed to bind.
 */
static const struct tun_forward *
find_missing(const struct run *run, const struct tun_forward *prev)
{
	const struct tun_words *w = run->words;
	size_t i, k;

	if (w == NULL || run->nrows == 0 || shows_words(run))
		return NULL;
	for (i = prev == NULL ? 0 : (size_t)(prev - w->fwds) + 1;
	    i < w->nfwds; i++) {
		if (!tun_forward_is_local(&w->fwds[i]))
			continue;
		for (k = 0; k < run->nrows; k++)
			if (is_at(run->rows[k].fwd, &w->fwds[i]))
				break;
		if (k == run->nrows)
			return &w->fwds[i];
	}
	return NULL;
}

/* The worst verdict on the forwards. */
static enum verdict
judge_forwards(const struct run *run)
{
	enum verdict verdict = GOOD;
	size_t i;

	for (i = 0; i < run->nrows; i++) {
		const struct tun_fwd *fwd = run->rows[i].fwd;

		if (fwd == NULL)
			continue;
		switch (tun_fwd_health(fwd, NULL)) {
		case TUN_HEALTH_BAD:
			return BAD;
		case TUN_HEALTH_UNKNOWN:
			/*
			 * The state of the link is not known; that it listens
			 * is.
			 */
			if (fwd->state == TUN_UNKNOWN)
				verdict = UNSEEN;
			break;
		case TUN_HEALTH_OK:
			break;
		}
	}
	return find_missing(run, NULL) != NULL ? BAD : verdict;
}

static enum verdict
judge(struct run *run)
{
	enum verdict verdict;
	size_t i;

	for (i = 0; i < run->nrows; i++)
		if (is_starting(run->rows[i].tun)) {
			run->since = -1;
			return NOT_YET;
		}
	if (run->nrows == 0)
		return NOT_YET;
	if (run->since == -1)
		run->since = ms_now();
	verdict = judge_forwards(run);
	if (ms_now() - run->since >= SETTLE)
		return verdict;
	/* In the foreground it may be about to go to the background. */
	return verdict == GOOD && run->reaper.ended ? GOOD : NOT_YET;
}

/* --- a master that was there before -------------------------------------- */

static const struct tun_fwd *
find_forward(const struct tun *t, const struct tun_forward *want)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		if (complaint(&t->fwds[i]) == NULL &&
		    tun_forward_same_listener(&t->fwds[i].spec, want))
			return &t->fwds[i];
	return NULL;
}

/*
 * Finds the master that has all the forwards that were asked for and that
 * listens here.  Remote forwards of a master cannot be seen.
 */
static const struct tun *
find_master(struct run *run)
{
	const struct tun_words *w = run->words;
	const struct tun_fwd *fwd;
	const struct tun *t = NULL;
	size_t i, n;

	if (w == NULL || w->nfwds == 0)
		return NULL;
	while ((t = tun_next(run->list, t)) != NULL) {
		if (t->master != 1 || (t->host != NULL && w->host != NULL &&
		    strcmp(t->host, w->host) != 0))
			continue;
		run->nrows = 0;
		for (i = n = 0; i < w->nfwds; i++) {
			if (!tun_forward_is_local(&w->fwds[i]))
				continue;
			n++;
			if ((fwd = find_forward(t, &w->fwds[i])) == NULL)
				break;
			add_row(run, t, fwd);
		}
		if (i == w->nfwds && n > 0)
			return t;
	}
	run->nrows = 0;
	return NULL;
}

/* --- output --------------------------------------------------------------- */

static void say(const struct run *, const char *, ...) TOOL_PRINTF(2, 3);

static void
say(const struct run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!run->quiet)
		tool_vwarn(fmt, ap);
	va_end(ap);
}

static void
say_forward(const struct run *run, const struct row *row)
{
	const struct tun_peer *p = row->fwd->holder;
	const char *why = complaint(row->fwd);
	char *listen = cell_listen(row);

	if (why != NULL && p != NULL && p->pid > 0)
		say(run, "%s: %s: %s (process %ld, %s)", row->fwd->id,
		    listen != NULL ? listen : "?", why, (long)p->pid,
		    p->comm != NULL ? p->comm : "?");
	else if (why != NULL)
		say(run, "%s: %s: %s", row->fwd->id,
		    listen != NULL ? listen : "?", why);
	free(listen);
}

static void
say_missing(const struct run *run)
{
	const struct tun_forward *fwd = NULL;
	char spec[1024];

	while ((fwd = find_missing(run, fwd)) != NULL)
		if (tun_forward_format(fwd, spec, sizeof(spec)) >= 0)
			say(run, "-%c %s: nobody listens",
			    fwd->kind == TUN_FWD_DYNAMIC ? 'D' : 'L', spec);
}

/* Will the ssh end if the server does not listen? */
static int
ends_on_failure(const struct run *run, const struct tun *t)
{
	struct tun_words *w;
	int yes = 0;

	w = tun_words_parse(run->ctx, t->argv, t->argv != NULL ? t->argc : 0);
	if (w != NULL)
		yes = w->exitonfail == 1;
	tun_words_free(w);
	return yes;
}

/*
 * Only the server knows about a remote forward, and ssh if it was told to ask.
 */
static void
say_remote(const struct run *run)
{
	const struct tun_fwd *fwd;
	size_t i;

	for (i = 0; i < run->nrows; i++) {
		fwd = run->rows[i].fwd;
		if (fwd == NULL || fwd->state != TUN_REMOTE ||
		    run->told || ends_on_failure(run, run->rows[i].tun))
			continue;
		say(run, "%s: whether the server listens is not known; with "
		    "-o ExitOnForwardFailure=yes, as --strict adds it, ssh "
		    "ends if it does not", fwd->id);
		return;
	}
}

/* Other tools find it only by the name of its program. */
static void
say_program(const struct run *run)
{
	const char *exe, *base;
	size_t i;

	for (i = 0; i < run->nrows; i++) {
		exe = run->rows[i].tun->exe;
		if (exe == NULL || tun_is_ssh(run->ctx, exe))
			continue;
		base = strrchr(exe, '/');
		base = base != NULL ? base + 1 : exe;
		say(run, "process %ld is %s: tunps and tunkill find it with "
		    "--ssh-name %s", (long)run->rows[i].tun->pid, base, base);
		return;
	}
}

static void
say_label(const struct run *run)
{
	const struct tun *t;
	size_t i;

	for (i = 0; run->label != NULL && i < run->nrows; i++) {
		t = run->rows[i].tun;
		if (t->label != NULL && strcmp(t->label, run->label) == 0)
			continue;
		say(run, "the label is lost: process %ld does not show it",
		    (long)t->pid);
		return;
	}
}

static void
say_all(const struct run *run)
{
	say_label(run);
	say_program(run);
	say_remote(run);
}

static void
put_text(const struct run *run)
{
	char *id;
	size_t i;

	for (i = 0; i < run->nrows; i++)
		if (i == 0 || run->rows[i].tun != run->rows[i - 1].tun)
			printf("%ld\n", (long)run->rows[i].tun->pid);
	for (i = 0; run->verbose && i < run->nrows; i++) {
		id = tool_raw(run->rows[i].fwd != NULL ?
		    run->rows[i].fwd->id : run->rows[i].tun->id);
		puts(id);
		free(id);
	}
}

static void
put_json(const struct run *run)
{
	struct view view;

	memset(&view, 0, sizeof(view));
	view.list = run->list;
	view.rows = run->rows;
	view.nrows = run->nrows;
	view.all = view.clients = 1;
	out_json(&view);
}

static void
end(struct run *run, int sig)
{
	if (reaper_end(&run->reaper, sig) == -1)
		say(run, "something does not end");
}

static void
check_caught(struct run *run)
{
	int sig = reaper_caught();

	if (sig == 0)
		return;
	end(run, sig == SIGPIPE ? SIGTERM : sig);
	reaper_die(sig);
}

/* Before its PID is printed, nobody else could end it. */
static void
hand_over(struct run *run)
{
	int error = fflush(stdout) == EOF ? errno : ferror(stdout) ? EIO : 0;

	check_caught(run);
	if (error != 0) {
		end(run, SIGTERM);
		if (error == EPIPE)
			exit(TOOL_ERROR);
		tool_fail("standard output: %s", strerror(error));
	}
	run->reported = 1;
}

static void
put(struct run *run)
{
	if (run->quiet)
		;
	else if (run->json)
		put_json(run);
	else
		put_text(run);
	if (!run->reported)
		hand_over(run);
}

/* --- all of it ------------------------------------------------------------ */

static int
child_status(const struct run *run)
{
	int status = run->reaper.status;

	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

/*
 * Scans until there is a verdict.  NOT_YET: there was none in time, or nothing
 * is left to judge.
 */
static enum verdict
watch(struct run *run)
{
	struct reaper *b = &run->reaper;
	int forks = run->words != NULL && run->words->fork;
	int in_front = run->words != NULL && !forks;
	int pause = LOOK_FIRST;
	int64_t deadline = -1;
	enum verdict verdict;

	for (;;) {
		check_caught(run);
		if (b->ended && b->status != 0)
			return NOT_YET;
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
		look(run, !b->ended && !in_front);
		if ((verdict = judge(run)) != NOT_YET)
			return verdict;
		if (b->ended && (b->empty || ms_now() >= deadline))
			return NOT_YET;
		reaper_wait(b, pause);
		pause = pause * 2 < LOOK_LAST ? pause * 2 : LOOK_LAST;
	}
}

/* Is it a client in the foreground, whose forwards its master has? */
static int
is_client(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->nrows; i++)
		if (run->rows[i].fwd != NULL &&
		    run->rows[i].fwd->state == TUN_IN_MASTER)
			return 1;
	return 0;
}

static int
report_master(struct run *run)
{
	const struct tun *t = find_master(run);

	if (t == NULL)
		return 0;
	put(run);
	say_label(run);
	say(run, "a master that was there before has it: process %ld, %s",
	    (long)t->pid, t->ctlpath != NULL ? t->ctlpath : "path unknown");
	say_program(run);
	return 1;
}

static int
report_good(struct run *run)
{
	if (is_client(run) && report_master(run))
		return TOOL_MATCH;
	put(run);
	say_all(run);
	return TOOL_MATCH;
}

static void
say_rows(const struct run *run)
{
	const struct row *row;
	size_t i;

	for (i = 0; i < run->nrows; i++) {
		row = &run->rows[i];
		if (!is_starting(row->tun)) {
			if (row->fwd != NULL)
				say_forward(run, row);
		} else if (i == 0 || row[-1].tun != row->tun)
			say(run, "process %ld has not got through to its "
			    "server yet", (long)row->tun->pid);
	}
	say_missing(run);
}

static void
end_strictly(struct run *run)
{
	end(run, SIGTERM);
	if (run->reaper.empty)
		say(run, "ended again");
}

static int
report_bad(struct run *run)
{
	say_rows(run);
	if (run->strict) {
		end_strictly(run);
	} else {
		put(run);
		say_all(run);
	}
	return TOOL_BAD;
}

/* A tunnel is not ended because something cannot be seen. */
static int
report_unseen(struct run *run)
{
	say_rows(run);
	put(run);
	say_all(run);
	return TOOL_ERROR;
}

/* Names the processes that are left, because nobody else could find them. */
static void
say_left(struct run *run)
{
	struct tun_child *v;
	char *names = tool_xstrdup(""), *longer;
	size_t i, n;

	if (reaper_find(&run->reaper, &v, &n) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	for (i = 0; i < n; i++) {
		longer = tool_xasprintf("%s%s%ld (%s)", names,
		    i > 0 ? ", " : "", (long)v[i].pid, v[i].comm);
		free(names);
		names = longer;
	}
	if (n > 0)
		say(run, "what is left in the background is not known to be "
		    "a tunnel: %s %s", n > 1 ? "processes" : "process", names);
	else
		say(run, "something is left in the background that cannot "
		    "be seen");
	free(names);
	free(v);
}

/*
 * The master may be an ssh with another name: a process that listens at the
 * ports that were asked for and whose command line is that of an ssh.
 */
static void
take_holders(struct run *run)
{
	const struct tun_words *w = run->words;
	struct tun_child *v = NULL;
	struct tun_peer *peers;
	size_t i, j, n, all = 0;

	for (i = 0; w != NULL && i < w->nfwds; i++) {
		if (!tun_forward_is_local(&w->fwds[i]) ||
		    w->fwds[i].listen.port <= 0 ||
		    tun_holder(run->ctx, w->fwds[i].listen.port, &peers,
		    &n) == -1)
			continue;
		for (j = 0; j < n; j++) {
			if (peers[j].pid == 0 || is_among(v, all, peers[j].pid))
				continue;
			v = tool_xreallocarray(v, all + 1, sizeof(*v));
			memset(&v[all], 0, sizeof(*v));
			v[all].pid = peers[j].pid;
			v[all].ident[0] = peers[j].ident[0];
			v[all++].ident[1] = peers[j].ident[1];
		}
		free(peers);
	}
	if (tun_take(run->ctx, v, all, w != NULL ? w->host : NULL) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	free(v);
}

/* The command succeeded, and has left no tunnel. */
static int
report_none(struct run *run)
{
	const struct tun_words *w = run->words;

	take_holders(run);
	look_again(run);
	if (report_master(run))
		return TOOL_MATCH;
	if (!run->reaper.empty) {
		say_left(run);
		if (run->strict && w != NULL && w->nfwds > 0) {
			end_strictly(run);
			return TOOL_BAD;
		}
	} else if (w != NULL && w->fork && w->at > 0)
		say(run, "nothing is left in the background: if %s hangs up "
		    "on it, put nohup before ssh", run->argv[0]);
	else
		say(run, "nothing is left in the background");
	return TOOL_NONE;
}

/*
 * ssh has ended as it does if a forward fails.  A process that listens where a
 * forward should is the reason, or would have been the next one.
 */
static int
report_failed(const struct run *run)
{
	const struct tun_words *w = run->words;
	const struct tun_forward *fwd;
	struct tun_peer *peers;
	size_t i, n, taken = 0;

	for (i = 0; run->told && i < w->nfwds; i++) {
		fwd = &w->fwds[i];
		if (!tun_forward_is_local(fwd) || fwd->listen.path != NULL ||
		    tun_holder(run->ctx, fwd->listen.port, &peers, &n) == -1)
			continue;
		if (n > 0 && peers[0].pid > 0)
			say(run, "port %d: another process listens there "
			    "(process %ld, %s)", fwd->listen.port,
			    (long)peers[0].pid, peers[0].comm != NULL ?
			    peers[0].comm : "?");
		else if (n > 0)
			say(run, "port %d: another process listens there",
			    fwd->listen.port);
		taken += n > 0;
		free(peers);
	}
	return taken > 0 ? TOOL_BAD : child_status(run);
}

static int
report(struct run *run, enum verdict verdict)
{
	if (run->reaper.ended && run->reaper.status != 0)
		return report_failed(run);
	if (verdict == GOOD)
		return report_good(run);
	if (verdict == UNSEEN)
		return report_unseen(run);
	return run->nrows > 0 ? report_bad(run) : report_none(run);
}

/* It was reported in the foreground and has gone to the background since. */
static int
has_moved(struct run *run)
{
	pid_t pid = run->nrows > 0 ? run->rows[0].tun->pid : -1;

	look(run, 0);
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
	if (child_status(run) == 0 && has_moved(run)) {
		put(run);
		return status;
	}
	return status == TOOL_MATCH ? child_status(run) : status;
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
	status = report(&run, watch(&run));
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
