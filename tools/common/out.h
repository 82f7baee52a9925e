/* SPDX-License-Identifier: ISC */
/* Lists of tunnels as tables, JSON, trees and words for completion. */
#ifndef OUT_H
#define OUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/grid.h"
#include "libfind.h"

/* The tunnel or forward of one line. */
struct row {
	const struct tun *tun;
	const struct tun_fwd *fwd;	/* NULL: the tunnel as a whole */
};

enum column {
	COL_ID, COL_KIND, COL_PID, COL_PPID, COL_PGID, COL_SID, COL_USER,
	COL_UID, COL_ORIGIN, COL_SUPERVISOR, COL_STATE, COL_WHY, COL_LISTEN,
	COL_TARGET, COL_VIA, COL_LABEL, COL_SOURCE, COL_CONNS, COL_CLIENTS,
	COL_AGE, COL_START, COL_IDLE, COL_HEARD, COL_RX, COL_TX, COL_RATE,
	COL_RTT, COL_RETRANS, COL_EXPOSED, COL_CTLPATH, COL_MASTER, COL_UNIT,
	COL_EXE, COL_CWD, COL_CMD, COL_SERVER, COL_CLIENT,
	COL_TTY,
	NCOLUMNS
};

struct column_info {
	const char *name;
	enum form form;
	int per_forward;	/* may differ between forwards of a tunnel */
	unsigned scan;		/* TUN_SCAN_ flags that it needs */
	size_t least;		/* as in struct grid_column */
	int rank;
	const char *text;
};

/* The rows to print, and how. */
struct view {
	struct tun_list *list;
	struct tun_list *before; /* an earlier list, or NULL */
	int64_t when;		/* list was made, by ms_now() */
	int64_t passed;		/* ms from before to list */
	struct row *rows;
	size_t nrows;
	enum column *cols;
	size_t ncols;
	size_t ndefault;	/* of cols; those after them were asked for */
	int titles;
	int some_labels;	/* COL_LABEL only if there is one */
	int why;		/* print evidence below each row */
	size_t width;		/* of the terminal; 0: any fits */
	int served;		/* sessions of sshd, not tunnels */
	struct hosts *hosts;	/* for the targets of sshd; or NULL */
	int all;		/* JSON: all keys, not just those of cols */
	int clients;		/* clients were looked for */
	FILE *fp;		/* where out_table() writes; NULL: stdout */
	const char *marks;	/* a character before each row, or NULL */
	int color;		/* as in struct grid */
};

/* cell.c: the value of a column for a row. */
extern const struct column_info columns[NCOLUMNS];

struct cell cell_get(const struct view *view, const struct row *row,
	    enum column col);
int	 cell_cmp(const struct cell *a, const struct cell *b);
/* Bytes a second between the two lists; -1 if a count is -1. */
int64_t	 cell_rate(const struct view *view, int64_t before, int64_t now);
/* Texts that JSON and trees need too; NULL if not known. */
char	*cell_listen(const struct row *row);
char	*cell_target(const struct row *row);
/* The name in /etc/hosts of where sshd has connected to; or NULL. */
const char *cell_target_name(const struct view *view, const struct row *row);
char	*cell_via(const struct tun *t);
/* Is it a name or an address of the loopback, as typed?  NULL is none. */
int	 cell_is_localhost(const char *host);
/* Does a remote forward ask for more than the server's loopback? */
int	 cell_wants_all(const struct tun_fwd *fwd);
char	*cell_addr(const struct tun_addr *addr);
int	 cell_is_loopback(const struct tun_addr *addr);
int	 cell_same_addr(const struct tun_addr *a, const struct tun_addr *b);
char	*cell_words(const char *const *words);
char	*cell_peer(const struct tun_peer *peer);
/* The sessions of sshd one of which this is; NULL: none are known. */
char	*cell_candidates(const struct tun *t);
/* Who is connected, each process once; the caller frees all. */
char	**cell_clients(const struct tun_fwd *fwd, size_t *np);
/* The same as one text; NULL: nobody, or not known. */
char	*cell_clients_text(const struct tun_fwd *fwd, const char *sep);
/* The program of the tunnel: "ssh", or "sshd" for a session. */
const char *cell_process(const struct tun *t);
/* By the class of a state; most states of forwards have only a health. */
enum tone cell_tone(enum tun_state state, enum tun_health health);
/* served: of a session of sshd, whose other end is the client. */
const char *cell_why(enum tun_why why, int served);
/* Returns NULL if there is none. */
char	*cell_evidence(const struct tun_evidence *e, int served);
/* Appends one to the list, which may be NULL; frees both. */
char	*cell_join(char *list, const char *sep, char *item);

/* rows.c: removes or sorts rows. */
struct key {
	enum column col;
	int down;
};

/* Keeps one tunnel: the one that was started last, or first. */
void	 rows_keep_one(struct view *view, int newest);
/* Do the rows of a tunnel differ in these columns? */
int	 rows_differ(const struct view *view);
/* The number of rows from i on that are of one tunnel. */
size_t	 rows_together(const struct row *rows, size_t nrows, size_t i);
/* The number of tunnels of rows that have not been sorted. */
size_t	 rows_tunnels(const struct row *rows, size_t nrows);
/* Keeps one row of each tunnel. */
void	 rows_keep_tunnels(struct view *view);
/* With whole, the rows of a tunnel stay together and its first row decides. */
void	 rows_sort(struct view *view, const struct key *keys, size_t nkeys,
	    int whole);

/* Of the forward of a row, or of its tunnel if it has none. */
const char *row_id(const struct row *row);
enum tun_state row_state(const struct row *row);
enum tun_health row_health(const struct row *row, const char **reasonp);
/* Are both of the same forward, or of the same tunnel without one? */
int	 rows_same(const struct row *a, const struct row *b);
/*
 * The index of the row of old that is the same, or n; it is looked for at hint
 * first, since it usually follows the last one found.
 */
size_t	 rows_find(const struct row *row, const struct row *old, size_t n,
	    size_t hint);
/*
 * Returns marks for the rows, compared with the rows of view->before: '*'
 * changed, '+' new, ' ' unchanged.  Adds the rows that are gone, marked '-'.
 * The caller frees the marks.
 */
char	*rows_mark(struct view *view, const struct row *old, size_t nold);

/* out.c */
void	 out_table(const struct view *view);
void	 out_raw(const struct view *view);
void	 out_columns(void);
void	 out_states(void);

/* out_json.c */
void	 out_json(const struct view *view);	/* one object */
void	 out_json_lines(const struct view *view); /* one line for each tunnel */
void	 out_json_line(const struct view *view); /* the object, on one line */

/* out_export.c */
void	 out_export(const struct view *view, enum tun_format format);

/* out_tree.c */
void	 out_tree(const struct view *view);

/* out_complete.c: words that begin with prefix, a tab, and their meaning. */
void	 out_complete(const struct view *view, const char *prefix);

#endif
