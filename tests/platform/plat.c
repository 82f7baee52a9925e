/* SPDX-License-Identifier: ISC */
/*
 * Linux as a live platform, on processes that the tests made themselves.
 * Elsewhere nothing is left of this but the empty suite: tests/bsd has what
 * is asked of the others.
 */
#include "config.h"

#ifdef PLATFORM_LINUX
#define _GNU_SOURCE
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include <linux/ipv6.h>
#include <net/if.h>
#endif

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/ms.h"
#include "tests.h"

#ifdef PLATFORM_LINUX
#include "linux/linux.h"

#ifndef SYS_clone3
#define SYS_clone3	435
#endif

#define SKIPPED	77

static struct plat *pl;
static char dir[] = "/tmp/plat.XXXXXX";

static void
setup(void)
{
	ck_assert_ptr_nonnull(pl = plat_open(NULL));
}

static void
teardown(void)
{
	plat_close(pl);
}

static struct plat_proc
row_of(pid_t pid)
{
	struct plat_proc row;

	row.pid = pid;
	ck_assert_int_eq(plat_rows(pl, &row, 1), 0);
	return row;
}

/* --- processes ---------------------------------------------------------- */

/* Forks one that does this and waits; it never outlives the test. */
static pid_t
child(void (*fn)(void))
{
	int ready[2];
	pid_t pid;
	char c;

	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fn != NULL)
			fn();
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		close(ready[0]);
		close(ready[1]);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void
end(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* What mktun started: ends with its leash. */
struct kid {
	pid_t pid;
	int leash;
};

/* The program beside this one. */
static const char *
mktun(void)
{
	static char path[PATH_MAX];
	char *slash;
	ssize_t n;

	n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	ck_assert_int_gt(n, 0);
	path[n] = '\0';
	slash = strrchr(path, '/');
	strcpy(slash + 1, "mktun");
	return path;
}

static struct kid
start(const char *file, const char *const *args)
{
	struct kid kid;
	char line[32] = "";
	int leash[2], ready[2];
	pid_t pid;

	ck_assert_int_eq(pipe2(leash, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		dup2(leash[0], 0);
		dup2(ready[1], 1);
		execv(file, (char **)(uintptr_t)args);
		_exit(127);
	}
	close(leash[0]);
	close(ready[1]);
	ck_assert_msg(read(ready[0], line, sizeof(line) - 1) > 0,
	    "%s did not start", file);
	close(ready[0]);
	kid.pid = (pid_t)atoi(line);
	kid.leash = leash[1];
	return kid;
}

static void
stop(struct kid kid)
{
	close(kid.leash);
	waitpid(kid.pid, NULL, 0);
}

/* --- rows --------------------------------------------------------------- */

START_TEST(self)
{
	struct plat_proc row = row_of(getpid());
	int64_t now = plat_now(pl);

	ck_assert_int_eq(row.pid, getpid());
	ck_assert_int_eq(row.ppid, getppid());
	ck_assert_int_eq(row.pgid, getpgrp());
	ck_assert_int_eq(row.sid, getsid(0));
	ck_assert_uint_eq(row.uid, geteuid());
	ck_assert_uint_eq(row.ruid, getuid());
	ck_assert_int_eq(row.state, 'R');
	ck_assert_uint_eq(row.flags, 0);
	ck_assert_int_eq(row.masks, 1);
	/* btime is in seconds, the ticks in hundredths. */
	ck_assert_int_gt(row.start, now - 600 * INT64_C(1000000));
	ck_assert_int_lt(row.start, now + 2 * 1000000);
	ck_assert_uint_eq(plat_uid(pl), geteuid());
}
END_TEST

START_TEST(absent)
{
	struct plat_proc rows[3];
	pid_t pid = child(NULL);

	end(pid);
	rows[0].pid = getpid();
	rows[1].pid = pid;
	rows[2].pid = getppid();
	ck_assert_int_eq(plat_rows(pl, rows, 3), 0);
	ck_assert_int_eq(rows[0].pid, getpid());
	ck_assert_int_eq(rows[1].pid, 0);
	ck_assert_int_eq(rows[2].pid, getppid());
}
END_TEST

static const char *const comms[] = {
	"plain", "a) R 1 (", "x\ny", "\n", "", "b\\c", " blank ", "\377\033[2J"
};
static const char *comm;

static void
set_comm(void)
{
	prctl(PR_SET_NAME, comm);
}

START_TEST(any_comm)
{
	struct plat_proc row;
	pid_t pid;

	comm = comms[_i];
	pid = child(set_comm);
	row = row_of(pid);
	ck_assert_str_eq(row.comm, comm);
	ck_assert_int_eq(row.ppid, getpid());
	end(pid);
}
END_TEST

static void
set_signals(void)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGWINCH, exit);
}

START_TEST(masks)
{
	pid_t pid = child(set_signals);
	struct plat_proc row = row_of(pid);

	ck_assert_uint_eq(row.sigcgt >> (SIGWINCH - 1) & 1, 1);
	end(pid);
}
END_TEST

