/* SPDX-License-Identifier: ISC */
/* Connecting to a socket by its path; dial.c. */
#ifndef DIAL_H
#define DIAL_H

#include <sys/types.h>

struct resolver;

#define DIAL_TEXT	96

/* One attempt. */
struct dial {
	int wait;		/* readable once the child has an answer */
	pid_t child;
	char text[DIAL_TEXT];	/* why not; "": errno says it */
};

/*
 * May uid's socket at path be connected to?  Only then connects sock, which
 * does not block, to the very file that was looked at.  0, or -1 with errno:
 * EREMOTE: refused, or cannot be reached, on a file system that other machines
 * have too.  EINPROGRESS: a child is at it, for looking there may take for
 * ever; once d->wait is readable dial_result() has the same answer.
 */
int	 dial_start(struct resolver *rs, const char *path, uid_t uid, int sock,
	    struct dial *d);
int	 dial_result(struct dial *d);

/* Ends the child, if there is one. */
void	 dial_end(struct dial *d);

/* tun_mux_safe() of a path, with a table of mounts that is at hand. */
int	 dial_safe(struct resolver *rs, const char *path, uid_t uid,
	    const char **errstr);

#endif
