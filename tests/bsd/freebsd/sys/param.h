/* SPDX-License-Identifier: ISC */
/* As much of FreeBSD's header as our backend uses. */
#ifndef _SYS_PARAM_H_
#define _SYS_PARAM_H_

#include <sys/types.h>

#define MAXPATHLEN	1024
#define NODEV		((dev_t)-1)

#endif
