/* SPDX-License-Identifier: ISC */
/*
 * The output of ssh -G, the words it is asked with, what it adds to a
 * candidate, and the running of commands.  Rows of captured output are those
 * of OpenSSH 9.2.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "verdict/verdict.h"
#include "tests.h"

static struct arena *a;

static void
setup(void)
{
	ck_assert_ptr_nonnull(a = arena_new());
}

static void
teardown(void)
{
	arena_free(a);
}

/* "L 8080 h:80", one a line. */
static const char *
show(const struct tun_forward *v, size_t n)
{
	static const char letters[] = "LRDRWT";
	static char text[4096];
	char spec[1024];
	size_t i, at = 0;

	text[0] = '\0';
	for (i = 0; i < n; i++) {
		ck_assert_int_lt(tun_forward_format(&v[i], spec,
		    sizeof(spec)), sizeof(spec));
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    "%s%c %s", i > 0 ? "|" : "", letters[v[i].kind], spec);
	}
	return text;
}

static const struct {
	const char *out, *want;
	int unclear;
} outputs[] = {
	{ "", "", 0 },
	{ "localforward 8080 [h]:80\n", "L 8080:h:80", 0 },
	{ "localforward []:8080 [h]:80\n", "L :8080:h:80", 0 },
	{ "localforward [*]:8080 [h]:80\n", "L *:8080:h:80", 0 },
	{ "localforward [::1]:8080 [fe80::1%lo]:80\n",
	    "L [::1]:8080:[fe80::1%lo]:80", 0 },
	{ "remoteforward 8080 [socks]:0\n", "R 8080", 0 },
	{ "remoteforward [h]:8080 [socks]:80\n", "R h:8080:socks:80", 0 },
	{ "remoteforward 0 [h]:80\n", "R 0:h:80", 0 },
	{ "dynamicforward 1080\n", "D 1080", 0 },
	{ "dynamicforward [127.0.0.1]:1080\n", "D 127.0.0.1:1080", 0 },
	/* The dynamic line is ssh's own invention: openssh.md B.6. */
	{ "dynamicforward 8080\nlocalforward 8080 /run/x\n",
	    "L 8080:/run/x", 0 },
	{ "dynamicforward [h]:8080\nlocalforward 8080 /run/x\n",
	    "D h:8080|L 8080:/run/x", 0 },
	{ "dynamicforward /l\nlocalforward /l /run/x\n", "L /l:/run/x", 0 },
	{ "dynamicforward 8080\nlocalforward 8080 [h]:80\n",
	    "D 8080|L 8080:h:80", 0 },
	{ "localforward /l [h]:80\n", "L /l:h:80", 0 },
	{ "localforward rel/l rel/t\n", "L rel/l:rel/t", 0 },
	/* What was expanded is not expanded again. */
	{ "localforward 1 /a%h${X}\n", "L 1:/a%%h\\${X}", 0 },
	/* Blanks in paths, as far as they can be told. */
	{ "localforward 8080 /a b\n", "L 8080:/a b", 0 },
	{ "localforward [h]:8080 /a b /c\n", "L h:8080:/a b /c", 0 },
	{ "localforward /a b [h]:80\n", "L /a b:h:80", 0 },
	{ "localforward /a [x [h]:80\n", "L /a [x:h:80", 0 },
	{ "localforward /a b /c\n", "L /a b:/c", 0 },
	{ "localforward /a /b /c\n", "", 1 },
	{ "localforward /a b c/d\n", "", 1 },
	{ "localforward /a\n", "", 1 },
	{ "localforward  \n", "", 1 },
	{ "localforward 8080 99999\n", "L 8080:99999", 0 },
	{ "tunnel point-to-point\ntunneldevice 3:any\n", "T 3:any", 0 },
	{ "tunnel ethernet\ntunneldevice 3:4\n", "T 3:4", 0 },
	{ "tunnel false\ntunneldevice any:any\n", "", 0 },
	{ "tunnel yes\nclearallforwardings yes\n", "", 0 },
	{ "LocalForward 8080 [h]:80\nlocalforward\n", "", 0 }
};

