/* SPDX-License-Identifier: ISC */
/* struct kinfo_proc2 and kinfo_file of NetBSD 10.1. */
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_

#include <sys/types.h>
#include <stdint.h>

#define CTL_MAXNAME		12
#define CTL_KERN		1
#define CTL_NET			4
#define KERN_PROC2		47
#define KERN_PROC_ARGS		48
#define KERN_FILE2		77

#define KERN_PROC_ALL		0
#define KERN_PROC_PID		1
#define KERN_PROC_UID		5
#define KERN_PROC_RUID		6

#define KERN_PROC_ARGV		1
#define KERN_PROC_NARGV		2
#define KERN_PROC_ENV		3
#define KERN_PROC_PATHNAME	5
#define KERN_PROC_CWD		6

#define KERN_FILE_BYFILE	1
#define KERN_FILE_BYPID		2

#define KERN_PROC_TTY_NODEV	NODEV

#define EPROC_CTTY		0x01
#define EPROC_SLEADER		0x02

#define P_CONTROLT		0x00000002
#define P_SYSTEM		0x00000200
#define P_WEXIT			0x00002000

#define KI_NGROUPS		16
#define KI_MAXCOMLEN		24
#define KI_WMESGLEN		8
#define KI_MAXLOGNAME		24
#define KI_MAXEMULLEN		16

typedef struct {
	uint32_t __bits[4];
} ki_sigset_t;

struct kinfo_proc2 {
	uint64_t p_forw, p_back, p_paddr, p_addr, p_fd, p_cwdi, p_stats;
	uint64_t p_limit, p_vmspace, p_sigacts, p_sess, p_tsess, p_ru;
	int32_t p_eflag, p_exitsig, p_flag, p_pid, p_ppid, p_sid, p__pgid;
	int32_t p_tpgid;
	uint32_t p_uid, p_ruid, p_gid, p_rgid, p_groups[KI_NGROUPS];
	int16_t p_ngroups, p_jobc;
	uint32_t p_tdev, p_estcpu, p_rtime_sec, p_rtime_usec;
	int32_t p_cpticks;
	uint32_t p_pctcpu, p_swtime, p_slptime;
	int32_t p_schedflags;
	uint64_t p_uticks, p_sticks, p_iticks, p_tracep;
	int32_t p_traceflag, p_holdcnt;
	ki_sigset_t p_siglist, p_sigmask, p_sigignore, p_sigcatch;
	int8_t p_stat;
	uint8_t p_priority, p_usrpri, p_nice;
	uint16_t p_xstat, p_acflag;
	char p_comm[KI_MAXCOMLEN], p_wmesg[KI_WMESGLEN];
	uint64_t p_wchan;
	char p_login[KI_MAXLOGNAME];
	int32_t p_vm_rssize, p_vm_tsize, p_vm_dsize, p_vm_ssize;
	int64_t p_uvalid;
	uint32_t p_ustart_sec, p_ustart_usec, p_uutime_sec, p_uutime_usec;
	uint32_t p_ustime_sec, p_ustime_usec;
	uint64_t p_uru[14];
	uint32_t p_uctime_sec, p_uctime_usec;
	uint64_t p_cpuid, p_realflag, p_nlwps, p_nrlwps, p_realstat;
	uint32_t p_svuid, p_svgid;
	char p_ename[KI_MAXEMULLEN];
	int64_t p_vm_vsize, p_vm_msize;
};

struct kinfo_file {
	uint64_t ki_fileaddr;
	uint32_t ki_flag, ki_iflags, ki_ftype, ki_count, ki_msgcount;
	uint32_t ki_usecount;
	uint64_t ki_fucred;
	uint32_t ki_fuid, ki_fgid;
	uint64_t ki_fops, ki_foffset, ki_fdata, ki_vun, ki_vsize;
	uint32_t ki_vtype, ki_vtag;
	uint64_t ki_vdata;
	uint32_t ki_pid;
	int32_t ki_fd;
	uint32_t ki_ofileflags, _ki_padto64bits;
};

int	sysctl(const int *, unsigned, void *, size_t *, const void *, size_t);
int	sysctlbyname(const char *, void *, size_t *, const void *, size_t);
int	sysctlnametomib(const char *, int *, size_t *);

#endif
