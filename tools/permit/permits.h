/* SPDX-License-Identifier: ISC */
/* What tunpermit prints: the table, JSON, and one answer. */
#ifndef PERMITS_H
#define PERMITS_H

#include <stddef.h>

struct tun_permit;
struct tun_ruling;
struct tun_permits;

/* The rows to print, and how. */
struct permits {
	const struct tun_permits *sshd;
	const struct tun_permit **rows;
	size_t nrows;
	int titles;
	int why;		/* print notes and places below each row */
	size_t width;		/* of the terminal; 0: do not cut */
};

void	 permits_table(const struct permits *p);
void	 permits_json(const struct permits *p);
/* What could not be seen, on standard error. */
void	 permits_notes(const struct tun_permits *sshd);
/* "alice: no: PermitOpen (/etc/ssh/sshd_config:12)" */
void	 permits_ruling(const struct tun_permit *permit,
	    const struct tun_ruling *ruling);
void	 permits_ruling_json(const struct tun_permits *sshd,
	    const struct tun_permit *permit, const struct tun_ruling *ruling);

#endif
