/* SPDX-License-Identifier: ISC */
/*
 * export.c: texts from which a tunnel can be started again.
 *
 * Its words are hostile bytes: none of them gets out of its quotes or its
 * comment.  What a format cannot say, or nobody knows, becomes a comment.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "internal.h"

#define WORDS_LEN	255	/* what ssh takes of a forward's line */

struct text {
	struct arena *a;
	const struct tun *t;
	struct cmdline cmd;
	char *s;
	size_t n, room;
	int nomem;
};

/* --- text ---------------------------------------------------------------- */

static void
put(struct text *x, const char *s, size_t len)
{
	size_t room;
	char *p;

	if (x->nomem || len == 0)
		return;
	if (x->n + len >= x->room) {
		room = (x->n + len + 1) * 2;
		if ((p = realloc(x->s, room)) == NULL) {
			x->nomem = 1;
			return;
		}
		x->s = p;
		x->room = room;
	}
	memcpy(x->s + x->n, s, len);
	x->n += len;
	x->s[x->n] = '\0';
}

static void
put_string(struct text *x, const char *s)
{
	put(x, s, strlen(s));
}

/* For comments and the like: printable ASCII, all else is \ooo. */
static void
put_plain(struct text *x, const char *s)
{
	char buf[8];

	for (; *s != '\0'; s++) {
		if (*s >= ' ' && *s <= '~' && *s != '\\')
			put(x, s, 1);
		else {
			snprintf(buf, sizeof(buf), "\\%03o",
			    (unsigned char)*s);
			put_string(x, buf);
		}
	}
}

/* A line of comment; each %s goes through put_plain(). */
static void
put_comment(struct text *x, const char *fmt, ...)
{
	va_list ap;
	const char *s;

	put_string(x, "# ");
	va_start(ap, fmt);
	for (s = fmt; *s != '\0'; s++) {
		if (*s == '%' && s[1] == 's') {
			put_plain(x, va_arg(ap, const char *));
			s++;
		} else
			put(x, s, 1);
	}
	va_end(ap);
	put_string(x, "\n");
}

static int
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return 1;
	return 0;
}

/* Letters, digits and more: what a format gives no meaning. */
static int
is_tame(const char *s, const char *more)
{
	if (*s == '\0')
		return 0;
	for (; *s != '\0'; s++)
		if (!isascii((unsigned char)*s) ||
		    (!isalnum((unsigned char)*s) &&
		    strchr(more, *s) == NULL))
			return 0;
	return 1;
}

/* --- what all formats begin with ----------------------------------------- */

static const char *
name_of(const struct text *x)
{
	return x->t->nfwds > 0 ? x->t->fwds[0].id : x->t->id;
}

/* A word for files and hosts: "tun-L8008". */
static void
put_name(struct text *x)
{
	const char *s = name_of(x);

	put_string(x, "tun-");
	for (; s != NULL && *s != '\0'; s++) {
		if (isascii((unsigned char)*s) &&
		    (isalnum((unsigned char)*s) || *s == '.' || *s == '_'))
			put(x, s, 1);
		else
			put_string(x, "-");
	}
}

static const char *
spec_of(struct text *x, const struct tun_forward *fwd)
{
	int n = tun_forward_format(fwd, NULL, 0);
	char *s = arena_alloc(x->a, (size_t)n + 1);

	if (s == NULL) {
		x->nomem = 1;
		return "";
	}
	tun_forward_format(fwd, s, (size_t)n + 1);
	return s;
}

/* How it differs from what its words alone would make of it. */
static void
put_remarks(struct text *x, enum tun_format format)
{
	static const char *const letters[] = { "-L", "-R", "-D", "-R", "-W",
	    "-w" };
	const struct tun *t = x->t;
	const struct tun_fwd *f;
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		f = &t->fwds[i];
		if (f->why & TUN_WHY_MONITOR)
			continue;
		if (f->source == TUN_SRC_ARGV ||
		    (f->source == TUN_SRC_CONFIG &&
		    format == TUN_FORMAT_CONFIG))
			continue;
		if (f->source == TUN_SRC_CONFIG)
			put_comment(x, "ssh_config has: %s %s",
			    letters[f->spec.kind], spec_of(x, &f->spec));
		else
			put_comment(x, "it also listens for %s: added later, "
			    "or by ssh_config; where that leads is not known",
			    f->id != NULL ? f->id : "something");
	}
	if (t->supervisor != NULL)
		put_comment(x, "started again by: %s", t->supervisor);
	if (x->cmd.nmonitor > 0)
		put_comment(x, "its first two forwards are autossh's own");
	if (t->why & TUN_WHY_OLDEXE)
		put_comment(x, "its program was replaced since");
}

