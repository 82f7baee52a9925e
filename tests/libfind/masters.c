/* SPDX-License-Identifier: ISC */
/*
 * Finding masters, and asking those that were found.  Listeners as ssh makes
 * them, in a private directory; real ones are in live/tuncheck.t.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/compat.h"
#include "config.h"
#include "fakemaster.h"
#include "libfind.h"
#include "tests.h"

#define SUFFIX	".abcdefghijklmnop"
#define MANY	100
#define NOBODY	65534

static char dir[64];
static struct tun_ctx *ctx;
static struct tun_masters *found;

static void
setup(void)
{
	strlcpy(dir, "/tmp/masters.XXXXXX", sizeof(dir));
	ck_assert_ptr_nonnull(mkdtemp(dir));
	if ((ctx = tun_open(NULL)) == NULL)
		ck_assert_int_eq(errno, ENOSYS);
	found = NULL;
}

/* Whatever a test has left in the directory, and that. */
static void
teardown(void)
{
	char cmd[96];

	tun_masters_free(found);
	tun_close(ctx);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static const char *
at(const char *name)
{
	static char path[4][108];
	static unsigned i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", dir, name);
	return path[i];
}

/* A listener bound at path. */
static int
bind_at(const char *path, int backlog)
{
	struct sockaddr_un sun;
	int fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(chmod(path, 0600), 0);
	if (backlog > 0)
		ck_assert_int_eq(listen(fd, backlog), 0);
	return fd;
}

/* As ssh's muxserver_listen() does. */
static int
control_at(const char *name)
{
	char tmp[108];
	int fd;

	snprintf(tmp, sizeof(tmp), "%s/%s%s", dir, name, SUFFIX);
	fd = bind_at(tmp, 64);
	ck_assert_int_eq(link(tmp, at(name)), 0);
	ck_assert_int_eq(unlink(tmp), 0);
	return fd;
}

static void
find_as(uid_t uid, unsigned flags)
{
	tun_masters_free(found);
	found = NULL;
	ck_assert_int_eq(tun_masters_find(ctx, NULL, uid, flags, &found), 0);
}

static void
find(void)
{
	find_as(geteuid(), TUN_MASTERS_SOCKETS);
}

/* The i-th one in our directory; NULL: there are no more. */
static const struct tun_master *
ours(size_t i)
{
	const struct tun_master *m = NULL;
	size_t len = strlen(dir);

	while ((m = tun_masters_next(found, m)) != NULL)
		if (strncmp(m->path, dir, len) == 0 && i-- == 0)
			return m;
	return NULL;
}

static const struct tun_master *
only(void)
{
	ck_assert_ptr_null(ours(1));
	ck_assert_ptr_nonnull(ours(0));
	return ours(0);
}

/* A master at the end of a script, without a look at what else there is. */
static const struct tun_master *
scripted(struct fake *f, const char *script)
{
	fake_start(f, script);
	find_as(geteuid(), 0);
	return tun_masters_at(found, f->path);
}

static void
ask(const struct tun_master *m, int ms)
{
	ck_assert_int_eq(tun_masters_ask(&m, 1, TUN_ASK_MASTER, ms), 0);
}

#define NEED_LISTENERS() do {						\
	if (ctx == NULL)						\
		return;							\
} while (0)

/* --- finding ------------------------------------------------------------- */

START_TEST(test_found)
{
	const struct tun_master *m;
	int fd;

	NEED_LISTENERS();
	fd = control_at("a");
	find();
	m = only();
	ck_assert_str_eq(m->path, at("a"));
	ck_assert_ptr_null(m->was);
	ck_assert_uint_eq(m->uid, geteuid());
	ck_assert_int_eq(m->pid, 0);
	ck_assert_int_eq(m->ctl, TUN_CTL_FOUND);
	ck_assert_int_eq(m->queue, 0);
	ck_assert_ptr_null(m->tun);
	find_as(geteuid() + 1, TUN_MASTERS_SOCKETS);
	ck_assert_ptr_null(ours(0));
	find_as(geteuid(), 0);
	ck_assert_ptr_null(tun_masters_next(found, NULL));
	close(fd);
	find();
	ck_assert_ptr_null(ours(0));
}
END_TEST

