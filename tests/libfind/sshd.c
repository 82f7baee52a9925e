/* SPDX-License-Identifier: ISC */
/*
 * libfind/sshd.c: sessions of sshd and what they listen on for their clients,
 * from tables as an sshd of 9.2 and one of 10 show themselves, to root and to
 * another.
 */
#include <sys/socket.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "libfind.h"
#include "tests.h"

#define SYSTEM(uid) \
	"libfind-table 1\n" \
	"system caps=0x79ff now=1700000100000000 uid=" #uid "\n"

/* Number, name as a program, user, then its descriptors. */
#define SSHD(pid, name, uid, fds) \
	"proc pid=" #pid " name=" name " ppid=1 pgid=" #pid " sid=" #pid \
	    " uid=" #uid " ruid=" #uid " ident=" #pid \
	    " start=1700000010000000 state=S comm=" name "\n" \
	"fds " fds

#define FD(n, key)	"fd fd=" #n " kind=socket key=" #key "\n"
#define LISTEN(family, at, key, uid) \
	"sock family=" family " state=listen local=" at " key=" #key \
	    " uid=" #uid " known=0x83\n"
#define CONN(at, to, key, uid) \
	"sock family=inet state=estab local=" at " peer=" to " key=" #key \
	    " uid=" #uid " known=0x83\n"

/* The daemon, a session with its monitor, and what they have. */
#define SOCKETS \
	"socks\n" \
	LISTEN("inet", "0.0.0.0:22", 1, 0) \
	LISTEN("inet", "127.0.0.1:2022", 11, 1000) \
	LISTEN("inet6", "[::1]:2022", 12, 1000) \
	LISTEN("inet", "127.0.0.1:3000", 50, 1000) \
	LISTEN("inet", "127.0.0.1:4000", 60, 1001) \
	CONN("10.0.0.1:22", "10.0.0.9:51000", 10, 0) \
	CONN("127.0.0.1:2022", "127.0.0.1:40000", 13, 1000) \
	CONN("10.0.0.1:40001", "10.0.0.5:5432", 14, 1000) \
	"sock family=unix state=listen path=/run/db key=15 uid=1000 " \
	    "known=0x3\n" \
	"sock family=unix state=listen path=/tmp/ssh-x/agent.7 key=16 " \
	    "uid=1000 known=0x3\n"
#define SESSION \
	"limit=1024\n" FD(4, 10) FD(7, 11) FD(8, 12) FD(9, 13) FD(10, 14) \
	FD(11, 15) FD(12, 16)

static struct tun_ctx *ctx;
static struct tun_list *list;

static void
look_with(const char *table, unsigned flags)
{
	ctx = open_table(table);
	ck_assert_int_eq(tun_scan(ctx, TUN_SCAN_SERVER | TUN_SCAN_STATES |
	    flags, &list), 0);
}

static void
look(const char *table)
{
	look_with(table, 0);
}

static void
done(void)
{
	tun_list_free(list);
	tun_close(ctx);
}

static void
check_root(const char *table, pid_t pid)
{
	const struct tun *t;

	look(table);
	ck_assert_ptr_null(tun_note(list, 0));
	ck_assert_int_eq(tun_when(list), 1700000100);
	ck_assert_uint_eq(tun_count(list), 1);
	t = tun_next(list, NULL);
	ck_assert_int_eq(t->pid, pid);
	ck_assert_int_eq(t->served, 1);
	ck_assert_uint_eq(t->uid, 1000);
	ck_assert_int_eq(t->start, 1700000010);
	ck_assert_str_eq(t->host, "10.0.0.9");
	ck_assert_uint_eq(t->remote.port, 51000);
	ck_assert_uint_eq(t->nfwds, 2);
	/* Both families are one forward; the agent's socket is none. */
	ck_assert_int_eq(t->fwds[0]->spec.kind, TUN_FWD_SERVED);
	ck_assert_int_eq(t->fwds[0]->spec.listen.port, 2022);
	ck_assert_uint_eq(t->fwds[0]->naddrs, 2);
	ck_assert_int_eq(t->fwds[0]->conns, 1);
	ck_assert_str_eq(t->fwds[0]->id, "R2022");
	ck_assert_int_eq(t->fwds[0]->state, TUN_BOUND);
	ck_assert_str_eq(t->fwds[1]->spec.listen.path, "/run/db");
	ck_assert_int_eq(t->fwds[1]->conns, 0);
	done();
}

