/* SPDX-License-Identifier: ISC */
/* Tells the user of a terminal why nothing was listed. */

#include <sys/types.h>

#include <stdlib.h>

#include "common/out.h"
#include "common/pick.h"
#include "common/tool.h"
#include "common/unmatched.h"
#include "libfind.h"
#include "ps/nothing.h"
#include "ps/ps.h"

/* The number of tunnels, and of those that only -a would add. */
static size_t
count(const struct pick *pick, const struct tun_list *list,
    size_t *foreground)
{
	struct view view = { 0 };

	view.rows = pick_rows(pick, list, &view.nrows, foreground);
	rows_keep_tunnels(&view);
	free(view.rows);
	return view.nrows;
}

/* Those of other users; returns 0 if there are none. */
static int
put_others(const struct args *args, struct tun_ctx *ctx)
{
	struct pick any = PICK_ANY;
	struct tun_list *all;
	size_t n, foreground;
	int all_too;

	if (args->pick.everyone || tun_scan(ctx, (ps_scan_flags(args) |
	    TUN_SCAN_SOCKETS) & ~(unsigned)(TUN_SCAN_OWN | TUN_SCAN_AGAIN),
	    &all) == -1)
		return 0;
	any.everyone = 1;
	any.all = args->pick.all;
	n = count(&any, all, &foreground);
	tun_list_free(all);
	all_too = n == 0;
	n += all_too ? foreground : 0;
	if (n == 1)
		tool_warn("no tunnel of yours: 1 of another user runs%s "
		    "(-%se shows it)", all_too ? " in the foreground" : "",
		    all_too ? "a" : "");
	else if (n > 0)
		tool_warn("no tunnel of yours: %zu of other users run%s "
		    "(-%se shows them)", n, all_too ? " in the foreground" :
		    "", all_too ? "a" : "");
	return n > 0;
}

void
nothing_put(const struct args *args, struct tun_ctx *ctx)
{
	struct pick any = PICK_ANY;
	size_t n, foreground;

	any.all = args->pick.all;
	any.everyone = args->pick.everyone;
	n = count(&any, args->view.list, &foreground);
	if (n > 0)
		tool_warn("no %s matches the options: %zu without them",
		    args->server ? "session of sshd" : "tunnel", n);
	else if (args->server)
		tool_warn("no session of sshd %s a remote forward%s",
		    tun_complete(args->view.list) ? "has" : "that is seen has",
		    args->direct ? " or a connection for its client" : "");
	else if (!put_others(args, ctx))
		tool_warn("no tunnel %s; start one: tunrun -fN -L "
		    "8080:localhost:80 HOST", tun_complete(args->view.list) ?
		    "in the background" : "is seen");
}

void
nothing_put_word(const struct args *args, struct tun_ctx *ctx, size_t i)
{
	const struct pick *pick = &args->pick;
	struct pick any = PICK_ANY;
	size_t foreground;

	any.all = 1;
	any.everyone = pick->everyone;
	any.sels = &pick->sels[i];
	any.words = &pick->words[i];
	any.nsels = 1;
	if (count(&any, args->view.list, &foreground) > 0)
		tool_warn("%s: does not match the options", pick->words[i]);
	else
		unmatched_put(ctx, args->view.list, pick->needs,
		    pick->everyone ? NULL : pick->sels[i], pick->words[i],
		    FOREIGN_LIST);
}