static void
undump(void)
{
	if (geteuid() == 0 && setuid(65534) == -1)
		_exit(1);
	prctl(PR_SET_DUMPABLE, 0);
}

/* Files of such a process belong to root, the process does not. */
START_TEST(undumpable)
{
	pid_t pid = child(undump);

	ck_assert_uint_eq(row_of(pid).uid, geteuid() == 0 ? 65534 :
	    geteuid());
	end(pid);
}
END_TEST

START_TEST(zombie)
{
	struct plat_proc row;
	siginfo_t info;
	char *buf;
	size_t len;
	pid_t pid;

	if ((pid = fork()) == 0)
		_exit(0);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT),
	    0);
	row = row_of(pid);
	ck_assert_int_eq(row.pid, pid);
	ck_assert_uint_eq(row.flags, PLAT_ZOMBIE);
	ck_assert_int_eq(plat_args(pl, &row, &buf, &len), 0);
	ck_assert_uint_eq(len, 0);
	free(buf);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

START_TEST(stopped)
{
	struct plat_proc row;
	pid_t pid = child(NULL);

	kill(pid, SIGSTOP);
	ck_assert_int_eq(waitpid(pid, NULL, WUNTRACED), pid);
	row = row_of(pid);
	ck_assert_uint_eq(row.flags, PLAT_STOPPED);
	ck_assert_int_eq(row.state, 'T');
	end(pid);
}
END_TEST

/* --- pins --------------------------------------------------------------- */

static void
all_gone(const struct plat_proc *row)
{
	struct plat_origin o;
	struct plat_fd *fds;
	char *buf, path[PATH_MAX];
	size_t len;
	int gone;

	errno = 0;
	ck_assert_fails(plat_args(pl, row, &buf, &len), ESRCH);
	ck_assert_fails(plat_env(pl, row, &buf, &len), ESRCH);
	ck_assert_fails(plat_where(pl, row, PLAT_EXE, path, sizeof(path),
	    &gone), ESRCH);
	ck_assert_fails(plat_fds(pl, row, &fds, &len, NULL), ESRCH);
	ck_assert_fails(plat_origin(pl, row, &o), ESRCH);
	ck_assert_fails(plat_signal(pl, row, NULL, SIGKILL), ESRCH);
}

START_TEST(vanished)
{
	pid_t pid = child(NULL);
	struct plat_proc row = row_of(pid);

	end(pid);
	all_gone(&row);
}
END_TEST

/*
 * A zombie has a number still, but nothing to say. Its empty list of
 * descriptors was taken for that of a process without sockets.
 */
START_TEST(just_exited)
{
	struct plat_proc row;
	struct plat_fd *fds;
	siginfo_t info;
	char *buf;
	size_t len;
	pid_t pid = child(NULL);

	row = row_of(pid);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT),
	    0);
	ck_assert_fails(plat_args(pl, &row, &buf, &len), ESRCH);
	ck_assert_fails(plat_fds(pl, &row, &fds, &len, NULL), ESRCH);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

START_TEST(older_row)
{
	struct plat_proc a, b;
	char *buf;
	size_t len;
	pid_t pid = child(NULL);

	a = row_of(pid);
	b = row_of(getpid());
	ck_assert_int_eq(plat_args(pl, &a, &buf, &len), 0);
	free(buf);
	ck_assert_int_eq(plat_args(pl, &b, &buf, &len), 0);
	free(buf);
	end(pid);
	all_gone(&a);
}
END_TEST