START_TEST(test_forwards)
{
	struct config cfg;

	ck_assert_int_eq(config_parse(a, outputs[_i].out,
	    strlen(outputs[_i].out), &cfg), 0);
	if (strcmp(outputs[_i].want, "L 8080:99999") == 0) {
		/* Not a port, so a path that ssh could not have. */
		ck_assert_str_eq(cfg.fwds[0].connect.path, "99999");
		return;
	}
	if (strstr(outputs[_i].want, "%%") != NULL) {
		ck_assert_str_eq(cfg.fwds[0].connect.path, "/a%h${X}");
		return;
	}
	ck_assert_str_eq(show(cfg.fwds, cfg.nfwds), outputs[_i].want);
	ck_assert_int_eq(cfg.unclear, outputs[_i].unclear);
}
END_TEST

START_TEST(test_files)
{
	static const char out[] =
	    "OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.19 27 Jan 2026\r\n"
	    "debug1: Reading configuration data /home/a b/.ssh/config\r\n"
	    "debug1: /home/a b/.ssh/config line 1: Applying options for db\r\n"
	    "debug1: Reading configuration data /etc/ssh/ssh_config\r\n"
	    "debug1: Reading configuration\r\n"
	    "host db\nport 22\n";
	struct config cfg;

	ck_assert_int_eq(config_parse(a, out, sizeof(out) - 1, &cfg), 0);
	ck_assert_uint_eq(cfg.nfiles, 2);
	ck_assert_str_eq(cfg.files[0], "/home/a b/.ssh/config");
	ck_assert_str_eq(cfg.files[1], "/etc/ssh/ssh_config");
	ck_assert_int_eq(cfg.whole, 1);
	ck_assert_int_eq(cfg.ran, 0);
	ck_assert_uint_eq(cfg.nfwds, 0);
}
END_TEST

START_TEST(test_command)
{
	static const char out[] =
	    "debug1: Executing command: 'test -e /home'\r\n"
	    "host db\nport 22\n";
	struct config cfg;

	ck_assert_int_eq(config_parse(a, out, sizeof(out) - 1, &cfg), 0);
	ck_assert_int_eq(cfg.ran, 1);
	/* Only ssh itself says so. */
	ck_assert_int_eq(config_parse(a, out + 8, sizeof(out) - 9, &cfg), 0);
	ck_assert_int_eq(cfg.ran, 0);
}
END_TEST

START_TEST(test_values)
{
	static const char out[] =
	    "host db\nuser fred\nhostname 10.0.0.1\nport 22\n"
	    "addressfamily inet6\nclearallforwardings no\n"
	    "exitonforwardfailure yes\ngatewayports yes\nsessiontype none\n"
	    "forkafterauthentication yes\ncontrolmaster auto\n"
	    "controlpath /run/a b/cm-%%h\ntag prod\ncontrolpersist 60\n";
	struct config cfg;

	ck_assert_int_eq(config_parse(a, out, sizeof(out) - 1, &cfg), 0);
	ck_assert_int_eq(cfg.whole, 1);
	ck_assert_str_eq(cfg.host, "db");
	ck_assert_str_eq(cfg.ctlpath, "/run/a b/cm-%%h");
	ck_assert_str_eq(cfg.label, "prod");
	ck_assert_uint_eq(cfg.flags, CMD_INET6 | CMD_EXITONFAIL |
	    CMD_GATEWAY | CMD_NOSESSION | CMD_FORK | CMD_MASTER |
	    CMD_PERSIST);
	/* Cut off, it is not the whole. */
	ck_assert_int_eq(config_parse(a, out, sizeof(out) - 2, &cfg), 0);
	ck_assert_int_eq(cfg.whole, 0);
	/* And what says no port was never ssh -G. */
	ck_assert_int_eq(config_parse(a, "host db\n", 8, &cfg), 0);
	ck_assert_int_eq(cfg.whole, 0);
}
END_TEST

/* Candidates. */

