/* SPDX-License-Identifier: ISC */
/*
 * Processes and a socket table, made up, for the suites of what join.c leads:
 * each test is a picture that ssh was seen to give.
 */
#ifndef FAKESOCKS_H
#define FAKESOCKS_H

#include "sockets/join.h"

#define FAKE_MAX	64
#define FAKE_INFO	(TUN_SCAN_SOCKETS | TUN_SCAN_INFO)

extern struct arena *fake_arena;
extern struct plat_sock fake_socks[FAKE_MAX];	/* in order of key, from 1 */

/* For tcase_add_checked_fixture(): begins with nobody and nothing. */
void	 fake_setup(void);
void	 fake_teardown(void);

/* An ssh -N of user 1000 in /home/fred, with room for 8 forwards. */
struct cand *fake_proc(pid_t pid);
/* What was read of it, to be made up; c is of fake_proc(). */
struct facts *fake_facts(struct cand *c);
void	 fake_fd(struct cand *c, int fd, enum plat_fdkind kind, uint64_t key);
struct tun_fwd *fake_ask(struct cand *c, enum tun_fwd_kind kind,
	    const char *host, int port, const char *to, int toport);

/* Sockets in the table, the first two nobody's yet. */
struct plat_sock *fake_sock(enum plat_tcp state, const char *local, int lport,
	    const char *peer, int pport);
struct plat_sock *fake_unix(enum plat_tcp state, const char *path,
	    uint32_t backlog);
struct plat_sock *fake_held(struct cand *c, int fd, struct plat_sock *sk);
struct plat_sock *fake_listener(struct cand *c, int fd, const char *ip,
	    int port);			/* c NULL: nobody's */
struct plat_sock *fake_conn(struct cand *c, int fd, const char *local,
	    int lport, const char *peer, int pport);
/* The connection to the server, on fd 3. */
struct plat_sock *fake_transport(struct cand *c);

/* join_sockets() of all that, with these flags. */
void	 fake_join(unsigned flags);
void	 fake_join_on(unsigned flags, int noinet6);

#endif
