/* SPDX-License-Identifier: ISC */
/*
 * Forwards meet sockets: processes and a socket table made up here, each a
 * picture that ssh was seen to give.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "tests.h"

#define MAX	64
#define INFO	(TUN_SCAN_SOCKETS | TUN_SCAN_INFO)

static struct arena *a;
static struct plat_sock socks[MAX];
static size_t nsocks;
static struct cand *cands[MAX];
static size_t ncands;

static void
setup(void)
{
	ck_assert_ptr_nonnull(a = arena_new());
	memset(socks, 0, sizeof(socks));
	nsocks = ncands = 0;
}

static void
teardown(void)
{
	arena_free(a);
}

static struct cand *
make(pid_t pid)
{
	struct cand *c = arena_alloc(a, sizeof(*c));

	c->row.pid = pid;
	c->row.uid = 1000;
	c->from.netns = 1;
	c->cmd.kind = CMD_SESSION;
	c->cmd.flags = CMD_NOSESSION;
	c->tun.pid = pid;
	c->tun.master = c->tun.conns = -1;
	c->tun.heard = c->tun.rx = -1;
	c->fds = arena_alloc(a, MAX * sizeof(*c->fds));
	c->fwds = arena_alloc(a, 8 * sizeof(*c->fwds));
	c->tun.fwds = c->fwds;
	c->cwd = "/home/fred";
	return cands[ncands++] = c;
}

static void
give(struct cand *c, int fd, enum plat_fdkind kind, uint64_t key)
{
	c->fds[c->nfds].fd = fd;
	c->fds[c->nfds].kind = kind;
	c->fds[c->nfds++].key = key;
}

static void
address(const char *text, int port, int *family, struct plat_addr *ap)
{
	*family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	ck_assert_int_eq(inet_pton(*family, text, ap->ip), 1);
	ap->port = port;
}

/* A socket in the table; its key counts from 1. */
static struct plat_sock *
sock(enum plat_tcp state, const char *local, int lport, const char *peer,
    int pport)
{
	struct plat_sock *sk = &socks[nsocks++];

	sk->key = nsocks;
	sk->state = state;
	sk->uid = 1000;
	sk->known = PLAT_SOCK_UID | PLAT_SOCK_QUEUES | PLAT_SOCK_ADDR;
	address(local, lport, &sk->family, &sk->local);
	if (peer != NULL)
		address(peer, pport, &sk->family, &sk->peer);
	return sk;
}

static struct plat_sock *
usock(enum plat_tcp state, const char *path, uint32_t backlog)
{
	struct plat_sock *sk = &socks[nsocks++];

	sk->key = nsocks;
	sk->family = AF_UNIX;
	sk->state = state;
	sk->wq = backlog;
	sk->known = PLAT_SOCK_QUEUES;
	if (path != NULL) {
		strcpy(sk->path, path);
		sk->pathlen = strlen(path);
	}
	return sk;
}

static struct plat_sock *
held(struct cand *c, int fd, struct plat_sock *sk)
{
	give(c, fd, PLAT_FD_SOCKET, sk->key);
	return sk;
}

static struct plat_sock *
listener(struct cand *c, int fd, const char *ip, int port)
{
	struct plat_sock *sk = sock(PLAT_TCP_LISTEN, ip, port, NULL, 0);

	sk->wq = 128;
	return c != NULL ? held(c, fd, sk) : sk;
}

/* The connection to the server, on fd 3. */
static struct plat_sock *
transport(struct cand *c)
{
	return held(c, 3, sock(PLAT_TCP_ESTAB, "192.0.2.1", 40000,
	    "203.0.113.5", 22));
}

static struct tun_fwd *
ask(struct cand *c, enum tun_fwd_kind kind, const char *host, int port,
    const char *to, int toport)
{
	struct tun_fwd *fwd = &c->fwds[c->tun.nfwds++];

	fwd->tun = &c->tun;
	fwd->source = TUN_SRC_ARGV;
	fwd->conns = fwd->exposed = -1;
	fwd->spec.kind = kind;
	fwd->spec.listen.host = host;
	fwd->spec.listen.port = port;
	fwd->spec.connect.host = to;
	fwd->spec.connect.port = toport;
	return fwd;
}

