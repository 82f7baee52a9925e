/* SPDX-License-Identifier: ISC */
#ifndef _SYS_EVENT_H_
#define _SYS_EVENT_H_

#include <stdint.h>
#include <time.h>

#ifdef __NetBSD__
#define EVFILT_PROC	4U
#define EV_ADD		0x0001U
#define EV_ONESHOT	0x0010U
#define NOTE_EXIT	0x80000000U

typedef size_t kevent_count_t;
#else
#define EVFILT_PROC	(-5)
#define EV_ADD		0x0001
#define EV_ONESHOT	0x0010
#define NOTE_EXIT	0x80000000

typedef int kevent_count_t;
#endif

struct kevent {
	uintptr_t ident;
#ifdef __NetBSD__
	uint32_t filter, flags, fflags;
#else
	short filter;
	unsigned short flags;
	unsigned fflags;
#endif
#if defined(__APPLE__) || defined(__DragonFly__)
	intptr_t data;
#else
	int64_t data;
#endif
	void *udata;
#ifdef __FreeBSD__
	uint64_t ext[4];
#endif
};

#ifdef __FreeBSD__
#define EV_SET(kevp_, a, b, c, d, e, f) do {		\
	*(kevp_) = (struct kevent){			\
	    .ident = (a), .filter = (b), .flags = (c),	\
	    .fflags = (d), .data = (e), .udata = (f),	\
	    .ext = { 0 } };				\
} while (0)
#else
#define EV_SET(kevp, a, b, c, d, e, f) do {	\
	struct kevent *__kevp = (kevp);		\
	(__kevp)->ident = (a);			\
	(__kevp)->filter = (b);			\
	(__kevp)->flags = (c);			\
	(__kevp)->fflags = (d);			\
	(__kevp)->data = (e);			\
	(__kevp)->udata = (f);			\
} while (0)
#endif

int	kqueue(void);
int	kevent(int, const struct kevent *, kevent_count_t, struct kevent *,
	    kevent_count_t, const struct timespec *);

#endif
