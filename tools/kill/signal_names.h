/* SPDX-License-Identifier: ISC */
/* The signals that tunkill sends, and why it sends no other. */
#ifndef SIGNAL_NAMES_H
#define SIGNAL_NAMES_H

const char *signal_name(int sig);	/* "TERM" for SIGTERM */
/* Is it the name or the number of any signal? */
int	 signal_is_name(const char *s);
/*
 * Returns -1 for a signal that ends no process; *why is the rest of a sentence.
 */
int	 signal_parse(const char *s, const char **why);

#endif
