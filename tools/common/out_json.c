/* SPDX-License-Identifier: ISC */
/* Tunnels as JSON. */

#include <sys/types.h>

#include <arpa/inet.h>
#include <stdio.h>

#include <jansson.h>

#include "common/json.h"
#include "common/out.h"
#include "common/tool.h"
#include "libfind.h"

json_t *
out_json_health(enum tun_health health)
{
	return health == TUN_HEALTH_UNKNOWN ? json_null() :
	    json_boolean(health == TUN_HEALTH_OK);
}

json_t *
out_json_state(enum tun_state s)
{
	return s == TUN_UNKNOWN ? json_null() : json_string(tun_state_name(s));
}

json_t *
out_json_evidence(const struct tun_evidence *e, int served)
{
	enum tun_why why = TUN_WHY_NONE;
	json_t *array = json_array();

	while ((why = tun_why_next(e, why)) != TUN_WHY_NONE)
		out_json_add(array, out_json_text(cell_why(why, served)));
	return array;
}

static json_t *
peer(const struct tun_peer *p)
{
	json_t *object = json_object();

	out_json_put(object, "pid", out_json_number(p->pid > 0 ? p->pid : -1));
	out_json_put(object, "uid", p->uid != (uid_t)-1 ?
	    json_integer((json_int_t)p->uid) : json_null());
	out_json_string(object, "comm", p->comm);
	if (p->addr.family != 0)
		out_json_made(object, "address", cell_addr(&p->addr));
	else
		out_json_put(object, "address", json_null());
	if (p->argv != NULL)
		out_json_words(object, "cmd", p->argv);
	return object;
}

json_t *
out_json_peers(const struct tun_peer *const *v, size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		out_json_add(array, peer(v[i]));
	return array;
}

static void
set_end(json_t *object, const char *name, const struct tun_end *end)
{
	char key[32];

	snprintf(key, sizeof(key), "%s_host", name);
	out_json_string(object, key, end->host);
	snprintf(key, sizeof(key), "%s_port", name);
	out_json_put(object, key,
	    out_json_number(end->port > 0 ? end->port : -1));
	snprintf(key, sizeof(key), "%s_path", name);
	out_json_string(object, key, end->path);
}

static int
wants(const struct view *view, enum column col)
{
	size_t i;

	for (i = 0; i < view->ncols; i++) {
		if (view->cols[i] == col)
			return 1;
	}
	return view->all;
}

static json_t *
forward(const struct view *view, const struct row *row)
{
	const struct tun_fwd *fwd = row->fwd;
	const char *reason;
	json_t *object = json_object(), *array;
	size_t i;

	if (wants(view, COL_ID))
		out_json_string(object, "id", fwd->id);
	if (wants(view, COL_KIND))
		out_json_string(object, "kind", tun_kind_name(fwd->spec.kind));
	if (wants(view, COL_STATE)) {
		out_json_put(object, "state",
		    out_json_state(tun_fwd_state(fwd)));
		out_json_put(object, "own_state", out_json_state(fwd->state));
		out_json_put(object, "healthy",
		    out_json_health(tun_fwd_health(fwd, &reason)));
		out_json_string(object, "reason", reason);
	}
	if (wants(view, COL_WHY))
		out_json_put(object, "why", out_json_evidence(&fwd->why,
		    fwd->tun->served));
	if (wants(view, COL_LISTEN)) {
		out_json_made(object, "listen", cell_listen(row));
		set_end(object, "listen", &fwd->spec.listen);
		array = json_array();
		for (i = 0; i < fwd->naddrs; i++) {
			char *s = cell_addr(&fwd->addrs[i]);

			out_json_add(array, out_json_text(s));
			free(s);
		}
		out_json_put(object, "bound", array);
	}
	if (wants(view, COL_TARGET)) {
		out_json_made(object, "target", cell_target(row));
		set_end(object, "target", &fwd->spec.connect);
		if (fwd->spec.kind == TUN_FWD_DIRECT)
			out_json_string(object, "target_name",
			    cell_target_name(view, row));
	}
	if (wants(view, COL_SOURCE))
		out_json_string(object, "source", tun_source_name(fwd->source));
	if (wants(view, COL_CONNS))
		out_json_put(object, "conns", out_json_number(fwd->conns));
	/* A connection of its own, not that of the client. */
	if (fwd->spec.kind == TUN_FWD_DIRECT && wants(view, COL_RX))
		out_json_put(object, "rx", out_json_number(fwd->rx));
	if (fwd->spec.kind == TUN_FWD_DIRECT && wants(view, COL_TX))
		out_json_put(object, "tx", out_json_number(fwd->tx));
	if (wants(view, COL_EXPOSED)) {
		out_json_put(object, "exposed", out_json_truth(fwd->exposed));
		out_json_put(object, "exposed_asked",
		    json_boolean(cell_wants_all(fwd)));
	}
	if (wants(view, COL_CLIENTS))
		out_json_put(object, "clients", !view->clients ? json_null() :
		    out_json_peers(fwd->clients, fwd->nclients));
	if (view->all)
		out_json_put(object, "holder", fwd->owner != NULL ?
		    peer(fwd->owner) : json_null());
	return object;
}

/* Keys of a tunnel whose value is a number from its row. */
static void
set_number(json_t *object, const struct view *view, const struct row *row,
    enum column col)
{
	struct cell cell;

	if (!wants(view, col))
		return;
	cell = cell_get(view, row, col);
	out_json_put(object, columns[col].name, cell.type == CELL_NUMBER ?
	    json_integer(cell.number) : json_null());
}

static void
set_column(json_t *object, const struct view *view, enum column col,
    const char *s)
{
	if (wants(view, col))
		out_json_string(object, columns[col].name, s);
}

