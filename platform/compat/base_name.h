/* SPDX-License-Identifier: ISC */
/* What follows the last slash; basename(3) may change the path instead. */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include <string.h>

static inline const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

#endif
