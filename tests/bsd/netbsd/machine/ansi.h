/* SPDX-License-Identifier: ISC */
/* gcc's <stddef.h> declares on NetBSD what is named here, and nothing else. */
#ifndef _MACHINE_ANSI_H_
#define _MACHINE_ANSI_H_

#define _BSD_SIZE_T_	unsigned long
#define _BSD_PTRDIFF_T_	long
#define _BSD_WCHAR_T_	int

#endif
