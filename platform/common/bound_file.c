/* SPDX-License-Identifier: ISC */
/*
 * Which file a unix socket is bound to.  Linux lists the lower half of the
 * inode's number, and its device as no stat(2) shows it on btrfs and overlays:
 * so the device is left out, and of the number this half counts.
 */
#include "platform.h"

int
plat_is_bound(const struct plat_sock *sk, uint64_t ino)
{
	return sk->known & PLAT_SOCK_VFS &&
	    (uint32_t)sk->vfs_ino == (uint32_t)ino;
}
