/* SPDX-License-Identifier: ISC */
/*
 * sshd.c: sessions of sshd: who is the client, and what those listen on whose
 * descriptors may not be read.  Only root can read them, because sshd has
 * changed its user.  For other users a listener is only inferred: a socket of a
 * logged-in user that none of the visible processes holds.  Of the caller's own
 * processes all others are visible, so it is in one of the caller's sessions.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>

#include "sockets.h"

/* --- the client ------------------------------------------------------------ */

/* The name of the i-th session's user; many sessions have the same. */
static const char *
user_name(const struct scan *s, size_t i)
{
	uid_t uid = s->cands[i]->verdict.tun.uid;
	struct arena *a = s->a;
	const struct passwd *pw;
	size_t k;

	for (k = 0; k < i; k++)
		if (s->cands[k]->verdict.tun.uid == uid)
			return s->cands[k]->verdict.tun.user;
	pw = user_find(a, uid);
	if (pw != NULL)
		return pw->pw_name;
	return plat_failed(errno) || errno == ENOMEM ? NULL :
	    arena_printf(a, "%lu", (unsigned long)uid);
}

int
sshd_name_client(struct scan *s, size_t i)
{
	struct cand *c = s->cands[i];
	struct tun *t = &c->verdict.tun;
	struct arena *a = s->a;
	char buf[INET6_ADDRSTRLEN];

	t->served = 1;
	t->session = c->facts->session;
	t->tty = c->facts->tty;
	t->master = 0;
	if ((t->user = user_name(s, i)) == NULL)
		return -1;
	t->dest = t->user;
	if (t->remote.family != AF_INET && t->remote.family != AF_INET6)
		return 0;
	if (inet_ntop(t->remote.family, t->remote.ip, buf, sizeof(buf)) ==
	    NULL)
		return 0;
	t->host = arena_strdup(a, buf);
	t->dest = arena_printf(a, "%s@%s", t->user, buf);
	return t->host == NULL || t->dest == NULL ? -1 : 0;
}

/* --- what is inferred ------------------------------------------------------- */

/*
 * Has this user a session whose descriptors are not readable?  The daemon itself
 * runs as root.
 */
static int
is_logged_in(const struct scan *s, uid_t uid)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->cands[i]->facts->fds == NULL &&
		    s->cands[i]->facts->row.uid == uid && uid != 0)
			return 1;
	return 0;
}

/* The caller's own sessions, as others than root see them. */
struct own {
	uid_t uid;
	struct cand *only;	/* it must have what is inferred; or NULL */
	const struct tun_peer **v;
	size_t n;
};

/* A session's own child has its title until it runs a program. */
static int
is_own_session(const struct scan *s, const struct cand *c, uid_t uid)
{
	const struct cand *parent = scan_find(s, c->facts->row.ppid);

	return uid != 0 && c->facts->row.uid == uid && c->facts->fds == NULL &&
	    c->facts->session != -1 &&
	    (parent == NULL || parent->facts->row.uid != uid);
}

static int
find_own(struct scan *s, struct own *own)
{
	struct cand *c;
	size_t i;

	own->uid = plat_uid(s->ctx->pl);
	for (i = 0; i < s->n; i++) {
		c = s->cands[i];
		if (!is_own_session(s, c, own->uid))
			continue;
		own->v = arena_push(s->a, own->v, own->n, sizeof(*own->v));
		if (own->v == NULL ||
		    (own->v[own->n++] = cand_peer(s->a, c)) == NULL)
			return -1;
		c->verdict.listed = 1;
		own->only = own->n == 1 && !s->own_sshd ? c : NULL;
	}
	return 0;
}

/* What was inferred from the socket of the other address family. */
static struct tun_fwd *
other_half(const struct scan *s, const struct plat_sock *sk)
{
	const struct tun_addr *addr;
	struct verdict *v;
	struct tun_fwd *fwd;
	size_t i, k;

	for (i = 0; i < s->n; i++) {
		v = &s->cands[i]->verdict;
		for (k = 0; k < v->tun.nfwds && v->tun.uid == sk->uid; k++) {
			fwd = &v->fwds[k];
			addr = &fwd->addrs[0];
			if (tun_why_has(&fwd->why, TUN_WHY_INFERRED) &&
			    fwd->naddrs == 1 && addr->port == sk->local.port &&
			    addr->family != sk->family &&
			    addr_is_any(addr->ip) == addr_is_any(sk->local.ip) &&
			    addr_is_loopback(addr->family, addr->ip) ==
			    addr_is_loopback(sk->family, sk->local.ip))
				return fwd;
		}
	}
	return NULL;
}

