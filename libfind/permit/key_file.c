/* SPDX-License-Identifier: ISC */
/*
 * Reads an authorized_keys file as the user to whom it belongs, as sshd does, so
 * that a link leads only to what the user may read.  All directories on the way
 * are looked at, because whoever can write to one of them can replace the file.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/compat.h"
#include "core/asuser.h"
#include "permit.h"

#define READ_MS		2000
#define PARTS_MAX	64
#define LINKS_MAX	40
#define NAME_LEN	512
#define FIRST_SIZE	((size_t)64 << 10)
#define SIZE_MAX_TEXT	((size_t)16 << 20)
#define ROUNDS_MAX	2	/* the second one knows the size */

/* A file or directory on the way, which is no link. */
struct part {
	char path[NAME_LEN];
	uid_t uid;
	gid_t gid;
	mode_t mode;
	int own_group;	/* only the user is in the group */
};

/* What the child finds; it comes back as one block. */
struct finding {
	int error;
	int regular, cut;
	uint64_t size;		/* of the file */
	size_t nparts, len;
	struct part parts[PARTS_MAX];
	char real[NAME_LEN], home[NAME_LEN];
	char text[];
};

struct key_reading {
	const char *path, *home, *user;
	struct finding *found;
	size_t room;
};

/* --- in the child ------------------------------------------------------------ */

/*
 * Debian's sshd allows a group to write if the user is its only member, by
 * the entry of the group and by the primary groups of all users.
 */
static int
is_own_group(gid_t gid, const char *user)
{
	const struct group *gr = getgrgid(gid);
	const struct passwd *pw;
	int found = 0, other = 0;
	size_t i;

	if (gr == NULL)
		return 0;
	for (i = 0; gr->gr_mem[i] != NULL; i++) {
		if (strcmp(gr->gr_mem[i], user) == 0)
			found = 1;
		else
			other = 1;
	}
	setpwent();
	while ((pw = getpwent()) != NULL && !other) {
		if (pw->pw_gid != gid)
			continue;
		if (strcmp(pw->pw_name, user) == 0)
			found = 1;
		else
			other = 1;
	}
	endpwent();
	return found && !other;
}

static int
add_part(struct key_reading *rd, const char *path, const struct stat *st)
{
	struct finding *f = rd->found;
	struct part *part = &f->parts[f->nparts];

	if (f->nparts == PARTS_MAX ||
	    strlcpy(part->path, path, NAME_LEN) >= NAME_LEN)
		return ENAMETOOLONG;
	part->uid = st->st_uid;
	part->gid = st->st_gid;
	part->mode = st->st_mode;
	part->own_group = st->st_mode & S_IWGRP &&
	    is_own_group(st->st_gid, rd->user);
	f->nparts++;
	return 0;
}

/* Takes the first name off left, into name; 0: there is none. */
static int
next_name(char *left, char *name)
{
	char *p = left + strspn(left, "/");
	size_t n = strcspn(p, "/");

	if (n == 0 || n >= NAME_LEN)
		return 0;
	memcpy(name, p, n);
	name[n] = '\0';
	memmove(left, p + n, strlen(p + n) + 1);
	return 1;
}

/* Puts the text of the link at path in front of what is left. */
static int
enter_link(const char *path, char *left, size_t size)
{
	char text[PATH_MAX];
	ssize_t n = readlink(path, text, sizeof(text) - 1);

	if (n == -1)
		return errno;
	text[n] = '\0';
	if (strlcat(text, "/", sizeof(text)) >= sizeof(text) ||
	    strlcat(text, left, sizeof(text)) >= sizeof(text) ||
	    strlcpy(left, text, size) >= size)
		return ENAMETOOLONG;
	return 0;
}

/* Goes along the path; real becomes the path without links. */
static int
walk(struct key_reading *rd)
{
	char left[PATH_MAX], at[NAME_LEN + 1], name[NAME_LEN], *slash;
	struct stat st;
	int links = 0, error;

	if (strlcpy(left, rd->path, sizeof(left)) >= sizeof(left))
		return ENAMETOOLONG;
	at[0] = '\0';
	if (stat("/", &st) == -1 || add_part(rd, "/", &st) != 0)
		return errno;
	while (next_name(left, name)) {
		if (strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			if ((slash = strrchr(at, '/')) != NULL)
				*slash = '\0';
			continue;
		}
		if (strlcat(at, "/", NAME_LEN) >= NAME_LEN ||
		    strlcat(at, name, NAME_LEN) >= NAME_LEN)
			return ENAMETOOLONG;
		if (lstat(at, &st) == -1)
			return errno;
		if (!S_ISLNK(st.st_mode)) {
			if ((error = add_part(rd, at, &st)) != 0)
				return error;
			continue;
		}
		if (++links > LINKS_MAX)
			return ELOOP;
		if ((error = enter_link(at, left, sizeof(left))) != 0)
			return error;
		slash = strrchr(at, '/');
		*(left[0] == '/' ? at : slash) = '\0';
	}
	(void)strlcpy(rd->found->real, at, NAME_LEN);
	return 0;
}

