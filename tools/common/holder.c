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

/*
 * The forward that this user's process, which cannot be seen, may have there.
 */
static const struct tun_fwd *
perhaps(const struct tun_list *all, int port, uid_t uid)
{
	const struct tun *t = NULL;
	size_t i;

	while ((t = tun_next(all, t)) != NULL) {
		for (i = 0; t->uid == uid && i < t->nfwds; i++) {
			if (tun_forward_is_local(&t->fwds[i]->spec) &&
			    t->fwds[i]->spec.listen.port == port)
				return t->fwds[i];
		}
	}
	return NULL;
}

/* Does the name look like an ssh's that only --ssh-name makes known? */
static int
is_like_ssh(const char *comm)
{
	return strstr(comm, "ssh") != NULL && strcmp(comm, "ssh") != 0 &&
	    strncmp(comm, "sshd", 4) != 0;
}

/* Prints one line: the process that has the port instead. */
static void
put_one(const struct tun_list *all, int port, const struct tun_peer *p)
{
	const char *comm = p->comm != NULL ? p->comm : "?";
	const struct tun_fwd *fwd;
	const struct tun *t = NULL;

	if (p->pid == 0 && p->uid == (uid_t)-1) {
		tool_warn("%d is held by a process that cannot be seen", port);
		return;
	}
	if (p->pid == 0) {
		fwd = perhaps(all, port, p->uid);
		tool_warn("%d is held by a process of %s that cannot be seen%s"
		    "%s%s", port, tool_user(p->uid), fwd != NULL ?
		    ", perhaps by " : "", fwd != NULL ? fwd->id : "",
		    fwd != NULL ? ": -e lists it" : "");
		return;
	}
	while ((t = tun_next(all, t)) != NULL && t->pid != p->pid)
		;
	if (t == NULL)
		tool_warn("%d is held by %s (%ld), no tunnel%s", port, comm,
		    (long)p->pid, is_like_ssh(comm) ?
		    " unless it is an ssh of that name (--ssh-name)" : "");
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

int
port_holder_is_unseen(struct tun_ctx *ctx, const char *word, uid_t uid)
{
	const struct tun_peer **peers;
	int port = port_holder_port(word), unseen = 0;
	size_t i, n;

	if (port == 0)
		return 0;
	if (tun_port_owners(ctx, port, &peers, &n) == -1)
		return 1;
	for (i = 0; i < n; i++)
		unseen |= peers[i]->pid == 0 && (uid == (uid_t)-1 ||
		    peers[i]->uid == (uid_t)-1 || peers[i]->uid == uid);
	free(peers);
	return unseen;
}
