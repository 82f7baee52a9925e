/* SPDX-License-Identifier: ISC */
/*
 * What the parts of one scan share: scan.c leads, kin.c, hops.c and sockets.c
 * each add one sort of facts to the candidates.
 */
#ifndef SCAN_H
#define SCAN_H

#include "internal.h"

struct scan {
	struct tun_ctx *ctx;
	unsigned flags;
	struct arena *a;
	struct tun_list *list;
	struct cand **cands;	/* by PID */
	size_t n, cap;
	struct plat_proc *kin;	/* parents, session and group leaders */
	const char *const **kin_argv;
	const char **kin_cwd;
	size_t nkin;
	int vanished;		/* a candidate was gone when looked at */
	size_t denied;		/* candidates whose descriptors are closed to us */
};

/*
 * Runs over the candidates in batches of pinned rows and keeps those for
 * which look says 1; 0 drops one, -1 is no memory.
 */
int	 scan_each_pinned(struct scan *s,
	    int (*look)(struct scan *, struct cand *));
int	 scan_add(struct scan *s, struct cand *c); /* then scan_sort() */
void	 scan_sort(struct scan *s);
struct cand *scan_find(const struct scan *s, pid_t pid);
int	 scan_read_fds(struct scan *s, struct cand *c);
int	 scan_read_origin(struct scan *s, struct cand *c);

/* kin.c: reads the processes that candidates came from, then gives them. */
int	 kin_read(struct scan *s);
void	 kin_set(const struct scan *s, struct cand *c);
int	 kin_publish(const struct scan *s, struct cand *c);

/* hops.c: ssh -W is part of the tunnel whose pipes it holds. */
int	 hop_is(const struct cand *c);
int	 hops_fold(struct scan *s);
int	 hops_publish(struct scan *s, struct cand *c);

/* config.c: what ssh_config has, for own candidates; runs ssh -G. */
int	 config_resolve(struct scan *s);

/* proxies.c: a ProxyCommand is, too; but it is no ssh. */
int	 proxies_find(struct scan *s);

/* sockets.c: what the kernel has, for all candidates. */
int	 sockets_look(struct scan *s);

#endif
