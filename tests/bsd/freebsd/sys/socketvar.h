/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SOCKETVAR_H_
#define _SYS_SOCKETVAR_H_

#include <sys/types.h>
#include <stdint.h>

typedef uint64_t ksize_t;	/* of <sys/_types.h> */
typedef uint64_t kvaddr_t;

#define SS_ISCONNECTED	0x0002

struct xsockbuf {
	uint32_t sb_cc, sb_hiwat, sb_mbcnt, sb_spare0, sb_spare1, sb_mbmax;
	int32_t sb_lowat, sb_timeo;
	int16_t sb_flags;
};

struct xsocket {
	ksize_t xso_len;
	kvaddr_t xso_so, so_pcb;
	uint64_t so_oobmark;
	int64_t so_spare64[8];
	int32_t xso_protocol, xso_family;
	uint32_t so_qlen, so_incqlen, so_qlimit;
	pid_t so_pgid;
	uid_t so_uid;
	int32_t so_spare32[8];
	int16_t so_type, so_options, so_linger, so_state, so_timeo;
	uint16_t so_error;
	struct xsockbuf so_rcv, so_snd;
};

#endif