static void
read_text(struct key_reading *rd, int fd)
{
	struct finding *f = rd->found;
	size_t room = rd->room - sizeof(*f);
	ssize_t n = 1;

	while (n > 0 && f->len < room) {
		n = read(fd, f->text + f->len, room - f->len);
		if (n == -1 && errno != EINTR)
			f->error = errno;
		else if (n == -1)
			n = 1;
		else
			f->len += (size_t)n;
	}
	f->cut = f->len == room;
}

static void
look(void *arg)
{
	struct key_reading *rd = arg;
	struct finding *f = rd->found;
	char home[PATH_MAX];
	struct stat st;
	int fd;

	if ((f->error = walk(rd)) != 0)
		return;
	if (realpath(rd->home, home) == NULL ||
	    strlcpy(f->home, home, NAME_LEN) >= NAME_LEN)
		f->home[0] = '\0';
	if ((fd = open(rd->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC |
	    O_NOCTTY)) == -1) {
		f->error = errno;
		return;
	}
	if (fstat(fd, &st) == -1)
		f->error = errno;
	else if ((f->regular = S_ISREG(st.st_mode))) {
		f->size = (uint64_t)st.st_size;
		read_text(rd, fd);
	}
	close(fd);
}

/* --- what was found ----------------------------------------------------------- */

/* Is it the file itself, or a directory that the path without links goes through? */
static int
is_on_path(const struct part *part, const char *real)
{
	size_t n = strlen(part->path);

	return n == 1 || (strncmp(real, part->path, n) == 0 &&
	    (real[n] == '/' || real[n] == '\0'));
}

/* Is it above the home directory, where StrictModes does not look? */
static int
is_above(const char *path, const char *home)
{
	size_t n = strlen(path);

	return n == 1 ? home[1] != '\0' :
	    strncmp(home, path, n) == 0 && home[n] == '/';
}

static int
is_debian(void)
{
	return access("/etc/debian_version", F_OK) == 0;
}

/* safe_path() of misc.c, with Debian's rule for groups. */
static const struct part *
find_unsafe(const struct finding *f, const struct account *ac)
{
	const struct part *part;
	size_t i, n = strlen(f->home);
	int in_home = n > 0 && strncmp(f->real, f->home, n) == 0 &&
	    f->real[n] == '/';

	for (i = f->nparts; i-- > 0;) {
		part = &f->parts[i];
		if (!is_on_path(part, f->real) ||
		    (in_home && is_above(part->path, f->home)))
			continue;
		if ((part->uid != 0 && part->uid != ac->uid) ||
		    part->mode & S_IWOTH || (part->mode & S_IWGRP &&
		    !(is_debian() && part->own_group)))
			return part;
	}
	return NULL;
}

static int
is_member(const struct account *ac, gid_t gid)
{
	size_t i;

	for (i = 0; i < ac->ngids; i++)
		if (ac->gids[i] == gid)
			return 1;
	return 0;
}

/*
 * What of the path the account can write to.  In a directory with the sticky
 * bit it can replace only what it owns.
 */
static const struct part *
find_writable(const struct finding *f, const struct account *ac)
{
	const struct part *part;
	size_t i;

	for (i = f->nparts; ac->uid != 0 && i-- > 0;) {
		part = &f->parts[i];
		if (part->uid == ac->uid)
			return part;
		if (S_ISDIR(part->mode) && part->mode & S_ISVTX)
			continue;
		if (part->mode & S_IWOTH || (part->mode & S_IWGRP &&
		    is_member(ac, part->gid)))
			return part;
	}
	return NULL;
}

static int
take_finding(struct arena *a, const struct account *ac, int strict,
    struct finding *f, struct key_file *file)
{
	const struct part *part;
	size_t i, n;
	int lost = 0;

