/* SPDX-License-Identifier: ISC */
/* Colours on a terminal. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/color.h"

int
color_wanted(const char *when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(when, "always") == 0 || strcmp(when, "never") == 0)
		return *when == 'a';
	if (strcmp(when, "auto") != 0)
		return -1;
	return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0') &&
	    term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

const char *
color_on(enum tone tone)
{
	static const char *const texts[] = {
		[TONE_NONE] = "",
		[TONE_GOOD] = "\033[32m",
		[TONE_DUBIOUS] = "\033[33m",
		[TONE_BAD] = "\033[31m",
		[TONE_UNKNOWN] = "\033[35m"
	};

	return texts[tone];
}
