/* SPDX-License-Identifier: ISC */
/*
 * before_run.c: the forwards that a command line asks for before it is run. Its
 * ssh may come after other commands: sshpass -e ssh -fN h
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/resolve.h"
#include "parser.h"

extern char **environ;

/* The public part comes first, because callers have a pointer to it. */
struct parsed {
	struct tun_words words;
	struct arena *a;
};

/* A forward whose listening end is unknown cannot be waited for. */
static int
keep_read(struct parsed *p, const struct cmdline *cmd)
{
	struct tun_forward *v;
	size_t i, n = 0;

	v = arena_alloc(p->a, (cmd->nfwds + 1) * sizeof(*v));
	if (v == NULL)
		return -1;
	for (i = 0; i < cmd->nfwds; i++)
		if (end_is_known(&cmd->fwds[i].listen) ||
		    cmd->fwds[i].kind == TUN_FWD_STDIO)
			v[n++] = cmd->fwds[i];
	p->words.fwds = v;
	p->words.nfwds = n;
	return 0;
}

/*
 * The name of the program that execvp(3) would run, behind all links; NULL: it
 * is not found, or its file system does not answer, or there is no memory.
 */
static const char *
find_program(struct arena *a, struct resolver *rs, const char *name)
{
	const char *dirs = strchr(name, '/') != NULL ? "" : getenv("PATH");
	const char *path;
	struct resolved r;
	size_t len;

	for (; dirs != NULL; dirs = dirs[len] == ':' ? dirs + len + 1 : NULL) {
		len = strcspn(dirs, ":");
		path = len == 0 ? name :
		    arena_printf(a, "%.*s/%s", (int)len, dirs, name);
		if (path == NULL)
			return NULL;
		if (resolve_look(rs, path, RESOLVE_FOLLOW, geteuid(),
		    &r) == -1) {
			if (errno == ETIMEDOUT)
				return NULL;
		} else if (S_ISREG(r.st.st_mode) && r.st.st_mode & 0111)
			return arena_strdup(a, r.name);
	}
	return NULL;
}

struct tun_words *
tun_words_parse(const struct tun_ctx *ctx, const char *const *argv,
    size_t argc)
{
	struct arena *a;
	struct cmdline cmd;
	struct expand x;
	struct parsed *p;
	size_t i = ctx_find_ssh(ctx, argv, argc);

	if (i == argc) {
		errno = EINVAL;
		return NULL;
	}
	memset(&x, 0, sizeof(x));
	x.env = (const char *const *)(uintptr_t)environ;
	if ((a = arena_new()) == NULL)
		return NULL;
	if (ctx != NULL)
		x.program = find_program(a, ctx->rs, argv[i]);
	if (x.program != NULL && !dropbear_is_name(x.program))
		x.program = NULL;
	if ((p = arena_alloc(a, sizeof(*p))) == NULL ||
	    cmdline_parse(a, argv + i, argc - i, &x, &cmd) == -1) {
		arena_free(a);
		errno = ENOMEM;
		return NULL;
	}
	if (cmd.kind != CMD_SESSION) {
		arena_free(a);
		errno = EINVAL;
		return NULL;
	}
	p->a = a;
	p->words.host = cmd.host;
	p->words.ctlpath = cmd.ctlpath;
	p->words.fork = (cmd.flags & CMD_FORK) != 0;
	p->words.at = i;
	p->words.command = cmd.command;
	p->words.ncommand = cmd.flags & CMD_NOSESSION ? 0 : cmd.ncommand;
	p->words.exitonfail = cmd.flags & CMD_EXITONFAIL ? 1 :
	    cmd.flags & CMD_NOEXITONFAIL ? 0 : -1;
	if (keep_read(p, &cmd) == -1) {
		arena_free(a);
		errno = ENOMEM;
		return NULL;
	}
	return &p->words;
}

void
tun_words_free(struct tun_words *words)
{
	if (words != NULL)
		arena_free(((struct parsed *)words)->a);
}
