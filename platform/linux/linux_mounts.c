/* SPDX-License-Identifier: ISC */
/*
 * What is mounted where, from /proc/self/mountinfo. Reading it accesses no file
 * system, so a file system with a dead server cannot block us.
 */
#include <sys/types.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux.h"
#include "compat/array.h"
#include "compat/compat.h"

#define TEXT_MAX	((size_t)16 << 20)	/* of mountinfo */
#define FIELDS		6	/* before the optional ones */

/*
 * File system types that only this machine can use, in the order of strcmp(3).
 * Any other type may be shared with other machines; so no list of network file
 * systems has to be complete.
 */
static const char *const local_types[] = {
	"aufs", "bcachefs", "bpf", "btrfs", "cgroup", "cgroup2", "configfs",
	"cramfs", "debugfs", "devpts", "devtmpfs", "efivarfs", "erofs",
	"exfat", "ext2", "ext3", "ext4", "f2fs", "fuseblk", "fusectl", "hfs",
	"hfsplus", "hugetlbfs", "iso9660", "jffs2", "jfs", "minix", "mqueue",
	"msdos", "nilfs2", "nsfs", "ntfs", "ntfs3", "nullfs", "overlay",
	"proc", "pstore", "ramfs", "reiserfs", "romfs", "rootfs",
	"securityfs", "selinuxfs", "squashfs", "sysfs", "tmpfs", "tracefs",
	"ubifs", "udf", "ufs", "vfat", "xfs", "zfs", "zonefs"
};

/* The same as statfs(2) types, for a root that is not in mountinfo. */
static const uint32_t local_magics[] = {
	0x0000EF53,	/* ext2, ext3, ext4 */
	0x01021994,	/* tmpfs */
	0x2FC12FC1,	/* zfs */
	0x58465342,	/* xfs */
	0x73717368,	/* squashfs */
	0x794C7630,	/* overlay */
	0x858458F6,	/* ramfs, rootfs */
	0x9123683E,	/* btrfs */
	0xCA451A4E,	/* bcachefs */
	0xE0F5E1E2,	/* erofs */
	0xF2F52010	/* f2fs */
};

static int
type_cmp(const void *key, const void *p)
{
	return strcmp(key, *(const char *const *)p);
}

static enum plat_fs
fs_of(const char *type)
{
	if (strcmp(type, "autofs") == 0)
		return PLAT_FS_TRIGGER;
	return bsearch(type, local_types, NELEM(local_types),
	    sizeof(local_types[0]), type_cmp) != NULL ? PLAT_FS_LOCAL :
	    PLAT_FS_SHARED;
}

/* The kernel writes space, tab, newline, backslash and # as \ooo. */
static void
unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' &&
		    s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
			    (s[3] - '0'));
			s += 3;
		} else
			*to++ = *s;
	}
	*to = '\0';
}

/* --- one line ------------------------------------------------------------ */

/* The other fields of a mount's line. */
struct mount_fields {
	char *type, *source, *options;
};

/* MAJOR:MINOR as one number, as the kernel has it and lists it of sockets. */
static uint64_t
device(const char *s)
{
	char *colon;
	uint64_t major = strtoull(s, &colon, 10);

	return *colon == ':' ? major << 20 | strtoull(colon + 1, NULL, 10) : 0;
}

/*
 *	36 35 98:0 /root /point rw,noatime master:1 - ext4 /dev/sda1 rw
 *
 * The source may be empty: then two blanks follow the type.
 */
static int
parse(char *text, struct plat_mount *m, struct mount_fields *line)
{
	char *field[FIELDS], *p;
	size_t i;

	for (i = 0; i < FIELDS; i++)
		if ((field[i] = strsep(&text, " ")) == NULL)
			return -1;
	while ((p = strsep(&text, " ")) != NULL && strcmp(p, "-") != 0)
		continue;
	line->type = strsep(&text, " ");
	line->source = strsep(&text, " ");
	line->options = strsep(&text, " ");
	if (line->type == NULL)
		return -1;
	m->id = strtoull(field[0], NULL, 10);
	m->parent = strtoull(field[1], NULL, 10);
	m->dev = device(field[2]);
	m->point = field[4];
	unescape(field[4]);
	unescape(line->type);
	m->fs = fs_of(line->type);
	return 0;
}

/* --- file systems on top of others --------------------------------------- */

/* The mount that a path is on, by comparing texts. */
static const struct plat_mount *
under(const struct plat_mount *v, size_t n, const char *path)
{
	const struct plat_mount *best = NULL;
	size_t i, len, longest = 0;

	for (i = 0; i < n; i++) {
		len = strlen(v[i].point);
		if (len < longest || strncmp(v[i].point, path, len) != 0 ||
		    (len > 1 && path[len] != '/' && path[len] != '\0'))
			continue;
		longest = len;
		best = &v[i];
	}
	return best;
}

/*
 * The next directory in such an option, without the backslashes that overlayfs
 * puts before colons, commas and backslashes.
 */
