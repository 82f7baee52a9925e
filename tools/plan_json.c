/* SPDX-License-Identifier: ISC */
/* tunkill's plan, and what came of it, as JSON. */

#include <sys/types.h>

#include <stdlib.h>

#include "json.h"
#include "plan.h"
#include "tool.h"

static const char *
means_name(enum plan_means means)
{
	static const char *const names[] = {
		"refuse", "signal", "close", "supervisor", "command"
	};

	return names[means];
}

static void
set_made(json_t *object, const char *key, char *s)
{
	out_json_string(object, key, s);
	free(s);
}

static json_t *
strings(char *const *words)
{
	json_t *array = json_array(), *object = json_object();

	for (; words != NULL && *words != NULL; words++) {
		out_json_string(object, "word", *words);
		out_json_add(array,
		    json_incref(json_object_get(object, "word")));
	}
	json_decref(object);
	return array;
}

static json_t *
peer(const struct tun_peer *p)
{
	json_t *object = json_object();

	out_json_put(object, "pid", p->pid > 0 ? json_integer(p->pid) :
	    json_null());
	out_json_string(object, "comm", p->comm);
	return object;
}

static json_t *
peers(const struct tun_peer *p, size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		out_json_add(array, peer(&p[i]));
	return array;
}

static json_t *
forward(const struct plan_item *it, const struct tun_fwd *fwd)
{
	struct row row = { it->tun, fwd };
	json_t *object = json_object();
	int asked = 0;
	size_t i;

	for (i = 0; i < it->nfwds; i++)
		asked = asked || it->fwds[i] == fwd;
	out_json_string(object, "id", fwd->id);
	set_made(object, "listen", cell_listen(&row));
	set_made(object, "target", cell_target(&row));
	out_json_put(object, "asked", json_boolean(asked));
	out_json_put(object, "conns", fwd->conns < 0 ? json_null() :
	    json_integer(fwd->conns));
	out_json_put(object, "clients", peers(fwd->clients, fwd->nclients));
	return object;
}

/* What ends, and what of it was not asked for. */
static json_t *
forwards(const struct plan_item *it)
{
	json_t *array = json_array();
	size_t i;

	if (it->whole) {
		for (i = 0; i < it->tun->nfwds; i++)
			out_json_add(array, forward(it, &it->tun->fwds[i]));
	} else {
		for (i = 0; i < it->nfwds; i++)
			out_json_add(array, forward(it, it->fwds[i]));
	}
	return array;
}

static json_t *
item(const struct plan_item *it, int dry)
{
	const struct tun *t = it->tun;
	json_t *object = json_object();
	int signals = it->means == PLAN_SIGNAL || it->means == PLAN_PARENT;

	set_made(object, "name", plan_name(it));
	out_json_put(object, "pid", json_integer(t->pid));
	out_json_put(object, "uid", json_integer((json_int_t)t->uid));
	set_made(object, "via", cell_via(t));
	out_json_put(object, "whole", json_boolean(it->whole));
	out_json_string(object, "means", means_name(it->means));
	out_json_string(object, "signal", signals ?
	    plan_signal_name(it->sig) : NULL);
	out_json_put(object, "command", it->means == PLAN_COMMAND ?
	    strings(it->command) : json_null());
	out_json_string(object, "supervisor", t->supervisor);
	out_json_string(object, "refusal", it->refusal);
	out_json_put(object, "forwards", forwards(it));
	out_json_put(object, "session", t->session < 0 ? json_null() :
	    json_boolean(t->session));
	out_json_put(object, "users", peers(t->users, t->nusers));
	out_json_put(object, "helpers", peers(t->helpers, t->nhelpers));
	if (dry)
		out_json_put(object, "result", json_null());
	else
		out_json_string(object, "result",
		    plan_result_name(it->result));
	out_json_string(object, "detail", it->detail);
	return object;
}

void
plan_json(const struct plan *plan, int dry)
{
	json_t *root = json_object(), *array = json_array();
	size_t i;

	out_json_put(root, "version", json_integer(JSON_VERSION));
	out_json_put(root, "complete",
	    json_boolean(tun_complete(plan->list)));
	out_json_put(root, "notes", out_json_notes(plan->list));
	for (i = 0; i < plan->n; i++)
		out_json_add(array, item(&plan->items[i], dry));
	out_json_put(root, "targets", array);
	out_json_print(root);
}