/* Runs fn as PID 1 of new namespaces, /proc its own or not. */
static void
in_namespace(int (*fn)(void), int own_proc, const char *options)
{
	int status;
	pid_t pid;

	if (geteuid() != 0)
		return;
	if ((pid = fork()) == 0) {
		if (unshare(CLONE_NEWPID | CLONE_NEWNS) == -1)
			_exit(SKIPPED);
		if ((pid = fork()) == 0) {
			mount("none", "/", "", MS_REC | MS_PRIVATE, NULL);
			if (own_proc && mount("proc", "/proc", "proc", 0,
			    options) == -1)
				_exit(SKIPPED);
			_exit(fn());
		}
		waitpid(pid, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIPPED) {
		printf("# no namespaces here: skipped\n");
		return;
	}
	ck_assert_msg(WEXITSTATUS(status) == 0, "failed at line %d + n * 256",
	    WEXITSTATUS(status));
}

/* In there Check's own assertions would go unheard: exit with the line. */
#define EXPECT(claim) do { if (!(claim)) return __LINE__ % 256; } while (0)

static pid_t
plain_child(void)
{
	pid_t pid;

	if ((pid = fork()) == 0)
		for (;;)
			pause();
	return pid;
}

/* The next process gets the number: Linux 3.3 and later. */
static pid_t
successor(pid_t pid)
{
	FILE *fp;

	if ((fp = fopen("/proc/sys/kernel/ns_last_pid", "w")) == NULL)
		return -1;
	fprintf(fp, "%d", (int)pid - 1);
	fclose(fp);
	return plain_child();
}

/* Whoever has the number now has our standard input, too. */
static enum plat_keepalive_result
ask_stdin(struct plat *p, const struct plat_proc *row)
{
	struct plat_keepalive v = { .row = *row };
	struct stat st;

	EXPECT(fstat(0, &st) == 0);
	v.key = st.st_ino;
	EXPECT(plat_keepalive(p, &v, 1, 0) == 0);
	return v.result;
}

static int
reused(void)
{
	static const struct timespec two_ticks = { 0, 20000000 };
	struct plat_proc row, now;
	struct plat *p;
	char *buf;
	size_t len;
	pid_t pid, next;
	int held;

	for (held = 0; held < 2; held++) {
		EXPECT((p = plat_open(NULL)) != NULL);
		row.pid = pid = plain_child();
		EXPECT(plat_rows(p, &row, 1) == 0 && row.pid == pid);
		now.pid = 1;
		if (!held)
			EXPECT(plat_rows(p, &now, 1) == 0);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		/* Before Linux 6.9 the start is all there is: in ticks. */
		if (row.ident[1] == 0)
			nanosleep(&two_ticks, NULL);
		if ((next = successor(pid)) != pid)
			return SKIPPED;
		EXPECT(plat_args(p, &row, &buf, &len) == -1 &&
		    errno == ESRCH);
		EXPECT(plat_signal(p, &row, NULL, SIGKILL) == -1 &&
		    errno == ESRCH);
		EXPECT(ask_stdin(p, &row) == PLAT_KEEPALIVE_GONE);
		EXPECT(waitpid(next, NULL, WNOHANG) == 0);
		now.pid = next;
		EXPECT(plat_rows(p, &now, 1) == 0);
		EXPECT(ask_stdin(p, &now) == PLAT_KEEPALIVE_UNSUPPORTED);
		EXPECT(memcmp(now.ident, row.ident, sizeof(now.ident)) != 0);
		kill(next, SIGKILL);
		waitpid(next, NULL, 0);
		plat_close(p);
	}
	return 0;
}

START_TEST(reused_number)
{
	in_namespace(reused, 1, NULL);
}
END_TEST

/* --- words -------------------------------------------------------------- */

static char big[100001];

static const struct {
	const char *words[6];
	const char *want;	/* NULL: each word with its NUL */
	size_t len;
} argvs[] = {
	{ { "ssh", "-N", "host" }, NULL, 0 },
	{ { "ssh", "a\nb", "\n", "c" }, NULL, 0 },
	{ { "ssh", "", "", "host", "" }, NULL, 0 },
	{ { "" }, NULL, 0 },
	{ { "\377\033]0;x\a", " ", "\\", "\"" }, NULL, 0 },
	{ { big, big, big }, NULL, 0 },
	/* Linux 5.18 makes an empty argv one empty word. */
	{ { NULL }, "", 1 }
};

START_TEST(any_argv)
{
	const char *args[8] = { "mktun", "--" };
	struct plat_proc row;
	struct kid kid;
	char *buf, *want;
	size_t i, len, n = 0;

	memset(big, 'x', sizeof(big) - 1);
	for (i = 0; i < 5 && argvs[_i].words[i] != NULL; i++)
		args[2 + i] = argvs[_i].words[i];
	kid = start(mktun(), args);
	row = row_of(kid.pid);
	ck_assert_int_eq(plat_args(pl, &row, &buf, &len), 0);
	ck_assert_ptr_nonnull(want = calloc(4, sizeof(big)));
	for (i = 2; args[i] != NULL; i++) {
		strcpy(want + n, args[i]);
		n += strlen(args[i]) + 1;
	}
	if (argvs[_i].want != NULL) {
		memcpy(want, argvs[_i].want, argvs[_i].len);
		n = argvs[_i].len;
	}
	ck_assert_uint_eq(len, n);
	ck_assert_int_eq(memcmp(buf, want, n), 0);
	free(want);
	free(buf);
	stop(kid);
}
END_TEST

/* What lies behind the title is not its: NULs, or the environment. */
START_TEST(title)
{
	static const char *const args[] = { "mktun", "-t",
	    "ssh: /tmp/ctl [mux]", "--", "ssh", "-fN", "-o",
	    "ControlPath=/tmp/ctl", "host", NULL };
	struct plat_proc row;
	struct kid kid;
	char *buf;
	size_t i, len;

	kid = start(mktun(), args);
	row = row_of(kid.pid);
	ck_assert_int_eq(plat_args(pl, &row, &buf, &len), 0);
	ck_assert_uint_gt(len, 0);
	ck_assert_int_eq(buf[len - 1], '\0');
	ck_assert_str_eq(buf, "ssh: /tmp/ctl [mux]");
	for (i = strlen(buf); i < len; i++)
		ck_assert_int_eq(buf[i], '\0');
	free(buf);
	stop(kid);
}
END_TEST

/* As far as a walk that asks for less says the same of a process. */
START_TEST(brief)
{
	const char *args[] = { "mktun", "-c", "other", "--",
	    "ssh: /run/x [mux]", NULL };
	struct plat_name np = { 0 };
	struct plat_proc row, less;
	struct kid kid = start(mktun(), args);
	char text[64];

	row = row_of(kid.pid);
	ck_assert_int_eq(plat_scan(pl, PLAT_SCAN_BRIEF), 0);
	less = row_of(kid.pid);
	ck_assert_int_eq(less.masks, 0);
	less.ruid = row.ruid;
	less.masks = row.masks;
	less.sigcgt = row.sigcgt;
	less.state = row.state;
	ck_assert_mem_eq(&less, &row, sizeof(row));
	np.pid = kid.pid;
	ck_assert_int_eq(plat_title(pl, &np, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "ssh: /run/x [mux]");
	ck_assert_int_eq(plat_title(pl, &np, text, 4), 0);
	ck_assert_str_eq(text, "ssh");
	stop(kid);
	ck_assert_int_eq(plat_title(pl, &np, text, sizeof(text)), -1);
	ck_assert_int_eq(row_of(kid.pid).pid, 0);
}
END_TEST

START_TEST(environment)
{
	static const char *const args[] = { "mktun", "-e", "TUN_LABEL=db 1",
	    "--", "ssh", NULL };
	struct plat_proc row;
	struct kid kid;
	char *buf, *p;
	size_t len;
	int found = 0;

	kid = start(mktun(), args);
	row = row_of(kid.pid);
	ck_assert_int_eq(plat_env(pl, &row, &buf, &len), 0);
	for (p = buf; p < buf + len; p += strlen(p) + 1)
		found += strcmp(p, "TUN_LABEL=db 1") == 0;
	ck_assert_int_eq(found, 1);
	free(buf);
	stop(kid);
}
END_TEST

/* --- names, places ------------------------------------------------------ */

/* The name that a walk gives, or "" with *times 0. */
static struct plat_name
name_of(pid_t pid, unsigned flags, int *times)
{
	struct plat_name np, found;

	memset(&found, 0, sizeof(found));
	*times = 0;
	ck_assert_int_eq(plat_scan(pl, flags), 0);
	while (plat_next(pl, &np) == 1)
		if (np.pid == pid) {
			found = np;
			++*times;
		}
	return found;
}

START_TEST(deleted_executable)
{
	const char *args[] = { "mktun", "-x", NULL, "-c", "other", "--",
	    "tunnel to prod", NULL };
	char path[PATH_MAX], file[64];
	struct plat_proc row;
	struct plat_name np;
	struct kid kid;
	int gone, times;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/ssh", dir);
	args[2] = file;
	kid = start(mktun(), args);
	unlink(file);
	rmdir(dir);
	row = row_of(kid.pid);
	np = name_of(kid.pid, _i == 0 ? 0 : PLAT_SCAN_OWN, &times);
	ck_assert_int_eq(times, 1);
	ck_assert_str_eq(np.name, "ssh");
	ck_assert_int_eq(np.via, PLAT_VIA_EXE);
	ck_assert_str_eq(row.comm, "other");
	ck_assert_int_eq(plat_where(pl, &row, PLAT_EXE, path, sizeof(path),
	    &gone), (int)strlen(file));
	ck_assert_str_eq(path, file);
	ck_assert_int_eq(gone, 1);
	ck_assert_fails(plat_where(pl, &row, PLAT_EXE, path, strlen(file),
	    &gone), ENAMETOOLONG);
	ck_assert_int_eq(plat_signal(pl, &row, "ssh", 0), 0);
	ck_assert_int_gt(plat_where(pl, &row, PLAT_CWD, path, sizeof(path),
	    &gone), 0);
	ck_assert_int_eq(gone, 0);
	stop(kid);
}
END_TEST

/* Linux 5.12 can say which file a name leads to without a look at a disk. */
static int
tells_names(void)
{
	const uint64_t how[3] = { O_PATH | O_CLOEXEC, 0, 0x20 };
	int fd;

	fd = (int)syscall(437 /* openat2 */, AT_FDCWD, "/", how, sizeof(how));
	if (fd != -1)
		close(fd);
	return fd != -1;
}

/* A name may end like the kernel's mark, and be removed all the same. */
START_TEST(named_deleted)
{
	const char *args[] = { "mktun", "-x", NULL, "-c", "other", "--",
	    "tunnel to prod", NULL };
	char path[PATH_MAX], file[64];
	struct plat_proc row;
	struct kid kid;
	int gone, times;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/ssh (deleted)", dir);
	args[2] = file;
	kid = start(mktun(), args);
	row = row_of(kid.pid);
	if (tells_names()) {
		ck_assert_int_gt(plat_where(pl, &row, PLAT_EXE, path,
		    sizeof(path), &gone), 0);
		ck_assert_str_eq(path, file);
		ck_assert_int_eq(gone, 0);
		ck_assert_str_eq(name_of(kid.pid, 0, &times).name,
		    "ssh (deleted)");
	}
	unlink(file);
	rmdir(dir);
	ck_assert_int_gt(plat_where(pl, &row, PLAT_EXE, path, sizeof(path),
	    &gone), 0);
	ck_assert_str_eq(path, file);
	ck_assert_int_eq(gone, 1);
	ck_assert_str_eq(name_of(kid.pid, 0, &times).name, "ssh (deleted)");
	stop(kid);
}
END_TEST

/* --- walks one after the other ------------------------------------------ */

static int go[2];

/* Becomes another program when it is told. */
static void
turn_later(void)
{
	char c;

	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (read(go[0], &c, 1) == 1)
			execlp("sleep", "sleep", "60", (char *)NULL);
		_exit(1);
	}
}

/* The child of that child, and the name that a walk gives it. */
static pid_t
grandchild(pid_t parent)
{
	struct plat_name np;
	pid_t pid = 0;

	ck_assert_int_eq(plat_scan(pl, 0), 0);
	while (plat_next(pl, &np) == 1)
		if (row_of(np.pid).ppid == parent)
			pid = np.pid;
	ck_assert_int_gt(pid, 0);
	return pid;
}

static int
runs_sleep(pid_t pid)
{
	struct plat_proc row = row_of(pid);
	size_t len;
	char *buf;
	int is = 0;

	if (plat_args(pl, &row, &buf, &len) == 0) {
		is = len >= 6 && strcmp(buf, "sleep") == 0;
		free(buf);
	}
	return is;
}

/* Whatever a walk has seen before, the next one sees what is there. */
START_TEST(renamed_between)
{
	struct plat_name np;
	char old[sizeof(np.name)];
	pid_t pid, parent;
	int times;

	ck_assert_int_eq(pipe(go), 0);
	parent = child(turn_later);
	pid = grandchild(parent);
	strcpy(old, name_of(pid, 0, &times).name);
	ck_assert_int_eq(times, 1);
	ck_assert_str_ne(old, "sleep");
	ck_assert_int_eq(write(go[1], "", 1), 1);
	/* Its command line is that of the new program at once. */
	while (!runs_sleep(pid))
		sched_yield();
	np = name_of(pid, 0, &times);
	ck_assert_int_eq(times, 1);
	ck_assert_str_ne(np.name, old);
	end(parent);
}
END_TEST

static void
other_user(void)
{
	if (setuid(65534) == -1)
		_exit(1);
}

START_TEST(own_only)
{
	pid_t pid;
	int times;

	if (geteuid() != 0)
		return;
	pid = child(other_user);
	name_of(pid, 0, &times);
	ck_assert_int_eq(times, 1);
	name_of(pid, PLAT_SCAN_OWN, &times);
	ck_assert_int_eq(times, 0);
	name_of(getpid(), PLAT_SCAN_OWN, &times);
	ck_assert_int_eq(times, 1);
	end(pid);
}
END_TEST

/* An ordinary user sees others by comm, and itself by its executable. */
static int
unprivileged(void)
{
	struct plat_name np;
	struct plat *p;
	pid_t pid;
	int found = 0;

	prctl(PR_SET_NAME, "short name");
	pid = plain_child();
	EXPECT(setuid(65534) == 0);
	EXPECT((p = plat_open(NULL)) != NULL);
	EXPECT(plat_scan(p, 0) == 0);
	while (plat_next(p, &np) == 1) {
		EXPECT(np.via == (np.pid == 1 ? PLAT_VIA_EXE :
		    PLAT_VIA_COMM));
		EXPECT(np.pid == 1 || strcmp(np.name, "short name") == 0);
		found += np.pid == 1 || np.pid == pid;
	}
	EXPECT(found == 2);
	EXPECT(plat_scan(p, PLAT_SCAN_OWN) == 0);
	EXPECT(plat_next(p, &np) == 1 && np.pid == 1);
	EXPECT(plat_next(p, &np) == 0);
	EXPECT((plat_gaps(p) & PLAT_GAP_HIDDEN) == 0);
	plat_close(p);
	return 0;
}

START_TEST(by_comm)
{
	in_namespace(unprivileged, 1, NULL);
}
END_TEST

/* --- descriptors -------------------------------------------------------- */

static const struct plat_fd *
fd_of(const struct plat_fd *fds, size_t n, int fd)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (fds[i].fd == fd)
			return &fds[i];
	ck_abort_msg("descriptor %d is missing", fd);
	return NULL;
}

