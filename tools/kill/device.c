/* SPDX-License-Identifier: ISC */
/*
 * Which other tunnels go through the tun or tap device of a tunnel: those whose
 * connection has an address of that device.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>

#include "common/tool.h"
#include "kill/plan.h"
#include "libfind.h"

/* The name of its device here; or NULL. */
static const char *
device_of(const struct tun *t)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (t->fwds[i]->state == TUN_DEVICE)
			return t->fwds[i]->device;
	}
	return NULL;
}

static int
is_address(const struct ifaddrs *ifa, const struct tun_addr *addr)
{
	const struct sockaddr *sa = ifa->ifa_addr;

	if (sa == NULL || sa->sa_family != addr->family)
		return 0;
	if (sa->sa_family == AF_INET)
		return memcmp(&((const struct sockaddr_in *)(const void *)
		    sa)->sin_addr, addr->ip, 4) == 0;
	return sa->sa_family == AF_INET6 &&
	    memcmp(&((const struct sockaddr_in6 *)(const void *)
	    sa)->sin6_addr, addr->ip, 16) == 0;
}

static int
is_through(const struct ifaddrs *ifa, const char *device, const struct tun *t)
{
	for (; ifa != NULL; ifa = ifa->ifa_next) {
		if (strcmp(ifa->ifa_name, device) == 0 &&
		    is_address(ifa, &t->local))
			return 1;
	}
	return 0;
}

void
plan_find_through(const struct plan *plan, struct plan_item *it)
{
	const char *device = device_of(it->tun);
	const struct tun *t = NULL;
	struct ifaddrs *all;

	/* In a record and in another network namespace these are others. */
	if (device == NULL || plan->recorded || it->tun->netns == 0 ||
	    getifaddrs(&all) == -1)
		return;
	while ((t = tun_next(plan->list, t)) != NULL) {
		if (t == it->tun || t->netns == 0 ||
		    !is_through(all, device, t))
			continue;
		it->through = tool_xreallocarray(it->through,
		    it->nthrough + 1, sizeof(*it->through));
		it->through[it->nthrough++] = t;
	}
	freeifaddrs(all);
}
