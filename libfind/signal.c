/* SPDX-License-Identifier: ISC */
/* signal.c: to the process that was seen, and to no later one. */
#include <errno.h>
#include <string.h>

#include "internal.h"

/* The name that the process's executable must still have. */
static const char *
exe_name(const struct tun *t, char *buf, size_t len)
{
	static const char deleted[] = " (deleted)";
	const char *base;
	size_t n;

	if (t->exe == NULL)
		return NULL;
	base = strrchr(t->exe, '/');
	base = base == NULL ? t->exe : base + 1;
	n = strlen(base);
	if (n > sizeof(deleted) - 1 &&
	    strcmp(base + n - (sizeof(deleted) - 1), deleted) == 0)
		n -= sizeof(deleted) - 1;
	if (n >= len)
		return NULL;
	memcpy(buf, base, n);
	buf[n] = '\0';
	return buf;
}

int
tun_signal(struct tun_ctx *ctx, const struct tun *t, int sig)
{
	struct plat_proc row;
	char exe[256];

	if (t->pid <= 1) {
		errno = EINVAL;
		return -1;
	}
	memset(&row, 0, sizeof(row));
	row.pid = t->pid;
	row.uid = t->uid;
	row.ident[0] = t->ident[0];
	row.ident[1] = t->ident[1];
	return plat_signal(ctx->pl, &row, exe_name(t, exe, sizeof(exe)), sig,
	    NULL);
}
