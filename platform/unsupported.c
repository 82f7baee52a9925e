/* SPDX-License-Identifier: ISC */
/*
 * A system that we cannot look at: ENOSYS for everything but recorded tables.
 * The template for a port: copy it, and fill in one member of the table after
 * the other.  With open it needs close, caps, gaps, now and uid.  A call that
 * the system has no answer to stays NULL, and its PLAT_CAP_ bit unset.
 */
#include "impl.h"

const struct plat_ops plat_live = { .open = NULL };

/* Then all paths count as local, and a dead mount may hold us up. */
int
plat_mounts(struct plat_mount **vp, size_t *np)
{
	(void)vp;
	(void)np;
	return plat_nosys();
}
