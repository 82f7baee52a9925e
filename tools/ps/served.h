/* SPDX-License-Identifier: ISC */
/* The other end of -R, tunps --server: what sshd listens on here. */
#ifndef SERVED_H
#define SERVED_H

#include <stddef.h>

#include "libfind.h"
#include "common/pick.h"

/* A listener, or both families' of one forward. */
struct served_line {
	const struct tun_served *at[2];
	size_t n;
};

struct served {
	struct tun_served_list *list;
	struct served_line *lines;
	size_t nlines;
	int titles;
	int why;		/* evidence below each line */
	size_t width;		/* of the terminal; 0: do not cut */
};

/* Takes a port or a path, all else is tool_usage(). */
void	 served_operand(const char *word);
/*
 * Those of pick's users, and of these ports and paths if there are any.
 * TOOL_MATCH or TOOL_NONE, or does not return.  Then served_free().
 */
int	 served_look(struct served *sv, struct tun_ctx *ctx,
	    const struct pick *pick, char *const *words, size_t nwords);
void	 served_table(const struct served *sv);
void	 served_raw(const struct served *sv);
void	 served_json(const struct served *sv);
/* What was not seen, on standard error. */
void	 served_notes(const struct served *sv);
void	 served_free(struct served *sv);

#endif
