/* SPDX-License-Identifier: ISC */
/*
 * Reads a command line of ssh(1) as ssh's own parser does: the argv of a
 * process becomes a destination, options and forwards.
 *
 * A running client has passed that parser, so errors need no repair here.
 * Where releases of ssh differ, the reading in which all words make sense is
 * taken.  An unknown keyword is taken for one of a later release.
 */
#include <sys/types.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"

/*
 * Option letters without and with an argument.  -P is in both; -1 is no longer
 * an option.
 */
#define LETTERS		"246ACGKMNTVXYZafgknqstvxy"
#define LETTERS_ARG	"BDEFIJLOQRSWbceilmopw"

/*
 * Options.
 */
static int
set_session(struct parser *p, int session)
{
	if (p->session != UNSET && p->session != session)
		return parser_refuse(p, "-N and -s exclude each other");
	p->session = session;
	return 0;
}

static int
read_letter(struct parser *p, int c)
{
	switch (c) {
	case '4':
		p->family = FAMILY_INET;
		break;
	case '6':
		p->family = FAMILY_INET6;
		break;
	case 'G':
	case 'Z':
		p->cmd.kind = CMD_OTHER;
		break;
	case 'M':
		p->master = p->master == MASTER_YES ? MASTER_ASK : MASTER_YES;
		break;
	case 'N':
		p->tty = TTY_NO;
		return set_session(p, SESSION_NONE);
	case 'T':
		p->tty = TTY_NO;
		break;
	case 'V':
		p->cmd.kind = CMD_OTHER;
		p->leave = 1;
		break;
	case 'f':
		p->fork = 1;
		break;
	case 'g':
		p->gateway = 1;
		break;
	case 's':
		return set_session(p, SESSION_SUBSYSTEM);
	case 't':
		p->tty = p->tty == TTY_YES ? TTY_FORCE : TTY_YES;
		break;
	}
	return 0;
}

/*
 * -W also means no session and no terminal.  Without a host it means only that,
 * and a second -W may follow.
 */
static int
read_stdio(struct parser *p, const char *value)
{
	struct tun_forward fwd;
	const char *errstr;

	if (p->stdio != NULL || p->control)
		return parser_refuse(p, "-W after -W or -O");
	p->session = SESSION_NONE;
	p->tty = TTY_NO;
	if (forward_parse(p->a, TUN_FWD_STDIO, value, p->x, &fwd,
	    &errstr) == -1) {
		if (errno == ENOMEM)
			return parser_nomem(p);
		if (errstr != fwd_errstr_unknown)
			return parser_refuse(p, errstr);
		p->stdio = value;
	} else if (fwd.connect.host != NULL || fwd.connect.path != NULL)
		p->stdio = value;
	return 0;
}

static int
read_letter_arg(struct parser *p, int c, const char *value)
{
	const char *words[3] = { value, NULL, NULL };
	struct tun_forward fwd;
	const char *errstr;

	switch (c) {
	case 'D':
		return parser_want(p, TUN_FWD_DYNAMIC, 0, words, 1);
	case 'F':
		p->cmd.configfile = value;
		break;
	case 'J':
		if (p->jump != NULL || p->proxy != NULL)
			return parser_refuse(p, "-J after a jump or proxy");
		p->jump = value;
		break;
	case 'L':
		return parser_want(p, TUN_FWD_LOCAL, 0, words, 1);
	case 'O':
		if (p->stdio != NULL || p->control)
			return parser_refuse(p, "-O after -W or -O");
		p->cmd.kind = CMD_OTHER;
		p->control = 1;
		break;
	case 'P':
		parser_first_string(&p->tag, value);
		break;
	case 'Q':
		p->cmd.kind = CMD_OTHER;
		p->leave = 1;
		break;
	case 'R':
		return parser_want(p, TUN_FWD_REMOTE, 0, words, 1);
	case 'S':
		p->cmd.ctlpath = value;
		break;
	case 'W':
		return read_stdio(p, value);
	case 'l':
		parser_first_string(&p->cmd.user, value);
		break;
	case 'o':
		return keyword_line(p, value);
	case 'p':
		/* ssh ignores a second port, even a wrong one. */
		if (p->cmd.port == -1 &&
		    (p->cmd.port = forward_port(value)) <= 0)
			return parser_refuse(p, "bad port");
		break;
	case 'w':
		parser_first(&p->tunnel, TUNNEL_POINT);
		if (forward_parse_device(p->a, value, &fwd, &errstr) == -1)
			return errno == ENOMEM ? parser_nomem(p) :
			    parser_refuse(p, errstr);
		p->device = value;
		break;
	}
	return 0;
}

