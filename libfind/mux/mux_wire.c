/* SPDX-License-Identifier: ISC */
/*
 * The protocol of control sockets.  All input is hostile: lengths, types, ids
 * and texts are checked here and nowhere else.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "compat/compat.h"
#include "mux_wire.h"

#ifndef EREMOTEIO
#define EREMOTEIO ECANCELED	/* only Linux has this error */
#endif

/* We choose the request ids. */
#define RID_PROVE	0
#define RID_ASK		1

/* A hello without extensions, as ssh sends it, followed by ALIVE_CHECK. */
static const unsigned char greeting[] = {
	0, 0, 0, 8,	0, 0, 0, 1,	0, 0, 0, MUX_VERSION,
	0, 0, 0, 8,	0x10, 0, 0, 4,	0, 0, 0, RID_PROVE
};

/* The bytes left of a body, and how many of them were kept. */
struct cursor {
	const unsigned char *p;
	size_t left;
	size_t kept;
};

static void
end_talk(struct mux_talk *t, int error)
{
	t->phase = MUX_DONE;
	t->error = error;
	t->outlen = 0;
}

/* The master did what it was asked, and has no more to say. */
static void
end_well(struct mux_talk *t)
{
	t->reply.text[0] = '\0';
	end_talk(t, 0);
}

void
mux_talk_fail(struct mux_talk *t, int error, const char *text)
{
	/* The first error counts. */
	if (t->phase == MUX_DONE)
		return;
	strlcpy(t->reply.text, text, t->reply.room);
	end_talk(t, error);
}

static void
say(struct mux_talk *t, const unsigned char *out, size_t len)
{
	assert(t->outlen == 0);
	t->out = out;
	t->outlen = len;
}

void
mux_talk_init(struct mux_talk *t, char *text, size_t room)
{
	memset(t, 0, sizeof(*t));
	t->reply.text = text;
	t->reply.room = room;
	t->request = MUX_ALIVE_CHECK;
	say(t, greeting, 0);	/* nothing yet, but not a NULL pointer */
}

/* --- requests ------------------------------------------------------------ */

static void
store32(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 24);
	p[1] = (unsigned char)(v >> 16);
	p[2] = (unsigned char)(v >> 8);
	p[3] = (unsigned char)v;
}

static void
put32(struct mux_talk *t, uint32_t v)
{
	assert(sizeof(t->ask) - t->asklen >= 4);
	store32(t->ask + t->asklen, v);
	t->asklen += 4;
}

static void
put_str(struct mux_talk *t, const char *s)
{
	size_t len = strlen(s);

	put32(t, (uint32_t)len);
	assert(sizeof(t->ask) - t->asklen >= len);
	memcpy(t->ask + t->asklen, s, len);
	t->asklen += len;
}

static void
begin_ask(struct mux_talk *t, uint32_t type)
{
	t->request = type;
	t->asklen = 4;		/* room for the length */
	put32(t, type);
	put32(t, RID_ASK);
}

static void
end_ask(struct mux_talk *t)
{
	store32(t->ask, (uint32_t)(t->asklen - 4));
}

void
mux_ask(struct mux_talk *t, uint32_t type)
{
	begin_ask(t, type);
	end_ask(t);
}

void
mux_ask_info(struct mux_talk *t, const char *what)
{
	/* A master of 10.3 exits on an EXT_INFO that it cannot read. */
	if (what == NULL || (strcmp(what, "connection") != 0 &&
	    strcmp(what, "channels") != 0)) {
		mux_talk_fail(t, EINVAL, "no such information");
		return;
	}
	begin_ask(t, MUX_EXT_INFO);
	put_str(t, what);
	end_ask(t);
}

/* PROTOCOL.mux says that the port is a string; every ssh sends a number. */
void
mux_ask_stdio(struct mux_talk *t, const char *host, uint32_t port)
{
	begin_ask(t, MUX_NEW_STDIO_FWD);
	put_str(t, "");
	put_str(t, host);
	put32(t, port);
	end_ask(t);
}

/*
 * Returns the reason if an end cannot be sent, or NULL.  A port of 0 is allowed
 * if zero_ok is set.
 */
static const char *
bad_end(const struct tun_end *end, int zero_ok)
{
	if (end->path != NULL) {
		if (end->path[0] == '\0')
			return "empty path";
		if (strlen(end->path) > MUX_MAX_NAME)
			return "path too long";
		return NULL;
	}
	if (end->host != NULL && strlen(end->host) > MUX_MAX_NAME)
		return "host too long";
	if (end->port < (zero_ok ? 0 : 1) || end->port > 65535)
		return "bad port";
	return NULL;
}

static int
is_empty_host(const struct tun_end *end)
{
	return end->path == NULL && end->host != NULL && end->host[0] == '\0';
}

