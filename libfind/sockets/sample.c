/* SPDX-License-Identifier: ISC */
/*
 * sample.c: reads the sockets of all candidates once, and a second time after
 * one second if the first sample leaves a doubt. Sockets belong to a network
 * namespace: candidates of another namespace are sampled there, together.
 */
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/ms.h"
#include "sockets.h"

/* A condition that may be momentary must be seen twice, this far apart. */
#define GAP_MS	1000

/* Candidates of one network namespace, and what they have there. */
struct netns_group {
	uint64_t netns;		/* 0: ours, or one without a name */
	struct cand **cands;
	size_t n;
	struct sockset set;	/* the first sample; set.blind: none */
};

/* The first group is that of our own namespace. */
struct netns_groups {
	struct netns_group *v;
	size_t n;
};

static unsigned
wanted(const struct scan *s)
{
	unsigned want = PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX;

	if (s->flags & (TUN_SCAN_INFO | TUN_SCAN_CLIENTS))
		want |= PLAT_SOCKS_ALL | PLAT_SOCKS_INFO;
	if (!(s->flags & TUN_SCAN_CLIENTS))
		want |= PLAT_SOCKS_HELD;
	return want;
}

/*
 * Hints at the ports that the tunnel's connections use, as far as argv says:
 * the server's, and those of the targets of -R here. ssh_config may set another
 * port.
 */
static void
hint(struct plat *pl, const struct cmdline *cmd)
{
	size_t i;

	plat_hint(pl, cmd->port != -1 ? cmd->port : SSH_PORT);
	for (i = 0; i < cmd->nfwds; i++)
		if (cmd->fwds[i].kind == TUN_FWD_REMOTE &&
		    cmd->fwds[i].connect.port > 0)
			plat_hint(pl, cmd->fwds[i].connect.port);
}

/* Should it listen on both address families? */
static int
is_for_both(const struct tun_forward *fwd)
{
	const char *host = fwd->listen.host;

	return tun_forward_is_local(fwd) && fwd->listen.path == NULL &&
	    fwd->listen.port > 0 && fwd->listen.port <= UINT16_MAX &&
	    (host == NULL || *host == '\0' || strcmp(host, "*") == 0 ||
	    strcmp(host, "localhost") == 0);
}

/* For each port, the families that have a listener: bit 0 IPv4, bit 1 IPv6. */
static unsigned char *
listening_families(const struct plat_sock *socks, size_t n)
{
	unsigned char *v = calloc(UINT16_MAX + 1, sizeof(*v));
	size_t i;

	for (i = 0; v != NULL && i < n; i++)
		if (sock_is_inet(&socks[i]) && sock_is_listener(&socks[i]))
			v[socks[i].local.port] |=
			    socks[i].family == AF_INET ? 1 : 2;
	return v;
}

/*
 * Has a forward a listener for one family only? Then another process's
 * connection from that port may block the other family. -1: no memory.
 */
static int
is_one_sided(const struct netns_group *g, const struct plat_sock *socks,
    size_t n)
{
	const struct cmdline *cmd;
	unsigned char *families, f;
	size_t i, k;
	int one = 0;

	if ((families = listening_families(socks, n)) == NULL)
		return -1;
	for (i = 0; !one && i < g->n; i++) {
		cmd = &g->cands[i]->facts->cmd;
		for (k = 0; !one && k < cmd->nfwds; k++)
			if (is_for_both(&cmd->fwds[k])) {
				f = families[cmd->fwds[k].listen.port];
				one = f == 1 || f == 2;
			}
	}
	free(families);
	return one;
}

