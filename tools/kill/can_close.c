/* SPDX-License-Identifier: ISC */
/* Can a master be asked to close a forward, and by which words? */

#include <stddef.h>
#include <string.h>

#include "common/pick.h"
#include "kill/plan.h"
#include "libfind.h"

int
plan_is_remote(const struct tun_forward *spec)
{
	return spec->kind == TUN_FWD_REMOTE || spec->kind == TUN_FWD_RDYNAMIC;
}

/* Returns the reason why this master cannot be asked at all, or NULL. */
static const char *
cannot_be_asked(const struct tun *t)
{
	if (t->served)
		return "sshd cannot be told to close one of its forwards";
	if (t->master != 1)
		return "ssh cannot close one of its forwards without a "
		    "control socket";
	switch (t->ctl) {
	case TUN_CTL_FOUND:
	case TUN_CTL_OK:
		break;
	case TUN_CTL_UNKNOWN:
		/* The PID in its answer has to be the right one. */
		if (tun_why_has(&t->why, TUN_WHY_DENIED) || t->netns == 0)
			break;
		return "the master has no control socket that can be used";
	case TUN_CTL_LOST:
		return "the path of the control socket is gone";
	case TUN_CTL_REPLACED:
		return "the path of the control socket is another master's";
	case TUN_CTL_HUNG:
		return "the master does not answer";
	default:
		return "the master has no control socket that can be used";
	}
	return t->ctlpath == NULL ?
	    "the path of the control socket is not known" : NULL;
}

const char *
plan_cannot_close(const struct tun *t, const struct tun_forward *spec)
{
	const struct tun_end *l = &spec->listen, *c = &spec->connect;
	const char *why = cannot_be_asked(t);

	if (why != NULL)
		return why;
	if (spec->kind == TUN_FWD_STDIO || spec->kind == TUN_FWD_DEVICE)
		return "a master cannot close this kind of forward";
	if (l->path == NULL && l->host != NULL && *l->host == '\0')
		return "its bind address is empty, which the mux protocol "
		    "cannot say";
	if (c->path == NULL && c->host != NULL && *c->host == '\0')
		return "its target is empty, which the mux protocol cannot "
		    "say";
	return NULL;
}

static int
is_known(const struct tun_end *end)
{
	return end->path != NULL || end->host != NULL || end->port != -1;
}

/*
 * A forward with a token that only ssh_config resolves has an end that is not
 * known.
 */
static int
is_read(const struct tun_forward *spec)
{
	return spec->kind == TUN_FWD_STDIO || spec->kind == TUN_FWD_DEVICE ||
	    (is_known(&spec->listen) && is_known(&spec->connect));
}

/*
 * The forward as the user has written it in full, if nothing else describes it.
 */
static const struct tun_forward *
named_in_full(const struct pick *pick, const struct tun_fwd *fwd)
{
	const struct tun_forward *f;
	size_t i, k;

	for (i = 0; i < pick->nsels; i++) {
		if (!(tun_select_match(pick->sels[i], fwd->tun, fwd) &
		    TUN_MATCH_FORWARD))
			continue;
		for (k = 0; (f = tun_select_forward(pick->sels[i], k)) !=
		    NULL; k++) {
			if (plan_is_remote(f) == plan_is_remote(&fwd->spec))
				return f;
		}
	}
	return NULL;
}

int
plan_is_localhost(const char *host)
{
	return host == NULL || strcmp(host, "127.0.0.1") == 0 ||
	    strcmp(host, "::1") == 0;
}

/*
 * The forward as a client of the master was told to have it there.  That is no
 * proof, so the master is asked and refuses if it has another target.
 */
static const struct tun_forward *
asked_by_client(const struct tun_list *list, const struct tun_fwd *fwd)
{
	const struct tun *t = NULL;
	const struct tun_fwd *f;
	size_t i;

	while ((t = tun_next(list, t)) != NULL) {
		for (i = 0; t->carrier == fwd->tun && i < t->nfwds; i++) {
			f = t->fwds[i];
			if (f->state == TUN_IN_MASTER && is_read(&f->spec) &&
			    tun_forward_same_listener(&f->spec, &fwd->spec))
				return &f->spec;
		}
	}
	return NULL;
}

const char *
plan_cannot_close_row(const struct plan *plan, const struct tun *t,
    const struct tun_fwd *fwd, const struct tun_forward **specp)
{
	if (fwd->source != TUN_SRC_SOCKET && is_read(&fwd->spec))
		*specp = fwd->asked != NULL ? fwd->asked : &fwd->spec;
	else if ((*specp = named_in_full(plan->pick, fwd)) == NULL)
		*specp = asked_by_client(plan->list, fwd);
	return plan_cannot_close(t, *specp != NULL ? *specp : &fwd->spec);
}
