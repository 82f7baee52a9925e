/* SPDX-License-Identifier: ISC */
/*
 * libfind/resolve.c: no step is taken onto a file system that others have a
 * hand in.  What is mounted is the test's word for it.
 */
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform.h"
#include "core/resolve.h"
#include "tests.h"

static char dir[] = "/tmp/resolve.XXXXXX";
static struct resolver rs;

/* Where "%" stands in a path of the tables is dir. */
static const char *
path_of(const char *s)
{
	static char buf[2][PATH_MAX];
	static int i;

	i = !i;
	snprintf(buf[i], sizeof(buf[i]), "%s%s", *s == '%' ? dir : "",
	    *s == '%' ? s + 1 : s);
	return buf[i];
}

static void
make_link(const char *name, const char *text)
{
	ck_assert_int_eq(symlink(path_of(text), path_of(name)), 0);
}

/* The order is that of mounting; parents are not known. */
static const struct {
	const char *point;
	enum plat_fs fs;
} mounts[] = {
	{ "/", PLAT_FS_LOCAL },
	{ "%/net", PLAT_FS_SHARED },
	{ "%/net/in", PLAT_FS_LOCAL },
	{ "%/auto", PLAT_FS_TRIGGER },
	{ "%/local", PLAT_FS_LOCAL },
	{ "%/local/net", PLAT_FS_SHARED },
	{ "%/over", PLAT_FS_SHARED },
	{ "%/over", PLAT_FS_LOCAL },
	{ "%/under", PLAT_FS_LOCAL },
	{ "%/under", PLAT_FS_SHARED }
};

static char points[NROWS(mounts)][sizeof(dir) + 16];

static void
setup(void)
{
	static const char *const dirs[] = {
		"%/net", "%/net/in", "%/auto", "%/local", "%/local/net",
		"%/over", "%/under", "%/network", "%/d"
	};
	int i;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (i = 0; i < NROWS(dirs); i++)
		ck_assert_int_eq(mkdir(path_of(dirs[i]), 0700), 0);
	make_link("%/to-net", "%/net");
	make_link("%/to-to-net", "%/to-net");
	make_link("%/d/up", "../net/s");
	make_link("%/local/last", "net/s");
	make_link("%/to-d", "d");
	make_link("%/loop", "%/loop");
	resolve_init(&rs);
	rs.n = NROWS(mounts);
	ck_assert_ptr_nonnull(rs.v = calloc(rs.n, sizeof(*rs.v)));
	ck_assert_ptr_nonnull(rs.dead = calloc(rs.n, 1));
	for (i = 0; i < NROWS(mounts); i++) {
		snprintf(points[i], sizeof(points[i]), "%s",
		    path_of(mounts[i].point));
		rs.v[i].point = points[i];
		rs.v[i].fs = mounts[i].fs;
	}
	resolve_sort(&rs);
}

