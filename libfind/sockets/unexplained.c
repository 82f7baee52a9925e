/* SPDX-License-Identifier: ISC */
/*
 * unexplained.c: listeners and devices that no forward explains: forwards that
 * were added over the mux or by ~C, that come from ssh_config, or that belong
 * to a master whose argv is overwritten.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <string.h>

#include "join.h"

/* The forward of o that this listener serves, and where the forward listens. */
static const struct tun_fwd *
forward_at(const struct holding *o,
    const struct plat_sock *sk, struct bind_addr *p)
{
	const struct tun_forward *spec;
	size_t i;

	for (i = 0; i < o->c->verdict.tun.nfwds; i++) {
		spec = &o->c->verdict.fwds[i].spec;
		if (!tun_forward_is_local(spec) || spec->listen.path != NULL)
			continue;
		bind_addr_of(p, &spec->listen, o->c->facts->cmd.flags, 0);
		if (p->n != -1 && bind_addr_has(p, sk))
			return &o->c->verdict.fwds[i];
	}
	return NULL;
}

/*
 * A listener that a ControlPersist master owns may have been asked for in the
 * argv of the client in the foreground: both hold the same socket.
 */
static const struct tun_fwd *
copied_from(const struct join *j, const struct holding *v,
    const struct plat_sock *sk, struct bind_addr *p)
{
	const struct tun_fwd *fwd = NULL;
	size_t i;

	if (!owner_is_shared(j, sk->key))
		return NULL;
	for (i = 0; i < j->n && fwd == NULL; i++)
		if (&j->holdings[i] != v && holding_has(&j->holdings[i], sk))
			fwd = forward_at(&j->holdings[i], sk, p);
	return fwd;
}

/*
 * The listener of the other address family that ssh made for the same forward.
 */
