/* SPDX-License-Identifier: ISC */
/* What tunpermit prints: the table, JSON, and one answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/grid.h"
#include "common/json.h"
#include "common/tool.h"
#include "libfind.h"
#include "permit/permits.h"

enum { USER, KEY, OPEN, LISTEN, SOCKETS, SHELL, NOTES, NCOLS };

static const struct grid_column cols[NCOLS] = {
	[USER] = { "user", FORM_TEXT, 0, 0 },
	[KEY] = { "key", FORM_TEXT, 6, 4 },
	[OPEN] = { "open", FORM_TEXT, 6, 1 },
	[LISTEN] = { "listen", FORM_TEXT, 6, 2 },
	[SOCKETS] = { "sockets", FORM_TEXT, 0, 6 },
	[SHELL] = { "shell", FORM_TEXT, 0, 5 },
	[NOTES] = { "notes", FORM_TEXT, 8, 3 }
};

static const char *
may_text(enum tun_may may)
{
	return may == TUN_MAY_YES ? "yes" : may == TUN_MAY_NO ? "no" : "?";
}

/* "FILE:LINE", or NULL if it is a default; the caller frees it. */
static char *
place_text(const char *file, unsigned line)
{
	return file != NULL ? tool_xasprintf("%s:%u", file, line) : NULL;
}

/* Prints a text of others on one line. */
static void
put_text(FILE *fp, const char *s)
{
	char *text = tool_vis(s);

	fputs(text, fp);
	free(text);
}

/* --- the table ------------------------------------------------------------ */

static struct cell
text_cell(const char *s)
{
	struct cell cell = { CELL_NONE, 0, NULL, TONE_NONE };

	if (s != NULL) {
		cell.type = CELL_TEXT;
		cell.text = tool_xstrdup(s);
	}
	return cell;
}

/* What is not known, or of no meaning without a login. */
static struct cell
permit_cell(const char *s, int in)
{
	struct cell cell = text_cell(in ? s : NULL);

	if (in && s == NULL)
		cell.type = CELL_UNKNOWN;
	return cell;
}

/* Where the server listens is as important as for what it may be asked. */
static char *
listen_text(const struct tun_permit *p)
{
	const char *where = p->gateway != NULL &&
	    strcmp(p->gateway, "yes") == 0 ? " (on *)" : "";

	if (p->listen == NULL)
		return NULL;
	return tool_xasprintf("%s%s", p->listen,
	    strcmp(p->listen, "none") != 0 ? where : "");
}

static char *
labels(const struct tun_permit *p)
{
	char *s = NULL, *old;
	size_t i;

	if (p->unused)
		return tool_xstrdup("unused");
	if (p->login->may != TUN_MAY_YES)
		return tool_xasprintf("%s: %s", p->login->may == TUN_MAY_NO ?
		    "no login" : "not known", p->login->rule);
	for (i = 0; p->notes[i] != NULL; i++) {
		old = s;
		s = tool_xasprintf("%s%s%s", old != NULL ? old : "",
		    old != NULL ? "," : "", p->notes[i]->label);
		free(old);
	}
	return s;
}

/* The comment says more to people than the type, if there is one. */
static const char *
key_text(const struct tun_permit *p)
{
	return p->comment != NULL && *p->comment != '\0' ? p->comment :
	    p->type;
}

static void
fill(struct cell *cells, const struct tun_permit *p)
{
	char *listens = listen_text(p), *notes = labels(p);
	int in = p->login->may != TUN_MAY_NO && !p->unused;

	cells[USER] = text_cell(p->user);
	cells[KEY] = text_cell(key_text(p));
	cells[OPEN] = permit_cell(p->open, in);
	cells[LISTEN] = permit_cell(listens, in);
	cells[SOCKETS] = permit_cell(p->sockets, in);
	cells[SHELL] = permit_cell(p->shell, in);
	cells[NOTES] = text_cell(notes);
	free(listens);
	free(notes);
}

static void
put_place(FILE *fp, size_t width, const char *what, const char *file,
    unsigned line)
{
	char *place = place_text(file, line);

	if (place != NULL)
		fit_fold(fp, width, tool_xasprintf("    %s %s", what, place));
	free(place);
}

static void
put_why(FILE *fp, const struct grid *grid, size_t row)
{
	const struct permits *permits = grid->arg;
	const struct tun_permit *p = permits->rows[row];
	size_t i, width = grid->width;

	put_place(fp, width, "key", p->file, p->line);
	if (p->unused)
		fit_fold(fp, width, tool_xstrdup(
		    "    an earlier line of the same key decides"));
	if (p->login->may != TUN_MAY_YES) {
		fit_fold(fp, width, tool_xasprintf("    login: %s: %s",
		    may_text(p->login->may), p->login->rule));
		put_place(fp, width, "by", p->login->file, p->login->line);
	}
	for (i = 0; p->notes[i] != NULL; i++)
		fit_fold(fp, width, tool_xasprintf("    %s: %s",
		    p->notes[i]->label, p->notes[i]->text));
}

