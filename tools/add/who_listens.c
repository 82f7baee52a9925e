/* SPDX-License-Identifier: ISC */
/* who_listens.c: who listens where a forward would, or does. */

#include <sys/types.h>
#include <sys/socket.h>

#include <stdlib.h>

#include "add/add.h"
#include "common/out.h"
#include "common/tool.h"
#include "compat/ms.h"

#define LISTEN_MS	2000	/* from its OK to its listener */
#define POLL_MS		10

int
add_count_own(const struct add_target *to, const struct tun_forward *fwd)
{
	const struct tun_peer **v;
	size_t i, n;
	int own = 0;

	if (to->tun == NULL ||
	    tun_listeners(to->ctx, to->tun, fwd, 0, &v, &n) == -1)
		return -1;
	for (i = 0; i < n; i++)
		own += v[i]->pid == to->tun->pid;
	free(v);
	return own;
}

static void
put_holder(const struct add_spec *spec, const struct tun_peer *holder,
    const char *so)
{
	char *addr, *who;

	addr = holder->addr.family == AF_UNIX ?
	    tool_xstrdup(spec->fwd->listen.path) : cell_addr(&holder->addr);
	if (holder->pid != 0)
		who = tool_xasprintf("%s (pid %ld)", holder->comm,
		    (long)holder->pid);
	else
		who = tool_xasprintf("a process of %s",
		    holder->uid == (uid_t)-1 ? "somebody" :
		    tool_user(holder->uid));
	tool_warn("%s: %s%s is %s's", spec->name, so, addr, who);
	free(who);
	free(addr);
}

int
add_put_holders(const struct add_target *to, const struct add_spec *spec,
    const char *so)
{
	const struct tun_peer **v;
	size_t i, n;
	int strangers = 0;

	if (to->tun == NULL ||
	    tun_listeners(to->ctx, to->tun, spec->fwd, 1, &v, &n) == -1)
		return 0;
	for (i = 0; i < n; i++) {
		if (v[i]->pid == to->tun->pid)
			continue;
		put_holder(spec, v[i], so);
		strangers++;
	}
	free(v);
	return strangers;
}

int
add_wait_listen(const struct add_target *to, const struct tun_forward *fwd)
{
	int64_t deadline = ms_now() + LISTEN_MS;
	int own;

	while ((own = add_count_own(to, fwd)) == 0 && ms_now() < deadline)
		ms_sleep(POLL_MS);
	return own;
}
