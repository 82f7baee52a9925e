/* SPDX-License-Identifier: ISC */
/*
 * parser.c: the results that the readers of a command line, cmdline.c,
 * keyword.c and title.c, fill in.
 */
#include <string.h>
#include <strings.h>

#include "parser.h"

/*
 * Limits for a hostile argv: they bound the number of look-ups in the services
 * database and in an environment.  No real command line comes near them.
 */
#define WANTS_MAX	4096	/* forwards */
#define WANTS_ENV_MAX	64	/* forwards with ${NAME} in them */

int
parser_refuse(struct parser *p, const char *why)
{
	p->cmd.errstr = why;
	return -1;
}

int
parser_nomem(struct parser *p)
{
	p->nomem = 1;
	return -1;
}

void
parser_first(int *var, int value)
{
	if (*var == UNSET)
		*var = value;
}

void
parser_first_string(const char **var, const char *value)
{
	if (*var == NULL)
		*var = value;
}

int
parser_is_none(const char *s)
{
	return s == NULL || strcasecmp(s, "none") == 0;
}

int
parser_want(struct parser *p, enum tun_fwd_kind kind, int config,
    const char *const words[3], size_t nwords)
{
	struct want *w;
	size_t i;
	int env = 0;

	for (i = 0; i < nwords && i < 3; i++)
		env |= strstr(words[i], "${") != NULL;
	if (p->nwants >= WANTS_MAX || (env && p->nenv >= WANTS_ENV_MAX)) {
		p->toomany = 1;
		return 0;
	}
	if ((w = arena_alloc(p->a, sizeof(*w))) == NULL)
		return parser_nomem(p);
	w->kind = kind;
	w->config = config;
	w->nwords = nwords;
	for (i = 0; i < nwords && i < 3; i++)
		w->words[i] = words[i];
	*p->last = w;
	p->last = &w->next;
	p->nwants++;
	p->nenv += (size_t)env;
	return 0;
}

void
parser_init(struct cmdline *cmd, enum cmd_kind kind)
{
	memset(cmd, 0, sizeof(*cmd));
	cmd->kind = kind;
	cmd->port = cmd->alive_interval = cmd->alive_count = UNSET;
}