/* 0: there is nothing to start it with, which is said. */
static int
put_head(struct text *x, enum tun_format format)
{
	const struct tun *t = x->t;
	char pid[32];

	snprintf(pid, sizeof(pid), "%ld", (long)t->pid);
	put_comment(x, "process %s, %s", pid, t->dest != NULL ? t->dest :
	    t->ctlpath != NULL ? t->ctlpath : "destination not known");
	if (x->cmd.kind == CMD_SESSION) {
		put_remarks(x, format);
		return 1;
	}
	put_remarks(x, format);
	put_comment(x, x->cmd.kind == CMD_BAD ?
	    "its command line is not one that ssh would take" :
	    "its command line is lost: nobody can tell how it was started");
	return 0;
}

/* Its directory; NULL: not known, or no more, which is said. */
static const char *
directory(struct text *x)
{
	static const char deleted[] = " (deleted)";
	const char *cwd = x->t->cwd;
	size_t len;

	if (cwd == NULL || *cwd != '/') {
		put_comment(x, "its directory is not known: relative paths "
		    "may mislead");
		return NULL;
	}
	len = strlen(cwd);
	if (len >= sizeof(deleted) &&
	    strcmp(cwd + len - (sizeof(deleted) - 1), deleted) == 0) {
		put_comment(x, "its directory is gone: %s", cwd);
		return NULL;
	}
	return cwd;
}

/* --- sh ------------------------------------------------------------------ */

static void
put_sh(struct text *x, const char *s)
{
	if (is_tame(s, "@%+:,./_-")) {
		put_string(x, s);
		return;
	}
	put_string(x, "'");
	for (; *s != '\0'; s++)
		if (*s == '\'')
			put_string(x, "'\\''");
		else
			put(x, s, 1);
	put_string(x, "'");
}

static void
export_sh(struct text *x)
{
	const struct tun *t = x->t;
	const char *cwd;
	size_t i;

	if (!put_head(x, TUN_FORMAT_SH))
		return;
	if (!(x->cmd.flags & CMD_FORK) &&
	    t->origin != TUN_ORIGIN_FOREGROUND)
		put_comment(x, "it did not go to the background by itself");
	cwd = directory(x);
	if (cwd != NULL) {
		put_string(x, "(cd ");
		put_sh(x, cwd);
		put_string(x, " && ");
	}
	/* In its words already, unless it came from the environment. */
	if (t->label != NULL && x->cmd.label == NULL) {
		put_string(x, "TUN_LABEL=");
		put_sh(x, t->label);
		put_string(x, " ");
	}
	/* argv[0] is free text; only a name of ssh is one to run. */
	put_sh(x, cmdline_is_ssh(t->argv[0], NULL) ? t->argv[0] : "ssh");
	for (i = 1; i < t->argc; i++) {
		put_string(x, " ");
		put_sh(x, t->argv[i]);
	}
	put_string(x, cwd != NULL ? ")\n" : "\n");
}

/* --- ssh_config ---------------------------------------------------------- */

static const struct {
	int letter;
	const char *keyword;	/* takes the option's value, or has its own */
} keywords[] = {
	{ '4', "AddressFamily inet" },	{ '6', "AddressFamily inet6" },
	{ 'A', "ForwardAgent yes" },	{ 'B', "BindInterface" },
	{ 'C', "Compression yes" },	{ 'I', "PKCS11Provider" },
	{ 'J', "ProxyJump" },
	{ 'K', "GSSAPIAuthentication yes" },
	{ 'N', "SessionType none" },	{ 'P', "Tag" },
	{ 'S', "ControlPath" },		{ 'T', "RequestTTY no" },
	{ 'X', "ForwardX11 yes" },	{ 'a', "ForwardAgent no" },
	{ 'b', "BindAddress" },		{ 'c', "Ciphers" },
	{ 'e', "EscapeChar" },		{ 'f', "ForkAfterAuthentication yes" },
	{ 'g', "GatewayPorts yes" },	{ 'i', "IdentityFile" },
	{ 'k', "GSSAPIDelegateCredentials no" },
	{ 'm', "MACs" },		{ 'n', "StdinNull yes" },
	{ 'q', "LogLevel QUIET" },	{ 's', "SessionType subsystem" },
	{ 'x', "ForwardX11 no" }
};

/* Said elsewhere in the block, or of no consequence: -2, -v. */
#define SAID	"2DLMRlpotw"

