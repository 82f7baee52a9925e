/* SPDX-License-Identifier: ISC */
/*
 * What the kernel has: sockets, who owns which, and what leads where.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "process/process.h"

/* sockset.c: the sockets of one network namespace. */
struct sockset {
	const struct plat_sock *socks;	/* all, as the platform gave them */
	size_t nsocks;
	const struct plat_sock **bykey;	/* sockset_index() */
	size_t nbykey;
	int blind;		/* it was not read: that all is missing is no news */
	struct plat *pl;	/* who knows of files; NULL: rs alone */
	struct resolver *rs;	/* looks at them */
	int noinet6;		/* no ::1 here: one family is all there is */
};

/* Once, before it is asked; -1 with ENOMEM.  An empty set needs none. */
int	 sockset_index(struct sockset *set);
const struct plat_sock *sockset_find(const struct sockset *set, uint64_t key);
/* The same of a descriptor, which may be no socket. */
const struct plat_sock *sockset_of(const struct sockset *set,
	    const struct plat_fd *fd);
void	 sockset_clear(struct sockset *set);	/* frees socks and index */
/* The keys of all sockets among n descriptors; how many they are. */
size_t	 sockset_keys(const struct plat_fd *fds, size_t n, uint64_t *keys);

/* A copy that outlives the set: some are asked for after the scan. */
const struct plat_sock *sock_keep(struct arena *a, const struct plat_sock *sk);
int	 sock_is_inet(const struct plat_sock *sk);
int	 sock_is_listener(const struct plat_sock *sk);
/* Was it accepted by the listener l? */
int	 sock_came_through(const struct plat_sock *sk,
	    const struct plat_sock *l);

/* path.c: as one can use it, where cwd is known; NULL with ENOMEM only. */
char	*path_full(struct arena *a, const char *cwd, const char *path);

/* ctl.c: is it a master's, by its name?  Then the path that it had. */
int	 ctl_is_listener(const struct plat_sock *sk);
char	*ctl_path(struct arena *a, const struct plat_sock *sk);

/*
 * join.c: forwards meet sockets.  Sets the forwards' clients and counts, adds
 * forwards for listeners that nobody asked for, and finds what carries each
 * candidate: transport, master, control socket.  Candidates of one network
 * namespace, and set taken there, with its index; hops are known already;
 * flags are those of tun_scan().
 */
int	 join_sockets(struct arena *a, struct cand **cands, size_t n,
	    const struct sockset *set, unsigned flags);

/* peers.c: one whose process is known by its socket only. */
struct peer_want {
	uint64_t key;
	struct tun_peer *peer;
};

/* Names holders and clients.  A walk over all processes: only when asked. */
int	 peers_look_up(struct arena *a, struct plat *pl, struct cand **cands,
	    size_t n);

/* Where a unix listener's path leads. */
enum fwd_file {
	FILE_UNKNOWN,
	FILE_OURS,
	FILE_REMOTE,		/* others serve its file system, or nobody */
	FILE_NONE,		/* no such path */
	FILE_OTHER,		/* to another file, or another's listener */
	FILE_DEAD		/* a socket that nobody listens on */
};

struct fwd_links {
	enum tun_fwd_kind kind;
	int seen;		/* the sockets of its process were */
	int unasked;		/* a listener is all we know of it */
	int ofmaster;		/* of one that may close it when asked */
	int unclear;		/* it may be its master's, which is unknown */
	int path;		/* listens on a path */
	enum fwd_file file;
	int expected;		/* listeners; -1: one or more, by name */
	int owned;
	int inferred;		/* by uid and port, of one not seen */
	int stranger;		/* another listens in its place */
	int inmaster;		/* its process's master does, or was asked */
	int used;		/* channels to the target of a -R */
	int device;		/* the interface is open */
	const char *devname;	/* and this is its name; or NULL */
	int unread;		/* where it listens cannot be read */
	int loop;		/* the target is the listener itself */
	int choked;		/* a listener had a queue, twice */
	int noaddress;		/* no listener is where an interface is */
	const struct plat_sock **socks;	/* of the owned listeners */
	size_t nsocks;
	const struct plat_sock *holder;	/* the stranger's listener */
};

/* What may differ between two looks at one tunnel. */
#define SAMPLE_NFULL	8
struct sample {
	int looked;		/* at connections, not at listeners alone */
	int transport;		/* there is one */
	unsigned known;		/* PLAT_SOCK_*, of the transport */
	enum plat_tcp state;
	enum plat_timer timer;
	uint32_t expires, retrans, probes, unacked, wq;
	uint32_t ldr, lar;
	uint64_t moved;		/* bytes of all channels and the transport */
	uint32_t unread;	/* the oldest channel never read: ms, or 0 */
	uint64_t full[SAMPLE_NFULL]; /* listeners with a queue */
	size_t nfull;
};

/*
 * One look, for the rules that want two: fds and set may be later ones than
 * those of the join.
 */
void	 sample_take(const struct cand *c, const struct plat_fd *fds,
	    size_t nfds, const struct sockset *set, struct sample *hs);

/*
 * sample.c: what the kernel has, for all candidates.  While the sockets of a
 * network namespace are there, judge is called for its candidates; now is
 * plat_now().
 */
int	 sockets_look(struct scan *s, void (*judge)(struct cand **cands,
	    size_t n, const struct sockset *set, int64_t now));

#endif
