/* SPDX-License-Identifier: ISC */
/*
 * IDs of forwards: a kind letter and the listening end, and where several
 * forwards share that, the shortest suffix that tells them apart.
 *
 *	ID	= KIND END ["@" SERVER] ["#" PID ["." N]]
 *	END	= [BIND ":"] PORT | PATH | PID | UNIT
 *
 * A byte of a name that has a meaning to a shell or a terminal is written as
 * %XX, so that an ID never needs quotes.  For the same reason a name cannot
 * contain a "@" or "#" that would make one ID look like another: END has
 * neither, and SERVER has no "#".
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "verdict.h"

/*
 * A DNS name is not longer.  A longer name is left out of the ID; otherwise a
 * process with a large argv could make us write it once for each of its
 * forwards.
 */
#define SERVER_MAX	255

#define END_SAFE	"-._+,=/:"	/* for a path */
#define BIND_SAFE	"-._+,=:"	/* without "/", which every path has */
#define SERVER_SAFE	"-._+,=/:@"

/* The parts of an ID, the shortest form first. */
#define WITH_HOST	0x01	/* SERVER is the host part */
#define WITH_DEST	0x02	/* SERVER is the destination as typed */
#define WITH_BIND	0x04
#define WITH_PID	0x08

/* Forms with the PID come last, because all others survive a restart. */
static const unsigned forms[] = {
	0,
	WITH_HOST,
	WITH_DEST,
	WITH_BIND,
	WITH_BIND | WITH_HOST,
	WITH_BIND | WITH_DEST,
	WITH_HOST | WITH_PID,
	WITH_BIND | WITH_HOST | WITH_PID
};

/* One ID that selects the forward. */
struct id_entry {
	char *id;
	struct tun_fwd *fwd;
	unsigned form;
};

static int
is_safe(unsigned char c, const char *safe)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || (c != '\0' && strchr(safe, c) != NULL);
}

static size_t
encode(char *to, unsigned char c, const char *safe)
{
	static const char hex[] = "0123456789ABCDEF";

	if (is_safe(c, safe)) {
		to[0] = c;
		return 1;
	}
	to[0] = '%';
	to[1] = hex[c >> 4];
	to[2] = hex[c & 15];
	return 3;
}

static char *
encode_string(struct arena *a, const char *s, const char *safe)
{
	char *to, *at;

	if ((to = at = arena_alloc(a, 3 * strlen(s) + 1)) == NULL)
		return NULL;
	while (*s != '\0')
		at += encode(at, *s++, safe);
	return to;
}

static char
letter(enum tun_fwd_kind kind)
{
	switch (kind) {
	case TUN_FWD_LOCAL:
		return 'L';
	case TUN_FWD_REMOTE:
	case TUN_FWD_RDYNAMIC:
	case TUN_FWD_SERVED:
		return 'R';
	case TUN_FWD_DIRECT:
		return 'C';
	case TUN_FWD_DYNAMIC:
		return 'D';
	case TUN_FWD_STDIO:
		return 'W';
	case TUN_FWD_DEVICE:
		return 'T';
	}
	return 'X';
}

/*
 * The listening end as text around one name: BIND in "BIND:8008", the path, or
 * the unit.  All differences between kinds are here.  num has room for ":65535"
 * or any PID.
 */
struct end {
	const char *before, *name, *safe;
	char num[16];
};

static void
listening_end(struct end *e, const struct tun_forward *fwd, pid_t pid,
    int with_bind)
{
	const struct tun_end *l = &fwd->listen;

	e->before = e->name = "";
	e->safe = BIND_SAFE;
	e->num[0] = '\0';
	if (fwd->kind == TUN_FWD_STDIO) {
		snprintf(e->num, sizeof(e->num), "%ld", (long)pid);
	} else if (fwd->kind == TUN_FWD_DEVICE) {
		e->name = l->host != NULL ? l->host : "any";
	} else if (l->path != NULL) {
		e->before = strchr(l->path, '/') == NULL ? "./" : "";
		e->name = l->path;
		e->safe = END_SAFE;
	} else {
		snprintf(e->num, sizeof(e->num), "%s%d", with_bind ? ":" : "",
		    l->port > 0 ? l->port : 0);
		/* As ssh(1): -L :8008:... listens on all addresses. */
		if (with_bind && l->host == NULL)
			e->name = "localhost";
		else if (with_bind && strcmp(l->host, "*") != 0)
			e->name = l->host;
	}
}

static int
has_bind(const struct tun_forward *fwd)
{
	return fwd->kind != TUN_FWD_STDIO && fwd->kind != TUN_FWD_DEVICE &&
	    fwd->listen.path == NULL;
}

static char *
write_end(struct arena *a, const struct tun_forward *fwd, pid_t pid,
    int with_bind)
{
	struct end e;
	char *name;

	listening_end(&e, fwd, pid, with_bind);
	if ((name = encode_string(a, e.name, e.safe)) == NULL)
		return NULL;
	return arena_printf(a, "%c%s%s%s", letter(fwd->kind), e.before, name,
	    e.num);
}

