/* SPDX-License-Identifier: ISC */
/*
 * Which file a unix socket is bound to. Linux lists only the lower 32 bits of
 * the inode number, so only these are compared. Its device is that of the mount
 * table, which on btrfs and overlayfs is another than stat(2) shows.
 */
#include "platform.h"

int
plat_is_bound(const struct plat_sock *sk, uint64_t dev, uint64_t ino)
{
	return sk->known & PLAT_SOCK_VFS &&
	    (uint32_t)sk->vfs_ino == (uint32_t)ino &&
	    (dev == 0 || sk->vfs_dev == 0 || sk->vfs_dev == dev);
}
