/* SPDX-License-Identifier: ISC */
/*
 * What the parts of one scan share: scan.c leads, the files of
 * this folder and of sockets/ each add one sort of facts or links to the
 * candidates.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "internal.h"

struct scan {
	struct tun_ctx *ctx;
	unsigned flags;
	struct arena *a;
	struct tun_list *list;
	struct facts **facts; /* of all that was read, in no order */
	size_t nfacts, capfacts;
	struct cand **cands; /* by PID, once all are read */
	size_t n, cap;
	struct plat_proc *kin;	/* parents, session and group leaders */
	const char *const **kin_argv;
	const char **kin_cwd;
	size_t nkin;
	struct asking *asking; /* config.c's own */
	int vanished;		/* a candidate was gone when looked at */
	size_t denied;		/* candidates whose descriptors are closed to us */
};

/*
 * Runs over all that was read, in batches of pinned rows, and keeps those for
 * which look says 1; 0 drops one, -1 is no memory.
 */
int scan_each_pinned(
    struct scan *s, int (*look)(struct scan *, struct facts *));
/* One more process.  scan_link() makes a candidate of it, then scan_sort(). */
struct facts *scan_add(struct scan *s);
struct cand *scan_link(struct scan *s, const struct facts *f);
void	 scan_sort(struct scan *s);
struct cand *scan_find(const struct scan *s, pid_t pid);

/*
 * facts.c: everything the later passes want of one process, while that is
 * pinned.  1: it is there; 0: it is gone, or never was an ssh; -1: no memory.
 */
int	 facts_read(struct scan *s, struct facts *f);
int	 scan_read_fds(struct scan *s, struct facts *f);
int	 scan_read_origin(struct scan *s, struct facts *f);

/* group.c: who else is in the control groups of services. */
int	 groups_look(struct scan *s);

/* kin.c: reads the processes that candidates came from, then gives them. */
int	 kin_read(struct scan *s);
/* What a process shows as its words, or NULL. */
const char *const *kin_words(struct scan *s, const struct plat_proc *row);
void kin_set(const struct scan *s, struct facts *f);
int kin_publish(const struct scan *s, const struct facts *f, struct verdict *v);

/* hops.c: ssh -W is part of the tunnel whose pipes it holds. */
int hop_is(const struct facts *f);
int	 hops_fold(struct scan *s);
uint64_t pipe_at(const struct facts *f, int fd);
int	 hops_publish(struct scan *s, struct cand *c);

/* jumps.c: the jump hosts, in words and of helpers. */
int	 jumps_publish(struct scan *s, struct cand *c);

/* config.c: what ssh_config has, for own candidates; runs ssh -G. */
int	 config_resolve(struct scan *s);

/* proxies.c: a ProxyCommand is, too; but it is no ssh. */
int	 proxies_find(struct scan *s);

/* sockets.c: what the kernel has, for all candidates. */
int	 sockets_look(struct scan *s);

#endif
