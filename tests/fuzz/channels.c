/* SPDX-License-Identifier: ISC */
/*
 * What a master tells of its open channels, of which parts are the server's and
 * other users'.  Whatever it is, a target is whole and of a forward that had
 * none.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mux/mux.h"
#include "fuzz/fuzz.h"

static const struct tun_fwd forwards[] = {
	{ .source = TUN_SRC_SOCKET, .conns = 1,
	    .spec = { TUN_FWD_LOCAL, { NULL, NULL, 80 }, { NULL, NULL, -1 } } },
	{ .source = TUN_SRC_SOCKET, .conns = 1,
	    .spec = { TUN_FWD_LOCAL, { "/s", NULL, -1 },
	    { NULL, NULL, -1 } } },
	{ .source = TUN_SRC_SOCKET, .conns = 0,
	    .spec = { TUN_FWD_LOCAL, { NULL, NULL, 81 }, { NULL, NULL, -1 } } },
	{ .source = TUN_SRC_ARGV, .conns = 1,
	    .spec = { TUN_FWD_LOCAL, { NULL, NULL, 82 }, { NULL, "h", 1 } } }
};
#define N	(sizeof(forwards) / sizeof(*forwards))

static void
check(const struct tun_fwd *fwd)
{
	const struct tun_end *to = &fwd->spec.connect;

	if (fwd->source != TUN_SRC_MUX)
		return;
	if (fwd->spec.kind == TUN_FWD_DYNAMIC)
		claim(to->host == NULL && to->path == NULL && to->port == 0);
	else if (to->path != NULL)
		claim(to->host == NULL && *to->path == '/');
	else
		claim(*to->host != '\0' && strlen(to->host) < 100 &&
		    to->port > 0 && to->port <= 65535);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tun_fwd fwds[N];
	struct cand c;
	char *text;
	size_t i;

	memset(&c, 0, sizeof(c));
	memcpy(fwds, forwards, sizeof(fwds));
	c.verdict.fwds = fwds;
	c.verdict.tun.nfwds = N;
	claim((c.arena = arena_new()) != NULL);
	claim((text = malloc(len + 1)) != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	claim(channels_want_targets(&c));
	claim(channels_take_targets(&c, text) == 0);
	for (i = 0; i < 2; i++)
		check(&fwds[i]);
	claim(memcmp(&fwds[2], &forwards[2], 2 * sizeof(*fwds)) == 0);
	free(text);
	arena_free(c.arena);
	return 0;
}
