/* SPDX-License-Identifier: ISC */
/*
 * keyword.c: reads the value of -o, one line of ssh_config(5): a keyword and
 * its words, quoted as ssh's argv_split() in misc.c reads them.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compat/array.h"
#include "compat/compat.h"
#include "parser.h"

/*
 * Reads a number from s up to end, as strtonum(3) does: blanks and a sign may
 * come first.  Returns -1 if it is not a number or not an int.
 */
static int
number(const char *s, const char *end)
{
	long long n = 0;
	int minus;

	while (s < end && (*s == ' ' || (*s >= '\t' && *s <= '\r')))
		s++;
	minus = s < end && *s == '-';
	if (s < end && (*s == '-' || *s == '+'))
		s++;
	if (s == end)
		return -1;
	for (; s < end; s++) {
		if (!isdigit((unsigned char)*s))
			return -1;
		if (n <= INT_MAX)
			n = n * 10 + (*s - '0');
	}
	return n > (minus ? 0 : INT_MAX) ? -1 : (int)n;
}

/*
 * The number of a unit that *end names.  From OpenSSH 10.3 on seconds may have a
 * fraction, as in "2.5" and ".5s", which does not count.
 */
static int
whole_number(const char *s, const char *end)
{
	const char *point = memchr(s, '.', (size_t)(end - s));
	size_t n;

	if (point == NULL)
		return number(s, end);
	n = strspn(point + 1, "0123456789");
	if (n == 0 || point + 1 + n != end || strchr("sS", *end) == NULL)
		return -1;
	return point == s ? 0 : number(s, point);
}

/* Reads "90", "1m30s", "2h", "2.5"; returns seconds, or -1. */
static int
seconds(const char *s)
{
	static const char units[] = "smhdw";
	static const int factor[] = { 1, 60, 3600, 86400, 604800 };
	const char *end;
	long long total = 0;
	int n, unit;

	if (*s == '\0')
		return -1;
	while (*s != '\0') {
		end = s + strcspn(s, "sSmMhHdDwW");
		if ((n = whole_number(s, end)) == -1)
			return -1;
		unit = *end == '\0' ? 0 : (int)(strchr(units,
		    tolower((unsigned char)*end)) - units);
		total += (long long)n * factor[unit];
		if (total > INT_MAX)
			return -1;
		s = *end == '\0' ? end : end + 1;
	}
	return (int)total;
}

/* The keywords of -o and ssh_config(5). */
enum keyword {
	KW_ADDRESSFAMILY, KW_CLEARALL, KW_CONTROLMASTER, KW_CONTROLPATH,
	KW_CONTROLPERSIST, KW_DYNAMIC, KW_EXITONFAIL, KW_FORK, KW_GATEWAY,
	KW_LOCAL, KW_PORT, KW_PROXYCOMMAND, KW_PROXYJUMP, KW_REFUSED,
	KW_REMOTE, KW_REMOTECOMMAND, KW_ALIVECOUNT, KW_ALIVEINTERVAL,
	KW_SESSIONTYPE, KW_STDINNULL, KW_BINDUNLINK, KW_TAG, KW_TTY,
	KW_TUNLABEL, KW_TUNNEL,
	KW_TUNNELDEVICE, KW_USER, KW_OTHER
};

static const struct {
	const char *name;
	enum keyword keyword;
} keywords[] = {
	{ "AddressFamily",		KW_ADDRESSFAMILY },
	{ "ClearAllForwardings",	KW_CLEARALL },
	{ "ControlMaster",		KW_CONTROLMASTER },
	{ "ControlPath",		KW_CONTROLPATH },
	{ "ControlPersist",		KW_CONTROLPERSIST },
	{ "DynamicForward",		KW_DYNAMIC },
	{ "ExitOnForwardFailure",	KW_EXITONFAIL },
	{ "ForkAfterAuthentication",	KW_FORK },
	{ "GatewayPorts",		KW_GATEWAY },
	{ "Host",			KW_REFUSED },
	{ "Include",			KW_REFUSED },
	{ "LocalForward",		KW_LOCAL },
	{ "Match",			KW_REFUSED },
	{ "Port",			KW_PORT },
	{ "ProxyCommand",		KW_PROXYCOMMAND },
	{ "ProxyJump",			KW_PROXYJUMP },
	{ "RemoteCommand",		KW_REMOTECOMMAND },
	{ "RemoteForward",		KW_REMOTE },
	{ "RequestTTY",			KW_TTY },
	{ "ServerAliveCountMax",	KW_ALIVECOUNT },
	{ "ServerAliveInterval",	KW_ALIVEINTERVAL },
	{ "SessionType",		KW_SESSIONTYPE },
	{ "StdinNull",			KW_STDINNULL },
	{ "StreamLocalBindUnlink",	KW_BINDUNLINK },
	{ "Tag",			KW_TAG },
	{ "TunLabel",			KW_TUNLABEL },	/* the tun tools' own */
	{ "Tunnel",			KW_TUNNEL },
	{ "TunnelDevice",		KW_TUNNELDEVICE },
	{ "User",			KW_USER }
};

