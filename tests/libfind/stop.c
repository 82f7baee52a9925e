/* SPDX-License-Identifier: ISC */
/* libfind/stop.c: what keeps a tunnel from being started again, and by whom. */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/compat.h"
#include "verdict/verdict.h"
#include "tests.h"

#define OTHER	65534

static char dir[64], path[128], table[128];

static void
setup(void)
{
	strcpy(dir, "/tmp/tun.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chmod(dir, 0755), 0);
	snprintf(path, sizeof(path), "%s/systemctl", dir);
	snprintf(table, sizeof(table), "%s/table", dir);
}

static void
teardown(void)
{
	unlink(path);
	unlink(table);
	rmdir(dir);
}

/* --- the verdict --------------------------------------------------------- */

/* An ssh, 200, of user 1000 with a parent 100. */
static const struct {
	const char *parent, *args, *cwd, *origin, *env;
	uid_t uid;		/* of the parent */
	enum tun_stop_kind kind;
	const char *words;
	uid_t by;
} cases[] = {
	/* nothing to see, or no way with it */
	{ "bash", "bash", "/", "", "", 1000, TUN_STOP_NOTHING, "", 0 },
	{ "code", "code", "/", "", "", 1000, TUN_STOP_NOTHING, "", 0 },
	{ "perpd", "perpd", "/", "", "", 1000, TUN_STOP_UNKNOWN, "", 0 },
	/* their own end */
	{ "autossh", "autossh -M 0 h", "/", "", "", 1000, TUN_STOP_PARENT,
	    "", 0 },
	{ "bash", "bash -c while\\040true;\\040do\\040ssh\\040h;\\040done",
	    "/", "", "", 1000, TUN_STOP_PARENT, "", 0 },
	{ "keep", "/bin/sh ./keep", "/", "", "", 1000, TUN_STOP_PARENT, "",
	    0 },
	/* units: of the system, of a user, of a user who is not ours to ask */
	{ "systemd", "systemd", "/", "unit=x.service "
	    "cgroup=/system.slice/x.service", "", 0, TUN_STOP_COMMAND,
	    "systemctl stop -- x.service", 0 },
	{ "systemd", "systemd --user", "/", "unit=x.service unit_user=1 "
	    "cgroup=/user.slice/user-1000.slice/user@1000.service/x.service",
	    "", 1000, TUN_STOP_COMMAND, "systemctl --user stop -- x.service",
	    1000 },
	{ "systemd", "systemd --user", "/", "unit=x.service unit_user=1 "
	    "cgroup=/user.slice/user-7.slice/user@7.service/x.service", "",
	    7, TUN_STOP_COMMAND, "systemctl --user stop -- x.service", 7 },
	{ "systemd", "systemd --user", "/", "unit=x.service unit_user=1 "
	    "cgroup=/user.slice/user@7x.service/x.service", "", 7,
	    TUN_STOP_UNKNOWN, "", 0 },
	{ "systemd", "systemd", "/", "unit=-H.service "
	    "cgroup=/system.slice/-H.service", "", 0, TUN_STOP_COMMAND,
	    "systemctl stop -- -H.service", 0 },
	/* by the directory of the one service */
	{ "runsv", "runsv x", "/etc/sv/x", "", "", 0, TUN_STOP_COMMAND,
	    "sv down /etc/sv/x", 0 },
	{ "s6-supervise", "s6-supervise x", "/run/x", "", "", 1000,
	    TUN_STOP_COMMAND, "s6-svc -d /run/x", 1000 },
	{ "supervise", "supervise x", "/service/x", "", "", 0,
	    TUN_STOP_COMMAND, "svc -d /service/x", 0 },
	{ "runsv", "runsv x", "", "", "", 0, TUN_STOP_UNKNOWN, "", 0 },
	/* by the name that it has been told; not by another user's word */
	{ "supervisord", "python3 supervisord", "/", "",
	    "SUPERVISOR_GROUP_NAME=g SUPERVISOR_PROCESS_NAME=p "
	    "SUPERVISOR_SERVER_URL=unix:///s", 1000, TUN_STOP_COMMAND,
	    "supervisorctl -s unix:///s stop g:p", 1000 },
	{ "supervisord", "python3 supervisord", "/", "",
	    "SUPERVISOR_GROUP_NAME=g SUPERVISOR_PROCESS_NAME=p "
	    "SUPERVISOR_SERVER_URL=unix:///s", 0, TUN_STOP_UNKNOWN, "", 0 },
	{ "supervisord", "python3 supervisord", "/", "", "A=b", 1000,
	    TUN_STOP_UNKNOWN, "", 0 }
};

static void
record(int i)
{
	FILE *fp = fopen(table, "w");

	ck_assert_ptr_nonnull(fp);
	fprintf(fp, "libfind-table 1\nsystem caps=0x7fff "
	    "now=1700000000000000 uid=0\n"
	    "proc pid=100 via=comm name=%s ppid=1 pgid=100 sid=100 uid=%u "
	    "ruid=%u ident=100 start=1699999000000000 state=S comm=%s\n"
	    "args %s\n", cases[i].parent, (unsigned)cases[i].uid,
	    (unsigned)cases[i].uid, cases[i].parent, cases[i].args);
	if (*cases[i].cwd != '\0')
		fprintf(fp, "cwd %s\n", cases[i].cwd);
	fprintf(fp, "proc pid=200 via=exe name=ssh ppid=100 pgid=100 sid=100 "
	    "uid=1000 ruid=1000 ident=200 start=1699999280000000 masks=1 "
	    "sigcgt=0x8000000 state=S comm=ssh\n"
	    "args ssh -N -L 1:h:1 h\nexe /usr/bin/ssh\ncwd /\n"
	    "origin netns=1 reparented=0%s%s\nfds limit=1024\n",
	    *cases[i].origin != '\0' ? " " : "", cases[i].origin);
	if (*cases[i].env != '\0')
		fprintf(fp, "env %s\n", cases[i].env);
	fclose(fp);
}

static char *
join(const char *const *words, char *buf, size_t len)
{
	*buf = '\0';
	for (; words != NULL && *words != NULL; words++) {
		if (*buf != '\0')
			strlcat(buf, " ", len);
		strlcat(buf, *words, len);
	}
	return buf;
}

START_TEST(found)
{
	struct tun_list *list;
	struct tun_stop *stop;
	struct tun_ctx *ctx;
	const struct tun *t = NULL;
	char buf[128];
	/* Only root asks the manager of another. */
	int theirs = strstr(cases[_i].words, "--user") != NULL &&
	    geteuid() != 0 && geteuid() != cases[_i].by;

	record(_i);
	ck_assert_ptr_nonnull(ctx = tun_open(table));
	ck_assert_int_eq(tun_scan(ctx, 0, &list), 0);
	while ((t = tun_next(list, t)) != NULL && t->pid != 200)
		;
	ck_assert_ptr_nonnull(t);
	ck_assert_ptr_nonnull(stop = tun_stop_find(ctx, t));
	ck_assert_int_eq(stop->kind, theirs ? TUN_STOP_UNKNOWN :
	    cases[_i].kind);
	ck_assert_str_eq(join(stop->argv, buf, sizeof(buf)), theirs ? "" :
	    cases[_i].words);
	if (stop->kind == TUN_STOP_COMMAND)
		ck_assert_uint_eq(stop->uid, geteuid() == 0 ? cases[_i].by :
		    geteuid());
	ck_assert_int_eq(stop->self, 0);
	tun_stop_free(stop);
	tun_list_free(list);
	tun_close(ctx);
}
END_TEST

/* --- the command --------------------------------------------------------- */

static const char *const words[] = { "systemctl", "stop", "x", NULL };

/* A systemctl that does this. */
static void
script(const char *text)
{
	FILE *fp = fopen(path, "w");

	ck_assert_ptr_nonnull(fp);
	fprintf(fp, "#!/bin/sh\n%s\n", text);
	fclose(fp);
	ck_assert_int_eq(chmod(path, 0755), 0);
	ck_assert_int_eq(setenv("PATH", dir, 1), 0);
}

static int
run(uid_t uid, int ms, char **saidp)
{
	struct tun_stop stop = { TUN_STOP_COMMAND, words, uid, 0, NULL };
	static char unset[] = "unset";

	*saidp = unset;
	return tun_stop_run(&stop, ms, saidp);
}

static const struct {
	const char *text;	/* of systemctl; NULL: there is none */
	mode_t mode;		/* of its directory */
	int ms, error;
	const char *said;
} commands[] = {
	{ "[ \"$*\" = 'stop x' ] && [ \"$(/bin/pwd)\" = / ]", 0755, 5000, 0,
	    NULL },
	/* Neither our terminal nor our descriptors. */
	{ "read -r x; echo \"in<$x>\"; echo err >&2; exit 3", 0755, 5000,
	    ECHILD, "in<>\nerr\n" },
	{ "echo one; exec /bin/sleep 60", 0755, 100, ETIMEDOUT, "one\n" },
	{ NULL, 0755, 5000, ENOENT, NULL },
	/* All may write there: not a place to run things from. */
	{ "true", 0777, 5000, ENOENT, NULL }
};

START_TEST(command)
{
	char *said;

	script(commands[_i].text != NULL ? commands[_i].text : "true");
	if (commands[_i].text == NULL)
		unlink(path);
	ck_assert_int_eq(chmod(dir, commands[_i].mode), 0);
	if (commands[_i].error == 0)
		ck_assert_int_eq(run(geteuid(), commands[_i].ms, &said), 0);
	else
		ck_assert_fails(run(geteuid(), commands[_i].ms, &said),
		    commands[_i].error);
	ck_assert_pstr_eq(said, commands[_i].said);
	free(said);
}
END_TEST

/* Who has no login, and another user. */
START_TEST(runtime_dir)
{
	char *said, want[64];

	unsetenv("XDG_RUNTIME_DIR");
	setenv("TUN_SECRET", "ours", 1);
	script("echo $XDG_RUNTIME_DIR; echo $TUN_SECRET; exit 1");
	ck_assert_int_eq(run(geteuid(), 5000, &said), -1);
	snprintf(want, sizeof(want), "/run/user/%lu\nours\n",
	    (unsigned long)geteuid());
	ck_assert_str_eq(said, want);
	free(said);
}
END_TEST

START_TEST(another)
{
	char *said;

	if (geteuid() != 0) {
		ck_assert_fails(run(geteuid() + 1, 5000, &said), EPERM);
		return;
	}
	if (getpwuid(OTHER) == NULL)
		return;
	setenv("TUN_SECRET", "ours", 1);
	setenv("XDG_RUNTIME_DIR", "/run/user/0", 1);
	script("/usr/bin/id -u; echo \"<$TUN_SECRET>\"; echo $XDG_RUNTIME_DIR;"
	    " exit 1");
	ck_assert_fails(run(OTHER, 5000, &said), ECHILD);
	ck_assert_str_eq(said, "65534\n<>\n/run/user/65534\n");
	free(said);
}
END_TEST

START_TEST(no_command)
{
	struct tun_stop stop = { TUN_STOP_PARENT, NULL, 0, 0, NULL };
	char unset[] = "unset", *said = unset;

	ck_assert_fails(tun_stop_run(&stop, 100, &said), EINVAL);
	ck_assert_ptr_null(said);
	tun_stop_free(NULL);
}
END_TEST

Suite *
stop_suite(void)
{
	Suite *s = suite_create("stop");
	TCase *tc = add_tests(s, "stop", ROWS(found, cases),
	    ROWS(command, commands), TEST(runtime_dir), TEST(another),
	    TEST(no_command));

	tcase_add_checked_fixture(tc, setup, teardown);
	return s;
}
