/* SPDX-License-Identifier: ISC */
/* Which tunnels do the operands mean?  What is ambiguous is a usage error. */

#include <stdlib.h>

#include "common/out.h"
#include "common/pick.h"
#include "common/readings.h"
#include "common/tool.h"
#include "common/unmatched.h"
#include "kill/operands.h"
#include "kill/plan.h"
#include "kill/report.h"
#include "libfind.h"

/*
 * A client of a master has the control path and its forwards in its command
 * line, but the sockets belong to the master: such names mean the master.
 */
static int
is_shadow(const struct pick *pick, const struct row *row)
{
	unsigned how = 0;
	size_t i;

	for (i = 0; i < pick->nsels; i++)
		how |= tun_select_match_tunnel(pick->sels[i], row->tun);
	if (row->tun->state == TUN_CLIENT && (how == TUN_MATCH_PATH ||
	    (pick->nsels == 0 && pick->ctlpath != NULL)))
		return 1;
	return how == 0 && pick->nsels > 0 && row->fwd != NULL &&
	    row->fwd->state == TUN_IN_MASTER;
}

static size_t
drop_shadows(const struct pick *pick, struct row *rows, size_t n)
{
	size_t i, k = 0, real = 0;

	for (i = 0; i < n; i++)
		real += !is_shadow(pick, &rows[i]);
	if (real == 0)
		return n;
	for (i = 0; i < n; i++) {
		if (!is_shadow(pick, &rows[i]))
			rows[k++] = rows[i];
	}
	return k;
}

/* Is there nothing else by which its session could be selected? */
static int
has_only_direct(const struct tun *t)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++)
		if (!plan_is_direct(t->fwds[i]))
			return 0;
	return 1;
}

/*
 * A connection that sshd has made for a client selects its session only if it
 * is named itself, because tunps --server does not list it, or if there is no
 * -R by which an operand could select it.
 */
static int
is_aside(const struct pick *pick, const struct row *row)
{
	size_t i;

	if (row->fwd == NULL || !plan_is_direct(row->fwd))
		return 0;
	for (i = 0; i < pick->nsels; i++) {
		if (tun_select_match(pick->sels[i], row->tun, row->fwd) != 0 &&
		    (has_only_direct(row->tun) ||
		    tun_select_match_tunnel(pick->sels[i], row->tun) == 0))
			return 0;
	}
	return 1;
}

static size_t
drop_aside(const struct pick *pick, struct row *rows, size_t n)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		if (!is_aside(pick, &rows[i]))
			rows[k++] = rows[i];
	}
	return k;
}

/* An operand that matches nothing; a number is not used as a target port. */
static void
lack_operand(const struct plan *plan, size_t i)
{
	const struct pick *pick = plan->pick;
	const char *word = pick->words[i];
	/* With -u, the tunnels of other users were left out on purpose. */
	int own = !pick->everyone && pick->nuids == 0;
	char *names = readings_target_port(word, plan->list);

	if (names != NULL)
		tool_warn("%s: no such tunnel listens or has that PID; it is "
		    "the target port of %s: say that", word, names);
	else
		unmatched_put(plan->ctx, plan->list, pick->needs,
		    own ? pick->sels[i] : NULL, word, FOREIGN_END);
	free(names);
}

/*
 * If a forward in full is what no row shows, the one master that may have it is
 * asked: another one may have a forward of the same name.
 */
static int
ask_master(struct plan *plan, size_t operand)
{
	const char *word = plan->pick->words[operand];
	const struct tun_forward *spec;
	const struct tun *t, *last = NULL;
	char *names;
	size_t i, n;

	for (i = 0; last == NULL && (spec = tun_select_forward(
	    plan->pick->sels[operand], i)) != NULL; i++) {
		names = NULL;
		for (n = 0, t = NULL;
		    (t = plan_askable(plan, spec, t)) != NULL; n++) {
			names = cell_join(names, ", ", report_ssh(t));
			last = t;
		}
		if (n > 1)
			tool_usage("%s: no list shows it, and %zu masters "
			    "could have it: %s; say which by -S or -p", word,
			    n, names);
		free(names);
		if (n == 1)
			plan_ask(plan, last, spec, word);
	}
	return last != NULL;
}

/* The number of tunnels that sel, or NULL for any, matches; their names. */
static size_t
find_tunnels(const struct tun_select *sel, const struct row *rows, size_t n,
    char **namesp)
{
	const struct tun *last = NULL;
	const struct row *row;
	size_t tunnels = 0;

	*namesp = NULL;
	for (row = rows; row < rows + n; row++) {
		if (row->tun == last || (sel != NULL &&
		    tun_select_match(sel, row->tun, row->fwd) == 0))
			continue;
		*namesp = cell_join(*namesp, ", ", tool_xstrdup(
		    row_id(row)));
		last = row->tun;
		tunnels++;
	}
	return tunnels;
}

static void
check_number(const char *word, size_t tunnels, char *names, int many)
{
	if (tunnels > 1 && !many)
		tool_usage("%s is %zu tunnels: %s; say which, or -a for all",
		    word, tunnels, names);
	free(names);
}

size_t
operands_check(struct plan *plan, struct row *rows, size_t *np, int many,
    int quiet)
{
	const struct pick *pick = plan->pick;
	size_t i, n, tunnels, unmatched = 0;
	char *names;

	n = drop_shadows(pick, rows, drop_aside(pick, rows, *np));
	for (i = 0; i < pick->nsels; i++) {
		tunnels = find_tunnels(pick->sels[i], rows, n, &names);
		if (tunnels == 0 && !ask_master(plan, i)) {
			if (!quiet)
				lack_operand(plan, i);
			unmatched++;
		}
		readings_check(pick->words[i], pick->sels[i], rows, n, many);
		check_number(pick->words[i], tunnels, names, many);
	}
	/* -S and each -p name one tunnel; all other options need -a. */
	if (pick->nsels == 0 && pick->npids == 0) {
		tunnels = find_tunnels(NULL, rows, n, &names);
		check_number("that", tunnels, names, many);
	}
	*np = n;
	return unmatched;
}
