/* SPDX-License-Identifier: ISC */
/*
 * Linux: reading files of /proc, and pins.
 *
 * No process is looked up by its PID twice. A process is pinned by opening its
 * directory, and everything later is read through that descriptor.
 */
#define _GNU_SOURCE

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/base_name.h"
#include "linux.h"

/* status grows with the supplementary groups, up to 65536 of them. */
#define SMALL_MAX	((size_t)1 << 20)

#define PF_KTHREAD	0x00200000

/* Linux 6.9 and later; not in the headers of Debian 12. */
#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC	0x50494446
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open	434
#endif
#ifndef SYS_openat2
#define SYS_openat2	437
#endif
#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED	0x20
#endif

/* --- reading ------------------------------------------------------------ */

int
linux_read_all(int fd, int pieces, char **bufp, size_t *sizep, size_t max,
    size_t *lenp)
{
	size_t len = 0, size;
	ssize_t n;
	char *p;

	for (;;) {
		if (len + 1 >= *sizep) {
			if (*sizep >= max) {
				errno = E2BIG;
				return -1;
			}
			size = *sizep == 0 ? 4096 : *sizep * 2;
			if ((p = realloc(*bufp, size)) == NULL)
				return -1;
			*bufp = p;
			*sizep = size;
		}
		n = read(fd, *bufp + len, *sizep - 1 - len);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			len += (size_t)n;
		if (n == 0 || (n > 0 && !pieces && len + 1 < *sizep))
			break;
	}
	(*bufp)[len] = '\0';
	*lenp = len;
	return 0;
}

static char *
read_small(struct plat *pl, int pin, const char *file, int pieces,
    size_t *lenp)
{
	struct live *lv = pl->live;
	int error, fd;

	if ((fd = openat(pin, file, O_RDONLY | O_CLOEXEC)) == -1) {
		(void)plat_note_failure(pl);
		return NULL;
	}
	error = linux_read_all(fd, pieces, &lv->buf, &lv->bufsize, SMALL_MAX,
	    lenp) == -1 ? errno : 0;
	close(fd);
	errno = error;
	if (error == 0)
		return lv->buf;
	(void)plat_note_failure(pl);
	return NULL;
}

char *
linux_read(struct plat *pl, int pin, const char *file, size_t *lenp)
{
	return read_small(pl, pin, file, 0, lenp);
}

char *
linux_read_list(struct plat *pl, int pin, const char *file, size_t *lenp)
{
	return read_small(pl, pin, file, 1, lenp);
}

ssize_t
linux_link(int dir, const char *name, char *buf, size_t len)
{
	ssize_t n;

	if ((n = readlinkat(dir, name, buf, len)) == -1)
		return -1;
	if ((size_t)n >= len) {
		errno = ENAMETOOLONG;
		return -1;
	}
	buf[n] = '\0';
	return n;
}

