/* SPDX-License-Identifier: ISC */
/*
 * The port filter of a socket dump: what the program means, by the rules of
 * inet_diag, and what the kernel makes of it, with connections of our own.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "platform.h"
#include "tests.h"

#if defined(__linux__) && defined(HAVE_LIBMNL)
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "linux/linux.h"
#include "linux/sock.h"

#define ALL	(PLAT_SOCKS_LISTEN | PLAT_SOCKS_ALL | PLAT_SOCKS_UNIX)
#define PORTS	65536

/*
 * Sets are the same every time, so that what failed fails again; connections
 * are not, since others may have taken their ports.
 */
static uint32_t seed;

static unsigned
rnd(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* --- sets of ports ------------------------------------------------------- */

static uint8_t set[PORTS / 8];

static void
add(unsigned port)
{
	set[port / 8] |= 1u << port % 8;
}

static int
has(unsigned port)
{
	return set[port / 8] >> port % 8 & 1;
}

/* Ports without a gap between them count once. */
static size_t
runs(void)
{
	unsigned port;
	size_t n = 0;

	for (port = 0; port < PORTS; port++)
		n += has(port) && (port == 0 || !has(port - 1));
	return n;
}

/* --- what a program means ------------------------------------------------ */

/* 1 it accepts, 0 it rejects, -1 it goes where it may not. */
static int
run(const struct inet_diag_bc_op *ops, size_t n, unsigned local, unsigned peer)
{
	size_t at = 0, steps;
	unsigned port;
	int yes;

	for (steps = 0; at < n; steps++) {
		port = at + 1 < n ? ops[at + 1].no : 0;
		switch (ops[at].code) {
		case INET_DIAG_BC_JMP:
			yes = 0;
			break;
		case INET_DIAG_BC_S_GE:
			yes = local >= port;
			break;
		case INET_DIAG_BC_S_LE:
			yes = local <= port;
			break;
		case INET_DIAG_BC_D_GE:
			yes = peer >= port;
			break;
		case INET_DIAG_BC_D_LE:
			yes = peer <= port;
			break;
		default:
			return -1;
		}
		at += (yes ? ops[at].yes : ops[at].no) / sizeof(*ops);
		if (steps > n)
			return -1;
	}
	return at == n ? 1 : at == n + 1 ? 0 : -1;
}

/*
 * What the kernel asks before it runs one: every operation leads to the next,
 * to the very end, and whatever is skipped to is one of those.
 */
static int
is_sound(const struct inet_diag_bc_op *ops, size_t n)
{
	size_t at, len, to;
	char *starts = calloc(n + 2, 1);
	int sound = 1;

	ck_assert_ptr_nonnull(starts);
	starts[n] = starts[n + 1] = 1;
	for (at = 0; at < n; at += len) {
		len = ops[at].code == INET_DIAG_BC_JMP ? 1 : 2;
		if (ops[at].yes != len * sizeof(*ops) || at + len > n) {
			sound = 0;
			break;
		}
		starts[at] = 1;
	}
	for (at = 0; sound && at < n; at += ops[at].yes / sizeof(*ops)) {
		to = at + ops[at].no / sizeof(*ops);
		sound = ops[at].no % sizeof(*ops) == 0 &&
		    ops[at].no >= ops[at].yes && to <= n + 1 && starts[to];
	}
	free(starts);
	return sound;
}

/* Accepts all ports of the set and, if they fit, no others. */
static void
check_program(void)
{
	struct inet_diag_bc_op ops[FILTER_OPS];
	size_t n, exact = runs() <= FILTER_RANGES;
	unsigned port, none;

	for (none = 0; none < PORTS && has(none); none++)
		continue;
	n = filter_make(set, ops);
	ck_assert_uint_le(n, FILTER_OPS);
	if (runs() == 0) {
		ck_assert_uint_eq(n, 0);
		return;
	}
	ck_assert(is_sound(ops, n));
	/* Three operations for each range and one for each fork of the way. */
	if (exact)
		ck_assert_uint_eq(n, 2 * (runs() * 5 + (runs() - 1) * 2));
	for (port = 0; port < PORTS; port++) {
		int local = run(ops, n, port, none);
		int peer = run(ops, n, none, port);

		/* An assertion costs more than all of this. */
		if (local != peer || local == -1 ||
		    ((has(port) || exact) && local != has(port)))
			ck_abort_msg("port %u: %d, %d", port, local, peer);
	}
}

static const struct {
	unsigned n, from, step, width;
} sets[] = {
	{ 0, 0, 0, 0 },
	{ 1, 22, 1, 1 },
	{ 1, 0, 1, 1 },
	{ 1, 65535, 1, 1 },
	{ 1, 0, 1, PORTS },
	{ 2, 0, 65535, 1 },
	{ 2, 8, 8, 8 },			/* one run over two bytes */
	{ 2, 7, 9, 8 },
	{ 3, 10000, 100, 50 },
	{ 16, 10000, 2, 1 },
	{ 17, 10000, 2, 1 },
	{ 31, 15, 2000, 1000 },
	{ FILTER_RANGES, 1, 2, 1 },
	{ FILTER_RANGES + 1, 1, 2, 1 },
	{ FILTER_RANGES + 1, 0, 1900, 1 },
	{ 1000, 10, 65, 64 },
	{ PORTS / 2, 0, 2, 1 },
};

START_TEST(shapes)
{
	unsigned i, k;

	memset(set, 0, sizeof(set));
	for (i = 0; i < sets[_i].n; i++)
		for (k = 0; k < sets[_i].width; k++)
			add(sets[_i].from + i * sets[_i].step + k);
	check_program();
}
END_TEST

START_TEST(any_set)
{
	unsigned i, k, n, port, round, width;

	for (round = 0; round < 40; round++) {
		memset(set, 0, sizeof(set));
		n = rnd(round % 2 == 0 ? 40 : 400);
		for (i = 0; i < n; i++) {
			port = rnd(PORTS);
			width = 1 + rnd(1 << rnd(9));
			for (k = 0; k < width && port + k < PORTS; k++)
				add(port + k);
		}
		check_program();
	}
}
END_TEST

/* Too many to be told apart: the nearest go together, the others do not. */
START_TEST(near_ones)
{
	struct inet_diag_bc_op ops[FILTER_OPS];
	unsigned i;
	size_t n;

	memset(set, 0, sizeof(set));
	for (i = 0; i < 100; i++)
		add(10000 + i * 3);
	add(22);
	add(10500);
	n = filter_make(set, ops);
	ck_assert_int_eq(run(ops, n, 10001, 1), 1);
	ck_assert_int_eq(run(ops, n, 10298, 1), 0);
	ck_assert_int_eq(run(ops, n, 9999, 1), 0);
	ck_assert_int_eq(run(ops, n, 23, 10499), 0);
	ck_assert_int_eq(run(ops, n, 1, 10500), 1);
}
END_TEST

/* --- connections of all kinds -------------------------------------------- */

enum {
	OPEN,
	HALF,		/* the client has said all it had to */
	LEFT,		/* the client is gone */
	OVER,		/* both are, and TIME_WAIT is left */
	ALONE,		/* its listener is gone */
	NKINDS
};

#define NCONNS	45

struct conn {
	int listener, client, accepted;
	uint16_t port, from;		/* the listener's, the client's */
};

static struct conn conns[NCONNS];

/* Families in turn: 4, 6, and 4 in the clothes of 6. */
static socklen_t
address(struct sockaddr_storage *ss, int how, uint16_t port)
{
	static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff,
	    [12] = 127, [15] = 1 };
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	memset(ss, 0, sizeof(*ss));
	memset(&in, 0, sizeof(in));
	memset(&in6, 0, sizeof(in6));
	if (how == 0) {
		in.sin_family = AF_INET;
		in.sin_port = htons(port);
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		memcpy(ss, &in, sizeof(in));
		return sizeof(in);
	}
	in6.sin6_family = AF_INET6;
	in6.sin6_port = htons(port);
	if (how == 1)
		in6.sin6_addr = in6addr_loopback;
	else
		memcpy(&in6.sin6_addr, mapped, sizeof(mapped));
	memcpy(ss, &in6, sizeof(in6));
	return sizeof(in6);
}

