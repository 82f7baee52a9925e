/* SPDX-License-Identifier: ISC */
/* struct kinfo_proc and kinfo_file of OpenBSD 7.6-current. */
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_

#include <sys/types.h>
#include <stdint.h>

#define CTL_KERN		1
#define KERN_BOOTTIME		21
#define KERN_PROC_ARGS		55
#define KERN_PROC		66
#define KERN_FILE		73
#define KERN_PROC_CWD		78

#define KERN_PROC_ALL		0
#define KERN_PROC_PID		1
#define KERN_PROC_UID		5
#define KERN_PROC_RUID		6
#define KERN_PROC_KTHREAD	7
#define KERN_PROC_SHOW_THREADS	0x40000000

#define KERN_PROC_ARGV		1
#define KERN_PROC_NARGV		2
#define KERN_PROC_ENV		3

#define KERN_FILE_BYFILE	1
#define KERN_FILE_BYPID		2
#define KERN_FILE_BYUID		3
#define KERN_FILE_TEXT		-1
#define KERN_FILE_CDIR		-2
#define KERN_FILE_RDIR		-3

#define EPROC_CTTY		0x01
#define EPROC_SLEADER		0x02

#define KI_NGROUPS		16
#define KI_MAXCOMLEN		24
#define KI_WMESGLEN		8
#define KI_MAXLOGNAME		32
#define KI_EMULNAMELEN		8
#define KI_MNTNAMELEN		96
#define KI_UNPPATHLEN		104

struct kinfo_proc {
	uint64_t p_forw, p_back, p_paddr, p_addr, p_fd, p_stats, p_limit;
	uint64_t p_vmspace, p_sigacts, p_sess, p_tsess, p_ru;
	int32_t p_eflag, p_exitsig, p_flag, p_pid, p_ppid, p_sid, p__pgid;
	int32_t p_tpgid;
	uint32_t p_uid, p_ruid, p_gid, p_rgid, p_groups[KI_NGROUPS];
	int16_t p_ngroups, p_jobc;
	uint32_t p_tdev, p_estcpu, p_rtime_sec, p_rtime_usec;
	int32_t p_cpticks;
	uint32_t p_pctcpu, p_swtime, p_slptime;
	int32_t p_schedflags;
	uint64_t p_uticks, p_sticks, p_iticks, p_tracep;
	int32_t p_traceflag, p_holdcnt, p_siglist;
	uint32_t p_sigmask, p_sigignore, p_sigcatch;
	int8_t p_stat;
	uint8_t p_priority, p_usrpri, p_nice;
	uint16_t p_xstat, p_spare;
	char p_comm[KI_MAXCOMLEN], p_wmesg[KI_WMESGLEN];
	uint64_t p_wchan;
	char p_login[KI_MAXLOGNAME];
	int32_t p_vm_rssize, p_vm_tsize, p_vm_dsize, p_vm_ssize;
	int64_t p_uvalid;
	uint64_t p_ustart_sec;
	uint32_t p_ustart_usec, p_uutime_sec, p_uutime_usec, p_ustime_sec;
	uint32_t p_ustime_usec;
	uint64_t p_uru[14];
	uint32_t p_uctime_sec, p_uctime_usec, p_psflags, p_acflag;
	uint32_t p_svuid, p_svgid;
	char p_emul[KI_EMULNAMELEN];
	uint64_t p_rlim_rss_cur, p_cpuid, p_vm_map_size;
	int32_t p_tid;
	uint32_t p_rtableid;
	uint64_t p_pledge;
	char p_name[KI_MAXCOMLEN];
};

struct kinfo_file {
	uint64_t f_fileaddr;
	uint32_t f_flag, f_iflags, f_type, f_count, f_msgcount, f_usecount;
	uint64_t f_ucred;
	uint32_t f_uid, f_gid;
	uint64_t f_ops, f_offset, f_data, f_rxfer, f_rwfer, f_seek;
	uint64_t f_rbytes, f_wbytes;
	uint64_t v_un;
	uint32_t v_type, v_tag, v_flag, va_rdev;
	uint64_t v_data, v_mount, va_fileid, va_size;
	uint32_t va_mode, va_fsid;
	char f_mntonname[KI_MNTNAMELEN];
	uint32_t so_type, so_state;
	uint64_t so_pcb;
	uint32_t so_protocol, so_family;
	uint64_t inp_ppcb;
	uint32_t inp_lport, inp_laddru[4], inp_fport, inp_faddru[4];
	uint64_t unp_conn;
	uint64_t pipe_peer;
	uint32_t pipe_state;
	uint32_t kq_count, kq_state;
	uint32_t __unused1;
	uint32_t p_pid;
	int32_t fd_fd;
	uint32_t fd_ofileflags, p_uid, p_gid, p_tid;
	char p_comm[KI_MAXCOMLEN];
	uint32_t inp_rtableid;
	uint64_t so_splice;
	int64_t so_splicelen;
	uint64_t so_rcv_cc, so_snd_cc, unp_refs, unp_nextref, unp_addr;
	char unp_path[KI_UNPPATHLEN];
	uint32_t inp_proto, t_state;
	uint64_t t_rcv_wnd, t_snd_wnd, t_snd_cwnd;
	uint32_t va_nlink;
};

int	sysctl(const int *, unsigned, void *, size_t *, void *, size_t);

#endif
