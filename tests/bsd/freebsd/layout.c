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

SIZE(struct kinfo_proc, 1088);
AT(struct kinfo_proc, ki_structsize, 0, 4);
AT(struct kinfo_proc, ki_layout, 4, 4);
AT(struct kinfo_proc, ki_paddr, 16, 8);
AT(struct kinfo_proc, ki_pid, 72, 4);
AT(struct kinfo_proc, ki_ppid, 76, 4);
AT(struct kinfo_proc, ki_pgid, 80, 4);
AT(struct kinfo_proc, ki_tpgid, 84, 4);
AT(struct kinfo_proc, ki_sid, 88, 4);
AT(struct kinfo_proc, ki_tsid, 92, 4);
AT(struct kinfo_proc, ki_uid, 168, 4);
AT(struct kinfo_proc, ki_ruid, 172, 4);
AT(struct kinfo_proc, ki_svuid, 176, 4);
AT(struct kinfo_proc, ki_rgid, 180, 4);
AT(struct kinfo_proc, ki_start, 336, 16);
AT(struct kinfo_proc, ki_flag, 368, 8);
AT(struct kinfo_proc, ki_kiflag, 376, 8);
AT(struct kinfo_proc, ki_stat, 388, 1);
AT(struct kinfo_proc, ki_tdname, 394, 17);
AT(struct kinfo_proc, ki_wmesg, 411, 9);
AT(struct kinfo_proc, ki_login, 420, 18);
AT(struct kinfo_proc, ki_comm, 447, 20);
AT(struct kinfo_proc, ki_emul, 467, 17);
AT(struct kinfo_proc, ki_loginclass, 484, 18);
AT(struct kinfo_proc, ki_tdev, 560, 8);
AT(struct kinfo_proc, ki_jid, 592, 4);
AT(struct kinfo_proc, ki_numthreads, 596, 4);
AT(struct kinfo_proc, ki_tracer, 576, 4);
AT(struct kinfo_proc, ki_tid, 600, 4);

SIZE(struct kinfo_file, 1392);
AT(struct kinfo_file, kf_structsize, 0, 4);
AT(struct kinfo_file, kf_type, 4, 4);
AT(struct kinfo_file, kf_fd, 8, 4);
AT(struct kinfo_file, kf_ref_count, 12, 4);
AT(struct kinfo_file, kf_flags, 16, 4);
AT(struct kinfo_file, kf_offset, 24, 8);
AT(struct kinfo_file, kf_un, 32, 304);
AT(struct kinfo_file, kf_un.kf_sock.kf_sock_sendq, 32, 4);
AT(struct kinfo_file, kf_un.kf_sock.kf_sock_domain0, 36, 4);
AT(struct kinfo_file, kf_un.kf_sock.kf_sock_type0, 40, 4);
AT(struct kinfo_file, kf_un.kf_sock.kf_sock_protocol0, 44, 4);
AT(struct kinfo_file, kf_un.kf_sock.kf_sa_local, 48, 128);
AT(struct kinfo_file, kf_un.kf_sock.kf_sa_peer, 176, 128);
AT(struct kinfo_file, kf_un.kf_sock.kf_sock_pcb, 304, 8);
AT(struct kinfo_file, kf_un.kf_sock.kf_sock_inpcb, 312, 8);
AT(struct kinfo_file, kf_un.kf_sock.kf_sock_unpconn, 320, 8);
AT(struct kinfo_file, kf_un.kf_sock.kf_sock_snd_sb_state, 328, 2);
AT(struct kinfo_file, kf_status, 336, 2);
AT(struct kinfo_file, kf_cap_rights, 344, 16);
AT(struct kinfo_file, kf_path, 368, 1024);

SIZE(struct xinpgen, 64);
AT(struct xinpgen, xig_len, 0, 8);
AT(struct xinpgen, xig_count, 8, 4);
AT(struct xinpgen, xig_gen, 16, 8);
AT(struct xinpgen, xig_sogen, 24, 8);

