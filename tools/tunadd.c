/* SPDX-License-Identifier: ISC */
/* tunadd: add forwards to a running master. */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "add/add.h"
#include "common/journal_use.h"
#include "common/options.h"
#include "common/out.h"
#include "common/sshname.h"
#include "common/tool.h"
#include "compat/compat.h"
#include "libfind.h"

#define OPEN_MS		10000	/* a remote forward waits for the server */

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
	OPTION_END(NULL)
};

static const struct options options = {
	"usage: tunadd [option ...] [selector]\n",
	"A selector is an ID, a port, a PID, a host, @label or a path: "
	"tunnels(7).\n"
	"A SPEC is that of ssh(1); each forward may be given more than once.\n",
	option_rows, NULL
};

/* --- what is asked for --------------------------------------------------- */

static void
add_spec(struct add_args *args, int option, const char *text)
{
	enum tun_fwd_kind kind = option == 'L' ? TUN_FWD_LOCAL :
	    option == 'R' ? TUN_FWD_REMOTE : TUN_FWD_DYNAMIC;
	const char *errstr;
	struct add_spec *spec;

	args->specs = tool_xreallocarray(args->specs, args->nspecs + 1,
	    sizeof(*args->specs));
	spec = &args->specs[args->nspecs++];
	spec->option = (char)option;
	spec->name = tool_xasprintf("-%c %s", option, text);
	spec->fwd = tun_forward_parse(kind, text, &errstr);
	if (spec->fwd == NULL && errno == ENOMEM)
		tool_fail("%s", strerror(errno));
	if (spec->fwd == NULL)
		tool_usage("%s: %s", spec->name, errstr);
}

static void
parse(struct add_args *args, int argc, char **argv)
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

/* --- adding -------------------------------------------------------------- */

static int
open_fwd(const struct add_args *args, const struct add_target *to,
    const struct add_spec *spec, const struct tun_forward *fwd)
{
	const struct tun_master *m = to->master;

	if (tun_master_open(m, fwd, args->ms) == 0)
		return 0;
	if (errno == ETIMEDOUT)
		tool_warn("%s: no answer in time; the master may still open it",
		    spec->name);
	else if (strcmp(m->text, "Permission denied") == 0)
		tool_warn("%s: the master was told to ask, and the answer was "
		    "no", spec->name);
	else if (tun_forward_is_local(spec->fwd) && add_count_own(to, fwd) > 0)
		tool_warn("%s: the master itself listens there, for another "
		    "target", spec->name);
	else if (!tun_forward_is_local(spec->fwd) ||
	    add_put_holders(to, spec, "") == 0)
		tool_warn("%s: %s", spec->name,
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
open_again(const struct add_args *args, const struct add_target *to,
    const struct add_spec *spec, struct tun_forward *sent)
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
	own = add_wait_listen(to, &fwd);
	/* An attempt that failed must leave nothing behind. */
	if (own == 0)
		tun_master_cancel(to->master, &fwd, args->ms);
	*sent = fwd;
	return own;
}

/* Does it listen on the port of what was added? */
static int
has_port(const struct tun_fwd *fwd, const struct tun_forward *added)
{
	size_t i;

	if (!tun_forward_is_local(added) || added->listen.path != NULL)
		return 0;
	for (i = 0; i < fwd->naddrs; i++)
		if (fwd->addrs[i].port == added->listen.port &&
		    fwd->addrs[i].family != AF_UNIX)
			return 1;
	return 0;
}

/*
 * The row of what was added, or NULL.  The port alone counts only if no row has
 * the address: at other addresses it may be that of other forwards.
 */
static const struct tun_fwd *
find_added(const struct tun *t, const struct tun_forward *added)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		if (tun_forward_same_listener(&t->fwds[i]->spec, added))
			return t->fwds[i];
	for (i = 0; i < t->nfwds; i++)
		if (has_port(t->fwds[i], added))
			return t->fwds[i];
	return NULL;
}

