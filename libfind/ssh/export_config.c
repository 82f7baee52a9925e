/* SPDX-License-Identifier: ISC */
/* export_config.c: a Host block of ssh_config(5) with the same forwards. */
#include <stdio.h>
#include <string.h>

#include "compat/array.h"
#include "export.h"

#define WORDS_LEN	255	/* the longest forward that ssh reads */

/* --- lines --------------------------------------------------------------- */

/* Writes the words as they are; rest is NULL or was checked by the caller. */
static void
put_line(struct export *x, const char *keyword, const char *rest)
{
	export_add(x, "    ");
	export_add(x, keyword);
	if (rest != NULL) {
		export_add(x, " ");
		export_add(x, rest);
	}
	export_add(x, "\n");
}

static void
put_refusal(struct export *x, const char *what, const char *value)
{
	export_add(x, "    ");
	export_comment(x, "ssh_config cannot hold: %s %s", what, value);
}

static void
put_config_word(struct export *x, const char *s)
{
	if (export_is_tame(s, "@%+:,./_-[]*{}$~")) {
		export_add(x, s);
		return;
	}
	export_add(x, "\"");
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\' || *s == '\'')
			export_add(x, "\\");
		export_put(x, s, 1);
	}
	export_add(x, "\"");
}

/* Writes the line, or a comment if ssh_config cannot express the value. */
static void
put_config(struct export *x, const char *keyword, const char *value)
{
	if (export_has_control(value) || *value == '\0') {
		put_refusal(x, keyword, value);
		return;
	}
	export_add(x, "    ");
	export_add(x, keyword);
	export_add(x, " ");
	put_config_word(x, value);
	export_add(x, "\n");
}

/* --- forwards ------------------------------------------------------------ */

/* One end as on the command line: 8080, host:80, /path. */
static const char *
end_of(struct export *x, const struct tun_end *e)
{
	struct tun_forward fwd;

	memset(&fwd, 0, sizeof(fwd));
	fwd.kind = TUN_FWD_DYNAMIC;
	fwd.listen = *e;
	return export_spec(x, &fwd);
}

static void
put_forward(struct export *x, const struct tun_fwd *f)
{
	const struct tun_forward *fwd = export_forward(f);
	static const char *const names[] = { "LocalForward", "RemoteForward",
	    "DynamicForward", "RemoteForward" };
	const char *listen, *connect = NULL;
	size_t len;

	if (fwd->kind == TUN_FWD_DEVICE) {
		put_line(x, f->ethernet ? "Tunnel ethernet" : "Tunnel yes",
		    NULL);
		put_config(x, "TunnelDevice", export_spec(x, fwd));
		return;
	}
	if (fwd->kind == TUN_FWD_STDIO) {
		put_refusal(x, "-W", export_spec(x, fwd));
		return;
	}
	listen = end_of(x, &fwd->listen);
	len = strlen(listen);
	if (fwd->kind == TUN_FWD_LOCAL || fwd->kind == TUN_FWD_REMOTE) {
		connect = end_of(x, &fwd->connect);
		len += 1 + strlen(connect);
	}
	if (len > WORDS_LEN || export_has_control(listen) ||
	    (connect != NULL && export_has_control(connect))) {
		put_refusal(x, names[fwd->kind], export_spec(x, fwd));
		return;
	}
	export_add(x, "    ");
	export_add(x, names[fwd->kind]);
	export_add(x, " ");
	put_config_word(x, listen);
	if (connect != NULL) {
		export_add(x, " ");
		put_config_word(x, connect);
	}
	export_add(x, "\n");
}

/* Are both ends known? */
static int
is_whole(const struct tun_forward *fwd)
{
	return fwd->kind == TUN_FWD_STDIO || fwd->kind == TUN_FWD_DEVICE ||
	    (end_is_known(&fwd->listen) && end_is_known(&fwd->connect));
}

static void
put_forwards(struct export *x)
{
	const struct tun_fwd *f;
	size_t i;

	if (tun_why_has(&x->t->why, TUN_WHY_UNPARSED))
		export_comment(x, "a forward of its words needs what is not "
		    "known");
	for (i = 0; i < x->t->nfwds; i++) {
		f = x->t->fwds[i];
		if (!tun_why_has(&f->why, TUN_WHY_MONITOR) &&
		    (f->source == TUN_SRC_ARGV ||
			f->source == TUN_SRC_CONFIG ||
			export_was_given(f)) && is_whole(&f->spec))
			put_forward(x, f);
	}
}

/* --- options ------------------------------------------------------------- */

/* Of a setting's letters the last one counts, and it overrides -o. */
static const struct letter_setting {
	const char *keyword, *letters;
	const char *values[3];	/* of each letter; NULL: the option's value */
} settings[] = {
	{ "AddressFamily", "46", { "inet", "inet6" } },
	{ "BindAddress", "b", { NULL } },
	{ "BindInterface", "B", { NULL } },
	{ "Ciphers", "c", { NULL } },
	{ "Compression", "C", { "yes" } },
	{ "ControlPath", "S", { NULL } },
	{ "EscapeChar", "e", { NULL } },
	{ "ForkAfterAuthentication", "f", { "yes" } },
	{ "ForwardAgent", "Aa", { "yes", "no" } },
	{ "ForwardX11", "XYx", { "yes", "yes", "no" } },
	{ "ForwardX11Trusted", "Y", { "yes" } },
	{ "GSSAPIAuthentication", "K", { "yes" } },
	{ "GSSAPIDelegateCredentials", "Kk", { "yes", "no" } },
	{ "GatewayPorts", "g", { "yes" } },
	{ "LogLevel", "q", { "QUIET" } },
	{ "MACs", "m", { NULL } },
	{ "PKCS11Provider", "I", { NULL } },
	{ "SessionType", "Ns", { "none", "subsystem" } },
	{ "StdinNull", "n", { "yes" } }
};