static int
stream(int how)
{
	int off = 0, fd;

	fd = socket(how == 0 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
	if (fd != -1 && how == 2)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	return fd;
}

/* Every third port next to the last one, below what clients get. */
static int
listen_at(struct conn *c, int how, uint16_t last)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int tries;

	if ((c->listener = stream(how)) == -1)
		return -1;
	for (tries = 0; tries < 1000; tries++) {
		c->port = tries == 0 && last != 0 ? last + 1U :
		    10000 + rnd(22000);
		len = address(&ss, how, c->port);
		if (bind(c->listener, (struct sockaddr *)&ss, len) == 0 &&
		    listen(c->listener, 4) == 0)
			return 0;
	}
	close(c->listener);
	return -1;
}

static int
state_of(int fd)
{
	struct tcp_info ti;
	socklen_t len = sizeof(ti);

	ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len), 0);
	return ti.tcpi_state;
}

/* Until the other end has heard. */
static void
await(int fd, int state)
{
	const struct timespec ms = { 0, 1000000 };
	int i;

	for (i = 0; i < 10000 && state_of(fd) != state; i++)
		nanosleep(&ms, NULL);
	ck_assert_int_eq(state_of(fd), state);
}

static void
shut(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void
make_conn(struct conn *c, int how, int kind, uint16_t last)
{
	struct sockaddr_storage ss;
	struct sockaddr_in in;
	socklen_t len;

	/* A machine without IPv6 has more of the other. */
	if (listen_at(c, how, last) == -1)
		ck_assert_int_eq(listen_at(c, how = 0, last), 0);
	ck_assert_int_ne(c->client = stream(how), -1);
	len = address(&ss, how, c->port);
	ck_assert_int_eq(connect(c->client, (struct sockaddr *)&ss, len), 0);
	c->accepted = accept(c->listener, NULL, NULL);
	ck_assert_int_ne(c->accepted, -1);
	len = sizeof(ss);
	ck_assert_int_eq(getsockname(c->client, (struct sockaddr *)&ss, &len),
	    0);
	/* The port is at the same place in both. */
	memcpy(&in, &ss, sizeof(in));
	c->from = ntohs(in.sin_port);
	if (kind == HALF)
		shutdown(c->client, SHUT_WR);
	if (kind == LEFT || kind == OVER)
		shut(&c->client);
	if (kind == HALF || kind == LEFT || kind == OVER)
		await(c->accepted, TCP_CLOSE_WAIT);
	if (kind == HALF)
		await(c->client, TCP_FIN_WAIT2);
	if (kind == OVER)
		shut(&c->accepted);
	if (kind == ALONE)
		shut(&c->listener);
}

static void
setup(void)
{
	uint16_t last = 0;
	int i;

	seed = getpid();
	for (i = 0; i < NCONNS; i++) {
		make_conn(&conns[i], i / NKINDS % 3, i % NKINDS, last);
		last = i % 3 == 0 ? conns[i].port : 0;
	}
}

static void
teardown(void)
{
	int i;

	for (i = 0; i < NCONNS; i++) {
		shut(&conns[i].client);
		shut(&conns[i].accepted);
		shut(&conns[i].listener);
	}
}

/* All descriptors that there are; how many. */
static size_t
all_fds(int *fds)
{
	size_t n = 0;
	int i;

	for (i = 0; i < NCONNS; i++) {
		if (conns[i].listener != -1)
			fds[n++] = conns[i].listener;
		if (conns[i].client != -1)
			fds[n++] = conns[i].client;
		if (conns[i].accepted != -1)
			fds[n++] = conns[i].accepted;
	}
	return n;
}

static uint64_t
key_of(int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return st.st_ino;
}

/* --- what the kernel makes of it ----------------------------------------- */

struct asked {
	struct nlmsghdr nlh;
	struct inet_diag_req req;
	struct nlattr at;
	struct inet_diag_bc_op ops[FILTER_OPS];
};

static void
ask(int nl, const struct inet_diag_bc_op *ops, size_t n)
{
	struct asked a;

	memset(&a, 0, sizeof(a));
	a.nlh.nlmsg_type = TCPDIAG_GETSOCK;
	a.nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	a.nlh.nlmsg_len = sizeof(a.nlh) + sizeof(a.req);
	a.req.idiag_family = AF_INET;
	a.req.idiag_states = ~0U;
	if (n > 0) {
		a.at.nla_type = INET_DIAG_REQ_BYTECODE;
		a.at.nla_len = sizeof(a.at) + n * sizeof(*ops);
		memcpy(a.ops, ops, n * sizeof(*ops));
		a.nlh.nlmsg_len += a.at.nla_len;
	}
	ck_assert_int_eq(send(nl, &a, a.nlh.nlmsg_len, 0), a.nlh.nlmsg_len);
}

/* Marks the keys that come; errno, 0 where all went well. */
static int
hear(int nl, const uint64_t *keys, char *came, size_t nkeys)
{
	static union {
		struct nlmsghdr nlh;
		char buf[32768];
	} u;
	const struct inet_diag_msg *m;
	struct nlmsghdr *nlh;
	ssize_t n;
	size_t i;
	int e;

	memset(came, 0, nkeys);
	for (;;) {
		ck_assert_int_gt(n = recv(nl, &u, sizeof(u), 0), 0);
		for (nlh = &u.nlh; NLMSG_OK(nlh, (unsigned)n);
		    nlh = NLMSG_NEXT(nlh, n)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return 0;
			if (nlh->nlmsg_type == NLMSG_ERROR) {
				memcpy(&e, NLMSG_DATA(nlh), sizeof(e));
				return -e;
			}
			m = NLMSG_DATA(nlh);
			for (i = 0; i < nkeys; i++)
				came[i] |= m->idiag_inode == keys[i];
		}
	}
}

/* ENOSYS where netlink is denied. */
static int
ask_kernel(const struct inet_diag_bc_op *ops, size_t n, const uint64_t *keys,
    char *came, size_t nkeys)
{
	const struct timeval deadline = { 10, 0 };
	int e, nl;

	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (nl == -1)
		return ENOSYS;
	setsockopt(nl, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
	ask(nl, ops, n);
	e = hear(nl, keys, came, nkeys);
	close(nl);
	return e;
}

static unsigned
port_of(int fd, int (*name)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct sockaddr_in in;

	if (name(fd, (struct sockaddr *)&ss, &len) == -1)
		return 0;	/* a listener has no peer */
	memcpy(&in, &ss, sizeof(in));
	return ntohs(in.sin_port);
}

/*
 * So many ports, half of them those of our connections: the kernel takes the
 * program and gives exactly what it means.
 */
static const unsigned sizes[] = { 0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 1000 };

START_TEST(kernel)
{
	struct inet_diag_bc_op ops[FILTER_OPS];
	char came[3 * NCONNS];
	uint64_t keys[3 * NCONNS];
	int fds[3 * NCONNS];
	size_t i, n, nfds = all_fds(fds);
	const struct conn *c;
	int want, met = 0;

	for (i = 0; i < nfds; i++)
		keys[i] = key_of(fds[i]);
	memset(set, 0, sizeof(set));
	if (sizes[_i] > 0)
		add(conns[OPEN].port);
	for (i = 1; i < sizes[_i]; i++) {
		c = &conns[rnd(NCONNS)];
		add(i % 2 == 1 ? 1 + rnd(PORTS - 1) :
		    rnd(2) ? c->port : c->from);
	}
	n = filter_make(set, ops);
	if (ask_kernel(ops, n, keys, came, nfds) == ENOSYS)
		return;
	ck_assert_int_eq(ask_kernel(ops, n, keys, came, nfds), 0);
	for (i = 0; i < nfds; i++) {
		want = n == 0 || run(ops, n, port_of(fds[i], getsockname),
		    port_of(fds[i], getpeername));
		ck_assert_int_eq(came[i], want);
		met += want;
	}
	ck_assert_int_gt(met, 0);
}
END_TEST

/* The rules are the kernel's, too: a skip into a port is refused. */
START_TEST(refused)
{
	struct inet_diag_bc_op ops[FILTER_OPS];
	char came[1];
	uint64_t key = key_of(conns[OPEN].listener);
	size_t n;
	int e;

	memset(set, 0, sizeof(set));
	add(22);
	add(80);
	n = filter_make(set, ops);
	ck_assert(is_sound(ops, n));
	ops[0].no += sizeof(*ops);
	ck_assert(!is_sound(ops, n));
	e = ask_kernel(ops, n, &key, came, 1);
	ck_assert(e == EINVAL || e == ENOSYS);
}
END_TEST

/* --- the same answer with and without it --------------------------------- */

static const struct plat_sock *
find(const struct plat_sock *socks, size_t n, uint64_t key)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (socks[i].key == key)
			return &socks[i];
	return NULL;
}

/* What was given up for another look is gone. */
static size_t
count(const struct plat_sock *socks, size_t n, uint64_t key)
{
	size_t i, rows = 0;

	for (i = 0; i < n; i++)
		rows += socks[i].key == key;
	return rows;
}

static void
check_same(const struct plat_sock *a, const struct plat_sock *b)
{
	ck_assert_int_eq(a == NULL, b == NULL);
	if (a == NULL)
		return;
	ck_assert_int_eq(a->family, b->family);
	ck_assert_int_eq(a->state, b->state);
	ck_assert_uint_eq(a->uid, b->uid);
	ck_assert_mem_eq(&a->local, &b->local, sizeof(a->local));
	ck_assert_mem_eq(&a->peer, &b->peer, sizeof(a->peer));
}

/* Some of our descriptors, as a tunnel or several would hold them. */
static size_t
some_keys(uint64_t *keys, unsigned percent)
{
	int fds[3 * NCONNS];
	size_t i, n = 0, nfds = all_fds(fds);

	for (i = 0; i < nfds; i++)
		if (rnd(100) < percent)
			keys[n++] = key_of(fds[i]);
	return n;
}

static int
is_hinted(const struct plat *pl, uint16_t port)
{
	return pl->live->hints[port / 8] >> port % 8 & 1;
}

/* Hints that are right, hints that are not, and some that are missing. */
static void
hint_some(struct plat *pl, unsigned percent)
{
	int i;

	plat_hint(pl, 22);
	for (i = 0; i < NCONNS; i++) {
		if (rnd(100) < percent)
			plat_hint(pl, rnd(3) ? conns[i].port : conns[i].from);
		if (rnd(4) == 0)
			plat_hint(pl, 1 + rnd(PORTS - 1));
	}
}

/*
 * Rows of one call with and one without a filter.  1: it had all that was
 * asked for; 0: something was missing and all was read, which is remembered.
 */
static int
both_ways(unsigned share, unsigned hints)
{
	uint64_t keys[3 * NCONNS];
	uint8_t before[sizeof(((struct live *)NULL)->hints)];
	struct plat *with = plat_open(NULL), *without = plat_open(NULL);
	struct plat_sock *a, *b;
	size_t i, n, na, nb, nfds;
	unsigned flags;
	int fds[3 * NCONNS], whole;

	ck_assert(with != NULL && without != NULL);
	nfds = all_fds(fds);
	n = some_keys(keys, share);
	hint_some(with, hints);
	memcpy(before, with->live->hints, sizeof(before));
	flags = ALL | (rnd(2) ? PLAT_SOCKS_HELD : 0);
	ck_assert_int_eq(plat_socks(without, keys, n, flags, NULL, &b, &nb),
	    0);
	ck_assert_int_eq(plat_socks(with, keys, n, flags, NULL, &a, &na), 0);
	for (i = 0; i < nfds; i++)
		check_same(find(a, na, key_of(fds[i])),
		    find(b, nb, key_of(fds[i])));
	for (i = 0; i < n; i++)
		ck_assert_uint_eq(count(a, na, keys[i]), 1);
	whole = memcmp(before, with->live->hints, sizeof(before)) == 0;
	ck_assert(!without->live->hinted);
	free(a);
	free(b);
	/* What was missing once is no surprise the next time. */
	memcpy(before, with->live->hints, sizeof(before));
	ck_assert_int_eq(plat_socks(with, keys, n, flags, NULL, &a, &na), 0);
	ck_assert_mem_eq(before, with->live->hints, sizeof(before));
	free(a);
	plat_close(with);
	plat_close(without);
	return whole;
}

START_TEST(same_rows)
{
	struct plat *pl = plat_open(NULL);
	struct plat_sock *socks;
	int i, whole = 0, rounds = 60;
	size_t n;

	for (i = 0; i < rounds; i++)
		whole += both_ways(1 + rnd(i % 2 ? 100 : 5), rnd(120));
	/* Both ways were gone, unless there is but one. */
	ck_assert_int_eq(plat_socks(pl, NULL, 0, ALL, NULL, &socks, &n), 0);
	if (!(plat_gaps(pl) & PLAT_GAP_NETLINK)) {
		ck_assert_int_gt(whole, 0);
		ck_assert_int_lt(whole, rounds);
	}
	free(socks);
	plat_close(pl);
}
END_TEST

/* Nothing was remembered, so not all connections were read. */
START_TEST(hinted)
{
	const struct conn *c = &conns[_i == 0 ? OPEN : ALONE];
	uint64_t keys[2] = { key_of(c->accepted), 0 };
	struct plat *pl = plat_open(NULL);
	struct plat_sock *socks;
	size_t n;

	/* By its listener's port, or by the client's and a hint. */
	if (_i == 0)
		keys[1] = key_of(c->listener);
	plat_hint(pl, _i == 0 ? 22 : c->from);
	ck_assert_int_eq(plat_socks(pl, keys, 2, ALL, NULL, &socks, &n), 0);
	ck_assert_ptr_nonnull(find(socks, n, keys[0]));
	ck_assert(!is_hinted(pl, c->port));
	free(socks);
	plat_close(pl);
}
END_TEST

/* One that hints say nothing of is found all the same, and remembered. */
START_TEST(not_hinted)
{
	const struct conn *c = &conns[ALONE];
	uint64_t key = key_of(c->accepted);
	struct plat *pl = plat_open(NULL);
	struct plat_sock *socks;
	size_t n;

	plat_hint(pl, c->port == 22 ? 23 : 22);
	ck_assert_int_eq(plat_socks(pl, &key, 1, ALL, NULL, &socks, &n), 0);
	ck_assert_ptr_nonnull(find(socks, n, key));
	if (!(plat_gaps(pl) & PLAT_GAP_NETLINK))
		ck_assert(is_hinted(pl, c->port));
	ck_assert(!is_hinted(pl, c->from));
	/* It has no listener any more, so nobody but itself is asked for. */
	ck_assert_ptr_null(find(socks, n, key_of(c->client)));
	free(socks);
	plat_close(pl);
}
END_TEST
#endif

Suite *
port_filter_suite(void)
{
	Suite *s = suite_create("port_filter");
#if defined(__linux__) && defined(HAVE_LIBMNL)
	TCase *tc;

	add_tests(s, "program", ROWS(shapes, sets), TEST(any_set),
	    TEST(near_ones));
	tc = add_tests(s, "live", ROWS(kernel, sizes), TEST(refused),
	    TEST(same_rows), TIMES(hinted, 2), TEST(not_hinted));
	tcase_add_checked_fixture(tc, setup, teardown);
#endif
	return s;
}
