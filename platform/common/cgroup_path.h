/* SPDX-License-Identifier: ISC */
/* What the path of a control group of Linux says. */
#ifndef CGROUP_PATH_H
#define CGROUP_PATH_H

#include "platform.h"

/*
 * The unit that a cgroup path is in, as
 * /user.slice/user-1000.slice/user@1000.service/app.slice/x.service:
 * here x.service, of the manager of user 1000.  Only slices lead to a unit.
 * What comes below it, or below a group that systemd has not made, may have
 * any name: a container's units, or a lie.  *lenp is the length of the name,
 * *userp whether it is a user's manager's, and *ownerp whose that is, or -1.
 * NULL: it is in no unit.
 */
const char *cgroup_unit(const char *path, size_t *lenp, int *userp,
	    uid_t *ownerp);

/* By the last part of the path. */
enum plat_cgroup cgroup_kind(const char *path);

#endif
