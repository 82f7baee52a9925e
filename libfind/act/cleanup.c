/* SPDX-License-Identifier: ISC */
/*
 * cleanup.c: what ending a tunnel takes besides signals.  Whatever touches
 * sockets and files, which a user can replace, is done as that user.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/asuser.h"
#include "compat/compat.h"
#include "verdict/verdict.h"
#include "core/resolve.h"
#include "core/socket.h"

#define SLACK_MS	500	/* for a child to start and to end */

/* --- our own processes ---------------------------------------------------- */

#define MAX_DEPTH	1000	/* levels of processes; no tree is so deep */

int
tun_is_ancestor(struct tun_ctx *ctx, pid_t pid)
{
	struct plat_proc row;
	pid_t at = getpid();
	int i, r;

	/* In a record our PID belongs to another process. */
	for (i = 0; !ctx->recorded && i < MAX_DEPTH && at > 0; i++) {
		if (at == pid)
			return 1;
		if ((r = row_read(ctx->pl, at, &row)) != 1)
			return r;
		at = row.ppid;
	}
	return 0;
}

/*
 * The SSH_CONNECTION of this process, or of its nearest ancestor that has one:
 * sudo(8) takes it out of the environment.  *endsp is NULL if none has one.
 */
static int
find_login(struct arena *a, struct tun_ctx *ctx, const char **endsp)
{
	static const char name[] = "SSH_CONNECTION";
	struct plat_proc row;
	pid_t at = getppid();
	int i, r;

	*endsp = getenv(name);
	for (i = 0; *endsp == NULL && i < MAX_DEPTH && at > 0; i++) {
		if ((r = row_read(ctx->pl, at, &row)) != 1)
			return r;
		*endsp = process_var(process_env(a, ctx->pl, &row), name);
		at = row.ppid;
	}
	return 0;
}

/* Is it "ADDRESS[%SCOPE] PORT ..." with this address and port? */
static int
begins_at(const char *ends, const struct tun_addr *client)
{
	char ip[INET6_ADDRSTRLEN], port[16];
	size_t len;

	if (inet_ntop(client->family, client->ip, ip, sizeof(ip)) == NULL)
		return 0;
	snprintf(port, sizeof(port), " %d ", client->port);
	len = strlen(ip);
	if (strncmp(ends, ip, len) != 0)
		return 0;
	ends += len;
	if (*ends == '%')
		ends += strcspn(ends, " ");
	return strncmp(ends, port, strlen(port)) == 0;
}

/* Is it one of these terminals, as "pts/0,pts/1"? */
static int
is_among(const char *name, const char *ttys)
{
	size_t len = strlen(name);

	for (; *ttys != '\0'; ttys += strcspn(ttys, ","), ttys += *ttys == ',')
		if (strncmp(ttys, name, len) == 0 &&
		    (ttys[len] == ',' || ttys[len] == '\0'))
			return 1;
	return 0;
}

/*
 * Has the process one of these terminals open?  0 also if it may not be read,
 * but for one of our own, as screen(1) of Debian is for its set-group-ID: that
 * may have any, unless it is sshd.
 */
static int
has_terminal(struct plat *pl, const struct plat_proc *row, const char *ttys)
{
	static const char dev[] = "/dev/";
	struct plat_fd *fds;
	size_t i, n;
	int found = 0;

	if (plat_fds(pl, row, &fds, &n, NULL) == -1)
		return plat_failed(errno) ? -1 : errno == EACCES &&
		    row->uid == geteuid() && strncmp(row->comm, "sshd", 4) != 0;
	for (i = 0; i < n && !found; i++)
		found = fds[i].kind == PLAT_FD_TTY &&
		    !(fds[i].flags & PLAT_FD_DELETED) &&
		    strncmp(fds[i].name, dev, sizeof(dev) - 1) == 0 &&
		    is_among(fds[i].name + sizeof(dev) - 1, ttys);
	free(fds);
	return found;
}

/*
 * Has an ancestor of this process a terminal of the session open?  The server
 * of tmux(1) or screen(1) has those of all that are attached to it, which need
 * not be the login that has started it.
 */
static int
is_attached(struct tun_ctx *ctx, const struct tun *t)
{
	struct plat_proc row;
	pid_t at = getppid();
	int i, r;

	if (t->tty == NULL || (r = row_read(ctx->pl, t->pid, &row)) == 0)
		return 0;
	if (r == -1)
		return -1;
	/* In other files than ours the same name is another terminal. */
	if (plat_other_files(ctx->pl, &row) == 1)
		return 0;
	r = 0;
	for (i = 0; r == 0 && i < MAX_DEPTH && at > 0; i++) {
		if ((r = row_read(ctx->pl, at, &row)) != 1)
			return r;
		r = has_terminal(ctx->pl, &row, t->tty);
		at = row.ppid;
	}
	return r;
}

int
tun_is_own_login(struct tun_ctx *ctx, const struct tun *t)
{
	struct arena *a;
	const char *ends;
	int r;

	if (ctx->recorded || !t->served)
		return 0;
	if ((a = arena_new()) == NULL)
		return -1;
	if ((r = find_login(a, ctx, &ends)) == 0 && ends != NULL)
		r = begins_at(ends, &t->remote);
	arena_free(a);
	return r == 0 ? is_attached(ctx, t) : r;
}

/* --- ports --------------------------------------------------------------- */

