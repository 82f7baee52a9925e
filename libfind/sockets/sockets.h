/* SPDX-License-Identifier: ISC */
/* What the kernel reports: sockets, who owns which, and where a path leads. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "process/process.h"

/* sockset.c: the sockets of one network namespace. */
struct sockset {
	const struct plat_sock *socks;	/* all, as the platform gave them */
	size_t nsocks;
	const struct plat_sock **bykey;	/* sockset_index() */
	size_t nbykey;
	int blind;		/* not read: a missing socket means nothing */
	struct plat *pl;	/* answers for files; NULL: only rs does */
	struct resolver *rs;	/* looks up paths of files */
	int noinet6;		/* no ::1 here: IPv4 alone is complete */
};

/* Called once before a look-up; -1 with ENOMEM. An empty set needs no index. */
int	 sockset_index(struct sockset *set);
const struct plat_sock *sockset_find(const struct sockset *set, uint64_t key);
/*
 * The socket of a descriptor; NULL if the descriptor is no socket of the set.
 */
const struct plat_sock *sockset_of(const struct sockset *set,
	    const struct plat_fd *fd);
void	 sockset_clear(struct sockset *set);	/* frees socks and index */
/* Stores the keys of all sockets among n descriptors; returns their number. */
size_t	 sockset_keys(const struct plat_fd *fds, size_t n, uint64_t *keys);

/* held.c: a socket that a candidate holds. */
struct held {
	const struct plat_sock *sk;
	int fd;			/* the lowest number, if several */
	int claimed;		/* a forward explains this listener */
	int accepted;		/* by one of its own listeners */
	unsigned of;		/* index of its forward, or nfwds */
	unsigned serves;	/* the same of a listener */
};

/*
 * A candidate and its sockets, in order of descriptor; and in order of address,
 * listeners first.
 */
struct holding {
	struct cand *c;		/* not set by holding_read() */
	struct held *held, **byaddr;
	size_t nheld, nlisteners;
};

/* Fills an empty v with the sockets of the descriptors; -1: ENOMEM. */
int	 holding_read(struct arena *a, struct holding *v,
	    const struct sockset *set, const struct plat_fd *fds, size_t nfds);
/* Leaves out the sockets at lower descriptors than fd. */
void	 holding_drop_before(struct holding *v, int fd);

/* A copy that outlives the set, for what the caller may ask after the scan. */
const struct plat_sock *sock_keep(struct arena *a, const struct plat_sock *sk);
int	 sock_is_inet(const struct plat_sock *sk);
int	 sock_is_listener(const struct plat_sock *sk);
/* Does this TCP listener have the address, or keep others from there? */
int	 sock_blocks(const struct plat_sock *sk, const struct addr *at);
/* Was it accepted by the listener l? */
int	 sock_came_through(const struct plat_sock *sk,
	    const struct plat_sock *l);

/* path.c: the path made absolute if cwd is known; NULL with ENOMEM only. */
char	*path_full(struct arena *a, const char *cwd, const char *path);

/* control.c: does its name say that it is a master's? Then the path it had. */
int	 ctl_is_listener(const struct plat_sock *sk);
char	*ctl_path(struct arena *a, const struct plat_sock *sk);

/*
 * join.c: compares forwards with sockets. Sets the forwards' clients and
 * counts, adds forwards for listeners that no forward explains, and finds
 * transport, master and control socket of each candidate. All candidates are of
 * one network namespace, and set was read there and has its index; jump helpers
 * are known already; flags are those of tun_scan().
 */
int	 join_sockets(struct arena *a, struct cand **cands, size_t n,
	    const struct sockset *set, unsigned flags);

/*
 * sshd.c: sessions of sshd.  The first one says who the client of a session is;
 * the second one adds what sessions whose descriptors are not readable listen
 * on, as far as it can be inferred, as tunnels without a process.
 */
int	 sshd_name_client(struct scan *s, size_t i);
int	 sshd_infer(struct scan *s);

/* peers.c: a process that is known only by one of its sockets. */
struct peer_want {
	uint64_t key;
	struct tun_peer *peer;
};

/*
 * Names holders and clients. It walks over all processes, so call it only if
 * the caller asked for names.
 */
int	 peers_look_up(struct arena *a, struct plat *pl, struct cand **cands,
	    size_t n);

/* device.c: sets through of all tunnels; -1: a failure of plat_failed(). */
int	 devices_look(struct scan *s);

/* Where a unix listener's path leads. */
enum fwd_file {
	FILE_UNKNOWN,
	FILE_ELSEWHERE,		/* not known: its process has other mounts */
	FILE_OURS,
	FILE_REMOTE,		/* shared or stale file system */
	FILE_NONE,		/* no such path */
	FILE_OTHER,		/* another file, or another listener's */
	FILE_DEAD		/* a socket without a listener */
};

struct fwd_links {
	enum tun_fwd_kind kind;
	int seen;		/* its process's sockets were read */
	int unexplained;	/* found as a listener only */
	int ofmaster;		/* its master may close it when asked */
	int unclear;		/* it may be its unknown master's */
	int path;		/* listens on a path */
	enum fwd_file file;
	int expected;		/* listeners; -1: one or more, by name */
	int owned;
	int inferred;		/* found by uid and port */
	int taken;		/* another process listens there */
	int inmaster;		/* its master listens, or was asked to */
	int leftover;		/* its master has closed it; it has a copy */
	int used;		/* channels to the target of a -R */
	int device;		/* the interface is open */
	const char *devname;	/* and its name; or NULL */
	int unread;		/* its bind address could not be read */
	int leadsback;		/* the target may lead to the listener */
	int loop;		/* it is, through a -R of the same ssh */
	int closed;		/* on purpose, as the journal says */
	int choked;		/* a listener had a queue, twice */
	int noaddress;		/* no listener is where an interface is */
	const struct plat_sock **socks;	/* of the owned listeners */
	size_t nsocks;
	const struct plat_sock *owner;	/* taken: what listens there */
};

/* What may differ between two samples of one tunnel. */
#define SAMPLE_NFULL	8
struct sample {
	int looked;		/* at connections, not only listeners */
	int transport;		/* there is one */
	unsigned known;		/* PLAT_SOCK_*, of the transport */
	enum plat_tcp state;
	enum plat_timer timer;
	uint32_t expires, retrans, probes, unacked, wq;
	uint32_t lds, ldr, lar;
	uint64_t moved;		/* bytes of all channels and the transport */
	uint32_t unread;	/* the oldest channel never read: ms, or 0 */
	uint64_t full[SAMPLE_NFULL]; /* listeners with a queue */
	size_t nfull;
};

/*
 * Takes one sample, for rules that compare two. v has the sockets of c in the
 * set, which may be newer than those of the join; NULL: there is no set.
 */
void	 sample_take(const struct cand *c, const struct holding *v,
	    const struct sockset *set, struct sample *hs);

/*
 * sample.c: reads the sockets for all candidates. While those of one network
 * namespace are in memory, judge is called for its candidates; now is
 * plat_now().
 */
int	 sockets_look(struct scan *s, void (*judge)(struct cand **cands,
	    size_t n, const struct sockset *set, int64_t now));

#endif
