/* SPDX-License-Identifier: ISC */
/*
 * libfind/journal/: lines, the file and its faults, and what the records say
 * together.
 */
#include <sys/types.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/resolve.h"
#include "journal/journal.h"
#include "tests.h"

/* --- lines --------------------------------------------------------------- */

#define HEAD	"4711 8412 77 1764450000 b/1 h"

/* NULL: it is no record; "": it is written as it was read. */
static const struct {
	const char *line, *written;
} lines[] = {
	{ "start " HEAD " cwd=/ arg=ssh arg=-fN", "" },
	{ "start " HEAD " arg=ssh arg=", "" },
	{ "keep " HEAD " label=db ctl=/tmp/m cwd=/ env=DISPLAY=:0 arg=ssh",
	    "" },
	{ "start " HEAD " arg=a\\040b\\012c\\134d\\377", "" },
	{ "start " HEAD " by=4700 cwd=/ arg=ssh", "" },
	{ "start " HEAD " by=-1 cwd=/ arg=ssh", NULL },
	{ "start " HEAD " net=4026532821 cwd=/ arg=ssh", "" },
	{ "start " HEAD " net=x cwd=/ arg=ssh", NULL },
	{ "add " HEAD " ctl=/tmp/m fwd=L7777:127.0.0.1:22", "" },
	{ "add " HEAD " fwd=R0:h:22 port=40001", "" },
	{ "add " HEAD " fwd=D1080 sock=19882421", "" },
	{ "add " HEAD " fwd=R7:h:22", "" },
	{ "add " HEAD " fwd=R1080", "" },
	{ "close " HEAD " fwd=D*:1080", "" },
	{ "close " HEAD " fwd=L/run/a\\040b:/run/c", "" },
	{ "end " HEAD, "" },
	{ "end 1 0 0 0 b h", "" },
	{ "end 1 18446744073709551615 0 0 b h", "" },
	/* A field of a later version. */
	{ "end " HEAD " colour=red", "end " HEAD },
	/* Only these variables may be in it. */
	{ "start " HEAD " env=PASSWORD=x env=DISPLAY=:0 arg=ssh",
	    "start " HEAD " env=DISPLAY=:0 arg=ssh" },
	{ "start " HEAD " env=DISPLAYS=:0 arg=ssh", "start " HEAD " arg=ssh" },
	/* Torn, and other bytes. */
	{ "", NULL },
	{ "start", NULL },
	{ "end 4711 8412 77 17644", NULL },
	{ "start " HEAD, NULL },
	{ "start " HEAD " cwd=/", NULL },
	{ "add " HEAD, NULL },
	{ "add " HEAD " fwd=", NULL },
	{ "add " HEAD " fwd=X7:h:22", NULL },
	{ "add " HEAD " fwd=L7777", NULL },
	{ "add " HEAD " fwd=L${HOME}:h:22", NULL },
	{ "end " HEAD " port", NULL },
	{ "end " HEAD " port=65536", NULL },
	{ "begin " HEAD, NULL },
	{ "end 0 0 0 0 b h", NULL },
	{ "end -1 0 0 0 b h", NULL },
	{ "end 2147483648 0 0 0 b h", NULL },
	{ "end 01 0 0 0 b h", NULL },
	{ "end 1 18446744073709551616 0 0 b h", NULL },
	{ "end 1 0 0 9223372036854775808 b h", NULL },
	{ "end " HEAD " a=\033[2J", NULL },
	{ "end " HEAD " a=\\", NULL },
	{ "end " HEAD " a=\\12", NULL },
	{ "end " HEAD " a=\\000", NULL },
	{ "end " HEAD " a=\\400", NULL },
	{ "end " HEAD " a=\\101", NULL },
	{ "end\t" HEAD, NULL }
};

START_TEST(reads_a_line)
{
	const char *line = lines[_i].line, *want = lines[_i].written;
	struct arena *a = arena_new();
	struct tun_record r;
	char *text;

	ck_assert_int_eq(journal_parse(a, line, strlen(line), &r),
	    want != NULL);
	if (want != NULL) {
		ck_assert_int_eq(journal_line_pid(line, strlen(line)), r.pid);
		ck_assert_ptr_nonnull(text = journal_line(a, &r));
		ck_assert_str_eq(text, *want != '\0' ? want : line);
	}
	arena_free(a);
}
END_TEST