/* Reads the sockets; if a family is missing, also those of other processes. */
static int
dump(struct scan *s, const struct netns_group *g, const uint64_t *keys,
    size_t n, const struct plat_proc *netns, struct plat_sock **socksp,
    size_t *np)
{
	unsigned want = wanted(s);
	int more;

	if (plat_socks(s->ctx->pl, keys, n, want, netns, socksp, np) == -1)
		return -1;
	if (!(want & PLAT_SOCKS_ALL) || !(want & PLAT_SOCKS_HELD) ||
	    !(plat_caps(s->ctx->pl) & PLAT_CAP_INET6))
		return 0;
	if ((more = is_one_sided(g, *socksp, *np)) == 0)
		return 0;
	free(*socksp);
	*socksp = NULL;
	return more == -1 ? -1 : plat_socks(s->ctx->pl, keys, n,
	    want & ~(unsigned)PLAT_SOCKS_HELD, netns, socksp, np);
}

/*
 * Reads the sockets of a group, with an index; free them with sockset_clear().
 * Another namespace is read through any of its processes that still exists.
 */
static int
read_sockets(struct scan *s, const struct netns_group *g, int ours,
    struct sockset *set)
{
	struct plat_sock *socks = NULL;
	uint64_t *keys;
	size_t i, n = 0;
	int r;

	memset(set, 0, sizeof(*set));
	set->pl = s->ctx->pl;
	set->rs = s->ctx->rs;
	set->noinet6 = !(plat_caps(s->ctx->pl) & PLAT_CAP_INET6);
	for (i = 0; i < g->n; i++)
		n += g->cands[i]->facts->nfds;
	if ((keys = calloc(n ? n : 1, sizeof(*keys))) == NULL)
		return -1;
	for (n = i = 0; i < g->n; i++) {
		n += sockset_keys(g->cands[i]->facts->fds,
		    g->cands[i]->facts->nfds, keys + n);
		hint(s->ctx->pl, &g->cands[i]->facts->cmd);
	}
	i = 0;
	do
		r = dump(s, g, keys, n,
		    ours ? NULL : &g->cands[i]->facts->row, &socks,
		    &set->nsocks);
	while (r == -1 && errno == ESRCH && !ours && ++i < g->n);
	free(keys);
	if (r == -1)
		return -1;
	set->socks = socks;
	if ((r = sockset_index(set)) == -1)
		sockset_clear(set);
	return r;
}

static void
look_at_transport(const struct plat_sock *sk, struct sample *hs)
{
	hs->transport = 1;
	hs->known = sk->known;
	hs->state = sk->state;
	hs->timer = sk->timer;
	hs->expires = sk->expires;
	hs->retrans = sk->retrans;
	hs->probes = sk->probes;
	hs->unacked = sk->unacked;
	hs->wq = sk->wq;
	hs->lds = sk->lds;
	hs->ldr = sk->ldr;
	hs->lar = sk->lar;
}

/*
 * Nothing was read since it was accepted: all received bytes are still in the
 * queue, where a FIN counts as one byte.
 */
static int
is_unread(const struct plat_sock *sk)
{
	return sk->known & PLAT_SOCK_BYTES && sk->known & PLAT_SOCK_INFO &&
	    sk->rq > 0 && sk->rx <= sk->rq &&
	    (sk->state == PLAT_TCP_ESTAB || sk->state == PLAT_TCP_CLOSE_WAIT);
}

static void
look_at_socket(const struct held *h, struct sample *hs)
{
	const struct plat_sock *sk = h->sk;

	if (sock_is_listener(sk)) {
		if (sk->rq > 0 && hs->nfull < SAMPLE_NFULL)
			hs->full[hs->nfull++] = sk->key;
		return;
	}
	hs->moved += sk->rx + sk->tx;
	if (h->accepted && is_unread(sk) && sk->ldr >= hs->unread)
		hs->unread = sk->ldr > 0 ? sk->ldr : 1;
}

void
sample_take(const struct cand *c, const struct holding *v,
    const struct sockset *set, struct sample *hs)
{
	const struct plat_sock *t = NULL;
	size_t i;

	memset(hs, 0, sizeof(*hs));
	hs->looked = c->verdict.tun.conns != -1;
	if (c->links.transport_key != 0)
		t = sockset_find(set, c->links.transport_key);
	if (t != NULL)
		look_at_transport(t, hs);
	for (i = 0; v != NULL && i < v->nheld; i++)
		if (v->held[i].sk != t)
			look_at_socket(&v->held[i], hs);
}

