/* SPDX-License-Identifier: ISC */
/*
 * linux_guard.c: settings of another process's socket are put back, even if
 * we are killed.
 *
 * SIGKILL leaves no time to clean up, and a socket's settings outlive the
 * process that changed them.  So before anything is set, a second process
 * takes over the sockets.  It has a session of its own, all signals blocked,
 * and no descriptor but the sockets and the reading end of a pipe.  When the
 * other end is closed, which the kernel does for a process that is killed, it
 * restores every socket that was not restored yet, and exits.  A scar stays
 * only if both processes are killed at the same time.
 *
 * It also holds the locks.  A lock belongs to a process: if ours had it, it
 * would be free between our death and the repair, and another process that
 * asks would take the changed settings for the original ones.
 *
 * The process is made by clone(2) without a signal for its end, so that a
 * caller of ours gets no SIGCHLD and no wait(2) of it finds the process.  As
 * after fork(2) of a program with threads, it makes system calls only.
 */
#define _GNU_SOURCE

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard.h"

#ifndef SYS_close_range
#define SYS_close_range	436
#endif

/* How often it looks for a lock that is free, or a socket to let go of. */
#define LOOK_MS		5
/* Without close_range(2), Linux 5.9: descriptors beyond are not closed. */
#define CLOSE_MAX	65536

static int
get_int(int fd, int level, int name, int *value)
{
	socklen_t len = sizeof(*value);

	return getsockopt(fd, level, name, value, &len);
}

static void
put_back(const struct guarded *s)
{
	setsockopt(s->fd, IPPROTO_TCP, TCP_KEEPIDLE, &s->idle,
	    sizeof(s->idle));
	setsockopt(s->fd, SOL_SOCKET, SO_KEEPALIVE, &s->keepalive,
	    sizeof(s->keepalive));
}

/* --- the guard's own process --------------------------------------------- */

static void
close_between(unsigned from, unsigned to)
{
	if (from > to || syscall(SYS_close_range, from, to, 0) == 0)
		return;
	for (; from <= to && from < CLOSE_MAX; from++)
		close((int)from);
}

/* All descriptors but the sockets and the pipe. */
static void
close_others(const struct guard *g, int pipe)
{
	unsigned from = 0, next;
	size_t i;

	for (;;) {
		next = (unsigned)pipe >= from ? (unsigned)pipe : UINT_MAX;
		for (i = 0; i < g->n; i++)
			if ((unsigned)g->v[i].fd >= from &&
			    (unsigned)g->v[i].fd < next)
				next = (unsigned)g->v[i].fd;
		if (next == UINT_MAX)
			break;
		if (next > from)
			close_between(from, next - 1);
		from = next + 1;
	}
	close_between(from, UINT_MAX);
}

/*
 * Where there are no such locks we are as good as alone.  What cannot be read
 * is never ours, and so never changed.
 */
static void
try_lock(struct guarded *s)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(s->fd, F_SETLK, &whole) == -1 &&
	    (errno == EAGAIN || errno == EACCES))
		return;
	if (get_int(s->fd, SOL_SOCKET, SO_KEEPALIVE, &s->keepalive) == 0 &&
	    get_int(s->fd, IPPROTO_TCP, TCP_KEEPIDLE, &s->idle) == 0)
		__atomic_store_n(&s->ours, 1, __ATOMIC_RELEASE);
}

static void
look_at(struct guarded *s)
{
	if (s->closed)
		return;
	if (__atomic_load_n(&s->done, __ATOMIC_ACQUIRE)) {
		s->closed = 1;
		close(s->fd);
	} else if (!s->ours)
		try_lock(s);
}

/*
 * Until the pipe is closed.  A process that another thread of our parent
 * forked at that moment has a copy of the other end, so the parent counts,
 * too.
 */
static void
watch(const struct guard *g, int pipe, pid_t parent)
{
	struct pollfd pfd = { .fd = pipe, .events = POLLIN };
	size_t i;

	do {
		for (i = 0; i < g->n; i++)
			look_at(&g->v[i]);
	} while (poll(&pfd, 1, LOOK_MS) == 0 && getppid() == parent);
	for (i = 0; i < g->n; i++)
		if (g->v[i].ours && !g->v[i].closed)
			put_back(&g->v[i]);
}

/* --- ours ---------------------------------------------------------------- */

int
guard_open(struct guard *g, size_t n)
{
	void *p;

	memset(g, 0, sizeof(*g));
	p = mmap(NULL, n * sizeof(*g->v), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -1;
	g->v = p;
	g->pipe = -1;
	g->n = n;
	return 0;
}

int
guard_start(struct guard *g)
{
	pid_t parent = getpid(), pid;
	int ends[2], saved;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	/* As fork(2) without the signal: all arguments are 0. */
	if ((pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0)) == 0) {
		setsid();
		close_others(g, ends[0]);
		watch(g, ends[0], parent);
		_exit(0);
	}
	saved = errno;
	close(ends[0]);
	if (pid == -1) {
		close(ends[1]);
		errno = saved;
		return -1;
	}
	g->pid = pid;
	g->pipe = ends[1];
	return 0;
}

/* The process is no child to a wait(2) that does not ask for such ones. */
static int
has_ended(struct guard *g, int options)
{
	pid_t r;

	if (g->pid == 0)
		return 1;
	while ((r = waitpid(g->pid, NULL, options | __WCLONE)) == -1 &&
	    errno == EINTR)
		continue;
	if (r != 0)
		g->pid = 0;
	return r != 0;
}

int
guard_is_alive(struct guard *g)
{
	return !has_ended(g, WNOHANG);
}

int
guard_is_ours(const struct guard *g, size_t i)
{
	return __atomic_load_n(&g->v[i].ours, __ATOMIC_ACQUIRE);
}

void
guard_restore(struct guard *g, size_t i)
{
	if (g->v[i].done)
		return;
	if (guard_is_ours(g, i))
		put_back(&g->v[i]);
	__atomic_store_n(&g->v[i].done, 1, __ATOMIC_RELEASE);
}

void
guard_close(struct guard *g)
{
	size_t i;

	if (g->v == NULL)
		return;
	for (i = 0; i < g->n; i++)
		guard_restore(g, i);
	/* Still our child, so the number is its own. */
	if (!has_ended(g, WNOHANG)) {
		kill(g->pid, SIGKILL);
		has_ended(g, 0);
	}
	if (g->pipe != -1)
		close(g->pipe);
	munmap(g->v, g->n * sizeof(*g->v));
	g->v = NULL;
}
