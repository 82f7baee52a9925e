/* SPDX-License-Identifier: ISC */
/* What masters and tunnels have answered to tuncheck. */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "common/json.h"
#include "common/out.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "libfind.h"

/* " (pid 4711)" if it is known.  The caller frees it. */
static char *
pid_words(pid_t pid)
{
	return pid > 0 ? tool_xasprintf(" (pid %ld)", (long)pid) :
	    tool_xstrdup("");
}

static const char *
reason(const struct tun_master *m)
{
	if (*m->text != '\0')
		return m->text;
	return m->error > 0 ? strerror(m->error) : "it was not asked";
}

static char *
master_words(const struct tun_master *m)
{
	char *pid = pid_words(m->pid), *s = NULL;

	switch (m->ctl) {
	case TUN_CTL_OK:
		s = tool_xasprintf("master running%s%s%s%s", pid,
		    m->was != NULL ? ", renamed from " : "",
		    m->was != NULL ? m->was : "",
		    m->round_trip == 1 ? ", its server answers" :
		    m->round_trip == 0 ? ", its server does not answer" : "");
		break;
	case TUN_CTL_LOST:
		s = tool_xasprintf("headless master%s: nothing leads to it",
		    pid);
		break;
	case TUN_CTL_REPLACED:
		s = m->error == 0 ?
		    tool_xasprintf("another master running%s", pid) :
		    tool_xasprintf("headless master%s: its path leads to "
		    "another", pid);
		break;
	case TUN_CTL_DEAD:
		s = tool_xasprintf("dead socket: %s", reason(m));
		break;
	case TUN_CTL_HUNG:
		s = tool_xasprintf("master hung%s: %s", pid, reason(m));
		break;
	case TUN_CTL_DENIED:
		s = tool_xasprintf("master denied us%s: %s", pid, reason(m));
		break;
	case TUN_CTL_UNSAFE:
		s = tool_xasprintf("unsafe path%s: %s", pid, reason(m));
		break;
	case TUN_CTL_FOREIGN:
		s = tool_xasprintf("foreign%s: %s", pid, reason(m));
		break;
	case TUN_CTL_NOMASTER:
		s = tool_xasprintf("no master: %s", reason(m));
		break;
	case TUN_CTL_NONE:
		s = tool_xstrdup("no such path");
		break;
	case TUN_CTL_UNKNOWN:
	case TUN_CTL_FOUND:
		s = tool_xasprintf("not known%s: %s", pid, reason(m));
		break;
	}
	free(pid);
	return s;
}

static enum tun_health
master_health(const struct tun_master *m)
{
	if (m->ctl == TUN_CTL_UNKNOWN || m->ctl == TUN_CTL_FOUND)
		return TUN_HEALTH_UNKNOWN;
	return m->ctl == TUN_CTL_OK && m->round_trip != 0 ? TUN_HEALTH_OK :
	    TUN_HEALTH_BAD;
}

/* Is the forward itself bad, whatever the state of its link? */
static int
is_bad(const struct tun_fwd *fwd)
{
	return tun_fwd_state(fwd) == fwd->state &&
	    tun_fwd_health(fwd, NULL) == TUN_HEALTH_BAD;
}

static void
put_vis(const char *s)
{
	char *text = tool_vis(s);

	fputs(text, stdout);
	free(text);
}

static void
put_why(const struct tun_evidence *e)
{
	enum tun_why why = TUN_WHY_NONE;

	while ((why = tun_why_next(e, why)) != TUN_WHY_NONE)
		printf("    %s\n", tun_why_text(why));
}

/* Prints the lines that a master has reported; the line ends vary. */
static void
put_info(const char *text)
{
	char *copy = tool_xstrdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\r\n")) != NULL) {
		if (*line == '\0')
			continue;
		fputs("    ", stdout);
		put_vis(line);
		putchar('\n');
	}
	free(copy);
}

/* What masters of 10.3 and later report; NULL for others. */
static const char *
info(const struct check_args *args, const struct tun_master *m,
    const char *what)
{
	return args->verbose && m->ctl == TUN_CTL_OK &&
	    tun_master_info(m, what, args->ms) == 0 ? m->text : NULL;
}

static void
put_master(const struct check_args *args, const struct tun_master *m)
{
	static const char *const whats[] = { "connection", "channels" };
	char *words = master_words(m);
	const char *text;
	size_t i;

	put_vis(m->path);
	fputs(": ", stdout);
	put_vis(words);
	putchar('\n');
	free(words);
	for (i = 0; i < 2; i++)
		if ((text = info(args, m, whats[i])) != NULL)
			put_info(text);
}