static const char *const not_ours[] = {
	"plain",
	"short.abcdefghijklmno",
	"long.abcdefghijklmnopq",
	"signs.abcdefgh-jklmnop",
	"nodotabcdefghijklmnop"
};

START_TEST(test_not_ours)
{
	int fd;

	NEED_LISTENERS();
	fd = bind_at(at(not_ours[_i]), 64);
	find();
	ck_assert_ptr_null(ours(0));
	close(fd);
}
END_TEST

/* /proc/net/unix has a name, and neither inode nor owner: no verdict. */
START_TEST(test_blind)
{
	int fd;

	NEED_LISTENERS();
	fd = control_at("a");
	find();
	ck_assert_str_eq(only()->path, at("a"));
	ck_assert_uint_eq(only()->uid, geteuid());
	ck_assert_int_eq(only()->ctl, TUN_CTL_UNKNOWN);
	unlink(at("a"));
	find();
	ck_assert_ptr_null(ours(0));
	close(fd);
}
END_TEST

/* ssh's own -L on a path has a backlog of 128. */
START_TEST(test_backlog)
{
	int fd;

	NEED_LISTENERS();
	fd = bind_at(at("s" SUFFIX), 128);
	find();
	ck_assert_ptr_null(ours(0));
	close(fd);
}
END_TEST

START_TEST(test_lost)
{
	const struct tun_master *m;
	int fd;

	NEED_LISTENERS();
	fd = control_at("a");
	unlink(at("a"));
	find();
	m = only();
	ck_assert_str_eq(m->path, at("a"));
	ck_assert_int_eq(m->ctl, TUN_CTL_LOST);
	ask(m, 100);
	ck_assert_int_eq(m->ctl, TUN_CTL_LOST);
	close(fd);
}
END_TEST

START_TEST(test_renamed)
{
	const struct tun_master *m;
	int fd;

	NEED_LISTENERS();
	fd = control_at("a");
	ck_assert_int_eq(rename(at("a"), at("b")), 0);
	find();
	m = only();
	ck_assert_str_eq(m->path, at("b"));
	ck_assert_str_eq(m->was, at("a"));
	ck_assert_int_eq(m->ctl, TUN_CTL_FOUND);
	ck_assert_ptr_eq(tun_masters_at(found, at("b")), m);
	close(fd);
}
END_TEST

/* Two listeners of one name: the inode tells whose the path is. */
START_TEST(test_replaced)
{
	int one, two;

	NEED_LISTENERS();
	one = control_at("a");
	unlink(at("a"));
	two = control_at("a");
	find();
	ck_assert_ptr_null(ours(2));
	ck_assert_str_eq(ours(0)->path, at("a"));
	ck_assert_str_eq(ours(1)->path, at("a"));
	ck_assert_int_eq(ours(0)->ctl, TUN_CTL_FOUND);
	ck_assert_int_eq(ours(1)->ctl, TUN_CTL_REPLACED);
	close(one);
	close(two);
}
END_TEST

/* The path leads to something that is no master's. */
START_TEST(test_covered)
{
	int fd, file;

	NEED_LISTENERS();
	fd = control_at("a");
	unlink(at("a"));
	file = open(at("a"), O_CREAT | O_RDWR, 0600);
	ck_assert_int_ne(file, -1);
	find();
	ck_assert_int_eq(only()->ctl, TUN_CTL_LOST);
	close(file);
	close(fd);
}
END_TEST

