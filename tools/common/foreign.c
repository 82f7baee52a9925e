/* SPDX-License-Identifier: ISC */
/* Tells the user that an operand means something of another user. */

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/foreign.h"
#include "common/holder.h"
#include "common/pick.h"
#include "common/readings.h"
#include "common/tool.h"

/* A tunnel of another user that the selector matches, or NULL. */
static const struct tun *
find_tunnel(const struct tun_select *sel, const struct tun_list *list)
{
	const struct tun *t = NULL;

	while ((t = tun_next(list, t)) != NULL) {
		if (t->uid != geteuid() &&
		    tun_select_match(sel, t, NULL) != 0)
			break;
	}
	return t;
}

/* The user of a process that listens there but cannot be seen; or -1. */
static uid_t
port_user(struct tun_ctx *ctx, const char *word)
{
	int port = port_holder_port(word);
	uid_t uid = (uid_t)-1;
	const struct tun_peer **peers;
	size_t i, n;

	if (port == 0 || tun_port_owners(ctx, port, &peers, &n) == -1)
		return uid;
	for (i = 0; i < n && uid == (uid_t)-1; i++) {
		if (peers[i]->pid == 0 && peers[i]->uid != geteuid())
			uid = peers[i]->uid;
	}
	free(peers);
	return uid;
}

/* What root can do to it with -u; or NULL. */
static const char *
verb(enum foreign_hint hint)
{
	return hint == FOREIGN_END ? "end" : hint == FOREIGN_ASK ? "ask" :
	    NULL;
}

/* What can be done without -u, in words for the end of a line. */
static const char *
way(enum foreign_hint hint)
{
	return hint == FOREIGN_LIST ? ": -e lists it" :
	    hint == FOREIGN_RUN ? ": run tunrun as that user" : "";
}

static void
put_tunnel(const struct tun *t, const char *word, enum foreign_hint hint)
{
	const char *user = tool_user(t->uid);

	if (verb(hint) == NULL)
		tool_warn("%s: it is %s's (ssh %ld)%s", word, user,
		    (long)t->pid, way(hint));
	else if (geteuid() == 0)
		tool_warn("%s: it is %s's (ssh %ld): -u %s names it", word,
		    user, (long)t->pid, user);
	else
		tool_warn("%s: it is %s's (ssh %ld): only that user and root "
		    "may %s it", word, user, (long)t->pid, verb(hint));
}

/* A number that is only the port of a target of another user's. */
static int
put_target(const struct tun_list *list, const char *word,
    enum foreign_hint hint)
{
	const char *errstr, *user;
	struct tun_select *sel = tun_select_parse(word, &errstr);
	const struct tun *t;
	char *names = readings_target_port(word, list);

	t = names != NULL && tun_select_settle(sel, list) ?
	    find_tunnel(sel, list) : NULL;
	if (t != NULL) {
		user = tool_user(t->uid);
		if (verb(hint) != NULL && geteuid() == 0)
			tool_warn("%s: the target port of %s, which is %s's: "
			    "-u %s and the ID name it", word, names, user,
			    user);
		else
			tool_warn("%s: the target port of %s, which is %s's%s",
			    word, names, user, way(hint));
	}
	free(names);
	tun_select_free(sel);
	return t != NULL;
}

int
foreign_put(struct tun_ctx *ctx, unsigned flags,
    const struct tun_select *sel, const char *word, enum foreign_hint hint)
{
	struct tun_list *all;
	const struct tun *t;
	uid_t uid = (uid_t)-1;
	int target = 0;

	if (tun_scan(ctx, flags | TUN_SCAN_SOCKETS, &all) == -1)
		return 0;
	if ((t = find_tunnel(sel, all)) != NULL)
		put_tunnel(t, word, hint);
	else if ((target = put_target(all, word, hint)) == 0 &&
	    (uid = port_user(ctx, word)) != (uid_t)-1)
		tool_warn("%s: no such tunnel: a process of %s that cannot be "
		    "seen listens there", word, tool_user(uid));
	tun_list_free(all);
	return t != NULL || target || uid != (uid_t)-1;
}
