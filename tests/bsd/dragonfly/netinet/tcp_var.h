/* SPDX-License-Identifier: ISC */
#ifndef _NETINET_TCP_VAR_H_
#define _NETINET_TCP_VAR_H_

struct tcpcb {
	char pad1[64];
	int t_state;
	char pad2[556];
} __attribute__((aligned(8)));

#if defined(_NETINET_IN_PCB_H_) && defined(_SYS_SOCKETVAR_H_)
struct xtcpcb {
	size_t xt_len;
	struct inpcb xt_inp;
	struct tcpcb xt_tp;
	struct xsocket xt_socket;
	uint64_t xt_alignment_hack;
};
#endif

#endif
