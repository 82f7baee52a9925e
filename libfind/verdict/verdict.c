/* SPDX-License-Identifier: ISC */
/*
 * The health of tunnels and forwards: the one verdict that tunps, tuncheck and
 * tunrun and their JSON and metrics report.
 */
#include "verdict.h"

/* Masters may be clients of each other; this limit ends a circle of them. */
#define MAX_CARRIERS	16

/* The health of the process and its connection, without forwards. */
static enum tun_health
link_health(const struct tun *t, const char **reasonp)
{
	int i;

	for (i = 0; t->link == TUN_CLIENT && t->carrier != NULL &&
	    i < MAX_CARRIERS; i++)
		t = t->carrier;
	if (t->link != TUN_QUIET)
		return tun_state_health(t->link, reasonp);
	/* The server should have been asked, but could not be. */
	if (tun_why_has(&t->why, TUN_WHY_NOPTRACE)) {
		*reasonp = tun_why_text(TUN_WHY_NOPTRACE);
		return TUN_HEALTH_UNKNOWN;
	}
	/* Nothing is known of the link. */
	if (t->heard == -1) {
		*reasonp = tun_why_has(&t->why, TUN_WHY_PROXIED) ?
		    tun_why_text(TUN_WHY_PROXIED) :
		    "when its server was last heard of is not known";
		return TUN_HEALTH_UNKNOWN;
	}
	return tun_state_health(t->link, reasonp);
}

void
verdict_set_link(struct tun *t, enum tun_state link)
{
	t->link = link;
	if ((t->state != TUN_PARTIAL && t->state != TUN_USELESS) ||
	    tun_state_class(link) != TUN_CLASS_LIVE)
		t->state = link;
}

void
verdict_answered(struct tun *t)
{
	if (t->link != TUN_QUIET)
		return;
	evidence_add(&t->why, TUN_WHY_ROUNDTRIP);
	verdict_set_link(t, TUN_ALIVE);
}

int
verdict_show_forwards(struct arena *a, struct verdict *v)
{
	const struct tun_fwd **fwds;
	size_t i;

	fwds = arena_alloc(a, v->tun.nfwds * sizeof(*fwds));
	if (fwds == NULL)
		return -1;
	for (i = 0; i < v->tun.nfwds; i++)
		fwds[i] = &v->fwds[i];
	v->tun.fwds = fwds;
	return 0;
}

/* Returns the worse of two, with its reason; of equal ones, the first. */
static enum tun_health
worse(enum tun_health a, const char *why, enum tun_health b,
    const char **reasonp)
{
	static const int rank[] = {
		[TUN_HEALTH_OK] = 0, [TUN_HEALTH_UNKNOWN] = 1,
		[TUN_HEALTH_BAD] = 2
	};

	if (rank[a] < rank[b] || (a == b && why == NULL))
		return b;
	*reasonp = why;
	return a;
}

/* The forward listens, but the state of its path is not known. */
static int
is_out_of_reach(const struct tun_fwd *fwd)
{
	return fwd->state == TUN_UNKNOWN &&
	    tun_why_has(&fwd->why, TUN_WHY_REMOTEFS);
}

enum tun_health
tun_fwd_health(const struct tun_fwd *fwd, const char **reasonp)
{
	const char *why, *own;
	enum tun_health link = link_health(fwd->tun, &why);
	enum tun_health health = tun_state_health(fwd->state, &own);

	if (is_out_of_reach(fwd))
		own = tun_why_text(TUN_WHY_REMOTEFS);
	health = worse(link, why, health, &own);
	if (reasonp != NULL)
		*reasonp = own;
	return health;
}

enum tun_health
tun_health(const struct tun *t, const char **reasonp)
{
	const char *why, *all;
	enum tun_health health = link_health(t, &all);
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		enum tun_health one = tun_fwd_health(t->fwds[i], &why);

		health = worse(health, all, one, &why);
		all = why;
	}
	if (reasonp != NULL)
		*reasonp = all;
	return health;
}

enum tun_state
tun_fwd_state(const struct tun_fwd *fwd)
{
	if (is_out_of_reach(fwd) && fwd->tun != NULL &&
	    tun_state_class(fwd->tun->link) == TUN_CLASS_LIVE)
		return fwd->state;
	switch (fwd->state) {
	case TUN_UNKNOWN:
	case TUN_BOUND:
	case TUN_UNLISTED:
	case TUN_REMOTE:
	case TUN_REMOTE_USED:
	case TUN_DEVICE:
		return fwd->tun != NULL ? fwd->tun->link : fwd->state;
	default:
		return fwd->state;
	}
}
