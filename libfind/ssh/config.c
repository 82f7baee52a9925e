/* SPDX-License-Identifier: ISC */
/*
 * config.c: the forwards that only ssh_config(5) has, as "ssh -G" prints them
 * for the command line of a running client.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "ssh.h"

#define FORWARDS_MAX	4096
#define FILES_MAX	256

/* --- what ssh -G prints -------------------------------------------------- */

struct config_reader {
	struct arena *a;
	struct config *cfg;
	struct tun_forward *fwds;
	const char *device;
	int tunnel, clear, saw_port;
};

/*
 * Reads decimal digits up to end and nothing else, as printf("%d") writes them.
 */
static int
read_port(const char *s, const char *stop, int *port)
{
	int n = 0;

	if (s == stop)
		return 0;
	for (; s < stop; s++) {
		if (!isdigit((unsigned char)*s) || n > 65535)
			return 0;
		n = n * 10 + (*s - '0');
	}
	if (n > 65535)
		return 0;
	*port = n;
	return 1;
}

/* Reads "8080", "[host]:8080", or a path.  No part of it is expanded again. */
static int
read_end(struct arena *a, const char *s, const char *stop,
    struct tun_end *e)
{
	const char *close = NULL, *p;

	e->path = e->host = NULL;
	e->port = -1;
	if (s == stop)
		return 0;
	if (read_port(s, stop, &e->port))
		return 1;
	for (p = s; *s == '[' && p < stop; p++)
		if (*p == ']')
			close = p;
	if (close != NULL && stop - close > 2 && close[1] == ':' &&
	    read_port(close + 2, stop, &e->port)) {
		e->host = arena_strndup(a, s + 1, (size_t)(close - s) - 1);
		return e->host == NULL ? -1 : 1;
	}
	e->path = arena_strndup(a, s, (size_t)(stop - s));
	return e->path == NULL ? -1 : 1;
}

/*
 * Finds the blank between the two ends.  ssh prints a path without quotes, so
 * blanks in a path can make the line ambiguous: then NULL is returned.
 */
static const char *
find_gap(const char *s, const char *stop)
{
	const char *p, *q, *only = NULL, *before_root = NULL, *bracket = NULL;
	int port, blanks = 0, roots = 0;

	/* A port, or an address in brackets, ends at the next blank. */
	p = s;
	if (*s == '[') {
		while (p < stop && *p != ']')
			p++;
		if (stop - p > 1 && p[1] == ':')
			p += 2;
	}
	for (q = p; q < stop && *q != ' '; q++)
		continue;
	if (q < stop && read_port(p, q, &port))
		return q;

	for (p = s; p < stop; p++) {
		if (*p != ' ')
			continue;
		blanks++;
		only = p;
		if (p + 1 < stop && p[1] == '/') {
			roots++;
			before_root = p;
		}
		if (p + 1 < stop && p[1] == '[')
			bracket = p;
	}
	if (blanks == 1)
		return only;
	if (bracket != NULL) {
		for (q = stop; q > bracket && isdigit((unsigned char)q[-1]);)
			q--;
		if (q < stop && q - bracket > 3 && q[-1] == ':' &&
		    q[-2] == ']')
			return bracket;
	}
	return roots == 1 ? before_root : NULL;
}

static int
add_forward(struct config_reader *r, const struct tun_forward *fwd)
{
	struct config *cfg = r->cfg;

	if (cfg->nfwds >= FORWARDS_MAX) {
		cfg->unclear = 1;
		return 0;
	}
	r->fwds = arena_push(r->a, r->fwds, cfg->nfwds, sizeof(*r->fwds));
	if (r->fwds == NULL)
		return -1;
	r->fwds[cfg->nfwds++] = *fwd;
	cfg->fwds = r->fwds;
	return 0;
}

