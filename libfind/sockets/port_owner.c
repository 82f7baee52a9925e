/* SPDX-License-Identifier: ISC */
/* port_owner.c: which processes listen on a port or path, tunnels or not. */
#include <errno.h>
#include <stdlib.h>

#include "join.h"

/* SO_REUSEPORT lets a server have very many sockets on one port. */
#define MAX_OWNERS	PLAT_BATCH

static int
is_on(const struct plat_sock *sk, int port)
{
	return sock_is_inet(sk) && sock_is_listener(sk) &&
	    sk->known & PLAT_SOCK_ADDR && sk->local.port == port;
}

/* Moves the listeners to the front and returns their number. */
static size_t
keep_listeners(struct plat_sock *socks, size_t n, int port)
{
	size_t i, k = 0;

	for (i = 0; i < n && k < MAX_OWNERS; i++)
		if (is_on(&socks[i], port))
			socks[k++] = socks[i];
	return k;
}

/*
 * Is the process of the n-th peer listed before? A process may listen on
 * several addresses.
 */
static int
is_twin(const struct tun_peer *peers, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (peers[i].pid == peers[n].pid &&
		    peers[i].uid == peers[n].uid)
			return 1;
	return 0;
}

static void
set_peer(struct tun_peer *peer, const struct plat_sock *sk, pid_t pid)
{
	peer->pid = pid;
	peer->uid = sk->known & PLAT_SOCK_UID ? sk->uid : (uid_t)-1;
	peer->addr = addr_public(sk->family, &sk->local);
}

/* All that the caller gets is one block, which free(3) frees at v. */
struct owners {
	const struct tun_peer *v[MAX_OWNERS];
	struct tun_peer peers[MAX_OWNERS];
	struct plat_proc rows[MAX_OWNERS];
};

/* A process that has exited meanwhile keeps its PID: it did listen. */
static const struct tun_peer **
make_peers(struct plat *pl, const struct plat_sock *socks, const pid_t *pids,
    size_t n, size_t *np)
{
	struct owners *h = calloc(1, sizeof(*h));
	struct tun_peer *peers;
	size_t i, k = 0;

	if (h == NULL)
		return NULL;
	peers = h->peers;
	for (i = 0; i < n; i++) {
		set_peer(&peers[k], &socks[i], pids[i]);
		k += !is_twin(peers, k);
	}
	for (i = 0; i < k; i++) {
		h->v[i] = &peers[i];
		h->rows[i].pid = peers[i].pid;
	}
	if (k > 0 && plat_rows(pl, h->rows, k) == -1) {
		free(h);
		return NULL;
	}
	for (i = 0; i < k; i++) {
		if (peers[i].pid == 0 || h->rows[i].pid == 0)
			continue;
		peers[i].comm = h->rows[i].comm;
		peers[i].uid = h->rows[i].uid;
		peers[i].ident[0] = h->rows[i].ident[0];
		peers[i].ident[1] = h->rows[i].ident[1];
	}
	*np = k;
	return h->v;
}

static int
find_owners(struct plat *pl, const struct plat_sock *socks, size_t n,
    const struct tun_peer ***peersp, size_t *np)
{
	uint64_t keys[MAX_OWNERS];
	pid_t pids[MAX_OWNERS] = { 0 };
	const struct tun_peer **peers = NULL;
	size_t i;

	for (i = 0; i < n; i++)
		keys[i] = socks[i].key;
	if (n == 0 || plat_socket_owner(pl, keys, n, pids) == 0)
		peers = make_peers(pl, socks, pids, n, np);
	if (peers == NULL)
		return -1;
	*peersp = peers;
	return 0;
}

int
tun_port_owners(struct tun_ctx *ctx, int port, const struct tun_peer ***peersp,
    size_t *np)
{
	struct plat_sock *socks;
	size_t n;
	int r;

	if (plat_socks(ctx->pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &socks,
	    &n) == -1)
		return -1;
	n = keep_listeners(socks, n, port);
	r = find_owners(ctx->pl, socks, n, peersp, np);
	free(socks);
	return r;
}

/*
 * Sets *skp to the listener at the path, of *socksp, which the caller frees; NULL
 * if there is none, for the reason in *file.
 */
static int
bound_at(struct tun_ctx *ctx, const char *path, struct plat_sock **socksp,
    const struct plat_sock **skp, enum fwd_file *file)
{
	struct sockset set = { 0 };
	struct join j = { 0 };

	if (plat_socks(ctx->pl, NULL, 0, PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX,
	    NULL, socksp, &set.nsocks) == -1)
		return -1;
	set.socks = *socksp;
	set.pl = ctx->pl;
	set.rs = ctx->rs;
	j.set = &set;
	*skp = path_listener(&j, path, file);
	return 0;
}

int
tun_path_owners(struct tun_ctx *ctx, const char *path,
    const struct tun_peer ***peersp, size_t *np)
{
	const struct plat_sock *sk;
	struct plat_sock *socks;
	enum fwd_file file;
	int r = -1;

	if (bound_at(ctx, path, &socks, &sk, &file) == -1)
		return -1;
	if (file == FILE_UNKNOWN || file == FILE_REMOTE)
		errno = EACCES;
	else
		r = find_owners(ctx->pl, sk, sk != NULL, peersp, np);
	free(socks);
	return r;
}

int
tun_is_bound(struct tun_ctx *ctx, const char *path)
{
	const struct plat_sock *sk;
	struct plat_sock *socks;
	enum fwd_file file;

	if (bound_at(ctx, path, &socks, &sk, &file) == -1)
		return -1;
	free(socks);
	return sk != NULL ? 1 : file == FILE_DEAD ? 0 : -1;
}