/*
 * The number of arguments that a letter takes, or -1 if ssh has no such option.
 */
static int
arity(const struct parser *p, int c)
{
	if (p->cmd.flags & CMD_DROPBEAR)
		return dropbear_takes_value(c, !p->tag_arg);
	if (c == 'P')
		return p->tag_arg;
	if (strchr(LETTERS_ARG, c) != NULL)
		return 1;
	return strchr(LETTERS, c) != NULL ? 0 : -1;
}

/*
 * Reads options from argv[*ip] on, as BSD's getopt(3) does, and leaves *ip at
 * the first word that is not an option.  A cluster that ends in a dash ("-N-")
 * is not an option either, but its letters have taken effect.
 */
static int
read_options(struct parser *p, const char *const *argv, size_t argc,
    size_t *ip)
{
	const char *s, *value;

	for (; *ip < argc; (*ip)++) {
		s = argv[*ip];
		if (*s != '-' || s[1] == '\0')
			return 0;
		if (strcmp(s, "--") == 0) {
			(*ip)++;
			return 0;
		}
		while (*++s != '\0') {
			if (*s == '-' && s[1] == '\0')
				return 0;
			if (*s == 'P')
				p->saw_tag = 1;
			switch (arity(p, *s)) {
			case -1:
				return parser_refuse(p, "no such option");
			case 0:
				if (read_letter(p, *s) == -1)
					return -1;
				break;
			case 1:
				value = s + 1;
				if (*value == '\0' && ++*ip == argc)
					return parser_refuse(p,
					    "option without value");
				if (*value == '\0')
					value = argv[*ip];
				if (read_letter_arg(p, *s, value) == -1)
					return -1;
				break;
			}
			if (p->leave)
				return 0;
			if (arity(p, *s) == 1)
				break;
		}
	}
	return 0;
}

/* Destinations. */

/* Undoes %XX and "+", in place. */
static int
decode(char *s)
{
	char hex[3] = "";
	char *to = s;
	unsigned long c;

	for (; *s != '\0'; s++) {
		if (*s != '%') {
			*to++ = *s == '+' ? ' ' : *s;
			continue;
		}
		if (!isxdigit((unsigned char)s[1]) ||
		    !isxdigit((unsigned char)s[2]))
			return -1;
		memcpy(hex, s + 1, 2);
		if ((c = strtoul(hex, NULL, 16)) == 0)
			return -1;
		*to++ = (char)c;
		s += 2;
	}
	*to = '\0';
	return 0;
}

/* In a URI, ssh accepts only a domain name, and removes a dot at its end. */
static int
clean_domain(char *s)
{
	size_t i, len = strlen(s);

	if (!isalnum((unsigned char)*s) || strstr(s, "..") != NULL)
		return -1;
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) &&
		    strchr("-._", s[i]) == NULL)
			return -1;
	if (s[len - 1] == '.')
		s[len - 1] = '\0';
	return 0;
}

/*
 *	[ user [ ";" params ] "@" ] host [ ":" port ] [ "/" ]
 *
 * after ssh://, in an arena copy.
 */
static int
read_uri(struct parser *p, char *s)
{
	char *at, *end, *user = NULL, *host;
	int port = -1;

	if ((at = strchr(s, '@')) != NULL) {
		*at = '\0';
		user = s;
		user[strcspn(user, ";")] = '\0';
		if (*user == '\0' || decode(user) == -1)
			return -1;
		s = at + 1;
	}
	host = s;
	if (*s == '[') {
		if ((s = strchr(s, ']')) == NULL)
			return -1;
		host++;
		*s++ = '\0';
	} else
		s += strcspn(s, ":/");
	if (*s == ':') {
		*s++ = '\0';
		if (*s != '\0') {
			if ((end = strchr(s, '/')) != NULL)
				*end = '\0';
			if ((port = forward_port(s)) <= 0)
				return -1;
			s = end == NULL ? s + strlen(s) : end + 1;
		}
	} else if (*s == '/')
		*s++ = '\0';
	if (*s != '\0' || clean_domain(host) == -1)
		return -1;

	parser_first_string(&p->cmd.user, user);
	parser_first(&p->cmd.port, port);
	p->cmd.host = host;
	return 0;
}

