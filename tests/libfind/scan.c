/* SPDX-License-Identifier: ISC */
/*
 * scan.c and its parts, and ctx.c: recorded tables in, tunnels out.  The
 * tables are what a kernel showed of real ones, cut down to what counts.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libfind.h"
#include "tests.h"

/* The system as PID 1 and an own shell show it. */
#define SYSTEM \
	"libfind-table 1\n" \
	"system caps=0x79ff now=1700000100000000 uid=1000\n" \
	"proc pid=1 via=comm name=init ppid=0 pgid=1 sid=1 ident=1 " \
	    "start=1700000000000000 state=S comm=init\n" \
	"args /sbin/init\n" \
	"proc pid=50 name=bash ppid=1 pgid=50 sid=50 uid=1000 ruid=1000 " \
	    "tty=34816 ident=5 start=1700000001000000 state=S comm=bash\n" \
	"args -bash\n"

/* An ssh of ours: number, parent, group, session, terminal. */
#define SSH(pid, ppid, pgid, sid, rest) \
	"proc pid=" #pid " name=ssh ppid=" #ppid " pgid=" #pgid " sid=" \
	    #sid " uid=1000 ruid=1000 ident=" #pid \
	    " start=1700000010000000 masks=1 sigcgt=0x8014007 state=S " \
	    "comm=ssh" rest "\n" \
	"exe /usr/bin/ssh\n" \
	"cwd /home/fred\n"

/* One in the background, or at an own shell, and nothing more of it. */
#define BACK(args)	SSH(100, 1, 100, 100, "") "args " args "\n"
#define FRONT(args)	SSH(100, 50, 100, 50, "") "args " args "\n"

static struct tun_ctx *ctx;
static struct tun_list *list;

static void
look(const char *table, unsigned flags)
{
	ctx = open_table(table);
	ck_assert_int_eq(tun_scan(ctx, flags, &list), 0);
}

static void
done(void)
{
	tun_list_free(list);
	tun_close(ctx);
	list = NULL;
	ctx = NULL;
}

/* The IDs of all rows, in order, with a blank after each. */
static const char *
ids(void)
{
	static char buf[1024];
	const struct tun *t = NULL;
	size_t i;

	buf[0] = '\0';
	while ((t = tun_next(list, t)) != NULL) {
		for (i = 0; i < t->nfwds; i++) {
			strcat(buf, t->fwds[i]->id);
			strcat(buf, " ");
		}
		if (t->nfwds == 0) {
			strcat(buf, t->id);
			strcat(buf, " ");
		}
	}
	return buf;
}

