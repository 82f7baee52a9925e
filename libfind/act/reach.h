/* SPDX-License-Identifier: ISC */
/* Connections to the listeners of tunnels, to try what is behind them. */
#ifndef REACH_H
#define REACH_H

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <netinet/in.h>

#include "verdict/verdict.h"

enum reach_what {
	REACH_SERVER,		/* SOCKS, and CONNECT to port 1 */
	REACH_TARGET
};

enum reach_result {
	REACH_FAILED,		/* could not connect to the listener */
	REACH_SILENT,
	REACH_DATA,
	REACH_END
};

/*
 * Did the process of the tunnel accept the connection?  That it was accepted is
 * no proof, because a packet filter may have sent it elsewhere.
 */
enum reach_taken {
	TAKEN_UNKNOWN,
	TAKEN_UNREADABLE,	/* its descriptors cannot be read */
	TAKEN_OVER,		/* ended already; only its listener could */
	TAKEN			/* the process had the other end */
};

/* One connection to one listener. */
struct reach {
	const struct cand *c;	/* in: the tunnel */
	enum reach_what what;	/* in */
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} to;
	socklen_t tolen;
	enum reach_result result;
	enum reach_taken taken;
	int fd;
	int connected;
	int said, asked;	/* of SOCKS: bytes heard; the request was sent */
	int over;
	int remote;		/* path not touched: a shared file system */
};

/*
 * Sets the address at which a forward listens.  0: it is not possible to
 * connect there.
 */
int	 reach_set(struct reach *r, const struct tun_addr *a);

/*
 * Connects to all n at once, each as the user of its tunnel; each tunnel
 * appears once.  Waits at most ms milliseconds for all results.  -1 if the
 * sockets could not be read, or with ENOMEM.  What has no result stays open
 * until reach_end(), which is due in any case: as soon as it is closed, ssh
 * sends that to the server.
 */
int	 reach_all(struct plat *pl, struct reach *v, size_t n, int ms);
void	 reach_end(struct reach *v, size_t n);

/* The two ends of a connection, and the key of our end. */
struct reach_ends {
	int family;
	struct plat_addr here, there;
	uint64_t key;
};

/* What the sockets and the descriptors of a process say about its other end. */
enum reach_taken reach_taken_by(const struct reach_ends *e,
	    const struct plat_sock *socks, size_t nsocks,
	    const struct plat_fd *fds, size_t nfds);

#endif
