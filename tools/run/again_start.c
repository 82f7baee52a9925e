/* SPDX-License-Identifier: ISC */
/*
 * Starts tunnels at the same time, each by a process of its own that does what
 * tunrun does.
 *
 * Each of these processes leads a process group in the background of the
 * terminal.  An ssh that asks there for a password or about a host key is then
 * stopped by the kernel (SIGTTOU) before it has written its question, and gets
 * the terminal when nobody else has it: so one asks at a time.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/journal_use.h"
#include "common/sshname.h"
#include "common/tool.h"
#include "libfind.h"
#include "run/again.h"

#define AT_ONCE		8	/* tunnels that are being started */
#define MASTER_MS	3000	/* for a master to answer */

struct start {
	struct again *again;
	int tty;		/* or -1 */
	struct again_job *asks;	/* the one that has the terminal, or NULL */
	FILE *asking;		/* locked as long as that is so; or NULL */
	size_t running;
	int sig;		/* that is to end us, or 0 */
	sigset_t mask;		/* as it was before */
};

/* This lock ends with its process, and no process inherits it. */
static void
set_lock(FILE *f, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

	if (f != NULL)
		(void)fcntl(fileno(f), F_SETLKW, &lock);
}

/* --- in the process of one tunnel ----------------------------------------- */

static void
open_forward(struct run *run, const struct tun_master *m,
    const struct tun_forward *fwd, int *statusp)
{
	char spec[1024] = "?";

	if (tun_master_open(m, fwd, MASTER_MS) == 0) {
		journal_add(run->ctx, m->tun, fwd, (int)m->port);
		return;
	}
	tun_forward_format(fwd, spec, sizeof(spec));
	tool_warn("%s: not opened again: %s", spec, m->text != NULL ?
	    m->text : strerror(errno));
	*statusp = TOOL_BAD;
}

/* The IDs of what it was given again, which were not printed yet. */
static void
put_added(struct run *run, const struct tun_record *recipe)
{
	const struct tun_record *const *v;
	const struct tun_fwd *fwd;
	char *id;
	size_t i;

	run_look(run, 0);
	for (i = 0; i < run->nrows; i++) {
		fwd = run->rows[i].fwd;
		v = recipe->added;
		while (*v != NULL && (fwd == NULL || fwd->asked == NULL ||
		    !tun_forward_same_listener((*v)->fwd, fwd->asked)))
			v++;
		if (*v == NULL)
			continue;
		id = tool_raw(fwd->id);
		puts(id);
		free(id);
	}
}

/* What the master was given later, and what was closed on purpose. */
static void
tell_master(struct run *run, const struct tun_record *recipe, int *statusp)
{
	const struct tun_record *const *added;
	const struct tun_forward *const *v;
	const struct tun_master *m = NULL;
	struct tun_masters *all;

	if (recipe->added == NULL || (*recipe->added == NULL &&
	    *recipe->closed == NULL) || run->nrows == 0)
		return;
	if (tun_masters_find(run->ctx, run->list, geteuid(), 0, &all) == -1 ||
	    (m = tun_masters_of(all, run->rows[0].tun)) == NULL) {
		tool_warn("process %ld: what was added to it is not opened "
		    "again: %s", (long)run->rows[0].tun->pid, strerror(errno));
		*statusp = TOOL_BAD;
		return;
	}
	for (added = recipe->added; *added != NULL; added++)
		open_forward(run, m, (*added)->fwd, statusp);
	for (v = recipe->closed; *v != NULL; v++)
		if (tun_master_cancel(m, *v, MASTER_MS) == 0)
			journal_wrote(run->ctx, tun_journal_close(run->ctx,
			    m->tun, *v));
	tun_masters_free(all);
	if (run->verbose)
		put_added(run, recipe);
}

