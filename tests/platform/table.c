/* SPDX-License-Identifier: ISC */
/*
 * Recorded tables: what is read is what was written, and nothing else is
 * read.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "impl.h"
#include "tests.h"

#define HEAD	"libfind-table 1\n"

static struct plat tab;

static void
unload(void)
{
	if (tab.ops != NULL)
		tab.ops->close(&tab);
	memset(&tab, 0, sizeof(tab));
}

static int
load(const char *text, size_t len)
{
	FILE *fp;
	int error, r;

	unload();
	ck_assert_ptr_nonnull(fp = tmpfile());
	ck_assert_uint_eq(fwrite(text, 1, len, fp), len);
	rewind(fp);
	r = table_load(&tab, fp);
	error = errno;
	fclose(fp);
	errno = error;
	return r;
}

static void
take(const char *text)
{
	ck_assert_int_eq(load(text, strlen(text)), 0);
}

/* What the platform would record, as text. */
static char *
record(struct plat *from, unsigned flags)
{
	char *text;
	long len;
	FILE *fp;

	ck_assert_ptr_nonnull(fp = tmpfile());
	ck_assert_int_eq(plat_record(from, NULL, 0, flags, NULL, fp), 0);
	len = ftell(fp);
	rewind(fp);
	ck_assert_ptr_nonnull(text = calloc(1, (size_t)len + 1));
	ck_assert_uint_eq(fread(text, 1, (size_t)len, fp), (size_t)len);
	fclose(fp);
	return text;
}

/* In the order and the form that the writer has. */
static const char whole[] = HEAD
    "system caps=0x39ff gaps=0x2 now=1700000000000001 uid=1000\n"
    "\n"
    "proc pid=7 name=ssh ppid=1 pgid=7 sid=7 uid=1000 ruid=1000 tty=34816 "
    "ident=123456 ident2=99 start=1699999999000000 flags=0x8 masks=1 "
    "sigcgt=0x8014007 state=T comm=a)\\040\\012\\134\n"
    "args ssh -fN \"\" a\\040b \\042\\042 \\377\\033 \\041x \"\"\n"
    "env A=1 TUN_LABEL=db\n"
    "exe /usr/bin/ssh gone\n"
    "cwd \\041/x\n"
    "fds limit=1024\n"
    "fd fd=0 kind=null name=/dev/null\n"
    "fd fd=3 kind=socket key=42\n"
    "fd fd=4 kind=tty flags=0x1 name=/dev/pts/0\n"
    "fd fd=5 kind=tun name=tun0\n"
    "origin reparented=-1 reaper=1 unit=x.service unit_user=1 "
    "cgroup=/a/x.service netns=1 nspid=1 nslevel=2 netns_id=4026531840\n"
    "members 8 7 0\n"
    "\n"
    "proc pid=8 via=comm name=ssh ppid=0 uid=1001\n"
    "args\n"
    "env !EACCES\n"
    "exe !EACCES\n"
    "cwd !ENOENT\n"
    "fds !EACCES\n"
    "origin reparented=0\n"
    "netns\n"
    "sock family=inet6 state=listen local=[::1]:22 scope=3 "
    "place=gone v6only=1 key=50 known=0x80\n"
    "\n"
    "socks\n"
    "sock family=inet state=listen local=127.0.0.1:8008 key=42 known=0x80 "
    "wq=128\n"
    "sock family=inet state=estab local=127.0.0.1:8008 peer=127.0.0.1:999 "
    "key=77 known=0xcf uid=4294967295 timer=keepalive expires=4294967295 "
    "lar=5 rtt=100\n"
    "sock family=unix state=listen path=\\000abs\\377 key=44 known=0x60 "
    "vfs_dev=23 vfs_ino=18446744073709551615\n";

START_TEST(to_the_byte)
{
	char *text;

	take(whole);
	text = record(&tab, PLAT_RECORD_ENV);
	ck_assert_str_eq(text, whole);
	free(text);
}
END_TEST

