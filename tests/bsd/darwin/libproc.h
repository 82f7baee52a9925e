/* SPDX-License-Identifier: ISC */
#ifndef _LIBPROC_H_
#define _LIBPROC_H_

#include <stdint.h>
#include <sys/proc_info.h>

typedef struct {		/* of <mach/message.h> */
	unsigned val[8];
} audit_token_t;

int	proc_pidinfo(int, int, uint64_t, void *, int);
int	proc_pidfdinfo(int, int, int, void *, int);
int	proc_pidpath(int, void *, uint32_t);
int	proc_signal_with_audittoken(audit_token_t *, int);

#endif
