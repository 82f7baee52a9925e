/* SPDX-License-Identifier: ISC */
/* Lists of tunnels as tables, JSON, trees and words to complete. */
#ifndef OUT_H
#define OUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "grid.h"
#include "libfind.h"

/* What one line of a table is about. */
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
	COL_EXE, COL_CWD, COL_CMD,
	NCOLUMNS
};

struct column_info {
	const char *name;
	enum form form;
	int perfwd;		/* may differ between forwards of a tunnel */
	unsigned scan;		/* TUN_SCAN_ flags that it needs */
	const char *text;
};

/* What is shown, and how. */
struct view {
	struct tun_list *list;
	struct tun_list *before; /* a while ago, or NULL */
	struct row *rows;
	size_t nrows;
	enum column *cols;
	size_t ncols;
	int titles;
	int why;		/* evidence below each row */
	size_t width;		/* of the terminal; 0: do not cut */
	int all;		/* JSON: not just the keys of cols */
	int clients;		/* they were looked for */
	FILE *fp;		/* where out_table() writes; NULL: stdout */
	const char *marks;	/* a character before each row, or NULL */
	int bold;		/* rows with a mark are bold */
};

/* cell.c: what a column says of a row. */
extern const struct column_info columns[NCOLUMNS];

struct cell cell_get(const struct view *view, const struct row *row,
	    enum column col);
int	 cell_cmp(const struct cell *a, const struct cell *b);
/* The pieces that JSON and trees need too; NULL where unknown. */
char	*cell_listen(const struct row *row);
char	*cell_target(const struct row *row);
char	*cell_via(const struct tun *t);
/* A remote forward that asks for more than the server's loopback. */
int	 cell_wants_all(const struct tun_fwd *fwd);
char	*cell_addr(const struct tun_addr *addr);
int	 cell_is_wildcard(const struct tun_addr *addr);
int	 cell_is_loopback(const struct tun_addr *addr);
char	*cell_words(const char *const *words);
char	*cell_peer(const struct tun_peer *peer);
char	*cell_evidence(const struct tun_evidence *e);	/* NULL: none */
/* A list, or NULL, with one more; takes the ownership of both. */
char	*cell_join(char *list, const char *sep, char *item);

/* rows.c: fewer rows, or in another order. */
struct key {
	enum column col;
	int down;
};

/* One tunnel: the one that was started last, or first. */
void	 rows_keep_one(struct view *view, int newest);
/* A tunnel's rows say different things in these columns. */
int	 rows_differ(const struct view *view);
/* One row of each tunnel. */
void	 rows_keep_tunnels(struct view *view);
/* whole: the rows of a tunnel stay together, and its first row counts. */
void	 rows_sort(struct view *view, const struct key *keys, size_t nkeys,
	    int whole);

/*
 * Marks for the rows, by what these said when they were rows of view->before:
 * '*' other, '+' not there, ' ' the same.  Rows that are gone are added and
 * get a '-'.  The caller frees.
 */
char	*rows_mark(struct view *view, const struct row *old, size_t nold);

/* out.c */
void	 out_table(const struct view *view);
void	 out_raw(const struct view *view);
void	 out_columns(void);

/* out_json.c */
void	 out_json(const struct view *view);	/* one object */
void	 out_json_lines(const struct view *view); /* one tunnel a line */
void	 out_json_line(const struct view *view); /* the object, on one line */

/* out_export.c */
void	 out_export(const struct view *view, enum tun_format format);

/* out_tree.c */
void	 out_tree(const struct view *view);

/* out_complete.c: words that begin with prefix, a tab, what they mean. */
void	 out_complete(const struct view *view, const char *prefix);

#endif
