/* SPDX-License-Identifier: ISC */
/* libfind/match.c: what a forward asks for, and what there is. */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <string.h>

#include "fakesocks.h"
#include "tests.h"

/*
 * What -L 8080 with a bind address means, and what there is.
 */
static const struct {
	const char *host;
	unsigned flags;
	const char *ips[3];	/* of the listeners it has */
	const char *strange;	/* of one that it has not */
	enum tun_state state;
	int exposed;
	size_t nfwds;		/* one, and those nobody asked for */
} binds[] = {
	{ NULL, 0, { "::1", "127.0.0.1" }, NULL, TUN_BOUND, 0, 1 },
	/* One family without a listener, and without a stranger. */
	{ NULL, 0, { "::1" }, NULL, TUN_BOUND, 0, 1 },
	{ NULL, 0, { "127.0.0.1" }, NULL, TUN_BOUND, 0, 1 },
	{ "localhost", 0, { "127.0.0.1" }, NULL, TUN_BOUND, 0, 1 },
	{ "*", 0, { "0.0.0.0" }, NULL, TUN_BOUND, 1, 1 },
	{ NULL, 0, { "127.0.0.1" }, "::1", TUN_HALF, 0, 1 },
	{ NULL, 0, { "::1" }, "::ffff:127.0.0.1", TUN_HALF, 0, 1 },
	{ NULL, 0, { NULL }, NULL, TUN_UNBOUND, 0, 1 },
	{ NULL, 0, { NULL }, "127.0.0.1", TUN_TAKEN, 0, 1 },
	{ NULL, 0, { NULL }, "0.0.0.0", TUN_TAKEN, 0, 1 },
	{ NULL, 0, { NULL }, "192.0.2.7", TUN_UNBOUND, 0, 1 },
	{ NULL, CMD_INET4, { "127.0.0.1" }, NULL, TUN_BOUND, 0, 1 },
	{ NULL, CMD_INET6, { "::1" }, NULL, TUN_BOUND, 0, 1 },
	{ NULL, CMD_GATEWAY, { "0.0.0.0", "::" }, NULL, TUN_BOUND, 1, 1 },
	{ NULL, CMD_GATEWAY, { "0.0.0.0" }, NULL, TUN_BOUND, 1, 1 },
	{ NULL, CMD_GATEWAY, { "0.0.0.0" }, "::", TUN_HALF, 1, 1 },
	/* GatewayPorts of ssh_config: wider than its words say. */
	{ NULL, 0, { "0.0.0.0", "::" }, NULL, TUN_BOUND, 1, 1 },
	{ NULL, CMD_INET4, { "0.0.0.0" }, NULL, TUN_BOUND, 1, 1 },
	{ NULL, 0, { "0.0.0.0" }, NULL, TUN_BOUND, 1, 1 },
	{ NULL, 0, { "0.0.0.0" }, "::1", TUN_HALF, 1, 1 },
	{ "localhost", 0, { "0.0.0.0" }, NULL, TUN_UNBOUND, 0, 2 },
	{ NULL, CMD_GATEWAY, { NULL }, "192.0.2.7", TUN_TAKEN, 0, 1 },
	{ "localhost", CMD_GATEWAY, { "::1", "127.0.0.1" }, NULL, TUN_BOUND,
	    0, 1 },
	{ "*", 0, { "0.0.0.0", "::" }, NULL, TUN_BOUND, 1, 1 },
	{ "", 0, { "0.0.0.0", "::" }, NULL, TUN_BOUND, 1, 1 },
	{ "0.0.0.0", 0, { "0.0.0.0" }, NULL, TUN_BOUND, 1, 1 },
	{ "127.0.0.1", 0, { "127.0.0.1" }, NULL, TUN_BOUND, 0, 1 },
	{ "127.0.0.1", 0, { NULL }, "::", TUN_TAKEN, 0, 1 },
	{ "127.0.0.1", CMD_GATEWAY, { "127.0.0.1" }, NULL, TUN_BOUND, 0, 1 },
	{ "::1", 0, { "::1" }, NULL, TUN_BOUND, 0, 1 },
	{ "0:0:0:0:0:0:0:1", 0, { "::1" }, NULL, TUN_BOUND, 0, 1 },
	{ "::1", CMD_INET4, { NULL }, NULL, TUN_UNBOUND, 0, 1 },
	/* A listener beside what was asked for is one of its own. */
	{ "::1", 0, { "::1", "127.0.0.1" }, NULL, TUN_BOUND, 0, 2 },
	/* A name is not looked up: whatever it has there is it. */
	{ "db.example", 0, { "192.0.2.1" }, NULL, TUN_BOUND, 1, 1 },
	/* But whether a stranger has its address is not known. */
	{ "db.example", 0, { NULL }, "192.0.2.1", TUN_UNBOUND, 0, 1 },
	{ "db.example", 0, { NULL }, "0.0.0.0", TUN_TAKEN, 0, 1 },
	{ "db.example", 0, { NULL }, NULL, TUN_UNBOUND, 0, 1 },
};

