/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/lwp.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <netinet/tcp_fsm.h>

#include "../layout.h"

#define S struct kinfo_proc2
SIZE(680); AT(p_paddr, 16, 8); AT(p_sess, 80, 8); AT(p_eflag, 104, 4);
AT(p_flag, 112, 4); AT(p_pid, 116, 4); AT(p_ppid, 120, 4); AT(p_sid, 124, 4);
AT(p__pgid, 128, 4); AT(p_tpgid, 132, 4); AT(p_uid, 136, 4); AT(p_ruid, 140, 4);
AT(p_gid, 144, 4); AT(p_rgid, 148, 4); AT(p_tdev, 220, 4); AT(p_tsess, 88, 8);
AT(p_stat, 360, 1); AT(p_realstat, 632, 8); AT(p_comm, 368, 24);
AT(p_login, 408, 24); AT(p_uvalid, 448, 8); AT(p_ustart_sec, 456, 4);
AT(p_ustart_usec, 460, 4); AT(p_svuid, 640, 4); AT(p_ename, 648, 16);
AT(p_nlwps, 616, 8);
#undef S

#define S struct kinfo_file
SIZE(120); AT(ki_fileaddr, 0, 8); AT(ki_flag, 8, 4); AT(ki_ftype, 16, 4);
AT(ki_fdata, 64, 8); AT(ki_vun, 72, 8); AT(ki_pid, 104, 4); AT(ki_fd, 108, 4);
AT(ki_ofileflags, 112, 4);
#undef S

#define S struct kinfo_pcb
SIZE(640); AT(ki_pcbaddr, 0, 8); AT(ki_ppcbaddr, 8, 8); AT(ki_sockaddr, 16, 8);
AT(ki_family, 24, 4); AT(ki_type, 28, 4); AT(ki_protocol, 32, 4);
AT(ki_pflags, 36, 4); AT(ki_sostate, 40, 4); AT(ki_prstate, 44, 4);
AT(ki_tstate, 48, 4); AT(ki_tflags, 52, 4); AT(ki_rcvq, 56, 8);
AT(ki_sndq, 64, 8); AT(ki_s, 72, 264); AT(ki_d, 336, 264); AT(ki_inode, 600, 8);
AT(ki_vnode, 608, 8); AT(ki_conn, 616, 8); AT(ki_refs, 624, 8);
AT(ki_nextref, 632, 8);
#undef S

IS(CTL_KERN, 1); IS(KERN_PROC2, 47); IS(KERN_PROC_ARGS, 48); IS(KERN_FILE2, 77);
IS(KERN_PROC_ALL, 0); IS(KERN_PROC_PID, 1); IS(NODEV, -1);
IS(KERN_PROC_TTY_NODEV, -1); IS(KERN_PROC_UID, 5); IS(KERN_PROC_RUID, 6);
IS(KERN_PROC_ARGV, 1); IS(KERN_PROC_NARGV, 2); IS(KERN_PROC_ENV, 3);
IS(KERN_PROC_PATHNAME, 5); IS(KERN_PROC_CWD, 6); IS(KERN_FILE_BYFILE, 1);
IS(KERN_FILE_BYPID, 2); IS(P_SYSTEM, 512); IS(P_CONTROLT, 2); IS(P_WEXIT, 8192);
IS(EPROC_CTTY, 1); IS(EPROC_SLEADER, 2); IS(SIDL, 1); IS(SACTIVE, 2);
IS(SDYING, 3); IS(SSTOP, 4); IS(SZOMB, 5); IS(SDEAD, 6); IS(LSIDL, 1);
IS(LSRUN, 2); IS(LSSLEEP, 3); IS(LSSTOP, 4); IS(LSZOMB, 5); IS(LSONPROC, 7);
IS((int)KERN_PROC_TTY_NODEV, -1); IS(KI_MAXCOMLEN, 24); IS(KI_MAXEMULLEN, 16);
IS(PCB_ALL, 0); IS((int)NODEV, -1); IS(TCPS_LISTEN, 1); IS(TCPS_ESTABLISHED, 4);
IS(AF_INET6, 24);
