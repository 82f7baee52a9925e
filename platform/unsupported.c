/* SPDX-License-Identifier: ISC */
/*
 * An unsupported system: ENOSYS for everything except recorded tables. This is
 * the template for a port: copy it, and fill in one member of the table after
 * the other. With open, the members close, caps, gaps, now and uid are
 * required. A call that the system cannot answer stays NULL, and its PLAT_CAP_
 * bit unset.
 */
#include "impl.h"

const struct plat_ops plat_live = { .open = NULL };

/* All paths count as local then, so a dead mount may block us. */
int
plat_mounts(struct plat_mount **vp, size_t *np)
{
	(void)vp;
	(void)np;
	return plat_nosys();
}
