/* SPDX-License-Identifier: ISC */
/*
 * JSON: numbers are numbers, an unknown value is null, keys keep their order.
 *
 * Strings from other processes may not be UTF-8, but JSON strings must be.
 * Invalid bytes become U+FFFD, and a second key, NAME_b64, has the exact bytes.
 * The output is ASCII only, because JSON is also read on terminals.
 */

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "json.h"
#include "out.h"
#include "tool.h"

#define VERSION_OF_FORMAT	1

static void
check(int failed)
{
	if (failed)
		tool_fail("JSON: out of memory");
}

static void
set(json_t *object, const char *key, json_t *value)
{
	check(value == NULL || json_object_set_new(object, key, value) == -1);
}

static void
append(json_t *array, json_t *value)
{
	check(value == NULL || json_array_append_new(array, value) == -1);
}

static json_t *
number(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

static json_t *
truth(int n)
{
	return n < 0 ? json_null() : json_boolean(n);
}

static int
is_text(const char *s)
{
	uint32_t cp;
	size_t n;

	for (; *s != '\0'; s += n) {
		if ((n = tool_utf8(s, &cp)) == 0)
			return 0;
	}
	return 1;
}

static json_t *
string(const char *s)
{
	json_t *value;
	uint32_t cp;
	char *text, *p;
	size_t n;

	if (s == NULL)
		return json_null();
	p = text = tool_xcalloc(strlen(s) + 1, 3);
	while (*s != '\0') {
		if ((n = tool_utf8(s, &cp)) > 0) {
			memcpy(p, s, n);
			p += n;
			s += n;
		} else {
			p = stpcpy(p, "\357\277\275");
			s++;
		}
	}
	value = json_string(text);
	free(text);
	return value;
}

/* RFC 4648, section 4. */
static json_t *
base64(const char *s)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *in = (const unsigned char *)s;
	size_t len = strlen(s);
	json_t *value;
	unsigned long x;
	char *text, *p;

	p = text = tool_xcalloc(len / 3 + 2, 4);
	for (; len > 0; in += 3) {
		x = (unsigned long)in[0] << 16;
		if (len > 1)
			x |= (unsigned long)in[1] << 8;
		if (len > 2)
			x |= in[2];
		*p++ = digit[x >> 18 & 63];
		*p++ = digit[x >> 12 & 63];
		*p++ = len > 1 ? digit[x >> 6 & 63] : '=';
		*p++ = len > 2 ? digit[x & 63] : '=';
		len -= len > 2 ? 3 : len;
	}
	value = json_string(text);
	free(text);
	return value;
}

static void
twin(json_t *object, const char *key, json_t *value)
{
	char *name = tool_xasprintf("%s_b64", key);

	set(object, name, value);
	free(name);
}

static void
set_string(json_t *object, const char *key, const char *s)
{
	set(object, key, string(s));
	if (s != NULL && !is_text(s))
		twin(object, key, base64(s));
}

/* Like set_string(), but frees the string. */
static void
set_made(json_t *object, const char *key, char *s)
{
	set_string(object, key, s);
	free(s);
}

/* A vector of words; if one of them is not UTF-8, also the exact words. */
static void
set_words(json_t *object, const char *key, const char *const *words)
{
	json_t *array, *exact;
	int text = 1;

	if (words == NULL) {
		set(object, key, json_null());
		return;
	}
	array = json_array();
	exact = json_array();
	for (; *words != NULL; words++) {
		append(array, string(*words));
		append(exact, base64(*words));
		text = text && is_text(*words);
	}
	set(object, key, array);
	if (text)
		json_decref(exact);
	else
		twin(object, key, exact);
}

