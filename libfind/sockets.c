/* SPDX-License-Identifier: ISC */
/*
 * sockets.c: one look at the sockets of all candidates, and a second one a
 * second later where the first gave reason.  Sockets belong to a network
 * namespace: candidates of another than ours are looked at there, one by one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scan.h"

/* states.md: what may be a passing moment has to be seen twice, so far apart. */
#define GAP_NS	1000000000L

/* Candidates of one network namespace. */
struct group {
	struct cand **cands;
	size_t n;
	const struct plat_proc *netns;	/* NULL: ours */
};

static unsigned
wanted(const struct scan *s)
{
	unsigned want = PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX;

	if (s->flags & (TUN_SCAN_INFO | TUN_SCAN_CLIENTS))
		want |= PLAT_SOCKS_ALL | PLAT_SOCKS_INFO;
	return want;
}

static void
free_sockets(struct sockset *set)
{
	free((void *)(uintptr_t)set->socks);
	free(set->bykey);
	memset(set, 0, sizeof(*set));
}

static size_t
socket_keys(const struct plat_fd *fds, size_t nfds, uint64_t *keys)
{
	size_t i, n = 0;

	for (i = 0; fds != NULL && i < nfds; i++)
		if (fds[i].kind == PLAT_FD_SOCKET)
			keys[n++] = fds[i].key;
	return n;
}

/* The sockets of a group, with an index; free_sockets().  -1 with errno. */
static int
read_sockets(struct scan *s, const struct group *g, struct sockset *set)
{
	struct plat_sock *socks = NULL;
	uint64_t *keys;
	size_t i, n = 0;
	int r;

	memset(set, 0, sizeof(*set));
	set->recorded = s->ctx->recorded;
	set->noinet6 = !(plat_caps(s->ctx->pl) & PLAT_CAP_INET6);
	for (i = 0; i < g->n; i++)
		n += g->cands[i]->nfds;
	if ((keys = calloc(n ? n : 1, sizeof(*keys))) == NULL)
		return -1;
	for (n = i = 0; i < g->n; i++)
		n += socket_keys(g->cands[i]->fds, g->cands[i]->nfds,
		    keys + n);
	r = plat_socks(s->ctx->pl, keys, n, wanted(s), g->netns, &socks,
	    &set->nsocks);
	free(keys);
	if (r == -1)
		return -1;
	set->socks = socks;
	if ((r = sockset_index(set)) == -1)
		free_sockets(set);
	return r;
}

/* What the first look leaves open until a second one. */
static int
doubtful(const struct cand *c, const struct sockset *set)
{
	struct health_sample hs;

	if (c->fds == NULL || c->carrier != NULL || c->master != NULL)
		return 0;
	health_look(c, c->fds, c->nfds, set, &hs);
	if (hs.nfull > 0 || hs.unread > 0)
		return 1;
	if (!hs.looked)
		return 0;
	if (!hs.transport)
		return !c->piped;
	return hs.known & PLAT_SOCK_INFO && hs.state != PLAT_TCP_ESTAB &&
	    hs.state != PLAT_TCP_SYN_SENT;
}

/* Descriptors and sockets again, for those in doubt; the fds are new ones. */
static int
look_again(struct scan *s, struct group *g, const struct sockset *first)
{
	const struct timespec gap = { GAP_NS / 1000000000L,
	    GAP_NS % 1000000000L };
	struct health_sample *hs;
	struct plat_proc row;
	struct plat_fd *fds;
	struct sockset set;
	size_t i, n = 0, nfds, limit;
	int r = 0;

	for (i = 0; i < g->n; i++)
		n += doubtful(g->cands[i], first);
	if (n == 0)
		return 0;
	nanosleep(&gap, NULL);
	if (read_sockets(s, g, &set) == -1)
		return errno == ENOMEM ? -1 : 0;
	for (i = 0; r == 0 && i < g->n; i++) {
		struct cand *c = g->cands[i];

		if (!doubtful(c, first))
			continue;
		row = c->row;
		if (plat_rows(s->ctx->pl, &row, 1) == -1 || row.pid == 0 ||
		    memcmp(row.ident, c->row.ident, sizeof(row.ident)) != 0)
			continue;
		if (plat_fds(s->ctx->pl, &row, &fds, &nfds, &limit) == -1)
			continue;
		if ((hs = arena_alloc(s->a, sizeof(*hs))) == NULL)
			r = -1;
		else
			health_look(c, fds, nfds, &set, hs);
		c->again = hs;
		free(fds);
	}
	free_sockets(&set);
	return r;
}

