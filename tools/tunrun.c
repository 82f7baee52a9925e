/* SPDX-License-Identifier: ISC */
/*
 * tunrun: start ssh, and say which process it leaves in the background.
 *
 * We become the reaper of our descendants, so that what ssh -f leaves behind
 * comes back to us and to nobody else: no PID is guessed.  Where no system
 * call does that, a mark in the environment tells them.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "libfind.h"
#include "out.h"
#include "tool.h"

#define WAIT_DEFAULT	10	/* seconds, -t */
#define LOOK_FIRST	10	/* ms between two looks, doubled */
#define LOOK_LAST	500
#define SETTLE		400	/* ms that a bad forward gets to be good */
#define END_WAIT	3000	/* ms until what does not end is killed */

enum {
	OPT_HELP = 0x100, OPT_STRICT
};

static const char options[] = "+:JVl:qt:v";

static const struct option long_options[] = {
	{ "help", no_argument, NULL, OPT_HELP },
	{ "strict", no_argument, NULL, OPT_STRICT },
	{ NULL, 0, NULL, 0 }
};

struct run {
	struct tun_ctx *ctx;
	char **argv;		/* what is run */
	const char *label;
	int64_t wait;		/* ms */
	int json, quiet, strict, verbose;

	char *mark;		/* NULL: we are the reaper */
	struct tun_words *words; /* NULL: no ssh among them */
	pid_t child;
	int status;		/* of the child, once it has ended */
	int ended;
	int reported;
	int64_t since;		/* when what we see began to be bad, or -1 */

	struct tun_list *list;	/* the last look */
	struct row *rows;	/* of ours in it */
	size_t nrows;
	int nobody;		/* it was seen that none of ours is left */
};

/* What a signal handler may touch. */
static int wake[2] = { -1, -1 };
static volatile sig_atomic_t caught;

static void
usage(void)
{
	fputs(
"usage: tunrun [-Jqv] [-l label] [-t time] [--strict] [--] command ...\n"
"       tunrun [-Jqv] [-l label] [-t time] [--strict] [--] ssh-option ... host\n"
"       tunrun --help | -V\n"
"\n"
"Starts ssh, waits until its forwards listen, and prints its process ID.\n"
"\n"
"-l  label, so that @label selects it   -J  JSON, as of tunps\n"
"-t  wait so long for the forwards      -q  print nothing\n"
"--strict  all forwards, or none        -v  also the IDs of the forwards\n",
	    stdout);
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- what is asked for --------------------------------------------------- */

/*
 * Where our own options end: at a word that is none, or that holds an option
 * we do not have, which is then ssh's.
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
		if (s[1] == '-')
			continue;
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
	run->words = tun_words_parse((const char *const *)run->argv,
	    (size_t)c);
	if (run->words == NULL && errno == ENOMEM)
		tool_fail("%s", strerror(errno));
}

/* --- signals ------------------------------------------------------------- */

static void
on_signal(int sig)
{
	int saved = errno;

	if (sig != SIGCHLD)
		caught = sig;
	(void)!write(wake[1], "", 1);
	errno = saved;
}

static void
catch(int sig)
{
	struct sigaction sa, old;

	/* What our starter ignores, as nohup(1) does, stays so for ssh. */
	if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN &&
	    sig != SIGCHLD)
		return;
	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_signal;
	sa.sa_flags = SA_RESTART;
	if (sigaction(sig, &sa, NULL) == -1)
		tool_fail("sigaction: %s", strerror(errno));
}

static void
catch_all(void)
{
	static const int sigs[] = { SIGCHLD, SIGHUP, SIGINT, SIGQUIT,
	    SIGTERM };
	size_t i;

	if (pipe(wake) == -1)
		tool_fail("pipe: %s", strerror(errno));
	for (i = 0; i < 2; i++) {
		fcntl(wake[i], F_SETFD, FD_CLOEXEC);
		fcntl(wake[i], F_SETFL, O_NONBLOCK);
	}
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		catch(sigs[i]);
}

/* Until something happens, ms at most; -1: for ever. */
static void
sleep_for(int ms)
{
	struct pollfd pfd = { .fd = wake[0], .events = POLLIN };
	char buf[64];

	(void)poll(&pfd, 1, ms);
	while (read(wake[0], buf, sizeof(buf)) > 0)
		continue;
}

/* As who sent it would have it, had we not caught it. */
static void
die_of(int sig)
{
	sigset_t set;

	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
	_exit(128 + sig);
}

