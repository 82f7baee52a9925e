/* SPDX-License-Identifier: ISC */
/* How an operand was read, where that is not the same for all it names. */
#ifndef READINGS_H
#define READINGS_H

#include <stddef.h>

#include "out.h"

/*
 * tool_usage() where no one reading of the word fits all rows that it names,
 * so that what was meant cannot be known.  many: all that it names are meant.
 */
void	 readings_check(const char *word, const struct tun_select *sel,
	    const struct row *rows, size_t n, int many);

/*
 * "L15432, L15433" of the forwards that lead to the port which word is;
 * NULL where it is no number, or something in the list has it for its port or
 * PID.  The caller frees.
 */
char	*readings_target_port(const char *word, const struct tun_list *list);

#endif
