/* SPDX-License-Identifier: ISC */
/* The other end of -R, tunps --server: what sshd listens on here. */
#ifndef SERVED_H
#define SERVED_H

#include <stddef.h>

#include "common/pick.h"
#include "libfind.h"

/* One listener, or the two of one forward in both families. */
struct served_line {
	const struct tun_sshd_listener *at[2];
	size_t n;
};

struct served {
	struct tun_sshd_list *list;
	struct served_line *lines;
	size_t nlines;
	int titles;
	int why;		/* print evidence below each line */
	size_t width;		/* of the terminal; 0: do not cut */
};

/* Takes a port or a path; anything else calls tool_usage(). */
void	 served_operand(const char *word);
/*
 * Finds the listeners of pick's users and, if given, of these ports and paths.
 * Returns TOOL_MATCH or TOOL_NONE, or does not return.  Call served_free()
 * then.
 */
int	 served_look(struct served *sv, struct tun_ctx *ctx,
	    const struct pick *pick, char *const *words, size_t nwords);
void	 served_table(const struct served *sv);
void	 served_raw(const struct served *sv);
void	 served_json(const struct served *sv);
/* Prints what could not be seen, on standard error. */
void	 served_notes(const struct served *sv);
void	 served_free(struct served *sv);

#endif
