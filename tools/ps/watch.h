/* SPDX-License-Identifier: ISC */
/* Shows the same screen again and again. */
#ifndef WATCH_H
#define WATCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Every ms milliseconds, until q is typed, shows what look prints to fp for a
 * screen of so many columns.  Lines below the end of the screen are left out.
 * A signal that ends the tool does so after the terminal is restored.
 */
void	 watch_screen(int64_t ms,
	    void (*look)(void *arg, FILE *fp, size_t width), void *arg);
/*
 * Restores the terminal, if it was changed, before a last message is printed.
 */
void	 watch_leave(void);
/* Returns NULL, or the reason why this terminal cannot be used. */
const char *watch_refuses(void);

#endif
