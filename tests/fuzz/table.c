/* SPDX-License-Identifier: ISC */
/*
 * Fuzzes recorded tables: read one, ask it everything, write it, and read
 * that: what was written must be read, and be written the same again.
 */
#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "impl.h"
#include "fuzz/fuzz.h"

static int
load(struct plat *pl, const void *data, size_t len)
{
	FILE *fp;
	int r;

	memset(pl, 0, sizeof(*pl));
	if (len == 0 || (fp = fmemopen((void *)(uintptr_t)data, len, "r")) ==
	    NULL)
		return -1;
	r = table_load(pl, fp);
	fclose(fp);
	return r;
}

static char *
record(struct plat *pl, size_t *lenp)
{
	char *text = NULL;
	FILE *fp;

	if ((fp = open_memstream(&text, lenp)) == NULL)
		abort();
	if (plat_record(pl, NULL, 0, PLAT_RECORD_ENV, NULL, fp) == -1)
		abort();
	fclose(fp);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct plat pl;
	char *first, *second;
	size_t n, n2;

	if (load(&pl, data, len) == -1)
		return 0;
	first = record(&pl, &n);
	plat_caps(&pl);
	pl.ops->close(&pl);
	if (load(&pl, first, n) == -1)
		abort();
	second = record(&pl, &n2);
	if (n != n2 || memcmp(first, second, n) != 0)
		abort();
	pl.ops->close(&pl);
	free(first);
	free(second);
	return 0;
}