/* 3000 and 4000 are other programs': root knows. */
START_TEST(root)
{
	check_root(SYSTEM(0)
	    SSHD(70, "sshd", 0, "limit=1024\n" FD(3, 1))
	    SSHD(71, "sshd", 0, "limit=1024\n" FD(4, 10))
	    SSHD(72, "sshd", 1000, SESSION) SOCKETS, 72);
	check_root(SYSTEM(0)
	    SSHD(70, "sshd", 0, "limit=1024\n" FD(3, 1))
	    SSHD(71, "sshd-session", 0, "limit=1024\n" FD(4, 10))
	    SSHD(72, "sshd-session", 1000, SESSION) SOCKETS, 72);
}
END_TEST

/* The connection to a database that the client's -L asked for. */
START_TEST(direct)
{
	const struct tun_fwd *fwd;
	const struct tun *t;

	look_with(SYSTEM(0) SSHD(72, "sshd", 1000, SESSION) SOCKETS,
	    TUN_SCAN_DIRECT);
	t = tun_next(list, NULL);
	ck_assert_uint_eq(t->nfwds, 3);
	fwd = t->fwds[0];
	ck_assert_int_eq(fwd->spec.kind, TUN_FWD_DIRECT);
	ck_assert_str_eq(fwd->id, "C40001");
	ck_assert_str_eq(fwd->spec.connect.host, "10.0.0.5");
	ck_assert_int_eq(fwd->spec.connect.port, 5432);
	done();
}
END_TEST

/*
 * The client's connection came through the listener of sshd, whatever its
 * descriptor.
 */
START_TEST(low_descriptor)
{
	const struct tun *t;

	look(SYSTEM(0) SSHD(72, "sshd", 1000, "limit=1024\n" FD(3, 14)
	    FD(4, 10) FD(7, 11)) SOCKETS);
	t = tun_next(list, NULL);
	ck_assert_ptr_nonnull(t);
	ck_assert_uint_eq(t->remote.port, 51000);
	done();
}
END_TEST

/* The client of the first tunnel is known, by its connection. */
static void
client_is_known(void)
{
	const struct tun *t = tun_next(list, NULL);

	ck_assert_ptr_nonnull(t);
	ck_assert_uint_eq(t->remote.port, 51000);
}

#define TITLED(fds) \
	SSHD(72, "sshd", 1000, fds) "args sshd:\\040alice\n"
#define NO_SSHD \
	"socks\n" LISTEN("inet", "127.0.0.1:2022", 11, 1000) \
	CONN("10.0.0.1:40001", "10.0.0.5:5432", 14, 1000)

/* The sshd that accepted it has ended since: root's is the client's. */
START_TEST(no_listener)
{
	look(SYSTEM(0) TITLED("limit=1024\n" FD(3, 14) FD(4, 10) FD(7, 11))
	    NO_SSHD CONN("10.0.0.1:22", "10.0.0.9:51000", 10, 0));
	client_is_known();
	done();
}
END_TEST

/* The same of a session of root's, whose only connection is the client's. */
START_TEST(root_alone)
{
	look(SYSTEM(0) SSHD(72, "sshd", 0, "limit=1024\n" FD(4, 10) FD(7, 11))
	    "args sshd:\\040root\n"
	    NO_SSHD CONN("10.0.0.1:22", "10.0.0.9:51000", 10, 0));
	client_is_known();
	done();
}
END_TEST

/*
 * A stopped session keeps its port when its connection is reset, and the kernel
 * does not list such a socket: it was not seen at all.
 */
START_TEST(reset)
{
	const struct tun *t;

	look(SYSTEM(0) TITLED("limit=1024\n" FD(4, 10) FD(7, 11)) NO_SSHD);
	t = tun_next(list, NULL);
	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(t->fwds[0]->id, "R2022");
	ck_assert_int_eq(t->fwds[0]->state, TUN_BOUND);
	ck_assert_ptr_null(t->host);
	ck_assert_int_eq(t->state, TUN_UNKNOWN);
	ck_assert(tun_why_has(&t->why, TUN_WHY_NOTRANSPORT));
	done();
}
END_TEST

/* Behind a listener of both families, as a socket unit of systemd has it. */
START_TEST(mapped)
{
	const struct tun_addr *from;
	const struct tun *t;

	look(SYSTEM(0) TITLED("limit=1024\n" FD(4, 10) FD(7, 11)) "socks\n"
	    LISTEN("inet6", "[::]:22", 1, 0)
	    LISTEN("inet", "127.0.0.1:2022", 11, 1000)
	    "sock family=inet6 state=estab local=[::ffff:10.0.0.1]:22 "
	    "peer=[::ffff:10.0.0.9]:51000 key=10 uid=0 known=0x83\n");
	t = tun_next(list, NULL);
	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(t->host, "10.0.0.9");
	from = tun_remote(t);
	ck_assert_int_eq(from->family, AF_INET);
	ck_assert_int_eq(from->ip[3], 9);
	ck_assert_uint_eq(from->port, 51000);
	done();
}
END_TEST

