/* SPDX-License-Identifier: ISC */
/* Runs a function as the user whom it concerns; see asuser.c. */
#ifndef ASUSER_H
#define ASUSER_H

#include <sys/types.h>

#include <stddef.h>

/*
 * Calls fn(arg) as user uid: directly if we are that user, otherwise, as root,
 * in a child that becomes that user.  The len bytes that fn leaves in buf are
 * returned.  After ms milliseconds the child is killed, because the user may
 * have stopped it.  fn finds none of our descriptors open.  Errors: EPERM if we
 * are neither that user nor root, or there is no such user; ETIMEDOUT; EIO if
 * the child died before it had a result.
 */
int	 asuser_run(uid_t uid, void (*fn)(void *), void *arg, void *buf,
	    size_t len, int ms);
/* The same; fn finds the descriptor *fd open as well, under another number. */
int	 asuser_run_with(uid_t uid, int *fd, void (*fn)(void *), void *arg,
	    void *buf, size_t len, int ms);

/* The same, but always in a child: for calls that may never return. */
int	 child_run(void (*fn)(void *), void *arg, void *buf, size_t len,
	    int ms);

/*
 * For a child: the n descriptors become 3 and above, those below lead to
 * /dev/null, and all others are closed.
 */
#define CHILD_KEEP	2

int	 child_only(const int *keep, int n);

/*
 * Kills a child that was not waited for, and waits for its end, but at most a
 * second: ETIMEDOUT.  ECHILD: it was waited for already.
 */
int	 child_end(pid_t pid, int *status);

#endif
