/* SPDX-License-Identifier: ISC */
/*
 * dropbear.c: reads a command line of dbclient(1), the client of Dropbear.  On
 * small systems its program is dropbear or dropbearmulti, which the first or
 * the second word tells what to be, and ssh is a link to it.
 *
 * Its letters mean other things than ssh's, and it has no unix sockets, no -D,
 * no -w, no masters and no ssh_config.  It ignores letters that it does not
 * know.  Its signal mask does not show how far it has got.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compat/base_name.h"
#include "parser.h"

#define LETTERS_ARG	"BIJKLRWbcilmop"	/* and M, if old is not set */
#define KEEPALIVES	3	/* unanswered, after which it ends */

static int
is_client(const char *word)
{
	return strcmp(base_name(word), "dbclient") == 0;
}

static int
is_one_of_many(const char *word)
{
	const char *name = base_name(word);

	return strcmp(name, "dropbear") == 0 ||
	    strcmp(name, "dropbearmulti") == 0;
}

int
dropbear_is_name(const char *name)
{
	return is_client(name) || is_one_of_many(name);
}

int
dropbear_takes_value(int letter, int old)
{
	return letter == 'M' ? !old : strchr(LETTERS_ARG, letter) != NULL;
}

/* -o: returns the value if the line is about that keyword, or NULL. */
static const char *
value_of(const char *line, const char *keyword)
{
	const char *s, *end;

	line += strspn(line, BLANKS);
	if (strncasecmp(line, keyword, strlen(keyword)) != 0)
		return NULL;
	end = line + strlen(keyword);
	s = end + strspn(end, BLANKS);
	if (*s == '=')
		s += 1 + strspn(s + 1, BLANKS);
	return s == end ? NULL : s;
}

static int
is_yes(const char *value)
{
	return strcmp(value, "yes") == 0 || strcmp(value, "y") == 0 ||
	    strcmp(value, "true") == 0;
}

/* Reads a number as strtoul(3) does. */
static int
read_number(const char *s, unsigned long max)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(s, &end, 10);
	return errno != 0 || end == s || *end != '\0' || n > max ? -1 : (int)n;
}

static void
set_keepalive(struct parser *p, const char *value)
{
	p->cmd.alive_interval = read_number(value, INT_MAX);
	p->cmd.alive_count = KEEPALIVES;
}

static int
read_keyword(struct parser *p, const char *line)
{
	const char *value;

	if (strcmp(line, "help") == 0)
		p->cmd.kind = CMD_OTHER;
	else if ((value = value_of(line, "Port")) != NULL)
		return (p->port = forward_port(value)) > 0 ? 0 :
		    parser_refuse(p, "bad port");
	else if ((value = value_of(line, "ExitOnForwardFailure")) != NULL)
		p->exitonfail = is_yes(value);
	else if ((value = value_of(line, "GatewayPorts")) != NULL)
		p->gateway = is_yes(value);
	else if ((value = value_of(line, "ProxyCommand")) != NULL)
		p->proxy = value;
	else if ((value = value_of(line, "ServerAliveInterval")) != NULL)
		set_keepalive(p, value);
	return 0;
}

static int
read_value(struct parser *p, int c, const char *value)
{
	const char *words[3] = { value, NULL, NULL };

	switch (c) {
	case 'B':
		p->stdio = value;
		break;
	case 'J':
		p->cmd.proxy = value;
		break;
	case 'K':
		set_keepalive(p, value);
		break;
	case 'L':
		return parser_want(p, TUN_FWD_LOCAL, 0, words, 1);
	case 'R':
		return parser_want(p, TUN_FWD_REMOTE, 0, words, 1);
	case 'c':
	case 'm':
		if (strcmp(value, "help") == 0)
			p->cmd.kind = CMD_OTHER;
		break;
	case 'l':
		p->cmd.user = value;
		break;
	case 'o':
		return read_keyword(p, value);
	case 'p':
		if ((p->cmd.port = forward_port(value)) <= 0)
			return parser_refuse(p, "bad port");
		break;
	}
	return 0;
}