static int
read_destination(struct parser *p, const char *word)
{
	char *s, *at;

	p->cmd.dest = word;
	if ((s = arena_strdup(p->a, word)) == NULL)
		return parser_nomem(p);
	if (strncmp(s, "ssh://", 6) == 0) {
		if (read_uri(p, s + 6) == -1)
			return parser_refuse(p, "bad URI");
		return 0;
	}
	p->cmd.host = s;
	if ((at = strrchr(s, '@')) != NULL) {
		if (at == s)
			return parser_refuse(p, "empty user");
		*at = '\0';
		parser_first_string(&p->cmd.user, s);
		p->cmd.host = at + 1;
	}
	/*
	 * Old releases refuse only "-", but nobody can log in to such a host.
	 */
	if (*p->cmd.host == '-')
		return parser_refuse(p, "bad host name");
	return 0;
}

/*
 * Options are read in two rounds: before the destination, and after it unless
 * the word before the destination is "--", even as the value of an option.
 */
static int
read_words(struct parser *p, const char *const *argv, size_t argc)
{
	size_t i = 1;
	int ended;

	if (argc == 0)
		return parser_refuse(p, "no words");
	if (read_options(p, argv, argc, &i) == -1)
		return -1;
	if (p->leave)
		return 0;
	if (i >= argc)
		return parser_refuse(p, "no destination");
	if (read_destination(p, argv[i]) == -1)
		return -1;
	ended = i > 1 && strcmp(argv[i - 1], "--") == 0;
	i++;
	if (!ended && read_options(p, argv, argc, &i) == -1)
		return -1;
	if (p->leave)
		return 0;
	p->cmd.command = argv + i;
	p->cmd.ncommand = argc - i;
	if (p->session == SESSION_SUBSYSTEM && p->cmd.ncommand == 0)
		return parser_refuse(p, "no subsystem");
	return 0;
}

/* The result. */

/*
 * autossh -M PORT monitors its ssh through a loop of two forwards that come
 * before all others: from PORT to the server and back to PORT + 1.
 */
static int
is_monitor(const struct tun_forward *l, const struct tun_forward *r)
{
	static const char loopback[] = "127.0.0.1";

	return l->kind == TUN_FWD_LOCAL && r->kind == TUN_FWD_REMOTE &&
	    l->listen.path == NULL && l->listen.host == NULL &&
	    r->listen.path == NULL && r->listen.host == NULL &&
	    l->connect.host != NULL && r->connect.host != NULL &&
	    strcmp(l->connect.host, loopback) == 0 &&
	    strcmp(r->connect.host, loopback) == 0 &&
	    l->connect.port == l->listen.port &&
	    r->listen.port == l->listen.port &&
	    r->connect.port == l->listen.port + 1;
}

/*
 * If the caller does not know the value of a token, it may be in the command
 * line, which ssh_config(5) cannot override.  A user name with tokens of its
 * own (10.x) is not used.
 */
static int
fill_tokens(struct parser *p, struct expand *x)
{
	char *port;

	parser_first_string(&x->host_arg, p->cmd.host);
	if (p->cmd.user != NULL && strpbrk(p->cmd.user, "%$") == NULL)
		parser_first_string(&x->user, p->cmd.user);
	if (p->cmd.port > 0) {
		if ((port = arena_printf(p->a, "%d", p->cmd.port)) == NULL)
			return parser_nomem(p);
		parser_first_string(&x->port, port);
	}
	return 0;
}

static int
read_forwards(struct parser *p)
{
	struct expand x;
	struct tun_forward *fwds, fwd;
	const struct want *w;
	const char *errstr = NULL;
	size_t n;
	int r;

	memset(&x, 0, sizeof(x));
	if (p->x != NULL)
		x = *p->x;
	if (fill_tokens(p, &x) == -1)
		return -1;
	n = p->nwants + (p->stdio != NULL) + (p->tunnel > TUNNEL_NO);
	if ((fwds = arena_alloc(p->a, n * sizeof(*fwds))) == NULL)
		return parser_nomem(p);
	p->cmd.fwds = fwds;
	for (w = p->wants; w != NULL; w = w->next) {
		r = w->config ? forward_parse_words(p->a, w->kind, w->words,
		    w->nwords, &x, &fwd, &errstr) :
		    forward_parse(p->a, w->kind, w->words[0], &x, &fwd,
		    &errstr);
		if (parser_keep(p, fwds, r, &fwd, errstr) == -1)
			return -1;
	}
	if (p->clear == 1) {
		p->cmd.nfwds = 0;
		p->cmd.flags &= ~(unsigned)CMD_UNKNOWN;
		p->cmd.errstr = NULL;
	}
	if (p->cmd.nfwds >= 2 && is_monitor(&fwds[0], &fwds[1])) {
		p->cmd.flags |= CMD_MONITOR;
		p->cmd.nmonitor = 2;
	}
	if (p->stdio != NULL) {
		r = forward_parse(p->a, TUN_FWD_STDIO, p->stdio, &x, &fwd,
		    &errstr);
		if (parser_keep(p, fwds, r, &fwd, errstr) == -1)
			return -1;
	}
	if (p->tunnel > TUNNEL_NO && p->clear != 1) {
		r = forward_parse_device(p->a,
		    p->device == NULL ? "any" : p->device, &fwd, &errstr);
		if (parser_keep(p, fwds, r, &fwd, errstr) == -1)
			return -1;
	}
	return 0;
}

