/* SPDX-License-Identifier: ISC */
/*
 * jump_hosts.c: the jump hosts of a tunnel, as [user@]host[:port]: those that
 * -J or ProxyJump lists, the destination of a ProxyCommand that is an ssh, and
 * the destinations of the helpers that were found. A host may be listed twice.
 */
#include <stdio.h>
#include <string.h>

#include "process.h"

struct jumps {
	struct arena *a;
	const char **v;		/* NULL-ended */
	size_t n;
};

/* "a,b,c" */
static int
add_list(struct jumps *j, const char *list)
{
	size_t len;

	for (; *list != '\0'; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (len > 0 && arena_add_string(j->a, &j->v, &j->n,
		    arena_strndup(j->a, list, len)) == -1)
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
	return arena_add_string(j->a, &j->v, &j->n, arena_printf(j->a,
	    "%s%s%s%s%s%s", user, *user != '\0' ? "@" : "",
	    colons ? "[" : "", cmd->host, colons ? "]" : "", port));
}

/*
 * A shell runs the ProxyCommand: it is parsed only if it consists of plain
 * words, and only the first word decides whether it is an ssh.
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
		if (arena_add_string(j->a, &words, &n, word) == -1)
			return -1;
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
	const struct cand *helper;
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
	/*
	 * Processes can pass pipes in a circle, so stop after as many as there
	 * are.
	 */
	for (helper = c->links.helper; helper != NULL && n < s->n;
	     helper = helper->links.helper, n++)
		if (add_cmdline(&j, &helper->facts->cmd) == -1)
			return -1;
	c->verdict.tun.jumps = j.v;
	return 0;
}
