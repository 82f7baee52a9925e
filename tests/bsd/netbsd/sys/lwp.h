/* SPDX-License-Identifier: ISC */
#ifndef _SYS_LWP_H_
#define _SYS_LWP_H_

#define LSIDL		1
#define LSRUN		2
#define LSSLEEP		3
#define LSSTOP		4
#define LSZOMB		5
#define LSONPROC	7

#endif
