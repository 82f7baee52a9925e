/* SPDX-License-Identifier: ISC */
/*
 * What claims to be the output of ssh -G.  Reading is the same twice, what it
 * hands out is whole, and adding it to a command line doubles nothing.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "verdict/verdict.h"
#include "fuzz/fuzz.h"

static void
check_end(const struct tun_end *e)
{
	claim(e->path == NULL || e->host == NULL);
	claim(e->port >= -1 && e->port <= 65535);
}

static void
check(const struct tun_forward *v, size_t n)
{
	char buf[64];
	size_t i;

	for (i = 0; i < n; i++) {
		claim(tun_forward_format(&v[i], buf, sizeof(buf)) > 0);
		if (v[i].kind == TUN_FWD_DEVICE)
			continue;
		check_end(&v[i].listen);
		check_end(&v[i].connect);
		claim((v[i].listen.path == NULL) != (v[i].listen.port == -1));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const argv[] = { "ssh", "-N", "-L", "1:h:2", "-D",
	    "3", "-R", "4", "-L", "/s%n:/t", "db", NULL };
	struct config one, two;
	struct arena *a;
	struct facts c;
	size_t i, k, own;

	claim((a = arena_new()) != NULL);
	claim(config_parse(a, (const char *)data, len, &one) == 0);
	claim(config_parse(a, (const char *)data, len, &two) == 0);
	claim(one.flags == two.flags && one.nfwds == two.nfwds);
	claim(one.unclear == two.unclear && one.whole == two.whole);
	for (i = 0; i < one.nfwds; i++)
		claim(tun_forward_cmp(&one.fwds[i], &two.fwds[i]) == 0);
	check(one.fwds, one.nfwds);

	memset(&c, 0, sizeof(c));
	claim(cmdline_parse(a, argv, 11, NULL, &c.cmd) == 0);
	claim(c.cmd.kind == CMD_SESSION);
	claim(config_apply(a, &c.cmd, &one) == 0);
	claim(c.cmd.nconfig <= c.cmd.nfwds);
	own = c.cmd.nfwds - c.cmd.nconfig;
	claim(own == ((one.flags & CMD_CLEARALL) ? 0 : 4));
	for (i = own; i < c.cmd.nfwds; i++)
		for (k = 0; k < own; k++)
			claim(tun_forward_cmp(&c.cmd.fwds[i],
			    &c.cmd.fwds[k]) != 0);
	arena_free(a);
	return 0;
}
