/* SPDX-License-Identifier: ISC */
/*
 * Functions that the formats of tun_export() share.  The words of a command
 * line are hostile: they must not be able to end their quotes or their comment.
 */
#ifndef EXPORT_H
#define EXPORT_H

#include "ssh.h"

/* A text that grows, and the tunnel that it describes. */
struct export {
	struct arena *a;
	const struct tun *t;
	struct cmdline cmd;
	/* Words of a recipe before those of ssh; all if none is found in it. */
	const char *const *before;
	size_t nbefore;
	char *s;
	size_t n, room;
	int nomem;
};

void	 export_put(struct export *x, const char *s, size_t len);
void	 export_add(struct export *x, const char *s);
/* Writes a byte as an escape of printf(1). */
void	 export_octal(struct export *x, int c);
/* Writes a comment line; each %s is made printable ASCII. */
void	 export_comment(struct export *x, const char *fmt, ...);

/* Writes a word that is valid in file and host names: "tun-L8008". */
void	 export_name(struct export *x);
/* The forward as it is written on a command line. */
const char *export_spec(struct export *x, const struct tun_forward *fwd);
/*
 * Writes the beginning that all formats share.  Returns 0 if there is nothing
 * to start; the text says so then.
 */
int	 export_head(struct export *x, enum tun_format format);
/*
 * Returns the working directory, or NULL if it is not known or has been
 * removed; the text says so then.
 */
const char *export_directory(struct export *x);

/* Its executable, if it can be started by that name, or NULL. */
const char *export_exe(const struct tun *t);

int	 export_has_control(const char *s);
int	 export_is_utf8(const char *s);
/*
 * Has s only letters, digits and the bytes in more, which have no special
 * meaning in the format?
 */
int	 export_is_tame(const char *s, const char *more);
/* Does the value of this -o set that keyword, given in lower case? */
int	 export_is_about(const char *line, const char *keyword);

void	 export_config(struct export *x);
void	 export_unit(struct export *x);

/* Was it added to the tunnel later, and with which target is known? */
int	 export_was_given(const struct tun_fwd *f);
/* As its master was asked for it. */
const struct tun_forward *export_forward(const struct tun_fwd *f);

#endif
