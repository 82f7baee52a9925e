/* SPDX-License-Identifier: ISC */
/* Something done as the user whom it concerns; see asuser.c. */
#ifndef ASUSER_H
#define ASUSER_H

#include <sys/types.h>

#include <stddef.h>

/*
 * Calls fn(arg) as user uid: here if we are that user, else, for root, in a
 * child that becomes it.  What fn leaves in the len bytes of buf comes back.
 * After ms milliseconds the child is killed: the user may have stopped it.
 * fn finds no descriptor of ours open.  EPERM: neither that user nor root, or nobody
 * knows that user; ETIMEDOUT; EIO: the child did not live to tell.
 */
int	 asuser_run(uid_t uid, void (*fn)(void *), void *arg, void *buf,
	    size_t len, int ms);

/* The same in a child of ours in any case: for calls that may never return. */
int	 child_run(void (*fn)(void *), void *arg, void *buf, size_t len, int ms);

/*
 * In a child: the n descriptors become 3 and above, those below lead to
 * /dev/null, and there are no others.
 */
#define CHILD_KEEP	2

int	 child_only(const int *keep, int n);

/*
 * Kills a child that nobody has waited for, and waits for its end, but no
 * longer than a second: ETIMEDOUT.  ECHILD: somebody else has waited for it.
 */
int	 child_end(pid_t pid, int *status);

#endif
