/* SPDX-License-Identifier: ISC */
#ifndef _SYS_PROC_H_
#define _SYS_PROC_H_

#define SIDL	1
#define SACTIVE	2
#define SDYING	3
#define SSTOP	4
#define SZOMB	5
#define SDEAD	6

#endif
