/* SPDX-License-Identifier: ISC */
/*
 * dial.c: connects to a socket by its path, if only the right users can change
 * that path.  The path is resolved once.  All checks and the connection then
 * use the file that was found, even if the path is renamed meanwhile.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "asuser.h"
#include "compat/compat.h"
#include "dial.h"
#include "libfind.h"
#include "platform.h"
#include "resolve.h"

#define MAX_PATH	sizeof(((struct sockaddr_un *)0)->sun_path)

/* --- before connecting --------------------------------------------------- */

/*
 * A user who can rename entries in a directory decides what is found there. ssh
 * itself does not check this. With a umask of 002 a group can write to all new
 * directories, but not to those that its members cannot reach.
 */
static int
check_dir(const struct resolved *r, uid_t uid, const char **errstr)
{
	const struct stat *st = &r->dirst;

	if (st->st_uid != 0 && st->st_uid != uid)
		*errstr = "in another user's directory";
	else if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
	    (st->st_mode & S_ISVTX) == 0 && !r->guarded)
		*errstr = "in a directory that others can write to";
	else
		return 0;
	errno = EPERM;
	return -1;
}

static int
check_file(const struct resolved *r, uid_t uid, const char **errstr)
{
	if (r->st.st_mode == 0) {
		*errstr = "no such path";
		errno = ENOENT;
		return -1;
	}
	if (!S_ISSOCK(r->st.st_mode))
		*errstr = "not a socket";
	else if (r->st.st_uid != uid)
		*errstr = "another user's socket";
	else if ((r->st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		*errstr = "a socket that is open to others";
	else
		return check_dir(r, uid, errstr);
	errno = EPERM;
	return -1;
}

/* Says why it could not be examined; errno becomes one of a few values. */
static int
not_found(const char **errstr)
{
	if (plat_failed(errno)) {
		*errstr = "cannot look at it";
		return -1;
	}
	switch (errno) {
	case ENOENT:
		*errstr = "no such path";
		break;
	case EPERM:
		*errstr = "behind another user's link";
		break;
	case EREMOTE:
	case ETIMEDOUT:
		*errstr = resolve_error(errno);
		errno = EREMOTE;
		break;
	case EACCES:
		errno = EPERM;
		/* FALLTHROUGH */
	default:
		*errstr = "cannot look at it";
	}
	return -1;
}

static int
is_short(const char *path, const char **errstr)
{
	if (strlen(path) < MAX_PATH)
		return 1;
	*errstr = "too long for a socket";
	errno = ENAMETOOLONG;
	return 0;
}

int
dial_safe(struct resolver *rs, const char *path, uid_t uid,
    const char **errstr)
{
	struct resolved r;

	if (!is_short(path, errstr))
		return -1;
	if (resolve_look(rs, path, RESOLVE_OWNED, uid, &r) == -1)
		return not_found(errstr);
	return check_file(&r, uid, errstr);
}

/* --- here ---------------------------------------------------------------- */

/* A refusal proves nothing about a socket of another machine. */
static int
dial_here(struct resolver *rs, const char *path, uid_t uid, unsigned flags,
    int sock, struct dial *d)
{
	const char *errstr = "";
	struct resolved r;

	d->text[0] = '\0';
	if (resolve(rs, path, RESOLVE_OWNED | flags, uid, &r) == -1)
		(void)not_found(&errstr);
	else if (check_file(&r, uid, &errstr) == 0) {
		if (plat_connect(sock, r.dir, r.name, &r.st) == 0)
			return 0;
		if (errno == ECONNREFUSED && r.shared) {
			errno = EREMOTE;
			errstr = resolve_error(errno);
		} else if (errno == ESTALE) {
			errno = EPERM;
			errstr = "another file by now";
		}
	}
	strlcpy(d->text, errstr, sizeof(d->text));
	return -1;
}

/* --- in a child ---------------------------------------------------------- */

struct dial_answer {
	int error;
	char text[DIAL_TEXT];
};

static void
child(struct resolver *rs, const char *path, uid_t uid, int out, int sock)
{
	int keep[CHILD_KEEP] = { out, sock };
	struct dial_answer an;
	struct dial d;

	if (child_only(keep, 2) == -1)
		_exit(1);
	memset(&an, 0, sizeof(an));
	rs->dir = -1;
	if (dial_here(rs, path, uid, RESOLVE_SHARED, 4, &d) == -1)
		an.error = errno;
	strlcpy(an.text, d.text, sizeof(an.text));
	_exit(write(3, &an, sizeof(an)) == (ssize_t)sizeof(an) ? 0 : 1);
}

static int
dial_apart(struct resolver *rs, const char *path, uid_t uid, int sock,
    struct dial *d)
{
	int fds[2], saved;

	/* The text so far belongs to the first attempt. */
	strlcpy(d->text, "cannot look at it", sizeof(d->text));
	if (pipe(fds) == -1)
		return -1;
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	if ((d->child = fork()) == 0)
		child(rs, path, uid, fds[1], sock);
	saved = errno;
	close(fds[1]);
	if (d->child == -1) {
		close(fds[0]);
		errno = saved;
		return -1;
	}
	d->wait = fds[0];
	errno = EINPROGRESS;
	return -1;
}

/* --- both ---------------------------------------------------------------- */

int
dial_start(struct resolver *rs, const char *path, uid_t uid, int sock,
    struct dial *d)
{
	const char *errstr;

	d->wait = -1;
	d->child = -1;
	if (!is_short(path, &errstr)) {
		strlcpy(d->text, errstr, sizeof(d->text));
		return -1;
	}
	if (dial_here(rs, path, uid, 0, sock, d) == 0)
		return 0;
	if (errno != EREMOTE || strcmp(d->text, resolve_error(EREMOTE)) != 0)
		return -1;
	return dial_apart(rs, path, uid, sock, d);
}

int
dial_result(struct dial *d)
{
	struct dial_answer an;
	ssize_t n;

	while ((n = read(d->wait, &an, sizeof(an))) == -1 && errno == EINTR)
		continue;
	dial_end(d);
	if (n != (ssize_t)sizeof(an)) {
		errno = EIO;
		return -1;
	}
	strlcpy(d->text, an.text, sizeof(d->text));
	errno = an.error;
	return an.error == 0 ? 0 : -1;
}

void
dial_end(struct dial *d)
{
	if (d->wait == -1)
		return;
	close(d->wait);
	(void)child_end(d->child, NULL);
	d->wait = -1;
}