/* Nobody said where the name begins. */
START_TEST(test_relative)
{
	const struct tun_master *m = NULL;
	char old[1024];
	int fd, seen = 0;

	NEED_LISTENERS();
	ck_assert_ptr_nonnull(getcwd(old, sizeof(old)));
	ck_assert_int_eq(chdir(dir), 0);
	fd = bind_at("masters-test-rel" SUFFIX, 64);
	find();
	while ((m = tun_masters_next(found, m)) != NULL)
		if (strcmp(m->path, "masters-test-rel") == 0) {
			ck_assert_int_eq(m->ctl, TUN_CTL_UNKNOWN);
			seen = 1;
		}
	ck_assert(seen);
	ck_assert_int_eq(chdir(old), 0);
	close(fd);
}
END_TEST

START_TEST(test_places)
{
	const struct tun_master *m = NULL;
	char dead[64], agent[64], alive[64];
	struct pollfd p = { .events = POLLIN };
	int live, n = 0;

	NEED_LISTENERS();
	snprintf(dead, sizeof(dead), "/tmp/cm-masters.%ld", (long)getpid());
	snprintf(agent, sizeof(agent), "/tmp/ssh-agent.%ld", (long)getpid());
	snprintf(alive, sizeof(alive), "/tmp/mux-masters.%ld",
	    (long)getpid());
	close(bind_at(dead, 0));
	close(bind_at(agent, 0));
	/* A listener that is no control socket is nobody's to connect to. */
	live = bind_at(alive, 5);
	find_as(geteuid(), TUN_MASTERS_PLACES);
	unlink(dead);
	unlink(agent);
	unlink(alive);
	while ((m = tun_masters_next(found, m)) != NULL) {
		ck_assert_str_ne(m->path, agent);
		ck_assert_str_ne(m->path, alive);
		if (strcmp(m->path, dead) == 0)
			n++;
	}
	ck_assert_int_eq(n, 1);
	p.fd = live;
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	close(live);
}
END_TEST

START_TEST(test_at)
{
	const struct tun_master *m;

	NEED_LISTENERS();
	find_as(geteuid(), 0);
	m = tun_masters_at(found, at("none"));
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(m->path, at("none"));
	ck_assert_ptr_eq(tun_masters_at(found, at("none")), m);
	ck_assert_ptr_eq(tun_masters_next(found, NULL), m);
	ck_assert_ptr_null(tun_masters_next(found, m));
	ask(m, 100);
	ck_assert_int_eq(m->ctl, TUN_CTL_NONE);
	ck_assert_int_eq(m->error, ENOENT);
}
END_TEST

/* --- asking -------------------------------------------------------------- */

static const struct {
	const char *script;	/* NULL: nobody accepts */
	enum tun_ctl ctl;
} answers[] = {
	{ TALK9, TUN_CTL_OK },
	{ TALK10, TUN_CTL_OK },
	{ "'SSH-2.0-OpenSSH_9.2 0d0a -", TUN_CTL_NOMASTER },
	{ "00000008 00000001 00000005 -", TUN_CTL_NOMASTER },
	{ "", TUN_CTL_DENIED },
	{ NULL, TUN_CTL_HUNG },
	{ HELLO9 "-", TUN_CTL_HUNG }
};

START_TEST(test_answers)
{
	const struct tun_master *m;
	struct fake f;

	NEED_LISTENERS();
	m = scripted(&f, answers[_i].script);
	ask(m, 300);
	ck_assert_int_eq(m->ctl, answers[_i].ctl);
	if (m->ctl == TUN_CTL_OK)
		ck_assert_int_eq(m->pid, PID);
	else
		ck_assert_int_ne(*m->text, '\0');
	fake_stop(&f, NULL, 0);
}
END_TEST

START_TEST(test_trip)
{
	const struct tun_master *m;
	struct fake f;

	NEED_LISTENERS();
	m = scripted(&f, TALK9);
	ck_assert_int_eq(tun_masters_ask(&m, 1, TUN_ASK_MASTER |
	    TUN_ASK_ROUNDTRIP, 300), 0);
	/* Its one connection is over: no word on the server. */
	ck_assert_int_eq(m->ctl, TUN_CTL_OK);
	ck_assert_int_eq(m->round_trip, -1);
	fake_stop(&f, NULL, 0);
}
END_TEST

