/* SPDX-License-Identifier: ISC */
/*
 * timer [-r rounds] [-s seconds] name=command ...
 *
 * Runs every command once a round, in an order shuffled anew, and prints
 * the median over the rounds of the ratio of each two.  Both commands of a
 * round run under the same load, so their ratio stays where times drift.  The
 * first command runs twice a round; the ratio of that pair is the noise.
 *
 * A command is split at blanks, without quoting, except that '' is an empty
 * word.  "@command" finds /proc freshly mounted, none of it cached.  Stops
 * after -r rounds, or after -s seconds once five are there.  Output,
 * separated by tabs, ratios with their quartiles:
 *
 *	aa   name ratio low high wall-ratio rounds
 *	cmd  name cpu-us wall-us rss-KiB exit-status least-cpu-us
 *	pair name name ratio low high wall-ratio
 *
 * CPU is user and system time of the command and all it waited for.  Link
 * this statically: what it weighs itself is the least peak RSS it can see.
 */

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAXCMDS = 16, MAXROUNDS = 301, MAXARGS = 32, MINROUNDS = 5 };

struct cmd {
	const char *name;
	char *argv[MAXARGS];
	int cold;
	double cpu[MAXROUNDS], wall[MAXROUNDS];		/* microseconds */
	long rss;
	int status;
};

static struct cmd cmds[MAXCMDS];
static int ncmds, null, complaints;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}

static double
micro(struct timeval tv)
{
	return tv.tv_sec * 1e6 + tv.tv_usec;
}

static void
parse(struct cmd *c, char *s)
{
	static char nothing[] = "";
	char *word;
	int n = 0;

	c->name = s;
	if ((s = strchr(s, '=')) == NULL)
		errx(2, "%s: not name=command", c->name);
	*s++ = '\0';
	if ((c->cold = *s == '@'))
		s++;
	for (word = strtok(s, " "); word != NULL; word = strtok(NULL, " ")) {
		if (n == MAXARGS - 1)
			errx(2, "%s: too many words", c->name);
		c->argv[n++] = strcmp(word, "''") == 0 ? nothing : word;
	}
	if (n == 0)
		errx(2, "%s: no command", c->name);
}

/* vfork, because fork would charge each command for a copy of our tables. */
static void
run(struct cmd *c, int round)
{
	struct rusage ru;
	double start;
	pid_t pid;
	int status;

	if (c->cold && mount("proc", "/proc", "proc", 0, NULL) == -1)
		err(3, "mounting /proc");
	start = now();
	if ((pid = vfork()) == -1)
		err(3, "vfork");
	if (pid == 0) {
		dup2(null, STDOUT_FILENO);
		dup2(round < 0 ? complaints : null, STDERR_FILENO);
		execvp(c->argv[0], c->argv);
		_exit(127);
	}
	while (wait4(pid, &status, 0, &ru) == -1)
		if (errno != EINTR)
			err(3, "wait4");
	if (round >= 0) {
		c->wall[round] = now() - start;
		c->cpu[round] = micro(ru.ru_utime) + micro(ru.ru_stime);
	}
	if (ru.ru_maxrss > c->rss)
		c->rss = ru.ru_maxrss;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
	if (c->cold && umount2("/proc", MNT_DETACH) == -1)
		err(3, "unmounting /proc");
}

/* A first run, not timed.  If it fails, its first complaint is shown. */
static void
warm_up(struct cmd *c)
{
	char line[256];
	FILE *fp;

	if ((fp = tmpfile()) == NULL)
		err(3, "temporary file");
	complaints = fileno(fp);
	run(c, -1);
	rewind(fp);
	if (c->status != 0 && fgets(line, sizeof(line), fp) != NULL)
		fprintf(stderr, "timer: %s: %s", c->name, line);
	fclose(fp);
}

static void
shuffle(int *order, int n)
{
	int i, j, t;

	for (i = n - 1; i > 0; i--) {
		j = rand() % (i + 1);
		t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The q-th quarter of n values, which are sorted on the way. */
static double
quarter(double *v, int n, int q)
{
	double at = (n - 1) * q / 4.0;
	int i = (int)at;

	qsort(v, n, sizeof(*v), ascending);
	if (i + 1 == n)
		return v[i];
	return v[i] + (at - i) * (v[i + 1] - v[i]);
}

static double
median(const double *v, int n)
{
	double copy[MAXROUNDS];

	memcpy(copy, v, n * sizeof(*v));
	return quarter(copy, n, 2);
}

static double
least(const double *v, int n)
{
	double copy[MAXROUNDS];

	memcpy(copy, v, n * sizeof(*v));
	return quarter(copy, n, 0);
}

static void
print_ratio(const struct cmd *a, const struct cmd *b, int n)
{
	double cpu[MAXROUNDS], wall[MAXROUNDS];
	int i;

	for (i = 0; i < n; i++) {
		/* Below the clock's grain a process took "no" time. */
		cpu[i] = a->cpu[i] / (b->cpu[i] > 0 ? b->cpu[i] : 1);
		wall[i] = a->wall[i] / b->wall[i];
	}
	printf("\t%.5f\t%.5f\t%.5f\t%.5f", quarter(cpu, n, 2),
	    quarter(cpu, n, 1), quarter(cpu, n, 3), quarter(wall, n, 2));
}

static void
report(int n)
{
	struct cmd *again = &cmds[ncmds - 1];
	int i, j;

	printf("aa\t%s", cmds[0].name);
	print_ratio(again, &cmds[0], n);
	printf("\t%d\n", n);
	for (i = 0; i < ncmds - 1; i++)
		printf("cmd\t%s\t%.0f\t%.0f\t%ld\t%d\t%.0f\n",
		    cmds[i].name, median(cmds[i].cpu, n),
		    median(cmds[i].wall, n), cmds[i].rss, cmds[i].status,
		    least(cmds[i].cpu, n));
	for (i = 0; i < ncmds - 1; i++)
		for (j = 0; j < ncmds - 1; j++) {
			if (i == j)
				continue;
			printf("pair\t%s\t%s", cmds[i].name, cmds[j].name);
			print_ratio(&cmds[i], &cmds[j], n);
			putchar('\n');
		}
}

int
main(int argc, char *argv[])
{
	double start, seconds = 10;
	int order[MAXCMDS], ch, i, round, rounds = 31;

	while ((ch = getopt(argc, argv, "r:s:")) != -1)
		switch (ch) {
		case 'r':
			rounds = atoi(optarg);
			break;
		case 's':
			seconds = atof(optarg);
			break;
		default:
			return 2;
		}
	argc -= optind;
	argv += optind;
	if (argc < 1 || argc > MAXCMDS - 1 || rounds < 1 ||
	    rounds > MAXROUNDS)
		errx(2, "usage: timer [-r rounds] [-s seconds] "
		    "name=command ...");
	if ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		err(3, "/dev/null");
	for (i = 0; i < argc; i++)
		parse(&cmds[ncmds++], argv[i]);
	cmds[ncmds++] = cmds[0];
	for (i = 0; i < ncmds; i++)
		order[i] = i;
	srand(getpid() + (unsigned)time(NULL));

	for (i = 0; i < ncmds - 1; i++)
		warm_up(&cmds[i]);
	start = now();
	for (round = 0; round < rounds; round++) {
		if (round >= MINROUNDS && now() - start > seconds * 1e6)
			break;
		shuffle(order, ncmds);
		for (i = 0; i < ncmds; i++)
			run(&cmds[order[i]], round);
	}
	report(round);
	return 0;
}