/* What is a tunnel, and what is not: behind SYSTEM. */
static const struct {
	const char *what, *table, *ids;
} rows[] = {
{ "nothing", "", "" },
{ "-fN -L", BACK("ssh -fN -L 8008:h:80 host"), "L8008 " },
{ "every kind",
    BACK("ssh -fN -L 1:h:80 -R 2:h:80 -D 3 -R 4 -L /s:h:80 -w 5:6 host"),
    "L1 R2 D3 R4 L/s T5 " },
{ "a master without forwards", BACK("ssh:\\040/cm\\040[mux]"), "M100 " },
{ "in the background for ssh_config's sake", BACK("ssh db"), "M100 " },
{ "an interactive one",
    SSH(100, 50, 100, 50, " tty=34816") "args ssh host\n", "" },
{ "an interactive one that forwards", SSH(100, 50, 100, 50, " tty=34816")
    "args ssh -L 8008:h:80 host\n", "L8008 " },
{ "git's", SSH(100, 50, 100, 50, " tty=34816")
    "args ssh host git-upload-pack\\040x\n", "" },
{ "-f with a command and no forward", BACK("ssh -f host sleep 9"), "" },
{ "-O", SSH(100, 50, 100, 50, " tty=34816")
    "args ssh -O forward -L 8008:h:80 host\n", "" },
{ "-G", FRONT("ssh -G -L 8008:h:80 host"), "" },
{ "a zombie", "proc pid=100 via=comm name=ssh ppid=1 pgid=100 sid=100 uid=1000 "
    "ruid=1000 ident=100 start=1700000010000000 flags=0x2 state=Z comm=ssh\n",
    "" },
{ "sshd, ssh-agent",
    "proc pid=100 name=sshd ppid=1 pgid=100 sid=100 uid=1000 ruid=1000 "
    "ident=9 start=1700000010000000 state=S comm=sshd\n"
    "args sshd:\\040fred\n"
    "proc pid=101 name=ssh-agent ppid=1 pgid=101 sid=101 uid=1000 ruid=1000 "
    "ident=9 start=1700000010000000 state=S comm=ssh-agent\n"
    "args ssh-agent\n", "" },
{ "a newline does not make a forward",
    BACK("ssh -fN -o RemoteCommand=a\\012-L\\0129999:h:80 -D 3 host"), "D3 " },
{ "argv that ssh would refuse says nothing",
    FRONT("ssh -L nonsense host"), "" },
{ "no argv at all", SSH(100, 50, 100, 50, "") "args\n", "" },
{ "a jump helper beside one that was looked at for its origin",
    SSH(100, 1, 60, 50, "") "args ssh -W [h]:22 hop\n"
    "fds limit=1024\nfd kind=pipe key=7\nfd fd=1 kind=pipe key=8\n"
    SSH(101, 1, 101, 101, "") "args ssh -N -J hop -L 8008:h:80 h\n"
    "fds limit=1024\nfd fd=4 kind=pipe key=7\nfd fd=5 kind=pipe key=8\n",
    "L8008 " },
{ "a jump helper is part of its tunnel",
    SSH(100, 1, 60, 50, "") "args ssh -W [h]:22 hop\n"
    "fds limit=1024\nfd kind=pipe key=7\nfd fd=1 kind=pipe key=8\n"
    SSH(101, 1, 101, 101, "") "args ssh -fN -J hop -L 8008:h:80 h\n"
    "fds limit=1024\nfd fd=4 kind=pipe key=7\nfd fd=5 kind=pipe key=8\n",
    "L8008 " },
{ "and so is one without -f, by its parent",
    FRONT("ssh -N -J hop -L 8008:h:80 h") "fds limit=1024\n"
    SSH(101, 100, 100, 50, "") "args ssh -W [h]:22 hop\n"
    "fds limit=1024\n", "L8008 " },
/* What reads a tunnel's output helps nobody; see also ssh_that_runs_nc. */
{ "a pipeline of two", FRONT("ssh -L 8008:h:80 h cat")
    "fds limit=1024\nfd kind=pipe key=6\nfd fd=3 kind=socket key=30\n"
    "fd fd=4 kind=pipe key=6\nfd fd=5 kind=pipe key=7\n"
    SSH(101, 50, 100, 50, "") "args ssh -D 3 g nc h 22\n"
    "fds limit=1024\nfd kind=pipe key=7\nfd fd=1 kind=pipe key=8\n",
    "L8008 D3 " },
/* ssh -f -S CTL -L ... host sleep, of OpenSSH 10.0, beside its master. */
{ "client of a master in the background", BACK("ssh -fN -M -S /s/cm m")
    "fds limit=1024\n" SSH(101, 1, 101, 101, " sigcgt=0x8004003")
    "args ssh -S /s/cm -f -L 8081:h:22 x sleep 50\n"
    "fds limit=1024\nfd fd=3 kind=socket key=30\n", "M100 " },
{ "the same in the foreground", SSH(101, 50, 101, 50, " sigcgt=0x8004003")
    "args ssh -S /s/cm -L 8081:h:22 x sleep 50\n"
    "fds limit=1024\nfd fd=3 kind=socket key=30\n", "L8081 " },
{ "what says so by its name only",
    SSH(101, 1, 101, 101, " via=comm sigcgt=0x8004003")
    "args ssh -S /s/cm -f -L 8081:h:22 x sleep 50\n", "L8081 " },
{ "-W of its own", FRONT("ssh -W h:22 host") "fds limit=1024\n", "W100 " },
};

