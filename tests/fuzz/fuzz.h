/* SPDX-License-Identifier: ISC */
/* What the harnesses share. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Like assert(3), but NDEBUG does not remove it. */
static inline void
claim(int holds)
{
	if (!holds)
		abort();
}

#endif
