/* SPDX-License-Identifier: ISC */
/*
 * places.c: looks for control sockets in the directories where users keep them.
 * Only that finds the dead ones, which have no listener.
 */
#include <errno.h>
#include <fnmatch.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "directory.h"
#include "masters.h"

enum base {
	BASE_HOME,
	BASE_ROOT,
	BASE_RUN		/* /run/user/UID */
};

/*
 * From public ssh_config files, and from the defaults of Ansible and Emacs.
 * Any user can create names in shared directories, so the owner is always
 * checked.
 */
static const struct usual_dir {
	enum base base;
	const char *dir;
	const char *names[8];	/* patterns for fnmatch(3) */
} places[] = {
	{ BASE_HOME, "/.ssh", { "cm-*", "cm_*", "control-*", "master-*",
	    "mux-*", "mux_*", "ssh-*" } },
	{ BASE_HOME, "/.ssh", { "*@*:*", "*@*-*", "ctl-*", "ssh_mux_*",
	    "control:*", "ctrl-*" } },
	{ BASE_HOME, "/.ssh/cm", { "*" } },
	{ BASE_HOME, "/.ssh/connections", { "*" } },
	{ BASE_HOME, "/.ssh/control", { "*" } },
	{ BASE_HOME, "/.ssh/controlmasters", { "*" } },
	{ BASE_HOME, "/.ssh/mux", { "*" } },
	{ BASE_HOME, "/.ssh/sockets", { "*" } },
	{ BASE_HOME, "/.ansible/cp", { "*" } },
	{ BASE_ROOT, "/tmp", { "cm-*", "mux-*", "ssh-*", "ssh_mux_*",
	    "tramp.*", "*@*:*" } },
	{ BASE_ROOT, "/tmp/ssh", { "*" } },
	{ BASE_ROOT, "/dev/shm", { "cm-*", "mux-*", "ssh-*", "ssh_mux_*",
	    "*@*:*" } },
	{ BASE_RUN, "", { "cm-*", "mux-*", "ssh-*", "ssh_mux_*", "*@*:*" } },
	{ BASE_RUN, "/ssh", { "*" } }
};

/* The socket of an agent is not a master's, even if its name matches. */
static int
is_name(const struct usual_dir *p, const char *name)
{
	size_t i;

	if (*name == '.' || strstr(name, "agent") != NULL)
		return 0;
	for (i = 0; i < 8 && p->names[i] != NULL; i++)
		if (fnmatch(p->names[i], name, 0) == 0)
			return 1;
	return 0;
}

static int
is_wanted(const struct dir_search *se, const struct dirent *de)
{
	return is_name(se->arg, de->d_name);
}

static char *
place_dir(struct arena *a, const struct usual_dir *p, uid_t uid)
{
	const struct passwd *pw;

	switch (p->base) {
	case BASE_HOME:
		if ((pw = user_find(a, uid)) == NULL || *pw->pw_dir != '/')
			return NULL;
		return arena_printf(a, "%s%s", pw->pw_dir, p->dir);
	case BASE_RUN:
		return arena_printf(a, "/run/user/%lu%s", (unsigned long)uid,
		    p->dir);
	case BASE_ROOT:
		break;
	}
	return arena_strdup(a, p->dir);
}

static int
look_in(struct tun_masters *m, const struct usual_dir *p, const char *dir)
{
	struct dir_search se = { .wants = is_wanted, .arg = p };
	struct master *e;
	char *path;
	size_t i;
	int r = 0;

	if (dir_search(m->a, m->rs, dir, &se) == -1 && plat_failed(errno))
		return -1;
	for (i = 0; r == 0 && i < se.n; i++) {
		path = arena_printf(m->a, "%s/%s", dir, se.v[i].name);
		r = path == NULL ? -1 :
		    master_add_file(m, path, &se.v[i].at, &e);
	}
	free(se.v);
	return r;
}

int
masters_find_places(struct tun_masters *m)
{
	size_t i;
	char *dir;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		errno = 0;
		dir = place_dir(m->a, &places[i], m->uid);
		if (dir == NULL && plat_failed(errno))
			return -1;
		if (dir != NULL && look_in(m, &places[i], dir) == -1)
			return -1;
	}
	return 0;
}
