/* SPDX-License-Identifier: ISC */
/*
 * control.c: control sockets of masters, and the clients of each. ssh binds the
 * socket as PATH.XXXXXXXXXXXXXXXX and then renames it; the kernel keeps the
 * long name.
 */
#include <sys/socket.h>

#include <errno.h>

#include "core/dial.h"
#include "join.h"

#define SUFFIX	17		/* a dot and 16 letters or digits */
#define BACKLOG	64		/* -L /path has 128 */

/* isalnum(3) depends on the locale and may accept other bytes. */
static int
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

static int
is_named(const struct plat_sock *sk)
{
	size_t i;

	if (sk->pathlen <= SUFFIX || sk->path[0] == '\0' ||
	    sk->path[sk->pathlen - SUFFIX] != '.')
		return 0;
	for (i = sk->pathlen - SUFFIX + 1; i < sk->pathlen; i++)
		if (!is_alnum(sk->path[i]))
			return 0;
	return 1;
}

int
ctl_is_listener(const struct plat_sock *sk)
{
	return sk->family == AF_UNIX && sock_is_listener(sk) &&
	    is_named(sk) && (!(sk->known & PLAT_SOCK_QUEUES) ||
	    sk->wq == 0 || sk->wq == BACKLOG);
}

char *
ctl_path(struct arena *a, const struct plat_sock *sk)
{
	return arena_strndup(a, sk->path, sk->pathlen - SUFFIX);
}

/*
 * Does the path still lead to this socket, and not to that of another process?
 */
static void
judge(const struct join *j, struct cand *c)
{
	const char *path = c->verdict.tun.ctlpath, *errstr;
	enum fwd_file other;

	switch (path_leads(j, c, path, c->links.ctlsock)) {
	case FILE_NONE:
		c->verdict.tun.ctl = TUN_CTL_LOST;
		break;
	case FILE_OTHER:
		c->verdict.tun.ctl = path_listener(j, path, &other) != NULL
		    ? TUN_CTL_REPLACED
		    : TUN_CTL_LOST;
		break;
	case FILE_OURS:
		c->verdict.tun.ctl = TUN_CTL_FOUND;
		if (dial_safe(j->set->rs, path, c->facts->row.uid,
		    &errstr) == -1 && errno == EPERM) {
			c->verdict.tun.ctl = TUN_CTL_UNSAFE;
			evidence_add(&c->verdict.tun.why, TUN_WHY_CTLDIR);
		}
		break;
	case FILE_REMOTE:
		evidence_add(&c->verdict.tun.why, TUN_WHY_REMOTEFS);
		c->verdict.tun.ctl = TUN_CTL_UNKNOWN;
		break;
	case FILE_ELSEWHERE:
		c->links.ctlelsewhere = 1;
		/* FALLTHROUGH */
	default:
		c->verdict.tun.ctl = TUN_CTL_UNKNOWN;
	}
}

static int
set_ctl(struct join *j, struct cand *c, const struct plat_sock *sk)
{
	char *path;

	if ((c->links.ctlsock = sock_keep(j->a, sk)) == NULL ||
	    (path = ctl_path(j->a, sk)) == NULL ||
	    (path = path_full(j->a, c->facts->cwd, path)) == NULL)
		return -1;
	c->verdict.tun.ctlpath = path;
	c->verdict.tun.master = 1;
	judge(j, c);
	return 0;
}

int
ctl_find(struct join *j, struct holding *v)
{
	struct cand *c = v->c;
	size_t i;

	for (i = 0; i < v->nheld; i++)
		if (ctl_is_listener(v->held[i].sk)) {
			v->held[i].claimed = 1;
			return set_ctl(j, c, v->held[i].sk);
		}
	/* -M was given, but the path was in use, so it is no master. */
	if (c->links.seen && c->facts->cmd.kind == CMD_SESSION &&
	    c->verdict.tun.master != 0) {
		c->verdict.tun.master = 0;
		c->verdict.tun.ctl = TUN_CTL_NONE;
	}
	return 0;
}

/* The candidate whose control listener accepted the other end of the stream. */
static struct holding *
master_of(const struct join *j, const struct plat_sock *sk)
{
	const struct plat_sock *end;
	struct holding *m;

	if (sk->family != AF_UNIX || sock_is_listener(sk) ||
	    sk->peer_key == 0 ||
	    (end = sockset_find(j->set, sk->peer_key)) == NULL ||
	    !is_named(end) || (m = owner_of(j, end->key)) == NULL)
		return NULL;
	/* A master that was told to stop has closed its listener. */
	if (m->c->facts->cmd.kind == CMD_STOPPED)
		return m;
	return m->c->links.ctlsock != NULL &&
		sock_came_through(end, m->c->links.ctlsock)
	    ? m
	    : NULL;
}

/*
 * A stream whose other end is not visible: without netlink no other end is, and
 * with netlink not that of a process in another network namespace.
 */
static int
is_blind(const struct join *j, const struct plat_sock *sk)
{
	return sk->family == AF_UNIX && !sock_is_listener(sk) &&
	    (!(sk->known & PLAT_SOCK_PEER) || (sk->peer_key != 0 &&
	    sockset_find(j->set, sk->peer_key) == NULL));
}

static enum link
none_or_unknown(const struct join *j, const struct holding *v)
{
	size_t i;

	if (!v->c->links.seen)
		return LINK_UNKNOWN;
	if (v->c->links.transport != NULL || v->c->links.ctlsock != NULL)
		return LINK_NONE;
	for (i = 0; i < v->nheld; i++)
		if (v->held[i].fd > 2 && !v->held[i].accepted &&
		    is_blind(j, v->held[i].sk))
			return LINK_UNKNOWN;
	return LINK_NONE;
}

/*
 * A mux client holds one unix stream to a master and no TCP connection of its
 * own. TCP sockets that it holds are copies from the master, which it had
 * before the master forked off; the master may have closed its listeners since.
 */
void
ctl_find_master(const struct join *j, struct holding *v)
{
	struct holding *m = NULL;
	size_t i;

	v->c->links.mastered = none_or_unknown(j, v);
	for (i = 0; i < v->nheld && (m == NULL || m == v); i++)
		m = v->held[i].accepted ? NULL : master_of(j, v->held[i].sk);
	if (m == NULL || m == v)
		return;
	for (i = 0; i < v->nheld; i++)
		if (v->held[i].fd > 2 && sock_is_inet(v->held[i].sk) &&
		    !sock_is_listener(v->held[i].sk) &&
		    owner_of(j, v->held[i].sk->key) != m)
			return;
	v->c->links.master = m->c;
	v->c->links.mastered = LINK_FOUND;
}
