/* SPDX-License-Identifier: ISC */
#include <sys/user.h>		/* first: it shows the kernel's structs */
#include <sys/param.h>
#include <sys/types.h>
#include <sys/procctl.h>
#include <sys/socket.h>
#include <sys/socketvar.h>
#include <sys/sysctl.h>
#include <sys/un.h>
#include <sys/unpcb.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/tcp.h>
#include <netinet/tcp_seq.h>
#include <netinet/tcp_var.h>
#include <netinet/tcp_fsm.h>

#include <kinfo.h>

#include "../layout.h"

#define S struct kinfo_proc
SIZE(992); AT(kp_paddr, 0, 8); AT(kp_flags, 8, 4); AT(kp_stat, 12, 4);
AT(kp_comm, 112, 17); AT(kp_uid, 132, 4); AT(kp_ruid, 204, 4);
AT(kp_svuid, 208, 4); AT(kp_pid, 220, 4); AT(kp_ppid, 224, 4);
AT(kp_pgid, 228, 4); AT(kp_sid, 236, 4); AT(kp_login, 240, 40);
AT(kp_tdev, 280, 4); AT(kp_tpgid, 284, 4); AT(kp_start, 96, 16);
AT(kp_jailid, 364, 4); AT(kp_lwp, 664, 312); AT(kp_auxflags, 656, 4);
AT(kp_nthreads, 296, 4);
#undef S

#define S struct kinfo_file
SIZE(72); AT(f_size, 0, 8); AT(f_pid, 8, 4); AT(f_uid, 12, 4); AT(f_fd, 16, 4);
AT(f_file, 24, 8); AT(f_type, 32, 2); AT(f_flag, 64, 4); AT(f_data, 56, 8);
#undef S

#define S struct xtcpcb
SIZE(1096); AT(xt_len, 0, 8); AT(xt_inp, 8, 288); AT(xt_tp, 296, 624);
AT(xt_socket, 920, 168);
#undef S

#define S struct reaper_status
SIZE(192); AT(flags, 0, 4); AT(refs, 4, 4); AT(pid_head, 128, 4);
#undef S

IS(CTL_KERN, 1); IS(KERN_PROC, 14); IS(KERN_FILE, 15); IS(KERN_PROC_ALL, 0);
IS(KERN_PROC_PID, 1); IS(KERN_PROC_UID, 5); IS(KERN_PROC_RUID, 6);
IS(KERN_PROC_ARGS, 7); IS(KERN_PROC_PATHNAME, 9); IS(KERN_PROC_CWD, 8);
IS(KERN_PROC_FLAG_LWP, 16); IS(SIDL, 1); IS(SACTIVE, 2); IS(SSTOP, 3);
IS(SZOMB, 4); IS(SCORE, 5); IS(P_SYSTEM, 512); IS(P_CONTROLT, 2);
IS(KI_CTTY, 1); IS(KI_SLEADER, 2); IS(TCPS_LISTEN, 2); IS(TCPS_ESTABLISHED, 5);
IS(PROC_REAP_STATUS, 3);
