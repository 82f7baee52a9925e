/* SPDX-License-Identifier: ISC */
/* sockset.c: the sockets of one network namespace, and what one of them is. */
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "sockets.h"

/*
 * All subflows of an MPTCP connection have its key. It works as long as one of
 * them does: the established one that was heard last comes first.
 */
static int
by_key(const void *a, const void *b)
{
	const struct plat_sock *x = *(const struct plat_sock *const *)a;
	const struct plat_sock *y = *(const struct plat_sock *const *)b;
	int ex = x->state == PLAT_TCP_ESTAB, ey = y->state == PLAT_TCP_ESTAB;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return ex != ey ? ey - ex : (x->lar > y->lar) - (x->lar < y->lar);
}

int
sockset_index(struct sockset *set)
{
	size_t i;

	set->bykey = calloc(set->nsocks + 1, sizeof(*set->bykey));
	if (set->bykey == NULL)
		return -1;
	set->nbykey = 0;
	for (i = 0; i < set->nsocks; i++)
		if (set->socks[i].key != 0)
			set->bykey[set->nbykey++] = &set->socks[i];
	qsort(set->bykey, set->nbykey, sizeof(*set->bykey), by_key);
	return 0;
}

static int
key_of_sock(const void *key, const void *sock)
{
	uint64_t k = *(const uint64_t *)key;
	const struct plat_sock *sk = *(const struct plat_sock *const *)sock;

	return (k > sk->key) - (k < sk->key);
}

const struct plat_sock *
sockset_find(const struct sockset *set, uint64_t key)
{
	const struct plat_sock **found = array_find(&key, set->bykey,
	    set->nbykey, sizeof(*set->bykey), key_of_sock);

	return found != NULL ? *found : NULL;
}

const struct plat_sock *
sockset_of(const struct sockset *set, const struct plat_fd *fd)
{
	return fd->kind == PLAT_FD_SOCKET ? sockset_find(set, fd->key) : NULL;
}

void
sockset_clear(struct sockset *set)
{
	free((void *)(uintptr_t)set->socks);
	free(set->bykey);
	memset(set, 0, sizeof(*set));
}

size_t
sockset_keys(const struct plat_fd *fds, size_t n, uint64_t *keys)
{
	size_t i, k = 0;

	for (i = 0; fds != NULL && i < n; i++)
		if (fds[i].kind == PLAT_FD_SOCKET)
			keys[k++] = fds[i].key;
	return k;
}

const struct plat_sock *
sock_keep(struct arena *a, const struct plat_sock *sk)
{
	struct plat_sock *copy = arena_alloc(a, sizeof(*copy));

	if (copy != NULL)
		*copy = *sk;
	return copy;
}

int
sock_is_inet(const struct plat_sock *sk)
{
	return sk->family == AF_INET || sk->family == AF_INET6;
}

int
sock_is_listener(const struct plat_sock *sk)
{
	return sk->state == PLAT_TCP_LISTEN;
}

int
sock_blocks(const struct plat_sock *sk, const struct addr *at)
{
	return addr_blocks(at, sk->family, sk->local.ip,
	    !(sk->known & PLAT_SOCK_V6ONLY) || !sk->v6only);
}

/* Only equal local addresses show it. */
int
sock_came_through(const struct plat_sock *sk, const struct plat_sock *l)
{
	if (sk->family == AF_UNIX)
		return l->family == AF_UNIX && sk->pathlen > 0 &&
		    sk->pathlen == l->pathlen &&
		    memcmp(sk->path, l->path, sk->pathlen) == 0;
	return sk->family == l->family && sk->local.port == l->local.port &&
	    (addr_is_any(l->local.ip) ||
	    memcmp(sk->local.ip, l->local.ip, sizeof(l->local.ip)) == 0);
}