/* As the vector of a record is constant and main(3) has another. */
static char **
copy_words(const struct tun_record *recipe)
{
	char **v = tool_xcalloc(recipe->argc + 1, sizeof(*v));
	size_t i;

	for (i = 0; i < recipe->argc; i++)
		v[i] = tool_xstrdup(recipe->argv[i]);
	return v;
}

/*
 * The exit status of the process.  One that was started and of which something
 * could not be seen or printed has not failed to start; it was said why.
 */
static int
end_job(const struct run *run, const struct again_job *job, int status)
{
	char *name;

	if (run->reaper.ended && run->reaper.status != 0)
		return status != JOB_SAID ? status : TOOL_ERROR;
	if (tool_flush() != 0 && status == TOOL_MATCH) {
		name = again_name(job->tun);
		tool_warn("%s: runs, but its process ID could not be printed",
		    name);
		free(name);
		return JOB_SAID;
	}
	return status != TOOL_ERROR ? status : JOB_SAID;
}

static void work(const struct start *, const struct again_job *) TOOL_NORETURN;

static void
work(const struct start *st, const struct again_job *job)
{
	const struct run *options = st->again->run;
	struct run run = { .wait = options->wait, .quiet = options->quiet,
	    .verbose = options->verbose, .ssh_names = options->ssh_names,
	    .program = job->program, .label = job->recipe->label, .since = -1,
	    .leave = 1,
	    /* The journal knows it, whether its PID can be printed or not. */
	    .reported = 1 };
	static char held[BUFSIZ];
	int status;

	/* A PID does not go into the question of another ssh. */
	setvbuf(stdout, held, _IOFBF, sizeof(held));
	again_clear(job);
	if (again_prepare(job) == -1)
		tool_fail("%s: %s", job->recipe->cwd, strerror(errno));
	run.ctx = sshname_open(NULL, &run.ssh_names);
	run.argv = copy_words(job->recipe);
	run_find_ssh(&run);
	/* A process shows whether it has been started with "&". */
	run.detach = job->recipe->kind == TUN_RECORD_KEEP &&
	    run.words != NULL && !run.words->fork;
	status = run_start(&run);
	if (status == TOOL_MATCH || status == TOOL_BAD)
		tell_master(&run, job->recipe, &status);
	signal(SIGTTOU, SIG_IGN);
	if (st->tty == -1 || tcgetpgrp(st->tty) != getpgrp())
		set_lock(st->asking, F_WRLCK);
	exit(end_job(&run, job, status));
}

/* --- the terminal --------------------------------------------------------- */

static void
take_terminal(struct start *st)
{
	if (st->tty != -1)
		tcsetpgrp(st->tty, getpgrp());
	set_lock(st->asking, F_UNLCK);
	st->asks = NULL;
}

/* One that has the terminal keeps it until it has ended. */
static void
give_terminal(struct start *st)
{
	struct again_job *job = st->again->jobs, *end = job + st->again->n;
	char *name;

	while (job < end && job->state != JOB_STOPPED)
		job++;
	if (job == end || st->asks != NULL)
		return;
	job->state = JOB_RUNNING;
	if (st->tty != -1 && tcgetpgrp(st->tty) == getpgrp() &&
	    tcsetpgrp(st->tty, job->pid) == 0) {
		set_lock(st->asking, F_WRLCK);
		st->asks = job;
	} else {
		name = again_name(job->tun);
		tool_warn("%s: asks on the terminal, where tunrun is in the "
		    "background", name);
		free(name);
		kill(-job->pid, SIGTERM);
	}
	kill(-job->pid, SIGCONT);
}

/* --- all of them ---------------------------------------------------------- */

static void
start_job(struct start *st, struct again_job *job)
{
	if ((job->pid = fork()) == -1)
		tool_fail("fork: %s", strerror(errno));
	if (job->pid == 0) {
		setpgid(0, 0);
		signal(SIGHUP, st->again->hangup);
		signal(SIGPIPE, st->again->pipe);
		signal(SIGTTOU, SIG_DFL);
		signal(SIGCHLD, SIG_DFL);
		sigprocmask(SIG_SETMASK, &st->mask, NULL);
		work(st, job);
	}
	setpgid(job->pid, job->pid);
	job->state = JOB_RUNNING;
	st->running++;
}