static void
set_date(json_t *object, const char *key, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;
	char buf[64], *name = tool_xasprintf("%s_iso", key);

	set(object, key, seconds > 0 ? json_integer(seconds) : json_null());
	if (seconds > 0 && gmtime_r(&when, &tm) != NULL &&
	    strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		set(object, name, json_string(buf));
	else
		set(object, name, json_null());
	free(name);
}

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
out_json_evidence(const struct tun_evidence *e)
{
	enum tun_why why = TUN_WHY_NONE;
	json_t *array = json_array();

	while ((why = tun_why_next(e, why)) != TUN_WHY_NONE)
		append(array, string(tun_why_text(why)));
	return array;
}

static json_t *
peer(const struct tun_peer *p)
{
	json_t *object = json_object();

	set(object, "pid", p->pid > 0 ? json_integer(p->pid) : json_null());
	set(object, "uid", p->uid != (uid_t)-1 ?
	    json_integer((json_int_t)p->uid) : json_null());
	set_string(object, "comm", p->comm);
	if (p->addr.family != 0)
		set_made(object, "address", cell_addr(&p->addr));
	else
		set(object, "address", json_null());
	if (p->argv != NULL)
		set_words(object, "cmd", p->argv);
	return object;
}

json_t *
out_json_peers(const struct tun_peer *const *v, size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		append(array, peer(v[i]));
	return array;
}

static void
set_end(json_t *object, const char *name, const struct tun_end *end)
{
	static const char *const parts[] = { "host", "port", "path" };
	char key[32];
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(key, sizeof(key), "%s_%s", name, parts[i]);
		if (i == 1)
			set(object, key, number(end->port > 0 ? end->port :
			    -1));
		else
			set_string(object, key, i == 0 ? end->host :
			    end->path);
	}
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
		set_string(object, "id", fwd->id);
	if (wants(view, COL_KIND))
		set_string(object, "kind", tun_kind_name(fwd->spec.kind));
	if (wants(view, COL_STATE)) {
		set(object, "state", out_json_state(tun_fwd_state(fwd)));
		set(object, "own_state", out_json_state(fwd->state));
		set(object, "healthy",
		    out_json_health(tun_fwd_health(fwd, &reason)));
		set_string(object, "reason", reason);
	}
	if (wants(view, COL_WHY))
		set(object, "why", out_json_evidence(&fwd->why));
	if (wants(view, COL_LISTEN)) {
		set_made(object, "listen", cell_listen(row));
		set_end(object, "listen", &fwd->spec.listen);
		array = json_array();
		for (i = 0; i < fwd->naddrs; i++) {
			char *s = cell_addr(&fwd->addrs[i]);

			append(array, string(s));
			free(s);
		}
		set(object, "bound", array);
	}
	if (wants(view, COL_TARGET)) {
		set_made(object, "target", cell_target(row));
		set_end(object, "target", &fwd->spec.connect);
	}
	if (wants(view, COL_SOURCE))
		set_string(object, "source", tun_source_name(fwd->source));
	if (wants(view, COL_CONNS))
		set(object, "conns", number(fwd->conns));
	if (wants(view, COL_EXPOSED))
		set(object, "exposed", truth(fwd->exposed));
	if (wants(view, COL_CLIENTS))
		set(object, "clients", !view->clients ? json_null() :
		    out_json_peers(fwd->clients, fwd->nclients));
	if (view->all)
		set(object, "holder", fwd->holder != NULL ?
		    peer(fwd->holder) : json_null());
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
	set(object, columns[col].name, cell.type == CELL_NUMBER ?
	    json_integer(cell.number) : json_null());
}

static void
set_column(json_t *object, const struct view *view, enum column col,
    const char *s)
{
	if (wants(view, col))
		set_string(object, columns[col].name, s);
}

static json_t *
tunnel_evidence(const struct tun *t)
{
	struct tun_evidence e = t->origin_why;

	tun_why_join(&e, &t->why);
	return out_json_evidence(&e);
}

/* The tunnel of the first of n rows, with the forwards of all n rows. */
static json_t *
tunnel(const struct view *view, const struct row *row, size_t n)
{
	const struct tun *t = row->tun;
	const char *reason;
	json_t *object = json_object(), *array = json_array();
	size_t i, perfwd = view->all;

	set_column(object, view, COL_ID, t->id);
	set_number(object, view, row, COL_PID);
	set_number(object, view, row, COL_PPID);
	set_number(object, view, row, COL_PGID);
	set_number(object, view, row, COL_SID);
	set_column(object, view, COL_USER, tool_user(t->uid));
	set_number(object, view, row, COL_UID);
	set_column(object, view, COL_ORIGIN, t->origin != TUN_ORIGIN_UNKNOWN ?
	    tun_origin_name(t->origin) : NULL);
	set_column(object, view, COL_SUPERVISOR, t->supervisor);
	if (wants(view, COL_STATE)) {
		set(object, "state", out_json_state(t->state));
		set(object, "healthy",
		    out_json_health(tun_health(t, &reason)));
		set_string(object, "reason", reason);
	}
	if (wants(view, COL_WHY))
		set(object, "why", tunnel_evidence(t));
	if (wants(view, COL_VIA)) {
		set_made(object, "via", cell_via(t));
		set_string(object, "host", t->host);
		set(object, "port", number(t->port));
	}
	set_column(object, view, COL_LABEL, t->label);
	set_column(object, view, COL_CTLPATH, t->ctlpath);
	if (wants(view, COL_MASTER))
		set(object, "master", truth(t->master));
	set_number(object, view, row, COL_AGE);
	if (wants(view, COL_START))
		set_date(object, "start", t->start);
	set_number(object, view, row, COL_IDLE);
	set_number(object, view, row, COL_HEARD);
	set_number(object, view, row, COL_RX);
	set_number(object, view, row, COL_TX);
	if (view->before != NULL)
		set_number(object, view, row, COL_RATE);
	set_number(object, view, row, COL_RTT);
	set_number(object, view, row, COL_RETRANS);
	set_column(object, view, COL_UNIT, t->unit);
	set_column(object, view, COL_EXE, t->exe);
	set_column(object, view, COL_CWD, t->cwd);
	if (wants(view, COL_CMD))
		set_words(object, "cmd", t->argv);
	if (view->all)
		set(object, "helpers", out_json_peers(t->helpers,
		    t->nhelpers));
	for (i = 0; i < n; i++) {
		if (row[i].fwd != NULL)
			append(array, forward(view, &row[i]));
	}
	for (i = 0; i < view->ncols; i++)
		perfwd |= (size_t)columns[view->cols[i]].perfwd;
	if (perfwd)
		set(object, "forwards", array);
	else
		json_decref(array);
	return object;
}

