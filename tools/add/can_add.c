/* SPDX-License-Identifier: ISC */
/* can_add.c: what is known of a forward before the master is asked for it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "add/add.h"
#include "common/tool.h"

int
add_may_open(const struct add_args *args, const struct add_target *to,
    const struct add_spec *spec)
{
	const char *why;

	switch (tun_can_open(to->ctx, to->list, to->tun, spec->fwd, &why)) {
	case TUN_OPEN_YES:
	case TUN_OPEN_HAS:
		return 1;
	case TUN_OPEN_UNKNOWN:
		if (!args->dry)
			return 1;
		tool_warn("%s: not known: %s", spec->name, why);
		return 0;
	case TUN_OPEN_TAKEN:
		if (add_put_holders(to, spec, "") > 0)
			return 0;
		break;
	case TUN_OPEN_NO:
		break;
	}
	tool_warn("%s: %s", spec->name, why);
	return 0;
}

static int
is_any(const char *host)
{
	return host != NULL && (*host == '\0' || strcmp(host, "*") == 0 ||
	    strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0);
}

static int
is_localhost(const char *host)
{
	return host == NULL || strcasecmp(host, "localhost") == 0;
}

/* Does a listen everywhere where b would, as far as the specs say? */
static int
covers(const struct tun_end *a, const struct tun_end *b)
{
	if (a->path != NULL || b->path != NULL)
		return a->path != NULL && b->path != NULL &&
		    strcmp(a->path, b->path) == 0;
	if (a->port != b->port || a->port == 0)
		return 0;
	if (is_any(a->host))
		return 1;
	if (is_localhost(a->host))
		return is_localhost(b->host) ||
		    strcmp(b->host, "127.0.0.1") == 0 ||
		    strcmp(b->host, "::1") == 0;
	return b->host != NULL && strcasecmp(a->host, b->host) == 0;
}

/* An earlier spec of the command that would have its place by then. */
static const struct add_spec *
earlier(const struct add_args *args, const struct add_spec *spec)
{
	const struct add_spec *s;

	for (s = args->specs; s < spec; s++) {
		if (tun_forward_is_local(s->fwd) ==
			tun_forward_is_local(spec->fwd) &&
		    covers(&s->fwd->listen, &spec->fwd->listen) &&
		    tun_forward_cmp(s->fwd, spec->fwd) != 0)
			return s;
	}
	return NULL;
}

int
add_would_add(const struct add_args *args, const struct add_target *to,
    const struct add_spec *spec)
{
	const struct add_spec *other = earlier(args, spec);
	char *name, *path;

	if (other != NULL) {
		tool_warn("%s: the master would listen there already, for %s",
		    spec->name, other->name);
		return -1;
	}
	if (tun_forward_is_local(spec->fwd))
		add_put_holders(to, spec, "not everywhere: ");
	name = tool_vis(spec->name);
	path = tool_vis(to->master->path);
	printf("would add %s to %s (pid %ld)\n", name, path,
	    (long)to->master->pid);
	free(name);
	free(path);
	return 0;
}
