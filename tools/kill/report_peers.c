/* SPDX-License-Identifier: ISC */
/* Processes in a plan: each once, and by its ID if it is a tunnel. */

#include <sys/types.h>

#include <stdlib.h>
#include <unistd.h>

#include "common/out.h"
#include "common/tool.h"
#include "kill/plan.h"
#include "kill/report.h"
#include "libfind.h"

/* processes that are named; the others are counted */
#define PEERS_MAX	32

char *
report_ssh(const struct tun *t)
{
	char *via = cell_via(t), *text;

	text = tool_xasprintf("%s %ld%s%s%s%s%s", cell_process(t), (long)t->pid,
	    via != NULL ? " (" : "", via != NULL ? via : "",
	    via != NULL ? ")" : "", t->uid != geteuid() ? " of " : "",
	    t->uid != geteuid() ? tool_user(t->uid) : "");
	free(via);
	return text;
}

/*
 * The ID of a tunnel: that of its first forward, and the number of the others.
 */
static char *
tunnel_id(const struct tun *t)
{
	if (t->nfwds == 0 || t->fwds[0]->id == NULL)
		return tool_xstrdup(t->id);
	if (t->nfwds == 1)
		return tool_xstrdup(t->fwds[0]->id);
	return tool_xasprintf("%s and %zu more", t->fwds[0]->id, t->nfwds - 1);
}

/* "D1080": the tunnel that the process is; or NULL. */
static char *
tunnel_of(const struct tun_list *list, pid_t pid)
{
	const struct tun *t = NULL;

	while (pid != 0 && (t = tun_next(list, t)) != NULL) {
		if (t->pid == pid)
			return tunnel_id(t);
	}
	return NULL;
}

/* "jump helper of L8008"; or NULL. */
static char *
help_of(const struct tun_list *list, pid_t pid)
{
	const struct tun *t = NULL;

	while (pid != 0 && (t = tun_next(list, t)) != NULL) {
		if (tool_has_peer(t->helpers, t->nhelpers, pid))
			return cell_join(tool_xstrdup("jump helper of"), " ",
			    tunnel_id(t));
	}
	return NULL;
}

/* Frees part: the text for a process, or NULL. */
static char *
peer_text(const struct tun_peer *peer, char *part)
{
	char *text = cell_peer(peer);

	if (peer->pid != 0 && peer->uid != geteuid() &&
	    peer->uid != (uid_t)-1)
		text = cell_join(text, " of ",
		    tool_xstrdup(tool_user(peer->uid)));
	return part != NULL ? cell_join(text, " = ", part) : text;
}

char *
report_peer(const struct plan *plan, const struct tun_peer *peer)
{
	const struct tun_list *list = plan->near != NULL ? plan->near :
	    plan->list;
	char *part = tunnel_of(list, peer->pid);

	return peer_text(peer, part != NULL ? part :
	    help_of(list, peer->pid));
}

char *
report_helper(const struct plan *plan, const struct tun_peer *peer)
{
	return peer_text(peer, tunnel_of(plan->list, peer->pid));
}

/* If processes cannot be seen, their sockets are compared by address. */
static int
is_same(const struct tun_peer *a, const struct tun_peer *b)
{
	return a->pid == b->pid && (a->pid != 0 ||
	    cell_same_addr(&a->addr, &b->addr));
}

/* The first of those that are the same process. */
static size_t
first_of(const struct tun_peer *const *v, const size_t *firsts, size_t n,
    size_t i)
{
	size_t k;

	for (k = 0; k < n; k++) {
		if (is_same(v[firsts[k]], v[i]))
			break;
	}
	return k;
}

char *
report_peers(const struct plan *plan, const struct tun_peer *const *v, size_t n)
{
	size_t firsts[PEERS_MAX], counts[PEERS_MAX], i, k, m = 0, more = 0;
	char *list = NULL, *text;

	for (i = 0; i < n; i++) {
		k = first_of(v, firsts, m, i);
		if (k < m)
			counts[k]++;
		else if (m == PEERS_MAX)
			more++;
		else {
			firsts[m] = i;
			counts[m++] = 1;
		}
	}
	for (k = 0; k < m; k++) {
		text = report_peer(plan, v[firsts[k]]);
		if (counts[k] > 1)
			text = cell_join(text, " ", tool_xasprintf("(%zu "
			    "times)", counts[k]));
		list = cell_join(list, ", ", text);
	}
	if (more > 0)
		list = cell_join(list, " and ", tool_xasprintf("%zu more",
		    more));
	return list;
}
