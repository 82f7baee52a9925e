/* SPDX-License-Identifier: ISC */
/* Questions that the exit status answers: --check, --expect, --wait. */

#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/tool.h"
#include "ps/exit_status.h"

/*
 * For all tunnels together; see libfind(3).  A server answers in one round
 * trip; two keepalives without an answer take two seconds.
 */
#define ASK_MS	3000

void
verdict_ask(struct tun_ctx *ctx, const struct row *rows, size_t n)
{
	const struct tun **tuns = tool_xcalloc(n, sizeof(*tuns));
	size_t i, k = 0, refused = 0;

	for (i = 0; i < n; i++) {
		if (i == 0 || rows[i].tun != rows[i - 1].tun)
			tuns[k++] = rows[i].tun;
	}
	if (tun_check(ctx, tuns, k, TUN_ASK_MASTER | TUN_ASK_PEER, ASK_MS) ==
	    -1)
		tool_fail("cannot ask: %s", strerror(errno));
	for (i = 0; i < k; i++)
		refused += tun_why_has(&tuns[i]->why, TUN_WHY_NOPTRACE);
	if (refused > 0)
		tool_warn("no permission to ask the %s of %zu %s%s: what was "
		    "seen stands", tuns[0]->served ? "client" : "server",
		    refused, tuns[0]->served ? "session" : "tunnel",
		    refused > 1 ? "s" : "");
	free(tuns);
}

int
verdict_health(const struct row *rows, size_t n)
{
	int status = TOOL_MATCH;
	size_t i;

	for (i = 0; i < n; i++) {
		switch (row_health(&rows[i], NULL)) {
		case TUN_HEALTH_BAD:
			return TOOL_BAD;
		case TUN_HEALTH_UNKNOWN:
			status = TOOL_ERROR;
			break;
		case TUN_HEALTH_OK:
			break;
		}
	}
	return status;
}

int
verdict_worse(int a, int b)
{
	if (a == TOOL_BAD || b == TOOL_BAD)
		return TOOL_BAD;
	return a == TOOL_ERROR || b == TOOL_ERROR ? TOOL_ERROR : TOOL_MATCH;
}

int
verdict_absent(const struct tun_list *list)
{
	return tun_complete(list) ? TOOL_BAD : TOOL_ERROR;
}

void
verdict_unknown(const struct row *rows, size_t n)
{
	const char *reason, *why = NULL, *id = NULL;
	size_t i, others = 0;

	for (i = 0; i < n; i++) {
		if (row_health(&rows[i], &reason) != TUN_HEALTH_UNKNOWN)
			continue;
		if (id != NULL) {
			others++;
			continue;
		}
		id = row_id(&rows[i]);
		why = reason;
	}
	if (others > 0)
		tool_warn("%s and %zu more: health is not known: %s", id,
		    others, why);
	else if (id != NULL)
		tool_warn("%s: health is not known: %s", id, why);
}

/*
 * Compares with host, or with host:port if a port was given.  A host with
 * colons may be in brackets, and is if a port follows.
 */
static int
is_end(const char *name, const struct tun_end *end)
{
	char *host, *full;
	int colons, same;

	if (end->path != NULL)
		return strcmp(name, end->path) == 0;
	if (end->host == NULL)
		return 0;
	colons = strchr(end->host, ':') != NULL;
	host = tool_xasprintf("%s%s%s", colons ? "[" : "", end->host,
	    colons ? "]" : "");
	full = tool_xasprintf("%s:%d", host, end->port);
	same = strcasecmp(name, end->host) == 0 ||
	    strcasecmp(name, host) == 0 ||
	    (end->port > 0 && strcasecmp(name, full) == 0);
	free(host);
	free(full);
	return same;
}

/* The host, or the whole in brackets, which an address with colons may have. */
static int
is_host(const char *name, const char *host)
{
	size_t len = strlen(host);

	if (*name == '[' && strchr(host, ':') != NULL)
		return strncasecmp(name + 1, host, len) == 0 &&
		    strcmp(name + 1 + len, "]") == 0;
	return strcasecmp(name, host) == 0;
}

static int
is_other_end(const char *name, const struct tun *t)
{
	const char *at;

	if (t->dest != NULL && strcmp(name, t->dest) == 0)
		return 1;
	/* Of a session of sshd the other end is a client, who has logged in. */
	if (t->served && t->user != NULL && strcmp(name, t->user) == 0)
		return 1;
	if (t->host == NULL)
		return 0;
	if ((at = strrchr(name, '@')) == NULL)
		return is_host(name, t->host);
	return t->user != NULL && is_host(at + 1, t->host) &&
	    strncmp(name, t->user, (size_t)(at - name)) == 0 &&
	    t->user[at - name] == '\0';
}

/* Is it the server itself, by a name that means itself? */
static int
is_itself(const struct tun_end *end)
{
	return end->path != NULL || cell_is_localhost(end->host);
}

enum leads { LEADS_THERE, LEADS_ELSEWHERE, LEADS_NOWHERE, LEADS_UNKNOWN };

/* Here its port is another one, which may lead to somewhere else. */
static int
listens_elsewhere(const struct row *row)
{
	return row->tun->netns == 0 && row->fwd != NULL &&
	    tun_forward_is_local(&row->fwd->spec) &&
	    row->fwd->spec.listen.path == NULL;
}

/* Does the client choose the target, or has the forward none? */
static int
has_no_target(const struct row *row)
{
	return row->fwd != NULL && (row->fwd->spec.kind == TUN_FWD_DYNAMIC ||
	    row->fwd->spec.kind == TUN_FWD_RDYNAMIC ||
	    row->fwd->spec.kind == TUN_FWD_DEVICE);
}

