/* SPDX-License-Identifier: ISC */
/*
 * device.c: tunnels through the tun or tap device of another one: those whose
 * connection has an address of that device. A connection from another address
 * may be routed through it as well; that is not known.
 */
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sockets.h"

/* The name of its device here; NULL: it has none, or none of ours. */
static const char *
device_of(const struct cand *c)
{
	const struct verdict *v = &c->verdict;
	size_t i;

	if (!v->listed || v->tun.netns == 0)
		return NULL;
	for (i = 0; i < v->tun.nfwds; i++)
		if (v->fwds[i].state == TUN_DEVICE)
			return v->fwds[i].device;
	return NULL;
}

static int
has(const struct plat_if_addr *v, size_t n, const struct tun_addr *addr)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].family == addr->family && memcmp(v[i].ip, addr->ip,
		    v[i].family == AF_INET ? 4 : 16) == 0)
			return 1;
	return 0;
}

static int
find_through(struct scan *s, const struct cand *c, const char *device)
{
	struct plat_if_addr *addrs;
	struct tun *t;
	size_t i, n;

	/* Another failure leaves open what goes through it. */
	if (plat_if_addrs(device, &addrs, &n) == -1)
		return plat_failed(errno) ? -1 : 0;
	for (i = 0; i < s->n; i++) {
		t = &s->cands[i]->verdict.tun;
		if (s->cands[i] != c && t->netns != 0 &&
		    has(addrs, n, &t->local))
			t->through = &c->verdict.tun;
	}
	free(addrs);
	return 0;
}

int
devices_look(struct scan *s)
{
	const char *device;
	size_t i;

	/* What a record says of devices is not of this system. */
	for (i = 0; i < s->n && !s->ctx->recorded; i++) {
		device = device_of(s->cands[i]);
		if (device != NULL &&
		    find_through(s, s->cands[i], device) == -1)
			return -1;
	}
	return 0;
}
