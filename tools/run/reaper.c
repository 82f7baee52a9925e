/* SPDX-License-Identifier: ISC */
/*
 * Makes this process the reaper of its descendants, so that it becomes the
 * parent of what ssh -f leaves behind and no PID has to be guessed.  Without
 * such a system call, a mark in the environment shows which processes are ours.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/tool.h"
#include "compat/compat.h"
#include "compat/ms.h"
#include "run/reaper.h"

#define POLITE		1000	/* ms for the processes to obey the signal, */
#define PATIENT		3000	/* and to obey SIGTERM, before SIGKILL */
#define GIVE_UP		6000
#define TICK		20

/* --- signals ------------------------------------------------------------- */

/* What a signal handler may change. */
static int wake[2] = { -1, -1 };
static volatile sig_atomic_t caught;

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

	/*
	 * A signal that our starter ignores, as with nohup(1), stays ignored
	 * for ssh.
	 */
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
	static const int sigs[] = { SIGCHLD, SIGHUP, SIGINT, SIGPIPE, SIGQUIT,
	    SIGTERM };
	size_t i;

	if (wake[0] != -1)
		return;
	if (pipe(wake) == -1)
		tool_fail("pipe: %s", strerror(errno));
	for (i = 0; i < 2; i++) {
		fcntl(wake[i], F_SETFD, FD_CLOEXEC);
		fcntl(wake[i], F_SETFL, O_NONBLOCK);
	}
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		catch(sigs[i]);
}

int
reaper_caught(void)
{
	int sig = caught;

	caught = 0;
	return sig;
}

void
reaper_die(int sig)
{
	sigset_t set;

	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
	_exit(128 + sig);
}

/* --- from start to end --------------------------------------------------- */

/*
 * The output of the command goes to our standard error, because the first line
 * of our standard output is the PID, and "ssh -f host command" would keep a
 * pipe open.
 */
static void
run(const char *program, char **argv, int detach)
{
	int null;

	if (detach && setsid() != -1 &&
	    (null = open("/dev/null", O_RDWR | O_CLOEXEC)) != -1)
		dup2(null, STDIN_FILENO);
	if (dup2(STDERR_FILENO, STDOUT_FILENO) == -1 && errno != EBADF)
		_exit(126);
	/* A path is not searched for. */
	execvp(program != NULL ? program : argv[0], argv);
	tool_warn("%s: %s", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/*
 * The program that became us by exec(2) may have had children.  We did not
 * start them, so they are left alone.
 */
static void
note_others(struct reaper *b)
{
	siginfo_t info;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    tun_descendants(b->ctx, getpid(), NULL, &b->before,
	    &b->nbefore) == -1)
		tool_fail("cannot look: %s", strerror(errno));
}

/* Without a reaper, orphans are recognised only by a variable. */
static void
set_mark(struct reaper *b, const char *command)
{
	struct tun_child *v;
	size_t n;

	b->mark = tool_xasprintf("TUN_RUN=%ld.%lld", (long)getpid(),
	    (long long)ms_now());
	if (putenv(b->mark) != 0)
		tool_fail("putenv: %s", strerror(errno));
	if (tun_descendants(b->ctx, getpid(), b->mark, &v, &n) == -1) {
		if (errno == ENOTSUP)
			tool_fail("%s: not started: this system neither lets "
			    "tunrun adopt orphans nor shows environments, so "
			    "the tunnel could not be found", command);
		tool_fail("cannot look: %s", strerror(errno));
	}
	free(v);
}

void
reaper_start(struct reaper *b, struct tun_ctx *ctx, const char *program,
    char **argv, int detach)
{
	memset(b, 0, sizeof(*b));
	b->ctx = ctx;
	if (!tool_sees_itself(ctx))
		tool_fail("%s: not started: the process table does not show "
		    "tunrun itself (a /proc of another PID namespace?), so "
		    "the tunnel could not be found", argv[0]);
	note_others(b);
	catch_all();
	if (become_reaper() == -1)
		set_mark(b, argv[0]);
	fflush(stdout);
	b->start = time(NULL);
	if ((b->child = fork()) == -1)
		tool_fail("fork: %s", strerror(errno));
	if (b->child == 0)
		run(program, argv, detach);
}

void
reaper_free(struct reaper *b)
{
	free(b->before);
}

/*
 * Waits for children that have ended.  If there are none left, none of our
 * processes runs.
 */
static void
reap(struct reaper *b)
{
	pid_t pid;
	size_t i;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == b->child) {
			b->ended = 1;
			b->status = status;
		}
		/* From now on another process may have this PID. */
		for (i = 0; i < b->nbefore; i++)
			if (b->before[i].pid == pid)
				b->before[i].pid = -1;
	}
	if (pid == -1 && errno == ECHILD && b->mark == NULL)
		b->empty = 1;
}

