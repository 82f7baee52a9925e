/* SPDX-License-Identifier: ISC */
/* Texts from which tunnels can be started again. */

#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/out.h"
#include "common/tool.h"

/*
 * A file gets the text byte for byte.  A terminal gets no control sequences,
 * and no line that would look different from its bytes.
 */
static void
put_lines(char *text)
{
	char *line, *rest = text, *safe;

	while ((line = strsep(&rest, "\n")) != NULL && rest != NULL) {
		if (tool_is_shown(line)) {
			puts(line);
			continue;
		}
		safe = tool_vis(line);
		printf("# only a file can take this line: %s\n", safe);
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
