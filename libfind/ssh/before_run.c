/* SPDX-License-Identifier: ISC */
/*
 * before_run.c: the forwards that a command line asks for before it is run. Its
 * ssh may come after other commands: sshpass -e ssh -fN h
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Where a link leads, or NULL if it is no dbclient. */
static const char *
follow(struct arena *a, const char *path)
{
	char real[PATH_MAX];

	return realpath(path, real) != NULL && dropbear_is_name(real) ?
	    arena_strdup(a, real) : NULL;
}

/*
 * The dbclient that execvp(3) would run, also if it is called ssh; NULL: it is
 * none, or there is no memory.
 */
static const char *
find_dbclient(struct arena *a, const char *name)
{
	const char *path, *p;
	size_t len;

	if (strchr(name, '/') != NULL)
		return follow(a, name);
	if ((path = getenv("PATH")) == NULL)
		return NULL;
	for (; *path != '\0'; path += len + (path[len] == ':')) {
		len = strcspn(path, ":");
		p = arena_printf(a, "%.*s/%s", (int)len, path, name);
		if (p == NULL)
			return NULL;
		if (len > 0 && access(p, X_OK) == 0)
			return follow(a, p);
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
	x.program = find_dbclient(a, argv[i]);
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
