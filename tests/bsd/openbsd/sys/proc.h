/* SPDX-License-Identifier: ISC */
#ifndef _SYS_PROC_H_
#define _SYS_PROC_H_

#define SIDL	1
#define SRUN	2
#define SSLEEP	3
#define SSTOP	4
#define SZOMB	5
#define SDEAD	6
#define SONPROC	7

#define PS_CONTROLT	0x00000001
#define PS_EXITING	0x00000008
#define PS_SYSTEM	0x00010000
#define PS_ZOMBIE	0x00040000
#define P_SYSTEM	0x00000200

#endif
