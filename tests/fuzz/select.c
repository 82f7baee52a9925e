/* SPDX-License-Identifier: ISC */
/*
 * Selectors: no input crashes; a tunnel as a whole answers just when itself
 * or one of its forwards does; a full ID never names two forwards.
 */
#include <sys/socket.h>

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/verdict.h"
#include "fuzz/fuzz.h"

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))

static struct tun_addr addr = { AF_INET, { 127, 0, 0, 1 }, 8080, NULL };

static struct tun_fwd fwds0[] = {
	{ .spec = { TUN_FWD_LOCAL, { NULL, NULL, 8008 }, { NULL, "h", 80 } },
	    .addrs = &addr, .naddrs = 1 },
	{ .spec = { TUN_FWD_LOCAL, { NULL, "::1", 8008 }, { NULL, "h", 80 } } },
	{ .spec = { TUN_FWD_LOCAL, { "run/a b@#", NULL, -1 },
	    { NULL, "h", 80 } } },
	{ .spec = { TUN_FWD_DEVICE, { NULL, NULL, -1 }, { NULL, NULL, -1 } } }
};
static struct tun_fwd fwds1[] = {
	{ .spec = { TUN_FWD_REMOTE, { NULL, NULL, 2022 }, { NULL, "h", 22 } } },
	{ .spec = { TUN_FWD_RDYNAMIC, { NULL, NULL, 2022 }, { NULL, "", 0 } } },
	{ .spec = { TUN_FWD_STDIO, { NULL, NULL, -1 }, { NULL, "h", 22 } } }
};
static struct tun_fwd fwds2[] = {
	{ .spec = { TUN_FWD_LOCAL, { NULL, "", 8008 }, { NULL, "h", 80 } } },
	{ .spec = { TUN_FWD_REMOTE, { NULL, NULL, 2022 }, { NULL, "h", 22 } } }
};

static const struct tun_fwd *const at0[] = {
	&fwds0[0], &fwds0[1], &fwds0[2], &fwds0[3]
};
static const struct tun_fwd *const at1[] = {
	&fwds1[0], &fwds1[1], &fwds1[2]
};
static const struct tun_fwd *const at2[] = {
	&fwds2[0], &fwds2[1]
};

static struct cand cands[] = {
	{ .verdict = { .listed = 1, .fwds = fwds0, .tun = { .pid = 8008,
	    .dest = "fred@Server", .user = "fred", .host = "Server",
	    .cwd = "/d", .ctlpath = "./cm", .fwds = at0, .nfwds = 4 } } },
	{ .verdict = { .listed = 1, .fwds = fwds1, .tun = { .pid = 2022,
	    .dest = "s#9", .host = "s#9", .label = "db", .ctlpath = "/c",
	    .cwd = "/", .fwds = at1, .nfwds = 3 } } },
	{ .verdict = { .listed = 1, .fwds = fwds2, .tun = { .pid = 9,
	    .dest = "s", .host = "s", .fwds = at2, .nfwds = 2 } } }
};

static void
name_them(void)
{
	static struct arena *a;
	struct cand *order[] = { &cands[0], &cands[1], &cands[2] };

	if (a != NULL)
		return;
	if ((a = arena_new()) == NULL ||
	    ident_assign(a, order, NELEM(order)) == -1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *errstr = NULL;
	struct tun_select *sel;
	const struct tun *t;
	unsigned whole, part, how;
	size_t i, j, ids = 0;
	char *s;

	name_them();
	if ((s = malloc(len + 1)) == NULL)
		return 0;
	memcpy(s, data, len);
	s[len] = '\0';
	if ((sel = tun_select_parse(s, &errstr)) == NULL) {
		if (errstr == NULL || (errno != EINVAL && errno != ENOMEM))
			abort();
		free(s);
		return 0;
	}
	for (i = 0; i < NELEM(cands); i++) {
		t = &cands[i].verdict.tun;
		whole = tun_select_match(sel, t, NULL);
		for (part = j = 0; j < t->nfwds; j++) {
			how = tun_select_match(sel, t, t->fwds[j]);
			part |= how;
			if (strcmp(s, t->fwds[j]->id) != 0)
				continue;
			if (!(how & TUN_MATCH_ID))
				abort();
			ids++;
		}
		if (part != whole)
			abort();
	}
	for (i = 0; ids > 0 && i < NELEM(cands); i++)
		for (j = 0; j < cands[i].verdict.tun.nfwds; j++)
			if (strcmp(s, cands[i].verdict.fwds[j].id) != 0 &&
			    (tun_select_match(sel, &cands[i].verdict.tun,
			    &cands[i].verdict.fwds[j]) & TUN_MATCH_ID))
				abort();
	if (ids > 1)
		abort();
	tun_select_free(sel);
	free(s);
	return 0;
}
