/* SPDX-License-Identifier: ISC */
/* addr.c: addresses of sockets, and addresses as users write them. */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core.h"

int
addr_is_any(const uint8_t *ip)
{
	static const uint8_t any[16];

	return memcmp(ip, any, sizeof(any)) == 0;
}

int
addr_is_loopback(int family, const uint8_t *ip)
{
	static const uint8_t one[16] = { [15] = 1 };

	return family == AF_INET ? ip[0] == 127 :
	    memcmp(ip, one, sizeof(one)) == 0;
}

int
addr_parse(const char *host, struct addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = AF_INET;
	if (inet_pton(AF_INET, host, addr->ip) == 1)
		return 1;
	addr->family = AF_INET6;
	return inet_pton(AF_INET6, host, addr->ip) == 1;
}

struct addr
addr_plain(int family, const uint8_t *ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct addr p;

	memset(&p, 0, sizeof(p));
	p.family = family;
	if (family == AF_INET6 && memcmp(ip, mapped, 12) == 0) {
		p.family = AF_INET;
		ip += 12;
	}
	memcpy(p.ip, ip, p.family == AF_INET ? 4 : 16);
	return p;
}

int
addr_same(int fa, const struct plat_addr *a, int fb, const struct plat_addr *b)
{
	struct addr x = addr_plain(fa, a->ip), y = addr_plain(fb, b->ip);

	return a->port == b->port && x.family == y.family &&
	    memcmp(x.ip, y.ip, sizeof(x.ip)) == 0;
}

int
addr_blocks(const struct addr *at, int family, const uint8_t *ip, int both)
{
	struct addr x = addr_plain(at->family, at->ip),
	    y = addr_plain(family, ip);

	if (x.family != y.family)
		return y.family == AF_INET6 && addr_is_any(y.ip) && both;
	return addr_is_any(x.ip) || addr_is_any(y.ip) ||
	    memcmp(x.ip, y.ip, sizeof(x.ip)) == 0;
}

struct tun_addr
addr_public(int family, const struct plat_addr *a)
{
	struct tun_addr ta;

	memset(&ta, 0, sizeof(ta));
	ta.family = family;
	memcpy(ta.ip, a->ip, sizeof(ta.ip));
	ta.port = a->port;
	return ta;
}

int
addr_of(struct arena *a, const struct plat_sock *sk, struct tun_addr *ta)
{
	*ta = addr_public(sk->family, &sk->local);
	if (sk->family == AF_UNIX)
		ta->path = arena_strdup(a, sk->path);
	return sk->family == AF_UNIX && ta->path == NULL ? -1 : 0;
}

int
addr_is_foreign(const struct addr *at)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	const struct sockaddr *sa = (const struct sockaddr *)&in;
	socklen_t len = sizeof(in);
	int fd, r;

	memset(&in, 0, sizeof(in));
	memset(&in6, 0, sizeof(in6));
	in.sin_family = AF_INET;
	memcpy(&in.sin_addr, at->ip, sizeof(in.sin_addr));
	in6.sin6_family = AF_INET6;
	memcpy(&in6.sin6_addr, at->ip, sizeof(in6.sin6_addr));
	if (at->family == AF_INET6) {
		sa = (const struct sockaddr *)&in6;
		len = sizeof(in6);
	}
	if ((fd = socket(at->family, SOCK_DGRAM, 0)) == -1)
		return 0;
	r = bind(fd, sa, len) == -1 && errno == EADDRNOTAVAIL;
	close(fd);
	return r;
}