static void
fill(struct facts *f, const char *words)
{
	char *s = arena_strdup(a, words);
	size_t i, len = strlen(words);

	memset(f, 0, sizeof(*f));
	for (i = 0; i < len; i++)
		if (s[i] == '|')
			s[i] = '\0';
	ck_assert_int_eq(cmdline_split(a, s, len + 1, &f->argv, &f->argc), 0);
	ck_assert_int_eq(cmdline_parse(a, (const char *const *)f->argv, f->argc,
			     NULL, &f->cmd),
	    0);
}

static const char *
join(const char *const *v)
{
	static char text[1024];
	size_t at = 0;

	for (text[0] = '\0'; *v != NULL; v++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
		    at > 0 ? "|" : "", *v);
	return text;
}

static const struct {
	const char *words, *file, *want;
} words[] = {
	{ "ssh|-fN|db", NULL, "ssh|-Gv|-fN|db" },
	{ "tunnel to prod|db", NULL, "ssh|-Gv|db" },
	{ "ssh|-vvv|-fvN|-E|/log|-y|db", NULL, "ssh|-Gv|-fN|db" },
	{ "ssh|-NE/log|db|-v|-E|x|-p|99|cmd|-v", NULL,
	    "ssh|-Gv|-N|db|-p|99|cmd|-v" },
	{ "ssh|-NvE|/log|db", NULL, "ssh|-Gv|-N|db" },
	{ "ssh|-qN|-qq|db", NULL, "ssh|-Gv|-N|db" },
	/* Not options but values. */
	{ "ssh|-L|-v:x:1|-S|-E|db", NULL, "ssh|-Gv|-L|-v:x:1|-S|-E|db" },
	{ "ssh|-ovE=1|db", NULL, "ssh|-Gv|-ovE=1|db" },
	{ "ssh|-v|--|db|-v", NULL, "ssh|-Gv|--|db|-v" },
	{ "ssh|db|--|-v|-E", NULL, "ssh|-Gv|db|--|-v|-E" },
	{ "ssh|db|", NULL, "ssh|-Gv|db|" },
	{ "ssh|-F|../cfg|-N|db", "/d/cfg", "ssh|-Gv|-F|/d/cfg|-N|db" },
	{ "ssh|-NFcfg|db|-Fx", "/d/x", "ssh|-Gv|-F|/d/x|-N|db" },
	{ "ssh|-F|none|db", NULL, "ssh|-Gv|-F|none|db" },
	/* The old -P took no argument. */
	{ "ssh|-P|-v|db", NULL, "ssh|-Gv|-P|db" },
	{ "ssh|-Pv|db", NULL, "ssh|-Gv|-Pv|db" },
	{ "ssh|-P|db", NULL, "ssh|-Gv|-P|db" },
	{ "ssh|-Nv|-P|db|-v", NULL, "ssh|-Gv|-N|-P|db" }
};

START_TEST(test_words)
{
	struct facts f;
	const char **v;

	fill(&f, words[_i].words);
	ck_assert_int_eq(config_argv(a, (const char *const *)f.argv, f.argc,
	    &f.cmd, words[_i].file, &v), 0);
	ck_assert_str_eq(join(v), words[_i].want);
}
END_TEST

static const struct {
	const char *words, *out, *want;
	size_t nconfig;
} adds[] = {
	{ "ssh|-N|db", "localforward 1 [h]:2\n", "L 1:h:2", 1 },
	{ "ssh|-N|-L|1:h:2|db", "localforward 1 [h]:2\n", "L 1:h:2", 0 },
	{ "ssh|-N|-L|1:h:2|db", "dynamicforward 3\nlocalforward 1 [h]:2\n",
	    "L 1:h:2|D 3", 1 },
	/* An address that was not given is not one that was given empty. */
	{ "ssh|-N|-L|:1:h:2|db", "localforward 1 [h]:2\n",
	    "L :1:h:2|L 1:h:2", 1 },
	{ "ssh|-N|-R|1|db", "remoteforward 1 [socks]:0\n", "R 1", 0 },
	{ "ssh|-N|-L|1:socks:80|db", "dynamicforward 1\n", "L 1:socks:80", 0 },
	{ "ssh|-N|-L|1:/run/x|db",
	    "dynamicforward 1\nlocalforward 1 /run/x\n", "L 1:/run/x", 0 },
	{ "ssh|-N|-L|1:h:2|db", "clearallforwardings yes\n", "", 0 },
	{ "ssh|-w|1:2|db", "tunnel yes\ntunneldevice 1:2\n", "T 1:2", 0 },
	{ "ssh|-N|-L|/s%h:h:2|db", "localforward /sdb [h]:2\n",
	    "L /sdb:h:2", 1 }
};

