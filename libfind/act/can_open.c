/* SPDX-License-Identifier: ISC */
/*
 * can_open.c: would a master open a forward, if it were asked?  The answer is
 * found without asking, from the master's command line, the sockets and
 * addresses of this machine, and what exists at a path.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sockets/join.h"
#include "mux/mux_wire.h"
#include "core/resolve.h"

struct asked {
	struct tun_ctx *ctx;
	struct arena *a;
	const struct tun_list *list;
	const struct tun *t;
	const struct tun_forward *fwd;
	struct cmdline cmd;	/* of t */
	const char *why;
};

static enum tun_open
answer(struct asked *q, enum tun_open can, const char *why)
{
	q->why = why;
	return can;
}

/* --- what the master has already ----------------------------------------- */

static int
is_asked_for(const struct tun_fwd *fwd)
{
	return fwd->source == TUN_SRC_ARGV || fwd->source == TUN_SRC_CONFIG ||
	    fwd->source == TUN_SRC_JOURNAL;
}

/* The master's forward with the same listener and a known target; or NULL. */
static const struct tun_fwd *
find_entry(const struct asked *q, const struct tun *t)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		if (is_asked_for(t->fwds[i]) &&
		    tun_forward_same_listener(&t->fwds[i]->spec, q->fwd))
			return t->fwds[i];
	return NULL;
}

/* --- who listens there --------------------------------------------------- */

enum holds { HELD_FREE, HELD_OWN, HELD_OTHER };

/*
 * Finds the owner of each of the addresses, and counts those that are not free.
 */
static int
look_at(const struct asked *q, const struct bind_addr *p,
    const struct tun_peer *const *v, size_t n, enum holds held[2])
{
	size_t i;
	int k, taken = 0;

	for (k = 0; k < p->n; k++) {
		held[k] = HELD_FREE;
		for (i = 0; i < n; i++)
			if (v[i]->addr.port == p->port &&
			    addr_blocks(&p->at[k], v[i]->addr.family,
			    v[i]->addr.ip, v[i]->both))
				held[k] = v[i]->pid == q->t->pid ? HELD_OWN :
				    HELD_OTHER;
		taken += held[k] != HELD_FREE;
	}
	return taken;
}

static enum tun_open
check_own(struct asked *q)
{
	const struct tun_fwd *entry = find_entry(q, q->t);
	size_t i;
	int known = 0;

	if (entry != NULL && tun_forward_cmp(&entry->spec, q->fwd) == 0)
		return answer(q, TUN_OPEN_HAS, "the master has it already");
	for (i = 0; i < q->t->nfwds; i++)
		known |= (q->t->fwds[i]->source == TUN_SRC_SOCKET ||
		    q->t->fwds[i]->source == TUN_SRC_JOURNAL) &&
		    (q->fwd->listen.path != NULL ||
		    q->t->fwds[i]->spec.listen.port == q->fwd->listen.port);
	if (entry == NULL && known)
		return answer(q, TUN_OPEN_UNKNOWN, "the master itself listens "
		    "there already, and its target is not known");
	return answer(q, TUN_OPEN_NO,
	    "the master itself listens there, for another target");
}

/* With GatewayPorts in its ssh_config the forward listens on all addresses. */
static int
may_be_wider(const struct asked *q)
{
	return q->fwd->listen.host == NULL && !(q->cmd.flags & CMD_GATEWAY);
}

/* Is the port one that the kernel gives only to root? */
static int
is_roots(const struct asked *q)
{
	return q->t->uid != 0 && q->fwd->listen.port <
	    (q->t->netns == 0 ? IPPORT_RESERVED : plat_first_port(q->ctx->pl));
}

