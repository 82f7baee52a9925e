/* SPDX-License-Identifier: ISC */
/*
 * from_clients.c: the destination of a master that shows only a title, from the
 * command lines of its clients. A client can give any word there, so they must
 * agree; what one of them leaves out does not contradict another.
 */
#include <string.h>

#include "process.h"

static int
differs(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) != 0;
}

/* Adds what a client says, or nothing: it contradicts another one. */
static int
take(struct tun *t, const struct cmdline *cmd)
{
	if (differs(t->host, cmd->host) || differs(t->user, cmd->user) ||
	    (t->port > 0 && cmd->port > 0 && t->port != cmd->port))
		return 0;
	if (t->dest == NULL) {
		t->dest = cmd->dest;
		t->host = cmd->host;
	}
	if (t->user == NULL)
		t->user = cmd->user;
	if (t->port <= 0)
		t->port = cmd->port;
	return 1;
}

static void
name_master(const struct scan *s, struct cand *master)
{
	struct tun *t = &master->verdict.tun;
	const struct cand *c;
	size_t i;

	for (i = 0; i < s->n; i++) {
		c = s->cands[i];
		if (c->links.master != master ||
		    c->facts->cmd.kind != CMD_SESSION)
			continue;
		if (!take(t, &c->facts->cmd)) {
			t->dest = t->user = t->host = NULL;
			t->port = -1;
			return;
		}
	}
	if (t->dest != NULL)
		evidence_add(&t->why, TUN_WHY_CLIENTNAME);
}

void
clients_name_masters(const struct scan *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->cands[i]->links.ctlsock != NULL &&
		    s->cands[i]->facts->cmd.dest == NULL)
			name_master(s, s->cands[i]);
}