START_TEST(tunnels)
{
	static const unsigned flags[] = { 0, TUN_SCAN_OWN, TUN_SCAN_ENV };
	char table[4096];
	int i;

	snprintf(table, sizeof(table), "%s%s", SYSTEM, rows[_i].table);
	for (i = 0; i < NROWS(flags); i++) {
		look(table, flags[i]);
		ck_assert_msg(strcmp(ids(), rows[_i].ids) == 0,
		    "%s, flags %u: %s, want %s", rows[_i].what, flags[i],
		    ids(), rows[_i].ids);
		done();
	}
}
END_TEST

START_TEST(two_hops)
{
	const struct tun *t;

	look(SYSTEM
	    SSH(100, 102, 60, 50, "") "args ssh -W [b]:22 a\n"
	    "fds limit=1024\nfd kind=pipe key=17\n"
	    SSH(101, 1, 101, 101, "") "args ssh -fN -J a,b -D 3 h\n"
	    "fds limit=1024\nfd fd=4 kind=pipe key=7\n"
	    SSH(102, 1, 60, 50, "") "args ssh -J a -W [h]:22 b\n"
	    "fds limit=1024\nfd kind=pipe key=7\nfd fd=4 kind=pipe key=7\n"
	    "fd fd=5 kind=pipe key=17\n", TUN_SCAN_SOCKETS);
	ck_assert_uint_eq(tun_count(list), 1);
	t = tun_next(list, NULL);
	ck_assert_int_eq(t->pid, 101);
	ck_assert_uint_eq(t->nhelpers, 2);
	ck_assert_int_eq(t->helpers[0]->pid, 102);
	ck_assert_int_eq(t->helpers[1]->pid, 100);
	done();
}
END_TEST

/* ProxyCommand ssh gw nc %h %p: no -W says so, its pipes do. */
START_TEST(ssh_that_runs_nc)
{
	static const char *const args[] = { "ssh gw nc h 22",
		"ssh -L 9:h:9 gw nc h 22" };
	const struct tun *t;
	char table[4096];

	snprintf(table, sizeof(table), "%s%s\n%s",
	    SYSTEM SSH(100, 1, 60, 50, "") "args ", args[_i],
	    "fds limit=1024\nfd kind=pipe key=7\nfd fd=3 kind=socket key=30\n"
	    "fd fd=4 kind=pipe key=7\nfd fd=5 kind=pipe key=8\n"
	    SSH(101, 1, 101, 101, "") "args ssh -fN -L 8008:h:80 h\n"
	    "fds limit=1024\nfd fd=4 kind=pipe key=8\n"
	    "fd fd=5 kind=pipe key=7\n");
	look(table, TUN_SCAN_SOCKETS);
	ck_assert_uint_eq(tun_count(list), 1 + (size_t)_i);
	for (t = tun_next(list, NULL); t->pid != 101; t = tun_next(list, t))
		continue;
	ck_assert_uint_eq(t->nhelpers, 1);
	ck_assert_int_eq(t->helpers[0]->pid, 100);
	done();
}
END_TEST

/* Two helpers that hold each other's pipes are no reason to run for ever. */
START_TEST(circle)
{
	look(SYSTEM
	    SSH(100, 1, 60, 50, "") "args ssh -W [b]:22 a\n"
	    "fds limit=1024\nfd kind=pipe key=7\nfd fd=5 kind=pipe key=8\n"
	    SSH(101, 1, 60, 50, "") "args ssh -W [a]:22 b\n"
	    "fds limit=1024\nfd kind=pipe key=8\nfd fd=5 kind=pipe key=7\n",
	    TUN_SCAN_SOCKETS);
	ck_assert_uint_eq(tun_count(list), 0);
	done();
}
END_TEST