static int
read_cmdline(struct parser *p, const char *const *argv, size_t argc)
{
	if (read_words(p, argv, argc) == -1)
		return -1;
	if (p->leave)
		return 0;
	if (p->stdio != NULL) {
		parser_first(&p->clear, 1);
		parser_first(&p->exitonfail, 1);
	}
	if (read_forwards(p) == -1)
		return -1;
	if (parser_is_none(p->cmd.ctlpath))
		p->cmd.ctlpath = NULL;
	if (!parser_is_none(p->jump))
		p->cmd.jump = p->jump;
	if (!parser_is_none(p->proxy))
		p->cmd.proxy = p->proxy;
	parser_first_string(&p->cmd.label, p->tag);
	return 0;
}

/* Reads all words in one way; -1 only with ENOMEM. */
static int
read_as(struct arena *a, const char *const *argv, size_t argc,
    const struct expand *x, int tag_arg, struct parser *p)
{
	parser_start(p, a, CMD_SESSION);
	p->x = x;
	p->tag_arg = tag_arg;
	return parser_end(p, read_cmdline(p, argv, argc));
}

static int
split(struct arena *a, const char *buf, size_t len, size_t n,
    const char ***vp, size_t *np)
{
	const char **v;
	char *copy, *s;
	size_t i;

	copy = arena_alloc(a, len + 1);
	v = arena_alloc(a, (n + 1) * sizeof(*v));
	if (copy == NULL || v == NULL)
		return -1;
	if (len > 0)
		memcpy(copy, buf, len);
	for (i = 0, s = copy; i < n; i++, s += strlen(s) + 1)
		v[i] = s;
	*vp = v;
	*np = n;
	return 0;
}

static size_t
count_words(const char *buf, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += buf[i] == '\0';
	return len > 0 && buf[len - 1] != '\0' ? n + 1 : n;
}

int
cmdline_split(struct arena *a, const char *buf, size_t len,
    const char ***vp, size_t *np)
{
	size_t used = title_length(buf, len);

	return split(a, buf, used, count_words(buf, used), vp, np);
}

int
cmdline_split_env(struct arena *a, const char *buf, size_t len,
    const char ***vp, size_t *np)
{
	while (len > 0 && buf[len - 1] == '\0')
		len--;
	return split(a, buf, len, count_words(buf, len), vp, np);
}

/*
 * -P takes an argument only since ssh 9.4.  The new reading is tried first.  It
 * is wrong if it leaves no destination, or if the tag looks like an option and
 * the words make sense without the argument.
 */
static int
read_openssh(struct arena *a, const char *const *argv, size_t argc,
    const struct expand *x, struct cmdline *cmd)
{
	struct parser p, old;

	if (read_as(a, argv, argc, x, 1, &p) == -1)
		return -1;
	if (p.saw_tag && (p.cmd.kind == CMD_BAD ||
	    (p.tag != NULL && *p.tag == '-'))) {
		if (read_as(a, argv, argc, x, 0, &old) == -1)
			return -1;
		if (old.cmd.kind != CMD_BAD) {
			p = old;
			p.cmd.oldtag = 1;
		}
	}
	*cmd = p.cmd;
	return 0;
}

