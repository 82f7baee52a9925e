/* SPDX-License-Identifier: ISC */
/*
 * What is needed to start a tunnel as it was: its program, its directory, its
 * agent and its ports.  All this is checked before the tunnel is ended.
 */

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/out.h"
#include "common/tool.h"
#include "libfind.h"
#include "run/again.h"

#define AGENT	"SSH_AUTH_SOCK"

/* A recipe has no others; what it does not have was not set. */
static const char *const variables[] = {
	AGENT, "SSH_AGENT_PID", "SSH_ASKPASS", "DISPLAY", "WAYLAND_DISPLAY",
	"XAUTHORITY", "KRB5CCNAME", "TUN_LABEL"
};

char *
again_name(const struct tun *t)
{
	char *names = NULL;
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		names = cell_join(names, ", ", tool_xstrdup(t->fwds[i]->id));
	return names != NULL ? names : tool_xstrdup(t->id != NULL ? t->id :
	    "?");
}

static char *
path_from(const char *dir, const char *name)
{
	return *name == '/' ? tool_xstrdup(name) :
	    tool_xasprintf("%s/%s", dir, name);
}

/* Ask this before any other look. */
static int
answers(struct tun_ctx *ctx, const char *path)
{
	struct tun_look look;

	return tun_look(ctx, path, 1, &look) == 0 || errno != ETIMEDOUT;
}

/* The kernel may know the directory itself without asking its server. */
int
again_answers(struct tun_ctx *ctx, const char *dir)
{
	char *path = path_from(dir, "ssh");
	int yes = answers(ctx, path);

	free(path);
	return yes;
}

/* --- the program ---------------------------------------------------------- */

/* The path without links, if only root can replace what is there; or NULL. */
static char *
path_of_root(const char *path)
{
	char *real = realpath(path, NULL), *end = real;
	struct stat st;
	int ours = real != NULL;

	while (ours && end != NULL) {
		end = strchr(end + 1, '/');
		if (end != NULL)
			*end = '\0';
		ours = stat(real, &st) == 0 && st.st_uid == 0 &&
		    ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
		    (S_ISDIR(st.st_mode) && st.st_mode & S_ISVTX));
		if (end != NULL)
			*end = '/';
	}
	if (ours)
		return real;
	free(real);
	return NULL;
}

/* What cannot be looked at may be one. */
static int
is_program(struct tun_ctx *ctx, const char *path)
{
	struct stat st;

	return !answers(ctx, path) || (access(path, X_OK) == 0 &&
	    stat(path, &st) == 0 && S_ISREG(st.st_mode));
}

/*
 * The path of the program that execvp(3) would run from that directory: the
 * first one, whether or not a later one would do.
 */
static char *
find_program(const struct tun_record *recipe, struct tun_ctx *ctx)
{
	const char *name = recipe->argv[0], *dirs = getenv("PATH");
	char *copy, *next, *word, *dir, *path = NULL;

	if (strchr(name, '/') != NULL)
		dirs = "";	/* the directory of the recipe */
	copy = next = dirs != NULL ? tool_xstrdup(dirs) : NULL;
	while (path == NULL && (word = strsep(&next, ":")) != NULL) {
		dir = path_from(recipe->cwd, word);
		path = path_from(dir, name);
		free(dir);
		if (!is_program(ctx, path)) {
			free(path);
			path = NULL;
		}
	}
	free(copy);
	return path;
}

/* Chooses the program; returns why there is none, or NULL. */
static char *
choose_program(struct again_job *job, struct tun_ctx *ctx)
{
	char *path = find_program(job->recipe, ctx), *why = NULL;

	if (path != NULL && !answers(ctx, path))
		why = tool_xasprintf("%s: its file system does not answer",
		    path);
	else if (path != NULL)
		job->program = geteuid() == 0 ? path_of_root(path) :
		    tool_xstrdup(path);
	if (why == NULL && job->program == NULL)
		why = tool_xasprintf("%s: no such program%s",
		    job->recipe->argv[0], geteuid() == 0 ?
		    " that only root can replace" : "");
	free(path);
	return why;
}

/* --- the agent ------------------------------------------------------------ */

static const char *
find_variable(const struct tun_record *recipe, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; recipe->env != NULL && recipe->env[i] != NULL; i++)
		if (strncmp(recipe->env[i], name, len) == 0 &&
		    recipe->env[i][len] == '=')
			return recipe->env[i] + len + 1;
	return NULL;
}