START_TEST(descriptors)
{
	struct plat_proc row = row_of(getpid());
	const struct plat_fd *f;
	struct plat_fd *fds;
	struct rlimit rl;
	struct stat st;
	char file[] = "/tmp/plat.XXXXXX";
	size_t limit, n;
	int p[2], null, sock, tmp, tty, tun;

	ck_assert_int_eq(pipe(p), 0);
	sock = socket(AF_INET, SOCK_STREAM, 0);
	null = open("/dev/null", O_RDONLY);
	tmp = mkstemp(file);
	unlink(file);
	tty = posix_openpt(O_RDWR | O_NOCTTY);
	tun = open("/dev/net/tun", O_RDWR);
	ck_assert_int_eq(plat_fds(pl, &row, &fds, &n, &limit), 0);

	ck_assert_int_eq(fd_of(fds, n, p[0])->kind, PLAT_FD_PIPE);
	ck_assert_uint_eq(fd_of(fds, n, p[0])->key,
	    fd_of(fds, n, p[1])->key);
	f = fd_of(fds, n, sock);
	ck_assert_int_eq(fstat(sock, &st), 0);
	ck_assert_int_eq(f->kind, PLAT_FD_SOCKET);
	ck_assert_uint_eq(f->key, st.st_ino);
	ck_assert_int_eq(fd_of(fds, n, null)->kind, PLAT_FD_NULL);
	f = fd_of(fds, n, tmp);
	ck_assert_int_eq(f->kind, PLAT_FD_FILE);
	ck_assert_uint_eq(f->flags, PLAT_FD_DELETED);
	ck_assert_str_eq(f->name, file);
	if (tty != -1)
		ck_assert_int_eq(fd_of(fds, n, tty)->flags, 0);
	if (tun != -1) {
		ck_assert_int_eq(fd_of(fds, n, tun)->kind, PLAT_FD_TUN);
		/* It is no interface so far. */
		ck_assert_str_eq(fd_of(fds, n, tun)->name, "");
	}
	getrlimit(RLIMIT_NOFILE, &rl);
	ck_assert_uint_eq(limit, (size_t)rl.rlim_cur);
	free(fds);
}
END_TEST

