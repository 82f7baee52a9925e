/* SPDX-License-Identifier: ISC */
#ifndef _NETINET_TCP_VAR_H_
#define _NETINET_TCP_VAR_H_

#include <netinet/tcp.h>
#include <netinet/tcp_fsm.h>

#if defined(_NETINET_IN_PCB_H_) && defined(_SYS_SOCKETVAR_H_)
struct xtcpcb {
	ksize_t xt_len;
	struct xinpcb xt_inp;
	char xt_stack[32], xt_logid[64], xt_cc[16];
	int64_t spare64[6];
	int32_t t_state;
	uint32_t t_flags;
	int32_t t_sndzerowin, t_sndrexmitpack, t_rcvoopack, t_rcvtime;
	int32_t tt_rexmt, tt_persist, tt_keep, tt_2msl, tt_delack;
	int32_t t_logstate;
	uint32_t t_snd_cwnd;
	char pad[124];
} __attribute__((aligned(8)));
#endif

#endif
