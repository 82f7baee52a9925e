/* SPDX-License-Identifier: ISC */
/* What tunkill is going to do, decided before anything is done. */

#include <sys/types.h>

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "compat.h"
#include "plan.h"
#include "tool.h"

/* --- signals ------------------------------------------------------------- */

/* Those by which an ssh ends.  STOP or CONT would only leave it there. */
static const struct {
	int sig;
	const char *name;
} signals[] = {
	{ SIGHUP, "HUP" }, { SIGINT, "INT" }, { SIGQUIT, "QUIT" },
	{ SIGABRT, "ABRT" }, { SIGKILL, "KILL" }, { SIGUSR1, "USR1" },
	{ SIGUSR2, "USR2" }, { SIGALRM, "ALRM" }, { SIGTERM, "TERM" }
};
#define NSIGNALS	(sizeof(signals) / sizeof(signals[0]))

const char *
plan_signal_name(int sig)
{
	size_t i;

	for (i = 0; i < NSIGNALS; i++) {
		if (signals[i].sig == sig)
			return signals[i].name;
	}
	return "?";
}

int
plan_signal_parse(const char *s)
{
	const char *errstr;
	int number;
	size_t i;

	number = (int)strtonum(s, 1, INT_MAX, &errstr);
	if (errstr != NULL)
		number = -1;
	if (strncasecmp(s, "SIG", 3) == 0)
		s += 3;
	for (i = 0; i < NSIGNALS; i++) {
		if (signals[i].sig == number ||
		    strcasecmp(signals[i].name, s) == 0)
			return signals[i].sig;
	}
	return -1;
}

const char *
plan_result_name(enum plan_result result)
{
	static const char *const names[] = {
		"open", "sent", "ended", "gone", "declined", "refused",
		"failed", "came back"
	};

	return names[result];
}

/* --- what is asked for --------------------------------------------------- */

/* autossh's own pair is nobody's forward. */
static int
is_monitor(const struct tun_fwd *fwd)
{
	return (fwd->why & TUN_WHY_MONITOR) != 0;
}

static int
is_picked(const struct tun_fwd *fwd, const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (rows[i].fwd == fwd)
			return 1;
	}
	return 0;
}

static int
has_all(const struct tun *t, const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (!is_monitor(&t->fwds[i]) &&
		    !is_picked(&t->fwds[i], rows, n))
			return 0;
	}
	return 1;
}

/*
 * Was it the tunnel that was named, or something that it forwards?  PIDs,
 * destinations, labels and control paths name tunnels; without operands the
 * options do, as long as they leave none of its forwards out.
 */
static int
names_tunnel(const struct pick *pick, const struct tun *t,
    const struct row *rows, size_t n)
{
	struct tun bare = *t;
	size_t i;

	if (!has_all(t, rows, n))
		return 0;
	bare.nfwds = 0;
	for (i = 0; i < pick->nsels; i++) {
		if (tun_select_match(pick->sels[i], &bare, NULL) != 0)
			return 1;
	}
	return pick->nsels == 0;
}

/* --- reasons against ----------------------------------------------------- */

/* Takes the ownership of text; the first reason is the one that is given. */
static void
refuse(struct plan_item *it, char *text)
{
	if (it->refusal != NULL) {
		free(text);
		return;
	}
	it->means = PLAN_REFUSE;
	it->result = PLAN_REFUSED;
	it->refusal = text;
}

static int
is_ours(const struct tun *t)
{
	return geteuid() == 0 || t->uid == geteuid();
}

/* "L8008, D1080" of those forwards that are not asked for; NULL: none. */
static char *
others(const struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *text = NULL, *longer;
	size_t i, j;

	for (i = 0; i < t->nfwds; i++) {
		for (j = 0; j < it->nfwds && it->fwds[j] != &t->fwds[i]; j++)
			;
		if (j < it->nfwds || is_monitor(&t->fwds[i]) ||
		    t->fwds[i].id == NULL)
			continue;
		longer = tool_xasprintf("%s%s%s", text != NULL ? text : "",
		    text != NULL ? ", " : "", t->fwds[i].id);
		free(text);
		text = longer;
	}
	return text;
}