/* --- processes ----------------------------------------------------------- */

/*
 * What it prints goes to our standard error: the first line of standard
 * output is the PID, and "ssh -f host command" would keep a pipe open.
 */
static void
start(struct run *run)
{
	if (become_reaper() == -1) {
		run->mark = tool_xasprintf("TUN_RUN=%ld.%lld",
		    (long)getpid(), (long long)now_ms());
		if (putenv(run->mark) != 0)
			tool_fail("putenv: %s", strerror(errno));
	}
	if (run->label != NULL && setenv("TUN_LABEL", run->label, 1) == -1)
		tool_fail("-l: %s", strerror(errno));
	fflush(stdout);
	if ((run->child = fork()) == -1)
		tool_fail("fork: %s", strerror(errno));
	if (run->child != 0)
		return;
	if (dup2(STDERR_FILENO, STDOUT_FILENO) == -1 && errno != EBADF)
		_exit(126);
	execvp(run->argv[0], run->argv);
	tool_warn("%s: %s", run->argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Buries the dead.  Nothing is left of ours when there is none to wait for. */
static void
reap(struct run *run)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == run->child) {
			run->ended = 1;
			run->status = status;
		}
	if (pid == -1 && errno == ECHILD && run->mark == NULL)
		run->nobody = 1;
}

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
		if (t->fwds[i].why & TUN_WHY_MONITOR)
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
	unsigned flags = TUN_SCAN_OWN | TUN_SCAN_SOCKETS;

	if (run->label != NULL || run->json)
		flags |= TUN_SCAN_ENV;
	if (run->json)
		flags |= TUN_SCAN_INFO | TUN_SCAN_CLIENTS;
	tun_list_free(run->list);
	run->list = NULL;
	run->nrows = 0;
	if (tun_scan(run->ctx, flags, &run->list) == -1)
		tool_fail("cannot look: %s", strerror(errno));
}

/*
 * Those of the list that descend from us.  A PID that was in both is one
 * process: as its reaper we have not buried it in between.
 */
static void
look(struct run *run)
{
	const struct tun *t = NULL;
	struct tun_child *v;
	size_t n;

	if (tun_descendants(run->ctx, getpid(), run->mark, &v, &n) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	look_again(run);
	if (n == 0 && run->mark != NULL)
		run->nobody = 1;
	while ((t = tun_next(run->list, t)) != NULL)
		if (is_among(v, n, t->pid))
			add_tunnel(run, t);
	free(v);
}

/* --- verdicts ------------------------------------------------------------ */

/* Why a forward is not what it should be; NULL: it is. */
static const char *
complaint(const struct tun_fwd *fwd)
{
	switch (fwd->state) {
	case TUN_UNBOUND:
		return "nobody listens";
	case TUN_TAKEN:
		return "another process listens there";
	case TUN_HALF:
		return fwd->why & TUN_WHY_STRANGER ?
		    "only one address family: another process has the other" :
		    "only one address family";
	case TUN_DETACHED:
	case TUN_DEADFILE:
		return "its path does not lead to it";
	case TUN_LOOP:
		return "it leads back to itself";
	case TUN_UNKNOWN:
		return "cannot be seen";
	default:
		return NULL;
	}
}

static int
is_starting(const struct tun *t)
{
	return t->state == TUN_STARTING || t->state == TUN_PROMPT ||
	    t->state == TUN_STUCK;
}

/* 1: all is well; 0: not yet; -1: it will not be. */
static int
judge(struct run *run)
{
	size_t i, bad = 0;

	for (i = 0; i < run->nrows; i++) {
		if (is_starting(run->rows[i].tun)) {
			run->since = -1;
			return 0;
		}
		bad += run->rows[i].fwd != NULL &&
		    complaint(run->rows[i].fwd) != NULL;
	}
	if (run->nrows == 0)
		return 0;
	if (run->since == -1)
		run->since = now_ms();
	if (bad > 0)
		return now_ms() - run->since >= SETTLE ? -1 : 0;
	/* In front it may be about to go to the background by itself. */
	return run->ended || now_ms() - run->since >= SETTLE;
}

/* --- a master that was there before -------------------------------------- */

static const char *
plain_host(const char *host)
{
	if (host == NULL)
		return "localhost";
	return *host == '\0' ? "*" : host;
}

static int
same_listener(const struct tun_forward *a, const struct tun_forward *b)
{
	const struct tun_end *x = &a->listen, *y = &b->listen;

	if (x->path != NULL || y->path != NULL)
		return x->path != NULL && y->path != NULL &&
		    strcmp(x->path, y->path) == 0;
	return x->port == y->port &&
	    strcmp(plain_host(x->host), plain_host(y->host)) == 0;
}

static int
listens_here(const struct tun_forward *fwd)
{
	return fwd->kind == TUN_FWD_LOCAL || fwd->kind == TUN_FWD_DYNAMIC;
}

static const struct tun_fwd *
find_forward(const struct tun *t, const struct tun_forward *want)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		if (listens_here(&t->fwds[i].spec) &&
		    complaint(&t->fwds[i]) == NULL &&
		    same_listener(&t->fwds[i].spec, want))
			return &t->fwds[i];
	return NULL;
}

