/* SPDX-License-Identifier: ISC */
#include_next <unistd.h>

#ifndef FAKE_UNISTD_H
#define FAKE_UNISTD_H

int	getgrouplist(const char *, int, int *, int *);

#endif