/* Returns what is wrong with a forward for any master, or NULL. */
static const char *
bad_fwd(uint32_t ftype, const struct tun_end *listen,
    const struct tun_end *connect, int dynamic)
{
	const char *errstr;

	/*
	 * A local port 0 would bind two ports that are not reported.  For a
	 * remote one, the server does report the port that it has chosen.
	 */
	errstr = bad_end(listen, ftype == MUX_FWD_REMOTE);
	if (errstr == NULL && !dynamic)
		errstr = bad_end(connect, 0);
	if (errstr == NULL && connect->path == NULL && connect->host == NULL)
		errstr = "no target host";
	return errstr;
}

/*
 * Returns the reason if the protocol cannot express a forward that ssh accepts,
 * or NULL.
 *
 * A master compares all six fields byte for byte with the forward that its
 * parser made, where a host can be present and empty.  In the protocol an empty
 * host means an absent one, so such a forward cannot be named.  A request for
 * it could only fail with "port not forwarded", or cancel another forward.
 */
static const char *
unspeakable(uint32_t type, uint32_t ftype, const struct tun_end *listen,
    const struct tun_end *connect)
{
	if (type == MUX_CLOSE_FWD && is_empty_host(listen))
		return "cannot be cancelled over the mux: its bind address is "
		    "empty, which the protocol cannot say "
		    "(one that was added over the mux is \"*\")";
	if (type == MUX_CLOSE_FWD && is_empty_host(connect))
		return "cannot be cancelled over the mux: its target host is "
		    "empty, which the protocol cannot say";
	if (type == MUX_OPEN_FWD && is_empty_host(connect))
		return "cannot be opened over the mux: its target host is "
		    "empty, which the protocol cannot say";
	if (type == MUX_OPEN_FWD && ftype == MUX_FWD_DYNAMIC &&
	    listen->path != NULL)
		return "cannot be opened over the mux: a master refuses a "
		    "dynamic forward on a path";
	return NULL;
}

/* The protocol's forwarding type, or 0.  A master exits on any unknown type. */
static uint32_t
fwd_type(enum tun_fwd_kind kind)
{
	switch (kind) {
	case TUN_FWD_LOCAL:
		return MUX_FWD_LOCAL;
	case TUN_FWD_REMOTE:
	case TUN_FWD_RDYNAMIC:
		return MUX_FWD_REMOTE;
	case TUN_FWD_DYNAMIC:
		return MUX_FWD_DYNAMIC;
	default:
		return 0;
	}
}

/* How a master keeps a dynamic forward; an empty host never matches. */
static const struct tun_end socks = { NULL, "socks", 0 };

static void
put_end(struct mux_talk *t, const struct tun_end *end)
{
	if (end->path != NULL) {
		put_str(t, end->path);
		put32(t, MUX_PORT_PATH);
	} else {
		put_str(t, end->host != NULL ? end->host : "");
		put32(t, (uint32_t)end->port);
	}
}

const char *
mux_fwd_error(const struct tun_forward *fwd)
{
	uint32_t ftype = fwd_type(fwd->kind);
	int dynamic = fwd->kind == TUN_FWD_DYNAMIC ||
	    fwd->kind == TUN_FWD_RDYNAMIC;
	const struct tun_end *connect = dynamic ? &socks : &fwd->connect;
	const char *errstr;

	if (ftype == 0)
		return "not a forward that a master keeps";
	errstr = bad_fwd(ftype, &fwd->listen, connect, dynamic);
	return errstr != NULL ? errstr :
	    unspeakable(MUX_OPEN_FWD, ftype, &fwd->listen, connect);
}

void
mux_ask_fwd(struct mux_talk *t, uint32_t type, const struct tun_forward *fwd)
{
	struct tun_end listen = fwd->listen, connect = fwd->connect;
	const char *errstr;
	uint32_t ftype;
	int dynamic;

	if ((ftype = fwd_type(fwd->kind)) == 0) {
		mux_talk_fail(t, EINVAL, "not a forward that a master keeps");
		return;
	}
	dynamic = fwd->kind == TUN_FWD_DYNAMIC || fwd->kind == TUN_FWD_RDYNAMIC;
	if (dynamic)
		connect = socks;
	if ((errstr = bad_fwd(ftype, &listen, &connect, dynamic)) != NULL) {
		mux_talk_fail(t, EINVAL, errstr);
		return;
	}
	if ((errstr = unspeakable(type, ftype, &listen, &connect)) != NULL) {
		mux_talk_fail(t, ENOTSUP, errstr);
		return;
	}

	/*
	 * Both mean every address; only "*" can be expressed in the protocol.
	 */
	if (is_empty_host(&listen))
		listen.host = "*";
	t->want_port = type == MUX_OPEN_FWD && ftype == MUX_FWD_REMOTE &&
	    listen.path == NULL && listen.port == 0;

	begin_ask(t, type);
	put32(t, ftype);
	put_end(t, &listen);
	put_end(t, &connect);
	end_ask(t);
}