void
reaper_wait(struct reaper *b, int ms)
{
	struct pollfd pfd = { .fd = wake[0], .events = POLLIN };
	char buf[64];

	(void)poll(&pfd, 1, ms);
	while (read(wake[0], buf, sizeof(buf)) > 0)
		continue;
	reap(b);
}

/* Does it descend from a process that was there before us? */
static int
is_other(const struct reaper *b, const struct tun_child *v, size_t n,
    pid_t pid)
{
	size_t i, up;

	for (up = 0; up <= n && pid != getpid(); up++) {
		for (i = 0; i < b->nbefore; i++)
			if (b->before[i].pid == pid)
				return 1;
		for (i = 0; i < n && v[i].pid != pid; i++)
			continue;
		pid = i < n ? v[i].ppid : getpid();
	}
	return 0;
}

int
reaper_find(struct reaper *b, struct tun_child **vp, size_t *np)
{
	struct tun_child *all, *v;
	size_t i, nall, n = 0;

	if (tun_descendants(b->ctx, getpid(), b->mark, &all, &nall) == -1)
		return -1;
	v = tool_xcalloc(nall + 1, sizeof(*v));
	for (i = 0; i < nall; i++)
		if (!is_other(b, all, nall, all[i].pid))
			v[n++] = all[i];
	free(all);
	/* Otherwise waitpid(2) shows it, for processes of other users, too. */
	if (n == 0 && b->ended && (b->mark != NULL || b->nbefore > 0))
		b->empty = 1;
	*vp = v;
	*np = n;
	return 0;
}

/*
 * An orphan that is not our child may be another process by now, so only
 * tunnels are signalled, with a check of their identity.
 */
static void
signal_orphans(const struct reaper *b, const struct tun_child *v, size_t n,
    int sig)
{
	const struct tun *t = NULL;
	struct tun_list *list;
	size_t i;

	if (tun_scan(b->ctx, TUN_SCAN_OWN | TUN_SCAN_SOCKETS |
	    TUN_SCAN_INFO, &list) == -1)
		return;
	while ((t = tun_next(list, t)) != NULL)
		for (i = 0; i < n; i++)
			if (v[i].pid == t->pid)
				(void)tun_signal(b->ctx, t, sig);
	tun_list_free(list);
}

/*
 * The PID of our child cannot be reused until we wait for it.  Its descendants
 * become our children when it has ended.
 */
static void
signal_all(struct reaper *b, int sig)
{
	struct tun_child *v;
	size_t i, n;

	if (!b->ended)
		kill(b->child, sig);
	if (reaper_find(b, &v, &n) == -1)
		return;
	for (i = 0; i < n; i++)
		if (v[i].ppid == getpid() && v[i].pid != b->child)
			kill(v[i].pid, sig);
	if (b->mark != NULL)
		signal_orphans(b, v, n, sig);
	free(v);
}

/* Processes that the signal does not end (SIGQUIT, SIGHUP) get SIGTERM. */
int
reaper_end(struct reaper *b, int sig)
{
	int64_t begin = ms_now(), past = 0;

	for (b->empty = 0; past < GIVE_UP; past = ms_now() - begin) {
		signal_all(b, past < POLITE ? sig : past < PATIENT ? SIGTERM :
		    SIGKILL);
		reaper_wait(b, TICK);
		if (b->empty)
			return 0;
	}
	return -1;
}

int
reaper_status(const struct reaper *b)
{
	return WIFSIGNALED(b->status) ? 128 + WTERMSIG(b->status) :
	    WEXITSTATUS(b->status);
}
