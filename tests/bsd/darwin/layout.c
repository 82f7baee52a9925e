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
#include "compat/groups.h"	/* it compiles, and warns of nothing */

#define S struct kinfo_proc
SIZE(648); AT(kp_proc, 0, 296); AT(kp_proc.p_starttime, 0, 16);
AT(kp_proc.p_flag, 32, 4); AT(kp_proc.p_stat, 36, 1); AT(kp_proc.p_pid, 40, 4);
AT(kp_proc.p_comm, 243, 17); AT(kp_eproc, 296, 352);
AT(kp_eproc.e_ucred.cr_uid, 420, 4); AT(kp_eproc.e_pcred.p_ruid, 392, 4);
AT(kp_eproc.e_pcred.p_svuid, 396, 4); AT(kp_eproc.e_ppid, 560, 4);
AT(kp_eproc.e_pgid, 564, 4); AT(kp_eproc.e_tdev, 572, 4);
AT(kp_eproc.e_tpgid, 576, 4); AT(kp_eproc.e_flag, 612, 4);
AT(kp_eproc.e_login, 616, 12);
#undef S

#define S struct proc_bsdinfo
SIZE(136); AT(pbi_flags, 0, 4); AT(pbi_status, 4, 4); AT(pbi_pid, 12, 4);
AT(pbi_ppid, 16, 4); AT(pbi_uid, 20, 4); AT(pbi_ruid, 28, 4);
AT(pbi_svuid, 36, 4); AT(pbi_comm, 48, 16); AT(pbi_name, 64, 32);
AT(pbi_nfiles, 96, 4); AT(pbi_pgid, 100, 4); AT(e_tdev, 108, 4);
AT(e_tpgid, 112, 4); AT(pbi_start_tvsec, 120, 8); AT(pbi_start_tvusec, 128, 8);
#undef S

#define S struct proc_bsdshortinfo
SIZE(64); AT(pbsi_pid, 0, 4); AT(pbsi_ppid, 4, 4); AT(pbsi_pgid, 8, 4);
AT(pbsi_status, 12, 4); AT(pbsi_comm, 16, 16); AT(pbsi_flags, 32, 4);
AT(pbsi_uid, 36, 4); AT(pbsi_ruid, 44, 4);
#undef S

#define S struct proc_fdinfo
SIZE(8); AT(proc_fd, 0, 4); AT(proc_fdtype, 4, 4);
#undef S

#define S struct socket_fdinfo
SIZE(792); AT(pfi, 0, 24); AT(psi, 24, 768); AT(psi.soi_so, 160, 8);
AT(psi.soi_pcb, 168, 8); AT(psi.soi_type, 176, 4); AT(psi.soi_protocol, 180, 4);
AT(psi.soi_family, 184, 4); AT(psi.soi_kind, 256, 4); AT(psi.soi_rcv, 208, 24);
AT(psi.soi_snd, 232, 24); AT(psi.soi_proto, 264, 528);
#undef S

#define S struct tcp_sockinfo
SIZE(120); AT(tcpsi_ini, 0, 80); AT(tcpsi_state, 80, 4);
AT(tcpsi_timer, 84, 16); AT(tcpsi_mss, 100, 4); AT(tcpsi_flags, 104, 4);
#undef S

#define S struct in_sockinfo
SIZE(80); AT(insi_fport, 0, 4); AT(insi_lport, 4, 4); AT(insi_gencnt, 8, 8);
AT(insi_flags, 16, 4); AT(insi_flow, 20, 4); AT(insi_vflag, 24, 1);
AT(insi_faddr, 32, 16); AT(insi_laddr, 48, 16);
#undef S

#define S struct un_sockinfo
SIZE(528); AT(unsi_conn_so, 0, 8); AT(unsi_conn_pcb, 8, 8);
AT(unsi_addr, 16, 255);
#undef S

#define S struct proc_vnodepathinfo
SIZE(2352); AT(pvi_cdir, 0, 1176); AT(pvi_rdir, 1176, 1176);
AT(pvi_cdir.vip_path, 152, 1024);
#undef S

IS(CTL_KERN, 1); IS(KERN_PROC, 14); IS(KERN_PROC_ALL, 0); IS(KERN_PROC_PID, 1);
IS(KERN_PROC_UID, 5); IS(KERN_PROC_RUID, 6); IS(KERN_PROCARGS2, 49);
IS(KERN_ARGMAX, 8); IS(SIDL, 1); IS(SRUN, 2); IS(SSLEEP, 3); IS(SSTOP, 4);
IS(SZOMB, 5); IS(P_CONTROLT, 2); IS(P_SYSTEM, 512); IS(EPROC_CTTY, 1);
IS(EPROC_SLEADER, 2); IS(MAXCOMLEN, 16); IS(PROC_PIDLISTFDS, 1);
IS(PROC_PIDTBSDINFO, 3); IS(PROC_PIDT_SHORTBSDINFO, 13);
IS(PROC_PIDVNODEPATHINFO, 9); IS(PROC_PIDFDSOCKETINFO, 3);
IS(PROX_FDTYPE_SOCKET, 2); IS(SOCKINFO_IN, 1); IS(SOCKINFO_TCP, 2);
IS(SOCKINFO_UN, 3); IS(TSI_S_LISTEN, 1); IS(TSI_S_ESTABLISHED, 4);
IS(TSI_T_REXMT, 0); IS(TSI_T_PERSIST, 1); IS(TSI_T_KEEP, 2); IS(TSI_T_2MSL, 3);
IS(TSI_T_NTIMERS, 4); IS(INI_IPV4, 1); IS(INI_IPV6, 2);
IS(PROC_PIDPATHINFO_MAXSIZE, 4096); IS(PROC_FLAG_CTTY, 64);
IS(PROC_FLAG_SLEADER, 32); IS(PROC_FLAG_SYSTEM, 1); IS(PROC_ALL_PIDS, 1);
IS(AF_INET6, 30);
