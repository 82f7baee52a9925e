/* SPDX-License-Identifier: ISC */
/*
 * ask: what the library says of a tunnel, unsimplified, for the live tests.
 *
 *	ask [-n] -s
 *	ask [-cfmnp] [-t ms] [-T table] selector ...
 *
 * Prints a line for each tunnel that a selector names: PID STATE CTL, and
 * the evidence.  -m asks its master first (level 1), -p its peer (level 2),
 * -t says in how long, and how long it took comes last.  -f prints the ID and
 * own state of each forward instead, -n the notes on what was not seen.  With
 * -c clients are looked for.  -s prints what sshd listens on here instead:
 * port, uid, PID, the client's port, how many are connected.
 */
#include <sys/types.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "libfind.h"

#define MAX_TUNS	1024

static long
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long)(ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

static void
evidence(const struct tun_evidence *e)
{
	enum tun_why why = TUN_WHY_NONE;

	while ((why = tun_why_next(e, why)) != TUN_WHY_NONE)
		printf(" [%s]", tun_why_text(why));
}

/* The tunnels of the list that any of the words names. */
static size_t
select_tuns(const struct tun_list *list, char **words, const struct tun **v)
{
	struct tun_select *sel;
	const struct tun *t;
	const char *errstr;
	size_t i, n = 0;
	unsigned hit;

	for (; *words != NULL; words++) {
		/* A number that is a PID is no port: tests ask by PID. */
		for (t = tun_next(list, NULL); t != NULL; t = tun_next(list, t))
			if (t->pid == atol(*words))
				break;
		if (t != NULL && n < MAX_TUNS) {
			v[n++] = t;
			continue;
		}
		if ((sel = tun_select_parse(*words, &errstr)) == NULL)
			errx(2, "%s: %s", *words, errstr);
		for (t = tun_next(list, NULL); t != NULL && n < MAX_TUNS;
		    t = tun_next(list, t)) {
			hit = tun_select_match(sel, t, NULL);
			for (i = 0; i < t->nfwds; i++)
				hit |= tun_select_match(sel, t, t->fwds[i]);
			if (hit != 0)
				v[n++] = t;
		}
		tun_select_free(sel);
	}
	return n;
}

static void
put_forwards(const struct tun *t)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		printf("%s %s", t->fwds[i]->id,
		    tun_state_name(t->fwds[i]->state));
		evidence(&t->fwds[i]->why);
		putchar('\n');
	}
}

/* One line for each address or path. */
static void
put_served(const struct tun *t, const struct tun_fwd *fwd)
{
	size_t i;

	for (i = 0; i < fwd->naddrs; i++) {
		if (fwd->addrs[i].path != NULL)
			printf("%s", fwd->addrs[i].path);
		else
			printf("%u", fwd->addrs[i].port);
		printf(" %ld %ld %u %d%s\n", (long)(int)t->uid, (long)t->pid,
		    t->remote.port, fwd->conns, t->pid == 0 ? " inferred" :
		    "");
	}
}

static int
served(struct tun_ctx *ctx, int notes)
{
	const struct tun *t = NULL;
	struct tun_list *list;
	const char *note;
	size_t i;
	int status = 1;

	if (tun_scan(ctx, TUN_SCAN_SERVER | TUN_SCAN_STATES, &list) == -1)
		err(3, "tun_scan");
	for (i = 0; notes && (note = tun_note(list, i)) != NULL; i++)
		puts(note);
	for (; (t = tun_next(list, t)) != NULL; status = 0)
		for (i = 0; i < t->nfwds; i++)
			put_served(t, t->fwds[i]);
	tun_list_free(list);
	return status;
}

int
main(int argc, char **argv)
{
	const struct tun *tuns[MAX_TUNS];
	const char *note, *table = NULL;
	struct tun_list *list;
	struct tun_ctx *ctx;
	unsigned flags = TUN_SCAN_SOCKETS | TUN_SCAN_INFO | TUN_SCAN_AGAIN;
	unsigned levels = 0;
	long took = 0;
	int ch, forwards = 0, ms = 3000, notes = 0, serves = 0;
	size_t i, n;

	while ((ch = getopt(argc, argv, "T:cfmnpst:")) != -1)
		switch (ch) {
		case 'T': table = optarg; break;
		case 'c': flags |= TUN_SCAN_CLIENTS; break;
		case 'f': forwards = 1; break;
		case 'm': levels |= TUN_ASK_MASTER; break;
		case 'n': notes = 1; break;
		case 'p': levels |= TUN_ASK_PEER; break;
		case 's': serves = 1; break;
		case 't': ms = atoi(optarg); break;
		default:
			errx(2, "see the head of tests/ask.c");
		}
	if ((ctx = tun_open(table)) == NULL)
		err(3, "tun_open");
	if (serves)
		exit(served(ctx, notes));
	if (tun_scan(ctx, flags, &list) == -1)
		err(3, "tun_scan");
	for (i = 0; notes && (note = tun_note(list, i)) != NULL; i++)
		puts(note);
	n = select_tuns(list, argv + optind, tuns);
	if (levels != 0) {
		took = now_ms();
		if (tun_check(ctx, tuns, n, levels, ms) == -1)
			err(3, "tun_check");
		took = now_ms() - took;
	}
	for (i = 0; i < n; i++) {
		if (forwards) {
			put_forwards(tuns[i]);
			continue;
		}
		printf("%ld %s %s", (long)tuns[i]->pid,
		    tun_state_name(tuns[i]->state),
		    tun_ctl_name(tuns[i]->ctl));
		evidence(&tuns[i]->why);
		if (levels != 0)
			printf(" in %ld ms", took);
		putchar('\n');
	}
	tun_list_free(list);
	tun_close(ctx);
	return n > 0 ? 0 : 1;
}
