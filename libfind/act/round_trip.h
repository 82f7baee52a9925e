/* SPDX-License-Identifier: ISC */
/* Questions that go beyond this machine; see round_trip.c. */
#ifndef ROUND_TRIP_H
#define ROUND_TRIP_H

#include "verdict/verdict.h"

/* TUN_ASK_ROUNDTRIP and TUN_ASK_TARGET of tun_check(). */
int	 round_trip_servers(struct plat *pl, struct cand **cands, size_t n,
	    int ms);
int	 round_trip_targets(struct plat *pl, struct cand **cands, size_t n,
	    int ms);

#endif
