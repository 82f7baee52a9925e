/* SPDX-License-Identifier: ISC */
/* tunkill's plan and its results as JSON. */

#include <sys/types.h>

#include <stdlib.h>

#include "common/json.h"
#include "common/out.h"
#include "kill/plan.h"
#include "kill/report.h"
#include "kill/signal_names.h"
#include "libfind.h"

static const char *
means_name(enum plan_means means)
{
	static const char *const names[] = {
		"refuse", "signal", "close", "supervisor", "command"
	};

	return names[means];
}

static json_t *
forward(const struct plan_item *it, const struct tun_fwd *fwd)
{
	struct row row = { it->tun, fwd };
	json_t *object = json_object();

	out_json_string(object, "id", fwd->id);
	out_json_made(object, "listen", cell_listen(&row));
	out_json_made(object, "target", cell_target(&row));
	out_json_put(object, "state", out_json_state(tun_fwd_state(fwd)));
	out_json_put(object, "asked", json_boolean(plan_is_asked(it, fwd)));
	out_json_put(object, "conns", out_json_number(fwd->conns));
	out_json_put(object, "clients", out_json_peers(fwd->clients,
	    fwd->nclients));
	return object;
}

/* The forwards that end, and whether each was asked for. */
static json_t *
forwards(const struct plan_item *it)
{
	/* A client's forward, which its master closes. */
	const struct tun *t = it->nfwds > 0 ? it->fwds[0]->tun : it->tun;
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (plan_takes(it, t->fwds[i]))
			out_json_add(array, forward(it, t->fwds[i]));
	}
	return array;
}

static void
put_stop(json_t *object, const struct plan_item *it)
{
	int run = it->means == PLAN_COMMAND;

	out_json_string(object, "supervisor", it->tun->supervisor);
	out_json_words(object, "command", run ? it->stop->argv : NULL);
	out_json_put(object, "command_uid", run ?
	    json_integer((json_int_t)it->stop->uid) : json_null());
}

/* Other tunnels: those that end, and those that nothing starts again then. */
static void
put_others(json_t *object, const struct plan *plan,
    const struct plan_item *it)
{
	json_t *mates = json_array(), *left = json_array();
	json_t *through = json_array();
	const struct tun *t = NULL;

	while ((t = tun_next(plan->list, t)) != NULL) {
		if (plan_stops_too(it, t))
			out_json_add(mates, json_integer(t->pid));
		if (plan_is_left(plan, it, t))
			out_json_add(left, json_integer(t->pid));
		if (plan_is_through(it, t))
			out_json_add(through, json_integer(t->pid));
	}
	out_json_put(object, "mates", mates);
	out_json_put(object, "left", left);
	out_json_put(object, "through", through);
}

/* If it is refused, the options with which it would be done. */
static void
put_needs(json_t *object, const struct plan_item *it)
{
	static const struct {
		unsigned bit;
		const char *name;
	} options[] = {
		{ PLAN_WHOLE, "--whole" }, { PLAN_SESSIONS, "--sessions" },
		{ PLAN_SUPERVISOR, "--supervisor" }
	};
	const char *words[4] = { NULL };
	size_t i, n = 0;

	for (i = 0; i < 3; i++) {
		if (it->needs & options[i].bit)
			words[n++] = options[i].name;
	}
	out_json_words(object, "needs", words);
}

static void
put_unseen(json_t *object, const struct plan_item *it)
{
	const char *words[8] = { NULL };
	size_t i;

	for (i = 0; i < 7 && (words[i] = plan_note(it, i)) != NULL; i++)
		continue;
	out_json_words(object, "unseen", words);
}

static json_t *
item(const struct plan *plan, const struct plan_item *it, int dry)
{
	const struct tun *t = it->tun;
	json_t *object = json_object();
	struct tun_evidence evidence = report_evidence(it);
	int signals = it->means == PLAN_SIGNAL || it->means == PLAN_PARENT;

	out_json_made(object, "name", report_name(it));
	out_json_put(object, "pid", out_json_number(t->pid > 0 ? t->pid : -1));
	out_json_put(object, "uid", json_integer((json_int_t)t->uid));
	out_json_made(object, "via", cell_via(t));
	out_json_made(object, "why", report_why(plan, it));
	out_json_put(object, "state", out_json_state(t->state));
	out_json_put(object, "evidence", out_json_evidence(&evidence,
	    it->tun->served));
	out_json_put(object, "whole", json_boolean(it->whole));
	out_json_string(object, "means", means_name(it->means));
	out_json_string(object, "signal", signals ?
	    signal_name(it->sig) : NULL);
	put_stop(object, it);
	out_json_made(object, "refusal", report_refusal(plan, it));
	put_needs(object, it);
	put_unseen(object, it);
	out_json_put(object, "forwards", forwards(it));
	out_json_put(object, "session", out_json_truth(t->session));
	out_json_put(object, "users", out_json_peers(t->users, t->nusers));
	out_json_put(object, "helpers", out_json_peers(t->helpers,
	    t->nhelpers));
	put_others(object, plan, it);
	out_json_put(object, "members", out_json_peers(
	    it->unit != NULL ? it->unit->members : NULL,
	    it->unit != NULL ? it->unit->nmembers : 0));
	if (dry)
		out_json_put(object, "result", json_null());
	else
		out_json_string(object, "result",
		    report_result_name(it->result));
	out_json_string(object, "detail", it->detail);
	return object;
}

void
report_json(const struct plan *plan, int dry)
{
	json_t *root = json_object(), *array = json_array();
	size_t i;

	out_json_put(root, "version", json_integer(JSON_VERSION));
	out_json_put(root, "complete",
	    json_boolean(tun_complete(plan->list)));
	out_json_put(root, "notes", out_json_notes(plan->list));
	for (i = 0; i < plan->n; i++)
		out_json_add(array, item(plan, &plan->items[i], dry));
	out_json_put(root, "targets", array);
	out_json_print(root);
}
