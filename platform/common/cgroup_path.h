/* SPDX-License-Identifier: ISC */
/* What the path of a control group of Linux says. */
#ifndef CGROUP_PATH_H
#define CGROUP_PATH_H

#include "platform.h"

/*
 * The unit of a cgroup path such as
 * /user.slice/user-1000.slice/user@1000.service/app.slice/x.service: here
 * x.service, of the manager of user 1000. Only slices may be above a unit.
 * Groups below a unit, or below a group that systemd has not made, may have any
 * name: they may be a container's units, or forged. *lenp is the length of the
 * name, *userp whether it belongs to a user's manager, and *ownerp the uid of
 * that user, or -1. NULL: it is in no unit.
 */
const char *cgroup_unit(const char *path, size_t *lenp, int *userp,
	    uid_t *ownerp);

/* Depends on the last part of the path. */
enum plat_cgroup cgroup_kind(const char *path);

#endif
