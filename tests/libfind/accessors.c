/* SPDX-License-Identifier: ISC */
/* libfind/accessors.c: what programs get that do not know the structs. */
#include <sys/types.h>
#include <sys/socket.h>

#include <check.h>
#include <string.h>

#include "core/core.h"
#include "tests.h"

static const char *const argv[] = { "ssh", "-N", "h", NULL };
static struct tun_addr addrs[] = {
	{ AF_INET, { 127, 0, 0, 1 }, 80, NULL },
	{ AF_INET6, { [15] = 1 }, 80, NULL },
	{ AF_UNIX, { 0 }, 0, "/run/x" },
	{ AF_UNIX, { 0 }, 0, NULL },
	{ 0, { 0 }, 0, NULL }
};
static struct tun_peer near = { .pid = 1, .uid = 2, .comm = "nc",
    .addr = { AF_INET, { 10, 0, 0, 1 }, 5001, NULL } };
static struct tun_peer unseen = { .uid = (uid_t)-1 };
/* The third one is not in the lists. */
static const struct tun_peer *const peers[] = { &near, &unseen, &near };

START_TEST(members)
{
	struct tun t = { .idle = 3, .rx = 4, .tx = 5, .argv = argv,
	    .ctlpath = "/c", .remote = { AF_INET, { 10, 0, 0, 2 }, 22, NULL },
	    .helpers = peers, .nhelpers = 1, .users = peers, .nusers = 2 };
	struct tun_fwd fwd = { .tun = &t, .addrs = addrs, .naddrs = 3,
	    .clients = peers, .nclients = 2, .owner = &near };

	ck_assert_int_eq(tun_idle(&t), 3);
	ck_assert_int_eq(tun_rx(&t), 4);
	ck_assert_int_eq(tun_tx(&t), 5);
	ck_assert_ptr_eq(tun_argv(&t), argv);
	ck_assert_str_eq(tun_ctlpath(&t), "/c");
	ck_assert_ptr_null(tun_local(&t));
	ck_assert_ptr_eq(tun_remote(&t), &t.remote);
	ck_assert_ptr_eq(tun_helper_at(&t, 0), &near);
	ck_assert_ptr_null(tun_helper_at(&t, 1));
	ck_assert_ptr_eq(tun_user_at(&t, 1), &unseen);
	ck_assert_ptr_null(tun_user_at(&t, 2));

	ck_assert_ptr_eq(tun_fwd_addr_at(&fwd, 2), &addrs[2]);
	ck_assert_ptr_null(tun_fwd_addr_at(&fwd, 3));
	ck_assert_ptr_eq(tun_fwd_client_at(&fwd, 0), &near);
	ck_assert_ptr_null(tun_fwd_client_at(&fwd, 2));
	ck_assert_ptr_eq(tun_fwd_owner(&fwd), &near);

	ck_assert_int_eq(tun_peer_pid(&near), 1);
	ck_assert_uint_eq(tun_peer_uid(&near), 2);
	ck_assert_str_eq(tun_peer_comm(&near), "nc");
	ck_assert_ptr_eq(tun_peer_addr(&near), &near.addr);
	ck_assert_ptr_null(tun_peer_addr(&unseen));
}
END_TEST

static const char *const texts[] = {
	"127.0.0.1:80", "[::1]:80", "/run/x", "", ""
};

START_TEST(addr_text)
{
	char buf[32] = "x";

	ck_assert_int_eq(tun_addr_text(&addrs[_i], buf, sizeof(buf)),
	    (int)strlen(texts[_i]));
	ck_assert_str_eq(buf, texts[_i]);
	ck_assert_int_eq(tun_addr_text(&addrs[_i], NULL, 0),
	    (int)strlen(texts[_i]));
}
END_TEST

Suite *
accessors_suite(void)
{
	Suite *s = suite_create("accessors");

	add_tests(s, "accessors", TEST(members), ROWS(addr_text, texts));
	return s;
}
