/* SPDX-License-Identifier: ISC */
/*
 * A recorded process table: what its files share. table_read.c reads it,
 * table_write.c writes it, table_fields.c has the form of both, and table.c
 * answers the platform's calls from it.
 *
 * The file is plain text.  The first line is "libfind-table 1"; empty lines
 * and those that begin with # are skipped.  Every other line is a keyword
 * and its fields, one blank between them:
 *
 *	system	caps= gaps= now= uid=
 *	proc	a process: the members of struct plat_name and plat_proc, and
 *		otherfiles=
 *	args	its argv, one field a word; "" is an empty word
 *	env	its environment, likewise
 *	exe	one path; "gone" after it: the name was removed
 *	cwd	likewise.  If neither "gone" nor "there" follows, as in older
 *		tables, a path that ends in " (deleted)" was removed
 *	origin	the members of struct plat_origin
 *	members	PIDs of the processes of its unit
 *	fds	limit=; a line "fd" follows for each descriptor
 *	netns	a line "sock" follows for each socket in its namespace, if
 *		that is not ours
 *	socks	after all processes; a line "sock" follows for each of ours
 *	file	path= and what it leads to, or path= and !REASON
 *	later	the second sample, with lines as above; the environment, exe
 *		and cwd of its processes are those of the first
 *
 * Fields are MEMBER=VALUE and are omitted if the value is 0, an empty text or
 * no terminal.  Bytes that are not printable ASCII, blank, " and \ are written
 * as \ooo, and so is a ! at the start.  A value that could not be read is
 * written as ! and the reason: "args !EACCES"; an omitted line means the same.
 *
 * Times are microseconds since the epoch, and equal keys join descriptors to
 * sockets.
 */
#ifndef TABLE_H
#define TABLE_H

#include "impl.h"

#define MAGIC		"libfind-table 1"
#define DELETED		" (deleted)"

/* A table may come from any source, so all of it is checked. */
#define MAX_BYTES	((size_t)32 << 20)
#define MAX_PROCS	((size_t)1 << 16)
#define MAX_FDS		((size_t)1 << 17)	/* of all processes */
#define MAX_SOCKS	((size_t)1 << 18)	/* of all namespaces */
#define MAX_FILES	((size_t)1 << 16)

/* --- a table that was read ------------------------------------------------ */

struct system {
	unsigned caps, gaps;
	int64_t now;
	uid_t uid;
};

/* Bytes from the text of the table, or the errno in their place. */
struct bytes {
	char *p;
	size_t len;
	int error;
	int gone;		/* of a path: the name was removed */
};

/* A part of an array of the table, or the errno in its place. */
struct span {
	size_t first, n;
	int error;
};

struct proc {
	struct plat_name name;	/* first: its PID sorts them */
	struct plat_proc row;
	struct bytes args, env, members, where[2]; /* by enum plat_where */
	struct plat_origin *origin;
	int origin_error;
	struct span fds, socks;
	size_t limit;
	int otherfiles;		/* plat_other_files() */
};

struct file {
	struct bytes path;
	struct plat_file is;
};

struct table {
	char *text;		/* of both samples */
	struct table *first;	/* NULL: this is the first */
	struct table *later;	/* the second sample, or NULL */
	struct system sys;
	struct proc *procs;	/* by pid */
	size_t nprocs, next;
	struct plat_fd *fds;
	size_t nfds;
	struct plat_sock *sockv;
	size_t nsocks;
	struct span socks;
	struct file *files;
	size_t nfiles;
	unsigned scan;
};

/* table_read.c: NULL with errno; EINVAL: it is no table. */
struct table *table_read(FILE *fp);
void	 table_free(struct table *t);

/* --- table_fields.c: the form of lines ------------------------------------ */

/* The lines that consist of fields, and what they fill in. */
enum table_line {
	LINE_SYSTEM,		/* struct system */
	LINE_PROC,		/* struct proc: name and row */
	LINE_ORIGIN,		/* struct plat_origin */
	LINE_FDS,		/* struct proc: limit */
	LINE_FD,		/* struct plat_fd */
	LINE_SOCK,		/* struct plat_sock */
	LINE_FILE		/* struct plat_file */
};

/* Reads the fields of a line, which it changes; -1 with EINVAL. */
int	 table_get(char *line, enum table_line what, void *base);

/* Writes a line: its keyword, the fields that are not 0, and a newline. */
void	 table_put(FILE *fp, const char *key, enum table_line what,
	    const void *base);

/* -1 with EINVAL. */
int	 table_bad(void);

/* Removes the next word from a line and returns it; NULL at the end. */
char	*table_word(char **linep);

/* Only digits, or 0x and digits. */
int	 table_number(const char *s, uint64_t max, uint64_t *vp);

/* Undoes the escapes in place.  The result may hold NUL. */
int	 table_unescape(char *s, size_t *lenp);
void	 table_put_bytes(FILE *fp, const char *s, size_t len);

/*
 * 1 and *errorp if the line is "!REASON", 0 if it is a value, -1 with EINVAL.
 * Writing takes any errno.
 */
int	 table_get_error(const char *line, int *errorp);
void	 table_put_error(FILE *fp, const char *key, int error);

/* Does a path end like that of a removed file in older tables? */
int	 table_is_deleted(const char *path, size_t len);

#endif