START_TEST(a_line_has_a_limit)
{
	struct arena *a = arena_new();
	char *word = malloc(JOURNAL_LINE_MAX + 1);
	const char *argv[] = { "ssh", word, NULL };
	struct tun_record r = { .kind = TUN_RECORD_START, .pid = 1,
	    .boot = "b", .host = "h", .argv = argv, .argc = 2 };

	memset(word, 'x', JOURNAL_LINE_MAX);
	word[JOURNAL_LINE_MAX] = '\0';
	ck_assert_ptr_null(journal_line(a, &r));
	ck_assert_int_eq(errno, E2BIG);
	word[JOURNAL_LINE_MAX - 64] = '\0';
	ck_assert_ptr_nonnull(journal_line(a, &r));
	free(word);
	arena_free(a);
}
END_TEST

/* --- together ------------------------------------------------------------ */

static struct tun_journal *
journal_of(const char *text)
{
	struct tun_journal *j = journal_new(text, strlen(text), "b/1", "h");

	ck_assert_ptr_nonnull(j);
	return j;
}

/* The forwards as "L1:h:2 D3". */
static const char *
forwards(const struct tun_forward *const *fwds)
{
	static char buf[256];
	char spec[64];

	buf[0] = '\0';
	for (; *fwds != NULL; fwds++) {
		tun_forward_format(*fwds, spec, sizeof(spec));
		snprintf(buf + strlen(buf), sizeof(buf) - strlen(buf), "%s%s",
		    buf[0] != '\0' ? " " : "", spec);
	}
	return buf;
}

static const char *
added(const struct tun_record *const *records)
{
	const struct tun_forward *fwds[8];
	size_t n;

	for (n = 0; records[n] != NULL; n++)
		fwds[n] = records[n]->fwd;
	fwds[n] = NULL;
	return forwards(fwds);
}

#define K(pid)	#pid " 7 0 1 b/1 h"

static const struct {
	const char *text, *open, *closed;
	int current, others;
} accounts[] = {
	{ "start " K(1) " arg=ssh\n", "", "", 1, 0 },
	{ "start " K(1) " arg=ssh\nadd " K(1) " fwd=L1:h:2\n"
	    "add " K(1) " fwd=D3\n", "1:h:2 3", "", 1, 0 },
	{ "start " K(1) " arg=ssh\nadd " K(1) " fwd=L1:h:2\n"
	    "close " K(1) " fwd=L1:h:2\n", "", "1:h:2", 1, 0 },
	{ "start " K(1) " arg=ssh\nclose " K(1) " fwd=L1:h:2\n"
	    "add " K(1) " fwd=L1:other:2\n", "1:other:2", "", 1, 0 },
	/* The other side is another place. */
	{ "start " K(1) " arg=ssh\nadd " K(1) " fwd=L1:h:2\n"
	    "close " K(1) " fwd=R1:h:2\n", "1:h:2", "1:h:2", 1, 0 },
	/* The server chooses another port for each target. */
	{ "start " K(1) " arg=ssh\nadd " K(1) " fwd=R0:h:1 port=9\nadd " K(1)
	    " fwd=R0:h:2 port=10\nclose " K(1) " fwd=R0:h:1\n", "0:h:2",
	    "0:h:1", 1, 0 },
	{ "start " K(1) " arg=ssh\nend " K(1) "\n", "", "", 0, 0 },
	{ "start " K(1) " arg=ssh\nend " K(1) "\nkeep " K(1) " arg=ssh\n",
	    "", "", 1, 0 },
	/* Another process, boot or machine with this PID. */
	{ "start " K(1) " arg=ssh\nadd 1 8 0 1 b/1 h fwd=D3\n", "", "", 1, 1 },
	{ "start " K(1) " arg=ssh\nadd 1 7 0 1 b/2 h fwd=D3\n", "", "", 1, 1 },
	{ "start " K(1) " arg=ssh\nend 1 7 0 1 b/3 i\n", "", "", 1, 1 },
	/* The machine got another name meanwhile. */
	{ "start " K(1) " arg=ssh\nadd 1 7 0 1 b/1 i fwd=D3\n", "3", "", 1,
	    0 },
	{ "start " K(1) " arg=ssh\nend " K(2) "\n", "", "", 1, 0 },
	/* The second number is not known to all. */
	{ "start " K(1) " arg=ssh\nadd 1 7 5 1 b/1 h fwd=D3\n", "3", "", 1,
	    0 },
	/* What is cut is skipped. */
	{ "start " K(1) " arg=ssh\nend " K(1), "", "", 1, 0 },
	{ "start " K(1) " arg=ssh\nend 1 7\nadd " K(1) " fwd=D3\n", "3", "",
	    1, 0 }
};

