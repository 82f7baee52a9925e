/* SPDX-License-Identifier: ISC */
/*
 * A process that puts back the keepalive settings of sockets if we are killed
 * before we can; linux_guard.c.
 */
#ifndef LINUX_GUARD_H
#define LINUX_GUARD_H

#include <sys/types.h>

#include <stddef.h>

/* One socket; in memory that both processes share. */
struct guarded {
	int fd;			/* of both; set before guard_start() */
	int keepalive, idle;	/* as they were, once it is ours */
	int ours;		/* locked against others who ask */
	int done;		/* settings are back: let go of it */
	int closed;		/* the guard's own: it has let go */
};

struct guard {
	pid_t pid;
	int pipe;		/* held open by us alone */
	struct guarded *v;
	size_t n;
};

/* Room for n sockets; -1 with errno. */
int	 guard_open(struct guard *g, size_t n);
/*
 * Starts the process, which takes the sockets over; -1 with errno.  The
 * caller has all signals blocked until guard_close().
 */
int	 guard_start(struct guard *g);
/* 0: somebody has ended it, and nothing may be set any more. */
int	 guard_is_alive(struct guard *g);
/* Does socket i belong to nobody else who asks?  Only then it may be set. */
int	 guard_is_ours(const struct guard *g, size_t i);
/* Puts back what socket i was set to, and lets others have it. */
void	 guard_restore(struct guard *g, size_t i);
/* Restores what is left, and ends the process if there is one. */
void	 guard_close(struct guard *g);

#endif
