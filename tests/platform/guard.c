/* SPDX-License-Identifier: ISC */
/*
 * A question to the peer of a connection changes the settings of its socket
 * for a moment.  They come back however the process that asks ends, and the
 * process that sees to it disturbs nobody.
 *
 * The sockets are this process's own, on loopback.  A peer that was heard of
 * just now is asked a second later, so that a question lasts about a second.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "compat/ms.h"
#include "platform.h"
#include "tests.h"

#ifdef PLATFORM_LINUX

#define ASK_MS		20000	/* more than any answer takes */
#define MOMENTS		100	/* how often somebody is killed */
#define ATONCE		20	/* of them at the same time */
#define IDLE		7100	/* what nobody else would set */

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

static int client[ATONCE], server[ATONCE], listener;

static int
get(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	getsockopt(fd, level, name, &value, &len);
	return value;
}

static void
connect_all(void)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	socklen_t len = sizeof(in);
	int i, idle = IDLE;

	ck_assert_int_ne(listener = socket(AF_INET, SOCK_STREAM, 0), -1);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&in, len), 0);
	ck_assert_int_eq(listen(listener, ATONCE), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&in, &len),
	    0);
	for (i = 0; i < ATONCE; i++) {
		client[i] = socket(AF_INET, SOCK_STREAM, 0);
		ck_assert_int_eq(connect(client[i], (struct sockaddr *)&in,
		    sizeof(in)), 0);
		ck_assert_int_ne(server[i] = accept(listener, NULL, NULL),
		    -1);
		ck_assert_int_eq(setsockopt(client[i], IPPROTO_TCP,
		    TCP_KEEPIDLE, &idle, sizeof(idle)), 0);
	}
}

static void
close_all(void)
{
	int i;

	for (i = 0; i < ATONCE; i++) {
		close(client[i]);
		close(server[i]);
	}
	close(listener);
}

/* As connect_all() left them? */
static int
is_as_before(int i)
{
	return get(client[i], SOL_SOCKET, SO_KEEPALIVE) == 0 &&
	    get(client[i], IPPROTO_TCP, TCP_KEEPIDLE) == IDLE;
}

/* Waits up to a minute. */
static int
comes(int (*is)(int), int arg)
{
	int64_t deadline = ms_now() + 60000;

	while (!is(arg) && ms_left(deadline) > 0)
		ms_sleep(1);
	return is(arg);
}

static int
is_changed(int i)
{
	return get(client[i], IPPROTO_TCP, TCP_KEEPIDLE) == 1;
}

/* Asks about n of them from first on; they are process owner's. */
static int
ask(pid_t owner, int first, size_t n, struct plat_keepalive *v)
{
	struct plat *pl = plat_open(NULL);
	struct plat_proc row;
	struct stat st;
	size_t i;
	int r;

	memset(&row, 0, sizeof(row));
	row.pid = owner;
	if (pl == NULL || plat_rows(pl, &row, 1) == -1 || row.pid == 0)
		return -1;
	memset(v, 0, n * sizeof(*v));
	for (i = 0; i < n; i++) {
		v[i].row = row;
		v[i].fd = client[(size_t)first + i];
		if (fstat(v[i].fd, &st) == -1)
			return -1;
		v[i].key = st.st_ino;
	}
	r = plat_keepalive(pl, v, n, ASK_MS);
	plat_close(pl);
	return r;
}

/* A process that asks about one, and exits with the result. */
static pid_t
start(int i)
{
	pid_t owner = getpid(), pid = fork();
	struct plat_keepalive v;

	if (pid == 0)
		_exit(ask(owner, i, 1, &v) == 0 ? (int)v.result : 99);
	return pid;
}