/* Why the probe of a target has no result; NULL if there is no reason. */
static const char *
no_result(const struct tun_fwd *fwd)
{
	static const enum tun_why reasons[] = {
		TUN_WHY_REMOTEFS, TUN_WHY_NOACCEPT, TUN_WHY_NOCONNECT,
		TUN_WHY_BACKLOG, TUN_WHY_NETNS, TUN_WHY_DENIED,
		TUN_WHY_PROXIED, TUN_WHY_INUSE
	};
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (tun_why_has(&fwd->why, reasons[i]))
			return tun_why_text(reasons[i]);
	return NULL;
}

static const char *
target_words(const struct tun_fwd *fwd)
{
	switch (fwd->state) {
	case TUN_ANSWERS:
		return "target answers";
	case TUN_REFUSED:
		return "target refuses";
	case TUN_SILENT:
		return "target is silent";
	case TUN_UNKNOWN:
		return "target not known";
	case TUN_HALF:
		if (tun_why_has(&fwd->why, TUN_WHY_TARGET))
			return "target answers";
		if (no_result(fwd) != NULL)
			return "target not known";
		/* FALLTHROUGH */
	default:
		return "target not tried";
	}
}

/*
 * Why nothing is known of a target; NULL if there is no reason.  The caller
 * frees it.
 */
static char *
target_reason(const struct tun_fwd *fwd)
{
	const char *text = NULL;

	switch (fwd->spec.kind) {
	case TUN_FWD_LOCAL:
		break;
	case TUN_FWD_DYNAMIC:
		return tool_xstrdup("each of its clients names its own");
	case TUN_FWD_REMOTE:
	case TUN_FWD_RDYNAMIC:
		return tool_xstrdup("the way to it begins at the server");
	default:
		return tool_xstrdup("it has no listener");
	}
	switch (fwd->state) {
	case TUN_ANSWERS:
	case TUN_REFUSED:
	case TUN_SILENT:
		return NULL;
	case TUN_UNKNOWN:
		if ((text = no_result(fwd)) != NULL)
			return tool_xstrdup(text);
		break;
	case TUN_UNLISTED:
		return tool_xstrdup("nothing says where it leads");
	case TUN_HALF:
		if (tun_why_has(&fwd->why, TUN_WHY_TARGET))
			return NULL;
		if ((text = no_result(fwd)) != NULL)
			return tool_xstrdup(text);
		/* FALLTHROUGH */
	case TUN_BOUND:
		if (tun_why_has(&fwd->why, TUN_WHY_LEADSBACK))
			return tool_xstrdup(tun_why_text(TUN_WHY_LEADSBACK));
		break;
	default:
		/* That of the forward, not of its tunnel. */
		if (tun_fwd_state(fwd) == fwd->state)
			tun_fwd_health(fwd, &text);
		if (text != NULL)
			return tool_xstrdup(text);
	}
	if (fwd->state == TUN_UNKNOWN &&
	    tun_state_class(fwd->tun->link) == TUN_CLASS_LIVE)
		return tool_xstrdup("whether it listens is not known");
	if (fwd->tun->link == TUN_UNKNOWN)
		return tool_xstrdup("whether its tunnel works is not known");
	if (tun_why_has(&fwd->tun->why, TUN_WHY_LOOP))
		return tool_xstrdup("its tunnel leads back to itself");
	return tool_xasprintf("its tunnel is %s",
	    tun_state_name(fwd->tun->link));
}

static void
put_target(const struct tun_fwd *fwd)
{
	char *reason = target_reason(fwd);
	int bad = is_bad(fwd) && (reason != NULL || fwd->state == TUN_HALF);

	printf("%s: %s%s%s%s%s\n", fwd->id,
	    bad ? tun_state_name(fwd->state) : "", bad ? ", " : "",
	    target_words(fwd), reason != NULL ? ": " : "",
	    reason != NULL ? reason : "");
	free(reason);
}

/* Prints the forwards whose state is worth a line. */
static void
put_forwards(const struct check_args *args, const struct tun *t)
{
	const struct tun_fwd *fwd;
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		fwd = t->fwds[i];
		if (args->probe)
			put_target(fwd);
		else if (is_bad(fwd))
			printf("%s: %s\n", fwd->id,
			    tun_state_name(fwd->state));
		else
			continue;
		if (args->verbose)
			put_why(&fwd->why);
	}
}

static void
put_tunnel(const struct check_args *args, const struct tun *t)
{
	char age[32], *via = cell_via(t);
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		printf("%s%s", i > 0 ? "," : "", t->fwds[i]->id);
	if (t->nfwds == 0)
		fputs(t->id, stdout);
	printf(": %s (pid %ld)", t->state != TUN_UNKNOWN ?
	    tun_state_name(t->state) : "not known", (long)t->pid);
	if (via != NULL) {
		fputs(" via ", stdout);
		put_vis(via);
	}
	if (t->heard >= 0) {
		tool_age(t->heard / 1000, age, sizeof(age));
		printf(", heard %s ago", age);
	}
	if (tun_why_has(&t->why, TUN_WHY_ROUNDTRIP))
		fputs(", server answers", stdout);
	else if (tun_why_has(&t->why, TUN_WHY_NOROUNDTRIP))
		fputs(", server does not answer", stdout);
	putchar('\n');
	free(via);
	if (args->verbose)
		put_why(&t->why);
	put_forwards(args, t);
}