/* --- replies ------------------------------------------------------------- */

static uint32_t
load32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static void
garbled(struct mux_talk *t, const char *text)
{
	mux_talk_fail(t, EPROTO, text);
}

static int
take32(struct cursor *c, uint32_t *v)
{
	if (c->kept < 4)
		return -1;
	*v = load32(c->p);
	c->p += 4;
	c->left -= 4;
	c->kept -= 4;
	return 0;
}

/* *have is the number of the string's len bytes that were kept. */
static int
take_str(struct cursor *c, const unsigned char **s, uint32_t *len,
    size_t *have)
{
	if (take32(c, len) == -1 || *len > c->left)
		return -1;
	*s = c->p;
	*have = *len < c->kept ? *len : c->kept;
	c->p += *have;
	c->left -= *len;
	c->kept -= *have;
	return 0;
}

/*
 * Moves as much text as is kept, up to a NUL, to the start of the room where it
 * arrived.
 */
static int
take_text(struct cursor *c, struct mux_reply *reply)
{
	const unsigned char *s;
	char mark[48] = "";
	uint32_t len;
	size_t have, n = 0;

	if (take_str(c, &s, &len, &have) == -1)
		return -1;
	have = strnlen((const char *)s, have);
	if (have < len)
		n = (size_t)snprintf(mark, sizeof(mark), " [cut: %lu bytes]",
		    (unsigned long)len);
	if (have > reply->room - 1 - n)
		have = reply->room - 1 - n;
	memmove(reply->text, s, have);
	memcpy(reply->text + have, mark, n + 1);
	return 0;
}

static int
is_str(const unsigned char *s, uint32_t len, const char *want)
{
	return len == strlen(want) && memcmp(s, want, len) == 0;
}

/* Extensions: pairs of name and value up to the end of the hello. */
static int
take_extensions(struct mux_talk *t, struct cursor *c)
{
	const unsigned char *name, *value;
	uint32_t namelen, valuelen;
	size_t have;

	/*
	 * The pair is longer than what is kept, and no extension that we use
	 * is.
	 */
	if (c->kept < c->left)
		return 0;
	while (c->left > 0) {
		if (take_str(c, &name, &namelen, &have) == -1 ||
		    take_str(c, &value, &valuelen, &have) == -1)
			return -1;
		/*
		 * Another value may mean another layout, and a master exits on
		 * an EXT_INFO that it cannot read.
		 */
		if (is_str(name, namelen, "info") &&
		    is_str(value, valuelen, "0"))
			t->has_info = 1;
	}
	return 0;
}

static void
hear_hello(struct mux_talk *t, struct cursor *c)
{
	uint32_t type, version;

	if (take32(c, &type) == -1 || type != MUX_HELLO ||
	    take32(c, &version) == -1) {
		garbled(t, "does not say hello");
		return;
	}
	if (version != MUX_VERSION) {
		garbled(t, "another version of the protocol");
		return;
	}
	if (take_extensions(t, c) == -1) {
		garbled(t, "garbled hello");
		return;
	}
	if (t->request == MUX_EXT_INFO && !t->has_info) {
		mux_talk_fail(t, ENOTSUP, "the master is too old to say");
		return;
	}
	t->phase = MUX_PROVE;
	say(t, greeting, sizeof(greeting));
}

static int
hear_alive(struct mux_talk *t, struct cursor *c)
{
	uint32_t pid;

	if (take32(c, &pid) == -1 || pid == 0 || pid > INT_MAX)
		return -1;
	t->reply.pid = (pid_t)pid;
	if (t->want_pid != 0 && t->want_pid != t->reply.pid) {
		mux_talk_fail(t, ESRCH, "another master is there by now");
		return 0;
	}
	if (t->request == MUX_ALIVE_CHECK) {
		end_well(t);
		return 0;
	}
	t->phase = MUX_ASK;
	say(t, t->ask, t->asklen);
	return 0;
}

/*
 * The port that the server reported; 0 if the master has the forward but never
 * got a port.
 */
static int
hear_port(struct mux_talk *t, struct cursor *c)
{
	uint32_t port;

	if (!t->want_port || take32(c, &port) == -1 || port > 65535)
		return -1;
	t->reply.port = port;
	end_well(t);
	return 0;
}

static int
hear_info(struct mux_talk *t, struct cursor *c)
{
	uint32_t status;

	if (take32(c, &status) == -1 || take_text(c, &t->reply) == -1)
		return -1;
	if (status == 1)
		end_talk(t, 0);
	else
		end_talk(t, EREMOTEIO);
	return 0;
}

