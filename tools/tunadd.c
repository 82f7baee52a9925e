/* SPDX-License-Identifier: ISC */
/* tunadd: add forwards to a running master. */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/foreign.h"
#include "common/journal_use.h"
#include "common/options.h"
#include "common/out.h"
#include "common/sshname.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "compat/ms.h"
#include "libfind.h"

#define CHECK_MS	1000
#define OPEN_MS		10000	/* a remote forward waits for the server */
#define LISTEN_MS	2000	/* from its OK to its listener */
#define POLL_MS		10

#define OPT_SSH_NAME	0x100

static const struct option_row option_rows[] = {
	OPTION_GROUP("add"),
	{ 'L', NULL, "SPEC", NULL, "add a local forward" },
	{ 'R', NULL, "SPEC", NULL, "add a remote forward" },
	{ 'D', NULL, "SPEC", NULL, "add a dynamic forward" },
	OPTION_GROUP("to"),
	{ 'S', NULL, "SOCKET", "@socket", "the master at this control socket" },
	{ OPT_SSH_NAME, "ssh-name", "NAME", "@program", "another name of ssh" },
	OPTION_GROUP("how"),
	{ 'n', "dry-run", NULL, NULL, "only say what would be added" },
	{ 't', NULL, "TIME", "1 10 30 60", "wait so long for each answer" },
	OPTION_GROUP(OPTION_ALONE),
	OPTION_END
};

static const struct options options = {
	"usage: tunadd [option ...] [selector]\n",
	"A selector is an ID, a port, a PID, a host, @label or a path: "
	"tunnels(7).\n"
	"A SPEC is that of ssh(1); each forward may be given more than once.\n",
	option_rows
};

struct spec {
	char option;
	const char *text;
	struct tun_forward *fwd;
};

struct args {
	struct spec *specs;
	size_t nspecs;
	const char *path;		/* -S */
	const char *word;
	struct tun_select *sel;
	int dry, ms;
	struct sshnames ssh_names;
};

/* The master, with the facts that are known of it. */
struct target {
	struct tun_ctx *ctx;
	unsigned needs;			/* TUN_SCAN_ flags */
	struct tun_list *list;
	struct tun_masters *masters;
	const struct tun_master *master;
	const struct tun *tun;		/* NULL: its process cannot be seen */
};

/* --- what is asked for --------------------------------------------------- */

static void
add_spec(struct args *args, int option, const char *text)
{
	enum tun_fwd_kind kind = option == 'L' ? TUN_FWD_LOCAL :
	    option == 'R' ? TUN_FWD_REMOTE : TUN_FWD_DYNAMIC;
	const char *errstr;
	struct spec *spec;

	args->specs = tool_xreallocarray(args->specs, args->nspecs + 1,
	    sizeof(*args->specs));
	spec = &args->specs[args->nspecs++];
	spec->option = (char)option;
	spec->text = text;
	spec->fwd = tun_forward_parse(kind, text, &errstr);
	if (spec->fwd == NULL && errno == ENOMEM)
		tool_fail("%s", strerror(errno));
	if (spec->fwd == NULL)
		tool_usage("-%c %s: %s", option, text, errstr);
}

static void
parse(struct args *args, int argc, char **argv)
{
	const char *errstr;
	int c;

	args->ms = OPEN_MS;
	while ((c = options_next(&options, argc, argv)) != -1) {
		switch (c) {
		case 'D':
		case 'L':
		case 'R':
			add_spec(args, c, optarg);
			break;
		case 'S':
			if (*optarg == '\0')
				tool_usage("-S: empty path");
			args->path = optarg;
			break;
		case 'n':
			args->dry = 1;
			break;
		case 't':
			args->ms = (int)tool_ms("-t", optarg, 1, 3600000);
			break;
		case OPT_SSH_NAME:
			sshname_add(&args->ssh_names, optarg);
			break;
		}
	}
	if (args->nspecs == 0)
		tool_usage("nothing to add: -L, -R or -D is needed");
	if (optind < argc)
		args->word = argv[optind++];
	if (optind < argc)
		tool_usage("%s: one tunnel at a time", argv[optind]);
	if (args->word != NULL && args->path != NULL)
		tool_usage("%s: -S has named the master already", args->word);
	if (args->word == NULL && args->path == NULL)
		tool_usage("to which tunnel? a selector or -S is needed");
	if (args->word != NULL &&
	    (args->sel = tun_select_parse(args->word, &errstr)) == NULL)
		tool_bad_word(args->word, errstr);
}

