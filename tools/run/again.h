/* SPDX-License-Identifier: ISC */
/* tunrun --again: tunnels that are started as they were before. */
#ifndef AGAIN_H
#define AGAIN_H

#include <sys/types.h>

#include <stddef.h>

#include "kill/plan.h"
#include "libfind.h"
#include "run/run.h"

/* Where a job is on its way. */
enum job_state {
	JOB_REFUSED,		/* nothing is done; it was said why */
	JOB_LEFT,		/* likewise, and that is no failure */
	JOB_READY,
	JOB_RUNNING,
	JOB_STOPPED,		/* it wants the terminal */
	JOB_DONE		/* with status */
};

/* The status of a job that is TOOL_ERROR, but not because it did not start. */
#define JOB_SAID	99

struct again_job {
	const struct tun *tun;
	struct plan_item *item;	/* what ends it; NULL: it is lost */
	const struct tun_record *recipe;
	struct tun_record *made; /* the recipe, if it is not of the journal */
	char *program;		/* the path that is run */
	char *agent;		/* SSH_AUTH_SOCK in place of one that is gone */
	enum job_state state;
	pid_t pid;		/* its process and process group */
	int status;
};

struct again {
	const struct run *run;
	struct tun_ctx *ctx;
	struct tun_list *list, *lost;
	struct tun_journal *journal;	/* or NULL */
	int unread;		/* there is one that cannot be used */
	struct plan plan;
	struct again_job *jobs;
	size_t n;
	size_t unmatched;	/* operands */
	void (*hangup)(int), (*pipe)(int);	/* SIGHUP, SIGPIPE before */
};

/* again.c: all of it; returns the exit status. */
int	 run_again(const struct run *run);
/* again_lock.c: a descriptor, or -1 if another one runs. */
int	 again_lock(struct tun_ctx *ctx);

/* recipe.c */

/* "L8008, D1080"; the caller frees. */
char	*again_name(const struct tun *t);
/* Does the file system of the directory answer?  Ask before any other look. */
int	 again_answers(struct tun_ctx *ctx, const char *dir);
/*
 * Why it could not be started as it was, or NULL; the caller frees.
 * It also finds the program and chooses the agent.
 */
char	*again_obstacle(struct again_job *job, struct tun_ctx *ctx);
/* Would a command run on the server once more? */
int	 again_runs_command(const struct again_job *job, struct tun_ctx *ctx);
/* Gives this process the directory and environment; -1 with errno. */
int	 again_prepare(const struct again_job *job);

/* Removes dead sockets at the paths where it would listen. */
void	 again_clear(const struct again_job *job);

/* again_order.c: has a to be up before b can connect? */
int	 again_needs(const struct again_job *b, const struct again_job *a);

/* again_start.c: starts all that are ready, and waits for them. */
void	 again_start(struct again *again);

#endif
