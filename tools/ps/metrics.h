/* SPDX-License-Identifier: ISC */
/* The numbers of tunps --metrics. */
#ifndef METRICS_H
#define METRICS_H

#include <stdint.h>

#include "common/out.h"

/*
 * Prints sums over the rows and, with each, some numbers of every row.  took is
 * the duration of the scan in milliseconds, and lost the number of tunnels of
 * the journal that run no more, or -1.
 */
void	 out_metrics(const struct view *view, int each, int64_t took,
	    int64_t lost);

#endif