/* --- to which master ----------------------------------------------------- */

static void
scan(struct target *to, unsigned more)
{
	tun_list_free(to->list);
	to->list = NULL;
	to->tun = NULL;
	if (tun_scan(to->ctx, TUN_SCAN_OWN | TUN_SCAN_SOCKETS | to->needs | more,
	    &to->list) == -1)
		tool_fail("cannot look: %s", strerror(errno));
}

static const struct tun *
find_pid(const struct tun_list *list, pid_t pid)
{
	const struct tun *t = NULL;

	while ((t = tun_next(list, t)) != NULL && t->pid != pid)
		continue;
	return t;
}

/*
 * Was it named other than by its target or jump host?  Those names mean other
 * machines.
 */
static int
is_named(const struct args *args, const struct tun *t)
{
	unsigned others = TUN_MATCH_TARGET | TUN_MATCH_JUMP;

	return (tun_select_match(args->sel, t, NULL) & ~others) != 0;
}

/* Does the selector name a master? */
static int
names_master(const struct args *args, const struct tun_list *list)
{
	const struct tun *t = NULL;

	while ((t = tun_next(list, t)) != NULL)
		if (t->master == 1 && is_named(args, t))
			return 1;
	return 0;
}

/*
 * Returns the one master that is meant, or NULL if there is none; several are
 * an error that ends the tool.
 */
static const struct tun *
choose(const struct args *args, const struct tun_list *list)
{
	const struct tun *t = NULL, *found = NULL;
	char *names = tool_xstrdup(""), *longer;
	int masters = names_master(args, list);
	size_t n = 0;

	while ((t = tun_next(list, t)) != NULL) {
		if ((masters && t->master != 1) || !is_named(args, t))
			continue;
		found = t;
		longer = tool_xasprintf("%s%s%ld", names, n++ > 0 ? ", " : "",
		    (long)t->pid);
		free(names);
		names = longer;
	}
	if (n > 1)
		tool_usage("%s: names %zu %s: pids %s", args->word, n,
		    masters ? "masters" : "tunnels", names);
	free(names);
	return found;
}

static void
put_unmatched(const struct args *args, const struct target *to)
{
	if (args->sel == NULL || !foreign_put(to->ctx, TUN_SCAN_INFO,
	    args->sel, args->word, NULL))
		tool_warn("%s: no such tunnel", args->word);
}

static void
find_by_word(const struct args *args, struct target *to)
{
	const struct tun *t;

	scan(to, *args->word == '@' ? TUN_SCAN_ENV : 0);
	if ((t = choose(args, to->list)) == NULL) {
		put_unmatched(args, to);
		exit(TOOL_NONE);
	}
	if (t->master != 1 || t->ctlpath == NULL)
		tool_fail("%s: pid %ld is no master: only one that was "
		    "started with -M and -S can be given more forwards",
		    args->word, (long)t->pid);
	if (tun_masters_find(to->ctx, to->list, geteuid(),
	    TUN_MASTERS_SOCKETS, &to->masters) == -1)
		tool_fail("cannot look for sockets: %s", strerror(errno));
	if ((to->master = tun_masters_of(to->masters, t)) == NULL)
		tool_fail("%s: %s", t->ctlpath, strerror(errno));
}

static void
find_by_path(const struct args *args, struct target *to)
{
	scan(to, 0);
	if (tun_masters_find(to->ctx, to->list, geteuid(), 0, &to->masters) ==
	    -1 || (to->master = tun_masters_at(to->masters, args->path)) ==
	    NULL)
		tool_fail("%s: %s", args->path, strerror(errno));
}

