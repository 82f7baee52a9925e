/* SPDX-License-Identifier: ISC */
/*
 * Does a network namespace have the addresses that its listeners are bound to?
 * It has those that its routes call local: the addresses of its interfaces, all
 * of 127/8, and those of "ip route add local". All of it is read from /proc:
 * this sends nothing, while a look-up of a route may (the kernel then probes an
 * IPv6 router), and it works for other namespaces as well.
 */
#include <sys/socket.h>

#include <netinet/in.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/array.h"
#include "sock.h"

/* The table of a router can be longer; reading all of it takes too long. */
#define MAX_BYTES	((size_t)4 << 20)

#define RTF_LOCAL	0x80000000u	/* of linux/ipv6_route.h */

static int
is_link_local(const uint8_t *ip)
{
	return ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
}

/*
 * A listener whose address may disappear. 127/8 always exists, the unspecified
 * address matches any, and ssh does not use IPv4-mapped addresses.
 */
static int
is_asked(const struct bag *bag, const struct plat_sock *sk)
{
	static const uint8_t zeros[16];

	if (sk->state != PLAT_TCP_LISTEN || !bag_has(bag, sk->key) ||
	    memcmp(sk->local.ip, zeros, sizeof(zeros)) == 0)
		return 0;
	if (sk->family == AF_INET)
		return sk->local.ip[0] != 127;
	return sk->family == AF_INET6 &&
	    !(memcmp(sk->local.ip, zeros, 10) == 0 &&
	    sk->local.ip[10] == 0xff);
}

int
local_addr_asks(const struct bag *bag)
{
	size_t i;

	for (i = 0; i < bag->n; i++)
		if (is_asked(bag, &bag->socks[i]))
			return 1;
	return 0;
}

static int
in_prefix(const uint8_t *ip, const uint8_t *prefix, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	return memcmp(ip, prefix, bytes) == 0 && (rest == 0 ||
	    (ip[bytes] ^ prefix[bytes]) >> (8 - rest) == 0);
}

/* A local prefix and its interface, or 0 if the interface does not matter. */
struct local {
	int family;
	uint8_t ip[16];
	unsigned bits, scope;
};

/*
 * A link-local address belongs to one interface. The routes do not give the
 * interface's number, so if_inet6 decides.
 */
static int
has_address(const struct local *l, const struct plat_sock *sk)
{
	if (l->family != sk->family)
		return 0;
	if (l->family == AF_INET6 && is_link_local(sk->local.ip) &&
	    sk->scope != 0 && sk->scope != l->scope)
		return 0;
	return in_prefix(sk->local.ip, l->ip, l->bits);
}

static void
meet(const struct local *l, struct bag *bag)
{
	size_t i;

	for (i = 0; i < bag->n; i++)
		if (bag->socks[i].local_addr == PLAT_LOCAL_ADDR_GONE &&
		    has_address(l, &bag->socks[i]))
			bag->socks[i].local_addr = PLAT_LOCAL_ADDR_HERE;
}

/*
 *	|-- 10.0.0.0
 *	   /8 host LOCAL
 *
 * The address stays for all the lines below it.
 */
static int
trie_line(const char *line, struct local *l)
{
	char text[16];
	struct in_addr in;

	if (sscanf(line, " |-- %15[0-9.]", text) == 1) {
		l->family = 0;
		if (inet_pton(AF_INET, text, &in) == 1) {
			l->family = AF_INET;
			memcpy(l->ip, &in, sizeof(in));
		}
		return 0;
	}
	return l->family == AF_INET &&
	    sscanf(line, " /%2u %*s %15s", &l->bits, text) == 2 &&
	    l->bits <= 32 && strcmp(text, "LOCAL") == 0;
}

static int
get_hex(const char *s, uint8_t ip[16])
{
	unsigned byte;
	int i;

	for (i = 0; i < 16; i++) {
		if (sscanf(s + 2 * i, "%2x", &byte) != 1)
			return 0;
		ip[i] = (uint8_t)byte;
	}
	return 1;
}

/* address ifindex length scope flags name */
static int
address_line(const char *line, struct local *l)
{
	char hex[33];

	l->family = AF_INET6;
	l->bits = 128;
	return sscanf(line, "%32[0-9a-f] %x", hex, &l->scope) == 2 &&
	    strlen(hex) == 32 && get_hex(hex, l->ip);
}

/* destination length source length next-hop metric ref use flags name */
static int
route_line(const char *line, struct local *l)
{
	char hex[33];
	unsigned flags;

	l->family = AF_INET6;
	return sscanf(line, "%32[0-9a-f] %2x %*s %*s %*s %*s %*s %*s %8x",
	    hex, &l->bits, &flags) == 3 && strlen(hex) == 32 &&
	    l->bits <= 128 && flags & RTF_LOCAL && get_hex(hex, l->ip);
}

static const struct {
	const char *name;
	int family;
	int (*line)(const char *, struct local *);
} files[] = {
	{ "fib_trie", AF_INET, trie_line },
	{ "if_inet6", AF_INET6, address_line },
	{ "ipv6_route", AF_INET6, route_line }
};

int
local_addr_read(FILE *fp, const char *file, struct bag *bag)
{
	struct local l = { 0 };
	char line[512];
	size_t i, bytes = 0;

	for (i = 0; i < NELEM(files) && strcmp(files[i].name, file) != 0; i++)
		continue;
	if (i == NELEM(files))
		return -1;
	while (fgets(line, sizeof(line), fp) != NULL) {
		if ((bytes += strlen(line)) > MAX_BYTES)
			return -1;
		if (files[i].line(line, &l))
			meet(&l, bag);
	}
	return ferror(fp) ? -1 : 0;
}

static int
open_and_read(int procfd, const char *file, struct bag *bag)
{
	char path[32];
	FILE *fp;
	int fd, r;

	snprintf(path, sizeof(path), "net/%s", file);
	if ((fd = openat(procfd, path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	if ((fp = fdopen(fd, "r")) == NULL) {
		close(fd);
		return -1;
	}
	r = local_addr_read(fp, file, bag);
	fclose(fp);
	return r;
}

/* Changes one answer to another; returns how many there were. */
static size_t
change(struct bag *bag, int family, enum plat_local_addr from,
    enum plat_local_addr to)
{
	size_t i, n = 0;

	for (i = 0; i < bag->n; i++)
		if (bag->socks[i].family == family &&
		    bag->socks[i].local_addr == from) {
			bag->socks[i].local_addr = to;
			n++;
		}
	return n;
}

/*
 * A list that changes while it is read may lack an entry that exists all the
 * time. So an address is missing only if two reads lack it.
 */
static void
look(int procfd, struct bag *bag, int family)
{
	size_t i;
	int try;

	for (try = 0; try < 2; try++)
		for (i = 0; i < NELEM(files); i++) {
			if (files[i].family != family)
				continue;
			if (change(bag, family, PLAT_LOCAL_ADDR_GONE,
			    PLAT_LOCAL_ADDR_GONE) == 0)
				return;
			if (open_and_read(procfd, files[i].name, bag) == 0)
				continue;
			change(bag, family, PLAT_LOCAL_ADDR_GONE,
			    PLAT_LOCAL_ADDR_UNKNOWN);
			return;
		}
}

void
local_addr_look(int procfd, struct bag *bag)
{
	size_t i;

	for (i = 0; i < bag->n; i++)
		if (is_asked(bag, &bag->socks[i]))
			bag->socks[i].local_addr = PLAT_LOCAL_ADDR_GONE;
	look(procfd, bag, AF_INET);
	look(procfd, bag, AF_INET6);
}