/* --- origin ------------------------------------------------------------- */

/* A line of /proc/PID/cgroup of the one hierarchy of v2, and its group. */
#define V2(path)	"0::" path "\n", path

static const struct {
	const char *text, *cgroup, *unit;
	int user;
} cgroups[] = {
	{ V2("/system.slice/db-tunnel.service"), "db-tunnel.service", 0 },
	{ V2("/user.slice/user-1000.slice/user@1000.service/app.slice/"
	    "tunnel.service"), "tunnel.service", 1 },
	{ V2("/user.slice/user-1000.slice/session-3.scope"),
	    "session-3.scope", 0 },
	{ V2("/user.slice/user-1000.slice/user@1000.service/init.scope"),
	    "init.scope", 1 },
	/* a unit that has subgroups of its own */
	{ V2("/system.slice/x.service/payload"), "x.service", 0 },
	/* what it calls them is its own affair */
	{ V2("/system.slice/x.service/nginx.service"), "x.service", 0 },
	{ V2("/system.slice/x.service/user@0.service/y.service"),
	    "x.service", 0 },
	{ V2("/system.slice/docker-1.scope/system.slice/db.service"),
	    "docker-1.scope", 0 },
	{ V2("/user.slice/user@1.service/a.slice/b.service/c.service"),
	    "b.service", 1 },
	{ V2("/user.slice/user@1.service/a.slice/b/c.service"),
	    "user@1.service", 0 },
	/* a container's, which are not this system's */
	{ V2("/docker/0123/system.slice/db.service"), "", 0 },
	{ V2("/lxc.payload.web/db.service"), "", 0 },
	/* v1, and v1 beside a v2 that nobody uses */
	{ "5:cpu,cpuacct:/\n1:name=systemd:/system.slice/y.service\n",
	    "/system.slice/y.service", "y.service", 0 },
	{ "1:name=systemd:/system.slice/y.service\n0::/\n",
	    "/system.slice/y.service", "y.service", 0 },
	{ V2("/"), "", 0 },
	{ "9:pids:/docker/0123\n", "", "", 0 },
	/* a group's own name is no list of controllers */
	{ "1:name=systemd:/system.slice/y.service\n"
	    "4:pids:/a:name=systemd:/system.slice/z.service\n",
	    "/system.slice/y.service", "y.service", 0 },
	{ V2("/a:name=systemd:b"), "", 0 },
	{ V2("/.service/x.slice"), "", 0 },
	{ "", "", "", 0 }
};

