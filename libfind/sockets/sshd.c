/* SPDX-License-Identifier: ISC */
/*
 * sshd.c: the server side of -R: the listeners that sshd holds on this machine
 * for its clients.
 *
 * The process of a session holds them, beside the connection to its client,
 * which distinguishes it from the sshd that waits for new clients. Only root
 * can read its descriptors, because it has changed its user. For other users
 * such a listener is only inferred: a socket of a logged-in user that none of
 * the visible processes holds.
 */
#include <sys/socket.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "sockets.h"

#define MAX_SESSIONS	100000

struct session {
	struct plat_proc row;
	struct plat_fd *fds;	/* NULL: not readable */
	size_t nfds;
};

struct tun_sshd_list {
	struct tun_list *list;	/* arena and notes */
	struct tun_sshd_listener *v;
	size_t n;
};

struct server {
	struct plat *pl;
	struct arena *a;
	struct tun_sshd_list *out;
	struct session *v;
	size_t n;
	size_t unread;		/* sessions with unreadable descriptors */
	int elsewhere;		/* some are in other network namespaces */
	struct sockset set;
};

/* sshd, its parts since 9.8 (sshd-session), and versioned ones. */
static int
is_sshd(const char *name)
{
	if (strncmp(name, "sshd", 4) != 0)
		return 0;
	return name[4] == '\0' || name[4] == '-' || name[4] == '.' ||
	    isdigit((unsigned char)name[4]);
}

static int
add_session(struct server *sv, pid_t pid)
{
	struct session *se;

	se = array_more(&sv->v, &sv->n, sizeof(*se), MAX_SESSIONS);
	if (se == NULL)
		return -1;
	se->row.pid = pid;
	return 0;
}

static int
find_sessions(struct server *sv)
{
	struct plat_name name;
	int r;

	if (plat_scan(sv->pl, 0) == -1)
		return -1;
	while ((r = plat_next(sv->pl, &name)) == 1)
		if (is_sshd(name.name) && add_session(sv, name.pid) == -1)
			return -1;
	return r;
}

static int
read_session(struct server *sv, struct session *se,
    const struct plat_proc *row)
{
	struct plat_origin from;
	size_t limit;

	se->row = *row;
	if (row->pid == 0 || row->flags & (PLAT_ZOMBIE | PLAT_KTHREAD))
		return 0;
	if (plat_fds(sv->pl, row, &se->fds, &se->nfds, &limit) == 0) {
		if (plat_origin(sv->pl, row, &from) == 0 && from.netns == 0)
			sv->elsewhere = 1;
		return 0;
	}
	se->fds = NULL;
	se->nfds = 0;
	if (plat_failed(errno))
		return -1;
	if (errno == ESRCH)
		se->row.pid = 0;
	else
		sv->unread++;
	return 0;
}

static int
read_sessions(struct server *sv)
{
	struct plat_proc rows[PLAT_BATCH];
	size_t done, i, k;

	for (done = 0; done < sv->n; done += k) {
		k = sv->n - done < PLAT_BATCH ? sv->n - done : PLAT_BATCH;
		memset(rows, 0, sizeof(rows));
		for (i = 0; i < k; i++)
			rows[i].pid = sv->v[done + i].row.pid;
		if (plat_rows(sv->pl, rows, k) == -1)
			return -1;
		for (i = 0; i < k; i++)
			if (read_session(sv, &sv->v[done + i], &rows[i]) == -1)
				return -1;
	}
	return 0;
}

static int
read_sockets(struct server *sv)
{
	struct plat_sock *socks;
	uint64_t *keys;
	size_t i, n = 0;
	int r;

	for (i = 0; i < sv->n; i++)
		n += sv->v[i].nfds;
	if ((keys = calloc(n ? n : 1, sizeof(*keys))) == NULL)
		return -1;
	for (n = i = 0; i < sv->n; i++)
		n += sockset_keys(sv->v[i].fds, sv->v[i].nfds, keys + n);
	plat_hint(sv->pl, SSH_PORT);
	r = plat_socks(sv->pl, keys, n,
	    PLAT_SOCKS_LISTEN | PLAT_SOCKS_ALL | PLAT_SOCKS_UNIX, NULL,
	    &socks, &sv->set.nsocks);
	free(keys);
	if (r == -1)
		return -1;
	sv->set.socks = socks;
	return sockset_index(&sv->set);
}