static int
read_forward(struct config_reader *r, enum tun_fwd_kind kind, const char *s,
    const char *stop)
{
	struct tun_forward fwd;
	const char *gap = stop;
	int got;

	memset(&fwd, 0, sizeof(fwd));
	fwd.kind = kind;
	if (kind != TUN_FWD_DYNAMIC && (gap = find_gap(s, stop)) == NULL) {
		r->cfg->unclear = 1;
		return 0;
	}
	if ((got = read_end(r->a, s, gap, &fwd.listen)) == 1 &&
	    kind != TUN_FWD_DYNAMIC)
		got = read_end(r->a, gap + 1, stop, &fwd.connect);
	if (got == -1)
		return -1;
	if (got == 0) {
		r->cfg->unclear = 1;
		return 0;
	}
	if (kind == TUN_FWD_REMOTE && fwd.connect.port == 0 &&
	    fwd.connect.host != NULL &&
	    strcmp(fwd.connect.host, "socks") == 0) {
		fwd.kind = TUN_FWD_RDYNAMIC;
		fwd.connect.host = NULL;
	}
	return add_forward(r, &fwd);
}

static int
same_listen(const struct tun_forward *a, const struct tun_forward *b)
{
	struct tun_forward x = *a, y = *b;

	memset(&x.connect, 0, sizeof(x.connect));
	memset(&y.connect, 0, sizeof(y.connect));
	x.kind = y.kind = TUN_FWD_LOCAL;
	return tun_forward_cmp(&x, &y) == 0;
}

/*
 * For each local forward to a path, ssh also prints a dynamic forward that does
 * not exist, before the local one.
 */
static void
drop_bogus(struct config_reader *r)
{
	struct tun_forward *v = r->fwds;
	size_t i, k, m, n = r->cfg->nfwds;

	for (i = m = 0; v != NULL && i < n; i++) {
		for (k = 0; v[i].kind == TUN_FWD_DYNAMIC && k < n; k++)
			if (v[k].kind == TUN_FWD_LOCAL &&
			    v[k].connect.path != NULL &&
			    same_listen(&v[i], &v[k]))
				break;
		if (v[i].kind == TUN_FWD_DYNAMIC && k < n)
			continue;
		v[m++] = v[i];
	}
	r->cfg->nfwds = m;
}

static int
is_yes(const char *value)
{
	return strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;
}

static int
is_none(const char *value)
{
	return strcasecmp(value, "none") == 0;
}

static void
set_flag(struct config *cfg, unsigned flag, int on)
{
	if (on)
		cfg->flags |= flag;
}

/*
 * "debug1: Reading configuration data FILE\r" and "debug1: Executing command:
 * 'COMMAND'\r", log.c and readconf.c.
 */
static int
read_debug(struct config_reader *r, const char *s)
{
	static const char words[] = "Reading configuration data ";
	static const char ran[] = "Executing command: ";
	struct config *cfg = r->cfg;

	cfg->ran |= strncmp(s, ran, sizeof(ran) - 1) == 0;
	if (strncmp(s, words, sizeof(words) - 1) != 0)
		return 0;
	if (cfg->nfiles >= FILES_MAX) {
		cfg->unclear = 1;
		return 0;
	}
	s += sizeof(words) - 1;
	return arena_add_string(r->a, &cfg->files, &cfg->nfiles,
	    arena_strndup(r->a, s, strcspn(s, "\r")));
}

