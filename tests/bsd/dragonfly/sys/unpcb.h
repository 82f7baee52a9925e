/* SPDX-License-Identifier: ISC */
/* The names of DragonFly's header; where its members are nobody told us. */
#ifndef _SYS_UNPCB_H_
#define _SYS_UNPCB_H_

#if defined(_SYS_SOCKETVAR_H_) && defined(_KERNEL_STRUCTURES)
struct unpcb {
	struct socket *unp_socket;
	struct unpcb *unp_conn;
	struct sockaddr_un *unp_addr;
	char pad[96];
};

struct xunpcb {
	size_t xu_len;
	struct unpcb *xu_unpp;
	struct unpcb xu_unp;
	union {
		struct sockaddr_un xuu_addr;
		char xu_dummy1[256];
	} xu_au;
#define xu_addr	xu_au.xuu_addr
	union {
		struct sockaddr_un xuu_caddr;
		char xu_dummy2[256];
	} xu_cau;
#define xu_caddr xu_cau.xuu_caddr
	struct xsocket xu_socket;
	uint64_t xu_alignment_hack;
};
#endif

#endif