static int
is_socket(struct tun_ctx *ctx, const char *path)
{
	struct tun_look look;

	return path != NULL && tun_look(ctx, path, 1, &look) == 0 &&
	    look.is_socket;
}

/* A login makes an agent at another path, and takes the old one away. */
static void
choose_agent(struct again_job *job, struct tun_ctx *ctx)
{
	const char *old = find_variable(job->recipe, AGENT);
	const char *ours = getenv(AGENT);
	char *name = again_name(job->tun);

	if (old == NULL || *old == '\0' || is_socket(ctx, old) ||
	    !answers(ctx, old))
		;
	else if (is_socket(ctx, ours)) {
		tool_warn("%s: its agent %s is gone: %s is used", name, old,
		    ours);
		job->agent = tool_xstrdup(ours);
	} else
		tool_warn("%s: its agent %s is gone", name, old);
	free(name);
}

/* --- its command ---------------------------------------------------------- */

/* "true" is what a master is started with that has nothing to do. */
int
again_runs_command(const struct again_job *job, struct tun_ctx *ctx)
{
	struct tun_words *w = tun_words_parse(ctx, job->recipe->argv,
	    job->recipe->argc);
	int runs = w != NULL && w->ncommand > 0 && (w->ncommand > 1 ||
	    strcmp(w->command[0], "true") != 0);

	tun_words_free(w);
	return runs;
}

/* --- whether it can be started -------------------------------------------- */

/*
 * Which process would have its port.  A lost tunnel may have been started again
 * in another way; one that runs and lacks only its ports would not get them
 * next time, but what it has besides would be ended.
 */
static char *
find_taken(const struct again_job *job, struct tun_ctx *ctx)
{
	const struct tun *t = job->tun;
	const struct tun_fwd *fwd;
	char *why = NULL;
	size_t i;

	if (job->item != NULL && t->state != TUN_USELESS &&
	    t->state != TUN_PARTIAL)
		return NULL;
	for (i = 0; why == NULL && i < t->nfwds; i++) {
		fwd = t->fwds[i];
		if (job->item == NULL)
			why = run_find_taken(ctx, &fwd->spec);
		else if (fwd->state == TUN_TAKEN || fwd->state == TUN_HALF)
			why = run_taken_text(&fwd->spec.listen, fwd->owner);
	}
	return why;
}

char *
again_obstacle(struct again_job *job, struct tun_ctx *ctx)
{
	const struct tun_record *recipe = job->recipe;
	struct stat st;
	char *why;

	if (recipe->argc == 0 || recipe->cwd == NULL)
		return tool_xstrdup("its command is not known");
	if (!again_answers(ctx, recipe->cwd))
		return tool_xasprintf("its directory %s: the file system does "
		    "not answer", recipe->cwd);
	if (stat(recipe->cwd, &st) == -1)
		return tool_xasprintf("its directory %s: %s", recipe->cwd,
		    strerror(errno));
	if ((why = choose_program(job, ctx)) != NULL)
		return why;
	if ((why = find_taken(job, ctx)) != NULL)
		return why;
	choose_agent(job, ctx);
	return NULL;
}

/* --- in the process that starts it ---------------------------------------- */

static void
remove_dead(const struct again_job *job, const char *path)
{
	struct tun_file *file = tun_file_find(path, job->recipe->cwd,
	    geteuid());

	if (file != NULL)
		(void)tun_file_remove(file);
	tun_file_free(file);
}

/* ssh does not listen at a path where the last one has left its socket. */
void
again_clear(const struct again_job *job)
{
	const struct tun *t = job->tun;
	const struct tun_forward *spec;
	size_t i;

	if (t->ctlpath != NULL)
		remove_dead(job, t->ctlpath);
	for (i = 0; i < t->nfwds; i++) {
		spec = &t->fwds[i]->spec;
		if (tun_forward_is_local(spec) && spec->listen.path != NULL)
			remove_dead(job, spec->listen.path);
	}
}

int
again_prepare(const struct again_job *job)
{
	const char *const *env = job->recipe->env;
	size_t i;

	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		unsetenv(variables[i]);
	for (; env != NULL && *env != NULL; env++)
		if (job->agent == NULL ||
		    strncmp(*env, AGENT "=", sizeof(AGENT)) != 0)
			putenv(tool_xstrdup(*env));
	if (job->agent != NULL)
		setenv(AGENT, job->agent, 1);
	return chdir(job->recipe->cwd);
}