/* --- one session --------------------------------------------------------- */

static int
listens_on(const struct server *sv, const struct session *se, int family,
    uint16_t port)
{
	const struct plat_sock *sk;
	size_t i;

	for (i = 0; i < se->nfds; i++)
		if ((sk = sockset_of(&sv->set, &se->fds[i])) != NULL &&
		    sock_is_listener(sk) && sk->family == family &&
		    sk->local.port == port)
			return 1;
	return 0;
}

/*
 * The connection to its client: the lowest descriptor that is neither a
 * listener nor accepted by one. Connections for the client's -L are opened
 * later and have higher numbers.
 */
static const struct plat_sock *
client_of(const struct server *sv, const struct session *se)
{
	const struct plat_sock *sk, *best = NULL;
	size_t i;
	int fd = -1;

	for (i = 0; i < se->nfds; i++) {
		sk = sockset_of(&sv->set, &se->fds[i]);
		if (sk == NULL || !sock_is_inet(sk) ||
		    sock_is_listener(sk) ||
		    listens_on(sv, se, sk->family, sk->local.port))
			continue;
		if (best == NULL || se->fds[i].fd < fd) {
			best = sk;
			fd = se->fds[i].fd;
		}
	}
	return best;
}

static int
channels(const struct server *sv, const struct session *se,
    const struct plat_sock *l)
{
	const struct plat_sock *sk;
	size_t i;
	int n = 0;

	for (i = 0; i < se->nfds; i++) {
		sk = sockset_of(&sv->set, &se->fds[i]);
		if (sk == NULL || sk->family != l->family ||
		    sock_is_listener(sk))
			continue;
		n += sk->family == AF_UNIX ? sk->pathlen > 0 &&
		    strcmp(sk->path, l->path) == 0 :
		    sk->local.port == l->local.port;
	}
	return n;
}

/* The socket of -A, which leads to the client's agent, is no -R. */
static int
is_agent(const struct plat_sock *sk)
{
	const char *base = strrchr(sk->path, '/');

	return base != NULL && (strncmp(base, "/agent.", 7) == 0 ||
	    strncmp(base, "/s.", 3) == 0);
}

static int
may_be_forward(const struct plat_sock *sk)
{
	if (sk == NULL || !sock_is_listener(sk))
		return 0;
	return sk->family != AF_UNIX || (sk->path[0] == '/' && !is_agent(sk));
}

static struct tun_sshd_listener *
add_listener(struct server *sv, const struct plat_sock *sk)
{
	struct tun_sshd_list *out = sv->out;
	struct tun_sshd_listener *e;

	out->v = arena_push(sv->a, out->v, out->n, sizeof(*out->v));
	if (out->v == NULL)
		return NULL;
	e = &out->v[out->n];
	if (addr_of(sv->a, sk, &e->listen) == -1)
		return NULL;
	e->uid = sk->known & PLAT_SOCK_UID ? sk->uid : (uid_t)-1;
	e->conns = -1;
	out->n++;
	return e;
}

static int
judge_session(struct server *sv, const struct session *se)
{
	const struct plat_sock *client, *sk;
	struct tun_sshd_listener *e;
	size_t i;

	if (se->fds == NULL || (client = client_of(sv, se)) == NULL)
		return 0;
	for (i = 0; i < se->nfds; i++) {
		if (!may_be_forward(sk = sockset_of(&sv->set, &se->fds[i])))
			continue;
		if ((e = add_listener(sv, sk)) == NULL)
			return -1;
		e->uid = se->row.uid;
		e->pid = se->row.pid;
		e->start = se->row.start / 1000000;
		e->conns = channels(sv, se, sk);
		e->client = addr_public(client->family, &client->peer);
	}
	return 0;
}

/* --- what may not be read ------------------------------------------------ */

/*
 * Has this user a session whose descriptors are not readable? The daemon itself
 * runs as root.
 */
static int
is_logged_in(const struct server *sv, uid_t uid)
{
	size_t i;

	for (i = 0; i < sv->n; i++)
		if (sv->v[i].row.pid != 0 && sv->v[i].fds == NULL &&
		    sv->v[i].row.uid == uid && uid != 0)
			return 1;
	return 0;
}

