/* SPDX-License-Identifier: ISC */
/*
 * The other end of -R: what the sshd of this machine listens on for users who
 * are logged in.  There is one line for each -R, which sshd binds in both
 * families.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/grid.h"
#include "common/json.h"
#include "common/out.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "ps/served.h"

/*
 * sshd uses ports from here for X11, for at most so many displays (channels.c).
 */
#define X11_FIRST	6010
#define X11_LAST	6999

enum { LISTEN, USER, PID, CLIENT, CONNS, AGE, NCOLS };

static const struct grid_column cols[NCOLS] = {
	[LISTEN] = { "listen", FORM_TEXT, 1 },
	[USER] = { "user", FORM_TEXT, 0 },
	[PID] = { "pid", FORM_COUNT, 0 },
	[CLIENT] = { "client", FORM_TEXT, 0 },
	[CONNS] = { "conns", FORM_COUNT, 0 },
	[AGE] = { "age", FORM_AGE, 0 }
};

/* --- which --------------------------------------------------------------- */

/* Reads "2022" and ":2022"; returns 0 for anything else. */
static int
port_of(const char *word)
{
	const char *errstr;
	int port;

	port = (int)strtonum(word + (*word == ':'), 1, 65535, &errstr);
	return errstr == NULL ? port : 0;
}

void
served_operand(const char *word)
{
	if (*word != '/' && port_of(word) == 0)
		tool_usage("--server: %s is neither a port nor a path", word);
}

static int
has_word(char *const *words, size_t n, const struct tun_addr *listen)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (listen->family == AF_UNIX ?
		    strcmp(words[i], listen->path) == 0 :
		    port_of(words[i]) == listen->port)
			return 1;
	}
	return n == 0;
}

/* Finds the listener of the other family; they are sorted by port. */
static struct served_line *
other_half(const struct served *sv, const struct tun_sshd_listener *e)
{
	const struct tun_sshd_listener *o;
	size_t i;

	for (i = sv->nlines; i-- > 0;) {
		o = sv->lines[i].at[0];
		if (o->listen.port != e->listen.port)
			break;
		if (sv->lines[i].n == 1 && o->pid == e->pid &&
		    o->uid == e->uid && o->listen.family != e->listen.family &&
		    ((cell_is_loopback(&o->listen) &&
		    cell_is_loopback(&e->listen)) ||
		    (cell_is_wildcard(&o->listen) &&
		    cell_is_wildcard(&e->listen))))
			return &sv->lines[i];
	}
	return NULL;
}

static void
add(struct served *sv, const struct tun_sshd_listener *e)
{
	struct served_line *line = other_half(sv, e);

	if (line == NULL) {
		sv->lines = tool_xreallocarray(sv->lines, sv->nlines + 1,
		    sizeof(*sv->lines));
		line = &sv->lines[sv->nlines++];
		line->n = 0;
	}
	line->at[line->n++] = e;
}

