/* SPDX-License-Identifier: ISC */
/* The machine's own, and what OpenBSD has there besides. */
#ifndef FAKE_STDLIB_H
#define FAKE_STDLIB_H

#include_next <stdlib.h>
#include <sys/types.h>

char	*devname(dev_t, mode_t);

#endif