/*
 * The master that has all that was asked for and that listens here.  What
 * the other side listens on cannot be seen in a master.
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
			if (!listens_here(&w->fwds[i]))
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

/* --- what is said -------------------------------------------------------- */

static void
say_forward(const struct run *run, const struct row *row)
{
	const char *why = complaint(row->fwd);
	char *listen = cell_listen(row);

	if (why != NULL && !run->quiet) {
		if (row->fwd->holder != NULL && row->fwd->holder->pid > 0)
			tool_warn("%s: %s: %s (process %ld%s%s)",
			    row->fwd->id, listen, why,
			    (long)row->fwd->holder->pid,
			    row->fwd->holder->comm != NULL ? ", " : "",
			    row->fwd->holder->comm != NULL ?
			    row->fwd->holder->comm : "");
		else
			tool_warn("%s: %s: %s", row->fwd->id,
			    listen != NULL ? listen : "?", why);
	}
	free(listen);
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
put(struct run *run)
{
	struct view view;

	if (run->quiet)
		return;
	if (run->json) {
		memset(&view, 0, sizeof(view));
		view.list = run->list;
		view.rows = run->rows;
		view.nrows = run->nrows;
		view.all = view.clients = 1;
		out_json(&view);
	} else
		put_text(run);
	fflush(stdout);
}

static void
say_label(const struct run *run)
{
	size_t i;

	for (i = 0; run->label != NULL && !run->quiet && i < run->nrows; i++)
		if (run->rows[i].tun->label == NULL ||
		    strcmp(run->rows[i].tun->label, run->label) != 0) {
			tool_warn("the label is lost: process %ld does not "
			    "show it", (long)run->rows[i].tun->pid);
			return;
		}
}

/* --- ending it ----------------------------------------------------------- */

/*
 * All that descends from us.  A child of ours cannot be another process
 * until we have buried it; what is further down becomes our child when those
 * above it have gone.  Where we are no reaper, only what shows as a tunnel is
 * signalled, and through the check of its identity.
 */
static void
end_children(struct run *run, int sig)
{
	const struct tun *t = NULL;
	struct tun_child *v;
	size_t i, n;

	if (tun_descendants(run->ctx, getpid(), run->mark, &v, &n) == -1)
		return;
	for (i = 0; i < n; i++)
		if (v[i].ppid == getpid())
			kill(v[i].pid, sig);
	if (run->mark != NULL) {
		look_again(run);
		while ((t = tun_next(run->list, t)) != NULL)
			if (is_among(v, n, t->pid))
				(void)tun_signal(run->ctx, t, sig);
	}
	run->nobody = n == 0;
	free(v);
}

static void
end_all(struct run *run, int sig)
{
	int64_t begin = now_ms();
	int64_t kill_at = begin + END_WAIT;
	int next = sig;

	run->nobody = 0;
	for (;;) {
		end_children(run, next);
		sleep_for(20);
		reap(run);
		if (run->nobody || now_ms() >= kill_at + END_WAIT)
			return;
		if (now_ms() >= kill_at)
			next = SIGKILL;
		else if (now_ms() >= begin + END_WAIT / 3)
			next = SIGTERM;
	}
}

static void
check_caught(struct run *run)
{
	int sig = caught;

	if (sig == 0)
		return;
	/* Whom it does not end (SIGQUIT, SIGHUP) SIGTERM does. */
	if (!run->reported)
		end_all(run, sig);
	else if (!run->ended) {
		kill(run->child, sig);
		while (!run->ended) {
			sleep_for(-1);
			reap(run);
		}
	}
	die_of(sig);
}

/* --- the whole ----------------------------------------------------------- */

static int
child_status(const struct run *run)
{
	if (WIFSIGNALED(run->status))
		return 128 + WTERMSIG(run->status);
	return WEXITSTATUS(run->status);
}

/*
 * Looks until there is a verdict: 1 and -1 as judge() has it, 0 when there
 * was none in time, or nothing is left to judge.
 */
static int
watch(struct run *run)
{
	int64_t through = -1, pause = LOOK_FIRST;
	int verdict;

	for (;;) {
		reap(run);
		check_caught(run);
		if (run->ended && run->status != 0)
			return 0;
		if (run->ended && through == -1) {
			through = now_ms();
			run->since = -1;
			pause = LOOK_FIRST;
		}
		/* Before its end, -f may yet change the process. */
		if (run->ended ||
		    (run->words != NULL && !run->words->fork)) {
			look(run);
			if ((verdict = judge(run)) != 0)
				return verdict;
		}
		if (run->ended && (run->nobody ||
		    now_ms() - through >= run->wait))
			return 0;
		if (!run->ended && run->words != NULL && run->words->fork)
			sleep_for(-1);
		else {
			sleep_for((int)pause);
			if ((pause *= 2) > LOOK_LAST)
				pause = LOOK_LAST;
		}
	}
}

static int
report_bad(struct run *run)
{
	size_t i;

	for (i = 0; i < run->nrows; i++) {
		if (is_starting(run->rows[i].tun) && !run->quiet &&
		    (i == 0 || run->rows[i - 1].tun != run->rows[i].tun))
			tool_warn("process %ld has not got through to its "
			    "server yet", (long)run->rows[i].tun->pid);
		else if (run->rows[i].fwd != NULL &&
		    !is_starting(run->rows[i].tun))
			say_forward(run, &run->rows[i]);
	}
	if (!run->strict) {
		put(run);
		say_label(run);
		return TOOL_BAD;
	}
	end_all(run, SIGTERM);
	if (!run->quiet)
		tool_warn(run->nobody ? "ended again" :
		    "something does not end");
	return TOOL_BAD;
}

static int
report_master(struct run *run)
{
	const struct tun *t = find_master(run);

	if (t == NULL)
		return 0;
	put(run);
	say_label(run);
	if (!run->quiet)
		tool_warn("a master that was there before has it: "
		    "process %ld, %s", (long)t->pid,
		    t->ctlpath != NULL ? t->ctlpath : "path unknown");
	return 1;
}

/* A client in front, whose forwards are its master's. */
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

/* The command went well, and no tunnel of ours is there. */
static int
report_none(struct run *run)
{
	look_again(run);
	if (report_master(run))
		return TOOL_MATCH;
	if (!run->quiet)
		tool_warn(run->nobody ? "nothing is left in the background" :
		    "what is left in the background is no tunnel");
	return TOOL_NONE;
}

/* It stays in front: we are its parent, and no more than that. */
static int
stay(struct run *run)
{
	while (!run->ended) {
		sleep_for(-1);
		reap(run);
		check_caught(run);
	}
	return child_status(run);
}

/* It was reported in front and has gone to the background since. */
static int
moved(struct run *run)
{
	pid_t pid = run->nrows > 0 ? run->rows[0].tun->pid : -1;

	look(run);
	if (run->nrows == 0 || run->rows[0].tun->pid == pid)
		return 0;
	put(run);
	return 1;
}

int
main(int argc, char **argv)
{
	struct run run = { .wait = WAIT_DEFAULT * 1000, .since = -1 };
	int status, verdict;

	tool_start();
	parse(&run, argc, argv);
	if ((run.ctx = tun_open(NULL)) == NULL)
		tool_fail("processes: %s", strerror(errno));
	catch_all();
	start(&run);
	verdict = watch(&run);
	if (run.ended && run.status != 0)
		status = child_status(&run);
	else if (verdict == 1) {
		if (is_client(&run) && report_master(&run))
			run.label = NULL;
		else
			put(&run);
		run.reported = 1;
		say_label(&run);
		status = TOOL_MATCH;
	} else if (run.nrows == 0)
		status = report_none(&run);
	else {
		status = report_bad(&run);
		run.reported = 1;
	}
	if (!run.ended && !run.nobody) {
		verdict = stay(&run);
		if (verdict != 0 || !moved(&run))
			status = status == TOOL_MATCH ? verdict : status;
	}
	tun_list_free(run.list);
	tun_words_free(run.words);
	free(run.rows);
	free(run.argv);
	tun_close(run.ctx);
	return tool_end(status);
}
