/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_

#include <sys/types.h>

#define CTL_KERN		1
#define KERN_PROC		14
#define KERN_FILE		15
#define KERN_PROC_ALL		0
#define KERN_PROC_PID		1
#define KERN_PROC_UID		5
#define KERN_PROC_RUID		6
#define KERN_PROC_ARGS		7
#define KERN_PROC_CWD		8
#define KERN_PROC_PATHNAME	9
#define KERN_PROC_FLAG_LWP	0x10

int	sysctl(int *, unsigned, void *, size_t *, void *, size_t);
int	sysctlbyname(const char *, void *, size_t *, void *, size_t);
int	sysctlnametomib(const char *, int *, size_t *);

#endif
