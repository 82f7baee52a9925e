/* SPDX-License-Identifier: ISC */
/*
 * Runs a command for each forward that has changed, one at a time.
 *
 * A child of tunps does this, which keeps all the rights that root's tunps
 * gives up, and cannot be held up by a look, nor hold one up.  Changes go to it
 * through a pipe, and the exit status of each command comes back through
 * another.  The child ends when tunps has ended, whatever ended that.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/tool.h"
#include "compat/ms.h"
#include "ps/helper.h"
#include "ps/on_change.h"

#define QUEUE_MAX	100	/* changes that are sent and not yet done */
#define GRACE		1000	/* ms that a command has when tunps has ended */
#define TICK_FIRST	2	/* ms between two looks at the command, at */
#define TICK_LAST	100	/* first and at last */

/* What the child reads at once: a write of this size is never split. */
struct change {
	uint16_t len;		/* of env */
	char env[PIPE_BUF - sizeof(uint16_t)]; /* "NAME=value\0..." */
};

/* Bytes of a value that others chose; only forged ones are longer. */
#define VALUE_MAX	((sizeof(struct change) - 128) / 2)

struct on_change {
	struct helper helper;
	int started;		/* the first rows are known */
	size_t waiting;		/* sent, and not yet done */
	size_t late;		/* of them, those sent before the last look */
	size_t dropped;
	int status;		/* exit status of the last command */
	struct row *old;
	size_t nold;
};

/* --- the child ------------------------------------------------------------ */

/* Has tunps closed its end of the pipe? */
static int
has_ended(int in, int ms)
{
	struct pollfd pfd = { .fd = in, .events = 0 };

	return poll(&pfd, 1, ms) > 0;
}

/* The strings of a change get into the environment of its own command only. */
static pid_t
start_command(const char *command, struct change *c)
{
	pid_t pid = fork();
	char *p;

	if (pid == 0) {
		for (p = c->env; p < c->env + c->len; p += strlen(p) + 1)
			putenv(p);
		setpgid(0, 0);
		signal(SIGPIPE, SIG_DFL);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	return pid;
}

/* How it has ended, as a shell says it. */
static unsigned char
run_command(int in, const char *command, struct change *c, int64_t *endp)
{
	pid_t pid = start_command(command, c);
	int status, tick = TICK_FIRST;

	if (pid == -1)
		return 126;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (*endp == -1 && has_ended(in, tick))
			*endp = ms_now() + GRACE;
		else if (*endp != -1)
			ms_sleep(tick);
		if (*endp != -1 && ms_left(*endp) == 0)
			kill(-pid, ms_now() < *endp + GRACE ? SIGTERM :
			    SIGKILL);
		tick = tick * 2 < TICK_LAST ? tick * 2 : TICK_LAST;
	}
	return (unsigned char)(WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status));
}

static void
run_commands(int in, int out, const void *command)
{
	struct change c;
	unsigned char status;
	int64_t end = -1;

	while ((end == -1 || ms_left(end) > 0) &&
	    helper_read(in, &c.len, sizeof(c.len)) &&
	    helper_read(in, c.env, c.len)) {
		status = run_command(in, command, &c, &end);
		(void)!write(out, &status, 1);
	}
}

/* --- tunps ---------------------------------------------------------------- */

struct on_change *
on_change_start(const char *command, int quiet)
{
	struct on_change *oc = tool_xcalloc(1, sizeof(*oc));

	helper_start(&oc->helper, "--on-change", quiet, run_commands, command);
	fcntl(oc->helper.to, F_SETFL, O_NONBLOCK);
	fcntl(oc->helper.from, F_SETFL, O_NONBLOCK);
	return oc;
}

void
on_change_free(struct on_change *oc)
{
	if (oc == NULL)
		return;
	helper_close(&oc->helper);
	free(oc->old);
	free(oc);
}

/* The commands that are done. */
static void
collect(struct on_change *oc)
{
	unsigned char status;

	while (read(oc->helper.from, &status, 1) == 1) {
		oc->status = status;
		oc->waiting--;
	}
	oc->late = oc->waiting;
}

static void
add(struct change *c, const char *name, const char *value)
{
	int n = snprintf(c->env + c->len, sizeof(c->env) - c->len, "%s=%.*s",
	    name, (int)VALUE_MAX, value);

	c->len = (uint16_t)(c->len + n + 1);
}

/* Of hostile bytes nothing but printable text gets into the environment. */
static void
add_text(struct change *c, const char *name, const struct view *view,
    const struct row *row, enum column col)
{
	struct cell cell = cell_get(view, row, col);
	char *text = tool_vis(cell.type == CELL_TEXT ? cell.text :
	    cell.type == CELL_UNKNOWN ? "?" : "");

	add(c, name, text);
	free(text);
	free(cell.text);
}

