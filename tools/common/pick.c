/* SPDX-License-Identifier: ISC */
/* The options and operands that select tunnels, which the tools share. */

#include <sys/types.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/pick.h"
#include "common/tool.h"
#include "compat/compat.h"

#define FORWARDS	TUN_SCAN_SOCKETS
/* The clients of a master tell its destination. */
#define NAMES		(TUN_SCAN_SOCKETS | TUN_SCAN_INFO)
#define HEALTH		(TUN_SCAN_SOCKETS | TUN_SCAN_INFO | TUN_SCAN_AGAIN)

static void
add_users(struct pick *pick, const char *arg)
{
	char **v = tool_split("-u", arg);
	size_t i;

	for (i = 0; v[i] != NULL; i++) {
		pick->uids = tool_xreallocarray(pick->uids, pick->nuids + 1,
		    sizeof(*pick->uids));
		if (tool_uid(v[i], &pick->uids[pick->nuids]) == -1)
			tool_usage("-u: no user %s", v[i]);
		if (pick->uids[pick->nuids++] != geteuid())
			pick->everyone = 1;
	}
	free(v);
}

static void
add_pids(struct pick *pick, const char *arg)
{
	char **v = tool_split("-p", arg);
	const char *errstr;
	size_t i;

	for (i = 0; v[i] != NULL; i++) {
		pick->pids = tool_xreallocarray(pick->pids, pick->npids + 1,
		    sizeof(*pick->pids));
		pick->pids[pick->npids++] = (pid_t)strtonum(v[i], 1, INT_MAX,
		    &errstr);
		if (errstr != NULL)
			tool_usage("-p: %s is no process ID", v[i]);
	}
	free(v);
}

static void
add_states(struct pick *pick, const char *arg)
{
	const char *names[TUN_NSTATES + 1], *like;
	char **v = tool_split("--state", arg);
	size_t i, s;

	for (s = 0; s < TUN_NSTATES; s++)
		names[s] = tool_state((enum tun_state)s);
	names[TUN_NSTATES] = NULL;
	for (i = 0; v[i] != NULL; i++) {
		for (s = 0; names[s] != NULL; s++) {
			if (strcmp(names[s], v[i]) == 0)
				break;
		}
		if (names[s] != NULL)
			pick->states |= (uint64_t)1 << s;
		else if ((like = tool_nearest(v[i], names)) != NULL)
			tool_usage("--state: no state %s; did you mean %s?",
			    v[i], like);
		else
			tool_usage("--state: no state %s", v[i]);
	}
	free(v);
}

static int64_t
duration(const char *option, const char *arg)
{
	const char *errstr;
	int64_t seconds = tool_duration(arg, &errstr);

	if (errstr != NULL)
		tool_usage("--%s: %s is %s", option, arg, errstr);
	return seconds;
}

int
pick_option(struct pick *pick, int opt, const char *arg)
{
	switch (opt) {
	case 'D':
		pick->kinds |= 1u << TUN_FWD_DYNAMIC;
		pick->needs |= FORWARDS;
		break;
	case 'L':
		pick->kinds |= 1u << TUN_FWD_LOCAL;
		pick->needs |= FORWARDS;
		break;
	case 'R':
		pick->kinds |= 1u << TUN_FWD_REMOTE | 1u << TUN_FWD_RDYNAMIC |
		    1u << TUN_FWD_SERVED;
		pick->needs |= FORWARDS;
		break;
	case 'S':
		pick->ctlpath = arg;
		pick->needs |= FORWARDS;
		break;
	case 'p':
		add_pids(pick, arg);
		pick->everyone = 1;
		break;
	case 'u':
		add_users(pick, arg);
		break;
	case PICK_EXPOSED:
		pick->exposed = 1;
		pick->needs |= FORWARDS;
		break;
	case PICK_HEARD:
		pick->heard = duration("heard", arg);
		pick->needs |= HEALTH;
		break;
	case PICK_IDLE:
		pick->idle = duration("idle", arg);
		pick->needs |= HEALTH;
		break;
	case PICK_OLDER:
		pick->older = duration("older", arg);
		break;
	case PICK_STALE:
		pick->classes |= 1u << TUN_CLASS_STALE;
		pick->needs |= HEALTH;
		break;
	case PICK_STATE:
		add_states(pick, arg);
		pick->needs |= HEALTH;
		break;
	case PICK_SUSPECT:
		pick->classes |= 1u << TUN_CLASS_SUSPECT;
		pick->needs |= HEALTH;
		break;
	default:
		return 0;
	}
	return 1;
}