/*
 * The client of sshd -i came through a pipe: the database was taken for it, and
 * when that closed the connection, a session that works for stale.
 */
START_TEST(pipe_client)
{
	const struct tun *t;

	look_with(SYSTEM(0) TITLED("limit=1024\n" FD(7, 11) FD(8, 14))
	    NO_SSHD, TUN_SCAN_DIRECT);
	t = tun_next(list, NULL);
	ck_assert_ptr_nonnull(t);
	ck_assert_ptr_null(t->host);
	ck_assert_int_eq(t->state, TUN_UNKNOWN);
	ck_assert_uint_eq(t->nfwds, 2);
	ck_assert_str_eq(t->fwds[0]->id, "C40001");
	ck_assert_str_eq(t->fwds[1]->id, "R2022");
	done();
}
END_TEST

static const struct {
	const char *title;
	int listed, session;
} titles[] = {
	{ "sshd:\\040alice", 1, 0 },
	{ "sshd:\\040alice@pts/0", 1, 1 },
	{ "sshd-session:\\040alice@notty", 1, 1 },
	{ "sshd-session:\\040alice@ttyp0", 1, 1 },
	{ "sshd:\\040alice@pts/0,pts/1", 1, 1 },
	/* A user of a directory service; this was taken for a terminal. */
	{ "sshd:\\040alice@example.com", 1, 0 },
	{ "sshd:\\040alice@example.com@pts/0", 1, 1 },
	{ "sshd:\\040alice@example.com@notty", 1, 1 },
	{ "sshd:\\040alice\\040[priv]", 0, 0 },
	{ "sshd:\\040/usr/sbin/sshd\\040[listener]", 0, 0 }
};

/* The title says whether a shell or a command runs. */
START_TEST(title)
{
	char table[4096];

	snprintf(table, sizeof(table), "%sargs %s\n%s", SYSTEM(0)
	    SSHD(72, "sshd", 1000, SESSION), titles[_i].title, SOCKETS);
	look(table);
	ck_assert_uint_eq(tun_count(list), (unsigned)titles[_i].listed);
	if (titles[_i].listed)
		ck_assert_int_eq(tun_next(list, NULL)->session,
		    titles[_i].session);
	done();
}
END_TEST

static const struct {
	const char *path;
	int listed;
} agents[] = {
	{ "/tmp/ssh-Qd3xYw71aB/agent.4711", 0 },
	{ "/home/alice/.ssh/agent/s.k8q2wLfX0b.sshd.q0Zt8sKqGm", 0 },
	/* Where a client listens by -R; these two were left out. */
	{ "/home/alice/s.sock", 1 },
	{ "/run/agent.sock", 1 }
};

/* The socket of -A, and what only has such a name. */
START_TEST(agent)
{
	char table[4096];

	snprintf(table, sizeof(table), "%ssocks\n" LISTEN("inet",
	    "0.0.0.0:22", 1, 0) CONN("10.0.0.1:22", "10.0.0.9:51000", 10, 0)
	    "sock family=unix state=listen path=%s key=15 uid=1000 "
	    "known=0x3\n", SYSTEM(0) TITLED("limit=1024\n" FD(4, 10)
	    FD(11, 15)), agents[_i].path);
	look(table);
	ck_assert_uint_eq(tun_count(list), (unsigned)agents[_i].listed);
	done();
}
END_TEST

/* The daemon holds a connection of a newcomer for a moment. */
START_TEST(newcomer)
{
	look(SYSTEM(0)
	    SSHD(70, "sshd", 0, "limit=1024\n" FD(5, 10)) SOCKETS);
	ck_assert_ptr_null(tun_next(list, NULL));
	done();
}
END_TEST

/*
 * Of a user with a session whatever nobody else is seen to have; 4000 is
 * somebody's who has none.
 */
