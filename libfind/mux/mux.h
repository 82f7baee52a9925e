/* SPDX-License-Identifier: ISC */
/* Questions to masters over their control sockets; mux.c. */
#ifndef MUX_H
#define MUX_H

#include "mux_wire.h"
#include "verdict/verdict.h"

/* One question to the master at a path, and its answer. */
struct mux_query {
	const char *path;
	uid_t uid;		/* whose socket it must be */
	pid_t pid;		/* ask only this process; 0: any */
	uint32_t request;	/* type in mux_wire.h; 0: MUX_ALIVE_CHECK */
	const struct tun_forward *fwd;	/* OPEN_FWD and CLOSE_FWD */
	const char *what;	/* EXT_INFO */
	int error;		/* 0, or an errno as in tun_masters(3) */
	struct mux_reply reply;
};

/*
 * n empty queries with so much room for each reply's text, in one piece of
 * memory, which the caller frees.
 */
struct mux_query *mux_queries(size_t n, size_t room);

/*
 * Asks all queries of mux_queries() at once, as user uid, within ms
 * milliseconds: for root, a child becomes another user.  0: each query has its
 * result; -1: ENOMEM, or ms is negative (EINVAL).
 */
int	 mux_ask_as(uid_t uid, struct mux_query *v, size_t n, int ms);

/*
 * What an answer, or its absence, says of the control socket of a master that
 * had the process pid before; 0: not known.
 */
enum tun_ctl mux_ctl(const struct mux_query *q, pid_t pid);

/*
 * open_channels.c: has it forwards in use whose targets are not known?  They
 * are taken from its text about channels, which is changed; -1: ENOMEM.
 */
int	 channels_want_targets(const struct cand *c);
int	 channels_take_targets(struct cand *c, char *text);

#endif