/* The ID as tunps shows it; the caller frees it. */
static char *
find_id(struct add_target *to, const struct tun_forward *added)
{
	const struct tun_fwd *fwd;

	add_scan(to, 0);
	if ((to->tun = add_find_pid(to->list, to->master->pid)) == NULL ||
	    (fwd = find_added(to->tun, added)) == NULL)
		return NULL;
	return tool_xstrdup(fwd->id);
}

static void
put_added(struct add_target *to, const struct add_spec *spec, uint32_t port)
{
	struct tun_forward added = *spec->fwd;
	const struct tun_end *end = &added.listen;
	int chosen = !tun_forward_is_local(&added) && end->path == NULL &&
	    end->port == 0;
	char *id, *text;

	if (chosen)
		added.listen.port = (int)port;
	id = find_id(to, &added);
	/* The server listens, which nothing here but the journal shows. */
	if (id == NULL && end->path != NULL)
		id = tool_xasprintf("%c%s", spec->option, end->path);
	else if (id == NULL)
		id = tool_xasprintf("%c%d", spec->option, end->port);
	text = tool_vis(id);
	if (chosen)
		printf("%s %lu\n", text, (unsigned long)port);
	else
		printf("%s\n", text);
	fflush(stdout);
	free(text);
	free(id);
}

/*
 * The master has said yes: does it listen?  If not, it is asked once more, and
 * sent is what it was asked for.
 */
static int
confirm(const struct add_args *args, const struct add_target *to,
    const struct add_spec *spec, struct tun_forward *sent)
{
	int own = add_wait_listen(to, spec->fwd);

	if (own == 0 && add_put_holders(to, spec, "") > 0)
		return -1;
	if (own == 0 && (own = open_again(args, to, spec, sent)) == -1)
		return -1;
	if (own == 0) {
		tool_warn("%s: nothing listens: the master takes it for a "
		    "forward that failed before, and never tries again; use "
		    "another address or port, or start the master anew",
		    spec->name);
		return -1;
	}
	if (own == -1)
		tool_warn("%s: the master says yes; its sockets cannot be seen",
		    spec->name);
	else
		add_put_holders(to, spec, "not everywhere: ");
	return 0;
}

static int
add(const struct add_args *args, struct add_target *to,
    const struct add_spec *spec)
{
	struct tun_forward sent = *spec->fwd;
	uint32_t port;

	if (!add_may_open(args, to, spec))
		return -1;
	if (args->dry)
		return add_would_add(args, to, spec);
	if (open_fwd(args, to, spec, spec->fwd) == -1)
		return -1;
	port = to->master->port;
	if (tun_forward_is_local(spec->fwd) &&
	    confirm(args, to, spec, &sent) == -1)
		return -1;
	if (to->tun != NULL)
		journal_add(to->ctx, to->tun, &sent, (int)port);
	put_added(to, spec, port);
	return 0;
}

int
main(int argc, char **argv)
{
	struct add_args args = { 0 };
	struct add_target to = { 0 };
	size_t i, done = 0;

	tool_start();
	parse(&args, argc, argv);
	tool_confine();
	to.ctx = sshname_open(NULL, &args.ssh_names);
	for (i = 0; i < args.nspecs; i++)
		if (!tun_forward_is_local(args.specs[i].fwd))
			to.needs = TUN_SCAN_INFO;
	add_find_master(&args, &to);
	for (i = 0; i < args.nspecs; i++) {
		if (add(&args, &to, &args.specs[i]) == 0)
			done++;
	}
	for (i = 0; i < args.nspecs; i++) {
		tun_forward_free(args.specs[i].fwd);
		free(args.specs[i].name);
	}
	free(args.specs);
	tun_select_free(args.sel);
	tun_masters_free(to.masters);
	if (to.list != to.first)
		tun_list_free(to.list);
	tun_list_free(to.first);
	tun_close(to.ctx);
	return tool_end(tool_status(done, 0, args.nspecs - done));
}
