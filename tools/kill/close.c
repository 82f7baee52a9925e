/* SPDX-License-Identifier: ISC */
/* Has a master close one forward, and verifies that. */

#include <sys/types.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/journal_use.h"
#include "common/out.h"
#include "common/tool.h"
#include "compat/ms.h"
#include "kill/act.h"
#include "kill/plan.h"
#include "libfind.h"

#define MUX_MS		1000	/* for a master to answer */

/*
 * If the descriptors are hidden: does any process listen at the path, by the
 * kernel's list?  A relative path would need the working directory, which is
 * hidden, too.
 */
int
act_path_listens(struct tun_ctx *ctx, const struct tun *t,
    const struct tun_forward *spec)
{
	const struct tun_peer **v;
	size_t n;

	errno = EACCES;
	if (*spec->listen.path != '/')
		return -1;
	if (tun_listeners(ctx, t, spec, 0, &v, &n) == -1)
		return errno == EACCES ? 1 : errno == ESRCH ? 0 : -1;
	free(v);
	return n > 0;
}

/*
 * The places where it listens now: the addresses of the row, or, where it has
 * none as of a client's, those of the operand.
 */
static int
is_place(const struct plan_item *it, const struct tun_addr *addr)
{
	size_t i;

	if (it->nfwds == 0 || it->fwds[0]->naddrs == 0 ||
	    it->spec->listen.path != NULL)
		return 1;
	for (i = 0; i < it->fwds[0]->naddrs; i++) {
		if (cell_same_addr(addr, &it->fwds[0]->addrs[i]))
			return 1;
	}
	return 0;
}

/*
 * If the descriptors are hidden: does the user listen on that port with a
 * process that cannot be seen?
 */
static int
user_listens(struct tun_ctx *ctx, const struct plan_item *it)
{
	const struct tun_peer **peers;
	size_t i, n;
	int found = 0;

	if (it->spec->listen.path != NULL)
		return act_path_listens(ctx, it->tun, it->spec);
	if (tun_port_owners(ctx, it->spec->listen.port, &peers, &n) == -1)
		return -1;
	for (i = 0; i < n && !found; i++)
		found = peers[i]->uid == it->tun->uid &&
		    (peers[i]->pid == 0 || peers[i]->pid == it->tun->pid);
	free(peers);
	return found;
}

/* Returns -1 if that cannot be known. */
static int
still_listens(struct tun_ctx *ctx, const struct plan_item *it)
{
	const struct tun *t = it->tun;
	const struct tun_peer **v;
	size_t i, n;
	int found = 0;

	if (tun_why_has(&t->why, TUN_WHY_DENIED))
		return user_listens(ctx, it);
	if (tun_listeners(ctx, t, it->spec, 0, &v, &n) == -1)
		return errno == ESRCH ? 0 : -1;
	for (i = 0; i < n; i++)
		found |= v[i]->pid == t->pid && is_place(it, &v[i]->addr);
	free(v);
	return found;
}

/* The server may have chosen the port, which the row then has. */
static int
listen_port(const struct plan_item *it)
{
	return (it->nfwds > 0 ? &it->fwds[0]->spec : it->spec)->listen.port;
}

/*
 * The number of listeners that the sshd of this machine has at the port of a
 * remote forward; -1 if the server may be another machine, or if sessions
 * cannot be looked at.
 */
static int
served_here(struct tun_ctx *ctx, const struct plan_item *it)
{
	const struct tun *t = it->tun;
	const struct tun *session = NULL;
	struct tun_list *list;
	size_t i;
	int n = 0;

	if (it->spec->listen.path != NULL || listen_port(it) <= 0 ||
	    t->remote.family == 0 || (!cell_is_loopback(&t->remote) &&
	    memcmp(t->remote.ip, t->local.ip, sizeof(t->remote.ip)) != 0) ||
	    tun_scan(ctx, TUN_SCAN_SERVER | TUN_SCAN_SOCKETS, &list) == -1)
		return -1;
	while ((session = tun_next(list, session)) != NULL)
		for (i = 0; i < session->nfwds; i++)
			if (session->fwds[i]->spec.listen.port ==
			    listen_port(it))
				n += (int)session->fwds[i]->naddrs;
	tun_list_free(list);
	return n;
}

/* Has the server as many as before?  Returns -1 if that cannot be known. */
static int
still_served(struct tun_ctx *ctx, const struct plan_item *it, int before)
{
	int n = served_here(ctx, it);

	return n == -1 ? -1 : n >= before;
}

/*
 * The result comes from the sockets and not from the reply; for a remote
 * forward, from the sockets of the server if it is this machine.
 */
