/* SPDX-License-Identifier: ISC */
/*
 * An operand may have several readings, each for another tunnel: it may be the
 * destination of one and the jump host of another.
 */

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>

#include "common/readings.h"
#include "common/tool.h"
#include "libfind.h"

/* Readings that are the same to a user. */
static const struct {
	unsigned how;
	const char *text;
} groups[] = {
	{ TUN_MATCH_ID | TUN_MATCH_PORT | TUN_MATCH_PATH | TUN_MATCH_LISTEN |
	    TUN_MATCH_FORWARD,	"the listening end of" },
	{ TUN_MATCH_TARGET,	"the target of" },
	{ TUN_MATCH_DEST,	"the destination of" },
	{ TUN_MATCH_JUMP,	"a jump host of" },
	{ TUN_MATCH_PID,	"the PID of" },
	{ TUN_MATCH_LABEL,	"the label of" }
};

#define NGROUPS	(sizeof(groups) / sizeof(groups[0]))

/* The groups of these readings, as bits. */
static unsigned
groups_of(unsigned how)
{
	unsigned bits = 0;
	size_t i;

	for (i = 0; i < NGROUPS; i++) {
		if (how & groups[i].how)
			bits |= 1u << i;
	}
	return bits;
}

/* The rows of one group as text, or NULL if there are none. */
static char *
group_text(size_t g, const struct tun_select *sel, const struct row *rows,
    size_t n)
{
	char *names = NULL, *text;
	size_t i;

	for (i = 0; i < n; i++) {
		if ((tun_select_match(sel, rows[i].tun, rows[i].fwd) &
		    groups[g].how) == 0)
			continue;
		names = cell_join(names, ", ", tool_xstrdup(row_id(&rows[i])));
	}
	if (names == NULL)
		return NULL;
	text = tool_xasprintf("%s %s", groups[g].text, names);
	free(names);
	return text;
}

void
readings_check(const char *word, const struct tun_select *sel,
    const struct row *rows, size_t n, int many)
{
	const struct row *port = NULL, *pid = NULL;
	unsigned how, common = ~0u;
	char *all = NULL, *text;
	size_t i;

	for (i = 0; i < n; i++) {
		how = tun_select_match(sel, rows[i].tun, rows[i].fwd);
		if (how == 0)
			continue;
		common &= groups_of(how);
		if (how & TUN_MATCH_PORT)
			port = &rows[i];
		else if (how & TUN_MATCH_PID)
			pid = &rows[i];
	}
	if (common != 0)
		return;
	if (port != NULL && pid != NULL)
		tool_usage("%s is the port of ssh %ld and the PID of another: "
		    ":%s is the port, -p %s the PID", word,
		    (long)port->tun->pid, word, word);
	if (many)
		return;
	for (i = 0; i < NGROUPS; i++) {
		text = group_text(i, sel, rows, n);
		if (text != NULL)
			all = cell_join(all, ", and ", text);
	}
	tool_usage("%s is %s: say which by its ID", word, all);
}

char *
readings_target_port(const char *word, const struct tun_list *list)
{
	const struct tun *t = NULL;
	const char *errstr;
	struct tun_select *sel = tun_select_parse(word, &errstr);
	struct row row;
	char *names = NULL;
	size_t i;

	if (sel == NULL || !tun_select_settle(sel, list)) {
		tun_select_free(sel);
		return NULL;
	}
	while ((t = tun_next(list, t)) != NULL) {
		for (i = 0; i < t->nfwds; i++) {
			row.tun = t;
			row.fwd = t->fwds[i];
			if (tun_select_match(sel, t, row.fwd) != 0)
				names = cell_join(names, ", ",
				    tool_xstrdup(row_id(&row)));
		}
	}
	tun_select_free(sel);
	return names;
}
