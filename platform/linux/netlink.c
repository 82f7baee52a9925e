/* SPDX-License-Identifier: ISC */
/*
 * Sockets by inode. NETLINK_SOCK_DIAG sends the tables of our network
 * namespace, and a bag keeps only the sockets that were asked for, so that
 * memory does not grow with the sockets of the machine. If netlink is denied,
 * and for other namespaces, /proc/net gives the same more slowly.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "impl.h"
#include "linux.h"
#include "compat/ms.h"
#include "sock.h"

#ifdef HAVE_LIBMNL
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <linux/unix_diag.h>

/* The kernel makes no larger part of a dump than this. */
#define DUMP_SIZE	32768

/*
 * The kernel marks a dump if the table changed meanwhile; then it is repeated.
 * On a very busy machine all are marked: then the last one counts.
 */
#define DUMP_TRIES	3

/*
 * The kernel answers within the call. An answer is missing only if the kernel
 * had no memory for it, or if a filter dropped the request.
 */
#define SILENCE_MS	2000	/* without a message */
#define ANSWER_MS	20000	/* for all of them */

/*
 * States of a connection that a process can hold. Sockets in TIME_WAIT and
 * SYN_RECV belong to no process, so they are not read.
 */
#define LISTENING	(1u << PLAT_TCP_LISTEN)
#define CONNECTIONS	(1u << PLAT_TCP_ESTAB | 1u << PLAT_TCP_SYN_SENT | \
			1u << PLAT_TCP_FIN_WAIT1 | 1u << PLAT_TCP_FIN_WAIT2 | \
			1u << PLAT_TCP_CLOSE | 1u << PLAT_TCP_CLOSE_WAIT | \
			1u << PLAT_TCP_LAST_ACK | 1u << PLAT_TCP_CLOSING)

struct source {
	struct mnl_socket *nl;
	unsigned seq;
	int twice;		/* the request for both families fails */
	int nofilter;		/* the kernel does not take our program */
	char buf[DUMP_SIZE];
};

union request {
	struct nlmsghdr nlh;	/* for its alignment */
	char buf[256 + FILTER_OPS * sizeof(struct inet_diag_bc_op)];
};

static struct source *
source_open(struct plat *pl)
{
	static const struct timeval silence = {
		.tv_sec = SILENCE_MS / 1000
	};
	struct source *src = pl->live->sock;
	int error;

	if (src != NULL)
		return src;
	if ((src = calloc(1, sizeof(*src))) == NULL)
		return NULL;
	src->nl = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (src->nl == NULL ||
	    mnl_socket_bind(src->nl, 0, MNL_SOCKET_AUTOPID) == -1 ||
	    setsockopt(mnl_socket_get_fd(src->nl), SOL_SOCKET, SO_RCVTIMEO,
	    &silence, sizeof(silence)) == -1) {
		error = errno;
		if (src->nl != NULL)
			mnl_socket_close(src->nl);
		free(src);
		errno = error;
		return NULL;
	}
	pl->live->sock = src;
	return src;
}

void
linux_socks_close(struct plat *pl)
{
	struct source *src = pl->live->sock;

	if (src == NULL)
		return;
	mnl_socket_close(src->nl);
	free(src);
	pl->live->sock = NULL;
}

/* The kernel's tcp_info may be shorter or longer than ours. */
static void
tcp_info(struct plat_sock *sk, const void *data, size_t len)
{
	struct tcp_info ti;

	memset(&ti, 0, sizeof(ti));
	memcpy(&ti, data, len < sizeof(ti) ? len : sizeof(ti));
	if (len < offsetof(struct tcp_info, tcpi_pacing_rate))
		return;
	sk->retrans = ti.tcpi_retransmits;
	sk->probes = ti.tcpi_probes;
	sk->known |= PLAT_SOCK_INFO;
	/* For a listener these fields mean something else. */
	if (sk->state == PLAT_TCP_LISTEN)
		return;
	sk->unacked = ti.tcpi_unacked;
	sk->total_retrans = ti.tcpi_total_retrans;
	sk->lds = ti.tcpi_last_data_sent;
	sk->ldr = ti.tcpi_last_data_recv;
	sk->lar = ti.tcpi_last_ack_recv;
	sk->rtt = ti.tcpi_rtt;
	if (len < offsetof(struct tcp_info, tcpi_segs_out))
		return;		/* before Linux 4.1 */
	/* The SYN was acknowledged as well, but is no byte of data. */
	sk->tx = ti.tcpi_bytes_acked > 0 ? ti.tcpi_bytes_acked - 1 : 0;
	sk->rx = ti.tcpi_bytes_received;
	sk->known |= PLAT_SOCK_BYTES;
}

