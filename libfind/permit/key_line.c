/* SPDX-License-Identifier: ISC */
/*
 * A line of an authorized_keys file, as check_authkey_line() of
 * auth2-pubkeyfile.c and sshauthopt_parse() of auth-options.c read it.  An
 * option that sshd does not know makes it skip the line; names of options are
 * read in any case, and of two that contradict each other the last one counts.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "compat/compat.h"
#include "permit.h"
#include "ssh/ssh.h"

#define ENTRIES_MAX	4096	/* as auth-options.c */
#define TUNNEL_MAX	(0x7fffffff - 2)

struct options_reader {
	struct arena *a;
	const char *p;
	struct key_line *key;
	struct permit_entry *opens, *listens;
	const char *error;
};

/* --- keys ------------------------------------------------------------------ */

/*
 * The names of key types: sshd reads a word before the key as options if it is
 * none of these.
 */
static int
is_key_type(const char *s, size_t n)
{
	static const char *const types[] = {
		"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
		"ecdsa-sha2-nistp521", "sk-ecdsa-sha2-nistp256@openssh.com",
		"sk-ssh-ed25519@openssh.com", "ssh-dss", "ssh-ed25519",
		"ssh-rsa", "rsa-sha2-256", "rsa-sha2-512",
		"webauthn-sk-ecdsa-sha2-nistp256@openssh.com"
	};
	static const char cert[] = "-cert-v01@openssh.com";
	size_t i, len;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		len = strcspn(types[i], "@");
		if (n == strlen(types[i]) && memcmp(s, types[i], n) == 0)
			return 1;
		if (n == len + sizeof(cert) - 1 &&
		    memcmp(s, types[i], len) == 0 &&
		    memcmp(s + len, cert, sizeof(cert) - 1) == 0)
			return 1;
	}
	return 0;
}

/* Why sshd cannot use the key of this type, or NULL. */
static const char *
key_error(const char *type, const char *inside, int whole)
{
	if (key_type_is_cert(type))
		return "a certificate, which is no key here";
	if (!key_type_equal(type, inside))
		return "another key than its type says";
	return whole ? NULL : "a damaged key";
}

/*
 * "TYPE BLOB COMMENT"; 0: the text does not begin with a key.  A type that is
 * not known here is one if the key says the same; sshd says whether it takes
 * it.
 */
static int
read_key(struct arena *a, const char *s, struct key_line *key)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/=";
	size_t n = strcspn(s, " \t"), len;
	const char *blob = s + n + strspn(s + n, " \t"), *inside;
	int r;

	/* Four bytes of length in front of a name begin with AAAA. */
	if (strncmp(blob, "AAAA", 4) != 0)
		return 0;
	len = strspn(blob, base64);
	if (blob[len] != '\0' && blob[len] != ' ' && blob[len] != '\t')
		return 0;
	key->type = arena_strndup(a, s, n);
	key->blob = arena_strndup(a, blob, len);
	key->comment = arena_strdup(a, blob + len + strspn(blob + len, " \t"));
	if (key->type == NULL || key->blob == NULL || key->comment == NULL ||
	    (r = key_blob_read(a, key->blob, &inside, &key->bits)) == -1)
		return -1;
	if (!is_key_type(s, n) && strcmp(key->type, inside) != 0)
		return 0;
	key->error = key_error(key->type, inside, r);
	return 1;
}

/* --- values ---------------------------------------------------------------- */

/* Is it "NAME" at this place?  With no, "no-NAME" gives 0.  -1: neither. */
static int
take_flag(struct options_reader *o, const char *name, int no)
{
	const char *p = o->p;
	int negative = no && strncasecmp(p, "no-", 3) == 0;

	p += negative ? 3 : 0;
	if (strncasecmp(p, name, strlen(name)) != 0)
		return -1;
	o->p = p + strlen(name);
	return !negative;
}

static int
take_name(struct options_reader *o, const char *name)
{
	size_t n = strlen(name);

	if (strncasecmp(o->p, name, n) != 0 || o->p[n] != '=')
		return 0;
	o->p += n + 1;
	return 1;
}

/* A value in quotes, in which \" is a quote.  NULL: an error, or ENOMEM. */
static char *
take_value(struct options_reader *o)
{
	char *value, *w;

	if (*o->p != '"') {
		o->error = "missing start quote";
		return NULL;
	}
	if ((value = w = arena_alloc(o->a, strlen(o->p))) == NULL)
		return NULL;
	for (o->p++; *o->p != '\0' && *o->p != '"'; o->p++) {
		if (o->p[0] == '\\' && o->p[1] == '"')
			o->p++;
		*w++ = *o->p;
	}
	if (*o->p == '\0') {
		o->error = "missing end quote";
		return NULL;
	}
	o->p++;
	return value;
}

