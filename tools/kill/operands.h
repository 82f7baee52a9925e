/* SPDX-License-Identifier: ISC */
/* Which tunnels do the operands mean? */
#ifndef OPERANDS_H
#define OPERANDS_H

#include <stddef.h>

#include "common/out.h"
#include "kill/plan.h"

/*
 * Leaves in rows only what is meant, and plans to ask masters for forwards that
 * no row shows.  Calls tool_usage() if an operand, or the options alone, mean
 * several tunnels and not many.  Returns the number of operands that match
 * nothing, and says which unless quiet.
 */
size_t	 operands_check(struct plan *plan, struct row *rows, size_t *np,
	    int many, int quiet);

#endif
