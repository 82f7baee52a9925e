/* SPDX-License-Identifier: ISC */
/*
 * place.c: where a forward should listen, and whether a listener is there or
 * in the way.
 */
#include <sys/socket.h>

#include <string.h>

#include "internal.h"

static const uint8_t loopback4[16] = { 127, 0, 0, 1 };
static const uint8_t loopback6[16] = { [15] = 1 };

int
place_list(const struct tun_end *listen, unsigned cmdflags, int noinet6,
    struct addr p[2])
{
	const char *host = listen->host;
	int i, n = 2, only = 0;

	memset(p, 0, 2 * sizeof(*p));
	p[0].family = AF_INET6;
	p[1].family = AF_INET;
	if (host == NULL ? !(cmdflags & CMD_GATEWAY) :
	    strcmp(host, "localhost") == 0) {
		memcpy(p[0].ip, loopback6, sizeof(loopback6));
		memcpy(p[1].ip, loopback4, sizeof(loopback4));
	} else if (host != NULL && *host != '\0' && strcmp(host, "*") != 0) {
		if (!addr_parse(host, &p[0]))
			return -1;
		n = 1;
	}
	if ((cmdflags & (CMD_INET4 | CMD_INET6)) == CMD_INET4)
		only = AF_INET;
	else if ((cmdflags & (CMD_INET4 | CMD_INET6)) == CMD_INET6)
		only = AF_INET6;
	else if (noinet6 && n == 2)
		only = AF_INET;
	for (i = 0; only != 0 && i < n;)
		if (p[i].family != only)
			p[i] = p[--n];
		else
			i++;
	return n;
}

int
place_has(const struct plat_sock *sk, const struct addr *p, int port)
{
	return sock_is_listener(sk) && sk->family == p->family &&
	    sk->local.port == port &&
	    memcmp(sk->local.ip, p->ip, sizeof(p->ip)) == 0;
}

int
place_blocked(const struct plat_sock *sk, const struct addr *p, int port)
{
	return sock_is_listener(sk) && sk->family == p->family &&
	    sk->local.port == port &&
	    (addr_is_any(sk->local.ip) || addr_is_any(p->ip) ||
	    memcmp(sk->local.ip, p->ip, sizeof(p->ip)) == 0);
}