static void
run_on(unsigned flags, int noinet6)
{
	struct sockset set;

	memset(&set, 0, sizeof(set));
	set.socks = socks;
	set.nsocks = nsocks;
	set.noinet6 = noinet6;
	ck_assert_int_eq(sockset_index(&set), 0);
	ck_assert_int_eq(join_sockets(a, cands, ncands, &set, flags), 0);
	free(set.bykey);
}

static void
run(unsigned flags)
{
	run_on(flags, 0);
}

/*
 * What -L 8080 with a bind address means, and what there is.
 */
static const struct {
	const char *host;
	unsigned flags;
	const char *ips[3];	/* of the listeners it has */
	const char *strange;	/* of one that it has not */
	enum tun_state state;
	int exposed;
	size_t nfwds;		/* one, and those nobody asked for */
} binds[] = {
	{ NULL, 0, { "::1", "127.0.0.1" }, NULL, TUN_BOUND, 0, 1 },
	{ NULL, 0, { "::1" }, NULL, TUN_HALF, 0, 1 },
	{ NULL, 0, { "127.0.0.1" }, "::1", TUN_HALF, 0, 1 },
	{ NULL, 0, { NULL }, NULL, TUN_UNBOUND, 0, 1 },
	{ NULL, 0, { NULL }, "127.0.0.1", TUN_TAKEN, 0, 1 },
	{ NULL, 0, { NULL }, "0.0.0.0", TUN_TAKEN, 0, 1 },
	{ NULL, 0, { NULL }, "192.0.2.7", TUN_UNBOUND, 0, 1 },
	{ NULL, CMD_INET4, { "127.0.0.1" }, NULL, TUN_BOUND, 0, 1 },
	{ NULL, CMD_INET6, { "::1" }, NULL, TUN_BOUND, 0, 1 },
	{ NULL, CMD_GATEWAY, { "0.0.0.0", "::" }, NULL, TUN_BOUND, 1, 1 },
	{ NULL, CMD_GATEWAY, { "0.0.0.0" }, NULL, TUN_HALF, 1, 1 },
	{ NULL, CMD_GATEWAY, { NULL }, "192.0.2.7", TUN_TAKEN, 0, 1 },
	{ "localhost", CMD_GATEWAY, { "::1", "127.0.0.1" }, NULL, TUN_BOUND,
	    0, 1 },
	{ "*", 0, { "0.0.0.0", "::" }, NULL, TUN_BOUND, 1, 1 },
	{ "", 0, { "0.0.0.0", "::" }, NULL, TUN_BOUND, 1, 1 },
	{ "0.0.0.0", 0, { "0.0.0.0" }, NULL, TUN_BOUND, 1, 1 },
	{ "127.0.0.1", 0, { "127.0.0.1" }, NULL, TUN_BOUND, 0, 1 },
	{ "127.0.0.1", CMD_GATEWAY, { "127.0.0.1" }, NULL, TUN_BOUND, 0, 1 },
	{ "::1", 0, { "::1" }, NULL, TUN_BOUND, 0, 1 },
	{ "0:0:0:0:0:0:0:1", 0, { "::1" }, NULL, TUN_BOUND, 0, 1 },
	{ "::1", CMD_INET4, { NULL }, NULL, TUN_UNBOUND, 0, 1 },
	/* A listener beside what was asked for is one of its own. */
	{ "::1", 0, { "::1", "127.0.0.1" }, NULL, TUN_BOUND, 0, 2 },
	/* A name is not looked up: whatever it has there is it. */
	{ "db.example", 0, { "192.0.2.1" }, NULL, TUN_BOUND, 1, 1 },
	{ "db.example", 0, { NULL }, "192.0.2.1", TUN_TAKEN, 0, 1 },
	{ "db.example", 0, { NULL }, NULL, TUN_UNBOUND, 0, 1 },
};

