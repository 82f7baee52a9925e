/* SPDX-License-Identifier: ISC */
/* The calls that all fake kernels have under one name, and what they share. */
#include <sys/types.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <netinet/in.h>
#include <netinet/tcp_fsm.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
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

int
kevent(int kq, const struct kevent *changes, kevent_count_t nchanges,
    struct kevent *events, kevent_count_t nevents,
    const struct timespec *timeout)
{
	static uintptr_t watched;

	(void)kq;
	(void)timeout;
	if (nchanges > 0) {
		if (changes->filter != EVFILT_PROC ||
		    changes->fflags != NOTE_EXIT || !(changes->flags & EV_ADD))
			return canned_fail(EINVAL);
		watched = changes->ident;
		if (canned_asked("watch", (pid_t)watched) == NULL)
			return -1;
		return canned_nowatch ? canned_fail(EACCES) : 0;
	}
	if (nevents == 0)
		return 0;
	if (canned_ask("event", (pid_t)watched) == -1)
		return -1;
	if (!canned_exits && canned_proc((pid_t)watched) != NULL)
		return 0;
	memset(events, 0, sizeof(*events));
	events->ident = watched;
	events->filter = EVFILT_PROC;
	events->fflags = NOTE_EXIT;
	return 1;
}

int
canned_family(const struct canned_sock *s)
{
	return s->kind == SOCK_TCP4 ? AF_INET : s->kind == SOCK_TCP6 ?
	    AF_INET6 : AF_UNIX;
}

int
canned_tcps(const struct canned_sock *s)
{
	return s->state == ST_LISTEN ? TCPS_LISTEN :
	    s->state == ST_CLOSE_WAIT ? TCPS_CLOSE_WAIT : TCPS_ESTABLISHED;
}

void
canned_inet(const struct canned_sock *s, const uint8_t *ip, uint16_t port,
    void *sockaddr)
{
	struct sockaddr_in6 a6;
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	memset(&a6, 0, sizeof(a6));
	a.sin_len = sizeof(a);
	a6.sin6_len = sizeof(a6);
	a.sin_family = AF_INET;
	a6.sin6_family = AF_INET6;
	a.sin_port = a6.sin6_port = htons(port);
	memcpy(&a.sin_addr, ip, 4);
	memcpy(&a6.sin6_addr, ip, 16);
	if (s->kind == SOCK_TCP4)
		memcpy(sockaddr, &a, sizeof(a));
	else
		memcpy(sockaddr, &a6, sizeof(a6));
}

void
canned_unix(const struct canned_sock *s, void *sockaddr)
{
	struct sockaddr_un sun;

	memset(&sun, 0, sizeof(sun));
	sun.sun_len = offsetof(struct sockaddr_un, sun_path);
	sun.sun_family = AF_UNIX;
	if (s->path != NULL) {
		strcpy(sun.sun_path, s->path);
		sun.sun_len += strlen(s->path);
	}
	memcpy(sockaddr, &sun, sizeof(sun));
}

int
canned_lists(const char *name, size_t (*tcp)(char *), size_t (*local)(char *),
    void *old, size_t *oldlen)
{
	size_t (*list)(char *) = strcmp(name, "net.inet.tcp.pcblist") == 0 ?
	    tcp : strcmp(name, "net.local.stream.pcblist") == 0 ? local : NULL;
	char *buf;
	int r;

	if (canned_ask("socks", 0) == -1)
		return -1;
	if (list == NULL)
		return canned_fail(ENOENT);
	buf = calloc(1, 64 * 1024);
	r = canned_table(buf, list(buf), old, oldlen);
	free(buf);
	return r;
}
