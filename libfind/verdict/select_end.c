/* SPDX-License-Identifier: ISC */
/*
 * Selectors for one end of a forward, or for both ends.  A word has to match a
 * whole value, never a part of it.
 */
#include <sys/socket.h>

#include <netinet/in.h>

#include <arpa/inet.h>

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "select.h"

/* room for bind@host:port with the longest names that ssh accepts */
#define TEXT_MAX	2304

/* A longer text cannot be a selector, so it is not compared. */
static int
is_text(int (*text)(const struct tun_fwd *, char *, size_t),
    const struct tun_fwd *fwd, const char *s)
{
	char buf[TEXT_MAX];
	int n = text(fwd, buf, sizeof(buf));

	return n > 0 && (size_t)n < sizeof(buf) && strcmp(buf, s) == 0;
}

/* Compares names without regard to case, and addresses by their value. */
static int
same_host(const char *a, size_t alen, const char *b, size_t blen)
{
	char as[INET6_ADDRSTRLEN], bs[INET6_ADDRSTRLEN];
	struct addr x, y;

	if (alen == blen && strncasecmp(a, b, alen) == 0)
		return 1;
	if (alen >= sizeof(as) || blen >= sizeof(bs))
		return 0;
	memcpy(as, a, alen);
	memcpy(bs, b, blen);
	as[alen] = bs[blen] = '\0';
	if (!addr_parse(as, &x) || !addr_parse(bs, &y))
		return 0;
	x = addr_plain(x.family, x.ip);
	y = addr_plain(y.family, y.ip);
	return x.family == y.family && memcmp(x.ip, y.ip, sizeof(x.ip)) == 0;
}

static int
is_host(const struct site *site, const char *host)
{
	return host != NULL &&
	    same_host(site->host, site->hostlen, host, strlen(host));
}

int
select_number(const char *s)
{
	int n = 0;

	if (*s == '\0')
		return -1;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || n > (INT_MAX - (*s - '0')) / 10)
			return -1;
		n = n * 10 + (*s - '0');
	}
	return n;
}

/* A host with several colons and no brackets is an address without a port. */
void
site_read(struct site *site, const char *s)
{
	const char *at, *end;

	memset(site, 0, sizeof(*site));
	site->port = -1;
	if (strncmp(s, "ssh://", 6) == 0)
		s += 6;
	if ((at = strrchr(s, '@')) != NULL) {
		site->user = s;
		site->userlen = (size_t)(at - s);
		s = at + 1;
	}
	if (*s == '[' && (end = strchr(s, ']')) != NULL) {
		site->host = s + 1;
		site->hostlen = (size_t)(end - s) - 1;
		if (end[1] == ':')
			site->port = select_number(end + 2);
		/* "[::1]x", "[::1]:8080:h:80": this is no host. */
		if (end[1] != '\0' && site->port == -1)
			site->hostlen = 0;
		return;
	}
	site->host = s;
	site->hostlen = strlen(s);
	end = strchr(s, ':');
	if (end == NULL || strchr(end + 1, ':') != NULL ||
	    select_number(end + 1) == -1)
		return;
	site->hostlen = (size_t)(end - s);
	site->port = select_number(end + 1);
}

int
site_fits(const struct site *asked, const struct site *site)
{
	if (asked->hostlen == 0 || !same_host(asked->host, asked->hostlen,
	    site->host, site->hostlen))
		return 0;
	if (asked->user != NULL && (site->user == NULL ||
	    asked->userlen != site->userlen ||
	    memcmp(asked->user, site->user, site->userlen) != 0))
		return 0;
	return asked->port == -1 || asked->port == site->port;
}

int
select_is_path(const char *s, const char *path, const char *cwd)
{
	size_t n;

	if (path == NULL)
		return 0;
	if (strcmp(s, path) == 0)
		return 1;
	if (*path == '/' || cwd == NULL)
		return 0;
	while (path[0] == '.' && path[1] == '/')
		for (path += 2; *path == '/'; path++)
			;
	n = strlen(cwd);
	if (strncmp(s, cwd, n) != 0)
		return 0;
	s += n;
	if (n > 0 && cwd[n - 1] == '/')
		return strcmp(s, path) == 0;
	return *s == '/' && strcmp(s + 1, path) == 0;
}

static int
is_remote(const struct tun_forward *fwd)
{
	return fwd->kind == TUN_FWD_REMOTE || fwd->kind == TUN_FWD_RDYNAMIC;
}

/* --- the listening end --------------------------------------------------- */

/* Does ssh bind this address for "localhost"? */
static int
is_localhost(int family, const unsigned char *ip)
{
	static const unsigned char one4[4] = { 127, 0, 0, 1 };

	return family == AF_INET ? memcmp(ip, one4, 4) == 0 :
	    addr_is_loopback(family, ip);
}

/* Is it bound to an address that the bind address of the command line means? */
static int
is_bound(const struct tun_addr *addr, const struct site *site)
{
	char ip[INET6_ADDRSTRLEN];

	if (addr->family == AF_UNIX || addr->port != site->port ||
	    inet_ntop(addr->family, addr->ip, ip, sizeof(ip)) == NULL)
		return 0;
	if (is_host(site, ip))
		return 1;
	if (is_host(site, "*"))
		return addr_is_any(addr->ip);
	return is_host(site, "localhost") &&
	    is_localhost(addr->family, addr->ip);
}

