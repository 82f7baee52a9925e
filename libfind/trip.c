/* SPDX-License-Identifier: ISC */
/*
 * trip.c: what can be learnt only by using a tunnel.
 *
 * A round trip asks the server to connect to its own port 1: by a master's
 * stdio forward, or through a dynamic forward.  That it refuses is as good
 * an answer as any.  A target is tried by a connection to the listener: data
 * is an answer, an end at once a refusal, and silence is told apart by the
 * tunnel's own connection: it has heard from the server since, or not.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asuser.h"
#include "compat.h"
#include "ms.h"
#include "trip.h"

/* Where send(2) has no word against SIGPIPE, the socket has. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* Beyond its own time, what a child needs to come and go. */
#define CHILD_MS	500

/*
 * A tunnel that heard from its server this lately is in use: then it cannot
 * be said that it was our connection that was heard of.
 */
#define BUSY_MS		1000

enum reach_what {
	REACH_SERVER,		/* SOCKS, and CONNECT to port 1 */
	REACH_TARGET
};

enum reach_result {
	REACH_FAILED,		/* not even to the listener */
	REACH_SILENT,
	REACH_DATA,
	REACH_END
};

/* One connection to one listener. */
struct reach {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} to;
	socklen_t tolen;
	enum reach_what what;
	enum reach_result result;
	int fd;
	int connected, said;
};

/* --- connections --------------------------------------------------------- */

static void
reach_close(struct reach *r, enum reach_result result)
{
	close(r->fd);
	r->fd = -1;
	r->result = result;
}

static void
reach_start(struct reach *r)
{
	r->result = REACH_FAILED;
	r->connected = r->said = 0;
	if ((r->fd = socket(r->to.sa.sa_family, SOCK_STREAM, 0)) == -1)
		return;
	if (fcntl(r->fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(r->fd, F_SETFL, O_NONBLOCK) == -1 ||
	    (connect(r->fd, &r->to.sa, r->tolen) == -1 &&
	    errno != EINPROGRESS && errno != EINTR)) {
		reach_close(r, REACH_FAILED);
		return;
	}
#ifdef SO_NOSIGPIPE
	setsockopt(r->fd, SOL_SOCKET, SO_NOSIGPIPE, &(int){ 1 }, sizeof(int));
#endif
}

/* RFC 1928: no authentication; then CONNECT to 127.0.0.1:1. */
static int
socks_say(struct reach *r)
{
	static const unsigned char words[] = {
		5, 1, 0,
		5, 1, 0, 1, 127, 0, 0, 1, 0, 1
	};

	r->said = 1;
	return send(r->fd, words, sizeof(words), MSG_NOSIGNAL) ==
	    (ssize_t)sizeof(words);
}

/*
 * The client itself answers the greeting, two bytes; what comes after them,
 * a reply or the end, is the server's doing.
 */
static void
socks_hear(struct reach *r, ssize_t n)
{
	r->said += (int)n;
	if (r->said > 1 + 2)
		reach_close(r, REACH_DATA);
}

static void
reach_step(struct reach *r)
{
	unsigned char buf[512];
	socklen_t len;
	ssize_t n;
	int error;

	if (!r->connected) {
		len = sizeof(error);
		if (getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &len) ==
		    -1 || error != 0) {
			reach_close(r, REACH_FAILED);
			return;
		}
		r->connected = 1;
		if (r->what == REACH_SERVER && !socks_say(r))
			reach_close(r, REACH_FAILED);
		return;
	}
	n = recv(r->fd, buf, sizeof(buf), 0);
	if (n > 0 && r->what == REACH_SERVER)
		socks_hear(r, n);
	else if (n > 0)
		reach_close(r, REACH_DATA);
	else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK &&
	    errno != EINTR))
		reach_close(r, REACH_END);
}

