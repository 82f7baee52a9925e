/* SPDX-License-Identifier: ISC */
/* Finds the process that has a port on which no tunnel listens. */

#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/holder.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "libfind.h"

int
port_holder_port(const char *word)
{
	const char *errstr;
	int port;

	if (*word != '\0' && strchr(":DLdl", *word) != NULL)
		word++;
	port = (int)strtonum(word, 1, 65535, &errstr);
	return errstr == NULL ? port : 0;
}

/* Prints one line: the process that has the port instead. */
static void
put_one(const struct tun_list *all, int port, const struct tun_peer *p)
{
	const char *comm = p->comm != NULL ? p->comm : "?";
	const struct tun *t = NULL;

	if (p->pid == 0 && p->uid == (uid_t)-1) {
		tool_warn("%d is held by a process that cannot be seen", port);
		return;
	}
	if (p->pid == 0) {
		tool_warn("%d is held by a process of %s that cannot be seen",
		    port, tool_user(p->uid));
		return;
	}
	while ((t = tun_next(all, t)) != NULL && t->pid != p->pid)
		;
	if (t == NULL)
		tool_warn("%d is held by %s (%ld), no tunnel", port, comm,
		    (long)p->pid);
	else if (t->uid != geteuid())
		tool_warn("%d is held by %s (%ld), a tunnel of %s: "
		    "-e lists it", port, comm, (long)p->pid,
		    tool_user(t->uid));
	else
		tool_warn("%d is held by %s (%ld), a tunnel that is not "
		    "listed here", port, comm, (long)p->pid);
}

int
port_holder_put(struct tun_ctx *ctx, int port)
{
	const struct tun_peer **peers;
	struct tun_list *all;
	size_t i, n;

	if (tun_port_owners(ctx, port, &peers, &n) == -1) {
		tool_warn("%d: cannot see which process holds it: %s", port,
		    strerror(errno));
		return 1;
	}
	if (n > 0 && tun_scan(ctx, TUN_SCAN_SOCKETS, &all) == -1)
		tool_warn("%d: cannot see which process holds it: %s", port,
		    strerror(errno));
	else if (n > 0) {
		for (i = 0; i < n; i++)
			put_one(all, port, peers[i]);
		tun_list_free(all);
	}
	free(peers);
	return n > 0;
}
