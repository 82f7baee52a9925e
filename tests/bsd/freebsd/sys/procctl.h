/* SPDX-License-Identifier: ISC */
#ifndef _SYS_PROCCTL_H_
#define _SYS_PROCCTL_H_

#include <sys/types.h>

/* Older glibc has a P_PID of another number in <stdlib.h>, unless told so. */
#define __ENUM_IDTYPE_T	1
typedef enum { P_PID } fake_idtype_t;

#define PROC_REAP_ACQUIRE	2
#define PROC_REAP_STATUS	4
#define PROC_REAP_GETPIDS	5

#define REAPER_STATUS_OWNED	0x00000001
#define REAPER_STATUS_REALINIT	0x00000002

struct procctl_reaper_status {
	unsigned rs_flags, rs_children, rs_descendants;
	pid_t rs_reaper, rs_pid;
	unsigned rs_pad0[15];
};

int	procctl(fake_idtype_t, id_t, int, void *);

#endif
