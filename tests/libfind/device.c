/* SPDX-License-Identifier: ISC */
/* libfind/device.c: whose connection has an address of another's device. */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <check.h>

#include "sockets/sockets.h"
#include "tests.h"

#ifdef PLATFORM_LINUX
/* The loopback interface stands for a device. */
static const struct {
	const char *device;
	int recorded, netns;	/* of the one with the device */
	int family;
	const char *local;	/* of the other one's connection */
	int through;
} rows[] = {
	{ "lo", 0, 1, AF_INET, "127.0.0.1", 1 },
	{ "lo", 0, -1, AF_INET, "127.0.0.1", 1 },
	{ "lo", 0, 1, AF_INET, "127.0.0.2", 0 },
	{ "lo", 0, 1, AF_INET6, "7f00:1::", 0 },
	{ "l", 0, 1, AF_INET, "127.0.0.1", 0 },
	{ NULL, 0, 1, AF_INET, "127.0.0.1", 0 },
	/* The name is that of another system's device. */
	{ "lo", 1, 1, AF_INET, "127.0.0.1", 0 },
	{ "lo", 0, 0, AF_INET, "127.0.0.1", 0 },
};

START_TEST(through_device)
{
	struct tun_fwd fwd = { .state = TUN_DEVICE,
	    .device = rows[_i].device };
	struct cand a = { .verdict = { .fwds = &fwd, .listed = 1 } };
	struct cand b = { .verdict = { .listed = 1 } };
	struct cand *cands[] = { &a, &b };
	struct tun_ctx ctx = { .recorded = rows[_i].recorded };
	struct scan s = { .ctx = &ctx, .cands = cands, .n = 2 };
	struct tun *t = &b.verdict.tun;

	a.verdict.tun.nfwds = 1;
	a.verdict.tun.netns = rows[_i].netns;
	t->netns = 1;
	t->local.family = rows[_i].family;
	ck_assert_int_eq(inet_pton(rows[_i].family, rows[_i].local,
	    t->local.ip), 1);
	/* Nobody goes through a device of one's own. */
	a.verdict.tun.local = t->local;
	ck_assert_int_eq(devices_look(&s), 0);
	ck_assert_ptr_null(a.verdict.tun.through);
	if (rows[_i].through)
		ck_assert_ptr_eq(t->through, &a.verdict.tun);
	else
		ck_assert_ptr_null(t->through);
}
END_TEST
#endif

Suite *
device_suite(void)
{
	Suite *s = suite_create("device");
#ifdef PLATFORM_LINUX

	add_tests(s, "through", ROWS(through_device, rows));
#endif
	return s;
}