/* Phases and stops show without sockets; that nobody listens does not. */
static int
judge_unseen(struct scan *s, const struct group *g)
{
	struct sockset set;

	memset(&set, 0, sizeof(set));
	set.blind = 1;
	return health_judge(s->a, g->cands, g->n, &set, plat_now(s->ctx->pl));
}

static int
look_at_group(struct scan *s, struct group *g)
{
	struct sockset set;
	int r;

	if (g->n == 0)
		return 0;
	if (!(s->flags & TUN_SCAN_SOCKETS))
		return judge_unseen(s, g);
	if (read_sockets(s, g, &set) == -1) {
		if (errno == ENOMEM)
			return -1;
		/* Whoever ended meanwhile hides nothing. */
		if (errno != ESRCH && list_note(s->list,
		    "the socket table cannot be read") == -1)
			return -1;
		return judge_unseen(s, g);
	}
	r = join_sockets(s->a, g->cands, g->n, &set, s->flags);
	if (r == 0 && s->flags & TUN_SCAN_AGAIN && !s->ctx->recorded)
		r = look_again(s, g, &set);
	if (r == 0)
		r = health_judge(s->a, g->cands, g->n, &set,
		    plat_now(s->ctx->pl));
	free_sockets(&set);
	return r;
}

/* A tunnel elsewhere and its helpers, which live where it does. */
static int
look_elsewhere(struct scan *s, struct cand *c, struct cand **room)
{
	struct group g;
	struct cand *hop;

	g.cands = room;
	g.netns = &c->row;
	for (g.n = 0, hop = c; hop != NULL && g.n < s->n;
	    hop = hop->hop != NULL ? hop->hop : hop->proxy)
		g.cands[g.n++] = hop;
	return look_at_group(s, &g);
}

static int
any_taken(const struct scan *s)
{
	size_t i, j;

	for (i = 0; i < s->n; i++)
		for (j = 0; j < s->cands[i]->tun.nfwds; j++)
			if (s->cands[i]->fwds[j].state == TUN_TAKEN)
				return 1;
	return 0;
}

int
sockets_look(struct scan *s)
{
	struct cand **here, **room;
	struct group g;
	size_t i;
	int r;

	here = calloc(s->n + 1, sizeof(*here));
	room = calloc(s->n + 1, sizeof(*room));
	if (here == NULL || room == NULL) {
		free(here);
		free(room);
		return -1;
	}
	g.cands = here;
	g.n = 0;
	g.netns = NULL;
	for (i = 0; i < s->n; i++) {
		if (s->flags & TUN_SCAN_SOCKETS && s->cands[i]->fds == NULL)
			s->denied++;
		if (s->cands[i]->from.netns != 0)
			here[g.n++] = s->cands[i];
	}
	r = look_at_group(s, &g);
	for (i = 0; r == 0 && i < s->n; i++)
		if (s->cands[i]->from.netns == 0 &&
		    s->cands[i]->carrier == NULL)
			r = look_elsewhere(s, s->cands[i], room);
	free(here);
	free(room);
	if (r == 0 && (s->flags & TUN_SCAN_CLIENTS || any_taken(s)))
		r = join_owners(s->a, s->ctx->pl, s->cands, s->n);
	return r;
}
