/* SPDX-License-Identifier: ISC */
/* What libproc answers with, as in macOS SDK 26.0. */
#ifndef _SYS_PROC_INFO_H
#define _SYS_PROC_INFO_H

#include <sys/param.h>
#include <sys/types.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <stdint.h>

#define PROC_ALL_PIDS			1

#define PROC_PIDLISTFDS			1
#define PROC_PIDTBSDINFO		3
#define PROC_PIDVNODEPATHINFO		9
#define PROC_PIDT_SHORTBSDINFO		13
#define PROC_PIDPATHINFO_MAXSIZE	(4 * MAXPATHLEN)

#define PROC_PIDFDVNODEPATHINFO		2
#define PROC_PIDFDSOCKETINFO		3
#define PROC_PIDFDPIPEINFO		6

#define PROC_FLAG_SYSTEM		0x01
#define PROC_FLAG_SLEADER		0x20
#define PROC_FLAG_CTTY			0x40

#define PROX_FDTYPE_VNODE		1
#define PROX_FDTYPE_SOCKET		2
#define PROX_FDTYPE_PIPE		6

struct proc_bsdinfo {
	uint32_t pbi_flags, pbi_status, pbi_xstatus, pbi_pid, pbi_ppid;
	uid_t pbi_uid;
	gid_t pbi_gid;
	uid_t pbi_ruid;
	gid_t pbi_rgid;
	uid_t pbi_svuid;
	gid_t pbi_svgid;
	uint32_t rfu_1;
	char pbi_comm[MAXCOMLEN], pbi_name[2 * MAXCOMLEN];
	uint32_t pbi_nfiles, pbi_pgid, pbi_pjobc, e_tdev, e_tpgid;
	int32_t pbi_nice;
	uint64_t pbi_start_tvsec, pbi_start_tvusec;
};

struct proc_bsdshortinfo {
	uint32_t pbsi_pid, pbsi_ppid, pbsi_pgid, pbsi_status;
	char pbsi_comm[MAXCOMLEN];
	uint32_t pbsi_flags;
	uid_t pbsi_uid;
	gid_t pbsi_gid;
	uid_t pbsi_ruid;
	gid_t pbsi_rgid;
	uid_t pbsi_svuid;
	gid_t pbsi_svgid;
	uint32_t pbsi_rfu;
};

struct proc_fdinfo {
	int32_t proc_fd;
	uint32_t proc_fdtype;
};

struct proc_fileinfo {
	uint32_t fi_openflags, fi_status;
	int64_t fi_offset;
	int32_t fi_type;
	uint32_t fi_guardflags;
};

struct vinfo_stat {
	uint32_t vst_dev;
	uint16_t vst_mode, vst_nlink;
	uint64_t vst_ino;
	uid_t vst_uid;
	gid_t vst_gid;
	int64_t vst_times[8], vst_size, vst_blocks;
	int32_t vst_blksize;
	uint32_t vst_flags, vst_gen, vst_rdev;
	int64_t vst_qspare[2];
};

struct vnode_info {
	struct vinfo_stat vi_stat;
	int vi_type, vi_pad;
	int32_t vi_fsid[2];
};

struct vnode_info_path {
	struct vnode_info vip_vi;
	char vip_path[MAXPATHLEN];
};

struct vnode_fdinfowithpath {
	struct proc_fileinfo pfi;
	struct vnode_info_path pvip;
};

struct proc_vnodepathinfo {
	struct vnode_info_path pvi_cdir, pvi_rdir;
};

#define INI_IPV4	0x1
#define INI_IPV6	0x2

struct in4in6_addr {
	uint32_t i46a_pad32[3];
	struct in_addr i46a_addr4;
};

struct in_sockinfo {
	int insi_fport, insi_lport;
	uint64_t insi_gencnt;
	uint32_t insi_flags, insi_flow;
	uint8_t insi_vflag, insi_ip_ttl;
	uint32_t rfu_1;
	union {
		struct in4in6_addr ina_46;
		struct in6_addr ina_6;
	} insi_faddr, insi_laddr;
	struct {
		unsigned char in4_tos;
	} insi_v4;
	struct {
		uint8_t in6_hlim;
		int in6_cksum;
		unsigned short in6_ifindex;
		short in6_hops;
	} insi_v6;
};

#define TSI_T_REXMT	0
#define TSI_T_PERSIST	1
#define TSI_T_KEEP	2
#define TSI_T_2MSL	3
#define TSI_T_NTIMERS	4

#define TSI_S_CLOSED		0
#define TSI_S_LISTEN		1
#define TSI_S_SYN_SENT		2
#define TSI_S_SYN_RECEIVED	3
#define TSI_S_ESTABLISHED	4
#define TSI_S__CLOSE_WAIT	5
#define TSI_S_FIN_WAIT_1	6
#define TSI_S_CLOSING		7
#define TSI_S_LAST_ACK		8
#define TSI_S_FIN_WAIT_2	9
#define TSI_S_TIME_WAIT		10

struct tcp_sockinfo {
	struct in_sockinfo tcpsi_ini;
	int tcpsi_state, tcpsi_timer[TSI_T_NTIMERS], tcpsi_mss;
	uint32_t tcpsi_flags, rfu_1;
	uint64_t tcpsi_tp;
};

struct un_sockinfo {
	uint64_t unsi_conn_so, unsi_conn_pcb;
	union {
		struct sockaddr_un ua_sun;
		char ua_dummy[SOCK_MAXADDRLEN];
	} unsi_addr, unsi_caddr;
};

struct kern_ctl_info {
	uint32_t kcsi_id, kcsi_reg_unit, kcsi_flags, kcsi_recvbufsize;
	uint32_t kcsi_sendbufsize, kcsi_unit;
	char kcsi_name[96];
};

struct sockbuf_info {
	uint32_t sbi_cc, sbi_hiwat, sbi_mbcnt, sbi_mbmax, sbi_lowat;
	short sbi_flags, sbi_timeo;
};

enum {
	SOCKINFO_GENERIC = 0,
	SOCKINFO_IN = 1,
	SOCKINFO_TCP = 2,
	SOCKINFO_UN = 3,
	SOCKINFO_NDRV = 4,
	SOCKINFO_KERN_EVENT = 5,
	SOCKINFO_KERN_CTL = 6
};

struct socket_info {
	struct vinfo_stat soi_stat;
	uint64_t soi_so, soi_pcb;
	int soi_type, soi_protocol, soi_family;
	short soi_options, soi_linger, soi_state, soi_qlen, soi_incqlen;
	short soi_qlimit, soi_timeo;
	unsigned short soi_error;
	uint32_t soi_oobmark;
	struct sockbuf_info soi_rcv, soi_snd;
	int soi_kind;
	uint32_t rfu_1;
	union {
		struct in_sockinfo pri_in;
		struct tcp_sockinfo pri_tcp;
		struct un_sockinfo pri_un;
		struct kern_ctl_info pri_kern_ctl;
	} soi_proto;
};

struct socket_fdinfo {
	struct proc_fileinfo pfi;
	struct socket_info psi;
};

struct pipe_info {
	struct vinfo_stat pipe_stat;
	uint64_t pipe_handle, pipe_peerhandle;
	int pipe_status, rfu_1;
};

struct pipe_fdinfo {
	struct proc_fileinfo pfi;
	struct pipe_info pipeinfo;
};

#endif
