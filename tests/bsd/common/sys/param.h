/* SPDX-License-Identifier: ISC */
/* Headers here are the same on several systems, as far as they are used. */
#ifndef _SYS_PARAM_H_
#define _SYS_PARAM_H_

#include <sys/types.h>

#define MAXPATHLEN	1024
#define NODEV		((dev_t)-1)

#endif