START_TEST(test_add)
{
	struct config cfg;
	struct facts f;

	fill(&f, adds[_i].words);
	ck_assert_int_eq(config_parse(a, adds[_i].out, strlen(adds[_i].out),
	    &cfg), 0);
	ck_assert_int_eq(config_apply(a, &f.cmd, &cfg), 0);
	ck_assert_str_eq(show(f.cmd.fwds, f.cmd.nfwds), adds[_i].want);
	ck_assert_uint_eq(f.cmd.nconfig, adds[_i].nconfig);
	ck_assert_uint_eq(f.cmd.flags & CMD_UNKNOWN, 0);
}
END_TEST

/* ssh_config decides on tap or tun only where it brings the device. */
START_TEST(test_ethernet)
{
	static const char out[] = "tunnel ethernet\ntunneldevice 1:2\n";
	struct config cfg;
	struct facts f;

	ck_assert_int_eq(config_parse(a, out, sizeof(out) - 1, &cfg), 0);
	fill(&f, "ssh|-N|db");
	ck_assert_int_eq(config_apply(a, &f.cmd, &cfg), 0);
	ck_assert_str_eq(show(f.cmd.fwds, f.cmd.nfwds), "T 1:2");
	ck_assert_uint_ne(f.cmd.flags & CMD_ETHERNET, 0);
	fill(&f, "ssh|-w|1:2|db");
	ck_assert_int_eq(config_apply(a, &f.cmd, &cfg), 0);
	ck_assert_uint_eq(f.cmd.flags & CMD_ETHERNET, 0);
}
END_TEST

START_TEST(test_typed_stays)
{
	static const char out[] = "host db\nuser fred\nport 99\ntag conf\n"
	    "forkafterauthentication yes\nsessiontype none\n"
	    "controlmaster auto\ncontrolpath /run/cm-db\n";
	struct config cfg;
	struct facts f;

	ck_assert_int_eq(config_parse(a, out, sizeof(out) - 1, &cfg), 0);
	fill(&f, "ssh|-P|mine|-S|cm|db");
	ck_assert_int_eq(config_apply(a, &f.cmd, &cfg), 0);
	ck_assert_str_eq(f.cmd.label, "mine");
	ck_assert_str_eq(f.cmd.ctlpath, "cm");
	ck_assert_int_eq(f.cmd.port, -1);
	ck_assert_ptr_null(f.cmd.user);
	/* Origins and verdicts are the same, whoever asks for what. */
	ck_assert_uint_eq(
	    f.cmd.flags & (CMD_FORK | CMD_NOSESSION | CMD_MASTER), 0);
	fill(&f, "ssh|-M|-S|cm-%h|db");
	ck_assert_int_eq(config_apply(a, &f.cmd, &cfg), 0);
	ck_assert_str_eq(f.cmd.ctlpath, "/run/cm-db");
	ck_assert_str_eq(f.cmd.label, "conf");
}
END_TEST

/* Commands. */

static const char *const noenv[] = { "X=from env", NULL };

static void
shell(struct run_job *job, const char *const argv[4])
{
	memset(job, 0, sizeof(*job));
	job->path = "/bin/sh";
	job->argv = argv;
	job->env = noenv;
	job->cwd = "/";
}

START_TEST(test_run_says)
{
	const char *const argv[4] = { "sh", "-c",
	    "pwd; echo \"$X\"; cat; echo err >&2; ps -o tty= -p $$", NULL };
	struct run_job job;

	shell(&job, argv);
	ck_assert_int_eq(run_jobs(&job, 1, 5000), 0);
	ck_assert_int_eq(job.error, 0);
	/* Its directory, environment, no input, no terminal. */
	ck_assert_str_eq(job.out, "/\nfrom env\n?\n");
	free(job.out);
}
END_TEST

