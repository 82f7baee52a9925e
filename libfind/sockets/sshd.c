/* SPDX-License-Identifier: ISC */
/*
 * sshd.c: sessions of sshd: who is the client, and what those listen on whose
 * descriptors may not be read.  Only root can read them, because sshd has
 * changed its user.  For other users a listener is only inferred: a socket of a
 * logged-in user that none of the visible processes holds.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

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
	struct addr from;

	t->served = 1;
	t->session = c->facts->session;
	t->master = 0;
	if ((t->user = user_name(s, i)) == NULL)
		return -1;
	t->dest = t->user;
	if (t->remote.family != AF_INET && t->remote.family != AF_INET6)
		return 0;
	from = addr_plain(t->remote.family, t->remote.ip);
	if (inet_ntop(from.family, from.ip, buf, sizeof(buf)) == NULL)
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

/* The tunnel that was made for the socket of the other address family. */
static struct cand *
other_half(const struct scan *s, size_t first, const struct plat_sock *sk)
{
	const struct tun *t;
	const struct tun_addr *addr;
	size_t i;

	for (i = first; i < s->n; i++) {
		t = &s->cands[i]->verdict.tun;
		addr = &s->cands[i]->verdict.fwds[0].addrs[0];
		if (t->uid == sk->uid && addr->port == sk->local.port &&
		    addr->family != sk->family &&
		    s->cands[i]->verdict.fwds[0].naddrs == 1 &&
		    addr_is_any(addr->ip) == addr_is_any(sk->local.ip) &&
		    addr_is_loopback(addr->family, addr->ip) ==
		    addr_is_loopback(sk->family, sk->local.ip))
			return s->cands[i];
	}
	return NULL;
}

static int
add_inferred(struct scan *s, size_t first, const struct plat_sock *sk)
{
	struct cand *c = other_half(s, first, sk);
	struct facts *f;
	struct tun_addr *addrs;
	struct tun_fwd *fwd;
	char buf[INET6_ADDRSTRLEN];

	if (c != NULL) {
		fwd = &c->verdict.fwds[0];
		fwd->spec.listen.host = addr_is_any(sk->local.ip) ? "*" : NULL;
		return addr_of(s->a, sk, (struct tun_addr *)(uintptr_t)
		    &fwd->addrs[fwd->naddrs++]);
	}
	if ((f = scan_add(s)) == NULL || (c = scan_link(s, f)) == NULL ||
	    (fwd = arena_alloc(s->a, sizeof(*fwd))) == NULL ||
	    (addrs = arena_alloc(s->a, 2 * sizeof(*addrs))) == NULL ||
	    addr_of(s->a, sk, &addrs[0]) == -1)
		return -1;
	f->session = -1;
	f->byexe = 1;
	/* No process is known; the socket tells these tunnels apart. */
	f->row.ident[1] = sk->key;
	f->row.uid = sk->uid;
	f->row.tty = PLAT_NOTTY;
	f->cmd.kind = CMD_SERVED;
	f->cmd.port = -1;
	fwd->tun = &c->verdict.tun;
	fwd->spec.kind = TUN_FWD_SERVED;
	fwd->spec.listen.port = sk->local.port;
	fwd->spec.connect.port = -1;
	if (inet_ntop(sk->family, sk->local.ip, buf, sizeof(buf)) == NULL ||
	    (fwd->spec.listen.host = arena_strdup(s->a, buf)) == NULL)
		return -1;
	fwd->source = TUN_SRC_SOCKET;
	fwd->state = TUN_BOUND;
	evidence_add(&fwd->why, TUN_WHY_INFERRED);
	fwd->conns = -1;
	fwd->rx = fwd->tx = -1;
	fwd->exposed = !addr_is_loopback(sk->family, sk->local.ip);
	fwd->addrs = addrs;
	fwd->naddrs = 1;
	c->verdict.fwds = fwd;
	c->verdict.tun.nfwds = 1;
	c->verdict.tun.uid = sk->uid;
	return 0;
}

static int
infer(struct scan *s, const struct plat_sock *socks, size_t n, uint64_t *keys,
    pid_t *pids)
{
	size_t i, first = s->n;

	for (i = 0; i < n; i++)
		if (sock_is_inet(&socks[i]) && sock_is_listener(&socks[i]) &&
		    socks[i].known & PLAT_SOCK_UID &&
		    is_logged_in(s, socks[i].uid))
			keys[i] = socks[i].key;
	if (plat_socket_owner(s->ctx->pl, keys, n, pids) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (keys[i] != 0 && pids[i] == 0 &&
		    add_inferred(s, first, &socks[i]) == -1)
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
	struct plat_sock *socks;
	uint64_t *keys;
	pid_t *pids;
	size_t n;
	int r = -1;

	if (!(s->flags & TUN_SCAN_SOCKETS) || !any_unread(s))
		return 0;
	if (list_note(s->list, "sessions of sshd are not readable: what they "
	    "listen on is inferred from their users") == -1)
		return -1;
	if (plat_socks(s->ctx->pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &socks,
	    &n) == -1)
		return plat_failed(errno) ? -1 : 0;
	keys = calloc(n + 1, sizeof(*keys));
	pids = calloc(n + 1, sizeof(*pids));
	if (keys != NULL && pids != NULL)
		r = infer(s, socks, n, keys, pids);
	free(keys);
	free(pids);
	free(socks);
	return r;
}