struct keyword_value {
	const char *word;
	int value;
};

static const struct keyword_value yesno[] = {
	{ "yes", 1 }, { "true", 1 }, { "no", 0 }, { "false", 0 }, { NULL, 0 }
};
static const struct keyword_value families[] = {
	{ "any", FAMILY_ANY }, { "inet", FAMILY_INET },
	{ "inet6", FAMILY_INET6 }, { NULL, 0 }
};
static const struct keyword_value masters[] = {
	{ "yes", MASTER_YES }, { "true", MASTER_YES }, { "no", MASTER_NO },
	{ "false", MASTER_NO }, { "auto", MASTER_AUTO },
	{ "ask", MASTER_ASK }, { "autoask", MASTER_AUTOASK }, { NULL, 0 }
};
static const struct keyword_value ttys[] = {
	{ "yes", TTY_YES }, { "true", TTY_YES }, { "no", TTY_NO },
	{ "false", TTY_NO }, { "force", TTY_FORCE }, { "auto", TTY_AUTO },
	{ NULL, 0 }
};
static const struct keyword_value sessions[] = {
	{ "none", SESSION_NONE }, { "subsystem", SESSION_SUBSYSTEM },
	{ "default", SESSION_DEFAULT }, { NULL, 0 }
};
static const struct keyword_value tunnels[] = {
	{ "yes", TUNNEL_POINT }, { "true", TUNNEL_POINT },
	{ "point-to-point", TUNNEL_POINT }, { "ethernet", TUNNEL_ETHERNET },
	{ "no", TUNNEL_NO }, { "false", TUNNEL_NO }, { NULL, 0 }
};

static int
set_word(struct parser *p, int *var, const struct keyword_value *words,
    const char *s)
{
	for (; words->word != NULL; words++)
		if (strcasecmp(s, words->word) == 0) {
			parser_first(var, words->value);
			return 0;
		}
	return parser_refuse(p, "bad value");
}

/*
 * Cuts the first word off *restp.  It ends at blanks, at one "=" between
 * blanks, or at the end of a quotation.  Returns NULL if nothing is left, or if
 * a quote is open.
 */
static char *
cut_keyword(char **restp)
{
	char *word = *restp, *s;
	int equals;

	if (word == NULL)
		return NULL;
	*restp = NULL;
	if ((s = strpbrk(word, BLANKS "\"=")) == NULL)
		return word;
	if (*s == '"') {
		memmove(s, s + 1, strlen(s));
		if ((s = strchr(s, '"')) == NULL)
			return NULL;
		*s++ = '\0';
		*restp = s + strspn(s, BLANKS);
		return word;
	}
	equals = *s == '=';
	*s++ = '\0';
	s += strspn(s, BLANKS);
	if (*s == '=' && !equals)
		s += 1 + strspn(s + 1, BLANKS);
	*restp = s;
	return word;
}

/*
 * Splits the rest of an option line, up to a comment, into an arena copy.
 * Returns the first three words and the number of all: no keyword of interest
 * takes more than two.
 */
static int
split_words(struct parser *p, const char *s, const char *words[3],
    size_t *nwordsp)
{
	char *to;
	size_t n = 0;
	char quote = '\0';

	if ((to = arena_alloc(p->a, strlen(s) + 1)) == NULL)
		return parser_nomem(p);
	for (;;) {
		s += strspn(s, " \t");
		if (*s == '\0' || *s == '#')
			break;
		if (n < 3)
			words[n] = to;
		n++;
		for (; *s != '\0'; s++) {
			if (*s == '\\' && s[1] != '\0' &&
			    (strchr("'\"\\", s[1]) != NULL ||
			    (quote == '\0' && s[1] == ' ')))
				*to++ = *++s;
			else if (quote == '\0' && (*s == ' ' || *s == '\t'))
				break;
			else if (quote == '\0' && (*s == '"' || *s == '\''))
				quote = *s;
			else if (quote != '\0' && *s == quote)
				quote = '\0';
			else
				*to++ = *s;
		}
		if (quote != '\0')
			return parser_refuse(p, "open quote");
		if (*s != '\0')
			s++;
		*to++ = '\0';
	}
	*nwordsp = n;
	return 0;
}

