/* SPDX-License-Identifier: ISC */
/* Nothing of it is used, but others want it before them. */
#ifndef _NETINET_TCP_H_
#define _NETINET_TCP_H_
#endif
