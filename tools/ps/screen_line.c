/* SPDX-License-Identifier: ISC */
/* One line of the screen: its sequences, and what of it fits. */

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "common/tool.h"
#include "ps/screen_line.h"

size_t
line_sequence(const char *s)
{
	size_t n;

	if (s[0] != '\033' || s[1] != '[')
		return 0;
	n = 2 + strspn(s + 2, "0123456789;");
	return s[n] == 'm' ? n + 1 : 0;
}

/* The columns that a line takes. */
static size_t
columns_of(const char *s)
{
	char *plain = tool_xcalloc(strlen(s) + 1, 1), *to = plain;
	size_t n;

	while (*s != '\0') {
		if ((n = line_sequence(s)) == 0)
			*to++ = *s++;
		s += n;
	}
	n = tool_width(plain);
	free(plain);
	return n;
}

char *
line_cut(const char *s, size_t width)
{
	char *line = tool_xcalloc(strlen(s) + 2, 1), *to = line;
	size_t n, fits, room = width - 1;
	int cut = 0;

	if (columns_of(s) <= width)
		return strcpy(line, s);
	for (; *s != '\0'; s += n) {
		if ((n = line_sequence(s)) > 0) {
			to = (char *)memcpy(to, s, n) + n;
			continue;
		}
		n = 1 + strcspn(s + 1, "\033");
		if (cut)
			continue;
		fits = tool_fit(s, room);
		memcpy(to, s, fits < n ? fits : n);
		room -= tool_width(to);
		to += strlen(to);
		if ((cut = fits < n))
			*to++ = '+';
	}
	return line;
}

char *
line_more(size_t more)
{
	return more == 0 ? tool_xstrdup("") :
	    tool_xasprintf("(%zu more line%s)", more, more == 1 ? "" : "s");
}