START_TEST(test_info)
{
	const struct tun_master *m;
	struct fake f;

	NEED_LISTENERS();
	m = scripted(&f, TALK10
	    "< 00000017 90000001 00000001 00000001 00000007 'tcp:a-b");
	ck_assert_int_eq(m->error, -1);
	ck_assert_str_eq(m->text, "");
	ck_assert_int_eq(tun_master_info(m, "connection", 300), 0);
	ck_assert_int_eq(m->error, 0);
	ck_assert_str_eq(m->text, "tcp:a-b");
	ck_assert_int_eq(m->pid, PID);
	fake_stop(&f, NULL, 0);
	m = scripted(&f, TALK9);
	ck_assert_fails(tun_master_info(m, "connection", 300), ENOTSUP);
	ck_assert_fails(tun_master_info(m, "connection", -1), EINVAL);
	ck_assert_int_eq(m->error, EINVAL);
	ck_assert_str_eq(m->text, "");
	fake_stop(&f, NULL, 0);
}
END_TEST

/* The text of a whole frame, also when root has it from a child. */
START_TEST(test_long_info)
{
	const struct tun_master *m;
	struct fake f;

	NEED_LISTENERS();
	if (_i != 0 && geteuid() != 0)
		return;
	fake_start_as(&f, TALK10
	    "< 00040000 90000001 00000001 00000001 0003fff0 262128*41",
	    _i == 0 ? geteuid() : NOBODY);
	find_as(_i == 0 ? geteuid() : NOBODY, 0);
	m = tun_masters_at(found, f.path);
	ck_assert_int_eq(tun_master_info(m, "channels", 3000), 0);
	ck_assert_uint_eq(strspn(m->text, "A"), 262128);
	ck_assert_str_eq(m->text + 262128, "");
	fake_stop(&f, NULL, 0);
}
END_TEST

/* A refusal of the question to many is cut, and says so. */
START_TEST(test_cut)
{
	const struct tun_master *m;
	struct fake f;

	NEED_LISTENERS();
	m = scripted(&f, HELLO9
	    "< < 0000100c 80000003 00000000 00001000 4096*41 -");
	ask(m, 300);
	ck_assert_int_ne(m->error, 0);
	ck_assert_ptr_nonnull(strstr(m->text, "A [cut: 4096 bytes]"));
	fake_stop(&f, NULL, 0);
}
END_TEST

/* Each request as its function makes it; the answer is in the master. */
START_TEST(test_requests)
{
	static const struct tun_forward fwd = {
		TUN_FWD_REMOTE, { NULL, NULL, 0 }, { NULL, "h", 80 }
	};
	const struct tun_master *m;
	struct fake f;

	NEED_LISTENERS();
	m = scripted(&f, TALK9
	    "< 0000000c 80000007 00000001 00009c41 -");
	ck_assert_int_eq(tun_master_open(m, &fwd, 1000), 0);
	ck_assert_uint_eq(m->port, 40001);
	fake_stop(&f, NULL, 0);

	m = scripted(&f, TALK9
	    "< 0000000e 80000003 00000001 00000002 'no -");
	ck_assert_int_eq(tun_master_cancel(m, &fwd, 1000), -1);
	ck_assert_int_eq(errno, m->error);
	ck_assert_str_eq(m->text, "no");
	ck_assert_uint_eq(m->port, 0);
	fake_stop(&f, NULL, 0);

	m = scripted(&f, TALK9 "< 00000008 80000001 00000001 -");
	ck_assert_int_eq(tun_master_stop(m, 1000), 0);
	fake_stop(&f, NULL, 0);

	m = scripted(&f, TALK9 "< 00000008 80000001 00000001 -");
	ck_assert_int_eq(tun_master_exit(m, 1000), 0);
	ck_assert_int_eq(m->pid, PID);
	fake_stop(&f, NULL, 0);
}
END_TEST

