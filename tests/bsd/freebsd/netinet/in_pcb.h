/* SPDX-License-Identifier: ISC */
#ifndef _NETINET_IN_PCB_H_
#define _NETINET_IN_PCB_H_

#include <netinet/in.h>

struct in_addr_4in6 {
	uint32_t ia46_pad32[3];
	struct in_addr ia46_addr4;
};

struct in_endpoints {
	uint16_t ie_fport, ie_lport;
	union {
		struct in_addr_4in6 ie46_foreign;
		struct in6_addr ie6_foreign;
	} ie_dependfaddr;
	union {
		struct in_addr_4in6 ie46_local;
		struct in6_addr ie6_local;
	} ie_dependladdr;
#define ie_faddr	ie_dependfaddr.ie46_foreign.ia46_addr4
#define ie_laddr	ie_dependladdr.ie46_local.ia46_addr4
#define ie6_faddr	ie_dependfaddr.ie6_foreign
#define ie6_laddr	ie_dependladdr.ie6_local
	uint32_t ie6_zoneid;
};

struct in_conninfo {
	uint8_t inc_flags, inc_len;
	uint16_t inc_fibnum;
	struct in_endpoints inc_ie;
};

#define INP_IPV4	0x1
#define INP_IPV6	0x2

#ifdef _SYS_SOCKETVAR_H_
struct xinpcb {
	ksize_t xi_len;
	struct xsocket xi_socket;
	struct in_conninfo inp_inc;
	uint64_t inp_gencnt;
	int64_t inp_ppcb;
	int64_t inp_spare64[4];
	uint32_t inp_flow, inp_flowid, inp_flowtype;
	int32_t inp_flags, inp_flags2;
	uint32_t inp_unused;
	int32_t in6p_cksum, inp_spare32[4];
	uint16_t in6p_hops;
	uint8_t inp_ip_tos;
	int8_t pad8;
	uint8_t inp_vflag, inp_ip_ttl, inp_ip_p, inp_ip_minttl;
	int8_t inp_spare8[4];
} __attribute__((aligned(8)));

struct xinpgen {
	ksize_t xig_len;
	uint32_t xig_count, _xig_spare32;
	uint64_t xig_gen, xig_sogen, _xig_spare64[4];
} __attribute__((aligned(8)));
#endif

#endif