START_TEST(cgroup)
{
	struct plat_origin o = { 0 };
	char text[256];

	strcpy(text, cgroups[_i].text);
	linux_cgroup(text, &o);
	ck_assert_str_eq(o.cgroup, cgroups[_i].cgroup);
	ck_assert_str_eq(o.unit, cgroups[_i].unit);
	ck_assert_int_eq(o.unit_user, cgroups[_i].user);
}
END_TEST

static void
other_net(void)
{
	if (unshare(CLONE_NEWNET) == -1)
		_exit(1);
}

START_TEST(netns)
{
	struct plat_proc row = row_of(getpid());
	struct plat_origin o;
	pid_t pid;

	ck_assert_int_eq(plat_origin(pl, &row, &o), 0);
	ck_assert_int_eq(o.netns, 1);
	ck_assert_int_eq(o.reparented, -1);
	ck_assert_int_eq(o.nspid, getpid());
	ck_assert_int_eq(o.nslevel, 0);
	if (geteuid() != 0)
		return;
	pid = child(other_net);
	row = row_of(pid);
	ck_assert_int_eq(plat_origin(pl, &row, &o), 0);
	ck_assert_int_eq(o.netns, 0);
	end(pid);
}
END_TEST

/* In a chroot, of a process outside and of one inside. */
static int
in_chroot(void)
{
	struct plat_proc rows[2];
	struct plat *p;

	rows[0].pid = plain_child();
	rows[1].pid = getpid();
	EXPECT((p = plat_open(NULL)) != NULL);
	EXPECT(plat_rows(p, rows, 2) == 0);
	EXPECT(plat_other_files(p, &rows[0]) == 0);
	if (chroot("/proc") == -1)
		return SKIPPED;
	EXPECT(plat_other_files(p, &rows[0]) == 1);
	EXPECT(plat_is_contained(p, &rows[0]) == 1);
	EXPECT(plat_other_files(p, &rows[1]) == 0);
	plat_close(p);
	return 0;
}