SIZE(struct xtcpcb, 744);
AT(struct xtcpcb, xt_len, 0, 8);
AT(struct xtcpcb, xt_inp, 8, 400);
AT(struct xtcpcb, t_state, 568, 4);
AT(struct xtcpcb, t_flags, 572, 4);
AT(struct xtcpcb, t_sndrexmitpack, 580, 4);
AT(struct xtcpcb, t_rcvtime, 588, 4);
AT(struct xtcpcb, tt_rexmt, 592, 4);
AT(struct xtcpcb, tt_persist, 596, 4);
AT(struct xtcpcb, tt_keep, 600, 4);
AT(struct xtcpcb, tt_2msl, 604, 4);
AT(struct xtcpcb, t_snd_cwnd, 616, 4);

SIZE(struct xinpcb, 400);
AT(struct xinpcb, xi_len, 0, 8);
AT(struct xinpcb, xi_socket, 8, 240);
AT(struct xinpcb, inp_inc, 248, 44);
AT(struct xinpcb, inp_gencnt, 296, 8);
AT(struct xinpcb, inp_vflag, 392, 1);

SIZE(struct xsocket, 240);
AT(struct xsocket, xso_len, 0, 8);
AT(struct xsocket, xso_so, 8, 8);
AT(struct xsocket, so_pcb, 16, 8);
AT(struct xsocket, so_uid, 120, 4);
AT(struct xsocket, xso_protocol, 96, 4);
AT(struct xsocket, xso_family, 100, 4);

SIZE(struct xunpcb, 904);
AT(struct xunpcb, xu_len, 0, 8);
AT(struct xunpcb, xu_unpp, 8, 8);
AT(struct xunpcb, unp_vnode, 16, 8);
AT(struct xunpcb, unp_conn, 24, 8);
AT(struct xunpcb, xu_addr, 152, 106);
AT(struct xunpcb, xu_socket, 664, 240);

SIZE(struct procctl_reaper_status, 80);
AT(struct procctl_reaper_status, rs_flags, 0, 4);
AT(struct procctl_reaper_status, rs_children, 4, 4);
AT(struct procctl_reaper_status, rs_descendants, 8, 4);
AT(struct procctl_reaper_status, rs_reaper, 12, 4);
AT(struct procctl_reaper_status, rs_pid, 16, 4);

IS(CTL_KERN, 1);
IS(KERN_PROC, 14);
IS(KERN_PROC_ALL, 0);
IS(KERN_PROC_PID, 1);
IS(NODEV, -1);
IS(KERN_PROC_UID, 5);
IS(KERN_PROC_RUID, 6);
IS(KERN_PROC_ARGS, 7);
IS(KERN_PROC_PROC, 8);
IS(KERN_PROC_PATHNAME, 12);
IS(KERN_PROC_CWD, 42);
IS(KERN_PROC_ENV, 35);
IS(KERN_PROC_FILEDESC, 33);
IS(KERN_PROC_INC_THREAD, 16);
IS(KERN_ARGMAX, 8);
IS(SIDL, 1);
IS(SRUN, 2);
IS(SSLEEP, 3);
IS(SSTOP, 4);
IS(SZOMB, 5);
IS(P_CONTROLT, 2);
IS(P_SYSTEM, 512);
IS(P_KPROC, 4);
IS(P_WEXIT, 8192);
IS(P_TRACED, 2048);
IS(P_INEXEC, 67108864);
IS(KI_CTTY, 1);
IS(KI_SLEADER, 2);
IS((int)NODEV, -1);
IS(COMMLEN, 19);
IS(LOGNAMELEN, 17);
IS(KINFO_PROC_SIZE, 1088);
IS(KINFO_FILE_SIZE, 1392);
IS(KF_TYPE_VNODE, 1);
IS(KF_TYPE_SOCKET, 2);
IS(KF_FD_TYPE_CWD, -1);
IS(KF_FD_TYPE_ROOT, -2);
IS(KF_FD_TYPE_TEXT, -5);
IS(KF_FD_TYPE_CTTY, -6);
IS(PROC_REAP_STATUS, 4);
IS(PROC_REAP_GETPIDS, 5);
IS(P_PID, 0);
IS(REAPER_STATUS_OWNED, 1);
IS(REAPER_STATUS_REALINIT, 2);
IS(TCPS_CLOSED, 0);
IS(TCPS_LISTEN, 1);
IS(TCPS_ESTABLISHED, 4);
IS(TCPS_TIME_WAIT, 10);
IS(AF_INET6, 28);
IS(INP_IPV4, 1);
IS(INP_IPV6, 2);
