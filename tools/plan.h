/* SPDX-License-Identifier: ISC */
/*
 * What tunkill is going to do, decided before anything is done: which
 * process or forward, by which means, and what else would go with it.
 */
#ifndef PLAN_H
#define PLAN_H

#include <sys/types.h>

#include <stddef.h>
#include <stdio.h>

#include "libfind.h"
#include "out.h"
#include "pick.h"

enum plan_means {
	PLAN_REFUSE,		/* nothing: see refusal */
	PLAN_SIGNAL,		/* a signal to the tunnel */
	PLAN_CLOSE,		/* its master closes the forward */
	PLAN_PARENT,		/* a signal to who starts it again, then to it */
	PLAN_COMMAND		/* what ends it is its service manager */
};

enum plan_result {
	PLAN_OPEN,		/* not done, or not yet */
	PLAN_SENT,		/* signalled, and nobody waits */
	PLAN_ENDED,
	PLAN_GONE,		/* ended, but not by us */
	PLAN_DECLINED,		/* the answer was no */
	PLAN_REFUSED,
	PLAN_FAILED,
	PLAN_BACK		/* something has started it again */
};

struct plan_item {
	const struct tun *tun;
	const struct tun_fwd **fwds;	/* those that were asked for */
	size_t nfwds;
	int whole;		/* all of the tunnel goes */
	enum plan_means means;
	int sig;		/* to the tunnel */
	char *refusal;
	char **command;		/* NULL-ended */
	uid_t as;		/* who runs it */
	enum plan_result result;
	char *detail;		/* of the result; or NULL */
	/* What end.c holds on to. */
	struct tun_victim *victim, *parent, **helpers;
	struct tun_file *files;
	size_t nfiles;
};

struct plan {
	struct plan_item *items;
	size_t n;
	const struct tun_list *list;
};

#define PLAN_WHOLE	0x01	/* the other forwards may go */
#define PLAN_SESSIONS	0x02	/* shells and commands, too */
#define PLAN_SUPERVISOR	0x04	/* and who starts it again */

void	 plan_make(struct plan *plan, struct tun_ctx *ctx,
	    const struct tun_list *list, const struct pick *pick,
	    const struct row *rows, size_t nrows, unsigned flags, int sig);
void	 plan_free(struct plan *plan);

/* For people: what would be done, and what would go with it. */
void	 plan_print(const struct plan_item *it, FILE *fp);
/* The name of an item, "L8008"; the caller frees. */
char	*plan_name(const struct plan_item *it);
/* "TERM" for SIGTERM; the number of one without a name. */
const char *plan_signal_name(int sig);
int	 plan_signal_parse(const char *s);	/* -1: none, or none to end by */
const char *plan_result_name(enum plan_result result);

/* plan_json.c: the plan, and its results unless it was only shown. */
void	 plan_json(const struct plan *plan, int dry);

/* tunkill's end.c. */
struct end_options {
	int wait;		/* ms; 0: do not */
	int kill;		/* ms until KILL; -1: never */
};

void	 end_hold(struct plan *plan, struct tun_ctx *ctx);
void	 end_run(struct plan *plan, struct tun_ctx *ctx,
	    const struct end_options *options);

#endif
