/* SPDX-License-Identifier: ISC */
/*
 * gspec specs|lines SEED N: make up N forward specs or whole command lines,
 * and ask the installed "ssh -G -F none" whether it reads them as we do.
 * The same seed makes up the same ones.  Differences go to stdout as "# ..."
 * and make the exit status 1.
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "verdict/verdict.h"

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))
#define PICK(a)		((a)[below(NELEM(a))])

#define MAXWORDS	96
#define BATCH		24	/* good specs that share one ssh */
#define MAXTEXT		65536

extern char **environ;

struct line {
	const char *argv[MAXWORDS];
	size_t argc;
};

static uint64_t state;
static struct expand surroundings;

/* splitmix64: small, and the same everywhere. */
static unsigned
below(size_t n)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (unsigned)((z ^ z >> 31) % n);
}

static void __attribute__((format(printf, 2, 3)))
append(char *to, const char *fmt, ...)
{
	size_t n = strlen(to);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to + n, MAXTEXT - n, fmt, ap);
	va_end(ap);
}

static void
add(struct line *l, const char *word)
{
	if (l->argc == MAXWORDS - 1)
		errx(3, "too many words");
	l->argv[l->argc++] = word;
	l->argv[l->argc] = NULL;
}

/* An argument of its own or the rest of the word, as it falls. */
static void
add_option(struct arena *a, struct line *l, int c, const char *value)
{
	if (*value != '\0' && below(2) == 0)
		add(l, arena_printf(a, "-%c%s", c, value));
	else {
		add(l, arena_printf(a, "-%c", c));
		add(l, value);
	}
}

static void
begin(struct line *l)
{
	l->argc = 0;
	add(l, "ssh");
	add(l, "-G");
	add(l, "-F");
	add(l, "none");
}

static const char *
make_field(void)
{
	static const char *const ports[] = {
		"8080", "1080", "8443", "2222", "8080", "9090", "65535",
		"65536", "0", "-0", "+8081", " 8082", "8083 ", "08084", "-1",
		"0x50", "socks", "postgresql", "nosuch", "80a", ""
	};
	static const char *const hosts[] = {
		"h", "db-1.example", "*", "", "localhost", "127.0.0.1",
		"[::1]", "[]", "[a:b]", "a\\:b", "ho\\\\st", "%h", "%%",
		"socks", "x\\/y", "\\[z", "[h", "[h]x", "\\", "h\\", " h",
		"[ h]", "${H}", "$H", "$\\{H}", "${EMPTY}", "${NOPE}", "${",
		"${}", "a]b", "[fe80::1%eth0]", "\xc3\xa9"
	};
	static const char *const paths[] = {
		"/s/a", "/s/b.sock", "./a", "~/b", "/s/a\\:b", "[/s/c:d]",
		"/s/%u-%i", "/s/%%", "/s/%h-%n-%p-%r", "/s/%d/x", "/s/a b",
		"/s/%T", "/s/%", "${SP}", "[/%l]", "/s/%L", "/s/%k", "/\\[",
		"/$\\{H}", "[ /x]", "[/x\\]"
	};

	switch (below(5)) {
	case 0:
	case 1:
		return PICK(ports);
	case 2:
	case 3:
		return PICK(hosts);
	default:
		return PICK(paths);
	}
}

static char *
make_spec(struct arena *a)
{
	static const char odd[] = "::[]\\/%${}0a1+- \t";
	static const int fields[] = { 1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5 };
	char spec[512];
	size_t i, n, len;

	*spec = '\0';
	n = (size_t)PICK(fields);
	for (i = 0; i < n; i++)
		snprintf(spec + strlen(spec), sizeof(spec) - strlen(spec),
		    "%s%s", i == 0 ? "" : ":", make_field());
	if (below(12) == 0)
		strcat(spec, ":");
	len = strlen(spec);
	if (below(6) == 0 && len > 0) {		/* another byte */
		i = below(len);
		spec[i] = odd[below(sizeof(odd) - 1)];
	}
	if (below(12) == 0 && len > 0) {	/* one byte less */
		i = below(len);
		memmove(spec + i, spec + i + 1, len - i);
	}
	return arena_strdup(a, spec);
}

/* Mostly good ones, for lines that shall have some more to say. */
static char *
make_good_spec(struct arena *a, enum tun_fwd_kind kind)
{
	struct tun_forward fwd;
	const char *errstr;
	char *spec;
	int i;

	for (i = 0; i < 40; i++) {
		spec = make_spec(a);
		if (forward_parse(a, kind, spec, &surroundings, &fwd,
		    &errstr) == 0)
			break;
	}
	return spec;
}

