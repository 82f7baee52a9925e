/* SPDX-License-Identifier: ISC */
/*
 * What a process shows as its argv, byte for byte.  Splitting keeps the
 * words, parsing is the same twice, and what it hands out is whole.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/verdict.h"
#include "fuzz/fuzz.h"

static const char *const env[] = { "A=a", "P=8080", "S=/s/a:b", NULL };
static const struct expand known = {
	env, "/root", "root", "0", NULL, NULL, NULL, NULL, "l.example", "l",
	NULL, NULL, NULL, NULL, NULL, 0
};

static void
same(const char *a, const char *b)
{
	claim((a == NULL) == (b == NULL));
	claim(a == NULL || strcmp(a, b) == 0);
}

static void
compare(const struct cmdline *a, const struct cmdline *b)
{
	size_t i;

	claim(a->kind == b->kind && a->flags == b->flags);
	claim(a->port == b->port && a->nfwds == b->nfwds);
	claim(a->nmonitor == b->nmonitor && a->ncommand == b->ncommand);
	same(a->errstr, b->errstr);
	same(a->dest, b->dest);
	same(a->user, b->user);
	same(a->host, b->host);
	same(a->ctlpath, b->ctlpath);
	same(a->label, b->label);
	same(a->proxy, b->proxy);
	for (i = 0; i < a->nfwds; i++)
		claim(tun_forward_cmp(&a->fwds[i], &b->fwds[i]) == 0);
	for (i = 0; i < a->ncommand; i++)
		same(a->command[i], b->command[i]);
}

/* One that needs what is not known: where it listens or leads is open. */
static int
is_unread(const struct tun_forward *f)
{
	return (f->kind == TUN_FWD_LOCAL || f->kind == TUN_FWD_REMOTE ||
	    f->kind == TUN_FWD_DYNAMIC || f->kind == TUN_FWD_RDYNAMIC) &&
	    (!end_is_known(&f->listen) || ((f->kind == TUN_FWD_LOCAL ||
	    f->kind == TUN_FWD_REMOTE) && !end_is_known(&f->connect)));
}

static void
check(const struct cmdline *cmd, const char *const *argv, size_t argc)
{
	char buf[64];
	size_t i, j;

	claim((cmd->errstr != NULL) ==
	    (cmd->kind == CMD_BAD || (cmd->flags & CMD_UNKNOWN) != 0));
	claim((cmd->nmonitor == 2) == ((cmd->flags & CMD_MONITOR) != 0));
	claim(cmd->nmonitor <= cmd->nfwds);
	claim(cmd->port == -1 || (cmd->port > 0 && cmd->port <= 65535));
	switch (cmd->kind) {
	case CMD_SESSION:
		claim(cmd->dest != NULL && cmd->host != NULL);
		claim(*cmd->host != '-');
		break;
	case CMD_MUX:
		claim(cmd->ctlpath != NULL && argc == 1);
		break;
	case CMD_BAD:
	case CMD_STOPPED:
	case CMD_CUT:
		claim(cmd->nfwds == 0 && cmd->ncommand == 0);
		break;
	case CMD_OTHER:
		break;
	case CMD_SERVED:
		claim((cmd->flags & CMD_DROPBEAR) != 0 && cmd->nfwds == 0);
		break;
	}
	for (i = 0; i < cmd->nfwds; i++) {
		if (is_unread(&cmd->fwds[i])) {
			claim((cmd->flags & CMD_UNKNOWN) != 0);
			continue;
		}
		claim(tun_forward_format(&cmd->fwds[i], buf, sizeof(buf)) > 0);
		for (j = 0; j < i && i < 64; j++)
			claim(tun_forward_cmp(&cmd->fwds[i],
			    &cmd->fwds[j]) != 0);
	}
	if (cmd->ncommand > 0)
		claim(cmd->command + cmd->ncommand == argv + argc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cmdline one, two;
	struct arena *a;
	const char **argv, **again, *from = (const char *)data;
	size_t argc, n, i, at = 0;

	claim((a = arena_new()) != NULL);
	claim(cmdline_split(a, from, len, &argv, &argc) == 0);
	claim(argv[argc] == NULL);
	for (i = 0; i < argc; i++) {
		n = strlen(argv[i]);
		claim(at + n <= len && memcmp(argv[i], from + at, n) == 0);
		at += n + 1;
	}
	/* What is left out is the room of a title, or all there is. */
	for (n = at; n < len; n++)
		claim(argc <= 1 && from[n] == '\0');
	claim(cmdline_parse(a, argv, argc, &known, &one) == 0);
	check(&one, argv, argc);
	claim(cmdline_split(a, from, len, &again, &n) == 0 && n == argc);
	claim(cmdline_parse(a, again, n, &known, &two) == 0);
	compare(&one, &two);
	claim(cmdline_parse(a, argv, argc, NULL, &two) == 0);
	check(&two, argv, argc);
	for (i = 0; i < argc && i < 8; i++)
		(void)cmdline_is_ssh(argv[i], argv);
	arena_free(a);
	return 0;
}
