/* SPDX-License-Identifier: ISC */
/*
 * Verdicts: where a tunnel came from, how it and its forwards are, what they
 * are called.  Pure functions of facts and links.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "sockets/sockets.h"

/*
 * origin.c: sets origin, origin_why, supervisor and unit of v->tun from what
 * was read.  Pure.
 */
int origin_judge(struct arena *a, const struct facts *f, struct verdict *v);

/*
 * id.c: IDs for all forwards of the listed tunnels; see tunnels(7).
 * Pure but for the arena.
 */
int	 ident_assign(struct arena *a, struct cand **cands, size_t n);
/* The short form, without suffix, of one forward: "L8008". */
char	*ident_short(struct arena *a, const struct tun_forward *fwd, pid_t pid);
/* Does fwd answer to s?  NULL: does the tunnel, "M" and its PID? */
int	 ident_match(const char *s, const struct tun *t,
	    const struct tun_fwd *fwd);

/*
 * forward_text.c: a listener that may be -L or -D: the socket alone does not
 * tell.
 */
int	 fwd_is_unexplained(const struct tun_fwd *fwd);

/* health.c: states of tunnels and forwards.  Pure: facts in, verdict out. */
enum tun_state health_forward(const struct fwd_links *f,
	    struct tun_evidence *why);

struct health_facts {
	int gone;
	int stopped, frozen;
	int helper_stopped, helper_frozen;
	int masks;		/* sigcgt is known */
	uint64_t sigcgt;
	int64_t age;		/* ms; -1 */
	int verified;		/* it is an ssh by its executable */
	int askpass;
	int denied;		/* descriptors not readable */
	int elsewhere;		/* sockets in a namespace not seen */
	int nosockets;		/* nobody looked */
	int listeners;		/* it has some */
	int client;		/* a master carries it */
	int unclear;		/* one may, but who cannot be seen */
	int inet;		/* it has a TCP socket */
	int piped;		/* transport is a helper's */
	int foreign;		/* and that helper is no ssh */
	int master;
	int carries;		/* -R, -W, -w, a command or a shell */
	int asked, bound, bad;	/* local forwards: in argv, listening, not */
	int conns;		/* -1 */
	int twin;		/* same argv, and has the listeners */
	int fdlimit;		/* no descriptor is left */
	int loop;
	int64_t alive;		/* ServerAliveInterval in ms; -1 */
	const struct sample *now, *before; /* before: or NULL */
};

/* Does its signal mask say that it is through, and a client of a master? */
int	 health_is_client(const struct plat_proc *row);
/*
 * Of the link alone, which a proxy that is no ssh may have others beside:
 * TUN_STALLED, TUN_BROKEN, or TUN_UNKNOWN where nothing shows a fault.
 */
enum tun_state health_link(const struct sample *s, int foreign,
	    struct tun_evidence *why);

/*
 * Judges all, their forwards first; now is plat_now().  Candidates with an
 * "again" are judged by both looks.
 */
void	 health_judge(struct cand **cands, size_t n, const struct sockset *set,
	    int64_t now);
/* The forwards of one alone, by what a join has found of them. */
void	 health_judge_forwards(struct cand *c);

/* verdict.c: of the process and its connection alone, whatever it forwards. */
enum tun_health verdict_link(const struct tun *t, const char **reasonp);
/* A later look at them: t->state follows unless forwards decide it. */
void	 verdict_set_link(struct tun *t, enum tun_state link);

/* Of the link alone in *link; never partial or useless. */
enum tun_state health_tunnel(const struct health_facts *f,
	    enum tun_state *link, struct tun_evidence *why);

#endif