void
pick_operand(struct pick *pick, const char *word)
{
	const char *errstr;
	struct tun_select *sel = tun_select_parse(word, &errstr);

	if (sel == NULL)
		tool_bad_word(word, errstr);
	pick->sels = tool_xreallocarray(pick->sels, pick->nsels + 1,
	    sizeof(*pick->sels));
	pick->words = tool_xreallocarray(pick->words, pick->nsels + 1,
	    sizeof(*pick->words));
	pick->words[pick->nsels] = word;
	pick->sels[pick->nsels++] = sel;
	/*
	 * A label may be in the environment; all other words may need the
	 * sockets.
	 */
	pick->needs |= *word == '@' ? TUN_SCAN_ENV : NAMES;
	pick->labels |= *word == '@';
}

unsigned
pick_scan(const struct pick *pick)
{
	return pick->needs | (pick->everyone ? 0 : TUN_SCAN_OWN);
}

int
pick_is_named(const struct pick *pick)
{
	return pick->nsels > 0 || pick->npids > 0 || pick->ctlpath != NULL;
}

int
pick_lost_label(const struct pick *pick, const struct tun_list *list)
{
	const struct tun *t = NULL;

	while (pick->labels && (t = tun_next(list, t)) != NULL)
		if (tun_why_next(&t->label_why, TUN_WHY_NONE) !=
		    TUN_WHY_NONE)
			return 1;
	return 0;
}

/* Does -u name this user, or is there no -u? */
static int
has_user(const struct pick *pick, uid_t uid)
{
	size_t i;

	for (i = 0; i < pick->nuids; i++) {
		if (pick->uids[i] == uid)
			return 1;
	}
	return pick->nuids == 0;
}

static int
has_pid(const struct pick *pick, pid_t pid)
{
	size_t i;

	for (i = 0; i < pick->npids; i++) {
		if (pick->pids[i] == pid)
			return 1;
	}
	return pick->npids == 0;
}

/*
 * Is the time at least as long as asked for?  An unknown time, -1, never
 * matches.
 */
static int
is_long(int64_t ms, int64_t seconds)
{
	return seconds < 0 || (ms >= 0 && ms >= seconds * 1000);
}

int
pick_has_tunnel(const struct pick *pick, const struct tun *t, int64_t now)
{
	if (!has_user(pick, t->uid) || !has_pid(pick, t->pid))
		return 0;
	if (pick->masters && t->master != 1)
		return 0;
	if (pick->ctlpath != NULL && (t->ctlpath == NULL ||
	    !tool_same_file(pick->ctx, pick->ctlpath, t->ctlpath)))
		return 0;
	if (pick->classes != 0 &&
	    (pick->classes & 1u << tun_state_class(t->state)) == 0)
		return 0;
	return is_long(t->start > 0 ? (now - t->start) * 1000 : -1,
	    pick->older) && is_long(t->idle, pick->idle) &&
	    is_long(t->heard, pick->heard);
}

/*
 * A forward matches by its own state, and by that of a tunnel that is not well.
 */
