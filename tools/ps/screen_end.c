/* SPDX-License-Identifier: ISC */
/* --watch with keys: asks about a row, exports it, ends it. */

#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/out.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "ps/clipboard.h"
#include "ps/screen.h"

/* The selected row if it is still there, or NULL after saying why not. */
static const struct row *
live_row(struct screen *s)
{
	const struct row *row = screen_list_selected(&s->list);

	if (row == NULL)
		screen_say(s, "no row is selected");
	else if (s->args->table != NULL)
		screen_say(s, "a recorded table has no processes");
	else if (s->list.shown[s->list.at] >= s->args->view.nrows)
		screen_say(s, "it is gone");
	else
		return row;
	return NULL;
}

static const char *
id_of(const struct row *row)
{
	return row->fwd != NULL ? row->fwd->id : row->tun->id;
}

/* --- c --------------------------------------------------------------------- */

void
screen_check(struct screen *s)
{
	const struct row *row = live_row(s);
	const char *reason = NULL;
	enum tun_health health;

	if (row == NULL)
		return;
	if (tun_sees_itself(s->list.r->ctx) != 1) {
		screen_say(s, "cannot ask: the process table does not show "
		    "tunps itself");
		return;
	}
	screen_say(s, "asking about %s", id_of(row));
	screen_draw(s);
	screen_look(s, LOOK_ASK);
	row = screen_list_selected(&s->list);
	if (row == NULL || s->failure != NULL)
		return;
	health = row->fwd != NULL ? tun_fwd_health(row->fwd, &reason) :
	    tun_health(row->tun, &reason);
	screen_say(s, "%s: %s%s%s", id_of(row), tun_health_name(health),
	    reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

/* --- x --------------------------------------------------------------------- */

void
screen_export(struct screen *s)
{
	const struct row *row = screen_list_selected(&s->list);
	char *text;

	if (row == NULL || row->tun->served) {
		screen_say(s, row == NULL ? "no row is selected" :
		    "a session of sshd has no command");
		return;
	}
	text = tun_export(row->tun, TUN_FORMAT_SH);
	if (text == NULL || clipboard_put(text) == -1)
		screen_say(s, "not copied: %s", strerror(errno));
	else
		screen_say(s, "sent to the clipboard: what starts %s",
		    id_of(row));
	free(text);
}

/* --- K --------------------------------------------------------------------- */

static void
ask_tunkill(struct screen *s, int plan)
{
	s->request.plan = plan;
	if (end_row_ask(&s->args->end_row, &s->request) == -1) {
		screen_say(s, "tunkill cannot be started");
		return;
	}
	s->ending = plan ? END_PLAN : END_ENDING;
	screen_say(s, plan ? "tunkill -n %s" : "tunkill %s", s->request.id);
}

void
screen_end_row(struct screen *s)
{
	const struct row *row;

	if (s->ending == END_PLAN || s->ending == END_ENDING) {
		screen_say(s, "tunkill is still at work");
		return;
	}
	if ((row = live_row(s)) == NULL)
		return;
	memset(&s->request, 0, sizeof(s->request));
	s->request.pid = row->tun->pid;
	s->request.served = s->args->server;
	if (strlcpy(s->request.id, id_of(row), sizeof(s->request.id)) >=
	    sizeof(s->request.id)) {
		screen_say(s, "its ID is too long");
		return;
	}
	ask_tunkill(s, 1);
}

/* The answer to the question below the plan. */
void
screen_end_answer(struct screen *s, int yes)
{
	text_free(&s->page);
	s->ending = END_NONE;
	if (yes)
		ask_tunkill(s, 0);
	else
		screen_say(s, "nothing was ended");
}

void
screen_end_reply(struct screen *s)
{
	int planned = s->ending == END_PLAN;
	struct end_reply reply;

	s->ending = END_NONE;
	if (end_row_reply(&s->args->end_row, &reply) == -1) {
		screen_say(s, "tunkill cannot be started");
		s->no_helper = 1;
		return;
	}
	text_free(&s->page);
	s->page_top = 0;
	text_fold(&s->page, reply.text, s->width);
	if (planned && reply.status == TOOL_MATCH)
		s->ending = END_ASKED;
	else if (s->page.n == 1) {
		screen_say(s, "%s", s->page.v[0].s);
		text_free(&s->page);
	}
	if (!planned)
		screen_look(s, LOOK_AGAIN);
}
