/* SPDX-License-Identifier: ISC */
/*
 * Failures for lack of descriptors or memory: what a call did not find then may
 * exist all the same.
 */
#include <errno.h>

#include "impl.h"

int
plat_failed(int error)
{
	switch (error) {
	case EAGAIN:
	case EINTR:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return 1;
	default:
		return 0;
	}
}

int
plat_note_failure(struct plat *pl)
{
	int failed = plat_failed(errno);

	if (failed && pl->failure == 0)
		pl->failure = errno;
	return failed;
}

int
plat_failure(struct plat *pl)
{
	int error = pl->failure;

	pl->failure = 0;
	return error;
}

int
plat_nosys(void)
{
	errno = ENOSYS;
	return -1;
}
