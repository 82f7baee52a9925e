/* SPDX-License-Identifier: ISC */
/*
 * export.c: texts from which a tunnel can be started again.  Commands for sh
 * are here; the other formats are in export_config.c and export_unit.c.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat/base_name.h"
#include "export.h"

/*
 * A word is written in printable ASCII on one line, so that the terminal shows
 * exactly what a shell reads when the line is pasted.  Other bytes are written
 * with printf(1) in a command substitution.  A substitution drops newlines at
 * its end, so these are written as $tun_nl.
 */
#define NEWLINE		"tun_nl=$(printf '\\012.') && tun_nl=${tun_nl%.} && "

static size_t
newlines_at_end(const char *s)
{
	size_t len = strlen(s), n = 0;

	while (n < len && s[len - n - 1] == '\n')
		n++;
	return n;
}

/* Writes a printf(1) format in single quotes. */
static void
put_sh_format(struct export *x, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] == '%')
			export_add(x, "%%");
		else if (isascii((unsigned char)s[i]) &&
		    (isalnum((unsigned char)s[i]) ||
		    (s[i] == '-' && i > 0) ||
		    strchr(" @+:,./_=", s[i]) != NULL))
			export_put(x, s + i, 1);
		else
			export_octal(x, s[i]);
	}
}

static void
put_sh_bytes(struct export *x, const char *s)
{
	size_t n = newlines_at_end(s), len = strlen(s) - n;

	export_add(x, "\"");
	if (len > 0) {
		export_add(x, "$(printf '");
		put_sh_format(x, s, len);
		export_add(x, "')");
	}
	while (n-- > 0)
		export_add(x, "$tun_nl");
	export_add(x, "\"");
}

static int
is_printable(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			return 0;
	return 1;
}

static void
put_sh(struct export *x, const char *s)
{
	if (export_is_tame(s, "@%+:,./_-")) {
		export_add(x, s);
		return;
	}
	if (!is_printable(s)) {
		put_sh_bytes(x, s);
		return;
	}
	export_add(x, "'");
	for (; *s != '\0'; s++)
		if (*s == '\'')
			export_add(x, "'\\''");
		else
			export_put(x, s, 1);
	export_add(x, "'");
}

/*
 * argv[0] is free text.  It is used only if it is a name of ssh, and not for
 * where that is: another user's process may call itself /tmp/x/ssh.  The
 * journal is the caller's own.
 */
static const char *
program(const struct export *x)
{
	const char *word = x->t->argv[0], *name = base_name(word), *exe;

	if (x->before != NULL)
		return word;
	if (!cmdline_is_ssh(name, NULL))
		return x->cmd.flags & CMD_DROPBEAR ? "dbclient" : "ssh";
	exe = name != word ? export_exe(x->t) : NULL;
	return exe != NULL ? exe : name;
}

/* The label from the environment, unless the command line has it already. */
static const char *
label_of_environment(const struct export *x)
{
	return x->cmd.label == NULL ? x->t->label : NULL;
}

static int
needs_newline(const struct export *x, const char *cwd)
{
	const char *label = label_of_environment(x);
	size_t i, n = 0;

	for (i = 0; i < x->nbefore; i++)
		n += newlines_at_end(x->before[i]);
	for (i = 0; i < x->t->argc; i++)
		n += newlines_at_end(x->t->argv[i]);
	n += cwd != NULL ? newlines_at_end(cwd) : 0;
	n += label != NULL ? newlines_at_end(label) : 0;
	return n > 0;
}

static void
put_sh_word(struct export *x, const char *word, size_t i)
{
	if (i > 0)
		export_add(x, " ");
	put_sh(x, word);
}

static void
put_sh_command(struct export *x)
{
	const char *label = label_of_environment(x);
	size_t i;

	if (label != NULL) {
		export_add(x, "TUN_LABEL=");
		put_sh(x, label);
		export_add(x, " ");
	}
	for (i = 0; i < x->nbefore; i++)
		put_sh_word(x, x->before[i], i);
	for (i = 0; i < x->t->argc; i++)
		put_sh_word(x, i == 0 ? program(x) : x->t->argv[i],
		    x->nbefore + i);
}

