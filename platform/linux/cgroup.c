/* SPDX-License-Identifier: ISC */
/*
 * Linux: control groups, by which a service manager identifies its processes:
 * the unit of a process, the other processes in that unit, and whether it is
 * frozen.
 */
#define _GNU_SOURCE

#include <sys/stat.h>
#include <sys/vfs.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cgroup_path.h"
#include "compat/array.h"
#include "linux.h"

/* Limits for groups below a unit: a delegated unit may create any number. */
#define MAX_DEPTH	8
#define MAX_DIRS	256

/* --- which unit --------------------------------------------------------- */

/*
 * Lines are ID:CONTROLLERS:PATH. systemd's tree has ID 0 (cgroup v2), or is
 * v1's named tree where v2 is not used.
 */
static const char *
cgroup_path(char *text, int *is_v2)
{
	const char *v1 = NULL, *v2 = NULL;
	char *line, *next;

	for (line = text; line != NULL; line = next) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		line += strcspn(line, ":");
		if (starts(line, "::"))
			v2 = line + 2;
		else if (starts(line, ":name=systemd:"))
			v1 = line + 14;
	}
	*is_v2 = v2 != NULL && (strcmp(v2, "/") != 0 || v1 == NULL);
	return *is_v2 ? v2 : v1;
}

void
linux_cgroup(char *text, struct plat_origin *op)
{
	const char *path, *unit;
	size_t len;
	int user, v2;

	if ((path = cgroup_path(text, &v2)) == NULL)
		return;
	op->cgroup_kind = cgroup_kind(path);
	unit = cgroup_unit(path, &len, &user, &op->unit_owner);
	if (unit != NULL && len < sizeof(op->unit)) {
		memcpy(op->unit, unit, len);
		op->unit[len] = '\0';
		op->unit_user = user;
	}
	if (strlen(path) < sizeof(op->cgroup))
		strcpy(op->cgroup, path);
}

/* --- the directory of a group ------------------------------------------- */

enum cgroup_tree { TREE_V2, TREE_SYSTEMD, TREE_FREEZER };

/* The directory of a group in that tree. */
static int
open_group(const char *path, enum cgroup_tree tree)
{
	static const struct {
		const char *top;
		enum cgroup_tree tree;
	} trees[] = {
		{ "/sys/fs/cgroup", TREE_V2 },
		{ "/sys/fs/cgroup/unified", TREE_V2 },
		{ "/sys/fs/cgroup/systemd", TREE_SYSTEMD },
		{ "/sys/fs/cgroup/freezer", TREE_FREEZER }
	};
	struct statfs sfs;
	char *name;
	size_t i;
	int error = ENOENT, fd = -1;

	for (i = 0; i < NELEM(trees) && fd == -1; i++) {
		if (trees[i].tree != tree || plat_failed(error))
			continue;
		if (asprintf(&name, "%s%s", trees[i].top, path) == -1)
			return -1;
		fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		error = fd == -1 ? errno : 0;
		free(name);
		if (fd == -1)
			continue;
		if (fstatfs(fd, &sfs) == -1)
			error = errno;
		else if (sfs.f_type != (tree == TREE_V2 ?
		    CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC))
			error = ENOENT;
		if (error != 0) {
			close(fd);
			fd = -1;
		}
	}
	errno = error;
	return fd;
}

/* --- is it frozen ------------------------------------------------------- */

/* Reads a small file of the group, NUL-terminated; -1 if it is not readable. */
static int
read_state(struct plat *pl, const char *path, enum cgroup_tree tree,
    const char *file, char *buf, size_t len)
{
	ssize_t n = -1;
	int dir;

	if ((dir = open_group(path, tree)) != -1) {
		n = linux_read_once(dir, file, buf, len - 1);
		close(dir);
	}
	if (n == -1) {
		(void)plat_note_failure(pl);
		pl->gaps |= PLAT_GAP_FROZEN;
		return -1;
	}
	buf[n] = '\0';
	return 0;
}

/* Is the controller in the comma-separated list of len bytes? */
static int
has_controller(const char *list, size_t len, const char *name)
{
	size_t n;

	for (; len > 0; list += n, len -= n) {
		n = strcspn(list, ",:");
		if (n == strlen(name) && memcmp(list, name, n) == 0)
			return 1;
		if (n < len)
			n++;
	}
	return 0;
}

/*
 * Is the group of a line, ID:CONTROLLERS:PATH, frozen, by itself or by one
 * above? Both kernel interfaces report this for the group itself. See the
 * kernel's cgroup-v2.rst (cgroup.events) and cgroup-v1/freezer-subsystem.rst. A
 * tree that is not mounted at its usual place cannot be read.
 */
