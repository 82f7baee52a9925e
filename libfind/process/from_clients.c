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

/* Adds what a client says; 0: it contradicts another one. */
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

/* The master that this client may name; or NULL. */
static struct cand *
nameless_master(const struct cand *c)
{
	struct cand *m = c->links.master;

	return m != NULL && c->facts->cmd.kind == CMD_SESSION &&
	    m->links.ctlsock != NULL && m->facts->cmd.dest == NULL ? m : NULL;
}

void
clients_name_masters(const struct scan *s)
{
	struct cand *m;
	struct tun *t;
	size_t i;

	for (i = 0; i < s->n; i++)
		if ((m = nameless_master(s->cands[i])) != NULL &&
		    !take(&m->verdict.tun, &s->cands[i]->facts->cmd))
			m->links.disputed = 1;
	for (i = 0; i < s->n; i++) {
		if ((m = nameless_master(s->cands[i])) == NULL)
			continue;
		t = &m->verdict.tun;
		if (m->links.disputed) {
			t->dest = t->user = t->host = NULL;
			t->port = -1;
		} else if (t->dest != NULL)
			evidence_add(&t->why, TUN_WHY_CLIENTNAME);
	}
}
