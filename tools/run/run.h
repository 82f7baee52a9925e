/* SPDX-License-Identifier: ISC */
/* A run of tunrun: what was asked for, what was started, what was found. */
#ifndef RUN_H
#define RUN_H

#include <stddef.h>
#include <stdint.h>

#include "common/out.h"
#include "common/sshname.h"
#include "common/tool.h"
#include "libfind.h"
#include "run/reaper.h"

/*
 * UNSEEN: nothing is known to be bad, but something cannot be seen.  LATE: ssh
 * has not connected in time.
 */
enum run_verdict { RUN_BAD = -1, RUN_NOT_YET, RUN_GOOD, RUN_UNSEEN, RUN_LATE };

/* A word of the command with a port that was chosen. */
struct auto_port {
	char *word, *typed;	/* as it is run, and as it was given */
	char *end;		/* the port in word, and what follows */
	const char *rest;	/* what follows, in typed */
	int port;
};

struct run {
	struct tun_ctx *ctx;
	char **argv;		/* what is run, */
	const char *program;	/* at this path; NULL: PATH decides */
	const char *label;
	struct sshnames ssh_names;
	int64_t wait;		/* ms */
	int json, quiet, strict, verbose;
	int keep, again;	/* --keep, --again: of these operands */
	char *const *operands;
	size_t noperands;
	int all, dry;		/* --again: -a, -n */
	unsigned plan;		/* --again: PLAN_* */
	int leave; /* for --again: do not wait for ever for the command */
	int detach;		/* start it apart from the terminal */

	struct tun_words *words; /* NULL: there is no ssh in them */
	struct auto_port *autos;
	size_t nautos;
	int told; /* --strict has made ssh end if a forward fails */
	struct reaper reaper;
	int reported; /* its PID was printed: it now belongs to the user */
	int64_t since;		/* since when the state has been bad, or -1 */

	int remembered;		/* the journal has them, and their label */
	struct tun_list *list;	/* the last scan */
	struct row *rows;	/* our tunnels in it */
	size_t nrows;
};

/* run.c: all of it, for as long as the command stays; an exit status. */
int	 run_start(struct run *run);

/* words.c */

/*
 * Finds the ssh in the command, and the forwards that it asks for, once more if
 * the words have changed.
 */
void	 run_find_ssh(struct run *run);
/*
 * Only ssh itself can find out whether the server listens.  A value that the
 * user has given has precedence.
 */
void	 run_tell_strict(struct run *run);

/* auto_port.c */

/* Puts free ports in place of "auto" if ssh does not take the words as such. */
void	 run_choose_ports(struct run *run);
/*
 * Another process may have taken a port before ssh did: then chooses others,
 * and returns 1.
 */
int	 run_choose_others(struct run *run, enum run_verdict verdict);

void	 run_free_ports(struct run *run);

/* started.c */

/*
 * Finds the tunnels that we have started; with left set, only those that are in
 * the background by now.  A PID that is in both scans is the same process,
 * because as its reaper we did not wait for it in between.
 */
void	 run_look(struct run *run, int left);
/*
 * Makes the rows those of the master that has all the forwards that were asked
 * for and that listens here.  Remote forwards of a master cannot be seen: if
 * there are no others, it is the one at the control path of the words.
 */
const struct tun *run_find_master(struct run *run);
/* A master that may have a remote forward that was asked for, or NULL. */
const struct tun *run_may_have(const struct run *run);
/* Looks again, also at processes that listen at the ports asked for. */
void	 run_look_for_master(struct run *run);

/* judge.c */
enum run_verdict run_judge(struct run *run);
int	 run_is_starting(const struct tun *t);
/*
 * The next one after prev that was asked for and that has no row.  A master
 * without a command line does not show the forwards that it failed to bind.
 */
const struct tun_forward *run_find_missing(const struct run *run,
	    const struct tun_forward *prev);

/* remarks.c: on standard error, unless -q. */
void	 run_say(const struct run *run, const char *fmt, ...)
	    TOOL_PRINTF(2, 3);
/* That another process, or NULL if it is not known, listens there. */
char	*run_taken_text(const struct tun_end *at, const struct tun_peer *peer);
/* Which process listens where a local forward should; NULL, or to be freed. */
char	*run_find_taken(struct tun_ctx *ctx, const struct tun_forward *fwd);
/* What is wrong with the forwards. */
void	 run_say_rows(const struct run *run);
/* What else the user should know of tunnels that stay. */
void	 run_say_notes(const struct run *run);
/* That the forwards are those of a master that was there before. */
void	 run_say_master(const struct run *run, const struct tun *t);
/* Names the processes that are left, because nobody else could find them. */
void	 run_say_left(struct run *run);

/* remember.c: writes to the journal that these were started, or added. */
void	 run_remember(struct run *run);
void	 run_remember_added(const struct run *run, const struct tun *master);

/*
 * keep.c: writes to the journal how to start the tunnels that the operands
 * name; returns the exit status.
 */
int	 run_keep(const struct run *run);

/* give_up.c */

/* Ends what was started. */
void	 run_end(struct run *run, int sig);
/* With errno of a look that failed; ends what was started and not reported. */
void	 run_cannot_look(struct run *run) TOOL_NORETURN;
/* Ends all that was started if a signal has come; then does not return. */
void	 run_check_caught(struct run *run);

/* outcome.c */

/* Prints, or ends, what was found; returns the exit status. */
int	 run_report(struct run *run, enum run_verdict verdict);
/* Prints the PIDs; from the first time on, they belong to the user. */
void	 run_put(struct run *run);

#endif
