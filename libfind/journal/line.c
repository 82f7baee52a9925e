/* SPDX-License-Identifier: ISC */
/*
 * line.c: one record of the journal as a line of text:
 *
 *	KIND PID IDENT IDENT WHEN BOOT HOST [NAME=VALUE ...]
 *
 * Each field is escaped as by tunps -r: a byte that is not printable ASCII, a
 * blank or a backslash is written as \ooo. Names that are not known are
 * skipped, so that later versions can add some.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "journal.h"

static const char *const kinds[] = {
	[TUN_RECORD_START] = "start",
	[TUN_RECORD_KEEP] = "keep",
	[TUN_RECORD_ADD] = "add",
	[TUN_RECORD_CLOSE] = "close",
	[TUN_RECORD_END] = "end"
};
#define NKINDS	(sizeof(kinds) / sizeof(kinds[0]))

/* Other variables may be secrets. */
static const char *const variables[] = {
	"SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS", "DISPLAY",
	"WAYLAND_DISPLAY", "XAUTHORITY", "KRB5CCNAME", "TUN_LABEL"
};

int
journal_keeps_variable(const char *variable)
{
	size_t i, len;

	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		len = strlen(variables[i]);
		if (strncmp(variable, variables[i], len) == 0 &&
		    variable[len] == '=')
			return 1;
	}
	return 0;
}

/* --- writing ------------------------------------------------------------- */

/* A line that grows; without buf only its length is counted. */
struct line {
	char *buf;
	size_t len;
};

static void
put_byte(struct line *l, unsigned char c)
{
	if (l->buf != NULL)
		l->buf[l->len] = (char)c;
	l->len++;
}

static int
is_plain(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '\\';
}

static void
put_escaped(struct line *l, const char *s)
{
	unsigned char c;

	for (; (c = (unsigned char)*s) != '\0'; s++) {
		if (is_plain(c)) {
			put_byte(l, c);
			continue;
		}
		put_byte(l, '\\');
		put_byte(l, (unsigned char)('0' + (c >> 6)));
		put_byte(l, (unsigned char)('0' + (c >> 3 & 7)));
		put_byte(l, (unsigned char)('0' + (c & 7)));
	}
}

static void
put_field(struct line *l, const char *name, const char *value)
{
	if (value == NULL)
		return;
	put_byte(l, ' ');
	put_escaped(l, name);
	put_byte(l, '=');
	put_escaped(l, value);
}

static void
put_fields(struct line *l, const char *name, const char *const *values)
{
	for (; values != NULL && *values != NULL; values++)
		put_field(l, name, *values);
}

/* "L8080:host:80": the letter of the option and its argument. */
static char *
forward_text(struct arena *a, const struct tun_forward *fwd)
{
	static const char letters[] = {
		[TUN_FWD_LOCAL] = 'L', [TUN_FWD_REMOTE] = 'R',
		[TUN_FWD_DYNAMIC] = 'D', [TUN_FWD_RDYNAMIC] = 'R'
	};
	char *text;
	int len;

	if ((size_t)fwd->kind >= sizeof(letters) || letters[fwd->kind] == 0 ||
	    (len = tun_forward_format(fwd, NULL, 0)) < 0) {
		errno = EINVAL;
		return NULL;
	}
	if ((text = arena_alloc(a, (size_t)len + 2)) == NULL)
		return NULL;
	text[0] = letters[fwd->kind];
	tun_forward_format(fwd, text + 1, (size_t)len + 1);
	return text;
}

static void
put_record(struct line *l, const struct tun_record *r, const char *fwd)
{
	char text[160];

	snprintf(text, sizeof(text), "%ld %" PRIu64 " %" PRIu64 " %" PRId64,
	    (long)r->pid, r->ident[0], r->ident[1], r->when);
	put_escaped(l, kinds[r->kind]);
	put_byte(l, ' ');
	for (const char *p = text; *p != '\0'; p++)
		put_byte(l, (unsigned char)*p);
	put_byte(l, ' ');
	put_escaped(l, r->boot);
	put_byte(l, ' ');
	put_escaped(l, r->host);
	put_field(l, "label", r->label);
	put_field(l, "ctl", r->ctlpath);
	put_field(l, "fwd", fwd);
	if (r->port > 0) {
		snprintf(text, sizeof(text), "%d", r->port);
		put_field(l, "port", text);
	}
	if (r->sock > 0) {
		snprintf(text, sizeof(text), "%" PRIu64, r->sock);
		put_field(l, "sock", text);
	}
	if (r->starter > 0) {
		snprintf(text, sizeof(text), "%ld", (long)r->starter);
		put_field(l, "by", text);
	}
	if (r->netns > 0) {
		snprintf(text, sizeof(text), "%" PRIu64, r->netns);
		put_field(l, "net", text);
	}
	put_field(l, "cwd", r->cwd);
	put_fields(l, "env", r->env);
	put_fields(l, "arg", r->argv);
}