static void
send(struct on_change *oc, const struct view *view, const struct row *row,
    const char *old, const char *now)
{
	struct change c = { .len = 0 };
	char pid[32];
	size_t size;

	snprintf(pid, sizeof(pid), "%ld", (long)row->tun->pid);
	add_text(&c, "TUN_ID", view, row, COL_ID);
	add(&c, "TUN_STATE", now);
	add(&c, "TUN_OLD_STATE", old);
	add(&c, "TUN_PID", pid);
	add_text(&c, "TUN_TARGET", view, row, COL_TARGET);
	size = sizeof(c.len) + c.len;
	if (oc->waiting < QUEUE_MAX &&
	    write(oc->helper.to, &c, size) == (ssize_t)size)
		oc->waiting++;
	else
		oc->dropped++;
}

static const char *
state_of(const struct row *row)
{
	return tun_state_name(row_state(row));
}

/* Does b have the ID of a, for another process of the user? */
static int
has_its_id(const struct row *a, const struct row *b)
{
	return a->fwd != NULL && b->fwd != NULL &&
	    a->tun->uid == b->tun->uid && strcmp(a->fwd->id, b->fwd->id) == 0;
}

static int
find(const struct tun_list *list, const struct row *want,
    int (*fits)(const struct row *, const struct row *), struct row *found)
{
	struct row row = { .tun = NULL };
	size_t i;

	while ((row.tun = tun_next(list, row.tun)) != NULL) {
		for (i = 0; i <= row.tun->nfwds; i++) {
			row.fwd = i == 0 ? NULL : row.tun->fwds[i - 1];
			if (fits(want, &row)) {
				*found = row;
				return 1;
			}
		}
	}
	return 0;
}

/* What is not in an incomplete list is gone only if its process is. */
static const char *
state_of_absent(struct tun_ctx *ctx, const struct view *view,
    const struct row *row)
{
	struct tun_handle *h;
	int gone = tun_complete(view->list);

	if (!gone) {
		h = tun_hold(ctx, row->tun);
		gone = h == NULL && errno == ESRCH;
		tun_handle_free(h);
	}
	return tun_state_name(gone ? TUN_GONE : TUN_UNKNOWN);
}

static int
is_among(const struct row *row, const struct row *rows, size_t n)
{
	return rows_find(row, rows, n, 0) < n;
}

/*
 * A filter may be about the state, so the same process counts whether the user
 * has selected it there or not.  A tunnel that was started again is the same,
 * since its ID is.
 */
static void
send_here(struct on_change *oc, const struct view *view, const struct row *row)
{
	const struct tun_list *before = view->before;
	struct row old;
	int was = find(before, row, rows_same, &old) ||
	    (find(before, row, has_its_id, &old) &&
	    is_among(&old, oc->old, oc->nold));

	send(oc, view, row, was ? state_of(&old) : "", state_of(row));
}

static void
send_absent(struct on_change *oc, struct tun_ctx *ctx,
    const struct view *view, const struct row *row)
{
	struct row now;

	if (!find(view->list, row, rows_same, &now) &&
	    !find(view->list, row, has_its_id, &now))
		send(oc, view, row, state_of(row),
		    state_of_absent(ctx, view, row));
	/* One that is selected in its place has a mark of its own. */
	else if (!is_among(&now, view->rows, view->nrows))
		send(oc, view, &now, state_of(row), state_of(&now));
}

static void
send_marked(struct on_change *oc, struct tun_ctx *ctx,
    const struct view *view, const struct row *row, char mark)
{
	if (mark == ' ' || row->tun->uid != geteuid())
		return;
	if (mark == '-')
		send_absent(oc, ctx, view, row);
	else
		send_here(oc, view, row);
}

void
on_change_look(struct on_change *oc, struct tun_ctx *ctx,
    const struct view *view)
{
	enum column state = COL_STATE;
	struct view now = *view;
	char *marks;
	size_t i;

	collect(oc);
	now.cols = &state;
	now.ncols = 1;
	now.rows = tool_xcalloc(view->nrows, sizeof(*now.rows));
	for (i = 0; i < view->nrows; i++)
		now.rows[i] = view->rows[i];
	if (oc->started) {
		marks = rows_mark(&now, oc->old, oc->nold);
		for (i = 0; i < now.nrows; i++)
			send_marked(oc, ctx, view, &now.rows[i], marks[i]);
		free(marks);
	}
	oc->started = 1;
	free(oc->old);
	oc->old = now.rows;
	oc->nold = view->nrows;
}

char *
on_change_note(const struct on_change *oc)
{
	char *note = NULL;

	if (oc->late > 0)
		note = cell_join(note, ", ", tool_xasprintf("%zu %s",
		    oc->late, oc->late == 1 ? "change waits" :
		    "changes wait"));
	if (oc->dropped > 0)
		note = cell_join(note, ", ", tool_xasprintf("%zu dropped",
		    oc->dropped));
	if (oc->status != 0)
		note = cell_join(note, ", ", tool_xasprintf("exit status %d",
		    oc->status));
	return note;
}
