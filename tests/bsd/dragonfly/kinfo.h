/* SPDX-License-Identifier: ISC */
#ifndef _KINFO_H_
#define _KINFO_H_

#include <sys/kinfo.h>

int	kinfo_get_files(struct kinfo_file **, size_t *);

#endif
