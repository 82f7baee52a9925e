/* SPDX-License-Identifier: ISC */
/*
 * masters_ask.c: asks the masters that were found.  For root, each question is
 * asked as the user who owns the master.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/dial.h"
#include "masters.h"
#include "core/resolve.h"
#include "mux.h"

/* --- answers ------------------------------------------------------------- */

/* text lives as long as the master. */
static void
set_answer(struct master *e, int error, const char *text)
{
	free(e->text);
	e->text = NULL;
	e->pub.error = error;
	e->pub.text = text;
}

static int
keep_answer(struct master *e, int error, const char *text)
{
	char *copy = NULL;

	if (*text != '\0' && (copy = strdup(text)) == NULL) {
		set_answer(e, ENOMEM, "");
		return -1;
	}
	set_answer(e, error, copy != NULL ? copy : "");
	e->text = copy;
	return 0;
}

/* --- does it answer? ------------------------------------------------------ */

/*
 * The verdict after an EPERM.  If the path is right, the problem is the process
 * that listens there.
 */
static enum tun_ctl
not_allowed(struct master *e)
{
	const struct tun_master *m = &e->pub;
	const char *errstr;
	struct looked at;

	if (master_lstat(e->of, m->path, &at) == 0 &&
	    at.st.st_uid != m->uid)
		return TUN_CTL_FOREIGN;
	return dial_safe(e->of->rs, m->path, m->uid, &errstr) == 0 ?
	    TUN_CTL_FOREIGN : TUN_CTL_UNSAFE;
}

static enum tun_ctl
verdict(struct master *e, const struct mux_query *q)
{
	const struct tun_master *m = &e->pub;

	if (q->error == EPERM)
		return not_allowed(e);
	if (q->error == ENOENT && e->key == 0 && m->pid == 0)
		return TUN_CTL_NONE;
	return mux_ctl(q, m->pid);
}

static int
take_check(struct master *e, const struct mux_query *q)
{
	e->pub.ctl = verdict(e, q);
	if (q->error == 0)
		e->pub.pid = q->reply.pid;
	return keep_answer(e, q->error, q->reply.text);
}

static int
take_trip(struct master *e, const struct mux_query *q)
{
	struct cand *c = e->pub.tun != NULL ? e->pub.tun->internal : NULL;

	e->pub.round_trip = q->error == 0 ? 1 : q->error == ETIMEDOUT ? 0 : -1;
	if (e->pub.round_trip == 1 && c != NULL)
		verdict_answered(&c->verdict.tun);
	return 0;
}

/* Sets the verdict if it is known without a question. */
static int
wants_check(struct master *e)
{
	const struct tun *t = e->pub.tun;
	const char *text;

	if (e->elsewhere || e->pub.ctl == TUN_CTL_LOST ||
	    e->pub.ctl == TUN_CTL_REPLACED)
		return 0;
	if (t != NULL && t->state == TUN_STOPPED)
		text = "it is stopped";
	else if (e->pub.queue > 0)
		text = "connections wait to be accepted";
	else
		return 1;
	e->pub.ctl = TUN_CTL_HUNG;
	set_answer(e, ETIMEDOUT, text);
	return 0;
}

static int
wants_trip(struct master *e)
{
	return e->pub.ctl == TUN_CTL_OK;
}

/* One question to many masters. */
static const struct round {
	unsigned level;
	uint32_t request;
	int (*wants)(struct master *);
	int (*take)(struct master *, const struct mux_query *);
} rounds[] = {
	{ TUN_ASK_MASTER, MUX_ALIVE_CHECK, wants_check, take_check },
	{ TUN_ASK_ROUNDTRIP, MUX_NEW_STDIO_FWD, wants_trip, take_trip }
};

/* Asks n masters of one user. */
static int
ask_round(const struct round *round, struct master **v, size_t n, int ms)
{
	struct mux_query *q;
	size_t i;
	int r;

	if (n == 0)
		return 0;
	if ((q = mux_queries(n, MUX_ROOM_MANY)) == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		q[i].path = v[i]->pub.path;
		q[i].uid = v[i]->pub.uid;
		q[i].request = round->request;
	}
	r = mux_ask_as(q->uid, q, n, ms);
	for (i = 0; r == 0 && i < n; i++)
		r = round->take(v[i], &q[i]);
	free(q);
	return r;
}

/* room is for n masters. */
static int
ask_user(const struct tun_master *const *v, size_t n, uid_t uid,
    unsigned levels, int ms, struct master **room)
{
	size_t i, k, m;

	for (k = 0; k < sizeof(rounds) / sizeof(rounds[0]); k++) {
		if (!(levels & rounds[k].level))
			continue;
		for (i = m = 0; i < n; i++)
			if (v[i]->uid == uid && rounds[k].wants(v[i]->internal))
				room[m++] = v[i]->internal;
		if (ask_round(&rounds[k], room, m, ms) == -1)
			return -1;
	}
	return 0;
}

int
tun_masters_ask(const struct tun_master *const *v, size_t n, unsigned levels,
    int ms)
{
	struct master **room;
	size_t i, k;
	int r = 0;

	if (n == 0)
		return 0;
	if ((room = calloc(n, sizeof(*room))) == NULL)
		return -1;
	for (i = 0; r == 0 && i < n; i++) {
		for (k = 0; k < i && v[k]->uid != v[i]->uid; k++)
			continue;
		if (k == i)
			r = ask_user(v, n, v[i]->uid, levels, ms, room);
	}
	free(room);
	return r;
}

/* --- requests to one ------------------------------------------------------ */

/* Asks no other process than the one that was found. */
static int
request(const struct tun_master *m, int ms, uint32_t type,
    const struct tun_forward *fwd, const char *what)
{
	struct mux_query *q = mux_queries(1, MUX_ROOM_ALL);
	struct master *e = m->internal;

	if (q == NULL) {
		set_answer(e, ENOMEM, "");
		return -1;
	}
	q->path = m->path;
	q->uid = m->uid;
	q->pid = m->pid;
	q->request = type;
	q->fwd = fwd;
	q->what = what;
	if (mux_ask_as(m->uid, q, 1, ms) == -1)
		set_answer(e, errno, "");
	else
		(void)keep_answer(e, q->error, q->reply.text);
	e->pub.port = q->reply.port;
	if (e->pub.pid == 0)
		e->pub.pid = q->reply.pid;
	free(q);
	errno = m->error;
	return m->error == 0 ? 0 : -1;
}

int
tun_master_open(const struct tun_master *m, const struct tun_forward *fwd,
    int ms)
{
	return request(m, ms, MUX_OPEN_FWD, fwd, NULL);
}

int
tun_master_cancel(const struct tun_master *m, const struct tun_forward *fwd,
    int ms)
{
	return request(m, ms, MUX_CLOSE_FWD, fwd, NULL);
}

int
tun_master_stop(const struct tun_master *m, int ms)
{
	return request(m, ms, MUX_STOP_LISTENING, NULL, NULL);
}

int
tun_master_exit(const struct tun_master *m, int ms)
{
	return request(m, ms, MUX_TERMINATE, NULL, NULL);
}

int
tun_master_info(const struct tun_master *m, const char *what, int ms)
{
	return request(m, ms, MUX_EXT_INFO, NULL, what);
}
