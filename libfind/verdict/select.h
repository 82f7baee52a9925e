/* SPDX-License-Identifier: ISC */
/* What select.c and select_end.c share. */
#ifndef SELECT_H
#define SELECT_H

#include "verdict.h"

/* [user@]host[:port], the host in brackets if need be; pieces of one text. */
struct site {
	const char *user, *host;	/* user NULL: not given */
	size_t userlen, hostlen;
	int port;			/* -1: not given */
};

/* All digits: the number; -1: it is none, or not one of int. */
int	 select_number(const char *s);
void	 site_read(struct site *site, const char *s);
/* Is what was asked for all true of the other?  Host names know no case. */
int	 site_fits(const struct site *asked, const struct site *site);

/* As the process wrote the path, or from where the process is. */
int	 select_is_path(const char *s, const char *path, const char *cwd);
/* Is s how the listening end of fwd is shown, or an address that it has? */
int	 select_listens(const char *s, const struct tun *t,
	    const struct tun_fwd *fwd);
/* Is s where fwd leads to: a host, host:port, a path? */
int	 select_leads(const char *s, const struct tun *t,
	    const struct tun_fwd *fwd);
/* Is fwd what ssh would make of want, as far as fwd is known? */
int	 select_is_forward(const struct tun_forward *want,
	    const struct tun *t, const struct tun_fwd *fwd);

#endif