static int
wants_state(const struct pick *pick, const struct row *row)
{
	const struct tun *t = row->tun;
	uint64_t states = 0;

	if (row->fwd != NULL)
		states = (uint64_t)1 << tun_fwd_state(row->fwd) |
		    (uint64_t)1 << row->fwd->state;
	if (row->fwd == NULL || tun_state_class(t->state) != TUN_CLASS_LIVE ||
	    tun_state_health(t->state, NULL) == TUN_HEALTH_BAD)
		states |= (uint64_t)1 << t->state;
	return pick->states == 0 || (pick->states & states) != 0;
}

/*
 * For a remote forward only the request is known, because the server decides
 * what becomes of it.  --exposed lists it, because it may be reachable.
 */
static int
is_exposed(const struct row *row)
{
	return (row->fwd != NULL && (row->fwd->exposed == 1 ||
	    cell_wants_all(row->fwd))) ||
	    row->tun->ctl == TUN_CTL_UNSAFE ||
	    tun_why_has(&row->tun->why, TUN_WHY_CTLDIR);
}

/*
 * Users do not look for the forwards that autossh adds for itself, so they are
 * listed only if their ID or port is given.
 */
static int
is_noise(const struct tun_fwd *fwd, unsigned how)
{
	return tun_why_has(&fwd->why, TUN_WHY_MONITOR) &&
	    (how & (TUN_MATCH_ID | TUN_MATCH_PORT | TUN_MATCH_LISTEN |
	    TUN_MATCH_FORWARD)) == 0;
}

/* Is word the name in /etc/hosts of where sshd has connected to? */
static int
is_target_name(const struct pick *pick, const char *word,
    const struct row *row)
{
	struct view view = { .hosts = pick->hosts };
	const char *name;
	char *named;
	int r;

	if (row->fwd == NULL || (name = cell_target_name(&view, row)) == NULL)
		return 0;
	named = tool_xasprintf("%s:%d", name, row->fwd->spec.connect.port);
	r = strcmp(word, name) == 0 || strcmp(word, named) == 0;
	free(named);
	return r;
}

unsigned
pick_match(const struct pick *pick, size_t i, const struct row *row)
{
	unsigned how = tun_select_match(pick->sels[i], row->tun, row->fwd);

	return how != 0 || !is_target_name(pick, pick->words[i], row) ? how :
	    TUN_MATCH_TARGET;
}

size_t
pick_matches(const struct pick *pick, size_t i, const struct row *rows,
    size_t n)
{
	size_t k, matches = 0;

	for (k = 0; k < n; k++)
		matches += pick_match(pick, i, &rows[k]) != 0;
	return matches;
}

static int
wants_row(const struct pick *pick, const struct row *row)
{
	unsigned how = 0;
	size_t i;

	if (pick->kinds != 0 && (row->fwd == NULL ||
	    (pick->kinds & 1u << row->fwd->spec.kind) == 0))
		return 0;
	if (!wants_state(pick, row) || (pick->exposed && !is_exposed(row)))
		return 0;
	for (i = 0; i < pick->nsels; i++)
		how |= pick_match(pick, i, row);
	if (pick->nsels > 0 && how == 0)
		return 0;
	return row->fwd == NULL || !is_noise(row->fwd, how);
}

struct rows {
	struct row *v;
	size_t n, room;
};

static void
add_row(struct rows *rows, const struct tun *t, const struct tun_fwd *fwd)
{
	if (rows->n == rows->room) {
		rows->room = rows->room > 0 ? rows->room * 2 : 64;
		rows->v = tool_xreallocarray(rows->v, rows->room,
		    sizeof(*rows->v));
	}
	rows->v[rows->n].tun = t;
	rows->v[rows->n++].fwd = fwd;
}

/* A tunnel with only autossh's own forwards counts as one without forwards. */
static int
has_forwards(const struct tun *t)
{
	size_t i;

	for (i = 0; i < t->nfwds; i++) {
		if (!is_noise(t->fwds[i], 0))
			return 1;
	}
	return 0;
}

