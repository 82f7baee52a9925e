/* SPDX-License-Identifier: ISC */
#ifndef _SYS_UNPCB_H_
#define _SYS_UNPCB_H_

/* As in the original: only with the struct of a socket in sight. */
#ifdef _SYS_SOCKETVAR_H_
struct xunpcb {
	ksize_t xu_len;
	kvaddr_t xu_unpp, unp_vnode, unp_conn, xu_firstref, xu_nextref;
	uint64_t unp_gencnt;
	int64_t xu_spare64[8];
	int32_t xu_spare32[8];
	union {
		struct sockaddr_un xu_addr;
		char xu_dummy1[256];
	};
	union {
		struct sockaddr_un xu_caddr;
		char xu_dummy2[256];
	};
	struct xsocket xu_socket;
} __attribute__((aligned(8)));

struct xunpgen {
	ksize_t xug_len;
	unsigned xug_count;
	uint64_t xug_gen, xug_sogen;
} __attribute__((aligned(8)));
#endif

#endif
