/* SPDX-License-Identifier: ISC */
/*
 * parser.c: the results that the readers of a command line, cmdline.c,
 * keyword.c, title.c and dropbear.c, fill in.
 */
#include <errno.h>
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

int
parser_keep(struct parser *p, struct tun_forward *fwds, int r,
    const struct tun_forward *fwd, const char *errstr)
{
	size_t i;

	if (r == -1 && errno == ENOMEM)
		return parser_nomem(p);
	if (r == -1 && errstr == fwd_errstr_unknown) {
		p->cmd.flags |= CMD_UNKNOWN;
		parser_first_string(&p->cmd.errstr, errstr);
		/* With unknown parts, two that look equal may be different. */
		fwds[p->cmd.nfwds++] = *fwd;
		return 0;
	}
	if (r == -1)
		return parser_refuse(p, errstr);
	for (i = 0; i < p->cmd.nfwds; i++)
		if (tun_forward_cmp(&fwds[i], fwd) == 0)
			return 0;
	fwds[p->cmd.nfwds++] = *fwd;
	return 0;
}

static unsigned
flags_of(const struct parser *p)
{
	unsigned flags = 0;

	if (p->fork == 1)
		flags |= CMD_FORK;
	if (p->session == SESSION_NONE)
		flags |= CMD_NOSESSION;
	if (p->session == SESSION_SUBSYSTEM)
		flags |= CMD_SUBSYSTEM;
	if (p->master > MASTER_NO)
		flags |= CMD_MASTER;
	if (p->master == MASTER_ASK || p->master == MASTER_AUTOASK)
		flags |= CMD_ASK;
	if (p->unlink != UNSET)
		flags |= p->unlink == 1 ? CMD_UNLINK : CMD_NOUNLINK;
	if (p->gateway == 1)
		flags |= CMD_GATEWAY;
	if (p->family == FAMILY_INET)
		flags |= CMD_INET4;
	if (p->family == FAMILY_INET6)
		flags |= CMD_INET6;
	if (p->tty == TTY_YES || p->tty == TTY_FORCE)
		flags |= CMD_TTY;
	if (p->tty == TTY_NO)
		flags |= CMD_NOTTY;
	if (p->clear == 1)
		flags |= CMD_CLEARALL;
	if (p->exitonfail != UNSET)
		flags |= p->exitonfail == 1 ? CMD_EXITONFAIL :
		    CMD_NOEXITONFAIL;
	if (p->persist == 1)
		flags |= CMD_PERSIST;
	if (p->cmd.jump != NULL || p->cmd.proxy != NULL)
		flags |= CMD_JUMP;
	if (!parser_is_none(p->command))
		flags |= CMD_COMMAND;
	if (p->tunnel == TUNNEL_ETHERNET)
		flags |= CMD_ETHERNET;
	return flags;
}

void
parser_start(struct parser *p, struct arena *a, enum cmd_kind kind)
{
	memset(p, 0, sizeof(*p));
	parser_init(&p->cmd, kind);
	p->a = a;
	p->family = p->master = p->tty = p->session = p->fork = UNSET;
	p->gateway = p->clear = p->exitonfail = p->persist = UNSET;
	p->tunnel = p->null = p->unlink = UNSET;
	p->last = &p->wants;
}

int
parser_end(struct parser *p, int r)
{
	const char *why = p->cmd.errstr;

	if (r == -1 && p->nomem) {
		errno = ENOMEM;
		return -1;
	}
	if (r == -1) {
		parser_init(&p->cmd, CMD_BAD);
		p->cmd.errstr = why;
		return 0;
	}
	if (!p->leave)
		p->cmd.flags |= flags_of(p);
	if (p->toomany && p->clear != 1) {
		p->cmd.flags |= CMD_UNKNOWN;
		p->cmd.errstr = "too many forwards";
	}
	return 0;
}