/*
 * What -G says, as far as it is about us, and what it should say.
 */
static void
print_end(char *to, const struct tun_end *e)
{
	if (e->path != NULL)
		append(to, " %s", e->path);
	else if (e->host != NULL)
		append(to, " [%s]:%d", e->host, e->port);
	else
		append(to, " %d", e->port);
}

/*
 * ssh takes a forward for dynamic here when it has no connect host or one
 * that is named "socks"; so one to a path is printed twice.
 */
static void
print_forwards(char *to, const struct cmdline *cmd)
{
	const struct tun_forward *f, *end = cmd->fwds + cmd->nfwds;
	const char *host;

	for (f = cmd->fwds; f < end; f++) {
		host = f->connect.host;
		if (f->kind != TUN_FWD_DYNAMIC && (f->kind != TUN_FWD_LOCAL ||
		    (host != NULL && strcmp(host, "socks") != 0)))
			continue;
		append(to, "dynamicforward");
		print_end(to, &f->listen);
		append(to, "\n");
	}
	for (f = cmd->fwds; f < end; f++) {
		host = f->connect.host;
		if (f->kind != TUN_FWD_LOCAL ||
		    (host != NULL && strcmp(host, "socks") == 0))
			continue;
		append(to, "localforward");
		print_end(to, &f->listen);
		print_end(to, &f->connect);
		append(to, "\n");
	}
	for (f = cmd->fwds; f < end; f++) {
		if (f->kind != TUN_FWD_REMOTE && f->kind != TUN_FWD_RDYNAMIC)
			continue;
		append(to, "remoteforward");
		print_end(to, &f->listen);
		if (f->kind == TUN_FWD_RDYNAMIC)
			append(to, " [socks]:0");
		else
			print_end(to, &f->connect);
		append(to, "\n");
	}
}

static const char *
choose(const struct cmdline *cmd, unsigned flag, const char *yes,
    const char *no)
{
	return cmd->flags & flag ? yes : no;
}

/* In the order of keywords[]. */
static void
print_rest(char *to, const struct cmdline *cmd)
{
	const struct tun_forward *f = NULL;

	append(to, "hostname %s\n", cmd->host);
	append(to, "user %s\n",
	    cmd->user != NULL ? cmd->user : surroundings.user);
	append(to, "port %d\n", cmd->port == -1 ? 22 : cmd->port);
	append(to, "addressfamily %s\n", choose(cmd, CMD_INET4, "inet",
	    choose(cmd, CMD_INET6, "inet6", "any")));
	append(to, "controlmaster %s\n",
	    choose(cmd, CMD_MASTER, "true", "false"));
	if (cmd->ctlpath != NULL)
		append(to, "controlpath %s\n", cmd->ctlpath);
	append(to, "controlpersist %s\n",
	    choose(cmd, CMD_PERSIST, "yes", "no"));
	append(to, "clearallforwardings %s\n",
	    choose(cmd, CMD_CLEARALL, "yes", "no"));
	append(to, "exitonforwardfailure %s\n",
	    choose(cmd, CMD_EXITONFAIL, "yes", "no"));
	append(to, "forkafterauthentication %s\n",
	    choose(cmd, CMD_FORK, "yes", "no"));
	append(to, "gatewayports %s\n", choose(cmd, CMD_GATEWAY, "yes", "no"));
	if (cmd->proxy != NULL)
		append(to, "proxycommand %s\n", cmd->proxy);
	if (cmd->jump != NULL)
		append(to, "proxyjump %s\n", cmd->jump);
	append(to, "requesttty %s\n", choose(cmd, CMD_TTY, "true",
	    choose(cmd, CMD_NOTTY, "false", "auto")));
	append(to, "serveralivecountmax %d\n",
	    cmd->alive_count == -1 ? 3 : cmd->alive_count);
	append(to, "serveraliveinterval %d\n",
	    cmd->alive_interval == -1 ? 0 : cmd->alive_interval);
	append(to, "sessiontype %s\n", choose(cmd, CMD_NOSESSION, "none",
	    choose(cmd, CMD_SUBSYSTEM, "subsystem", "default")));
	if (cmd->nfwds > 0 &&
	    cmd->fwds[cmd->nfwds - 1].kind == TUN_FWD_DEVICE)
		f = &cmd->fwds[cmd->nfwds - 1];
	append(to, "tunnel %s\n", f == NULL ? "false" : "true");
	if (f != NULL)
		append(to, "tunneldevice %s:%s\n", f->listen.host,
		    f->connect.host);
}

