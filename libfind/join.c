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
 * Forwards.
 */

static int
claim(struct join *j, struct fwd_facts *f, struct held *h)
{
	f->socks = arena_push(j->a, f->socks, f->nsocks, sizeof(*f->socks));
	if (f->socks == NULL)
		return -1;
	f->socks[f->nsocks++] = h->sk;
	f->owned++;
	h->claimed = 1;
	return 0;
}

/*
 * Who keeps a forward from its place_list.  Its master's listener is no
 * stranger's.
 */
static void
find_holder(struct join *j, struct view *v, struct fwd_facts *f,
    const struct addr *p, int n, int port)
{
	const struct plat_sock *sk;
	const struct view *o;
	size_t i;
	int k;

	for (i = 0; i < j->set->nsocks && f->holder == NULL; i++) {
		sk = &j->set->socks[i];
		if (!sock_is_inet(sk) || view_has(v, sk))
			continue;
		for (k = 0; k < n && !place_blocked(sk, &p[k], port); k++)
			continue;
		/* A bind address that is a name may be any. */
		if (n == -1 ? !sock_is_listener(sk) || sk->local.port != port :
		    k == n)
			continue;
		o = owner_of(j, sk->key);
		if (v->c->master != NULL && o != NULL &&
		    o->c == v->c->master)
			f->inmaster = 1;
		else {
			f->stranger = 1;
			f->holder = sk;
		}
	}
}

static int
join_port(struct join *j, struct view *v, struct fwd_facts *f,
    const struct tun_end *end)
{
	struct addr p[2];
	struct held *h;
	size_t i;
	int k, n;

	n = place_list(end, v->c->cmd.flags, j->set->noinet6, p);
	f->expected = n;
	for (i = 0; i < v->nheld; i++) {
		h = &v->held[i];
		if (h->claimed || !sock_is_inet(h->sk) || !sock_is_listener(h->sk) ||
		    h->sk->local.port != end->port)
			continue;
		for (k = 0; k < n && !place_has(h->sk, &p[k], end->port); k++)
			continue;
		if (n != -1 && k == n)
			continue;
		/* The master's, of which this one has a copy. */
		if (owner_of(j, h->sk->key) != v) {
			f->inmaster = 1;
			h->claimed = 1;
		} else if (claim(j, f, h) == -1)
			return -1;
	}
	if (n == -1 ? f->owned == 0 : f->owned < n)
		find_holder(j, v, f, p, n, end->port);
	return 0;
}

/* Of a process whose descriptors are not readable: by its user and port. */
static int
infer_port(struct join *j, struct view *v, struct fwd_facts *f,
    const struct tun_end *end)
{
	const struct plat_sock *sk;
	struct addr p[2];
	struct held h;
	size_t i;
	int k, n;

	n = place_list(end, v->c->cmd.flags, j->set->noinet6, p);
	if (n < 1 || v->c->from.netns == 0)
		return 0;
	memset(&h, 0, sizeof(h));
	for (i = 0; i < j->set->nsocks; i++) {
		sk = &j->set->socks[i];
		for (k = 0; k < n && !place_has(sk, &p[k], end->port); k++)
			continue;
		if (k == n || !(sk->known & PLAT_SOCK_UID) ||
		    sk->uid != v->c->row.uid || owner_of(j, sk->key) != NULL)
			continue;
		h.sk = sk;
		if (claim(j, f, &h) == -1)
			return -1;
	}
	f->inferred = f->owned >= n;
	f->owned = 0;
	if (!f->inferred)
		f->nsocks = 0;
	return 0;
}

static int
join_path(struct join *j, struct view *v, struct fwd_facts *f,
    const char *path)
{
	const struct plat_sock *sk;
	struct held *h;
	char *full;
	size_t i;

	f->path = 1;
	f->expected = 1;
	if ((full = path_full(j->a, v->c->cwd, path)) == NULL)
		return -1;
	for (i = 0; i < v->nheld; i++) {
		h = &v->held[i];
		if (h->claimed || h->sk->family != AF_UNIX ||
		    !sock_is_listener(h->sk) || strcmp(h->sk->path, path) != 0)
			continue;
		if (claim(j, f, h) == -1)
			return -1;
		f->file = path_leads(j, v->c, full, h->sk);
		return 0;
	}
	sk = path_listener(j, full, &f->file);
	if (sk == NULL)
		return 0;
	if (v->c->master != NULL && owner_of(j, sk->key) != NULL &&
	    owner_of(j, sk->key)->c == v->c->master)
		f->inmaster = 1;
	else {
		f->stranger = 1;
		f->holder = sk;
	}
	return 0;
}

