/* SPDX-License-Identifier: ISC */
/*
 * probe.c: asks tunnels, which a scan never does.
 *
 * Level 1 asks a master over its control socket.  The master answers by itself,
 * so this proves its process and its event loop but not its link.  Level 2 asks
 * the peer's kernel by a keepalive.  Both are asked of all tunnels at once.
 * Levels 3 and 4 use the tunnel itself; see round_trip.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "compat/ms.h"
#include "mux/mux.h"
#include "round_trip.h"

/*
 * The share of the time for masters; the keepalive needs 2 s to be sent again.
 */
#define MUX_SHARE	3

/* --- level 1 -------------------------------------------------------------- */

static int
take_alive(struct cand *c, const struct mux_query *q)
{
	struct tun *t = &c->verdict.tun;

	t->ctl = mux_ctl(q, t->pid);
	if (t->ctl == TUN_CTL_OK)
		evidence_add(&t->why, TUN_WHY_MUXALIVE);
	else if (t->ctl == TUN_CTL_HUNG)
		evidence_add(&t->why, TUN_WHY_MUXHUNG);
	return 0;
}

/*
 * Should this master be asked?  One that does not accept has a queue already,
 * and each further question would take one of its 65 places.  Root does not ask
 * at a path that another user chose.
 */
static int
wants_alive(const struct cand *c, uid_t self)
{
	const struct tun *t = &c->verdict.tun;

	if (t->master != 1 || t->ctlpath == NULL || *t->ctlpath != '/' ||
	    t->uid != self || t->state == TUN_STOPPED)
		return 0;
	if (c->links.ctlelsewhere ||
	    (c->links.ctlsock != NULL && c->links.ctlsock->rq > 0))
		return 0;
	return t->ctl == TUN_CTL_FOUND || t->ctl == TUN_CTL_UNKNOWN;
}

/* A master that has answered may know the targets of what it carries. */
static int
wants_channels(const struct cand *c, uid_t self)
{
	return c->verdict.tun.ctl == TUN_CTL_OK &&
	    c->verdict.tun.uid == self && channels_want_targets(c);
}

/* A master older than OpenSSH 10.3 does not know the question. */
static int
take_channels(struct cand *c, const struct mux_query *q)
{
	return q->error == 0 ? channels_take_targets(c, q->reply.text) : 0;
}

static const struct master_question {
	uint32_t request;
	const char *what;
	size_t room;
	int (*wants)(const struct cand *, uid_t);
	int (*take)(struct cand *, const struct mux_query *);
} questions[] = {
	{ MUX_ALIVE_CHECK, NULL, MUX_ROOM_MANY, wants_alive, take_alive },
	{ MUX_EXT_INFO, "channels", MUX_ROOM_ALL, wants_channels,
	    take_channels }
};

static int
ask_question(const struct master_question *qu, struct cand **cands, size_t n,
    uid_t self, int ms)
{
	struct mux_query *q = NULL;
	struct cand **asked;
	size_t i, k = 0;
	int r = -1;

	if ((asked = calloc(n, sizeof(*asked))) == NULL)
		return -1;
	for (i = 0; i < n; i++)
		if (qu->wants(cands[i], self))
			asked[k++] = cands[i];
	if (k > 0 && (q = mux_queries(k, qu->room)) == NULL)
		goto out;
	for (i = 0; i < k; i++) {
		q[i].path = asked[i]->verdict.tun.ctlpath;
		q[i].uid = self;
		q[i].request = qu->request;
		q[i].what = qu->what;
	}
	r = mux_ask_as(geteuid(), q, k, ms);
	for (i = 0; r == 0 && i < k; i++)
		r = qu->take(asked[i], &q[i]);
out:
	free(q);
	free(asked);
	return r;
}

static int
ask_masters(struct cand **cands, size_t n, uid_t self, int ms)
{
	int64_t deadline = ms_now() + ms;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < sizeof(questions) / sizeof(*questions); i++)
		r = ask_question(&questions[i], cands, n, self,
		    ms_left(deadline));
	return r;
}

/* --- level 2 -------------------------------------------------------------- */

/*
 * Asks only if the scan left the question open: a link that is known to be bad
 * is not asked.
 */
static int
link_open_question(const struct cand *c)
{
	if (c->links.transport_cand == NULL)
		return 0;
	switch (c->verdict.tun.link) {
	case TUN_UP:
	case TUN_QUIET:
	case TUN_MUTE:
		return 1;
	default:
		return 0;
	}
}

/*
 * There was no answer, or it was not possible to ask.  A link that looked well
 * is no longer known to be well; one that looked bad still does.
 */
static void
doubt(struct tun *t, enum tun_why why)
{
	evidence_add(&t->why, why);
	if (t->link == TUN_UP || t->link == TUN_QUIET)
		verdict_set_link(t, TUN_UNKNOWN);
}

/*
 * There was no answer in time.  This alone proves nothing, because after some
 * losses the kernel waits longer than that before it sends the data again.  It
 * is a fault if a scan would call the silence and the retransmissions a fault.
 */
