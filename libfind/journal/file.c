/* SPDX-License-Identifier: ISC */
/*
 * file.c: the file of the journal: finds it without following what others
 * chose, reads it, and changes it under a lock.
 *
 * The first line has the version, and how long the file was when it was last
 * written as a whole. A record is added by one write; if that is cut, the next
 * writer begins a new line, and readers skip the part. A file of another
 * version is neither read nor changed.
 *
 * A home directory may be on a file system whose server does not answer. Such a
 * file is read and changed in a child with a deadline.
 */
#include <sys/types.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/ms.h"
#include "core/asuser.h"
#include "core/resolve.h"
#include "journal.h"

#define NEW_NAME	"journal.new"
#define MAGIC		"libfind-journal 1"
#define LOCK_MS		2000	/* for another writer */
#define LOCK_POLL	5
#define UPDATE_MS	4000	/* for a child that changes the file */
#define CHUNK		(2 * JOURNAL_LINE_MAX)

/*
 * What happened, in a form that a child can return: our constants are at the
 * same address there, but the texts of strerror(3) need not be.
 */
struct job {
	struct resolver *rs;
	unsigned flags;		/* RESOLVE_SHARED: we are the child */
	const struct journal_place *at;
	journal_wants wants;
	const void *wants_arg;
	const char *line;
	journal_rewrite rewrite;
	void *rewrite_arg;
	char *text;		/* the result; a child has no larger one */
	size_t cap;
	struct out {
		struct journal_trouble trouble;
		size_t len;
	} out;
};

static int
trouble(struct job *job, int error, const char *why)
{
	job->out.trouble.error = error;
	job->out.trouble.why = why;
	errno = error;
	return -1;
}

static int
errno_trouble(struct job *job)
{
	return trouble(job, errno, NULL);	/* run() gives the text */
}

/* --- the place ----------------------------------------------------------- */

/* Is the base, or the first directory above it that exists, the user's own? */
static int
is_own_base(struct job *job)
{
	char path[PATH_MAX];
	struct resolved r;
	char *slash;

	memcpy(path, job->at->path, job->at->baselen);
	path[job->at->baselen] = '\0';
	for (;;) {
		if (resolve(job->rs, path, RESOLVE_FOLLOW | RESOLVE_OWNED |
		    job->flags, geteuid(), &r) == 0) {
			if (r.st.st_mode != 0)
				return r.st.st_uid == geteuid();
			return r.dirst.st_uid == geteuid();
		}
		slash = strrchr(path, '/');
		if (errno != ENOENT || slash == NULL || slash == path)
			return errno == EREMOTE ? -1 : 0;
		*slash = '\0';
	}
}

/* Makes the directories on the way that do not exist. */
static int
make_dirs(struct job *job)
{
	char path[PATH_MAX];
	struct resolved r;
	const char *p;
	size_t len;

	for (p = strchr(job->at->path + 1, '/'); p != NULL;
	    p = strchr(p + 1, '/')) {
		len = (size_t)(p - job->at->path);
		memcpy(path, job->at->path, len);
		path[len] = '\0';
		if (resolve(job->rs, path, RESOLVE_FOLLOW | RESOLVE_OWNED |
		    job->flags, geteuid(), &r) == -1 ||
		    (r.st.st_mode == 0 &&
		    mkdirat(r.dir, r.name, 0700) == -1 && errno != EEXIST))
			return errno_trouble(job);
	}
	return 0;
}

/* Only the user may have made the file and be able to replace it. */
static int
check_file(struct job *job, const struct stat *st)
{
	if (S_ISLNK(st->st_mode))
		return trouble(job, EPERM, "it is a link");
	if (!S_ISREG(st->st_mode))
		return trouble(job, EPERM, "it is no regular file");
	if (st->st_uid != geteuid())
		return trouble(job, EPERM, "it is another user's");
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return trouble(job, EPERM, "others may write to it");
	if (st->st_size > (off_t)JOURNAL_FILE_MAX)
		return trouble(job, EFBIG, "it is too large");
	return 0;
}

static int
find_file(struct job *job, struct resolved *r)
{
	int own = is_own_base(job);

	if (own != 1)
		return own == -1 ? errno_trouble(job) :
		    trouble(job, ENOTDIR, "its directory is another user's");
	if (job->line != NULL && make_dirs(job) == -1)
		return -1;
	if (resolve(job->rs, job->at->path, RESOLVE_OWNED | job->flags,
	    geteuid(), r) == -1)
		return errno_trouble(job);
	if (r->dirst.st_uid != geteuid())
		return trouble(job, EPERM, "its directory is another user's");
	if (r->dirst.st_mode & (S_IWGRP | S_IWOTH))
		return trouble(job, EPERM,
		    "others may write to its directory");
	return 0;
}