static void
find_master(const struct args *args, struct target *to)
{
	const struct tun_master *m;

	if (args->sel != NULL)
		find_by_word(args, to);
	else
		find_by_path(args, to);
	if (tun_masters_ask(&to->master, 1, TUN_ASK_MASTER, CHECK_MS) == -1)
		tool_fail("cannot ask: %s", strerror(errno));
	m = to->master;
	switch (m->ctl) {
	case TUN_CTL_OK:
		break;
	case TUN_CTL_NONE:
	case TUN_CTL_DEAD:
		tool_warn("%s: no master: %s", m->path, m->text);
		exit(TOOL_NONE);
	case TUN_CTL_LOST:
	case TUN_CTL_REPLACED:
		tool_fail("%s: its path does not lead to pid %ld any more",
		    m->path, (long)m->pid);
	case TUN_CTL_FOREIGN:
		tool_fail("%s: another user's master: run tunadd as that "
		    "user", m->path);
	default:
		tool_fail("%s: %s: %s", m->path, tun_ctl_name(m->ctl),
		    *m->text != '\0' ? m->text : strerror(m->error));
	}
	to->tun = find_pid(to->list, m->pid);
}

/* --- what listens -------------------------------------------------------- */

/*
 * The number of listeners at fwd that the master has; -1 if they cannot be
 * seen.
 */
static int
count_own(const struct target *to, const struct tun_forward *fwd)
{
	const struct tun_peer **v;
	size_t i, n;
	int own = 0;

	if (to->tun == NULL ||
	    tun_listeners(to->ctx, to->tun, fwd, 0, &v, &n) == -1)
		return -1;
	for (i = 0; i < n; i++)
		own += v[i]->pid == to->tun->pid;
	free(v);
	return own;
}

static void
put_holder(const struct spec *spec, const struct tun_peer *holder,
    const char *so)
{
	char *addr, *who;

	addr = holder->addr.family == AF_UNIX ?
	    tool_xstrdup(spec->fwd->listen.path) : cell_addr(&holder->addr);
	if (holder->pid != 0)
		who = tool_xasprintf("%s (pid %ld)", holder->comm,
		    (long)holder->pid);
	else
		who = tool_xasprintf("a process of %s",
		    holder->uid == (uid_t)-1 ? "somebody" :
		    tool_user(holder->uid));
	tool_warn("-%c %s: %s%s is %s's", spec->option, spec->text, so, addr,
	    who);
	free(who);
	free(addr);
}

/* Names the other processes that listen there; returns their number. */
static int
put_holders(const struct target *to, const struct spec *spec,
    const char *so)
{
	const struct tun_peer **v;
	size_t i, n;
	int strangers = 0;

	if (to->tun == NULL ||
	    tun_listeners(to->ctx, to->tun, spec->fwd, 1, &v, &n) == -1)
		return 0;
	for (i = 0; i < n; i++) {
		if (v[i]->pid == to->tun->pid)
			continue;
		put_holder(spec, v[i], so);
		strangers++;
	}
	free(v);
	return strangers;
}

/*
 * Waits until it listens.  Returns the number of sockets; 0 if it never
 * listened, -1 if they cannot be seen.
 */
static int
wait_listen(const struct target *to, const struct tun_forward *fwd)
{
	int64_t deadline = ms_now() + LISTEN_MS;
	int own;

	while ((own = count_own(to, fwd)) == 0 && ms_now() < deadline)
		ms_sleep(POLL_MS);
	return own;
}

/* --- adding -------------------------------------------------------------- */

static int
open_fwd(const struct args *args, const struct target *to,
    const struct spec *spec, const struct tun_forward *fwd)
{
	const struct tun_master *m = to->master;

	if (tun_master_open(m, fwd, args->ms) == 0)
		return 0;
	if (errno == ETIMEDOUT)
		tool_warn("-%c %s: no answer in time; the master may still "
		    "open it", spec->option, spec->text);
	else if (strcmp(m->text, "Permission denied") == 0)
		tool_warn("-%c %s: the master was told to ask, and the answer "
		    "was no", spec->option, spec->text);
	else if (tun_forward_is_local(spec->fwd) && count_own(to, fwd) > 0)
		tool_warn("-%c %s: the master itself listens there, for "
		    "another target", spec->option, spec->text);
	else if (!tun_forward_is_local(spec->fwd) ||
	    put_holders(to, spec, "") == 0)
		tool_warn("-%c %s: %s", spec->option, spec->text,
		    *m->text != '\0' ? m->text : strerror(m->error));
	return -1;
}

