/* SPDX-License-Identifier: ISC */
/*
 * Who took a connection of ours, from a table of sockets and the descriptors
 * of the process that should have.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <string.h>

#include "act/reach.h"
#include "tests.h"

#define OURS	77	/* key of our end */
#define HAS	10	/* of its own sockets */
#define HAS_TOO	11
#define OTHERS	20	/* of another process's */
#define NOBODY	0

#define NSOCKS	4

/* A listener, or an other end; "" is none. */
struct row {
	uint64_t key;
	enum plat_tcp state;
	const char *local, *peer;
	uint16_t lport, pport;
};

/* We are HERE:40000 and have connected to THERE:8001. */
#define LISTENS(key, ip)	{ key, PLAT_TCP_LISTEN, ip, "", 8001, 0 }
#define HERE4	"127.0.0.1"
#define END(key, state, ip) \
	{ key, PLAT_TCP_##state, ip, HERE4, 8001, 40000 }

static const struct {
	const char *what;
	enum reach_taken want;
	struct row rows[NSOCKS];
} cases[] = {
	{ "nothing is seen", TAKEN_UNKNOWN, { LISTENS(HAS, "127.0.0.1") } },
	{ "it has the other end", TAKEN,
	    { LISTENS(HAS, "127.0.0.1"), END(HAS_TOO, ESTAB, "127.0.0.1") } },
	{ "and is about to close it", TAKEN,
	    { LISTENS(HAS, "127.0.0.1"),
	    END(HAS_TOO, CLOSE_WAIT, "127.0.0.1") } },
	{ "another process has it", TAKEN_UNKNOWN,
	    { LISTENS(HAS, "127.0.0.1"), END(OTHERS, ESTAB, "127.0.0.1") } },
	{ "it waits to be accepted", TAKEN_UNKNOWN,
	    { LISTENS(HAS, "127.0.0.1"), END(NOBODY, ESTAB, "127.0.0.1") } },
	{ "it was sent to another address", TAKEN_UNKNOWN,
	    { LISTENS(HAS, "0.0.0.0"), END(OTHERS, ESTAB, "127.0.0.2") } },
	{ "it was sent to another port", TAKEN_UNKNOWN,
	    { LISTENS(HAS, "127.0.0.1"),
	    { OTHERS, PLAT_TCP_ESTAB, "127.0.0.1", HERE4, 9001, 40000 } } },
	{ "another connection of its own", TAKEN_UNKNOWN,
	    { LISTENS(HAS, "127.0.0.1"),
	    { HAS_TOO, PLAT_TCP_ESTAB, "127.0.0.1", HERE4, 8001, 40001 } } },
	{ "our own end is not the other one", TAKEN_UNKNOWN,
	    { LISTENS(HAS, "127.0.0.1"),
	    { HAS_TOO, PLAT_TCP_ESTAB, HERE4, "127.0.0.1", 40000, 8001 } } },
	{ "over, and nobody else could take it", TAKEN_OVER,
	    { LISTENS(HAS, "127.0.0.1"),
	    END(NOBODY, FIN_WAIT2, "127.0.0.1") } },
	{ "over, by a listener for all addresses", TAKEN_OVER,
	    { LISTENS(HAS, "0.0.0.0"), END(NOBODY, FIN_WAIT1, "127.0.0.1") } },
	{ "over, and its listener is the more specific one", TAKEN_OVER,
	    { LISTENS(HAS, "127.0.0.1"), LISTENS(OTHERS, "0.0.0.0"),
	    END(NOBODY, FIN_WAIT2, "127.0.0.1") } },
	{ "over, and another's is the more specific one", TAKEN_UNKNOWN,
	    { LISTENS(HAS, "0.0.0.0"), LISTENS(OTHERS, "127.0.0.1"),
	    END(NOBODY, FIN_WAIT2, "127.0.0.1") } },
	{ "over, and two listen at the same address", TAKEN_UNKNOWN,
	    { LISTENS(HAS, "127.0.0.1"), LISTENS(OTHERS, "127.0.0.1"),
	    END(NOBODY, FIN_WAIT2, "127.0.0.1") } },
	{ "over, and nobody listens any more", TAKEN_UNKNOWN,
	    { END(NOBODY, FIN_WAIT2, "127.0.0.1") } },
	{ "over, where it was sent to", TAKEN_UNKNOWN,
	    { LISTENS(HAS, "127.0.0.1"), { NOBODY, PLAT_TCP_FIN_WAIT2,
	    "127.0.0.1", HERE4, 9001, 40000 } } },
	{ "an IPv6 listener that takes IPv4, too", TAKEN,
	    { LISTENS(HAS, "::"), END(HAS_TOO, ESTAB, "::ffff:127.0.0.1") } },
	{ "over, by such a one of another process", TAKEN_UNKNOWN,
	    { LISTENS(HAS, "0.0.0.0"), LISTENS(OTHERS, "::"),
	    END(NOBODY, FIN_WAIT2, "127.0.0.1") } }
};

static void
set_addr(struct plat_sock *sk, struct plat_addr *a, const char *ip,
    uint16_t port)
{
	a->port = port;
	if (*ip == '\0')
		return;
	if (strchr(ip, ':') != NULL) {
		sk->family = AF_INET6;
		ck_assert_int_eq(inet_pton(AF_INET6, ip, a->ip), 1);
	} else
		ck_assert_int_eq(inet_pton(AF_INET, ip, a->ip), 1);
}

/* IPv4 in the clothes of the other family, for a socket of that. */
static void
dress(struct plat_sock *sk)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t ip[4];

	if (sk->family != AF_INET6 || sk->state == PLAT_TCP_LISTEN)
		return;
	memcpy(ip, sk->peer.ip, sizeof(ip));
	memcpy(sk->peer.ip, prefix, sizeof(prefix));
	memcpy(sk->peer.ip + sizeof(prefix), ip, sizeof(ip));
}