START_TEST(bind_address)
{
	struct cand *c = make(100);
	struct tun_fwd *fwd;
	int i;

	c->cmd.flags |= binds[_i].flags;
	transport(c);
	ask(c, TUN_FWD_LOCAL, binds[_i].host, 8080, "db", 5432);
	for (i = 0; i < 3 && binds[_i].ips[i] != NULL; i++)
		listener(c, 4 + i, binds[_i].ips[i], 8080);
	if (binds[_i].strange != NULL)
		listener(NULL, 0, binds[_i].strange, 8080);
	/* On another port, so none of it. */
	listener(NULL, 0, "127.0.0.1", 8081);
	run(INFO);
	fwd = &c->fwds[0];
	ck_assert_msg(fwd->state == binds[_i].state, "row %d: %s", _i,
	    tun_state_name(fwd->state));
	ck_assert_int_eq(fwd->exposed, binds[_i].exposed);
	ck_assert_uint_eq(c->tun.nfwds, binds[_i].nfwds);
	ck_assert_int_eq(fwd->holder != NULL, binds[_i].strange != NULL &&
	    (fwd->state == TUN_TAKEN || fwd->state == TUN_HALF));
	ck_assert_int_eq(fwd->conns, 0);
}
END_TEST

START_TEST(one_family_machine)
{
	struct cand *c = make(100);

	ask(c, TUN_FWD_DYNAMIC, NULL, 1080, NULL, 0);
	listener(c, 4, "127.0.0.1", 1080);
	run_on(INFO, 1);
	ck_assert_int_eq(c->fwds[0].state, TUN_BOUND);
}
END_TEST

