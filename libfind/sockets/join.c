/* SPDX-License-Identifier: ISC */
/*
 * join.c: compares forwards with sockets. What argv asks for is matched with
 * what the kernel reports: which listener is whose, which connection carries
 * the tunnel, and who is connected. Nothing is looked up in the DNS and nothing
 * is guessed: if the descriptors of a process are not readable, its values stay
 * unknown.
 */
#include <string.h>

#include "join.h"

/*
 * The addresses where it listens, and whether they are beyond loopback; first
 * those that a client can connect to.
 */
static int
set_addrs(struct join *j, struct tun_fwd *fwd, const struct fwd_links *f)
{
	const struct plat_sock *sk;
	struct tun_addr *addrs;
	size_t i, n = 0;
	int gone;

	if (f->kind == TUN_FWD_REMOTE || f->kind == TUN_FWD_RDYNAMIC)
		return 0;	/* GatewayPorts of the server decides */
	if (f->seen || f->inferred)
		fwd->exposed = 0;
	if (f->nsocks == 0)
		return 0;
	if ((addrs = arena_alloc(j->a, f->nsocks * sizeof(*addrs))) == NULL)
		return -1;
	for (gone = 0; gone <= 1; gone++)
		for (i = 0; i < f->nsocks; i++) {
			sk = f->socks[i];
			if ((sk->local_addr == PLAT_LOCAL_ADDR_GONE) == gone &&
			    addr_of(j->a, sk, &addrs[n++]) == -1)
				return -1;
		}
	for (i = 0; i < f->nsocks; i++) {
		sk = f->socks[i];
		if (sock_is_inet(sk) &&
		    !addr_is_loopback(sk->family, sk->local.ip)) {
			fwd->exposed = 1;
			evidence_add(&fwd->why, TUN_WHY_WILDCARD);
		}
	}
	fwd->addrs = addrs;
	fwd->naddrs = f->nsocks;
	return 0;
}

/* If the kernel reports the name of the device, it replaces that of argv. */
static void
set_device(struct tun_fwd *fwd, const struct fwd_links *f)
{
	if (f->devname == NULL)
		return;
	fwd->device = f->devname;
	if (strncmp(f->devname, "tun", 3) == 0)
		fwd->ethernet = 0;
	else if (strncmp(f->devname, "tap", 3) == 0)
		fwd->ethernet = 1;
}

static int
join_holding(struct join *j, struct holding *v)
{
	struct cand *c = v->c;
	size_t i;

	c->links.fwds =
	    arena_alloc(j->a, c->verdict.tun.nfwds * sizeof(*c->links.fwds));
	if (c->links.fwds == NULL)
		return -1;
	for (i = 0; i < c->verdict.tun.nfwds; i++)
		if (match_forward(
			j, v, &c->verdict.fwds[i], &c->links.fwds[i]) == -1)
			return -1;
	return 0;
}

static int
finish_holding(struct join *j, struct holding *v)
{
	struct cand *c = v->c;
	struct tun_fwd *fwd;
	size_t i;

	if (told_join(j, v) == -1 || unexplained_add(j, v) == -1 ||
	    conns_count(j, v) == -1)
		return -1;
	for (i = 0; i < c->verdict.tun.nfwds; i++) {
		fwd = &c->verdict.fwds[i];
		if (set_addrs(j, fwd, &c->links.fwds[i]) == -1 ||
		    peers_owner(j, c, fwd, c->links.fwds[i].owner) == -1)
			return -1;
		fwd->file = c->links.fwds[i].file == FILE_UNKNOWN ? -1 :
		    c->links.fwds[i].file == FILE_OURS;
		set_device(fwd, &c->links.fwds[i]);
		c->links.fwds[i].noaddress = bind_addr_is_gone(
		    c->links.fwds[i].socks, c->links.fwds[i].nsocks);
	}
	transport_publish(c);
	return 0;
}

/*
 * Each step runs for all candidates before the next, which needs its results.
 */
static int
join_all(struct join *j, struct cand **cands)
{
	/* A session of sshd has no master and no control socket. */
	int is_server = (j->flags & TUN_SCAN_SERVER) != 0;
	size_t i;

	for (i = 0; i < j->n; i++)
		if (holding_make(j, &j->holdings[i], cands[i]) == -1 ||
		    (!is_server && ctl_find(j, &j->holdings[i]) == -1))
			return -1;
	if (owner_find(j) == -1 || join_index_ports(j) == -1)
		return -1;
	for (i = 0; i < j->n; i++)
		transport_own(j, &j->holdings[i]);
	for (i = 0; i < j->n; i++)
		if (is_server)
			cands[i]->links.mastered = LINK_NONE;
		else
			ctl_find_master(j, &j->holdings[i]);
	for (i = 0; i < j->n; i++)
		transport_by_helper(cands[i]);
	for (i = 0; i < j->n; i++)
		if (join_holding(j, &j->holdings[i]) == -1)
			return -1;
	for (i = 0; i < j->n; i++)
		if (finish_holding(j, &j->holdings[i]) == -1)
			return -1;
	if (leads_back_index(j) == -1)
		return -1;
	for (i = 0; i < j->n; i++)
		leads_back_mark(j, cands[i]);
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
	j.holdings = arena_alloc(a, (n + 1) * sizeof(*j.holdings));
	return j.holdings == NULL ? -1 : join_all(&j, cands);
}

