/* SPDX-License-Identifier: ISC */
/*
 * Reads the output of "sshd -T -ddd -C ...".  On its standard output are the
 * settings that hold for one client, one keyword a line, in lower case, or from
 * OpenSSH 10.6 on as the manual writes it.  On its standard error is a line for
 * each line that it read:
 *
 *	debug3: /etc/ssh/sshd_config:7 setting PermitOpen localhost:80
 *
 * The configuration is read twice.  The second pass, in which the file itself is
 * called "reprocess config", has the Match blocks that apply to this client, and
 * sshd takes the first line of a keyword there.  A keyword that it does not have
 * is taken from the first pass.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "permit.h"

static const char again[] = "reprocess config";

struct settings_reader {
	struct arena *a;
	struct sshd_settings *s;
	int late;		/* the second pass has begun */
	int begun;		/* the settings: the first is the port */
	int capitals;		/* keywords are as the manual writes them */
};

/* Behind s, if the text begins with it, or NULL. */
static const char *
behind(const char *text, const char *s)
{
	size_t n = strlen(s);

	return strncmp(text, s, n) == 0 ? text + n : NULL;
}

/* Behind "debug3: " and the like, or NULL. */
static const char *
behind_debug(const char *line)
{
	const char *p = behind(line, "debug");

	return p != NULL && isdigit((unsigned char)p[0]) && p[1] == ':' &&
	    p[2] == ' ' ? p + 3 : NULL;
}

/*
 * "FILE:7 setting KEYWORD VALUE": a file name may have blanks and colons.
 */
static int
add_line(struct settings_reader *rd, const char *text)
{
	struct sshd_settings *s = rd->s;
	struct sshd_line *l;
	const char *p = text, *colon, *value;
	char *end;
	unsigned long number;

	for (;; p = colon + 1) {
		if ((colon = strchr(p, ':')) == NULL)
			return 0;
		if (!isdigit((unsigned char)colon[1]))
			continue;
		number = strtoul(colon + 1, &end, 10);
		if ((p = behind(end, " setting ")) != NULL)
			break;
	}
	s->lines = arena_push(rd->a, s->lines, s->nlines, sizeof(*s->lines));
	if (s->lines == NULL)
		return -1;
	l = &s->lines[s->nlines];
	l->at.line = (unsigned)number;
	l->at.file = s->file;
	if (behind(text, again) != text + sizeof(again) - 1)
		l->at.file = arena_strndup(rd->a, text,
		    (size_t)(colon - text));
	value = p + strcspn(p, " \t");
	l->keyword = arena_strndup(rd->a, p, (size_t)(value - p));
	l->value = arena_strdup(rd->a, value + strspn(value, " \t"));
	l->late = rd->late;
	s->nlines++;
	return l->keyword == NULL || l->value == NULL ||
	    (l->at.file == NULL && s->file != NULL) ? -1 : 0;
}

/* Is Host one of the criteria of a Match line?  "Match User a Host *.b" */
static int
asks_host(const char *line)
{
	for (; *line != '\0'; line++)
		if (strchr(" \t'\"", line[0]) != NULL &&
		    strncasecmp(line + 1, "host", 4) == 0 &&
		    strchr(" \t=", line[5]) != NULL)
			return 1;
	return 0;
}

/* 902 for "9.2p1 Debian-2". */
static int
release_of(const char *text)
{
	char *end;
	long major = strtol(text, &end, 10);
	long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;

	return major < 1 || major > 999 || minor < 0 || minor > 99 ? 0 :
	    (int)(major * 100 + minor);
}

/* "FILE len 206", at the beginning of each file */
static int
add_file(struct settings_reader *rd, const char *text)
{
	struct sshd_settings *s = rd->s;
	const char *end = text + strlen(text);

	if (behind(text, again) != NULL) {
		rd->late = 1;
		return 0;
	}
	while (end > text && behind(end, " len ") == NULL)
		end--;
	s->files = arena_push(rd->a, s->files, s->nfiles, sizeof(*s->files));
	if (s->files == NULL)
		return -1;
	s->files[s->nfiles] = arena_strndup(rd->a, text,
	    (size_t)(end - text));
	return s->files[s->nfiles++] == NULL ? -1 : 0;
}

static int
add_debug(struct settings_reader *rd, const char *text)
{
	const char *p;

	if ((p = behind(text, "load_server_config: filename ")) != NULL) {
		rd->s->file = arena_strdup(rd->a, p);
		return rd->s->file == NULL ? -1 : 0;
	}
	if ((p = behind(text, "sshd version OpenSSH_")) != NULL) {
		rd->s->release = release_of(p);
		return 0;
	}
	if ((p = behind(text, "parse_server_config_depth: config ")) != NULL)
		return add_file(rd, p);
	if ((p = behind(text, "checking syntax for 'Match ")) != NULL) {
		rd->s->by_name |= asks_host(p - 1);
		return 0;
	}
	return add_line(rd, text);
}

/*
 * The length of the keyword of a setting; 0: the line is a message.  A message
 * may begin as a setting does, but it comes before the first one, which is that
 * of the port.
 */
static size_t
keyword_length(struct settings_reader *rd, const char *line)
{
	size_t n = 0, capitals = 0;

	for (; isalnum((unsigned char)line[n]); n++)
		capitals += isupper((unsigned char)line[n]) != 0;
	if (strncasecmp(line, "port ", 5) == 0) {
		rd->begun = 1;
		rd->capitals = capitals > 0;
	}
	if ((line[n] != ' ' && line[n] != '\0') || !rd->begun ||
	    (capitals > 0 && !rd->capitals))
		return 0;
	return n;
}

