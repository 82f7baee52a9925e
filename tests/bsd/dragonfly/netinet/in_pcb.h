/* SPDX-License-Identifier: ISC */
/*
 * The names of DragonFly's header.  How long struct inpcb is we know, where
 * its members are we do not.
 */
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
};

struct in_conninfo {
	uint8_t inc_flags, inc_len;
	uint16_t inc_pad;
	struct in_endpoints inc_ie;
};
#define inc_fport	inc_ie.ie_fport
#define inc_lport	inc_ie.ie_lport
#define inc_faddr	inc_ie.ie_faddr
#define inc_laddr	inc_ie.ie_laddr
#define inc6_faddr	inc_ie.ie6_faddr
#define inc6_laddr	inc_ie.ie6_laddr

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
