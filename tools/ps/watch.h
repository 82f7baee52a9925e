/* SPDX-License-Identifier: ISC */
/* Again and again on the same screen. */
#ifndef WATCH_H
#define WATCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Shows what look prints to fp, for a screen so many columns wide, every ms
 * milliseconds until q is typed.  Lines below the end of the screen are left
 * out.  A signal that ends us does so once the terminal is as it was.
 */
void	 watch_screen(int64_t ms,
	    void (*look)(void *arg, FILE *fp, size_t width), void *arg);
/* Gives the terminal back, if it was taken: before a last word. */
void	 watch_leave(void);
/* NULL, or why this terminal cannot. */
const char *watch_refuses(void);

#endif