static enum tun_open
check_port(struct asked *q, const struct tun_peer *const *v, size_t n)
{
	static const struct tun_end all = { NULL, "*", 0 };
	struct tun_end wide = all;
	struct bind_addr p;
	enum holds held[2];
	int noinet6 = !(plat_caps(q->ctx->pl) & PLAT_CAP_INET6), k, own = 0;

	if (is_roots(q) && q->t->netns == 0)
		return answer(q, TUN_OPEN_UNKNOWN, "in its network namespace, "
		    "the master may have the port only if it is root's or the "
		    "kernel says otherwise");
	if (is_roots(q))
		return answer(q, TUN_OPEN_NO,
		    "only a master of root may have so low a port");
	bind_addr_of(&p, &q->fwd->listen, q->cmd.flags, noinet6);
	if (p.n == -1)
		return n == 0 ? TUN_OPEN_YES : answer(q, TUN_OPEN_UNKNOWN,
		    "something listens on that port; whether at the address "
		    "of this name is not known");
	if (p.n == 0)
		return answer(q, TUN_OPEN_NO,
		    "the master has no address of that family");
	k = look_at(q, &p, v, n, held);
	if (k == p.n) {
		for (k = 0; k < p.n; k++)
			own += held[k] == HELD_OWN;
		return own > 0 ? check_own(q) : answer(q, TUN_OPEN_TAKEN,
		    "another process listens there");
	}
	for (k = 0; k < p.n; k++)
		if (held[k] == HELD_OWN)
			return check_own(q);
	if (find_entry(q, q->t) != NULL && q->fwd->listen.host != NULL &&
	    *q->fwd->listen.host != '\0' &&
	    strcmp(q->fwd->listen.host, "localhost") != 0)
		return answer(q, TUN_OPEN_UNKNOWN, "the master was asked for "
		    "that before and does not listen: since OpenSSH 10.1 it "
		    "never tries again");
	if (p.n == 1 && addr_is_foreign(&p.at[0]))
		return answer(q, TUN_OPEN_NO,
		    "no interface of this machine has that address");
	wide.port = q->fwd->listen.port;
	bind_addr_of(&p, &wide, q->cmd.flags, noinet6);
	if (may_be_wider(q) && look_at(q, &p, v, n, held) == p.n)
		return answer(q, TUN_OPEN_UNKNOWN, "another process listens "
		    "on that port at other addresses; with GatewayPorts in "
		    "the master's ssh_config it is in the way");
	return TUN_OPEN_YES;
}

static enum tun_open
check_path(struct asked *q, const struct tun_peer *const *v, size_t n)
{
	const char *path = q->fwd->listen.path;
	char *full;
	struct sockaddr_un un;
	struct resolved r;
	size_t i;
	int error;

	if (strlen(path) >= sizeof(un.sun_path))
		return answer(q, TUN_OPEN_NO, "the path is too long");
	if (*path != '/' && q->t->cwd == NULL)
		return answer(q, TUN_OPEN_UNKNOWN, "the path is relative to "
		    "the master's directory, which is not known");
	for (i = 0; i < n; i++)
		if (v[i]->pid == q->t->pid)
			return check_own(q);
	if ((full = path_full(q->a, q->t->cwd, path)) == NULL)
		return answer(q, TUN_OPEN_UNKNOWN, "no memory");
	error = resolve_look(q->ctx->rs, full, 0, 0, &r) == -1 ? errno : 0;
	if (error == 0 && r.st.st_mode != 0) {
		if (q->cmd.flags & CMD_UNLINK)
			return TUN_OPEN_YES;
		if (n > 0)
			return answer(q, TUN_OPEN_TAKEN,
			    "another process listens there");
		return answer(q, q->cmd.flags & CMD_NOUNLINK ? TUN_OPEN_NO :
		    TUN_OPEN_UNKNOWN, "the path exists: only a master with "
		    "StreamLocalBindUnlink replaces it");
	}
	if (error != 0 && error != ENOENT && error != ENOTDIR)
		return answer(q, TUN_OPEN_UNKNOWN,
		    "what is at the path cannot be seen");
	if (error != 0)
		return answer(q, TUN_OPEN_NO, "there is no such directory");
	/* r.dir is -1 if a child had to look. */
	if (geteuid() == q->t->uid && r.dir != -1 &&
	    faccessat(r.dir, ".", W_OK | X_OK, 0) == -1)
		return answer(q, TUN_OPEN_NO,
		    "the directory cannot be written to");
	return TUN_OPEN_YES;
}

static enum tun_open
check_local(struct asked *q)
{
	const struct tun_peer **v;
	enum tun_open can;
	size_t n;

	if (tun_listeners(q->ctx, q->t, q->fwd, 0, &v, &n) == -1)
		return answer(q, TUN_OPEN_UNKNOWN,
		    "the sockets of the master cannot be seen");
	can = q->fwd->listen.path != NULL ? check_path(q, v, n) :
	    check_port(q, v, n);
	free(v);
	return can;
}

/* --- what the server can grant -------------------------------------------- */

static int
same_server(const struct tun *a, const struct tun *b)
{
	return a->remote.family != 0 && a->remote.family == b->remote.family &&
	    a->remote.port == b->remote.port &&
	    memcmp(a->remote.ip, b->remote.ip, sizeof(a->remote.ip)) == 0;
}

