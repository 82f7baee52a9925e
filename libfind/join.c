/* SPDX-License-Identifier: ISC */
/*
 * Forwards meet sockets.  What argv asks for is held against what the kernel
 * has: which listener is whose, what carries the tunnel, who is connected.
 * Nothing is looked up in the DNS and nothing is guessed: a process whose
 * descriptors we may not read keeps its unknowns.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "join.h"

/*
 * Who is connected.
 */

static const char *
comm_of(const struct cand *c)
{
	return c->row.comm[0] != '\0' ? c->row.comm : NULL;
}

/* Fills in what is known of a peer; the rest is left to join_owners(). */
static int
name_peer(struct join *j, struct cand *c, struct tun_peer *peer,
    const struct plat_sock *sk)
{
	struct view *o;

	peer->uid = (uid_t)-1;
	if (sk == NULL)
		return 0;
	if (sk->known & PLAT_SOCK_UID)
		peer->uid = sk->uid;
	if ((o = owner_of(j, sk->key)) != NULL) {
		peer->pid = o->c->row.pid;
		peer->uid = o->c->row.uid;
		if (comm_of(o->c) != NULL &&
		    (peer->comm = arena_strdup(j->a, comm_of(o->c))) == NULL)
			return -1;
		return 0;
	}
	c->wants = arena_push(j->a, c->wants, c->nwants, sizeof(*c->wants));
	if (c->wants == NULL)
		return -1;
	c->wants[c->nwants].key = sk->key;
	c->wants[c->nwants++].peer = peer;
	return 0;
}

static int
add_holder(struct join *j, struct cand *c, struct tun_fwd *fwd,
    const struct plat_sock *sk)
{
	struct tun_peer *peer;

	if (sk == NULL)
		return 0;
	if ((peer = arena_alloc(j->a, sizeof(*peer))) == NULL)
		return -1;
	if (addr_of(j->a, sk, &peer->addr) == -1)
		return -1;
	fwd->holder = peer;
	return name_peer(j, c, peer, sk);
}

/* The other end of a connection, when it is on this machine. */
static const struct plat_sock *
far_end(const struct join *j, const struct plat_sock *sk)
{
	const struct plat_sock *o;
	size_t i;

	if (sk->family == AF_UNIX)
		return sockset_find(j->set, sk->peer_key);
	for (i = 0; i < j->set->nsocks; i++) {
		o = &j->set->socks[i];
		if (o->peer.port == sk->local.port && sock_is_inet(o) &&
		    !sock_is_listener(o) &&
		    addr_same(o->family, &o->local, sk->family, &sk->peer) &&
		    addr_same(o->family, &o->peer, sk->family, &sk->local))
			return o;
	}
	return NULL;
}

static int
add_clients(struct join *j, struct view *v, struct tun_fwd *fwd,
    const struct plat_sock **conns, size_t n)
{
	const struct plat_sock *far;
	struct tun_peer *peers;
	size_t i;

	if (n == 0)
		return 0;
	if ((peers = arena_alloc(j->a, n * sizeof(*peers))) == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		far = far_end(j, conns[i]);
		peers[i].addr = addr_public(conns[i]->family, &conns[i]->peer);
		if (name_peer(j, v->c, &peers[i], far) == -1)
			return -1;
		/* Its client is the tunnel itself. */
		if (far != NULL && view_has(v, far))
			v->c->loop = 1;
	}
	fwd->clients = peers;
	fwd->nclients = n;
	return 0;
}

/* The forward an accepted connection came through: the closest listener's. */
static size_t
forward_of(const struct cand *c, const struct plat_sock *sk)
{
	const struct plat_sock *l;
	size_t i, k, best = c->tun.nfwds;

	for (i = 0; i < c->tun.nfwds; i++)
		for (k = 0; k < c->facts[i].nsocks; k++) {
			l = c->facts[i].socks[k];
			if (!sock_came_through(sk, l))
				continue;
			if (sk->family == AF_UNIX || !addr_is_any(l->local.ip))
				return i;
			best = i;
		}
	return best;
}

