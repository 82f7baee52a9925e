/* SPDX-License-Identifier: ISC */
/*
 * muxcli: the mux client for shell scripts.
 *
 *	muxcli [-t ms] [-u uid] path check|exit|stop|trip
 *	muxcli [-t ms] [-u uid] path info connection|channels
 *	muxcli [-t ms] [-u uid] path open|cancel L|R|D|RD lhost lport
 *	    [rhost rport]
 *	muxcli [-t ms] many path ...
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
#include <unistd.h>

#include "libfind.h"
#include "mux/mux.h"

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

static int timeout = 20000;
static uid_t uid;

static int
report(const struct mux_query *q)
{
	const char *name = strerror(q->error);
	size_t i;

	if (q->error == 0) {
		printf("ok %ld %u %s\n", (long)q->reply.pid,
		    (unsigned)q->reply.port, q->reply.text);
		return 0;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == q->error)
			name = names[i].name;
	printf("%s %s\n", name, q->reply.text);
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

/* Queries to these paths, as the caller, whoever owns them. */
static struct mux_query *
queries(char *paths[], size_t n)
{
	struct mux_query *q = mux_queries(n, MUX_ROOM_ALL);
	size_t i;

	if (q == NULL)
		err(2, NULL);
	for (i = 0; i < n; i++) {
		q[i].path = paths[i];
		q[i].uid = uid;
	}
	return q;
}

static void
ask(struct mux_query *q, size_t n)
{
	if (mux_ask_as(geteuid(), q, n, timeout) == -1)
		err(2, "mux_ask_as");
}

static int
many(char *paths[], size_t n)
{
	struct mux_query *q = queries(paths, n);
	int bad = 0;
	size_t i;

	ask(q, n);
	for (i = 0; i < n; i++)
		bad |= report(&q[i]);
	free(q);
	return bad;
}

int
main(int argc, char *argv[])
{
	static const struct {
		const char *word;
		uint32_t request;
	} requests[] = {
		{ "cancel", MUX_CLOSE_FWD },
		{ "check", MUX_ALIVE_CHECK },
		{ "exit", MUX_TERMINATE },
		{ "info", MUX_EXT_INFO },
		{ "open", MUX_OPEN_FWD },
		{ "stop", MUX_STOP_LISTENING },
		{ "trip", MUX_NEW_STDIO_FWD }
	};
	struct tun_forward fwd;
	struct mux_query *q;
	size_t i;
	int ch, bad;

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

	q = queries(argv, 1);
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (strcmp(argv[1], requests[i].word) == 0)
			q->request = requests[i].request;
	if (q->request == 0)
		errx(2, "%s?", argv[1]);
	if (q->request == MUX_OPEN_FWD || q->request == MUX_CLOSE_FWD) {
		parse_fwd(&fwd, argv + 2);
		q->fwd = &fwd;
	}
	q->what = argv[2];
	ask(q, 1);
	bad = report(q);
	free(q);
	return bad;
}