/* The master of a tunnel is at its path, and no other process is asked. */
START_TEST(test_of_tunnel)
{
	struct tun t = { .pid = PID, .uid = geteuid(), .cwd = dir };
	const struct tun_master *m;
	struct fake f;

	NEED_LISTENERS();
	find_as(geteuid(), 0);
	ck_assert_ptr_null(tun_masters_of(found, &t));
	ck_assert_int_eq(errno, ENOENT);
	t.ctlpath = "a";
	t.cwd = NULL;
	ck_assert_ptr_null(tun_masters_of(found, &t));
	ck_assert_int_eq(errno, ENOENT);
	t.cwd = dir;
	m = tun_masters_of(found, &t);
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(m->path, at("a"));
	ck_assert_int_eq(m->pid, PID);
	ck_assert_ptr_eq(m->tun, &t);
	ck_assert_ptr_eq(tun_masters_of(found, &t), m);

	fake_start(&f, TALK9 "< 00000008 80000001 00000001 -");
	t.ctlpath = f.path;
	t.pid = PID + 1;
	find_as(geteuid(), 0);
	m = tun_masters_of(found, &t);
	ck_assert_fails(tun_master_exit(m, 1000), ESRCH);
	ck_assert_int_eq(m->pid, PID + 1);
	fake_stop(&f, NULL, 0);
}
END_TEST

/* Who waits in a queue already must not be joined. */
START_TEST(test_queue)
{
	const struct tun_master *m;
	struct sockaddr_un sun;
	int fd, waiting;

	NEED_LISTENERS();
	fd = control_at("a");
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	strlcpy(sun.sun_path, at("a"), sizeof(sun.sun_path));
	waiting = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(waiting, (struct sockaddr *)&sun,
	    sizeof(sun)), 0);
	find();
	m = only();
	if (m->queue != -1) {
		ck_assert_int_eq(m->queue, 1);
		ask(m, 100);
		ck_assert_int_eq(m->ctl, TUN_CTL_HUNG);
		find();
		ck_assert_int_eq(only()->queue, 1);
	}
	close(waiting);
	close(fd);
}
END_TEST

START_TEST(test_unsafe)
{
	const struct tun_master *m;
	int fd;

	NEED_LISTENERS();
	fd = control_at("a");
	ck_assert_int_eq(chmod(dir, 0777), 0);
	find();
	ask(m = only(), 100);
	ck_assert_int_eq(m->ctl, TUN_CTL_UNSAFE);
	ck_assert_int_eq(chmod(dir, 0700), 0);
	ck_assert_int_eq(chmod(at("a"), 0660), 0);
	find();
	ask(m = only(), 100);
	ck_assert_int_eq(m->ctl, TUN_CTL_UNSAFE);
	close(fd);
}
END_TEST

/* To a hello and an ALIVE_CHECK, 12 bytes each. */
static void
answer(int fd)
{
	unsigned char buf[64];
	size_t len;

	len = fake_bytes(HELLO9, buf, sizeof(buf));
	if (send(fd, buf, len, MSG_NOSIGNAL) == -1 ||
	    recv(fd, buf, 24, MSG_WAITALL) != 24)
		return;
	len = fake_bytes(ALIVE, buf, sizeof(buf));
	if (send(fd, buf, len, MSG_NOSIGNAL) == -1)
		return;
	while (recv(fd, buf, sizeof(buf), 0) > 0)
		continue;
}

/*
 * Serves all of n listeners as a master does, for as long as it is let, and
 * only for user uid.
 */