/* --- gaps --------------------------------------------------------------- */

static int
foreign(void)
{
	struct plat_proc row;
	struct plat *p;

	EXPECT((p = plat_open(NULL)) != NULL);
	EXPECT(plat_gaps(p) & PLAT_GAP_PIDNS);
	EXPECT((plat_caps(p) & PLAT_CAP_SIGNAL_SAFE) == 0);
	row.pid = 1;
	EXPECT(plat_rows(p, &row, 1) == 0);
	EXPECT(plat_signal(p, &row, NULL, 0) == -1);
	EXPECT(errno == ENOTSUP);
	plat_close(p);
	return 0;
}

/* The same in a process that has one number in both. */
static int
foreign_twin(void)
{
	/* struct clone_args of Linux 5.5, up to set_tid_size */
	uint64_t args[10] = { [4] = SIGCHLD, [9] = 2 };
	char path[32];
	pid_t pid, tids[2];
	int n, status;

	for (n = 20000; n < 30000; n++) {
		snprintf(path, sizeof(path), "/proc/%d", n);
		if (access(path, F_OK) == -1)
			break;
	}
	tids[0] = tids[1] = n;
	args[8] = (uintptr_t)tids;
	if ((pid = (pid_t)syscall(SYS_clone3, args, sizeof(args))) == -1)
		return SKIPPED;
	if (pid == 0)
		_exit(foreign());
	EXPECT(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

START_TEST(other_root)
{
	in_namespace(in_chroot, 1, NULL);
}
END_TEST

START_TEST(foreign_namespace)
{
	in_namespace(foreign, 0, NULL);
	in_namespace(foreign_twin, 0, NULL);
}
END_TEST

/* hidepid makes an exception for a group: 0 unless it says another. */
static int
be_nobody(void)
{
	return setgroups(0, NULL) == -1 || setgid(65534) == -1 ||
	    setuid(65534) == -1 ? -1 : 0;
}

/* PID 1 is ourselves, so that only the mount can tell. */
static int
hidden_mount(void)
{
	struct plat *p;

	EXPECT((p = plat_open(NULL)) != NULL);
	EXPECT((plat_gaps(p) & PLAT_GAP_HIDDEN) == 0);
	plat_close(p);
	EXPECT(be_nobody() == 0);
	EXPECT((p = plat_open(NULL)) != NULL);
	EXPECT(plat_gaps(p) & PLAT_GAP_HIDDEN);
	plat_close(p);
	return 0;
}

static int
hidden_init(void)
{
	int status;

	if (fork() == 0) {
		struct plat *p;

		if (be_nobody() == -1 || (p = plat_open(NULL)) == NULL)
			_exit(1);
		_exit(plat_gaps(p) & PLAT_GAP_HIDDEN ? 0 : 1);
	}
	wait(&status);
	return status != 0;
}

/* The kernel gives a list in pieces, and the topmost mount is its last line. */
static int
hidden_below_many(void)
{
	struct plat *p;
	int i;

	for (i = 0; i < 100; i++)
		if (mount("/proc", "/proc", NULL, MS_BIND, NULL) == -1)
			return SKIPPED;
	if (mount("proc", "/proc", "proc", 0, "hidepid=2") == -1)
		return SKIPPED;
	EXPECT(be_nobody() == 0);
	EXPECT((p = plat_open(NULL)) != NULL);
	EXPECT(plat_gaps(p) & PLAT_GAP_HIDDEN);
	plat_close(p);
	return 0;
}

START_TEST(hidepid)
{
	static const char *const options[] = { "hidepid=1", "hidepid=2" };

	in_namespace(hidden_mount, 1, options[_i]);
	in_namespace(hidden_init, 1, options[_i]);
	in_namespace(hidden_below_many, 1, NULL);
}
END_TEST

/* Has it a loopback address where there are a thousand others? */
static int
many_addresses(void)
{
	struct in6_ifreq a = { .ifr6_prefixlen = 128 };
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct plat *p;
	int fd, i;

	if (unshare(CLONE_NEWNET) == -1 ||
	    (fd = socket(AF_INET6, SOCK_DGRAM, 0)) == -1)
		return SKIPPED;
	EXPECT((p = plat_open(NULL)) != NULL);
	EXPECT(!(plat_caps(p) & PLAT_CAP_INET6));
	EXPECT(ioctl(fd, SIOCSIFFLAGS, &up) == 0);
	a.ifr6_ifindex = (int)if_nametoindex("lo");
	a.ifr6_addr.s6_addr[0] = 0xfd;
	for (i = 0; i < 1000; i++) {
		a.ifr6_addr.s6_addr[14] = (uint8_t)(i >> 8);
		a.ifr6_addr.s6_addr[15] = (uint8_t)i;
		if (ioctl(fd, SIOCSIFADDR, &a) == -1)
			return SKIPPED;
	}
	close(fd);
	EXPECT(plat_caps(p) & PLAT_CAP_INET6);
	plat_close(p);
	return 0;
}

START_TEST(loopback6)
{
	in_namespace(many_addresses, 1, NULL);
}
END_TEST

/* --- signals ------------------------------------------------------------ */

START_TEST(signalled)
{
	pid_t pid = child(NULL);
	struct plat_proc other, row = row_of(pid);
	struct plat_name np;
	int status, times;

	other = row;
	other.ident[0]++;
	ck_assert_fails(plat_signal(pl, &other, NULL, SIGKILL), ESRCH);
	ck_assert_int_eq(plat_signal(pl, &row, "no-such-name", SIGKILL),
	    -1);
	ck_assert_int_eq(errno, ESRCH);
	other = row;
	other.uid++;
	ck_assert_fails(plat_signal(pl, &other, NULL, SIGKILL), ESRCH);
	ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);

	/* It runs the same file as we do. */
	np = name_of(getpid(), 0, &times);
	ck_assert_int_eq(plat_signal(pl, &row, np.name, 0), 0);
	/* Check has a handler for SIGTERM, which the child inherits. */
	ck_assert_int_eq(plat_signal(pl, &row, np.name, SIGHUP), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}
END_TEST

/* --- churn -------------------------------------------------------------- */

#define KNOWN	100
#define WALKS	100
#define CROWD	600		/* at least so many others in a walk */
#define CHURN_MS 20000		/* for all walks, on a busy machine */

/* Leaves orphans behind, each for up to three seconds, for ever. */
static void
make_orphans(void)
{
	struct timespec ts = { 0, 0 };
	unsigned i;

	for (i = 0;; i++) {
		ts.tv_sec = i % 3;
		ts.tv_nsec = (long)(i * 7919 % 1000) * 1000000;
		switch (fork()) {
		case -1:
			nanosleep(&ts, NULL);
			break;
		case 0:
			if (fork() == 0)
				nanosleep(&ts, NULL);
			_exit(0);
		default:
			waitpid(-1, NULL, 0);
		}
	}
}

/*
 * Every process that lives from begin to end is met exactly once, however
 * many come and go.  Reading a reaper's children instead misses some.
 */
START_TEST(churn)
{
	const char *args[] = { "mktun", "-x", NULL, "--", "ssh", NULL };
	const char *again[] = { "mktun", "--", "ssh", NULL };
	struct kid kids[KNOWN];
	struct plat_name np;
	char file[64], name[32];
	int64_t end = ms_now() + CHURN_MS;
	pid_t churner;
	long met = 0;
	int i, known, n, try, walk;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGCHLD, SIG_IGN);	/* reaps the orphans */
	ck_assert_ptr_nonnull(mkdtemp(dir));
	/* The same test may run beside this one. */
	snprintf(name, sizeof(name), "churn-%d", (int)getpid());
	snprintf(file, sizeof(file), "%s/%s", dir, name);
	args[2] = file;
	kids[0] = start(mktun(), args);
	for (i = 1; i < KNOWN; i++)
		kids[i] = start(file, again);
	unlink(file);
	rmdir(dir);
	if ((churner = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGCHLD, SIG_DFL);
		make_orphans();
	}
	/* A slow machine, or valgrind, never gets the crowd together. */
	for (walk = try = 0; walk < WALKS && try < 50 * WALKS &&
	    ms_left(end) > 0; try++) {
		known = n = 0;
		ck_assert_int_eq(plat_scan(pl, PLAT_SCAN_OWN), 0);
		while (plat_next(pl, &np) == 1) {
			n++;
			known += strcmp(np.name, name) == 0;
		}
		ck_assert_int_eq(known, KNOWN);
		met += n;
		walk += n > KNOWN + CROWD;
	}
	kill(churner, SIGKILL);
	printf("# churn: %ld met, %d walks in a crowd\n", met, walk);
	for (i = 0; i < KNOWN; i++)
		close(kids[i].leash);
}
END_TEST
#endif

Suite *
plat_suite(void)
{
	Suite *s = suite_create("plat");
#ifdef PLATFORM_LINUX
	TCase *tc = add_tests(s, "live", TEST(self), TEST(absent),
	    ROWS(any_comm, comms), TEST(masks), TEST(undumpable), TEST(zombie),
	    TEST(stopped), TEST(vanished), TEST(just_exited), TEST(older_row),
	    TEST(reused_number), ROWS(any_argv, argvs), TEST(title),
	    TEST(brief), TEST(environment), TIMES(deleted_executable, 2),
	    TEST(named_deleted), TEST(own_only), TEST(renamed_between),
	    TEST(by_comm), TEST(descriptors), ROWS(cgroup, cgroups),
	    TEST(netns), TEST(other_root), TEST(foreign_namespace),
	    TIMES(hidepid, 2), TEST(loopback6), TEST(signalled),
	    TEST(churn));

	tcase_add_checked_fixture(tc, setup, teardown);
#endif
	return s;
}
