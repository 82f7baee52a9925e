/* SPDX-License-Identifier: ISC */
/*
 * Finds the tunnels that our command has started, or the master that has their
 * forwards.
 */

#include <stdlib.h>
#include <string.h>

#include "common/tool.h"
#include "kill/plan.h"
#include "libfind.h"
#include "run/run.h"

static int
is_among(const struct tun_child *v, size_t n, pid_t pid)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].pid == pid)
			return 1;
	return 0;
}

static void
add_row(struct run *run, const struct tun *t, const struct tun_fwd *fwd)
{
	run->rows = tool_xreallocarray(run->rows, run->nrows + 1,
	    sizeof(*run->rows));
	run->rows[run->nrows].tun = t;
	run->rows[run->nrows++].fwd = fwd;
}

static void
add_tunnel(struct run *run, const struct tun *t)
{
	size_t i, n = 0;

	for (i = 0; i < t->nfwds; i++) {
		if (tun_why_has(&t->fwds[i]->why, TUN_WHY_MONITOR))
			continue;
		add_row(run, t, t->fwds[i]);
		n++;
	}
	if (n == 0)
		add_row(run, t, NULL);
}

static void
look_again(struct run *run)
{
	unsigned flags = TUN_SCAN_OWN | TUN_SCAN_SOCKETS | TUN_SCAN_INFO;

	if (run->label != NULL || run->json)
		flags |= TUN_SCAN_ENV;
	if (run->json)
		flags |= TUN_SCAN_CLIENTS;
	tun_list_free(run->list);
	run->list = NULL;
	run->nrows = 0;
	if (tun_scan(run->ctx, flags, &run->list) == -1)
		run_cannot_look(run);
}

/*
 * A client whose own master has stayed in the background, as with ssh 10: the
 * master has its forwards.
 */
static int
has_own_master(const struct run *run, const struct tun_child *v, size_t n,
    const struct tun *client)
{
	const struct tun *t = NULL;

	while ((t = tun_next(run->list, t)) != NULL)
		if (tool_has_peer(t->users, t->nusers, client->pid) &&
		    is_among(v, n, t->pid))
			return 1;
	return 0;
}

/* Has it left the process that started it, as -f does? */
static int
has_left(const struct tun *t, const struct tun_child *v, size_t n)
{
	return t->sid == t->pid && !is_among(v, n, t->ppid);
}

void
run_look(struct run *run, int left)
{
	const struct tun *t = NULL;
	struct tun_child *v;
	size_t n;

	if (reaper_find(&run->reaper, &v, &n) == -1 || tun_take(run->ctx, v, n,
	    run->words != NULL ? run->words->host : NULL) == -1)
		run_cannot_look(run);
	look_again(run);
	while ((t = tun_next(run->list, t)) != NULL)
		if (is_among(v, n, t->pid) &&
		    !has_own_master(run, v, n, t) &&
		    (!left || has_left(t, v, n)))
			add_tunnel(run, t);
	free(v);
}

static const struct tun_fwd *
find_forward(const struct tun *t, const struct tun_forward *want)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		if (tun_fwd_health(t->fwds[i], NULL) == TUN_HEALTH_OK &&
		    tun_forward_same_listener(&t->fwds[i]->spec, want))
			return t->fwds[i];
	return NULL;
}

/* Has the command left a client of it, as -f does from OpenSSH 9.4 on? */
static int
serves_ours(struct run *run, const struct tun *t)
{
	struct tun_child *v;
	size_t i, n;

	if (t->nusers == 0)
		return 0;
	if (reaper_find(&run->reaper, &v, &n) == -1)
		run_cannot_look(run);
	for (i = 0; i < n && !tool_has_peer(t->users, t->nusers, v[i].pid); i++)
		continue;
	free(v);
	return i < n;
}

/* Of the same user; one with only a title does not show its destination. */
static int
may_be_master(const struct run *run, const struct tun *t)
{
	const struct tun_words *w = run->words;

	return t->master == 1 && (t->host == NULL || w->host == NULL ||
	    strcmp(t->host, w->host) == 0);
}

/* Were only remote forwards asked for? */
static int
is_remote(const struct tun_words *w)
{
	size_t i;

	for (i = 0; i < w->nfwds; i++)
		if (!plan_is_remote(&w->fwds[i]))
			return 0;
	return w->nfwds > 0;
}

/* The control path of the words says which master has their forwards. */
static int
has_path(const struct run *run, const struct tun *t)
{
	return run->words->ctlpath != NULL && t->ctlpath != NULL &&
	    tool_same_file(run->ctx, run->words->ctlpath, t->ctlpath);
}

const struct tun *
run_may_have(const struct run *run)
{
	const struct tun *t = NULL;

	if (run->words == NULL || !is_remote(run->words))
		return NULL;
	while ((t = tun_next(run->list, t)) != NULL && !may_be_master(run, t))
		continue;
	return t;
}

const struct tun *
run_find_master(struct run *run)
{
	const struct tun_words *w = run->words;
	const struct tun_fwd *fwd;
	const struct tun *t = NULL;
	size_t i;

	if (w == NULL || w->nfwds == 0)
		return NULL;
	while ((t = tun_next(run->list, t)) != NULL) {
		if (!may_be_master(run, t) && !has_path(run, t) &&
		    !serves_ours(run, t))
			continue;
		run->nrows = 0;
		for (i = 0; i < w->nfwds; i++) {
			if (!tun_forward_is_local(&w->fwds[i]))
				continue;
			if ((fwd = find_forward(t, &w->fwds[i])) == NULL)
				break;
			add_row(run, t, fwd);
		}
		if (is_remote(w) && has_path(run, t))
			add_row(run, t, NULL);
		if (i == w->nfwds && run->nrows > 0)
			return t;
	}
	run->nrows = 0;
	return NULL;
}

/*
 * The master may be an ssh with another name: a process that listens at the
 * ports that were asked for and whose command line is that of an ssh.
 */
static void
take_holders(struct run *run)
{
	const struct tun_words *w = run->words;
	struct tun_child *v = NULL;
	const struct tun_peer **peers;
	size_t i, j, n, all = 0;

	for (i = 0; w != NULL && i < w->nfwds; i++) {
		if (!tun_forward_is_local(&w->fwds[i]) ||
		    w->fwds[i].listen.port <= 0 ||
		    tun_port_owners(run->ctx, w->fwds[i].listen.port, &peers,
		    &n) == -1)
			continue;
		for (j = 0; j < n; j++) {
			if (peers[j]->pid == 0 ||
			    is_among(v, all, peers[j]->pid))
				continue;
			v = tool_xreallocarray(v, all + 1, sizeof(*v));
			memset(&v[all], 0, sizeof(*v));
			v[all].pid = peers[j]->pid;
			v[all].ident[0] = peers[j]->ident[0];
			v[all++].ident[1] = peers[j]->ident[1];
		}
		free(peers);
	}
	if (tun_take(run->ctx, v, all, w != NULL ? w->host : NULL) == -1)
		run_cannot_look(run);
	free(v);
}

void
run_look_for_master(struct run *run)
{
	take_holders(run);
	look_again(run);
}
