/* SPDX-License-Identifier: ISC */
/*
 * A bag that keeps the sockets that were asked for while all sockets are read.
 * Listeners come first, or are marked first.
 */
#ifndef BAG_H
#define BAG_H

#include "platform.h"

/* The limit of rows in a bag; a bag that reaches it is marked full. */
#define BAG_MAX		((size_t)1 << 18)

struct bag {
	unsigned flags;		/* PLAT_SOCKS_* */
	uint64_t *keys;		/* open addressing; 0 is free */
	size_t mask;		/* number of slots less one, all bits set */
	size_t nkeys;
	uint8_t ports[8192];	/* a bit where a listener among keys is */
	struct plat_sock *socks;
	size_t n;
	int full;
};

int	 bag_init(struct bag *bag, const uint64_t *keys, size_t nkeys,
	    unsigned flags);
void	 bag_free(struct bag *bag);
int	 bag_has(const struct bag *bag, uint64_t key);
/* If it is a listener with a key, connections to its port are wanted. */
void	 bag_mark(struct bag *bag, const struct plat_sock *sk);
/* Does a connection with these ports meet a listener among keys? */
int	 bag_meets(const struct bag *bag, uint16_t local, uint16_t peer);
/* Keeps sk if it was asked for; -1 only with ENOMEM. */
int	 bag_add(struct bag *bag, const struct plat_sock *sk);
/* Was each key's socket found, and none dropped because the bag was full? */
int	 bag_whole(const struct bag *bag);

#endif