/* The request was refused; keeps the reason. */
static int
hear_refusal(struct mux_talk *t, struct cursor *c, uint32_t type,
    uint32_t asked)
{
	if (take_text(c, &t->reply) == -1)
		return -1;
	/*
	 * The server has refused to connect, so it has answered, and that was
	 * the question.  DENIED is the answer of the master itself.
	 */
	if (asked == MUX_NEW_STDIO_FWD && type == MUX_FAILURE)
		end_talk(t, 0);
	else
		end_talk(t, EREMOTEIO);
	return 0;
}

static void
hear_reply(struct mux_talk *t, struct cursor *c)
{
	uint32_t type, rid, asked, want;
	int r = -1;

	if (t->phase == MUX_PROVE) {
		asked = MUX_ALIVE_CHECK;
		want = RID_PROVE;
	} else {
		asked = t->request;
		want = RID_ASK;
	}
	if (take32(c, &type) == -1 || take32(c, &rid) == -1 || rid != want) {
		garbled(t, "answers another request");
		return;
	}
	if (t->outlen > 0) {
		garbled(t, "answers before it is asked");
		return;
	}

	switch (type) {
	case MUX_FAILURE:
	case MUX_DENIED:
		r = hear_refusal(t, c, type, asked);
		break;
	case MUX_ALIVE:
		if (asked == MUX_ALIVE_CHECK)
			r = hear_alive(t, c);
		break;
	case MUX_OK:
		if (asked == MUX_OPEN_FWD || asked == MUX_CLOSE_FWD ||
		    asked == MUX_TERMINATE || asked == MUX_STOP_LISTENING) {
			end_well(t);
			r = 0;
		}
		break;
	case MUX_REMOTE_PORT:
		if (asked == MUX_OPEN_FWD)
			r = hear_port(t, c);
		break;
	case MUX_SESSION_OPENED:
		/*
		 * A process on the server listens on that port, so the server
		 * has answered.
		 */
		if (asked == MUX_NEW_STDIO_FWD) {
			end_well(t);
			r = 0;
		}
		break;
	case MUX_EXT_INFO_REPLY:
		if (asked == MUX_EXT_INFO)
			r = hear_info(t, c);
		break;
	}
	if (r == -1)
		garbled(t, "garbled reply");
}

static void
hear_frame(struct mux_talk *t)
{
	struct cursor c;

	c.p = (const unsigned char *)t->reply.text;
	c.left = t->need;
	c.kept = t->got < t->reply.room ? t->got : t->reply.room;
	if (t->phase == MUX_GREET)
		hear_hello(t, &c);
	else
		hear_reply(t, &c);
	t->nhead = 0;
	t->got = 0;
}

/* Takes up to 4 bytes of the length; returns how many. */
static size_t
input_head(struct mux_talk *t, const unsigned char *p, size_t len)
{
	size_t n = sizeof(t->head) - t->nhead;

	if (n > len)
		n = len;
	memcpy(t->head + t->nhead, p, n);
	t->nhead += n;
	if (t->nhead == sizeof(t->head)) {
		t->need = load32(t->head);
		if (t->need < 4 || t->need > MUX_MAX_BODY)
			garbled(t, "bad frame length");
	}
	return n;
}

static size_t
input_body(struct mux_talk *t, const unsigned char *p, size_t len)
{
	size_t keep, n = t->need - t->got;

	if (n > len)
		n = len;
	if (t->got < t->reply.room) {
		keep = t->reply.room - t->got;
		memcpy(t->reply.text + t->got, p, n < keep ? n : keep);
	}
	t->got += n;
	if (t->got == t->need)
		hear_frame(t);
	return n;
}

void
mux_talk_input(struct mux_talk *t, const void *buf, size_t len)
{
	const unsigned char *p = buf;
	size_t n;

	while (len > 0 && t->phase != MUX_DONE) {
		if (t->nhead < sizeof(t->head))
			n = input_head(t, p, len);
		else
			n = input_body(t, p, len);
		p += n;
		len -= n;
	}
}

void
mux_talk_sent(struct mux_talk *t, size_t n)
{
	assert(n <= t->outlen);
	t->out += n;
	t->outlen -= n;
}

void
mux_talk_eof(struct mux_talk *t)
{
	/* The master ended as it was told to, mostly before it could answer. */
	if (t->phase == MUX_ASK && t->request == MUX_TERMINATE &&
	    t->outlen == 0 && t->nhead == 0)
		end_well(t);
	else if (t->phase == MUX_GREET && t->nhead == 0)
		mux_talk_fail(t, ECONNABORTED, "closes on us");
	else
		mux_talk_fail(t, ECONNABORTED,
		    "closes the connection without an answer");
}
