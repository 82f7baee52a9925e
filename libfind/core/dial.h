/* SPDX-License-Identifier: ISC */
/* Connecting to a socket by its path; dial.c. */
#ifndef DIAL_H
#define DIAL_H

#include <sys/types.h>

struct resolver;

#define DIAL_TEXT	96

/* One attempt to connect. */
struct dial {
	int wait;		/* readable once the child has an answer */
	pid_t child;
	char text[DIAL_TEXT];	/* the reason; "": see errno */
};

/*
 * May uid's socket at path be connected to?  If so, connects sock, which must
 * be non-blocking, to the very file that was checked.  Returns 0, or -1 with
 * errno.  EREMOTE: refused, or cannot be reached, on a file system that other
 * machines use too.  EINPROGRESS: a child does it, because looking there may
 * take for ever; once d->wait is readable, dial_result() returns the result.
 */
int	 dial_start(struct resolver *rs, const char *path, uid_t uid, int sock,
	    struct dial *d);
int	 dial_result(struct dial *d);

/* Ends the child, if there is one. */
void	 dial_end(struct dial *d);

/*
 * Would dial_start() connect to this path?  If not, *errstr is a constant
 * reason.
 */
int	 dial_safe(struct resolver *rs, const char *path, uid_t uid,
	    const char **errstr);

#endif