/* A FIFO must not block, and a link must not be followed. */
static int
open_file(struct job *job, const struct resolved *r, int flags)
{
	struct stat st;
	int fd;

	if (r->st.st_mode != 0 && check_file(job, &r->st) == -1)
		return -1;
	fd = openat(r->dir, r->name, flags | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC, 0600);
	if (fd == -1)
		return errno_trouble(job);
	if (fstat(fd, &st) == -1) {
		(void)errno_trouble(job);
		close(fd);
		return -1;
	}
	if (check_file(job, &st) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

/* --- reading ------------------------------------------------------------- */

static int
read_at(struct job *job, int fd, char *buf, size_t len, off_t at, size_t *np)
{
	ssize_t n;

	for (*np = 0; *np < len; *np += (size_t)n) {
		n = pread(fd, buf + *np, len - *np, at + (off_t)*np);
		if (n == -1 && errno == EINTR) {
			n = 0;
			continue;
		}
		if (n == -1)
			return errno_trouble(job);
		if (n == 0)
			break;
	}
	return 0;
}

/* Is this the first line of a journal that this version writes? */
static int
check_version(struct job *job, const char *line, size_t len)
{
	size_t n = sizeof(MAGIC) - 1;

	if (len >= n && memcmp(line, MAGIC, n) == 0 &&
	    (len == n || line[n] == ' '))
		return 0;
	return trouble(job, EPROTO, "it is of another version");
}

static int
keep_line(struct job *job, const char *line, size_t len)
{
	size_t cap = job->cap;
	char *grown;

	if (job->wants != NULL && !job->wants(job->wants_arg, line, len))
		return 0;
	while (cap - job->out.len < len + 1)
		cap = cap * 2 + 4096;
	if (cap > job->cap) {
		if (job->flags & RESOLVE_SHARED)
			return trouble(job, EFBIG, "it is too large");
		if ((grown = realloc(job->text, cap)) == NULL)
			return errno_trouble(job);
		job->text = grown;
		job->cap = cap;
	}
	memcpy(job->text + job->out.len, line, len);
	job->text[job->out.len + len] = '\n';
	job->out.len += len + 1;
	return 0;
}

/* Where a read of the file stands. */
struct reading {
	int headed;		/* the first line was seen */
	int skips;		/* in a line that is too long to be a record */
};

/* Takes whole lines from the buffer; returns what is left, or -1. */
static ssize_t
take_lines(struct job *job, struct reading *rd, char *buf, size_t len)
{
	char *p = buf, *end;

	while ((end = memchr(p, '\n', len)) != NULL) {
		size_t n = (size_t)(end - p);

		if (!rd->headed) {
			if (check_version(job, p, n) == -1)
				return -1;
			rd->headed = 1;
		} else if (!rd->skips && keep_line(job, p, n) == -1)
			return -1;
		rd->skips = 0;
		p = end + 1;
		len -= n + 1;
	}
	memmove(buf, p, len);
	return (ssize_t)len;
}

/* The last line has no newline if a write was cut: it is no record. */
static int
read_lines(struct job *job, int fd)
{
	struct reading rd = { 0, 0 };
	char *buf = malloc(CHUNK);
	size_t left = 0, n;
	off_t at = 0;
	ssize_t rest = 0;

	if (buf == NULL)
		return errno_trouble(job);
	do {
		if (read_at(job, fd, buf + left, CHUNK - left, at, &n) == -1) {
			rest = -1;
			break;
		}
		at += (off_t)n;
		if ((rest = take_lines(job, &rd, buf, left + n)) == -1)
			break;
		left = (size_t)rest;
		if (left == CHUNK) {
			if (!rd.headed) {
				rest = check_version(job, "", 0);
				break;
			}
			rd.skips = 1;
			left = 0;
		}
	} while (n > 0 && at <= (off_t)JOURNAL_FILE_MAX);
	free(buf);
	return rest == -1 ? -1 : 0;
}

static void
read_job(void *arg)
{
	struct job *job = arg;
	struct resolved r;
	int fd;

	if (find_file(job, &r) == -1)
		return;
	if (r.st.st_mode == 0) {
		(void)trouble(job, ENOENT, NULL);
		return;
	}
	if ((fd = open_file(job, &r, O_RDONLY)) == -1)
		return;
	(void)read_lines(job, fd);
	close(fd);
}

/* --- changing ------------------------------------------------------------ */

static int
lock(struct job *job, int fd)
{
	int64_t deadline = ms_now() + LOCK_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return errno_trouble(job);
		if (ms_left(deadline) == 0)
			return trouble(job, ETIMEDOUT,
			    "another process has locked it");
		ms_sleep(LOCK_POLL);
	}
	return 0;
}

/*
 * Opens and locks the file that has the name once it is locked: another process
 * may have replaced it meanwhile.
 */
static int
open_locked(struct job *job, const struct resolved *r)
{
	int create = job->line != NULL ? O_CREAT : 0, fd;
	struct stat st, named;

	for (;;) {
		if ((fd = open_file(job, r, O_RDWR | O_APPEND | create)) == -1)
			return -1;
		if (lock(job, fd) == -1)
			break;
		if (fstat(fd, &st) == 0 && fstatat(r->dir, r->name, &named,
		    AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == named.st_dev &&
		    st.st_ino == named.st_ino)
			return fd;
		close(fd);
	}
	close(fd);
	return -1;
}

/* 0: all is written. Nothing of a write that is cut stays, if possible. */
static int
write_all(struct job *job, int fd, const char *buf, size_t len, off_t old)
{
	size_t done = 0;
	ssize_t n;
	int error;

	while (done < len) {
		n = write(fd, buf + done, len - done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			error = n == 0 ? ENOSPC : errno;
			if (ftruncate(fd, old) == -1)
				errno = error;
			return trouble(job, error, NULL);
		}
		done += (size_t)n;
	}
	return 0;
}

static int
write_head(struct job *job, int fd, size_t len)
{
	char head[64];
	int n = snprintf(head, sizeof(head), MAGIC " %zu\n", len);

	return write_all(job, fd, head, (size_t)n, 0);
}

/* The whole file, without its first line; the caller frees. */
static int
read_whole(struct job *job, int fd, char **textp, size_t *lenp)
{
	struct job all = { .rs = job->rs };

	if (read_lines(&all, fd) == -1) {
		free(all.text);
		return trouble(job, all.out.trouble.error,
		    all.out.trouble.why);
	}
	*textp = all.text;
	*lenp = all.out.len;
	return 0;
}

/* The new file has its name only when it is complete and on the disk. */
static int
write_new(struct job *job, const struct resolved *r, const char *text,
    size_t len)
{
	int fd;

	(void)unlinkat(r->dir, NEW_NAME, 0);
	fd = openat(r->dir, NEW_NAME, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return errno_trouble(job);
	if (write_head(job, fd, len) == -1 ||
	    write_all(job, fd, text, len, 0) == -1)
		goto bad;
	if (fsync(fd) == -1 ||
	    renameat(r->dir, NEW_NAME, r->dir, r->name) == -1) {
		(void)errno_trouble(job);
		goto bad;
	}
	close(fd);
	return 0;
bad:
	close(fd);
	(void)unlinkat(r->dir, NEW_NAME, 0);
	return -1;
}

static int
replace(struct job *job, const struct resolved *r, int fd)
{
	char *text = NULL, *new = NULL;
	size_t len, newlen;
	int ret = -1;

	if (read_whole(job, fd, &text, &len) == -1)
		return -1;
	if (job->rewrite(job->rewrite_arg, text != NULL ? text : "", len, &new,
	    &newlen) == -1)
		(void)errno_trouble(job);
	else
		ret = write_new(job, r, new, newlen);
	free(text);
	free(new);
	return ret;
}

/* The size from which the file is written anew, by its first line. */
static size_t
compact_from(const char *head, size_t len)
{
	const char *digits = head + sizeof(MAGIC) - 1;
	uint64_t kept = 0;

	if (len > sizeof(MAGIC))
		kept = strtoull(digits, NULL, 10);
	if (kept > JOURNAL_FILE_MAX)
		kept = JOURNAL_FILE_MAX;
	return 2 * kept > JOURNAL_COMPACT ? (size_t)(2 * kept) :
	    JOURNAL_COMPACT;
}

/*
 * Reads the first line of a file, or writes it if there is none. *from is the
 * size from which the file is written anew.
 */
static int
read_head(struct job *job, int fd, size_t *from)
{
	char head[64 + 1], *end;
	size_t n;

	*from = JOURNAL_COMPACT;
	if (read_at(job, fd, head, sizeof(head) - 1, 0, &n) == -1)
		return -1;
	head[n] = '\0';
	if ((end = memchr(head, '\n', n)) == NULL) {
		/* Nothing, or what a cut write has left. */
		if (n > 0 && strncmp(head, MAGIC " 0", n) != 0)
			return check_version(job, head, 0);
		if (ftruncate(fd, 0) == -1)
			return errno_trouble(job);
		return write_head(job, fd, 0);
	}
	*end = '\0';
	*from = compact_from(head, (size_t)(end - head));
	return check_version(job, head, (size_t)(end - head));
}

static int
append(struct job *job, int fd)
{
	size_t len = strlen(job->line), n = 0;
	char *text, last = '\n';
	off_t size;
	int r;

	if ((size = lseek(fd, 0, SEEK_END)) == -1)
		return errno_trouble(job);
	if (size > 0 && read_at(job, fd, &last, 1, size - 1, &n) == -1)
		return -1;
	if ((uint64_t)size + len + 2 > JOURNAL_FILE_MAX)
		return trouble(job, EFBIG, "it is too large");
	if ((text = malloc(len + 2)) == NULL)
		return errno_trouble(job);
	n = 0;
	if (last != '\n')
		text[n++] = '\n';
	memcpy(text + n, job->line, len);
	n += len;
	text[n++] = '\n';
	r = write_all(job, fd, text, n, size);
	free(text);
	return r;
}

/* A file that cannot be made smaller is still written to. */
static int
compact(struct job *job, const struct resolved *r, int fd, size_t from)
{
	struct stat st;
	int new;

	if (fstat(fd, &st) == -1 || (uint64_t)st.st_size <= from ||
	    replace(job, r, fd) == -1) {
		memset(&job->out.trouble, 0, sizeof(job->out.trouble));
		return fd;
	}
	if ((new = open_locked(job, r)) == -1)
		return -1;
	close(fd);
	return new;
}

static void
update_job(void *arg)
{
	struct job *job = arg;
	struct resolved r;
	size_t from;
	int fd, new;

	if (find_file(job, &r) == -1)
		return;
	if (job->line == NULL && r.st.st_mode == 0)
		return;
	if ((fd = open_locked(job, &r)) == -1)
		return;
	if (read_head(job, fd, &from) == -1)
		;
	else if (job->line == NULL)
		(void)replace(job, &r, fd);
	else if ((new = compact(job, &r, fd, from)) != -1) {
		fd = new;
		(void)append(job, fd);
	}
	close(fd);
}

/* --- here, or in a child ------------------------------------------------- */

/* The child returns its text behind what happened. */
struct answer {
	struct job *job;
	void (*fn)(void *);
	struct out *out;
};

static void
in_child(void *arg)
{
	struct answer *an = arg;

	an->job->rs->dir = -1;	/* the child has none of our descriptors */
	an->fn(an->job);
	*an->out = an->job->out;
}

/*
 * A dead server is known from reading: then there is no second wait. A child
 * that changes the file may wait for its lock.
 */
static int
run_apart(struct job *job, void (*fn)(void *), size_t cap)
{
	struct answer an = { job, fn, calloc(1, sizeof(struct out) + cap) };
	size_t len = sizeof(struct out) + cap;
	int r;

	if (an.out == NULL)
		return errno_trouble(job);
	free(job->text);
	memset(&job->out, 0, sizeof(job->out));
	job->flags = RESOLVE_SHARED;
	job->text = (char *)(an.out + 1);
	job->cap = cap;
	r = cap > 0 ? resolve_apart(job->rs, job->at->path, in_child, &an,
	    an.out, len) : child_run(in_child, &an, an.out, len, UPDATE_MS);
	job->text = NULL;
	if (r == -1) {
		free(an.out);
		return errno_trouble(job);
	}
	job->out = *an.out;
	if (job->out.len > 0 && (job->text = malloc(job->out.len)) != NULL)
		memcpy(job->text, an.out + 1, job->out.len);
	r = job->out.len > 0 && job->text == NULL ? errno_trouble(job) : 0;
	free(an.out);
	return r;
}

static int
run(struct job *job, const struct journal_place *at, void (*fn)(void *),
    size_t cap)
{
	job->at = at;
	fn(job);
	if (job->out.trouble.error == EREMOTE)
		(void)run_apart(job, fn, cap);
	if (job->out.trouble.error == 0)
		return 0;
	if (job->out.trouble.why == NULL)
		job->out.trouble.why = resolve_error(job->out.trouble.error);
	errno = job->out.trouble.error;
	return -1;
}

int
journal_file_read(struct resolver *rs, const struct journal_place *at,
    journal_wants wants, const void *arg, char **textp, size_t *lenp,
    struct journal_trouble *tr)
{
	struct job job = { .rs = rs, .wants = wants, .wants_arg = arg };
	/* A child always returns this many bytes. */
	size_t cap = wants != NULL ? 4 * JOURNAL_LINE_MAX : JOURNAL_FILE_MAX;
	int r = run(&job, at, read_job, cap);

	*tr = job.out.trouble;
	if (r == -1 && tr->error == ENOENT) {
		memset(tr, 0, sizeof(*tr));
		r = 0;
	}
	if (r == -1) {
		free(job.text);
		errno = tr->error;
		return -1;
	}
	*textp = job.text;
	*lenp = job.out.len;
	return 0;
}

int
journal_file_update(struct resolver *rs, const struct journal_place *at,
    const char *line, journal_rewrite rewrite, void *arg,
    struct journal_trouble *tr)
{
	struct job job = { .rs = rs, .line = line, .rewrite = rewrite,
	    .rewrite_arg = arg };
	int r = run(&job, at, update_job, 0);

	*tr = job.out.trouble;
	return r;
}
