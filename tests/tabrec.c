/* SPDX-License-Identifier: ISC */
/*
 * tabrec: record the table as a fixture.
 *
 *	tabrec [-e] [-f table] [-n name] [-s old=new] [pid ...]
 *
 * Writes the processes with these numbers, or those named ssh (or with -n
 * another name), and their parents.  -s, as often as needed, puts new in
 * place of old wherever it stands: names of people and hosts.  -e writes
 * their environment too.  -f reads a recorded table again.
 */
#include <sys/types.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform.h"

#define MAX_PIDS	4096
#define MAX_SCRUBS	64

struct scrub {
	char *from, *to;
	size_t len;
};

static struct scrub scrubs[MAX_SCRUBS];
static size_t nscrubs;

static void
add_scrub(char *s)
{
	char *to;

	if ((to = strchr(s, '=')) == NULL || to == s)
		errx(2, "-s %s: expected old=new", s);
	if (nscrubs == MAX_SCRUBS)
		errx(2, "-s: too many");
	*to++ = '\0';
	scrubs[nscrubs].from = s;
	scrubs[nscrubs].to = to;
	scrubs[nscrubs++].len = strlen(s);
}

static void
put_scrubbed(const char *s)
{
	size_t i;

	while (*s != '\0') {
		for (i = 0; i < nscrubs; i++)
			if (strncmp(s, scrubs[i].from, scrubs[i].len) == 0)
				break;
		if (i < nscrubs) {
			fputs(scrubs[i].to, stdout);
			s += scrubs[i].len;
		} else
			putchar(*s++);
	}
}

/* Those with the name and, a parent each, where they come from. */
static size_t
find(struct plat *pl, const char *name, pid_t *pids)
{
	struct plat_name np;
	struct plat_proc row;
	size_t i, n = 0, found;

	if (plat_scan(pl, 0) == -1)
		err(1, "scan");
	while (plat_next(pl, &np) == 1)
		if (strcmp(np.name, name) == 0 && n < MAX_PIDS / 2)
			pids[n++] = np.pid;
	found = n;
	for (i = 0; i < found; i++) {
		row.pid = pids[i];
		if (plat_rows(pl, &row, 1) == -1)
			err(1, "rows");
		if (row.ppid > 0)
			pids[n++] = row.ppid;
	}
	return n;
}

int
main(int argc, char *argv[])
{
	pid_t pids[MAX_PIDS];
	struct plat *pl;
	const char *name = "ssh", *table = NULL;
	char *line = NULL;
	size_t n = 0, size = 0;
	unsigned flags = 0;
	FILE *fp;
	int ch;

	while ((ch = getopt(argc, argv, "ef:n:s:")) != -1)
		switch (ch) {
		case 'e': flags |= PLAT_RECORD_ENV; break;
		case 'f': table = optarg; break;
		case 'n': name = optarg; break;
		case 's': add_scrub(optarg); break;
		default:
			errx(2, "usage: tabrec [-e] [-f table] [-n name] "
			    "[-s old=new] [pid ...]");
		}
	if ((pl = plat_open(table)) == NULL)
		err(1, "%s", table != NULL ? table : "this system");
	for (; optind < argc && n < MAX_PIDS; optind++)
		pids[n++] = (pid_t)atoi(argv[optind]);
	if (n == 0)
		n = find(pl, name, pids);
	if ((fp = tmpfile()) == NULL)
		err(1, "tmpfile");
	if (plat_record(pl, pids, n, flags, NULL, fp) == -1)
		err(1, "record");
	rewind(fp);
	while (getline(&line, &size, fp) != -1)
		put_scrubbed(line);
	free(line);
	fclose(fp);
	plat_close(pl);
	return fflush(stdout) == 0 ? 0 : 1;
}
