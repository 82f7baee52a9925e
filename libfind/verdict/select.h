/* SPDX-License-Identifier: ISC */
/* Functions that select.c and select_end.c share. */
#ifndef SELECT_H
#define SELECT_H

#include "verdict.h"

/*
 * The parts of [user@]host[:port], where the host may be in brackets.  They
 * point into the text.
 */
struct site {
	const char *user, *host;	/* user NULL: not given */
	size_t userlen, hostlen;
	int port;			/* -1: not given */
};

/*
 * Returns the number if s has only digits, or -1 if not or if it is too large
 * for an int.
 */
int	 select_number(const char *s);
void	 site_read(struct site *site, const char *s);
/*
 * Does site agree with everything that was asked for?  Host names are compared
 * without regard to case.
 */
int	 site_fits(const struct site *asked, const struct site *site);

/*
 * Is s the path as the process wrote it, or the full path from its directory?
 */
int	 select_is_path(const char *s, const char *path, const char *cwd);
/* Is s the text of the listening end of fwd, or one of its addresses? */
int	 select_listens(const char *s, const struct tun *t,
	    const struct tun_fwd *fwd);
/* Is s the target of fwd: a host, host:port, or a path? */
int	 select_leads(const char *s, const struct tun *t,
	    const struct tun_fwd *fwd);
/* Would ssh make fwd from want, as far as fwd is known? */
int	 select_is_forward(const struct tun_forward *want,
	    const struct tun *t, const struct tun_fwd *fwd);

#endif
