/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_

#include <sys/types.h>

#define CTL_KERN		1
#define KERN_ARGMAX		8
#define KERN_PROC		14
#define KERN_PROC_ALL		0
#define KERN_PROC_PID		1
#define KERN_PROC_UID		5
#define KERN_PROC_RUID		6
#define KERN_PROC_ARGS		7
#define KERN_PROC_PROC		8
#define KERN_PROC_PATHNAME	12
#define KERN_PROC_INC_THREAD	0x10
#define KERN_PROC_FILEDESC	33
#define KERN_PROC_ENV		35
#define KERN_PROC_RLIMIT	37
#define KERN_PROC_CWD		42

int	sysctl(const int *, unsigned, void *, size_t *, const void *, size_t);
int	sysctlbyname(const char *, void *, size_t *, const void *, size_t);
int	sysctlnametomib(const char *, int *, size_t *);

#endif
