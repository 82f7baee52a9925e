/* SPDX-License-Identifier: ISC */
/* platform/linux_mounts.c: mountinfo, whatever its mount points are called. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests.h"

#ifdef PLATFORM_LINUX
#include "linux/linux.h"

#define ROOT	"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"

static struct plat_mount *v;
static size_t n;

static void
parse(const char *text)
{
	char *copy = strdup(text);

	ck_assert_ptr_nonnull(copy);
	ck_assert_int_eq(linux_mounts_parse(copy, &v, &n), 0);
	free(copy);
}

/* The last at this point. */
static const struct plat_mount *
at(const char *point)
{
	const struct plat_mount *found = NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(v[i].point, point) == 0)
			found = &v[i];
	return found;
}

/* --- names --------------------------------------------------------------- */

/* A user may choose the name of a mount point, with fusermount its source. */
static const struct {
	const char *field, *point;
} names[] = {
	{ "/a\\040b", "/a b" },
	{ "/a\\011b", "/a\tb" },
	{ "/a\\012b", "/a\nb" },
	{ "/a\\134b", "/a\\b" },
	{ "/a\\043b", "/a#b" },
	/* Once, not until nothing is left to be undone. */
	{ "/a\\134040b", "/a\\040b" },
	{ "/\\134134", "/\\134" },
	/* No escapes: the kernel writes none of these. */
	{ "/a\\", "/a\\" },
	{ "/a\\0", "/a\\0" },
	{ "/a\\01", "/a\\01" },
	{ "/a\\400", "/a\\400" },
	{ "/a\\089", "/a\\089" },
	{ "/a\377b", "/a\377b" },
	{ "/-", "/-" },
	{ "/x//deleted", "/x//deleted" },
	/* What would be more lines or fields if it were not escaped. */
	{ "/x\\0402\\0401\\0400:9\\040/\\040/\\040rw\\040-\\040nfs",
	    "/x 2 1 0:9 / / rw - nfs" },
	{ "/x\\0121\\0400\\0408:1", "/x\n1 0 8:1" }
};

START_TEST(any_name)
{
	const struct plat_mount *m;
	char text[512];

	snprintf(text, sizeof(text), ROOT "2 1 0:9 / %s rw,nosuid shared:1 "
	    "master:2 - fuse.sshfs a\\040-\\040ext4\\040/dev/sdb rw\n",
	    names[_i].field);
	parse(text);
	ck_assert_uint_eq(n, 2);
	ck_assert_ptr_nonnull(m = at(names[_i].point));
	ck_assert_int_eq(m->fs, PLAT_FS_SHARED);
	ck_assert_uint_eq(m->id, 2);
	ck_assert_uint_eq(m->parent, 1);
	ck_assert_uint_eq(m->dev, 9);
	ck_assert_uint_eq(at("/")->dev, 8 << 20 | 1);
	ck_assert_int_eq(at("/")->fs, PLAT_FS_LOCAL);
	free(v);
}
END_TEST

/* --- types --------------------------------------------------------------- */

static const struct {
	const char *type;
	enum plat_fs fs;
} types[] = {
	{ "ext4", PLAT_FS_LOCAL },
	{ "tmpfs", PLAT_FS_LOCAL },
	{ "xfs", PLAT_FS_LOCAL },
	{ "zfs", PLAT_FS_LOCAL },
	{ "aufs", PLAT_FS_LOCAL },
	{ "zonefs", PLAT_FS_LOCAL },
	{ "nfs", PLAT_FS_SHARED },
	{ "nfs4", PLAT_FS_SHARED },
	{ "cifs", PLAT_FS_SHARED },
	{ "smb3", PLAT_FS_SHARED },
	{ "9p", PLAT_FS_SHARED },
	{ "fuse", PLAT_FS_SHARED },
	{ "fuse.sshfs", PLAT_FS_SHARED },
	{ "afs", PLAT_FS_SHARED },
	{ "ceph", PLAT_FS_SHARED },
	{ "gfs2", PLAT_FS_SHARED },
	{ "ocfs2", PLAT_FS_SHARED },
	{ "lustre", PLAT_FS_SHARED },
	{ "virtiofs", PLAT_FS_SHARED },
	{ "ecryptfs", PLAT_FS_SHARED },
	{ "not-known-yet", PLAT_FS_SHARED },
	{ "fuse.x\\040-\\040ext4", PLAT_FS_SHARED },
	{ "autofs", PLAT_FS_TRIGGER }
};

START_TEST(any_type)
{
	char text[256];

	snprintf(text, sizeof(text), ROOT "2 1 0:9 / /x rw - %s none rw\n",
	    types[_i].type);
	parse(text);
	ck_assert_int_eq(at("/x")->fs, types[_i].fs);
	free(v);
}
END_TEST

/* --- file systems on others ---------------------------------------------- */

#define NET	"2 1 0:9 / /net rw - nfs4 srv:/ rw\n" \
		"3 1 0:8 / /a:b rw - nfs4 srv:/ rw\n" \
		"4 1 0:8 / /a,b rw - nfs4 srv:/ rw\n" \
		"5 1 0:8 / /a\\134b rw - nfs4 srv:/ rw\n"

