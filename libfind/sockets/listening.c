/* SPDX-License-Identifier: ISC */
/*
 * listening.c: which processes listen where a forward would. The answer of a
 * master does not prove that it listens; the socket table does. The processes
 * that are in the way are named.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sockets.h"

/* A name may stand for any local address: then only the port is compared. */
static int
is_host(const struct plat_sock *sk, const char *host)
{
	struct addr addr, at = addr_plain(sk->family, sk->local.ip);

	if (host == NULL || strcmp(host, "localhost") == 0)
		return addr_is_loopback(at.family, at.ip) ||
		    addr_is_any(at.ip);
	if (*host == '\0' || strcmp(host, "*") == 0 || !addr_parse(host, &addr))
		return 1;
	return addr_is_any(at.ip) ? sock_blocks(sk, &addr) :
	    at.family == addr.family &&
	    memcmp(at.ip, addr.ip, sizeof(addr.ip)) == 0;
}

/*
 * Compares paths as they were bound: relative to the directory of the process.
 */
static int
is_path(const struct plat_sock *sk, const char *path, const char *cwd)
{
	size_t n;

	if (strcmp(sk->path, path) == 0)
		return 1;
	if (*path == '/' || cwd == NULL)
		return 0;
	n = strlen(cwd);
	return strncmp(sk->path, cwd, n) == 0 && sk->path[n] == '/' &&
	    strcmp(sk->path + n + 1, path) == 0;
}

static int
is_there(const struct plat_sock *sk, const struct tun_end *end,
    const char *cwd)
{
	if (!sock_is_listener(sk))
		return 0;
	if (end->path != NULL)
		return sk->family == AF_UNIX && sk->path[0] != '\0' &&
		    is_path(sk, end->path, cwd);
	return sock_is_inet(sk) && sk->local.port == end->port &&
	    is_host(sk, end->host);
}

/* One listener, as the caller gets it, and its process. */
struct listener {
	struct tun_peer peer;
	char comm[64];
	uint64_t key;
};

static void
set_process(struct listener *l, const struct plat_proc *row)
{
	memcpy(l->comm, row->comm, sizeof(l->comm));
	l->peer.comm = l->comm;
	l->peer.pid = row->pid;
	l->peer.ident[0] = row->ident[0];
	l->peer.ident[1] = row->ident[1];
}

/* Finds the listeners that t owns. */
static int
find_own(struct plat *pl, const struct tun *t, struct listener *v, size_t n)
{
	struct plat_proc row;
	struct plat_fd *fds;
	size_t i, nfds, limit;

	if (row_read_same(pl, t->pid, t->ident, &row) == -1 ||
	    plat_fds(pl, &row, &fds, &nfds, &limit) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (fds_have(fds, nfds, PLAT_FD_SOCKET, v[i].key))
			set_process(&v[i], &row);
	free(fds);
	return 0;
}

static int
find_owners(struct plat *pl, struct listener *v, size_t n, uint64_t *keys,
    pid_t *owners)
{
	struct plat_proc row;
	size_t i;

	for (i = 0; i < n; i++)
		keys[i] = v[i].key;
	if (plat_socket_owner(pl, keys, n, owners) == -1)
		return plat_failed(errno) ? -1 : 0;
	for (i = 0; i < n; i++)
		if (v[i].peer.pid == 0 && owners[i] != 0 &&
		    row_read(pl, owners[i], &row) == 1)
			set_process(&v[i], &row);
	return 0;
}

/* Names the owners of all other listeners, as far as they are visible. */
static int
find_others(struct plat *pl, struct listener *v, size_t n)
{
	uint64_t *keys = calloc(n, sizeof(*keys));
	pid_t *owners = calloc(n, sizeof(*owners));
	int r = -1;

	if (keys != NULL && owners != NULL)
		r = find_owners(pl, v, n, keys, owners);
	free(keys);
	free(owners);
	return r;
}

static void
set_listener(struct listener *l, const struct plat_sock *sk)
{
	l->key = l->peer.sock = sk->key;
	l->peer.addr = addr_public(sk->family, &sk->local);
	l->peer.both = sk->known & PLAT_SOCK_V6ONLY ? !sk->v6only : -1;
	l->peer.uid = sk->known & PLAT_SOCK_UID ? sk->uid : (uid_t)-1;
}

/* Sorted, because the kernel lists sockets in the order of its hash tables. */
static int
listener_cmp(const void *a, const void *b)
{
	const struct tun_peer *x = *(const struct tun_peer *const *)a;
	const struct tun_peer *y = *(const struct tun_peer *const *)b;

	if (x->addr.family != y->addr.family)
		return x->addr.family < y->addr.family ? -1 : 1;
	return memcmp(x->addr.ip, y->addr.ip, sizeof(x->addr.ip));
}

/*
 * The listeners among the sockets, in one block of memory: first the n pointers
 * to them, of which an even number aligns what follows.
 */
static const struct tun_peer **
take_listeners(const struct plat_sock *socks, size_t nsocks,
    const struct tun_end *end, const char *cwd, struct listener **vp,
    size_t *np)
{
	const struct tun_peer **peers;
	struct listener *v;
	size_t i, n = 0;

	for (i = 0; i < nsocks; i++)
		n += is_there(&socks[i], end, cwd);
	n += n % 2 + 2;
	if ((peers = calloc(n, sizeof(*peers) + sizeof(*v))) == NULL)
		return NULL;
	*vp = v = (struct listener *)(void *)(peers + n);
	for (i = n = 0; i < nsocks; i++)
		if (is_there(&socks[i], end, cwd)) {
			set_listener(&v[n], &socks[i]);
			peers[n] = &v[n].peer;
			n++;
		}
	*np = n;
	return peers;
}

int
tun_listeners(struct tun_ctx *ctx, const struct tun *t,
    const struct tun_forward *fwd, int others,
    const struct tun_peer ***peersp, size_t *np)
{
	const struct tun_peer **peers;
	struct plat_sock *socks;
	struct listener *v;
	struct plat_proc row;
	size_t n, nsocks;
	int r = 0, saved;

	row_set(&row, t->pid, t->ident);
	if (plat_socks(ctx->pl, NULL, 0, PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX,
	    t->netns == 0 ? &row : NULL, &socks, &nsocks) == -1)
		return -1;
	peers = take_listeners(socks, nsocks, &fwd->listen, t->cwd, &v, &n);
	free(socks);
	if (peers == NULL)
		return -1;
	if (n > 0)
		r = find_own(ctx->pl, t, v, n);
	if (r == 0 && n > 0 && others)
		r = find_others(ctx->pl, v, n);
	if (r == -1) {
		saved = errno;
		free(peers);
		errno = saved;
		return -1;
	}
	if (n > 0)
		qsort(peers, n, sizeof(*peers), listener_cmp);
	*peersp = peers;
	*np = n;
	return 0;
}