/* Copies an attribute into a struct; 0 if it is too short. */
static int
get(const struct nlattr *at, void *buf, size_t len)
{
	if (mnl_attr_get_payload_len(at) < len)
		return 0;
	memcpy(buf, mnl_attr_get_payload(at), len);
	return 1;
}

int
diag_inet(const struct nlmsghdr *nlh, struct plat_sock *sk)
{
	const struct nlattr *at;
	struct inet_diag_msg m;
	size_t iplen;
	uint8_t v6only;

	memset(sk, 0, sizeof(*sk));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(m))
		return -1;
	memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof(m));
	if (m.idiag_family != AF_INET && m.idiag_family != AF_INET6)
		return -1;
	iplen = m.idiag_family == AF_INET ? 4 : 16;
	sk->family = m.idiag_family;
	sk->key = m.idiag_inode;
	sk->uid = m.idiag_uid;
	sk->rq = m.idiag_rqueue;
	sk->wq = m.idiag_wqueue;
	sk->local.port = ntohs(m.id.idiag_sport);
	sk->peer.port = ntohs(m.id.idiag_dport);
	sk->scope = m.id.idiag_if;
	memcpy(sk->local.ip, m.id.idiag_src, iplen);
	memcpy(sk->peer.ip, m.id.idiag_dst, iplen);
	sk->known = PLAT_SOCK_UID | PLAT_SOCK_QUEUES | PLAT_SOCK_ADDR;

	/* The kernel has the same numbers, except NEW_SYN_RECV. */
	if (m.idiag_state <= PLAT_TCP_CLOSING)
		sk->state = (enum plat_tcp)m.idiag_state;
	if (m.idiag_timer <= PLAT_TIMER_PROBE) {
		sk->timer = (enum plat_timer)m.idiag_timer;
		sk->known |= PLAT_SOCK_TIMER;
	}
	if (sk->timer != PLAT_TIMER_NONE)
		sk->expires = m.idiag_expires;
	if (sk->timer == PLAT_TIMER_RETRANS)
		sk->retrans = m.idiag_retrans;
	else
		sk->probes = m.idiag_retrans;

	mnl_attr_for_each(at, nlh, sizeof(m))
		switch (mnl_attr_get_type(at)) {
		case INET_DIAG_INFO:
			tcp_info(sk, mnl_attr_get_payload(at),
			    mnl_attr_get_payload_len(at));
			break;
		case INET_DIAG_SKV6ONLY:	/* since Linux 4.3 */
			if (!get(at, &v6only, sizeof(v6only)))
				break;
			sk->v6only = v6only;
			sk->known |= PLAT_SOCK_V6ONLY;
			break;
		}
	return 0;
}

int
diag_unix(const struct nlmsghdr *nlh, struct plat_sock *sk)
{
	struct unix_diag_rqlen rqlen;
	struct unix_diag_vfs vfs;
	struct unix_diag_msg m;
	const struct nlattr *at;
	uint32_t u;
	size_t n;

	memset(sk, 0, sizeof(*sk));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(m))
		return -1;
	memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof(m));
	if (m.udiag_family != AF_UNIX || m.udiag_type != SOCK_STREAM)
		return -1;
	sk->family = AF_UNIX;
	sk->key = m.udiag_ino;
	sk->state = m.udiag_state == PLAT_TCP_LISTEN ||
	    m.udiag_state == PLAT_TCP_ESTAB ?
	    (enum plat_tcp)m.udiag_state : PLAT_TCP_CLOSE;

	mnl_attr_for_each(at, nlh, sizeof(m))
		switch (mnl_attr_get_type(at)) {
		case UNIX_DIAG_NAME:
			n = mnl_attr_get_payload_len(at);
			if (n >= sizeof(sk->path))
				n = sizeof(sk->path) - 1;
			memcpy(sk->path, mnl_attr_get_payload(at), n);
			/* Some kernels count the NUL of a path. */
			if (n > 0 && sk->path[0] != '\0')
				n = strnlen(sk->path, n);
			sk->pathlen = n;
			break;
		case UNIX_DIAG_VFS:
			if (!get(at, &vfs, sizeof(vfs)))
				break;
			sk->vfs_ino = vfs.udiag_vfs_ino;
			sk->vfs_dev = vfs.udiag_vfs_dev;
			sk->known |= PLAT_SOCK_VFS;
			break;
		case UNIX_DIAG_PEER:
			if (!get(at, &u, sizeof(u)))
				break;
			sk->peer_key = u;
			sk->known |= PLAT_SOCK_PEER;
			break;
		case UNIX_DIAG_RQLEN:
			if (!get(at, &rqlen, sizeof(rqlen)))
				break;
			sk->rq = rqlen.udiag_rqueue;
			sk->wq = rqlen.udiag_wqueue;
			sk->known |= PLAT_SOCK_QUEUES;
			break;
		case UNIX_DIAG_UID:
			if (!get(at, &u, sizeof(u)))
				break;
			sk->uid = u;
			sk->known |= PLAT_SOCK_UID;
			break;
		}
	return 0;
}

