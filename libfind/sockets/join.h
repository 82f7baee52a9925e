/* SPDX-License-Identifier: ISC */
/*
 * What the parts of a join share. join.c calls the others in order; each adds
 * the facts that its name says to the candidates, or to the structs here.
 */
#ifndef JOIN_H
#define JOIN_H

#include "sockets.h"

/* The owner of a listener that several processes may hold. */
struct owner {
	uint64_t key;
	struct holding *v;
	int shared;		/* several do */
};

/* A forward, and where it listens. */
struct hop {
	const struct cand *server;	/* on that of this ssh; NULL: here */
	const struct tun_end *listen;
	const struct cand *c;		/* it is one of its forwards */
	size_t i;
};

/* The state of one join. */
struct join {
	struct arena *a;
	const struct sockset *set;
	unsigned flags;
	struct holding *holdings;
	size_t n;
	struct owner *owners;	/* sorted by key, one for each */
	size_t nowners;
	const struct plat_sock **byport; /* inet ones; port_index.c */
	size_t nbyport;
	struct hop *hops;	/* forwards, by where they listen */
	size_t nhops;
};

/*
 * bind_addr.c: where -L and -D listen, by the rules of ssh's
 * channel_fwd_bind_addr().
 */
struct bind_addr {
	int port;
	int n;			/* -1: a name, which may be any address */
	struct addr at[2];
};

void	 bind_addr_of(struct bind_addr *p, const struct tun_end *listen,
	    unsigned cmdflags, int noinet6);
/* Is the listener at p? Does the listener prevent another one at p? */
int	 bind_addr_has(const struct bind_addr *p, const struct plat_sock *sk);
int	 bind_addr_blocked(const struct bind_addr *p,
	    const struct plat_sock *sk);

/*
 * No interface has the address of any of these listeners: no client can
 * connect.
 */
int	 bind_addr_is_gone(const struct plat_sock *const *socks, size_t n);

/* held.c: the sockets that a candidate holds, and whether they are known. */
int	 holding_make(struct join *j, struct holding *v, struct cand *c);
struct held *holding_find(const struct holding *v, const struct plat_sock *sk);
int	 holding_has(const struct holding *v, const struct plat_sock *sk);
/*
 * The listener at the local address of a socket, or with any, at all addresses;
 * or NULL.
 */
struct held *holding_listener(const struct holding *v,
	    const struct plat_sock *sk, int any);
/* The first of byaddr that listens at this port. */
size_t	 holding_at_port(const struct holding *v, int family, uint16_t port);

/* path.c: which listener a path leads to. */
enum fwd_file path_leads(const struct join *j, const struct cand *c,
	    const char *path, const struct plat_sock *sk);
/* NULL: no known listener; *file says what the path leads to. */
const struct plat_sock *path_listener(const struct join *j, const char *path,
	    enum fwd_file *file);
/* May the paths of this process lead to other files than ours do? */
int	 path_is_others(const struct join *j, const struct cand *c);

/*
 * port_index.c: the inet sockets of the set by their own port. join_at_port()
 * returns how many have this one, and where they are, listeners first;
 * join_far_end() the other end of a connection if it is in the set, else NULL.
 */
int	 join_index_ports(struct join *j);
size_t	 join_at_port(const struct join *j, int port,
	    const struct plat_sock *const **vp);
const struct plat_sock *join_far_end(const struct join *j,
	    const struct plat_sock *sk);

/*
 * control.c: control sockets. ctl_find() runs before owners are known, because
 * a master owns its listeners; ctl_find_master() runs after that.
 */
int	 ctl_find(struct join *j, struct holding *v);
void	 ctl_find_master(const struct join *j, struct holding *v);

/* listener_owner.c: who owns a listener, once all holdings are made. */
int	 owner_find(struct join *j);
struct holding *owner_of(const struct join *j, uint64_t key);	/* or NULL */
int	 owner_is_shared(const struct join *j, uint64_t key);

/*
 * transport.c: the connection that carries a tunnel: first its own, once there
 * are holdings; then, for a tunnel through jump hosts, that of its last helper.
 */
void	 transport_own(const struct join *j, struct holding *v);
void	 transport_by_helper(struct cand *c);
void	 transport_publish(struct cand *c);

/*
 * leads_back.c: forwards whose target may lead back to their listener. The
 * index needs the listeners of all.
 */
int	 leads_back_index(struct join *j);
void	 leads_back_mark(const struct join *j, struct cand *c);
/* Is the target of a the listener of b, if both are on the same machine? */
int	 fwd_leads_to(const struct tun_forward *a, const struct tun_forward *b);

/* match.c: the listeners of a forward that was asked for. */
int match_forward(struct join *j, struct holding *v, const struct tun_fwd *fwd,
    struct fwd_links *f);
/*
 * How many listeners make the forward complete, which then are those of p: where
 * there is no ::1, or none any more, the one of IPv4 does.
 */
int match_expected(const struct join *j, const struct fwd_links *f,
    struct bind_addr *p);
/* unit NULL: any unit. */
int match_device(struct join *j, const struct cand *c, struct fwd_links *f,
    const char *unit);
/* Marks the listener as explained by this forward. */
int match_claim(struct join *j, struct fwd_links *f, struct held *h);

/*
 * told.c: marks forwards that were closed on purpose, and adds those that the
 * journal has and the sockets do not contradict.
 */
int	 told_join(struct join *j, struct holding *v);

/* Makes room for max forwards and copies those that exist. */
int	 fwds_grow(struct join *j, struct cand *c, size_t max);

/* unexplained.c: adds forwards for listeners that no forward explains. */
int	 unexplained_add(struct join *j, struct holding *v);

/* Is it a channel, neither a listener nor the transport? */
int	 held_is_channel(const struct cand *c, const struct held *h);
/* channels.c: the channels of each forward, with their clients if asked for. */
int	 conns_count(struct join *j, struct holding *v);

/* peers.c: the owner of a socket; sk NULL: no process of this machine. */
int	 peers_name(struct join *j, struct cand *c, struct tun_peer *peer,
	    const struct plat_sock *sk);
/* The owner of the listener that a forward collides with; sk NULL: none. */
int	 peers_owner(struct join *j, struct cand *c, struct tun_fwd *fwd,
	    const struct plat_sock *sk);

#endif
