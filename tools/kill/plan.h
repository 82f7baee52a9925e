/* SPDX-License-Identifier: ISC */
/*
 * What tunkill is going to do, decided before anything is done: which
 * process or forward, by which means, and what else would go with it.
 */
#ifndef PLAN_H
#define PLAN_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "libfind.h"
#include "common/out.h"
#include "common/pick.h"

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
	char *why;		/* it was selected */
	char *refusal;
	unsigned needs;		/* refused, and done with these PLAN_* */
	char *against;		/* while it is weighed: what they overrule */
	int other_way;		/* the reason has a way of its own */
	/* PLAN_CLOSE: what the master is told, of a row or of the words. */
	const struct tun_forward *spec;
	const char *word;	/* no row shows it: the operand; or NULL */
	struct tun_unit *unit;	/* that is stopped; or NULL */
	int unit_error;		/* why it is not known, or 0 */
	struct tun_stop *stop;	/* who starts it again; or NULL */
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
	struct tun_ctx *ctx;
	const struct tun_list *list;
	const struct pick *pick;
	unsigned flags;		/* PLAN_* below */
	int sig;
};

#define PLAN_WHOLE	0x01	/* the other forwards may go */
#define PLAN_SESSIONS	0x02	/* shells and commands, too */
#define PLAN_SUPERVISOR	0x04	/* and who starts it again */

/* The rest of plan says where, for whom and how. */
void	 plan_make(struct plan *plan, const struct row *rows, size_t nrows);
void	 plan_free(struct plan *plan);
/*
 * Of an operand that no row matches and that is a forward in full: it is for
 * the one master that can be asked.  0: there is none, or no such forward.
 */
int	 plan_ask(struct plan *plan, size_t operand);
/* Is it among those that were asked for? */
int	 plan_is_asked(const struct plan_item *it, const struct tun_fwd *fwd);
/* Does it end with the item? */
int	 plan_takes(const struct plan_item *it, const struct tun_fwd *fwd);
/* autossh's own pair is nobody's forward. */
int	 plan_is_monitor(const struct tun_fwd *fwd);
/* Another tunnel that the item's command ends. */
int	 plan_is_mate(const struct plan_item *it, const struct tun *t);
/* What is sent to who starts it again. */
int	 plan_parent_signal(const struct plan_item *it);

/* Why it may carry what is not seen; NULL: all of it is. */
const char *plan_unseen(const struct tun *t);
/* Whether a command runs in it is for ssh_config to say, and nobody asked. */
int	 plan_config_decides(const struct tun *t);

int	 plan_same_addr(const struct tun_addr *a, const struct tun_addr *b);

/* The result; detail, or NULL, is taken over.  The second says errno. */
void	 plan_settle(struct plan_item *it, enum plan_result result,
	    char *detail);
void	 plan_fail(struct plan_item *it, const char *what);

/* plan_why.c: why it is meant, which the caller frees, and TUN_WHY_*. */
char	*plan_why(const struct plan *plan, const struct plan_item *it);
struct tun_evidence plan_evidence(const struct plan_item *it);

/* plan_peers.c: the caller frees. */
char	*plan_peer(const struct plan *plan, const struct tun_peer *peer);
/* Of one that is already said to be a helper. */
char	*plan_helper(const struct plan *plan, const struct tun_peer *peer);
/* Each process once; NULL: none. */
char	*plan_peers(const struct plan *plan, const struct tun_peer *v,
	    size_t n);

/* plan_text.c */

/* "ssh 4711 (fred@server)", with the user where it is not ours. */
char	*plan_ssh(const struct tun *t);
/* What is not known, from i 0 on; NULL ends. */
const char *plan_note(const struct plan_item *it, size_t i);

/* For people: what would be done, and what would go with it. */
void	 plan_print(const struct plan *plan, const struct plan_item *it,
	    FILE *fp);
/* The name of an item, "L8008"; the caller frees. */
char	*plan_name(const struct plan_item *it);
const char *plan_result_name(enum plan_result result);

/* plan_signal.c */
const char *plan_signal_name(int sig);	/* "TERM" for SIGTERM */
/* Is it the name of a signal, or the number of one, whatever it does? */
int	 plan_signal_is_name(const char *s);
/* -1: none to end a process by, and *why is the rest of a sentence. */
int	 plan_signal_parse(const char *s, const char **why);

/* plan_json.c: the plan, and its results unless it was only shown. */
void	 plan_json(const struct plan *plan, int dry);

/* end.c: takes hold of all, and does it. */
void	 end_hold(struct plan *plan);
void	 end_act(struct plan *plan, int wait);
/* To a tunnel, and to who may be stopped. */
void	 end_signal(struct plan_item *it, int sig);
int	 end_send(struct tun_victim *v, int sig);

/* after.c: waits for all, and looks what is left. */
struct end_options {
	int wait;		/* ms; 0: do not */
	int kill;		/* ms until KILL; -1: never */
	int quiet;
};

void	 after_run(struct plan *plan, const struct end_options *options);

/* back.c: those that were ended, and something has started again. */
void	 back_watch(struct plan *plan);

#endif