START_TEST(live)
{
	struct plat *pl;
	char *first, *second;
	int i, same = 0;

	if ((pl = plat_open(NULL)) == NULL) {
		ck_assert_int_eq(errno, ENOSYS);
		return;
	}
	/* A process may end between two questions of one record. */
	for (i = 0; i < 20 && !same; i++) {
		first = record(pl, 0);
		take(first);
		second = record(&tab, 0);
		same = strcmp(first, second) == 0;
		free(second);
		free(first);
	}
	ck_assert(same);
	plat_close(pl);
}
END_TEST

START_TEST(answers)
{
	static const char args[] = "ssh\0-fN\0\0a b\0\"\"\0\377\033\0!x\0";
	struct plat_name np;
	struct plat_proc rows[3] = { { .pid = 8 }, { .pid = 9 },
	    { .pid = 7 } };
	struct plat_origin o;
	struct plat_fd *fds;
	pid_t pids[3];
	char *buf, path[64];
	size_t len, limit, n;
	int gone;

	take(whole);
	ck_assert_uint_eq(plat_caps(&tab), 0x39ff);
	ck_assert_uint_eq(plat_gaps(&tab), PLAT_GAP_PIDNS);
	ck_assert_int_eq(plat_now(&tab), INT64_C(1700000000000001));
	ck_assert_uint_eq(plat_uid(&tab), 1000);

	ck_assert_int_eq(plat_scan(&tab, PLAT_SCAN_OWN), 0);
	ck_assert_int_eq(plat_next(&tab, &np), 1);
	ck_assert_int_eq(np.pid, 7);
	ck_assert_int_eq(plat_next(&tab, &np), 0);

	ck_assert_int_eq(plat_rows(&tab, rows, 3), 0);
	ck_assert_int_eq(rows[0].pid, 8);
	ck_assert(rows[0].tty == PLAT_NOTTY);
	ck_assert_int_eq(rows[1].pid, 0);
	ck_assert_str_eq(rows[2].comm, "a) \n\\");

	ck_assert_int_eq(plat_args(&tab, &rows[2], &buf, &len), 0);
	ck_assert_uint_eq(len, sizeof(args));
	ck_assert_int_eq(memcmp(buf, args, len), 0);
	free(buf);
	ck_assert_int_eq(plat_args(&tab, &rows[0], &buf, &len), 0);
	ck_assert_uint_eq(len, 0);
	free(buf);
	ck_assert_fails(plat_env(&tab, &rows[0], &buf, &len), EACCES);
	ck_assert_fails(plat_where(&tab, &rows[0], PLAT_CWD, path, 64, &gone),
	    ENOENT);
	ck_assert_int_eq(plat_where(&tab, &rows[2], PLAT_CWD, path, 64,
	    &gone), 3);
	ck_assert_str_eq(path, "!/x");
	ck_assert_fails(plat_where(&tab, &rows[2], PLAT_CWD, path, 3, &gone),
	    ENAMETOOLONG);
	ck_assert_int_eq(plat_fds(&tab, &rows[2], &fds, &n, &limit), 0);
	ck_assert_uint_eq(n, 4);
	ck_assert_uint_eq(limit, 1024);
	ck_assert_int_eq(fds[3].kind, PLAT_FD_TUN);
	free(fds);
	ck_assert_int_eq(plat_origin(&tab, &rows[2], &o), 0);
	ck_assert_int_eq(o.unit_user, 1);
	ck_assert_int_eq(o.nspid, 1);
	ck_assert_int_eq(o.nslevel, 2);
	ck_assert_int_eq(plat_members(&tab, &rows[2], pids, 3, &n), 0);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(pids[0], 8);
	ck_assert_int_eq(pids[1], 7);
	ck_assert_int_eq(pids[2], 0);
	ck_assert_fails(plat_members(&tab, &rows[2], pids, 2, &n), E2BIG);
	ck_assert_fails(plat_members(&tab, &rows[0], pids, 3, &n), ENOTSUP);

	rows[2].ident[1]++;
	ck_assert_fails(plat_args(&tab, &rows[2], &buf, &len), ESRCH);
	rows[2].ident[1]--;
	ck_assert_fails(plat_signal(&tab, &rows[2], NULL, 0), ENOTSUP);
}
END_TEST

