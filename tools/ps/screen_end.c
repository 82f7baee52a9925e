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

#define ASK_MS	3000		/* as --check waits for an answer */

/* The selected row if its process can be asked; NULL after saying why not. */
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
	else if (row->tun->pid <= 0)
		screen_say(s, "%s: its process is not known", row_id(row));
	else
		return row;
	return NULL;
}

/* --- c -------------------------------------------------------------------- */

/* The same in another list; the tunnel is NULL if it is not there. */
static struct row
find_row(const struct tun_list *list, const struct row *row)
{
	struct row found = { tool_find_process(list, row->tun), NULL };
	size_t i;

	if (row->fwd == NULL || found.tun == NULL)
		return found;
	for (i = 0; i < found.tun->nfwds; i++) {
		found.fwd = found.tun->fwds[i];
		if (rows_same(&found, row))
			return found;
	}
	found.tun = NULL;
	return found;
}

/* Asks, and says what the row of a new list is then. */
static void
ask(struct screen *s, const struct tun_list *list, const struct row *selected)
{
	struct row row = find_row(list, selected);
	const char *id = row_id(selected), *reason = NULL;
	enum tun_health health;

	if (row.tun == NULL) {
		screen_say(s, "%s: not found any more", id);
		return;
	}
	if (tun_check(s->list.r->ctx, &row.tun, 1, TUN_ASK_MASTER |
	    TUN_ASK_PEER, ASK_MS) == -1) {
		screen_say(s, "%s: cannot ask: %s", id, strerror(errno));
		return;
	}
	health = row_health(&row, &reason);
	screen_say(s, "%s: %s%s%s", id, tun_health_name(health),
	    reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

/*
 * The list on the screen stays as it is: the next look, which does not ask,
 * would undo the state after the answer, and --on-change would report both.
 */
void
screen_check(struct screen *s)
{
	const struct row *row = live_row(s);
	struct tun_ctx *ctx = s->list.r->ctx;
	struct tun_list *list;

	if (row == NULL)
		return;
	if (tun_sees_itself(ctx) != 1) {
		screen_say(s, "cannot ask: the process table does not show "
		    "tunps itself");
		return;
	}
	screen_say(s, "asking about %s", row_id(row));
	screen_draw(s);
	if (tun_scan(ctx, ps_scan_flags(s->args), &list) == -1) {
		screen_say(s, "cannot look: %s", strerror(errno));
		return;
	}
	ask(s, list, row);
	tun_list_free(list);
}

/* --- x -------------------------------------------------------------------- */

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
		    row_id(row));
	free(text);
}

/* --- K, W ----------------------------------------------------------------- */

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
screen_end_row(struct screen *s, int whole)
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
	s->request.whole = whole;
	s->request.served = s->args->server;
	if (strlcpy(s->request.id, row_id(row), sizeof(s->request.id)) >=
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

/* Here a key does what tunkill names an option for. */
static void
name_key(char *text)
{
	static const char option[] = "--whole ends it all";
	static const char key[] = "W ends it all";
	char *p = strstr(text, option);

	if (p == NULL)
		return;
	memcpy(p, key, sizeof(key) - 1);
	p += sizeof(key) - 1;
	memmove(p, p + sizeof(option) - sizeof(key), strlen(p +
	    sizeof(option) - sizeof(key)) + 1);
}

void
screen_end_reply(struct screen *s)
{
	int planned = s->ending == END_PLAN;
	struct end_reply reply;

	s->ending = END_NONE;
	free(s->message);
	s->message = NULL;
	if (end_row_reply(&s->args->end_row, &reply) == -1) {
		screen_say(s, "tunkill cannot be started");
		s->no_helper = 1;
		return;
	}
	name_key(reply.text);
	screen_page(s, reply.text);
	if (planned && reply.status == TOOL_MATCH)
		s->ending = END_ASKED;
	else if (s->page.n == 1) {
		screen_say(s, "%s", s->page.v[0].s);
		text_free(&s->page);
	}
	if (!planned)
		screen_look(s, LOOK_AGAIN);
}
