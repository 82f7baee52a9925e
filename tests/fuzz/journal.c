/* SPDX-License-Identifier: ISC */
/*
 * A line of the journal. A record that is read can be written and reads the
 * same again; its PID is the one that is found without reading all of it.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "journal/journal.h"
#include "fuzz/fuzz.h"

static void
check_journal(const char *text, size_t len)
{
	struct tun_journal *j = journal_new(text, len, "b/1", "h");
	const struct tun_record *r = NULL;
	size_t n = 0;

	claim(j != NULL);
	while ((r = tun_journal_next(j, r)) != NULL) {
		claim(r->index == n++);
		claim(!r->current || (r->added != NULL && r->closed != NULL));
		(void)journal_is_replaced(j, r);
	}
	tun_journal_free(j);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct tun_record r, again;
	struct arena *a = arena_new();
	char *line, *second;
	int ok;

	claim(a != NULL);
	ok = journal_parse(a, text, len, &r);
	claim(ok != -1);
	if (ok == 1) {
		claim(journal_line_pid(text, len) == r.pid);
		line = journal_line(a, &r);
		claim(line != NULL || errno == E2BIG);
		if (line != NULL) {
			claim(journal_parse(a, line, strlen(line),
			    &again) == 1);
			second = journal_line(a, &again);
			claim(second != NULL && strcmp(line, second) == 0);
		}
	}
	arena_free(a);
	check_journal(text, len);
	return 0;
}
