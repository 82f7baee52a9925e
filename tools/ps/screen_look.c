/* SPDX-License-Identifier: ISC */
/* --watch with keys: a look, and what the last line says. */

#include <sys/types.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ps/screen.h"

void
screen_say(struct screen *s, const char *fmt, ...)
{
	va_list ap;
	char buf[512];

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	free(s->message);
	s->message = tool_xstrdup(buf);
}

void
screen_look(struct screen *s, enum look_how how)
{
	free(s->failure);
	s->failure = NULL;
	if (screen_list_look(&s->list, how) == -1)
		s->failure = tool_xasprintf("cannot look: %s",
		    strerror(errno));
}
