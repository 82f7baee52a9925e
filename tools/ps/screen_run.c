/* SPDX-License-Identifier: ISC */
/* --watch with keys: looks, draws and waits, until the user quits. */

#include <sys/types.h>

#include <stdlib.h>

#include "common/out.h"
#include "compat/ms.h"
#include "ps/display.h"
#include "ps/screen.h"
#include "ps/terminal.h"

static void
resize(struct screen *s)
{
	terminal_size(&s->lines, &s->width);
	display_resize(s->lines, s->width);
	if (s->page.n > 0)
		screen_fold(s);
}

static void
run(struct screen *s)
{
	struct terminal term = { display_enter, display_leave, 1, -1 };
	int64_t next = 0;

	while (!s->quit) {
		if (ms_now() >= next) {
			next = ms_now() + s->args->watch;
			screen_look(s, LOOK_AGAIN);
		}
		screen_draw(s);
		/* What is typed for the filter must not answer a question. */
		term.reply = s->typing || s->no_helper ? -1 :
		    s->args->end_row.helper.from;
		switch (terminal_wait(&term, next)) {
		case EVENT_KEY:
			screen_take_keys(s);
			break;
		case EVENT_CONTINUED:
			next = 0;
			/* FALLTHROUGH */
		case EVENT_RESIZED:
			resize(s);
			break;
		case EVENT_LOST:
			s->quit = 1;
			break;
		case EVENT_REPLY:
			screen_end_reply(s);
			break;
		case EVENT_TIME:
			break;
		}
	}
}

int
screen_run(struct rounds *r)
{
	struct screen s = { .list = { .r = r }, .args = r->args,
	    .keys = r->args->keys, .nkeys = r->args->nkeys };

	terminal_start();
	if (display_start(r->args->view.color) == -1) {
		terminal_end();
		return -1;
	}
	/* For the rates. */
	r->args->scan |= columns[COL_RX].scan;
	resize(&s);
	run(&s);
	display_leave();
	terminal_end();
	r->args->keys = s.keys;
	r->args->nkeys = s.nkeys;
	screen_list_free(&s.list);
	text_free(&s.head);
	text_free(&s.page);
	free(s.page_text);
	free(s.failure);
	free(s.message);
	return 0;
}