static json_t *
tunnel_evidence(const struct tun *t)
{
	struct tun_evidence e = t->origin_why;

	tun_why_join(&e, &t->why);
	return out_json_evidence(&e, t->served);
}

/* The other end of the connection: server, server_host and server_port. */
static void
set_other_end(json_t *object, const struct view *view, const struct tun *t)
{
	static const char *const keys[2][3] = {
		{ "server", "server_host", "server_port" },
		{ "client", "client_host", "client_port" }
	};
	const char *const *key = keys[t->served != 0];
	char ip[INET6_ADDRSTRLEN];
	int known = t->remote.family != 0 && inet_ntop(t->remote.family,
	    t->remote.ip, ip, sizeof(ip)) != NULL;

	if (!wants(view, t->served ? COL_CLIENT : COL_SERVER))
		return;
	out_json_made(object, key[0], known ? cell_addr(&t->remote) : NULL);
	out_json_string(object, key[1], known ? ip : NULL);
	out_json_put(object, key[2], out_json_number(known ? t->remote.port :
	    -1));
}

/* The tunnel of the first of n rows, with the forwards of all n rows. */
static json_t *
tunnel(const struct view *view, const struct row *row, size_t n)
{
	const struct tun *t = row->tun;
	const struct row whole = { t, NULL };
	const char *reason;
	json_t *object = json_object(), *array = json_array();
	size_t i;

	set_column(object, view, COL_ID, t->id);
	set_number(object, view, &whole, COL_PID);
	set_number(object, view, &whole, COL_PPID);
	set_number(object, view, &whole, COL_PGID);
	set_number(object, view, &whole, COL_SID);
	set_column(object, view, COL_USER, tool_user(t->uid));
	set_number(object, view, &whole, COL_UID);
	set_column(object, view, COL_ORIGIN, t->origin != TUN_ORIGIN_UNKNOWN ?
	    tun_origin_name(t->origin) : NULL);
	set_column(object, view, COL_SUPERVISOR, t->supervisor);
	if (wants(view, COL_STATE)) {
		out_json_put(object, "state", out_json_state(t->state));
		out_json_put(object, "healthy",
		    out_json_health(tun_health(t, &reason)));
		out_json_string(object, "reason", reason);
	}
	if (wants(view, COL_WHY))
		out_json_put(object, "why", tunnel_evidence(t));
	if (wants(view, COL_VIA)) {
		out_json_made(object, "via", cell_via(t));
		out_json_string(object, "host", t->host);
		out_json_put(object, "port", out_json_number(t->port));
	}
	set_other_end(object, view, t);
	set_column(object, view, COL_LABEL, t->label);
	set_column(object, view, COL_CTLPATH, t->ctlpath);
	if (wants(view, COL_MASTER))
		out_json_put(object, "master", out_json_truth(t->master));
	set_number(object, view, &whole, COL_AGE);
	if (wants(view, COL_START))
		out_json_date(object, "start", t->start);
	set_number(object, view, &whole, COL_IDLE);
	set_number(object, view, &whole, COL_HEARD);
	set_number(object, view, &whole, COL_RX);
	set_number(object, view, &whole, COL_TX);
	if (view->before != NULL)
		set_number(object, view, &whole, COL_RATE);
	set_number(object, view, &whole, COL_RTT);
	set_number(object, view, &whole, COL_RETRANS);
	set_column(object, view, COL_UNIT, t->unit);
	set_column(object, view, COL_EXE, t->exe);
	set_column(object, view, COL_CWD, t->cwd);
	if (t->served)
		set_column(object, view, COL_TTY, t->tty);
	if (wants(view, COL_CMD))
		out_json_words(object, "cmd", t->argv);
	if (view->all)
		out_json_put(object, "helpers", out_json_peers(t->helpers,
		    t->nhelpers));
	if (view->all && t->served)
		out_json_put(object, "candidates", out_json_peers(
		    t->candidates, t->ncandidates));
	for (i = 0; i < n; i++) {
		if (row[i].fwd != NULL)
			out_json_add(array, forward(view, &row[i]));
	}
	if (view->all || rows_differ(view))
		out_json_put(object, "forwards", array);
	else
		json_decref(array);
	return object;
}

json_t *
out_json_notes(const struct tun_list *list)
{
	json_t *notes = json_array();
	const char *note;
	size_t i;

	for (i = 0; list != NULL && (note = tun_note(list, i)) != NULL; i++)
		out_json_add(notes, out_json_text(note));
	return notes;
}

json_t *
out_json_tunnels(const struct view *view)
{
	json_t *tunnels = json_array();
	size_t i, n;

	for (i = 0; i < view->nrows; i += n) {
		n = rows_together(view->rows, view->nrows, i);
		out_json_add(tunnels, tunnel(view, &view->rows[i], n));
	}
	return tunnels;
}

static json_t *
everything(const struct view *view)
{
	json_t *root = json_object();

	out_json_put(root, "version", json_integer(JSON_VERSION));
	out_json_put(root, "when", json_integer(tun_when(view->list)));
	out_json_put(root, "complete",
	    json_boolean(tun_complete(view->list)));
	out_json_put(root, "notes", out_json_notes(view->list));
	out_json_put(root, "tunnels", out_json_tunnels(view));
	return root;
}

void
out_json(const struct view *view)
{
	out_json_print(everything(view));
}

void
out_json_line(const struct view *view)
{
	out_json_print_line(everything(view));
}

void
out_json_lines(const struct view *view)
{
	size_t i, n;

	for (i = 0; i < view->nrows; i += n) {
		n = rows_together(view->rows, view->nrows, i);
		out_json_print_line(tunnel(view, &view->rows[i], n));
	}
}
