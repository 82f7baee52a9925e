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
