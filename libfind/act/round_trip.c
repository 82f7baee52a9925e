/* SPDX-License-Identifier: ISC */
/*
 * round_trip.c: what can be learnt only by using a tunnel.
 *
 * A round trip asks the server to connect to its own port 1, through a master's
 * stdio forward or through a dynamic forward.  A refusal is an answer, too.  A
 * target is tried by a connection to the listener: data is an answer, and an
 * immediate end is a refusal.  If nothing comes, the tunnel's own connection
 * shows whether the server has been heard of since.
 *
 * A result counts only if the process of the tunnel accepted the connection;
 * see reach.c.  Otherwise it is unknown, with the reason as evidence.
 */
#include <stdlib.h>
#include <string.h>

#include "compat/ms.h"
#include "reach.h"
#include "round_trip.h"

/*
 * A tunnel that heard from its server so recently is in use, so the data need
 * not be an answer to our connection.
 */
#define BUSY_MS		1000

/* By then ssh has asked the server to connect, also on a busy machine. */
#define ASKED_MS	500

/* --- what may be tried --------------------------------------------------- */

/* Has the scan found no fault in the tunnel? */
static int
is_well(const struct cand *c)
{
	switch (c->verdict.tun.link) {
	case TUN_UP:
	case TUN_QUIET:
	case TUN_ALIVE:
	case TUN_MUTE:
		return !c->links.loop &&
		    !tun_why_has(&c->verdict.tun.why, TUN_WHY_LOOP);
	default:
		return 0;
	}
}

/* A port in another network namespace is a different port here. */
static int
is_elsewhere(const struct cand *c)
{
	return c->facts->from.netns == 0;
}

/* One connection to a loop would make others until no descriptor is left. */
static int
is_open(const struct tun_fwd *fwd)
{
	return fwd->naddrs > 0 && (fwd->state == TUN_BOUND ||
	    fwd->state == TUN_HALF) &&
	    !tun_why_has(&fwd->why, TUN_WHY_LEADSBACK);
}

/* Do no connections wait at the forward's listeners? */
static int
is_free(const struct plat_sock *socks, size_t n, const struct tun_fwd *fwd)
{
	const struct plat_sock *sk;
	size_t i, k;

	for (i = 0; i < n; i++) {
		sk = &socks[i];
		if (sk->state != PLAT_TCP_LISTEN || sk->rq == 0)
			continue;
		for (k = 0; k < fwd->naddrs; k++) {
			if (sk->family != fwd->addrs[k].family)
				continue;
			if (sk->family == AF_UNIX ?
			    fwd->spec.listen.path != NULL && strcmp(sk->path,
			    fwd->spec.listen.path) == 0 :
			    sk->local.port == fwd->addrs[k].port)
				return 0;
		}
	}
	return 1;
}

/* --- level 3 ------------------------------------------------------------- */

/* The first dynamic forward that may be tried. */
static int
set_dynamic(struct reach *r, const struct tun *t,
    const struct plat_sock *socks, size_t nsocks)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		if (t->fwds[i]->spec.kind == TUN_FWD_DYNAMIC &&
		    is_open(t->fwds[i]) &&
		    is_free(socks, nsocks, t->fwds[i]) &&
		    reach_set(r, &t->fwds[i]->addrs[0]))
			return 1;
	return 0;
}

/* Before the request the end is not the server's answer. */
static void
judge_server(struct tun *t, const struct reach *r)
{
	enum tun_state state;

	if (r->result == REACH_FAILED)
		return;
	if (r->taken != TAKEN && r->taken != TAKEN_OVER) {
		evidence_add(&t->why, TUN_WHY_NOACCEPT);
		return;
	}
	if (r->result == REACH_END && !r->asked)
		return;
	state = r->result == REACH_SILENT ? TUN_MUTE : TUN_ALIVE;
	evidence_add(&t->why,
	    state == TUN_MUTE ? TUN_WHY_NOROUNDTRIP : TUN_WHY_ROUNDTRIP);
	verdict_set_link(t, state);
}

