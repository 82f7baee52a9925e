/* SPDX-License-Identifier: ISC */
#ifndef _SYS_EVENT_H_
#define _SYS_EVENT_H_

#include <stdint.h>
#include <time.h>

#define EVFILT_PROC	4U
#define EV_ADD		0x0001U
#define EV_ONESHOT	0x0010U
#define NOTE_EXIT	0x80000000U

struct kevent {
	uintptr_t ident;
	uint32_t filter, flags, fflags;
	int64_t data;
	void *udata;
};

#define EV_SET(kevp, a, b, c, d, e, f) do {	\
	struct kevent *__kevp = (kevp);		\
	(__kevp)->ident = (a);			\
	(__kevp)->filter = (b);			\
	(__kevp)->flags = (c);			\
	(__kevp)->fflags = (d);			\
	(__kevp)->data = (e);			\
	(__kevp)->udata = (f);			\
} while (0)

int	kqueue(void);
int	kevent(int, const struct kevent *, size_t, struct kevent *, size_t,
	    const struct timespec *);

#endif
