/* SPDX-License-Identifier: ISC */
/*
 * States of tunnels and forwards, computed from facts alone; no function here
 * reads the system.  The rules are tried in order and the first that fits
 * decides.  "tunkill --stale" acts on these verdicts, so each must be one that
 * a human would be sure of with the same evidence.  A fact that could not be
 * read proves nothing.
 */
#include <sys/socket.h>

#include <signal.h>
#include <string.h>

#include "verdict.h"

/* A working link that loses 40 % of its packets was silent for 15.5 s. */
#define T_STALL		5000
/*
 * TCP waits up to two minutes between tries, and may well recover after that.
 */
#define T_DEAD		120000
/* The least time before the first retransmission; it doubles with each. */
#define RTO_MIN		200
/* Eight tries take so long at least. */
#define T_RETRIED	50000
/* sshd's LoginGraceTime is 120 s; then sshd closes the connection. */
#define T_START		150000
/* A local client that waits so long for its first byte is not served. */
#define T_MUTE		30000
/* A server that was heard of within a minute counts as up. */
#define T_FRESH		60000
/* Added to two rounds of ServerAliveInterval, for the round trip. */
#define ALIVE_SLACK	5000
/*
 * The kernel's time between two keepalives that follow an unanswered one.  On a
 * live link the timer is hours away.
 */
#define KEEPALIVE_INTVL	75000
/* One or two retransmissions are normal loss; three are evidence. */
#define RETRANS_MIN	3
#define PROBES_MIN	2

/*
 * ssh catches SIGWINCH once it has authenticated.  A mux client does not catch
 * SIGCHLD.  A prompt for a password catches the stop signals.
 */
#define BIT(sig)	(1ULL << ((sig) - 1))
#define RUNNING		BIT(SIGWINCH)
#define REAPING		BIT(SIGCHLD)
#define PROMPTING	(BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU))

/* Only its server knows whether a -R listens. */
static enum tun_state
remote_state(const struct fwd_links *f, struct tun_evidence *why)
{
	if (f->inmaster)
		return TUN_IN_MASTER;
	if (f->closed) {
		evidence_add(why, TUN_WHY_PURPOSE);
		return TUN_RELEASED;
	}
	return f->used ? TUN_REMOTE_USED : TUN_REMOTE;
}

static enum tun_state
device_state(const struct fwd_links *f, struct tun_evidence *why)
{
	if (!f->seen)
		return TUN_UNKNOWN;
	if (f->device)
		return TUN_DEVICE;
	evidence_add(why, TUN_WHY_NOTBOUND);
	return TUN_UNBOUND;
}

/* It has a listener: can a client connect there, and to all of it? */
static enum tun_state
listening_state(const struct fwd_links *f, struct tun_evidence *why)
{
	if (f->leadsback)
		evidence_add(why, TUN_WHY_LEADSBACK);
	if (f->noaddress) {
		evidence_add(why, TUN_WHY_NOADDRESS);
		return TUN_NOADDRESS;
	}
	if (f->loop) {
		evidence_add(why, TUN_WHY_LOOP);
		return TUN_LOOP;
	}
	if (f->choked) {
		evidence_add(why, TUN_WHY_BACKLOG);
		return TUN_CHOKED;
	}
	if (f->path && (f->file == FILE_NONE ||
	    f->file == FILE_OTHER || f->file == FILE_DEAD))
		return TUN_DETACHED;
	if (f->path && f->file == FILE_REMOTE) {
		evidence_add(why, TUN_WHY_REMOTEFS);
		return TUN_UNKNOWN;
	}
	if (f->unexplained)
		return TUN_UNLISTED;
	if (f->owned >= f->expected)
		return TUN_BOUND;
	evidence_add(why, TUN_WHY_FAMILY);
	/* AddressFamily of ssh_config can leave out one family on purpose. */
	if (!f->taken)
		return TUN_BOUND;
	evidence_add(why, TUN_WHY_TAKEN);
	return TUN_HALF;
}

