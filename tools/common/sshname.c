/* SPDX-License-Identifier: ISC */
/* --ssh-name: other names of programs that are an ssh. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/journal_use.h"
#include "common/sshname.h"
#include "common/tool.h"

void
sshname_add(struct sshnames *names, const char *name)
{
	if (*name == '\0' || strchr(name, '/') != NULL)
		tool_usage("--ssh-name: not the name of a program");
	names->v = tool_xreallocarray(names->v, names->n + 1,
	    sizeof(*names->v));
	names->v[names->n++] = name;
}

void
sshname_tell(struct sshnames *names, struct tun_ctx *ctx)
{
	size_t i;

	for (i = 0; i < names->n; i++) {
		if (tun_ssh_name(ctx, names->v[i]) == -1)
			tool_fail("--ssh-name: %s", strerror(errno));
	}
	free(names->v);
	names->v = NULL;
	names->n = 0;
}

struct tun_ctx *
sshname_open(const char *table, struct sshnames *names)
{
	struct tun_ctx *ctx = tun_open(table);

	if (ctx == NULL)
		tool_fail("%s: %s", table != NULL ? table : "processes",
		    table != NULL && errno == EINVAL ?
		    "not a recorded table" : strerror(errno));
	sshname_tell(names, ctx);
	journal_use(ctx);
	return ctx;
}
