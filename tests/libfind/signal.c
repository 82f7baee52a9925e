/* SPDX-License-Identifier: ISC */
/*
 * Signals, waits and files: to the process and the socket that were seen, or
 * to none.  The processes are children of this one.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verdict/verdict.h"
#include "tests.h"

static struct tun_ctx *ctx;
static struct tun tunnel;
static char exe[4096], dir[64];

/* A child that becomes another program when told. */
static void
become(int sig)
{
	(void)sig;
	execl("/bin/sleep", "sleep", "60", (char *)NULL);
	_exit(127);
}

static pid_t
child(void)
{
	char c = 0;
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		/* Check would end the whole group of the test. */
		signal(SIGTERM, SIG_DFL);
		signal(SIGUSR1, become);
		if (write(fds[1], &c, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	close(fds[0]);
	close(fds[1]);
	return pid;
}

/* What a scan would have said of it. */
static void
see(struct tun *t, pid_t pid)
{
	struct plat_proc row = { .pid = pid };
	ssize_t n;
	int gone;

	ck_assert_int_eq(plat_rows(ctx->pl, &row, 1), 0);
	ck_assert_int_eq(row.pid, pid);
	n = plat_where(ctx->pl, &row, PLAT_EXE, exe, sizeof(exe), &gone);
	ck_assert_int_gt(n, 0);
	memset(t, 0, sizeof(*t));
	t->pid = pid;
	t->ppid = row.ppid;
	t->uid = row.uid;
	t->ident[0] = row.ident[0];
	t->ident[1] = row.ident[1];
	t->exe = exe;
}

static void
setup(void)
{
	ck_assert_ptr_nonnull(ctx = tun_open(NULL));
	see(&tunnel, child());
	strcpy(dir, "/tmp/tun.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void
teardown(void)
{
	if (waitpid(tunnel.pid, NULL, WNOHANG) == 0) {
		kill(tunnel.pid, SIGKILL);
		waitpid(tunnel.pid, NULL, 0);
	}
	tun_close(ctx);
	rmdir(dir);
}

/* --- identity ------------------------------------------------------------ */

START_TEST(reaches)
{
	ck_assert_int_eq(tun_signal(ctx, &tunnel, 0), 0);
	ck_assert_int_eq(tun_signal(ctx, &tunnel, SIGTERM), 0);
	ck_assert_int_eq(waitpid(tunnel.pid, NULL, 0), tunnel.pid);
	ck_assert_fails(tun_signal(ctx, &tunnel, 0), ESRCH);
}
END_TEST

/* Each of these is another process than the one that was seen. */
START_TEST(another)
{
	struct tun t = tunnel;
	struct tun_handle *v;

	switch (_i) {
	case 0: t.ident[0]++; break;
	case 1: t.ident[1]++; break;
	case 2: t.uid++; break;
	case 3: t.exe = "/usr/bin/ssh"; break;
	}
	ck_assert_fails(tun_signal(ctx, &t, SIGKILL), ESRCH);
	ck_assert_ptr_null(v = tun_hold(ctx, &t));
	ck_assert_int_eq(errno, ESRCH);
	ck_assert_int_eq(waitpid(tunnel.pid, NULL, WNOHANG), 0);
}
END_TEST

/* Neither init nor a whole group, whatever a list may say. */
START_TEST(nobody)
{
	static const pid_t pids[] = { 1, 0, -1 };
	struct tun t = tunnel;

	t.pid = pids[_i];
	ck_assert_fails(tun_signal(ctx, &t, 0), EINVAL);
	ck_assert_ptr_null(tun_hold(ctx, &t));
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

/* --- holding ------------------------------------------------------------- */

START_TEST(held)
{
	struct tun_handle *v;

	ck_assert_ptr_nonnull(v = tun_hold(ctx, &tunnel));
	ck_assert_int_eq(tun_handle_is_safe(v),
	    (plat_caps(ctx->pl) & PLAT_CAP_SIGNAL_SAFE) != 0);
	ck_assert_int_eq(tun_handle_wait(v, 0), 0);
	ck_assert_int_eq(tun_handle_wait(v, 30), 0);
	ck_assert_int_eq(tun_handle_signal(v, SIGTERM), 0);
	ck_assert_int_eq(tun_handle_wait(v, 5000), 1);
	/* Not collected yet, and all the same it is over. */
	ck_assert_fails(tun_handle_signal(v, SIGTERM), ESRCH);
	ck_assert_int_eq(waitpid(tunnel.pid, NULL, 0), tunnel.pid);
	ck_assert_int_eq(tun_handle_wait(v, 0), 1);
	tun_handle_free(v);
	tun_handle_free(NULL);
}
END_TEST

/* Without a descriptor, by looking again and again. */
START_TEST(looked_at)
{
	struct plat_proc row = { .pid = tunnel.pid };
	struct plat_hold h;

	ck_assert_int_eq(plat_rows(ctx->pl, &row, 1), 0);
	ck_assert_int_eq(plat_hold(ctx->pl, &row, NULL, &h), 0);
	plat_hold_drop(&h);
	ck_assert_int_eq(h.fd, -1);
	ck_assert_int_eq(plat_hold_wait(ctx->pl, &h, 30), 0);
	ck_assert_int_eq(plat_hold_signal(ctx->pl, &h, SIGTERM), 0);
	ck_assert_int_eq(plat_hold_wait(ctx->pl, &h, 5000), 1);
	ck_assert_fails(plat_hold_signal(ctx->pl, &h, SIGTERM), ESRCH);
}
END_TEST

/* The same process, and no longer the same program. */
START_TEST(exec)
{
	struct tun_handle *v;
	struct tun now;
	int i;

	ck_assert_ptr_nonnull(v = tun_hold(ctx, &tunnel));
	kill(tunnel.pid, SIGUSR1);
	for (i = 0; i < 6000; i++) {
		see(&now, tunnel.pid);
		if (strstr(now.exe, "check") == NULL)
			break;
		usleep(10000);
	}
	ck_assert_fails(tun_handle_signal(v, SIGKILL), ESRCH);
	ck_assert_int_eq(waitpid(tunnel.pid, NULL, WNOHANG), 0);
	tun_handle_free(v);
}
END_TEST

static void
see_peer(struct tun_peer *peer, pid_t pid, char *comm, size_t len)
{
	struct plat_proc row = { .pid = pid };

	ck_assert_int_eq(plat_rows(ctx->pl, &row, 1), 0);
	memset(peer, 0, sizeof(*peer));
	peer->pid = pid;
	peer->uid = row.uid;
	peer->ident[0] = row.ident[0];
	peer->ident[1] = row.ident[1];
	snprintf(comm, len, "%s", row.comm);
	peer->comm = comm;
}

START_TEST(parents)
{
	struct tun_peer parent, stranger;
	struct tun_handle *v;
	char name[64], other[64];
	pid_t pid = child();

	see_peer(&parent, getpid(), name, sizeof(name));
	see_peer(&stranger, pid, other, sizeof(other));
	ck_assert_ptr_null(tun_hold_parent(ctx, &tunnel));
	ck_assert_int_eq(errno, ESRCH);

	tunnel.parent = &parent;
	ck_assert_ptr_nonnull(v = tun_hold_parent(ctx, &tunnel));
	ck_assert_int_eq(tun_handle_signal(v, 0), 0);
	tun_handle_free(v);

	/* Alive, but the tunnel has had another parent then. */
	tunnel.ppid = pid;
	ck_assert_ptr_null(tun_hold_parent(ctx, &tunnel));
	ck_assert_int_eq(errno, ESRCH);
	tunnel.ppid = getpid();
	ck_assert_ptr_nonnull(v = tun_hold_peer(ctx, &stranger));
	tun_handle_free(v);

	stranger.comm = "autossh";
	ck_assert_ptr_null(tun_hold_peer(ctx, &stranger));
	ck_assert_int_eq(errno, ESRCH);
	stranger.ident[0] = 0;
	ck_assert_ptr_null(tun_hold_peer(ctx, &stranger));
	ck_assert_int_eq(errno, EINVAL);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
END_TEST

/* 0: not known, or not of this PID namespace. */
static pid_t
parent_of(pid_t pid)
{
	char path[64];
	FILE *fp;
	int ppid = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((fp = fopen(path, "r")) == NULL)
		return 0;
	if (fscanf(fp, "%*d (%*[^)]) %*c %d", &ppid) != 1)
		ppid = 0;
	fclose(fp);
	return ppid;
}

START_TEST(ancestors)
{
	pid_t pid, top = 0;

	for (pid = getpid(); pid > 0; pid = parent_of(pid))
		top = pid;
	ck_assert(tun_is_ancestor(ctx, getpid()));
	ck_assert(tun_is_ancestor(ctx, getppid()));
	ck_assert(tun_is_ancestor(ctx, top));
	ck_assert(!tun_is_ancestor(ctx, tunnel.pid));
}
END_TEST

START_TEST(recorded)
{
	struct tun_ctx *table;
	char path[128];
	FILE *fp;

	snprintf(path, sizeof(path), "%s/table", dir);
	ck_assert_ptr_nonnull(fp = fopen(path, "w"));
	ck_assert_int_eq(plat_record(ctx->pl, &tunnel.pid, 1, 0, NULL,
	    fp), 0);
	fclose(fp);
	ck_assert_ptr_nonnull(table = tun_open(path));
	ck_assert_fails(tun_signal(table, &tunnel, 0), ENOTSUP);
	ck_assert_ptr_null(tun_hold(table, &tunnel));
	ck_assert_int_eq(errno, ENOTSUP);
	/* Whatever number we have there. */
	ck_assert(!tun_is_ancestor(table, getpid()));
	tun_close(table);
	unlink(path);
}
END_TEST

/* --- ports and files ----------------------------------------------------- */

START_TEST(ports)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct tun_addr addr = { .family = AF_INET, .ip = { 127, 0, 0, 1 } };
	socklen_t len = sizeof(sin);
	int fd;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_ne(fd = socket(AF_INET, SOCK_STREAM, 0), -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	addr.port = ntohs(sin.sin_port);
	ck_assert_int_eq(tun_is_listening(ctx, &addr, NULL), 1);
	addr.ip[3] = 2;
	ck_assert_int_eq(tun_is_listening(ctx, &addr, NULL), 0);
	addr.ip[3] = 1;
	close(fd);
	ck_assert_int_eq(tun_is_listening(ctx, &addr, NULL), 0);
	addr.family = AF_UNIX;
	ck_assert_int_eq(tun_is_listening(ctx, &addr, NULL), 0);
}
END_TEST

static int
listener(const char *path, int backlog)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	ck_assert_int_ne(fd = socket(AF_UNIX, SOCK_STREAM, 0), -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(listen(fd, backlog), 0);
	return fd;
}

START_TEST(files)
{
	struct tun_file *file;
	struct stat st;
	char path[128], moved[128];
	int fd, other;
	FILE *fp;

	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(moved, sizeof(moved), "%s/t", dir);
	ck_assert_ptr_null(tun_file_find(path, NULL, geteuid()));
	ck_assert_int_eq(errno, ENOENT);
	fd = listener(path, 1);
	ck_assert_ptr_null(tun_file_find("s", NULL, geteuid()));
	ck_assert_ptr_null(tun_file_find("s", dir, geteuid() + 1));
	ck_assert_int_eq(errno, EPROTO);
	file = tun_file_find("s", dir, geteuid());
	ck_assert_ptr_nonnull(file);
	ck_assert_str_eq(tun_file_path(file), path);

	/* Alive; alive with nobody who accepts. */
	ck_assert_fails(tun_file_check(file), EADDRINUSE);
	ck_assert_fails(tun_file_remove(file), EADDRINUSE);
	ck_assert_int_eq(tun_file_remove(file), -1);
	ck_assert_int_eq(tun_file_remove(file), -1);
	ck_assert_fails(tun_file_remove(file), EADDRINUSE);

	/* Dead, and another file. */
	close(fd);
	ck_assert_int_eq(rename(path, moved), 0);
	ck_assert_fails(tun_file_remove(file), ENOENT);
	ck_assert_fails(tun_file_check(file), ENOENT);
	other = listener(path, 1);
	close(other);
	ck_assert_fails(tun_file_remove(file), ESTALE);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_ptr_nonnull(fp = fopen(path, "w"));
	fclose(fp);
	ck_assert_fails(tun_file_remove(file), ESTALE);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink(moved, path), 0);
	ck_assert_fails(tun_file_remove(file), ESTALE);
	ck_assert_int_eq(unlink(path), 0);

	/* Dead, and the same. */
	ck_assert_int_eq(rename(moved, path), 0);
	ck_assert_int_eq(tun_file_check(file), 0);
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert_int_eq(tun_file_remove(file), 0);
	ck_assert_int_eq(lstat(path, &st), -1);
	tun_file_free(file);
}
END_TEST

Suite *
signal_suite(void)
{
	Suite *s = suite_create("signal");
	TCase *tc;

	if (!IS_LIVE)
		return s;
	tc = add_tests(s, "signal", TEST(reaches), TIMES(another, 4),
	    TIMES(nobody, 3), TEST(held), TEST(looked_at), TEST(exec),
	    TEST(parents), TEST(ancestors), TEST(recorded), TEST(ports),
	    TEST(files));
	tcase_add_checked_fixture(tc, setup, teardown);
	return s;
}
