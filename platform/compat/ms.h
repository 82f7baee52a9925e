/* SPDX-License-Identifier: ISC */
/*
 * Milliseconds of the monotonic clock, for deadlines. All layers use it; it is
 * a header so that nothing has to be linked.
 */
#ifndef MS_H
#define MS_H

#include <limits.h>
#include <stdint.h>
#include <time.h>

static inline int64_t
ms_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The time that is left, as poll(2) takes it; 0: the deadline has passed. */
static inline int
ms_left(int64_t deadline)
{
	int64_t left = deadline - ms_now();

	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* A signal may end the sleep early. */
static inline void
ms_sleep(int64_t ms)
{
	struct timespec ts;

	ts.tv_sec = (time_t)(ms / 1000);
	ts.tv_nsec = (long)(ms % 1000) * 1000000;
	nanosleep(&ts, NULL);
}

#endif
