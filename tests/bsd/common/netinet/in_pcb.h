/* SPDX-License-Identifier: ISC */
/* Of FreeBSD and DragonFly. */
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
#ifdef __FreeBSD__
	uint32_t ie6_zoneid;
#endif
};

struct in_conninfo {
	uint8_t inc_flags, inc_len;
	uint16_t inc_fibnum;	/* padding on DragonFly */
	struct in_endpoints inc_ie;
};

#ifdef __DragonFly__
#define inc_fport	inc_ie.ie_fport
#define inc_lport	inc_ie.ie_lport
#define inc_faddr	inc_ie.ie_faddr
#define inc_laddr	inc_ie.ie_laddr
#define inc6_faddr	inc_ie.ie6_faddr
#define inc6_laddr	inc_ie.ie6_laddr

/* How long it is we know, where its members are we do not. */
struct inpcb {
	char pad1[40];
	struct in_conninfo inp_inc;
	char pad2[208];
} __attribute__((aligned(8)));
#define inp_fport	inp_inc.inc_fport
#define inp_lport	inp_inc.inc_lport
#define inp_faddr	inp_inc.inc_faddr
#define inp_laddr	inp_inc.inc_laddr
#define in6p_faddr	inp_inc.inc6_faddr
#define in6p_laddr	inp_inc.inc6_laddr
#endif

#define INP_IPV4	0x1
#define INP_IPV6	0x2

#if defined(__FreeBSD__) && defined(_SYS_SOCKETVAR_H_)
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
