/* SPDX-License-Identifier: ISC */
#ifndef _SYS_PROC_H_
#define _SYS_PROC_H_

#define SIDL	1
#define SRUN	2
#define SSLEEP	3
#define SSTOP	4
#define SZOMB	5
#define SWAIT	6
#define SLOCK	7

#define P_CONTROLT	0x00000002
#define P_KPROC		0x00000004
#define P_SYSTEM	0x00000200
#define P_TRACED	0x00000800
#define P_WEXIT		0x00002000
#define P_INEXEC	0x04000000

#endif