void
permits_table(const struct permits *p)
{
	struct grid grid;
	size_t i;

	if (p->nrows == 0)
		return;
	memset(&grid, 0, sizeof(grid));
	grid.cols = cols;
	grid.ncols = NCOLS;
	grid.nrows = p->nrows;
	grid.cells = tool_xcalloc(NCOLS * p->nrows, sizeof(*grid.cells));
	for (i = 0; i < p->nrows; i++)
		fill(grid.cells + i * NCOLS, p->rows[i]);
	grid.titles = p->titles;
	grid.width = p->width;
	grid.below = p->why ? put_why : NULL;
	grid.arg = p;
	grid_table(&grid);
	grid_free(&grid);
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *
json_may(enum tun_may may)
{
	return may == TUN_MAY_UNKNOWN ? json_null() :
	    json_boolean(may == TUN_MAY_YES);
}

static json_t *
json_ruling(const struct tun_ruling *r)
{
	json_t *object = json_object();

	out_json_put(object, "may", json_may(r->may));
	out_json_string(object, "rule", r->rule);
	out_json_string(object, "file", r->file);
	out_json_put(object, "line", out_json_number(r->file != NULL ?
	    (int64_t)r->line : -1));
	return object;
}

static json_t *
json_permit(const struct tun_permit *p)
{
	json_t *object = json_object(), *notes = json_array(), *note;
	size_t i;

	out_json_string(object, "user", p->user);
	out_json_string(object, "type", p->type);
	out_json_string(object, "comment", p->comment);
	out_json_string(object, "file", p->file);
	out_json_put(object, "line", out_json_number(p->file != NULL ?
	    (int64_t)p->line : -1));
	out_json_put(object, "unused", json_boolean(p->unused));
	out_json_put(object, "login", json_ruling(p->login));
	out_json_string(object, "open", p->open);
	out_json_string(object, "listen", p->listen);
	out_json_string(object, "gateway", p->gateway);
	out_json_string(object, "sockets", p->sockets);
	out_json_string(object, "shell", p->shell);
	for (i = 0; p->notes[i] != NULL; i++) {
		note = json_object();
		out_json_string(note, "label", p->notes[i]->label);
		out_json_string(note, "text", p->notes[i]->text);
		out_json_add(notes, note);
	}
	out_json_put(object, "notes", notes);
	return object;
}

/* What could not be seen. */
static void
json_notes(json_t *root, const struct tun_permits *sshd)
{
	json_t *notes = json_array();
	const char *note;
	size_t i;

	for (i = 0; (note = tun_permits_note(sshd, i)) != NULL; i++)
		out_json_add(notes, json_string(note));
	out_json_put(root, "complete", json_boolean(i == 0));
	out_json_put(root, "notes", notes);
}

void
permits_json(const struct permits *p)
{
	json_t *root = json_object(), *permits = json_array();
	size_t i;

	out_json_put(root, "version", json_integer(JSON_VERSION));
	json_notes(root, p->sshd);
	for (i = 0; i < p->nrows; i++)
		out_json_add(permits, json_permit(p->rows[i]));
	out_json_put(root, "permits", permits);
	out_json_print(root);
}

/* --- one answer ----------------------------------------------------------- */

void
permits_notes(const struct tun_permits *sshd)
{
	const char *note;
	size_t i;

	for (i = 0; (note = tun_permits_note(sshd, i)) != NULL; i++)
		tool_warn("%s", note);
}

void
permits_ruling(const struct tun_permit *permit, const struct tun_ruling *r)
{
	char *place = place_text(r->file, r->line);

	put_text(stdout, permit->user);
	printf(": %s: ", may_text(r->may));
	put_text(stdout, r->rule);
	if (place != NULL) {
		fputs(" (", stdout);
		put_text(stdout, place);
		fputc(')', stdout);
	}
	if (r->may == TUN_MAY_YES && r->bind != NULL) {
		fputs(", listens on ", stdout);
		put_text(stdout, r->bind);
	}
	putchar('\n');
	free(place);
}

void
permits_ruling_json(const struct tun_permits *sshd,
    const struct tun_permit *permit, const struct tun_ruling *r)
{
	json_t *root = json_ruling(r);

	out_json_put(root, "version", json_integer(JSON_VERSION));
	json_notes(root, sshd);
	out_json_string(root, "user", permit->user);
	out_json_string(root, "by", permit->type != NULL ? "key" :
	    r->may == TUN_MAY_YES ? "password" : NULL);
	out_json_string(root, "bind", r->bind);
	out_json_print(root);
}