/* The errno of an NLMSG_ERROR or NLMSG_DONE; 0 where all went well. */
static int
diag_errno(const struct nlmsghdr *nlh)
{
	int e;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(e))
		return nlh->nlmsg_type == NLMSG_DONE ? 0 : EPROTO;
	memcpy(&e, mnl_nlmsg_get_payload(nlh), sizeof(e));
	return -e;
}

/*
 * Most messages are about connections that were not asked for. This check skips
 * them before they are parsed, which would take as long as the reading.
 */
static int
foreign(const struct bag *bag, const struct nlmsghdr *nlh)
{
	struct inet_diag_msg m;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(m))
		return 1;
	memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof(m));
	return m.idiag_state != PLAT_TCP_LISTEN &&
	    !bag_has(bag, m.idiag_inode) &&
	    !bag_meets(bag, ntohs(m.id.idiag_sport), ntohs(m.id.idiag_dport));
}

/*
 * Puts the answer to the last request through the bag. EINTR in errno means
 * that the table changed meanwhile, ETIMEDOUT that no answer came.
 */
static int
answer(struct source *src, struct bag *bag, int family)
{
	unsigned portid = mnl_socket_get_portid(src->nl);
	struct nlmsghdr *nlh;
	struct plat_sock sk;
	ssize_t n;
	int64_t deadline = ms_now() + ANSWER_MS;
	int e, len, changed = 0;

	for (;;) {
		n = mnl_socket_recvfrom(src->nl, src->buf, sizeof(src->buf));
		if (ms_left(deadline) == 0 || (n == -1 && (errno == EAGAIN ||
		    errno == EWOULDBLOCK))) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		nlh = (struct nlmsghdr *)(void *)src->buf;
		for (len = n; mnl_nlmsg_ok(nlh, len);
		    nlh = mnl_nlmsg_next(nlh, &len)) {
			/* The rest of an answer that was abandoned earlier. */
			if (!mnl_nlmsg_seq_ok(nlh, src->seq) ||
			    !mnl_nlmsg_portid_ok(nlh, portid))
				continue;
			if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
				changed = 1;
			if (nlh->nlmsg_type == NLMSG_DONE ||
			    nlh->nlmsg_type == NLMSG_ERROR) {
				e = diag_errno(nlh);
				errno = e == 0 && changed ? EINTR : e;
				return errno == 0 ? 0 : -1;
			}
			if (family != AF_UNIX && foreign(bag, nlh))
				continue;
			if ((family == AF_UNIX ? diag_unix(nlh, &sk) :
			    diag_inet(nlh, &sk)) == 0 &&
			    bag_add(bag, &sk) == -1)
				return -1;
		}
	}
}

/* Makes one dump, repeated if the table changed meanwhile. */
static int
dump(struct source *src, struct nlmsghdr *nlh, struct bag *bag, int family)
{
	size_t before = bag->n;
	int try;

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	for (try = 1;; try++) {
		nlh->nlmsg_seq = ++src->seq;
		if (mnl_socket_sendto(src->nl, nlh, nlh->nlmsg_len) == -1)
			return -1;
		if (answer(src, bag, family) == 0)
			return 0;
		if (errno != EINTR)
			return -1;
		if (try == DUMP_TRIES)
			return 0;
		bag->n = before;
	}
}

