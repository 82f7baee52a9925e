/* SPDX-License-Identifier: ISC */
/* Processes and a socket table, made up; fakesocks.h. */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fakesocks.h"
#include "core/resolve.h"
#include "verdict/verdict.h"

struct arena *fake_arena;
struct plat_sock fake_socks[FAKE_MAX];
static size_t nsocks;
struct fake {
	struct cand cand;
	struct facts facts;
};
static struct cand *cands[FAKE_MAX];
static size_t ncands;

void
fake_setup(void)
{
	ck_assert_ptr_nonnull(fake_arena = arena_new());
	memset(fake_socks, 0, sizeof(fake_socks));
	nsocks = ncands = 0;
}

void
fake_teardown(void)
{
	arena_free(fake_arena);
}

struct facts *
fake_facts(struct cand *c)
{
	return &((struct fake *)c)->facts;
}

struct cand *
fake_proc(pid_t pid)
{
	struct fake *fake = arena_alloc(fake_arena, sizeof(*fake));
	struct facts *f = &fake->facts;
	struct verdict *v = &fake->cand.verdict;

	fake->cand.facts = f;
	f->row.pid = pid;
	f->row.uid = 1000;
	f->from.netns = 1;
	f->cmd.kind = CMD_SESSION;
	f->cmd.flags = CMD_NOSESSION;
	f->fds = arena_alloc(fake_arena, FAKE_MAX * sizeof(*f->fds));
	f->cwd = "/home/fred";
	v->tun.pid = pid;
	v->tun.master = v->tun.conns = -1;
	v->tun.heard = v->tun.rx = -1;
	v->fwds = arena_alloc(fake_arena, 8 * sizeof(*v->fwds));
	v->tun.internal = &fake->cand;
	return cands[ncands++] = &fake->cand;
}

void
fake_fd(struct cand *c, int fd, enum plat_fdkind kind, uint64_t key)
{
	struct facts *f = fake_facts(c);

	f->fds[f->nfds].fd = fd;
	f->fds[f->nfds].kind = kind;
	f->fds[f->nfds++].key = key;
}

static void
address(const char *text, int port, int *family, struct plat_addr *ap)
{
	*family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	ck_assert_int_eq(inet_pton(*family, text, ap->ip), 1);
	ap->port = port;
}

struct plat_sock *
fake_sock(enum plat_tcp state, const char *local, int lport, const char *peer,
    int pport)
{
	struct plat_sock *sk = &fake_socks[nsocks++];

	sk->key = nsocks;
	sk->state = state;
	sk->uid = 1000;
	sk->known = PLAT_SOCK_UID | PLAT_SOCK_QUEUES | PLAT_SOCK_ADDR;
	address(local, lport, &sk->family, &sk->local);
	if (peer != NULL)
		address(peer, pport, &sk->family, &sk->peer);
	return sk;
}

struct plat_sock *
fake_unix(enum plat_tcp state, const char *path, uint32_t backlog)
{
	struct plat_sock *sk = &fake_socks[nsocks++];

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

struct plat_sock *
fake_held(struct cand *c, int fd, struct plat_sock *sk)
{
	fake_fd(c, fd, PLAT_FD_SOCKET, sk->key);
	return sk;
}

struct plat_sock *
fake_listener(struct cand *c, int fd, const char *ip, int port)
{
	struct plat_sock *sk = fake_sock(PLAT_TCP_LISTEN, ip, port, NULL, 0);

	sk->wq = 128;
	return c != NULL ? fake_held(c, fd, sk) : sk;
}

struct plat_sock *
fake_conn(struct cand *c, int fd, const char *local, int lport,
    const char *peer, int pport)
{
	return fake_held(c, fd, fake_sock(PLAT_TCP_ESTAB, local, lport, peer,
	    pport));
}

struct plat_sock *
fake_transport(struct cand *c)
{
	return fake_conn(c, 3, "192.0.2.1", 40000, "203.0.113.5", 22);
}

struct tun_fwd *
fake_ask(struct cand *c, enum tun_fwd_kind kind, const char *host, int port,
    const char *to, int toport)
{
	struct tun_fwd *fwd = &c->verdict.fwds[c->verdict.tun.nfwds++];

	fwd->tun = &c->verdict.tun;
	fwd->source = TUN_SRC_ARGV;
	fwd->conns = fwd->exposed = -1;
	fwd->spec.kind = kind;
	fwd->spec.listen.host = host;
	fwd->spec.listen.port = port;
	fwd->spec.connect.host = to;
	fwd->spec.connect.port = toport;
	return fwd;
}

void
fake_join_on(unsigned flags, int noinet6)
{
	struct sockset set;
	struct resolver rs;
	size_t i;

	resolve_init(&rs);
	memset(&set, 0, sizeof(set));
	set.rs = &rs;
	set.socks = fake_socks;
	set.nsocks = nsocks;
	set.noinet6 = noinet6;
	ck_assert_int_eq(sockset_index(&set), 0);
	ck_assert_int_eq(join_sockets(fake_arena, cands, ncands, &set, flags),
	    0);
	for (i = 0; i < ncands; i++)
		health_judge_forwards(cands[i]);
	free(set.bykey);
	resolve_end(&rs);
}

void
fake_join(unsigned flags)
{
	fake_join_on(flags, 0);
}