static char *
users(const struct tun *t)
{
	char *text = NULL, *longer;
	size_t i;

	for (i = 0; i < t->nusers; i++) {
		longer = tool_xasprintf("%s%sssh %ld", text != NULL ? text :
		    "", text != NULL ? ", " : "", (long)t->users[i].pid);
		free(text);
		text = longer;
	}
	return text;
}

static const char *
session_text(const struct tun *t)
{
	if (t->session < 0)
		return "it may carry a shell: its command line is hidden";
	if (t->origin == TUN_ORIGIN_FOREGROUND)
		return "a shell or command runs in it, in the foreground";
	return "a shell or command runs in it";
}

/* --- supervisors --------------------------------------------------------- */

static int
starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static void
set_command(struct plan_item *it, uid_t as, const char *const *words)
{
	size_t i, n = 0;

	while (words[n] != NULL)
		n++;
	it->command = tool_xcalloc(n + 1, sizeof(*it->command));
	for (i = 0; i < n; i++)
		it->command[i] = tool_xstrdup(words[i]);
	/* We can become nobody else unless we are root. */
	it->as = geteuid() == 0 ? as : geteuid();
	it->means = PLAN_COMMAND;
}

/* The words that end the tunnel for good, by whatever supervises it. */
static int
find_command(struct plan_item *it)
{
	/* What a supervisor of one service is told by its directory. */
	static const struct {
		const char *name, *words[2];
	} tools[] = {
		{ "runsv ", { "sv", "down" } },
		{ "s6-supervise ", { "s6-svc", "-d" } },
		{ "supervise ", { "svc", "-d" } }
	};
	const struct tun *t = it->tun;
	const char *s = t->supervisor;
	size_t i;

	if (t->unit != NULL && starts(s, "systemd --user ")) {
		set_command(it, t->uid, (const char *[]){ "systemctl",
		    "--user", "stop", "--", t->unit, NULL });
		return 1;
	}
	if (t->unit != NULL && starts(s, "systemd ")) {
		set_command(it, 0, (const char *[]){ "systemctl", "stop",
		    "--", t->unit, NULL });
		return 1;
	}
	for (i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		if (!starts(s, tools[i].name) || t->parent == NULL ||
		    t->parent->cwd == NULL)
			continue;
		set_command(it, t->parent->uid, (const char *[]){
		    tools[i].words[0], tools[i].words[1], t->parent->cwd,
		    NULL });
		return 1;
	}
	return 0;
}

static int
is_shell(const char *name)
{
	static const char *const shells[] = {
		"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish"
	};
	size_t i;

	for (i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(name, shells[i]) == 0)
			return 1;
	}
	return 0;
}

/*
 * A script has the shell's name, or its own where it is executed by "#!"; an
 * interactive shell has no operand.
 */
static int
is_script(const struct tun_peer *p)
{
	const char *const *w = p->argv, *base;

	if (w == NULL || w[0] == NULL || w[1] == NULL)
		return 0;
	if ((base = strrchr(w[0], '/')) != NULL)
		base++;
	else
		base = w[0];
	if (!is_shell(p->comm) && !is_shell(base))
		return 0;
	while (*++w != NULL) {
		if (**w != '-' || strchr(*w, 'c') != NULL)
			return 1;
	}
	return 0;
}

/* Those whose own end is the end of what they start again, and no more. */
static int
ends_with_parent(const struct tun *t)
{
	if (t->parent == NULL)
		return 0;
	if (t->supervisor == NULL)
		return is_script(t->parent);
	return t->supervisor_pid == t->parent->pid &&
	    (starts(t->supervisor, "autossh ") ||
	    starts(t->supervisor, "shell loop ") ||
	    starts(t->supervisor, "daemon "));
}

static char *
command_text(char *const *command)
{
	return cell_words((const char *const *)command);
}

