/* SPDX-License-Identifier: ISC */
/* journal_use.c: the journal of the user, and messages about it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/journal_use.h"
#include "common/tool.h"
#include "libfind.h"

static int
is_off(void)
{
	const char *value = getenv("TUN_JOURNAL");

	return value != NULL && strcmp(value, "off") == 0;
}

void
journal_use(struct tun_ctx *ctx)
{
	if (!is_off() && tun_journal_use(ctx, getenv("XDG_STATE_HOME"),
	    getenv("HOME")) == -1)
		tool_fail("%s", strerror(errno));
}

static void
warn_of_file(const struct tun_ctx *ctx, const char *what)
{
	const char *path = tun_journal_path(ctx);

	tool_warn("%s%s%s: %s", path != NULL ? path : "",
	    path != NULL ? ": " : "", what, tun_journal_error(ctx));
}

void
journal_put_error(const struct tun_ctx *ctx)
{
	static int said;
	const char *why = tun_journal_error(ctx);

	if (why != NULL && !is_off() && !said)
		warn_of_file(ctx, "the journal cannot be used");
	said |= why != NULL;
}

void
journal_fail(const struct tun_ctx *ctx)
{
	const char *path = tun_journal_path(ctx);

	tool_fail("%s: %s", path != NULL ? path : "the journal",
	    tun_journal_error(ctx));
}

void
journal_add(struct tun_ctx *ctx, const struct tun *t,
    const struct tun_forward *fwd, int port)
{
	const struct tun_peer **v;
	uint64_t sock = 0;
	size_t i, n;

	if (tun_forward_is_local(fwd) &&
	    tun_listeners(ctx, t, fwd, 0, &v, &n) == 0) {
		for (i = 0; i < n && sock == 0; i++)
			if (v[i]->pid == t->pid)
				sock = v[i]->sock;
		free(v);
	}
	journal_wrote(ctx, tun_journal_add(ctx, t, fwd, port, sock));
}

/* Without a journal, nothing is missing that the user has asked for. */
void
journal_wrote(const struct tun_ctx *ctx, int r)
{
	if (r == -1 && errno != ENOTSUP)
		warn_of_file(ctx, "not written to the journal");
}