static int
take_text(struct options_reader *o, const char **textp, const char *again)
{
	if (*textp != NULL) {
		o->error = again;
		return -1;
	}
	return (*textp = take_value(o)) == NULL ? -1 : 0;
}

/* [YYYYMMDD[HHMM[SS]][Z]], as parse_absolute_time() of misc.c. */
static int
read_time(const char *s, int64_t *whenp)
{
	struct tm tm;
	size_t n = strspn(s, "0123456789");
	int part[6] = { 0, 0, 0, 0, 0, 0 }, utc, i, year;
	int64_t days;
	time_t t;

	if (n != 8 && n != 12 && n != 14)
		return -1;
	utc = strcasecmp(s + n, "Z") == 0 || strcasecmp(s + n, "UTC") == 0;
	if (s[n] != '\0' && !utc)
		return -1;
	for (i = 0; i < 4; i++)
		part[0] = part[0] * 10 + (s[i] - '0');
	for (i = 4; i < (int)n; i += 2)
		part[i / 2 - 1] = (s[i] - '0') * 10 + (s[i + 1] - '0');
	if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31 ||
	    part[3] > 23 || part[4] > 59 || part[5] > 60)
		return -1;
	if (utc) {
		/* Days since 1970-01-01; March begins the year here. */
		year = part[1] > 2 ? part[0] : part[0] - 1;
		days = 365 * (int64_t)year + year / 4 - year / 100 +
		    year / 400 + (153 * ((part[1] + 9) % 12) + 2) / 5 +
		    part[2] - 719469;
		*whenp = days * 86400 + part[3] * 3600 + part[4] * 60 +
		    part[5];
		return 0;
	}
	memset(&tm, 0, sizeof(tm));
	tm.tm_year = part[0] - 1900;
	tm.tm_mon = part[1] - 1;
	tm.tm_mday = part[2];
	tm.tm_hour = part[3];
	tm.tm_min = part[4];
	tm.tm_sec = part[5];
	tm.tm_isdst = 0;	/* sshd takes it for the standard time */
	if ((t = mktime(&tm)) == -1)
		return -1;
	*whenp = t;
	return 0;
}

/* Of several times the earliest one counts. */
static int
take_time(struct options_reader *o)
{
	char *value = take_value(o);
	int64_t when;

	if (value == NULL)
		return -1;
	if (read_time(value, &when) == -1 || when == 0) {
		o->error = "invalid expires time";
		return -1;
	}
	if (o->key->expires == 0 || when < o->key->expires)
		o->key->expires = when;
	return 0;
}

static int
take_entry(struct options_reader *o, int listens)
{
	struct permit_entry **v = listens ? &o->listens : &o->opens, *e;
	size_t *n = listens ? &o->key->nlistens : &o->key->nopens;
	char *value = take_value(o);
	const char *why;

	if (value == NULL)
		return -1;
	if (*n >= ENTRIES_MAX) {
		o->error = listens ? "too many permitlisten entries" :
		    "too many permitopen entries";
		return -1;
	}
	if ((*v = arena_push(o->a, *v, *n, sizeof(**v))) == NULL)
		return -1;
	e = &(*v)[*n];
	if (permit_entry_parse(o->a, value, listens, e, &why) == -1) {
		if (why != NULL)
			o->error = listens ? "invalid permitlisten" :
			    "invalid permitopen";
		return -1;
	}
	/* The session reads it once more, since 8.9 without a slash. */
	if (listens && strchr(value, ':') != NULL && strstr(value, "]/"))
		o->key->fatal = "sshd ends each session with this key: a '/' "
		    "in permitlisten";
	(*n)++;
	return 0;
}

static int
take_tunnel(struct options_reader *o)
{
	char *value = take_value(o);
	const char *errstr;

	if (value == NULL)
		return -1;
	o->key->flags &= ~(unsigned)KEY_ANYTUN;
	o->key->tunnel = -1;
	if (strcasecmp(value, "any") == 0)
		return 0;
	o->key->tunnel = (int)strtonum(value, 0, TUNNEL_MAX, &errstr);
	if (errstr == NULL)
		return 0;
	o->error = "invalid tun device";
	return -1;
}

static int
take_environment(struct options_reader *o)
{
	char *value = take_value(o), *p;

	if (value == NULL)
		return -1;
	for (p = value; isalnum((unsigned char)*p) || *p == '_'; p++)
		continue;
	if (*p != '=' || p == value) {
		o->error = "invalid environment string";
		return -1;
	}
	return 0;
}

/* --- options ---------------------------------------------------------------- */