static int
read_value(struct config_reader *r, const char *name, const char *value)
{
	struct config *cfg = r->cfg;
	const char *stop = value + strlen(value);

	if (strcmp(name, "debug1:") == 0)
		return read_debug(r, value);

	if (strcmp(name, "localforward") == 0)
		return read_forward(r, TUN_FWD_LOCAL, value, stop);
	if (strcmp(name, "remoteforward") == 0)
		return read_forward(r, TUN_FWD_REMOTE, value, stop);
	if (strcmp(name, "dynamicforward") == 0)
		return read_forward(r, TUN_FWD_DYNAMIC, value, stop);
	if (strcmp(name, "host") == 0)
		cfg->host = value;
	else if (strcmp(name, "port") == 0)
		r->saw_port = 1;
	else if (strcmp(name, "controlpath") == 0)
		cfg->ctlpath = is_none(value) ? NULL : value;
	else if (strcmp(name, "tag") == 0)
		cfg->label = *value == '\0' ? NULL : value;
	else if (strcmp(name, "proxyjump") == 0)
		cfg->jump = is_none(value) ? NULL : value;
	else if (strcmp(name, "proxycommand") == 0)
		cfg->proxy = is_none(value) ? NULL : value;
	else if (strcmp(name, "addressfamily") == 0) {
		set_flag(cfg, CMD_INET4, strcmp(value, "inet") == 0);
		set_flag(cfg, CMD_INET6, strcmp(value, "inet6") == 0);
	} else if (strcmp(name, "clearallforwardings") == 0)
		set_flag(cfg, CMD_CLEARALL, is_yes(value));
	else if (strcmp(name, "controlmaster") == 0)
		set_flag(cfg, CMD_MASTER, strcmp(value, "false") != 0 &&
		    strcmp(value, "no") != 0);
	else if (strcmp(name, "controlpersist") == 0)
		set_flag(cfg, CMD_PERSIST, strcmp(value, "no") != 0);
	else if (strcmp(name, "exitonforwardfailure") == 0)
		set_flag(cfg, CMD_EXITONFAIL, is_yes(value));
	else if (strcmp(name, "forkafterauthentication") == 0)
		set_flag(cfg, CMD_FORK, is_yes(value));
	else if (strcmp(name, "gatewayports") == 0)
		set_flag(cfg, CMD_GATEWAY, is_yes(value));
	else if (strcmp(name, "sessiontype") == 0) {
		set_flag(cfg, CMD_NOSESSION, strcmp(value, "none") == 0);
		set_flag(cfg, CMD_SUBSYSTEM, strcmp(value, "subsystem") == 0);
	} else if (strcmp(name, "remotecommand") == 0)
		set_flag(cfg, CMD_COMMAND, strcmp(value, "none") != 0);
	else if (strcmp(name, "tunnel") == 0) {
		r->tunnel = strcmp(value, "no") != 0 &&
		    strcmp(value, "false") != 0;
		set_flag(cfg, CMD_ETHERNET, strcmp(value, "ethernet") == 0);
	} else if (strcmp(name, "tunneldevice") == 0)
		r->device = value;
	return 0;
}

static int
read_device(struct config_reader *r)
{
	struct tun_forward fwd;
	const char *errstr;

	if (!r->tunnel || r->cfg->flags & CMD_CLEARALL)
		return 0;
	if (forward_parse_device(r->a, r->device == NULL ? "any" : r->device,
	    &fwd, &errstr) == -1) {
		r->cfg->unclear = 1;
		return errno == ENOMEM ? -1 : 0;
	}
	return add_forward(r, &fwd);
}

int
config_parse(struct arena *a, const char *buf, size_t len,
    struct config *cfg)
{
	struct config_reader r;
	char *line, *next, *value;

	memset(cfg, 0, sizeof(*cfg));
	memset(&r, 0, sizeof(r));
	r.a = a;
	r.cfg = cfg;
	if ((line = arena_strndup(a, buf, len)) == NULL)
		return -1;
	for (; (next = strchr(line, '\n')) != NULL; line = next) {
		*next++ = '\0';
		if ((value = strchr(line, ' ')) == NULL)
			continue;
		*value++ = '\0';
		if (read_value(&r, line, value) == -1)
			return -1;
	}
	/*
	 * ssh writes whole lines, so a partial last line means that output was
	 * cut.
	 */
	cfg->whole = *line == '\0' && r.saw_port;
	drop_bogus(&r);
	return read_device(&r);
}

/* --- what it adds -------------------------------------------------------- */

