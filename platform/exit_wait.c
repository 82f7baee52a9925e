/* SPDX-License-Identifier: ISC */
/*
 * Waits for the end of a process: on a descriptor if the source has one,
 * otherwise by checking the process repeatedly.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "impl.h"
#include "compat/ms.h"

#define LOOK_MS	10	/* between two checks */

static const char *
hold_exe(const struct plat_hold *h)
{
	return h->exe[0] != '\0' ? h->exe : NULL;
}

int
plat_hold(struct plat *pl, const struct plat_proc *row, const char *exe,
    struct plat_hold *h)
{
	struct plat_hold hold = { .row = *row, .fd = -1 };

	if (exe != NULL && strlen(exe) >= sizeof(hold.exe)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (exe != NULL)
		strcpy(hold.exe, exe);
	if (PLAT_ASK(pl, hold, row, exe, &hold.fd) == -1)
		return -1;
	*h = hold;
	return 0;
}

int
plat_hold_signal(struct plat *pl, const struct plat_hold *h, int sig)
{
	return PLAT_ASK(pl, hold_signal, &h->row, hold_exe(h), h->fd, sig);
}

/* Without a descriptor the process is checked repeatedly. */
static int
wait_by_looking(struct plat *pl, const struct plat_hold *h, int ms)
{
	int64_t deadline = ms_now() + ms;

	for (;;) {
		if (PLAT_ASK(pl, hold_signal, &h->row, hold_exe(h), -1, 0) ==
		    -1 && errno != EPERM && errno != EBUSY)
			return errno == ESRCH ? 1 : -1;
		if (ms_now() >= deadline)
			return 0;
		ms_sleep(LOOK_MS);
	}
}

int
plat_hold_wait(struct plat *pl, const struct plat_hold *h, int ms)
{
	struct pollfd pfd = { .fd = h->fd, .events = POLLIN };
	int64_t deadline = ms_now() + ms;
	int r;

	if (h->fd == -1)
		return wait_by_looking(pl, h, ms);
	for (;;) {
		if ((r = poll(&pfd, 1, ms_left(deadline))) != -1)
			return r > 0;
		if (errno != EINTR)
			return -1;
	}
}

void
plat_hold_drop(struct plat_hold *h)
{
	if (h->fd != -1)
		close(h->fd);
	h->fd = -1;
}