/* It has no listener: who has, or why is there none? */
static enum tun_state
missing_state(const struct fwd_links *f, struct tun_evidence *why)
{
	if (f->inmaster)
		return TUN_IN_MASTER;
	if (f->closed && !f->taken) {
		evidence_add(why, TUN_WHY_PURPOSE);
		return TUN_RELEASED;
	}
	if (f->unclear) {
		evidence_add(why, TUN_WHY_NOPEERS);
		return TUN_UNKNOWN;
	}
	evidence_add(why, TUN_WHY_NOTBOUND);
	if (f->taken) {
		evidence_add(why, TUN_WHY_TAKEN);
		return TUN_TAKEN;
	}
	if (f->ofmaster && !f->leftover) {
		evidence_add(why, TUN_WHY_RELEASED);
		return TUN_RELEASED;
	}
	return f->path && f->file == FILE_DEAD ? TUN_DEADFILE : TUN_UNBOUND;
}

enum tun_state
health_forward(const struct fwd_links *f, struct tun_evidence *why)
{
	switch (f->kind) {
	case TUN_FWD_REMOTE:
	case TUN_FWD_RDYNAMIC:
		return remote_state(f, why);
	case TUN_FWD_STDIO:
		return f->seen ? TUN_BOUND : TUN_UNKNOWN;
	case TUN_FWD_DEVICE:
		return device_state(f, why);
	case TUN_FWD_DIRECT:
		return TUN_BOUND;
	case TUN_FWD_LOCAL:
	case TUN_FWD_DYNAMIC:
	case TUN_FWD_SERVED:
		break;
	}
	if (f->unread || (!f->seen && !f->inferred))
		return TUN_UNKNOWN;
	if (!f->seen) {
		evidence_add(why, TUN_WHY_INFERRED);
		return TUN_BOUND;
	}
	return f->owned > 0 ? listening_state(f, why) : missing_state(f, why);
}

/*
 * The phase of the connection, from the signal mask.  Every user can read the
 * mask, but what it means is internal to OpenSSH.  A listener is better
 * evidence.  Returns TUN_UNKNOWN if the process is past these phases, or may
 * be.
 */
static enum tun_state
phase(const struct health_facts *f, struct tun_evidence *why)
{
	/* A session of sshd is past all phases. */
	if (f->listeners || f->served)
		return TUN_UNKNOWN;
	if (f->masks ? (f->sigcgt & RUNNING) != 0 : f->left)
		return TUN_UNKNOWN;
	if (f->masks && (f->sigcgt & PROMPTING) == PROMPTING) {
		evidence_add(why, TUN_WHY_PHASE);
		return TUN_PROMPT;
	}
	/*
	 * Without a signal mask only the age can tell; a young process gets the
	 * benefit of the doubt.
	 */
	if (!f->masks && (f->age > T_START || f->denied || f->nosockets))
		return TUN_UNKNOWN;
	if (f->masks)
		evidence_add(why, TUN_WHY_PHASE);
	/* A password dialog in a window does not show in the signal mask. */
	if (f->age <= T_START || f->answers)
		return TUN_STARTING;
	evidence_add(why, TUN_WHY_AGE);
	if (f->verified)
		return TUN_STUCK;
	/* Another program that calls itself ssh can have such a mask too. */
	evidence_add(why, TUN_WHY_UNVERIFIED);
	return TUN_HIDDEN;
}

int
health_is_client(const struct plat_proc *row)
{
	return row->masks && (row->sigcgt & RUNNING) &&
	    !(row->sigcgt & REAPING);
}

static int
is_client(const struct health_facts *f)
{
	if (f->client)
		return 1;
	return f->masks && (f->sigcgt & RUNNING) &&
	    !(f->sigcgt & REAPING) && !f->denied && !f->elsewhere &&
	    !f->nosockets && !f->inet && !f->piped && !f->listeners;
}

