/* SPDX-License-Identifier: ISC */
/* ctx.c: a context is where to look and what to take for an ssh. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct tun_ctx *
tun_open(const char *table)
{
	struct tun_ctx *ctx;

	if ((ctx = calloc(1, sizeof(*ctx))) == NULL)
		return NULL;
	if ((ctx->pl = plat_open(table)) == NULL) {
		free(ctx);
		return NULL;
	}
	ctx->recorded = table != NULL;
	return ctx;
}

void
tun_close(struct tun_ctx *ctx)
{
	if (ctx == NULL)
		return;
	plat_close(ctx->pl);
	free(ctx->ssh_name);
	free(ctx);
}

/* Another user's rights may be all that is missing, or another system. */
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

	for (k = 0; k < sizeof(blanks) / sizeof(blanks[0]); k++)
		if (!(caps & blanks[k].cap) && i-- == 0)
			return blanks[k].what;
	return NULL;
}

int
tun_ssh_name(struct tun_ctx *ctx, const char *name)
{
	char *copy;

	if (*name == '\0' || strchr(name, '/') != NULL) {
		errno = EINVAL;
		return -1;
	}
	if ((copy = strdup(name)) == NULL)
		return -1;
	free(ctx->ssh_name);
	ctx->ssh_name = copy;
	return 0;
}