/*
 * A ProxyCommand holds both pipes and the connection.  less(1) behind another
 * ssh reads one of its pipes too, and is no helper.
 */
START_TEST(proxies)
{
	const struct tun *t;

	look(SYSTEM
	    SSH(101, 1, 101, 101, "") "args ssh -fN -L 8008:h:80 h\n"
	    "fds limit=1024\nfd fd=3 kind=socket key=90\n"
	    "fd fd=4 kind=pipe key=7\nfd fd=5 kind=pipe key=8\n"
	    "proc pid=102 name=nc ppid=1 pgid=60 sid=60 uid=1000 ruid=1000 "
	    "ident=102 start=1700000010000000 state=T flags=8 comm=nc\n"
	    "args nc h 22\n"
	    "fds limit=1024\nfd kind=pipe key=7\nfd fd=1 kind=pipe key=8\n"
	    "fd fd=3 kind=socket key=91\n"
	    SSH(103, 1, 101, 101, "") "args ssh -L 8009:h:80 g cat\n"
	    "fds limit=1024\nfd fd=3 kind=socket key=92\n"
	    "fd fd=6 kind=pipe key=9\nfd fd=7 kind=pipe key=10\n"
	    "proc pid=104 name=less ppid=1 pgid=60 sid=60 uid=1000 ruid=1000 "
	    "ident=104 start=1700000010000000 state=S comm=less\n"
	    "args less\n"
	    "fds limit=1024\nfd kind=pipe key=9\n"
	    "socks\n"
	    "sock family=inet state=listen local=127.0.0.1:8008 key=90\n"
	    "sock family=inet state=estab local=10.0.0.1:4000 "
	    "peer=10.0.0.2:22 key=91 known=0x9f lar=5\n"
	    "sock family=inet state=estab local=10.0.0.1:4001 "
	    "peer=10.0.0.2:22 key=92 known=0x9f lar=5\n",
	    TUN_SCAN_SOCKETS | TUN_SCAN_INFO);
	ck_assert_uint_eq(tun_count(list), 2);
	t = tun_next(list, NULL);
	ck_assert_int_eq(t->pid, 101);
	ck_assert_uint_eq(t->nhelpers, 1);
	ck_assert_int_eq(t->helpers[0]->pid, 102);
	ck_assert_str_eq(t->helpers[0]->comm, "nc");
	ck_assert_str_eq(t->helpers[0]->argv[1], "h");
	ck_assert_int_eq(t->local.port, 4000);
	ck_assert_int_eq(t->heard, 5);
	ck_assert_int_eq(t->state, TUN_STOPPED);
	ck_assert(tun_why_has(&t->why, TUN_WHY_HELPER));
	t = tun_next(list, t);
	ck_assert_int_eq(t->pid, 103);
	ck_assert_uint_eq(t->nhelpers, 0);
	ck_assert_int_eq(t->local.port, 4001);
	done();
}
END_TEST

START_TEST(members)
{
	const struct tun *t;

	look(SYSTEM SSH(100, 1, 100, 100, "")
	    "args ssh -fN -p 99 -S /cm -M -L 8008:h:80 fred@host\n"
	    "env A=b TUN_LABEL=web\n", TUN_SCAN_ENV);
	t = tun_next(list, NULL);
	ck_assert_ptr_nonnull(t);
	ck_assert_int_eq(t->pid, 100);
	ck_assert_int_eq(t->ppid, 1);
	ck_assert_int_eq(t->sid, 100);
	ck_assert_int_eq(t->start, 1700000010);
	ck_assert_str_eq(t->dest, "fred@host");
	ck_assert_str_eq(t->user, "fred");
	ck_assert_str_eq(t->host, "host");
	ck_assert_int_eq(t->port, 99);
	ck_assert_str_eq(t->label, "web");
	ck_assert_str_eq(t->ctlpath, "/cm");
	ck_assert_int_eq(t->master, 1);
	ck_assert_int_eq(t->origin, TUN_ORIGIN_BACKGROUND);
	ck_assert_str_eq(t->exe, "/usr/bin/ssh");
	ck_assert_str_eq(t->cwd, "/home/fred");
	ck_assert_uint_eq(t->argc, 10);
	ck_assert_int_eq(tun_when(list), 1700000100);
	ck_assert_ptr_null(tun_next(list, t));
	done();
}
END_TEST