/* Is the connection in CLOSE_WAIT or a later state, or is there none? */
static enum tun_why
is_closed(const struct health_facts *f, const struct sample *s)
{
	if (!s->looked)
		return TUN_WHY_NONE;
	if (!s->transport)
		return f->piped || f->passed || f->unclear ? TUN_WHY_NONE :
		    TUN_WHY_NOTRANSPORT;
	switch (s->state) {
	case PLAT_TCP_UNKNOWN:
	case PLAT_TCP_ESTAB:
	case PLAT_TCP_SYN_SENT:
	case PLAT_TCP_SYN_RECV:
	case PLAT_TCP_LISTEN:
		return TUN_WHY_NONE;
	default:
		return TUN_WHY_CLOSEWAIT;
	}
}

/* In other states the ages are counted from the start of the machine. */
static int
has_ages(const struct sample *s)
{
	return s->transport && s->known & PLAT_SOCK_INFO &&
	    (s->state == PLAT_TCP_ESTAB || s->state == PLAT_TCP_CLOSE_WAIT);
}

/*
 * Probes without an answer. A count alone proves nothing: after a lost probe it
 * stays until the next answer, while the timer is hours away.
 */
static uint32_t
probes_lost(const struct sample *s)
{
	if (s->timer == PLAT_TIMER_PROBE || (s->timer == PLAT_TIMER_KEEPALIVE &&
	    s->expires <= KEEPALIVE_INTVL))
		return s->probes;
	return 0;
}

/*
 * Does something wait for an answer of the peer: data, or a keepalive of the
 * kernel?
 */
static int
is_waiting(const struct sample *s, struct tun_evidence *why)
{
	int waits = 0;

	if (s->unacked > 0 || (s->known & PLAT_SOCK_QUEUES && s->wq > 0)) {
		evidence_add(why, TUN_WHY_UNACKED);
		waits = 1;
	}
	if (s->timer == PLAT_TIMER_KEEPALIVE && probes_lost(s) >= PROBES_MIN) {
		evidence_add(why, TUN_WHY_PROBES);
		waits = 1;
	}
	return waits;
}

/*
 * Was data sent again and again in vain? The last acknowledgement may be of
 * long before it was sent. The tries took this time at least, and the last one
 * was when data was last sent.
 */
static int
retried_long(const struct sample *s)
{
	uint32_t n = s->retrans < 16 ? s->retrans : 16;

	return s->unacked > 0 &&
	    RTO_MIN * ((1U << n) - 1) + (uint64_t)s->lds >= T_RETRIED;
}

enum tun_state
health_link(const struct sample *s, int foreign,
    struct tun_evidence *why)
{
	struct tun_evidence waits = { { 0 } };
	int probed = probes_lost(s) >= PROBES_MIN;

	if (!has_ages(s) || !is_waiting(s, &waits) || s->lar < T_STALL)
		return TUN_UNKNOWN;
	/*
	 * BSD tells neither what is unacknowledged nor how often it was sent.
	 */
	if (s->retrans < RETRANS_MIN && !probed &&
	    (s->unacked > 0 || s->lar < T_DEAD))
		return TUN_UNKNOWN;
	tun_why_join(why, &waits);
	evidence_add(why, TUN_WHY_LASTACK);
	if (s->retrans > 0)
		evidence_add(why, TUN_WHY_RETRANS);
	/* It is not known how a proxy that is no ssh handles a dead link. */
	return s->lar >= T_DEAD && !foreign && (probed || retried_long(s)) ?
	    TUN_BROKEN : TUN_STALLED;
}

/* Did the listener have waiting connections in both samples? */
static int
was_full(const struct sample *last, const struct sample *first, uint64_t key)
{
	size_t i;
	int now = 0, before = 0;

	if (first == NULL)
		return 0;
	for (i = 0; i < last->nfull; i++)
		now |= last->full[i] == key;
	for (i = 0; i < first->nfull; i++)
		before |= first->full[i] == key;
	return now && before;
}

