/* SPDX-License-Identifier: ISC */
/* The calls that all fake kernels have under one name. */
#include <sys/types.h>
#include <sys/event.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "canned.h"

uid_t
geteuid(void)
{
	return canned_uid;
}

int
kill(pid_t pid, int sig)
{
	struct canned_proc *p = canned_proc(pid);

	if (p == NULL)
		return canned_fail(ESRCH);
	if (!canned_may(p))
		return canned_fail(EPERM);
	sent_pid = pid;
	sent_signal = sig;
	return 0;
}

/* close(2) is real, so these are too. */
int
socket(int family, int type, int protocol)
{
	(void)protocol;
	if (family != AF_INET6 || type != SOCK_STREAM)
		return canned_fail(EAFNOSUPPORT);
	return open("/dev/null", O_RDWR);
}

int
bind(int fd, const struct sockaddr *sa, unsigned len)
{
	(void)fd;
	if (sa->sa_len != len || sa->sa_family != AF_INET6)
		return canned_fail(EINVAL);
	return canned_noinet6 ? canned_fail(EADDRNOTAVAIL) : 0;
}

int
kqueue(void)
{
	return open("/dev/null", O_RDWR);
}

#ifdef __NetBSD__
typedef size_t count_t;
#else
typedef int count_t;
#endif

int
kevent(int kq, const struct kevent *changes, count_t nchanges,
    struct kevent *events, count_t nevents, const struct timespec *timeout)
{
	static uintptr_t watched;
	int error;

	(void)kq;
	(void)timeout;
	if (nchanges > 0) {
		if (changes->filter != EVFILT_PROC ||
		    changes->fflags != NOTE_EXIT || !(changes->flags & EV_ADD))
			return canned_fail(EINVAL);
		watched = changes->ident;
		if ((error = canned_ask("watch", (pid_t)watched)) != 0)
			return canned_fail(error);
		if (canned_proc((pid_t)watched) == NULL)
			return canned_fail(ESRCH);
		return canned_nowatch ? canned_fail(EACCES) : 0;
	}
	if (nevents == 0)
		return 0;
	if ((error = canned_ask("event", (pid_t)watched)) != 0)
		return canned_fail(error);
	if (!canned_exits && canned_proc((pid_t)watched) != NULL)
		return 0;
	memset(events, 0, sizeof(*events));
	events->ident = watched;
	events->filter = EVFILT_PROC;
	events->fflags = NOTE_EXIT;
	return 1;
}