static void
read_letter(struct parser *p, int c)
{
	switch (c) {
	case 'D':
	case 'F':
	case 'Q':
	case 'V':
	case 'e':
	case 'h':
		p->cmd.kind = CMD_OTHER;
		break;
	case 'N':
		p->session = SESSION_NONE;
		break;
	case 'T':
		p->tty = TTY_NO;
		break;
	case 'f':
		p->fork = 1;
		break;
	case 'g':
		p->gateway = 1;
		break;
	case 's':
		p->cmd.flags |= CMD_SUBSYSTEM;
		break;
	case 't':
		p->tty = TTY_YES;
		break;
	}
}

/*
 * The most seconds that it runs are the value of -M as of 2026.90; before, -M
 * was ignored, and the word "3600" would be the host.
 */
static void
read_duration(struct parser *p, const char *value)
{
	p->cmd.oldtag = value == NULL || read_number(value, INT_MAX) == -1;
}

/* Reads the word at *ip, and the next one if that is its value. */
static int
read_option(struct parser *p, const char *const *argv, size_t argc, size_t *ip)
{
	const char *s = argv[*ip];

	while (*++s != '\0') {
		if (*s == 'M')
			read_duration(p, s[1] != '\0' ? s + 1 : *ip + 1 < argc ?
			    argv[*ip + 1] : NULL);
		if (!dropbear_takes_value(*s, p->cmd.oldtag)) {
			read_letter(p, *s);
			continue;
		}
		if (s[1] != '\0')
			return read_value(p, *s, s + 1);
		if (++*ip == argc)
			return parser_refuse(p, "option without value");
		return read_value(p, *s, argv[*ip]);
	}
	return 0;
}

/* Writes the hops of "a^22,b/22" as -J of ssh has them. */
static int
read_hops(struct parser *p, char *hops)
{
	char *s;

	for (s = hops; *s != '\0'; s++)
		if (*s == '^' || *s == '/')
			*s = ':';
	p->cmd.jump = hops;
	return *hops == '\0' ? parser_refuse(p, "empty hop") : 0;
}

/* [[user@]hop[^port],...][user@]host[^port]; "/" is an older "^". */
static int
read_destination(struct parser *p, const char *word)
{
	char *s, *last, *port;

	p->cmd.dest = word;
	/* rsync makes "-l a@b,c host" of a@b,c@host. */
	s = p->cmd.user != NULL && strchr(p->cmd.user, '@') != NULL &&
	    strchr(p->cmd.user, ',') != NULL ?
	    arena_printf(p->a, "%s@%s", p->cmd.user, word) :
	    arena_strdup(p->a, word);
	if (s == NULL)
		return parser_nomem(p);
	if ((last = strrchr(s, ',')) != NULL) {
		*last++ = '\0';
		if (read_hops(p, s) == -1)
			return -1;
		s = last;
	}
	p->cmd.host = s;
	if ((s = strchr(s, '@')) != NULL) {
		p->cmd.user = p->cmd.host;
		*s++ = '\0';
		p->cmd.host = s;
	}
	port = strchr(p->cmd.host, '^');
	if (port == NULL)
		port = strchr(p->cmd.host, '/');
	if (port != NULL) {
		*port++ = '\0';
		if ((p->cmd.port = forward_port(port)) <= 0)
			return parser_refuse(p, "bad port");
	}
	/* Nobody can log in to a host with a dash. */
	if (*p->cmd.host == '\0' || *p->cmd.host == '-')
		return parser_refuse(p, "bad host name");
	return 0;
}

/*
 * [address:]port:host:port, without brackets.  -g widens also a -R without an
 * address.
 */
static int
read_forward(struct parser *p, const struct want *w, struct tun_forward *fwd)
{
	char *part[4], *s;
	size_t n = 0;

	if ((s = arena_strdup(p->a, w->words[0])) == NULL)
		return parser_nomem(p);
	for (; s != NULL && n < 4; n++) {
		part[n] = s;
		if ((s = n < 3 ? strchr(s, ':') : NULL) != NULL)
			*s++ = '\0';
	}
	if (n < 3)
		return parser_refuse(p, "bad forward");
	memset(fwd, 0, sizeof(*fwd));
	fwd->kind = w->kind;
	if (n == 4)
		fwd->listen.host = part[0];
	else if (w->kind == TUN_FWD_REMOTE && p->gateway == 1)
		fwd->listen.host = "";
	fwd->listen.port = read_number(part[n - 3], 65535);
	fwd->connect.host = part[n - 2];
	fwd->connect.port = read_number(part[n - 1], 65535);
	if (fwd->listen.port == -1 || fwd->connect.port == -1)
		return parser_refuse(p, "bad port");
	return 0;
}