START_TEST(bind_address)
{
	struct cand *c = fake_proc(100);
	struct tun_fwd *fwd;
	int i;

	fake_facts(c)->cmd.flags |= binds[_i].flags;
	fake_transport(c);
	fake_ask(c, TUN_FWD_LOCAL, binds[_i].host, 8080, "db", 5432);
	for (i = 0; i < 3 && binds[_i].ips[i] != NULL; i++)
		fake_listener(c, 4 + i, binds[_i].ips[i], 8080);
	if (binds[_i].strange != NULL)
		fake_listener(NULL, 0, binds[_i].strange, 8080);
	/* On another port, so none of it. */
	fake_listener(NULL, 0, "127.0.0.1", 8081);
	fake_join(FAKE_INFO);
	fwd = &c->verdict.fwds[0];
	ck_assert_msg(fwd->state == binds[_i].state, "row %d: %s", _i,
	    tun_state_name(fwd->state));
	ck_assert_int_eq(fwd->exposed, binds[_i].exposed);
	ck_assert_uint_eq(c->verdict.tun.nfwds, binds[_i].nfwds);
	ck_assert_int_eq(fwd->owner != NULL, binds[_i].strange != NULL &&
	    (fwd->state == TUN_TAKEN || fwd->state == TUN_HALF));
	ck_assert_int_eq(fwd->conns, 0);
}
END_TEST

/* The port that it has not got is that of a connection from there. */
static const char *const from[] = { "127.0.0.1", "::ffff:127.0.0.1" };

START_TEST(connected_from)
{
	struct cand *c = fake_proc(100);

	fake_ask(c, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	fake_listener(c, 4, "::1", 8080);
	fake_conn(fake_proc(200), 3, from[_i], 8080, from[_i], 5432);
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_HALF);
}
END_TEST

START_TEST(one_family_machine)
{
	struct cand *c = fake_proc(100);

	fake_ask(c, TUN_FWD_DYNAMIC, NULL, 1080, NULL, 0);
	fake_listener(c, 4, "127.0.0.1", 1080);
	fake_join_on(FAKE_INFO, 1);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_BOUND);
}
END_TEST

/* IPv6 was switched off while they ran, as VPN clients do. */
START_TEST(inet6_switched_off)
{
	struct cand *c = fake_proc(100);
	struct fwd_links *f;

	fake_ask(c, TUN_FWD_DYNAMIC, NULL, 1080, NULL, 0);
	fake_ask(c, TUN_FWD_LOCAL, "*", 1081, "db", 1);
	fake_ask(c, TUN_FWD_LOCAL, "*", 1082, "db", 1);
	fake_listener(c, 4, "::1", 1080)->local_addr = PLAT_LOCAL_ADDR_GONE;
	fake_listener(c, 5, "127.0.0.1", 1080);
	fake_listener(c, 6, "::", 1081);
	fake_listener(c, 7, "0.0.0.0", 1081);
	fake_listener(c, 8, "::", 1082);
	fake_listener(NULL, 0, "0.0.0.0", 1082);
	fake_join_on(FAKE_INFO, 1);
	f = c->links.fwds;
	ck_assert_uint_eq(c->verdict.tun.nfwds, 3);
	ck_assert_int_eq(f[0].owned, 2);
	ck_assert_uint_eq(c->verdict.fwds[0].naddrs, 2);
	ck_assert_int_eq(c->verdict.fwds[0].addrs[0].family, AF_INET);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_BOUND);
	ck_assert_int_eq(c->verdict.fwds[1].state, TUN_BOUND);
	ck_assert_int_eq(c->verdict.fwds[2].state, TUN_HALF);
}
END_TEST

