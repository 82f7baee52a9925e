/* SPDX-License-Identifier: ISC */
/*
 * guard.c: restores settings of another process's socket, even if we are
 * killed.
 *
 * SIGKILL leaves no time to clean up, and a socket's settings outlive the
 * process that changed them. So before anything is set, a second process gets
 * copies of the sockets. It has a session of its own, all signals blocked, and
 * no descriptor but the sockets and the reading end of a pipe. When the other
 * end is closed, which the kernel does for a process that is killed, it
 * restores every socket that is not restored yet, and exits. A changed setting
 * remains only if both processes are killed at the same time.
 *
 * The second process also holds the locks, because a lock belongs to a process.
 * If our process had it, it would be free between our death and the restoring,
 * and another process that asks would read the changed settings as the original
 * ones.
 *
 * The process is made by clone(2) without a signal for its end, so that the
 * calling program gets no SIGCHLD, and its wait(2) does not return this
 * process. As after fork(2) in a program with threads, it makes system calls
 * only.
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

/* How often it checks for a free lock or a socket to release. */
#define LOOK_MS		5
/* Without close_range(2) (Linux 5.9), higher descriptors are not closed. */
#define CLOSE_MAX	65536

int
guard_int(int fd, int level, int name, int *value)
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

/* Closes all descriptors but the sockets and the pipe. */
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
 * Without such locks we act as if no other process asked. A socket whose
 * settings cannot be read is never marked as ours, so it is never changed.
 */
static void
try_lock(struct guarded *s)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(s->fd, F_SETLK, &whole) == -1 &&
	    (errno == EAGAIN || errno == EACCES))
		return;
	if (guard_int(s->fd, SOL_SOCKET, SO_KEEPALIVE, &s->keepalive) == 0 &&
	    guard_int(s->fd, IPPROTO_TCP, TCP_KEEPIDLE, &s->idle) == 0)
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
 * Waits until the pipe is closed. If another thread of our parent forked in
 * between, that child has a copy of the other end, so the end of the parent is
 * checked, too.
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
	/* Like fork(2) without the signal: all arguments are 0. */
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

/* wait(2) does not return this process unless asked to by __WCLONE. */
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
	/* It is still our child, so its PID is not reused. */
	if (!has_ended(g, WNOHANG)) {
		kill(g->pid, SIGKILL);
		has_ended(g, 0);
	}
	if (g->pipe != -1)
		close(g->pipe);
	munmap(g->v, g->n * sizeof(*g->v));
	g->v = NULL;
}