static const struct {
	unsigned flags;
	int nkeys;		/* of 42 */
	int netns;		/* of this process, or 0 */
	size_t n;
	unsigned known;		/* of the last */
} asks[] = {
	{ PLAT_SOCKS_LISTEN, 0, 0, 1, 0x80 },
	{ PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX, 0, 0, 2, 0x60 },
	{ PLAT_SOCKS_ALL, 0, 0, 1, 0x80 },
	{ PLAT_SOCKS_ALL, 1, 0, 2, 0xc7 },
	{ PLAT_SOCKS_ALL | PLAT_SOCKS_HELD, 1, 0, 1, 0x80 },
	{ PLAT_SOCKS_ALL | PLAT_SOCKS_INFO, 1, 0, 2, 0xcf },
	{ PLAT_SOCKS_LISTEN, 0, 7, 1, 0x80 },
	{ PLAT_SOCKS_LISTEN, 0, 8, 1, 0x80 }
};

START_TEST(sockets)
{
	const uint64_t key = 42;
	struct plat_proc row = { 0 };
	struct plat_sock *socks;
	size_t n;

	take(whole);
	row.pid = asks[_i].netns;
	ck_assert_int_eq(plat_rows(&tab, &row, 1), 0);
	ck_assert_int_eq(plat_socks(&tab, asks[_i].nkeys ? &key : NULL,
	    (size_t)asks[_i].nkeys, asks[_i].flags,
	    row.pid != 0 ? &row : NULL, &socks, &n), 0);
	ck_assert_uint_eq(n, asks[_i].n);
	ck_assert_uint_eq(socks[n - 1].known, asks[_i].known);
	if (asks[_i].netns == 8) {
		ck_assert_int_eq(socks[0].family, AF_INET6);
		ck_assert_int_eq(socks[0].local_addr, PLAT_LOCAL_ADDR_GONE);
	}
	free(socks);
}
END_TEST

/* A second look is the first's until the next walk. */
START_TEST(later)
{
	static const char text[] = HEAD
	    "system now=1\nproc pid=7\nfds limit=5\nsocks\n"
	    "later\nsystem now=2\nproc pid=7\nfds limit=6\nsocks\n";
	struct plat_proc row = { .pid = 7 };
	struct plat_fd *fds;
	size_t i, limit, n;

	take(text);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(plat_scan(&tab, 0), 0);
		ck_assert_int_eq(plat_now(&tab), 1);
		ck_assert_int_eq(plat_rows(&tab, &row, 1), 0);
		ck_assert_int_eq(plat_later(&tab, 1000000), 1);
		ck_assert_int_eq(plat_now(&tab), 2);
		ck_assert_int_eq(plat_rows(&tab, &row, 1), 0);
		ck_assert_int_eq(plat_fds(&tab, &row, &fds, &n, &limit), 0);
		ck_assert_uint_eq(limit, 6);
		free(fds);
		ck_assert_int_eq(plat_later(&tab, 1000000), 0);
	}
}
END_TEST

START_TEST(files)
{
	static const char text[] = HEAD
	    "file /a\\040b ino=7 socket=1\nfile /gone !ENOENT\n";
	struct plat_file f;

	take(text);
	ck_assert_int_eq(plat_file_get(&tab, "/a b", &f), 0);
	ck_assert(f.error == 0 && f.ino == 7 && f.socket);
	ck_assert_int_eq(plat_file_get(&tab, "/gone", &f), 0);
	ck_assert_int_eq(f.error, ENOENT);
	ck_assert_int_eq(plat_file_get(&tab, "/else", &f), 0);
	ck_assert_int_eq(f.error, EACCES);
}
END_TEST

