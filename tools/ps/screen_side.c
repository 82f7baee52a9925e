/* SPDX-License-Identifier: ISC */
/* What the screen shows to the right of the rows, where there is room. */

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "common/tool.h"
#include "ps/screen_side.h"

#define GAP	2
#define CLOCK	8		/* "23:59:01" */
#define BAR	8		/* a bar of less says nothing */

struct side
side_fit(size_t room, size_t state)
{
	struct side side = { 0, 0 };

	if (state < strlen("WAS"))
		state = strlen("WAS");
	if (room >= 2 * GAP + state + CLOCK) {
		side.was = state;
		room -= 2 * GAP + state + CLOCK;
	}
	if (room >= GAP + BAR)
		side.bar = room - GAP < PAST_LOOKS ? room - GAP : PAST_LOOKS;
	return side;
}

size_t
side_width(const struct side *side)
{
	return (side->bar > 0 ? GAP + side->bar : 0) +
	    (side->was > 0 ? 2 * GAP + side->was + CLOCK : 0);
}

char *
side_text(const struct side *side, const struct past *p)
{
	char clock[16] = "CHANGED", *text = tool_xstrdup(""), *part;
	const char *was = "WAS";

	if (p != NULL) {
		past_clock(p, clock, sizeof(clock));
		was = *clock != '\0' ? tun_state_name(p->was) : "";
	}
	if (side->bar > 0) {
		part = p != NULL ? past_bar(p, side->bar) :
		    tool_xstrdup("RATE");
		free(text);
		text = tool_xasprintf("%*s%s%*s", GAP, "", part,
		    (int)(side->bar - tool_width(part)), "");
		free(part);
	}
	if (side->was > 0) {
		part = tool_xasprintf("%s%*s%-*s%*s%s", text, GAP, "",
		    (int)side->was, was, GAP, "", clock);
		free(text);
		text = part;
	}
	return text;
}
