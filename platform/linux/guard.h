/* SPDX-License-Identifier: ISC */
/*
 * guard.c: a process that restores the keepalive settings of sockets if we are
 * killed before we do.
 */
#ifndef LINUX_GUARD_H
#define LINUX_GUARD_H

#include <sys/types.h>

#include <stddef.h>

/* One socket, in memory that both processes share. */
struct guarded {
	int fd;			/* of both; set before guard_start() */
	int keepalive, idle;	/* original settings, once it is ours */
	int ours;		/* locked against other askers */
	int done;		/* restored: release it */
	int closed;		/* set by the guard: released */
};

struct guard {
	pid_t pid;
	int pipe;		/* only we hold it open */
	struct guarded *v;
	size_t n;
};

/* A socket option that is an int; -1 with errno. */
int	 guard_int(int fd, int level, int name, int *value);

/* Room for n sockets; -1 with errno. */
int	 guard_open(struct guard *g, size_t n);
/*
 * Starts the process, which gets the sockets; -1 with errno. The caller blocks
 * all signals until guard_close().
 */
int	 guard_start(struct guard *g);
/* 0: it was ended by another process, and nothing may be set any more. */
int	 guard_is_alive(struct guard *g);
/* Is socket i locked by our guard? Only then may it be set. */
int	 guard_is_ours(const struct guard *g, size_t i);
/* Restores the settings of socket i, and releases its lock. */
void	 guard_restore(struct guard *g, size_t i);
/* Restores all other sockets, and ends the process if there is one. */
void	 guard_close(struct guard *g);

#endif