static int
add_value(struct settings_reader *rd, const char *line)
{
	struct sshd_settings *s = rd->s;
	struct sshd_value *v;
	size_t n = keyword_length(rd, line);
	char *p;

	if (n == 0) {
		/* "FILE: terminating, 1 bad configuration options" */
		if (s->error != NULL && strstr(line, ": terminating, ") != NULL)
			return 0;
		s->error = arena_strdup(rd->a, line);
		return s->error == NULL ? -1 : 0;
	}
	s->values = arena_push(rd->a, s->values, s->nvalues,
	    sizeof(*s->values));
	if (s->values == NULL)
		return -1;
	v = &s->values[s->nvalues++];
	v->keyword = p = arena_strndup(rd->a, line, n);
	v->value = arena_strdup(rd->a, line + n + (line[n] == ' '));
	if (v->keyword == NULL || v->value == NULL)
		return -1;
	for (; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return 0;
}

int
sshd_settings_read(struct arena *a, const char *text, struct sshd_settings *s)
{
	struct settings_reader rd = { a, s, 0, 0, 0 };
	const char *p = text, *debug;
	char *line;
	size_t n;
	int r;

	memset(s, 0, sizeof(*s));
	for (; *p != '\0'; p += n + (p[n] == '\n')) {
		n = strcspn(p, "\r\n");
		if (n > 0) {
			if ((line = arena_strndup(a, p, n)) == NULL)
				return -1;
			debug = behind_debug(line);
			r = debug != NULL ? add_debug(&rd, debug) :
			    add_value(&rd, line);
			if (r == -1)
				return -1;
		}
		n += p[n] == '\r';
	}
	return 0;
}

const char *
sshd_value(const struct sshd_settings *s, const char *keyword)
{
	size_t i;

	for (i = 0; i < s->nvalues; i++)
		if (strcmp(s->values[i].keyword, keyword) == 0)
			return s->values[i].value;
	return NULL;
}

/* Is the keyword set by an option of the command line? */
static int
is_option(const struct sshd_settings *s, const char *keyword)
{
	size_t i, n = strlen(keyword);

	for (i = 0; i < s->noptions; i++)
		if (strncasecmp(s->options[i], keyword, n) == 0 &&
		    strchr("= \t", s->options[i][n]) != NULL)
			return 1;
	return 0;
}

static const struct sshd_line *
deciding_line(const struct sshd_settings *s, const char *keyword)
{
	size_t i;
	int late;

	for (late = 1; late >= 0; late--) {
		/* An option comes before the file, but a Match block after. */
		if (!late && is_option(s, keyword))
			return NULL;
		for (i = 0; i < s->nlines; i++)
			if (s->lines[i].late == late &&
			    strcasecmp(s->lines[i].keyword, keyword) == 0)
				return &s->lines[i];
	}
	return NULL;
}

struct permit_at
sshd_place(const struct sshd_settings *s, const char *keyword)
{
	static const struct permit_at nowhere;
	const struct sshd_line *l = deciding_line(s, keyword);

	return l != NULL ? l->at : nowhere;
}

const char *
sshd_line_text(const struct sshd_settings *s, const char *keyword)
{
	const struct sshd_line *l = deciding_line(s, keyword);

	return l != NULL ? l->value : NULL;
}

/*
 * One word of a configuration line, as argv_split() of misc.c reads it: quotes
 * of both kinds, a backslash before a quote, a backslash or, outside quotes, a
 * blank.  *pp moves behind it.  NULL: there is none, or no memory (*nomem).
 */
static char *
next_word(struct arena *a, const char **pp, int *nomem)
{
	const char *p = *pp + strspn(*pp, " \t");
	char *word, *w, quote = '\0';

	if (*p == '\0' || *p == '#')
		return NULL;
	if ((word = w = arena_alloc(a, strlen(p) + 1)) == NULL) {
		*nomem = 1;
		return NULL;
	}
	for (; *p != '\0' && (quote || (*p != ' ' && *p != '\t')); p++) {
		if (*p == '\\' && p[1] != '\0' && (strchr("'\"\\", p[1]) ||
		    (!quote && p[1] == ' ')))
			*w++ = *++p;
		else if (*p == quote)
			quote = '\0';
		else if (!quote && (*p == '"' || *p == '\''))
			quote = *p;
		else
			*w++ = *p;
	}
	*pp = p;
	return word;
}

int
sshd_split(struct arena *a, const char *text, const char ***wordsp,
    size_t *np)
{
	const char **v = NULL;
	char *word;
	size_t n = 0;
	int nomem = 0;

	while ((word = next_word(a, &text, &nomem)) != NULL)
		if (arena_add_string(a, &v, &n, word) == -1)
			return -1;
	*wordsp = v;
	*np = n;
	return nomem ? -1 : 0;
}

/* The line of this list keyword that has the word. */
static struct permit_at
place_of_word(struct arena *a, const struct sshd_settings *s,
    const char *keyword, const char *word)
{
	const char **words;
	size_t i, k, n;

	for (i = 0; i < s->nlines; i++) {
		if (strcasecmp(s->lines[i].keyword, keyword) != 0 ||
		    sshd_split(a, s->lines[i].value, &words, &n) == -1)
			continue;
		for (k = 0; k < n; k++)
			if (strcmp(words[k], word) == 0)
				return s->lines[i].at;
	}
	return sshd_place(s, keyword);
}

int
sshd_words(struct arena *a, const struct sshd_settings *s,
    const char *keyword,
    int (*fn)(void *arg, const char *word, struct permit_at at), void *arg)
{
	size_t i;
	int r;

	for (i = 0; i < s->nvalues; i++)
		if (strcmp(s->values[i].keyword, keyword) == 0 &&
		    (r = fn(arg, s->values[i].value, place_of_word(a, s,
		    keyword, s->values[i].value))) != 0)
			return r;
	return 0;
}