/*
 * The master remembers this forward from an earlier attempt that failed, and
 * reports success without listening.  Up to OpenSSH 10.0 the entry can be
 * cancelled.  Later releases keep it for ever, but take localhost and no
 * address for different forwards, although the sockets are the same.
 */
static int
open_again(const struct args *args, const struct target *to,
    const struct spec *spec, struct tun_forward *sent)
{
	struct tun_forward fwd = *spec->fwd;
	int own;

	if (fwd.listen.path == NULL && fwd.listen.host != NULL &&
	    *fwd.listen.host == '\0')
		fwd.listen.host = "*";
	if (tun_master_cancel(to->master, &fwd, args->ms) == -1) {
		if (fwd.listen.path == NULL && fwd.listen.host == NULL)
			fwd.listen.host = "localhost";
		else if (fwd.listen.path == NULL &&
		    strcmp(fwd.listen.host, "localhost") == 0)
			fwd.listen.host = NULL;
		else
			return 0;
	}
	if (open_fwd(args, to, spec, &fwd) == -1)
		return -1;
	own = wait_listen(to, &fwd);
	/* An attempt that failed must leave nothing behind. */
	if (own == 0)
		tun_master_cancel(to->master, &fwd, args->ms);
	*sent = fwd;
	return own;
}

/* Is it the row of what was added? */
static int
is_added(const struct tun_fwd *fwd, const struct tun_forward *added)
{
	size_t i;

	if (tun_forward_same_listener(&fwd->spec, added))
		return 1;
	for (i = 0; added->listen.path == NULL && i < fwd->naddrs; i++)
		if (tun_forward_is_local(added) &&
		    fwd->addrs[i].port == added->listen.port &&
		    fwd->addrs[i].family != AF_UNIX)
			return 1;
	return 0;
}

/* The ID as tunps shows it; the caller frees it. */
static char *
find_id(struct target *to, const struct spec *spec)
{
	size_t i;

	scan(to, 0);
	if ((to->tun = find_pid(to->list, to->master->pid)) == NULL)
		return NULL;
	for (i = 0; i < to->tun->nfwds; i++)
		if (is_added(to->tun->fwds[i], spec->fwd))
			return tool_xstrdup(to->tun->fwds[i]->id);
	return NULL;
}

static void
put_added(struct target *to, const struct spec *spec, uint32_t port)
{
	const struct tun_end *end = &spec->fwd->listen;
	char *id = NULL, *text;

	id = find_id(to, spec);
	/* The server listens, which nothing here but the journal shows. */
	if (id == NULL && end->path != NULL)
		id = tool_xasprintf("%c%s", spec->option, end->path);
	else if (id == NULL)
		id = tool_xasprintf("%c%d", spec->option, end->port);
	text = tool_vis(id);
	if (!tun_forward_is_local(spec->fwd) && end->path == NULL &&
	    end->port == 0)
		printf("%s %lu\n", text, (unsigned long)port);
	else
		printf("%s\n", text);
	fflush(stdout);
	free(text);
	free(id);
}

/*
 * May the master be asked?  Returns 0 and reports why not.  If something is not
 * known, the master may be asked, but nothing is promised.
 */
static int
may_open(const struct args *args, const struct target *to,
    const struct spec *spec)
{
	const char *why;

	switch (tun_can_open(to->ctx, to->list, to->tun, spec->fwd, &why)) {
	case TUN_OPEN_YES:
	case TUN_OPEN_HAS:
		return 1;
	case TUN_OPEN_UNKNOWN:
		if (!args->dry)
			return 1;
		tool_warn("-%c %s: not known: %s", spec->option, spec->text,
		    why);
		return 0;
	case TUN_OPEN_TAKEN:
		if (put_holders(to, spec, "") > 0)
			return 0;
		break;
	case TUN_OPEN_NO:
		break;
	}
	tool_warn("-%c %s: %s", spec->option, spec->text, why);
	return 0;
}

static int
is_any(const char *host)
{
	return host != NULL && (*host == '\0' || strcmp(host, "*") == 0 ||
	    strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0);
}

static int
is_localhost(const char *host)
{
	return host == NULL || strcasecmp(host, "localhost") == 0;
}