/* Does the first sample leave a doubt that a second one can settle? */
static int
doubtful(const struct cand *c, const struct sockset *set)
{
	struct sample hs;

	if (c->facts->fds == NULL || facts_is_stopped(c->facts) ||
	    c->links.helped != NULL || c->links.master != NULL)
		return 0;
	sample_take(c, c->links.holding, set, &hs);
	if (hs.nfull > 0 || hs.unread > 0)
		return 1;
	if (!hs.looked)
		return 0;
	if (!hs.transport)
		return !c->links.piped && !c->links.passed;
	return hs.state != PLAT_TCP_ESTAB && hs.state != PLAT_TCP_SYN_SENT &&
	    hs.state != PLAT_TCP_UNKNOWN;
}

static int
any_doubt(const struct netns_group *g)
{
	size_t i;

	for (i = 0; i < g->n && !g->set.blind; i++)
		if (doubtful(g->cands[i], &g->set))
			return 1;
	return 0;
}

/*
 * Reads the descriptors of a candidate again, and takes its second sample. It
 * gets none if it has exited.
 */
static int
sample_again(struct scan *s, struct cand *c, const struct sockset *set)
{
	struct plat_proc row;
	struct holding v = { 0 };
	struct sample *hs;
	struct plat_fd *fds;
	size_t nfds, limit;
	int r;

	if (row_read_same(s->ctx->pl, c->facts->row.pid, c->facts->row.ident,
	    &row) == -1 ||
	    plat_fds(s->ctx->pl, &row, &fds, &nfds, &limit) == -1)
		return 0;
	r = holding_read(s->a, &v, set, fds, nfds);
	free(fds);
	if (r == -1 || (hs = arena_alloc(s->a, sizeof(*hs))) == NULL)
		return -1;
	holding_drop_before(&v, c->links.first_fd);
	sample_take(c, &v, set, hs);
	c->links.again = hs;
	return 0;
}

/* Samples the candidates in doubt once more, in new sockets. */
static int
look_again(struct scan *s, const struct netns_group *g, int ours)
{
	struct sockset set;
	size_t i;
	int r = 0;

	if (read_sockets(s, g, ours, &set) == -1)
		return plat_failed(errno) ? -1 : 0;
	for (i = 0; r == 0 && i < g->n; i++)
		if (doubtful(g->cands[i], &g->set))
			r = sample_again(s, g->cands[i], &set);
	sockset_clear(&set);
	return r;
}

/* Waits once for all groups together. */
static int
look_twice(struct scan *s, const struct netns_groups *gs)
{
	size_t i, first;
	int r = 0;

	for (first = 0; first < gs->n && !any_doubt(&gs->v[first]); first++)
		continue;
	if (first == gs->n)
		return 0;
	if (!plat_later(s->ctx->pl, GAP_MS))
		return 0;
	for (i = first; r == 0 && i < gs->n; i++)
		if (any_doubt(&gs->v[i]))
			r = look_again(s, &gs->v[i], i == 0);
	return r;
}

/*
 * Without sockets, phases and stopped processes are still visible; a missing
 * listener is not.
 */
static int
look_once(struct scan *s, struct netns_group *g, int ours)
{
	if (s->flags & TUN_SCAN_SOCKETS && g->n > 0) {
		if (read_sockets(s, g, ours, &g->set) == 0)
			return join_sockets(s->a, g->cands, g->n, &g->set,
			    s->flags);
		if (plat_failed(errno))
			return -1;
		/* If its process has exited, nothing is hidden. */
		if (errno != ESRCH && list_note(s->list,
		    "the socket table cannot be read") == -1)
			return -1;
	}
	memset(&g->set, 0, sizeof(g->set));
	g->set.blind = 1;
	return 0;
}