char *
journal_line(struct arena *a, const struct tun_record *r)
{
	struct line l = { NULL, 0 };
	char *fwd = NULL;

	if (r->fwd != NULL && (fwd = forward_text(a, r->fwd)) == NULL)
		return NULL;
	put_record(&l, r, fwd);
	if (l.len >= JOURNAL_LINE_MAX) {
		errno = E2BIG;
		return NULL;
	}
	if ((l.buf = arena_alloc(a, l.len + 1)) == NULL)
		return NULL;
	l.len = 0;
	put_record(&l, r, fwd);
	return l.buf;
}

/* --- reading ------------------------------------------------------------- */

/* What is left of a line. */
struct line_rest {
	const char *s;
	size_t len;
};

/* The next word, up to a blank; 0 at the end. */
static int
next_word(struct line_rest *w, const char **word, size_t *len)
{
	const char *end;

	if (w->len == 0)
		return 0;
	*word = w->s;
	end = memchr(w->s, ' ', w->len);
	*len = end == NULL ? w->len : (size_t)(end - w->s);
	w->s += *len + (end != NULL);
	w->len -= *len + (end != NULL);
	return 1;
}

static int
is_octal(unsigned char c)
{
	return c >= '0' && c <= '7';
}

/* Returns 0 if the text is not what put_escaped() writes. */
static int
unescape(char *to, const char *s, size_t len)
{
	size_t i;
	unsigned c;

	for (i = 0; i < len; i++) {
		c = (unsigned char)s[i];
		if (c == '\\') {
			if (len - i < 4 || !is_octal((unsigned char)s[i + 1]) ||
			    !is_octal((unsigned char)s[i + 2]) ||
			    !is_octal((unsigned char)s[i + 3]))
				return 0;
			c = (unsigned)(s[i + 1] - '0') << 6 |
			    (unsigned)(s[i + 2] - '0') << 3 |
			    (unsigned)(s[i + 3] - '0');
			if (c == 0 || c > UCHAR_MAX ||
			    is_plain((unsigned char)c))
				return 0;
			i += 3;
		} else if (!is_plain((unsigned char)c))
			return 0;
		*to++ = (char)c;
	}
	*to = '\0';
	return 1;
}

/* 1, 0 if it is no valid text, or -1 with ENOMEM. */
static int
take_text(struct arena *a, const char *s, size_t len, const char **textp)
{
	char *text = arena_alloc(a, len + 1);

	if (text == NULL)
		return -1;
	if (!unescape(text, s, len))
		return 0;
	*textp = text;
	return 1;
}

static int
take_number(const char *s, size_t len, uint64_t max, uint64_t *np)
{
	uint64_t n = 0;
	size_t i;

	if (len == 0 || len > 20 || (len > 1 && s[0] == '0'))
		return 0;
	for (i = 0; i < len; i++) {
		unsigned digit = (unsigned)(s[i] - '0');

		if (s[i] < '0' || s[i] > '9' ||
		    n > (max - digit) / 10)
			return 0;
		n = n * 10 + digit;
	}
	*np = n;
	return 1;
}

static int
next_number(struct line_rest *w, uint64_t max, uint64_t *np)
{
	const char *s;
	size_t len;

	return next_word(w, &s, &len) && take_number(s, len, max, np);
}

static int
next_kind(struct line_rest *w, enum tun_record_kind *kind)
{
	const char *s;
	size_t i, len;

	if (!next_word(w, &s, &len))
		return 0;
	for (i = 0; i < NKINDS; i++)
		if (strlen(kinds[i]) == len && memcmp(kinds[i], s, len) == 0) {
			*kind = (enum tun_record_kind)i;
			return 1;
		}
	return 0;
}

static int
next_text(struct arena *a, struct line_rest *w, const char **textp)
{
	const char *s;
	size_t len;

	return next_word(w, &s, &len) ? take_text(a, s, len, textp) : 0;
}

static int
take_forward(struct arena *a, const char *text, struct tun_record *r)
{
	enum tun_fwd_kind kind = *text == 'L' ? TUN_FWD_LOCAL :
	    *text == 'R' ? TUN_FWD_REMOTE : TUN_FWD_DYNAMIC;
	struct tun_forward *fwd;
	struct expand nothing;
	const char *errstr;

	if (*text != 'L' && *text != 'R' && *text != 'D')
		return 0;
	memset(&nothing, 0, sizeof(nothing));
	if ((fwd = arena_alloc(a, sizeof(*fwd))) == NULL)
		return -1;
	if (forward_parse(a, kind, text + 1, &nothing, fwd, &errstr) == -1)
		return errno == ENOMEM ? -1 : 0;
	r->fwd = fwd;
	return 1;
}