static void
reach_all(struct reach *v, size_t n, struct pollfd *fds, int ms)
{
	int64_t deadline = ms_now() + ms;
	size_t i, k, open;
	int left;

	for (i = 0; i < n; i++)
		reach_start(&v[i]);
	for (;;) {
		for (i = open = 0; i < n; i++) {
			if (v[i].fd == -1)
				continue;
			fds[open].fd = v[i].fd;
			fds[open].revents = 0;
			fds[open++].events = v[i].connected ? POLLIN : POLLOUT;
		}
		left = ms_left(deadline);
		if (open == 0 || left == 0)
			break;
		if (poll(fds, open, left) == -1 && errno != EINTR)
			break;
		for (i = k = 0; i < n; i++)
			if (v[i].fd != -1 && k < open &&
			    fds[k].fd == v[i].fd && fds[k++].revents != 0)
				reach_step(&v[i]);
	}
	for (i = 0; i < n; i++)
		if (v[i].fd != -1)
			reach_close(&v[i], v[i].connected ? REACH_SILENT :
			    REACH_FAILED);
}

struct reaching {
	struct reach *v;
	size_t n;
	int ms;
};

static void
reach_run(void *arg)
{
	struct reaching *ra = arg;
	struct pollfd *fds = calloc(ra->n, sizeof(*fds));
	size_t i;

	for (i = 0; fds == NULL && i < ra->n; i++)
		ra->v[i].result = REACH_FAILED;
	if (fds != NULL)
		reach_all(ra->v, ra->n, fds, ra->ms);
	free(fds);
}

/* --- what may be tried --------------------------------------------------- */

/* A tunnel for which looking has not already given a bad answer. */
static int
is_well(const struct cand *c)
{
	switch (c->verdict.tun.link) {
	case TUN_UP:
	case TUN_QUIET:
	case TUN_ALIVE:
	case TUN_MUTE:
		return !c->links.loop &&
		    (c->verdict.tun.why & TUN_WHY_LOOP) == 0;
	default:
		return 0;
	}
}

static int
is_open(const struct tun_fwd *fwd)
{
	return fwd->naddrs > 0 && (fwd->state == TUN_BOUND ||
	    fwd->state == TUN_HALF);
}

/* Where the forward listens; a wildcard is reached by the loopback. */
static int
set_addr(struct reach *r, const struct tun_addr *a)
{
	static const unsigned char any[16], one[16] = { [15] = 1 };

	memset(r, 0, sizeof(*r));
	r->fd = -1;
	switch (a->family) {
	case AF_INET:
		r->to.in.sin_family = AF_INET;
		r->to.in.sin_port = htons(a->port);
		if (memcmp(a->ip, any, 4) == 0)
			r->to.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		else
			memcpy(&r->to.in.sin_addr, a->ip, 4);
		r->tolen = sizeof(r->to.in);
		return 1;
	case AF_INET6:
		r->to.in6.sin6_family = AF_INET6;
		r->to.in6.sin6_port = htons(a->port);
		memcpy(&r->to.in6.sin6_addr, memcmp(a->ip, any, 16) == 0 ?
		    one : a->ip, 16);
		r->tolen = sizeof(r->to.in6);
		return 1;
	case AF_UNIX:
		if (a->path == NULL || *a->path != '/' ||
		    strlcpy(r->to.un.sun_path, a->path,
		    sizeof(r->to.un.sun_path)) >= sizeof(r->to.un.sun_path))
			return 0;
		r->to.un.sun_family = AF_UNIX;
		r->tolen = sizeof(r->to.un);
		return 1;
	default:
		return 0;
	}
}

/* All of one user at once, as that user. */
static int
reach_users(struct cand **who, struct reach *v, size_t n, int ms)
{
	struct reaching ra;
	size_t i, k;

	/* In runs: candidates of one list are mostly one user's. */
	for (i = 0; i < n; i += k) {
		for (k = 1; i + k < n &&
		     who[i + k]->verdict.tun.uid == who[i]->verdict.tun.uid;
		     k++)
			continue;
		ra.v = v + i;
		ra.n = k;
		ra.ms = ms;
		if (asuser_run(who[i]->verdict.tun.uid, reach_run, &ra, ra.v,
			k * sizeof(*v), ms + CHILD_MS) == -1 &&
		    errno == ENOMEM)
			return -1;
	}
	return 0;
}

/* Nobody waits at the forward's listeners. */
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
		if (t->fwds[i].spec.kind == TUN_FWD_DYNAMIC &&
		    is_open(&t->fwds[i]) &&
		    is_free(socks, nsocks, &t->fwds[i]) &&
		    set_addr(r, &t->fwds[i].addrs[0]))
			return 1;
	return 0;
}