char *
ident_short(struct arena *a, const struct tun_forward *fwd, pid_t pid)
{
	return write_end(a, fwd, pid, 0);
}

static const char *
server(const struct tun *t, unsigned form)
{
	const char *s = form & WITH_DEST ? t->dest : t->host;

	return s == NULL || *s == '\0' || strlen(s) > SERVER_MAX ? NULL : s;
}

/*
 * Returns 1 and sets *idp, 0 if the forward has no such form, or -1 with
 * ENOMEM.
 */
static int
write_id(struct arena *a, const struct tun_fwd *fwd, unsigned form,
    char **idp)
{
	const struct tun *t = fwd->tun;
	const char *name = NULL, *at = "", *enc = "";
	char pid[16] = "", *id;

	if ((form & WITH_BIND) && !has_bind(&fwd->spec)) {
		if (!(form & WITH_PID))
			return 0;
		form &= ~WITH_BIND;
	}
	if (form & (WITH_HOST | WITH_DEST)) {
		name = server(t, form);
		if (name == NULL && !(form & WITH_PID))
			return 0;
	}
	if (name != NULL) {
		at = "@";
		if ((enc = encode_string(a, name, SERVER_SAFE)) == NULL)
			return -1;
	}
	if (form & WITH_PID)
		snprintf(pid, sizeof(pid), "#%ld", (long)t->pid);
	if ((id = write_end(a, &fwd->spec, t->pid, form & WITH_BIND)) == NULL)
		return -1;
	if ((*idp = arena_printf(a, "%s%s%s%s", id, at, enc, pid)) == NULL)
		return -1;
	return 1;
}

/* Sorts by ID.  Equal IDs get an order that does not depend on the list's. */
static int
by_id(const void *va, const void *vb)
{
	const struct id_entry *a = va, *b = vb;
	const struct tun *ta = a->fwd->tun, *tb = b->fwd->tun;
	int cmp;

	if ((cmp = strcmp(a->id, b->id)) != 0)
		return cmp;
	if (ta->pid != tb->pid)
		return ta->pid < tb->pid ? -1 : 1;
	if (ta->ident[0] != tb->ident[0])
		return ta->ident[0] < tb->ident[0] ? -1 : 1;
	if (ta->ident[1] != tb->ident[1])
		return ta->ident[1] < tb->ident[1] ? -1 : 1;
	if (ta == tb && a->fwd != b->fwd)
		return a->fwd < b->fwd ? -1 : 1;
	return 0;
}

/* Writes all IDs in each of the wanted forms, and sorts them. */
static int
write_entries(struct arena *a, struct tun_fwd **fwds, size_t n,
    const unsigned *want, size_t nwant, struct id_entry **ep, size_t *np)
{
	struct id_entry *e;
	size_t i, j, k = 0;
	int has;

	if (n > SIZE_MAX / sizeof(*e) / nwant ||
	    (e = arena_alloc(a, n * nwant * sizeof(*e))) == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		for (j = 0; j < nwant; j++) {
			has = write_id(a, fwds[i], want[j], &e[k].id);
			if (has == -1)
				return -1;
			if (!has)
				continue;
			e[k].fwd = fwds[i];
			e[k++].form = want[j];
		}
	}
	qsort(e, k, sizeof(*e), by_id);
	*ep = e;
	*np = k;
	return 0;
}

/* The end of the run of entries that have the ID of e[i]. */
static size_t
run_end(const struct id_entry *e, size_t n, size_t i)
{
	size_t end = i + 1;

	while (end < n && strcmp(e[end].id, e[i].id) == 0)
		end++;
	return end;
}

/*
 * Gives each forward without an ID its ID in this form, if the ID selects no
 * other forward.  Forwards that already have an ID count, too.
 */
static int
assign(struct arena *a, struct arena *tmp, struct tun_fwd **fwds, size_t n,
    unsigned form, size_t *left)
{
	unsigned want[2];
	struct id_entry *e;
	size_t i, j, end, ne, nwant = 0;

	want[nwant++] = form;
	/*
	 * "@NAME" may be the host of one tunnel and the destination of another.
	 */
	if ((form & (WITH_HOST | WITH_DEST)) && !(form & WITH_PID))
		want[nwant++] = form ^ (WITH_HOST | WITH_DEST);
	if (write_entries(tmp, fwds, n, want, nwant, &e, &ne) == -1)
		return -1;
	for (i = 0; i < ne; i = end) {
		end = run_end(e, ne, i);
		if (e[i].fwd != e[end - 1].fwd || e[i].fwd->id != NULL)
			continue;
		for (j = i; j < end && e[j].form != form; j++)
			;
		if (j == end)
			continue;
		if ((e[i].fwd->id = arena_strdup(a, e[i].id)) == NULL)
			return -1;
		(*left)--;
	}
	return 0;
}

/*
 * If a process asks for the same end twice, its forwards are numbered in the
 * order in which it asked.
 */