/* -L 8080:a -L 8080:b: the second is bound by nobody. */
START_TEST(asked_twice)
{
	struct cand *c = fake_proc(100);

	fake_ask(c, TUN_FWD_LOCAL, NULL, 8080, "a", 1);
	fake_ask(c, TUN_FWD_LOCAL, NULL, 8080, "b", 2);
	fake_listener(c, 4, "::1", 8080);
	fake_listener(c, 5, "127.0.0.1", 8080);
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_BOUND);
	ck_assert_int_eq(c->verdict.fwds[1].state, TUN_UNBOUND);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 2);
}
END_TEST

/* Of a process that we may not read, nothing is guessed. */
START_TEST(denied)
{
	struct cand *c = fake_proc(100);

	fake_facts(c)->fds = NULL;
	fake_facts(c)->fds_errno = EACCES;
	fake_ask(c, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	fake_ask(c, TUN_FWD_LOCAL, "127.0.0.1", 8081, "db", 5432);
	fake_ask(c, TUN_FWD_LOCAL, "127.0.0.1", 8082, "db", 5432);
	fake_listener(NULL, 0, "::1", 8080);
	fake_listener(NULL, 0, "127.0.0.1", 8081);
	fake_listener(NULL, 0, "127.0.0.1", 8082)->uid = 0;
	fake_join(FAKE_INFO);
	/* Half of it may be anybody's. */
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_UNKNOWN);
	ck_assert_int_eq(c->verdict.fwds[0].exposed, -1);
	ck_assert_int_eq(c->verdict.fwds[1].state, TUN_BOUND);
	ck_assert(tun_why_has(&c->verdict.fwds[1].why, TUN_WHY_INFERRED));
	ck_assert_int_eq(c->verdict.fwds[2].state, TUN_UNKNOWN);
	ck_assert(tun_why_has(&c->verdict.fwds[2].why, TUN_WHY_DENIED));
	ck_assert_int_eq(c->verdict.tun.conns, -1);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 3);
}
END_TEST

START_TEST(leads_back)
{
	struct cand *c = fake_proc(100);

	fake_conn(c, 3, "127.0.0.1", 40000, "127.0.0.1", 22);
	fake_ask(c, TUN_FWD_LOCAL, NULL, 8080, "127.0.0.1", 8080);
	fake_ask(c, TUN_FWD_LOCAL, NULL, 8081, "db.example", 8081);
	fake_listener(c, 4, "::1", 8080);
	fake_listener(c, 5, "127.0.0.1", 8080);
	fake_listener(c, 6, "::1", 8081);
	fake_listener(c, 7, "127.0.0.1", 8081);
	fake_join(FAKE_INFO);
	/* The port of the server may be forwarded to another machine. */
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_BOUND);
	ck_assert(tun_why_has(&c->verdict.fwds[0].why, TUN_WHY_LEADSBACK));
	ck_assert_int_eq(c->verdict.fwds[1].state, TUN_BOUND);
	ck_assert(!tun_why_has(&c->verdict.fwds[1].why, TUN_WHY_LEADSBACK));
}
END_TEST

static int
may_lead_back(const struct cand *c, size_t i)
{
	return tun_why_has(&c->verdict.fwds[i].why, TUN_WHY_LEADSBACK);
}

/* Hosts of -L 9000:HOST:9000, whose server may be this machine. */
static const struct {
	const char *host;
	int own;
} hosts[] = {
	{ "localhost", 1 }, { "127.0.0.1", 1 }, { "127.8.9.1", 1 },
	{ "127.1", 1 }, { "0.0.0.0", 1 }, { "0", 1 }, { "::", 1 },
	{ "::1", 1 }, { "::ffff:127.0.0.1", 1 }, { "10.1", 0 },
	{ "::ffff:10.0.0.1", 0 }, { "db", 0 }, { "", 0 }, { "fe80::1", 0 },
};

