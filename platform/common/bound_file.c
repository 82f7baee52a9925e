/* SPDX-License-Identifier: ISC */
/*
 * Which file a unix socket is bound to. Linux lists only the lower 32 bits of
 * the inode number, and on btrfs and overlayfs another device than stat(2)
 * shows. So the device is not compared, and only these bits of the number are.
 */
#include "platform.h"

int
plat_is_bound(const struct plat_sock *sk, uint64_t ino)
{
	return sk->known & PLAT_SOCK_VFS &&
	    (uint32_t)sk->vfs_ino == (uint32_t)ino;
}
