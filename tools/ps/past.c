/* SPDX-License-Identifier: ISC */
/* What the last looks have seen of a row: its state before, its rates. */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/tool.h"
#include "ps/past.h"

/* A byte count, or -1. */
static int64_t
bytes(const struct view *view, const struct row *row, enum column col)
{
	struct cell cell = cell_get(view, row, col);

	free(cell.text);
	return cell.type == CELL_NUMBER ? cell.number : -1;
}

static void
add(struct past *p, int64_t in, int64_t out)
{
	if (p->n == PAST_LOOKS) {
		p->n--;
		memmove(p->in, p->in + 1, p->n * sizeof(*p->in));
		memmove(p->out, p->out + 1, p->n * sizeof(*p->out));
	}
	p->in[p->n] = in;
	p->out[p->n++] = out;
}

struct past
past_next(const struct past *before, const struct view *view,
    const struct row *row)
{
	struct past p = { .state = row_state(row) };
	int64_t rx = bytes(view, row, COL_RX), tx = bytes(view, row, COL_TX);

	if (before != NULL) {
		p = *before;
		p.state = row_state(row);
		if (p.state != before->state) {
			p.was = before->state;
			p.changed = tun_when(view->list);
		}
		add(&p, cell_rate(view, before->rx, rx),
		    cell_rate(view, before->tx, tx));
	}
	p.rx = rx;
	p.tx = tx;
	return p;
}

static const char *
step(int64_t value, int64_t most)
{
	static const char *const blocks[] = {
		"\342\226\201", "\342\226\202", "\342\226\203", "\342\226\204",
		"\342\226\205", "\342\226\206", "\342\226\207", "\342\226\210"
	};
	static const char *const plain[] = {
		"_", ".", "-", ":", "=", "+", "*", "#"
	};
	size_t i = value <= 0 ? 0 : 1 + (size_t)((double)value * 6 /
	    (double)most);

	if (value < 0)
		return " ";
	return tool_is_utf8() ? blocks[i] : plain[i];
}

/* Of the sums of a and b, which may be NULL. */
static char *
bar(const int64_t *a, const int64_t *b, size_t n)
{
	char *text = tool_xcalloc(n * 4 + 1, 1);
	int64_t v[PAST_LOOKS], most = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		v[i] = a[i] < 0 ? -1 : b != NULL && b[i] > 0 ? a[i] + b[i] :
		    a[i];
		if (v[i] > most)
			most = v[i];
	}
	for (i = 0; i < n; i++)
		strcat(text, step(v[i], most));
	return text;
}

char *
past_bar(const struct past *p, size_t looks)
{
	size_t skip = p->n > looks ? p->n - looks : 0;

	return bar(p->in + skip, p->out + skip, p->n - skip);
}

void
past_clock(const struct past *p, char *buf, size_t len)
{
	time_t when = (time_t)p->changed;
	struct tm tm;

	if (p->changed == 0 || localtime_r(&when, &tm) == NULL ||
	    strftime(buf, len, "%H:%M:%S", &tm) == 0)
		*buf = '\0';
}

/* "    rx 1234 bytes/s  ..--" */
static char *
rate_line(const char *name, const int64_t *rates, size_t n)
{
	char *text, *line;

	if (n == 0 || rates[n - 1] < 0)
		return tool_xstrdup("");
	text = bar(rates, NULL, n);
	line = tool_xasprintf("    %s %lld bytes/s  %s\n", name,
	    (long long)rates[n - 1], text);
	free(text);
	return line;
}

char *
past_text(const struct past *p)
{
	char clock[16], *in = rate_line("rx", p->in, p->n);
	char *out = rate_line("tx", p->out, p->n), *text;

	past_clock(p, clock, sizeof(clock));
	text = *clock != '\0' ? tool_xasprintf("    was %s until %s\n%s%s",
	    tun_state_name(p->was), clock, in, out) :
	    tool_xasprintf("%s%s", in, out);
	free(in);
	free(out);
	return text;
}