ssize_t
linux_read_once(int dir, const char *file, char *buf, size_t len)
{
	ssize_t n;
	int error, fd;

	if ((fd = openat(dir, file, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	n = read(fd, buf, len);
	error = errno;
	close(fd);
	errno = error;
	return n;
}

int
linux_read_comm(int dir, const char *file, char *buf, size_t len)
{
	ssize_t n;

	if ((n = linux_read_once(dir, file, buf, len - 1)) == -1)
		return -1;
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	return 0;
}

int
linux_comm(struct plat *pl, int pin, char *buf, size_t len)
{
	(void)pl;
	return linux_read_comm(pin, "comm", buf, len);
}

/* The text that Linux adds to the name of a removed file. */
#define DELETED		" (deleted)"

/*
 * Does path lead to the same file as the link? The answer uses only what the
 * kernel has in memory, so that no server is asked; if that is not enough, or
 * before Linux 5.12, it is no. -1: a failure.
 */
static int
is_called(int dir, const char *link, const char *path)
{
	const struct {
		uint64_t flags, mode, resolve;
	} how = { O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, RESOLVE_CACHED };
	struct stat it, named;
	uint64_t mount;
	int error = 0, namefd, r = 0;

	namefd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	if (namefd == -1)
		return plat_failed(errno) && errno != EAGAIN ? -1 : 0;
	if (linux_look_at(dir, link, &it, &mount) == -1 ||
	    linux_look(namefd, &named, &mount) == -1)
		error = errno;
	else
		r = it.st_dev == named.st_dev && it.st_ino == named.st_ino;
	close(namefd);
	errno = error;
	return plat_failed(error) ? -1 : r;
}

int
linux_cut_deleted(int dir, const char *link, char *path, ssize_t *lenp)
{
	size_t n = sizeof(DELETED) - 1, len = (size_t)*lenp;
	int r;

	if (path[0] != '/' || len <= n || strcmp(path + len - n, DELETED) != 0)
		return 0;
	if ((r = is_called(dir, link, path)) != 0)
		return r == -1 ? -1 : 0;
	path[len - n] = '\0';
	*lenp -= (ssize_t)n;
	return 1;
}

int
linux_exe_name(int dir, const char *link, char *name, size_t len)
{
	char path[PATH_MAX];
	const char *base;
	ssize_t n;

	if ((n = linux_link(dir, link, path, sizeof(path))) == -1 ||
	    linux_cut_deleted(dir, link, path, &n) == -1)
		return -1;
	base = base_name(path);
	if (strlen(base) >= len) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(name, base);
	return 0;
}

/* --- pidfds ------------------------------------------------------------- */

int
linux_pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

int
linux_have_pidfd(struct live *lv)
{
	int fd;

	if (lv->pidfd == -1) {
		if ((fd = linux_pidfd_open(getpid())) == -1 &&
		    plat_failed(errno))
			return 1;	/* the next call reports the error */
		lv->pidfd = fd != -1;
		if (fd != -1)
			close(fd);
	}
	return lv->pidfd;
}

/*
 * Since Linux 6.9 the inode of a pidfd belongs to one process and is never
 * reused. The start time alone is not unique: it counts in ticks of 10 ms. On
 * older kernels *ino is 0. The inode of /proc/PID cannot be used, because it
 * changes when memory is short.
 */
static int
pidfd_ino(struct live *lv, pid_t pid, uint64_t *ino)
{
	struct statfs sfs;
	struct stat st;
	int error = 0, fd;

	*ino = 0;
	if (lv->foreign || lv->pidfs == 0)
		return 0;
	if ((fd = linux_pidfd_open(pid)) == -1) {
		if (errno == ESRCH || plat_failed(errno))
			return -1;
		/*
		 * EINVAL: a thread. Else the kernel is too old, or a filter
		 * forbids it.
		 */
		if (errno != EINVAL)
			lv->pidfs = 0;
		return 0;
	}
	if (lv->pidfs == -1)
		lv->pidfs = fstatfs(fd, &sfs) == 0 &&
		    sfs.f_type == PID_FS_MAGIC;
	if (lv->pidfs) {
		if (fstat(fd, &st) == -1)
			error = errno;
		else
			*ino = st.st_ino;
	}
	close(fd);
	errno = error;
	return error != 0 ? -1 : 0;
}

/* --- pins --------------------------------------------------------------- */

void
linux_unpin(struct pin *p)
{
	if (p->fd != -1)
		close(p->fd);
	p->fd = -1;
}

int
linux_pin_open(struct live *lv, struct pin *p, pid_t pid)
{
	char name[16];
	int error;

	snprintf(name, sizeof(name), "%d", (int)pid);
	p->fd = openat(lv->procfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (p->fd == -1)
		return -1;
	if (pidfd_ino(lv, pid, &p->ident[1]) == -1) {
		error = errno;
		linux_unpin(p);
		errno = error;
		return -1;
	}
	p->pid = pid;
	return 0;
}

static int
pin_is(const struct pin *p, const struct plat_proc *row)
{
	return p->fd != -1 && p->pid == row->pid &&
	    memcmp(p->ident, row->ident, sizeof(p->ident)) == 0;
}

int
linux_pin(struct plat *pl, const struct plat_proc *row)
{
	struct live *lv = pl->live;
	struct plat_proc now = { 0 };
	struct pin *p;
	int error;

	if (row->pin >= 0 && row->pin < PLAT_BATCH &&
	    pin_is(&lv->pins[row->pin], row))
		return lv->pins[row->pin].fd;

	p = &lv->pins[PLAT_BATCH];
	if (pin_is(p, row))
		return p->fd;
	linux_unpin(p);
	if (linux_pin_open(lv, p, row->pid) == -1) {
		if (errno == ENOENT)
			errno = ESRCH;
		return -1;
	}
	errno = ESRCH;
	if (linux_stat(pl, p->fd, &now) == 0) {
		p->ident[0] = now.ident[0];
		if (pin_is(p, row))
			return p->fd;
		errno = ESRCH;
	}
	error = plat_failed(errno) ? errno : ESRCH;
	linux_unpin(p);
	errno = error;
	return -1;
}

/* The process of a pin may have ended; then nothing can be read. */
int
linux_is_there(struct plat *pl, const struct plat_proc *row)
{
	struct plat_proc now = { 0 };
	int pinfd;

	if ((pinfd = linux_pin(pl, row)) == -1)
		return 0;
	if (linux_stat(pl, pinfd, &now) == 0)
		return 1;
	if (!plat_failed(errno))
		errno = ESRCH;
	return 0;
}

/* --- stat ------------------------------------------------------------- */

void
linux_row(struct plat_proc *row, int tty, unsigned long kflags, char state)
{
	row->tty = tty == 0 ? PLAT_NOTTY : (uint32_t)tty;
	row->state = state;
	if (kflags & PF_KTHREAD)
		row->flags |= PLAT_KTHREAD;
	if (state == 'Z' || state == 'X')
		row->flags |= PLAT_ZOMBIE;
	if (state == 'T' || state == 't')
		row->flags |= PLAT_STOPPED;
}

int
linux_stat(struct plat *pl, int pinfd, struct plat_proc *row)
{
	unsigned long long start;
	unsigned long kflags;
	int pgid, ppid, sid, tty;
	char *buf, *comm, *end, state;
	size_t len, n;

	if ((buf = linux_read(pl, pinfd, "stat", &len)) == NULL)
		return -1;
	/* comm may contain any bytes, even ") R 1 (" and newlines. */
	comm = memchr(buf, '(', len);
	end = memrchr(buf, ')', len);
	if (comm == NULL || end == NULL || end < comm ||
	    sscanf(end + 1, " %c %d %d %d %d %*d %lu %*u %*u %*u %*u %*u %*u"
	    " %*d %*d %*d %*d %*d %*d %llu", &state, &ppid, &pgid, &sid, &tty,
	    &kflags, &start) != 7) {
		errno = ESRCH;
		return -1;
	}
	comm++;
	n = (size_t)(end - comm);
	if (n >= sizeof(row->comm))
		n = sizeof(row->comm) - 1;
	memcpy(row->comm, comm, n);
	row->comm[n] = '\0';
	row->ppid = ppid;
	row->pgid = pgid;
	row->sid = sid;
	row->ident[0] = start;
	linux_row(row, tty, kflags, state);
	return 0;
}

int
linux_left_out(struct plat *pl, int pinfd, int error)
{
	struct plat_proc now = { 0 };

	if (linux_stat(pl, pinfd, &now) == -1)
		return plat_failed(errno) ? -1 : 0;
	errno = plat_failed(error) ? error : EAGAIN;
	return -1;
}
