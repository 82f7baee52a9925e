/* SPDX-License-Identifier: ISC */
/*
 * What the path of a control group says, of a live process or in a recorded
 * table.
 */
#include <stdlib.h>
#include <string.h>

#include "cgroup_path.h"

#define MANAGER	"user@"		/* its unit's name, before the uid */

static int
ends(const char *s, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len > n && memcmp(s + len - n, with, n) == 0;
}

/* "user@1000.service" gives 1000; -1: no uid. */
static uid_t
manager_uid(const char *name, size_t len)
{
	size_t n = sizeof(MANAGER) - 1;
	unsigned long uid = 0;

	for (; n < len && name[n] >= '0' && name[n] <= '9'; n++) {
		uid = uid * 10 + (unsigned long)(name[n] - '0');
		if (uid > UINT32_MAX)
			return (uid_t)-1;
	}
	if (n == sizeof(MANAGER) - 1 || len - n != strlen(".service"))
		return (uid_t)-1;
	return (uid_t)uid;
}

const char *
cgroup_unit(const char *path, size_t *lenp, int *userp, uid_t *ownerp)
{
	const char *p, *unit = NULL;
	size_t len;
	int manager = 0, user = 0;

	*ownerp = (uid_t)-1;
	for (p = path + strspn(path, "/"); *p != '\0';
	    p += len + strspn(p + len, "/")) {
		len = strcspn(p, "/");
		if (ends(p, len, ".slice"))
			continue;
		if (!ends(p, len, ".service") && !ends(p, len, ".scope"))
			break;
		user = manager;
		unit = p;
		*lenp = len;
		if (manager || strncmp(p, MANAGER, sizeof(MANAGER) - 1) != 0)
			break;
		*ownerp = manager_uid(p, len);
		manager = 1;
	}
	*userp = user;
	return unit;
}

enum plat_cgroup
cgroup_kind(const char *path)
{
	const char *last = strrchr(path, '/');
	size_t len;

	last = last == NULL ? path : last + 1;
	len = strlen(last);
	if (len == 0)
		return PLAT_CGROUP_UNKNOWN;
	if (strcmp(last, "init.scope") == 0)
		return PLAT_CGROUP_MANAGER;
	return ends(last, len, ".service") ? PLAT_CGROUP_SERVICE :
	    PLAT_CGROUP_OTHER;
}
