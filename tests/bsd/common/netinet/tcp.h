/* SPDX-License-Identifier: ISC */
/* Nothing of it is used, but tcp_var.h wants it first. */
#ifndef _NETINET_TCP_H_
#define _NETINET_TCP_H_
#endif
