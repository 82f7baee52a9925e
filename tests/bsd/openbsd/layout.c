/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <netinet/tcp_fsm.h>

#include "../layout.h"

#define S struct kinfo_proc
SIZE(648); AT(p_paddr, 16, 8); AT(p_sess, 72, 8); AT(p_eflag, 96, 4);
AT(p_flag, 104, 4); AT(p_pid, 108, 4); AT(p_ppid, 112, 4); AT(p_sid, 116, 4);
AT(p__pgid, 120, 4); AT(p_tpgid, 124, 4); AT(p_uid, 128, 4); AT(p_ruid, 132, 4);
AT(p_gid, 136, 4); AT(p_rgid, 140, 4); AT(p_tdev, 212, 4); AT(p_tsess, 80, 8);
AT(p_stat, 304, 1); AT(p_comm, 312, 24); AT(p_login, 352, 32);
AT(p_uvalid, 400, 8); AT(p_ustart_sec, 408, 8); AT(p_ustart_usec, 416, 4);
AT(p_svuid, 568, 4); AT(p_emul, 576, 8); AT(p_psflags, 560, 4);
AT(p_tid, 608, 4); AT(p_pledge, 616, 8); AT(p_name, 624, 24);
#undef S

#define S struct kinfo_file
SIZE(632); AT(f_fileaddr, 0, 8); AT(f_flag, 8, 4); AT(f_type, 16, 4);
AT(f_uid, 40, 4); AT(f_rxfer, 72, 8); AT(f_rbytes, 96, 8); AT(f_wbytes, 104, 8);
AT(v_un, 112, 8); AT(so_type, 272, 4); AT(so_state, 276, 4); AT(so_pcb, 280, 8);
AT(so_protocol, 288, 4); AT(so_family, 292, 4); AT(inp_ppcb, 296, 8);
AT(inp_lport, 304, 4); AT(inp_laddru, 308, 16); AT(inp_fport, 324, 4);
AT(inp_faddru, 328, 16); AT(unp_conn, 344, 8); AT(p_pid, 376, 4);
AT(fd_fd, 380, 4); AT(p_uid, 388, 4); AT(p_comm, 400, 24);
AT(inp_rtableid, 424, 4); AT(so_splice, 432, 8); AT(so_rcv_cc, 448, 8);
AT(so_snd_cc, 456, 8); AT(unp_path, 488, 104); AT(inp_proto, 592, 4);
AT(t_state, 596, 4); AT(t_rcv_wnd, 600, 8); AT(t_snd_wnd, 608, 8);
#undef S

IS(CTL_KERN, 1); IS(KERN_PROC, 66); IS(KERN_PROC_ARGS, 55);
IS(KERN_PROC_CWD, 78); IS(KERN_FILE, 73); IS(KERN_PROC_KTHREAD, 7);
IS(KERN_PROC_ALL, 0); IS(KERN_PROC_PID, 1); IS(NODEV, -1); IS(KERN_PROC_UID, 5);
IS(KERN_PROC_RUID, 6); IS(KERN_PROC_SHOW_THREADS, 1073741824);
IS(KERN_PROC_ARGV, 1); IS(KERN_PROC_NARGV, 2); IS(KERN_PROC_ENV, 3);
IS(KERN_FILE_BYFILE, 1); IS(KERN_FILE_BYPID, 2); IS(KERN_FILE_BYUID, 3);
IS(KERN_FILE_TEXT, -1); IS(KERN_FILE_CDIR, -2); IS(KERN_FILE_RDIR, -3);
IS(SIDL, 1); IS(SRUN, 2); IS(SSLEEP, 3); IS(SSTOP, 4); IS(SZOMB, 5);
IS(SDEAD, 6); IS(SONPROC, 7); IS(PS_CONTROLT, 1); IS(PS_EXITING, 8);
IS(PS_SYSTEM, 65536); IS(PS_ZOMBIE, 262144); IS(P_SYSTEM, 512);
IS(EPROC_CTTY, 1); IS(EPROC_SLEADER, 2); IS((int)NODEV, -1);
IS(KI_MAXCOMLEN, 24); IS(KI_MAXLOGNAME, 32); IS(KI_UNPPATHLEN, 104);
IS(TCPS_LISTEN, 1); IS(TCPS_ESTABLISHED, 4); IS(AF_INET6, 24);
