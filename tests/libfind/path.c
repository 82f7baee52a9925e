/* SPDX-License-Identifier: ISC */
/* libfind/path.c: a file that was replaced, by a listener or the dead. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fakesocks.h"
#include "tests.h"

START_TEST(paths)
{
	char dir[] = "/tmp/jointestXXXXXX", path[64], name[108];
	struct cand *c = fake_proc(100), *d = fake_proc(200);
	struct plat_sock *sk, *mine;
	struct sockaddr_un sun;
	struct tun_fwd *fwd;
	struct stat st;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(chmod(path, 0600), 0);
	fake_facts(d)->row.uid = geteuid();

	/* The path is that of the listener of another. */
	fake_facts(c)->cwd = dir;
	fwd = fake_ask(c, TUN_FWD_LOCAL, NULL, -1, "db", 5432);
	fwd->spec.listen.path = "s";
	mine = fake_held(c, 4, fake_unix(PLAT_TCP_LISTEN, "s", 128));
	mine->known |= PLAT_SOCK_VFS;
	mine->vfs_ino = st.st_ino;
	fake_held(c, 5, fake_unix(PLAT_TCP_ESTAB, "s", 0));
	snprintf(name, sizeof(name), "%s.0123456789abcdef", path);
	sk = fake_held(d, 4, fake_unix(PLAT_TCP_LISTEN, name, 64));
	sk->known |= PLAT_SOCK_VFS;
	sk->vfs_ino = st.st_ino;
	fwd = fake_ask(d, TUN_FWD_LOCAL, NULL, -1, "db", 5432);
	fwd->spec.listen.path = path;
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_BOUND);
	ck_assert_int_eq(c->verdict.fwds[0].conns, 1);
	ck_assert_int_eq(d->verdict.tun.ctl, TUN_CTL_FOUND);
	ck_assert_str_eq(d->verdict.tun.ctlpath, path);
	ck_assert_int_eq(d->verdict.fwds[0].state, TUN_TAKEN);
	ck_assert(!tun_why_has(&d->verdict.tun.why, TUN_WHY_CTLDIR));

	/* Who may write there may put another's socket in its place. */
	ck_assert_int_eq(chmod(dir, 0777), 0);
	d->verdict.tun.nfwds = c->verdict.tun.nfwds = 1;
	fake_join(FAKE_INFO);
	ck_assert_int_eq(d->verdict.tun.ctl, TUN_CTL_UNSAFE);
	ck_assert(tun_why_has(&d->verdict.tun.why, TUN_WHY_CTLDIR));

	sk->vfs_ino = st.st_ino + 1;
	d->verdict.tun.nfwds = c->verdict.tun.nfwds = 1;
	fake_join(FAKE_INFO);
	ck_assert_int_eq(d->verdict.tun.ctl, TUN_CTL_REPLACED);

	mine->vfs_ino = st.st_ino + 2;
	d->verdict.tun.nfwds = c->verdict.tun.nfwds = 1;
	fake_join(FAKE_INFO);
	ck_assert_int_eq(c->verdict.fwds[0].state, TUN_DETACHED);
	ck_assert_int_eq(d->verdict.tun.ctl, TUN_CTL_LOST);
	/* It is a master: ssh leaves the file of a forward that it closes. */
	ck_assert_int_eq(d->verdict.fwds[0].state, TUN_RELEASED);
	close(fd);
	unlink(path);
	rmdir(dir);
}
END_TEST

/* Linux lists the lower half of an inode's number. */
START_TEST(halves)
{
	struct plat_sock sk = { .known = PLAT_SOCK_VFS, .vfs_ino = 7 };

	ck_assert(plat_is_bound(&sk, 0, 7));
	ck_assert(plat_is_bound(&sk, 0, UINT64_C(0x300000007)));
	ck_assert(!plat_is_bound(&sk, 0, 8));
	/* Of another file system, if both are known. */
	ck_assert(plat_is_bound(&sk, 5, 7));
	sk.vfs_dev = 5;
	ck_assert(plat_is_bound(&sk, 0, 7));
	ck_assert(plat_is_bound(&sk, 5, 7));
	ck_assert(!plat_is_bound(&sk, 6, 7));
	sk.known = 0;
	ck_assert(!plat_is_bound(&sk, 5, 7));
}
END_TEST

Suite *
path_suite(void)
{
	Suite *s = suite_create("path");
	TCase *tc = add_tests(s, "path", TEST(paths), TEST(halves));

	tcase_add_checked_fixture(tc, fake_setup, fake_teardown);
	return s;
}
