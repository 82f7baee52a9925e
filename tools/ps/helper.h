/* SPDX-License-Identifier: ISC */
/*
 * A child that is forked before root's tunps gives up its rights, and that does
 * what needs them.  It ends when tunps has ended, whatever ended that.
 */
#ifndef HELPER_H
#define HELPER_H

#include <stddef.h>

struct helper {
	int to, from;		/* pipes to the child, and back */
};

/*
 * run() reads requests from in and writes answers to out.  The child has no
 * terminal, where the keys that end or stop tunps would reach it too, and on
 * which what it runs could read or draw; with quiet its standard error goes
 * nowhere.  Does not return if that is not possible, which option says.
 */
void	 helper_start(struct helper *h, const char *option, int quiet,
	    void (*run)(int in, int out, const void *arg), const void *arg);
/* Reads so many bytes; returns 0 at the end. */
int	 helper_read(int fd, void *buf, size_t len);
void	 helper_close(struct helper *h);

#endif
