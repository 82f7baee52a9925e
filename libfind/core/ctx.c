/* SPDX-License-Identifier: ISC */
/* ctx.c: a context says where to look and which names an ssh may have. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/array.h"
#include "compat/compat.h"
#include "core.h"
#include "resolve.h"

struct tun_ctx *
tun_open(const char *table)
{
	struct tun_ctx *ctx;

	if ((ctx = calloc(1, sizeof(*ctx))) == NULL)
		return NULL;
	if ((ctx->rs = malloc(sizeof(*ctx->rs))) == NULL ||
	    (ctx->pl = plat_open(table)) == NULL) {
		free(ctx->rs);
		free(ctx);
		return NULL;
	}
	resolve_init(ctx->rs);
	ctx->recorded = table != NULL;
	return ctx;
}

void
tun_close(struct tun_ctx *ctx)
{
	size_t i;

	if (ctx == NULL)
		return;
	plat_close(ctx->pl);
	resolve_end(ctx->rs);
	free(ctx->rs);
	for (i = 0; i < ctx->nssh_names; i++)
		free(ctx->ssh_names[i]);
	free(ctx->ssh_names);
	free(ctx->taken);
	free(ctx->taken_host);
	journal_setup_free(ctx->journal);
	free(ctx);
}

void
journal_setup_free(struct journal_setup *js)
{
	if (js == NULL)
		return;
	free(js->state_home);
	free(js->home);
	free(js);
}

/* It may be only a matter of another user's rights, or of another system. */
const char *
tun_cannot(struct tun_ctx *ctx, size_t i)
{
	static const struct {
		unsigned cap;
		const char *what;
	} blanks[] = {
		{ PLAT_CAP_ARGS_OTHERS, "command lines of other users" },
		{ PLAT_CAP_EXE, "executables" },
		{ PLAT_CAP_CWD, "working directories" },
		{ PLAT_CAP_SOCKS_OWN, "which process has which socket" },
		{ PLAT_CAP_SOCKS_OTHERS, "sockets of other users' processes" },
		{ PLAT_CAP_LISTENERS, "listeners of other users" },
		{ PLAT_CAP_TCPINFO, "how long a peer is silent" },
		{ PLAT_CAP_BYTES, "bytes sent and received" },
		{ PLAT_CAP_ENV, "labels in environments" },
		{ PLAT_CAP_PIPES, "who is at the other end of a pipe" },
	};
	unsigned caps = plat_caps(ctx->pl);
	size_t k;

	for (k = 0; k < NELEM(blanks); k++)
		if (!(caps & blanks[k].cap) && i-- == 0)
			return blanks[k].what;
	return plat_gaps(ctx->pl) & PLAT_GAP_FROZEN && i == 0 ?
	    "whether processes are frozen" : NULL;
}

int
tun_ssh_name(struct tun_ctx *ctx, const char *name)
{
	char *copy, **names;

	if (*name == '\0' || strchr(name, '/') != NULL) {
		errno = EINVAL;
		return -1;
	}
	names = reallocarray(ctx->ssh_names, ctx->nssh_names + 2,
	    sizeof(*names));
	if (names == NULL)
		return -1;
	ctx->ssh_names = names;
	names[ctx->nssh_names] = NULL;
	if ((copy = strdup(name)) == NULL)
		return -1;
	names[ctx->nssh_names++] = copy;
	names[ctx->nssh_names] = NULL;
	return 0;
}

int
tun_take(struct tun_ctx *ctx, const struct tun_child *v, size_t n,
    const char *host)
{
	struct tun_child *copy;
	char *name = NULL;

	if ((copy = calloc(n + 1, sizeof(*copy))) == NULL)
		return -1;
	if (host != NULL && (name = strdup(host)) == NULL) {
		free(copy);
		return -1;
	}
	if (n > 0)
		memcpy(copy, v, n * sizeof(*copy));
	free(ctx->taken);
	free(ctx->taken_host);
	ctx->taken = copy;
	ctx->ntaken = n;
	ctx->taken_host = name;
	return 0;
}

