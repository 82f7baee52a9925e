/* SPDX-License-Identifier: ISC */
/*
 * faults.so: the n-th call of a kind fails, for the live tests.
 *
 *	FAULT=open:3:EMFILE FAULT_LOG=file LD_PRELOAD=tests/faults.so tunps
 *
 * Kinds: open (and openat), opendir, readdir, readlink (and readlinkat),
 * socket, malloc (and calloc, realloc), fstatfs, pidfd_open, pidfd_getfd,
 * subreaper.  Of children that are forked each counts on from where it was
 * forked.  With
 * netlink:0:0 what is sent to a netlink socket is lost, so that no answer
 * comes.  With daemon:1:0 the child of daemon(3) leaves its session a second
 * later.
 *
 * The log gets "fault" when one happens, and at the end the number of calls.
 * With n 0 none fails, and the number says how many there are.
 */
#define _GNU_SOURCE

/* The names below are those of the library, and no macros for others. */
#undef _FILE_OFFSET_BITS
#undef _TIME_BITS
#undef _FORTIFY_SOURCE

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/vfs.h>

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT	__attribute__((visibility("default")))

#ifndef SYS_pidfd_open
#define SYS_pidfd_open	434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd	438
#endif

/* Before malloc(3) can be looked for by name, which may need memory. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static char kind[32];
static int error;
static unsigned long at, calls;
static int log_fd = -1;
static int paused;

static int (*real_openat)(int, const char *, int, ...);
static DIR *(*real_opendir)(const char *);
static struct dirent *(*real_readdir)(DIR *);
static struct dirent64 *(*real_readdir64)(DIR *);
static ssize_t (*real_readlinkat)(int, const char *, char *, size_t);
static int (*real_fstatfs)(int, struct statfs *);
static int (*real_fstatfs64)(int, struct statfs64 *);
static int (*real_socket)(int, int, int);
static long (*real_syscall)(long, ...);
static struct passwd *(*real_getpwuid)(uid_t);
static int (*real_daemon)(int, int);
static ssize_t (*real_sendto)(int, const void *, size_t, int,
    const struct sockaddr *, socklen_t);

static void
say(const char *text)
{
	if (log_fd != -1 && write(log_fd, text, strlen(text)) == -1)
		_exit(99);
}

/* One call of this kind: does it fail? */
static int
fails(const char *what)
{
	if (paused || strcmp(kind, what) != 0 || ++calls != at)
		return 0;
	say("fault\n");
	errno = error;
	return 1;
}

static void *
find(const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		_exit(98);
	return p;
}

static int
number_of(const char *name)
{
	static const struct {
		const char *name;
		int error;
	} errors[] = {
		{ "EACCES", EACCES }, { "EAGAIN", EAGAIN }, { "EINTR", EINTR },
		{ "EINVAL", EINVAL }, { "EMFILE", EMFILE },
		{ "ENFILE", ENFILE }, { "ENOMEM", ENOMEM }
	};
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].error;
	return 0;
}

__attribute__((constructor))
static void
begin(void)
{
	const char *fault = getenv("FAULT"), *path = getenv("FAULT_LOG");
	char text[32], name[16];

	*(void **)&real_openat = find("openat");
	*(void **)&real_opendir = find("opendir");
	*(void **)&real_readdir = find("readdir");
	*(void **)&real_readdir64 = find("readdir64");
	*(void **)&real_readlinkat = find("readlinkat");
	*(void **)&real_fstatfs = find("fstatfs");
	*(void **)&real_fstatfs64 = find("fstatfs64");
	*(void **)&real_socket = find("socket");
	*(void **)&real_syscall = find("syscall");
	*(void **)&real_getpwuid = find("getpwuid");
	*(void **)&real_daemon = find("daemon");
	*(void **)&real_sendto = find("sendto");
	if (path != NULL)
		log_fd = real_openat(AT_FDCWD, path, O_WRONLY | O_CREAT |
		    O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	/* Out of the way of the program's own. */
	if (log_fd != -1 && (log_fd = fcntl(log_fd, F_DUPFD_CLOEXEC, 200)) ==
	    -1)
		_exit(97);
	if (fault == NULL || sscanf(fault, "%31[a-z_]:%lu:%15s", text, &at,
	    name) != 3)
		return;
	error = number_of(name);
	strcpy(kind, text);
}

__attribute__((destructor))
static void
end(void)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu\n", calls);
	say(text);
}

/* --- descriptors --------------------------------------------------------- */

static int
open_(int dir, const char *path, int flags, mode_t mode)
{
	return fails("open") ? -1 : real_openat(dir, path, flags, mode);
}

#define MODE(flags, last)						\
	mode_t mode = 0;						\
	va_list ap;							\
									\
	if ((flags) & (O_CREAT | O_TMPFILE)) {				\
		va_start(ap, last);					\
		mode = (mode_t)va_arg(ap, int);				\
		va_end(ap);						\
	}

EXPORT int __open_2(const char *, int);
EXPORT int __open64_2(const char *, int);
EXPORT int __openat_2(int, const char *, int);
EXPORT int __openat64_2(int, const char *, int);

EXPORT int
open(const char *path, int flags, ...)
{
	MODE(flags, flags)
	return open_(AT_FDCWD, path, flags, mode);
}

