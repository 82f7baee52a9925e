/* SPDX-License-Identifier: ISC */
/*
 * Removes control sockets that nobody listens on.  A file is removed only if it
 * has refused a connection and is still the file that was found; a timeout
 * proves nothing.
 */

#include <sys/types.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/json.h"
#include "common/tool.h"
#include "kill/dead_sockets.h"
#include "libfind.h"

#define YOUNG	2		/* seconds in which a master may still start */

enum result {
	DEAD_OPEN, DEAD_REMOVED, DEAD_NONE, DEAD_ALIVE, DEAD_FAILED,
	DEAD_DECLINED
};

static const char *const result_names[] = {
	"open", "removed", "none", "alive", "failed", "declined"
};

struct item {
	const char *path;
	struct tun_file *file;
	enum result result;
	const char *detail;
};

struct items {
	struct item *v;
	size_t n;
};

static struct item *
add(struct items *items, const char *path)
{
	struct item *it;

	items->v = tool_xreallocarray(items->v, items->n + 1,
	    sizeof(*items->v));
	it = &items->v[items->n++];
	memset(it, 0, sizeof(*it));
	it->path = path;
	return it;
}

static void
settle(struct item *it, enum result result, const char *detail)
{
	it->result = result;
	it->detail = detail;
}

/*
 * Sets the reason why nothing is removed, by the errno of tun_file_check() and
 * similar functions.
 */
static void
settle_errno(struct item *it)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
		settle(it, DEAD_NONE, "no such path");
		break;
	case EADDRINUSE:
		settle(it, DEAD_ALIVE, "somebody listens");
		break;
	case ESTALE:
		settle(it, DEAD_ALIVE, "another file by now");
		break;
	case EPROTO:
		settle(it, DEAD_FAILED, "no socket of that user");
		break;
	case EPERM:
		settle(it, DEAD_FAILED, "behind another user's link, or in a "
		    "directory that keeps it");
		break;
	case EREMOTE:
		settle(it, DEAD_FAILED, "on a network file system: its master "
		    "may be on another machine");
		break;
	default:
		settle(it, DEAD_FAILED, strerror(errno));
	}
}

/*
 * Holds the file, so that it can be compared later.  A file that is shown has
 * refused a connection already.
 */
static void
find(struct item *it, const char *cwd, uid_t uid)
{
	if ((it->file = tun_file_find(it->path, cwd, uid)) == NULL ||
	    tun_file_check(it->file) == -1)
		settle_errno(it);
}

static int
is_young(struct tun_ctx *ctx, const char *path)
{
	struct tun_look look;

	return tun_look(ctx, path, 0, &look) == -1 ||
	    time(NULL) - look.changed < YOUNG;
}

static void
take_paths(struct items *items, char *const *paths, size_t n, uid_t uid)
{
	char *cwd = tool_xcalloc(PATH_MAX, 1);
	size_t i;

	if (getcwd(cwd, PATH_MAX) == NULL)
		tool_fail("working directory: %s", strerror(errno));
	for (i = 0; i < n; i++)
		find(add(items, paths[i]), cwd, uid);
	free(cwd);
}

/* These were not named, so only dead ones are reported. */
static void
take_found(struct tun_ctx *ctx, struct items *items,
    const struct tun_masters *masters, uid_t uid)
{
	const struct tun_master *m = NULL;
	struct item *it;

	while ((m = tun_masters_next(masters, m)) != NULL) {
		/* If a listener is known, do not connect. */
		if (m->ctl != TUN_CTL_UNKNOWN || m->tun != NULL ||
		    *m->path != '/' || is_young(ctx, m->path))
			continue;
		it = add(items, m->path);
		find(it, NULL, uid);
		if (it->result != DEAD_OPEN) {
			tun_file_free(it->file);
			items->n--;
		}
	}
}

static void
ask(struct item *it)
{
	char *path = tool_vis(it->path);

	fprintf(stderr, "tunkill: remove %s? [y/N] ", path);
	free(path);
	if (!tool_answer())
		it->result = DEAD_DECLINED;
}

static void
take_away(struct item *it)
{
	if (tun_file_remove(it->file) == 0)
		settle(it, DEAD_REMOVED, NULL);
	else
		settle_errno(it);
}

static void
tell(const struct item *it, const struct dead_options *options)
{
	char *path;

	if (it->detail != NULL) {
		if (!options->quiet)
			tool_warn("%s: %s", it->path, it->detail);
		return;
	}
	if (options->json || it->result == DEAD_DECLINED ||
	    (!options->dry && !options->echo))
		return;
	path = tool_vis(it->path);
	printf("%s: %s\n", path, options->dry ? "remove" : "removed");
	free(path);
}

static void
put_json(const struct items *items, int dry)
{
	json_t *root = json_object(), *array = json_array(), *object;
	const struct item *it;
	size_t i;

	out_json_put(root, "version", json_integer(JSON_VERSION));
	for (i = 0; i < items->n; i++) {
		it = &items->v[i];
		object = json_object();
		out_json_string(object, "path", it->path);
		out_json_string(object, "result", dry &&
		    it->result == DEAD_OPEN ? NULL : result_names[it->result]);
		out_json_string(object, "detail", it->detail);
		out_json_add(array, object);
	}
	out_json_put(root, "sockets", array);
	out_json_print(root);
}

static int
status_of(const struct items *items)
{
	size_t i, good = 0, none = 0, bad = 0;

	for (i = 0; i < items->n; i++) {
		switch (items->v[i].result) {
		case DEAD_OPEN:		/* with -n */
		case DEAD_REMOVED:
			good++;
			break;
		case DEAD_NONE:
			none++;
			break;
		case DEAD_DECLINED:
			break;
		default:
			bad++;
		}
	}
	return tool_status(good, none, bad);
}

static struct tun_list *
scan(struct tun_ctx *ctx, const struct dead_options *options)
{
	struct tun_list *list;

	if (tun_scan(ctx, TUN_SCAN_SOCKETS | (options->uid == geteuid() ?
	    TUN_SCAN_OWN : 0), &list) == -1)
		tool_fail("cannot look: %s", strerror(errno));
	return list;
}

int
dead_run(struct tun_ctx *ctx, char *const *paths, size_t npaths,
    const struct dead_options *options)
{
	struct tun_masters *masters = NULL;
	struct tun_list *list = NULL;
	struct items items = { NULL, 0 };
	size_t i;
	int status;

	if (npaths > 0) {
		take_paths(&items, paths, npaths, options->uid);
	} else {
		list = scan(ctx, options);
		if (tun_masters_find(ctx, list, options->uid,
		    TUN_MASTERS_SOCKETS | TUN_MASTERS_PLACES, &masters) == -1)
			tool_fail("cannot look: %s", strerror(errno));
		take_found(ctx, &items, masters, options->uid);
	}
	for (i = 0; i < items.n; i++) {
		if (items.v[i].result == DEAD_OPEN && options->ask)
			ask(&items.v[i]);
		if (items.v[i].result == DEAD_OPEN && !options->dry)
			take_away(&items.v[i]);
		tell(&items.v[i], options);
	}
	if (options->json)
		put_json(&items, options->dry);
	status = status_of(&items);
	for (i = 0; i < items.n; i++)
		tun_file_free(items.v[i].file);
	free(items.v);
	tun_masters_free(masters);
	tun_list_free(list);
	return status;
}