/* The caller has closed standard descriptors, all of them or some. */
START_TEST(test_run_closed)
{
	static const int closed[][3] = {
	    { 1, 1, 1 }, { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, { 0, 1, 1 } };
	const char *const argv[4] = { "sh", "-c", "cat; echo said", NULL };
	struct run_job job;
	int fd, status;
	pid_t pid;

	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		for (fd = 0; fd < 3; fd++)
			if (closed[_i][fd])
				close(fd);
		shell(&job, argv);
		if (run_jobs(&job, 1, 5000) == -1)
			_exit(2);
		if (job.error != 0 || job.out == NULL)
			_exit(1);
		_exit(strcmp(job.out, "said\n") == 0 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(test_run_fails)
{
	static const char *const texts[] = {
	    "echo half; exit 255", "kill -9 $$", "exec 1>&-; exit 1" };
	const char *const argv[4] = { "sh", "-c", texts[_i], NULL };
	struct run_job job;

	shell(&job, argv);
	ck_assert_int_eq(run_jobs(&job, 1, 5000), 0);
	ck_assert_int_eq(job.error, ECHILD);
	free(job.out);
}
END_TEST

START_TEST(test_run_nothing)
{
	const char *const argv[4] = { "x", NULL, NULL, NULL };
	struct run_job job;

	shell(&job, argv);
	job.path = "/dev/nonexistent";
	ck_assert_int_eq(run_jobs(&job, 1, 5000), 0);
	ck_assert_int_eq(job.error, ECHILD);
	free(job.out);
	shell(&job, argv);
	job.cwd = "/dev/nonexistent";
	ck_assert_int_eq(run_jobs(&job, 1, 5000), 0);
	ck_assert_int_eq(job.error, ECHILD);
	free(job.out);
	ck_assert_int_eq(run_jobs(NULL, 0, 5000), 0);
}
END_TEST

START_TEST(test_run_endless)
{
	const char *const argv[4] = { "sh", "-c",
	    "while :; do echo 0123456789012345678901234567890123456789; done",
	    NULL };
	struct run_job job;

	shell(&job, argv);
	ck_assert_int_eq(run_jobs(&job, 1, 20000), 0);
	ck_assert_int_eq(job.error, E2BIG);
	ck_assert_uint_lt(job.len, 1 << 20);
	free(job.out);
	ck_assert_fails(waitpid(-1, NULL, WNOHANG), ECHILD);
}
END_TEST

/* One that hangs keeps the others waiting no longer, and leaves nobody. */
START_TEST(test_run_hangs)
{
	const char *const hang[4] = { "sh", "-c",
	    "sleep 100 & echo $!; exec >&-; wait", NULL };
	const char *const quick[4] = { "sh", "-c", "echo ok", NULL };
	struct run_job jobs[20];
	pid_t pid;
	int i;

	for (i = 0; i < 20; i++)
		shell(&jobs[i], i == 3 ? hang : quick);
	ck_assert_int_eq(run_jobs(jobs, 20, 4000), 0);
	for (i = 0; i < 20; i++) {
		ck_assert_int_eq(jobs[i].error, i == 3 ? ETIMEDOUT : 0);
		if (i != 3)
			ck_assert_str_eq(jobs[i].out, "ok\n");
	}
	pid = (pid_t)atol(jobs[3].out);
	ck_assert_int_gt(pid, 1);
	/* What it had started went too; whoever adopts it may be slow. */
	for (i = 0; i < 6000 && kill(pid, 0) == 0; i++) {
		char path[64], state[256];
		FILE *fp;

		snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
		if ((fp = fopen(path, "r")) == NULL)
			break;
		if (fgets(state, sizeof(state), fp) == NULL)
			*state = '\0';
		fclose(fp);
		if (strstr(state, ") Z") != NULL)
			break;
		poll(NULL, 0, 10);
	}
	ck_assert_int_ne(i, 6000);
	for (i = 0; i < 20; i++)
		free(jobs[i].out);
}
END_TEST

/* Callers that ignore or wait for children themselves. */
START_TEST(test_run_sigchld)
{
	const char *const argv[4] = { "sh", "-c", "(exit 3); echo $?", NULL };
	struct run_job job;
	pid_t other;
	int status;

	ck_assert((other = fork()) != -1);
	if (other == 0)
		_exit(7);
	shell(&job, argv);
	ck_assert_int_eq(run_jobs(&job, 1, 5000), 0);
	ck_assert_str_eq(job.out, "3\n");
	free(job.out);
	/* Another child is not ours to wait for. */
	ck_assert_int_eq(waitpid(other, &status, 0), other);
	ck_assert_int_eq(WEXITSTATUS(status), 7);

	signal(SIGCHLD, SIG_IGN);
	shell(&job, argv);
	ck_assert_int_eq(run_jobs(&job, 1, 5000), 0);
	ck_assert_int_eq(job.error, 0);
	ck_assert_str_eq(job.out, "3\n");
	free(job.out);
	ck_assert(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}
END_TEST

/* As root: it is the other user in every respect. */
START_TEST(test_run_becomes)
{
	const char *const argv[4] = { "sh", "-c",
	    "grep -E '^(Uid|Gid|Groups):' /proc/self/status", NULL };
	const gid_t groups[] = { 65534, 12345 };
	struct run_job job;

	if (getuid() != 0 || access("/proc/self/status", R_OK) == -1)
		return;
	shell(&job, argv);
	job.become = 1;
	job.uid = 65534;
	job.gid = 65533;
	job.groups = groups;
	job.ngroups = 2;
	ck_assert_int_eq(run_jobs(&job, 1, 5000), 0);
	ck_assert_str_eq(job.out, "Uid:\t65534\t65534\t65534\t65534\n"
	    "Gid:\t65533\t65533\t65533\t65533\nGroups:\t12345 65534 \n");
	free(job.out);
}
END_TEST

START_TEST(test_trust)
{
	char dir[] = "/tmp/config.XXXXXX", path[PATH_MAX], real[PATH_MAX];
	FILE *fp;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/file", dir);
	ck_assert_ptr_nonnull(fp = fopen(path, "w"));
	fclose(fp);
	chmod(path, 0644);
	ck_assert_int_eq(run_trusts(path, getuid(), real, sizeof(real)), 1);
	/* Anyone's to write: the file, then its directory. */
	chmod(path, 0666);
	ck_assert_int_eq(run_trusts(path, getuid(), real, sizeof(real)), 0);
	chmod(path, 0644);
	chmod(dir, 0777);
	ck_assert_int_eq(run_trusts(path, getuid(), real, sizeof(real)), 0);
	chmod(dir, 01777);
	ck_assert_int_eq(run_trusts(path, getuid(), real, sizeof(real)), 1);
	chmod(dir, 0700);
	ck_assert_int_eq(run_trusts(dir, getuid(), real, sizeof(real)), 0);
	if (getuid() == 0) {
		ck_assert_int_eq(chown(path, 12345, (gid_t)-1), 0);
		ck_assert_int_eq(run_trusts(path, 0, real, sizeof(real)), 0);
		ck_assert_int_eq(run_trusts(path, 12345, real,
		    sizeof(real)), 1);
	}
	unlink(path);
	ck_assert_int_eq(run_trusts(path, getuid(), real, sizeof(real)), 0);
	rmdir(dir);
}
END_TEST

Suite *
config_suite(void)
{
	Suite *s = suite_create("config");
	TCase *tc;

	tc = add_tests(s, "output", ROWS(test_forwards, outputs),
	    TEST(test_files), TEST(test_command), TEST(test_values),
	    ROWS(test_words, words),
	    ROWS(test_add, adds), TEST(test_ethernet), TEST(test_typed_stays));
	tcase_add_checked_fixture(tc, setup, teardown);
	add_tests(s, "run", TEST(test_run_says), TIMES(test_run_closed, 5),
	    TIMES(test_run_fails, 3), TEST(test_run_nothing),
	    TEST(test_run_endless), TEST(test_run_hangs),
	    TEST(test_run_sigchld), TEST(test_run_becomes), TEST(test_trust));
	return s;
}