/* No more of a process than was asked, and no one that nobody asked for. */
START_TEST(traced)
{
	static const char *const names[] = { "TUN_LABEL", NULL };
	struct plat_proc row = { .pid = 7 };
	struct plat_file f = { .dev = 23, .ino = 9, .socket = 1, .shared = 1 };
	char *buf, *text;
	size_t len;
	FILE *fp;

	take(whole);
	ck_assert_int_eq(plat_trace(&tab), 0);
	ck_assert_int_eq(plat_rows(&tab, &row, 1), 0);
	ck_assert_int_eq(plat_env(&tab, &row, &buf, &len), 0);
	free(buf);
	plat_file_put(&tab, "/s", &f);
	ck_assert_ptr_nonnull(fp = open_memstream(&text, &len));
	ck_assert_int_eq(plat_record(&tab, NULL, 0, PLAT_RECORD_TRACED |
	    PLAT_RECORD_ENV, names, fp), 0);
	fclose(fp);
	ck_assert_ptr_nonnull(strstr(text, "proc pid=7 "));
	ck_assert_ptr_nonnull(strstr(text, "\nenv TUN_LABEL=db\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nfile /s dev=23 ino=9 socket=1 "
	    "shared=1\n"));
	ck_assert_ptr_null(strstr(text, "proc pid=8"));
	ck_assert_ptr_null(strstr(text, "\nargs"));
	ck_assert_ptr_null(strstr(text, "\nfds"));
	ck_assert_ptr_null(strstr(text, "\norigin"));
	free(text);
	trace_free(&tab);
}
END_TEST

static const char *const refused[] = {
	HEAD "later\nlater\n",
	HEAD "file\n",
	HEAD "file !ENOENT\n",
	HEAD "file /x nosuch=1\n",
	"",
	"libfind-table 1",		/* cut off */
	"libfind-table 2\n",
	HEAD "proc pid=1",		/* cut off */
	HEAD "proc pid=1\nproc pid=1\n",
	HEAD "proc\n",
	HEAD "proc pid=0\n",
	HEAD "proc pid=-1\n",
	HEAD "proc pid=2147483648\n",
	HEAD "proc pid=1 uid=4294967296\n",
	HEAD "proc pid=1 uid=-1\n",
	HEAD "proc pid=1 uid=\n",
	HEAD "proc pid=1 uid= 1\n",
	HEAD "proc pid=1 uid=0x\n",
	HEAD "proc pid=1 uid=1a\n",
	HEAD "proc pid=1 tty=18446744073709551616\n",
	HEAD "proc pid=1 nosuch=1\n",
	HEAD "proc pid=1 via\n",
	HEAD "proc pid=1 via=nosuch\n",
	HEAD "proc pid=1 state=RR\n",
	HEAD "proc pid=1 comm=a\\000b\n",
	HEAD "proc pid=1 comm=\\8\n",
	HEAD "proc pid=1 comm=\\40\n",
	HEAD "proc pid=1 comm=\\400\n",
	HEAD "proc pid=1 comm=0123456789012345678901234567890123456789"
	    "012345678901234567890123\n",
	HEAD "nosuch\n",
	HEAD " system\n",
	HEAD "args ssh\n",		/* of whom? */
	HEAD "fd fd=1\n",
	HEAD "sock family=inet\n",
	HEAD "proc pid=1\nfd fd=1\n",
	HEAD "proc pid=1\nfds !EACCES\nfd fd=1\n",
	HEAD "proc pid=1\nfds\nfd fd=1\nfds\n",
	HEAD "proc pid=1\nargs  ssh\n",	/* two blanks */
	HEAD "proc pid=1\nargs ssh \n",
	HEAD "proc pid=1\nargs s\\000h\n",
	HEAD "proc pid=1\nargs !ENOSUCH\n",
	HEAD "proc pid=1\nexe\n",
	HEAD "proc pid=1\nexe /a b\n",
	HEAD "proc pid=1\nnetns !EACCES\nsock family=inet\n",
	HEAD "socks\nargs ssh\n",
	HEAD "socks x\n",
	HEAD "socks !EACCES\nsock family=inet\n",
	HEAD "socks\nsock family=nosuch\n",
	HEAD "socks\nsock state=listen\n",	/* of which family? */
	HEAD "socks\nsock family=inet local=127.0.0.1\n",
	HEAD "socks\nsock family=inet local=:1\n",
	HEAD "socks\nsock family=inet local=[::1:1\n",
	HEAD "socks\nsock family=inet local=::1:1\n",
	HEAD "socks\nsock family=inet local=127.0.0.1:65536\n",
	HEAD "socks\nsock family=unix path="
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "456789012345678901234567890123456789012345678\n0\n"
};

