/* SPDX-License-Identifier: ISC */
/* What tunrun says on standard error of what was started. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/out.h"
#include "common/tool.h"
#include "compat/base_name.h"
#include "libfind.h"
#include "run/run.h"

void
run_say(const struct run *run, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!run->quiet)
		tool_vwarn(fmt, ap);
	va_end(ap);
}

char *
run_taken_text(const struct tun_end *at, const struct tun_peer *peer)
{
	char *text = at->path != NULL ?
	    tool_xasprintf("another process listens at %s", at->path) :
	    tool_xasprintf("another process listens on port %d", at->port);

	if (peer == NULL || peer->pid <= 0)
		return text;
	return cell_join(text, " ", tool_xasprintf("(process %ld, %s)",
	    (long)peer->pid, peer->comm != NULL ? peer->comm : "?"));
}

char *
run_find_taken(struct tun_ctx *ctx, const struct tun_forward *fwd)
{
	const struct tun_peer **peers;
	char *why = NULL;
	size_t n;

	if (!tun_forward_is_local(fwd) || fwd->listen.path != NULL ||
	    fwd->listen.port <= 0 ||
	    tun_port_owners(ctx, fwd->listen.port, &peers, &n) == -1)
		return NULL;
	if (n > 0)
		why = run_taken_text(&fwd->listen, peers[0]);
	free(peers);
	return why;
}

/* Returns why a forward is not as it should be, or NULL if it is. */
static const char *
complaint(const struct tun_fwd *fwd)
{
	const char *reason;

	return tun_fwd_health(fwd, &reason) == TUN_HEALTH_OK ? NULL : reason;
}

static void
say_forward(const struct run *run, const struct row *row)
{
	const struct tun_peer *p = row->fwd->owner;
	const char *why = complaint(row->fwd);
	char *listen = cell_listen(row);

	if (why != NULL && p != NULL && p->pid > 0)
		run_say(run, "%s: %s: %s (process %ld, %s)", row->fwd->id,
		    listen != NULL ? listen : "?", why, (long)p->pid,
		    p->comm != NULL ? p->comm : "?");
	else if (why != NULL)
		run_say(run, "%s: %s: %s", row->fwd->id,
		    listen != NULL ? listen : "?", why);
	free(listen);
}

static void
say_missing(const struct run *run)
{
	const struct tun_forward *fwd = NULL;
	char spec[1024];

	while ((fwd = run_find_missing(run, fwd)) != NULL)
		if (tun_forward_format(fwd, spec, sizeof(spec)) >= 0)
			run_say(run, "-%c %s: nobody listens",
			    fwd->kind == TUN_FWD_DYNAMIC ? 'D' : 'L', spec);
}

void
run_say_rows(const struct run *run)
{
	const struct row *row;
	size_t i;

	for (i = 0; i < run->nrows; i++) {
		row = &run->rows[i];
		if (!run_is_starting(row->tun)) {
			if (row->fwd != NULL)
				say_forward(run, row);
		} else if (i == 0 || row[-1].tun != row->tun)
			run_say(run, "process %ld has not got through to its "
			    "server yet", (long)row->tun->pid);
	}
	say_missing(run);
}

/* Will the ssh end if the server does not listen? */
static int
ends_on_failure(const struct run *run, const struct tun *t)
{
	struct tun_words *w;
	int yes = 0;

	w = tun_words_parse(run->ctx, t->argv, t->argv != NULL ? t->argc : 0);
	if (w != NULL)
		yes = w->exitonfail == 1;
	tun_words_free(w);
	return yes;
}

/*
 * Only the server knows about a remote forward, and ssh if it was told to ask.
 */
static void
say_remote(const struct run *run)
{
	const struct tun_fwd *fwd;
	size_t i;

	for (i = 0; i < run->nrows; i++) {
		fwd = run->rows[i].fwd;
		if (fwd == NULL || fwd->state != TUN_REMOTE ||
		    run->told || ends_on_failure(run, run->rows[i].tun))
			continue;
		run_say(run, "%s: whether the server listens is not known; "
		    "with -o ExitOnForwardFailure=yes, as --strict adds it, "
		    "ssh ends if it does not", fwd->id);
		return;
	}
}

/* Other tools find it only by the name of its program. */
static void
say_program(const struct run *run)
{
	const char *exe, *base;
	size_t i;

	for (i = 0; i < run->nrows; i++) {
		exe = run->rows[i].tun->exe;
		if (exe == NULL || tun_is_ssh(run->ctx, exe))
			continue;
		base = base_name(exe);
		run_say(run, "process %ld is %s: tunps and tunkill find it "
		    "with --ssh-name %s", (long)run->rows[i].tun->pid, base,
		    base);
		return;
	}
}

/* The journal has it, too, and then says so for a process that does not. */
static void
say_label(const struct run *run)
{
	const struct tun *t;
	size_t i;

	for (i = 0; run->label != NULL && !run->remembered && i < run->nrows;
	    i++) {
		t = run->rows[i].tun;
		if (t->label != NULL && strcmp(t->label, run->label) == 0)
			continue;
		run_say(run, "the label is lost: process %ld does not show it",
		    (long)t->pid);
		return;
	}
}

void
run_say_notes(const struct run *run)
{
	say_label(run);
	say_program(run);
	say_remote(run);
}

void
run_say_master(const struct run *run, const struct tun *t)
{
	say_label(run);
	run_say(run, "a master that was there before has it: process %ld, %s",
	    (long)t->pid, t->ctlpath != NULL ? t->ctlpath : "path unknown");
	say_program(run);
}

void
run_say_left(struct run *run)
{
	struct tun_child *v = NULL;
	char *names = NULL;
	size_t i, n = 0;

	(void)reaper_find(&run->reaper, &v, &n);
	for (i = 0; i < n; i++)
		names = cell_join(names, ", ", tool_xasprintf("%ld (%s)",
		    (long)v[i].pid, v[i].comm));
	if (names != NULL)
		run_say(run, "%s: %s %s", run->reaper.status != 0 ?
		    "the command has failed and left in the background" :
		    "what is left in the background is not known to be a "
		    "tunnel", n > 1 ? "processes" : "process", names);
	else
		run_say(run, "something is left in the background that cannot "
		    "be seen");
	free(names);
	free(v);
}