static int
is_choked(const struct health_facts *f, struct tun_evidence *why)
{
	size_t i;

	for (i = 0; i < f->now->nfull; i++)
		if (was_full(f->now, f->before, f->now->full[i])) {
			evidence_add(why, TUN_WHY_BACKLOG);
			if (f->fdlimit)
				evidence_add(why, TUN_WHY_FDLIMIT);
			if (f->loop)
				evidence_add(why, TUN_WHY_LOOP);
			return 1;
		}
	return 0;
}

static int
alive_overdue(const struct health_facts *f)
{
	return f->alive > 0 && f->now->ldr > 2 * f->alive + ALIVE_SLACK;
}

static int
is_mute(const struct health_facts *f, struct tun_evidence *why)
{
	if (has_ages(f->now) && alive_overdue(f)) {
		evidence_add(why, TUN_WHY_LASTDATA);
		return 1;
	}
	/*
	 * During an upload data goes one way only, and the target may be slow:
	 * so the verdict needs a time in which nothing moves.
	 */
	if (f->before != NULL && f->now->unread >= T_MUTE &&
	    f->before->unread > 0 && f->now->moved == f->before->moved) {
		evidence_add(why, TUN_WHY_UNREAD);
		return 1;
	}
	return 0;
}

/* The state of a tunnel whose link is live, by the state of its forwards. */
static enum tun_state
with_forwards(const struct health_facts *f, enum tun_state link,
    struct tun_evidence *why)
{
	if (f->bad == 0 || (tun_state_class(link) != TUN_CLASS_LIVE &&
	    (link != TUN_UNKNOWN || f->nosockets || f->now->looked)))
		return link;
	evidence_add(why, TUN_WHY_NOTBOUND);
	if (f->asked == 0 || f->bound > 0 || f->carries || f->master ||
	    f->conns != 0)
		return TUN_PARTIAL;
	if (f->twin)
		evidence_add(why, TUN_WHY_DUP);
	return TUN_USELESS;
}

/* No fault was found.  How certain is it that the link works? */
static enum tun_state
good_state(const struct health_facts *f, struct tun_evidence *why)
{
	if (!f->now->looked) {
		evidence_add(why, TUN_WHY_NOSOCKETS);
		return TUN_UNKNOWN;
	}
	/* Neither a connection nor the process that carries it was seen. */
	if (f->unclear && !f->now->transport) {
		evidence_add(why, TUN_WHY_NOPEERS);
		return TUN_UNKNOWN;
	}
	if (has_ages(f->now)) {
		if (f->now->lar <= T_FRESH ||
		    (f->alive > 0 && !alive_overdue(f))) {
			evidence_add(why, TUN_WHY_FRESH);
			return TUN_UP;
		}
		evidence_add(why, TUN_WHY_SILENT);
	}
	return TUN_QUIET;
}

static int
is_stopped(const struct health_facts *f, struct tun_evidence *why)
{
	if (f->stopped || f->helper_stopped)
		evidence_add(why, TUN_WHY_SIGSTOP);
	if (f->frozen || f->helper_frozen)
		evidence_add(why, TUN_WHY_FROZEN);
	if (f->stopped || f->frozen)
		return 1;
	if (!f->helper_stopped && !f->helper_frozen)
		return 0;
	evidence_add(why, TUN_WHY_HELPER);
	return 1;
}