START_TEST(refuses)
{

	errno = 0;
	ck_assert_fails(load(refused[_i], strlen(refused[_i])), EINVAL);
}
END_TEST

/* What the path of a control group says is no member of its own. */
static const struct {
	const char *path;
	enum plat_cgroup kind;
	int owner;
	int user;		/* what the record says of the manager */
} cgroups[] = {
	{ "", PLAT_CGROUP_UNKNOWN, -1, 0 },
	{ "", PLAT_CGROUP_UNKNOWN, 5, 1 },	/* the process's own user */
	{ "/user.slice/user@7.service/a.service", PLAT_CGROUP_SERVICE, 7, 1 },
	{ "/docker/user@8.service/a.service", PLAT_CGROUP_SERVICE, -1, 1 },
	{ "/", PLAT_CGROUP_UNKNOWN, -1, 0 },
	{ "/init.scope", PLAT_CGROUP_MANAGER, -1, 0 },
	{ "/system.slice/a.service", PLAT_CGROUP_SERVICE, -1, 0 },
	{ "/docker/1/system.slice/a.service", PLAT_CGROUP_SERVICE, -1, 0 },
	{ "/system.slice/a.service/b", PLAT_CGROUP_OTHER, -1, 0 },
	{ "/user.slice/user-7.slice/session-1.scope",
	    PLAT_CGROUP_OTHER, -1, 0 },
	{ "/user.slice/user-7.slice/user@7.service/init.scope",
	    PLAT_CGROUP_MANAGER, 7, 0 },
	{ "/user.slice/user@0.service/a.service", PLAT_CGROUP_SERVICE, 0, 0 },
	{ "/user.slice/user@70000.service/b.slice/a.service",
	    PLAT_CGROUP_SERVICE, 70000, 0 },
	/* the first that only slices lead to; no number, no uid */
	{ "/user@7.service/user@8.service/a.service",
	    PLAT_CGROUP_SERVICE, 7, 0 },
	{ "/a.service/user@8.service/a.service", PLAT_CGROUP_SERVICE, -1, 0 },
	{ "/docker/user@8.service/a.service", PLAT_CGROUP_SERVICE, -1, 0 },
	{ "/user@7x.service/a.service", PLAT_CGROUP_SERVICE, -1, 0 },
	{ "/user@.service/a.service", PLAT_CGROUP_SERVICE, -1, 0 },
	{ "/user@-7.service/a.service", PLAT_CGROUP_SERVICE, -1, 0 },
	{ "/user@4294967296.service/a.service", PLAT_CGROUP_SERVICE, -1, 0 },
	{ "/user@7.scope/a.service", PLAT_CGROUP_SERVICE, -1, 0 }
};

START_TEST(control_groups)
{
	struct plat_origin o;
	struct plat_proc row = { .pid = 1 };
	char text[160];

	snprintf(text, sizeof(text),
	    HEAD "proc pid=1 uid=5\norigin cgroup=%s unit_user=%d\n",
	    cgroups[_i].path, cgroups[_i].user);
	take(text);
	ck_assert_int_eq(plat_rows(&tab, &row, 1), 0);
	ck_assert_int_eq(plat_origin(&tab, &row, &o), 0);
	ck_assert_str_eq(o.cgroup, cgroups[_i].path);
	ck_assert_int_eq(o.cgroup_kind, cgroups[_i].kind);
	ck_assert_int_eq((int)o.unit_owner, cgroups[_i].owner);
}
END_TEST

