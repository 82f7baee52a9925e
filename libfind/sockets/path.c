/* SPDX-License-Identifier: ISC */
/*
 * path.c: which listener a path leads to. They are compared by the inode that
 * the kernel bound, which a rename does not change.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "join.h"
#include "core/resolve.h"

char *
path_full(struct arena *a, const char *cwd, const char *path)
{
	if (*path == '/' || cwd == NULL || *cwd != '/')
		return arena_strdup(a, path);
	return arena_printf(a, "%s%s%s", cwd,
	    cwd[strlen(cwd) - 1] == '/' ? "" : "/", path);
}

/*
 * A recorded table says what was at the path; while a record is made, the
 * result is written to it.
 */
static void
look_at(const struct join *j, const char *path, struct plat_file *f)
{
	struct plat *pl = j->set->pl;
	struct resolved r;

	memset(f, 0, sizeof(*f));
	if (pl != NULL && plat_file_get(pl, path, f) == 0)
		return;
	if (resolve_look(j->set->rs, path, RESOLVE_FOLLOW, 0, &r) == -1) {
		f->error = errno;
		if (pl != NULL)
			(void)plat_note_failure(pl);
	} else if (r.st.st_mode == 0)
		f->error = ENOENT;
	else {
		f->dev = r.dev;
		f->ino = r.st.st_ino;
		f->socket = S_ISSOCK(r.st.st_mode);
		f->shared = r.shared;
	}
	if (pl != NULL)
		plat_file_put(pl, path, f);
}

static enum fwd_file
not_found(const struct plat_file *f)
{
	switch (f->error) {
	case ENOENT:
	case ENOTDIR:
		return FILE_NONE;
	case EREMOTE:
	case ETIMEDOUT:
		return FILE_REMOTE;
	default:
		return FILE_UNKNOWN;
	}
}

int
path_is_others(const struct join *j, const struct cand *c)
{
	return j->set->pl != NULL &&
	    plat_other_files(j->set->pl, &c->facts->row) != 0;
}

enum fwd_file
path_leads(const struct join *j, const struct cand *c, const char *path,
    const struct plat_sock *sk)
{
	struct plat_file f;

	if (c->facts->from.netns == 0 || *path != '/')
		return path_is_others(j, c) ? FILE_ELSEWHERE : FILE_UNKNOWN;
	look_at(j, path, &f);
	if (f.error == 0 && sk->known & PLAT_SOCK_VFS &&
	    plat_is_bound(sk, f.dev, f.ino))
		return FILE_OURS;
	if (path_is_others(j, c))
		return FILE_ELSEWHERE;
	if (f.error != 0)
		return not_found(&f);
	if (!(sk->known & PLAT_SOCK_VFS))
		return FILE_UNKNOWN;
	return f.shared ? FILE_REMOTE : FILE_OTHER;
}

const struct plat_sock *
path_listener(const struct join *j, const char *path, enum fwd_file *file)
{
	const struct plat_sock *sk;
	struct plat_file f;
	size_t i;
	int blind = 0;

	*file = FILE_UNKNOWN;
	if (*path != '/')
		return NULL;
	look_at(j, path, &f);
	if (f.error != 0) {
		*file = not_found(&f);
		return NULL;
	}
	*file = FILE_OTHER;
	if (!f.socket)
		return NULL;
	for (i = 0; i < j->set->nsocks; i++) {
		sk = &j->set->socks[i];
		if (sk->family != AF_UNIX || !sock_is_listener(sk))
			continue;
		if (!(sk->known & PLAT_SOCK_VFS))
			blind |= sk->path[0] != '\0';
		else if (plat_is_bound(sk, f.dev, f.ino))
			return sk;
	}
	/*
	 * The listener may be on another machine that shares the file system.
	 */
	if (f.shared)
		*file = FILE_REMOTE;
	else
		*file = blind ? FILE_UNKNOWN : FILE_DEAD;
	return NULL;
}
