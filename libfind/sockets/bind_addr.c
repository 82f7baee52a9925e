/* SPDX-License-Identifier: ISC */
/*
 * bind_addr.c: where a forward should listen, and whether a listener is at that
 * address or prevents a listener there.
 */
#include <sys/socket.h>

#include <string.h>

#include "join.h"

static const uint8_t loopback4[16] = { 127, 0, 0, 1 };
static const uint8_t loopback6[16] = { [15] = 1 };

/* Lists the addresses; the first ones are those of both families. */
static int
list(const char *host, unsigned cmdflags, struct addr at[2])
{
	memset(at, 0, 2 * sizeof(*at));
	at[0].family = AF_INET6;
	at[1].family = AF_INET;
	if (host == NULL ? !(cmdflags & CMD_GATEWAY) :
	    strcmp(host, "localhost") == 0) {
		memcpy(at[0].ip, loopback6, sizeof(loopback6));
		memcpy(at[1].ip, loopback4, sizeof(loopback4));
	} else if (host != NULL && *host != '\0' && strcmp(host, "*") != 0)
		return addr_parse(host, &at[0]) ? 1 : -1;
	return 2;
}

void
bind_addr_of(struct bind_addr *p, const struct tun_end *listen,
    unsigned cmdflags, int noinet6)
{
	int i, only = 0;

	p->port = listen->port;
	p->n = list(listen->host, cmdflags, p->at);
	if ((cmdflags & (CMD_INET4 | CMD_INET6)) == CMD_INET4)
		only = AF_INET;
	else if ((cmdflags & (CMD_INET4 | CMD_INET6)) == CMD_INET6)
		only = AF_INET6;
	else if (noinet6 && p->n == 2)
		only = AF_INET;
	for (i = 0; only != 0 && i < p->n;)
		if (p->at[i].family != only)
			p->at[i] = p->at[--p->n];
		else
			i++;
}

static int
is_on_port(const struct bind_addr *p, const struct plat_sock *sk)
{
	return sk->local.port == p->port && sock_is_inet(sk) &&
	    sock_is_listener(sk);
}

int
bind_addr_has(const struct bind_addr *p, const struct plat_sock *sk)
{
	int i;

	if (!is_on_port(p, sk))
		return 0;
	for (i = 0; i < p->n; i++)
		if (sk->family == p->at[i].family &&
		    memcmp(sk->local.ip, p->at[i].ip, 16) == 0)
			return 1;
	return p->n == -1;
}

int
bind_addr_blocked(const struct bind_addr *p, const struct plat_sock *sk)
{
	int i;

	if (!is_on_port(p, sk))
		return 0;
	for (i = 0; i < p->n; i++)
		if (sock_blocks(sk, &p->at[i]))
			return 1;
	/* Of a name only the wildcard has the address for certain. */
	return p->n == -1 && addr_is_any(sk->local.ip);
}

/*
 * The sockets were read in the network namespace of their process, so what the
 * platform says of an address is about that namespace.
 */
int
bind_addr_is_gone(const struct plat_sock *const *socks, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (socks[i]->local_addr != PLAT_LOCAL_ADDR_GONE)
			return 0;
	return n > 0;
}