START_TEST(own_address)
{
	struct cand *c = fake_proc(100);

	fake_conn(c, 3, "127.0.0.1", 40000, "127.0.0.1", 22);
	fake_ask(c, TUN_FWD_LOCAL, "0.0.0.0", 9000, hosts[_i].host, 9000);
	fake_listener(c, 4, "0.0.0.0", 9000);
	fake_join(FAKE_INFO);
	ck_assert_msg(may_lead_back(c, 0) == hosts[_i].own, "%s",
	    hosts[_i].host);
}
END_TEST

START_TEST(circles)
{
	struct cand *a = fake_proc(100), *b = fake_proc(200);
	struct cand *far = fake_proc(300);

	fake_conn(a, 3, "127.0.0.1", 40000, "127.0.0.1", 22);
	fake_conn(b, 3, "127.0.0.1", 40001, "127.0.0.1", 22);
	fake_conn(far, 3, "10.0.0.1", 40002, "10.0.0.2", 22);
	/* 1 -> 2 -> 1, 3 -> 1, 4 -> 5 -> a database. */
	fake_ask(a, TUN_FWD_LOCAL, "127.0.0.1", 9001, "localhost", 9002);
	fake_listener(a, 4, "127.0.0.1", 9001);
	fake_ask(a, TUN_FWD_LOCAL, "127.0.0.1", 9003, "localhost", 9001);
	fake_listener(a, 5, "127.0.0.1", 9003);
	fake_ask(a, TUN_FWD_LOCAL, "127.0.0.1", 9004, "localhost", 9005);
	fake_listener(a, 6, "127.0.0.1", 9004);
	fake_ask(b, TUN_FWD_LOCAL, "127.0.0.1", 9002, "localhost", 9001);
	fake_listener(b, 4, "127.0.0.1", 9002);
	fake_ask(b, TUN_FWD_LOCAL, "127.0.0.1", 9005, "db", 5432);
	fake_listener(b, 5, "127.0.0.1", 9005);
	/* On another machine only what the same ssh has there counts. */
	fake_ask(far, TUN_FWD_LOCAL, "127.0.0.1", 9006, "localhost", 9006);
	fake_listener(far, 4, "127.0.0.1", 9006);
	fake_ask(far, TUN_FWD_LOCAL, "127.0.0.1", 9007, "localhost", 9008);
	fake_listener(far, 5, "127.0.0.1", 9007);
	fake_ask(far, TUN_FWD_REMOTE, NULL, 9008, "localhost", 9007);
	fake_join(FAKE_INFO);
	ck_assert(may_lead_back(a, 0));
	ck_assert(may_lead_back(a, 1));
	ck_assert(!may_lead_back(a, 2));
	ck_assert(may_lead_back(b, 0));
	ck_assert(!may_lead_back(b, 1));
	ck_assert(!may_lead_back(far, 0));
	ck_assert(may_lead_back(far, 1));
}
END_TEST

START_TEST(devices)
{
	struct cand *c = fake_proc(100);

	fake_transport(c);
	fake_ask(c, TUN_FWD_DEVICE, "7", -1, "7", -1);
	fake_ask(c, TUN_FWD_DEVICE, "any", -1, "any", -1);
	fake_ask(c, TUN_FWD_DEVICE, "8", -1, "8", -1);
	fake_fd(c, 4, PLAT_FD_TUN, 0);
	strcpy(c->facts->fds[c->facts->nfds - 1].name, "tun7");
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_DEVICE);
	ck_assert_int_eq(c->verdict.fwds[1].state, TUN_DEVICE);
	ck_assert_int_eq(c->verdict.fwds[2].state, TUN_UNBOUND);
	ck_assert_str_eq(c->verdict.fwds[0].device, "tun7");
	ck_assert_str_eq(c->verdict.fwds[1].device, "tun7");
	ck_assert_ptr_null(c->verdict.fwds[2].device);
}
END_TEST

