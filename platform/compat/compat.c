/* SPDX-License-Identifier: ISC */
/*
 * Functions that libc and libbsd lack, as the BSDs' manual pages define them.
 */
#define _GNU_SOURCE	/* program_invocation_short_name, struct ucred */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>
#if defined(HAVE_SUBREAPER)
#include <sys/prctl.h>
#elif defined(HAVE_PROCCTL)
#include <sys/procctl.h>
#endif

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>

#include "compat.h"
#include "ms.h"

#define CONNECT_MS	1000	/* in a child, for connectat(2) */

/* C requires a declaration in every file; on OpenBSD there is no other here. */
typedef int compat_not_empty;

int
become_reaper(void)
{
#if defined(HAVE_SUBREAPER)
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#elif defined(HAVE_PROCCTL)
	return procctl(P_PID, getpid(), PROC_REAP_ACQUIRE, NULL);
#else
	errno = ENOSYS;
	return -1;
#endif
}

int
first_ephemeral_port(void)
{
	FILE *fp = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	int first = -1;

	if (fp == NULL)
		return -1;
	if (fscanf(fp, "%d", &first) != 1)
		first = -1;
	fclose(fp);
	return first;
}

#ifndef HAVE_CLOSEFROM
void
closefrom(int low)
{
	int fd;
	long max;

	/* XXX With a limit of a billion descriptors this would take minutes. */
	max = sysconf(_SC_OPEN_MAX);
	if (max < 0 || max > 65536)
		max = 65536;
	for (fd = low; fd < max; fd++)
		close(fd);
}
#endif

/*
 * A child can have another working directory than its parent, and both share
 * the socket.
 */
#ifndef HAVE_CONNECTAT
int
connectat(int dir, int sock, const struct sockaddr *addr, unsigned int len)
{
	int64_t deadline = ms_now() + CONNECT_MS;
	int status = 0;
	pid_t pid, r;

	if ((pid = fork()) == -1)
		return -1;
	if (pid == 0)
		_exit(fchdir(dir) == 0 &&
		    connect(sock, addr, (socklen_t)len) == 0 ? 0 : errno);
	while ((r = waitpid(pid, &status, WNOHANG)) != pid) {
		if (r == -1 && errno != EINTR)
			return -1;
		if (r == 0 && ms_left(deadline) == 0)
			kill(pid, SIGKILL);
		ms_sleep(1);
	}
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : ETIMEDOUT;
	return errno == 0 ? 0 : -1;
}
#endif

/* The user who listened or connected, at the time of that call. */
#ifndef HAVE_GETPEEREID
int
getpeereid(int fd, uid_t *uid, gid_t *gid)
{
#ifdef __linux__
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1)
		return -1;
	*uid = peer.uid;
	*gid = peer.gid;
	return 0;
#else
	(void)fd;
	(void)uid;
	(void)gid;
	errno = ENOSYS;
	return -1;
#endif
}
#endif

#ifndef HAVE_GETPROGNAME
const char *
getprogname(void)
{
#ifdef __linux__
	return program_invocation_short_name;
#else
	return "tun";
#endif
}
#endif

/* Only OpenBSD can drop rights this way; elsewhere this does nothing. */
#ifndef HAVE_PLEDGE
int
pledge(const char *promises, const char *execpromises)
{
	(void)promises;
	(void)execpromises;
	return 0;
}
#endif

#ifndef HAVE_REALLOCARRAY
void *
reallocarray(void *p, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, n * size);
}
#endif

#ifndef HAVE_STRLCPY
size_t
strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src), n;

	if (size > 0) {
		n = len < size ? len : size - 1;
		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}

size_t
strlcat(char *dst, const char *src, size_t size)
{
	size_t n = 0;

	while (n < size && dst[n] != '\0')
		n++;
	return n + strlcpy(dst + n, src, size - n);
}
#endif

#ifndef HAVE_STRTONUM
long long
strtonum(const char *s, long long min, long long max, const char **errstr)
{
	const char *why = NULL;
	long long v = 0;
	char *end;
	int error = errno;

	errno = 0;
	if (min > max) {
		why = "invalid";
		error = EINVAL;
	} else {
		v = strtoll(s, &end, 10);
		if (end == s || *end != '\0') {
			why = "invalid";
			error = EINVAL;
		} else if (v < min || (v == LLONG_MIN && errno == ERANGE)) {
			why = "too small";
			error = ERANGE;
		} else if (v > max || (v == LLONG_MAX && errno == ERANGE)) {
			why = "too large";
			error = ERANGE;
		}
	}
	errno = error;
	if (errstr != NULL)
		*errstr = why;
	return why != NULL ? 0 : v;
}
#endif

/* A backslash becomes \134, as in NetBSD's strvis(3); OpenBSD doubles it. */
#ifndef HAVE_STRVIS
int
strvisx(char *dst, const char *src, size_t len, int flags)
{
	char *start = dst;
	unsigned char c;

	for (; len > 0; len--) {
		c = (unsigned char)*src++;
		if ((c > ' ' && c <= '~' && c != '\\') || c == ' ' ||
		    (c == '\t' && !(flags & VIS_TAB)) ||
		    (c == '\n' && !(flags & VIS_NL)))
			*dst++ = (char)c;
		else
			dst += sprintf(dst, "\\%03o", c);
	}
	*dst = '\0';
	return (int)(dst - start);
}

int
strvis(char *dst, const char *src, int flags)
{
	return strvisx(dst, src, strlen(src), flags);
}
#endif