static void
plan_supervised(struct plan_item *it, struct tun_ctx *ctx, unsigned flags)
{
	const struct tun *t = it->tun;
	char *text;

	if (t->supervisor == NULL && !(flags & PLAN_SUPERVISOR))
		return;
	if (ends_with_parent(t)) {
		if (!(flags & PLAN_SUPERVISOR))
			refuse(it, tool_xasprintf("%s starts it again: "
			    "--supervisor ends that first", t->supervisor));
		else if (tun_is_ancestor(ctx, t->parent->pid))
			refuse(it, tool_xasprintf("its parent %s %ld is what "
			    "runs this command", t->parent->comm,
			    (long)t->parent->pid));
		else
			it->means = PLAN_PARENT;
		return;
	}
	if (t->supervisor == NULL)
		return;
	if (!find_command(it)) {
		refuse(it, tool_xasprintf("%s starts it again, and has to be "
		    "told to stop it", t->supervisor));
		return;
	}
	if (flags & PLAN_SUPERVISOR)
		return;
	text = command_text(it->command);
	refuse(it, tool_xasprintf("%s starts it again: %s (--supervisor runs "
	    "that)", t->supervisor, text));
	free(text);
}

/* --- means --------------------------------------------------------------- */

/*
 * An orderly end removes the control path, be it another master's by now.
 * The user's own choice of a signal stands only where it does not.
 */
static int
choose_signal(const struct tun *t, int sig)
{
	return t->ctl == TUN_CTL_REPLACED ? SIGKILL : sig;
}

static void
plan_whole(struct plan_item *it, struct tun_ctx *ctx, unsigned flags,
    int sig)
{
	const struct tun *t = it->tun;
	char *text;

	it->whole = 1;
	it->means = PLAN_SIGNAL;
	it->sig = choose_signal(t, sig);
	if (tun_is_ancestor(ctx, t->pid))
		refuse(it, tool_xstrdup("it is what runs this command"));
	if (!is_ours(t))
		refuse(it, tool_xasprintf("it is %s's", tool_user(t->uid)));
	if (t->session != 0 && !(flags & PLAN_SESSIONS))
		refuse(it, tool_xasprintf("%s: --sessions ends it too",
		    session_text(t)));
	if (t->nusers > 0 && !(flags & PLAN_SESSIONS)) {
		text = users(t);
		refuse(it, tool_xasprintf("%s %s through this master: "
		    "--sessions ends %s too", text, t->nusers == 1 ? "goes" :
		    "go", t->nusers == 1 ? "it" : "them"));
		free(text);
	}
	if (it->refusal == NULL)
		plan_supervised(it, ctx, flags);
}

/* Why the master cannot be told to close this one, or NULL. */
static const char *
unreachable(const struct tun_fwd *fwd)
{
	const struct tun *t = fwd->tun;
	const struct tun_end *l = &fwd->spec.listen, *c = &fwd->spec.connect;

	if (t->master != 1)
		return "ssh cannot close one of its forwards without a "
		    "control socket";
	switch (fwd->spec.kind) {
	case TUN_FWD_STDIO:
	case TUN_FWD_DEVICE:
		return "a master cannot close this kind of forward";
	default:
		break;
	}
	switch (t->ctl) {
	case TUN_CTL_FOUND:
	case TUN_CTL_OK:
		break;
	case TUN_CTL_LOST:
		return "the path of the control socket is gone";
	case TUN_CTL_REPLACED:
		return "the path of the control socket is another master's";
	case TUN_CTL_HUNG:
		return "the master does not answer";
	default:
		return "the master has no control socket that can be used";
	}
	if (t->ctlpath == NULL)
		return "the path of the control socket is not known";
	if (fwd->source == TUN_SRC_SOCKET)
		return "nothing says where it leads, and a master closes only "
		    "what is named in full";
	if (l->path == NULL && l->host != NULL && *l->host == '\0')
		return "its bind address is empty, which the mux protocol "
		    "cannot say";
	if (c->path == NULL && c->host != NULL && *c->host == '\0')
		return "its target is empty, which the mux protocol cannot "
		    "say";
	return NULL;
}

static int
carries_more(const struct tun *t, int all)
{
	return !all || t->session != 0 || t->nusers > 0;
}

