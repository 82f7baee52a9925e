/* SPDX-License-Identifier: ISC */
/* struct kinfo_proc and kinfo_file of FreeBSD 12 to 15, amd64. */
#ifndef _SYS_USER_H_
#define _SYS_USER_H_

#include <sys/types.h>
#include <sys/time.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <stdint.h>

#define KINFO_PROC_SIZE	1088
#define KINFO_FILE_SIZE	1392

#define COMMLEN		19
#define LOGNAMELEN	17

#define KI_CTTY		0x00000001
#define KI_SLEADER	0x00000002

struct kinfo_sigset {
	uint32_t __bits[4];
};

struct kinfo_proc {
	int ki_structsize, ki_layout;
	void *ki_args, *ki_paddr, *ki_addr, *ki_tracep, *ki_textvp, *ki_fd;
	void *ki_vmspace;
	const void *ki_wchan;
	pid_t ki_pid, ki_ppid, ki_pgid, ki_tpgid, ki_sid, ki_tsid;
	short ki_jobc, ki_spare_short1;
	uint32_t ki_tdev_freebsd11;
	struct kinfo_sigset ki_siglist, ki_sigmask, ki_sigignore, ki_sigcatch;
	uid_t ki_uid, ki_ruid, ki_svuid;
	gid_t ki_rgid, ki_svgid;
	char pad1[148];
	struct timeval ki_start, ki_childtime;
	long ki_flag, ki_kiflag;
	int ki_traceflag;
	char ki_stat;
	signed char ki_nice;
	char ki_lock, ki_rqindex;
	unsigned char ki_oncpu_old, ki_lastcpu_old;
	char ki_tdname[17], ki_wmesg[9], ki_login[18], ki_lockname[9];
	char ki_comm[COMMLEN + 1], ki_emul[17], ki_loginclass[18];
	char pad2[58];
	uint64_t ki_tdev;
	int ki_oncpu, ki_lastcpu, ki_tracer, ki_flag2, ki_fibnum;
	unsigned ki_cr_flags;
	int ki_jid, ki_numthreads, ki_tid;
	char pad3[484];
};

#define KF_TYPE_VNODE	1
#define KF_TYPE_SOCKET	2
#define KF_TYPE_PIPE	3

#define KF_FD_TYPE_CWD	-1
#define KF_FD_TYPE_ROOT	-2
#define KF_FD_TYPE_TEXT	-5
#define KF_FD_TYPE_CTTY	-6

struct kinfo_file {
	int kf_structsize, kf_type, kf_fd, kf_ref_count, kf_flags, kf_pad0;
	int64_t kf_offset;
	union {
		struct {
			int kf_vnode_type, kf_sock_domain, kf_sock_type;
			int kf_sock_protocol;
			struct sockaddr_storage kf_sa_local, kf_sa_peer;
		};
		union {
			struct {
				uint32_t kf_sock_sendq;
				int kf_sock_domain0, kf_sock_type0;
				int kf_sock_protocol0;
				struct sockaddr_storage kf_sa_local;
				struct sockaddr_storage kf_sa_peer;
				uint64_t kf_sock_pcb, kf_sock_inpcb;
				uint64_t kf_sock_unpconn;
				uint16_t kf_sock_snd_sb_state;
				uint16_t kf_sock_rcv_sb_state;
				uint32_t kf_sock_recvq;
			} kf_sock;
			struct {
				uint32_t kf_spareint[4];
				uint64_t kf_spareint64[32];
				uint64_t kf_pipe_addr, kf_pipe_peer;
				uint32_t kf_pipe_buffer_cnt;
			} kf_pipe;
		} kf_un;
	};
	uint16_t kf_status, kf_pad1;
	int _kf_ispare0;
	uint64_t kf_cap_rights[2];
	uint64_t _kf_cap_spare;
	char kf_path[1024];
};

#endif
