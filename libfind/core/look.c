/* SPDX-License-Identifier: ISC */
/* look.c: stat(2) for callers, of a path on which it may never return. */
#include <sys/stat.h>

#include <errno.h>

#include "core.h"
#include "resolve.h"

int
tun_look(struct tun_ctx *ctx, const char *path, int follow,
    struct tun_look *look)
{
	struct resolved r;

	if (resolve_look(ctx->rs, path, follow ? RESOLVE_FOLLOW : 0, 0,
	    &r) == -1)
		return -1;
	if (r.st.st_mode == 0) {
		errno = ENOENT;
		return -1;
	}
	look->is_socket = S_ISSOCK(r.st.st_mode);
	look->is_shared = r.shared;
	look->uid = r.st.st_uid;
	look->dev = (uint64_t)r.st.st_dev;
	look->ino = (uint64_t)r.st.st_ino;
	look->changed = (int64_t)r.st.st_ctime;
	return 0;
}