static void
add_tunnel(const struct pick *pick, struct rows *rows, const struct tun *t)
{
	struct row row = { t, NULL };
	size_t i, before = rows->n;

	for (i = 0; i < t->nfwds; i++) {
		row.fwd = t->fwds[i];
		if (wants_row(pick, &row))
			add_row(rows, t, row.fwd);
	}
	row.fwd = NULL;
	if (rows->n == before && !has_forwards(t) && wants_row(pick, &row))
		add_row(rows, t, NULL);
}

/* Its path, with the directory that it is in. */
static char *
whole_path(const struct tun *t, const char *path)
{
	return *path == '/' || t->cwd == NULL ? tool_xstrdup(path) :
	    tool_xasprintf("%s/%s", t->cwd, path);
}

/* Takes a path that leads to the same file, as long as none was taken. */
static void
take_path(struct tun_ctx *ctx, const char *word, const struct tun *t,
    const char *path, char **foundp)
{
	char *whole;

	if (path == NULL || *foundp != NULL)
		return;
	whole = whole_path(t, path);
	if (tool_same_file(ctx, word, whole))
		*foundp = whole;
	else
		free(whole);
}

/* In another mount namespace its path may be that of another file. */
static int
listens_here(const struct tun_fwd *fwd)
{
	return (fwd->state == TUN_BOUND || fwd->state == TUN_UNLISTED) &&
	    fwd->file != 0;
}

void
pick_settle_path(struct tun_ctx *ctx, const char *word,
    struct tun_select **selp, const struct tun_list *list)
{
	const struct tun *t = NULL;
	const char *errstr;
	char *found = NULL;
	size_t k;

	if (strchr(word, '/') == NULL)
		return;
	while ((t = tun_next(list, t)) != NULL)
		if (tun_select_match(*selp, t, NULL) != 0)
			return;
	while (found == NULL && (t = tun_next(list, t)) != NULL) {
		if (t->ctl == TUN_CTL_FOUND || t->ctl == TUN_CTL_UNSAFE)
			take_path(ctx, word, t, t->ctlpath, &found);
		for (k = 0; k < t->nfwds; k++)
			if (listens_here(t->fwds[k]))
				take_path(ctx, word, t,
				    t->fwds[k]->spec.listen.path, &found);
	}
	if (found != NULL) {
		tun_select_free(*selp);
		if ((*selp = tun_select_parse(found, &errstr)) == NULL)
			tool_fail("%s", errstr);
		free(found);
	}
}

struct row *
pick_rows(const struct pick *pick, const struct tun_list *list, size_t *np,
    size_t *foreground)
{
	struct rows rows = { NULL, 0, 0 };
	const struct tun *t = NULL;
	size_t i, n, hidden = 0;

	for (i = 0; i < pick->nsels; i++) {
		if (pick->target_ports)
			tun_select_settle(pick->sels[i], list);
		if (pick->ctx != NULL)
			pick_settle_path(pick->ctx, pick->words[i],
			    &pick->sels[i], list);
	}
	while ((t = tun_next(list, t)) != NULL) {
		if (!pick_has_tunnel(pick, t, tun_when(list)))
			continue;
		n = rows.n;
		add_tunnel(pick, &rows, t);
		if (t->origin != TUN_ORIGIN_FOREGROUND || pick->all)
			continue;
		hidden += rows.n > n;
		rows.n = n;
	}
	*np = rows.n;
	*foreground = hidden;
	return rows.v;
}

size_t
pick_left_out(const struct pick *pick, const struct tun_list *list,
    size_t which)
{
	struct pick one = *pick;
	size_t foreground, n;

	one.sels = &pick->sels[which];
	one.words = &pick->words[which];
	one.nsels = 1;
	free(pick_rows(&one, list, &n, &foreground));
	return n == 0 ? foreground : 0;
}

void
pick_free(struct pick *pick)
{
	size_t i;

	for (i = 0; i < pick->nsels; i++)
		tun_select_free(pick->sels[i]);
	free(pick->sels);
	free(pick->words);
	free(pick->uids);
	free(pick->pids);
}
