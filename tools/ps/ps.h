/* SPDX-License-Identifier: ISC */
/* What tunps does after its command line is read. */
#ifndef PS_H
#define PS_H

#include <stddef.h>
#include <stdint.h>

#include "common/out.h"
#include "common/pick.h"
#include "common/sshname.h"
#include "libfind.h"
#include "ps/end_row.h"

enum mode {
	MODE_TABLE,
	MODE_COMPLETE = PICK_END,
	MODE_EXPORT,
	MODE_METRICS,
	MODE_COUNT = 'c',
	MODE_JSON = 'J',
	MODE_LINES = 'j',
	MODE_PIDS = 't',
	MODE_QUIET = 'q',
	MODE_RAW = 'r',
	MODE_TREE = 'T'
};

enum which {
	WHICH_ALL,
	WHICH_NEWEST,
	WHICH_OLDEST
};

/* A list of words, not copied. */
struct words {
	const char **v;
	size_t n;
};

/* The parsed command line. */
struct args {
	struct pick pick;
	struct view view;
	enum mode mode;
	const char *separator;	/* -d */
	const char *prefix;	/* --complete */
	struct sshnames ssh_names; /* --ssh-name */
	const char *table;
	const char *record;	/* --record */
	const char *color;	/* --color */
	int server;		/* --server */
	int direct;		/* --direct */
	int lost;		/* --lost */
	int forget;		/* --forget */
	int check;		/* --check */
	int each;		/* --metrics=each */
	enum tun_format format;	/* --export */
	const char *expect;	/* --expect */
	int64_t wait;		/* --wait, in ms; -1: not given */
	int64_t watch;		/* --watch, in ms; 0: not given */
	const char *command;	/* --on-change */
	struct on_change *on_change; /* or NULL */
	struct end_row end_row;	/* of --watch on a terminal */
	char *const *words;	/* operands */
	size_t nwords;
	struct words columns;	/* -o COL */
	struct words more;	/* -o +COL */
	struct key *keys;
	size_t nkeys;
	unsigned scan;
	int every_column, longer, wide, clients;
	enum which which;
	size_t foreground;	/* tunnels that -a would add */
	size_t tunnels;		/* that the rows are of */
};

/* All of them return an exit status, or do not return. */

/* One list, or what it takes to answer a question. */
int	 ps_answer(struct args *args, struct tun_ctx *ctx);
/* --watch: until the user quits. */
int	 ps_watch(struct args *args, struct tun_ctx *ctx);
/* --lost */
int	 ps_lose(struct args *args, struct tun_ctx *ctx);

/* --- choose.c ------------------------------------------------------------- */

/* No more flags than needed, because sockets cost more than processes. */
unsigned ps_scan_flags(const struct args *args);
/* Does not return if that is not possible. */
struct tun_list *ps_scan(const struct args *args, struct tun_ctx *ctx,
	    unsigned flags);
/*
 * Waits, scans, asks and chooses, as the command line says; returns what came
 * of waiting, as an exit status.
 */
int	 ps_look(struct args *args, struct tun_ctx *ctx);
/* Chooses the rows of view.list. */
void	 ps_choose(struct args *args);
/*
 * Counts the tunnels of the rows, which are together, sorts the rows, and keeps
 * as many for each tunnel as are printed.
 */
void	 ps_arrange(struct args *args);
/*
 * The verdict on a selector that no row matches; without ctx, nobody looks for
 * a process that has its port.
 */
int	 ps_absent(const struct args *args, struct tun_ctx *ctx, size_t i);
/* How the rows together match the selector. */
unsigned ps_match(const struct args *args, size_t i);

#endif
