/* SPDX-License-Identifier: ISC */
/* Tells the user about an operand that matches nothing. */

#include <sys/types.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/holder.h"
#include "common/out.h"
#include "common/tool.h"
#include "common/unmatched.h"
#include "compat/compat.h"
#include "libfind.h"

#define NEAR_MAX	3	/* names to offer */

struct name_list {
	char **v;
	size_t n;
};

static int
is_id(const char *word)
{
	return *word != '\0' && strchr("LRDWTCM", *word) != NULL &&
	    word[1] >= '0' && word[1] <= '9';
}

/* What a word of this form could have been; see tunnels(7). */
static const char *
reading(const char *word)
{
	int number = word[strspn(word, "0123456789")] == '\0';

	if (*word == '@')
		return "has this label";
	if (*word == ':')
		return "listens on this port";
	if (number && strlen(word) <= 5)
		return "has this port or PID";
	if (number)
		return "has this PID";
	if (strchr(word, '/') != NULL)
		return "has this path, ID or forward";
	if (is_id(word))
		return "has this ID or forward";
	if (strchr(word, '@') != NULL)
		return "has this ID, destination or jump host";
	return "has this ID, destination, jump host or target";
}

static void
add_name(struct name_list *names, char *name)
{
	size_t i;

	for (i = 0; i < names->n && strcmp(names->v[i], name) != 0; i++)
		;
	if (i < names->n) {
		free(name);
		return;
	}
	names->v = tool_xreallocarray(names->v, names->n + 1,
	    sizeof(*names->v));
	names->v[names->n++] = name;
}

static void
add_forward(struct name_list *names, const char *word,
    const struct tun_fwd *fwd)
{
	if (word[strspn(word, ":0123456789")] == '\0') {
		if (fwd->spec.listen.port > 0)
			add_name(names, tool_xasprintf("%s%d", *word == ':' ?
			    ":" : "", fwd->spec.listen.port));
		return;
	}
	add_name(names, tool_xstrdup(fwd->id));
	if (fwd->spec.connect.host != NULL)
		add_name(names, tool_xstrdup(fwd->spec.connect.host));
}

/* All words that would select something. */
static void
add_names(struct name_list *names, const char *word, const struct tun *t)
{
	size_t i;

	if (t->label != NULL)
		add_name(names, tool_xasprintf("@%s", t->label));
	if (t->dest != NULL)
		add_name(names, tool_xstrdup(t->dest));
	if (t->host != NULL)
		add_name(names, tool_xstrdup(t->host));
	for (i = 0; t->jumps != NULL && t->jumps[i] != NULL; i++)
		add_name(names, tool_xstrdup(t->jumps[i]));
	for (i = 0; i < t->nfwds; i++)
		add_forward(names, word, t->fwds[i]);
	if (t->nfwds == 0)
		add_name(names, tool_xstrdup(t->id));
}

/*
 * Takes a name out that has the word in it, or is like it; or returns NULL.
 * The user of a destination may be one that ssh_config names.
 */
static char *
take_near(struct name_list *names, const char *word)
{
	const char **v = tool_xcalloc(names->n + 1, sizeof(*v)), *like;
	const char *at = strrchr(word, '@');
	const char *part = at != NULL && at != word ? at + 1 : word;
	char *name = NULL;
	size_t i;

	for (i = 0; i < names->n; i++)
		v[i] = names->v[i];
	for (i = 0; i < names->n && (strlen(part) < 2 ||
	    strstr(v[i], part) == NULL); i++)
		;
	if (i == names->n && (like = tool_nearest(word, v)) != NULL)
		for (i = 0; v[i] != like; i++)
			;
	if (i < names->n) {
		name = names->v[i];
		names->v[i] = names->v[--names->n];
	}
	free(v);
	return name;
}

/* "; did you mean a, b or c?", or "". */
static char *
near_text(const char *word, const struct tun_list *list)
{
	struct name_list names = { NULL, 0 };
	const struct tun *t = NULL;
	char *found[NEAR_MAX], *text = NULL;
	size_t i, n = 0;

	while ((t = tun_next(list, t)) != NULL)
		add_names(&names, word, t);
	while (n < NEAR_MAX && (found[n] = take_near(&names, word)) != NULL)
		n++;
	for (i = 0; i < n; i++)
		text = cell_join(text, i + 1 < n ? ", " : " or ", found[i]);
	for (i = 0; i < names.n; i++)
		free(names.v[i]);
	free(names.v);
	return n > 0 ? cell_join(cell_join(tool_xstrdup("; did you mean "), "",
	    text), "", tool_xstrdup("?")) : tool_xstrdup("");
}

/* Could a target have this name? */
static int
may_be_target(const char *word)
{
	return *word != ':' && strchr(word, '@') == NULL && !is_id(word) &&
	    word[strspn(word, "0123456789")] != '\0';
}

/* Is there a forward that has a target, which is not known? */
static int
has_untold_target(const struct tun_list *list)
{
	const struct tun_forward *spec;
	const struct tun *t = NULL;
	size_t i;

	while ((t = tun_next(list, t)) != NULL)
		for (i = 0; i < t->nfwds; i++) {
			spec = &t->fwds[i]->spec;
			if ((spec->kind == TUN_FWD_LOCAL ||
			    spec->kind == TUN_FWD_REMOTE) &&
			    spec->connect.host == NULL &&
			    spec->connect.path == NULL)
				return 1;
		}
	return 0;
}

/* Does the list show all that the word could mean? */
static int
is_complete(const char *word, const struct tun_list *list)
{
	return tun_complete(list) &&
	    !(may_be_target(word) && has_untold_target(list));
}

int
unmatched_is_unseen(struct tun_ctx *ctx, const char *word,
    const struct tun_list *list, uid_t uid)
{
	return !is_complete(word, list) ||
	    port_holder_is_unseen(ctx, word, uid);
}

/* The process that this one, which is no tunnel, uses as its master. */
static const struct tun *
find_master(const char *word, const struct tun_list *list)
{
	const char *errstr;
	pid_t pid = (pid_t)strtonum(word, 1, INT_MAX, &errstr);
	const struct tun *t = NULL;

	while (errstr == NULL && (t = tun_next(list, t)) != NULL)
		if (t->master == 1 && tool_has_peer(t->users, t->nusers, pid))
			return t;
	return NULL;
}

void
unmatched_put(struct tun_ctx *ctx, const struct tun_list *list,
    unsigned flags, const struct tun_select *sel, const char *word,
    enum foreign_hint hint)
{
	int complete = is_complete(word, list);
	const struct tun *master = find_master(word, list);
	char *near;

	if (sel != NULL && foreign_put(ctx, flags, sel, word, hint))
		return;
	if (master != NULL) {
		tool_warn("%s: no tunnel, but a client of the master %ld, "
		    "which has its forwards", word, (long)master->pid);
		return;
	}
	if (!tool_on_terminal()) {
		tool_warn("%s: no such tunnel%s", word, complete ? "" :
		    " is seen");
		return;
	}
	near = near_text(word, list);
	tool_warn("%s: no tunnel%s %s%s", word, complete ? "" :
	    " that is seen", reading(word), near);
	free(near);
}
