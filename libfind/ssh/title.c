/* SPDX-License-Identifier: ISC */
/*
 * title.c: the names of an ssh client, and the title that a master in the
 * background has written in place of its argv.
 */
#include <ctype.h>
#include <string.h>

#include "compat/base_name.h"
#include "parser.h"

static int
is_name(const char *s, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (len < n || strncmp(s, name, n) != 0)
		return 0;
	if (len == n)
		return 1;
	if (s[n] == '-')
		n++;
	return n < len && isdigit((unsigned char)s[n]) &&
	    n + strspn(s + n, "0123456789.p") >= len;
}

static int
is_client(const char *s, size_t len, const char *const *extra)
{
	if (is_name(s, len, "ssh") || is_name(s, len, "slogin") ||
	    is_name(s, len, "dbclient"))
		return 1;
	for (; extra != NULL && *extra != NULL; extra++)
		if (strlen(*extra) == len && strncmp(s, *extra, len) == 0)
			return 1;
	return 0;
}

int
cmdline_is_ssh(const char *name, const char *const *extra)
{
	name = base_name(name);
	return is_client(name, strlen(name), extra);
}

/*
 * A title is written over the argv of its process, and the rest of argv is
 * filled with NUL.  Such an argv consists of one word and many empty ones.  The
 * empty words are dropped only if the word looks like a title, "NAME: TEXT"; in
 * any other argv each NUL ends a word.
 */
size_t
title_length(const char *buf, size_t len)
{
	const char *colon;
	size_t first, end;

	for (first = 0; first < len && buf[first] != '\0'; first++)
		continue;
	for (end = len; end > first && buf[end - 1] == '\0'; end--)
		continue;
	if (end > first)
		return len;
	if (first == 0)
		return 0;
	colon = memchr(buf, ':', first);
	if (colon == NULL || (colon + 1 < buf + first && colon[1] != ' '))
		return len;
	return first;
}

/*
 * Does a title of this process begin with these bytes?  It is the name by which
 * ssh was called: "exec -a db-tunnel ssh" gives "db-tunnel: PATH [mux]".
 */
static int
is_name_of(const char *s, size_t len, const struct expand *x)
{
	if (x == NULL)
		return is_client(s, len, NULL);
	return is_client(s, len, x->names) || (len > 0 &&
	    memchr(s, '/', len) == NULL && x->program != NULL &&
	    cmdline_is_ssh(x->program, x->names));
}

/*
 * A master in the background has written "ssh: PATH [mux]" or "ssh: [stopped
 * mux]" over its argv.  The title is cut if argv and environment were too short
 * for it, and then the last byte of the old argv may follow.  An argv of more
 * than one word is not a title, whatever its first word is.
 */
int
title_read(struct arena *a, const char *const *argv, size_t argc,
    const struct expand *x, struct cmdline *cmd)
{
	static const char suffix[] = " [mux]";
	const char *s;
	size_t len;

	if (argc == 0 || argc > 2 || (argc == 2 && strlen(argv[1]) != 1))
		return 0;
	s = argv[0] + strcspn(argv[0], ":");
	if (*s == '\0' || !is_name_of(argv[0], (size_t)(s - argv[0]), x) ||
	    (s[1] != ' ' && s[1] != '\0'))
		return 0;
	parser_init(cmd, CMD_CUT);
	s += s[1] == ' ' ? 2 : 1;
	len = strlen(s);
	if (argc == 2)
		return 1;
	if (strcmp(s, "[stopped mux]") == 0)
		cmd->kind = CMD_STOPPED;
	else if (len >= sizeof(suffix) &&
	    strcmp(s + len - (sizeof(suffix) - 1), suffix) == 0) {
		cmd->kind = CMD_MUX;
		cmd->ctlpath = arena_strndup(a, s, len - (sizeof(suffix) - 1));
		if (cmd->ctlpath == NULL)
			return -1;
	}
	return 1;
}

int
ctx_is_ssh(const struct tun_ctx *ctx, const char *name)
{
	return dropbear_is_name(name) || cmdline_is_ssh(name,
	    ctx == NULL ? NULL : (const char *const *)ctx->ssh_names);
}

size_t
ctx_find_ssh(const struct tun_ctx *ctx, const char *const *argv, size_t argc)
{
	size_t i = 0;

	while (i < argc && !ctx_is_ssh(ctx, argv[i]))
		i++;
	return i;
}

int
tun_is_ssh(const struct tun_ctx *ctx, const char *name)
{
	return ctx_is_ssh(ctx, name);
}