/*
 * Options that the block expresses in another way, or that have no effect on
 * it, such as -2 and -v.
 */
#define SAID	"2DLMRTlptvw"

/* Does the block express this -o in another way? */
static int
is_said(const char *line)
{
	static const char *const names[] = { "localforward", "remoteforward",
	    "dynamicforward", "tunnel", "tunneldevice", "user", "port",
	    "hostname", "tunlabel", NULL };
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		if (export_is_about(line, names[i]))
			return 1;
	return 0;
}

/* The value of -o is a line of ssh_config already. */
static void
put_as_is(struct export *x, const char *line)
{
	if (export_has_control(line))
		put_refusal(x, "-o", line);
	else
		put_line(x, line, NULL);
}

static void
put_setting(struct export *x, const struct letter_setting *set,
    const struct cmd_option *v, size_t n)
{
	const char *letter, *value;

	while (n-- > 0) {
		if ((letter = strchr(set->letters, v[n].letter)) == NULL)
			continue;
		value = set->values[letter - set->letters];
		if (value == NULL)
			value = v[n].value;
		if (value != NULL)
			put_config(x, set->keyword, value);
		return;
	}
}

/* -M turns "yes" into "ask" and back, -t turns "yes" into "force" and back. */
static void
put_toggles(struct export *x, const struct cmd_option *v, size_t n)
{
	const char *tty = NULL;
	int masters = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		masters += v[i].letter == 'M';
		if (v[i].letter == 't')
			tty = tty != NULL && *tty == 'y' ? "force" : "yes";
		else if (v[i].letter == 'T' ||
		    (v[i].letter == 'N' && tty != NULL))
			tty = "no";
	}
	if (masters > 0)
		put_config(x, "ControlMaster", x->cmd.flags & CMD_ASK ?
		    "ask" : "yes");
	if (tty != NULL)
		put_config(x, "RequestTTY", tty);
}

static int
is_of_setting(int letter)
{
	size_t i;

	for (i = 0; i < NELEM(settings); i++)
		if (strchr(settings[i].letters, letter) != NULL)
			return 1;
	return 0;
}

/* Of these the first counts, or all do. -P has no value before 9.4. */
static void
put_option(struct export *x, const struct cmd_option *o)
{
	char option[3] = { '-', (char)o->letter, '\0' };
	const char *keyword = o->letter == 'J' ? "ProxyJump" :
	    o->letter == 'P' ? "Tag" : "IdentityFile";

	if (strchr("JPio", o->letter) == NULL) {
		if (!is_of_setting(o->letter) &&
		    strchr(SAID, o->letter) == NULL)
			put_refusal(x, option,
			    o->value != NULL ? o->value : "");
	} else if (o->value == NULL)
		return;
	else if (o->letter == 'o') {
		if (!is_said(o->value))
			put_as_is(x, o->value);
	} else if (o->letter == 'J' && !export_has_control(o->value))
		put_line(x, keyword, o->value);	/* ssh reads no quotes in it */
	else
		put_config(x, keyword, o->value);
}

/* ssh_config uses the first value that it finds. */
static void
put_options(struct export *x, const struct cmd_option *v, size_t n)
{
	size_t i;

	for (i = 0; i < NELEM(settings); i++)
		put_setting(x, &settings[i], v, n);
	put_toggles(x, v, n);
	for (i = 0; i < n; i++)
		put_option(x, &v[i]);
}

/* --- the block ----------------------------------------------------------- */

/* Writes a literal host, because HostName replaces % tokens. */
static void
put_hostname(struct export *x, const struct cmd_option *v, size_t n)
{
	const char *s;
	char *copy, *to;
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].letter == 'o' && v[i].value != NULL &&
		    export_is_about(v[i].value, "hostname") &&
		    !export_has_control(v[i].value)) {
			put_line(x, v[i].value, NULL);
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
	*to = '\0';
	put_config(x, "HostName", copy);
}

void
export_config(struct export *x)
{
	const struct tun *t = x->t;
	struct cmd_option *v;
	char port[16];
	size_t n;

	if (!export_head(x, TUN_FORMAT_CONFIG))
		return;
	if (x->cmd.flags & CMD_DROPBEAR) {
		export_comment(x, "a dbclient reads no ssh_config");
		return;
	}
	if (cmdline_options(x->a, t->argv, t->argc, &x->cmd, &v, &n) == -1) {
		x->nomem = 1;
		return;
	}
	export_comment(x, "what ssh_config has for Host %s is not in here",
	    x->cmd.host);
	if (x->cmd.ncommand > 0)
		export_comment(x, "it was given a command, which goes behind "
		    "the name");
	(void)export_directory(x);
	export_add(x, "Host ");
	export_name(x);
	export_add(x, "\n");
	put_hostname(x, v, n);
	if (x->cmd.user != NULL)
		put_config(x, "User", x->cmd.user);
	if (x->cmd.port > 0) {
		snprintf(port, sizeof(port), "%d", x->cmd.port);
		put_config(x, "Port", port);
	}
	put_forwards(x);
	put_options(x, v, n);
}
