/* SPDX-License-Identifier: ISC */
/*
 * libfind/server.c: what sshd listens on for its clients, from tables as an
 * sshd of 9.2 and one of 10 show themselves, to root and to another.
 */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
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
static struct tun_sshd_list *list;

static void
look(const char *table)
{
	ctx = open_table(table);
	ck_assert_int_eq(tun_sshd_scan(ctx, &list), 0);
}

static void
done(void)
{
	tun_sshd_free(list);
	tun_close(ctx);
}

static void
check_session(const struct tun_sshd_listener *e, pid_t pid, int family,
    int conns)
{
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->listen.family, family);
	ck_assert_int_eq(e->pid, pid);
	ck_assert_uint_eq(e->uid, 1000);
	ck_assert_int_eq(e->start, 1700000010);
	ck_assert_int_eq(e->conns, conns);
	ck_assert_int_eq(e->inferred, 0);
	ck_assert_int_eq(e->client.family, AF_INET);
	ck_assert_uint_eq(e->client.port, 51000);
	ck_assert_uint_eq(e->client.ip[3], 9);
}

static void
check_root(const char *table, pid_t pid)
{
	const struct tun_sshd_listener *e;

	look(table);
	ck_assert_ptr_null(tun_sshd_note(list, 0));
	ck_assert_int_eq(tun_sshd_when(list), 1700000100);
	e = tun_sshd_next(list, NULL);
	check_session(e, pid, AF_UNIX, 0);
	ck_assert_str_eq(e->listen.path, "/run/db");
	e = tun_sshd_next(list, e);
	check_session(e, pid, AF_INET, 1);
	ck_assert_uint_eq(e->listen.port, 2022);
	e = tun_sshd_next(list, e);
	check_session(e, pid, AF_INET6, 0);
	ck_assert_uint_eq(e->listen.port, 2022);
	ck_assert_ptr_null(tun_sshd_next(list, e));
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

/* What a container's sshd has is not among these sockets: that is said. */
START_TEST(elsewhere)
{
	look(SYSTEM(0)
	    SSHD(70, "sshd", 0, "limit=1024\n" FD(3, 1))
	    SSHD(71, "sshd", 0, "limit=1024\n" FD(4, 10))
	    SSHD(80, "sshd", 1001, "limit=1024\n" FD(3, 900) FD(5, 901))
	    "origin netns=0\n"
	    SSHD(72, "sshd", 1000, SESSION) "origin netns=1\n" SOCKETS);
	ck_assert_ptr_nonnull(tun_sshd_next(list, NULL));
	ck_assert_ptr_nonnull(strstr(tun_sshd_note(list, 0),
	    "other network namespaces"));
	ck_assert_ptr_null(tun_sshd_note(list, 1));
	done();
}
END_TEST

/* The daemon holds a connection of a newcomer for a moment. */
START_TEST(newcomer)
{
	look(SYSTEM(0)
	    SSHD(70, "sshd", 0, "limit=1024\n" FD(3, 1) FD(5, 10)) SOCKETS);
	ck_assert_ptr_null(tun_sshd_next(list, NULL));
	done();
}
END_TEST

/*
 * Of a user with a session whatever nobody else is seen to have; 4000 is
 * somebody's who has none.
 */
START_TEST(others)
{
	const struct tun_sshd_listener *e = NULL;
	int n = 0;

	look(SYSTEM(1002)
	    SSHD(70, "sshd", 0, "!EACCES\n")
	    SSHD(71, "sshd", 0, "!EACCES\n")
	    SSHD(72, "sshd", 1000, "!EACCES\n") SOCKETS);
	ck_assert_ptr_nonnull(tun_sshd_note(list, 0));
	while ((e = tun_sshd_next(list, e)) != NULL) {
		ck_assert_int_eq(e->pid, 0);
		ck_assert_uint_eq(e->uid, 1000);
		ck_assert_int_eq(e->conns, -1);
		ck_assert_int_eq(e->inferred, 1);
		ck_assert_int_eq(e->client.family, 0);
		ck_assert(e->listen.port == 2022 || e->listen.port == 3000);
		n++;
	}
	ck_assert_int_eq(n, 3);
	done();
}
END_TEST

START_TEST(nobody)
{
	look(SYSTEM(0) "socks\n" LISTEN("inet", "0.0.0.0:22", 1, 0));
	ck_assert_ptr_null(tun_sshd_next(list, NULL));
	ck_assert_ptr_null(tun_sshd_note(list, 0));
	done();
	tun_sshd_free(NULL);
}
END_TEST

/* sshfs, sshguard and sshdx are no sshd. */
START_TEST(names)
{
	look(SYSTEM(0) SSHD(72, "sshdx", 1000, SESSION) SOCKETS);
	ck_assert_ptr_null(tun_sshd_next(list, NULL));
	done();
}
END_TEST

Suite *
sshd_suite(void)
{
	Suite *s = suite_create("sshd");

	add_tests(s, "server", TEST(root), TEST(elsewhere), TEST(newcomer),
	    TEST(others), TEST(nobody), TEST(names));
	return s;
}