static void
no_answer(struct tun *t, const struct plat_keepalive *ng, int foreign)
{
	struct sample s = {
		.transport = 1, .known = PLAT_SOCK_INFO,
		.state = PLAT_TCP_ESTAB, .unacked = ng->waits,
		.retrans = ng->retrans, .lar = ng->heard
	};
	enum tun_state state = health_link(&s, foreign, &t->why);

	t->heard = ng->heard;
	if (ng->waits)
		evidence_add(&t->why, TUN_WHY_UNACKED);
	doubt(t, TUN_WHY_NOANSWER);
	if (state != TUN_UNKNOWN)
		verdict_set_link(t, state);
}

static void
keepalive_verdict(struct cand *c, const struct plat_keepalive *ng)
{
	struct tun *t = &c->verdict.tun;
	int foreign = c->links.transport_cand->facts->cmd.kind == CMD_OTHER;

	switch (ng->result) {
	case PLAT_KEEPALIVE_ANSWERED:
		evidence_add(&t->why, TUN_WHY_ANSWERED);
		t->heard = ng->heard;
		if (t->link == TUN_UP || t->link == TUN_QUIET)
			verdict_set_link(t, TUN_ALIVE);
		break;
	case PLAT_KEEPALIVE_SILENT:
		evidence_add(&t->why, TUN_WHY_NOANSWER);
		t->heard = ng->heard;
		/* A proxy that is no ssh may have other connections. */
		verdict_set_link(t, foreign ? TUN_STALLED : TUN_BROKEN);
		break;
	case PLAT_KEEPALIVE_WAITING:
		no_answer(t, ng, foreign);
		break;
	case PLAT_KEEPALIVE_RESET:
		evidence_add(&t->why, TUN_WHY_CLOSEWAIT);
		verdict_set_link(t, foreign ? TUN_STALLED : TUN_CLOSED);
		break;
	case PLAT_KEEPALIVE_GONE:
		if (c->links.transport_cand == c)
			verdict_set_link(t, TUN_GONE);
		else
			doubt(t, TUN_WHY_NOTASKED);
		break;
	case PLAT_KEEPALIVE_DENIED:
		evidence_add(&t->why, TUN_WHY_NOPTRACE);
		break;
	case PLAT_KEEPALIVE_BUSY:
		/*
		 * The kernel sends no more after so many lost probes:
		 * keepalive.c.
		 */
		if (ng->probes > 1)
			evidence_add(&t->why, TUN_WHY_PROBES);
		doubt(t, TUN_WHY_NOTASKED);
		break;
	case PLAT_KEEPALIVE_UNSUPPORTED:
		break;
	}
}

/*
 * Returns the index in v of the question about this connection, or n if it is
 * new.
 */
static size_t
find_keepalive(const struct plat_keepalive *v, size_t n, uint64_t key)
{
	size_t i;

	for (i = 0; i < n && v[i].key != key; i++)
		continue;
	return i;
}

/*
 * One question for all tunnels that one connection carries: that of a master,
 * or of a jump helper.
 */
static int
ask_peers(struct plat *pl, struct cand **cands, size_t n, int ms)
{
	struct plat_keepalive *v;
	size_t *asked;
	size_t i, k = 0, m = 0;
	int r = -1;

	v = calloc(n, sizeof(*v));
	asked = calloc(n, sizeof(*asked));
	if (v == NULL || asked == NULL)
		goto out;
	for (i = 0; i < n; i++) {
		const struct links *l = &cands[i]->links;

		asked[i] = n;
		if (!link_open_question(cands[i]))
			continue;
		asked[i] = find_keepalive(v, k, l->transport_key);
		if (asked[i] < k)
			continue;
		v[k].row = l->transport_cand->facts->row;
		v[k].fd = l->transport_fd;
		v[k++].key = l->transport_key;
	}
	r = k == 0 ? 0 : plat_keepalive(pl, v, k, ms);
	for (m = 0; r == 0 && m < n; m++)
		if (asked[m] < k)
			keepalive_verdict(cands[m], &v[asked[m]]);
out:
	free(v);
	free(asked);
	return r;
}

int
tun_check(struct tun_ctx *ctx, const struct tun *const *tuns, size_t n,
    unsigned levels, int ms)
{
	int64_t deadline = ms_now() + ms;
	struct cand **cands;
	size_t i;
	int r = 0;

	if (n == 0)
		return 0;
	if ((cands = calloc(n, sizeof(*cands))) == NULL)
		return -1;
	for (i = 0; i < n; i++)
		cands[i] = tuns[i]->internal;
	if (levels & TUN_ASK_MASTER)
		r = ask_masters(cands, n, plat_uid(ctx->pl), ms / MUX_SHARE);
	if (r == 0 && levels & TUN_ASK_PEER) {
		r = ask_peers(ctx->pl, cands, n, ms_left(deadline));
		/*
		 * Not every system can ask; then the state from the scan stays.
		 */
		if (r == -1 && errno == ENOSYS)
			r = 0;
	}
	/* A recorded table has no connections to ask. */
	if (ctx->recorded)
		levels &= ~(unsigned)(TUN_ASK_ROUNDTRIP | TUN_ASK_TARGET);
	if (r == 0 && levels & TUN_ASK_ROUNDTRIP)
		r = round_trip_servers(ctx->pl, cands, n, ms);
	if (r == 0 && levels & TUN_ASK_TARGET)
		r = round_trip_targets(ctx->pl, cands, n, ms);
	free(cands);
	return r;
}