static int
listens_here(const struct site *site, const struct tun_fwd *fwd)
{
	const struct tun_end *l = &fwd->spec.listen;
	size_t i;

	for (i = 0; i < fwd->naddrs; i++)
		if (is_bound(&fwd->addrs[i], site))
			return 1;
	if (l->path != NULL || l->port != site->port)
		return 0;
	if (l->host != NULL && *l->host == '\0')
		return is_host(site, "*");
	return is_host(site, l->host);
}

int
select_listens(const char *s, const struct tun *t, const struct tun_fwd *fwd)
{
	const struct tun_end *l = &fwd->spec.listen;
	struct site site;

	/* A word that is a path is not compared in any other way. */
	if (tun_forward_is_local(&fwd->spec) && l->path != NULL)
		return 0;
	if (is_text(tun_listen_text, fwd, s))
		return 1;
	site_read(&site, s);
	if (site.user != NULL || site.port < 1 || site.hostlen == 0)
		return 0;
	if (tun_forward_is_local(&fwd->spec))
		return listens_here(&site, fwd);
	return is_remote(&fwd->spec) && l->path == NULL &&
	    l->port == site.port && is_host(&site, t->host);
}

/* --- the target ---------------------------------------------------------- */

int
select_leads(const char *s, const struct tun *t, const struct tun_fwd *fwd)
{
	const struct tun_end *c = &fwd->spec.connect;
	struct site site;
	int port;

	switch (fwd->spec.kind) {
	case TUN_FWD_DYNAMIC:
	case TUN_FWD_RDYNAMIC:
		return 0;
	case TUN_FWD_DEVICE:
		return is_text(tun_target_text, fwd, s);
	default:
		break;
	}
	if (c->path != NULL)
		return is_remote(&fwd->spec) ?
		    select_is_path(s, c->path, t->cwd) :
		    strcmp(s, c->path) == 0;
	if (c->host == NULL || *c->host == '\0')
		return 0;
	site_read(&site, s);
	port = site.port;
	return site.user == NULL && is_host(&site, c->host) &&
	    (port == -1 || port == c->port);
}

/* --- a forward in full --------------------------------------------------- */

/* To ssh, no bind address means localhost, and an empty one means "*". */
static const char *
bind_of(const struct tun_end *end)
{
	if (end->host == NULL)
		return "localhost";
	return *end->host == '\0' ? "*" : end->host;
}

/*
 * For a listener that the command line does not explain, only the address is
 * known, and GatewayPorts may have changed it.  Names are not resolved.
 */
static int
may_bind(const struct tun_end *want, const struct tun_end *found)
{
	const char *host = bind_of(want);
	struct addr asked, at;

	if (strcasecmp(host, bind_of(found)) == 0)
		return 1;
	if (found->host == NULL)
		return 0;
	if (!addr_parse(found->host, &at))
		return want->host == NULL;
	if (strcmp(host, "*") == 0)
		return addr_is_any(at.ip);
	if (strcasecmp(host, "localhost") == 0)
		return is_localhost(at.family, at.ip) ||
		    (want->host == NULL && addr_is_any(at.ip));
	return !addr_parse(host, &asked) ||
	    same_host(host, strlen(host), found->host, strlen(found->host));
}

static int
is_listen(const struct tun_forward *want, const struct tun *t,
    const struct tun_fwd *fwd)
{
	const struct tun_end *w = &want->listen, *l = &fwd->spec.listen;
	const char *a, *b;

	if (w->path != NULL || l->path != NULL) {
		if (w->path == NULL || l->path == NULL)
			return 0;
		return is_remote(want) ? strcmp(w->path, l->path) == 0 :
		    select_is_path(w->path, l->path, t->cwd);
	}
	if (w->port != l->port)
		return 0;
	if (fwd_is_of_socket(fwd))
		return may_bind(w, l);
	a = bind_of(w);
	b = bind_of(l);
	return same_host(a, strlen(a), b, strlen(b));
}

static int
is_target(const struct tun_forward *want, const struct tun *t,
    const struct tun_fwd *fwd)
{
	const struct tun_end *w = &want->connect, *c = &fwd->spec.connect;

	if (want->kind == TUN_FWD_DYNAMIC || want->kind == TUN_FWD_RDYNAMIC ||
	    !end_is_known(c))
		return 1;
	if (w->path != NULL || c->path != NULL) {
		if (w->path == NULL || c->path == NULL)
			return 0;
		return is_remote(want) ?
		    select_is_path(w->path, c->path, t->cwd) :
		    strcmp(w->path, c->path) == 0;
	}
	return w->port == c->port && w->host != NULL && c->host != NULL &&
	    same_host(w->host, strlen(w->host), c->host, strlen(c->host));
}

int
select_is_forward(const struct tun_forward *want, const struct tun *t,
    const struct tun_fwd *fwd)
{
	if (want->kind != fwd->spec.kind &&
	    !(tun_forward_is_local(want) && fwd_is_unexplained(fwd)))
		return 0;
	return end_is_known(&fwd->spec.listen) && is_listen(want, t, fwd) &&
	    is_target(want, t, fwd);
}
