/* SPDX-License-Identifier: ISC */
/* Nothing of it is used, but others want it before them. */
#ifndef _NET_ROUTE_H_
#define _NET_ROUTE_H_
#endif