/* Is the server the sshd of this machine, so that its listeners can be seen? */
static int
is_here(const struct asked *q)
{
	const struct tun *t = q->t;
	const struct tun_peer **peers;
	size_t i, n;
	int here = 0;

	if (t->remote.family == 0 ||
	    (!addr_is_loopback(t->remote.family, t->remote.ip) &&
	    memcmp(t->remote.ip, t->local.ip, sizeof(t->local.ip)) != 0))
		return 0;
	if (tun_port_owners(q->ctx, t->remote.port, &peers, &n) == -1)
		return 0;
	for (i = 0; i < n; i++)
		here |= peers[i]->comm != NULL &&
		    strncmp(peers[i]->comm, "sshd", 4) == 0;
	free(peers);
	return here;
}

/* The server of this machine cannot have a port that another process has. */
static enum tun_open
check_here(struct asked *q)
{
	struct plat_sock *socks;
	struct bind_addr p;
	size_t i, n;
	int k, taken = 0, hit;

	if (plat_socks(q->ctx->pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &socks,
	    &n) == -1)
		return TUN_OPEN_YES;
	bind_addr_of(&p, &q->fwd->listen, 0,
	    !(plat_caps(q->ctx->pl) & PLAT_CAP_INET6));
	for (k = 0; k < p.n; k++) {
		for (i = hit = 0; i < n; i++)
			hit |= sock_is_listener(&socks[i]) &&
			    socks[i].local.port == p.port &&
			    sock_blocks(&socks[i], &p.at[k]);
		taken += hit;
	}
	free(socks);
	if (p.n < 1 || taken < p.n)
		return TUN_OPEN_YES;
	/* GatewayPorts of the server decides where it would listen. */
	if (q->fwd->listen.host == NULL ||
	    strcmp(q->fwd->listen.host, "localhost") == 0)
		return answer(q, TUN_OPEN_TAKEN, "the server is this machine, "
		    "and another process listens there");
	return answer(q, TUN_OPEN_UNKNOWN, "the server is this machine, and "
	    "something listens on that port");
}

static enum tun_open
check_remote(struct asked *q)
{
	const struct tun_fwd *entry;
	const struct tun *t = NULL;

	if (q->fwd->listen.path == NULL && q->fwd->listen.port == 0)
		return TUN_OPEN_YES;
	if ((entry = find_entry(q, q->t)) != NULL)
		return tun_forward_cmp(&entry->spec, q->fwd) == 0 ?
		    answer(q, TUN_OPEN_HAS, "the master has it already") :
		    answer(q, TUN_OPEN_NO, "the master has asked its server "
		    "for that already, for another target");
	if (q->fwd->listen.path == NULL && is_here(q))
		return check_here(q);
	while ((t = tun_next(q->list, t)) != NULL)
		if (t != q->t && same_server(t, q->t) &&
		    find_entry(q, t) != NULL)
			return answer(q, TUN_OPEN_UNKNOWN, "another tunnel "
			    "has asked the same server for that");
	return TUN_OPEN_YES;
}

/* --- all of it ------------------------------------------------------------ */

static enum tun_open
check(struct asked *q)
{
	const char *errstr;
	enum tun_open can;

	if ((errstr = mux_fwd_error(q->fwd)) != NULL)
		return answer(q, TUN_OPEN_NO, errstr);
	if (q->t == NULL)
		return answer(q, TUN_OPEN_UNKNOWN,
		    "the process of the master cannot be seen");
	if (tun_why_has(&q->t->why, TUN_WHY_NETNS) &&
	    tun_forward_is_local(q->fwd))
		return answer(q, TUN_OPEN_UNKNOWN,
		    "the master is in another network namespace");
	can = tun_forward_is_local(q->fwd) ? check_local(q) : check_remote(q);
	if (can == TUN_OPEN_YES && q->cmd.flags & CMD_ASK)
		return answer(q, TUN_OPEN_UNKNOWN,
		    "the master was told to ask a human first");
	return can;
}

enum tun_open
tun_can_open(struct tun_ctx *ctx, const struct tun_list *list,
    const struct tun *t, const struct tun_forward *fwd, const char **whyp)
{
	struct asked q;
	enum tun_open can;

	memset(&q, 0, sizeof(q));
	q.ctx = ctx;
	q.list = list;
	q.t = t;
	q.fwd = fwd;
	if ((q.a = arena_new()) == NULL) {
		*whyp = "no memory";
		return TUN_OPEN_UNKNOWN;
	}
	if (t != NULL && t->argv != NULL && cmdline_parse(q.a, t->argv,
	    t->argc, NULL, &q.cmd) == -1)
		memset(&q.cmd, 0, sizeof(q.cmd));
	can = check(&q);
	arena_free(q.a);
	*whyp = q.why;
	return can;
}