/* -B host:port; of several the last one counts. */
static int
read_stdio(struct parser *p, struct tun_forward *fwd)
{
	char *s;

	p->session = SESSION_NONE;
	memset(fwd, 0, sizeof(*fwd));
	fwd->kind = TUN_FWD_STDIO;
	fwd->listen.port = -1;
	if ((s = arena_strdup(p->a, p->stdio)) == NULL)
		return parser_nomem(p);
	fwd->connect.host = s;
	if ((s = strchr(s, ':')) != NULL)
		*s++ = '\0';
	if (s == NULL ||
	    (fwd->connect.port = read_number(s, 65535)) == -1)
		return parser_refuse(p, "bad -B");
	return 0;
}

static int
read_forwards(struct parser *p)
{
	static const struct tun_end unknown = { NULL, NULL, -1 };
	struct tun_forward *fwds, fwd;
	const struct want *w;
	int r;

	fwds = arena_alloc(p->a, (p->nwants + 1) * sizeof(*fwds));
	if (fwds == NULL)
		return parser_nomem(p);
	p->cmd.fwds = fwds;
	for (w = p->wants; w != NULL; w = w->next) {
		if (read_forward(p, w, &fwd) == -1)
			return -1;
		r = 0;
		/* The kernel or the server chooses the port. */
		if (fwd.listen.port == 0) {
			fwd.listen = unknown;
			errno = EINVAL;
			r = -1;
		}
		if (parser_keep(p, fwds, r, &fwd, fwd_errstr_unknown) == -1)
			return -1;
	}
	if (p->stdio == NULL)
		return 0;
	if (read_stdio(p, &fwd) == -1)
		return -1;
	return parser_keep(p, fwds, 0, &fwd, NULL);
}

/* Options end at the second word that is none. */
static int
read_words(struct parser *p, const char *const *argv, size_t argc)
{
	const char *dest = NULL;
	size_t i;

	for (i = 0; i < argc; i++) {
		if (*argv[i] == '-') {
			if (read_option(p, argv, argc, &i) == -1)
				return -1;
		} else if (dest == NULL)
			dest = argv[i];
		else
			break;
	}
	if (p->cmd.kind == CMD_OTHER) {
		p->leave = 1;
		return 0;
	}
	if (dest == NULL)
		return parser_refuse(p, "no destination");
	if (p->cmd.port == UNSET && p->port > 0)
		p->cmd.port = p->port;
	if (p->cmd.proxy == NULL)
		p->cmd.proxy = p->proxy;
	p->cmd.command = argv + i;
	p->cmd.ncommand = argc - i;
	if (p->fork == 1 && p->cmd.ncommand == 0 &&
	    p->session != SESSION_NONE)
		return parser_refuse(p, "-f without a command");
	if (read_destination(p, dest) == -1)
		return -1;
	return read_forwards(p);
}

/*
 * The number of words before its options: those up to the name of the client.
 * 0: it is the server, or another of its programs.
 */
static size_t
names_client(const char *const *argv, size_t argc)
{
	size_t i;

	for (i = 0; i < argc && i < 2; i++) {
		if (is_client(argv[i]) ||
		    strcmp(base_name(argv[i]), "ssh") == 0)
			return i + 1;
		if (strcmp(base_name(argv[i]), "dropbear") == 0)
			return 0;
	}
	return 0;
}

int
dropbear_parse(struct arena *a, const char *program, const char *const *argv,
    size_t argc, struct cmdline *cmd)
{
	struct parser p;
	size_t skip = is_client(program) ? 1 : names_client(argv, argc);
	int r;

	parser_start(&p, a, skip > 0 ? CMD_SESSION : CMD_SERVED);
	r = skip == 0 ? 0 : skip > argc ? parser_refuse(&p, "no words") :
	    read_words(&p, argv + skip, argc - skip);
	if (parser_end(&p, r) == -1)
		return -1;
	*cmd = p.cmd;
	cmd->flags |= CMD_DROPBEAR;
	cmd->before = skip > 0 ? skip - 1 : 0;
	return 0;
}