static int
infer(struct server *sv)
{
	const struct plat_sock *socks = sv->set.socks;
	struct tun_sshd_listener *e;
	uint64_t *keys;
	pid_t *pids;
	size_t i, n = sv->set.nsocks;
	int r = -1;

	keys = calloc(n ? n : 1, sizeof(*keys));
	pids = calloc(n ? n : 1, sizeof(*pids));
	if (keys == NULL || pids == NULL)
		goto out;
	for (i = 0; i < n; i++)
		if (sock_is_inet(&socks[i]) && may_be_forward(&socks[i]) &&
		    socks[i].known & PLAT_SOCK_UID &&
		    is_logged_in(sv, socks[i].uid))
			keys[i] = socks[i].key;
	if (plat_socket_owner(sv->pl, keys, n, pids) == -1)
		goto out;
	for (i = 0; i < n; i++) {
		if (keys[i] == 0 || pids[i] != 0)
			continue;
		if ((e = add_listener(sv, &socks[i])) == NULL)
			goto out;
		e->inferred = 1;
	}
	r = 0;
out:
	free(keys);
	free(pids);
	return r;
}

static int
by_port(const void *a, const void *b)
{
	const struct tun_sshd_listener *x = a, *y = b;

	if (x->listen.port != y->listen.port)
		return x->listen.port < y->listen.port ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (x->listen.family != y->listen.family)
		return x->listen.family < y->listen.family ? -1 : 1;
	return x->listen.family == AF_UNIX ?
	    strcmp(x->listen.path, y->listen.path) :
	    memcmp(x->listen.ip, y->listen.ip, sizeof(x->listen.ip));
}

static int
look(struct server *sv)
{
	size_t i;

	if (find_sessions(sv) == -1 || read_sessions(sv) == -1 ||
	    read_sockets(sv) == -1)
		return -1;
	for (i = 0; i < sv->n; i++)
		if (judge_session(sv, &sv->v[i]) == -1)
			return -1;
	if (plat_gaps(sv->pl) & PLAT_GAP_HIDDEN && list_note(sv->out->list,
	    "processes of other users are hidden") == -1)
		return -1;
	if (sv->elsewhere && list_note(sv->out->list, "sessions of sshd in "
	    "other network namespaces are not seen") == -1)
		return -1;
	if (sv->unread > 0 && (infer(sv) == -1 || list_note(sv->out->list,
	    "sessions of sshd are not readable: what they listen on is "
	    "inferred from their users") == -1))
		return -1;
	if (sv->out->n > 0)
		qsort(sv->out->v, sv->out->n, sizeof(*sv->out->v), by_port);
	return 0;
}

int
tun_sshd_scan(struct tun_ctx *ctx, struct tun_sshd_list **listp)
{
	struct tun_list *list;
	struct server sv;
	size_t i;
	int error = 0;

	memset(&sv, 0, sizeof(sv));
	if ((list = list_new()) == NULL)
		return -1;
	sv.pl = ctx->pl;
	sv.a = list->arena;
	list->when = plat_now(ctx->pl) / 1000000;
	sv.out = arena_alloc(sv.a, sizeof(*sv.out));
	if (sv.out != NULL)
		sv.out->list = list;
	(void)plat_failure(sv.pl);
	if (sv.out == NULL || look(&sv) == -1)
		error = errno;
	else
		error = plat_failure(sv.pl);
	for (i = 0; i < sv.n; i++)
		free(sv.v[i].fds);
	free(sv.v);
	sockset_clear(&sv.set);
	if (error != 0) {
		tun_list_free(list);
		errno = error;
		return -1;
	}
	*listp = sv.out;
	return 0;
}

const struct tun_sshd_listener *
tun_sshd_next(const struct tun_sshd_list *list,
    const struct tun_sshd_listener *prev)
{
	size_t i = prev == NULL ? 0 : (size_t)(prev - list->v) + 1;

	return i < list->n ? &list->v[i] : NULL;
}

const char *
tun_sshd_note(const struct tun_sshd_list *list, size_t i)
{
	return tun_note(list->list, i);
}

int64_t
tun_sshd_when(const struct tun_sshd_list *list)
{
	return tun_when(list->list);
}

void
tun_sshd_free(struct tun_sshd_list *list)
{
	if (list != NULL)
		tun_list_free(list->list);
}