/* The -R that an outgoing connection serves: it goes to the target. */
static size_t
remote_of(const struct join *j, const struct cand *c,
    const struct plat_sock *sk)
{
	const struct plat_sock *end;
	const struct tun_forward *fw;
	struct addr p;
	size_t i, dynamic = c->tun.nfwds;

	for (i = 0; i < c->tun.nfwds; i++) {
		fw = &c->fwds[i].spec;
		if (fw->kind == TUN_FWD_RDYNAMIC)
			dynamic = i;
		if (fw->kind != TUN_FWD_REMOTE)
			continue;
		if (fw->connect.path != NULL) {
			if (sk->family == AF_UNIX && (end =
			    sockset_find(j->set, sk->peer_key)) != NULL &&
			    strcmp(end->path, fw->connect.path) == 0)
				return i;
			continue;
		}
		if (!sock_is_inet(sk) || sk->peer.port != fw->connect.port)
			continue;
		/* A name may be any address. */
		if (fw->connect.host == NULL ||
		    !addr_parse(fw->connect.host, &p) ||
		    (p.family == sk->family &&
		    memcmp(p.ip, sk->peer.ip, sizeof(p.ip)) == 0))
			return i;
	}
	return sock_is_inet(sk) ? dynamic : c->tun.nfwds;
}

/* Sorts the channels of a tunnel to its forwards, and counts them. */
static int
count(struct join *j, struct view *v)
{
	const struct plat_sock **conns, *sk;
	struct cand *c = v->c;
	size_t *whose, i, k, n;

	if (!c->seen || !(j->flags & (TUN_SCAN_INFO | TUN_SCAN_CLIENTS)) ||
	    c->master != NULL)
		return 0;
	conns = arena_alloc(j->a, (v->nheld + 1) * sizeof(*conns));
	whose = arena_alloc(j->a, (v->nheld + 1) * sizeof(*whose));
	if (conns == NULL || whose == NULL)
		return -1;
	c->tun.conns = 0;
	for (i = 0; i < v->nheld; i++) {
		sk = v->held[i].sk;
		whose[i] = c->tun.nfwds;
		if (sock_is_listener(sk) || (c->transport_cand == c &&
		    v->held[i].fd == c->transport_fd))
			continue;
		whose[i] = v->held[i].accepted ? forward_of(c, sk) :
		    remote_of(j, c, sk);
		if (whose[i] < c->tun.nfwds || sock_is_inet(sk))
			c->tun.conns++;
	}
	for (k = 0; k < c->tun.nfwds; k++) {
		for (i = n = 0; i < v->nheld; i++)
			if (whose[i] == k)
				conns[n++] = v->held[i].sk;
		switch (c->fwds[k].spec.kind) {
		case TUN_FWD_LOCAL:
		case TUN_FWD_DYNAMIC:
			c->fwds[k].conns = n;
			if (j->flags & TUN_SCAN_CLIENTS &&
			    add_clients(j, v, &c->fwds[k], conns, n) == -1)
				return -1;
			break;
		case TUN_FWD_REMOTE:
		case TUN_FWD_RDYNAMIC:
			c->fwds[k].conns = n;
			c->facts[k].used = n > 0;
			break;
		default:
			break;
		}
	}
	return 0;
}

/* Where it really listens, and how far that reaches. */
static int
set_addrs(struct join *j, struct tun_fwd *fwd, const struct fwd_facts *f)
{
	const struct plat_sock *sk;
	struct tun_addr *addrs;
	size_t i;

	if (f->kind == TUN_FWD_REMOTE || f->kind == TUN_FWD_RDYNAMIC)
		return 0;	/* GatewayPorts of the server decides */
	if (f->seen || f->inferred)
		fwd->exposed = 0;
	if (f->nsocks == 0)
		return 0;
	if ((addrs = arena_alloc(j->a, f->nsocks * sizeof(*addrs))) == NULL)
		return -1;
	for (i = 0; i < f->nsocks; i++) {
		sk = f->socks[i];
		if (addr_of(j->a, sk, &addrs[i]) == -1)
			return -1;
		if (sock_is_inet(sk) &&
		    !addr_is_loopback(sk->family, sk->local.ip)) {
			fwd->exposed = 1;
			fwd->why |= TUN_WHY_WILDCARD;
		}
	}
	fwd->addrs = addrs;
	fwd->naddrs = f->nsocks;
	return 0;
}

static int
join_view(struct join *j, struct view *v)
{
	struct cand *c = v->c;
	size_t i;

	c->facts = arena_alloc(j->a, (c->tun.nfwds + 1) * sizeof(*c->facts));
	if (c->facts == NULL)
		return -1;
	for (i = 0; i < c->tun.nfwds; i++)
		if (match_forward(j, v, &c->fwds[i], &c->facts[i]) == -1)
			return -1;
	return 0;
}