static void
put_config_word(struct text *x, const char *s)
{
	if (is_tame(s, "@%+:,./_-[]*{}$~")) {
		put_string(x, s);
		return;
	}
	put_string(x, "\"");
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\' || *s == '\'')
			put_string(x, "\\");
		put(x, s, 1);
	}
	put_string(x, "\"");
}

/* The line, or a comment where no line can hold the value. */
static void
put_config(struct text *x, const char *keyword, const char *value)
{
	if (has_control(value) || *value == '\0') {
		put_string(x, "    ");
		put_comment(x, "ssh_config cannot hold: %s %s", keyword,
		    value);
		return;
	}
	put_string(x, "    ");
	put_string(x, keyword);
	put_string(x, " ");
	put_config_word(x, value);
	put_string(x, "\n");
}

/* One end, as the command line would have it: 8080, host:80, /path. */
static const char *
end_of(struct text *x, const struct tun_end *e)
{
	struct tun_forward fwd;

	memset(&fwd, 0, sizeof(fwd));
	fwd.kind = TUN_FWD_DYNAMIC;
	fwd.listen = *e;
	return spec_of(x, &fwd);
}

static void
put_forward(struct text *x, const struct tun_forward *fwd)
{
	static const char *const names[] = { "LocalForward", "RemoteForward",
	    "DynamicForward", "RemoteForward" };
	const char *listen, *connect = NULL;
	size_t i, len;

	if (fwd->kind == TUN_FWD_DEVICE) {
		put_string(x, "    Tunnel yes\n");
		put_config(x, "TunnelDevice", spec_of(x, fwd));
		return;
	}
	if (fwd->kind == TUN_FWD_STDIO) {
		put_string(x, "    ");
		put_comment(x, "ssh_config cannot hold: -W %s",
		    spec_of(x, fwd));
		return;
	}
	listen = end_of(x, &fwd->listen);
	len = strlen(listen);
	if (fwd->kind == TUN_FWD_LOCAL || fwd->kind == TUN_FWD_REMOTE) {
		connect = end_of(x, &fwd->connect);
		len += 1 + strlen(connect);
	}
	for (i = 0; connect != NULL && connect[i] != '\0'; i++)
		if (connect[i] == '\n')
			len = WORDS_LEN + 1;
	if (len > WORDS_LEN || has_control(listen) ||
	    (connect != NULL && has_control(connect))) {
		put_string(x, "    ");
		put_comment(x, "ssh_config cannot hold: %s %s",
		    names[fwd->kind], spec_of(x, fwd));
		return;
	}
	put_string(x, "    ");
	put_string(x, names[fwd->kind]);
	put_string(x, " ");
	put_config_word(x, listen);
	if (connect != NULL) {
		put_string(x, " ");
		put_config_word(x, connect);
	}
	put_string(x, "\n");
}

/* Is this -o about what the block says in another way? */
static int
is_said(const char *line)
{
	static const char *const names[] = { "localforward", "remoteforward",
	    "dynamicforward", "tunnel", "tunneldevice", "user", "port",
	    "hostname", "tunlabel", NULL };
	size_t i, n;

	line += strspn(line, " \t\"");
	n = strspn(line, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	for (i = 0; names[i] != NULL; i++)
		if (n == strlen(names[i]) &&
		    strncasecmp(line, names[i], n) == 0)
			return i != 7;	/* HostName has a line of its own */
	return 0;
}

static int
sets_hostname(const char *line)
{
	line += strspn(line, " \t\"");
	return strncasecmp(line, "hostname", 8) == 0 &&
	    !isalnum((unsigned char)line[8]);
}

static void
put_option(struct text *x, const struct cmd_option *o)
{
	char letter[2] = "";
	size_t i;

	letter[0] = (char)o->letter;
	if (o->letter == 'o' && o->value != NULL) {
		if (is_said(o->value) || sets_hostname(o->value))
			return;
		put_string(x, "    ");
		/* A line of ssh_config is what it is already. */
		if (has_control(o->value))
			put_comment(x, "ssh_config cannot hold: %s", o->value);
		else {
			put_string(x, o->value);
			put_string(x, "\n");
		}
		return;
	}
	if (strchr(SAID, o->letter) != NULL)
		return;
	for (i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (keywords[i].letter != o->letter)
			continue;
		/* Since 9.4 it takes a value. */
		if (o->letter == 'J' && o->value != NULL &&
		    !has_control(o->value)) {
			/* It takes the line as it is. */
			put_string(x, "    ProxyJump ");
			put_string(x, o->value);
			put_string(x, "\n");
		} else if (o->value != NULL)
			put_config(x, keywords[i].keyword, o->value);
		else if (o->letter != 'P') {
			put_string(x, "    ");
			put_string(x, keywords[i].keyword);
			put_string(x, "\n");
		}
		return;
	}
	if (o->letter == 'v')
		return;
	put_string(x, "    ");
	put_comment(x, "ssh_config cannot hold: -%s %s", letter,
	    o->value != NULL ? o->value : "");
}

/* A literal host: HostName knows %. */
static void
put_hostname(struct text *x, const struct cmd_option *v, size_t n)
{
	const char *s;
	char *copy, *to;
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].letter == 'o' && v[i].value != NULL &&
		    sets_hostname(v[i].value) && !has_control(v[i].value)) {
			put_string(x, "    ");
			put_string(x, v[i].value);
			put_string(x, "\n");
			return;
		}
	if ((copy = arena_alloc(x->a, 2 * strlen(x->cmd.host) + 1)) == NULL) {
		x->nomem = 1;
		return;
	}
	for (s = x->cmd.host, to = copy; *s != '\0'; s++) {
		if (*s == '%')
			*to++ = '%';
		*to++ = *s;
	}
	put_config(x, "HostName", copy);
}

