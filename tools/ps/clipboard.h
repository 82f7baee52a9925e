/* SPDX-License-Identifier: ISC */
/* The clipboard of the terminal. */
#ifndef CLIPBOARD_H
#define CLIPBOARD_H

/*
 * Sends a text to the terminal that standard output is, which puts it on its
 * clipboard if it lets programs do so.  Returns -1 if that is not possible;
 * nobody says whether the terminal did it.
 */
int	 clipboard_put(const char *text);

#endif