int
served_look(struct served *sv, struct tun_ctx *ctx, const struct pick *pick,
    char *const *words, size_t nwords)
{
	const struct tun_sshd_listener *e = NULL;

	sv->lines = NULL;
	sv->nlines = 0;
	if (tun_sshd_scan(ctx, &sv->list) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	while ((e = tun_sshd_next(sv->list, e)) != NULL) {
		if (pick_has_user(pick, e->uid) &&
		    has_word(words, nwords, &e->listen))
			add(sv, e);
	}
	return sv->nlines > 0 ? TOOL_MATCH : TOOL_NONE;
}

void
served_free(struct served *sv)
{
	free(sv->lines);
	tun_sshd_free(sv->list);
}

/* --- what a line shows ---------------------------------------------------- */

static char *
listen_text(const struct served_line *line)
{
	const struct tun_addr *addr = &line->at[0]->listen;

	if (line->n == 1)
		return cell_addr(addr);
	return tool_xasprintf("%s:%u", cell_is_wildcard(addr) ? "*" :
	    "localhost", (unsigned)addr->port);
}

static int
conns(const struct served_line *line)
{
	size_t i;
	int n = 0;

	for (i = 0; i < line->n; i++) {
		if (line->at[i]->conns < 0)
			return -1;
		n += line->at[i]->conns;
	}
	return n;
}

static int64_t
age(const struct served *sv, const struct tun_sshd_listener *e)
{
	int64_t now = tun_sshd_when(sv->list);

	if (e->start <= 0)
		return -1;
	return now > e->start ? now - e->start : 0;
}

static const char *
user(const struct tun_sshd_listener *e)
{
	return e->uid != (uid_t)-1 ? tool_user(e->uid) : NULL;
}

/* A cell of a text, or of a number that is known if it is 0 or more. */
static struct cell
known(char *text, int64_t n)
{
	struct cell cell = { CELL_UNKNOWN, n, text };

	if (text != NULL)
		cell.type = CELL_TEXT;
	else if (n >= 0)
		cell.type = CELL_NUMBER;
	return cell;
}

static void
fill(struct cell *cells, const struct served *sv,
    const struct served_line *line)
{
	const struct tun_sshd_listener *e = line->at[0];

	cells[LISTEN] = known(listen_text(line), -1);
	cells[USER] = known(user(e) != NULL ? tool_xstrdup(user(e)) : NULL,
	    -1);
	cells[PID] = known(NULL, e->pid > 0 ? e->pid : -1);
	cells[CLIENT] = known(e->client.family != 0 ?
	    cell_addr(&e->client) : NULL, -1);
	cells[CONNS] = known(NULL, conns(line));
	cells[AGE] = known(NULL, age(sv, e));
}

/* --- printing ------------------------------------------------------------- */

static void
put_why(FILE *fp, const struct grid *grid, size_t row)
{
	const struct served *sv = grid->arg;
	const struct tun_sshd_listener *e = sv->lines[row].at[0];

	if (e->inferred)
		fputs("    inferred: its user is logged in, and no process "
		    "that may be looked at has it\n", fp);
	else
		fprintf(fp, "    open in process %ld, a session of sshd\n",
		    (long)e->pid);
	if (e->listen.port >= X11_FIRST && e->listen.port <= X11_LAST)
		fputs("    may be X11 forwarding, by its port\n", fp);
	grid_unknown(fp, grid, row);
}

static void
make_grid(struct grid *grid, const struct served *sv)
{
	size_t i;

	memset(grid, 0, sizeof(*grid));
	grid->cols = cols;
	grid->ncols = NCOLS;
	grid->nrows = sv->nlines;
	grid->cells = tool_xcalloc(NCOLS * sv->nlines, sizeof(*grid->cells));
	for (i = 0; i < sv->nlines; i++)
		fill(grid->cells + i * NCOLS, sv, &sv->lines[i]);
	grid->titles = sv->titles;
	grid->width = sv->width;
	grid->below = sv->why ? put_why : NULL;
	grid->arg = sv;
}

void
served_table(const struct served *sv)
{
	struct grid grid;

	if (sv->nlines == 0)
		return;
	make_grid(&grid, sv);
	grid_table(&grid);
	grid_free(&grid);
}

void
served_raw(const struct served *sv)
{
	struct grid grid;

	if (sv->nlines == 0)
		return;
	make_grid(&grid, sv);
	grid_raw(&grid);
	grid_free(&grid);
}

static json_t *
json_bound(const struct served_line *line)
{
	json_t *array = json_array();
	char *s;
	size_t i;

	for (i = 0; i < line->n && line->at[i]->listen.family != AF_UNIX;
	    i++) {
		s = cell_addr(&line->at[i]->listen);
		out_json_add(array, json_string(s));
		free(s);
	}
	return array;
}

static void
put_client(json_t *object, const struct tun_addr *client)
{
	char ip[INET6_ADDRSTRLEN];
	int visible = client->family != 0 && inet_ntop(client->family,
	    client->ip, ip, sizeof(ip)) != NULL;

	out_json_made(object, "client", visible ? cell_addr(client) : NULL);
	out_json_string(object, "client_host", visible ? ip : NULL);
	out_json_put(object, "client_port", out_json_number(visible ?
	    client->port : -1));
}

static json_t *
json_line(const struct served *sv, const struct served_line *line)
{
	const struct tun_sshd_listener *e = line->at[0];
	json_t *object = json_object();

	out_json_made(object, "listen", listen_text(line));
	out_json_put(object, "listen_port",
	    out_json_number(e->listen.family != AF_UNIX ? e->listen.port :
	    -1));
	out_json_string(object, "listen_path", e->listen.path);
	out_json_put(object, "bound", json_bound(line));
	out_json_string(object, "user", user(e));
	out_json_put(object, "uid", out_json_number(e->uid != (uid_t)-1 ?
	    (int64_t)e->uid : -1));
	out_json_put(object, "pid", out_json_number(e->pid > 0 ? e->pid :
	    -1));
	put_client(object, &e->client);
	out_json_put(object, "conns", out_json_number(conns(line)));
	out_json_put(object, "age", out_json_number(age(sv, e)));
	out_json_date(object, "start", e->start);
	out_json_put(object, "inferred", json_boolean(e->inferred));
	return object;
}

void
served_json(const struct served *sv)
{
	json_t *root = json_object(), *notes = json_array();
	json_t *listeners = json_array();
	const char *note;
	size_t i;

	out_json_put(root, "version", json_integer(JSON_VERSION));
	out_json_put(root, "when", json_integer(tun_sshd_when(sv->list)));
	out_json_put(root, "complete",
	    json_boolean(tun_sshd_note(sv->list, 0) == NULL));
	for (i = 0; (note = tun_sshd_note(sv->list, i)) != NULL; i++)
		out_json_add(notes, json_string(note));
	out_json_put(root, "notes", notes);
	for (i = 0; i < sv->nlines; i++)
		out_json_add(listeners, json_line(sv, &sv->lines[i]));
	out_json_put(root, "listeners", listeners);
	out_json_print(root);
}

void
served_notes(const struct served *sv)
{
	const char *note;
	size_t i;

	for (i = 0; (note = tun_sshd_note(sv->list, i)) != NULL; i++)
		tool_warn("view incomplete: %s", note);
	if (sv->why)
		tool_warn("--server: only this network namespace is seen");
}