/* A tunnel of which no process is known; the socket tells it from others. */
static struct cand *
add_unknown(struct scan *s, const struct own *own, const struct plat_sock *sk)
{
	struct facts *f;
	struct cand *c;

	if ((f = scan_add(s)) == NULL || (c = scan_link(s, f)) == NULL)
		return NULL;
	f->session = -1;
	f->byexe = 1;
	f->row.ident[1] = sk->key;
	f->row.uid = sk->uid;
	f->row.tty = PLAT_NOTTY;
	f->from.netns = 1;	/* as the listener */
	f->cmd.kind = CMD_SERVED;
	f->cmd.port = -1;
	c->verdict.tun.uid = sk->uid;
	if (sk->uid == own->uid && !s->own_sshd) {
		c->verdict.tun.candidates = own->v;
		c->verdict.tun.ncandidates = own->n;
	}
	return c;
}

static int
add_forward(struct scan *s, struct cand *c, const struct plat_sock *sk)
{
	struct verdict *v = &c->verdict;
	struct tun_addr *addrs;
	struct tun_fwd *fwd;
	char buf[INET6_ADDRSTRLEN];

	v->fwds = arena_push(s->a, v->fwds, v->tun.nfwds, sizeof(*v->fwds));
	addrs = arena_alloc(s->a, 2 * sizeof(*addrs));
	if (v->fwds == NULL || addrs == NULL ||
	    addr_of(s->a, sk, &addrs[0]) == -1)
		return -1;
	fwd = &v->fwds[v->tun.nfwds++];
	fwd_init(fwd, &v->tun, TUN_SRC_SOCKET);
	fwd->spec.kind = TUN_FWD_SERVED;
	fwd->spec.listen.port = sk->local.port;
	if (inet_ntop(sk->family, sk->local.ip, buf, sizeof(buf)) == NULL ||
	    (fwd->spec.listen.host = arena_strdup(s->a, buf)) == NULL)
		return -1;
	fwd->state = TUN_BOUND;
	evidence_add(&fwd->why, TUN_WHY_INFERRED);
	fwd->exposed = !addr_is_loopback(sk->family, sk->local.ip);
	fwd->addrs = addrs;
	fwd->naddrs = 1;
	return 0;
}

static int
add_inferred(struct scan *s, const struct own *own, const struct plat_sock *sk)
{
	struct tun_fwd *fwd = other_half(s, sk);
	struct cand *c;

	if (fwd != NULL) {
		fwd->spec.listen.host = addr_is_any(sk->local.ip) ? "*" : NULL;
		return addr_of(s->a, sk, (struct tun_addr *)(uintptr_t)
		    &fwd->addrs[fwd->naddrs++]);
	}
	c = own->only != NULL && sk->uid == own->uid ? own->only :
	    add_unknown(s, own, sk);
	return c == NULL ? -1 : add_forward(s, c, sk);
}

static int
infer(struct scan *s, const struct own *own, const struct plat_sock *socks,
    size_t n, uint64_t *keys, pid_t *pids)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (sock_is_inet(&socks[i]) && sock_is_listener(&socks[i]) &&
		    socks[i].known & PLAT_SOCK_UID &&
		    is_logged_in(s, socks[i].uid))
			keys[i] = socks[i].key;
	if (plat_socket_owner(s->ctx->pl, keys, n, pids) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (keys[i] != 0 && pids[i] == 0 &&
		    add_inferred(s, own, &socks[i]) == -1)
			return -1;
	return 0;
}

static int
any_unread(const struct scan *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->cands[i]->facts->fds == NULL)
			return 1;
	return 0;
}

int
sshd_infer(struct scan *s)
{
	struct own own = { 0 };
	struct plat_sock *socks;
	uint64_t *keys;
	pid_t *pids;
	size_t n;
	int r = -1;

	if (!(s->flags & TUN_SCAN_SOCKETS) || !any_unread(s))
		return 0;
	if (list_note(s->list, "sessions of sshd are not readable: what they "
	    "listen on is inferred from their users") == -1 ||
	    find_own(s, &own) == -1)
		return -1;
	if (plat_socks(s->ctx->pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &socks,
	    &n) == -1)
		return plat_failed(errno) ? -1 : 0;
	keys = calloc(n + 1, sizeof(*keys));
	pids = calloc(n + 1, sizeof(*pids));
	if (keys != NULL && pids != NULL)
		r = infer(s, &own, socks, n, keys, pids);
	free(keys);
	free(pids);
	free(socks);
	return r;
}
