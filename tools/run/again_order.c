/* SPDX-License-Identifier: ISC */
/* Which tunnel goes through which other? */

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "common/out.h"
#include "common/tool.h"
#include "run/again.h"

/* "nc -x localhost:1080", "user@127.0.0.1:2222" */
static int
mentions(const char *word, int port)
{
	static const char *const hosts[] = { "localhost", "127.0.0.1",
	    "[::1]" };
	const char *p;
	char *place;
	size_t i;
	int found = 0;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]) && !found; i++) {
		place = tool_xasprintf("%s:%d", hosts[i], port);
		p = strstr(word, place);
		found = p != NULL && (p[strlen(place)] < '0' ||
		    p[strlen(place)] > '9');
		free(place);
	}
	return found;
}

/* Does the tunnel connect to this port of this machine? */
static int
uses_port(const struct again_job *job, int port)
{
	const struct tun *t = job->tun;
	size_t i;

	if ((t->remote.family != 0 && t->remote.port == port &&
	    cell_is_loopback(&t->remote)) || (t->port == port &&
	    cell_is_localhost(t->host)))
		return 1;
	for (i = 0; i < job->recipe->argc; i++)
		if (mentions(job->recipe->argv[i], port))
			return 1;
	return 0;
}

int
again_needs(const struct again_job *b, const struct again_job *a)
{
	const struct tun_fwd *fwd;
	size_t i;

	if (a->tun == b->tun)
		return 0;
	if (b->tun->carrier == a->tun ||
	    tool_has_peer(a->tun->users, a->tun->nusers, b->tun->pid))
		return 1;
	for (i = 0; i < a->tun->nfwds; i++) {
		fwd = a->tun->fwds[i];
		if (tun_forward_is_local(&fwd->spec) &&
		    fwd->spec.listen.port > 0 &&
		    uses_port(b, fwd->spec.listen.port))
			return 1;
	}
	return 0;
}
