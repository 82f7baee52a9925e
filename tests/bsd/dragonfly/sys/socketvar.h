/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SOCKETVAR_H_
#define _SYS_SOCKETVAR_H_

#include <sys/types.h>
#include <stdint.h>

struct socket;

struct xsockbuf {
	unsigned long sb_cc, sb_hiwat, sb_mbcnt, sb_mbmax;
	long sb_lowat;
	unsigned sb_timeo;
	short sb_flags;
};

struct xsocket {
	size_t xso_len;
	struct socket *xso_so;
	short so_type, so_options, so_linger, so_state;
	void *so_pcb;
	int xso_protocol, xso_family;
	short so_qlen, so_incqlen, so_qlimit, so_timeo;
	unsigned short so_error;
	pid_t so_pgid;
	unsigned long so_oobmark;
	struct xsockbuf so_rcv, so_snd;
	uid_t so_uid;
};

#endif
