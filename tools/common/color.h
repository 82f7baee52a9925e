/* SPDX-License-Identifier: ISC */
/* Colours on a terminal. */
#ifndef COLOR_H
#define COLOR_H

/* What a value means. */
enum tone {
	TONE_NONE,
	TONE_GOOD,
	TONE_DUBIOUS,
	TONE_BAD,
	TONE_UNKNOWN
};

/*
 * Is standard output to have colours?  when is "always", "never" or "auto": on
 * a terminal that can, unless NO_COLOR is set (https://no-color.org).  Returns
 * -1 for any other word.
 */
int	 color_wanted(const char *when);
/* What switches to the colour of a tone; "" for none. */
const char *color_on(enum tone tone);
/* Back to the colour of all text; bold and back. */
#define COLOR_OFF	"\033[39m"
#define COLOR_BOLD	"\033[1m"
#define COLOR_PLAIN	"\033[22m"

#endif
