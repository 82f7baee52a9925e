/* SPDX-License-Identifier: ISC */
/* tunkill's plan in words. */

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "plan.h"
#include "tool.h"

const char *
plan_result_name(enum plan_result result)
{
	static const char *const names[] = {
		"open", "sent", "ended", "gone", "declined", "refused",
		"failed", "came back"
	};

	return names[result];
}

/* --- a plan -------------------------------------------------------------- */

char *
plan_name(const struct plan_item *it)
{
	char *text = NULL;
	size_t i;

	for (i = 0; i < it->nfwds; i++) {
		if (it->fwds[i]->id != NULL)
			text = cell_join(text, ", ",
			    tool_xstrdup(it->fwds[i]->id));
	}
	return text != NULL ? text : tool_xstrdup(it->tun->id);
}

/* "ssh 4711 (fred@server)", with the user where it is not ours. */
static char *
ssh_text(const struct tun *t)
{
	char *via = cell_via(t), *text;

	text = tool_xasprintf("ssh %ld%s%s%s%s%s", (long)t->pid,
	    via != NULL ? " (" : "", via != NULL ? via : "",
	    via != NULL ? ")" : "", t->uid != geteuid() ? " of " : "",
	    t->uid != geteuid() ? tool_user(t->uid) : "");
	free(via);
	return text;
}

static char *
command_text(const struct tun_stop *stop)
{
	char *words = cell_words(stop->argv);

	if (stop->uid != geteuid())
		words = cell_join(words, " as ",
		    tool_xstrdup(tool_user(stop->uid)));
	return words;
}

static char *
what(const struct plan_item *it)
{
	const struct tun *t = it->tun;
	const char *sig = plan_signal_name(it->sig);
	char *ssh = ssh_text(t), *text = NULL, *command;

	switch (it->means) {
	case PLAN_REFUSE:
		text = tool_xasprintf("refused: %s", it->refusal);
		break;
	case PLAN_SIGNAL:
		text = tool_xasprintf("end %s by %s%s", ssh, sig,
		    t->ctl == TUN_CTL_REPLACED ? ", lest it removes another "
		    "master's control socket" : "");
		break;
	case PLAN_CLOSE:
		text = tool_xasprintf("have master %s close it", ssh);
		break;
	case PLAN_PARENT:
		text = tool_xasprintf("end %s %ld by %s, then %s by %s",
		    t->parent->comm, (long)t->parent->pid,
		    plan_signal_name(plan_parent_signal(it)), ssh, sig);
		break;
	case PLAN_COMMAND:
		command = command_text(it->stop);
		text = tool_xasprintf("run %s, which ends %s", command, ssh);
		free(command);
		break;
	}
	free(ssh);
	return text;
}

/* --- what goes with it --------------------------------------------------- */

static void
put(FILE *fp, const char *before, char *text, const char *after)
{
	char *s = tool_vis(text);

	fprintf(fp, "%s%s%s", before, s, after);
	free(s);
	free(text);
}

static void
put_with(FILE *fp, char *text)
{
	put(fp, "    with it: ", text, "\n");
}

static void
put_conns(const struct plan_item *it, const struct tun_fwd *fwd, FILE *fp)
{
	char *who = NULL;
	size_t i;

	for (i = 0; i < fwd->nclients; i++)
		who = cell_join(who, ", ", cell_peer(&fwd->clients[i]));
	put(fp, it->means == PLAN_CLOSE ? "    stays: " : "    with it: ",
	    tool_xasprintf("%d connection%s of %s%s%s", fwd->conns,
	    fwd->conns == 1 ? "" : "s", fwd->id, who != NULL ? ": " : "",
	    who != NULL ? who : ""), "\n");
	free(who);
}

static void
put_forward(const struct plan_item *it, const struct tun_fwd *fwd, FILE *fp)
{
	struct row row = { it->tun, fwd };
	char *listen, *target;

	if (it->whole && !plan_is_asked(it, fwd) && !plan_is_monitor(fwd)) {
		listen = cell_listen(&row);
		target = cell_target(&row);
		put_with(fp, tool_xasprintf("%s, %s to %s", fwd->id,
		    listen != NULL ? listen : "?",
		    target != NULL ? target : "?"));
		free(listen);
		free(target);
	}
	if (fwd->state == TUN_IN_MASTER)
		put(fp, "    stays: ", tool_xasprintf("%s, where a master "
		    "listens", fwd->id), "\n");
	if (fwd->conns > 0 && plan_takes(it, fwd))
		put_conns(it, fwd, fp);
}

static void
put_whole(const struct plan_item *it, FILE *fp)
{
	const struct tun *t = it->tun;
	size_t i;

	if (t->session != 0)
		put_with(fp, cell_join(tool_xstrdup("a shell or command"),
		    ": ", t->argv != NULL ? cell_words(t->argv) :
		    tool_xstrdup("?")));
	for (i = 0; i < t->nusers; i++)
		put_with(fp, cell_join(tool_xstrdup("what goes through the "
		    "master"), ": ", cell_peer(&t->users[i])));
	for (i = 0; i < t->nhelpers; i++)
		put_with(fp, cell_join(tool_xstrdup("jump helper"), " ",
		    cell_peer(&t->helpers[i])));
	/* Its own end is not in our hands. */
	if (it->means == PLAN_COMMAND && t->ctl == TUN_CTL_REPLACED)
		put_with(fp, cell_join(tool_xstrdup("another master's control "
		    "socket"), ": ", tool_xstrdup(t->ctlpath)));
}

void
plan_print(const struct plan *plan, const struct plan_item *it, FILE *fp)
{
	const struct tun *t;
	size_t i;

	put(fp, "", plan_name(it), ": ");
	put(fp, "", what(it), "\n");
	put(fp, "    why: ", tool_xstrdup(it->why), "\n");
	for (i = 0; i < it->tun->nfwds; i++)
		put_forward(it, &it->tun->fwds[i], fp);
	if (it->whole)
		put_whole(it, fp);
	for (t = NULL; (t = tun_next(plan->list, t)) != NULL;) {
		if (plan_is_mate(it, t))
			put_with(fp, cell_join(ssh_text(t), ", ",
			    tool_xstrdup("of the same unit")));
	}
}