static int
same_string(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int
means_same(const struct cmdline *c, const struct cmdline *d)
{
	size_t i;

	if (c->kind != d->kind || !same_string(c->host, d->host) ||
	    !same_string(c->user, d->user) || c->port != d->port ||
	    c->nfwds != d->nfwds)
		return 0;
	for (i = 0; i < c->nfwds; i++)
		if (tun_forward_cmp(&c->fwds[i], &d->fwds[i]) != 0)
			return 0;
	return 1;
}

int
cmdline_parse(struct arena *a, const char *const *argv, size_t argc,
    const struct expand *x, struct cmdline *cmd)
{
	const char *program = x != NULL && x->program != NULL ? x->program :
	    argc > 0 ? argv[0] : "";
	struct cmdline other;
	int r;

	if (dropbear_is_name(program))
		return dropbear_parse(a, program, argv, argc, cmd);
	if ((r = title_read(a, argv, argc, x, cmd)) != 0)
		return r == -1 ? -1 : 0;
	if (read_openssh(a, argv, argc, x, cmd) == -1)
		return -1;
	if (x == NULL || !x->unsure)
		return 0;
	if (dropbear_parse(a, "dbclient", argv, argc, &other) == -1)
		return -1;
	if (other.kind == CMD_SESSION && !means_same(cmd, &other)) {
		parser_init(cmd, CMD_BAD);
		cmd->errstr = "dbclient would read it otherwise";
	}
	return 0;
}

/* Knows the letters of the program that has this command line. */
static void
read_like(struct parser *p, const struct cmdline *cmd)
{
	memset(p, 0, sizeof(*p));
	p->tag_arg = !cmd->oldtag;
	p->cmd.flags = cmd->flags & CMD_DROPBEAR;
}

/*
 * Removes the options in drop from one word of options.  Sets *skipp if the
 * next word is the value of a removed option, and *takesp if it is the value of
 * another one.  Returns NULL if there is no memory, and "-" if nothing of the
 * word is left.
 */
static char *
trim_word(struct arena *a, const char *word, const struct parser *p,
    const char *drop, int *skipp, int *takesp)
{
	const char *s;
	char *copy, *to;
	int n;

	*skipp = *takesp = 0;
	if ((copy = arena_strdup(a, word)) == NULL)
		return NULL;
	for (s = word + 1, to = copy + 1; *s != '\0'; s++) {
		n = arity(p, *s);
		if (n != 1) {
			if (strchr(drop, *s) == NULL)
				*to++ = *s;
			continue;
		}
		if (strchr(drop, *s) != NULL)
			*skipp = s[1] == '\0';
		else {
			*takesp = s[1] == '\0';
			memmove(to, s, strlen(s));
			to += strlen(s);
		}
		break;
	}
	*to = '\0';
	return copy;
}

int
cmdline_without(struct arena *a, const char *const *argv, size_t argc,
    const struct cmdline *cmd, const char *drop, const char ***vp, size_t *np)
{
	struct parser p;
	const char **v;
	char *word;
	size_t i, n = 0, end = argc - cmd->ncommand;
	int host = 0, skip, takes;

	read_like(&p, cmd);
	if ((v = arena_alloc(a, (argc + 1) * sizeof(*v))) == NULL)
		return -1;
	if (argc > 0)
		v[n++] = argv[0];
	for (i = 1; i < end; i++) {
		if (*argv[i] != '-' || argv[i][1] == '\0') {
			/* The destination stands here once. */
			v[n++] = argv[i];
			if (host++)
				break;
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			v[n++] = argv[i];
			if (!host && i + 1 < end)
				v[n++] = argv[++i];
			break;
		}
		word = trim_word(a, argv[i], &p, drop, &skip, &takes);
		if (word == NULL)
			return -1;
		if (word[1] != '\0')
			v[n++] = word;
		if (takes && i + 1 < end)
			v[n++] = argv[i + 1];
		i += skip || takes;
	}
	for (i = end; i < argc; i++)
		v[n++] = argv[i];
	*vp = v;
	*np = n;
	return 0;
}

int
cmdline_options(struct arena *a, const char *const *argv, size_t argc,
    const struct cmdline *cmd, struct cmd_option **vp, size_t *np)
{
	struct parser p;
	struct cmd_option *v = NULL;
	const char *s;
	size_t i, n = 0, end = argc - cmd->ncommand;
	int host = 0;

	read_like(&p, cmd);
	for (i = 1; i < end; i++) {
		if (*argv[i] != '-' || argv[i][1] == '\0') {
			if (host++)
				break;
			continue;
		}
		if (strcmp(argv[i], "--") == 0)
			break;
		for (s = argv[i] + 1; *s != '\0'; s++) {
			if ((v = arena_push(a, v, n, sizeof(*v))) == NULL)
				return -1;
			v[n].letter = (unsigned char)*s;
			if (arity(&p, *s) != 1) {
				n++;
				continue;
			}
			if (s[1] != '\0')
				v[n].value = s + 1;
			else if (i + 1 < end)
				v[n].value = argv[++i];
			n++;
			break;
		}
	}
	*vp = v;
	*np = n;
	return 0;
}
