/* SPDX-License-Identifier: ISC */
/* Keeps the sockets that were asked for while all sockets are read. */
#include <sys/types.h>
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "bag.h"

static size_t
place(const struct bag *bag, uint64_t key)
{
	size_t i;

	/* Inodes are often consecutive; the multiplication spreads them. */
	i = (size_t)(key * 0x9e3779b97f4a7c15ULL >> 32) & bag->mask;
	while (bag->keys[i] != 0 && bag->keys[i] != key)
		i = (i + 1) & bag->mask;
	return i;
}

int
bag_init(struct bag *bag, const uint64_t *keys, size_t nkeys, unsigned flags)
{
	size_t i, n;

	memset(bag, 0, sizeof(*bag));
	bag->flags = flags;
	for (n = 16; n / 2 < nkeys; n *= 2)
		continue;
	if ((bag->keys = calloc(n, sizeof(*bag->keys))) == NULL)
		return -1;
	bag->mask = n - 1;
	for (i = 0; i < nkeys; i++) {
		n = place(bag, keys[i]);
		if (keys[i] == 0 || bag->keys[n] != 0)
			continue;
		bag->keys[n] = keys[i];
		bag->nkeys++;
	}
	return 0;
}

void
bag_free(struct bag *bag)
{
	free(bag->keys);
	free(bag->socks);
	memset(bag, 0, sizeof(*bag));
}

int
bag_has(const struct bag *bag, uint64_t key)
{
	return key != 0 && bag->keys[place(bag, key)] == key;
}

static int
has_port(const struct bag *bag, uint16_t port)
{
	return bag->ports[port / 8] >> port % 8 & 1;
}

int
bag_meets(const struct bag *bag, uint16_t local, uint16_t peer)
{
	return !(bag->flags & PLAT_SOCKS_HELD) &&
	    (has_port(bag, local) || has_port(bag, peer));
}

void
bag_mark(struct bag *bag, const struct plat_sock *sk)
{
	if (sk->state == PLAT_TCP_LISTEN && sk->family != AF_UNIX &&
	    bag_has(bag, sk->key))
		bag->ports[sk->local.port / 8] |=
		    (uint8_t)(1u << sk->local.port % 8);
}

/*
 * All listeners; with PLAT_SOCKS_ALL also sockets that a process holds, if they
 * have a key or meet a listener that has one. Sockets without a process
 * belonged to one that has exited, or wait to be accepted: the listener counts
 * those. Only PLAT_SOCKS_LEFT asks for them.
 */
static int
wanted(struct bag *bag, const struct plat_sock *sk)
{
	if (sk->family == AF_UNIX && !(bag->flags & PLAT_SOCKS_UNIX))
		return 0;
	if (sk->state == PLAT_TCP_LISTEN) {
		bag_mark(bag, sk);
		return 1;
	}
	if (!(bag->flags & PLAT_SOCKS_ALL) ||
	    (sk->key == 0 && !(bag->flags & PLAT_SOCKS_LEFT)))
		return 0;
	if (bag_has(bag, sk->key))
		return 1;
	if (sk->family == AF_UNIX)
		return bag_has(bag, sk->peer_key);
	return bag_meets(bag, sk->local.port, sk->peer.port);
}

int
bag_add(struct bag *bag, const struct plat_sock *sk)
{
	struct plat_sock *p;

	if (!wanted(bag, sk))
		return 0;
	if (bag->n == BAG_MAX) {
		bag->full = 1;
		return 0;
	}
	p = array_more(&bag->socks, &bag->n, sizeof(*p), BAG_MAX);
	if (p == NULL)
		return -1;
	*p = *sk;
	return 0;
}

int
bag_whole(const struct bag *bag)
{
	uint8_t *met;
	size_t at, i, open = bag->nkeys;

	if (bag->full || open == 0)
		return 1;
	if ((met = calloc(bag->mask + 1, 1)) == NULL)
		return 0;
	for (i = 0; i < bag->n; i++) {
		at = place(bag, bag->socks[i].key);
		if (bag->keys[at] == 0 || met[at])
			continue;
		met[at] = 1;
		open--;
	}
	free(met);
	return open == 0;
}
