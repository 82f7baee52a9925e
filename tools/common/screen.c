/* SPDX-License-Identifier: ISC */
/*
 * Characters and their width on a terminal.
 *
 * glibc declares wcwidth(3) only with X/Open feature macros, and with these the
 * BSDs hide half of libc; so it has a file of its own.
 */
#define _XOPEN_SOURCE 700

#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "common/tool.h"

#define INDENT	4

/*
 * RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.  The NUL
 * at the end of s is not a continuation byte, so reading never goes past it.
 */
size_t
tool_utf8(const char *s, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	uint32_t c;
	size_t i, n;

	if (*p == '\0')
		return 0;
	if (*p < 0x80) {
		*cp = *p;
		return 1;
	}
	if ((*p & 0xe0) == 0xc0)
		n = 2;
	else if ((*p & 0xf0) == 0xe0)
		n = 3;
	else if ((*p & 0xf8) == 0xf0)
		n = 4;
	else
		return 0;
	c = *p & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

int
tool_is_utf8(void)
{
	const char *codeset = nl_langinfo(CODESET);

	return strcmp(codeset, "UTF-8") == 0 || strcmp(codeset, "utf8") == 0;
}

/*
 * Characters without a width of their own are refused, because they hide,
 * reorder or change their neighbours.  wcwidth(3) differs between systems for
 * some of the worst, so these are listed here: direction marks, line ends,
 * joiners, tags.
 */
int
tool_columns(uint32_t cp)
{
	int n;

	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
	    cp == 0xad || cp == 0x61c || cp == 0x180e ||
	    (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	    (cp >= 0x2060 && cp <= 0x206f) || cp == 0x3164 || cp == 0xfeff ||
	    cp == 0xffa0 || (cp >= 0xfff0 && cp <= 0xffff) || cp >= 0xe0000)
		return 0;
	if (cp < 0x7f)
		return 1;
	n = wcwidth((wchar_t)cp);
	return n > 0 ? n : 0;
}

size_t
tool_width(const char *s)
{
	uint32_t cp;
	size_t n, width = 0;

	if (!tool_is_utf8())
		return strlen(s);
	for (; *s != '\0'; s += n) {
		if ((*s >= ' ' && *s < 0x7f) || (n = tool_utf8(s, &cp)) == 0) {
			n = 1;
			width++;
		} else
			width += (size_t)tool_columns(cp);
	}
	return width;
}

size_t
tool_fit(const char *s, size_t columns)
{
	const char *p = s;
	uint32_t cp;
	size_t n, width;

	for (; *p != '\0'; p += n) {
		if (!tool_is_utf8() || (n = tool_utf8(p, &cp)) == 0)
			n = width = 1;
		else
			width = (size_t)tool_columns(cp);
		if (width > columns)
			break;
		columns -= width;
	}
	return (size_t)(p - s);
}

/* The bytes of s to print in a line: up to a blank, if there is one. */
static size_t
first_line(const char *s, size_t width)
{
	size_t lead = strspn(s, " "), most = tool_fit(s, width), n = most;

	while (n > lead && s[n] != ' ')
		n--;
	return n > lead ? n : most;
}

void
tool_fold(FILE *fp, size_t width, const char *s)
{
	size_t n, indent = strspn(s, " ") + INDENT, left = width;

	if (indent > width / 2)
		indent = 0;
	while (width > 0 && tool_width(s) > left) {
		if ((n = first_line(s, left)) == 0)
			break;
		fprintf(fp, "%.*s\n%*s", (int)n, s, (int)indent, "");
		s += n;
		s += strspn(s, " ");
		left = width - indent;
	}
	fprintf(fp, "%s\n", s);
}

int
tool_is_shown(const char *line)
{
	uint32_t cp;
	size_t n;

	for (; *line != '\0'; line += n) {
		n = 1;
		if (*line >= ' ' && *line <= '~')
			continue;
		if (!tool_is_utf8() || (n = tool_utf8(line, &cp)) == 0 ||
		    tool_columns(cp) == 0)
			return 0;
	}
	return 1;
}
