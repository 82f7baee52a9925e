/* SPDX-License-Identifier: ISC */
/* port_owner.c: which processes listen on a port, tunnels or not. */
#include <stdlib.h>
#include <string.h>

#include "sockets.h"

/* SO_REUSEPORT lets a server have very many sockets on one port. */
#define MAX_HOLDERS	PLAT_BATCH

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

	for (i = 0; i < n && k < MAX_HOLDERS; i++)
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

/*
 * Peers and their names are one block, so that the caller frees all with
 * free(3). A process that has exited meanwhile keeps its PID: it did listen.
 */
static struct tun_peer *
make_peers(struct plat *pl, const struct plat_sock *socks, const pid_t *pids,
    size_t n, size_t *np)
{
	struct plat_proc rows[MAX_HOLDERS];
	struct tun_peer *peers;
	char *names;
	size_t i, k = 0;

	peers = calloc(n > 0 ? n : 1, sizeof(*peers) + sizeof(rows->comm));
	if (peers == NULL)
		return NULL;
	names = (char *)(peers + n);
	for (i = 0; i < n; i++) {
		set_peer(&peers[k], &socks[i], pids[i]);
		k += !is_twin(peers, k);
	}
	memset(rows, 0, sizeof(rows));
	for (i = 0; i < k; i++)
		rows[i].pid = peers[i].pid;
	if (k > 0 && plat_rows(pl, rows, k) == -1) {
		free(peers);
		return NULL;
	}
	for (i = 0; i < k; i++, names += sizeof(rows->comm)) {
		if (peers[i].pid == 0 || rows[i].pid == 0)
			continue;
		memcpy(names, rows[i].comm, sizeof(rows->comm) - 1);
		peers[i].comm = names;
		peers[i].uid = rows[i].uid;
		peers[i].ident[0] = rows[i].ident[0];
		peers[i].ident[1] = rows[i].ident[1];
	}
	*np = k;
	return peers;
}

int
tun_holder(struct tun_ctx *ctx, int port, struct tun_peer **peersp, size_t *np)
{
	struct plat_sock *socks;
	uint64_t keys[MAX_HOLDERS];
	pid_t pids[MAX_HOLDERS] = { 0 };
	struct tun_peer *peers = NULL;
	size_t i, n;

	if (plat_socks(ctx->pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &socks,
	    &n) == -1)
		return -1;
	n = keep_listeners(socks, n, port);
	for (i = 0; i < n; i++)
		keys[i] = socks[i].key;
	if (n == 0 || plat_socket_owner(ctx->pl, keys, n, pids) == 0)
		peers = make_peers(ctx->pl, socks, pids, n, np);
	free(socks);
	if (peers == NULL)
		return -1;
	*peersp = peers;
	return 0;
}
