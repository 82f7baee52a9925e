/* SPDX-License-Identifier: ISC */
/*
 * Verdicts: the origin of a tunnel, the states of it and of its forwards, and
 * their IDs.  All are computed from facts and links alone.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "sockets/sockets.h"

/*
 * origin.c: sets origin, origin_why, supervisor and unit of v->tun from the
 * facts that were read.
 */
int origin_judge(struct arena *a, const struct facts *f, struct verdict *v);

/*
 * id.c: gives IDs to all forwards of the listed tunnels; see tunnels(7).
 * Allocates from the arena only.
 */
int	 ident_assign(struct arena *a, struct cand **cands, size_t n);
/* The short form, without suffix, of one forward: "L8008". */
char	*ident_short(struct arena *a, const struct tun_forward *fwd, pid_t pid);
/* Does s select fwd?  With fwd NULL: is s the "M" and PID of the tunnel? */
int	 ident_match(const char *s, const struct tun *t,
	    const struct tun_fwd *fwd);

/*
 * forward_text.c: a listener that may belong to -L or to -D: the socket alone
 * does not show which.
 */
int	 fwd_is_unexplained(const struct tun_fwd *fwd);
/*
 * Was it one, and only its socket shows where it listens?  Its master may have
 * told the rest.
 */
int	 fwd_is_of_socket(const struct tun_fwd *fwd);

/* health.c: states of tunnels and forwards, computed from facts alone. */
enum tun_state health_forward(const struct fwd_links *f,
	    struct tun_evidence *why);

struct health_facts {
	int gone;
	int stopped, frozen;
	int helper_stopped, helper_frozen;
	int masks;		/* sigcgt is known */
	uint64_t sigcgt;
	int64_t age;		/* ms; -1 */
	int left;		/* -f took it to the background */
	int verified;		/* known to be an ssh by its executable */
	int answers;		/* it may wait for what a child prints */
	int denied;		/* its descriptors cannot be read */
	int elsewhere;		/* its sockets are in an unseen namespace */
	int nosockets;		/* sockets were not read */
	int listeners;		/* it has listeners */
	int client;		/* its connection is a master's */
	int unclear;		/* may be a client; the peer is unseen */
	int inet;		/* it has a TCP socket */
	int piped;		/* the transport belongs to a helper */
	int passed;		/* the transport may be no TCP socket */
	int served;		/* a session of sshd; piped: it is not seen */
	int foreign;		/* and that helper is not an ssh */
	int master;
	int carries;		/* -R, -W, -w, a command or a shell */
	int asked, bound, bad;	/* local forwards: in argv, listening, not */
	int conns;		/* -1: not known */
	int twin;		/* another with its argv has the listeners */
	int fdlimit;		/* no descriptor is left */
	int loop;
	int64_t alive;		/* ServerAliveInterval in ms; -1 */
	const struct sample *now, *before; /* before: or NULL */
};

/* Does the signal mask show an authenticated client of a master? */
int	 health_is_client(const struct plat_proc *row);
/*
 * The state of the link alone; if a helper that is no ssh carries it, the link
 * may have other states, too.  Returns TUN_STALLED, TUN_BROKEN, or TUN_UNKNOWN
 * if no fault shows.
 */
enum tun_state health_link(const struct sample *s, int foreign,
	    struct tun_evidence *why);

/*
 * Judges all candidates, their forwards first; now is plat_now().  Candidates
 * with an "again" are judged by both samples.
 */
void	 health_judge(struct cand **cands, size_t n, const struct sockset *set,
	    int64_t now);
/* Judges the forwards of one candidate from what joining the sockets found. */
void	 health_judge_forwards(struct cand *c);

/*
 * verdict.c: sets the state of the link after a later look at it; t->state
 * changes with it, unless forwards decide it.
 */
void	 verdict_set_link(struct tun *t, enum tun_state link);
/* The server has answered through the tunnel: a quiet one is alive. */
void	 verdict_answered(struct tun *t);

/*
 * Makes the forwards of v->tun those of v, which must have its final array of
 * them.  -1: ENOMEM.
 */
int	 verdict_show_forwards(struct arena *a, struct verdict *v);

/* Sets *link to the state of the link alone, never partial or useless. */
enum tun_state health_tunnel(const struct health_facts *f,
	    enum tun_state *link, struct tun_evidence *why);

#endif