static void
export_sh(struct export *x)
{
	const char *cwd;
	int newline;

	if (!export_head(x, TUN_FORMAT_SH))
		return;
	if (x->cmd.kind == CMD_SESSION && !(x->cmd.flags & CMD_FORK) &&
	    !tun_why_has(&x->t->why, TUN_WHY_CONFIGFORK) &&
	    x->t->origin != TUN_ORIGIN_FOREGROUND)
		export_comment(x, "it did not go to the background by itself");
	cwd = export_directory(x);
	newline = needs_newline(x, cwd);
	if (newline || cwd != NULL)
		export_add(x, "(");
	if (newline)
		export_add(x, NEWLINE);
	if (cwd != NULL) {
		export_add(x, "cd ");
		put_sh(x, cwd);
		export_add(x, " && ");
	}
	put_sh_command(x);
	export_add(x, newline || cwd != NULL ? ")\n" : "\n");
}

/* ------------------------------------------------------------------------- */

static int
parse(struct export *x, const struct tun *t)
{
	struct expand nothing;

	memset(&nothing, 0, sizeof(nothing));
	nothing.program = t->exe;
	x->cmd.kind = CMD_CUT;
	if (t->argv == NULL || t->argc == 0)
		return 0;
	return cmdline_parse(x->a, t->argv, t->argc, &nothing, &x->cmd);
}

/*
 * The journal has the command that a title has replaced, or that is lost.
 * Other programs may have started the ssh.
 */
static void
take_command(struct export *x, struct tun *t)
{
	if (t->started == NULL || (t->state != TUN_GONE &&
	    !tun_why_has(&t->why, TUN_WHY_ARGVLOST)))
		return;
	x->before = t->argv = t->started;
	for (t->argc = 0; t->argv[t->argc] != NULL; t->argc++)
		continue;
	x->nbefore = ctx_find_ssh(NULL, t->argv, t->argc);
	t->argv += x->nbefore;
	t->argc -= x->nbefore;
}

static int
has_forward(const struct cmdline *cmd, const struct tun_forward *fwd)
{
	size_t i;

	for (i = 0; i < cmd->nfwds; i++)
		if (tun_forward_same_listener(&cmd->fwds[i], fwd))
			return 1;
	return 0;
}

/* Adds the forwards that it was given later, as options. */
static int
add_given(struct export *x, struct tun *t)
{
	static const char *const options[] = { "-L", "-R", "-D", "-R" };
	const struct tun_forward *fwd;
	const char **v;
	size_t i, n = 0;

	if (x->cmd.kind != CMD_SESSION)
		return 0;
	v = arena_alloc(x->a, (t->argc + 2 * t->nfwds + 1) * sizeof(*v));
	if (v == NULL)
		return -1;
	v[n++] = t->argv[0];
	for (i = 0; i < t->nfwds; i++) {
		fwd = export_forward(t->fwds[i]);
		if (!export_was_given(t->fwds[i]) ||
		    has_forward(&x->cmd, fwd))
			continue;
		v[n++] = options[fwd->kind];
		v[n++] = export_spec(x, fwd);
	}
	if (n == 1)
		return 0;
	memcpy(v + n, t->argv + 1, (t->argc - 1) * sizeof(*v));
	t->argv = v;
	t->argc += n - 1;
	return parse(x, t);
}

char *
tun_export(const struct tun *t, enum tun_format format)
{
	struct tun told = *t;
	struct export x;

	memset(&x, 0, sizeof(x));
	x.t = &told;
	if ((x.a = arena_new()) == NULL)
		return NULL;
	take_command(&x, &told);
	if (parse(&x, &told) == -1)
		x.nomem = 1;
	told.argv += x.cmd.before;
	told.argc -= x.cmd.before;
	if (!x.nomem && add_given(&x, &told) == -1)
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
			export_unit(&x);
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
