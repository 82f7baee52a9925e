/* SPDX-License-Identifier: ISC */
/*
 * The options and operands that select tunnels, which the tools share.  All
 * options have to match, and at least one of the operands.
 */
#ifndef PICK_H
#define PICK_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "common/out.h"
#include "libfind.h"

struct pick {
	int all;		/* also in the foreground */
	int everyone;		/* also of other users */
	int masters, exposed;
	unsigned kinds;		/* bits 1 << enum tun_fwd_kind; 0: any */
	unsigned classes;	/* bits 1 << enum tun_class; 0: any */
	uint64_t states;	/* bits 1 << enum tun_state; 0: any */
	int64_t older, idle, heard;	/* seconds; -1: any */
	const char *ctlpath;
	struct tun_ctx *ctx;	/* to compare paths with the files of this
				   machine; set before rows; NULL: recorded */
	uid_t *uids;
	size_t nuids;
	pid_t *pids;
	size_t npids;
	struct tun_select **sels;
	const char **words;	/* the operands that sels were made from */
	size_t nsels;
	int labels;		/* one of sels is a label */
	int target_ports;	/* accept a number as the port of a target */
	struct hosts *hosts;	/* also select by the names there; or NULL */
	unsigned needs;		/* TUN_SCAN_ flags that the selection needs */
};

#define PICK_ANY { .older = -1, .idle = -1, .heard = -1 }

/*
 * Values of the long options, above all characters.  The short options are
 * DLRS:p:u: in all tools.
 */
enum {
	PICK_EXPOSED = 0x100, PICK_HEARD, PICK_IDLE, PICK_OLDER, PICK_STALE,
	PICK_STATE, PICK_SUSPECT,
	PICK_END		/* a tool's own values begin here */
};

/* Their rows in a tool's table of options. */
#define PICK_OPTIONS \
	{ 'L', NULL, NULL, NULL, "local forwards" }, \
	{ 'R', NULL, NULL, NULL, "remote" }, \
	{ 'D', NULL, NULL, NULL, "dynamic" }, \
	{ 'S', NULL, "SOCKET", "@socket", "of this master" }, \
	{ 'p', NULL, "PID,...", "@pid", "these PIDs" }, \
	{ 'u', NULL, "USER,...", "@user", "of these users" }, \
	{ PICK_STALE, "stale", NULL, NULL, "dead ones" }, \
	{ PICK_SUSPECT, "suspect", NULL, NULL, "dubious ones" }, \
	{ PICK_STATE, "state", "STATE,...", "@state", "in these states" }, \
	{ PICK_EXPOSED, "exposed", NULL, NULL, "open to other machines" }, \
	{ PICK_OLDER, "older", "TIME", OPTION_TIMES, "running for so long" }, \
	{ PICK_IDLE, "idle", "TIME", OPTION_TIMES, "no data so long" }, \
	{ PICK_HEARD, "heard", "TIME", OPTION_TIMES, "server silent so long" }

/* Takes an option; returns 0 if it is none of these.  May call tool_usage(). */
int	 pick_option(struct pick *pick, int opt, const char *arg);
/* Takes an operand.  May call tool_usage(). */
void	 pick_operand(struct pick *pick, const char *word);
/* How operand i selects the row, TUN_MATCH_*. */
unsigned pick_match(const struct pick *pick, size_t i, const struct row *row);
/* How many of the rows operand i selects. */
size_t	 pick_matches(const struct pick *pick, size_t i,
	    const struct row *rows, size_t n);
/* The flags for tun_scan() that the selection needs, and no more. */
unsigned pick_scan(const struct pick *pick);
/*
 * Returns the rows that match, in the order of the list; the caller frees them.
 * *foreground is the number of tunnels that only -a would add.
 */
struct row *pick_rows(const struct pick *pick, const struct tun_list *list,
	    size_t *np, size_t *foreground);
/*
 * A path that no tunnel has may lead to the socket of one by other names: *selp
 * becomes that tunnel's path then.  A socket that was replaced at a tunnel's
 * path is not its own.
 */
void	 pick_settle_path(struct tun_ctx *ctx, const char *word,
	    struct tun_select **selp, const struct tun_list *list);
/*
 * The number of foreground tunnels that only -a would add for this selector; 0
 * if it has rows.
 */
size_t	 pick_left_out(const struct pick *pick, const struct tun_list *list,
	    size_t which);
/* Do all options match the tunnel, except those about forwards? */
int	 pick_has_tunnel(const struct pick *pick, const struct tun *t,
	    int64_t now);
/* Did the user name something, and not just narrow the list? */
int	 pick_is_named(const struct pick *pick);
/* Is a label asked for while some tunnel has lost its own? */
int	 pick_lost_label(const struct pick *pick, const struct tun_list *list);
#define PICK_LOST_LABEL	"some labels cannot be read: tunps -v says whose"
void	 pick_free(struct pick *pick);

#endif
