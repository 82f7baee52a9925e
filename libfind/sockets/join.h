/* SPDX-License-Identifier: ISC */
/*
 * What the parts of a join share.  join.c leads; each of the others adds what
 * it is called after to the candidates, or to what is known of them here.
 */
#ifndef JOIN_H
#define JOIN_H

#include "sockets.h"

/* A socket that a candidate holds. */
struct held {
	const struct plat_sock *sk;
	int fd;			/* the lowest, if there are several */
	int claimed;		/* a forward explains this listener */
	int accepted;		/* through one of its own listeners */
	unsigned of;		/* the forward it is a channel of, or nfwds */
};

/* A candidate and its sockets, in order of descriptor. */
struct view {
	struct cand *c;
	struct held *held;
	size_t nheld;
};

/* Whose a listener is, where it has several holders. */
struct owner {
	uint64_t key;
	struct view *v;
};

/* All that a join has in hand. */
struct join {
	struct arena *a;
	const struct sockset *set;
	unsigned flags;
	struct view *views;
	size_t n;
	struct owner *owners;	/* in order of key, one for each */
	size_t nowners;
};

/* place.c: where -L and -D listen; channel_fwd_bind_addr() of ssh decides. */
struct place {
	int port;
	int n;			/* -1: at a name, which may be any address */
	struct addr at[2];
};

void	 place_of(struct place *p, const struct tun_end *listen,
	    unsigned cmdflags, int noinet6);
/* Is it a listener there?  Does it keep others away from there? */
int	 place_has(const struct place *p, const struct plat_sock *sk);
int	 place_blocked(const struct place *p, const struct plat_sock *sk);

/* Nobody can connect: none of the listeners is where the machine is. */
int	 place_is_gone(const struct plat_sock *const *socks, size_t n);

/* view.c: what a candidate holds. */
int	 view_make(struct join *j, struct view *v, struct cand *c);
int	 view_has(const struct view *v, const struct plat_sock *sk);

/* path.c: which listener a path leads to. */
enum fwd_file path_leads(const struct join *j, const struct cand *c,
	    const char *path, const struct plat_sock *sk);
/* NULL: none that is known, and *file says what is there. */
const struct plat_sock *path_listener(const struct join *j, const char *path,
	    enum fwd_file *file);

/*
 * ctl.c: control sockets.  The first before owners are known, for a master
 * owns what it has; the second after that.
 */
int	 ctl_find(struct join *j, struct view *v);
void	 ctl_find_master(const struct join *j, struct view *v);

/* owner.c: who owns a listener, once all views are made. */
int	 owner_find(struct join *j);
struct view *owner_of(const struct join *j, uint64_t key);	/* or NULL */

/*
 * transport.c: what carries a tunnel: its own connection, once there are
 * views; then through jump hosts that of its last helper.
 */
void	 transport_own(struct view *v);
void	 transport_hop(struct cand *c);
void	 transport_publish(struct cand *c);

/* match.c: the listeners of a forward that was asked for. */
int match_forward(struct join *j, struct view *v, const struct tun_fwd *fwd,
    struct fwd_links *f);
/* This listener is explained, and by this. */
/* unit NULL: whichever it has. */
int match_device(struct join *j, const struct cand *c, struct fwd_links *f,
    const char *unit);
int match_claim(struct join *j, struct fwd_links *f, struct held *h);

/* unasked.c: forwards for the listeners that nothing explains. */
int	 unasked_add(struct join *j, struct view *v);

/* conns.c: the channels of each forward, with their clients if asked for. */
int	 conns_count(struct join *j, struct view *v);

/* peers.c: whose a socket is; NULL: nobody's on this machine. */
int	 peers_name(struct join *j, struct cand *c, struct tun_peer *peer,
	    const struct plat_sock *sk);
/* Who has the place of a forward; NULL: nobody. */
int	 peers_holder(struct join *j, struct cand *c, struct tun_fwd *fwd,
	    const struct plat_sock *sk);

#endif
