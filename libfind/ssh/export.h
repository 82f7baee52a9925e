/* SPDX-License-Identifier: ISC */
/*
 * What the formats of tun_export() share.  Words are hostile bytes: none gets
 * out of its quotes or its comment.
 */
#ifndef EXPORT_H
#define EXPORT_H

#include "ssh.h"

/* A text that grows, and the tunnel it is about. */
struct export {
	struct arena *a;
	const struct tun *t;
	struct cmdline cmd;
	char *s;
	size_t n, room;
	int nomem;
};

void	 export_put(struct export *x, const char *s, size_t len);
void	 export_add(struct export *x, const char *s);
/* A byte as printf(1) has it. */
void	 export_octal(struct export *x, int c);
/* A line of comment; each %s is made printable ASCII. */
void	 export_comment(struct export *x, const char *fmt, ...);

/* A word for files and hosts: "tun-L8008". */
void	 export_name(struct export *x);
/* A forward as the command line would have it. */
const char *export_spec(struct export *x, const struct tun_forward *fwd);
/* What all formats begin with.  0: there is nothing to start, which is said. */
int	 export_head(struct export *x, enum tun_format format);
/* Its directory; NULL: not known, or no more, which is said. */
const char *export_directory(struct export *x);

int	 export_has_control(const char *s);
int	 export_is_utf8(const char *s);
/* Letters, digits and more: what a format gives no meaning. */
int	 export_is_tame(const char *s, const char *more);
/* Is the value of this -o one for that keyword, in lower case? */
int	 export_is_about(const char *line, const char *keyword);

void	 export_config(struct export *x);
void	 export_unit(struct export *x);

#endif