int
trip_servers(struct plat *pl, struct cand **cands, size_t n, int ms)
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
		if (!is_well(cands[i]) ||
		    !set_dynamic(&v[m], &cands[i]->verdict.tun, socks, nsocks))
			continue;
		v[m].what = REACH_SERVER;
		who[m++] = cands[i];
	}
	if (reach_users(who, v, m, ms) == -1)
		goto out;
	for (i = 0; i < m; i++) {
		if (v[i].result == REACH_SILENT)
			who[i]->verdict.tun.why |= TUN_WHY_NOTRIP;
		else if (v[i].result != REACH_FAILED)
			who[i]->verdict.tun.why |= TUN_WHY_TRIP;
		if (v[i].result == REACH_SILENT)
			verdict_set_link(&who[i]->verdict.tun, TUN_MUTE);
		else if (who[i]->verdict.tun.why & TUN_WHY_TRIP)
			verdict_set_link(&who[i]->verdict.tun, TUN_ALIVE);
	}
	r = 0;
out:
	free(socks);
	free(v);
	free(who);
	return r;
}

/* --- level 4 ------------------------------------------------------------- */

struct target {
	struct cand *c;
	struct tun_fwd *fwd;
	uint32_t before;	/* ms since the server said something */
	int known;		/* before is, and again after */
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
dump(struct plat *pl, const struct target *v, size_t n,
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

/* Since when the tunnel's connection has heard nothing; 0: not known. */
static int
heard(const struct plat_sock *socks, size_t n, const struct cand *c,
    uint32_t *ms)
{
	const struct plat_sock *sk;

	if (c->links.transport_key == 0 ||
	    (sk = find_key(socks, n, c->links.transport_key)) == NULL ||
	    !(sk->known & PLAT_SOCK_INFO))
		return 0;
	*ms = sk->ldr;
	return 1;
}

static void
judge(struct target *t, const struct reach *r, uint32_t after,
    int64_t elapsed)
{
	switch (r->result) {
	case REACH_DATA:
		t->fwd->state = TUN_ANSWERS;
		break;
	case REACH_END:
		t->fwd->state = TUN_REFUSED;
		break;
	case REACH_SILENT:
		/* Where others use it nothing can be told. */
		if (!t->known || t->before < BUSY_MS)
			break;
		/* Unheard of, it would be at least BUSY_MS older than that. */
		t->fwd->state = after <= elapsed + BUSY_MS / 2 ? TUN_ANSWERS :
		    TUN_SILENT;
		break;
	case REACH_FAILED:
		break;
	}
}

/* One forward of each tunnel at a time: else none would know its answer. */
static int
try_targets(struct plat *pl, struct target *v, struct reach *to,
    struct cand **who, size_t n, int ms)
{
	struct plat_sock *socks;
	int64_t start = ms_now();
	uint32_t after = 0;
	size_t i, k, nsocks;

	if (dump(pl, v, n, &socks, &nsocks) == -1)
		return -1;
	for (i = k = 0; i < n; i++) {
		if (!is_free(socks, nsocks, v[i].fwd) ||
		    !set_addr(&to[k], &v[i].fwd->addrs[0]))
			continue;
		to[k].what = REACH_TARGET;
		who[k] = v[i].c;
		v[k] = v[i];
		v[k].known = heard(socks, nsocks, v[k].c, &v[k].before);
		k++;
	}
	free(socks);
	if (k == 0)
		return 0;
	if (reach_users(who, to, k, ms) == -1 ||
	    dump(pl, v, k, &socks, &nsocks) == -1)
		return -1;
	for (i = 0; i < k; i++) {
		v[i].known = v[i].known &&
		    heard(socks, nsocks, v[i].c, &after);
		judge(&v[i], &to[i], after, ms_now() - start);
	}
	free(socks);
	return 0;
}

int
trip_targets(struct plat *pl, struct cand **cands, size_t n, int ms)
{
	struct target *v;
	struct reach *to;
	struct cand **who;
	size_t i, k, round, most = 0;
	int r = -1;

	v = calloc(n, sizeof(*v));
	to = calloc(n, sizeof(*to));
	who = calloc(n, sizeof(struct cand *));
	if (v == NULL || to == NULL || who == NULL)
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
			r = try_targets(pl, v, to, who, k, ms);
	}
out:
	free(v);
	free(to);
	free(who);
	return r;
}
