/* SPDX-License-Identifier: ISC */
/* struct kinfo_proc and kinfo_file of DragonFly 5.9. */
#ifndef _SYS_KINFO_H_
#define _SYS_KINFO_H_

#define _KERNEL_STRUCTURES

#include <sys/types.h>
#include <sys/time.h>
#include <stdint.h>

enum procstat { SIDL = 1, SACTIVE, SSTOP, SZOMB, SCORE };
enum lwpstat { LSRUN = 1, LSSTOP, LSSLEEP };

#define P_CONTROLT	0x00000002
#define P_SYSTEM	0x00000200

#define MAXCOMLEN	16
#define KI_CTTY		1
#define KI_SLEADER	2

struct kinfo_sigset {
	unsigned __bits[4];
};

struct kinfo_file {
	size_t f_size;
	pid_t f_pid;
	uid_t f_uid;
	int f_fd;
	void *f_file;
	short f_type;
	int f_count, f_msgcount;
	int64_t f_offset;
	void *f_data;
	unsigned f_flag;
};

struct kinfo_lwp {
	pid_t kl_pid;
	int kl_tid, kl_flags;
	enum lwpstat kl_stat;
	char pad[296];
} __attribute__((aligned(8)));

struct kinfo_proc {
	uintptr_t kp_paddr;
	int kp_flags;
	enum procstat kp_stat;
	int kp_lock, kp_acflag, kp_traceflag;
	uintptr_t kp_fd;
	struct kinfo_sigset kp_siglist, kp_sigignore, kp_sigcatch;
	int kp_sigflag;
	struct timeval kp_start;
	char kp_comm[MAXCOMLEN + 1];
	uid_t kp_uid;
	short kp_ngroups;
	gid_t kp_groups[16];
	uid_t kp_ruid, kp_svuid;
	gid_t kp_rgid, kp_svgid;
	pid_t kp_pid, kp_ppid, kp_pgid;
	int kp_jobc;
	pid_t kp_sid;
	char kp_login[40];
	uint32_t kp_tdev;	/* dev_t has 32 bits there */
	pid_t kp_tpgid, kp_tsid;
	unsigned short kp_exitstat;
	int kp_nthreads, kp_nice;
	unsigned kp_swtime;
	size_t kp_vm[6];
	unsigned kp_vm_prssize;
	int kp_jailid;
	char kp_ru[288];
	int kp_auxflags;
	struct kinfo_lwp kp_lwp;
	uintptr_t kp_ktaddr;
	int kp_spare[2];
};

#endif
