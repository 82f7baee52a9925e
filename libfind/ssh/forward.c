/* SPDX-License-Identifier: ISC */
/*
 * Forward specifications: parse, format, compare.
 *
 *	spec	= *blank field *3( ":" field ) [ ":" ]
 *	field	= "[" *( any but "]" ) "]"	; taken literally
 *		| *( char | "\" char )
 *
 * ${NAME} is replaced before the text is split, so the value of a variable may
 * contain colons that separate fields.  A slash that is not escaped makes its
 * field a path, and the paths decide what the other fields mean; see
 * read_ends().  % tokens are replaced last, and only in paths.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "compat/array.h"
#include "compat/compat.h"
#include "ssh.h"

#define HOST_LEN	1024	/* ssh's NI_MAXHOST without its NUL */
#define PATH_LEN	107	/* a sun_path of Linux without its NUL */
#define WORDS_LEN	255	/* the buffer in which ssh joins two words */
#define ENV_LEN		65536	/* our limit for all ${NAME} of a spec, */
#define ENV_VARS	16	/* and our limit for their number */
#define UNIT_MAX	0x7ffffffd	/* ssh's SSH_TUNID_MAX */

extern char **environ;

const char fwd_errstr_unknown[] = "needs what is not known";

static const char err_memory[] = "out of memory";
static const char err_listen[] = "bad listen port";
static const char err_connect[] = "bad connect port";

struct spec_field {
	const char *s;
	int ispath;
};