static enum tun_state
link_of(const struct health_facts *f, struct tun_evidence *why)
{
	enum tun_state state;
	enum tun_why closed;

	if (f->gone)
		return TUN_GONE;
	/* This comes before the phases, because every user can see it. */
	if (is_stopped(f, why))
		return TUN_STOPPED;
	if (is_client(f)) {
		if (!f->client)
			evidence_add(why, TUN_WHY_PHASE);
		return TUN_CLIENT;
	}
	if ((state = phase(f, why)) == TUN_HIDDEN)
		return TUN_UNKNOWN;
	if (state != TUN_UNKNOWN)
		return state;
	if (f->denied || f->elsewhere) {
		evidence_add(why,
		    f->denied ? TUN_WHY_DENIED : TUN_WHY_NETNS);
		return TUN_HIDDEN;
	}
	if (f->nosockets) {
		evidence_add(why, TUN_WHY_NOSOCKETS);
		return TUN_UNKNOWN;
	}
	/* The client may have come through a pipe: nothing shows that it went. */
	if (f->served && f->piped) {
		evidence_add(why, TUN_WHY_NOTRANSPORT);
		return TUN_UNKNOWN;
	}
	if (f->piped)
		evidence_add(why, TUN_WHY_PROXIED);
	/* An ssh that is about to end looks like this for a moment. */
	if (f->before != NULL && is_closed(f, f->before) != TUN_WHY_NONE &&
	    (closed = is_closed(f, f->now)) != TUN_WHY_NONE) {
		evidence_add(why, closed);
		/* A proxy that is no ssh may connect again. */
		return f->foreign ? TUN_STALLED : TUN_CLOSED;
	}
	/*
	 * The order matters: a dead link also causes a full queue, and a client
	 * that is not served also causes unread data.
	 */
	if ((state = health_link(f->now, f->foreign, why)) != TUN_UNKNOWN)
		return state;
	if (is_choked(f, why))
		return TUN_CHOKED;
	if (is_mute(f, why))
		return TUN_MUTE;
	return good_state(f, why);
}

enum tun_state
health_tunnel(const struct health_facts *f, enum tun_state *link,
    struct tun_evidence *why)
{
	*link = link_of(f, why);
	return with_forwards(f, *link, why);
}

static int
is_gone(const struct cand *c)
{
	return c->facts->row.pid == 0 || c->facts->row.state == 'Z' ||
	    c->facts->row.state == 'X' || c->facts->row.flags & PLAT_ZOMBIE;
}

/* Does the ssh do something besides local forwards? */
static int
carries_more(const struct cand *c)
{
	size_t i;

	/* Without -N there is a command or a shell. */
	if (c->facts->cmd.kind != CMD_SESSION ||
	    !(c->facts->cmd.flags & CMD_NOSESSION) ||
	    c->facts->cmd.flags & (CMD_UNKNOWN | CMD_SUBSYSTEM) ||
	    c->facts->cmd.ncommand > 0)
		return 1;
	for (i = 0; i < c->verdict.tun.nfwds; i++)
		if (!tun_forward_is_local(&c->verdict.fwds[i].spec))
			return 1;
	return 0;
}

static int
same_argv(const struct cand *a, const struct cand *b)
{
	size_t i;

	if (a->facts->argc != b->facts->argc || a->facts->argv == NULL ||
	    b->facts->argv == NULL)
		return 0;
	for (i = 0; i < a->facts->argc; i++)
		if (strcmp(a->facts->argv[i], b->facts->argv[i]) != 0)
			return 0;
	return 1;
}

static int
has_listeners(const struct cand *c)
{
	size_t i;

	for (i = 0; i < c->verdict.tun.nfwds; i++)
		if (c->links.fwds != NULL && c->links.fwds[i].owned > 0)
			return 1;
	return 0;
}

static int
has_twin(struct cand **cands, size_t n, const struct cand *c)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (cands[i] != c &&
		    cands[i]->facts->row.uid == c->facts->row.uid &&
		    same_argv(cands[i], c) && has_listeners(cands[i]))
			return 1;
	return 0;
}

