/* SPDX-License-Identifier: ISC */
/*
 * getgrouplist(3): the group is gid_t and the list gid_t *, on macOS int and
 * int *. Both have 32 bits there.
 */
#ifndef GROUPS_H
#define GROUPS_H

#include <sys/types.h>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

static inline int
group_list(const struct passwd *pw, gid_t *groups, int *np)
{
	return getgrouplist(pw->pw_name, pw->pw_gid, (void *)groups, np);
}

#endif