START_TEST(accounts_for_a_process)
{
	struct tun_journal *j = journal_of(accounts[_i].text);
	struct tun_record key = { .pid = 1, .ident = { 7, 0 }, .boot = "b/1",
	    .host = "h" };
	struct journal_account ac;

	ck_assert_int_eq(journal_account(j, &key, &ac), 0);
	ck_assert_ptr_nonnull(ac.recipe);
	ck_assert_str_eq(added(ac.open), accounts[_i].open);
	ck_assert_str_eq(forwards(ac.closed), accounts[_i].closed);
	ck_assert_int_eq(!ac.ended, accounts[_i].current);
	ck_assert_int_eq(ac.others, accounts[_i].others);
	ck_assert_int_eq(ac.recipe->current, accounts[_i].current);
	ck_assert_str_eq(added(ac.recipe->added), accounts[_i].open);
	tun_journal_free(j);
}
END_TEST

/* The record with this index is replaced by a later one, or is not. */
static const struct {
	const char *text;
	size_t at;
	int replaced;
} replacements[] = {
	{ "start " K(1) " cwd=/ arg=ssh\nstart " K(2) " cwd=/ arg=ssh\n",
	    0, 1 },
	{ "start " K(1) " cwd=/ arg=ssh\nstart " K(2) " cwd=/ arg=ssh\n",
	    1, 0 },
	{ "start " K(1) " cwd=/ arg=ssh\nstart " K(2) " cwd=/x arg=ssh\n",
	    0, 0 },
	{ "start " K(1) " cwd=/ arg=ssh\nstart " K(2) " cwd=/ arg=ssh "
	    "arg=a\n", 0, 0 },
	{ "start " K(1) " cwd=/ arg=ssh\nstart 2 7 0 1 b/1 i cwd=/ arg=ssh\n",
	    0, 0 },
	/* One start of a script that makes two. */
	{ "start " K(1) " by=9 arg=sh\nstart " K(2) " by=9 arg=sh\n", 0, 0 },
	{ "start " K(1) " by=9 arg=sh\nstart " K(2) " by=9 arg=sh\n"
	    "start " K(3) " by=8 arg=sh\n", 0, 1 }
};

START_TEST(replaces_a_recipe)
{
	struct tun_journal *j = journal_of(replacements[_i].text);

	ck_assert_int_eq(journal_is_replaced(j,
	    j->records[replacements[_i].at]), replacements[_i].replaced);
	tun_journal_free(j);
}
END_TEST

/* --- the file ------------------------------------------------------------ */

static char home[] = "/tmp/journal.XXXXXX";
static char folder[sizeof(home) + 64], file[sizeof(folder) + 16];
static struct tun_ctx *ctx;

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(home));
	snprintf(folder, sizeof(folder), "%s/.local/state/libfind", home);
	snprintf(file, sizeof(file), "%s/journal", folder);
	ck_assert_ptr_nonnull(ctx = tun_open(NULL));
	ck_assert_int_eq(tun_journal_use(ctx, NULL, home), 0);
}

static void
teardown(void)
{
	char command[sizeof(home) + 16];

	tun_close(ctx);
	snprintf(command, sizeof(command), "rm -rf %s", home);
	ck_assert_int_eq(system(command), 0);
}

/* This process is the tunnel: it runs as long as the test. */
static const struct tun *
tunnel(void)
{
	static struct tun t;

	t.pid = getpid();
	t.ident[0] = 5;
	t.ctlpath = "/tmp/m";
	return &t;
}

static const struct tun_forward *
forward(int port)
{
	static struct tun_forward fwd;

	fwd.kind = TUN_FWD_LOCAL;
	fwd.listen.port = port;
	fwd.connect.host = "h";
	fwd.connect.port = 22;
	return &fwd;
}

static int
add(int port)
{
	return tun_journal_add(ctx, tunnel(), forward(port), 0, 0);
}

/* The number of records; -1: it cannot be read. */
static int
count(void)
{
	struct tun_journal *j = tun_journal_read(ctx);
	const struct tun_record *r = NULL;
	int n = 0;

	if (j == NULL)
		return -1;
	while ((r = tun_journal_next(j, r)) != NULL)
		n++;
	tun_journal_free(j);
	return n;
}

static off_t
file_size(void)
{
	struct stat st;

	ck_assert_int_eq(stat(file, &st), 0);
	return st.st_size;
}