/*
 * Is the target unknown: a listener without explanation, or a tunnel whose
 * command line is lost?
 */
static int
is_untold(const struct row *row)
{
	const struct tun_end *to;

	if (row->tun->host == NULL)
		return 1;
	if (row->tun->served)
		return 0;
	/* Without a forward: is there none, or is none seen? */
	if (row->fwd == NULL)
		return tun_health(row->tun, NULL) == TUN_HEALTH_UNKNOWN;
	to = &row->fwd->spec.connect;
	return to->host == NULL && to->path == NULL;
}

/* May another process have what it should listen on? */
static int
is_unseen(const struct tun_fwd *fwd)
{
	return fwd != NULL && tun_forward_is_local(&fwd->spec) &&
	    (fwd->state == TUN_UNKNOWN ||
	    tun_why_has(&fwd->why, TUN_WHY_INFERRED));
}

static enum leads
judge_target(const struct row *row, const char *host)
{
	const struct tun_fwd *fwd = row->fwd;

	if (listens_elsewhere(row))
		return LEADS_UNKNOWN;
	if (fwd != NULL && tun_fwd_health(fwd, NULL) == TUN_HEALTH_BAD)
		return LEADS_NOWHERE;
	if (fwd != NULL && fwd->owner != NULL)
		return LEADS_ELSEWHERE;
	if ((fwd != NULL && is_end(host, &fwd->spec.connect)) ||
	    is_other_end(host, row->tun))
		return is_unseen(fwd) ? LEADS_UNKNOWN : LEADS_THERE;
	if (has_no_target(row))
		return LEADS_NOWHERE;
	return is_untold(row) ? LEADS_UNKNOWN : LEADS_ELSEWHERE;
}

static void
say_target(const struct row *row, const char *host, enum leads leads)
{
	const struct tun_fwd *fwd = row->fwd;
	const char *id = row_id(row), *reason;
	char *target, *via, *holder;

	target = fwd != NULL ? cell_target(row) : NULL;
	via = cell_via(row->tun);
	if (listens_elsewhere(row))
		tool_warn("%s: listens in another network namespace", id);
	else if (fwd != NULL && fwd->owner != NULL) {
		holder = cell_peer(fwd->owner);
		tool_warn("%s: held by %s, no tunnel to %s", id, holder, host);
		free(holder);
	} else if (fwd != NULL &&
	    tun_fwd_health(fwd, &reason) == TUN_HEALTH_BAD)
		tool_warn("%s: %s: %s", id,
		    tun_state_name(tun_fwd_state(fwd)), reason);
	else if (leads == LEADS_UNKNOWN)
		tool_warn("%s: %s is not known", id, is_unseen(fwd) ?
		    "whether it listens" : "where it leads");
	else if (leads != LEADS_THERE && row->tun->served)
		tool_warn("%s: of %s, not of %s", id, via != NULL ? via : "?",
		    host);
	else if (leads != LEADS_THERE)
		tool_warn("%s: leads to %s via %s, not to %s", id,
		    target != NULL ? target : "?", via != NULL ? via : "?",
		    host);
	else if (fwd != NULL && !row->tun->served &&
	    !is_end(host, &fwd->spec.connect) && !is_itself(&fwd->spec.connect))
		tool_warn("%s: %s is the server; the target is %s", id, host,
		    target != NULL ? target : "not known");
	free(target);
	free(via);
}

/*
 * How do the rows that sel matches lead, or all if it is NULL: one bit for each
 * way.
 */
static unsigned
ways(const struct row *rows, const enum leads *leads, size_t n,
    const struct tun_select *sel)
{
	unsigned bits = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (sel == NULL ||
		    tun_select_match(sel, rows[i].tun, rows[i].fwd) != 0)
			bits |= 1u << leads[i];
	return bits;
}

/* One row has to lead there; one whose target is not known may. */
static int
need_one(unsigned bits, int absent)
{
	if (bits & 1u << LEADS_THERE)
		return TOOL_MATCH;
	if (bits & 1u << LEADS_UNKNOWN)
		return TOOL_ERROR;
	return bits == 0 ? absent : TOOL_BAD;
}

/* Does another forward of the same tunnel lead there? */
static int
has_good_sister(const struct row *rows, const enum leads *leads, size_t n,
    const struct tun *t)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (rows[i].tun == t && leads[i] == LEADS_THERE)
			return 1;
	return 0;
}

int
verdict_expect(const struct row *rows, size_t n, const char *host,
    struct tun_select *const *sels, size_t nsels, const int *absent,
    int quiet)
{
	enum leads *leads = tool_xcalloc(n + 1, sizeof(*leads));
	int status, named;
	unsigned all;
	size_t i;

	for (i = 0; i < n; i++) {
		leads[i] = judge_target(&rows[i], host);
		if (!quiet)
			say_target(&rows[i], host, leads[i]);
	}
	all = ways(rows, leads, n, NULL);
	if (all & 1u << LEADS_UNKNOWN)
		status = TOOL_ERROR;
	else
		status = n == 0 && nsels > 0 ? TOOL_MATCH :
		    need_one(all, absent[0]);
	for (i = 0; i < nsels; i++) {
		named = need_one(ways(rows, leads, n, sels[i]), absent[i]);
		if (named == TOOL_BAD || status == TOOL_MATCH)
			status = named;
	}
	for (i = 0; i < n; i++)
		if (leads[i] == LEADS_ELSEWHERE ||
		    (leads[i] == LEADS_NOWHERE &&
		    !has_good_sister(rows, leads, n, rows[i].tun)))
			status = TOOL_BAD;
	free(leads);
	return status;
}