/* Lists that are filled while a line is read; NULL: empty. */
struct lists {
	const char **argv, **env;
	size_t argc, nenv;
};

static int
take_field(struct arena *a, const char *name, const char *value,
    struct tun_record *r, struct lists *ls)
{
	uint64_t number;

	if (strcmp(name, "arg") == 0)
		return arena_add_string(a, &ls->argv, &ls->argc, value) == 0 ?
		    1 : -1;
	if (strcmp(name, "env") == 0)
		return !journal_keeps_variable(value) || arena_add_string(a,
		    &ls->env, &ls->nenv, value) == 0 ? 1 : -1;
	if (strcmp(name, "fwd") == 0)
		return take_forward(a, value, r);
	if (strcmp(name, "port") == 0) {
		if (!take_number(value, strlen(value), UINT16_MAX, &number))
			return 0;
		r->port = (int)number;
	} else if (strcmp(name, "by") == 0) {
		if (!take_number(value, strlen(value), INT_MAX, &number))
			return 0;
		r->starter = (pid_t)number;
	} else if (strcmp(name, "sock") == 0)
		return take_number(value, strlen(value), UINT64_MAX, &r->sock);
	else if (strcmp(name, "net") == 0)
		return take_number(value, strlen(value), UINT64_MAX, &r->netns);
	else if (strcmp(name, "cwd") == 0)
		r->cwd = value;
	else if (strcmp(name, "label") == 0)
		r->label = value;
	else if (strcmp(name, "ctl") == 0)
		r->ctlpath = value;
	return 1;
}

static int
next_field(struct arena *a, struct line_rest *w, struct tun_record *r,
    struct lists *ls)
{
	const char *s, *value, *name, *equals;
	size_t len;
	int ok;

	if (!next_word(w, &s, &len) ||
	    (equals = memchr(s, '=', len)) == NULL)
		return 0;
	if ((ok = take_text(a, s, (size_t)(equals - s), &name)) != 1 ||
	    (ok = take_text(a, equals + 1, (size_t)(s + len - equals) - 1,
	    &value)) != 1)
		return ok;
	return take_field(a, name, value, r, ls);
}

/* Has it what a record of its kind must have? */
static int
is_whole(const struct tun_record *r)
{
	switch (r->kind) {
	case TUN_RECORD_START:
	case TUN_RECORD_KEEP:
		return r->argc > 0;
	case TUN_RECORD_ADD:
	case TUN_RECORD_CLOSE:
		return r->fwd != NULL;
	case TUN_RECORD_END:
		break;
	}
	return 1;
}

static int
parse_head(struct arena *a, struct line_rest *w, struct tun_record *r)
{
	uint64_t pid, when;
	int ok;

	if (!next_kind(w, &r->kind) || !next_number(w, INT_MAX, &pid) ||
	    !next_number(w, UINT64_MAX, &r->ident[0]) ||
	    !next_number(w, UINT64_MAX, &r->ident[1]) ||
	    !next_number(w, INT64_MAX, &when))
		return 0;
	r->pid = (pid_t)pid;
	r->when = (int64_t)when;
	if ((ok = next_text(a, w, &r->boot)) != 1 ||
	    (ok = next_text(a, w, &r->host)) != 1)
		return ok;
	return r->pid > 0;
}

int
journal_parse(struct arena *a, const char *line, size_t len,
    struct tun_record *r)
{
	struct line_rest w = { line, len };
	struct lists ls = { NULL, NULL, 0, 0 };
	int ok;

	memset(r, 0, sizeof(*r));
	if (len >= JOURNAL_LINE_MAX)
		return 0;
	if ((ok = parse_head(a, &w, r)) != 1)
		return ok;
	while (w.len > 0)
		if ((ok = next_field(a, &w, r, &ls)) != 1)
			return ok;
	r->argv = ls.argv;
	r->argc = ls.argc;
	r->env = ls.env;
	return is_whole(r);
}

/* For thousands of lines, of which a scan needs few: nothing else is read. */
pid_t
journal_line_pid(const char *line, size_t len)
{
	const char *end = line + len;
	int64_t pid = 0;

	while (line < end && *line != ' ')
		line++;
	line += line < end;
	for (; line < end && *line >= '0' && *line <= '9'; line++) {
		pid = pid * 10 + (*line - '0');
		if (pid > INT_MAX)
			return 0;
	}
	return (pid_t)pid;
}