static json_t *
json_master(const struct check_args *args, const struct tun_master *m)
{
	json_t *object = json_object();

	out_json_string(object, "path", m->path);
	out_json_string(object, "was", m->was);
	out_json_string(object, "user", tool_user(m->uid));
	out_json_put(object, "uid", json_integer((json_int_t)m->uid));
	out_json_put(object, "pid", m->pid > 0 ? json_integer(m->pid) :
	    json_null());
	out_json_string(object, "state", tun_ctl_name(m->ctl));
	out_json_put(object, "healthy", out_json_health(master_health(m)));
	out_json_made(object, "answer", master_words(m));
	out_json_string(object, "reason", m->ctl != TUN_CTL_OK &&
	    *m->text != '\0' ? m->text : NULL);
	out_json_put(object, "queue", out_json_number(m->queue));
	out_json_put(object, "trip", out_json_truth(m->round_trip));
	out_json_string(object, "tunnel", m->tun != NULL ? m->tun->id : NULL);
	out_json_string(object, "connection", info(args, m, "connection"));
	out_json_string(object, "channels", info(args, m, "channels"));
	return object;
}

/* The tunnels in the format of tunps -J. */
static json_t *
json_tunnels(const struct check_job *job)
{
	struct view view;
	const struct tun *t;
	json_t *tunnels;
	size_t i, k;

	memset(&view, 0, sizeof(view));
	view.list = job->list;
	view.all = 1;
	for (i = 0; i < job->ntuns; i++) {
		t = job->tuns[i];
		for (k = 0; k < t->nfwds || k == 0; k++) {
			view.rows = tool_xreallocarray(view.rows,
			    view.nrows + 1, sizeof(*view.rows));
			view.rows[view.nrows].tun = t;
			view.rows[view.nrows++].fwd = t->nfwds > 0 ?
			    t->fwds[k] : NULL;
		}
	}
	tunnels = out_json_tunnels(&view);
	free(view.rows);
	return tunnels;
}

static void
put_json(const struct check_args *args, const struct check_job *job)
{
	json_t *root = json_object(), *sockets = json_array();
	size_t i;

	out_json_put(root, "version", json_integer(JSON_VERSION));
	out_json_put(root, "complete", json_boolean(job->list == NULL ||
	    tun_complete(job->list)));
	out_json_put(root, "notes", out_json_notes(job->list));
	for (i = 0; i < job->nms; i++)
		out_json_add(sockets, json_master(args, job->ms[i]));
	out_json_put(root, "sockets", sockets);
	out_json_put(root, "tunnels", json_tunnels(job));
	out_json_print(root);
}

void
check_put_notes(const struct check_job *job)
{
	const char *note;
	size_t i;

	for (i = 0; job->list != NULL &&
	    (note = tun_note(job->list, i)) != NULL; i++)
		tool_warn("view incomplete: %s", note);
}

void
check_put(const struct check_args *args, const struct check_job *job)
{
	size_t i;

	if (args->quiet)
		return;
	if (args->json) {
		put_json(args, job);
		return;
	}
	for (i = 0; i < job->nms; i++)
		put_master(args, job->ms[i]);
	for (i = 0; i < job->ntuns; i++)
		put_tunnel(args, job->tuns[i]);
}

int
check_verdict(const struct check_args *args, const struct check_job *job)
{
	size_t i, found = job->ntuns, bad = 0, unknown = 0;
	enum tun_health health;

	for (i = 0; i < args->nwords; i++) {
		if (args->words[i].found)
			continue;
		/* What is not seen is not absent. */
		if (args->words[i].unseen)
			unknown++;
		else
			bad++;
	}
	for (i = 0; i < job->nms; i++) {
		found += job->ms[i]->ctl != TUN_CTL_NONE;
		health = master_health(job->ms[i]);
		bad += health == TUN_HEALTH_BAD;
		unknown += health == TUN_HEALTH_UNKNOWN;
	}
	for (i = 0; i < job->ntuns; i++) {
		health = tun_health(job->tuns[i], NULL);
		bad += health == TUN_HEALTH_BAD;
		unknown += health == TUN_HEALTH_UNKNOWN;
	}
	if (found == 0)
		return args->expect && unknown > 0 ? TOOL_ERROR : TOOL_NONE;
	if (!args->expect || bad + unknown == 0)
		return TOOL_MATCH;
	return bad > 0 ? TOOL_BAD : TOOL_ERROR;
}
