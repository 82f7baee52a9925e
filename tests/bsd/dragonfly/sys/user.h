/* SPDX-License-Identifier: ISC */
#ifndef _SYS_USER_H_
#define _SYS_USER_H_

#include <sys/kinfo.h>

#endif