static const struct {
	const char *lines;
	unsigned flags;
	const char *label;
	enum tun_why why;
} labels[] = {
	{ "args ssh -fN host\nenv TUN_LABEL=web\n", TUN_SCAN_ENV, "web", 0 },
	{ "args ssh -fN host\nenv TUN_LABEL=web\n", 0, NULL, 0 },
	{ "args ssh -fN -P db host\nenv TUN_LABEL=web\n", TUN_SCAN_ENV,
	    "db", 0 },
	{ "args ssh -fN host\nenv TUN_LABELS=web\n", TUN_SCAN_ENV, NULL, 0 },
	{ "args ssh -fN host\nenv\n", TUN_SCAN_ENV, NULL, 0 },
	{ "args ssh -fN host\nenv !EACCES\n", TUN_SCAN_ENV, NULL,
	    TUN_WHY_NOENV },
	{ "args ssh:\\040/cm\\040[mux]\nenv\n", TUN_SCAN_ENV, NULL,
	    TUN_WHY_ARGVLOST },
	{ "args ssh:\\040/cm\\040[mux]\nenv\n", 0, NULL, 0 },
	/* Where a title leaves the environment alone. */
	{ "args ssh:\\040/cm\\040[mux]\nenv TUN_LABEL=web\n", TUN_SCAN_ENV,
	    "web", 0 },
	{ "args !EACCES\nenv !EACCES\n", TUN_SCAN_ENV, NULL,
	    TUN_WHY_NOENV }
};

START_TEST(label)
{
	char table[2048];
	const struct tun *t;

	snprintf(table, sizeof(table), "%s%s", SYSTEM
	    SSH(100, 1, 100, 100, ""), labels[_i].lines);
	look(table, labels[_i].flags);
	t = tun_next(list, NULL);
	ck_assert_ptr_nonnull(t);
	if (labels[_i].label == NULL)
		ck_assert_ptr_null(t->label);
	else
		ck_assert_str_eq(t->label, labels[_i].label);
	ck_assert_int_eq(tun_why_next(&t->label_why, TUN_WHY_NONE),
	    labels[_i].why);
	done();
}
END_TEST

/* Another user's, known by its name only; its descriptors are closed to us. */
START_TEST(others)
{
	static const char table[] = SYSTEM
	    "proc pid=100 via=comm name=ssh ppid=1 pgid=100 sid=100 uid=1001 "
	    "ruid=1001 ident=9 start=1700000010000000 state=S comm=ssh\n"
	    "args ssh -fN -L 8008:h:80 host\n"
	    "exe !EACCES\ncwd !EACCES\nfds !EACCES\n";
	const struct tun *t;

	look(table, TUN_SCAN_SOCKETS);
	t = tun_next(list, NULL);
	ck_assert_ptr_nonnull(t);
	ck_assert(tun_why_has(&t->why, TUN_WHY_UNVERIFIED));
	ck_assert_int_eq(t->state, TUN_HIDDEN);
	ck_assert_int_eq(t->fwds[0]->conns, -1);
	ck_assert_ptr_null(t->exe);
	ck_assert(!tun_complete(list));
	ck_assert_ptr_nonnull(tun_note(list, 0));
	done();

	look(table, TUN_SCAN_OWN | TUN_SCAN_SOCKETS);
	ck_assert_uint_eq(tun_count(list), 0);
	done();
}
END_TEST