static void
export_config(struct text *x)
{
	const struct tun *t = x->t;
	struct cmd_option *v;
	char port[16];
	size_t i, n;
	int last_path = -1, masters = 0, ttys = 0;

	if (!put_head(x, TUN_FORMAT_CONFIG))
		return;
	if (cmdline_options(x->a, t->argv, t->argc, &x->cmd, &v, &n) == -1) {
		x->nomem = 1;
		return;
	}
	put_comment(x, "what ssh_config has for Host %s is not in here",
	    x->cmd.host);
	if (x->cmd.ncommand > 0)
		put_comment(x, "it was given a command, which goes behind "
		    "the name");
	(void)directory(x);
	put_string(x, "Host ");
	put_name(x);
	put_string(x, "\n");
	put_hostname(x, v, n);
	if (x->cmd.user != NULL)
		put_config(x, "User", x->cmd.user);
	if (x->cmd.port > 0) {
		snprintf(port, sizeof(port), "%d", x->cmd.port);
		put_config(x, "Port", port);
	}
	if (t->why & TUN_WHY_UNPARSED)
		put_comment(x, "a forward of its words needs what is not "
		    "known");
	for (i = 0; i < t->nfwds; i++)
		if (!(t->fwds[i].why & TUN_WHY_MONITOR) &&
		    (t->fwds[i].source == TUN_SRC_ARGV ||
		    t->fwds[i].source == TUN_SRC_CONFIG))
			put_forward(x, &t->fwds[i].spec);
	/* The last -S wins, and over -o; of the rest the first. */
	for (i = 0; i < n; i++) {
		masters += v[i].letter == 'M';
		ttys += v[i].letter == 't';
		if (v[i].letter == 'S')
			last_path = (int)i;
	}
	if (last_path != -1)
		put_option(x, &v[last_path]);
	if (masters > 0)
		put_string(x, masters == 2 ? "    ControlMaster ask\n" :
		    "    ControlMaster yes\n");
	if (ttys > 0)
		put_string(x, ttys > 1 ? "    RequestTTY force\n" :
		    "    RequestTTY yes\n");
	for (i = 0; i < n; i++)
		if (v[i].letter != 'S')
			put_option(x, &v[i]);
}

/* --- systemd ------------------------------------------------------------- */

/* In double quotes; dollar where $ is looked at, as in ExecStart=. */
static void
put_unit_word(struct text *x, const char *s, int dollar)
{
	char buf[8];

	if (is_tame(s, "@+:,./_-=")) {
		put_string(x, s);
		return;
	}
	put_string(x, "\"");
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\') {
			put_string(x, "\\");
			put(x, s, 1);
		} else if (*s == '%')
			put_string(x, "%%");
		else if (*s == '$' && dollar)
			put_string(x, "$$");
		else if ((unsigned char)*s < ' ' || *s == 0x7f) {
			snprintf(buf, sizeof(buf), "\\x%02x",
			    (unsigned char)*s);
			put_string(x, buf);
		} else
			put(x, s, 1);
	}
	put_string(x, "\"");
}

/* A whole line's value that systemd does not unquote. */
static void
put_unit_line(struct text *x, const char *key, const char *value)
{
	size_t len = strlen(value);
	const char *s;

	if (has_control(value) || value[len - 1] == '\\' ||
	    value[len - 1] == ' ' || *value == '"' || *value == '\'') {
		put_comment(x, "systemd cannot hold: %s%s", key, value);
		return;
	}
	put_string(x, key);
	for (s = value; *s != '\0'; s++) {
		if (*s == '%')
			put_string(x, "%");
		put(x, s, 1);
	}
	put_string(x, "\n");
}