/* The number of rows from i on that belong to one tunnel. */
static size_t
together(const struct view *view, size_t i)
{
	size_t n = 1;

	while (i + n < view->nrows &&
	    view->rows[i + n].tun == view->rows[i].tun)
		n++;
	return n;
}

/*
 * Jansson does not escape DEL, which can only be in a string.  tool_end()
 * reports a full disk, as for all other output.
 */
static int
put_text(const char *s, size_t n, void *unused)
{
	(void)unused;
	for (; n > 0; n--, s++) {
		if (*s == 0x7f)
			fputs("\\u007F", stdout);
		else
			putchar(*s);
	}
	return 0;
}

static void
put(const json_t *value, size_t flags)
{
	check(json_dump_callback(value, put_text, NULL,
	    flags | JSON_ENSURE_ASCII) == -1);
	putchar('\n');
}

static json_t *
everything(const struct view *view)
{
	json_t *root = json_object(), *notes = json_array();
	json_t *tunnels = json_array();
	const char *note;
	size_t i, n;

	set(root, "version", json_integer(VERSION_OF_FORMAT));
	set(root, "when", json_integer(tun_when(view->list)));
	set(root, "complete", json_boolean(tun_complete(view->list)));
	for (i = 0; (note = tun_note(view->list, i)) != NULL; i++)
		append(notes, string(note));
	set(root, "notes", notes);
	for (i = 0; i < view->nrows; i += n) {
		n = together(view, i);
		append(tunnels, tunnel(view, &view->rows[i], n));
	}
	set(root, "tunnels", tunnels);
	return root;
}

void
out_json(const struct view *view)
{
	json_t *root = everything(view);

	put(root, JSON_INDENT(2));
	json_decref(root);
}

void
out_json_line(const struct view *view)
{
	json_t *root = everything(view);

	put(root, JSON_COMPACT);
	json_decref(root);
}

void
out_json_lines(const struct view *view)
{
	json_t *object;
	size_t i, n;

	for (i = 0; i < view->nrows; i += n) {
		n = together(view, i);
		object = tunnel(view, &view->rows[i], n);
		put(object, JSON_COMPACT);
		json_decref(object);
	}
}

/* --- for tools whose JSON is not that of tunps ---------------------------- */

void
out_json_put(json_t *object, const char *key, json_t *value)
{
	set(object, key, value);
}

void
out_json_string(json_t *object, const char *key, const char *s)
{
	set_string(object, key, s);
}

void
out_json_date(json_t *object, const char *key, int64_t s)
{
	set_date(object, key, s);
}

json_t *
out_json_number(int64_t n)
{
	return number(n);
}

void
out_json_add(json_t *array, json_t *value)
{
	append(array, value);
}

json_t *
out_json_notes(const struct tun_list *list)
{
	json_t *notes = json_array();
	const char *note;
	size_t i;

	for (i = 0; list != NULL && (note = tun_note(list, i)) != NULL; i++)
		append(notes, string(note));
	return notes;
}

json_t *
out_json_tunnels(const struct view *view)
{
	json_t *tunnels = json_array();
	size_t i, n;

	for (i = 0; i < view->nrows; i += n) {
		n = together(view, i);
		append(tunnels, tunnel(view, &view->rows[i], n));
	}
	return tunnels;
}

void
out_json_print(json_t *value)
{
	put(value, JSON_INDENT(2));
	json_decref(value);
}