START_TEST(others)
{
	const struct tun *t = NULL;
	size_t n = 0;

	look(SYSTEM(1002)
	    SSHD(70, "sshd", 0, "!EACCES\n")
	    SSHD(71, "sshd", 0, "!EACCES\n")
	    SSHD(72, "sshd", 1000, "!EACCES\n") SOCKETS);
	ck_assert_ptr_nonnull(tun_note(list, 0));
	while ((t = tun_next(list, t)) != NULL) {
		ck_assert_int_eq(t->pid, 0);
		ck_assert_uint_eq(t->uid, 1000);
		ck_assert_int_eq(t->remote.family, 0);
		ck_assert_int_eq(t->state, TUN_HIDDEN);
		ck_assert_int_eq(t->fwds[0]->conns, -1);
		ck_assert(tun_why_has(&t->fwds[0]->why, TUN_WHY_INFERRED));
		ck_assert(t->fwds[0]->spec.listen.port == 2022 ||
		    t->fwds[0]->spec.listen.port == 3000);
		n += t->fwds[0]->naddrs;
	}
	ck_assert_uint_eq(n, 3);
	done();
}
END_TEST

/* Two users may have one port, each of another address family. */
START_TEST(two_users)
{
	const struct tun *t = NULL;

	look(SYSTEM(1002)
	    SSHD(72, "sshd", 1000, "!EACCES\n")
	    SSHD(73, "sshd", 1001, "!EACCES\n") "socks\n"
	    LISTEN("inet", "127.0.0.1:2022", 11, 1000)
	    LISTEN("inet6", "[::1]:2022", 12, 1001));
	ck_assert_uint_eq(tun_count(list), 2);
	while ((t = tun_next(list, t)) != NULL)
		ck_assert_uint_eq(t->fwds[0]->naddrs, 1);
	done();
}
END_TEST

/* Of one's own sessions the titles say which there are. */
#define OWN(pid, title) \
	SSHD(pid, "sshd", 1000, "!EACCES\n") "args sshd:\\040" title "\n"

/* A single session has all that is inferred for its user. */
START_TEST(own)
{
	const struct tun *t;

	look(SYSTEM(1000) SSHD(70, "sshd", 0, "!EACCES\n") OWN(72, "alice")
	    SOCKETS);
	ck_assert_uint_eq(tun_count(list), 1);
	t = tun_next(list, NULL);
	ck_assert_int_eq(t->pid, 72);
	ck_assert_int_eq(t->session, 0);
	ck_assert_int_eq(t->state, TUN_HIDDEN);
	ck_assert_uint_eq(t->nfwds, 2);
	ck_assert_str_eq(t->fwds[0]->id, "R2022");
	ck_assert_uint_eq(t->fwds[0]->naddrs, 2);
	ck_assert(tun_why_has(&t->fwds[0]->why, TUN_WHY_INFERRED));
	ck_assert_str_eq(t->fwds[1]->id, "R3000");
	done();
}
END_TEST

/* Which of several has a port is not known. */
START_TEST(own_several)
{
	const struct tun *t = NULL;

	look(SYSTEM(1000) OWN(72, "alice") OWN(73, "alice@pts/0") SOCKETS);
	ck_assert_uint_eq(tun_count(list), 4);
	while ((t = tun_next(list, t)) != NULL && t->pid == 0) {
		ck_assert_uint_eq(t->ncandidates, 2);
		ck_assert_int_eq(t->candidates[0]->pid, 72);
		ck_assert_int_eq(t->candidates[1]->pid, 73);
	}
	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(t->id, "M72");
	ck_assert_ptr_null(t->tty);
	t = tun_next(list, t);
	ck_assert_str_eq(t->tty, "pts/0");
	ck_assert_uint_eq(t->ncandidates, 0);
	done();
}
END_TEST

START_TEST(nobody)
{
	look(SYSTEM(0) "socks\n" LISTEN("inet", "0.0.0.0:22", 1, 0));
	ck_assert_ptr_null(tun_next(list, NULL));
	ck_assert_ptr_null(tun_note(list, 0));
	done();
}
END_TEST

/* sshfs, sshguard and sshdx are no sshd. */
START_TEST(names)
{
	look(SYSTEM(0) SSHD(72, "sshdx", 1000, SESSION) SOCKETS);
	ck_assert_ptr_null(tun_next(list, NULL));
	done();
}
END_TEST

Suite *
sshd_suite(void)
{
	Suite *s = suite_create("sshd");

	add_tests(s, "server", TEST(root), TEST(direct), TEST(low_descriptor),
	    TEST(no_listener), TEST(root_alone), TEST(reset), TEST(mapped),
	    TEST(pipe_client),
	    ROWS(title, titles), ROWS(agent, agents),
	    TEST(newcomer), TEST(others), TEST(two_users), TEST(own),
	    TEST(own_several), TEST(nobody), TEST(names));
	return s;
}
