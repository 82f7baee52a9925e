/* SPDX-License-Identifier: ISC */
/* libfind/held.c: the sockets of a process, as many as there are. */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fakesocks.h"
#include "tests.h"

static struct holding v;

/* The holding of c, of those sockets that there are in its namespace. */
static void
look(struct cand *c, size_t nsocks)
{
	struct sockset set = { .socks = fake_socks, .nsocks = nsocks };
	struct join j = { .a = fake_arena, .set = &set };

	memset(&v, 0, sizeof(v));
	ck_assert_int_eq(sockset_index(&set), 0);
	ck_assert_int_eq(holding_make(&j, &v, c), 0);
	free(set.bykey);
}

/* dup(2) makes no other socket; the lowest number counts. */
START_TEST(copies)
{
	struct cand *c = fake_proc(100);
	struct plat_sock *conn, *l;

	conn = fake_sock(PLAT_TCP_ESTAB, "192.0.2.1", 40000, "203.0.113.5",
	    22);
	l = fake_listener(c, 9, "127.0.0.1", 8080);
	fake_held(c, 8, conn);
	fake_held(c, 5, l);
	fake_held(c, 3, conn);
	fake_held(c, 4, conn);
	look(c, 2);
	ck_assert(c->links.seen);
	ck_assert_uint_eq(v.nheld, 2);
	ck_assert_int_eq(v.held[0].fd, 3);
	ck_assert_ptr_eq(v.held[0].sk, conn);
	ck_assert_int_eq(v.held[1].fd, 5);
	ck_assert(holding_has(&v, l));
	ck_assert(!holding_has(&v, fake_listener(NULL, 0, "::1", 8080)));
}
END_TEST

START_TEST(accepted)
{
	struct cand *c = fake_proc(100);

	fake_transport(c);
	fake_conn(c, 4, "127.0.0.1", 8080, "127.0.0.1", 5001);
	fake_listener(c, 5, "127.0.0.1", 8080);
	fake_listener(c, 6, "::1", 8080);
	fake_conn(c, 7, "192.0.2.1", 9090, "192.0.2.2", 5002);
	fake_listener(c, 8, "0.0.0.0", 9090);
	fake_listener(c, 9, "192.0.2.3", 9090);
	look(c, 7);
	ck_assert_uint_eq(v.nheld, 7);
	ck_assert(!v.held[0].accepted);
	ck_assert(v.held[1].accepted);
	ck_assert(!v.held[2].accepted);
	ck_assert(!v.held[3].accepted);
	ck_assert(v.held[4].accepted);
	ck_assert_ptr_eq(holding_listener(&v, v.held[4].sk, 1), &v.held[5]);
	ck_assert_ptr_null(holding_listener(&v, v.held[4].sk, 0));
}
END_TEST

/* None of its sockets is there: it lives in another namespace. */
START_TEST(not_seen)
{
	struct cand *c = fake_proc(100);

	fake_fd(c, 3, PLAT_FD_SOCKET, 900);
	look(c, 0);
	ck_assert(c->links.seen);
	fake_facts(c)->from.netns = c->links.seen = 0;
	look(c, 0);
	ck_assert(!c->links.seen);
	fake_listener(c, 4, "127.0.0.1", 8080);
	fake_facts(c)->fds_errno = EACCES;
	look(c, 1);
	ck_assert(!c->links.seen);
	fake_facts(c)->fds_errno = 0;
	look(c, 1);
	ck_assert(c->links.seen);
}
END_TEST

/* Only pipes, to its jump helper: there is no socket to compare. */
START_TEST(none_to_hold)
{
	struct cand *c = fake_proc(100);

	fake_facts(c)->from.netns = 0;
	fake_fd(c, 4, PLAT_FD_PIPE, 900);
	look(c, 0);
	ck_assert(!c->links.seen);
	fake_facts(c)->from.netns_id = 7;
	look(c, 0);
	ck_assert(c->links.seen);
	fake_fd(c, 5, PLAT_FD_SOCKET, 901);
	look(c, 0);
	ck_assert(!c->links.seen);
}
END_TEST

Suite *
held_suite(void)
{
	Suite *s = suite_create("held");
	TCase *tc = add_tests(s, "holding", TEST(copies), TEST(accepted),
	    TEST(not_seen), TEST(none_to_hold));

	tcase_add_checked_fixture(tc, fake_setup, fake_teardown);
	return s;
}