int
tun_is_listening(struct tun_ctx *ctx, const struct tun_addr *addr,
    uint64_t *sockp)
{
	struct plat_sock *socks;
	size_t i, n, len = addr->family == AF_INET ? 4 : 16;
	int found = 0;

	if (addr->family != AF_INET && addr->family != AF_INET6)
		return 0;
	if (plat_socks(ctx->pl, NULL, 0, PLAT_SOCKS_LISTEN, NULL, &socks,
	    &n) == -1)
		return -1;
	for (i = 0; i < n && !found; i++) {
		found = socks[i].family == addr->family &&
		    socks[i].state == PLAT_TCP_LISTEN &&
		    socks[i].local.port == addr->port &&
		    memcmp(socks[i].local.ip, addr->ip, len) == 0;
		if (found && sockp != NULL)
			*sockp = socks[i].key;
	}
	free(socks);
	return found;
}

/* --- files of sockets ---------------------------------------------------- */

/*
 * Returns the full path, which the caller frees; NULL with ENOENT if the
 * directory is not known.
 */
static char *
absolute(const char *path, const char *cwd)
{
	char *s;
	size_t len;

	if (*path == '/')
		return strdup(path);
	if (cwd == NULL || *cwd != '/') {
		errno = ENOENT;
		return NULL;
	}
	len = strlen(cwd) + strlen(path) + 2;
	if ((s = malloc(len)) == NULL)
		return NULL;
	strlcpy(s, cwd, len);
	strlcat(s, "/", len);
	strlcat(s, path, len);
	return s;
}

/*
 * A socket can be known to be dead only if no other machine uses its file
 * system.
 */
static int
find(const char *path, uid_t uid, struct stat *st)
{
	struct resolver rs;
	struct resolved r;
	int error = 0, ok = -1;

	resolve_init(&rs);
	if (resolve(&rs, path, RESOLVE_OWNED, uid, &r) == -1)
		error = errno;
	else if (r.st.st_mode == 0)
		error = ENOENT;
	else if (!S_ISSOCK(r.st.st_mode) || r.st.st_uid != uid)
		error = EPROTO;
	else if (r.shared)
		error = EREMOTE;
	else {
		*st = r.st;
		ok = 0;
	}
	resolve_end(&rs);
	errno = error;
	return ok;
}

struct tun_file {
	char *path;		/* from the root */
	uid_t uid;
	dev_t dev;
	ino_t ino;
};

struct tun_file *
tun_file_find(const char *path, const char *cwd, uid_t uid)
{
	struct tun_file *file;
	struct stat st;
	char *full;

	if ((full = absolute(path, cwd)) == NULL)
		return NULL;
	if (find(full, uid, &st) == -1 ||
	    (file = malloc(sizeof(*file))) == NULL) {
		free(full);
		return NULL;
	}
	file->path = full;
	file->uid = uid;
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	return file;
}

const char *
tun_file_path(const struct tun_file *file)
{
	return file->path;
}

void
tun_file_free(struct tun_file *file)
{
	if (file != NULL)
		free(file->path);
	free(file);
}

static int
is_that(const struct stat *st, const struct tun_file *file)
{
	return S_ISSOCK(st->st_mode) && st->st_uid == file->uid &&
	    st->st_dev == file->dev && st->st_ino == file->ino;
}

/*
 * Returns 0 if the kernel says that nobody listens, otherwise why that is not
 * proven.
 */
static int
dead(const struct resolved *r)
{
	int error = 0, fd;

	if ((fd = socket_new(AF_UNIX)) == -1)
		return errno;
	if (plat_connect(fd, r->dir, r->name, &r->st) == 0 ||
	    errno == EAGAIN || errno == EINPROGRESS)
		error = EADDRINUSE;
	else if (errno != ECONNREFUSED)
		error = errno;
	close(fd);
	return error;
}

struct removal {
	const struct tun_file *file;
	int only_look;
	int error;
};

/*
 * All calls use a directory that is held open, because the path may lead
 * elsewhere a moment later.
 */
static int
remove_found(const struct removal *rm, const struct resolved *r)
{
	struct stat now;
	int error;

	if (r->st.st_mode == 0)
		return ENOENT;
	if (r->shared)
		return EREMOTE;
	if (!is_that(&r->st, rm->file))
		return ESTALE;
	if ((error = dead(r)) != 0)
		return error;
	if (fstatat(r->dir, r->name, &now, AT_SYMLINK_NOFOLLOW) == -1)
		return errno;
	if (!is_that(&now, rm->file))
		return ESTALE;
	return rm->only_look || unlinkat(r->dir, r->name, 0) == 0 ? 0 : errno;
}

static void
remove_it(void *arg)
{
	struct removal *rm = arg;
	struct resolver rs;
	struct resolved r;

	resolve_init(&rs);
	rm->error = resolve(&rs, rm->file->path, RESOLVE_OWNED,
	    rm->file->uid, &r) == -1 ? errno : remove_found(rm, &r);
	resolve_end(&rs);
}

static int
remove_as_user(struct removal *rm)
{
	if (asuser_run(rm->file->uid, remove_it, rm, &rm->error,
	    sizeof(rm->error), SLACK_MS) == -1)
		return -1;
	errno = rm->error;
	return rm->error == 0 ? 0 : -1;
}

int
tun_file_check(const struct tun_file *file)
{
	struct removal rm = { file, 1, EIO };

	return remove_as_user(&rm);
}

int
tun_file_remove(const struct tun_file *file)
{
	struct removal rm = { file, 0, EIO };

	return remove_as_user(&rm);
}