EXPORT int
open64(const char *path, int flags, ...)
{
	MODE(flags, flags)
	return open_(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

EXPORT int
openat(int dir, const char *path, int flags, ...)
{
	MODE(flags, flags)
	return open_(dir, path, flags, mode);
}

EXPORT int
openat64(int dir, const char *path, int flags, ...)
{
	MODE(flags, flags)
	return open_(dir, path, flags | O_LARGEFILE, mode);
}

int
__open_2(const char *path, int flags)
{
	return open_(AT_FDCWD, path, flags, 0);
}

int
__open64_2(const char *path, int flags)
{
	return open_(AT_FDCWD, path, flags | O_LARGEFILE, 0);
}

int
__openat_2(int dir, const char *path, int flags)
{
	return open_(dir, path, flags, 0);
}

int
__openat64_2(int dir, const char *path, int flags)
{
	return open_(dir, path, flags | O_LARGEFILE, 0);
}

EXPORT DIR *
opendir(const char *path)
{
	return fails("opendir") ? NULL : real_opendir(path);
}

EXPORT struct dirent *
readdir(DIR *dir)
{
	return fails("readdir") ? NULL : real_readdir(dir);
}

EXPORT struct dirent64 *
readdir64(DIR *dir)
{
	return fails("readdir") ? NULL : real_readdir64(dir);
}

EXPORT int
fstatfs(int fd, struct statfs *sfs)
{
	return fails("fstatfs") ? -1 : real_fstatfs(fd, sfs);
}

EXPORT int
fstatfs64(int fd, struct statfs64 *sfs)
{
	return fails("fstatfs") ? -1 : real_fstatfs64(fd, sfs);
}

EXPORT int
socket(int domain, int type, int protocol)
{
	return fails("socket") ? -1 : real_socket(domain, type, protocol);
}

EXPORT long
syscall(long number, ...)
{
	long a[6];
	va_list ap;
	size_t i;

	va_start(ap, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if ((number == SYS_pidfd_open && fails("pidfd_open")) ||
	    (number == SYS_pidfd_getfd && fails("pidfd_getfd")))
		return -1;
	return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* An old kernel: tunrun cannot become the reaper. */
EXPORT int
prctl(int option, ...)
{
	unsigned long a[4];
	va_list ap;
	size_t i;

	va_start(ap, option);
	for (i = 0; i < 4; i++)
		a[i] = va_arg(ap, unsigned long);
	va_end(ap);
	if (real_syscall == NULL)	/* from a library's constructor */
		*(void **)&real_syscall = find("syscall");
	if (option == PR_SET_CHILD_SUBREAPER && fails("subreaper"))
		return -1;
	return (int)real_syscall(SYS_prctl, option, a[0], a[1], a[2], a[3]);
}

EXPORT ssize_t
sendto(int fd, const void *buf, size_t len, int flags,
    const struct sockaddr *to, socklen_t tolen)
{
	if (strcmp(kind, "netlink") == 0 && to != NULL &&
	    to->sa_family == AF_NETLINK)
		return (ssize_t)len;
	return real_sendto(fd, buf, len, flags, to, tolen);
}

/* --- links --------------------------------------------------------------- */

EXPORT ssize_t __readlinkat_chk(int, const char *, char *, size_t, size_t);
EXPORT ssize_t __readlink_chk(const char *, char *, size_t, size_t);

EXPORT ssize_t
readlinkat(int dir, const char *path, char *buf, size_t len)
{
	return fails("readlink") ? -1 : real_readlinkat(dir, path, buf, len);
}

EXPORT ssize_t
readlink(const char *path, char *buf, size_t len)
{
	return readlinkat(AT_FDCWD, path, buf, len);
}

ssize_t
__readlinkat_chk(int dir, const char *path, char *buf, size_t len,
    size_t room)
{
	return readlinkat(dir, path, buf, len < room ? len : room);
}

ssize_t
__readlink_chk(const char *path, char *buf, size_t len, size_t room)
{
	return readlinkat(AT_FDCWD, path, buf, len < room ? len : room);
}

/* --- processes ----------------------------------------------------------- */

EXPORT int
daemon(int nochdir, int noclose)
{
	pid_t pid;

	if (!fails("daemon"))
		return real_daemon(nochdir, noclose);
	if ((pid = fork()) != 0)
		_exit(pid == -1 ? 1 : 0);
	sleep(1);
	return setsid() == -1 ? -1 : 0;
}

/* --- memory -------------------------------------------------------------- */

EXPORT void *
malloc(size_t n)
{
	return fails("malloc") ? NULL : __libc_malloc(n);
}

EXPORT void *
calloc(size_t n, size_t size)
{
	return fails("malloc") ? NULL : __libc_calloc(n, size);
}

EXPORT void *
realloc(void *p, size_t n)
{
	return fails("malloc") ? NULL : __libc_realloc(p, n);
}

/* Without memory for the first look-up glibc 2.36 ends by an assertion. */
EXPORT struct passwd *
getpwuid(uid_t uid)
{
	struct passwd *pw;

	paused = strcmp(kind, "malloc") == 0;
	pw = real_getpwuid(uid);
	paused = 0;
	return pw;
}