int
config_argv(struct arena *a, const char *const *argv, size_t argc,
    const struct cmdline *cmd, const char *file, const char ***vp)
{
	const char **words, **v;
	size_t i, n, m = 0;

	/*
	 * -E would create its file, -y would write to syslog, and -q would hide
	 * the output of -v.
	 */
	if (cmdline_without(a, argv, argc, cmd,
		file != NULL ? "EFqvy" : "Eqvy", &words, &n) == -1)
		return -1;
	if ((v = arena_alloc(a, (n + 4) * sizeof(*v))) == NULL)
		return -1;
	v[m++] = "ssh";
	v[m++] = "-Gv";
	if (file != NULL) {
		v[m++] = "-F";
		v[m++] = file;
	}
	for (i = 1; i < n; i++)
		v[m++] = words[i];
	*vp = v;
	return 0;
}

/*
 * Is this forward in the client's own command line?  ssh -G prints a forward
 * whose target is named "socks" as a dynamic one.
 */
static int
is_said(const struct cmdline *cmd, size_t n, const struct tun_forward *fwd)
{
	const struct tun_forward *own;
	size_t i;

	for (i = 0; i < n; i++) {
		own = &cmd->fwds[i];
		if (tun_forward_cmp(own, fwd) == 0 ||
		    (own->kind == TUN_FWD_DEVICE && fwd->kind == own->kind))
			return 1;
		if (fwd->kind == TUN_FWD_DYNAMIC &&
		    own->kind == TUN_FWD_LOCAL && own->connect.host != NULL &&
		    strcmp(own->connect.host, "socks") == 0 &&
		    same_listen(own, fwd))
			return 1;
	}
	return 0;
}

static int
has_tokens(const char *path)
{
	return strchr(path, '%') != NULL || strstr(path, "${") != NULL ||
	    *path == '~';
}

static int
is_read(const struct tun_forward *fwd)
{
	return end_is_known(&fwd->listen) && (end_is_known(&fwd->connect) ||
	    fwd->kind == TUN_FWD_DEVICE);
}

/*
 * Keeps the client's own forwards.  Those that cannot be read are among the
 * forwards of ssh -G, which knows the values that they need.
 */
static size_t
keep_own(const struct cmdline *cmd, const struct config *cfg,
    struct tun_forward *fwds)
{
	size_t i, n = 0;

	for (i = 0; i < cmd->nfwds; i++)
		if (cfg->unclear || !(cmd->flags & CMD_UNKNOWN) ||
		    cmd->fwds[i].kind == TUN_FWD_STDIO ||
		    is_read(&cmd->fwds[i]))
			fwds[n++] = cmd->fwds[i];
	return n;
}

int
config_apply(struct arena *a, struct cmdline *cmd, const struct config *cfg)
{
	struct tun_forward *fwds;
	size_t i, n = 0;

	fwds = arena_alloc(a, (cmd->nfwds + cfg->nfwds + 1) * sizeof(*fwds));
	if (fwds == NULL)
		return -1;
	if (!(cfg->flags & CMD_CLEARALL))
		n = keep_own(cmd, cfg, fwds);
	cmd->nmonitor = n == 0 ? 0 : cmd->nmonitor;
	cmd->nfwds = n;
	cmd->fwds = fwds;
	for (i = 0; i < cfg->nfwds; i++) {
		if (is_said(cmd, n, &cfg->fwds[i]))
			continue;
		fwds[cmd->nfwds++] = cfg->fwds[i];
		if (cfg->fwds[i].kind == TUN_FWD_DEVICE)
			cmd->flags |= cfg->flags & CMD_ETHERNET;
	}
	cmd->nconfig = cmd->nfwds - n;
	/* ssh -G knew what the command line alone did not tell. */
	if (!cfg->unclear && cmd->flags & CMD_UNKNOWN) {
		cmd->flags &= ~(unsigned)CMD_UNKNOWN;
		cmd->errstr = NULL;
	}
	/* These flags decide where a forward should listen. */
	cmd->flags |= cfg->flags & (CMD_GATEWAY | CMD_INET4 | CMD_INET6);
	if (cmd->label == NULL)
		cmd->label = cfg->label;
	if (cfg->ctlpath != NULL && (cmd->ctlpath == NULL ?
	    (cfg->flags & CMD_MASTER) != 0 : has_tokens(cmd->ctlpath)))
		cmd->ctlpath = cfg->ctlpath;
	return 0;
}