static int
line_frozen(struct plat *pl, const char *line, size_t len)
{
	char path[PATH_MAX], state[256];
	const char *end = line + len, *list, *p;

	if ((list = memchr(line, ':', len)) == NULL ||
	    (p = memchr(list + 1, ':', (size_t)(end - list) - 1)) == NULL)
		return 0;
	list++;
	len = (size_t)(end - p) - 1;
	if (len < 2 || len >= sizeof(path))
		return 0;	/* the root; the kernel has no longer path */
	memcpy(path, p + 1, len);
	path[len] = '\0';
	if (list == p)
		return read_state(pl, path, TREE_V2, "cgroup.events", state,
		    sizeof(state)) == 0 && strstr(state, "frozen 1") != NULL;
	/* FREEZING: some of its processes are frozen, and all will be. */
	return has_controller(list, (size_t)(p - list), "freezer") &&
	    read_state(pl, path, TREE_FREEZER, "freezer.state", state,
	    sizeof(state)) == 0 && starts(state, "FR");
}

int
linux_frozen(struct plat *pl, const char *text)
{
	size_t len;

	for (; *text != '\0'; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		if (line_frozen(pl, text, len))
			return 1;
	}
	return 0;
}

/* --- who is in it ------------------------------------------------------- */

struct members {
	pid_t *pids;
	size_t n, max;
	unsigned dirs;
};

/* Each line is a PID; 0 is a process of a PID namespace above ours. */
static int
read_procs(int dir, struct members *m)
{
	char *line = NULL;
	size_t size = 0;
	FILE *fp;
	int error = 0, fd;

	fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		return -1;
	if ((fp = fdopen(fd, "r")) == NULL) {
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	errno = 0;
	while (getline(&line, &size, fp) != -1) {
		if (m->n == m->max) {
			errno = E2BIG;
			break;
		}
		m->pids[m->n++] = (pid_t)strtol(line, NULL, 10);
	}
	error = errno;
	free(line);
	fclose(fp);
	errno = error;
	return error != 0 ? -1 : 0;
}

static int read_group(int dir, unsigned depth, struct members *m);

static int
read_below(int dir, const char *name, unsigned depth, struct members *m)
{
	int fd;

	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
	    O_NOFOLLOW);
	/* A group may be removed while the group above it is read. */
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	if (read_group(fd, depth, m) == 0 || errno == ENODEV)
		return 0;
	return -1;
}

/* Closes the descriptor. */
static int
read_group(int dir, unsigned depth, struct members *m)
{
	const struct dirent *de;
	DIR *d = NULL;
	int error = 0;

	if (depth > MAX_DEPTH || ++m->dirs > MAX_DIRS)
		error = E2BIG;
	else if (read_procs(dir, m) == -1 || (d = fdopendir(dir)) == NULL)
		error = errno;
	while (d != NULL && error == 0 &&
	    (errno = 0, de = readdir(d)) != NULL) {
		if (de->d_type == DT_DIR && *de->d_name != '.' &&
		    read_below(dir, de->d_name, depth + 1, m) == -1)
			error = errno;
	}
	if (error == 0 && errno != 0)
		error = errno;
	if (d != NULL)
		closedir(d);
	else
		close(dir);
	errno = error;
	return error != 0 ? -1 : 0;
}

static int
is_member(const struct members *m, pid_t pid)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->pids[i] == pid)
			return 1;
	return 0;
}

int
linux_members(struct plat *pl, const struct plat_proc *row, pid_t *pids,
    size_t max, size_t *np)
{
	struct members m = { pids, 0, max, 0 };
	const char *path, *unit = NULL;
	char *text;
	size_t len;
	uid_t owner;
	int fd, pin, user, v2;

	/* PIDs of another namespace belong to other processes here. */
	if (pl->live->foreign) {
		errno = ENOTSUP;
		return -1;
	}
	if ((pin = linux_pin(pl, row)) == -1 ||
	    (text = linux_read(pl, pin, "cgroup", &len)) == NULL)
		return -1;
	if ((path = cgroup_path(text, &v2)) != NULL)
		unit = cgroup_unit(path, &len, &user, &owner);
	if (unit == NULL) {
		errno = ENOENT;
		return -1;
	}
	text[unit + len - text] = '\0';
	if ((fd = open_group(path, v2 ? TREE_V2 : TREE_SYSTEMD)) == -1) {
		if (errno == ENOENT)
			errno = ENOTSUP;	/* mounted elsewhere, or not */
		return -1;
	}
	if (read_group(fd, 0, &m) == -1)
		return -1;
	/* It is another tree, which has a group with that name. */
	if (!is_member(&m, row->pid)) {
		errno = ENOTSUP;
		return -1;
	}
	*np = m.n;
	return 0;
}
