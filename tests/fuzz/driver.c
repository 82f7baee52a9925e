/* SPDX-License-Identifier: ISC */
/*
 * Stands in for libFuzzer: runs one harness over each file of its corpus
 * once, and reports as TAP.  The corpus of tests/fuzz/X.fuzz is tests/fuzz/X/;
 * other files can be given as operands.
 */
#include <sys/types.h>

#include <dirent.h>
#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

#define INPUT_MAX	(1 << 20)	/* libFuzzer's own ceiling */

static void
run_file(const char *path)
{
	uint8_t *data, *exact;
	size_t len;
	FILE *f;

	/* The last one named before a crash is the culprit. */
	printf("# %s\n", path);
	fflush(stdout);

	if ((f = fopen(path, "rb")) == NULL)
		err(1, "%s", path);
	if ((data = malloc(INPUT_MAX)) == NULL)
		err(1, NULL);
	len = fread(data, 1, INPUT_MAX, f);
	if (ferror(f))
		err(1, "%s", path);
	fclose(f);

	/* Exactly as large as the input, so that a sanitizer sees its end. */
	if ((exact = malloc(len == 0 ? 1 : len)) == NULL)
		err(1, NULL);
	memcpy(exact, data, len);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	free(data);
}

/* Leaves us in dir, so that names in it are short. */
static int
run_dir(const char *dir)
{
	struct dirent *entry;
	DIR *d;
	int n = 0;

	if ((d = opendir(dir)) == NULL || chdir(dir) == -1)
		err(1, "%s", dir);
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		run_file(entry->d_name);
		n++;
	}
	closedir(d);
	return n;
}

int
main(int argc, char *argv[])
{
	char *dot;
	int i, n = 0;

	if (argc > 1) {
		for (i = 1; i < argc; i++, n++)
			run_file(argv[i]);
	} else {
		if ((dot = strrchr(argv[0], '.')) == NULL)
			errx(1, "%s: expected a name like X.fuzz", argv[0]);
		*dot = '\0';
		n = run_dir(argv[0]);
	}
	printf("1..1\n%s 1 - %s: %d inputs\n", n > 0 ? "ok" : "not ok",
	    argv[0], n);
	return n > 0 ? 0 : 1;
}