START_TEST(taken_by)
{
	const struct plat_fd fds[] = {
		{ .fd = 3, .kind = PLAT_FD_SOCKET, .key = HAS },
		{ .fd = 4, .kind = PLAT_FD_PIPE, .key = OTHERS },
		{ .fd = 5, .kind = PLAT_FD_SOCKET, .key = HAS_TOO }
	};
	struct reach_ends e = {
		.family = AF_INET, .key = OURS,
		.here = { .ip = { 127, 0, 0, 1 }, .port = 40000 },
		.there = { .ip = { 127, 0, 0, 1 }, .port = 8001 }
	};
	struct plat_sock socks[NSOCKS];
	size_t i, n = 0;

	memset(socks, 0, sizeof(socks));
	for (i = 0; i < NSOCKS && cases[_i].rows[i].local != NULL; i++) {
		const struct row *row = &cases[_i].rows[i];

		socks[n].key = row->key;
		socks[n].state = row->state;
		socks[n].family = AF_INET;
		set_addr(&socks[n], &socks[n].local, row->local, row->lport);
		set_addr(&socks[n], &socks[n].peer, row->peer, row->pport);
		dress(&socks[n++]);
	}
	ck_assert_msg(reach_taken_by(&e, socks, n, fds, 3) == cases[_i].want,
	    "%s", cases[_i].what);
}
END_TEST

/* A path has no address; the two ends name each other. */
START_TEST(taken_by_path)
{
	const struct plat_fd fds[] = {
		{ .fd = 3, .kind = PLAT_FD_SOCKET, .key = HAS }
	};
	struct reach_ends e = { .family = AF_UNIX, .key = OURS };
	struct plat_sock sk = {
		.family = AF_UNIX, .state = PLAT_TCP_ESTAB, .key = HAS,
		.known = PLAT_SOCK_PEER, .peer_key = OURS
	};

	ck_assert_int_eq(reach_taken_by(&e, &sk, 1, fds, 1), TAKEN);
	sk.key = OTHERS;
	ck_assert_int_eq(reach_taken_by(&e, &sk, 1, fds, 1), TAKEN_UNKNOWN);
	sk.key = HAS;
	sk.peer_key = OURS + 1;
	ck_assert_int_eq(reach_taken_by(&e, &sk, 1, fds, 1), TAKEN_UNKNOWN);
	/* What is not known is not the same. */
	sk.peer_key = e.key = 0;
	ck_assert_int_eq(reach_taken_by(&e, &sk, 1, fds, 1), TAKEN_UNKNOWN);
}
END_TEST

Suite *
reach_suite(void)
{
	Suite *s = suite_create("reach");

	add_tests(s, "taken", ROWS(taken_by, cases), TEST(taken_by_path));
	return s;
}