START_TEST(ssh_names)
{
	look(SYSTEM, 0);
	ck_assert_fails(tun_ssh_name(ctx, ""), EINVAL);
	ck_assert_int_eq(tun_ssh_name(ctx, "/usr/bin/ssh"), -1);
	ck_assert_int_eq(tun_ssh_name(ctx, "hpnssh"), 0);
	ck_assert_int_eq(tun_ssh_name(ctx, "hpnssh2"), 0);
	done();
}
END_TEST

/* A service of an agent, in which somebody has typed ssh -f. */
#define AGENT \
	"proc pid=60 name=agent ppid=1 pgid=60 sid=60 ident=60 " \
	    "start=1700000001000000 state=S comm=agent\n" \
	"args /usr/bin/agent -d\n"
#define IN_AGENT(members) \
	SYSTEM AGENT SSH(100, 1, 100, 100, "") "args ssh -fN -D 3 host\n" \
	"origin reparented=-1 unit=agent.service " \
	    "cgroup=/system.slice/agent.service netns=1\n" members \
	"fds limit=1024\n"

static const struct {
	const char *table;
	enum tun_origin origin;
	size_t nmembers, nhidden;
	int error;
} units[] = {
	{ IN_AGENT("members 100 60\n"), TUN_ORIGIN_BACKGROUND, 2, 0, 0 },
	{ IN_AGENT("members 100\n"), TUN_ORIGIN_SUPERVISED, 1, 0, 0 },
	{ IN_AGENT("members 100 0\n"), TUN_ORIGIN_BACKGROUND, 1, 1, 0 },
	{ IN_AGENT("members 61 100\n"), TUN_ORIGIN_BACKGROUND, 1, 1, 0 },
	{ IN_AGENT("members !EACCES\n"), TUN_ORIGIN_BACKGROUND, 0, 0,
	    EACCES },
	{ IN_AGENT(""), TUN_ORIGIN_BACKGROUND, 0, 0, ENOTSUP }
};

START_TEST(unit)
{
	struct tun_unit *u;
	const struct tun *t;

	look(units[_i].table, 0);
	ck_assert_ptr_nonnull(t = tun_next(list, NULL));
	ck_assert_int_eq(t->origin, units[_i].origin);
	ck_assert_str_eq(t->unit, "agent.service");
	errno = 0;
	u = tun_unit_find(ctx, t);
	ck_assert_int_eq(u == NULL, units[_i].error != 0);
	ck_assert_int_eq(u == NULL ? errno : 0, units[_i].error);
	if (u != NULL) {
		ck_assert_uint_eq(u->nmembers, units[_i].nmembers);
		ck_assert_uint_eq(u->nhidden, units[_i].nhidden);
		ck_assert_int_eq(u->members[u->nmembers - 1]->pid, 100);
	}
	if (u != NULL && u->nmembers == 2) {
		ck_assert_str_eq(u->members[0]->comm, "agent");
		ck_assert_str_eq(u->members[0]->argv[1], "-d");
	}
	tun_unit_free(u);
	done();
}
END_TEST

/*
 * What starts a tunnel again: an ssh whose parent is 61 or 60, which has the
 * parent 60 or 1.
 */
#define PROC(pid, ppid, sid, start, comm, words) \
	"proc pid=" #pid " name=" comm " ppid=" #ppid " pgid=" #pid " sid=" \
	    #sid " ident=" #pid " start=170000000" #start "000000 state=S " \
	    "comm=" comm "\n" \
	"args " words "\n"
#define FIRST(comm)	PROC(1, 0, 1, 0, comm, comm)
#define RUNSV		PROC(60, 1, 60, 2, "runsv", "runsv web")
#define SUPERVISORD	PROC(60, 50, 60, 2, "supervisord", "supervisord")
#define HOSTS \
	PROC(60, 50, 50, 2, "sh", "sh -c for\\040h\\040in\\040a\\040b;" \
	    "\\040do\\040run\\040$h\\040&\\040done")
#define SCRIPT(ppid, sid, start) \
	PROC(61, ppid, sid, start, "run", "/bin/sh ./run")