/* Is one that it goes through not up yet? */
static int
has_to_wait(const struct again *again, const struct again_job *job)
{
	size_t i;

	for (i = 0; i < again->n; i++)
		if (again->jobs[i].state >= JOB_READY &&
		    again->jobs[i].state < JOB_DONE &&
		    again_needs(job, &again->jobs[i]))
			return 1;
	return 0;
}

/* Those that seem to go through each other are started all the same. */
static void
start_ready(struct start *st)
{
	struct again *again = st->again;
	int patient;
	size_t i;

	for (patient = 1; patient >= 0; patient--) {
		for (i = 0; i < again->n && st->running < AT_ONCE; i++)
			if (again->jobs[i].state == JOB_READY && (!patient ||
			    !has_to_wait(again, &again->jobs[i])))
				start_job(st, &again->jobs[i]);
		if (st->running > 0)
			return;
	}
}

static struct again_job *
find_job(const struct again *again, pid_t pid)
{
	size_t i;

	for (i = 0; i < again->n; i++)
		if (again->jobs[i].state > JOB_READY &&
		    again->jobs[i].pid == pid)
			return &again->jobs[i];
	return NULL;
}

static void
interrupt(struct start *st, int sig)
{
	size_t i;

	st->sig = sig;
	for (i = 0; i < st->again->n; i++) {
		struct again_job *job = &st->again->jobs[i];

		if (job->state != JOB_RUNNING && job->state != JOB_STOPPED)
			continue;
		kill(-job->pid, sig);
		kill(-job->pid, SIGCONT);
		job->state = JOB_RUNNING;
	}
}

static void
collect(struct start *st)
{
	struct again_job *job;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if ((job = find_job(st->again, pid)) == NULL)
			continue;
		if (WIFSTOPPED(status)) {
			job->state = JOB_STOPPED;
			if (job == st->asks)
				take_terminal(st);
			continue;
		}
		job->state = JOB_DONE;
		job->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
		    WEXITSTATUS(status);
		st->running--;
		if (job == st->asks)
			take_terminal(st);
		/* On the terminal only the one that asks is interrupted. */
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT &&
		    st->sig == 0)
			interrupt(st, SIGINT);
	}
}

static void
no_action(int sig)
{
	(void)sig;
}

/*
 * Blocks the signals that are waited for.  One that our starter ignores, as
 * with nohup(1), stays ignored: the kernel would keep it while it is blocked.
 */
static void
block_signals(struct start *st, sigset_t *set)
{
	static const int sigs[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction old;
	size_t i;

	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		if (sigaction(sigs[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaddset(set, sigs[i]);
	sigprocmask(SIG_BLOCK, set, &st->mask);
}

void
again_start(struct again *again)
{
	struct start st = { .again = again };
	sigset_t set;
	int sig;

	block_signals(&st, &set);
	signal(SIGCHLD, no_action);
	signal(SIGTTOU, SIG_IGN);
	st.tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if ((st.asking = tmpfile()) != NULL)
		(void)fcntl(fileno(st.asking), F_SETFD, FD_CLOEXEC);
	fflush(stdout);
	for (;;) {
		collect(&st);
		if (st.sig == 0) {
			start_ready(&st);
			give_terminal(&st);
		}
		if (st.running == 0)
			break;
		if (sigwait(&set, &sig) == 0 && sig != SIGCHLD)
			interrupt(&st, sig);
	}
	if (st.tty != -1)
		close(st.tty);
	if (st.asking != NULL)
		fclose(st.asking);
	sigprocmask(SIG_SETMASK, &st.mask, NULL);
	if (st.sig != 0)
		reaper_die(st.sig);
}
