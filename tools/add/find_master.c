/* SPDX-License-Identifier: ISC */
/* find_master.c: to which master tunadd adds. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "add/add.h"
#include "common/out.h"
#include "common/pick.h"
#include "common/tool.h"
#include "common/unmatched.h"

#define CHECK_MS	1000

void
add_scan(struct add_target *to, unsigned more)
{
	if (to->list != to->first)
		tun_list_free(to->list);
	to->list = NULL;
	to->tun = NULL;
	if (tun_scan(to->ctx, TUN_SCAN_OWN | TUN_SCAN_SOCKETS | to->needs |
	    more, &to->list) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	if (to->first == NULL)
		to->first = to->list;
}

const struct tun *
add_find_pid(const struct tun_list *list, pid_t pid)
{
	const struct tun *t = NULL;

	while ((t = tun_next(list, t)) != NULL && t->pid != pid)
		continue;
	return t;
}

/*
 * Was it named other than by its target or jump host?  Those names mean other
 * machines.
 */
static int
is_named(const struct add_args *args, const struct tun *t)
{
	unsigned others = TUN_MATCH_TARGET | TUN_MATCH_JUMP;

	return (tun_select_match(args->sel, t, NULL) & ~others) != 0;
}

/* Does the selector name a master? */
static int
names_master(const struct add_args *args, const struct tun_list *list)
{
	const struct tun *t = NULL;

	while ((t = tun_next(list, t)) != NULL)
		if (t->master == 1 && is_named(args, t))
			return 1;
	return 0;
}

/*
 * Returns the one master that is meant, or NULL if there is none; several are
 * an error that ends the tool.
 */
static const struct tun *
choose(const struct add_args *args, const struct tun_list *list)
{
	const struct tun *t = NULL, *found = NULL;
	char *names = NULL;
	int masters = names_master(args, list);
	size_t n = 0;

	while ((t = tun_next(list, t)) != NULL) {
		if ((masters && t->master != 1) || !is_named(args, t))
			continue;
		found = t;
		names = cell_join(names, ", ", tool_xasprintf("%ld",
		    (long)t->pid));
		n++;
	}
	if (n > 1)
		tool_usage("%s: names %zu %s: pids %s", args->word, n,
		    masters ? "masters" : "tunnels", names);
	free(names);
	return found;
}

static void
find_by_word(struct add_args *args, struct add_target *to)
{
	const struct tun *t;

	add_scan(to, *args->word == '@' ? TUN_SCAN_ENV : 0);
	pick_settle_path(to->ctx, args->word, &args->sel, to->list);
	if ((t = choose(args, to->list)) == NULL) {
		unmatched_put(to->ctx, to->list, TUN_SCAN_INFO, args->sel,
		    args->word, FOREIGN_NONE);
		exit(TOOL_NONE);
	}
	if (t->master != 1 || t->ctlpath == NULL)
		tool_fail("%s: pid %ld is no master, or not yet: only one that "
		    "was started with -M and -S and is connected can be given "
		    "more forwards",
		    args->word, (long)t->pid);
	if (tun_masters_find(to->ctx, to->list, geteuid(),
	    TUN_MASTERS_SOCKETS, &to->masters) == -1)
		tool_fail("cannot look for sockets: %s", strerror(errno));
	if ((to->master = tun_masters_of(to->masters, t)) == NULL)
		tool_fail("%s: %s", t->ctlpath, strerror(errno));
}

static void
find_by_path(const struct add_args *args, struct add_target *to)
{
	add_scan(to, 0);
	if (tun_masters_find(to->ctx, to->list, geteuid(), 0, &to->masters) ==
	    -1 || (to->master = tun_masters_at(to->masters, args->path)) ==
	    NULL)
		tool_fail("%s: %s", args->path, strerror(errno));
}

void
add_find_master(struct add_args *args, struct add_target *to)
{
	const struct tun_master *m;

	if (args->sel != NULL)
		find_by_word(args, to);
	else
		find_by_path(args, to);
	if (tun_masters_ask(&to->master, 1, TUN_ASK_MASTER, CHECK_MS) == -1)
		tool_fail("cannot ask: %s", strerror(errno));
	m = to->master;
	switch (m->ctl) {
	case TUN_CTL_OK:
		break;
	case TUN_CTL_NONE:
	case TUN_CTL_DEAD:
		tool_warn("%s: no master: %s", m->path, m->text);
		exit(TOOL_NONE);
	case TUN_CTL_LOST:
	case TUN_CTL_REPLACED:
		tool_fail("%s: its path does not lead to pid %ld any more",
		    m->path, (long)m->pid);
	case TUN_CTL_FOREIGN:
		tool_fail("%s: another user's master: run tunadd as that "
		    "user", m->path);
	default:
		tool_fail("%s: %s: %s", m->path, tun_ctl_name(m->ctl),
		    *m->text != '\0' ? m->text : strerror(m->error));
	}
	to->tun = add_find_pid(to->list, m->pid);
}