static int
assign_numbers(struct arena *a, struct arena *tmp, struct tun_fwd **fwds,
    size_t n)
{
	struct id_entry *e;
	size_t i, j, end, ne;

	if (write_entries(tmp, fwds, n, &forms[NELEM(forms) - 1], 1, &e,
	    &ne) == -1)
		return -1;
	for (i = 0; i < ne; i = end) {
		end = run_end(e, ne, i);
		for (j = i; j < end; j++) {
			if (e[j].fwd->id != NULL)
				continue;
			e[j].fwd->id = arena_printf(a, "%s.%zu", e[j].id,
			    j - i + 1);
			if (e[j].fwd->id == NULL)
				return -1;
		}
	}
	return 0;
}

int
ident_assign(struct arena *a, struct cand **cands, size_t n)
{
	struct tun_fwd **fwds = NULL;
	struct arena *tmp, *round = NULL;
	struct tun *t;
	size_t i, j, left, nfwds = 0;
	int ret = -1;

	if ((tmp = arena_new()) == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		if (!cands[i]->verdict.listed)
			continue;
		t = &cands[i]->verdict.tun;
		t->id = arena_printf(a, "M%ld", (long)t->pid);
		if (t->id == NULL)
			goto out;
		for (j = 0; j < t->nfwds; j++) {
			fwds = arena_push(tmp, fwds, nfwds, sizeof(*fwds));
			if (fwds == NULL)
				goto out;
			fwds[nfwds] = &cands[i]->verdict.fwds[j];
			fwds[nfwds]->tun = t;
			fwds[nfwds++]->id = NULL;
		}
	}
	left = nfwds;
	for (i = 0; i <= NELEM(forms) && left > 0; i++) {
		if ((round = arena_new()) == NULL)
			goto out;
		if (i == NELEM(forms)) {
			if (assign_numbers(a, round, fwds, nfwds) == -1)
				goto out;
		} else if (assign(a, round, fwds, nfwds, forms[i], &left) == -1)
			goto out;
		arena_free(round);
		round = NULL;
	}
	ret = 0;
out:
	arena_free(round);
	arena_free(tmp);
	return ret;
}

/* Returns the rest of s after text, or NULL if s does not begin with it. */
static const char *
eat(const char *s, const char *text, const char *safe)
{
	char enc[3];
	size_t n;

	for (; *text != '\0'; text++) {
		n = encode(enc, *text, safe);
		if (strncmp(s, enc, n) != 0)
			return NULL;
		s += n;
	}
	return s;
}

/* Is s an optional "#" PID, and nothing after it? */
static int
is_pid(const char *s, pid_t pid)
{
	char num[16];

	if (*s == '\0')
		return 1;
	snprintf(num, sizeof(num), "#%ld", (long)pid);
	return strcmp(s, num) == 0;
}

static int
is_suffix(const char *s, const struct tun *t)
{
	static const unsigned by[] = { WITH_HOST, WITH_DEST };
	const char *name, *rest;
	size_t i;

	if (*s != '@')
		return is_pid(s, t->pid);
	for (i = 0; i < NELEM(by); i++) {
		if ((name = server(t, by[i])) == NULL)
			continue;
		rest = eat(s + 1, name, SERVER_SAFE);
		if (rest != NULL && is_pid(rest, t->pid))
			return 1;
	}
	return 0;
}

static int
is_id(const char *s, const struct tun *t, const struct tun_fwd *fwd,
    int with_bind)
{
	struct end e;
	size_t n;

	listening_end(&e, &fwd->spec, t->pid, with_bind);
	n = strlen(e.before);
	if (strncmp(s, e.before, n) != 0)
		return 0;
	if ((s = eat(s + n, e.name, e.safe)) == NULL)
		return 0;
	n = strlen(e.num);
	return strncmp(s, e.num, n) == 0 && is_suffix(s + n, t);
}

/*
 * Its socket does not show whether it is of -L or of -D, and it keeps its ID
 * when its master tells.
 */
static int
is_either(char kind, const struct tun_fwd *fwd)
{
	return (kind == 'D' || kind == 'L') && fwd_is_of_socket(fwd) &&
	    (fwd->spec.kind == TUN_FWD_LOCAL ||
	    fwd->spec.kind == TUN_FWD_DYNAMIC);
}

int
ident_match(const char *s, const struct tun *t, const struct tun_fwd *fwd)
{
	char kind, num[16];

	kind = (char)toupper((unsigned char)*s);
	if (kind == 'M') {
		snprintf(num, sizeof(num), "%ld", (long)t->pid);
		return strcmp(s + 1, num) == 0;
	}
	if (fwd == NULL)
		return 0;
	if (kind != letter(fwd->spec.kind) && !is_either(kind, fwd))
		return 0;
	s++;
	if (fwd->id != NULL && strcmp(s, fwd->id + 1) == 0)
		return 1;
	return is_id(s, t, fwd, 0) ||
	    (has_bind(&fwd->spec) && is_id(s, t, fwd, 1));
}
