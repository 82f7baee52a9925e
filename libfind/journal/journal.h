/* SPDX-License-Identifier: ISC */
/*
 * The journal: one file of the calling user, in which the tun tools keep what
 * they did. It explains what a scan sees and never proves anything.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "ssh/ssh.h"

#define JOURNAL_FILE_MAX	((size_t)4 << 20)	/* bytes that are read */
#define JOURNAL_COMPACT		((size_t)1 << 20)
#define JOURNAL_LINE_MAX	((size_t)1 << 16)

/*
 * line.c: one record as a line of text. journal_line() returns a line without
 * its newline; E2BIG: it is too long, EINVAL: it has a forward that no option
 * of ssh can express. journal_parse() returns 1, 0 if the line is no record, or
 * -1 with ENOMEM. journal_line_pid() reads only the PID; 0: there is none.
 */
char	*journal_line(struct arena *a, const struct tun_record *r);
int	 journal_parse(struct arena *a, const char *line, size_t len,
	    struct tun_record *r);
pid_t	 journal_line_pid(const char *line, size_t len);
/* May a record have this "NAME=value"? */
int	 journal_keeps_variable(const char *variable);

/*
 * file.c: the file. The first part of its path has to be the user's own; the
 * directories after that are created for writing.
 */
struct journal_place {
	const char *path;
	size_t baselen;		/* of that part */
};

/*
 * Reads the lines that wants() accepts, or all lines if it is NULL, as one
 * text, which the caller frees. The text is empty if there is no journal.
 */
typedef int (*journal_wants)(const void *arg, const char *line, size_t len);
int	 journal_file_read(struct resolver *rs,
	    const struct journal_place *at, journal_wants wants,
	    const void *arg, char **textp, size_t *lenp,
	    struct journal_trouble *trouble);

/*
 * Adds a line. If the file is larger than it should be, or if line is NULL,
 * first writes it anew with only the lines that rewrite() puts into *newp.
 */
typedef int (*journal_rewrite)(void *arg, const char *text, size_t len,
	    char **newp, size_t *newlenp);
int	 journal_file_update(struct resolver *rs,
	    const struct journal_place *at, const char *line,
	    journal_rewrite rewrite, void *arg,
	    struct journal_trouble *trouble);

/* records.c: the records in the order of the file. */
struct tun_journal {
	struct arena *a;
	struct tun_record **records;
	const char **lines;	/* of the records, without newlines */
	size_t n;
	size_t *by_process;	/* indices of records, by process and order */
	size_t *recipes;	/* START and KEEP, equal commands together */
	size_t nrecipes;
	const char *boot, *host; /* of this system now */
};

/* Takes the records from text; NULL: ENOMEM. */
struct tun_journal *journal_new(const char *text, size_t len,
	    const char *boot, const char *host);

/* What the records say of one process. */
struct journal_account {
	const struct tun_record *recipe; /* START or KEEP; or NULL */
	const struct tun_record **open;	/* ADD, and not closed since */
	size_t nopen;
	const struct tun_forward **closed;	/* and not added since */
	size_t nclosed;
	int ended;		/* on purpose */
	int others;		/* records of another process with this PID */
};

/* by_process[first] begins the records of one process: where do they end? */
size_t	 journal_group(const struct tun_journal *j, size_t first);
int	 journal_account(struct tun_journal *j, const struct tun_record *key,
	    struct journal_account *ac);
/* Is it a record of this boot of this system? */
int	 journal_is_here(const struct tun_journal *j,
	    const struct tun_record *r);
/*
 * A process of another machine, or of another PID namespace of this boot, cannot
 * be seen from here. What an earlier boot of this machine had is gone.
 */
int	 journal_is_visible(const struct tun_journal *j,
	    const struct tun_record *r);
/* Has the list a forward that listens at the same place? */
int	 journal_has(const struct tun_forward *const *fwds,
	    const struct tun_forward *fwd);
/* An ADD record of this forward alone. */
const struct tun_record *journal_added(struct arena *a,
	    const struct tun_forward *fwd);
/* Makes it the forward of an ADD record, at the port that the server chose. */
void	 journal_show(struct tun_fwd *fwd, const struct tun_record *added);
int	 journal_has_added(const struct tun_record *const *added,
	    const struct tun_forward *fwd);
/*
 * Has a later record the same command in the same directory? Then a recipe is
 * not needed any more.
 */
int	 journal_is_replaced(const struct tun_journal *j,
	    const struct tun_record *recipe);

/*
 * journal.c: the records of n processes, sorted by PID, or of all if pids is
 * NULL; NULL with errno. The context keeps the reason.
 */
struct tun_journal *journal_read(struct tun_ctx *ctx, const pid_t *pids,
	    size_t n);

#endif