static pid_t
serve(const int *fds, size_t n, uid_t uid)
{
	struct pollfd p[MANY];
	size_t i;
	pid_t pid;
	uid_t peer;
	gid_t gid;
	int fd;

	if ((pid = fork()) != 0)
		return pid;
	alarm(120);
	for (i = 0; i < n; i++) {
		p[i].fd = fds[i];
		p[i].events = POLLIN;
	}
	while (poll(p, n, -1) > 0)
		for (i = 0; i < n; i++) {
			if (p[i].revents == 0 ||
			    (fd = accept(p[i].fd, NULL, NULL)) == -1)
				continue;
			if (getpeereid(fd, &peer, &gid) == 0 && peer == uid)
				answer(fd);
			close(fd);
		}
	_exit(0);
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

START_TEST(test_many)
{
	const struct tun_master *v[MANY];
	struct timespec a, b;
	char name[16];
	size_t i, ok = 0;
	int fds[MANY];
	pid_t pid;

	NEED_LISTENERS();
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "s%02zu", i);
		fds[i] = control_at(name);
	}
	/* The last ten never accept. */
	pid = serve(fds, MANY - 10, geteuid());
	find();
	ck_assert_ptr_null(ours(MANY));
	for (i = 0; i < MANY; i++)
		v[i] = ours(i);
	clock_gettime(CLOCK_MONOTONIC, &a);
	ck_assert_int_eq(tun_masters_ask(v, MANY, TUN_ASK_MASTER, 2000), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	for (i = 0; i < MANY; i++)
		ok += v[i]->ctl == TUN_CTL_OK && v[i]->pid == PID;
	ck_assert_uint_eq(ok, MANY - 10);
	for (i = MANY - 10; i < MANY; i++)
		ck_assert_int_eq(v[i]->ctl, TUN_CTL_HUNG);
	/* One after the other they would take 20 s. */
	ck_assert_int_lt(b.tv_sec - a.tv_sec, 15);
	end(pid);
	for (i = 0; i < MANY; i++)
		close(fds[i]);
}
END_TEST

/*
 * Root comes as the user whose socket it is, which the master can see, and
 * as nobody else.
 */
START_TEST(test_as_user)
{
	const struct tun_master *m;
	pid_t pid;
	int fd;

	NEED_LISTENERS();
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(dir, 0711), 0);
	/* A listener belongs to who made it. */
	ck_assert_int_eq(chown(dir, NOBODY, (gid_t)-1), 0);
	ck_assert_int_eq(seteuid(NOBODY), 0);
	fd = control_at("a");
	ck_assert_int_eq(seteuid(0), 0);
	pid = serve(&fd, 1, NOBODY);
	find();
	ck_assert_ptr_null(ours(0));
	m = tun_masters_at(found, at("a"));
	ask(m, 300);
	ck_assert_int_eq(m->ctl, TUN_CTL_FOREIGN);

	find_as(NOBODY, TUN_MASTERS_SOCKETS);
	m = only();
	ck_assert_uint_eq(m->uid, NOBODY);
	ask(m, 1000);
	/* SO_PEERCRED of a listener is who called listen(2). */
	ck_assert_int_eq(m->ctl, TUN_CTL_OK);
	ck_assert_int_eq(m->pid, PID);
	ck_assert_uint_eq(geteuid(), 0);

	/* A user that is none cannot be become. */
	find_as(4000000000U, 0);
	m = tun_masters_at(found, at("a"));
	ask(m, 300);
	ck_assert_int_eq(m->ctl, TUN_CTL_FOREIGN);
	end(pid);
	close(fd);
}
END_TEST

Suite *
masters_suite(void)
{
	Suite *s = suite_create("masters");
	TCase *tc;

	tc = add_tests(s, "find", ROWS(test_not_ours, not_ours),
	    TIMES(test_found, INODES), TIMES(test_backlog, INODES),
	    TIMES(test_lost, INODES), TIMES(test_renamed, INODES),
	    TIMES(test_replaced, INODES), TIMES(test_covered, INODES),
	    TIMES(test_relative, INODES), TIMES(test_blind, !INODES),
	    TEST(test_places), TEST(test_at));
	tcase_add_checked_fixture(tc, setup, teardown);
	tc = add_tests(s, "ask", ROWS(test_answers, answers), TEST(test_trip),
	    TEST(test_info), TIMES(test_long_info, 2), TEST(test_cut),
	    TEST(test_requests), TEST(test_of_tunnel), TEST(test_queue),
	    TEST(test_unsafe), TEST(test_many), TEST(test_as_user));
	tcase_add_checked_fixture(tc, setup, teardown);
	return s;
}