int
round_trip_servers(struct plat *pl, struct cand **cands, size_t n, int ms)
{
	struct plat_sock *socks = NULL;
	struct reach *v;
	struct cand **who;
	size_t i, nsocks, m = 0;
	int r = -1;

	v = calloc(n, sizeof(*v));
	who = calloc(n, sizeof(struct cand *));
	if (v == NULL || who == NULL || plat_socks(pl, NULL, 0,
	    PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX, NULL, &socks, &nsocks) == -1)
		goto out;
	for (i = 0; i < n; i++) {
		if (!is_well(cands[i]) || is_elsewhere(cands[i]) ||
		    !set_dynamic(&v[m], &cands[i]->verdict.tun, socks, nsocks))
			continue;
		v[m].what = REACH_SERVER;
		v[m].c = cands[i];
		who[m++] = cands[i];
	}
	r = reach_all(pl, v, m, ms);
	reach_end(v, m);
	for (i = 0; r == 0 && i < m; i++)
		judge_server(&who[i]->verdict.tun, &v[i]);
out:
	free(socks);
	free(v);
	free(who);
	return r;
}

/* --- level 4 ------------------------------------------------------------- */

struct probe_target {
	struct cand *c;
	struct tun_fwd *fwd;
	uint32_t before;	/* ms since the server was heard of */
	int known;		/* before is known, and again after */
};

static const struct plat_sock *
find_key(const struct plat_sock *socks, size_t n, uint64_t key)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (socks[i].key == key)
			return &socks[i];
	return NULL;
}

static int
dump(struct plat *pl, const struct probe_target *v, size_t n,
    struct plat_sock **socksp, size_t *np)
{
	uint64_t *keys = calloc(n, sizeof(*keys));
	size_t i, k = 0;
	int r;

	if (keys == NULL)
		return -1;
	for (i = 0; i < n; i++)
		if (v[i].c->links.transport_key != 0)
			keys[k++] = v[i].c->links.transport_key;
	r = plat_socks(pl, keys, k, PLAT_SOCKS_LISTEN | PLAT_SOCKS_UNIX |
	    PLAT_SOCKS_ALL | PLAT_SOCKS_INFO, NULL, socksp, np);
	free(keys);
	return r;
}

/* The tunnel's connection, if it is known when data went over it; or NULL. */
static const struct plat_sock *
transport(const struct plat_sock *socks, size_t n, const struct cand *c)
{
	const struct plat_sock *sk;

	if (c->links.transport_key == 0 ||
	    (sk = find_key(socks, n, c->links.transport_key)) == NULL ||
	    !(sk->known & PLAT_SOCK_INFO))
		return NULL;
	return sk;
}

/*
 * Records that the target is not known, for this reason.  That a forward is
 * half remains known.
 */
static void
not_known(struct tun_fwd *fwd, enum tun_why why)
{
	if (fwd->state != TUN_HALF)
		fwd->state = TUN_UNKNOWN;
	evidence_add(&fwd->why, why);
}

/* The connection was made to the half that listens: the other is still bad. */
static void
answers(struct probe_target *t)
{
	if (t->fwd->state == TUN_HALF)
		evidence_add(&t->fwd->why, TUN_WHY_TARGET);
	else
		t->fwd->state = TUN_ANSWERS;
	verdict_answered(&t->c->verdict.tun);
}

/*
 * Returns 0 if it is not known that the tunnel's process accepted the
 * connection.
 */
static int
is_taken(struct probe_target *t, const struct reach *r, int heard_since)
{
	if (r->taken == TAKEN)
		return 1;
	/*
	 * The connection ended before it could be looked up, so the server has
	 * sent something.
	 */
	if (r->taken == TAKEN_OVER && (!t->known || heard_since))
		return 1;
	not_known(t->fwd, r->taken == TAKEN_UNREADABLE ? TUN_WHY_DENIED :
	    TUN_WHY_NOACCEPT);
	return 0;
}

/*
 * What comes after ssh has sent more than its request, as a keepalive message
 * or the reply to one of the server, need not be the answer to the request.
 */
static void
judge(struct probe_target *t, const struct reach *r,
    const struct plat_sock *after, int64_t elapsed)
{
	/* Without an answer it would be at least BUSY_MS older. */
	int since = t->known && after->ldr <= elapsed + BUSY_MS / 2;
	int doubt = since && after->lds + ASKED_MS < elapsed;

	if (r->result == REACH_FAILED)
		not_known(t->fwd, r->remote ? TUN_WHY_REMOTEFS :
		    TUN_WHY_NOCONNECT);
	else if (!is_taken(t, r, since))
		return;
	else if (r->result == REACH_DATA)
		answers(t);
	else if (r->result == REACH_END)
		t->fwd->state = TUN_REFUSED;
	else if (!t->known || t->before < BUSY_MS || doubt)
		/* If others use the tunnel, the data may be theirs. */
		not_known(t->fwd, t->known ? TUN_WHY_INUSE :
		    TUN_WHY_PROXIED);
	else if (since)
		answers(t);
	else
		t->fwd->state = TUN_SILENT;
}