/* -w any, or the unit that was asked for. */
static int
has_device(const struct cand *c, const char *unit)
{
	const char *name;
	size_t i;

	for (i = 0; i < c->nfds; i++) {
		if (c->fds[i].kind != PLAT_FD_TUN)
			continue;
		name = c->fds[i].name;
		if (unit == NULL || *unit == '\0' ||
		    strcmp(unit, "any") == 0 || *name == '\0')
			return 1;
		if ((strncmp(name, "tun", 3) == 0 ||
		    strncmp(name, "tap", 3) == 0) &&
		    strcmp(name + 3, unit) == 0)
			return 1;
	}
	return 0;
}

/*
 * -L P:localhost:P with the server on this machine leads back to itself.
 * Only where the addresses say so: through a jump host they do not.
 */
static int
leads_back(const struct cand *c, const struct tun_forward *fwd)
{
	const struct plat_sock *t = c->transport;
	const char *host = fwd->connect.host;
	struct addr p;

	if (fwd->kind != TUN_FWD_LOCAL || t == NULL || c->piped ||
	    fwd->listen.path != NULL || fwd->connect.path != NULL ||
	    fwd->connect.port != fwd->listen.port || host == NULL)
		return 0;
	if (strcmp(host, "localhost") != 0 &&
	    !(addr_parse(host, &p) && addr_is_loopback(p.family, p.ip)))
		return 0;
	return addr_is_loopback(t->family, t->peer.ip) ||
	    memcmp(t->local.ip, t->peer.ip, sizeof(t->peer.ip)) == 0;
}

static int
join_forward(struct join *j, struct view *v, const struct tun_fwd *fwd,
    struct fwd_facts *f)
{
	const struct tun_end *end = &fwd->spec.listen;

	f->kind = fwd->spec.kind;
	f->seen = v->c->seen;
	switch (fwd->spec.kind) {
	case TUN_FWD_LOCAL:
	case TUN_FWD_DYNAMIC:
		if (end->path != NULL)
			return f->seen ? join_path(j, v, f, end->path) : 0;
		if (!f->seen)
			return infer_port(j, v, f, end);
		f->loop = leads_back(v->c, &fwd->spec);
		return join_port(j, v, f, end);
	case TUN_FWD_REMOTE:
	case TUN_FWD_RDYNAMIC:
		f->inmaster = v->c->master != NULL;
		return 0;
	case TUN_FWD_DEVICE:
		f->device = has_device(v->c, end->host);
		return 0;
	case TUN_FWD_STDIO:
		return 0;
	}
	return 0;
}

/*
 * Listeners that nobody asked for.
 */

/*
 * A listener of the client in front that its ControlPersist master owns now
 * was asked for in that client's argv: the same socket proves it.
 */
static const struct tun_fwd *
copied_from(const struct join *j, const struct view *v,
    const struct plat_sock *sk, int *expected)
{
	const struct view *o;
	struct addr p[2];
	size_t i, k;
	int m, n;

	for (i = 0; i < j->n; i++) {
		o = &j->views[i];
		if (o == v || !view_has(o, sk))
			continue;
		for (k = 0; k < o->c->tun.nfwds; k++) {
			const struct tun_forward *fw = &o->c->fwds[k].spec;

			if ((fw->kind != TUN_FWD_LOCAL &&
			    fw->kind != TUN_FWD_DYNAMIC) ||
			    fw->listen.path != NULL)
				continue;
			n = place_list(&fw->listen, o->c->cmd.flags,
			    j->set->noinet6, p);
			for (m = 0; m < n; m++)
				if (place_has(sk, &p[m], fw->listen.port)) {
					*expected = n;
					return &o->c->fwds[k];
				}
		}
	}
	return NULL;
}