/* A path that was removed; older tables have it as Linux writes it. */
static const struct {
	const char *line, *path;
	int gone;
} exes[] = {
	{ "exe /a/ssh", "/a/ssh", 0 },
	{ "exe /a/ssh gone", "/a/ssh", 1 },
	{ "exe /a/ssh\\040(deleted)", "/a/ssh", 1 },
	{ "exe /a/ssh\\040(deleted) gone", "/a/ssh (deleted)", 1 },
	{ "exe /a/ssh\\040(deleted) there", "/a/ssh (deleted)", 0 },
	{ "exe \\040(deleted)", " (deleted)", 0 }
};

START_TEST(executables)
{
	struct plat_proc row = { .pid = 1 };
	char path[64], text[128], *again;
	int gone, i;

	snprintf(text, sizeof(text), HEAD "proc pid=1\n%s\n", exes[_i].line);
	take(text);
	/* As it was read, and as it is written. */
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(plat_rows(&tab, &row, 1), 0);
		ck_assert_int_eq(plat_where(&tab, &row, PLAT_EXE, path,
		    sizeof(path), &gone), (int)strlen(exes[_i].path));
		ck_assert_str_eq(path, exes[_i].path);
		ck_assert_int_eq(gone, exes[_i].gone);
		again = record(&tab, 0);
		take(again);
		free(again);
	}
}
END_TEST

static const char *const taken[] = {
	HEAD,
	HEAD "# comment\n\nsystem\n",
	HEAD "proc pid=2\nproc pid=1\n",
	HEAD "proc pid=1 comm=\n",
	HEAD "proc pid=1 comm=\\303\\244\n",
	HEAD "proc pid=1 sigign=0x1000\nsocks\n"	/* no member any more */
	    "sock family=inet backoff=3 lost=1 key=4\n"
	    "sock family=unix vfs_ino=7 vfs_major=8 vfs_minor=1\n"
};

START_TEST(takes)
{
	struct plat_name np;

	take(taken[_i]);
	ck_assert_int_eq(plat_scan(&tab, 0), 0);
	while (plat_next(&tab, &np) == 1)
		;
}
END_TEST

START_TEST(ceilings)
{
	static const char line[] = "socks\nsock\n";
	char *text;
	size_t i, n;

	/* a NUL byte */
	ck_assert_fails(load(HEAD "\0\n", sizeof(HEAD) + 1), EINVAL);
	/* one more process than there may be */
	ck_assert_ptr_nonnull(text = malloc(65537 * 16 + sizeof(HEAD)));
	n = (size_t)sprintf(text, "%s", HEAD);
	for (i = 1; i <= 65536; i++)
		n += (size_t)sprintf(text + n, "proc pid=%zu\n", i);
	ck_assert_int_eq(load(text, n), 0);
	n += (size_t)sprintf(text + n, "proc pid=%zu\n", i);
	ck_assert_fails(load(text, n), EINVAL);
	free(text);
	ck_assert_int_eq(load(line, strlen(line)), -1);
}
END_TEST

START_TEST(opens)
{
	struct plat *pl;
	char path[] = "/tmp/table.XXXXXX";
	int fd;

	ck_assert_ptr_null(plat_open("/nonexistent/table"));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_null(plat_open("/"));
	ck_assert_int_ne(fd = mkstemp(path), -1);
	ck_assert_ptr_null(plat_open(path));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(write(fd, whole, strlen(whole)), strlen(whole));
	close(fd);
	ck_assert_ptr_nonnull(pl = plat_open(path));
	plat_close(pl);
	plat_close(NULL);
	unlink(path);
}
END_TEST

Suite *
table_suite(void)
{
	Suite *s = suite_create("table");
	TCase *tc = add_tests(s, "core", TEST(to_the_byte), TEST(live),
	    TEST(answers), ROWS(sockets, asks), TEST(later), TEST(files),
	    TEST(traced), ROWS(refuses, refused), ROWS(control_groups, cgroups),
	    ROWS(executables, exes), ROWS(takes, taken), TEST(ceilings),
	    TEST(opens));

	tcase_add_checked_fixture(tc, NULL, unload);
	return s;
}