/* Flags that change nothing here, but that sshd knows. */
static int
take_other_flag(struct options_reader *o)
{
	static const char *const names[] = { "agent-forwarding",
	    "x11-forwarding", "touch-required", "verify-required", "user-rc" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (take_flag(o, names[i], 1) != -1)
			return 1;
	return 0;
}

static void
set_flag(struct key_line *key, unsigned flag, int on)
{
	key->flags = on ? key->flags | flag : key->flags & ~flag;
}

static int
take_flags(struct options_reader *o)
{
	struct key_line *key = o->key;
	int on;

	if (take_flag(o, "restrict", 0) != -1) {
		key->flags |= KEY_RESTRICT;
		key->flags &= ~(unsigned)(KEY_FORWARD | KEY_PTY);
	} else if (take_flag(o, "cert-authority", 0) != -1)
		key->flags |= KEY_CA;
	else if ((on = take_flag(o, "port-forwarding", 1)) != -1)
		set_flag(key, KEY_FORWARD, on);
	else if ((on = take_flag(o, "pty", 1)) != -1)
		set_flag(key, KEY_PTY, on);
	else
		return take_other_flag(o);
	return 1;
}

static int
take_option(struct options_reader *o)
{
	struct key_line *key = o->key;

	if (take_flags(o))
		return 0;
	if (take_name(o, "command"))
		return take_text(o, &key->command,
		    "multiple \"command\" clauses");
	if (take_name(o, "principals"))
		return take_text(o, &key->principals,
		    "multiple \"principals\" clauses");
	if (take_name(o, "from"))
		return take_text(o, &key->from, "multiple \"from\" clauses");
	if (take_name(o, "expiry-time"))
		return take_time(o);
	if (take_name(o, "environment"))
		return take_environment(o);
	if (take_name(o, "permitopen"))
		return take_entry(o, 0);
	if (take_name(o, "permitlisten"))
		return take_entry(o, 1);
	if (take_name(o, "tunnel"))
		return take_tunnel(o);
	/* For sshd an option may be empty. */
	if (*o->p == ',')
		return 0;
	o->error = "unknown key option";
	return -1;
}

static int
take_options(struct options_reader *o)
{
	while (*o->p != '\0' && *o->p != ' ' && *o->p != '\t') {
		if (take_option(o) == -1)
			return -1;
		if (*o->p == '\0' || *o->p == ' ' || *o->p == '\t')
			return 0;
		if (*o->p != ',') {
			o->error = "unknown key option";
			return -1;
		}
		if (*++o->p == '\0') {
			o->error = "unexpected end-of-options";
			return -1;
		}
	}
	return 0;
}

/* Behind the options: the first blank that is not in quotes. */
static const char *
skip_options(const char *p)
{
	int quoted = 0;

	for (; *p != '\0' && (quoted || (*p != ' ' && *p != '\t')); p++) {
		if (p[0] == '\\' && p[1] == '"')
			p++;
		else if (*p == '"')
			quoted = !quoted;
	}
	return p;
}

static int
read_options(struct arena *a, const char *p, struct key_line *key)
{
	struct options_reader o;

	memset(&o, 0, sizeof(o));
	o.a = a;
	o.p = p;
	o.key = key;
	if (take_options(&o) == -1) {
		if (o.error == NULL)
			return -1;
		if (key->error == NULL)
			key->error = o.error;
	}
	key->opens = o.opens;
	key->listens = o.listens;
	return 1;
}

int
key_line_parse(struct arena *a, const char *text, struct key_line *key)
{
	struct permit_at at = key->at;
	const char *p = text + strspn(text, " \t"), *rest;
	int r;

	memset(key, 0, sizeof(*key));
	key->at = at;
	key->flags = KEY_FORWARD | KEY_PTY | KEY_ANYTUN;
	if (*p == '\0' || *p == '#')
		return 0;
	if ((r = read_key(a, p, key)) != 0)
		return r;
	rest = skip_options(p);
	rest += strspn(rest, " \t");
	if ((r = read_key(a, rest, key)) != 1)
		return r;
	return read_options(a, p, key);
}

/* A name may stand alone; what is in front of the last blank are options. */
int
principal_line_parse(struct arena *a, const char *text, struct key_line *key,
    const char **namep)
{
	char *line = arena_strdup(a, text + strspn(text, " \t")), *last;
	size_t n;

	if (line == NULL)
		return -1;
	n = strcspn(line, "#");
	while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	line[n] = '\0';
	if (n == 0)
		return 0;
	if ((last = strrchr(line, ' ')) == NULL &&
	    (last = strrchr(line, '\t')) == NULL) {
		*namep = line;
		return 1;
	}
	*namep = last + strspn(last, " \t");
	return read_options(a, line, key);
}
