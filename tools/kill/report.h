/* SPDX-License-Identifier: ISC */
/* A plan and its results, in words and as JSON.  The caller frees strings. */
#ifndef REPORT_H
#define REPORT_H

#include <stddef.h>
#include <stdio.h>

#include "kill/plan.h"
#include "libfind.h"

/* The name of an item, "L8008". */
char	*report_name(const struct plan_item *it);
/*
 * For people: what would be done, and what would end with it.  Lines of more
 * columns are broken; 0: any fit.
 */
void	 report_plan(const struct plan *plan, const struct plan_item *it,
	    FILE *fp, size_t width);
/* What has come of it, on one line; NULL if nothing was to be done. */
char	*report_result(const struct plan *plan, const struct plan_item *it);
/* The plan, and its results unless it was only shown. */
void	 report_json(const struct plan *plan, int dry);

/* --- among the files of this folder --------------------------------------- */

const char *report_result_name(enum plan_result result);

/* reasons.c: why it is meant, and TUN_WHY_*. */
char	*report_why(const struct plan *plan, const struct plan_item *it);
struct tun_evidence report_evidence(const struct plan_item *it);
/* Why it is refused; NULL if it is not. */
char	*report_refusal(const struct plan *plan, const struct plan_item *it);

/* report_peers.c */

/* "ssh 4711 (fred@server)", with the user if it is another one than ours. */
char	*report_ssh(const struct tun *t);
char	*report_peer(const struct plan *plan, const struct tun_peer *peer);
/* For a process that is named as a helper already. */
char	*report_helper(const struct plan *plan, const struct tun_peer *peer);
/* Each process once; NULL if there are none. */
char	*report_peers(const struct plan *plan, const struct tun_peer *const *v,
	    size_t n);

#endif
