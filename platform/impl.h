/* SPDX-License-Identifier: ISC */
/*
 * What plat.c requires of a source: the live system (one file per OS) or a
 * recorded table (record/table.c).
 */
#ifndef IMPL_H
#define IMPL_H

#include <string.h>

#include "platform.h"

struct plat;
struct live;			/* each system's own */
struct table;			/* of record/table.h */
struct trace;			/* trace.c's own */

/*
 * One source. Each call has the contract of the call of the same name in
 * platform.h, unless a comment adds to it. NULL means ENOSYS.
 */
struct plat_ops {
	/* Sets pl->live or pl->table, which close frees. */
	int	 (*open)(struct plat *pl, const char *table);
	void	 (*close)(struct plat *pl);
	unsigned (*caps)(struct plat *pl);
	unsigned (*gaps)(struct plat *pl);	/* with pl->gaps */
	int64_t	 (*now)(struct plat *pl);
	uid_t	 (*uid)(struct plat *pl);
	int	 (*boot)(struct plat *pl, char *buf, size_t len);
	int	 (*netns)(struct plat *pl, const struct plat_proc *row,
		    uint64_t *idp);
	int	 (*first_port)(struct plat *pl);	/* NULL: 1024 */
	/* NULL: 0. */
	int	 (*other_files)(struct plat *pl, const struct plat_proc *row);
	int	 (*is_contained)(struct plat *pl, const struct plat_proc *row);
	int	 (*scan)(struct plat *pl, unsigned flags);
	int	 (*next)(struct plat *pl, struct plat_name *np);
	int	 (*title)(struct plat *pl, const struct plat_name *np,
		    char *buf, size_t len);
	int	 (*rows)(struct plat *pl, struct plat_proc *rows, size_t n);
	int	 (*args)(struct plat *pl, const struct plat_proc *row,
		    char **bufp, size_t *lenp);
	int	 (*env)(struct plat *pl, const struct plat_proc *row,
		    char **bufp, size_t *lenp);
	ssize_t	 (*where)(struct plat *pl, const struct plat_proc *row,
		    enum plat_where what, char *buf, size_t len, int *gone);
	int	 (*fds)(struct plat *pl, const struct plat_proc *row,
		    struct plat_fd **fdsp, size_t *np, size_t *limit);
	int	 (*origin)(struct plat *pl, const struct plat_proc *row,
		    struct plat_origin *op);
	int	 (*members)(struct plat *pl, const struct plat_proc *row,
		    pid_t *pids, size_t max, size_t *np);
	int	 (*socks)(struct plat *pl, const uint64_t *keys, size_t nkeys,
		    unsigned flags, const struct plat_proc *netns,
		    struct plat_sock **socksp, size_t *np);
	/* NULL: the source does not use hints. */
	void	 (*hint)(struct plat *pl, uint16_t port);
	int	 (*socket_owner)(struct plat *pl, const uint64_t *keys,
		    size_t n, pid_t *owners);
	int	 (*pipe_owner)(struct plat *pl, const uint64_t *keys,
		    size_t n, pid_t *owners);
	int	 (*signal)(struct plat *pl, const struct plat_proc *row,
		    const char *exe, int sig);
	/*
	 * *fdp: a descriptor that keeps the process from being replaced and
	 * becomes readable when it ends, or -1. hold_signal accepts both.
	 */
	int	 (*hold)(struct plat *pl, const struct plat_proc *row,
		    const char *exe, int *fdp);
	int	 (*hold_signal)(struct plat *pl, const struct plat_proc *row,
		    const char *exe, int fd, int sig);
	int	 (*keepalive)(struct plat *pl, struct plat_keepalive *v,
		    size_t n, int ms);
	/* NULL: plat.c waits for the milliseconds. */
	int	 (*later)(struct plat *pl);
	/* NULL: the caller looks at files itself. */
	int	 (*file_get)(struct plat *pl, const char *path,
		    struct plat_file *file);
};

extern const struct plat_ops plat_live, plat_recorded;

struct plat {
	const struct plat_ops *ops;
	struct live *live;	/* exactly one of these two is set */
	struct table *table;
	struct trace *trace;	/* NULL: nothing is recorded */
	unsigned gaps;		/* PLAT_GAP_* found so far */
	int failure;		/* plat_failure() */
};

/* Calls a member of a source, or fails with ENOSYS if that is NULL. */
#define PLAT_ASK(pl, call, ...) ((pl)->ops->call == NULL ? \
	((void)plat_nosys(), -1) : (pl)->ops->call((pl), __VA_ARGS__))

static inline int
starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* common/failure.c: -1 with ENOSYS. */
int	 plat_nosys(void);

/* record/table.c: reads a table from a stream. */
int	 table_load(struct plat *pl, FILE *fp);

/* record/trace.c: what was asked of a process, beside its row. */
#define TRACE_ARGS	0x01
#define TRACE_ENV	0x02
#define TRACE_EXE	0x04
#define TRACE_CWD	0x08
#define TRACE_FDS	0x10
#define TRACE_ORIGIN	0x20
#define TRACE_MEMBERS	0x40
#define TRACE_ALL	0x7f
#define TRACE_KEYS	0x80	/* found by a socket or pipe it holds */

void	 trace_add(struct plat *pl, pid_t pid, unsigned what);
int	 trace_what(const struct plat *pl, pid_t pid);	/* -1: nothing */
const struct plat_file *trace_file(const struct plat *pl, size_t i);
/* -1: a part is missing, for lack of memory. */
int	 trace_check(const struct plat *pl);
void	 trace_free(struct plat *pl);

#endif
