/* SPDX-License-Identifier: ISC */
#ifndef _SYS_PROCCTL_H_
#define _SYS_PROCCTL_H_

#include <sys/types.h>
#include <stdint.h>

/* Older glibc has a P_PID of another number in <stdlib.h>, unless told so. */
#define __ENUM_IDTYPE_T	1
typedef enum { P_PID } fake_idtype_t;

struct reaper_status {
	uint32_t flags, refs;
	long reserved1[15];
	pid_t pid_head;
	int reserved2[15];
};

union reaper_info {
	struct reaper_status status;
};

#define PROC_REAP_ACQUIRE	1
#define PROC_REAP_STATUS	3

#define REAPER_STAT_OWNED	0x00000001
#define REAPER_STAT_REALINIT	0x00000002

int	procctl(fake_idtype_t, id_t, int, void *);

#endif