static const char *const keywords[] = {
	"hostname", "user", "port", "addressfamily", "controlmaster",
	"controlpath", "controlpersist", "clearallforwardings",
	"exitonforwardfailure", "forkafterauthentication", "gatewayports",
	"proxycommand", "proxyjump", "requesttty", "serveralivecountmax",
	"serveraliveinterval", "sessiontype", "tunnel", "tunneldevice"
};

/* The value of a line of -G in out, up to its end; NULL: no such line. */
static const char *
find_line(const char *out, const char *keyword, size_t *lenp)
{
	size_t n = strlen(keyword);

	for (; *out != '\0'; out += strcspn(out, "\n"), out += *out == '\n')
		if (strncmp(out, keyword, n) == 0 && out[n] == ' ') {
			*lenp = strcspn(out + n + 1, "\n");
			return out + n + 1;
		}
	return NULL;
}

/* Makes both sides say it the same way: -G knows more shades than we do. */
static void
normalise(char *to, const char *out, int rest)
{
	const char *line, *s;
	size_t i, n;

	for (line = out; *line != '\0'; line += n, line += *line == '\n') {
		n = strcspn(line, "\n");
		if (strncmp(line, "dynamicforward ", 15) == 0 ||
		    strncmp(line, "localforward ", 13) == 0 ||
		    strncmp(line, "remoteforward ", 14) == 0)
			append(to, "%.*s\n", (int)n, line);
	}
	for (i = 0; rest && i < NELEM(keywords); i++) {
		if ((s = find_line(out, keywords[i], &n)) == NULL)
			continue;
		if (strcmp(keywords[i], "controlmaster") == 0 ||
		    strcmp(keywords[i], "tunnel") == 0) {
			s = strncmp(s, "false", 5) == 0 ? "false" : "true";
			n = strlen(s);
		} else if (strcmp(keywords[i], "controlpersist") == 0) {
			s = strncmp(s, "no\n", 3) == 0 ? "no" : "yes";
			n = strlen(s);
		} else if (strcmp(keywords[i], "requesttty") == 0 &&
		    strncmp(s, "force", 5) == 0) {
			s = "true";
			n = strlen(s);
		} else if (strcmp(keywords[i], "tunneldevice") == 0 &&
		    strstr(to, "tunnel false\n") != NULL)
			continue;
		append(to, "%s %.*s\n", keywords[i], (int)n, s);
	}
}

