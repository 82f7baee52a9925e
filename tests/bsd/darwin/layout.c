/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/proc.h>
#include <sys/proc_info.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <libproc.h>

#include "../layout.h"

SIZE(struct kinfo_proc, 648);
AT(struct kinfo_proc, kp_proc, 0, 296);
AT(struct kinfo_proc, kp_proc.p_starttime, 0, 16);
AT(struct kinfo_proc, kp_proc.p_flag, 32, 4);
AT(struct kinfo_proc, kp_proc.p_stat, 36, 1);
AT(struct kinfo_proc, kp_proc.p_pid, 40, 4);
AT(struct kinfo_proc, kp_proc.p_comm, 243, 17);
AT(struct kinfo_proc, kp_eproc, 296, 352);
AT(struct kinfo_proc, kp_eproc.e_ucred.cr_uid, 420, 4);
AT(struct kinfo_proc, kp_eproc.e_pcred.p_ruid, 392, 4);
AT(struct kinfo_proc, kp_eproc.e_pcred.p_svuid, 396, 4);
AT(struct kinfo_proc, kp_eproc.e_ppid, 560, 4);
AT(struct kinfo_proc, kp_eproc.e_pgid, 564, 4);
AT(struct kinfo_proc, kp_eproc.e_tdev, 572, 4);
AT(struct kinfo_proc, kp_eproc.e_tpgid, 576, 4);
AT(struct kinfo_proc, kp_eproc.e_flag, 612, 4);
AT(struct kinfo_proc, kp_eproc.e_login, 616, 12);

SIZE(struct proc_bsdinfo, 136);
AT(struct proc_bsdinfo, pbi_flags, 0, 4);
AT(struct proc_bsdinfo, pbi_status, 4, 4);
AT(struct proc_bsdinfo, pbi_pid, 12, 4);
AT(struct proc_bsdinfo, pbi_ppid, 16, 4);
AT(struct proc_bsdinfo, pbi_uid, 20, 4);
AT(struct proc_bsdinfo, pbi_ruid, 28, 4);
AT(struct proc_bsdinfo, pbi_svuid, 36, 4);
AT(struct proc_bsdinfo, pbi_comm, 48, 16);
AT(struct proc_bsdinfo, pbi_name, 64, 32);
AT(struct proc_bsdinfo, pbi_nfiles, 96, 4);
AT(struct proc_bsdinfo, pbi_pgid, 100, 4);
AT(struct proc_bsdinfo, e_tdev, 108, 4);
AT(struct proc_bsdinfo, e_tpgid, 112, 4);
AT(struct proc_bsdinfo, pbi_start_tvsec, 120, 8);
AT(struct proc_bsdinfo, pbi_start_tvusec, 128, 8);

SIZE(struct proc_bsdshortinfo, 64);
AT(struct proc_bsdshortinfo, pbsi_pid, 0, 4);
AT(struct proc_bsdshortinfo, pbsi_ppid, 4, 4);
AT(struct proc_bsdshortinfo, pbsi_pgid, 8, 4);
AT(struct proc_bsdshortinfo, pbsi_status, 12, 4);
AT(struct proc_bsdshortinfo, pbsi_comm, 16, 16);
AT(struct proc_bsdshortinfo, pbsi_flags, 32, 4);
AT(struct proc_bsdshortinfo, pbsi_uid, 36, 4);
AT(struct proc_bsdshortinfo, pbsi_ruid, 44, 4);

SIZE(struct proc_fdinfo, 8);
AT(struct proc_fdinfo, proc_fd, 0, 4);
AT(struct proc_fdinfo, proc_fdtype, 4, 4);

