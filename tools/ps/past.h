/* SPDX-License-Identifier: ISC */
/* What the last looks have seen of a row: its state before, its rates. */
#ifndef PAST_H
#define PAST_H

#include <stddef.h>
#include <stdint.h>

#include "common/out.h"

#define PAST_LOOKS	30

struct past {
	enum tun_state state;
	enum tun_state was;	/* before it changed, */
	int64_t changed;	/* in seconds since the epoch; 0: never */
	int64_t rx, tx;		/* bytes so far; -1: not known */
	size_t n;		/* looks in these, the last one last: */
	int64_t in[PAST_LOOKS], out[PAST_LOOKS]; /* bytes a second; -1 */
};

/*
 * Goes on from the past of the look before, or begins where there is none.
 */
struct past past_next(const struct past *before, const struct view *view,
	    const struct row *row);
/*
 * The rates of the last looks, at most so many, one character each, in relation
 * to the greatest.  The caller frees it.
 */
char	*past_bar(const struct past *p, size_t looks);
/* Two lines for people: the last change, and the rates both ways. */
char	*past_text(const struct past *p);
/* "23:59:01", or "" if its state has not changed. */
void	 past_clock(const struct past *p, char *buf, size_t len);

#endif