/* The holder is one of ours: it can be named at once. */
START_TEST(held_by_a_tunnel)
{
	struct cand *first = make(100), *second = make(101);

	strcpy(first->row.comm, "ssh");
	ask(first, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	ask(second, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	listener(first, 4, "::1", 8080);
	listener(first, 5, "127.0.0.1", 8080);
	transport(second);
	run(INFO);
	ck_assert_int_eq(first->fwds[0].state, TUN_BOUND);
	ck_assert_int_eq(second->fwds[0].state, TUN_TAKEN);
	ck_assert_int_eq(second->fwds[0].holder->pid, 100);
	ck_assert_str_eq(second->fwds[0].holder->comm, "ssh");
	ck_assert_uint_eq(second->nwants, 0);
}
END_TEST

/* -L 8080:a -L 8080:b: the second is bound by nobody. */
START_TEST(asked_twice)
{
	struct cand *c = make(100);

	ask(c, TUN_FWD_LOCAL, NULL, 8080, "a", 1);
	ask(c, TUN_FWD_LOCAL, NULL, 8080, "b", 2);
	listener(c, 4, "::1", 8080);
	listener(c, 5, "127.0.0.1", 8080);
	run(INFO);
	ck_assert_int_eq(c->fwds[0].state, TUN_BOUND);
	ck_assert_int_eq(c->fwds[1].state, TUN_UNBOUND);
	ck_assert_uint_eq(c->tun.nfwds, 2);
}
END_TEST

START_TEST(unlisted)
{
	struct cand *c = make(100);
	size_t i;

	c->tun.nfwds = 0;
	transport(c);
	listener(c, 4, "::1", 8080);
	listener(c, 5, "127.0.0.1", 8080);
	listener(c, 6, "0.0.0.0", 81);
	listener(c, 7, "::", 81);
	listener(c, 8, "192.0.2.1", 82);
	held(c, 9, usock(PLAT_TCP_LISTEN, "/run/pg.sock", 128));
	run(INFO);
	ck_assert_uint_eq(c->tun.nfwds, 4);
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(c->fwds[i].state, i == 3 ? TUN_DETACHED :
		    TUN_UNLISTED);
		ck_assert_int_eq(c->fwds[i].source, TUN_SRC_SOCKET);
		ck_assert_int_eq(c->fwds[i].spec.kind, TUN_FWD_LOCAL);
		ck_assert_ptr_null(c->fwds[i].spec.connect.host);
		ck_assert_int_eq(c->fwds[i].spec.connect.port, -1);
		ck_assert_ptr_eq(c->fwds[i].tun, &c->tun);
	}
	ck_assert_ptr_null(c->fwds[0].spec.listen.host);
	ck_assert_int_eq(c->fwds[0].spec.listen.port, 8080);
	ck_assert_uint_eq(c->fwds[0].naddrs, 2);
	ck_assert_str_eq(c->fwds[1].spec.listen.host, "*");
	ck_assert_int_eq(c->fwds[1].exposed, 1);
	ck_assert_str_eq(c->fwds[2].spec.listen.host, "192.0.2.1");
	ck_assert_str_eq(c->fwds[3].spec.listen.path, "/run/pg.sock");
}
END_TEST

/* Three connects, one over ::1; a -R channel; the server's connection. */
START_TEST(channels)
{
	struct cand *c = make(100);
	struct plat_sock *client;

	transport(c)->known |= PLAT_SOCK_INFO | PLAT_SOCK_BYTES;
	socks[0].lar = 1234;
	socks[0].lds = 50;
	socks[0].ldr = 40;
	socks[0].rx = 77;
	listener(c, 4, "::1", 8080);
	listener(c, 5, "127.0.0.1", 8080);
	listener(c, 6, "127.0.0.1", 1080);
	held(c, 7, sock(PLAT_TCP_ESTAB, "127.0.0.1", 8080, "127.0.0.1", 5001));
	held(c, 8, sock(PLAT_TCP_CLOSE_WAIT, "127.0.0.1", 8080, "127.0.0.1",
	    5002));
	held(c, 9, sock(PLAT_TCP_ESTAB, "::1", 8080, "::1", 5003));
	held(c, 10, sock(PLAT_TCP_ESTAB, "127.0.0.1", 1080, "127.0.0.1", 5004));
	held(c, 11, sock(PLAT_TCP_ESTAB, "127.0.0.1", 5005, "127.0.0.1", 22));
	held(c, 12, sock(PLAT_TCP_ESTAB, "127.0.0.1", 5006, "192.0.2.9", 99));
	client = sock(PLAT_TCP_ESTAB, "127.0.0.1", 5001, "127.0.0.1", 8080);
	client->uid = 33;
	ask(c, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	ask(c, TUN_FWD_DYNAMIC, "127.0.0.1", 1080, NULL, 0);
	ask(c, TUN_FWD_REMOTE, NULL, 2022, "localhost", 22);
	ask(c, TUN_FWD_REMOTE, NULL, 2023, "localhost", 23);
	ask(c, TUN_FWD_RDYNAMIC, NULL, 2024, NULL, 0);
	run(INFO | TUN_SCAN_CLIENTS);
	ck_assert_int_eq(c->fwds[0].conns, 3);
	ck_assert_int_eq(c->fwds[1].conns, 1);
	ck_assert_int_eq(c->fwds[2].conns, 1);
	ck_assert_int_eq(c->fwds[2].state, TUN_REMOTE_USED);
	ck_assert_int_eq(c->fwds[3].conns, 0);
	ck_assert_int_eq(c->fwds[3].state, TUN_REMOTE);
	ck_assert_int_eq(c->fwds[4].conns, 1);
	ck_assert_int_eq(c->tun.conns, 6);
	ck_assert_uint_eq(c->fwds[0].nclients, 3);
	ck_assert_uint_eq(c->fwds[0].clients[0].addr.port, 5001);
	ck_assert_uint_eq(c->fwds[0].clients[0].uid, 33);
	ck_assert_uint_eq(c->nwants, 1);
	ck_assert_uint_eq(c->wants[0].key, client->key);
	ck_assert_int_eq(c->tun.heard, 1234);
	ck_assert_int_eq(c->tun.idle, 40);
	ck_assert_int_eq(c->tun.rx, 77);
	ck_assert_int_eq(c->tun.remote.port, 22);
	ck_assert_int_eq(c->transport_fd, 3);
}
END_TEST

/* Listeners alone were looked at: counts are unknown, not 0. */
START_TEST(not_counted)
{
	struct cand *c = make(100);

	ask(c, TUN_FWD_LOCAL, "127.0.0.1", 8080, "db", 5432);
	listener(c, 4, "127.0.0.1", 8080);
	run(TUN_SCAN_SOCKETS);
	ck_assert_int_eq(c->fwds[0].state, TUN_BOUND);
	ck_assert_int_eq(c->fwds[0].conns, -1);
	ck_assert_int_eq(c->tun.conns, -1);
}
END_TEST

/* Of a process that we may not read, nothing is guessed. */
START_TEST(denied)
{
	struct cand *c = make(100);

	c->fds = NULL;
	c->fds_errno = EACCES;
	ask(c, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	ask(c, TUN_FWD_LOCAL, "127.0.0.1", 8081, "db", 5432);
	ask(c, TUN_FWD_LOCAL, "127.0.0.1", 8082, "db", 5432);
	listener(NULL, 0, "::1", 8080);
	listener(NULL, 0, "127.0.0.1", 8081);
	listener(NULL, 0, "127.0.0.1", 8082)->uid = 0;
	run(INFO);
	/* Half of it may be anybody's. */
	ck_assert_int_eq(c->fwds[0].state, TUN_UNKNOWN);
	ck_assert_int_eq(c->fwds[0].exposed, -1);
	ck_assert_int_eq(c->fwds[1].state, TUN_BOUND);
	ck_assert(c->fwds[1].why & TUN_WHY_INFERRED);
	ck_assert_int_eq(c->fwds[2].state, TUN_UNKNOWN);
	ck_assert(c->fwds[2].why & TUN_WHY_DENIED);
	ck_assert_int_eq(c->tun.conns, -1);
	ck_assert_uint_eq(c->tun.nfwds, 3);
}
END_TEST

/* ControlPersist with the first client in front: both hold everything. */
START_TEST(detached_master)
{
	struct cand *client = make(100), *master = make(200);
	struct plat_sock *l6, *l4, *t, *ctl, *end, *in;

	master->cmd.kind = CMD_MUX;
	t = transport(client);
	held(master, 3, t);
	l6 = listener(client, 4, "::1", 8080);
	l4 = listener(client, 5, "127.0.0.1", 8080);
	held(master, 4, l6);
	held(master, 5, l4);
	ctl = held(master, 6, usock(PLAT_TCP_LISTEN,
	    "cm-x.0123456789abcDEF", 64));
	in = held(master, 7, usock(PLAT_TCP_ESTAB, ctl->path, 0));
	end = held(client, 6, usock(PLAT_TCP_ESTAB, NULL, 0));
	end->peer_key = in->key;
	in->peer_key = end->key;
	held(master, 8, sock(PLAT_TCP_ESTAB, "::1", 8080, "::1", 5003));
	ask(client, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	run(INFO);
	ck_assert_ptr_eq(client->master, master);
	ck_assert_ptr_null(master->master);
	ck_assert_int_eq(client->fwds[0].state, TUN_IN_MASTER);
	ck_assert_uint_eq(client->tun.nfwds, 1);
	/* The same socket proves what it was asked for. */
	ck_assert_uint_eq(master->tun.nfwds, 1);
	ck_assert_int_eq(master->fwds[0].state, TUN_BOUND);
	ck_assert_str_eq(master->fwds[0].spec.connect.host, "db");
	ck_assert_int_eq(master->fwds[0].conns, 1);
	ck_assert_int_eq(master->tun.master, 1);
	ck_assert_str_eq(master->tun.ctlpath, "/home/fred/cm-x");
	ck_assert_uint_eq(master->ctlsock->key, ctl->key);
}
END_TEST

/* -N -L over a master that was there: its own argv, no socket of it. */
START_TEST(mux_client)
{
	struct cand *master = make(100), *client = make(200);
	struct plat_sock *end, *in;

	transport(master);
	held(master, 4, usock(PLAT_TCP_LISTEN, "/tmp/m.0123456789abcdef", 64));
	listener(master, 5, "::1", 8080);
	listener(master, 6, "127.0.0.1", 8080);
	in = held(master, 7, usock(PLAT_TCP_ESTAB, "/tmp/m.0123456789abcdef",
	    0));
	end = held(client, 3, usock(PLAT_TCP_ESTAB, NULL, 0));
	end->peer_key = in->key;
	in->peer_key = end->key;
	ask(client, TUN_FWD_LOCAL, NULL, 8080, "db", 5432);
	ask(client, TUN_FWD_LOCAL, NULL, 8081, "db", 5432);
	run(INFO);
	ck_assert_ptr_eq(client->master, master);
	ck_assert_int_eq(client->fwds[0].state, TUN_IN_MASTER);
	ck_assert_int_eq(client->fwds[1].state, TUN_UNBOUND);
	/* But its target is the client's word, not the socket's. */
	ck_assert_int_eq(master->fwds[0].state, TUN_UNLISTED);
	ck_assert_ptr_null(master->fwds[0].spec.connect.host);
	/* No one's file is there. */
	ck_assert_int_eq(master->tun.ctl, TUN_CTL_LOST);
}
END_TEST

/* Two hops: the tunnel has pipes, the last helper the connection. */
START_TEST(jump_hosts)
{
	struct cand *c = make(100), *near = make(101), *far = make(102);

	c->hop = near;
	near->carrier = c;
	near->hop = far;
	far->carrier = near;
	listener(c, 3, "::1", 8080);
	listener(c, 6, "127.0.0.1", 8080);
	give(c, 4, PLAT_FD_PIPE, 901);
	give(c, 5, PLAT_FD_PIPE, 902);
	/* A channel of a -R is not its transport. */
	held(c, 7, sock(PLAT_TCP_ESTAB, "127.0.0.1", 5005, "127.0.0.1", 22));
	give(near, 0, PLAT_FD_PIPE, 901);
	give(near, 4, PLAT_FD_PIPE, 901);
	give(near, 5, PLAT_FD_PIPE, 902);
	give(near, 6, PLAT_FD_PIPE, 903);
	give(near, 7, PLAT_FD_PIPE, 904);
	transport(far);
	give(far, 0, PLAT_FD_PIPE, 903);
	give(far, 4, PLAT_FD_PIPE, 903);
	give(far, 5, PLAT_FD_PIPE, 904);
	ask(c, TUN_FWD_REMOTE, NULL, 2022, "localhost", 22);
	run(INFO);
	ck_assert_ptr_eq(c->transport_cand, far);
	ck_assert_int_eq(c->transport_fd, 3);
	ck_assert_int_eq(c->tun.remote.port, 22);
	ck_assert(c->piped);
	ck_assert(!far->piped);
	ck_assert_int_eq(c->fwds[0].conns, 1);
}
END_TEST

/* nc or the like: pipes, and nothing that we can follow. */
START_TEST(proxy_command)
{
	struct cand *c = make(100);

	give(c, 4, PLAT_FD_PIPE, 901);
	give(c, 5, PLAT_FD_PIPE, 902);
	held(c, 7, sock(PLAT_TCP_ESTAB, "127.0.0.1", 5005, "127.0.0.1", 22));
	run(INFO);
	ck_assert(c->piped);
	ck_assert_ptr_null(c->transport);
}
END_TEST

/* -f with a command keeps the launcher's pipes, after its connection. */
START_TEST(pipes_of_a_command)
{
	struct cand *c = make(100);

	transport(c);
	give(c, 7, PLAT_FD_PIPE, 901);
	give(c, 8, PLAT_FD_PIPE, 902);
	run(INFO);
	ck_assert(!c->piped);
	ck_assert_ptr_nonnull(c->transport);
}
END_TEST

START_TEST(leads_back)
{
	struct cand *c = make(100);

	held(c, 3, sock(PLAT_TCP_ESTAB, "127.0.0.1", 40000, "127.0.0.1", 22));
	ask(c, TUN_FWD_LOCAL, NULL, 8080, "127.0.0.1", 8080);
	ask(c, TUN_FWD_LOCAL, NULL, 8081, "db.example", 8081);
	listener(c, 4, "::1", 8080);
	listener(c, 5, "127.0.0.1", 8080);
	listener(c, 6, "::1", 8081);
	listener(c, 7, "127.0.0.1", 8081);
	run(INFO);
	ck_assert_int_eq(c->fwds[0].state, TUN_LOOP);
	ck_assert_int_eq(c->fwds[1].state, TUN_BOUND);
}
END_TEST

START_TEST(devices)
{
	struct cand *c = make(100);

	transport(c);
	ask(c, TUN_FWD_DEVICE, "7", -1, "7", -1);
	ask(c, TUN_FWD_DEVICE, "any", -1, "any", -1);
	ask(c, TUN_FWD_DEVICE, "8", -1, "8", -1);
	give(c, 4, PLAT_FD_TUN, 0);
	strcpy(c->fds[c->nfds - 1].name, "tun7");
	run(INFO);
	ck_assert_int_eq(c->fwds[0].state, TUN_DEVICE);
	ck_assert_int_eq(c->fwds[1].state, TUN_DEVICE);
	ck_assert_int_eq(c->fwds[2].state, TUN_UNBOUND);
}
END_TEST

/* A file that was replaced, by a listener or by the dead. */
START_TEST(paths)
{
	char dir[] = "/tmp/jointestXXXXXX", path[64], name[108];
	struct cand *c = make(100), *d = make(200);
	struct plat_sock *sk, *mine;
	struct sockaddr_un sun;
	struct tun_fwd *fwd;
	struct stat st;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(chmod(path, 0600), 0);
	d->row.uid = geteuid();

	/* The path is that of the listener of another. */
	c->cwd = dir;
	fwd = ask(c, TUN_FWD_LOCAL, NULL, -1, "db", 5432);
	fwd->spec.listen.path = "s";
	mine = held(c, 4, usock(PLAT_TCP_LISTEN, "s", 128));
	mine->known |= PLAT_SOCK_VFS;
	mine->vfs_ino = st.st_ino;
	held(c, 5, usock(PLAT_TCP_ESTAB, "s", 0));
	snprintf(name, sizeof(name), "%s.0123456789abcdef", path);
	sk = held(d, 4, usock(PLAT_TCP_LISTEN, name, 64));
	sk->known |= PLAT_SOCK_VFS;
	sk->vfs_ino = st.st_ino;
	fwd = ask(d, TUN_FWD_LOCAL, NULL, -1, "db", 5432);
	fwd->spec.listen.path = path;
	run(INFO);
	ck_assert_int_eq(c->fwds[0].state, TUN_BOUND);
	ck_assert_int_eq(c->fwds[0].conns, 1);
	ck_assert_int_eq(d->tun.ctl, TUN_CTL_FOUND);
	ck_assert_str_eq(d->tun.ctlpath, path);
	ck_assert_int_eq(d->fwds[0].state, TUN_TAKEN);
	ck_assert_uint_eq(d->tun.why & TUN_WHY_CTLDIR, 0);

	/* Who may write there may put another's socket in its place. */
	ck_assert_int_eq(chmod(dir, 0777), 0);
	d->tun.nfwds = c->tun.nfwds = 1;
	run(INFO);
	ck_assert_int_eq(d->tun.ctl, TUN_CTL_UNSAFE);
	ck_assert_uint_ne(d->tun.why & TUN_WHY_CTLDIR, 0);

	sk->vfs_ino = st.st_ino + 1;
	d->tun.nfwds = c->tun.nfwds = 1;
	run(INFO);
	ck_assert_int_eq(d->tun.ctl, TUN_CTL_REPLACED);

	mine->vfs_ino = st.st_ino + 2;
	d->tun.nfwds = c->tun.nfwds = 1;
	run(INFO);
	ck_assert_int_eq(c->fwds[0].state, TUN_DETACHED);
	ck_assert_int_eq(d->tun.ctl, TUN_CTL_LOST);
	ck_assert_int_eq(d->fwds[0].state, TUN_DEADFILE);
	close(fd);
	unlink(path);
	rmdir(dir);
}
END_TEST

Suite *
join_suite(void)
{
	Suite *s = suite_create("join");
	TCase *tc = tcase_create("join");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, bind_address, 0, NROWS(binds));
	tcase_add_test(tc, one_family_machine);
	tcase_add_test(tc, held_by_a_tunnel);
	tcase_add_test(tc, asked_twice);
	tcase_add_test(tc, unlisted);
	tcase_add_test(tc, channels);
	tcase_add_test(tc, not_counted);
	tcase_add_test(tc, denied);
	tcase_add_test(tc, detached_master);
	tcase_add_test(tc, mux_client);
	tcase_add_test(tc, jump_hosts);
	tcase_add_test(tc, proxy_command);
	tcase_add_test(tc, pipes_of_a_command);
	tcase_add_test(tc, leads_back);
	tcase_add_test(tc, devices);
	tcase_add_test(tc, paths);
	suite_add_tcase(s, tc);
	return s;
}
