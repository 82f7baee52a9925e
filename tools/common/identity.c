/* SPDX-License-Identifier: ISC */
/* Which user, process or file is it, and is it the same? */

#include <sys/types.h>

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>

#include "common/tool.h"
#include "compat/compat.h"
#include "libfind.h"

/* Caches the names of users: a list of tunnels has few users and many rows. */
const char *
tool_user(uid_t uid)
{
	static struct {
		uid_t uid;
		char *name;
	} *users;
	static size_t nusers;
	const struct passwd *pw;
	size_t i;

	for (i = 0; i < nusers; i++) {
		if (users[i].uid == uid)
			return users[i].name;
	}
	users = tool_xreallocarray(users, nusers + 1, sizeof(*users));
	users[nusers].uid = uid;
	if ((pw = getpwuid(uid)) != NULL)
		users[nusers].name = tool_xstrdup(pw->pw_name);
	else
		users[nusers].name = tool_xasprintf("%lu", (unsigned long)uid);
	return users[nusers++].name;
}

int
tool_uid(const char *name, uid_t *uidp)
{
	const struct passwd *pw;
	const char *errstr;
	long long n;

	if ((pw = getpwnam(name)) != NULL) {
		*uidp = pw->pw_uid;
		return 0;
	}
	n = strtonum(name, 0, UINT_MAX - 1, &errstr);
	if (errstr != NULL)
		return -1;
	*uidp = (uid_t)n;
	return 0;
}

int
tool_has_peer(const struct tun_peer *const *v, size_t n, pid_t pid)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i]->pid == pid)
			return 1;
	}
	return 0;
}

int
tool_same_process(const struct tun *a, const struct tun *b)
{
	return a->pid == b->pid &&
	    memcmp(a->ident, b->ident, sizeof(a->ident)) == 0;
}

const struct tun *
tool_find_process(const struct tun_list *list, const struct tun *t)
{
	const struct tun *found = NULL;

	while ((found = tun_next(list, found)) != NULL) {
		if (tool_same_process(found, t))
			break;
	}
	return found;
}

int
tool_same_file(struct tun_ctx *ctx, const char *a, const char *b)
{
	struct tun_look x, y;

	return strcmp(a, b) == 0 || (ctx != NULL &&
	    tun_look(ctx, a, 1, &x) == 0 && tun_look(ctx, b, 1, &y) == 0 &&
	    x.dev == y.dev && x.ino == y.ino);
}

int
tool_sees_itself(struct tun_ctx *ctx)
{
	int sees = tun_sees_itself(ctx);

	if (sees == -1)
		tool_fail("cannot look: %s", strerror(errno));
	return sees;
}
