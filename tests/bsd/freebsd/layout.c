/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/procctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/socketvar.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/unpcb.h>
#include <sys/user.h>
#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/tcp.h>
#include <netinet/tcp_var.h>

#include "../layout.h"

#define S struct kinfo_proc
SIZE(1088); AT(ki_structsize, 0, 4); AT(ki_layout, 4, 4); AT(ki_paddr, 16, 8);
AT(ki_pid, 72, 4); AT(ki_ppid, 76, 4); AT(ki_pgid, 80, 4); AT(ki_tpgid, 84, 4);
AT(ki_sid, 88, 4); AT(ki_tsid, 92, 4); AT(ki_uid, 168, 4); AT(ki_ruid, 172, 4);
AT(ki_svuid, 176, 4); AT(ki_rgid, 180, 4); AT(ki_start, 336, 16);
AT(ki_flag, 368, 8); AT(ki_kiflag, 376, 8); AT(ki_stat, 388, 1);
AT(ki_tdname, 394, 17); AT(ki_wmesg, 411, 9); AT(ki_login, 420, 18);
AT(ki_comm, 447, 20); AT(ki_emul, 467, 17); AT(ki_loginclass, 484, 18);
AT(ki_tdev, 560, 8); AT(ki_jid, 592, 4); AT(ki_numthreads, 596, 4);
AT(ki_tracer, 576, 4); AT(ki_tid, 600, 4);
#undef S

#define S struct kinfo_file
SIZE(1392); AT(kf_structsize, 0, 4); AT(kf_type, 4, 4); AT(kf_fd, 8, 4);
AT(kf_ref_count, 12, 4); AT(kf_flags, 16, 4); AT(kf_offset, 24, 8);
AT(kf_un, 32, 304); AT(kf_un.kf_sock.kf_sock_sendq, 32, 4);
AT(kf_un.kf_sock.kf_sock_domain0, 36, 4);
AT(kf_un.kf_sock.kf_sock_type0, 40, 4);
AT(kf_un.kf_sock.kf_sock_protocol0, 44, 4);
AT(kf_un.kf_sock.kf_sa_local, 48, 128); AT(kf_un.kf_sock.kf_sa_peer, 176, 128);
AT(kf_un.kf_sock.kf_sock_pcb, 304, 8); AT(kf_un.kf_sock.kf_sock_inpcb, 312, 8);
AT(kf_un.kf_sock.kf_sock_unpconn, 320, 8);
AT(kf_un.kf_sock.kf_sock_snd_sb_state, 328, 2); AT(kf_status, 336, 2);
AT(kf_cap_rights, 344, 16); AT(kf_path, 368, 1024);
#undef S

#define S struct xinpgen
SIZE(64); AT(xig_len, 0, 8); AT(xig_count, 8, 4); AT(xig_gen, 16, 8);
AT(xig_sogen, 24, 8);
#undef S

#define S struct xtcpcb
SIZE(744); AT(xt_len, 0, 8); AT(xt_inp, 8, 400); AT(t_state, 568, 4);
AT(t_flags, 572, 4); AT(t_sndrexmitpack, 580, 4); AT(t_rcvtime, 588, 4);
AT(tt_rexmt, 592, 4); AT(tt_persist, 596, 4); AT(tt_keep, 600, 4);
AT(tt_2msl, 604, 4); AT(t_snd_cwnd, 616, 4);
#undef S

#define S struct xinpcb
SIZE(400); AT(xi_len, 0, 8); AT(xi_socket, 8, 240); AT(inp_inc, 248, 44);
AT(inp_gencnt, 296, 8); AT(inp_vflag, 392, 1);
#undef S

#define S struct xsocket
SIZE(240); AT(xso_len, 0, 8); AT(xso_so, 8, 8); AT(so_pcb, 16, 8);
AT(so_uid, 120, 4); AT(xso_protocol, 96, 4); AT(xso_family, 100, 4);
#undef S

#define S struct xunpcb
SIZE(904); AT(xu_len, 0, 8); AT(xu_unpp, 8, 8); AT(unp_vnode, 16, 8);
AT(unp_conn, 24, 8); AT(xu_addr, 152, 106); AT(xu_socket, 664, 240);
#undef S

#define S struct procctl_reaper_status
SIZE(80); AT(rs_flags, 0, 4); AT(rs_children, 4, 4); AT(rs_descendants, 8, 4);
AT(rs_reaper, 12, 4); AT(rs_pid, 16, 4);
#undef S

IS(CTL_KERN, 1); IS(KERN_PROC, 14); IS(KERN_PROC_ALL, 0); IS(KERN_PROC_PID, 1);
IS(NODEV, -1); IS(KERN_PROC_UID, 5); IS(KERN_PROC_RUID, 6);
IS(KERN_PROC_ARGS, 7); IS(KERN_PROC_PROC, 8); IS(KERN_PROC_PATHNAME, 12);
IS(KERN_PROC_CWD, 42); IS(KERN_PROC_ENV, 35); IS(KERN_PROC_FILEDESC, 33);
IS(KERN_PROC_INC_THREAD, 16); IS(KERN_ARGMAX, 8); IS(SIDL, 1); IS(SRUN, 2);
IS(SSLEEP, 3); IS(SSTOP, 4); IS(SZOMB, 5); IS(P_CONTROLT, 2); IS(P_SYSTEM, 512);
IS(P_KPROC, 4); IS(P_WEXIT, 8192); IS(P_TRACED, 2048); IS(P_INEXEC, 67108864);
IS(KI_CTTY, 1); IS(KI_SLEADER, 2); IS((int)NODEV, -1); IS(COMMLEN, 19);
IS(LOGNAMELEN, 17); IS(KINFO_PROC_SIZE, 1088); IS(KINFO_FILE_SIZE, 1392);
IS(KF_TYPE_VNODE, 1); IS(KF_TYPE_SOCKET, 2); IS(KF_FD_TYPE_CWD, -1);
IS(KF_FD_TYPE_ROOT, -2); IS(KF_FD_TYPE_TEXT, -5); IS(KF_FD_TYPE_CTTY, -6);
IS(PROC_REAP_STATUS, 4); IS(PROC_REAP_GETPIDS, 5); IS(P_PID, 0);
IS(REAPER_STATUS_OWNED, 1); IS(REAPER_STATUS_REALINIT, 2); IS(TCPS_CLOSED, 0);
IS(TCPS_LISTEN, 1); IS(TCPS_ESTABLISHED, 4); IS(TCPS_TIME_WAIT, 10);
IS(AF_INET6, 28); IS(INP_IPV4, 1); IS(INP_IPV6, 2);