#define AUTOSSH(ppid)	PROC(61, ppid, 61, 3, "autossh", "autossh host")
#define BELOW(pid, sid) \
	SSH(100, pid, sid, sid, "") "args ssh -N -D 3 host\n"

static const struct {
	const char *table;
	const char *supervisor;
} supervisors[] = {
	{ FIRST("init") RUNSV SCRIPT(60, 60, 3) BELOW(61, 60), "runsv 60" },
	{ FIRST("init") RUNSV SCRIPT(60, 61, 3) BELOW(61, 61), "runsv 60" },
	{ FIRST("init") RUNSV AUTOSSH(60) BELOW(61, 61), "runsv 60" },
	{ FIRST("init") SUPERVISORD AUTOSSH(60) BELOW(61, 61),
	    "supervisord 60" },
	/* It adopts, too. */
	{ FIRST("supervisord") AUTOSSH(1) BELOW(61, 61), "autossh 61" },
	{ FIRST("dinit") SCRIPT(1, 61, 3) BELOW(61, 61), NULL },
	{ FIRST("init") RUNSV "origin nspid=1 nslevel=1 netns=1\n" AUTOSSH(60)
	    BELOW(61, 61) "origin nspid=9 nslevel=1 netns=1\n", "autossh 61" },
	{ FIRST("init") RUNSV "origin nspid=5 netns=1\n" AUTOSSH(60)
	    BELOW(61, 61) "origin nspid=9 nslevel=1 netns=1\n", "autossh 61" },
	{ FIRST("init") RUNSV "origin nspid=5 nslevel=1 netns=1\n" AUTOSSH(60)
	    BELOW(61, 61) "origin nspid=9 nslevel=1 netns=1\n", "runsv 60" },
	/* Adopted: the parent is younger, or of another session; the kernel. */
	{ FIRST("init") RUNSV SCRIPT(60, 60, 1) BELOW(61, 60), NULL },
	{ FIRST("init") RUNSV SCRIPT(60, 59, 3) BELOW(61, 60), NULL },
	{ FIRST("init") RUNSV SCRIPT(60, 61, 3) "origin reparented=1 "
	    "netns=1\n" BELOW(61, 61), NULL },
	{ FIRST("init") RUNSV SCRIPT(60, 61, 3) "origin reparented=-1 "
	    "reaper=60 netns=1\n" BELOW(61, 61), NULL },
	/* A loop starts only its own child again. */
	{ FIRST("init") HOSTS BELOW(60, 50), "shell loop 60" },
	{ FIRST("init") HOSTS AUTOSSH(60) BELOW(61, 61), "autossh 61" },
	{ FIRST("init") HOSTS SCRIPT(60, 50, 3) BELOW(61, 50), NULL }
};

START_TEST(supervisor)
{
	char table[2048];
	const struct tun *t;

	snprintf(table, sizeof(table), "libfind-table 1\n"
	    "system caps=0x79ff now=1700000100000000 uid=1000\n%s"
	    "fds limit=1024\n", supervisors[_i].table);
	look(table, 0);
	ck_assert_ptr_nonnull(t = tun_next(list, NULL));
	if (supervisors[_i].supervisor == NULL)
		ck_assert_msg(t->supervisor == NULL, "row %d: %s", _i,
		    t->supervisor);
	else
		ck_assert_msg(t->supervisor != NULL && strcmp(t->supervisor,
		    supervisors[_i].supervisor) == 0, "row %d: %s", _i,
		    t->supervisor != NULL ? t->supervisor : "none");
	done();
}
END_TEST

/* A process of another name is taken by its identity, words and sockets. */
#define LISTENS	"fd fd=4 kind=socket key=9\n"