static int
add_to(struct scan *s, struct netns_group *g, struct cand *c)
{
	g->cands = arena_push(s->a, g->cands, g->n, sizeof(*g->cands));
	if (g->cands == NULL)
		return -1;
	g->cands[g->n++] = c;
	return 0;
}

static struct netns_group *
new_group(struct scan *s, struct netns_groups *gs, uint64_t netns)
{
	gs->v = arena_push(s->a, gs->v, gs->n, sizeof(*gs->v));
	if (gs->v == NULL)
		return NULL;
	gs->v[gs->n].netns = netns;
	return &gs->v[gs->n++];
}

/*
 * A namespace without an ID gets a group of its own for each tunnel and the
 * helpers of that tunnel, which run in the same namespace.
 */
static int
add_alone(struct scan *s, struct netns_groups *gs, struct cand *c)
{
	struct netns_group *g;
	struct cand *helper;

	if (c->links.helped != NULL)
		return 0;
	if ((g = new_group(s, gs, 0)) == NULL)
		return -1;
	for (helper = c; helper != NULL && g->n < s->n;) {
		if (add_to(s, g, helper) == -1)
			return -1;
		helper = helper->links.helper != NULL ?
		    helper->links.helper : helper->links.proxy;
	}
	return 0;
}

static int
group_all(struct scan *s, struct netns_groups *gs)
{
	struct netns_group *g;
	size_t i, k;

	if (new_group(s, gs, 0) == NULL)
		return -1;
	for (i = 0; i < s->n; i++) {
		struct cand *c = s->cands[i];

		if (c->facts->from.netns == 0 && c->facts->from.netns_id == 0) {
			if (add_alone(s, gs, c) == -1)
				return -1;
			continue;
		}
		for (k = 1;
		     k < gs->n && gs->v[k].netns != c->facts->from.netns_id;
		     k++)
			continue;
		if (c->facts->from.netns != 0)
			g = &gs->v[0];
		else if (k < gs->n)
			g = &gs->v[k];
		else if ((g = new_group(s, gs, c->facts->from.netns_id)) ==
		    NULL)
			return -1;
		if (add_to(s, g, c) == -1)
			return -1;
	}
	return 0;
}

static int
any_taken(const struct scan *s)
{
	size_t i, j;

	for (i = 0; i < s->n; i++)
		for (j = 0; j < s->cands[i]->verdict.tun.nfwds; j++)
			if (s->cands[i]->verdict.fwds[j].state == TUN_TAKEN)
				return 1;
	return 0;
}

int
sockets_look(struct scan *s, void (*judge)(struct cand **cands, size_t n,
    const struct sockset *set, int64_t now))
{
	struct netns_groups gs = { NULL, 0 };
	size_t i, seen;
	int r = group_all(s, &gs);

	for (i = 0; i < s->n; i++)
		if (s->flags & TUN_SCAN_SOCKETS &&
		    s->cands[i]->facts->fds == NULL)
			s->denied++;
	for (seen = 0; r == 0 && seen < gs.n; seen++)
		r = look_once(s, &gs.v[seen], seen == 0);
	if (r == 0 && s->flags & TUN_SCAN_AGAIN)
		r = look_twice(s, &gs);
	for (i = 0; i < seen; i++) {
		if (r == 0)
			judge(gs.v[i].cands, gs.v[i].n, &gs.v[i].set,
			    plat_now(s->ctx->pl));
		sockset_clear(&gs.v[i].set);
	}
	for (i = 0; i < s->n; i++) {
		s->cands[i]->links.transport = NULL;
		s->cands[i]->links.holding = NULL;
	}
	if (r == 0 && (s->flags & TUN_SCAN_CLIENTS || any_taken(s)))
		r = peers_look_up(s->a, s->ctx->pl, s->cands, s->n);
	return r;
}
