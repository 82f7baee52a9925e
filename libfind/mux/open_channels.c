/* SPDX-License-Identifier: ISC */
/*
 * open_channels.c: the targets of forwards that only a listener shows, from the
 * channels that their master says are open (OpenSSH 10.3):
 *
 *	  #8 direct-tcpip: listening port 8001 for localhost port 80, connect
 *	from ::1 port 5000 to ::1 port 8001 (t4 [direct-tcpip] ... )
 *
 * in one line.  With a path as target the type is direct-streamlocal@openssh.com
 * and the port of the target -2.  Where a path listens, that port is -2, and
 * "connect from  port 0 to PATH port 0" follows.  A client of -D shows its own
 * target; its type in brackets is dynamic-tcpip.
 *
 * Parts of other lines come from the server and from clients of -D, and can
 * contain lines that look like these.  So a forward must be in use, which means
 * that a true line is there, and all lines about it must agree.
 */
#include <stdlib.h>
#include <string.h>

#include "mux.h"

/* ssh cuts a host here; one that is so long may have been cut. */
#define HOST_MAX	100
#define PORT_PATH	(-2)

struct channel {
	int port;		/* where it was accepted; PORT_PATH */
	enum tun_fwd_kind kind;
	const char *host;	/* or path; not ended by NUL */
	size_t len;
	int connect;		/* the port there; PORT_PATH: a path */
	const char *from;	/* the rest, from the client's address on */
};

/* Reads what s must begin with; returns what follows, or NULL. */
static const char *
skip(const char *s, const char *text)
{
	size_t len = strlen(text);

	return s != NULL && strncmp(s, text, len) == 0 ? s + len : NULL;
}

static const char *
skip_number(const char *s, int *n)
{
	char *end;
	long value;

	if (s == NULL)
		return NULL;
	value = strtol(s, &end, 10);
	if (end == s || value < PORT_PATH || value > 65535)
		return NULL;
	*n = (int)value;
	return end;
}

/* Reads the text of a channel of -L or -D, which is one line. */
static int
read_channel(const char *s, struct channel *ch)
{
	const char *type, *end;
	int number;

	if ((type = skip(skip_number(skip(s, "  #"), &number), " ")) == NULL)
		return 0;
	if ((s = skip(type, "direct-tcpip")) == NULL)
		s = skip(type, "direct-streamlocal@openssh.com");
	s = skip_number(skip(s, ": listening port "), &ch->port);
	if ((ch->host = skip(s, " for ")) == NULL ||
	    (end = strstr(ch->host, " port ")) == NULL)
		return 0;
	ch->len = (size_t)(end - ch->host);
	s = skip_number(skip(end, " port "), &ch->connect);
	if ((ch->from = skip(s, ", connect from ")) == NULL)
		return 0;
	ch->kind = strstr(ch->from, " [dynamic-tcpip] ") != NULL ? TUN_FWD_DYNAMIC :
	    TUN_FWD_LOCAL;
	return 1;
}

static int
is_same(const struct channel *a, const struct channel *b)
{
	if (a->kind != b->kind)
		return 0;
	return a->kind == TUN_FWD_DYNAMIC || (a->connect == b->connect &&
	    a->len == b->len && memcmp(a->host, b->host, a->len) == 0);
}

/* Was it accepted where the forward listens? */
static int
came_through(const struct channel *ch, const struct tun_end *listen)
{
	const char *s;

	if (listen->path == NULL)
		return ch->port == listen->port;
	s = skip(skip(ch->from, " port 0 to "), listen->path);
	return ch->port == PORT_PATH && skip(s, " port 0 (") != NULL;
}

/* What all its lines say; 0: there are none, or they do not agree. */
static int
find_channel(const char *const *lines, size_t n, const struct tun_end *listen,
    struct channel *found)
{
	struct channel ch;
	size_t i;
	int any = 0;

	memset(found, 0, sizeof(*found));
	for (i = 0; i < n; i++) {
		if (!read_channel(lines[i], &ch) || !came_through(&ch, listen))
			continue;
		if (any && !is_same(found, &ch))
			return 0;
		*found = ch;
		any = 1;
	}
	return any;
}

/* Is it in use, without a target, and the only one at its port? */
static int
is_asked_for(const struct cand *c, const struct tun_fwd *fwd)
{
	const struct tun_forward *spec;
	size_t i;

	if (!fwd_is_unexplained(fwd) || fwd->conns <= 0)
		return 0;
	for (i = 0; i < c->verdict.tun.nfwds; i++) {
		spec = &c->verdict.fwds[i].spec;
		if (&c->verdict.fwds[i] != fwd && tun_forward_is_local(spec) &&
		    spec->listen.path == NULL &&
		    spec->listen.port == fwd->spec.listen.port)
			return 0;
	}
	return 1;
}

static int
set_target(struct arena *a, struct tun_fwd *fwd, const struct channel *ch)
{
	struct tun_end *to = &fwd->spec.connect;
	char *host;

	if (ch->kind == TUN_FWD_LOCAL) {
		if (ch->len == 0 || ch->len >= HOST_MAX || ch->connect == 0)
			return 0;
		if ((host = arena_strndup(a, ch->host, ch->len)) == NULL)
			return -1;
		if (ch->connect > 0) {
			to->host = host;
			to->port = ch->connect;
		} else if (*host == '/')
			to->path = host;
		else
			return 0;
	} else {
		to->port = 0;
		fwd->spec.kind = TUN_FWD_DYNAMIC;
	}
	fwd->source = TUN_SRC_MUX;
	if (fwd->state == TUN_UNLISTED)
		fwd->state = TUN_BOUND;
	return 0;
}

int
channels_want_targets(const struct cand *c)
{
	size_t i;

	for (i = 0; i < c->verdict.tun.nfwds; i++)
		if (is_asked_for(c, &c->verdict.fwds[i]))
			return 1;
	return 0;
}

int
channels_take_targets(struct cand *c, char *text)
{
	struct tun_fwd *fwd;
	struct channel ch;
	const char **lines = NULL;
	char *line, *last;
	size_t i, n = 0;

	for (line = strtok_r(text, "\r\n", &last); line != NULL;
	    line = strtok_r(NULL, "\r\n", &last))
		if (arena_add_string(c->arena, &lines, &n, line) == -1)
			return -1;
	for (i = 0; i < c->verdict.tun.nfwds; i++) {
		fwd = &c->verdict.fwds[i];
		if (is_asked_for(c, fwd) &&
		    find_channel((const char *const *)lines, n,
		    &fwd->spec.listen, &ch) &&
		    set_target(c->arena, fwd, &ch) == -1)
			return -1;
	}
	return 0;
}
