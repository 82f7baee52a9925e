/* SPDX-License-Identifier: ISC */
/*
 * The plan: what will be done, decided before anything is done.  It says which
 * process or forward is ended, by which means, and what else ends with it, or
 * why it is refused.
 *
 *	struct plan plan = { .ctx = ctx, .list = list, .pick = &pick,
 *	    .flags = PLAN_WHOLE, .sig = SIGTERM };
 *	struct act_options options = { .wait = 5000, .kill = -1 };
 *
 *	plan_make(&plan, rows, nrows);
 *	act_run(&plan, &options);
 *	for (i = 0; i < plan.n; i++)
 *		if ((text = report_result(&plan, &plan.items[i])) != NULL)
 *			tool_warn("%s", text);
 *	plan_free(&plan);
 *
 * A row without a forward means the tunnel as a whole.  list has to be a scan
 * with TUN_SCAN_SOCKETS | TUN_SCAN_INFO, and outlives the plan, as pick does.
 */
#ifndef PLAN_H
#define PLAN_H

#include <sys/types.h>

#include <stddef.h>

#include "common/out.h"
#include "common/pick.h"
#include "libfind.h"

enum plan_means {
	PLAN_REFUSE,		/* nothing: see refusal */
	PLAN_SIGNAL,		/* a signal to the tunnel */
	PLAN_CLOSE,		/* its master closes the forward */
	/* a signal to the parent that starts it again, then to it */
	PLAN_PARENT,
	PLAN_COMMAND		/* a command to its service manager */
};

/* The words for these are in reasons.c. */
enum plan_refusal {
	PLAN_ALLOWED,
	PLAN_NEEDS,		/* would be done with the options in needs */
	PLAN_OWN_ANCESTOR,	/* it runs this command */
	PLAN_OWN_LOGIN,		/* this command came over it */
	PLAN_FOREIGN,		/* it is another user's */
	PLAN_NO_PROCESS,	/* which process has it is not known */
	PLAN_IN_MASTER,		/* a master listens in its place */
	PLAN_CONTAINER,		/* its container ends with it, or may */
	PLAN_NO_STOP,		/* what starts it again cannot be stopped */
	PLAN_STOP_OWN_ANCESTOR,	/* what starts it again runs this command */
	PLAN_STOP_FOREIGN	/* what starts it again is another user's */
};

enum plan_result {
	PLAN_OPEN,		/* not done, or not yet */
	PLAN_SENT,		/* signalled, without waiting for the end */
	PLAN_ENDED,
	PLAN_GONE,		/* it had ended before */
	PLAN_DECLINED,		/* the user has answered no */
	PLAN_REFUSED,
	PLAN_FAILED,
	PLAN_BACK		/* it was started again */
};

struct plan_item {
	const struct tun *tun;
	/* Those that were asked for: of tun, or of a client of this master. */
	const struct tun_fwd **fwds;
	size_t nfwds;
	int whole;		/* the whole tunnel ends */
	enum plan_means means;
	int sig;		/* to the tunnel */
	enum plan_refusal refusal;
	unsigned needs;		/* refused; would be done with these PLAN_* */
	/*
	 * Why its master cannot close the forward; NULL if it can, or if only
	 * the target is missing.
	 */
	const char *obstacle;
	/*
	 * PLAN_CLOSE: the forward that is sent to the master, from a row or
	 * from the operand.
	 */
	const struct tun_forward *spec;
	const char *word;	/* the operand if no row shows it; or NULL */
	struct tun_unit *unit;	/* the unit to be stopped; or NULL */
	int unit_error;		/* why it is not known, or 0 */
	struct tun_stop *stop;	/* what starts it again; or NULL */
	enum plan_result result;
	char *detail;		/* of the result; or NULL */
	/* What hold.c holds. */
	struct tun_handle *handle, *parent, **helpers;
	struct tun_file **files;
	size_t nfiles;
};