static int
says(const struct cmd_option *v, size_t n, const char *keyword)
{
	size_t i, len = strlen(keyword);

	for (i = 0; i < n; i++)
		if (v[i].letter == 'o' && v[i].value != NULL &&
		    strncasecmp(v[i].value + strspn(v[i].value, " \t"),
		    keyword, len) == 0)
			return 1;
	return 0;
}

/* The unit's description is for people; what is odd in it is not shown. */
static void
put_description(struct text *x)
{
	const char *s;

	put_string(x, "Description=ssh tunnel ");
	put_name(x);
	put_string(x, " to ");
	for (s = x->cmd.host; *s != '\0'; s++)
		put(x, isascii((unsigned char)*s) &&
		    (isalnum((unsigned char)*s) ||
		    strchr(".-_:", *s) != NULL) ? s : "?", 1);
	put_string(x, "\n");
}

static void
put_exec(struct text *x)
{
	const struct tun *t = x->t;
	const char **words;
	struct cmd_option *v;
	size_t i, n, nv;

	if (cmdline_without(x->a, t->argv, t->argc, &x->cmd, "f", &words,
	    &n) == -1 || cmdline_options(x->a, t->argv, t->argc, &x->cmd, &v,
	    &nv) == -1) {
		x->nomem = 1;
		return;
	}
	put_string(x, "ExecStart=");
	if (t->exe != NULL && *t->exe == '/' &&
	    !(t->why & TUN_WHY_OLDEXE) && cmdline_is_ssh(t->exe, NULL))
		put_unit_word(x, t->exe, 1);
	else
		put_string(x, "/usr/bin/ssh");
	/* It has to end, and stay in front, for systemd to see to it. */
	if (!says(v, nv, "exitonforwardfailure"))
		put_string(x, " -o ExitOnForwardFailure=yes");
	if (says(v, nv, "forkafterauthentication"))
		put_string(x, " -o ForkAfterAuthentication=no");
	if (x->cmd.flags & CMD_PERSIST)
		put_string(x, " -o ControlPersist=no");
	for (i = 1; i < n; i++) {
		put_string(x, " ");
		put_unit_word(x, words[i], 1);
	}
	put_string(x, "\n");
}

static void
export_systemd(struct text *x)
{
	const struct tun *t = x->t;
	const char *cwd;
	char *var;

	if (!put_head(x, TUN_FORMAT_SYSTEMD))
		return;
	put_string(x, "# ~/.config/systemd/user/");
	put_name(x);
	put_string(x, ".service\n");
	put_comment(x, "it cannot ask for a password: its key needs an agent, "
	    "or no passphrase");
	if (x->cmd.alive_interval <= 0)
		put_comment(x, "without ServerAliveInterval a dead link goes "
		    "unnoticed");
	put_string(x, "[Unit]\n");
	put_description(x);
	put_string(x, "\n[Service]\n");
	if ((cwd = directory(x)) != NULL)
		put_unit_line(x, "WorkingDirectory=", cwd);
	if (t->label != NULL && x->cmd.label == NULL) {
		if ((var = arena_printf(x->a, "TUN_LABEL=%s",
		    t->label)) == NULL) {
			x->nomem = 1;
			return;
		}
		put_string(x, "Environment=");
		put_unit_word(x, var, 0);
		put_string(x, "\n");
	}
	put_exec(x);
	put_string(x, "Restart=always\nRestartSec=5\n"
	    "\n[Install]\nWantedBy=default.target\n");
}

/* ------------------------------------------------------------------------- */

char *
tun_export(const struct tun *t, enum tun_format format)
{
	struct text x;
	struct expand nothing;

	memset(&x, 0, sizeof(x));
	memset(&nothing, 0, sizeof(nothing));
	x.t = t;
	if ((x.a = arena_new()) == NULL)
		return NULL;
	x.cmd.kind = CMD_CUT;
	if (t->argv != NULL && t->argc > 0 && cmdline_parse(x.a, t->argv,
	    t->argc, &nothing, &x.cmd) == -1)
		x.nomem = 1;
	if (!x.nomem) {
		switch (format) {
		case TUN_FORMAT_SH:
			export_sh(&x);
			break;
		case TUN_FORMAT_CONFIG:
			export_config(&x);
			break;
		case TUN_FORMAT_SYSTEMD:
			export_systemd(&x);
			break;
		}
	}
	arena_free(x.a);
	if (x.nomem) {
		free(x.s);
		errno = ENOMEM;
		return NULL;
	}
	return x.s;
}
