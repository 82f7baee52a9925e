/* SPDX-License-Identifier: ISC */
/* export_unit.c: a unit for systemd's user manager. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "export.h"

/*
 * Writes a word in double quotes, in printable ASCII.  dollar is set where
 * systemd expands $, as in ExecStart=.
 */
static void
put_unit_word(struct export *x, const char *s, int dollar)
{
	char buf[8];

	if (export_is_tame(s, "@+:,./_-=")) {
		export_add(x, s);
		return;
	}
	export_add(x, "\"");
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\') {
			export_add(x, "\\");
			export_put(x, s, 1);
		} else if (*s == '%')
			export_add(x, "%%");
		else if (*s == '$' && dollar)
			export_add(x, "$$");
		else if (*s < ' ' || *s > '~') {
			snprintf(buf, sizeof(buf), "\\x%02x",
			    (unsigned char)*s);
			export_add(x, buf);
		} else
			export_put(x, s, 1);
	}
	export_add(x, "\"");
}

/* Writes a line whose value systemd does not unquote. */
static void
put_unit_line(struct export *x, const char *key, const char *value)
{
	size_t len = strlen(value);
	const char *s;

	if (export_has_control(value) || !export_is_utf8(value) ||
	    value[len - 1] == '\\' ||
	    value[len - 1] == ' ' || *value == '"' || *value == '\'') {
		export_comment(x, "systemd cannot hold: %s%s", key, value);
		return;
	}
	export_add(x, key);
	for (s = value; *s != '\0'; s++) {
		if (*s == '%')
			export_add(x, "%");
		export_put(x, s, 1);
	}
	export_add(x, "\n");
}

static int
says(const struct cmd_option *v, size_t n, const char *keyword)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].letter == 'o' && v[i].value != NULL &&
		    export_is_about(v[i].value, keyword))
			return 1;
	return 0;
}

/* The description is for people; unusual bytes in it are left out. */
static void
put_description(struct export *x)
{
	const char *s;

	export_add(x, "Description=ssh tunnel ");
	export_name(x);
	export_add(x, " to ");
	for (s = x->cmd.host; *s != '\0'; s++)
		export_put(x, isascii((unsigned char)*s) &&
		    (isalnum((unsigned char)*s) ||
		    strchr(".-_:", *s) != NULL) ? s : "?", 1);
	export_add(x, "\n");
}

static void
put_exec(struct export *x)
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
	export_add(x, "ExecStart=");
	if (export_exe(t) != NULL)
		put_unit_word(x, export_exe(t), 1);
	else
		export_add(x, x->cmd.flags & CMD_DROPBEAR ?
		    "/usr/bin/dbclient" : "/usr/bin/ssh");
	/*
	 * systemd can only supervise an ssh that stays in the foreground and
	 * that ends when a forward fails.
	 */
	if (!says(v, nv, "exitonforwardfailure"))
		export_add(x, " -o ExitOnForwardFailure=yes");
	if (says(v, nv, "forkafterauthentication") ||
	    tun_why_has(&t->why, TUN_WHY_CONFIGFORK))
		export_add(x, " -o ForkAfterAuthentication=no");
	if (x->cmd.flags & CMD_PERSIST)
		export_add(x, " -o ControlPersist=no");
	for (i = 1; i < n; i++) {
		export_add(x, " ");
		put_unit_word(x, words[i], 1);
	}
	export_add(x, "\n");
}

/* systemd accepts any bytes in words, but only UTF-8 in variables. */
static void
put_environment(struct export *x)
{
	const char *label = x->cmd.label == NULL ? x->t->label : NULL;
	char *var;

	if (label == NULL)
		return;
	if (!export_is_utf8(label)) {
		export_comment(x, "systemd cannot hold: TUN_LABEL=%s", label);
		return;
	}
	if ((var = arena_printf(x->a, "TUN_LABEL=%s", label)) == NULL) {
		x->nomem = 1;
		return;
	}
	export_add(x, "Environment=");
	put_unit_word(x, var, 0);
	export_add(x, "\n");
}

void
export_unit(struct export *x)
{
	const char *cwd;

	if (!export_head(x, TUN_FORMAT_SYSTEMD))
		return;
	export_add(x, "# ~/.config/systemd/user/");
	export_name(x);
	export_add(x, ".service\n");
	export_comment(x, "it cannot ask for a password: its key needs an agent, "
	    "or no passphrase");
	if (x->cmd.alive_interval <= 0)
		export_comment(x, "without %s a dead link goes unnoticed",
		    x->cmd.flags & CMD_DROPBEAR ? "-K" :
		    "ServerAliveInterval");
	export_add(x, "[Unit]\n");
	put_description(x);
	export_add(x, "\n[Service]\n");
	if ((cwd = export_directory(x)) != NULL)
		put_unit_line(x, "WorkingDirectory=", cwd);
	put_environment(x);
	put_exec(x);
	export_add(x, "Restart=always\nRestartSec=5\n"
	    "\n[Install]\nWantedBy=default.target\n");
}