static void
write_file(const char *text, int flags)
{
	int fd = open(file, O_WRONLY | O_CREAT | flags, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	close(fd);
}

START_TEST(adds_and_reads)
{
	const char *argv[] = { "ssh", "-fN", "host", NULL };
	const char *env[] = { "PASSWORD=x", "SSH_AUTH_SOCK=/tmp/a", NULL };
	const struct tun_record *r;
	struct tun_journal *j;
	struct stat st;

	ck_assert_int_eq(count(), 0);
	ck_assert_int_eq(tun_journal_end(ctx, tunnel()), 0);
	ck_assert_int_eq(access(folder, F_OK), -1);
	ck_assert_int_eq(tun_journal_start(ctx, tunnel(), argv, "/", env), 0);
	ck_assert_int_eq(add(7777), 0);
	ck_assert_ptr_null(tun_journal_error(ctx));
	ck_assert_str_eq(tun_journal_path(ctx), file);
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(folder, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	ck_assert_ptr_nonnull(j = tun_journal_read(ctx));
	ck_assert_ptr_nonnull(r = tun_journal_of(j, tunnel()));
	ck_assert_str_eq(r->argv[2], "host");
	ck_assert_str_eq(r->env[0], "SSH_AUTH_SOCK=/tmp/a");
	ck_assert_ptr_null(r->env[1]);
	ck_assert_str_eq(added(r->added), "7777:h:22");
	tun_journal_free(j);
	ck_assert_int_eq(tun_journal_end(ctx, tunnel()), 0);
	ck_assert_ptr_nonnull(j = tun_journal_read(ctx));
	ck_assert_ptr_null(tun_journal_of(j, tunnel()));
	tun_journal_free(j);
}
END_TEST

START_TEST(forgets)
{
	const struct tun *t = tunnel();
	struct tun other = *t;
	struct tun_journal *j;

	ck_assert_int_eq(add(1), 0);
	other.ident[0]++;
	ck_assert_int_eq(tun_journal_add(ctx, &other, forward(2), 0, 0), 0);
	ck_assert_ptr_nonnull(j = tun_journal_read(ctx));
	ck_assert_int_eq(tun_journal_forget(ctx, j, &t, 1), 0);
	tun_journal_free(j);
	ck_assert_int_eq(count(), 1);
}
END_TEST

/* What a cut write has left is skipped, and the next line is a new one. */
START_TEST(a_torn_line_costs_one_record)
{
	static const char *const torn[] = {
		"add 1 2", "add 1 2\n", "\377\033[2J", "\n\n"
	};

	ck_assert_int_eq(add(1), 0);
	write_file(torn[_i], O_APPEND);
	ck_assert_int_eq(count(), 1);
	ck_assert_int_eq(add(2), 0);
	ck_assert_int_eq(count(), 2);
}
END_TEST

START_TEST(a_torn_head_is_written_again)
{
	ck_assert_int_eq(add(1), 0);
	write_file("libfind-jou", O_TRUNC);
	ck_assert_int_eq(count(), 0);
	ck_assert_int_eq(add(2), 0);
	ck_assert_int_eq(count(), 1);
}
END_TEST

START_TEST(another_version_is_left_alone)
{
	static const char *const texts[] = {
		"libfind-journal 2 0\nx\n", "libfind-journal 10 0\n",
		"#!/bin/sh\n", "x"
	};
	off_t size;

	ck_assert_int_eq(add(1), 0);
	write_file(texts[_i], O_TRUNC);
	size = file_size();
	ck_assert_fails(add(2), EPROTO);
	ck_assert_str_eq(tun_journal_error(ctx), "it is of another version");
	ck_assert_int_eq(file_size(), size);
	if (strchr(texts[_i], '\n') != NULL) {
		ck_assert_fails(count(), EPROTO);
	}
}
END_TEST

/* Commands that make the file one that is not used. %s is the folder. */
static const struct {
	const char *command, *why;
} unsafe[] = {
	{ "mkfifo journal", "it is no regular file" },
	{ "mkdir journal", "it is no regular file" },
	{ "ln -s /etc/passwd journal", "it is a link" },
	{ "ln -s nowhere journal", "it is a link" },
	{ "echo 'libfind-journal 1 0' >journal; chmod 0660 journal",
	    "others may write to it" },
	{ "chmod 0770 .", "others may write to its directory" },
	{ "chmod 1777 .", "others may write to its directory" },
	{ "truncate -s 5M journal", "it is too large" }
};

START_TEST(an_unsafe_file_is_not_used)
{
	char command[512];

	snprintf(command, sizeof(command), "mkdir -p -m 700 %s; cd %s && %s",
	    folder, folder, unsafe[_i].command);
	ck_assert_int_eq(system(command), 0);
	if (strncmp(unsafe[_i].command, "chmod", 5) != 0)
		ck_assert_int_eq(count(), -1);
	ck_assert_int_eq(add(1), -1);
	ck_assert_str_eq(tun_journal_error(ctx), unsafe[_i].why);
	ck_assert_str_eq(tun_journal_path(ctx), file);
}
END_TEST

START_TEST(anothers_directory_is_not_used)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(add(1), 0);
	ck_assert_int_eq(chown(folder, 12345, 12345), 0);
	ck_assert_fails(count(), EPERM);
	ck_assert_int_eq(add(1), -1);
	ck_assert_str_eq(tun_journal_error(ctx),
	    "its directory is another user's");
}
END_TEST

/* A full disk: what was written before stays, and nothing else. */
START_TEST(a_full_disk_loses_nothing)
{
	struct rlimit limit, old;
	off_t size;

	ck_assert_int_eq(add(1), 0);
	size = file_size();
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = (rlim_t)size + 10;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_fails(add(2), EFBIG);
	ck_assert_int_eq(file_size(), size);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	ck_assert_int_eq(count(), 1);
	ck_assert_int_eq(add(3), 0);
	ck_assert_int_eq(count(), 2);
}
END_TEST

START_TEST(waits_for_the_lock_but_not_for_ever)
{
	int fd;

	ck_assert_int_eq(add(1), 0);
	fd = open(file, O_RDONLY);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	/* Readers do not wait. */
	ck_assert_int_eq(count(), 1);
	ck_assert_fails(add(2), ETIMEDOUT);
	close(fd);
	ck_assert_int_eq(add(2), 0);
}
END_TEST

#define WRITERS	4
#define EACH	200

static void
write_many(int who)
{
	int i;

	for (i = 0; i < EACH; i++)
		if (add(1 + who * EACH + i) == -1)
			_exit(1);
	_exit(0);
}

static void
run_writers(void)
{
	int i, status;

	for (i = 0; i < WRITERS; i++)
		if (fork() == 0)
			write_many(i);
	for (i = 0; i < WRITERS; i++) {
		ck_assert_int_ne(wait(&status), -1);
		ck_assert_int_eq(status, 0);
	}
}

/* Makes the file so large that the next writer writes it anew. */
static void
fill(void)
{
	char *filler = malloc(JOURNAL_COMPACT + 1);

	ck_assert_ptr_nonnull(filler);
	memset(filler, 'x', JOURNAL_COMPACT);
	filler[JOURNAL_COMPACT] = '\0';
	write_file(filler, O_APPEND);
	free(filler);
}

/* Also while one of them replaces the file that the others wait for. */
START_TEST(several_writers_lose_nothing)
{
	if (_i == 1) {
		ck_assert_int_eq(add(WRITERS * EACH + 1), 0);
		fill();
	}
	run_writers();
	ck_assert_int_eq(count(), WRITERS * EACH + _i);
}
END_TEST

/*
 * What counts stays: the open forwards of processes that run, and recipes. What
 * was closed, ended or replaced goes.
 */
START_TEST(a_large_file_is_written_anew)
{
	const char *argv[] = { "ssh", "-fN", "host", NULL };
	struct tun gone = *tunnel();
	struct tun_journal *j;
	pid_t pid;
	int status;

	gone.pid = 0x7fffff00;
	ck_assert_int_eq(add(1), 0);
	ck_assert_int_eq(add(2), 0);
	ck_assert_int_eq(tun_journal_close(ctx, tunnel(), forward(2)), 0);
	ck_assert_int_eq(tun_journal_add(ctx, &gone, forward(3), 0, 0), 0);
	gone.ident[0]++;
	ck_assert_int_eq(tun_journal_start(ctx, &gone, argv, "/", NULL), 0);
	ck_assert_int_eq(tun_journal_add(ctx, &gone, forward(3), 0, 0), 0);
	gone.ident[0]++;
	/* Another process is another start. */
	if ((pid = fork()) == 0)
		_exit(tun_journal_start(ctx, &gone, argv, "/", NULL) == 0 ?
		    0 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(tun_journal_add(ctx, &gone, forward(4), 0, 0), 0);
	gone.ident[0]++;
	ck_assert_int_eq(tun_journal_start(ctx, &gone, argv, "/x", NULL), 0);
	ck_assert_int_eq(tun_journal_end(ctx, &gone), 0);
	fill();
	ck_assert_int_eq(count(), 10);
	ck_assert_int_eq(add(5), 0);
	ck_assert_int_lt(file_size(), 4096);
	/* 1, its close of 2, the second recipe and 4, and 5. */
	ck_assert_int_eq(count(), 5);
	gone.ident[0]--;
	ck_assert_ptr_nonnull(j = tun_journal_read(ctx));
	ck_assert_str_eq(added(tun_journal_of(j, &gone)->added),
	    "4:h:22");
	tun_journal_free(j);
}
END_TEST

/* Puts this system into the text. */
static void
expand(const char *from, char *to, size_t size)
{
	struct plat_proc row = { .pid = getpid() };
	char boot[PLAT_BOOT_MAX], host[256];
	size_t n;

	ck_assert_int_eq(plat_boot(ctx->pl, boot, sizeof(boot)), 0);
	ck_assert_int_eq(plat_rows(ctx->pl, &row, 1), 0);
	gethostname(host, sizeof(host));
	for (*to = '\0'; *from != '\0'; from++) {
		n = strlen(to);
		if (*from != '%')
			snprintf(to + n, size - n, "%c", *from);
		else if (*++from == 'B')
			snprintf(to + n, size - n, "%s", boot);
		else if (*from == 'N')
			snprintf(to + n, size - n, "%s", host);
		else if (*from == 'P')
			snprintf(to + n, size - n, "%ld", (long)getpid());
		else
			snprintf(to + n, size - n, "%llu",
			    (unsigned long long)row.ident[0]);
	}
}

/*
 * What may run elsewhere stays, and what an earlier boot had goes: only a
 * recipe is of use then.
 */
START_TEST(what_is_elsewhere_stays)
{
	static const struct {
		const char *line;
		int stays;
	} rows[] = {
		{ "add 7 7 0 1 b/7 other fwd=D1\n", 1 },
		{ "add 7 7 0 1 %B0 %N fwd=D1\n", 1 },
		{ "start 7 7 0 1 %B0 %N arg=ssh\nend 7 7 0 1 %B0 %N\n", 2 },
		{ "add 7 7 0 1 b/8 %N fwd=D1\n", 0 },
		{ "start 7 7 0 1 b/9 %N arg=ssh\n", 1 }
	};
	char text[1024];
	size_t i;
	int n = 2;

	ck_assert_int_eq(add(1), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expand(rows[i].line, text, sizeof(text));
		write_file(text, O_APPEND);
		n += rows[i].stays;
	}
	fill();
	ck_assert_int_eq(add(2), 0);
	ck_assert_int_lt(file_size(), 4096);
	ck_assert_int_eq(count(), n);
}
END_TEST

/* If all of it counts, it is not written anew for each record. */
START_TEST(a_large_file_that_counts_grows)
{
	char *text = calloc(20000, 128);
	size_t len = 0;
	struct stat st;
	ino_t ino;
	int i;

	ck_assert_int_eq(add(1), 0);
	for (i = 0; i < 20000; i++)
		len += (size_t)snprintf(text + len, 128, "start %d 7 0 1 b/1 "
		    "other cwd=/ arg=ssh arg=xxxxxxxxxxxxxxxxxxxxxxxxx\n",
		    i + 1);
	write_file(text, O_APPEND);
	free(text);
	ck_assert_int_eq(add(2), 0);
	ck_assert_int_eq(stat(file, &st), 0);
	ino = st.st_ino;
	ck_assert_int_eq(add(3), 0);
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_uint_eq(st.st_ino, ino);
	ck_assert_int_eq(count(), 20003);
}
END_TEST

/* A scan takes the records of its processes out of those of many others. */
START_TEST(a_scan_reads_what_it_needs)
{
	char *text = calloc(10000, 128);
	const struct tun_record *r = NULL;
	struct tun_journal *j;
	pid_t pid = getpid();
	size_t len = 0;
	int i, n = 0;

	ck_assert_int_eq(add(1), 0);
	/* These are above all PIDs that there can be. */
	for (i = 0; i < 10000; i++)
		len += (size_t)snprintf(text + len, 128, "start %d 7 0 1 b/1 "
		    "other cwd=/ arg=ssh arg=-fN arg=host\n", 0x10000000 + i);
	write_file(text, O_APPEND);
	free(text);
	ck_assert_int_eq(add(2), 0);
	ck_assert_int_eq(count(), 10002);
	ck_assert_ptr_nonnull(j = journal_read(ctx, &pid, 1));
	for (; (r = tun_journal_next(j, r)) != NULL; n++)
		ck_assert_int_eq(r->pid, pid);
	ck_assert_int_eq(n, 2);
	tun_journal_free(j);
}
END_TEST

/* The home is on a file system that other machines use: a child does it all. */
START_TEST(a_shared_home_is_used_by_a_child)
{
	struct resolver *rs = ctx->rs;

	rs->n = 2;
	ck_assert_ptr_nonnull(rs->v = calloc(rs->n, sizeof(*rs->v)));
	ck_assert_ptr_nonnull(rs->dead = calloc(rs->n, 1));
	rs->v[0].point = "/";
	rs->v[0].fs = PLAT_FS_LOCAL;
	rs->v[1].point = home;
	rs->v[1].fs = _i == 0 ? PLAT_FS_SHARED : PLAT_FS_TRIGGER;
	resolve_sort(rs);
	/* What would be mounted by looking is not looked at. */
	ck_assert_int_eq(add(1), _i == 0 ? 0 : -1);
	ck_assert_int_eq(add(2), _i == 0 ? 0 : -1);
	ck_assert_int_eq(count(), _i == 0 ? 2 : -1);
	/* Its server does not answer. */
	rs->dead[1] = 1;
	ck_assert_int_eq(count(), -1);
}
END_TEST

START_TEST(without_a_place_there_is_none)
{
	struct tun_ctx *none = tun_open(NULL);

	ck_assert_ptr_null(tun_journal_read(none));
	ck_assert_int_eq(errno, ENOTSUP);
	tun_close(none);
}
END_TEST

/* --- what is lost -------------------------------------------------------- */

/*
 * %B and %N are this boot and machine, %P and %I are this process.
 */
static const struct {
	const char *text, *lost;
} losses[] = {
	{ "start 1073741824 7 0 1 %B %N arg=ssh arg=-D arg=1 arg=h\n", "D1" },
	{ "start 1073741824 7 0 1 %B %N arg=ssh arg=-D arg=1 arg=h\n"
	    "add 1073741824 7 0 1 %B %N fwd=R2:a:3\n", "D1 R2" },
	{ "start 1073741824 7 0 1 %B %N arg=ssh arg=-D arg=1 arg=h\n"
	    "close 1073741824 7 0 1 %B %N fwd=D1\n", "M1073741824" },
	{ "start 1073741824 7 0 1 %B %N arg=ssh arg=-D arg=1 arg=h\n"
	    "end 1073741824 7 0 1 %B %N\n", "" },
	/* A wrapper before ssh. */
	{ "keep 1073741824 7 0 1 %B %N arg=nice arg=ssh arg=-D arg=1 arg=h\n",
	    "D1" },
	/* Another boot, whatever has its PID now. */
	{ "start %P 7 0 1 b/1 %N arg=ssh arg=-D arg=1 arg=h\n", "D1" },
	/* Another machine, another PID namespace of this boot: not seen. */
	{ "start 1073741824 7 0 1 b/1 other arg=ssh arg=-D arg=1 arg=h\n",
	    "" },
	/* This machine, when it had another name. */
	{ "start 1073741824 7 0 1 %B other arg=ssh arg=-D arg=1 arg=h\n",
	    "D1" },
	{ "start 1073741824 7 0 1 %B0 %N arg=ssh arg=-D arg=1 arg=h\n", "" },
	/* It was started again, and that one was ended. */
	{ "start 1073741824 7 0 1 %B %N arg=ssh arg=-D arg=1 arg=h\n"
	    "start 1073741825 7 0 1 %B %N arg=ssh arg=-D arg=1 arg=h\n"
	    "end 1073741825 7 0 1 %B %N\n", "" },
	{ "start 1073741824 7 0 1 %B %N arg=ssh arg=-D arg=1 arg=h\n"
	    "start 1073741825 7 0 1 %B %N arg=ssh arg=-D arg=1 arg=h\n",
	    "D1" },
	/* The process runs. */
	{ "start %P %I 0 1 %B %N arg=ssh arg=-D arg=1 arg=h\n", "" },
	{ "start %P 1%I 0 1 %B %N arg=ssh arg=-D arg=1 arg=h\n", "D1" }
};

START_TEST(lists_what_is_lost)
{
	char text[1024], ids[256] = "";
	const struct tun *t = NULL;
	struct tun_journal *j;
	struct tun_list *list;
	size_t i;

	ck_assert_int_eq(add(1), 0);
	expand(losses[_i].text, text, sizeof(text));
	write_file(text, O_APPEND);
	ck_assert_ptr_nonnull(j = tun_journal_read(ctx));
	ck_assert_int_eq(tun_journal_lost(ctx, j, NULL, &list), 0);
	while ((t = tun_next(list, t)) != NULL) {
		ck_assert_int_eq(tun_state(t), TUN_GONE);
		ck_assert_ptr_nonnull(tun_journal_of(j, t));
		if (tun_fwd_count(t) == 0)
			strcat(ids, tun_id(t));
		for (i = 0; i < tun_fwd_count(t); i++) {
			if (i > 0)
				strcat(ids, " ");
			strcat(ids, tun_fwd_id(tun_fwd_at(t, i)));
			/* Bytes of a connection are not known, and not 0. */
			ck_assert_int_eq(tun_fwd_at(t, i)->rx, -1);
			ck_assert_int_eq(tun_fwd_at(t, i)->tx, -1);
		}
	}
	ck_assert_str_eq(ids, losses[_i].lost);
	tun_list_free(list);
	tun_journal_free(j);
}
END_TEST

/* A running ssh, and whether the one of RECIPE is lost all the same. */
#define RECIPE	"start 1073741824 7 0 1 %B %N ctl=/tmp/m arg=ssh arg=-L " \
		"arg=1:h:2 arg=-R arg=3:h:4 arg=h\n"
#define WRAPPED	"start 1073741824 7 0 1 %B %N arg=wrap arg=-L arg=1:h:2 " \
		"arg=h\n"

static struct tun_fwd one = { .spec = { .kind = TUN_FWD_LOCAL,
    .listen = { NULL, NULL, 1 } } };
static struct tun_fwd other = { .spec = { .kind = TUN_FWD_LOCAL,
    .listen = { NULL, NULL, 2 } } };

static const struct {
	const char *text;
	const char *argv[7];
	int titled;		/* 2: and its sockets were not seen */
	const char *ctlpath;
	const struct tun_fwd *fwd;
	int lost;
} runners[] = {
	/* A title has one word, and no word of it is of the recipe. */
	{ RECIPE, { "ssh: /tmp/x [mux]" }, 1, "/tmp/x", NULL, 1 },
	{ RECIPE, { "ssh: /tmp/x [mux]" }, 1, "/tmp/x", &one, 1 },
	{ RECIPE, { "ssh: /tmp/m [mux]" }, 1, "/tmp/m", NULL, 1 },
	{ RECIPE, { "ssh: /tmp/m [mux]" }, 2, "/tmp/m", NULL, 0 },
	{ RECIPE, { "ssh: /tmp/m [mux]" }, 1, "/tmp/m", &other, 1 },
	{ RECIPE, { "ssh: /tmp/m [mux]" }, 1, "/tmp/m", &one, 0 },
	/* A shell on the same host ends in the same word. */
	{ RECIPE, { "ssh", "h" }, 0, NULL, NULL, 1 },
	{ RECIPE, { "ssh" }, 0, NULL, NULL, 1 },
	{ WRAPPED, { "ssh", "h" }, 0, NULL, NULL, 1 },
	{ WRAPPED, { "ssh", "-L", "1:h:2", "h" }, 0, NULL, &one, 0 }
};

START_TEST(what_runs_is_not_lost)
{
	struct tun t = { .pid = 2, .ctlpath = runners[_i].ctlpath,
	    .argv = runners[_i].argv, .fwds = &runners[_i].fwd };
	struct tun_list *running = list_new(), *list;
	struct tun_journal *j;
	char text[1024];

	ck_assert_ptr_nonnull(running);
	while (t.argv[t.argc] != NULL)
		t.argc++;
	t.nfwds = runners[_i].fwd != NULL;
	if (runners[_i].titled)
		evidence_add(&t.why, TUN_WHY_ARGVLOST);
	if (runners[_i].titled == 2)
		evidence_add(&t.why, TUN_WHY_NOSOCKETS);
	ck_assert_int_eq(list_add(running, &t), 0);
	list_sort(running);
	ck_assert_int_eq(add(1), 0);
	expand(runners[_i].text, text, sizeof(text));
	write_file(text, O_APPEND);
	ck_assert_ptr_nonnull(j = tun_journal_read(ctx));
	ck_assert_int_eq(tun_journal_lost(ctx, j, running, &list), 0);
	ck_assert_uint_eq(tun_count(list), (size_t)runners[_i].lost);
	tun_list_free(list);
	tun_list_free(running);
	tun_journal_free(j);
}
END_TEST

Suite *
journal_suite(void)
{
	Suite *s = suite_create("journal");
	TCase *tc;

	if (!IS_LIVE)
		return s;
	add_tests(s, "lines", ROWS(reads_a_line, lines),
	    TEST(a_line_has_a_limit), ROWS(accounts_for_a_process, accounts),
	    ROWS(replaces_a_recipe, replacements));
	tc = add_tests(s, "file", TEST(adds_and_reads), TEST(forgets),
	    TIMES(a_torn_line_costs_one_record, 4),
	    TEST(a_torn_head_is_written_again),
	    TIMES(another_version_is_left_alone, 4),
	    ROWS(an_unsafe_file_is_not_used, unsafe),
	    TEST(anothers_directory_is_not_used),
	    TEST(a_full_disk_loses_nothing),
	    TEST(waits_for_the_lock_but_not_for_ever),
	    TIMES(several_writers_lose_nothing, 2),
	    TEST(a_large_file_is_written_anew),
	    TEST(what_is_elsewhere_stays),
	    TEST(a_large_file_that_counts_grows),
	    TEST(a_scan_reads_what_it_needs),
	    TIMES(a_shared_home_is_used_by_a_child, 2),
	    TEST(without_a_place_there_is_none), ROWS(lists_what_is_lost,
	    losses), ROWS(what_runs_is_not_lost, runners));
	tcase_add_checked_fixture(tc, setup, teardown);
	return s;
}