static int
wait_for(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A child of this process may not look at it where Yama forbids that. */
static int
may_ask(void)
{
	struct plat_keepalive v;
	pid_t pid = start(0);
	int result = wait_for(pid);

	if (result == PLAT_KEEPALIVE_DENIED ||
	    result == PLAT_KEEPALIVE_UNSUPPORTED)
		return 0;
	ck_assert_int_eq(result, PLAT_KEEPALIVE_ANSWERED);
	ck_assert_int_eq(ask(getpid(), 0, 1, &v), 0);
	ck_assert_int_eq(v.result, PLAT_KEEPALIVE_ANSWERED);
	return 1;
}

/* The child of a process; 0: none. */
static pid_t
child_of(pid_t parent)
{
	char path[300], line[512], *end;
	struct dirent *e;
	pid_t found = 0;
	long ppid;
	DIR *dp;
	FILE *fp;

	ck_assert_ptr_nonnull(dp = opendir("/proc"));
	while (found == 0 && (e = readdir(dp)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		if (atol(e->d_name) <= 0 || (fp = fopen(path, "r")) == NULL)
			continue;
		if (fgets(line, sizeof(line), fp) != NULL &&
		    (end = strrchr(line, ')')) != NULL &&
		    sscanf(end + 1, " %*c %ld", &ppid) == 1 && ppid == parent)
			found = (pid_t)atol(e->d_name);
		fclose(fp);
	}
	closedir(dp);
	return found;
}

static int
count_fds(pid_t pid)
{
	struct dirent *e;
	char path[64];
	int n = 0;
	DIR *dp;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	if ((dp = opendir(path)) == NULL)
		return -1;
	while ((e = readdir(dp)) != NULL)
		n += *e->d_name != '.';
	closedir(dp);
	return n;
}

static int guard_of_last;

/* Does it hold one socket and its end of the pipe? */
static int
holds_two(int pid)
{
	return count_fds((pid_t)pid) == 2;
}

static int
has_child(int pid)
{
	guard_of_last = (int)child_of((pid_t)pid);
	return guard_of_last != 0;
}

static int
is_gone(int pid)
{
	return kill((pid_t)pid, 0) == -1 && errno == ESRCH;
}

/* --- tests --------------------------------------------------------------- */

START_TEST(killed)
{
	pid_t pids[ATONCE];
	int64_t at[ATONCE], began;
	int i, round;

	if (!may_ask())
		return;
	srandom((unsigned)getpid());
	for (round = 0; round < MOMENTS / ATONCE; round++) {
		for (i = 0; i < ATONCE; i++)
			ck_assert_int_gt(pids[i] = start(i), 0);
		began = ms_now();
		for (i = 0; i < ATONCE; i++)
			at[i] = random() % 1000 * (i + 1) / ATONCE;
		for (i = 0; i < ATONCE; i++) {
			while (ms_now() - began < at[i])
				ms_sleep(1);
			kill(pids[i], SIGKILL);
		}
		for (i = 0; i < ATONCE; i++)
			wait_for(pids[i]);
		for (i = 0; i < ATONCE; i++)
			ck_assert(comes(is_as_before, i));
	}
}
END_TEST

/*
 * One that asks about socket i and has changed it.  On a busy machine it may
 * give up before, for want of its guard in time: then another one asks.
 */
static pid_t
start_changed(int i)
{
	int tries, status;
	pid_t pid;

	for (tries = 0; tries < 20; tries++) {
		ck_assert_int_gt(pid = start(i), 0);
		while (waitpid(pid, &status, WNOHANG) == 0) {
			if (is_changed(i))
				return pid;
			ms_sleep(1);
		}
	}
	ck_abort_msg("nobody changes the socket");
	return -1;
}

/* The same, stopped meanwhile: a question lasts only a second. */
static pid_t
start_stopped(int i)
{
	int status;
	pid_t pid;

	for (;;) {
		pid = start_changed(i);
		kill(pid, SIGSTOP);
		ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
		if (!WIFSTOPPED(status))
			continue;
		if (is_changed(i))
			return pid;
		kill(pid, SIGCONT);
		wait_for(pid);
	}
}

/* The moment that counts, not one that is likely to. */
START_TEST(killed_while_changed)
{
	pid_t pid;
	int i;

	if (!may_ask())
		return;
	for (i = 0; i < 5; i++) {
		pid = start_changed(i);
		kill(pid, SIGKILL);
		wait_for(pid);
		ck_assert(comes(is_as_before, i));
	}
}
END_TEST

/* It holds nothing of ours, hears no signal, and ends with the question. */
START_TEST(its_guard)
{
	struct plat_proc row;
	struct plat *pl;
	pid_t pid;
	int guard;

	if (!may_ask())
		return;
	pid = start_stopped(0);
	ck_assert(has_child((int)pid));
	guard = guard_of_last;
	ck_assert(comes(holds_two, guard));
	ck_assert_ptr_nonnull(pl = plat_open(NULL));
	memset(&row, 0, sizeof(row));
	row.pid = guard;
	ck_assert_int_eq(plat_rows(pl, &row, 1), 0);
	ck_assert_int_eq(row.sid, guard);
	plat_close(pl);
	kill(guard, SIGTERM);
	kill(guard, SIGHUP);
	kill(guard, SIGINT);
	ck_assert(!is_gone(guard));
	ck_assert(is_changed(0));
	kill(pid, SIGCONT);
	ck_assert_int_eq(wait_for(pid), PLAT_KEEPALIVE_ANSWERED);
	ck_assert(is_gone(guard));
	ck_assert(is_as_before(0));
}
END_TEST

/* Without it nothing stays set, and what was not answered is not known. */
START_TEST(guard_is_killed)
{
	pid_t pid;
	int result;

	if (!may_ask())
		return;
	pid = start_stopped(0);
	ck_assert(has_child((int)pid));
	kill(guard_of_last, SIGKILL);
	kill(pid, SIGCONT);
	result = wait_for(pid);
	ck_assert(result == PLAT_KEEPALIVE_WAITING ||
	    result == PLAT_KEEPALIVE_BUSY ||
	    result == PLAT_KEEPALIVE_ANSWERED);
	ck_assert(is_as_before(0));
}
END_TEST

/* A guard that does not run is no reason to wait for it. */
START_TEST(guard_is_stopped)
{
	int64_t began;
	pid_t pid;

	if (!may_ask())
		return;
	pid = start_stopped(0);
	ck_assert(has_child((int)pid));
	kill(guard_of_last, SIGSTOP);
	kill(pid, SIGCONT);
	began = ms_now();
	ck_assert_int_eq(wait_for(pid), PLAT_KEEPALIVE_ANSWERED);
	ck_assert(is_gone(guard_of_last));
	ck_assert(is_as_before(0));
	ck_assert_int_lt(ms_now() - began, ASK_MS);
}
END_TEST

/*
 * Several processes that ask about one socket take turns.  Each is killed, so
 * that the next one gets its turn by the guard of the last.
 */
START_TEST(taking_turns)
{
	pid_t pids[ATONCE];
	int i;

	if (!may_ask())
		return;
	for (i = 0; i < ATONCE; i++)
		ck_assert_int_gt(pids[i] = start(0), 0);
	for (i = 0; i < ATONCE - 1; i++) {
		ms_sleep(random() % 100);
		kill(pids[i], SIGKILL);
		wait_for(pids[i]);
	}
	ck_assert_int_eq(wait_for(pids[i]), PLAT_KEEPALIVE_ANSWERED);
	ck_assert(comes(is_as_before, 0));
}
END_TEST

/* The same socket twice in one question: set once, and restored right. */
START_TEST(one_socket_twice)
{
	struct plat_keepalive v[3];
	struct plat *pl;
	struct stat st;
	size_t i;

	if (!may_ask())
		return;
	ck_assert_ptr_nonnull(pl = plat_open(NULL));
	memset(v, 0, sizeof(v));
	ck_assert_int_eq(fstat(client[0], &st), 0);
	for (i = 0; i < 3; i++) {
		v[i].row.pid = getpid();
		ck_assert_int_eq(plat_rows(pl, &v[i].row, 1), 0);
		v[i].fd = client[0];
		v[i].key = st.st_ino;
	}
	ck_assert_int_eq(plat_keepalive(pl, v, 3, ASK_MS), 0);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(v[i].result, PLAT_KEEPALIVE_ANSWERED);
	ck_assert(is_as_before(0));
	plat_close(pl);
}
END_TEST

/* Its first subflow was asked, and taken for all. */
START_TEST(mptcp)
{
	struct sockaddr_in in;
	struct plat_keepalive v;
	socklen_t len = sizeof(in);
	int l;

	if (!may_ask() || (l = socket(AF_INET, SOCK_STREAM,
	    IPPROTO_MPTCP)) == -1)
		return;
	ck_assert_int_eq(listen(l, 1), 0);
	ck_assert_int_eq(getsockname(l, (struct sockaddr *)&in, &len), 0);
	close(client[0]);
	client[0] = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	ck_assert_int_eq(connect(client[0], (struct sockaddr *)&in, len), 0);
	ck_assert_int_eq(ask(getpid(), 0, 1, &v), 0);
	ck_assert_int_eq(v.result, PLAT_KEEPALIVE_UNSUPPORTED);
	close(l);
}
END_TEST

static volatile sig_atomic_t nchildren;

static void
on_child(int sig)
{
	(void)sig;
	nchildren++;
}

/* A caller that looks after children of its own sees none of ours. */
START_TEST(no_child_of_the_caller)
{
	struct sigaction sa, old;
	struct plat_keepalive v[ATONCE];
	int before, i;

	if (!may_ask())
		return;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_child;
	sigaction(SIGCHLD, &sa, &old);
	nchildren = 0;
	before = count_fds(getpid());
	ck_assert_int_eq(ask(getpid(), 0, ATONCE, v), 0);
	for (i = 0; i < ATONCE; i++) {
		ck_assert_int_eq(v[i].result, PLAT_KEEPALIVE_ANSWERED);
		ck_assert(is_as_before(i));
	}
	ck_assert_int_eq(nchildren, 0);
	ck_assert_fails(waitpid(-1, NULL, WNOHANG), ECHILD);
	ck_assert_int_eq(child_of(getpid()), 0);
	ck_assert_int_eq(count_fds(getpid()), before);
	sigaction(SIGCHLD, &old, NULL);
}
END_TEST

#endif

Suite *
guard_suite(void)
{
	Suite *s = suite_create("guard");
#ifdef PLATFORM_LINUX
	TCase *tc = add_tests(s, "settings", TEST(killed),
	    TEST(killed_while_changed), TEST(its_guard), TEST(guard_is_killed),
	    TEST(guard_is_stopped), TEST(taking_turns), TEST(one_socket_twice),
	    TEST(mptcp), TEST(no_child_of_the_caller));

	tcase_add_checked_fixture(tc, connect_all, close_all);
#endif
	return s;
}