/* Returns 0 if it must not be tried, and records why. */
static int
may_try(struct probe_target *t, struct reach *to, const struct plat_sock *socks,
    size_t n)
{
	if (is_elsewhere(t->c))
		not_known(t->fwd, TUN_WHY_NETNS);
	else if (!is_free(socks, n, t->fwd))
		not_known(t->fwd, TUN_WHY_BACKLOG);
	else if (!reach_set(to, &t->fwd->addrs[0]))
		not_known(t->fwd, TUN_WHY_NOCONNECT);
	else
		return 1;
	return 0;
}

/* Tries *np forwards; then *np is the number of those with a result, in v. */
static int
try_once(struct plat *pl, struct probe_target *v, struct reach *to, size_t *np,
    int ms)
{
	const struct plat_sock *sk;
	struct plat_sock *socks;
	int64_t start = ms_now();
	size_t i, k, n = *np, nsocks;
	int r;

	*np = 0;
	if (dump(pl, v, n, &socks, &nsocks) == -1)
		return -1;
	for (i = k = 0; i < n; i++) {
		if (!may_try(&v[i], &to[k], socks, nsocks))
			continue;
		to[k].what = REACH_TARGET;
		to[k].c = v[i].c;
		v[k] = v[i];
		sk = transport(socks, nsocks, v[k].c);
		v[k].known = sk != NULL;
		v[k++].before = sk != NULL ? sk->ldr : 0;
	}
	free(socks);
	if (k == 0)
		return 0;
	r = reach_all(pl, to, k, ms) == -1 ? -1 :
	    dump(pl, v, k, &socks, &nsocks);
	reach_end(to, k);
	if (r == -1)
		return -1;
	for (i = 0; i < k; i++) {
		sk = transport(socks, nsocks, v[i].c);
		v[i].known = v[i].known && sk != NULL;
		judge(&v[i], &to[i], sk, ms_now() - start);
	}
	free(socks);
	*np = k;
	return 0;
}

/*
 * One forward of each tunnel at a time: otherwise an answer could not be
 * assigned to its forward.  What used the tunnel may have been a question of
 * our own, so a tunnel that was in use is tried once more after a pause.
 */
static int
try_targets(struct plat *pl, struct probe_target *v, struct reach *to, size_t n,
    int ms)
{
	size_t i, k = 0;

	if (try_once(pl, v, to, &n, ms) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if (!tun_why_has(&v[i].fwd->why, TUN_WHY_INUSE))
			continue;
		evidence_drop(&v[i].fwd->why, TUN_WHY_INUSE);
		v[k++] = v[i];
	}
	if (k == 0)
		return 0;
	ms_sleep(BUSY_MS);
	memset(to, 0, k * sizeof(*to));
	return try_once(pl, v, to, &k, ms);
}

int
round_trip_targets(struct plat *pl, struct cand **cands, size_t n, int ms)
{
	struct probe_target *v;
	struct reach *to;
	size_t i, k, round, most = 0;
	int r = -1;

	v = calloc(n, sizeof(*v));
	to = calloc(n, sizeof(*to));
	if (v == NULL || to == NULL)
		goto out;
	for (i = 0; i < n; i++)
		if (cands[i]->verdict.tun.nfwds > most)
			most = cands[i]->verdict.tun.nfwds;
	for (round = 0, r = 0; r == 0 && round < most; round++) {
		for (i = k = 0; i < n; i++) {
			if (round >= cands[i]->verdict.tun.nfwds ||
			    !is_well(cands[i]) ||
			    cands[i]->verdict.fwds[round].spec.kind !=
				TUN_FWD_LOCAL ||
			    !is_open(&cands[i]->verdict.fwds[round]))
				continue;
			memset(&v[k], 0, sizeof(v[k]));
			v[k].c = cands[i];
			v[k++].fwd = &cands[i]->verdict.fwds[round];
		}
		if (k > 0)
			r = try_targets(pl, v, to, k, ms);
	}
out:
	free(v);
	free(to);
	return r;
}