static void
count_local(const struct cand *c, struct health_facts *f)
{
	size_t i;

	for (i = 0; i < c->verdict.tun.nfwds; i++) {
		if (!tun_forward_is_local(&c->verdict.fwds[i].spec))
			continue;
		if (c->links.fwds != NULL && c->links.fwds[i].unread)
			continue;
		f->asked += c->verdict.fwds[i].source == TUN_SRC_ARGV;
		/*
		 * The forward may have been added to ssh_config after the
		 * start.
		 */
		if (c->verdict.fwds[i].source == TUN_SRC_CONFIG &&
		    !(c->links.fwds != NULL && c->links.fwds[i].owned > 0))
			continue;
		switch (c->verdict.fwds[i].state) {
		case TUN_HALF:
			f->bound++;
			f->bad++;
			break;
		case TUN_UNBOUND:
		case TUN_TAKEN:
		case TUN_DEADFILE:
			f->bad++;
			break;
		default:
			f->bound++;
		}
	}
}

/*
 * If its program cannot be read, and its words are none of OpenSSH's or it
 * catches nothing that OpenSSH does, it may be a dbclient or anything else.
 */
static int
is_openssh(const struct facts *f)
{
	return !(f->cmd.flags & CMD_DROPBEAR) && (f->byexe ||
	    (f->cmd.kind != CMD_BAD && !facts_catches_nothing(f)));
}

/*
 * May it wait for what a child prints, such as a password dialog? ssh reads
 * that from a pipe. Of those that it inherits it closes all above fd 2; until
 * it has authenticated, the others are its helper's.
 */
static int
reads_answer(const struct cand *c)
{
	const struct facts *f = c->facts, *helper;
	const struct plat_fd *d;

	helper = c->links.helper != NULL ? c->links.helper->facts :
	    c->links.proxy != NULL ? c->links.proxy->facts : NULL;
	for (d = f->fds; d < f->fds + f->nfds; d++)
		if (d->kind == PLAT_FD_PIPE && d->fd > 2 && (helper == NULL ||
		    !fds_have(helper->fds, helper->nfds, PLAT_FD_PIPE, d->key)))
			return 1;
	return 0;
}

/* What its process shows. */
static void
gather_process(const struct cand *c, int64_t now, struct health_facts *f)
{
	const struct facts *facts = c->facts;

	f->gone = is_gone(c);
	f->stopped = facts_got_sigstop(facts);
	f->frozen = facts->from.frozen;
	f->masks = facts->row.masks && is_openssh(facts);
	f->left = facts->cmd.flags & CMD_FORK &&
	    c->verdict.tun.origin == TUN_ORIGIN_BACKGROUND;
	f->sigcgt = facts->row.sigcgt;
	f->age = facts->row.start > 0 && now >= facts->row.start ?
	    (now - facts->row.start) / 1000 : -1;
	f->verified = facts->byexe;
	f->answers = reads_answer(c);
	f->served = facts->cmd.kind == CMD_SERVED;
	f->fdlimit = facts->fdlimit > 0 && facts->nfds + 1 >= facts->fdlimit;
	f->alive = facts->cmd.alive_interval > 0 ?
	    (int64_t)facts->cmd.alive_interval * 1000 : -1;
}

/* How it is linked with others, and what of that was seen. */
static void
gather_links(const struct cand *c, const struct sockset *set,
    struct health_facts *f)
{
	const struct links *l = &c->links;
	const struct cand *helper;
	int i;

	for (i = 0, helper = links_next(c); helper != NULL && i < MAX_CHAIN;
	    helper = links_next(helper), i++) {
		f->helper_stopped |= facts_got_sigstop(helper->facts);
		f->helper_frozen |= helper->facts->from.frozen;
	}
	f->denied = c->facts->fds_errno != 0;
	f->nosockets = !f->denied && (c->facts->fds == NULL || set->blind);
	f->elsewhere = !f->denied && !f->nosockets && !l->seen;
	f->client = l->mastered == LINK_FOUND;
	f->unclear = l->mastered == LINK_UNKNOWN;
	f->piped = l->piped;
	f->passed = l->passed;
	f->foreign = l->transport_cand != NULL &&
	    l->transport_cand->facts->cmd.kind == CMD_OTHER;
	f->master = c->verdict.tun.master == 1;
	f->carries = carries_more(c);
}