/* What --whole would end beside what was asked for. */
static char *
rest(const struct plan_item *it)
{
	const struct tun *t = it->tun;
	char *fwds = others(it), *who = users(t), *text;
	int conns = 0;
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (t->fwds[i].conns > 0)
			conns += t->fwds[i].conns;
	}
	text = tool_xasprintf("%s%s%s%s%s",
	    fwds != NULL ? fwds : "",
	    fwds != NULL && t->session != 0 ? ", " : "",
	    t->session != 0 ? "a shell or command" : "",
	    (fwds != NULL || t->session != 0) && who != NULL ? ", " : "",
	    who != NULL ? who : "");
	free(fwds);
	free(who);
	if (conns > 0) {
		who = tool_xasprintf("%s (%d connection%s in all)", text,
		    conns, conns == 1 ? "" : "s");
		free(text);
		text = who;
	}
	return text;
}

static void
plan_forward(struct plan_item *it)
{
	const struct tun_fwd *fwd = it->fwds[0];
	const struct tun *t = it->tun;
	const char *why;
	char *text;

	if (!is_ours(t))
		refuse(it, tool_xasprintf("it is %s's", tool_user(t->uid)));
	if (fwd->state == TUN_IN_MASTER)
		refuse(it, tool_xasprintf("a master listens in place of ssh "
		    "%ld", (long)t->pid));
	if ((why = unreachable(fwd)) == NULL) {
		if (it->refusal == NULL)
			it->means = PLAN_CLOSE;
		return;
	}
	text = rest(it);
	refuse(it, tool_xasprintf("ssh %ld also carries %s, and %s: --whole%s "
	    "ends it all", (long)t->pid, text, why, t->session != 0 ||
	    t->nusers > 0 ? " --sessions" : ""));
	free(text);
}

static struct plan_item *
add(struct plan *plan, const struct tun *t)
{
	struct plan_item *it;

	plan->items = tool_xreallocarray(plan->items, plan->n + 1,
	    sizeof(*plan->items));
	it = &plan->items[plan->n++];
	memset(it, 0, sizeof(*it));
	it->tun = t;
	return it;
}

static void
add_forwards(struct plan_item *it, const struct row *rows, size_t n)
{
	size_t i;

	it->fwds = tool_xcalloc(n, sizeof(*it->fwds));
	for (i = 0; i < n; i++) {
		if (rows[i].fwd != NULL)
			it->fwds[it->nfwds++] = rows[i].fwd;
	}
}

/* The rows of one tunnel. */
static void
plan_tunnel(struct plan *plan, struct tun_ctx *ctx, const struct pick *pick,
    const struct row *rows, size_t n, unsigned flags, int sig)
{
	const struct tun *t = rows[0].tun;
	int all = has_all(t, rows, n), some = 0;
	struct plan_item *it;
	size_t i;

	for (i = 0; i < n; i++)
		some += rows[i].fwd != NULL && unreachable(rows[i].fwd) == NULL;
	if (flags & PLAN_WHOLE || rows[0].fwd == NULL ||
	    names_tunnel(pick, t, rows, n) ||
	    (some == 0 && !carries_more(t, all))) {
		it = add(plan, t);
		add_forwards(it, rows, n);
		plan_whole(it, ctx, flags, sig);
		return;
	}
	for (i = 0; i < n; i++) {
		it = add(plan, t);
		add_forwards(it, &rows[i], 1);
		plan_forward(it);
	}
}

void
plan_make(struct plan *plan, struct tun_ctx *ctx, const struct tun_list *list,
    const struct pick *pick, const struct row *rows, size_t nrows,
    unsigned flags, int sig)
{
	size_t i, n;

	memset(plan, 0, sizeof(*plan));
	plan->list = list;
	for (i = 0; i < nrows; i += n) {
		for (n = 1; i + n < nrows && rows[i + n].tun == rows[i].tun;
		    n++)
			;
		plan_tunnel(plan, ctx, pick, &rows[i], n, flags, sig);
	}
}

void
plan_free(struct plan *plan)
{
	struct plan_item *it;
	size_t i, j;

	for (i = 0; i < plan->n; i++) {
		it = &plan->items[i];
		for (j = 0; it->command != NULL && it->command[j] != NULL; j++)
			free(it->command[j]);
		for (j = 0; it->helpers != NULL && j < it->tun->nhelpers; j++)
			tun_victim_free(it->helpers[j]);
		for (j = 0; j < it->nfiles; j++)
			free(it->files[j].path);
		tun_victim_free(it->victim);
		tun_victim_free(it->parent);
		free(it->helpers);
		free(it->files);
		free(it->command);
		free(it->fwds);
		free(it->refusal);
		free(it->detail);
	}
	free(plan->items);
}