static struct held *
other_half(struct holding *v, const struct plat_sock *sk)
{
	int family = sk->family == AF_INET ? AF_INET6 : AF_INET;
	int any = addr_is_any(sk->local.ip);
	struct held *h, *half = NULL;
	size_t i;

	if (!any && !addr_is_loopback(sk->family, sk->local.ip))
		return NULL;
	for (i = holding_at_port(v, family, sk->local.port);
	    i < v->nlisteners; i++) {
		h = v->byaddr[i];
		if (h->sk->family != family ||
		    h->sk->local.port != sk->local.port)
			break;
		if (!h->claimed && (half == NULL || h->fd < half->fd) &&
		    (any ? addr_is_any(h->sk->local.ip) :
		    addr_is_loopback(family, h->sk->local.ip)))
			half = h;
	}
	return half;
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
as_path(struct join *j, const struct cand *c, const struct plat_sock *sk,
    struct tun_fwd *fwd, struct fwd_links *f)
{
	char *full;

	f->path = 1;
	fwd->spec.listen.path = arena_strndup(j->a, sk->path, sk->pathlen);
	if (fwd->spec.listen.path == NULL ||
	    (full = path_full(j->a, c->facts->cwd, sk->path)) == NULL)
		return -1;
	f->file = path_leads(j, c, full, sk);
	return 0;
}

static int
as_port(struct join *j, struct holding *v, const struct plat_sock *sk,
    struct tun_fwd *fwd, struct fwd_links *f)
{
	struct held *half = other_half(v, sk);
	const struct tun_fwd *asked;
	struct bind_addr p;

	if (half != NULL && match_claim(j, f, half) == -1)
		return -1;
	/* A session of sshd has no argv of forwards that it could copy. */
	if (v->c->facts->cmd.kind != CMD_SERVED &&
	    (asked = copied_from(j, v, sk, &p)) != NULL) {
		fwd->spec = asked->spec;
		fwd->source = asked->source;
		f->kind = asked->spec.kind;
		f->expected = match_expected(j, f, &p);
		f->unexplained = 0;
		return 0;
	}
	f->expected = half != NULL ? 2 : 1;
	return name_listener(j, sk, half != NULL, &fwd->spec.listen);
}

static int
make_forward(struct join *j, struct holding *v, struct held *h,
    struct tun_fwd *fwd, struct fwd_links *f)
{
	fwd_init(fwd, &v->c->verdict.tun, TUN_SRC_SOCKET);
	fwd->spec.kind = TUN_FWD_LOCAL;
	f->seen = f->unexplained = 1;
	f->expected = 1;
	if (match_claim(j, f, h) == -1)
		return -1;
	return h->sk->family == AF_UNIX ? as_path(j, v->c, h->sk, fwd, f) :
	    as_port(j, v, h->sk, fwd, f);
}

/*
 * What sshd listens on is known to be a -R, and the rules for its state are
 * those of a listener of ours.
 */
static void
mark_served(struct tun_fwd *fwd, struct fwd_links *f)
{
	fwd->spec.kind = TUN_FWD_SERVED;
	f->kind = TUN_FWD_LOCAL;
	f->unexplained = 0;
}

/*
 * The socket of -A, which leads to the client's agent, is no -R.  OpenSSH has it
 * in the user's home since 10.1.
 */
static int
is_agent(const struct plat_sock *sk)
{
	return (strncmp(sk->path, "/tmp/ssh-", 9) == 0 &&
	    strstr(sk->path, "/agent.") != NULL) ||
	    strstr(sk->path, "/.ssh/agent/s.") != NULL;
}

/*
 * Is it the process of a session?  Its title says so, or the connection to its
 * client, which cannot be seen if it was reset or is no TCP.  An sshd that waits
 * for new clients has neither.
 */
static int
is_session(const struct cand *c)
{
	return c->facts->session != -1 || c->links.transport != NULL;
}

/* A unix listener without a path is no forward of ssh. */
static int
is_unexplained(const struct join *j, const struct holding *v,
    const struct held *h)
{
	int is_served = v->c->facts->cmd.kind == CMD_SERVED;

	if (!sock_is_listener(h->sk) || h->claimed ||
	    owner_of(j, h->sk->key) != v || (is_served && !is_session(v->c)))
		return 0;
	return h->sk->family != AF_UNIX || (h->sk->path[0] != '\0' &&
	    !(is_served && is_agent(h->sk)));
}

/*
 * If a path contains unknown parts, and exactly one such path and one
 * unexplained listener exist, they belong together.  Of a dbclient that is a
 * port, 0 in its words, which is the same for both address families.
 */
static int
claim_unread(struct join *j, struct holding *v)
{
	struct cand *c = v->c;
	struct held *h, *found = NULL;
	struct tun_fwd *fwd;
	struct fwd_links *f;
	size_t i, at = 0, unread = 0, listeners = 0;
	int ports = (c->facts->cmd.flags & CMD_DROPBEAR) != 0;

	for (i = 0; i < c->verdict.tun.nfwds; i++)
		if (c->links.fwds[i].unread) {
			at = i;
			unread++;
		}
	for (h = v->held; unread == 1 && h < v->held + v->nheld; h++) {
		if (!is_unexplained(j, v, h) ||
		    ports == (h->sk->family == AF_UNIX))
			continue;
		if (!ports || found == NULL ||
		    found->sk->local.port != h->sk->local.port)
			listeners++;
		found = h;
	}
	if (listeners != 1)
		return 0;
	fwd = &c->verdict.fwds[at];
	f = &c->links.fwds[at];
	f->unread = 0;
	f->expected = 1;
	if (match_claim(j, f, found) == -1)
		return -1;
	return ports ? as_port(j, v, found->sk, fwd, f) :
	    as_path(j, c, found->sk, fwd, f);
}

/*
 * The unit of tun5 and tap5. A device with another name also has a unit, which
 * the name does not tell.
 */
static const char *
unit_of(const char *device)
{
	const char *unit = device + 3;

	if ((strncmp(device, "tun", 3) != 0 &&
	    strncmp(device, "tap", 3) != 0) ||
	    *unit == '\0' || unit[strspn(unit, "0123456789")] != '\0')
		return "any";
	return unit;
}

/* An ssh has at most one device; with -w the device is that one. */
static int
add_device(struct join *j, struct cand *c)
{
	struct fwd_links f = { 0 };
	struct tun_fwd fwd = { 0 };
	size_t i, n = c->verdict.tun.nfwds;

	for (i = 0; i < n; i++)
		if (c->verdict.fwds[i].spec.kind == TUN_FWD_DEVICE)
			return 0;
	if (match_device(j, c, &f, NULL) == -1)
		return -1;
	if (!f.device)
		return 0;
	f.kind = TUN_FWD_DEVICE;
	f.seen = 1;
	fwd_init(&fwd, &c->verdict.tun, TUN_SRC_SOCKET);
	fwd.spec.kind = TUN_FWD_DEVICE;
	fwd.spec.listen.host = f.devname != NULL ? unit_of(f.devname) : "any";
	if (fwds_grow(j, c, n + 1) == -1)
		return -1;
	c->verdict.fwds[n] = fwd;
	c->links.fwds[n] = f;
	c->verdict.tun.nfwds++;
	return 0;
}

/*
 * A connection that sshd has made for a client's -L, -D, -W or -J.  The local
 * port names it, because it is different for each.
 */
static int
is_direct(const struct holding *v, const struct held *h)
{
	return is_session(v->c) && sock_is_inet(h->sk) &&
	    !h->accepted && held_is_channel(v->c, h) &&
	    h->sk->key != v->c->links.transport_key;
}

static int
add_direct(struct join *j, struct holding *v)
{
	struct cand *c = v->c;
	char buf[INET6_ADDRSTRLEN];
	struct tun_fwd *fwd;
	struct addr to;
	size_t i, n = 0;

	for (i = 0; i < v->nheld; i++)
		n += is_direct(v, &v->held[i]);
	if (n == 0 || !(j->flags & TUN_SCAN_DIRECT))
		return 0;
	if (fwds_grow(j, c, c->verdict.tun.nfwds + n) == -1)
		return -1;
	for (i = 0; i < v->nheld; i++) {
		const struct plat_sock *sk = v->held[i].sk;

		if (!is_direct(v, &v->held[i]))
			continue;
		n = c->verdict.tun.nfwds++;
		fwd = &c->verdict.fwds[n];
		fwd_init(fwd, &c->verdict.tun, TUN_SRC_SOCKET);
		fwd->spec.kind = c->links.fwds[n].kind = TUN_FWD_DIRECT;
		fwd->spec.listen.port = sk->local.port;
		fwd->spec.connect.port = sk->peer.port;
		fwd->conns = 1;
		fwd->exposed = 0;
		if (sk->known & PLAT_SOCK_BYTES) {
			fwd->rx = (int64_t)sk->rx;
			fwd->tx = (int64_t)sk->tx;
		}
		to = addr_plain(sk->family, sk->peer.ip);
		if (inet_ntop(to.family, to.ip, buf, sizeof(buf)) == NULL ||
		    (fwd->spec.connect.host = arena_strdup(j->a, buf)) == NULL)
			return -1;
	}
	return 0;
}

int
unexplained_add(struct join *j, struct holding *v)
{
	struct cand *c = v->c;
	size_t i, n = 0;

	/*
	 * The copies of a client in the foreground are shown as the master's.
	 */
	if (c->links.master != NULL)
		return 0;
	if (claim_unread(j, v) == -1 || add_device(j, c) == -1)
		return -1;
	if (c->facts->cmd.kind == CMD_SERVED && add_direct(j, v) == -1)
		return -1;
	for (i = 0; i < v->nheld; i++)
		n += is_unexplained(j, v, &v->held[i]);
	if (n == 0)
		return 0;
	if (fwds_grow(j, c, c->verdict.tun.nfwds + n) == -1)
		return -1;
	for (i = 0; i < v->nheld; i++) {
		if (!is_unexplained(j, v, &v->held[i]))
			continue;
		n = c->verdict.tun.nfwds;
		if (make_forward(j, v, &v->held[i], &c->verdict.fwds[n],
			&c->links.fwds[n]) == -1)
			return -1;
		if (c->facts->cmd.kind == CMD_SERVED)
			mark_served(&c->verdict.fwds[n], &c->links.fwds[n]);
		c->verdict.tun.nfwds++;
	}
	return 0;
}
