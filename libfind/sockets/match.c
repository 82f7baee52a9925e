/* SPDX-License-Identifier: ISC */
/*
 * match.c: the listeners of a forward that was asked for, or another process's
 * listener at the same address.
 */
#include <sys/socket.h>

#include <string.h>

#include "join.h"

static int
add(struct join *j, struct fwd_links *f, const struct plat_sock *sk)
{
	f->socks = arena_push(j->a, f->socks, f->nsocks, sizeof(*f->socks));
	if (f->socks == NULL)
		return -1;
	f->socks[f->nsocks++] = sk;
	return 0;
}

int
match_claim(struct join *j, struct fwd_links *f, struct held *h)
{
	f->owned++;
	h->claimed = 1;
	return add(j, f, h->sk);
}

/*
 * Another process listens at its address. If that is its own master, the
 * forward is marked as the master's and not as taken.
 */
static void
set_taken(const struct join *j, const struct holding *v, struct fwd_links *f,
    const struct plat_sock *sk)
{
	const struct holding *o = owner_of(j, sk->key);

	if (v->c->links.master != NULL && o != NULL &&
	    o->c == v->c->links.master)
		f->inmaster = 1;
	else {
		f->taken = 1;
		f->owner = sk;
	}
}

/*
 * The client of a master may hold copies of the master's listeners. Nobody
 * accepts at those that the master has closed.
 */
static int
claim(struct join *j, struct holding *v, struct fwd_links *f, struct held *h)
{
	if (owner_of(j, h->sk->key) != v)
		f->inmaster = 1;
	else if (v->c->links.master != NULL)
		f->leftover = 1;
	else
		return match_claim(j, f, h);
	h->claimed = 1;
	return 0;
}

/* Takes the listeners at p that no other forward explains. */
static int
claim_at(struct join *j, struct holding *v, struct fwd_links *f,
    const struct bind_addr *p)
{
	size_t i;

	for (i = 0; i < v->nheld; i++)
		if (!v->held[i].claimed && bind_addr_has(p, v->held[i].sk) &&
		    claim(j, v, f, &v->held[i]) == -1)
			return -1;
	return 0;
}

static int
lacks_inet4(const struct fwd_links *f)
{
	size_t i;

	for (i = 0; i < f->nsocks; i++)
		if (f->socks[i]->family == AF_INET)
			return 0;
	return f->nsocks > 0;
}

int
match_expected(const struct join *j, const struct fwd_links *f,
    struct bind_addr *p)
{
	if (j->set->noinet6 && p->n == 2 && !lacks_inet4(f))
		p->at[0] = p->at[--p->n];
	return p->n;
}

/*
 * GatewayPorts of ssh_config widens only forwards without a bind address; then
 * p becomes the address where it really listens.
 */
static int
claim_wider(struct join *j, struct holding *v, struct fwd_links *f,
    const struct tun_end *end, struct bind_addr *p)
{
	struct bind_addr wide;

	if (end->host != NULL || f->owned > 0 || f->inmaster)
		return 0;
	bind_addr_of(&wide, end, v->c->facts->cmd.flags | CMD_GATEWAY, 0);
	if (claim_at(j, v, f, &wide) == -1)
		return -1;
	if (f->owned > 0 || f->inmaster)
		*p = wide;
	return 0;
}

/*
 * Is there a connection from the address at which one family has no listener?
 */
static int
is_connected_from(const struct bind_addr *p, const struct fwd_links *f,
    const struct plat_sock *sk)
{
	struct addr from = addr_plain(sk->family, sk->local.ip);
	size_t i;
	int k;

	if (sk->key == 0 || !sock_is_inet(sk) || sk->state != PLAT_TCP_ESTAB ||
	    sk->local.port != p->port || f->owned == 0)
		return 0;
	for (i = 0; i < f->nsocks; i++)
		if (f->socks[i]->family == from.family)
			return 0;
	for (k = 0; k < p->n; k++)
		if (p->at[k].family == from.family &&
		    memcmp(p->at[k].ip, from.ip, sizeof(from.ip)) == 0)
			return 1;
	return 0;
}

static int
match_port(struct join *j, struct holding *v, struct fwd_links *f,
    const struct tun_end *end)
{
	const struct plat_sock *const *at;
	struct bind_addr p;
	size_t i, n;

	bind_addr_of(&p, end, v->c->facts->cmd.flags, 0);
	if (claim_at(j, v, f, &p) == -1 ||
	    claim_wider(j, v, f, end, &p) == -1)
		return -1;
	f->expected = match_expected(j, f, &p);
	if (p.n == -1 ? f->owned > 0 : f->owned >= p.n)
		return 0;
	n = join_at_port(j, p.port, &at);
	for (i = 0; i < n && f->owner == NULL; i++)
		if ((bind_addr_blocked(&p, at[i]) ||
		    is_connected_from(&p, f, at[i])) && !holding_has(v, at[i]))
			set_taken(j, v, f, at[i]);
	return 0;
}