/* --- in words ------------------------------------------------------------ */

char *
plan_name(const struct plan_item *it)
{
	char *text = NULL, *longer;
	size_t i;

	for (i = 0; i < it->nfwds; i++) {
		if (it->fwds[i]->id == NULL)
			continue;
		longer = tool_xasprintf("%s%s%s", text != NULL ? text : "",
		    text != NULL ? ", " : "", it->fwds[i]->id);
		free(text);
		text = longer;
	}
	return text != NULL ? text : tool_xstrdup(it->tun->id);
}

/* "ssh 4711 (fred@server)", with the user where it is not ours. */
static char *
who(const struct tun *t)
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
what(const struct plan_item *it)
{
	const struct tun *t = it->tun;
	const char *sig = plan_signal_name(it->sig);
	char *ssh = who(t), *text = NULL, *command;

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
		text = tool_xasprintf("end %s %ld by TERM, then %s by %s",
		    t->parent->comm, (long)t->parent->pid, ssh, sig);
		break;
	case PLAN_COMMAND:
		command = command_text(it->command);
		text = tool_xasprintf("run %s, which ends %s", command, ssh);
		free(command);
		break;
	}
	free(ssh);
	return text;
}

static void
put(FILE *fp, const char *before, char *text, const char *after)
{
	char *s = tool_vis(text);

	fprintf(fp, "%s%s%s", before, s, after);
	free(s);
	free(text);
}

static int
is_asked(const struct plan_item *it, const struct tun_fwd *fwd)
{
	size_t i;

	for (i = 0; i < it->nfwds; i++) {
		if (it->fwds[i] == fwd)
			return 1;
	}
	return 0;
}

static void
put_forward(const struct plan_item *it, const struct tun_fwd *fwd, FILE *fp)
{
	struct row row = { it->tun, fwd };
	char *listen, *target;
	size_t i;

	if (it->whole && !is_asked(it, fwd) && !is_monitor(fwd)) {
		listen = cell_listen(&row);
		target = cell_target(&row);
		put(fp, "    with it: ", tool_xasprintf("%s, %s to %s",
		    fwd->id, listen != NULL ? listen : "?",
		    target != NULL ? target : "?"), "\n");
		free(listen);
		free(target);
	}
	if (fwd->state == TUN_IN_MASTER)
		put(fp, "    stays: ", tool_xasprintf("%s, where a master "
		    "listens", fwd->id), "\n");
	if (fwd->conns <= 0 || (!it->whole && !is_asked(it, fwd)))
		return;
	put(fp, it->means == PLAN_CLOSE ? "    stays: " : "    with it: ",
	    tool_xasprintf("%d connection%s of %s", fwd->conns,
	    fwd->conns == 1 ? "" : "s", fwd->id), "");
	for (i = 0; i < fwd->nclients; i++)
		put(fp, i == 0 ? ": " : ", ", cell_peer(&fwd->clients[i]), "");
	putc('\n', fp);
}

void
plan_print(const struct plan_item *it, FILE *fp)
{
	const struct tun *t = it->tun;
	char *words;
	size_t i;

	put(fp, "", plan_name(it), ": ");
	put(fp, "", what(it), "\n");
	for (i = 0; i < t->nfwds; i++)
		put_forward(it, &t->fwds[i], fp);
	if (!it->whole)
		return;
	if (t->session != 0) {
		words = t->argv != NULL ? cell_words(t->argv) :
		    tool_xstrdup("?");
		put(fp, "    with it: a shell or command: ", words, "\n");
	}
	for (i = 0; i < t->nusers; i++)
		put(fp, "    with it: what goes through the master: ",
		    cell_peer(&t->users[i]), "\n");
	for (i = 0; i < t->nhelpers; i++)
		put(fp, "    with it: jump helper ",
		    cell_peer(&t->helpers[i]), "\n");
}