static void
teardown(void)
{
	char cmd[64];

	resolve_end(&rs);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static const struct {
	const char *path;
	int error;		/* 0: found, or known not to be there */
} paths[] = {
	{ "%/d/s", 0 },
	{ "%/to-d/s", 0 },
	{ "%/none/s", ENOENT },
	{ "%/local/s", 0 },
	{ "%/network/s", 0 },
	{ "%/over/s", 0 },
	{ "%/loop", ELOOP },
	{ "%/loop/s", ELOOP },
	{ "%/net", EREMOTE },
	{ "%/net/s", EREMOTE },
	{ "%/net/in/s", EREMOTE },
	{ "%/net/../d/s", EREMOTE },
	{ "%//net/./s", EREMOTE },
	{ "%/d/../net/s", EREMOTE },
	{ "%/local/net/s", EREMOTE },
	{ "%/under/s", EREMOTE },
	{ "%/auto/s", EREMOTE },
	{ "%/to-net", EREMOTE },
	{ "%/to-net/s", EREMOTE },
	{ "%/to-to-net/s", EREMOTE },
	{ "%/d/up", EREMOTE },
	{ "%/local/last", EREMOTE }
};

START_TEST(any_path)
{
	struct resolved r;

	errno = 0;
	if (resolve(&rs, path_of(paths[_i].path), RESOLVE_FOLLOW, geteuid(),
	    &r) == 0)
		errno = 0;
	ck_assert_int_eq(errno, paths[_i].error);
}
END_TEST

/* A child looks where others have a hand in, except where that mounts. */
START_TEST(look)
{
	struct resolved r;

	ck_assert_int_eq(mkdir(path_of("%/net/s"), 0700), 0);
	ck_assert_int_eq(resolve_look(&rs, path_of("%/to-net/s"),
	    RESOLVE_FOLLOW, geteuid(), &r), 0);
	ck_assert(S_ISDIR(r.st.st_mode));
	ck_assert_int_eq(r.shared, 1);
	ck_assert_int_eq(r.dir, -1);
	ck_assert_int_eq(resolve_look(&rs, path_of("%/net/none"),
	    RESOLVE_FOLLOW, geteuid(), &r), 0);
	ck_assert_uint_eq(r.st.st_mode, 0);
	ck_assert_int_eq(resolve_look(&rs, path_of("%/d"), 0, geteuid(), &r),
	    0);
	ck_assert_int_eq(r.shared, 0);
	ck_assert_fails(resolve_look(&rs, path_of("%/auto/s"), 0, geteuid(),
	    &r), EREMOTE);
}
END_TEST

/*
 * Something was mounted on a path after the table was read.  That is not the
 * first mount of the table, which did not answer.
 */
START_TEST(mounted_since)
{
	struct resolved r;
	size_t i;

	for (i = 0; i < rs.n; i++)
		if (strcmp(rs.v[i].point, path_of("%/local")) == 0)
			rs.v[i].id = UINT64_MAX;
	rs.dead[0] = 1;
	ck_assert_int_eq(resolve_look(&rs, path_of("%/local/last"), 0,
	    geteuid(), &r), 0);
	ck_assert(S_ISLNK(r.st.st_mode));
}
END_TEST

static const struct {
	const char *path;
	int guarded;
} guards[] = {
	{ "%/d/s", 1 },
	{ "%/open/s", 0 },
	{ "%/d/open/s", 1 },
	{ "%/to-d/open/s", 1 },
	{ "%/d/open/../s", 1 },
	{ "%/d/../open/s", 0 },
	{ "%/d/open/../../open/s", 0 },
	{ "%/d/out/s", 0 }
};

/* Twice: the second time the directory is known. */
START_TEST(only_one_user_may_enter)
{
	struct resolved r;
	int i;

	ck_assert_int_eq(chmod(dir, 0755), 0);
	ck_assert_int_eq(mkdir(path_of("%/open"), 0777), 0);
	ck_assert_int_eq(mkdir(path_of("%/d/open"), 0777), 0);
	ck_assert_int_eq(chmod(path_of("%/open"), 0775), 0);
	ck_assert_int_eq(chmod(path_of("%/d/open"), 0775), 0);
	make_link("%/d/out", "%/open");
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(resolve(&rs, path_of(guards[_i].path), 0,
		    geteuid(), &r), 0);
		ck_assert_int_eq(r.guarded, guards[_i].guarded);
	}
	ck_assert_int_eq(resolve(&rs, path_of(guards[_i].path), 0,
	    geteuid() + 1, &r), 0);
	ck_assert_int_eq(r.guarded, 0);
}
END_TEST

Suite *
resolve_suite(void)
{
	Suite *s = suite_create("resolve");
	TCase *tc = add_tests(s, "mounts", ROWS(any_path, paths), TEST(look),
	    TEST(mounted_since), ROWS(only_one_user_may_enter, guards));

	tcase_add_checked_fixture(tc, setup, teardown);
	return s;
}
