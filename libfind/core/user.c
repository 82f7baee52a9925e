/* SPDX-License-Identifier: ISC */
/* user.c: looks up users, in a way that is safe with threads. */
#include <errno.h>
#include <pwd.h>

#include "core.h"

#define ENTRY_MAX	(1024 * 1024)	/* bytes of one passwd entry */

const struct passwd *
user_find(struct arena *a, uid_t uid)
{
	struct passwd *pw = arena_alloc(a, sizeof(*pw)), *found = NULL;
	size_t len;
	char *buf;
	int error = ERANGE;

	if (pw == NULL)
		return NULL;
	for (len = 1024; error == ERANGE && len <= ENTRY_MAX; len *= 4) {
		if ((buf = arena_alloc(a, len)) == NULL)
			return NULL;
		error = getpwuid_r(uid, pw, buf, len, &found);
	}
	/* The error for a missing entry differs between systems. */
	errno = plat_failed(error) ? error : found == NULL ? ENOENT : 0;
	return error == 0 ? found : NULL;
}
