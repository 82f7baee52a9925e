/* SPDX-License-Identifier: ISC */
/* interface.c: the addresses of a network interface. */
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "platform.h"

/* A bound that no interface reaches. */
#define ADDRS_MAX	((size_t)1 << 16)

/* 0: it is no address of IPv4 or IPv6. */
static int
copy(struct plat_if_addr *to, const struct sockaddr *sa)
{
	if (sa == NULL)
		return 0;
	to->family = sa->sa_family;
	if (sa->sa_family == AF_INET)
		memcpy(to->ip, &((const struct sockaddr_in *)(const void *)
		    sa)->sin_addr, 4);
	else if (sa->sa_family == AF_INET6)
		memcpy(to->ip, &((const struct sockaddr_in6 *)(const void *)
		    sa)->sin6_addr, 16);
	else
		return 0;
	return 1;
}

int
plat_if_addrs(const char *name, struct plat_if_addr **vp, size_t *np)
{
	struct plat_if_addr *v = NULL, *p;
	struct ifaddrs *all, *ifa;
	size_t n = 0;

	if (getifaddrs(&all) == -1)
		return -1;
	for (ifa = all; ifa != NULL; ifa = ifa->ifa_next) {
		if (strcmp(ifa->ifa_name, name) != 0)
			continue;
		if ((p = array_more(&v, &n, sizeof(*p), ADDRS_MAX)) == NULL)
			break;
		n -= !copy(p, ifa->ifa_addr);
	}
	freeifaddrs(all);
	if (ifa != NULL) {
		free(v);
		return -1;
	}
	*vp = v;
	*np = n;
	return 0;
}
