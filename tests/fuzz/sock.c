/* SPDX-License-Identifier: ISC */
/*
 * The two parsers of linux_sock: the first byte says which, the rest is a
 * line of /proc/net or a netlink message.
 */
#include <sys/socket.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "platform.h"
#include "fuzz/fuzz.h"

#ifdef PLATFORM_LINUX
#include "linux/sock.h"

#ifdef HAVE_LIBMNL
#include <libmnl/libmnl.h>

static void
messages(const uint8_t *data, size_t len, int family)
{
	struct nlmsghdr *nlh, *buf;
	struct plat_sock sk;
	int left;

	/* To libmnl a message ends on a boundary of four. */
	if ((buf = calloc(1, MNL_ALIGN(len) + 1)) == NULL)
		return;
	memcpy(buf, data, len);
	nlh = buf;
	/* libmnl takes a length of 2 GB and more for a negative one. */
	for (left = len; mnl_nlmsg_ok(nlh, left) &&
	    nlh->nlmsg_len <= (unsigned)left;
	    nlh = mnl_nlmsg_next(nlh, &left)) {
		if (family == AF_UNIX)
			diag_unix(nlh, &sk);
		else
			diag_inet(nlh, &sk);
		if (sk.pathlen >= sizeof(sk.path))
			abort();
	}
	free(buf);
}
#endif

static void
line(const uint8_t *data, size_t len, int family)
{
	struct plat_sock sk;
	char *s;

	if ((s = malloc(len + 1)) == NULL)
		return;
	memcpy(s, data, len);
	s[len] = '\0';
	if ((family == AF_UNIX ? proc_unix_line(s, &sk) :
	    proc_inet_line(s, family, &sk)) == 0 &&
	    (sk.pathlen >= sizeof(sk.path) || sk.family != family))
		abort();
	free(s);
}
#endif

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
#ifdef PLATFORM_LINUX
	if (len == 0)
		return 0;
	switch (data[0]) {
	case '4':
		line(data + 1, len - 1, AF_INET);
		break;
	case '6':
		line(data + 1, len - 1, AF_INET6);
		break;
	case 'u':
		line(data + 1, len - 1, AF_UNIX);
		break;
#ifdef HAVE_LIBMNL
	case 'I':
		messages(data + 1, len - 1, AF_INET);
		break;
	case 'U':
		messages(data + 1, len - 1, AF_UNIX);
		break;
#endif
	}
#else
	(void)data;
	(void)len;
#endif
	return 0;
}
