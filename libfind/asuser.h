/* SPDX-License-Identifier: ISC */
/* Something done as the user whom it concerns; see asuser.c. */
#ifndef ASUSER_H
#define ASUSER_H

#include <sys/types.h>

#include <stddef.h>

/*
 * Calls fn(arg) as user uid: here if we are that user, else, for root, in a
 * child that becomes it.  What fn leaves in the len bytes of buf comes back.
 * ms is for a child that hangs.  EPERM: neither that user nor root, or nobody
 * knows that user; ETIMEDOUT; EIO: the child did not live to tell.
 */
int	 asuser_run(uid_t uid, void (*fn)(void *), void *arg, void *buf,
	    size_t len, int ms);

#endif