/* If descriptors are not readable, the listener is found by user and port. */
static int
infer_port(struct join *j, struct holding *v, struct fwd_links *f,
    const struct tun_end *end)
{
	const struct plat_sock *const *at;
	struct bind_addr p;
	size_t i, n;

	bind_addr_of(&p, end, v->c->facts->cmd.flags, 0);
	if (p.n < 1 || v->c->facts->from.netns == 0)
		return 0;
	n = join_at_port(j, p.port, &at);
	for (i = 0; i < n; i++)
		if (bind_addr_has(&p, at[i]) && at[i]->known & PLAT_SOCK_UID &&
		    at[i]->uid == v->c->facts->row.uid &&
		    owner_of(j, at[i]->key) == NULL && add(j, f, at[i]) == -1)
			return -1;
	f->inferred = f->nsocks >= (size_t)match_expected(j, f, &p);
	if (!f->inferred)
		f->nsocks = 0;
	return 0;
}

static int
match_path(
    struct join *j, struct holding *v, struct fwd_links *f, const char *path)
{
	const struct plat_sock *sk;
	struct held *h;
	char *full;
	size_t i;

	f->path = 1;
	f->expected = 1;
	if ((full = path_full(j->a, v->c->facts->cwd, path)) == NULL)
		return -1;
	for (i = 0; i < v->nheld; i++) {
		h = &v->held[i];
		if (h->claimed || h->sk->family != AF_UNIX ||
		    !sock_is_listener(h->sk) || strcmp(h->sk->path, path) != 0)
			continue;
		f->file = path_leads(j, v->c, full, h->sk);
		return claim(j, v, f, h);
	}
	if (!path_is_others(j, v->c) &&
	    (sk = path_listener(j, full, &f->file)) != NULL)
		set_taken(j, v, f, sk);
	return 0;
}

/* tun5 and tap5 have the unit 5; a renamed device may have any unit. */
static int
may_be_unit(const char *name, const char *unit)
{
	if (strcmp(unit, "any") == 0)
		return 1;
	if ((strncmp(name, "tun", 3) != 0 && strncmp(name, "tap", 3) != 0) ||
	    name[3] == '\0' || name[3 + strspn(name + 3, "0123456789")] != '\0')
		return 1;
	return strcmp(name + 3, unit) == 0;
}

/*
 * The open device that has the unit, or none; a removed device does not count.
 */
int
match_device(struct join *j, const struct cand *c, struct fwd_links *f,
    const char *unit)
{
	const struct plat_fd *d;
	size_t i;

	for (i = 0; i < c->facts->nfds; i++) {
		d = &c->facts->fds[i];
		if (d->kind != PLAT_FD_TUN || d->flags & PLAT_FD_DELETED ||
		    (unit != NULL && !may_be_unit(d->name, unit)))
			continue;
		f->device = 1;
		if (d->name[0] == '\0')
			return 0;
		f->devname = arena_strdup(j->a, d->name);
		return f->devname == NULL ? -1 : 0;
	}
	return 0;
}

int
match_forward(struct join *j, struct holding *v, const struct tun_fwd *fwd,
    struct fwd_links *f)
{
	const struct tun_end *end = &fwd->spec.listen;

	f->kind = fwd->spec.kind;
	f->seen = v->c->links.seen;
	f->ofmaster = v->c->links.ctlsock != NULL ||
	    v->c->links.master != NULL;
	f->unclear = v->c->links.mastered == LINK_UNKNOWN;
	f->unread = tun_forward_is_local(&fwd->spec) && !end_is_known(end);
	if (f->unread)
		return 0;
	switch (fwd->spec.kind) {
	case TUN_FWD_LOCAL:
	case TUN_FWD_DYNAMIC:
		if (end->path != NULL)
			return f->seen ? match_path(j, v, f, end->path) : 0;
		if (!f->seen)
			return infer_port(j, v, f, end);
		return match_port(j, v, f, end);
	case TUN_FWD_REMOTE:
	case TUN_FWD_RDYNAMIC:
		f->inmaster = v->c->links.master != NULL;
		return 0;
	case TUN_FWD_DEVICE:
		return match_device(j, v->c, f, end->host);
	case TUN_FWD_STDIO:
	case TUN_FWD_SERVED:
	case TUN_FWD_DIRECT:
		return 0;
	}
	return 0;
}
