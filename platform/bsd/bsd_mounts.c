/* SPDX-License-Identifier: ISC */
/*
 * What is mounted where, from what the kernel has in memory: MNT_NOWAIT asks no
 * file system. NetBSD has a struct statvfs where other BSDs have statfs.
 */
#include <sys/param.h>
#include <sys/mount.h>
#ifdef __NetBSD__
#include <sys/statvfs.h>
#endif

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "platform.h"

#ifdef __NetBSD__
typedef struct statvfs mount_record;
#define RECORD_FLAGS(m)	((m)->f_flag)
#else
typedef struct statfs mount_record;
#define RECORD_FLAGS(m)	((m)->f_flags)
#endif

/* FUSE claims to be local, but its server is a process that may hang. */
static enum plat_fs
fs_of(const mount_record *m)
{
	if (strstr(m->f_fstypename, "autofs") != NULL)
		return PLAT_FS_TRIGGER;
	return RECORD_FLAGS(m) & MNT_LOCAL &&
	    strstr(m->f_fstypename, "fuse") == NULL &&
	    strstr(m->f_fstypename, "puffs") == NULL ? PLAT_FS_LOCAL :
	    PLAT_FS_SHARED;
}

int
plat_mounts(struct plat_mount **vp, size_t *np)
{
	mount_record *ms;
	struct plat_mount *v;
	size_t i, n, size = 0;
	char *text;
	int count;

	if ((count = getmntinfo(&ms, MNT_NOWAIT)) <= 0)
		return -1;
	n = (size_t)count;
	for (i = 0; i < n; i++)
		size += strlen(ms[i].f_mntonname) + 1;
	if ((v = calloc(1, n * sizeof(*v) + size)) == NULL)
		return -1;
	text = (char *)&v[n];
	for (i = 0; i < n; i++) {
		v[i].fs = fs_of(&ms[i]);
		v[i].point = strcpy(text, ms[i].f_mntonname);
		text += strlen(text) + 1;
	}
	*vp = v;
	*np = n;
	return 0;
}
