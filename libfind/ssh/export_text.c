/* SPDX-License-Identifier: ISC */
/*
 * export_text.c: what the formats of export.c share: a text that grows, and
 * comments for what a format cannot express or what is not known.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "export.h"

void
export_put(struct export *x, const char *s, size_t len)
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

void
export_add(struct export *x, const char *s)
{
	export_put(x, s, strlen(s));
}

void
export_octal(struct export *x, int c)
{
	char buf[8];

	snprintf(buf, sizeof(buf), "\\%03o", (unsigned char)c);
	export_add(x, buf);
}

/*
 * Writes printable ASCII for a comment, and every other byte as \ooo.  An
 * interactive zsh has no comments: it runs such a line as the command "#".  For
 * that reason bytes that are special to zsh are written as \ooo, too.
 */
static void
put_plain(struct export *x, const char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= ' ' && *s <= '~' && strchr("\\$`;&|<>()'\"!",
		    *s) == NULL)
			export_put(x, s, 1);
		else
			export_octal(x, *s);
}

void
export_comment(struct export *x, const char *fmt, ...)
{
	va_list ap;
	const char *s;

	export_add(x, "# ");
	va_start(ap, fmt);
	for (s = fmt; *s != '\0'; s++) {
		if (*s == '%' && s[1] == 's') {
			put_plain(x, va_arg(ap, const char *));
			s++;
		} else
			export_put(x, s, 1);
	}
	va_end(ap);
	export_add(x, "\n");
}

int
export_has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return 1;
	return 0;
}

/*
 * The number of bytes that follow the first byte of a character, and in *least
 * the smallest code point that needs so many.
 */
static int
utf8_more(unsigned char c, unsigned long *least)
{
	int n = c < 0x80 ? 0 : c < 0xc0 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 :
	    c < 0xf8 ? 3 : -1;

	*least = n == 1 ? 0x80 : n == 2 ? 0x800 : 0x10000;
	return n;
}

int
export_is_utf8(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned long c, least;
	int n;

	while (*p != '\0') {
		if ((n = utf8_more(*p, &least)) == -1)
			return 0;
		if (n == 0) {
			p++;
			continue;
		}
		for (c = *p++ & (0x3f >> n); n > 0; n--, p++) {
			if ((*p & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (*p & 0x3f);
		}
		if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return 0;
	}
	return 1;
}

int
export_is_tame(const char *s, const char *more)
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

int
export_is_about(const char *line, const char *keyword)
{
	size_t len = strlen(keyword);

	line += strspn(line, " \t\"");
	return strncasecmp(line, keyword, len) == 0 &&
	    !isalnum((unsigned char)line[len]);
}

/* --- what all formats begin with ----------------------------------------- */

static const char *
name_of(const struct export *x)
{
	return x->t->nfwds > 0 ? x->t->fwds[0]->id : x->t->id;
}

void
export_name(struct export *x)
{
	const char *s = name_of(x);

	export_add(x, "tun-");
	for (; s != NULL && *s != '\0'; s++) {
		if (isascii((unsigned char)*s) &&
		    (isalnum((unsigned char)*s) || *s == '.' || *s == '_'))
			export_put(x, s, 1);
		else
			export_add(x, "-");
	}
}

const char *
export_spec(struct export *x, const struct tun_forward *fwd)
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

int
export_was_given(const struct tun_fwd *f)
{
	return f->source == TUN_SRC_JOURNAL || f->source == TUN_SRC_MUX;
}

const struct tun_forward *
export_forward(const struct tun_fwd *f)
{
	return f->asked != NULL ? f->asked : &f->spec;
}

static void
put_remark(struct export *x, const struct tun_fwd *f, enum tun_format format)
{
	static const char *const letters[] = { "-L", "-R", "-D", "-R", "-W",
	    "-w" };

	if (f->source == TUN_SRC_ARGV ||
	    (export_was_given(f) && x->t->argc > 0) ||
	    tun_why_has(&f->why, TUN_WHY_MONITOR))
		return;
	if (export_was_given(f))
		export_comment(x, "it was given later: %s %s",
		    letters[f->spec.kind], export_spec(x, export_forward(f)));
	else if (f->source != TUN_SRC_CONFIG)
		export_comment(x, "it also listens for %s: added later, or by "
		    "ssh_config, and where that leads is not known",
		    f->id != NULL ? f->id : "something");
	else if (format != TUN_FORMAT_CONFIG)
		export_comment(x, "ssh_config has: %s %s",
		    letters[f->spec.kind], export_spec(x, &f->spec));
}

/*
 * Writes how the tunnel differs from what its command line alone would start.
 */
static void
put_remarks(struct export *x, enum tun_format format)
{
	const struct tun *t = x->t;
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		put_remark(x, t->fwds[i], format);
	if (t->supervisor != NULL)
		export_comment(x, "started again by: %s", t->supervisor);
	if (x->cmd.nmonitor > 0)
		export_comment(x, "its first two forwards are those of autossh");
	if (tun_why_has(&t->why, TUN_WHY_OLDEXE))
		export_comment(x, "its program was replaced since");
}

int
export_head(struct export *x, enum tun_format format)
{
	const struct tun *t = x->t;
	char pid[32];

	snprintf(pid, sizeof(pid), "%ld", (long)t->pid);
	export_comment(x, "process %s, %s", pid, t->dest != NULL ? t->dest :
	    t->ctlpath != NULL ? t->ctlpath : "destination not known");
	put_remarks(x, format);
	if (x->cmd.kind == CMD_SESSION || (format == TUN_FORMAT_SH &&
	    x->nbefore > 0 && t->argc == 0))
		return 1;
	if (x->nbefore > 0 && t->argc == 0) {
		export_comment(x, "its ssh was started by %s: only sh can "
		    "start that again", x->before[0]);
		return 0;
	}
	export_comment(x, x->cmd.kind == CMD_BAD ?
	    "its command line is not one that ssh would take" :
	    "its command line is lost: how it was started is not known");
	return 0;
}

const char *
export_directory(struct export *x)
{
	const char *cwd = x->t->cwd;

	/* A dbclient has changed to / with -f. */
	if (cwd == NULL || *cwd != '/' ||
	    (x->cmd.flags & CMD_DROPBEAR && x->cmd.flags & CMD_FORK)) {
		export_comment(x, "its directory is not known: relative paths "
		    "may mislead");
		return NULL;
	}
	if (x->t->cwd_gone) {
		cwd = arena_strndup(x->a, cwd,
		    strlen(cwd) - (sizeof(CWD_GONE) - 1));
		export_comment(x, "its directory is gone: %s",
		    cwd != NULL ? cwd : "");
		return NULL;
	}
	return cwd;
}

const char *
export_exe(const struct tun *t)
{
	return t->exe != NULL && *t->exe == '/' &&
	    !tun_why_has(&t->why, TUN_WHY_OLDEXE) &&
	    cmdline_is_ssh(t->exe, NULL) ? t->exe : NULL;
}
