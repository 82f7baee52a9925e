/* SPDX-License-Identifier: ISC */
/* Operands that were read in more than one way. */
#ifndef READINGS_H
#define READINGS_H

#include <stddef.h>

#include "common/out.h"

/*
 * Calls tool_usage() if no single reading of the word fits all rows that it
 * matches, because the intended one is not known.  many: all rows are meant.
 */
void	 readings_check(const char *word, const struct tun_select *sel,
	    const struct row *rows, size_t n, int many);

/*
 * The IDs of the forwards that lead to the port word, as in "L15432, L15433".
 * NULL if word is not a number, or is the port or PID of something in the list.
 * The caller frees it.
 */
char	*readings_target_port(const char *word, const struct tun_list *list);

#endif
