/* SPDX-License-Identifier: ISC */
/*
 * wrapper.c: the ssh in a command that starts one: in that of ssh itself,
 * behind the words of another program, as env(1) or nice(1), or in that of
 * autossh.
 */
#include <string.h>

#include "compat/base_name.h"
#include "parser.h"

/* PORT or PORT:ECHOPORT. */
static int
is_monitor_port(const char *word)
{
	return word != NULL && *word != '\0' &&
	    word[strspn(word, "0123456789:")] == '\0';
}

/* autossh takes the options of ssh, and -M with a port in place of ssh's. */
static int
read_autossh(struct arena *a, const char *const *argv, size_t argc,
    const struct expand *x, struct cmdline *cmd)
{
	const char **v = arena_alloc(a, (argc + 1) * sizeof(*v));
	size_t i, n = 0;

	if (v == NULL)
		return -1;
	v[n++] = "ssh";
	for (i = 1; i < argc; i++) {
		if (strncmp(argv[i], "-M", 2) == 0 &&
		    is_monitor_port(argv[i] + 2))
			continue;
		v[n++] = argv[i];
		if (*argv[i] == '-' && argv[i][strlen(argv[i]) - 1] == 'M' &&
		    is_monitor_port(argv[i + 1]))
			i++;
	}
	return cmdline_parse(a, v, n, x, cmd);
}

int
cmdline_started(struct arena *a, const struct tun_ctx *ctx,
    const char *const *argv, size_t argc, struct cmdline *cmd)
{
	struct expand nothing;
	size_t i = ctx_find_ssh(ctx, argv, argc);

	memset(&nothing, 0, sizeof(nothing));
	if (i < argc)
		return cmdline_parse(a, argv + i, argc - i, &nothing, cmd);
	for (i = 0; i < argc; i++)
		if (strcmp(base_name(argv[i]), "autossh") == 0)
			return read_autossh(a, argv + i, argc - i, &nothing,
			    cmd);
	parser_init(cmd, CMD_CUT);
	return 0;
}