	file->error = f->error;
	if (f->error != 0)
		return 0;
	if (!f->regular) {
		file->refused = "it is not a regular file";
		return 0;
	}
	file->cut = f->cut;
	if (strict && (part = find_unsafe(f, ac)) != NULL &&
	    (file->refused = arena_printf(a, "StrictModes: others than root "
	    "and the user own or can change %s", part->path)) == NULL)
		return -1;
	if ((part = find_writable(f, ac)) != NULL &&
	    (file->writable = arena_strdup(a, part->path)) == NULL)
		return -1;
	if ((file->text = arena_alloc(a, f->len + 1)) == NULL)
		return -1;
	/* For sshd a line ends at a NUL; the rest of the line is lost. */
	for (i = n = 0; i < f->len; i++) {
		lost = f->text[i] != '\n' && (lost || f->text[i] == '\0');
		if (!lost)
			file->text[n++] = f->text[i];
	}
	return 0;
}

/* In a child that has become the user, or, for our own user, stays it. */
static int
run_as_user(const struct account *ac, void (*fn)(void *), void *arg,
    void *buf, size_t len)
{
	if (ac->uid == geteuid())
		return child_run(fn, arg, buf, len, READ_MS);
	return asuser_run(ac->uid, fn, arg, buf, len, READ_MS);
}

int
key_file_read(struct arena *a, const struct account *account,
    const char *path, int strict, struct key_file *file)
{
	struct key_reading rd = { path, account->home, account->name, NULL, 0 };
	size_t size = FIRST_SIZE;
	int r = 0, error = 0, rounds;

	memset(file, 0, sizeof(*file));
	file->path = path;
	for (rounds = 1;; rounds++) {
		rd.room = sizeof(*rd.found) + size;
		if ((rd.found = calloc(1, rd.room)) == NULL)
			return -1;
		r = run_as_user(account, look, &rd, rd.found, rd.room);
		error = errno;
		if (r == -1 || !rd.found->cut || rounds == ROUNDS_MAX)
			break;
		/* A byte more shows that it ends there. */
		size = rd.found->size >= SIZE_MAX_TEXT ? SIZE_MAX_TEXT :
		    (size_t)rd.found->size + FIRST_SIZE;
		free(rd.found);
	}
	if (r == 0) {
		r = take_finding(a, account, strict, rd.found, file);
		error = errno;
	}
	free(rd.found);
	errno = error;
	return r;
}

int
key_file_read_own(struct arena *a, const char *path, struct key_file *file)
{
	struct account own;

	memset(&own, 0, sizeof(own));
	own.uid = geteuid();
	own.name = "";
	own.home = "/";
	return key_file_read(a, &own, path, 0, file);
}

/* --- patterns ------------------------------------------------------------------ */

#define NAMES_SIZE	((size_t)64 << 10)

struct expansion {
	const char *pattern;
	struct names {
		int error;
		size_t n;
		char text[NAMES_SIZE];	/* each ended by NUL */
	} *names;
};

static void
expand(void *arg)
{
	struct expansion *e = arg;
	struct names *names = e->names;
	glob_t g;
	size_t i, len, used = 0;
	int r = glob(e->pattern, 0, NULL, &g);

	if (r == GLOB_NOMATCH)
		return;
	if (r != 0) {
		names->error = r == GLOB_NOSPACE ? ENOMEM : EIO;
		return;
	}
	for (i = 0; i < g.gl_pathc; i++) {
		len = strlen(g.gl_pathv[i]) + 1;
		if (len > NAMES_SIZE - used) {
			names->error = E2BIG;
			return;
		}
		memcpy(names->text + used, g.gl_pathv[i], len);
		used += len;
		names->n++;
	}
}

int
key_file_names(struct arena *a, const struct account *account,
    const char *pattern, const char ***namesp, size_t *np)
{
	struct expansion e = { pattern, calloc(1, sizeof(*e.names)) };
	const char **v = NULL, *p;
	size_t i;
	int r = -1;

	if (e.names == NULL)
		return -1;
	if (run_as_user(account, expand, &e, e.names, sizeof(*e.names)) == -1)
		goto out;
	if ((errno = e.names->error) != 0)
		goto out;
	v = arena_alloc(a, (e.names->n + 1) * sizeof(*v));
	for (i = 0, p = e.names->text; v != NULL && i < e.names->n; i++) {
		if ((v[i] = arena_strdup(a, p)) == NULL)
			goto out;
		p += strlen(p) + 1;
	}
	r = v != NULL ? 0 : -1;
	*namesp = v;
	*np = e.names->n;
out:
	free(e.names);
	return r;
}