/* Sets a keyword that takes one word. */
static int
set_keyword(struct parser *p, enum keyword keyword, const char *s)
{
	struct tun_forward fwd;
	const char *errstr;
	int n;

	switch (keyword) {
	case KW_ADDRESSFAMILY:
		return set_word(p, &p->family, families, s);
	case KW_CLEARALL:
		return set_word(p, &p->clear, yesno, s);
	case KW_CONTROLMASTER:
		return set_word(p, &p->master, masters, s);
	case KW_CONTROLPATH:
		parser_first_string(&p->cmd.ctlpath, s);
		return 0;
	case KW_CONTROLPERSIST:
		/*
		 * ssh accepts yes and no here in lower case only; 0 seconds
		 * means for ever.
		 */
		if (strcmp(s, "yes") == 0 || strcmp(s, "true") == 0 ||
		    seconds(s) != -1)
			parser_first(&p->persist, 1);
		else if (strcmp(s, "no") == 0 || strcmp(s, "false") == 0)
			parser_first(&p->persist, 0);
		else
			return parser_refuse(p, "bad time");
		return 0;
	case KW_EXITONFAIL:
		return set_word(p, &p->exitonfail, yesno, s);
	case KW_FORK:
		return set_word(p, &p->fork, yesno, s);
	case KW_GATEWAY:
		return set_word(p, &p->gateway, yesno, s);
	case KW_PORT:
		if ((n = forward_port(s)) <= 0)
			return parser_refuse(p, "bad port");
		parser_first(&p->cmd.port, n);
		return 0;
	case KW_ALIVECOUNT:
		if ((n = number(s, s + strlen(s))) == -1)
			return parser_refuse(p, "bad number");
		parser_first(&p->cmd.alive_count, n);
		return 0;
	case KW_ALIVEINTERVAL:
		if (strcmp(s, "none") == 0)
			return 0;
		if ((n = seconds(s)) == -1)
			return parser_refuse(p, "bad time");
		parser_first(&p->cmd.alive_interval, n);
		return 0;
	case KW_SESSIONTYPE:
		return set_word(p, &p->session, sessions, s);
	case KW_STDINNULL:
		return set_word(p, &p->null, yesno, s);
	case KW_BINDUNLINK:
		return set_word(p, &p->unlink, yesno, s);
	case KW_TAG:
		parser_first_string(&p->tag, s);
		return 0;
	case KW_TTY:
		return set_word(p, &p->tty, ttys, s);
	case KW_TUNNEL:
		return set_word(p, &p->tunnel, tunnels, s);
	case KW_TUNNELDEVICE:
		if (forward_parse_device(p->a, s, &fwd, &errstr) == -1)
			return errno == ENOMEM ? parser_nomem(p) :
			    parser_refuse(p, errstr);
		parser_first_string(&p->device, s);
		return 0;
	case KW_USER:
		parser_first_string(&p->cmd.user, s);
		return 0;
	default:
		return 0;
	}
}

static enum keyword
find_keyword(const char *name)
{
	size_t i;

	for (i = 0; i < NELEM(keywords); i++)
		if (strcasecmp(name, keywords[i].name) == 0)
			return keywords[i].keyword;
	return KW_OTHER;
}

static int
is_forward(enum keyword keyword, enum tun_fwd_kind *kind)
{
	switch (keyword) {
	case KW_LOCAL:
		*kind = TUN_FWD_LOCAL;
		return 1;
	case KW_REMOTE:
		*kind = TUN_FWD_REMOTE;
		return 1;
	case KW_DYNAMIC:
		*kind = TUN_FWD_DYNAMIC;
		return 1;
	default:
		return 0;
	}
}

int
keyword_line(struct parser *p, const char *text)
{
	enum keyword keyword;
	enum tun_fwd_kind kind;
	const char *words[3];
	char *line, *rest, *name;
	size_t n = 0, len;

	if ((line = arena_strdup(p->a, text)) == NULL)
		return parser_nomem(p);
	for (len = strlen(line); len > 1; len--)
		if (strchr(BLANKS "\f", line[len - 1]) == NULL)
			break;
	line[len] = '\0';

	rest = line;
	name = cut_keyword(&rest);
	if (name != NULL && *name == '\0')
		name = cut_keyword(&rest);	/* blanks or a "=" came first */
	if (name == NULL || *name == '\0' || *name == '#')
		return 0;
	if (rest != NULL)
		rest += strspn(rest, BLANKS);
	if (rest == NULL || *rest == '\0')
		return parser_refuse(p, "keyword without value");

	switch (keyword = find_keyword(name)) {
	case KW_REFUSED:
		return parser_refuse(p, "not for the command line");
	case KW_OTHER:
		return 0;
	/* ssh uses the line as it is; 8.7 only checks its quotes. */
	case KW_PROXYCOMMAND:
		if (p->proxy == NULL && parser_is_none(p->jump))
			p->proxy = rest + strspn(rest, BLANKS "=");
		return 0;
	case KW_PROXYJUMP:
		if (p->proxy == NULL)
			parser_first_string(&p->jump,
			    rest + strspn(rest, BLANKS "="));
		return 0;
	case KW_REMOTECOMMAND:
		parser_first_string(&p->command,
		    rest + strspn(rest, BLANKS "="));
		return 0;
	default:
		break;
	}
	if (split_words(p, rest, words, &n) == -1)
		return -1;
	if (keyword == KW_TUNLABEL) {
		if (n > 0)
			parser_first_string(&p->cmd.label, words[0]);
		return 0;	/* ssh does not check it, by IgnoreUnknown */
	}
	if (n == 0 || *words[0] == '\0')
		return parser_refuse(p, "keyword without value");
	if (is_forward(keyword, &kind))
		return parser_want(p, kind, 1, words, n);
	if (n > 1)
		return parser_refuse(p, "more than one value");
	return set_keyword(p, keyword, words[0]);
}

