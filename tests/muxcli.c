/* SPDX-License-Identifier: ISC */
/*
 * muxcli: the mux client for shell scripts.
 *
 *	muxcli [-t ms] [-u uid] path check|exit|stop|trip
 *	muxcli [-t ms] [-u uid] path info connection|channels
 *	muxcli [-t ms] [-u uid] path open|cancel L|R|D|RD lhost lport
 *	    [rhost rport]
 *	muxcli [-t ms] many path ...
 *	muxcli bench n path
 *
 * A host of "-" is absent; a port of "path" makes a path of the host.
 * Prints "ok PID PORT" and the text, or the name of the error and the text;
 * exits 0 or 1.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libfind.h"

#ifndef EREMOTEIO
#define EREMOTEIO ECANCELED
#endif

static const struct {
	int error;
	const char *name;
} names[] = {
	{ ECONNABORTED, "closed" },
	{ ECONNREFUSED, "dead" },
	{ EINVAL, "invalid" },
	{ ENOENT, "none" },
	{ ENOTSUP, "unsupported" },
	{ EPERM, "unsafe" },
	{ EPROTO, "garbled" },
	{ EREMOTEIO, "no" },
	{ ETIMEDOUT, "hung" }
};

static int timeout = 1000;
static uid_t uid;

static int
report(int error, const struct tun_mux_reply *reply)
{
	const char *name = strerror(error);
	size_t i;

	if (error == 0) {
		printf("ok %ld %u %s\n", (long)reply->pid,
		    (unsigned)reply->port, reply->text);
		return 0;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == error)
			name = names[i].name;
	printf("%s %s\n", name, reply->text);
	return 1;
}

static void
parse_end(struct tun_end *end, char *argv[])
{
	memset(end, 0, sizeof(*end));
	end->port = -1;
	if (argv[0] == NULL || argv[1] == NULL)
		return;
	if (strcmp(argv[1], "path") == 0)
		end->path = argv[0];
	else {
		end->host = strcmp(argv[0], "-") == 0 ? NULL : argv[0];
		end->port = atoi(argv[1]);
	}
}

static void
parse_fwd(struct tun_forward *fwd, char *argv[])
{
	if (argv[0] == NULL || argv[1] == NULL || argv[2] == NULL)
		errx(2, "what forward?");
	if (strcmp(argv[0], "RD") == 0)
		fwd->kind = TUN_FWD_RDYNAMIC;
	else if (argv[0][0] == 'R')
		fwd->kind = TUN_FWD_REMOTE;
	else if (argv[0][0] == 'D')
		fwd->kind = TUN_FWD_DYNAMIC;
	else
		fwd->kind = TUN_FWD_LOCAL;
	parse_end(&fwd->listen, argv + 1);
	parse_end(&fwd->connect, argv + 3);
}

static int
many(char *paths[], size_t n)
{
	struct tun_mux_query *queries;
	int bad = 0;
	size_t i;

	if ((queries = calloc(n, sizeof(*queries))) == NULL)
		err(2, NULL);
	for (i = 0; i < n; i++) {
		queries[i].path = paths[i];
		queries[i].uid = uid;
	}
	if (tun_mux_check_many(queries, n, timeout) == -1)
		err(2, "tun_mux_check_many");
	for (i = 0; i < n; i++)
		bad |= report(queries[i].error, &queries[i].reply);
	free(queries);
	return bad;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Median and 99th percentile of n checks, each a connection of its own. */
static int
bench(const char *path, size_t n)
{
	struct timespec a, b;
	double *us;
	size_t i;

	if (n == 0 || (us = calloc(n, sizeof(*us))) == NULL)
		errx(2, "bench");
	for (i = 0; i < n; i++) {
		clock_gettime(CLOCK_MONOTONIC, &a);
		if (tun_mux_check(path, uid, timeout, NULL) == -1)
			err(1, "%s", path);
		clock_gettime(CLOCK_MONOTONIC, &b);
		us[i] = (double)(b.tv_sec - a.tv_sec) * 1e6 +
		    (double)(b.tv_nsec - a.tv_nsec) / 1e3;
	}
	qsort(us, n, sizeof(*us), by_value);
	printf("median %.0f us, p99 %.0f us, of %zu\n", us[n / 2],
	    us[n * 99 / 100], n);
	free(us);
	return 0;
}

int
main(int argc, char *argv[])
{
	struct tun_mux_reply reply;
	struct tun_forward fwd;
	const char *path, *what;
	int ch, r;

	uid = geteuid();
	while ((ch = getopt(argc, argv, "+t:u:")) != -1)
		switch (ch) {
		case 't':
			timeout = atoi(optarg);
			break;
		case 'u':
			uid = (uid_t)strtoul(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	argc -= optind;
	argv += optind;
	if (argc < 2)
		errx(2, "what?");
	if (strcmp(argv[0], "many") == 0)
		return many(argv + 1, (size_t)argc - 1);
	if (strcmp(argv[0], "bench") == 0 && argc == 3)
		return bench(argv[2], strtoul(argv[1], NULL, 10));

	path = argv[0];
	what = argv[1];
	if (strcmp(what, "check") == 0)
		r = tun_mux_check(path, uid, timeout, &reply);
	else if (strcmp(what, "exit") == 0)
		r = tun_mux_exit(path, uid, timeout, &reply);
	else if (strcmp(what, "stop") == 0)
		r = tun_mux_stop(path, uid, timeout, &reply);
	else if (strcmp(what, "trip") == 0)
		r = tun_mux_round_trip(path, uid, timeout, &reply);
	else if (strcmp(what, "info") == 0)
		r = tun_mux_info(path, uid, timeout, argv[2], &reply);
	else {
		parse_fwd(&fwd, argv + 2);
		if (strcmp(what, "open") == 0)
			r = tun_mux_open(path, uid, timeout, &fwd, &reply);
		else if (strcmp(what, "cancel") == 0)
			r = tun_mux_cancel(path, uid, timeout, &fwd, &reply);
		else
			errx(2, "%s?", what);
	}
	return report(r == 0 ? 0 : errno, &reply);
}
