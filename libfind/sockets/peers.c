/* SPDX-License-Identifier: ISC */
/*
 * peers.c: the names of other processes: who holds a listener, who is connected
 * to one. A candidate is known already. Of other processes only the key of the
 * socket is kept; their names need a walk over all processes, which is made
 * only if the caller asks for them.
 */
#include <stdlib.h>
#include <string.h>

#include "join.h"

static int
set_name(struct arena *a, struct tun_peer *peer, const struct plat_proc *row)
{
	peer->pid = row->pid;
	peer->uid = row->uid;
	if (row->comm[0] != '\0' &&
	    (peer->comm = arena_strdup(a, row->comm)) == NULL)
		return -1;
	return 0;
}

int
peers_name(struct join *j, struct cand *c, struct tun_peer *peer,
    const struct plat_sock *sk)
{
	const struct holding *o;

	peer->uid = (uid_t)-1;
	if (sk == NULL)
		return 0;
	if (sk->known & PLAT_SOCK_UID)
		peer->uid = sk->uid;
	if ((o = owner_of(j, sk->key)) != NULL)
		return set_name(j->a, peer, &o->c->facts->row);
	c->links.wants = arena_push(
	    j->a, c->links.wants, c->links.nwants, sizeof(*c->links.wants));
	if (c->links.wants == NULL)
		return -1;
	c->links.wants[c->links.nwants].key = sk->key;
	c->links.wants[c->links.nwants++].peer = peer;
	return 0;
}

int
peers_owner(struct join *j, struct cand *c, struct tun_fwd *fwd,
    const struct plat_sock *sk)
{
	struct tun_peer *peer;

	if (sk == NULL)
		return 0;
	if ((peer = arena_alloc(j->a, sizeof(*peer))) == NULL ||
	    addr_of(j->a, sk, &peer->addr) == -1)
		return -1;
	fwd->owner = peer;
	return peers_name(j, c, peer, sk);
}

/* Names the owners of up to PLAT_BATCH sockets. */
static int
name_batch(struct arena *a, struct plat *pl, struct peer_want **wants,
    const pid_t *pids, size_t n)
{
	struct plat_proc rows[PLAT_BATCH];
	size_t i;

	memset(rows, 0, sizeof(rows));
	for (i = 0; i < n; i++)
		rows[i].pid = pids[i];
	if (plat_rows(pl, rows, n) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (rows[i].pid != 0 &&
		    set_name(a, wants[i]->peer, &rows[i]) == -1)
			return -1;
	return 0;
}

int
peers_look_up(struct arena *a, struct plat *pl, struct cand **cands, size_t n)
{
	struct peer_want **wants = NULL;
	uint64_t *keys = NULL;
	pid_t *pids = NULL;
	size_t i, k, m = 0;
	int rc = -1;

	for (i = 0; i < n; i++)
		m += cands[i]->links.nwants;
	if (m == 0)
		return 0;
	wants = calloc(m, sizeof(*wants));
	keys = calloc(m, sizeof(*keys));
	pids = calloc(m, sizeof(*pids));
	if (wants == NULL || keys == NULL || pids == NULL)
		goto out;
	for (m = i = 0; i < n; i++)
		for (k = 0; k < cands[i]->links.nwants; k++) {
			wants[m] = &cands[i]->links.wants[k];
			keys[m] = wants[m]->key;
			m++;
		}
	if (plat_socket_owner(pl, keys, m, pids) == -1)
		goto out;
	/* Moves those that were found to the front. */
	for (i = k = 0; i < m; i++)
		if (pids[i] != 0) {
			wants[k] = wants[i];
			pids[k++] = pids[i];
		}
	for (i = 0; i < k; i += PLAT_BATCH)
		if (name_batch(a, pl, wants + i, pids + i,
		    k - i < PLAT_BATCH ? k - i : PLAT_BATCH) == -1)
			goto out;
	rc = 0;
out:
	free(wants);
	free(keys);
	free(pids);
	return rc;
}