/* What the kernel calls it, whatever was asked for. */
static const struct {
	const char *unit, *name;
	unsigned flags;
	enum tun_state state;
	int ethernet;
} units[] = {
	{ "5", "tap5", 0, TUN_DEVICE, 1 },
	{ "any", "tap0", 0, TUN_DEVICE, 1 },
	{ "any", "tun0", 0, TUN_DEVICE, 0 },
	{ "5", "vpn0", 0, TUN_DEVICE, 0 },
	{ "5", "tunnel", 0, TUN_DEVICE, 0 },
	{ "5", "tun", 0, TUN_DEVICE, 0 },
	{ "5", "tap55", 0, TUN_UNBOUND, 0 },
	{ "any", "", 0, TUN_DEVICE, 0 },
	{ "5", "", 0, TUN_DEVICE, 0 },
	/* Its interface was removed. */
	{ "5", "", PLAT_FD_DELETED, TUN_UNBOUND, 0 },
	{ "any", "", PLAT_FD_DELETED, TUN_UNBOUND, 0 },
};

START_TEST(device_names)
{
	struct cand *c = fake_proc(100);
	struct plat_fd *d;
	const char *name = units[_i].name;

	fake_transport(c);
	fake_ask(c, TUN_FWD_DEVICE, units[_i].unit, -1, "any", -1);
	fake_fd(c, 4, PLAT_FD_TUN, 0);
	d = &c->facts->fds[c->facts->nfds - 1];
	strcpy(d->name, name);
	d->flags = units[_i].flags;
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->verdict.fwds[0].state, units[_i].state);
	ck_assert_int_eq(c->verdict.fwds[0].ethernet, units[_i].ethernet);
	if (units[_i].state == TUN_DEVICE && *name != '\0')
		ck_assert_str_eq(c->verdict.fwds[0].device, name);
	else
		ck_assert_ptr_null(c->verdict.fwds[0].device);
}
END_TEST

#define HERE	PLAT_LOCAL_ADDR_HERE
#define GONE	PLAT_LOCAL_ADDR_GONE
#define NOBODY	PLAT_LOCAL_ADDR_UNKNOWN	/* knows */

/* Two listeners of one forward, or one and -1. */
static const struct {
	const char *host;
	int place[2];
	enum tun_state state;
} places[] = {
	{ "192.0.2.7", { GONE, -1 }, TUN_NOADDRESS },
	{ "192.0.2.7", { HERE, -1 }, TUN_BOUND },
	{ "192.0.2.7", { NOBODY, -1 }, TUN_BOUND },
	{ "db.example", { GONE, GONE }, TUN_NOADDRESS },
	/* Whoever connects by the name gets to the other one. */
	{ "db.example", { GONE, HERE }, TUN_BOUND },
	{ "db.example", { HERE, GONE }, TUN_BOUND },
	{ "db.example", { GONE, NOBODY }, TUN_BOUND },
	/* Of a master that somebody has added it to. */
	{ NULL, { GONE, -1 }, TUN_NOADDRESS },
	{ NULL, { HERE, -1 }, TUN_UNLISTED },
};

START_TEST(addresses)
{
	static const char *const ips[] = { "192.0.2.7", "2001:db8::7" };
	struct cand *c = fake_proc(100);
	int i;

	fake_transport(c);
	if (places[_i].host != NULL)
		fake_ask(c, TUN_FWD_DYNAMIC, places[_i].host, 8080, NULL, 0);
	for (i = 0; i < 2 && places[_i].place[i] != -1; i++)
		fake_listener(c, 4 + i, ips[i], 8080)->local_addr =
		    (enum plat_local_addr)places[_i].place[i];
	fake_join(FAKE_INFO);
	ck_assert_uint_eq(c->verdict.tun.nfwds, 1);
	ck_assert_int_eq(c->verdict.fwds[0].state, places[_i].state);
	ck_assert_int_eq(
	    tun_why_has(&c->verdict.fwds[0].why, TUN_WHY_NOADDRESS),
	    places[_i].state == TUN_NOADDRESS);
}
END_TEST

Suite *
match_suite(void)
{
	Suite *s = suite_create("match");
	TCase *tc = add_tests(s, "match", ROWS(bind_address, binds),
	    ROWS(connected_from, from), TEST(one_family_machine),
	    TEST(inet6_switched_off), TEST(asked_twice), TEST(denied),
	    TEST(leads_back), ROWS(own_address, hosts), TEST(circles),
	    TEST(devices), ROWS(addresses, places), ROWS(device_names, units));

	tcase_add_checked_fixture(tc, fake_setup, fake_teardown);
	return s;
}
