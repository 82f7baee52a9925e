/* SPDX-License-Identifier: ISC */
/*
 * Functions that libc and libbsd lack. On a BSD, and on Linux with libbsd's
 * overlay, the usual headers have all of this; elsewhere compat.c does.
 * ./configure checks for each and writes config.h.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include "config.h"

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_STRVIS
#include <vis.h>
#endif

/*
 * Makes orphaned descendants of this process its children again. -1 with ENOSYS
 * on systems without such a call.
 */
int	 become_reaper(void);

/*
 * The first of the ports that the system gives to connections; -1: not known.
 */
int	 first_ephemeral_port(void);

/*
 * confine.c: from now on this process and its children start no program and
 * make no system call that changes the machine, as far as the system can
 * enforce it. -1: it could not; ENOSYS on systems without such a mechanism.
 */
int	 confine(void);

#ifndef HAVE_CLOSEFROM
void	 closefrom(int low);
#endif

/* The path in the address is relative to the directory dir. */
#ifndef HAVE_CONNECTAT
struct sockaddr;
int	 connectat(int dir, int sock, const struct sockaddr *addr,
	    unsigned int len);
#endif

#ifndef HAVE_GETPEEREID
int	 getpeereid(int fd, uid_t *uid, gid_t *gid);
#endif

#ifndef HAVE_GETPROGNAME
const char *getprogname(void);
#endif

#ifndef HAVE_PLEDGE
int	 pledge(const char *promises, const char *execpromises);
#endif

#ifndef HAVE_REALLOCARRAY
void	*reallocarray(void *p, size_t n, size_t size);
#endif

#ifndef HAVE_STRLCPY
size_t	 strlcat(char *dst, const char *src, size_t size);
size_t	 strlcpy(char *dst, const char *src, size_t size);
#endif

#ifndef HAVE_STRTONUM
long long strtonum(const char *s, long long min, long long max,
	    const char **errstr);
#endif

/* Only the flags that we use, with their meaning. */
#ifndef HAVE_STRVIS
#define VIS_OCTAL	0x01	/* \ooo */
#define VIS_TAB		0x08	/* tabs too */
#define VIS_NL		0x10	/* newlines too */
int	 strvis(char *dst, const char *src, int flags);
int	 strvisx(char *dst, const char *src, size_t len, int flags);
#endif
/* Without this flag some strvis(3) keep bytes that the locale can print. */
#ifndef VIS_NOLOCALE
#define VIS_NOLOCALE	0
#endif

#endif
