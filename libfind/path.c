/* SPDX-License-Identifier: ISC */
/*
 * path.c: which listener a path leads to.  By the inode that the kernel bound,
 * which no rename changes.  The device is left out: btrfs and overlays show
 * stat(2) another one than they have.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "join.h"

char *
path_full(struct arena *a, const char *cwd, const char *path)
{
	if (*path == '/' || cwd == NULL || *cwd != '/')
		return arena_strdup(a, path);
	return arena_printf(a, "%s%s%s", cwd,
	    cwd[strlen(cwd) - 1] == '/' ? "" : "/", path);
}

/* 32 bits are all that the kernel's list has. */
static int
is_bound(const struct plat_sock *sk, const struct stat *st)
{
	return (uint32_t)st->st_ino == (uint32_t)sk->vfs_ino;
}

enum fwd_file
path_leads(const struct join *j, const struct cand *c, const char *path,
    const struct plat_sock *sk)
{
	struct stat st;

	if (j->set->recorded || c->facts->from.netns == 0 || *path != '/')
		return FILE_UNKNOWN;
	if (stat(path, &st) == -1)
		return errno == ENOENT || errno == ENOTDIR ? FILE_NONE :
		    FILE_UNKNOWN;
	if (!(sk->known & PLAT_SOCK_VFS))
		return FILE_UNKNOWN;
	return is_bound(sk, &st) ? FILE_OURS : FILE_OTHER;
}

const struct plat_sock *
path_listener(const struct join *j, const char *path, enum fwd_file *file)
{
	const struct plat_sock *sk;
	struct stat st;
	size_t i;
	int blind = 0;

	*file = FILE_UNKNOWN;
	if (j->set->recorded || *path != '/')
		return NULL;
	if (stat(path, &st) == -1) {
		if (errno == ENOENT || errno == ENOTDIR)
			*file = FILE_NONE;
		return NULL;
	}
	*file = FILE_OTHER;
	if (!S_ISSOCK(st.st_mode))
		return NULL;
	for (i = 0; i < j->set->nsocks; i++) {
		sk = &j->set->socks[i];
		if (sk->family != AF_UNIX || !sock_is_listener(sk))
			continue;
		if (!(sk->known & PLAT_SOCK_VFS))
			blind |= sk->path[0] != '\0';
		else if (is_bound(sk, &st))
			return sk;
	}
	*file = blind ? FILE_UNKNOWN : FILE_DEAD;
	return NULL;
}
