/* SPDX-License-Identifier: ISC */
#ifndef _KVM_H_
#define _KVM_H_

#include <sys/types.h>

typedef struct __kvm kvm_t;

struct kinfo_proc;

kvm_t	*kvm_openfiles(const char *, const char *, const char *, int, char *);
struct kinfo_proc *kvm_getprocs(kvm_t *, int, int, int *);
char	**kvm_getargv(kvm_t *, const struct kinfo_proc *, int);
int	 kvm_close(kvm_t *);

#endif