/* Of the layers of an overlay, and of what ecryptfs has below it. */
static const struct {
	const char *line;
	enum plat_fs fs;
} stacked[] = {
	{ "overlay o rw,lowerdir=/a:/b,upperdir=/u,workdir=/w",
	    PLAT_FS_LOCAL },
	{ "overlay o rw,lowerdir=/a:/net/l,upperdir=/u", PLAT_FS_SHARED },
	{ "overlay o rw,lowerdir=/a,upperdir=/net/u", PLAT_FS_SHARED },
	{ "overlay o rw,lowerdir=/a,upperdir=/u,workdir=/net", PLAT_FS_LOCAL },
	{ "overlay o rw,lowerdir+=/a,lowerdir+=/net", PLAT_FS_SHARED },
	{ "overlay o rw,lowerdir=/network", PLAT_FS_LOCAL },
	/* As Linux 6.18 has them; "\:" is no end of a name. */
	{ "overlay o rw,lowerdir=/a\\134:b/x,upperdir=/u", PLAT_FS_SHARED },
	{ "overlay o rw,lowerdir=/a\\134\\054b/x,upperdir=/u", PLAT_FS_SHARED },
	{ "overlay o rw,lowerdir=/a\\134\\134b/x,upperdir=/u", PLAT_FS_SHARED },
	{ "overlay o rw,lowerdir=/l\\134:/net", PLAT_FS_LOCAL },
	{ "overlay o rw,lowerdir=/l\\134", PLAT_FS_LOCAL },
	{ "overlay o", PLAT_FS_LOCAL },
	{ "overlay  rw,lowerdir=/net", PLAT_FS_SHARED },
	{ "ecryptfs /home/.ecryptfs/ann rw", PLAT_FS_LOCAL },
	{ "ecryptfs /net/.ecryptfs/ann rw", PLAT_FS_SHARED },
	{ "ecryptfs none rw", PLAT_FS_SHARED }
};

START_TEST(any_stack)
{
	char text[512];

	snprintf(text, sizeof(text), ROOT NET "9 1 0:7 / /x rw - %s\n",
	    stacked[_i].line);
	parse(text);
	ck_assert_int_eq(at("/x")->fs, stacked[_i].fs);
	free(v);
}
END_TEST

/* --- lines --------------------------------------------------------------- */

/* They come in the order of mounting, with who is on whom. */
START_TEST(order)
{
	parse(ROOT
	    "2 1 0:9 / /m rw - tmpfs t rw\n"
	    "3 2 0:8 / /m/n rw - nfs srv:/ rw\n"
	    "4 1 8:1 /home /bind rw - ext4 /dev/sda1 rw\n"
	    "5 2 0:7 / /m rw - nfs srv:/ rw\n");
	ck_assert_uint_eq(n, 5);
	ck_assert_str_eq(v[1].point, "/m");
	ck_assert_int_eq(v[1].fs, PLAT_FS_LOCAL);
	ck_assert_uint_eq(v[2].parent, 2);
	ck_assert_str_eq(v[3].point, "/bind");
	ck_assert_int_eq(v[3].fs, PLAT_FS_LOCAL);
	ck_assert_str_eq(v[4].point, "/m");
	ck_assert_int_eq(v[4].fs, PLAT_FS_SHARED);
	free(v);
}
END_TEST

/* What is no line of mountinfo is left out, and the others are read. */
static const char *const broken[] = {
	"",
	"2",
	"2 1 0:9 / /x",
	"2 1 0:9 / /x rw",
	"2 1 0:9 / /x rw shared:1",
	"2 1 0:9 / /x rw -",
	"2 1 0:9 / /x rw shared:1 -",
	"     "
};

START_TEST(any_broken)
{
	char text[512];

	snprintf(text, sizeof(text), "%s\n" ROOT "%s\n"
	    "3 1 0:8 / /y rw - nfs srv:/ rw\n%s", broken[_i], broken[_i],
	    broken[_i]);
	parse(text);
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(at("/")->fs, PLAT_FS_LOCAL);
	ck_assert_int_eq(at("/y")->fs, PLAT_FS_SHARED);
	free(v);
}
END_TEST

/* In a chroot that is no mount nothing is listed for "/". */
START_TEST(no_root)
{
	parse("");
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(v[0].point, "/");
	free(v);
}
END_TEST

/* The real one has what every Linux has. */
START_TEST(real)
{
	const struct plat_mount *m;

	ck_assert_int_eq(plat_mounts(&v, &n), 0);
	ck_assert_ptr_nonnull(at("/"));
	ck_assert_ptr_nonnull(m = at("/proc"));
	ck_assert_int_eq(m->fs, PLAT_FS_LOCAL);
	free(v);
}
END_TEST
#endif

Suite *
mounts_suite(void)
{
	Suite *s = suite_create("mounts");
#ifdef PLATFORM_LINUX

	add_tests(s, "mountinfo", ROWS(any_name, names), ROWS(any_type, types),
	    ROWS(any_stack, stacked), ROWS(any_broken, broken), TEST(order),
	    TEST(no_root), TEST(real));
#endif
	return s;
}