static const struct {
	const char *words;
	const char *fds, *socks;
	const char *host;
	uint64_t ident;
	size_t n;
} taken[] = {
	{ "box -fN -L 8080:h:1 srv", LISTENS, "8080", "srv", 100, 1 },
	{ "box -fN -L 8080:h:1 srv", LISTENS, "8080", NULL, 100, 1 },
	/* Whoever it says it goes to: it listens. */
	{ "box -fN -L 8080:h:1 srv", LISTENS, "8080", "other", 100, 1 },
	/* Another process by now. */
	{ "box -fN -L 8080:h:1 srv", LISTENS, "8080", "srv", 101, 0 },
	/* Nothing proves it. */
	{ "box -fN -L 8080:h:1 srv", "", "8080", "srv", 100, 0 },
	{ "sh /bin/ssh -fN -L 8080:h:1 srv", "", "8080", "srv", 100, 0 },
	/* It listens, and its words do not say so. */
	{ "box -fN srv", LISTENS, "8080", "srv", 100, 0 },
	{ "box -fN -L 8081:h:1 srv", LISTENS, "8080", "srv", 100, 0 },
	{ "box -Q key", LISTENS, "8080", "srv", 100, 0 },
	{ "box", LISTENS, "8080", NULL, 100, 0 },
};

START_TEST(take)
{
	struct tun_child child = { .pid = 100 };
	char table[4096];

	snprintf(table, sizeof(table), SYSTEM "proc pid=100 name=box ppid=50 "
	    "pgid=100 sid=100 uid=1000 ruid=1000 ident=100 "
	    "start=1700000010000000 masks=1 sigcgt=0x8014007 state=S "
	    "comm=box\nargs %s\nexe /opt/box\ncwd /\norigin netns=1\n"
	    "fds limit=1024\n%ssocks\n"
	    "sock family=inet state=listen local=127.0.0.1:%s key=9 "
	    "known=0x87 wq=128\n", taken[_i].words, taken[_i].fds,
	    taken[_i].socks);
	look(table, TUN_SCAN_SOCKETS | TUN_SCAN_INFO);
	ck_assert_uint_eq(tun_count(list), 0);
	tun_list_free(list);
	child.ident[0] = taken[_i].ident;
	ck_assert_int_eq(tun_take(ctx, &child, 1, taken[_i].host), 0);
	ck_assert_int_eq(tun_scan(ctx, TUN_SCAN_SOCKETS | TUN_SCAN_INFO,
	    &list), 0);
	ck_assert_msg(tun_count(list) == taken[_i].n, "row %d: %zu", _i,
	    tun_count(list));
	tun_list_free(list);
	ck_assert_int_eq(tun_take(ctx, NULL, 0, NULL), 0);
	ck_assert_int_eq(tun_scan(ctx, TUN_SCAN_SOCKETS | TUN_SCAN_INFO,
	    &list), 0);
	ck_assert_uint_eq(tun_count(list), 0);
	ck_assert_int_eq(tun_is_ssh(ctx, "/opt/box"), 0);
	ck_assert_int_eq(tun_is_ssh(ctx, "/usr/bin/ssh"), 1);
	done();
}
END_TEST

START_TEST(no_table)
{
	errno = 0;
	ck_assert_ptr_null(tun_open("/nonexistent/table"));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_null(tun_open("/dev/null"));
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

/* A recorded process is never signalled. */
START_TEST(no_signal)
{
	const struct tun *t;

	look(SYSTEM SSH(100, 1, 100, 100, "") "args ssh -fN -D 3 host\n", 0);
	t = tun_next(list, NULL);
	ck_assert_int_eq(tun_signal(ctx, t, 0), -1);
	done();
}
END_TEST

Suite *
scan_suite(void)
{
	Suite *s = suite_create("scan");

	add_tests(s, "scan", ROWS(tunnels, rows),
	    TEST(two_hops), TIMES(ssh_that_runs_nc, 2), TEST(circle),
	    TEST(proxies), TEST(members), ROWS(label, labels), TEST(others),
	    TEST(ssh_names), ROWS(unit, units),
	    ROWS(supervisor, supervisors), ROWS(take, taken),
	    TEST(no_table), TEST(no_signal));
	return s;
}