/* ssh's exit status and, in out, what it said. */
static int
ask_ssh(const struct line *l, char *out)
{
	size_t len = 0;
	ssize_t n;
	pid_t pid;
	int fds[2], status, null;

	if (pipe(fds) == -1)
		err(3, "pipe");
	if ((pid = fork()) == -1)
		err(3, "fork");
	if (pid == 0) {
		if ((null = open("/dev/null", O_RDWR)) == -1)
			_exit(3);
		dup2(null, 0);
		dup2(fds[1], 1);
		dup2(null, 2);
		close(fds[0]);
		execvp("ssh", (char *const *)l->argv);
		_exit(3);
	}
	close(fds[1]);
	while (len < MAXTEXT - 1 &&
	    (n = read(fds[0], out + len, MAXTEXT - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = '\0';
	close(fds[0]);
	if (waitpid(pid, &status, 0) == -1)
		err(3, "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 3)
		errx(3, "ssh: cannot be run");
	return WEXITSTATUS(status);
}

static void
show(const char *what, const char *text)
{
	printf("# %s ", what);
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			printf(text[1] == '\0' ? "" : "; ");
		else if ((unsigned char)*text < ' ')
			printf("\\%03o", (unsigned char)*text);
		else
			putchar(*text);
	}
	putchar('\n');
}

/*
 * Drops the lines that were there before.  ssh compares forwards before it
 * replaces their %, and may so keep the same one twice; we never do.
 */
static void
unique(char *text)
{
	char *line, *next, *s;
	size_t n;

	for (line = text; *line != '\0'; line = next) {
		n = strcspn(line, "\n") + 1;
		next = line + n;
		for (s = text; s < line; s += strcspn(s, "\n") + 1)
			if (strncmp(s, line, n) == 0) {
				memmove(line, next, strlen(next) + 1);
				next = line;
				break;
			}
	}
}

/* 1: ssh agrees.  What it shall say is in cmd. */
static int
agrees(const struct line *l, const struct cmdline *cmd, int rest, int quiet)
{
	static char out[MAXTEXT], got[MAXTEXT], want[MAXTEXT];
	size_t i;
	int status;

	*got = *want = '\0';
	status = ask_ssh(l, out);
	if (status == 0)
		normalise(got, out, rest);
	else
		strcpy(got, "refused\n");
	if (cmd->kind == CMD_BAD)
		strcpy(want, "refused\n");
	else {
		print_forwards(want, cmd);
		if (rest)
			print_rest(want, cmd);
	}
	unique(got);
	unique(want);
	/* A name's case is no matter to either. */
	if (strcasecmp(got, want) == 0)
		return 1;
	if (quiet)
		return 0;
	printf("# words:");
	for (i = 4; i < l->argc; i++)
		printf(" <%s>", l->argv[i]);
	putchar('\n');
	show("ssh: ", got);
	show("ours:", want);
	if (cmd->kind == CMD_BAD)
		show("as", cmd->errstr);
	return 0;
}

/*
 * Only root may ask 9.2 for a local port below 1024, and %j is unknown to it.
 */
static int
is_fair(const struct cmdline *cmd)
{
	size_t i;
	int port;

	if (cmd->flags & CMD_UNKNOWN)
		return 0;
	for (i = 0; cmd->kind != CMD_BAD && i < cmd->nfwds; i++) {
		port = cmd->fwds[i].listen.port;
		if (geteuid() != 0 && port > 0 && port < 1024)
			return 0;
	}
	return 1;
}

static void
parse(struct arena *a, const struct line *l, struct cmdline *cmd)
{
	if (cmdline_parse(a, l->argv, l->argc, &surroundings, cmd) == -1)
		err(3, NULL);
}

/* The good ones by the dozen, and one by one only where that fails. */
static int
ask_batch(struct arena *a, const struct line *batch)
{
	struct line l;
	struct cmdline cmd;
	size_t i;

	parse(a, batch, &cmd);
	if (agrees(batch, &cmd, 0, 1))
		return 0;
	for (i = 4; i + 1 < batch->argc; i += 2) {
		begin(&l);
		add(&l, batch->argv[i]);
		add(&l, batch->argv[i + 1]);
		add(&l, "h");
		parse(a, &l, &cmd);
		if (!agrees(&l, &cmd, 0, 0))
			return 1;
	}
	parse(a, batch, &cmd);
	return !agrees(batch, &cmd, 0, 0);
}

static int
try_specs(long n)
{
	static const char *const options[] = { "-L", "-R", "-D" };
	struct arena *a;
	struct line l, batch;
	struct cmdline cmd;
	long good = 0, refused = 0, failed = 0;

	if ((a = arena_new()) == NULL)
		err(3, NULL);
	begin(&batch);
	while (good + refused < n) {
		begin(&l);
		add(&l, PICK(options));
		add(&l, make_spec(a));
		add(&l, "h");
		parse(a, &l, &cmd);
		if (!is_fair(&cmd))
			continue;
		if (cmd.kind == CMD_BAD) {
			/* Each of these takes an ssh: one good, one bad. */
			if (refused * 8 > good)
				continue;
			refused++;
			failed += !agrees(&l, &cmd, 0, 0);
			continue;
		}
		good++;
		add(&batch, l.argv[4]);
		add(&batch, l.argv[5]);
		if (batch.argc < 4 + 2 * BATCH && good + refused < n)
			continue;
		add(&batch, "h");
		failed += ask_batch(a, &batch);
		begin(&batch);
	}
	arena_free(a);
	printf("# %ld specs taken, %ld refused, %ld differ\n", good, refused,
	    failed);
	return failed != 0;
}

static char *
make_keyword(struct arena *a)
{
	static const char *const names[] = {
		"Port", "User", "ControlPath", "ControlMaster",
		"ControlPersist", "GatewayPorts", "AddressFamily",
		"ForkAfterAuthentication", "SessionType",
		"ExitOnForwardFailure", "ClearAllForwardings",
		"ServerAliveInterval", "ServerAliveCountMax", "Tunnel",
		"TunnelDevice", "StdinNull", "RequestTTY", "ProxyJump",
		"ProxyCommand", "LocalForward", "RemoteForward",
		"DynamicForward", "Host"
	};
	static const char *const values[][8] = {
		{ "22", "http", "2222", " 23", "0", "65536", "x", "22 23" },
		{ "joe", "\"a b\"", "a\\ b", "'q'", "\"\"", "j # c", "j k",
		    "\"open" },
		{ "/c/a", "none", "NONE", "\"/c/a b\"", "c", "/c/a", "a b",
		    "/c/d#e" },
		{ "yes", "no", "auto", "ask", "autoask", "YES", "maybe",
		    "true" },
		{ "yes", "no", "0", "10m", "1h30", "YES", "5x", "false" },
		{ "yes", "no", "Yes", "true", "false", "yes", "clientspecified",
		    "no" },
		{ "any", "inet", "inet6", "INET", "inet4", "any", "inet",
		    "inet6" },
		{ "yes", "no", "no", "true", "false", "no", "x", "no" },
		{ "none", "default", "None", "none", "subsystem", "default",
		    "x", "none" },
		{ "yes", "no", "true", "false", "yes", "no", "x", "YES" },
		{ "no", "no", "yes", "no", "false", "no", "x", "no" },
		{ "1m", "30", "1h1m1s", "1m30", "none", "-1", "5x", "1W" },
		{ "3", "0", "+4", "-1", "x", "5", "2147483647",
		    "2147483648" },
		{ "yes", "no", "point-to-point", "ethernet", "Ethernet", "x",
		    "no", "yes" },
		{ "0", "1:2", "any", "any:3", "x", "1:", "0:any", "ANY" },
		{ "yes", "no", "yes", "no", "yes", "no", "x", "true" },
		{ "yes", "no", "force", "auto", "Force", "x", "true",
		    "false" },
		{ "j1", "none", "u@j2:99", "j1,j2", "j3", "NONE", "j1", "j2" },
		{ "nc %h %p", "none", "= x", "a 'b c'", "x # y", "None", "z",
		    "x" },
		{ "8080 h:80", "8081 [::1]:80", "/s/a h:80", "8082 /s/b",
		    "8083:h 80", "8084 h:80 # x", "8085:h:80", "1 2 3" },
		{ "8080 h:80", "8080", "bind:8081", "/s/r", "8082:/s/x",
		    "8083 \"\"", "8080:h:80", "0" },
		{ "1080", "[::1]:1081", "*:1082", "/s/d", "socks", "1083:",
		    "1080 x", "0" },
		{ "x", "x", "x", "x", "x", "x", "x", "x" }
	};
	static const char *const between[] = {
		"=", " ", " = ", "\t", "  ", "= ", " =", "="
	};
	size_t i = below(NELEM(names) - (below(8) != 0));
	char *text;

	text = arena_printf(a, "%s%s%s%s%s", below(8) == 0 ? " " : "",
	    names[i], PICK(between), values[i][below(8)],
	    below(8) == 0 ? " " : "");
	if (below(8) == 0)
		text[below(3)] ^= below(2) == 0 ? ' ' : 0;
	return text;
}

static void
add_random(struct arena *a, struct line *l)
{
	static const char *const clusters[] = {
		"-N", "-f", "-fN", "-T", "-t", "-tt", "-g", "-4", "-6", "-M",
		"-MM", "-n", "-Nn4", "-gv", "-2", "-s", "-CA", "-k", "-N-",
		"-x-", "-h", "-1", "-q"
	};
	static const char *const ports[] = {
		"22", "99", "http", "0", "65536", "+7", "x"
	};
	static const char *const users[] = { "joe", "ann", "a b", "x.y" };
	static const char *const paths[] = { "/c/x", "none", "rel", "NONE" };
	static const char *const jumps[] = { "j", "u@j:2,k", "none" };
	static const char *const stdios[] = {
		"h:22", "[::1]:22", "22", ":22", "h", "h:0", "[t]:99"
	};
	static const char *const devices[] = { "0", "any:1", "1:2", "x" };
	static const struct {
		int c;
		enum tun_fwd_kind kind;
	} forwards[] = {
		{ 'L', TUN_FWD_LOCAL }, { 'R', TUN_FWD_REMOTE },
		{ 'D', TUN_FWD_DYNAMIC }
	};
	size_t i;

	switch (below(16)) {
	case 0:
	case 1:
	case 2:
		add(l, clusters[below(NELEM(clusters) - 6 * (below(4) != 0))]);
		break;
	case 3:
		add_option(a, l, 'p', PICK(ports));
		break;
	case 4:
		add_option(a, l, 'l', PICK(users));
		break;
	case 5:
		add_option(a, l, 'S', PICK(paths));
		break;
	case 6:
		if (below(3) == 0)
			add_option(a, l, 'J', PICK(jumps));
		break;
	case 7:
		if (below(2) == 0)
			add_option(a, l, 'W', PICK(stdios));
		break;
	case 8:
		if (below(2) == 0)
			add_option(a, l, 'w', PICK(devices));
		break;
	case 9:
		add_option(a, l, 'b', below(4) == 0 ? "--" : "-x");
		break;
	case 10:
	case 11:
	case 12:
		i = below(NELEM(forwards));
		add_option(a, l, forwards[i].c, below(12) == 0 ?
		    make_spec(a) : make_good_spec(a, forwards[i].kind));
		break;
	default:
		add_option(a, l, 'o', make_keyword(a));
		break;
	}
}

static void
make_line(struct arena *a, struct line *l)
{
	static const char *const hosts[] = {
		"h", "h", "h", "box.example", "u@h", "a@b@h", "h:9", "H",
		"ssh://u@h:99", "ssh://h", "ssh://a%41+b@h:http/", "ssh://h:",
		"ssh://[h]:22/", "[::1]", "@h", "ssh://h/x", "ssh://a..b", "-"
	};
	size_t i, n;

	begin(l);
	for (i = 0, n = below(6); i < n; i++)
		add_random(a, l);
	if (below(12) == 0)
		add(l, "--");
	add(l, hosts[below(NELEM(hosts) - 5 * (below(4) != 0))]);
	for (i = 0, n = below(3); i < n; i++)
		add_random(a, l);
	if (below(12) == 0)
		add(l, "--");
	if (below(3) == 0)
		add(l, "cmd");
	if (below(6) == 0)
		add_random(a, l);
}

static int
try_lines(long n)
{
	struct arena *a;
	struct line l;
	struct cmdline cmd;
	struct expand all = surroundings;
	long taken = 0, refused = 0, failed = 0;

	/* Hosts and users differ: a token of theirs is not known. */
	surroundings.host = surroundings.hostkey_alias = NULL;
	surroundings.host_arg = surroundings.port = NULL;
	surroundings.user = NULL;
	while (taken + refused < n) {
		if ((a = arena_new()) == NULL)
			err(3, NULL);
		make_line(a, &l);
		parse(a, &l, &cmd);
		/* -f without a command is for the config to decide. */
		if (!is_fair(&cmd) || (cmd.kind != CMD_BAD &&
		    (cmd.flags & (CMD_FORK | CMD_NOSESSION)) == CMD_FORK &&
		    cmd.ncommand == 0) ||
		    (cmd.kind == CMD_BAD && refused > taken)) {
			arena_free(a);
			continue;
		}
		surroundings.user = all.user;
		if (cmd.kind == CMD_BAD)
			refused++;
		else
			taken++;
		failed += !agrees(&l, &cmd, 1, 0);
		surroundings.user = NULL;
		arena_free(a);
	}
	printf("# %ld lines taken, %ld refused, %ld differ\n", taken, refused,
	    failed);
	return failed != 0;
}

int
main(int argc, char *argv[])
{
	static char host[256], brief[256], uid[32];
	const struct passwd *pw;

	if (argc != 4)
		errx(2, "usage: gspec specs|lines seed n");
	state = strtoull(argv[2], NULL, 10);
	if ((pw = getpwuid(getuid())) == NULL)
		errx(3, "no such user");
	if (gethostname(host, sizeof(host) - 1) == -1)
		err(3, "gethostname");
	snprintf(brief, sizeof(brief), "%.*s", (int)strcspn(host, "."), host);
	snprintf(uid, sizeof(uid), "%lu", (unsigned long)getuid());
	if (setenv("H", "host.example", 1) == -1 ||
	    setenv("SP", "/s/env:80", 1) == -1 ||
	    setenv("EMPTY", "", 1) == -1 || unsetenv("NOPE") == -1)
		err(3, "setenv");

	surroundings.env = (const char *const *)environ;
	surroundings.home = strdup(pw->pw_dir);
	surroundings.user = surroundings.local_user = strdup(pw->pw_name);
	surroundings.uid = uid;
	surroundings.local_host = host;
	surroundings.short_host = brief;
	surroundings.host = surroundings.host_arg = "h";
	surroundings.hostkey_alias = "h";
	surroundings.port = "22";

	if (strcmp(argv[1], "specs") == 0)
		return try_specs(strtol(argv[3], NULL, 10));
	return try_lines(strtol(argv[3], NULL, 10));
}