struct plan {
	struct plan_item *items;
	size_t n;
	struct tun_ctx *ctx;
	const struct tun_list *list;
	/* With --server, the tunnels that may go through a session, or NULL. */
	struct tun_list *near;
	const struct pick *pick;
	unsigned flags;		/* PLAN_* below */
	int sig;
	int recorded;		/* the list is not of this system */
};

#define PLAN_WHOLE	0x01	/* the other forwards may end, too */
#define PLAN_SESSIONS	0x02	/* shells and commands, too */
#define PLAN_SUPERVISOR	0x04	/* and what starts it again */

/* The rest of plan says where and for which user, and with which options. */
void	 plan_make(struct plan *plan, const struct row *rows, size_t nrows);
void	 plan_free(struct plan *plan);
/*
 * For a forward that no row shows: the next master after prev that may have it
 * and can be asked to close it; NULL after the last.
 */
const struct tun *plan_askable(const struct plan *plan,
	    const struct tun_forward *spec, const struct tun *prev);
/* Plans to ask that master; word is the operand. */
void	 plan_ask(struct plan *plan, const struct tun *t,
	    const struct tun_forward *spec, const char *word);

/* The next item after prev with this result; NULL after the last. */
struct plan_item *plan_next(const struct plan *plan,
	    struct plan_item *prev, enum plan_result result);
/* Was the forward asked for? */
int	 plan_is_asked(const struct plan_item *it, const struct tun_fwd *fwd);
/* Does it end with the item? */
int	 plan_takes(const struct plan_item *it, const struct tun_fwd *fwd);
/* Is it one of the forwards that autossh adds to monitor its connection? */
int	 plan_is_monitor(const struct tun_fwd *fwd);
/* Is it a connection that sshd has made for its client? */
int	 plan_is_direct(const struct tun_fwd *fwd);
/* Is this another tunnel that the item's command ends? */
int	 plan_stops_too(const struct plan_item *it, const struct tun *t);
/* Does its process get a signal after what starts it again was stopped? */
int	 plan_signals_after(const struct plan_item *it);
/* Is this another tunnel, whose connection goes through its device? */
int	 plan_is_through(const struct plan_item *it, const struct tun *t);
/* Is this another tunnel, which stays and which nothing starts again then? */
int	 plan_is_left(const struct plan *plan, const struct plan_item *it,
	    const struct tun *t);
/* The signal for the parent that starts it again. */
int	 plan_parent_signal(const struct plan_item *it);
/*
 * Sets the result; frees detail, which may be NULL.  The second function uses
 * errno.
 */
void	 plan_settle(struct plan_item *it, enum plan_result result,
	    char *detail);
void	 plan_fail(struct plan_item *it, const char *what);

/* unseen.c */

/* Why it may carry something that is not seen; NULL if all is known. */
const char *plan_unseen(const struct tun *t);
/* Does a shell or command run in it, or may one? */
int	 plan_has_session(const struct tun *t);
/* Does only ssh_config say whether a command runs in it, and was not asked? */
int	 plan_config_decides(const struct tun *t);
/* Are the clients of this master not known? */
int	 plan_hides_users(const struct tun *t);
/* What is not known of the item, from i = 0 on; NULL after the last. */
const char *plan_note(const struct plan_item *it, size_t i);

/* can_close.c */

/* Returns why this master cannot be asked to close the forward, or NULL. */
const char *plan_cannot_close(const struct tun *t,
	    const struct tun_forward *spec);
/*
 * The same for a row, with the forward that would be sent to the master t in
 * *specp.  *specp is NULL if that is not known.
 */
const char *plan_cannot_close_row(const struct plan *plan,
	    const struct tun *t, const struct tun_fwd *fwd,
	    const struct tun_forward **specp);
int	 plan_is_remote(const struct tun_forward *spec);
/* Does ssh listen at this address if it is told no address, or "localhost"? */
int	 plan_is_localhost(const char *host);

#endif
