/* SPDX-License-Identifier: ISC */
/* The clipboard of the terminal, by OSC 52 of xterm's control sequences. */

#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/tool.h"
#include "ps/clipboard.h"

#define MOST	65536		/* terminals take no more, some of them less */

int
clipboard_put(const char *text)
{
	size_t len = strlen(text), done = 0, size;
	char *coded, *buf;
	ssize_t n = 0;

	if (len > MOST) {
		errno = E2BIG;
		return -1;
	}
	coded = tool_base64(text);
	buf = tool_xasprintf("\033]52;c;%s\a", coded);
	free(coded);
	size = strlen(buf);
	for (; done < size && n != -1; done += n > 0 ? (size_t)n : 0) {
		n = write(STDOUT_FILENO, buf + done, size - done);
		if (n == -1 && errno == EINTR)
			n = 0;
	}
	free(buf);
	return n == -1 ? -1 : 0;
}
