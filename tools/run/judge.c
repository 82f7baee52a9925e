/* SPDX-License-Identifier: ISC */
/* Are the forwards of what was started as they should be? */

#include <stddef.h>
#include <stdint.h>

#include "compat/ms.h"
#include "libfind.h"
#include "run/run.h"

#define SETTLE		400	/* ms after which a bad forward counts as bad */
#define LEAVE		10000	/* ms that ssh -f has to leave our session */

int
run_is_starting(const struct tun *t)
{
	return t->state == TUN_STARTING || t->state == TUN_PROMPT ||
	    t->state == TUN_STUCK;
}

/* Does the tunnel of some row show its command line? */
static int
shows_words(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->nrows; i++)
		if (!tun_why_has(&run->rows[i].tun->why, TUN_WHY_ARGVLOST))
			return 1;
	return 0;
}

static int
is_at(const struct tun_fwd *fwd, const struct tun_forward *want)
{
	size_t i;

	if (fwd == NULL)
		return 0;
	for (i = 0; want->listen.path == NULL && i < fwd->naddrs; i++)
		if (fwd->addrs[i].path == NULL &&
		    fwd->addrs[i].port == want->listen.port)
			return 1;
	return tun_forward_same_listener(&fwd->spec, want);
}

const struct tun_forward *
run_find_missing(const struct run *run, const struct tun_forward *prev)
{
	const struct tun_words *w = run->words;
	size_t i, k;

	if (w == NULL || run->nrows == 0 || shows_words(run))
		return NULL;
	for (i = prev == NULL ? 0 : (size_t)(prev - w->fwds) + 1;
	    i < w->nfwds; i++) {
		if (!tun_forward_is_local(&w->fwds[i]))
			continue;
		for (k = 0; k < run->nrows; k++)
			if (is_at(run->rows[k].fwd, &w->fwds[i]))
				break;
		if (k == run->nrows)
			return &w->fwds[i];
	}
	return NULL;
}

/* The worst verdict on the forwards. */
static enum run_verdict
judge_forwards(const struct run *run)
{
	enum run_verdict verdict = RUN_GOOD;
	size_t i;

	for (i = 0; i < run->nrows; i++) {
		const struct tun_fwd *fwd = run->rows[i].fwd;

		if (fwd == NULL)
			continue;
		switch (tun_fwd_health(fwd, NULL)) {
		case TUN_HEALTH_BAD:
			return RUN_BAD;
		case TUN_HEALTH_UNKNOWN:
			/*
			 * The state of the link is not known; that it listens
			 * is.
			 */
			if (fwd->state == TUN_UNKNOWN)
				verdict = RUN_UNSEEN;
			break;
		case TUN_HEALTH_OK:
			break;
		}
	}
	return run_find_missing(run, NULL) != NULL ? RUN_BAD : verdict;
}

/*
 * ssh -f listens a moment before it is on its own.  Until then it would end
 * with the terminal, which may be closed as soon as we end, and may still have
 * to fork.
 */
static int
is_leaving(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->nrows; i++)
		if (run->rows[i].tun->sid != run->rows[i].tun->pid)
			return 1;
	return 0;
}

enum run_verdict
run_judge(struct run *run)
{
	int forks = run->words != NULL && run->words->fork;
	enum run_verdict verdict;
	int64_t passed;
	size_t i;

	for (i = 0; i < run->nrows; i++)
		if (run_is_starting(run->rows[i].tun)) {
			run->since = -1;
			return RUN_NOT_YET;
		}
	if (run->nrows == 0)
		return RUN_NOT_YET;
	if (run->since == -1)
		run->since = ms_now();
	passed = ms_now() - run->since;
	if (passed < (forks ? LEAVE : SETTLE) && is_leaving(run))
		return RUN_NOT_YET;
	verdict = judge_forwards(run);
	if (passed >= SETTLE)
		return verdict;
	/* In the foreground it may be about to go to the background. */
	return verdict == RUN_GOOD && run->reaper.ended ? RUN_GOOD :
	    RUN_NOT_YET;
}