static int
finish_view(struct join *j, struct view *v)
{
	struct cand *c = v->c;
	struct tun_fwd *fwd;
	size_t i;

	if (unasked_add(j, v) == -1 || count(j, v) == -1)
		return -1;
	for (i = 0; i < c->tun.nfwds; i++) {
		fwd = &c->fwds[i];
		if (set_addrs(j, fwd, &c->facts[i]) == -1 ||
		    add_holder(j, c, fwd, c->facts[i].holder) == -1)
			return -1;
		fwd->state = health_forward(&c->facts[i], &fwd->why);
		if (!(j->flags & TUN_SCAN_SOCKETS))
			fwd->why |= TUN_WHY_NOSOCKETS;
		else if (c->fds_errno != 0)
			fwd->why |= TUN_WHY_DENIED;
	}
	transport_publish(c);
	return 0;
}

/* Each step is for all before the next, which asks what it has found. */
static int
join_all(struct join *j, struct cand **cands)
{
	size_t i;

	for (i = 0; i < j->n; i++)
		if (view_make(j, &j->views[i], cands[i]) == -1 ||
		    ctl_find(j, &j->views[i]) == -1)
			return -1;
	if (owner_find(j) == -1)
		return -1;
	for (i = 0; i < j->n; i++)
		if (transport_own(j, &j->views[i]) == -1)
			return -1;
	for (i = 0; i < j->n; i++) {
		transport_hop(j, cands[i]);
		ctl_find_master(j, &j->views[i]);
	}
	for (i = 0; i < j->n; i++)
		if (join_view(j, &j->views[i]) == -1)
			return -1;
	for (i = 0; i < j->n; i++)
		if (finish_view(j, &j->views[i]) == -1)
			return -1;
	return 0;
}

int
join_sockets(struct arena *a, struct cand **cands, size_t n,
    const struct sockset *set, unsigned flags)
{
	struct join j;

	memset(&j, 0, sizeof(j));
	j.a = a;
	j.set = set;
	j.flags = flags;
	j.n = n;
	j.views = arena_alloc(a, (n + 1) * sizeof(*j.views));
	return j.views == NULL ? -1 : join_all(&j, cands);
}

/* Fills in the names of up to PLAT_BATCH processes. */
static int
name_owners(struct arena *a, struct plat *pl, struct peer_want **wants,
    const pid_t *pids, size_t n)
{
	struct plat_proc rows[PLAT_BATCH];
	size_t i;

	memset(rows, 0, sizeof(rows));
	for (i = 0; i < n; i++)
		rows[i].pid = pids[i];
	if (plat_rows(pl, rows, n) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if (rows[i].pid == 0)
			continue;
		wants[i]->peer->pid = rows[i].pid;
		wants[i]->peer->uid = rows[i].uid;
		wants[i]->peer->comm = arena_strdup(a, rows[i].comm);
		if (wants[i]->peer->comm == NULL)
			return -1;
	}
	return 0;
}

int
join_owners(struct arena *a, struct plat *pl, struct cand **cands, size_t n)
{
	struct peer_want **wants = NULL;
	uint64_t *keys = NULL;
	pid_t *pids = NULL;
	size_t i, k, m = 0;
	int rc = -1;

	for (i = 0; i < n; i++)
		m += cands[i]->nwants;
	if (m == 0)
		return 0;
	wants = calloc(m, sizeof(*wants));
	keys = calloc(m, sizeof(*keys));
	pids = calloc(m, sizeof(*pids));
	if (wants == NULL || keys == NULL || pids == NULL)
		goto out;
	for (m = i = 0; i < n; i++)
		for (k = 0; k < cands[i]->nwants; k++) {
			wants[m] = &cands[i]->wants[k];
			keys[m] = wants[m]->key;
			m++;
		}
	if (plat_socket_owner(pl, keys, m, pids) == -1)
		goto out;
	/* Those that were found, to the front. */
	for (i = k = 0; i < m; i++)
		if (pids[i] != 0) {
			wants[k] = wants[i];
			pids[k++] = pids[i];
		}
	for (i = 0; i < k; i += PLAT_BATCH)
		if (name_owners(a, pl, wants + i, pids + i,
		    k - i < PLAT_BATCH ? k - i : PLAT_BATCH) == -1)
			goto out;
	rc = 0;
out:
	free(wants);
	free(keys);
	free(pids);
	return rc;
}