static int
dump_unix(struct source *src, struct bag *bag)
{
	struct unix_diag_req *req;
	union request r;
	struct nlmsghdr *nlh;

	nlh = mnl_nlmsg_put_header(&r);
	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	req = mnl_nlmsg_put_extra_header(nlh, sizeof(*req));
	req->sdiag_family = AF_UNIX;
	req->udiag_states = bag->flags & PLAT_SOCKS_ALL ? ~0U : LISTENING;
	req->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER |
	    UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID;
	return dump(src, nlh, bag, AF_UNIX);
}

static void
put_filter(struct nlmsghdr *nlh, const uint8_t *ports)
{
	struct inet_diag_bc_op ops[FILTER_OPS];
	size_t n = filter_make(ports, ops);

	mnl_attr_put(nlh, INET_DIAG_REQ_BYTECODE, n * sizeof(*ops), ops);
}

/* Both families in the old form of the request, or one in the new form. */
static int
dump_inet(struct source *src, struct bag *bag, int family, unsigned states,
    const uint8_t *ports)
{
	struct inet_diag_req_v2 *v2;
	struct inet_diag_req *v1;
	struct nlmsghdr *nlh;
	union request r;
	unsigned ext = 0;

	if (states != LISTENING && bag->flags & PLAT_SOCKS_INFO)
		ext = 1u << (INET_DIAG_INFO - 1);
	nlh = mnl_nlmsg_put_header(&r);
	if (family == AF_UNSPEC) {
		nlh->nlmsg_type = TCPDIAG_GETSOCK;
		v1 = mnl_nlmsg_put_extra_header(nlh, sizeof(*v1));
		v1->idiag_family = AF_INET;	/* not used */
		v1->idiag_ext = ext;
		v1->idiag_states = states;
	} else {
		nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
		v2 = mnl_nlmsg_put_extra_header(nlh, sizeof(*v2));
		v2->sdiag_family = family;
		v2->sdiag_protocol = IPPROTO_TCP;
		v2->idiag_ext = ext;
		v2->idiag_states = states;
	}
	if (ports != NULL)
		put_filter(nlh, ports);
	return dump(src, nlh, bag, family);
}

/* Errors for which the other form of the request would fail as well. */
static int
is_over(int error)
{
	return plat_failed(error) || error == ETIMEDOUT;
}

/*
 * The kernel walks the same table for each family. Only the request from before
 * Linux 3.3 gives both families in one walk (ss(8) uses it, too); if it fails,
 * one new request for each family is made. ports NULL: all ports.
 */
static int
dump_tcp(struct source *src, struct bag *bag, unsigned states,
    const uint8_t *ports)
{
	if (!src->twice) {
		if (dump_inet(src, bag, AF_UNSPEC, states, ports) == 0)
			return 0;
		if (is_over(errno) || ports != NULL)
			return -1;
		src->twice = 1;
	}
	if (dump_inet(src, bag, AF_INET, states, ports) == -1)
		return -1;
	/* A kernel without IPv6 has no such table. */
	if (dump_inet(src, bag, AF_INET6, states, ports) == -1 &&
	    errno != ENOENT)
		return -1;
	return 0;
}

/*
 * If the port of a connection was not expected, the lower one is probably a
 * service's: it becomes a hint, so that the next scan is fast again.
 */
static void
learn(struct plat *pl, const struct bag *bag)
{
	const struct plat_sock *sk;
	size_t i;

	for (i = 0; i < bag->n; i++) {
		sk = &bag->socks[i];
		if (sk->family != AF_UNIX && sk->state != PLAT_TCP_LISTEN &&
		    bag_has(bag, sk->key))
			linux_hint(pl, sk->local.port < sk->peer.port ?
			    sk->local.port : sk->peer.port);
	}
}

/*
 * Connections that meet a listener with a key can be selected by port. Other
 * connections with a key cannot, but most have a hinted port; only if one is
 * still missing, all connections of the machine are read.
 */
static int
dump_connections(struct plat *pl, struct source *src, struct bag *bag)
{
	uint8_t ports[sizeof(bag->ports)];
	size_t i, before = bag->n;

	if (pl->live->hinted && !src->nofilter) {
		for (i = 0; i < sizeof(ports); i++)
			ports[i] = bag->ports[i] | pl->live->hints[i];
		if (dump_tcp(src, bag, CONNECTIONS, ports) == -1) {
			if (is_over(errno))
				return -1;
			src->nofilter = 1;
		} else if (bag_whole(bag))
			return 0;
		bag->n = before;
	}
	if (dump_tcp(src, bag, CONNECTIONS, NULL) == -1)
		return -1;
	if (pl->live->hinted)
		learn(pl, bag);
	return 0;
}