static char *
next_dir(char **rest)
{
	char *dir = *rest, *from, *to;

	if (dir == NULL)
		return NULL;
	for (from = to = dir; *from != '\0' && *from != ':'; from++) {
		if (*from == '\\' && from[1] != '\0')
			from++;
		*to++ = *from;
	}
	*rest = *from == ':' ? from + 1 : NULL;
	*to = '\0';
	return dir;
}

/* Is one of these directories on a file system that is not local? */
static int
is_on_shared(const struct plat_mount *v, size_t n, char *dirs)
{
	const struct plat_mount *m;
	char *dir;

	unescape(dirs);
	while ((dir = next_dir(&dirs)) != NULL) {
		if (*dir == '/' && (m = under(v, n, dir)) != NULL &&
		    m->fs != PLAT_FS_LOCAL)
			return 1;
	}
	return 0;
}

/*
 * An overlay is as shared as its layers. In a container the layers' paths
 * belong to another root: they seem to be on the overlay itself, which counts
 * as local.
 */
static enum plat_fs
overlay(const struct plat_mount *v, size_t n, char *options)
{
	static const char *const names[] = {
		"lowerdir=", "upperdir=", "lowerdir+=", "datadir+="
	};
	char *option, *last = NULL;
	size_t i, len;

	if (options == NULL)
		return PLAT_FS_LOCAL;
	for (option = strtok_r(options, ",", &last); option != NULL;
	    option = strtok_r(NULL, ",", &last)) {
		for (i = 0; i < NELEM(names); i++) {
			len = strlen(names[i]);
			if (strncmp(option, names[i], len) == 0 &&
			    is_on_shared(v, n, option + len))
				return PLAT_FS_SHARED;
		}
	}
	return PLAT_FS_LOCAL;
}

/* ecryptfs has one directory below it: its source. */
static void
look_below(struct plat_mount *v, size_t n, const struct mount_fields *lines)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(lines[i].type, "overlay") == 0)
			v[i].fs = overlay(v, n, lines[i].options);
		else if (strcmp(lines[i].type, "ecryptfs") == 0 &&
		    lines[i].source != NULL && *lines[i].source == '/' &&
		    !is_on_shared(v, n, lines[i].source))
			v[i].fs = PLAT_FS_LOCAL;
	}
}

/* --- the root ------------------------------------------------------------ */

/* A chroot whose root is no mount point has no line for "/". */
static void
add_root(struct plat_mount *v, size_t *n)
{
	struct plat_mount *m = &v[*n];
	struct plat_step step;
	struct statfs sf;
	size_t i;

	for (i = 0; i < *n; i++)
		if (strcmp(v[i].point, "/") == 0)
			return;
	m->point = "/";
	m->fs = PLAT_FS_SHARED;
	if (statfs("/", &sf) == 0)
		for (i = 0; i < NELEM(local_magics); i++)
			if ((uint32_t)sf.f_type == local_magics[i])
				m->fs = PLAT_FS_LOCAL;
	if (plat_step(AT_FDCWD, "/", &step) == 0) {
		m->id = step.mount;
		close(step.fd);
	}
	(*n)++;
}

/* --- all of it ----------------------------------------------------------- */

/* The caller frees; NULL with errno. */
static char *
read_text(void)
{
	char *text = NULL;
	size_t room = 0, len;
	int error = 0, fd;

	if ((fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)) == -1)
		return NULL;
	if (linux_read_all(fd, 1, &text, &room, TEXT_MAX, &len) == -1) {
		error = errno;
		free(text);
		text = NULL;
	}
	close(fd);
	errno = error;
	return text;
}

static size_t
count_lines(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

int
linux_mounts_parse(char *text, struct plat_mount **vp, size_t *np)
{
	size_t lines = count_lines(text), size = strlen(text) + 1, n = 0;
	struct plat_mount *v;
	struct mount_fields *more;
	char *copy, *s, *last = NULL;

	/* One block: first the records, one more for root, then the text. */
	v = calloc(1, (lines + 2) * sizeof(*v) + size);
	more = calloc(lines + 1, sizeof(*more));
	if (v == NULL || more == NULL) {
		free(v);
		free(more);
		errno = ENOMEM;
		return -1;
	}
	copy = memcpy(&v[lines + 2], text, size);
	for (s = strtok_r(copy, "\n", &last); s != NULL && n <= lines;
	    s = strtok_r(NULL, "\n", &last))
		n += parse(s, &v[n], &more[n]) == 0;
	look_below(v, n, more);
	free(more);
	add_root(v, &n);
	*vp = v;
	*np = n;
	return 0;
}

int
plat_mounts(struct plat_mount **vp, size_t *np)
{
	char *text;
	int r, saved;

	if ((text = read_text()) == NULL)
		return -1;
	r = linux_mounts_parse(text, vp, np);
	saved = errno;
	free(text);
	errno = saved;
	return r;
}