/* Does a listen everywhere where b would, as far as the specs say? */
static int
covers(const struct tun_end *a, const struct tun_end *b)
{
	if (a->path != NULL || b->path != NULL)
		return a->path != NULL && b->path != NULL &&
		    strcmp(a->path, b->path) == 0;
	if (a->port != b->port || a->port == 0)
		return 0;
	if (is_any(a->host))
		return 1;
	if (is_localhost(a->host))
		return is_localhost(b->host) ||
		    strcmp(b->host, "127.0.0.1") == 0 ||
		    strcmp(b->host, "::1") == 0;
	return b->host != NULL && strcasecmp(a->host, b->host) == 0;
}

/* An earlier spec of the command that would have its place by then. */
static const struct spec *
earlier(const struct args *args, const struct spec *spec)
{
	const struct spec *s;

	for (s = args->specs; s < spec; s++) {
		if (tun_forward_is_local(s->fwd) ==
			tun_forward_is_local(spec->fwd) &&
		    covers(&s->fwd->listen, &spec->fwd->listen) &&
		    tun_forward_cmp(s->fwd, spec->fwd) != 0)
			return s;
	}
	return NULL;
}

static int
would_add(const struct args *args, const struct target *to,
    const struct spec *spec)
{
	const struct spec *other = earlier(args, spec);
	char *path;

	if (other != NULL) {
		tool_warn("-%c %s: the master would listen there already, "
		    "for -%c %s", spec->option, spec->text, other->option,
		    other->text);
		return -1;
	}
	if (tun_forward_is_local(spec->fwd))
		put_holders(to, spec, "not everywhere: ");
	path = tool_vis(to->master->path);
	printf("would add -%c %s to %s (pid %ld)\n", spec->option, spec->text,
	    path, (long)to->master->pid);
	free(path);
	return 0;
}

static int
add(const struct args *args, struct target *to, const struct spec *spec)
{
	struct tun_forward sent = *spec->fwd;
	uint32_t port;
	int own = 1;

	if (!may_open(args, to, spec))
		return -1;
	if (args->dry)
		return would_add(args, to, spec);
	if (open_fwd(args, to, spec, spec->fwd) == -1)
		return -1;
	port = to->master->port;
	if (tun_forward_is_local(spec->fwd)) {
		if ((own = wait_listen(to, spec->fwd)) == 0 &&
		    put_holders(to, spec, "") > 0)
			return -1;
		if (own == 0 && (own = open_again(args, to, spec,
		    &sent)) == -1)
			return -1;
		if (own == 0) {
			tool_warn("-%c %s: nothing listens: the master takes "
			    "it for a forward that failed before, and never "
			    "tries again; use another address or port, or "
			    "start the master anew", spec->option, spec->text);
			return -1;
		}
		if (own == -1)
			tool_warn("-%c %s: the master says yes; its sockets "
			    "cannot be seen", spec->option, spec->text);
		else
			put_holders(to, spec, "not everywhere: ");
	}
	if (to->tun != NULL)
		journal_wrote(to->ctx, tun_journal_add(to->ctx, to->tun,
		    &sent, (int)port));
	put_added(to, spec, port);
	return 0;
}

int
main(int argc, char **argv)
{
	struct args args = { 0 };
	struct target to = { 0 };
	size_t i, done = 0;

	tool_start();
	parse(&args, argc, argv);
	tool_confine();
	if ((to.ctx = tun_open(NULL)) == NULL)
		tool_fail("processes: %s", strerror(errno));
	sshname_tell(&args.ssh_names, to.ctx);
	journal_use(to.ctx);
	for (i = 0; i < args.nspecs; i++)
		if (!tun_forward_is_local(args.specs[i].fwd))
			to.needs = TUN_SCAN_INFO;
	find_master(&args, &to);
	for (i = 0; i < args.nspecs; i++) {
		if (add(&args, &to, &args.specs[i]) == 0)
			done++;
	}
	for (i = 0; i < args.nspecs; i++)
		tun_forward_free(args.specs[i].fwd);
	free(args.specs);
	tun_select_free(args.sel);
	tun_masters_free(to.masters);
	tun_list_free(to.list);
	tun_close(to.ctx);
	return tool_end(tool_status(done, 0, args.nspecs - done));
}