/* isspace(3) of the C locale, which ssh uses to split. */
static int
is_blank(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static int
bad(const char **errstr, const char *why)
{
	errno = EINVAL;
	*errstr = why;
	return -1;
}

static int
nomem(const char **errstr)
{
	errno = ENOMEM;
	*errstr = err_memory;
	return -1;
}

/*
 * The port of a TCP service, or -1.  getservbyname(3) is not safe with threads;
 * getaddrinfo(3) without a host reads the same database and asks no name
 * server.
 */
static int
service_port(const char *s)
{
	struct addrinfo hints = { 0 }, *res;
	char *end;
	int port;

	hints.ai_family = AF_INET;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE;
	/* getaddrinfo(3) would accept numbers, too, and more forms than ssh. */
	(void)strtoul(s, &end, 10);
	if (*end == '\0' || getaddrinfo(NULL, s, &hints, &res) != 0)
		return -1;
	port = ntohs(((struct sockaddr_in *)(void *)res->ai_addr)->sin_port);
	freeaddrinfo(res);
	return port;
}

/*
 * Reads a number as strtonum(3) does, otherwise the name of a service, as ssh
 * does: blanks and a sign may come first, and "-0" is a port.
 */
int
forward_port(const char *s)
{
	const char *p = s;
	int n = 0, minus;

	while (is_blank(*p))
		p++;
	minus = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	if (isdigit((unsigned char)*p)) {
		for (; isdigit((unsigned char)*p); p++)
			if (n <= 65535)
				n = n * 10 + (*p - '0');
		if (*p == '\0' && n <= (minus ? 0 : 65535))
			return n;
	}
	return service_port(s);
}

static const char *
find_env(const char *const *env, const char *name, size_t len)
{
	for (; *env != NULL; env++)
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			return *env + len + 1;
	return NULL;
}

/*
 * Returns a malloc'd copy of the spec with every ${NAME} replaced, or NULL on
 * failure.  The limits are for a hostile argv and environment, whose product
 * could be very large; no real forward is that long.
 */
static char *
expand_env(const char *spec, const struct expand *x, const char **errstr)
{
	const char *end, *value;
	char *text, *to;
	size_t len, n, used = 0, vars = 0;

	len = strlen(spec) + 1;
	if (strstr(spec, "${") != NULL)
		len += ENV_LEN;
	if ((to = text = malloc(len)) == NULL) {
		nomem(errstr);
		return NULL;
	}
	for (;;) {
		if (strncmp(spec, "${", 2) != 0) {
			if ((*to++ = *spec++) == '\0')
				return text;
			continue;
		}
		spec += 2;
		end = strchr(spec, '}');
		if (end == NULL || end == spec) {
			bad(errstr, "bad variable");
			break;
		}
		if (x->env == NULL) {
			bad(errstr, fwd_errstr_unknown);
			break;
		}
		value = find_env(x->env, spec, (size_t)(end - spec));
		if (value == NULL) {
			bad(errstr, "variable not set");
			break;
		}
		n = strlen(value);
		if (++vars > ENV_VARS || n > ENV_LEN - used) {
			bad(errstr, "too long");
			break;
		}
		memcpy(to, value, n);
		to += n;
		used += n;
		spec = end + 1;
	}
	free(text);
	return NULL;
}

/*
 * Cuts the next field off *pp, in place.  Returns 1 if there was one, 0 at the
 * end of the text, -1 if the field is malformed.
 */
static int
next_field(char **pp, struct spec_field *f)
{
	char *from = *pp, *to;

	if (*from == '\0')
		return 0;
	f->ispath = 0;
	if (*from == '[') {
		f->s = ++from;
		from += strcspn(from, "]");
		if (*from == '\0' || (from[1] != ':' && from[1] != '\0'))
			return -1;
		*from++ = '\0';
		f->ispath = strchr(f->s, '/') != NULL;
		*pp = from + (*from == ':');
		return 1;
	}
	f->s = to = from;
	for (; *from != '\0' && *from != ':'; from++) {
		if (*from == '\\') {
			/*
			 * ssh refuses a backslash at the end of the text,
			 * except when it is the whole field: it accepts
			 * "8080:h:80:\".
			 */
			if (*++from == '\0')
				return to == f->s ? 0 : -1;
		} else if (*from == '/')
			f->ispath = 1;
		*to++ = *from;
	}
	*pp = from + (*from == ':');
	*to = '\0';
	return 1;
}

/* Returns the number of fields, or -1. */
static int
split(char *text, struct spec_field f[4], const char **errstr)
{
	int n, more = 1;

	while (is_blank(*text))
		text++;
	for (n = 0; n < 4; n++)
		if ((more = next_field(&text, &f[n])) != 1)
			break;
	if (more == -1)
		return bad(errstr, "malformed field");
	if (more == 1 && *text != '\0')
		return bad(errstr, "too many fields");
	if (n == 0)
		return bad(errstr, "empty");
	return n;
}

static struct tun_end
path_end(const struct spec_field *path)
{
	struct tun_end e = { NULL, NULL, -1 };

	e.path = path->s;
	return e;
}

static struct tun_end
port_end(const struct spec_field *host, const struct spec_field *port)
{
	struct tun_end e = { NULL, NULL, -1 };

	e.host = host == NULL ? NULL : host->s;
	e.port = forward_port(port->s);
	return e;
}

/*
 * Finds the meaning of one to four fields.  An invalid port is left at -1, and
 * the caller refuses it; the connect port of a dynamic forward is 0.
 */
static void
read_ends(const struct spec_field *f, int n, struct tun_end *listen,
    struct tun_end *connect)
{
	static const struct tun_end dynamic = { NULL, NULL, 0 };

	switch (n) {
	case 1:
		*listen = f[0].ispath ? path_end(&f[0]) : port_end(NULL, &f[0]);
		*connect = dynamic;
		break;
	case 2:
		if (!f[1].ispath) {
			*listen = port_end(&f[0], &f[1]);
			*connect = dynamic;
			break;
		}
		*listen = f[0].ispath ? path_end(&f[0]) : port_end(NULL, &f[0]);
		*connect = path_end(&f[1]);
		break;
	case 3:
		if (!f[0].ispath && f[2].ispath) {
			*listen = port_end(&f[0], &f[1]);
			*connect = path_end(&f[2]);
			break;
		}
		*listen = f[0].ispath ? path_end(&f[0]) : port_end(NULL, &f[0]);
		*connect = port_end(&f[1], &f[2]);
		break;
	default:
		*listen = port_end(&f[0], &f[1]);
		*connect = port_end(&f[2], &f[3]);
		break;
	}
}

static int
too_long(const struct tun_end *e, const char **errstr)
{
	if (e->path != NULL && strlen(e->path) > PATH_LEN)
		return bad(errstr, "path too long");
	if (e->host != NULL && strlen(e->host) > HOST_LEN)
		return bad(errstr, "host too long");
	return 0;
}

/*
 * The forms that an option accepts.  If it accepts both, the plain form is
 * tried first.  A "dynamic" text of two fields can lead to a path, and is a
 * plain forward then.
 */
#define FORM_PLAIN	0x1
#define FORM_DYNAMIC	0x2
#define FORM_STDIO	0x4	/* with FORM_DYNAMIC */

/* Parses text, which is modified; *fwd points into it. */
static int
parse_text(char *text, int forms, int remote, struct tun_forward *fwd,
    const char **errstr)
{
	struct spec_field f[4];
	struct tun_end *l = &fwd->listen, *c = &fwd->connect;
	const char *why;
	int n;

	if ((n = split(text, f, errstr)) == -1)
		return -1;
	read_ends(f, n, l, c);

	if (n < 3 && l->path == NULL && c->path == NULL)
		why = "too few fields";
	else if (c->path == NULL && c->port <= 0)
		why = err_connect;
	else
		why = NULL;
	if ((forms & FORM_PLAIN) == 0)
		why = "too many fields";
	if (why != NULL && ((forms & FORM_DYNAMIC) == 0 || n > 2))
		return bad(errstr, why);

	if (l->path == NULL && (l->port < 0 || (l->port == 0 && !remote)))
		return bad(errstr, err_listen);
	if (too_long(l, errstr) == -1 || too_long(c, errstr) == -1)
		return -1;
	if (n < 3 && c->path == NULL)
		fwd->kind = remote ? TUN_FWD_RDYNAMIC : TUN_FWD_DYNAMIC;
	else
		fwd->kind = remote ? TUN_FWD_REMOTE : TUN_FWD_LOCAL;
	return 0;
}

/* The value of %c; NULL if it is not known, -1 if ssh has no such token. */
static int
token(const struct expand *x, int c, const char **vp)
{
	const struct {
		int c;
		const char *value;
	} tokens[] = {
		{ '%', "%" },			{ 'C', x->hash },
		{ 'L', x->short_host },		{ 'd', x->home },
		{ 'h', x->host },		{ 'i', x->uid },
		{ 'j', x->jump_host },		{ 'k', x->hostkey_alias },
		{ 'l', x->local_host },		{ 'n', x->host_arg },
		{ 'p', x->port },		{ 'r', x->user },
		{ 'u', x->local_user }
	};
	size_t i;

	for (i = 0; i < NELEM(tokens); i++)
		if (tokens[i].c == c) {
			*vp = tokens[i].value;
			return 0;
		}
	return -1;
}

/* Returns the path with its % tokens replaced, in the arena. */
static int
expand_path(struct arena *a, const char *path, const struct expand *x,
    const char **out, const char **errstr)
{
	const char *p, *value;
	char *s;
	size_t len = 1;

	for (p = path; *p != '\0'; p++) {
		if (*p != '%') {
			len++;
			continue;
		}
		if (token(x, *++p, &value) == -1)
			return bad(errstr, "bad % token");
		if (value == NULL)
			return bad(errstr, fwd_errstr_unknown);
		len += strlen(value);
	}
	if ((s = arena_alloc(a, len)) == NULL)
		return nomem(errstr);
	*out = s;
	for (p = path; *p != '\0'; p++) {
		if (*p != '%') {
			*s++ = *p;
			continue;
		}
		token(x, *++p, &value);
		len = strlen(value);
		memcpy(s, value, len);
		s += len;
	}
	return 0;
}

/* Copies the strings of an end from the parsed text to the arena. */
static int
keep_end(struct arena *a, struct tun_end *e, int tokens,
    const struct expand *x, const char **errstr)
{
	if (e->path != NULL && tokens)
		return expand_path(a, e->path, x, &e->path, errstr);
	if (e->path != NULL && (e->path = arena_strdup(a, e->path)) == NULL)
		return nomem(errstr);
	if (e->host != NULL && (e->host = arena_strdup(a, e->host)) == NULL)
		return nomem(errstr);
	return 0;
}

/*
 * -W is read like -D, but its end is the one to connect to.  A path is not
 * examined further, and % has no meaning.  ssh accepts a -W without a host ("-W
 * 80") and forwards nothing.
 */
static void
turn_stdio(struct tun_forward *fwd)
{
	static const struct tun_end none = { NULL, NULL, -1 };

	fwd->kind = TUN_FWD_STDIO;
	fwd->connect = fwd->listen;
	fwd->listen = none;
}

/*
 * Sets the kind of a forward that needs an unknown value, as far as it shows.
 */
static void
set_unknown(struct tun_forward *fwd, int forms, int remote)
{
	static const struct tun_end unknown = { NULL, NULL, -1 };

	if (forms & FORM_STDIO)
		fwd->kind = TUN_FWD_STDIO;
	else if (remote)
		fwd->kind = TUN_FWD_REMOTE;
	else
		fwd->kind = forms & FORM_PLAIN ? TUN_FWD_LOCAL :
		    TUN_FWD_DYNAMIC;
	fwd->listen = fwd->connect = unknown;
}

/* Keeps both ends, even if one of them needs an unknown value. */
static int
keep_ends(struct arena *a, struct tun_forward *f, int tokens,
    const struct expand *x, const char **errstr)
{
	static const struct tun_end unknown = { NULL, NULL, -1 };
	struct tun_end *const ends[] = { &f->listen, &f->connect };
	size_t i;
	int ret = 0;

	for (i = 0; i < 2; i++) {
		if (keep_end(a, ends[i], tokens, x, errstr) == 0)
			continue;
		if (*errstr != fwd_errstr_unknown)
			return -1;
		*ends[i] = unknown;
		ret = -1;
	}
	if (ret == -1)
		bad(errstr, fwd_errstr_unknown);
	return ret;
}

static int
parse(struct arena *a, const char *spec, int forms, int remote,
    const struct expand *x, struct tun_forward *fwd, const char **errstr)
{
	static const struct expand nothing;
	struct tun_forward f;
	char *text;
	int tokens = (forms & FORM_STDIO) == 0;
	int ret = -1, error;

	if (x == NULL)
		x = &nothing;
	if ((text = expand_env(spec, x, errstr)) == NULL) {
		if (*errstr == fwd_errstr_unknown)
			set_unknown(fwd, forms, remote);
		return -1;
	}
	if (parse_text(text, forms, remote, &f, errstr) == 0) {
		if (forms & FORM_STDIO)
			turn_stdio(&f);
		ret = keep_ends(a, &f, tokens, x, errstr);
		if (ret == 0 || *errstr == fwd_errstr_unknown)
			*fwd = f;
	}
	error = errno;
	free(text);
	errno = error;
	return ret;
}

int
forward_parse(struct arena *a, enum tun_fwd_kind kind, const char *spec,
    const struct expand *x, struct tun_forward *fwd, const char **errstr)
{
	switch (kind) {
	case TUN_FWD_LOCAL:
		return parse(a, spec, FORM_PLAIN, 0, x, fwd, errstr);
	case TUN_FWD_REMOTE:
	case TUN_FWD_RDYNAMIC:
		return parse(a, spec, FORM_PLAIN | FORM_DYNAMIC, 1, x, fwd,
		    errstr);
	case TUN_FWD_DYNAMIC:
		return parse(a, spec, FORM_DYNAMIC, 0, x, fwd, errstr);
	case TUN_FWD_STDIO:
		return parse(a, spec, FORM_DYNAMIC | FORM_STDIO, 0, x, fwd,
		    errstr);
	case TUN_FWD_DEVICE:
		return forward_parse_device(a, spec, fwd, errstr);
	case TUN_FWD_SERVED:
	case TUN_FWD_DIRECT:
		break;
	}
	return bad(errstr, "no such kind");
}

/*
 * ssh joins the two words with a colon in a buffer of 256 bytes and does not
 * check whether they fit: "LongHost:12345" may become port 123.  We do the
 * same.  An empty second word counts as none.
 */
int
forward_parse_words(struct arena *a, enum tun_fwd_kind kind,
    const char *const *words, size_t nwords, const struct expand *x,
    struct tun_forward *fwd, const char **errstr)
{
	char spec[WORDS_LEN + 1];
	int forms = FORM_DYNAMIC, remote, two;

	remote = kind == TUN_FWD_REMOTE || kind == TUN_FWD_RDYNAMIC;
	if (nwords == 0 || *words[0] == '\0')
		return bad(errstr, "empty");
	if (nwords > (kind == TUN_FWD_DYNAMIC ? 1 : 2))
		return bad(errstr, "too many words");
	two = nwords == 2 && *words[1] != '\0';
	if (two)
		forms = FORM_PLAIN;
	else if (kind == TUN_FWD_LOCAL)
		return bad(errstr, "no target");
	snprintf(spec, sizeof(spec), "%s%s%s", words[0], two ? ":" : "",
	    two ? words[1] : "");
	return parse(a, spec, forms, remote, x, fwd, errstr);
}

/*
 * Returns "any" or a number in plain form; NULL if s is neither, or without
 * memory.
 */
static const char *
parse_unit(struct arena *a, const char *s, const char **errstr)
{
	const char *p = s;
	char *unit;
	long long n = 0;

	if (strcasecmp(s, "any") == 0)
		return "any";
	while (is_blank(*p))
		p++;
	p += *p == '+';
	if (!isdigit((unsigned char)*p)) {
		bad(errstr, "bad tunnel device");
		return NULL;
	}
	for (; isdigit((unsigned char)*p); p++)
		if (n <= UNIT_MAX)
			n = n * 10 + (*p - '0');
	if (*p != '\0' || n > UNIT_MAX) {
		bad(errstr, "bad tunnel device");
		return NULL;
	}
	if ((unit = arena_printf(a, "%lld", n)) == NULL)
		nomem(errstr);
	return unit;
}

int
forward_parse_device(struct arena *a, const char *spec,
    struct tun_forward *fwd, const char **errstr)
{
	struct tun_forward f = { TUN_FWD_DEVICE, { NULL, NULL, -1 },
	    { NULL, "any", -1 } };
	const char *colon;
	char *local;

	if ((colon = strchr(spec, ':')) == NULL)
		f.listen.host = parse_unit(a, spec, errstr);
	else {
		local = arena_strndup(a, spec, (size_t)(colon - spec));
		if (local == NULL)
			return nomem(errstr);
		f.listen.host = parse_unit(a, local, errstr);
		f.connect.host = parse_unit(a, colon + 1, errstr);
	}
	if (f.listen.host == NULL || f.connect.host == NULL)
		return -1;
	*fwd = f;
	return 0;
}

static void
strings_of(struct tun_forward *fwd, const char **sp[4])
{
	sp[0] = &fwd->listen.path;
	sp[1] = &fwd->listen.host;
	sp[2] = &fwd->connect.path;
	sp[3] = &fwd->connect.host;
}

/* Copies the forward and its strings into one block, for free(3). */
static struct tun_forward *
clone(const struct tun_forward *src)
{
	struct tun_forward f = *src, *fwd;
	const char **sp[4];
	char *s;
	size_t i, n, len = 0;

	strings_of(&f, sp);
	for (i = 0; i < 4; i++)
		if (*sp[i] != NULL)
			len += strlen(*sp[i]) + 1;
	if ((fwd = malloc(sizeof(*fwd) + len)) == NULL)
		return NULL;
	s = (char *)(fwd + 1);
	for (i = 0; i < 4; i++) {
		if (*sp[i] == NULL)
			continue;
		n = strlen(*sp[i]) + 1;
		*sp[i] = memcpy(s, *sp[i], n);
		s += n;
	}
	*fwd = f;
	return fwd;
}

/*
 * Of the % tokens only those of this user (%d, %i, %u) are known here.  A token
 * that depends on a connection is refused.
 */
struct tun_forward *
tun_forward_parse(enum tun_fwd_kind kind, const char *spec,
    const char **errstr)
{
	struct expand x;
	struct tun_forward f, *fwd = NULL;
	struct arena *a;
	const struct passwd *pw;
	char uid[3 * sizeof(uid_t) + 1];
	int error;

	memset(&x, 0, sizeof(x));
	x.env = (const char *const *)environ;
	snprintf(uid, sizeof(uid), "%lu", (unsigned long)getuid());
	x.uid = uid;
	if ((a = arena_new()) == NULL) {
		nomem(errstr);
		return NULL;
	}
	/*
	 * The user database may be remote, so it is read only if it is needed.
	 */
	if (strchr(spec, '%') != NULL &&
	    (pw = user_find(a, getuid())) != NULL) {
		x.home = pw->pw_dir;
		x.local_user = pw->pw_name;
	}
	if (forward_parse(a, kind, spec, &x, &f, errstr) == 0 &&
	    (fwd = clone(&f)) == NULL)
		nomem(errstr);
	error = errno;
	arena_free(a);
	errno = error;
	return fwd;
}

void
tun_forward_free(struct tun_forward *fwd)
{
	free(fwd);
}

struct out {
	char *buf;
	size_t len, n;		/* n also counts what did not fit */
};

static void
put(struct out *o, int c)
{
	if (o->n + 1 < o->len)
		o->buf[o->n] = (char)c;
	o->n++;
}

static void
put_string(struct out *o, const char *s)
{
	while (*s != '\0')
		put(o, *s++);
}

/*
 * Escapes everything that would end the field or change its meaning: the bytes
 * in special, a bracket at the beginning, blanks at the beginning of the text,
 * and "${".
 */
static void
put_escaped(struct out *o, const char *s, const char *special, int tokens)
{
	const char *p;

	for (p = s; *p != '\0'; p++) {
		if (strchr(special, *p) != NULL ||
		    (p == s && *p == '[') ||
		    (o->n == 0 && is_blank(*p)) ||
		    (p > s && p[-1] == '$' && *p == '{'))
			put(o, '\\');
		if (tokens && *p == '%')
			put(o, '%');
		put(o, *p);
	}
}

/*
 * Brackets are easier to read than escapes.  They are not possible around a
 * "]", around a slash (the field would be a path), or around "${" (it would be
 * replaced).
 */
static void
put_end(struct out *o, const struct tun_end *e, int tokens)
{
	char port[3 * sizeof(int) + 2];

	if (e->path != NULL) {
		put_escaped(o, e->path, ":\\", tokens);
		return;
	}
	if (!end_is_known(e)) {
		put(o, '?');
		return;
	}
	if (e->host != NULL && strchr(e->host, ':') != NULL &&
	    strpbrk(e->host, "/]") == NULL && strstr(e->host, "${") == NULL) {
		put(o, '[');
		put_string(o, e->host);
		put_string(o, "]:");
	} else if (e->host != NULL) {
		put_escaped(o, e->host, ":\\/", 0);
		put(o, ':');
	}
	snprintf(port, sizeof(port), "%d", e->port);
	put_string(o, port);
}

static const char *
unit(const struct tun_end *e)
{
	return e->host == NULL ? "any" : e->host;
}

/*
 * The result parses to the same forward again, with one exception: a path that
 * its % tokens make longer than a socket path may be.  ssh cannot use that
 * either.
 */
int
tun_forward_format(const struct tun_forward *fwd, char *buf, size_t len)
{
	struct out o = { NULL, 0, 0 };

	o.buf = buf;
	o.len = len;
	switch (fwd->kind) {
	case TUN_FWD_LOCAL:
	case TUN_FWD_REMOTE:
		put_end(&o, &fwd->listen, 1);
		put(&o, ':');
		put_end(&o, &fwd->connect, 1);
		break;
	case TUN_FWD_DYNAMIC:
	case TUN_FWD_RDYNAMIC:
	case TUN_FWD_SERVED:
		put_end(&o, &fwd->listen, 1);
		break;
	case TUN_FWD_STDIO:
	case TUN_FWD_DIRECT:
		put_end(&o, &fwd->connect, 0);
		break;
	case TUN_FWD_DEVICE:
		put_string(&o, unit(&fwd->listen));
		put(&o, ':');
		put_string(&o, unit(&fwd->connect));
		break;
	}
	if (len > 0)
		buf[o.n < len ? o.n : len - 1] = '\0';
	return (int)o.n;
}

/* NULL, which means not given, sorts before "". */
static int
cmp_string(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int
cmp_end(const struct tun_end *a, const struct tun_end *b)
{
	int d;

	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	if ((d = cmp_string(a->host, b->host)) != 0)
		return d;
	return cmp_string(a->path, b->path);
}

/* A total order; 0 if ssh, too, takes both for the same forward. */
int
tun_forward_cmp(const struct tun_forward *a, const struct tun_forward *b)
{
	int d;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if ((d = cmp_end(&a->listen, &b->listen)) != 0)
		return d;
	return cmp_end(&a->connect, &b->connect);
}

int
tun_forward_is_local(const struct tun_forward *fwd)
{
	return fwd->kind == TUN_FWD_LOCAL || fwd->kind == TUN_FWD_DYNAMIC;
}

static const char *
plain_host(const char *host)
{
	if (host == NULL)
		return "localhost";
	return *host == '\0' ? "*" : host;
}

int
tun_forward_same_listener(const struct tun_forward *a,
    const struct tun_forward *b)
{
	const struct tun_end *x = &a->listen, *y = &b->listen;

	if (tun_forward_is_local(a) != tun_forward_is_local(b) ||
	    !end_is_known(x) || !end_is_known(y))
		return 0;
	if (x->path != NULL || y->path != NULL)
		return x->path != NULL && y->path != NULL &&
		    strcmp(x->path, y->path) == 0;
	if (x->port != y->port ||
	    strcmp(plain_host(x->host), plain_host(y->host)) != 0)
		return 0;
	/* The server chooses another port for each target. */
	return x->port != 0 || tun_forward_cmp(a, b) == 0;
}

int
end_is_known(const struct tun_end *end)
{
	return end->path != NULL || end->host != NULL || end->port != -1;
}
