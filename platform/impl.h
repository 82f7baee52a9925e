/* SPDX-License-Identifier: ISC */
/*
 * What plat.c, table.c and the one file of this system share.
 */
#ifndef IMPL_H
#define IMPL_H

#include "platform.h"

struct live;			/* each system's own */
struct table;			/* table.c's own */
struct trace;			/* trace.c's own */

struct plat {
	struct live *live;	/* one of these two is set */
	struct table *table;
	struct trace *trace;	/* NULL: nobody wants to know */
	void *sock;		/* the live socket source's, across calls */
	unsigned gaps;		/* PLAT_GAP_* met on the way */
	int failure;		/* plat_failure() */
	uint8_t hints[8192];	/* a bit for each port of plat_hint() */
	int hinted;		/* there are some */
};

/*
 * The live system.  The contracts are those of platform.h; live_open sets
 * pl->live, live_close frees it and pl->sock.
 */
int	 live_open(struct plat *pl);
void	 live_close(struct plat *pl);
unsigned live_caps(struct plat *pl);
unsigned live_gaps(struct plat *pl);
int64_t	 live_now(struct plat *pl);
uid_t	 live_uid(struct plat *pl);
int	 live_scan(struct plat *pl, unsigned flags);
int	 live_next(struct plat *pl, struct plat_name *np);
int	 live_rows(struct plat *pl, struct plat_proc *rows, size_t n);
int	 live_args(struct plat *pl, const struct plat_proc *row, char **bufp,
	    size_t *lenp);
int	 live_env(struct plat *pl, const struct plat_proc *row, char **bufp,
	    size_t *lenp);
ssize_t	 live_where(struct plat *pl, const struct plat_proc *row,
	    enum plat_where what, char *buf, size_t len);
int	 live_fds(struct plat *pl, const struct plat_proc *row,
	    struct plat_fd **fdsp, size_t *np, size_t *limit);
int	 live_origin(struct plat *pl, const struct plat_proc *row,
	    struct plat_origin *op);
int	 live_members(struct plat *pl, const struct plat_proc *row,
	    pid_t *pids, size_t max, size_t *np);
int	 live_socks(struct plat *pl, const uint64_t *keys, size_t nkeys,
	    unsigned flags, const struct plat_proc *netns,
	    struct plat_sock **socksp, size_t *np);
void	 live_socks_close(struct plat *pl);	/* frees pl->sock */
int	 live_socket_owner(struct plat *pl, const uint64_t *keys, size_t n,
	    pid_t *owners);
int	 live_pipe_owner(struct plat *pl, const uint64_t *keys, size_t n,
	    pid_t *owners);
int	 live_signal(struct plat *pl, const struct plat_proc *row,
	    const char *exe, int sig, int *racefree);
/*
 * *fdp: a descriptor that holds on to the process and is readable once it has
 * ended, or -1.  live_hold_signal() takes either.
 */
int	 live_hold(struct plat *pl, const struct plat_proc *row,
	    const char *exe, int *fdp);
int	 live_hold_signal(struct plat *pl, const struct plat_proc *row,
	    const char *exe, int fd, int sig);
int	 live_nudge(struct plat *pl, struct plat_nudge *v, size_t n, int ms);

/* trace.c: what was asked of a process, beside its row. */
#define TRACE_ARGS	0x01
#define TRACE_ENV	0x02
#define TRACE_EXE	0x04
#define TRACE_CWD	0x08
#define TRACE_FDS	0x10
#define TRACE_ORIGIN	0x20
#define TRACE_MEMBERS	0x40
#define TRACE_ALL	0x7f
#define TRACE_KEYS	0x80	/* it was found by a socket or pipe it holds */

void	 trace_add(struct plat *pl, pid_t pid, unsigned what);
int	 trace_what(const struct plat *pl, pid_t pid);	/* -1: nothing */
const struct plat_file *trace_file(const struct plat *pl, size_t i);
/* -1: something was lost for want of memory. */
int	 trace_resume(struct plat *pl);
void	 trace_pause(struct plat *pl);
void	 trace_free(struct plat *pl);

/* A recorded table: the same again. */
int	 table_open(struct plat *pl, const char *path);
int	 table_load(struct plat *pl, FILE *fp);
void	 table_close(struct plat *pl);
unsigned table_caps(struct plat *pl);
unsigned table_gaps(struct plat *pl);
int64_t	 table_now(struct plat *pl);
uid_t	 table_uid(struct plat *pl);
int	 table_scan(struct plat *pl, unsigned flags);
int	 table_next(struct plat *pl, struct plat_name *np);
int	 table_rows(struct plat *pl, struct plat_proc *rows, size_t n);
int	 table_args(struct plat *pl, const struct plat_proc *row, char **bufp,
	    size_t *lenp);
int	 table_env(struct plat *pl, const struct plat_proc *row, char **bufp,
	    size_t *lenp);
ssize_t	 table_where(struct plat *pl, const struct plat_proc *row,
	    enum plat_where what, char *buf, size_t len);
int	 table_fds(struct plat *pl, const struct plat_proc *row,
	    struct plat_fd **fdsp, size_t *np, size_t *limit);
int	 table_origin(struct plat *pl, const struct plat_proc *row,
	    struct plat_origin *op);
int	 table_members(struct plat *pl, const struct plat_proc *row,
	    pid_t *pids, size_t max, size_t *np);
int	 table_socks(struct plat *pl, const uint64_t *keys, size_t nkeys,
	    unsigned flags, const struct plat_proc *netns,
	    struct plat_sock **socksp, size_t *np);
int	 table_later(struct plat *pl);
int	 table_file_get(struct plat *pl, const char *path,
	    struct plat_file *file);
int	 table_socket_owner(struct plat *pl, const uint64_t *keys, size_t n,
	    pid_t *owners);
int	 table_pipe_owner(struct plat *pl, const uint64_t *keys, size_t n,
	    pid_t *owners);
int	 table_signal(struct plat *pl, const struct plat_proc *row,
	    const char *exe, int sig, int *racefree);

#endif
