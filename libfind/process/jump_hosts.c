/* SPDX-License-Identifier: ISC */
/*
 * jumps.c: the jump hosts of a tunnel, as [user@]host[:port]: what -J or
 * ProxyJump lists, where a ProxyCommand that is an ssh goes to, and where the
 * helpers go to that were found.  The same host may be there twice.
 */
#include <stdio.h>
#include <string.h>

#include "process.h"

struct jumps {
	struct arena *a;
	const char **v;		/* NULL-ended */
	size_t n;
};

/* Takes a string of the arena. */
static int
add(struct jumps *j, const char *jump)
{
	if (jump == NULL)
		return -1;
	/* One more than there are: arena_push() zeroes it. */
	if (j->n == 0 && (j->v = arena_push(j->a, NULL, 0,
	    sizeof(*j->v))) == NULL)
		return -1;
	j->v[j->n++] = jump;
	j->v = arena_push(j->a, j->v, j->n, sizeof(*j->v));
	return j->v == NULL ? -1 : 0;
}

/* "a,b,c" */
static int
add_list(struct jumps *j, const char *list)
{
	size_t len;

	for (; *list != '\0'; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (len > 0 && add(j, arena_strndup(j->a, list, len)) == -1)
			return -1;
	}
	return 0;
}

static int
add_cmdline(struct jumps *j, const struct cmdline *cmd)
{
	const char *user = cmd->user != NULL ? cmd->user : "";
	char port[3 * sizeof(int) + 2] = "";
	int colons;

	if (cmd->host == NULL)
		return 0;
	if (cmd->port > 0)
		snprintf(port, sizeof(port), ":%d", cmd->port);
	colons = strchr(cmd->host, ':') != NULL;
	return add(j, arena_printf(j->a, "%s%s%s%s%s%s", user,
	    *user != '\0' ? "@" : "", colons ? "[" : "", cmd->host,
	    colons ? "]" : "", port));
}

/*
 * A ProxyCommand is the shell's: only one of plain words is looked at, and
 * only the first of them says that it is an ssh.
 */
static int
add_command(struct jumps *j, const char *command)
{
	static const struct expand nothing;
	struct cmdline cmd;
	const char **words = NULL;
	char *s, *word, *last;
	size_t n = 0;

	if (strpbrk(command, "'\"\\;&|<>()$`*?\n") != NULL)
		return 0;
	if ((s = arena_strdup(j->a, command)) == NULL)
		return -1;
	for (word = strtok_r(s, " \t", &last); word != NULL;
	     word = strtok_r(NULL, " \t", &last)) {
		if (n == 0 && strcmp(word, "exec") == 0)
			continue;
		words = arena_push(j->a, words, n, sizeof(*words));
		if (words == NULL)
			return -1;
		words[n++] = word;
	}
	if (n == 0 || !cmdline_is_ssh(words[0], NULL))
		return 0;
	if (cmdline_parse(j->a, words, n, &nothing, &cmd) == -1)
		return -1;
	return cmd.kind == CMD_BAD ? 0 : add_cmdline(j, &cmd);
}

int
jumps_publish(struct scan *s, struct cand *c)
{
	const struct facts *f = c->facts;
	const struct config *cfg = f->config;
	const char *jump = f->cmd.jump, *proxy = f->cmd.proxy;
	const struct cand *hop;
	struct jumps j = { NULL, NULL, 0 };
	size_t n = 0;

	j.a = s->a;
	if (cfg != NULL && jump == NULL && proxy == NULL) {
		jump = cfg->jump;
		proxy = cfg->proxy;
	}
	if (jump != NULL && add_list(&j, jump) == -1)
		return -1;
	if (proxy != NULL && add_command(&j, proxy) == -1)
		return -1;
	/* Pipes can be handed round in a circle: stop at our own number. */
	for (hop = c->links.hop; hop != NULL && n < s->n;
	     hop = hop->links.hop, n++)
		if (add_cmdline(&j, &hop->facts->cmd) == -1)
			return -1;
	c->verdict.tun.jumps = j.v;
	return 0;
}