/* Its TCP sockets, but not what its starter passed. */
static void
gather_sockets(const struct cand *c, const struct sockset *set,
    struct health_facts *f)
{
	const struct plat_sock *sk;
	size_t i;

	for (i = 0; i < c->facts->nfds; i++)
		if (c->facts->fds[i].fd > 2 &&
		    (sk = sockset_of(set, &c->facts->fds[i])) != NULL &&
		    sk->family != AF_UNIX) {
			f->inet = 1;
			f->listeners |= sock_is_listener(sk);
		}
	f->listeners |= has_listeners(c) || c->links.ctlsock != NULL;
	f->conns = c->verdict.tun.conns;
	f->loop = c->links.loop;
	for (i = 0; i < c->verdict.tun.nfwds; i++)
		f->loop |= c->verdict.fwds[i].state == TUN_LOOP;
}

static void
gather(struct cand **cands, size_t n, const struct cand *c,
    const struct sockset *set, int64_t now, struct health_facts *f)
{
	memset(f, 0, sizeof(*f));
	gather_process(c, now, f);
	gather_links(c, set, f);
	gather_sockets(c, set, f);
	count_local(c, f);
	if (f->bad > 0 && f->bound == 0)
		f->twin = has_twin(cands, n, c);
}

void
health_judge_forwards(struct cand *c)
{
	struct tun_fwd *fwd;
	size_t i;

	for (i = 0; c->links.fwds != NULL && i < c->verdict.tun.nfwds; i++) {
		fwd = &c->verdict.fwds[i];
		fwd->state = health_forward(&c->links.fwds[i], &fwd->why);
		if (c->facts->fds_errno != 0)
			evidence_add(&fwd->why, TUN_WHY_DENIED);
	}
}

/* Finds the forwards whose listener had waiting connections in both samples. */
static void
find_choked(struct cand *c, const struct sample *now,
    const struct sample *before)
{
	struct fwd_links *ff;
	size_t i, k;

	for (i = 0; c->links.fwds != NULL && i < c->verdict.tun.nfwds; i++) {
		ff = &c->links.fwds[i];
		for (k = 0; k < ff->nsocks; k++)
			if (was_full(now, before, ff->socks[k]->key))
				ff->choked = 1;
	}
}

/* Before it has authenticated, ssh does not listen. */
static void
excuse_unbound(struct cand *c)
{
	enum tun_state link = c->verdict.tun.link;
	struct tun_fwd *fwd;
	size_t i;

	if (link != TUN_STARTING && link != TUN_PROMPT && link != TUN_STUCK)
		return;
	for (i = 0; i < c->verdict.tun.nfwds; i++) {
		fwd = &c->verdict.fwds[i];
		if (fwd->state == TUN_UNBOUND) {
			fwd->state = TUN_UNKNOWN;
			evidence_drop(&fwd->why, TUN_WHY_NOTBOUND);
		}
	}
}

void
health_judge(struct cand **cands, size_t n, const struct sockset *set,
    int64_t now)
{
	struct sample first;
	struct health_facts f;
	struct cand *c;
	size_t i;

	for (i = 0; i < n; i++) {
		c = cands[i];
		sample_take(c, c->links.holding, set, &first);
		find_choked(c, c->links.again != NULL ? c->links.again :
		    &first, c->links.again != NULL ? &first : NULL);
		health_judge_forwards(c);
		gather(cands, n, c, set, now, &f);
		f.now = c->links.again != NULL ? c->links.again : &first;
		f.before = c->links.again != NULL ? &first : NULL;
		c->verdict.tun.state = health_tunnel(&f, &c->verdict.tun.link,
		    &c->verdict.tun.why);
		excuse_unbound(c);
	}
}
