/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_

#include <sys/proc.h>

#define CTL_KERN		1
#define KERN_ARGMAX		8
#define KERN_PROC		14
#define KERN_PROCARGS2		49
#define KERN_PROC_ALL		0
#define KERN_PROC_PID		1
#define KERN_PROC_UID		5
#define KERN_PROC_RUID		6

#define EPROC_CTTY		0x01
#define EPROC_SLEADER		0x02

struct _pcred {
	char pc_lock[72];
	void *pc_ucred;
	uid_t p_ruid, p_svuid;
	gid_t p_rgid, p_svgid;
	int p_refcnt;
};

struct _ucred {
	int32_t cr_ref;
	uid_t cr_uid;
	short cr_ngroups;
	gid_t cr_groups[16];
};

struct kinfo_proc {
	struct extern_proc kp_proc;
	struct eproc {
		void *e_paddr, *e_sess;
		struct _pcred e_pcred;
		struct _ucred e_ucred;
		uint64_t e_vm[8];
		pid_t e_ppid, e_pgid;
		short e_jobc;
		int32_t e_tdev;		/* dev_t has 32 bits there */
		pid_t e_tpgid;
		void *e_tsess;
		char e_wmesg[8];
		int e_xsize;
		short e_xrssize, e_xccount, e_xswrss;
		int32_t e_flag;
		char e_login[12];
		int32_t e_spare[4];
	} kp_eproc;
};

int	sysctl(int *, unsigned, void *, size_t *, void *, size_t);
int	sysctlbyname(const char *, void *, size_t *, void *, size_t);
int	sysctlnametomib(const char *, int *, size_t *);

#endif
