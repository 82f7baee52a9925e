/* SPDX-License-Identifier: ISC */
/* Texts from which tunnels can be started again. */

#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out.h"
#include "tool.h"

/* A file gets it byte for byte, a terminal nothing that it would obey. */
static void
put_lines(char *text)
{
	char *line, *rest = text, *safe;

	while ((line = strsep(&rest, "\n")) != NULL && rest != NULL) {
		safe = tool_vis(line);
		puts(safe);
		free(safe);
	}
}

void
out_export(const struct view *view, enum tun_format format)
{
	const struct tun *last = NULL;
	char *text;
	size_t i;
	int terminal = isatty(STDOUT_FILENO);

	for (i = 0; i < view->nrows; i++) {
		if (view->rows[i].tun == last)
			continue;
		if (last != NULL)
			putchar('\n');
		last = view->rows[i].tun;
		if ((text = tun_export(last, format)) == NULL)
			tool_fail("%s", strerror(errno));
		if (terminal)
			put_lines(text);
		else
			fputs(text, stdout);
		free(text);
	}
}