/* The other family's half of the pair that ssh makes of one forward. */
static struct held *
other_half(struct view *v, const struct plat_sock *sk)
{
	struct held *h;
	size_t i;

	for (i = 0; i < v->nheld; i++) {
		h = &v->held[i];
		if (h->claimed || !sock_is_inet(h->sk) || !sock_is_listener(h->sk) ||
		    h->sk->family == sk->family ||
		    h->sk->local.port != sk->local.port)
			continue;
		if (addr_is_any(sk->local.ip) ? addr_is_any(h->sk->local.ip) :
		    addr_is_loopback(sk->family, sk->local.ip) &&
		    addr_is_loopback(h->sk->family, h->sk->local.ip))
			return h;
	}
	return NULL;
}

static int
name_listener(struct join *j, const struct plat_sock *sk, int pair,
    struct tun_end *end)
{
	char buf[INET6_ADDRSTRLEN];

	end->port = sk->local.port;
	if (pair) {
		end->host = addr_is_any(sk->local.ip) ? "*" : NULL;
		return 0;
	}
	if (inet_ntop(sk->family, sk->local.ip, buf, sizeof(buf)) == NULL)
		return -1;
	return (end->host = arena_strdup(j->a, buf)) == NULL ? -1 : 0;
}

static int
unasked(struct join *j, struct view *v, struct held *h, struct tun_fwd *fwd,
    struct fwd_facts *f)
{
	const struct plat_sock *sk = h->sk;
	const struct tun_fwd *asked;
	struct held *half = NULL;
	char *full;

	memset(fwd, 0, sizeof(*fwd));
	memset(f, 0, sizeof(*f));
	fwd->tun = &v->c->tun;
	fwd->source = TUN_SRC_SOCKET;
	fwd->conns = fwd->exposed = -1;
	fwd->spec.kind = TUN_FWD_LOCAL;
	fwd->spec.listen.port = fwd->spec.connect.port = -1;
	f->seen = f->unasked = 1;
	f->expected = 1;
	if (claim(j, f, h) == -1)
		return -1;
	if (sk->family == AF_UNIX) {
		f->path = 1;
		fwd->spec.listen.path = arena_strndup(j->a, sk->path,
		    sk->pathlen);
		if (fwd->spec.listen.path == NULL ||
		    (full = path_full(j->a, v->c->cwd, sk->path)) == NULL)
			return -1;
		f->file = path_leads(j, v->c, full, sk);
		return 0;
	}
	half = other_half(v, sk);
	if (half != NULL) {
		f->expected = 2;
		if (claim(j, f, half) == -1)
			return -1;
	}
	if ((asked = copied_from(j, v, sk, &f->expected)) != NULL) {
		fwd->spec = asked->spec;
		fwd->source = asked->source;
		f->kind = asked->spec.kind;
		f->unasked = 0;
		return 0;
	}
	return name_listener(j, sk, half != NULL, &fwd->spec.listen);
}

static int
add_unasked(struct join *j, struct view *v)
{
	struct cand *c = v->c;
	struct fwd_facts *facts;
	struct tun_fwd *fwds;
	struct held *h;
	size_t i, n = c->tun.nfwds, max = n;

	/* A client in front holds copies; they are shown as the master's. */
	if (c->master != NULL)
		return 0;
	for (i = 0; i < v->nheld; i++)
		max += sock_is_listener(v->held[i].sk) && !v->held[i].claimed;
	if (max == n)
		return 0;
	fwds = arena_alloc(j->a, max * sizeof(*fwds));
	facts = arena_alloc(j->a, max * sizeof(*facts));
	if (fwds == NULL || facts == NULL)
		return -1;
	if (n > 0) {
		memcpy(fwds, c->fwds, n * sizeof(*fwds));
		memcpy(facts, c->facts, n * sizeof(*facts));
	}
	for (i = 0; i < v->nheld; i++) {
		h = &v->held[i];
		if (!sock_is_listener(h->sk) || h->claimed ||
		    owner_of(j, h->sk->key) != v ||
		    (h->sk->family == AF_UNIX && h->sk->path[0] == '\0'))
			continue;
		if (unasked(j, v, h, &fwds[n], &facts[n]) == -1)
			return -1;
		n++;
	}
	c->fwds = fwds;
	c->tun.fwds = fwds;
	c->facts = facts;
	c->tun.nfwds = n;
	return 0;
}

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
		if (join_forward(j, v, &c->fwds[i], &c->facts[i]) == -1)
			return -1;
	return 0;
}

static int
finish_view(struct join *j, struct view *v)
{
	struct cand *c = v->c;
	struct tun_fwd *fwd;
	size_t i;

	if (add_unasked(j, v) == -1 || count(j, v) == -1)
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
