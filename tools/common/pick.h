/* SPDX-License-Identifier: ISC */
/*
 * Which tunnels are meant: the options and operands that tools share.
 * Options narrow (all must hold), operands widen (one must hold).
 */
#ifndef PICK_H
#define PICK_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "libfind.h"
#include "out.h"

struct pick {
	int all;		/* foreground ones too */
	int everyone;		/* other users' too */
	int masters, exposed;
	unsigned kinds;		/* bits 1 << enum tun_fwd_kind; 0: any */
	unsigned classes;	/* bits 1 << enum tun_class; 0: any */
	uint64_t states;	/* bits 1 << enum tun_state; 0: any */
	int64_t older, idle, heard;	/* seconds; -1: any */
	const char *ctlpath;
	struct tun_ctx *ctx;	/* that compares ctlpath; set before rows */
	uid_t *uids;
	size_t nuids;
	pid_t *pids;
	size_t npids;
	struct tun_select **sels;
	const char **words;	/* of which they were made */
	size_t nsels;
	int labels;		/* one of sels is a label */
	int target_ports;	/* a number that is nothing else is one */
	unsigned needs;		/* TUN_SCAN_ flags that all this takes */
};

#define PICK_ANY { .older = -1, .idle = -1, .heard = -1 }

/*
 * Values of the long options, beyond all characters.  The short ones are
 * DLRS:p:u: in all tools.
 */
enum {
	PICK_EXPOSED = 0x100, PICK_HEARD, PICK_IDLE, PICK_OLDER, PICK_STALE,
	PICK_STATE, PICK_SUSPECT,
	PICK_END		/* a tool's own begin here */
};

/* Takes an option, or returns 0 if it is none of these.  May tool_usage(). */
int	 pick_option(struct pick *pick, int opt, const char *arg);
/* Takes an operand.  May tool_usage(). */
void	 pick_operand(struct pick *pick, const char *word);
/* Flags for tun_scan(): how little will do. */
unsigned pick_scan(const struct pick *pick);
/*
 * The rows that are meant, in the order of the list; the caller frees.
 * *foreground is how many tunnels were left out only for want of -a.
 */
struct row *pick_rows(const struct pick *pick, const struct tun_list *list,
	    size_t *np, size_t *foreground);
/*
 * How many tunnels were left out of those that the selector of that number
 * names; 0 where it has rows.
 */
size_t	 pick_left_out(const struct pick *pick, const struct tun_list *list,
	    size_t which);
/* Do all options but those about forwards hold for the tunnel? */
int	 pick_has_tunnel(const struct pick *pick, const struct tun *t,
	    int64_t now);
/* -u names this user, or there is no -u. */
int	 pick_has_user(const struct pick *pick, uid_t uid);
/* The user has named something, not just narrowed the view. */
int	 pick_is_named(const struct pick *pick);
/* A label is asked for, and some tunnel has lost its own. */
int	 pick_lost_label(const struct pick *pick, const struct tun_list *list);
#define PICK_LOST_LABEL	"some labels cannot be read: tunps -v says whose"
void	 pick_free(struct pick *pick);

#endif