SIZE(struct socket_fdinfo, 792);
AT(struct socket_fdinfo, pfi, 0, 24);
AT(struct socket_fdinfo, psi, 24, 768);
AT(struct socket_fdinfo, psi.soi_so, 160, 8);
AT(struct socket_fdinfo, psi.soi_pcb, 168, 8);
AT(struct socket_fdinfo, psi.soi_type, 176, 4);
AT(struct socket_fdinfo, psi.soi_protocol, 180, 4);
AT(struct socket_fdinfo, psi.soi_family, 184, 4);
AT(struct socket_fdinfo, psi.soi_kind, 256, 4);
AT(struct socket_fdinfo, psi.soi_rcv, 208, 24);
AT(struct socket_fdinfo, psi.soi_snd, 232, 24);
AT(struct socket_fdinfo, psi.soi_proto, 264, 528);

SIZE(struct tcp_sockinfo, 120);
AT(struct tcp_sockinfo, tcpsi_ini, 0, 80);
AT(struct tcp_sockinfo, tcpsi_state, 80, 4);
AT(struct tcp_sockinfo, tcpsi_timer, 84, 16);
AT(struct tcp_sockinfo, tcpsi_mss, 100, 4);
AT(struct tcp_sockinfo, tcpsi_flags, 104, 4);

SIZE(struct in_sockinfo, 80);
AT(struct in_sockinfo, insi_fport, 0, 4);
AT(struct in_sockinfo, insi_lport, 4, 4);
AT(struct in_sockinfo, insi_gencnt, 8, 8);
AT(struct in_sockinfo, insi_flags, 16, 4);
AT(struct in_sockinfo, insi_flow, 20, 4);
AT(struct in_sockinfo, insi_vflag, 24, 1);
AT(struct in_sockinfo, insi_faddr, 32, 16);
AT(struct in_sockinfo, insi_laddr, 48, 16);

SIZE(struct un_sockinfo, 528);
AT(struct un_sockinfo, unsi_conn_so, 0, 8);
AT(struct un_sockinfo, unsi_conn_pcb, 8, 8);
AT(struct un_sockinfo, unsi_addr, 16, 255);

SIZE(struct proc_vnodepathinfo, 2352);
AT(struct proc_vnodepathinfo, pvi_cdir, 0, 1176);
AT(struct proc_vnodepathinfo, pvi_rdir, 1176, 1176);
AT(struct proc_vnodepathinfo, pvi_cdir.vip_path, 152, 1024);

IS(CTL_KERN, 1);
IS(KERN_PROC, 14);
IS(KERN_PROC_ALL, 0);
IS(KERN_PROC_PID, 1);
IS(KERN_PROC_UID, 5);
IS(KERN_PROC_RUID, 6);
IS(KERN_PROCARGS2, 49);
IS(KERN_ARGMAX, 8);
IS(SIDL, 1);
IS(SRUN, 2);
IS(SSLEEP, 3);
IS(SSTOP, 4);
IS(SZOMB, 5);
IS(P_CONTROLT, 2);
IS(P_SYSTEM, 512);
IS(EPROC_CTTY, 1);
IS(EPROC_SLEADER, 2);
IS(MAXCOMLEN, 16);
IS(PROC_PIDLISTFDS, 1);
IS(PROC_PIDTBSDINFO, 3);
IS(PROC_PIDT_SHORTBSDINFO, 13);
IS(PROC_PIDVNODEPATHINFO, 9);
IS(PROC_PIDFDSOCKETINFO, 3);
IS(PROX_FDTYPE_SOCKET, 2);
IS(SOCKINFO_IN, 1);
IS(SOCKINFO_TCP, 2);
IS(SOCKINFO_UN, 3);
IS(TSI_S_LISTEN, 1);
IS(TSI_S_ESTABLISHED, 4);
IS(TSI_T_REXMT, 0);
IS(TSI_T_PERSIST, 1);
IS(TSI_T_KEEP, 2);
IS(TSI_T_2MSL, 3);
IS(TSI_T_NTIMERS, 4);
IS(INI_IPV4, 1);
IS(INI_IPV6, 2);
IS(PROC_PIDPATHINFO_MAXSIZE, 4096);
IS(PROC_FLAG_CTTY, 64);
IS(PROC_FLAG_SLEADER, 32);
IS(PROC_FLAG_SYSTEM, 1);
IS(PROC_ALL_PIDS, 1);
IS(AF_INET6, 30);