static int
diag_socks(struct plat *pl, struct bag *bag)
{
	struct source *src;

	if ((src = source_open(pl)) == NULL)
		return -1;
	/* Listeners first: their ports select the connections. */
	if (dump_tcp(src, bag, LISTENING, NULL) == -1)
		return -1;
	if (bag->flags & PLAT_SOCKS_UNIX && dump_unix(src, bag) == -1)
		return -1;
	/* Without keys no connection is asked for. */
	if (bag->flags & PLAT_SOCKS_ALL && bag->nkeys > 0)
		return dump_connections(pl, src, bag);
	return 0;
}

#else /* no libmnl */

void
linux_socks_close(struct plat *pl)
{
	(void)pl;
}

static int
diag_socks(struct plat *pl, struct bag *bag)
{
	(void)pl;
	(void)bag;
	errno = ENOSYS;
	return -1;
}

#endif

void
linux_hint(struct plat *pl, uint16_t port)
{
	pl->live->hints[port / 8] |= 1u << port % 8;
	pl->live->hinted = 1;
}

/* 1 ours, 0 another one, -1 with errno. */
static int
same_netns(int pin)
{
	struct stat ours, theirs;

	if (stat("/proc/self/ns/net", &ours) == -1 ||
	    fstatat(pin, "ns/net", &theirs, 0) == -1)
		return -1;
	return ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* The sockets of another process's namespace, whose ID may be unreadable. */
static int
other_socks(struct plat *pl, const struct plat_proc *netns, struct bag *bag)
{
	int pin, same;

	if ((pin = linux_pin(pl, netns)) == -1)
		return -1;
	if ((same = same_netns(pin)) == -1 && plat_failed(errno))
		return -1;
	if (same == 1)
		return 1;
	if (proc_socks(pin, bag) == -1) {
		/* A zombie has no network namespace. */
		if (errno == ENOENT)
			errno = ESRCH;
		return -1;
	}
	local_addr_look(pin, bag);
	return 0;
}

static int
open_self(void)
{
	return open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int
read_self(struct plat *pl, struct bag *bag)
{
	int e, fd, rc;

	pl->gaps |= PLAT_GAP_NETLINK;
	bag->n = 0;
	if ((fd = open_self()) == -1)
		return -1;
	rc = proc_socks(fd, bag);
	e = errno;
	close(fd);
	errno = e;
	return rc;
}

/* Where netlink is denied, missing or silent, it is not tried again. */
static int
ask_or_read(struct plat *pl, struct bag *bag)
{
	int e;

	if (!(pl->gaps & PLAT_GAP_NETLINK)) {
		if (diag_socks(pl, bag) == 0)
			return 0;
		e = errno;
		/* Until an answer is read whole, the next request is EBUSY. */
		linux_socks_close(pl);
		errno = e;
		if (plat_failed(e))
			return -1;
	}
	return read_self(pl, bag);
}

static int
own_socks(struct plat *pl, struct bag *bag)
{
	int fd;

	if (ask_or_read(pl, bag) == -1)
		return -1;
	if (!local_addr_asks(bag))
		return 0;
	if ((fd = open_self()) == -1)
		return plat_failed(errno) ? -1 : 0;
	local_addr_look(fd, bag);
	close(fd);
	return 0;
}

int
linux_socks(struct plat *pl, const uint64_t *keys, size_t nkeys,
    unsigned flags, const struct plat_proc *netns, struct plat_sock **socksp,
    size_t *np)
{
	struct bag bag;
	int e, rc = 1;

	if (bag_init(&bag, keys, nkeys, flags) == -1)
		return -1;
	if (netns != NULL)
		rc = other_socks(pl, netns, &bag);
	if (rc == 1)
		rc = own_socks(pl, &bag);
	if (rc == 0) {
		if (bag.full)
			pl->gaps |= PLAT_GAP_SOCKETS;
		*socksp = bag.socks;
		*np = bag.n;
		bag.socks = NULL;
	}
	e = errno;
	bag_free(&bag);
	errno = e;
	return rc;
}
