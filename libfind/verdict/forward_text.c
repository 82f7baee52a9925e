/* SPDX-License-Identifier: ISC */
/*
 * The two ends of a forward as the user sees them: the texts of the columns
 * LISTEN and TARGET.  These texts are also selectors.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "verdict.h"

/* A text buffer.  As with snprintf(3), n also counts what did not fit. */
struct text {
	char *buf;
	size_t len, n;
};

static void put(struct text *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(struct text *t, const char *fmt, ...)
{
	size_t left = t->n < t->len ? t->len - t->n : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(left > 0 ? t->buf + t->n : NULL, left, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->n += (size_t)n;
}

/*
 * Writes host:port, with the host in brackets if it contains colons.  The
 * server chooses the port of -R 0, and only the server knows it.
 */
static void
put_host_port(struct text *t, const char *host, int port)
{
	int colons = strchr(host, ':') != NULL;

	put(t, "%s%s%s:", colons ? "[" : "", host, colons ? "]" : "");
	if (port > 0)
		put(t, "%d", port);
	else
		put(t, "?");
}

/* Writes nothing if the address is not known. */
static void
put_addr(struct text *t, const struct tun_addr *addr)
{
	char ip[INET6_ADDRSTRLEN];

	if (addr->family == AF_UNIX && addr->path != NULL)
		put(t, "%s", addr->path);
	else if ((addr->family == AF_INET || addr->family == AF_INET6) &&
	    inet_ntop(addr->family, addr->ip, ip, sizeof(ip)) != NULL)
		put_host_port(t, ip, addr->port);
}

/*
 * The host that a local forward listens on: the one that was asked for or, if
 * ssh chose it, the one that the sockets show.
 */
static void
put_local(struct text *t, const struct tun_fwd *fwd)
{
	const struct tun_end *end = &fwd->spec.listen;
	const struct tun_addr *addr;
	size_t i;
	int loopback = 1, any = 0;

	if (end->host != NULL) {
		put_host_port(t, *end->host != '\0' ? end->host : "*",
		    end->port);
		return;
	}
	for (i = 0; i < fwd->naddrs; i++) {
		addr = &fwd->addrs[i];
		if (addr->family == AF_UNIX)
			continue;
		any |= addr_is_any(addr->ip);
		loopback &= addr_is_loopback(addr->family, addr->ip);
	}
	if (!any && !loopback)
		put_addr(t, &fwd->addrs[0]);
	else
		put_host_port(t, any || fwd->exposed == 1 ? "*" : "localhost",
		    end->port);
}

/* Was the server asked for an address other than its loopback? */
static int
reaches_out(const struct tun_end *end)
{
	return end->host != NULL && strcmp(end->host, "localhost") != 0 &&
	    strncmp(end->host, "127.", 4) != 0 &&
	    strcmp(end->host, "::1") != 0;
}

/*
 * A remote forward listens on the server, by default on its loopback.  Any
 * other address of the server is written before its name: *@server:8080.
 */
static void
put_remote(struct text *t, const struct tun_end *end, const char *server)
{
	if (end->path != NULL) {
		put(t, "%s:%s", server, end->path);
		return;
	}
	if (reaches_out(end))
		put(t, "%s@", *end->host != '\0' ? end->host : "*");
	put_host_port(t, server, end->port);
}

/* Returns 0 if the unit is not known. */
static int
put_unit(struct text *t, const char *unit, int ethernet)
{
	if (unit == NULL || strcmp(unit, "any") == 0)
		return 0;
	put(t, "%s%s", ethernet ? "tap" : "tun", unit);
	return 1;
}

int
fwd_is_of_socket(const struct tun_fwd *fwd)
{
	return fwd->source == TUN_SRC_SOCKET || fwd->source == TUN_SRC_MUX;
}

int
fwd_is_unexplained(const struct tun_fwd *fwd)
{
	return fwd->source == TUN_SRC_SOCKET &&
	    fwd->spec.kind == TUN_FWD_LOCAL &&
	    !end_is_known(&fwd->spec.connect);
}

static int
put_listen(struct text *t, const struct tun_fwd *fwd)
{
	const struct tun_end *end = &fwd->spec.listen;
	const char *server = fwd->tun != NULL ? fwd->tun->host : NULL;

	switch (fwd->spec.kind) {
	case TUN_FWD_LOCAL:
	case TUN_FWD_DYNAMIC:
	case TUN_FWD_SERVED:
		if (!end_is_known(end))
			return 0;
		if (end->path != NULL)
			put(t, "%s", end->path);
		else
			put_local(t, fwd);
		return 1;
	case TUN_FWD_REMOTE:
	case TUN_FWD_RDYNAMIC:
		put_remote(t, end, server != NULL ? server : "?");
		return 1;
	case TUN_FWD_STDIO:
		put(t, "stdio");
		return 1;
	case TUN_FWD_DIRECT:
		return 0;
	case TUN_FWD_DEVICE:
		if (fwd->device == NULL)
			return 0;
		put(t, "%s", fwd->device);
		return 1;
	}
	return 0;
}

static int
put_target(struct text *t, const struct tun_fwd *fwd)
{
	const struct tun_end *end = &fwd->spec.connect;

	/* The socket alone does not show whether it belongs to -L or to -D. */
	if (fwd->spec.kind != TUN_FWD_DYNAMIC &&
	    fwd->spec.kind != TUN_FWD_RDYNAMIC && !end_is_known(end))
		return 0;
	switch (fwd->spec.kind) {
	case TUN_FWD_DYNAMIC:
	case TUN_FWD_RDYNAMIC:
		put(t, "socks");
		return 1;
	case TUN_FWD_DEVICE:
		return put_unit(t, end->host, fwd->ethernet);
	default:
		break;
	}
	if (end->path != NULL)
		put(t, "%s", end->path);
	else if (end->host != NULL)
		put_host_port(t, end->host, end->port);
	return end->path != NULL || end->host != NULL;
}

static struct text
text_in(char *buf, size_t len)
{
	struct text t = { NULL, 0, 0 };

	t.buf = buf;
	t.len = len;
	if (len > 0)
		*buf = '\0';
	return t;
}

static int
text_of(int (*put_end)(struct text *, const struct tun_fwd *),
    const struct tun_fwd *fwd, char *buf, size_t len)
{
	struct text t = text_in(buf, len);

	return put_end(&t, fwd) ? (int)t.n : 0;
}

int
tun_listen_text(const struct tun_fwd *fwd, char *buf, size_t len)
{
	return text_of(put_listen, fwd, buf, len);
}

int
tun_target_text(const struct tun_fwd *fwd, char *buf, size_t len)
{
	return text_of(put_target, fwd, buf, len);
}

int
tun_addr_text(const struct tun_addr *addr, char *buf, size_t len)
{
	struct text t = text_in(buf, len);

	put_addr(&t, addr);
	return (int)t.n;
}