static void
verify_close(struct plan_item *it, struct tun_ctx *ctx, int before,
    int64_t deadline)
{
	int r;

	if (plan_is_remote(it->spec) && before <= 0) {
		plan_settle(it, PLAN_ENDED, tool_xstrdup("the server was told, "
		    "and does not confirm"));
		return;
	}
	do {
		r = plan_is_remote(it->spec) ? still_served(ctx, it, before) :
		    still_listens(ctx, it);
		if (r == 1)
			ms_sleep(20);
	} while (r == 1 && ms_left(deadline) > 0);
	if (r == 0)
		plan_settle(it, PLAN_ENDED, NULL);
	else if (r == 1)
		plan_settle(it, PLAN_FAILED, tool_xasprintf("the master said "
		    "yes, and %sstill listens",
		    plan_is_remote(it->spec) ? "the server " : ""));
	else
		plan_fail(it, "cannot look at its sockets");
}

static int
is_not_forwarded(const struct tun_master *m)
{
	return strcmp(m->text, "port not forwarded") == 0;
}

/*
 * The master has refused because it does not have the forward.  This is taken
 * from its answer if no row shows the forward; otherwise only if nothing
 * listens any more.
 */
static int
is_unknown_to_it(struct tun_ctx *ctx, const struct plan_item *it,
    const struct tun_master *m, int before)
{
	if (it->word != NULL)
		return *m->text != '\0';
	return is_not_forwarded(m) &&
	    (plan_is_remote(it->spec) ? before <= 0 :
	    still_listens(ctx, it) == 0);
}

static int
is_any_host(const char *host)
{
	return host != NULL && (strcmp(host, "*") == 0 ||
	    strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0);
}

/*
 * A master compares bind addresses as text, and of a listener that was added to
 * it only the address is known.  So the other texts that stand for the same
 * address are tried, too: with GatewayPorts, no text stands for all addresses.
 */
static int
cancel(const struct plan_item *it, const struct tun_master *m)
{
	const struct tun_fwd *fwd = it->nfwds > 0 ? it->fwds[0] : NULL;
	struct tun_forward spec = *it->spec;
	int r = tun_master_cancel(m, &spec, MUX_MS);
	const char *own, *hosts[3];
	size_t i, n;

	if (fwd == NULL || fwd->source != TUN_SRC_SOCKET ||
	    spec.listen.path != NULL)
		return r;
	own = fwd->spec.listen.host;
	hosts[0] = own;
	hosts[1] = is_any_host(own) ? "*" : "localhost";
	hosts[2] = NULL;
	n = is_any_host(own) || plan_is_localhost(own) ? 3 : 1;
	for (i = 0; r == -1 && i < n && is_not_forwarded(m); i++) {
		spec.listen.host = hosts[i];
		r = tun_master_cancel(m, &spec, MUX_MS);
	}
	return r;
}

/*
 * What the master has said, or why it has said nothing.  An operand such as
 * R8010, which no row shows, was asked for as a dynamic forward.
 */
static char *
refusal(const struct plan_item *it, const struct tun_master *m)
{
	if (it->word != NULL && it->spec->kind == TUN_FWD_RDYNAMIC &&
	    is_not_forwarded(m))
		return tool_xasprintf("the master has none without a target; "
		    "give one with a target in full (%s:HOST:PORT)", it->word);
	return tool_xasprintf("the master: %s",
	    *m->text != '\0' ? m->text : strerror(m->error));
}

static void
close_at(struct plan_item *it, struct tun_ctx *ctx,
    const struct tun_master *m, int wait)
{
	int before = plan_is_remote(it->spec) ? served_here(ctx, it) : -1;

	if (cancel(it, m) == 0)
		verify_close(it, ctx, before, ms_now() + wait);
	else if (errno == ESRCH)
		plan_settle(it, PLAN_FAILED, tool_xstrdup("another master is "
		    "behind the control path now"));
	else {
		plan_settle(it, is_unknown_to_it(ctx, it, m, before) ?
		    PLAN_GONE : PLAN_FAILED, refusal(it, m));
		/* So that no list shows what something else has closed. */
		if (it->result == PLAN_GONE && it->word == NULL)
			journal_wrote(ctx, tun_journal_close(ctx, it->tun,
			    it->spec));
	}
}

void
act_close(struct plan_item *it, struct tun_ctx *ctx, int wait)
{
	const struct tun_master *m = NULL;
	struct tun_masters *masters = NULL;

	if (tun_masters_find(ctx, NULL, it->tun->uid, 0, &masters) == 0)
		m = tun_masters_of(masters, it->tun);
	if (m != NULL)
		close_at(it, ctx, m, wait);
	else
		plan_fail(it, "the master");
	tun_masters_free(masters);
}
