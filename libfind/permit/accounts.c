/* SPDX-License-Identifier: ISC */
/*
 * What sshd knows of an account: the entries of passwd, group and shadow, the
 * shell, and the directory of ChrootDirectory.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "compat/compat.h"
#include "compat/groups.h"
#include "core/asuser.h"
#include "permit.h"

#define ENTRY_MAX	((size_t)1 << 20)	/* bytes of one entry */
#define GROUPS_MAX	4096

/* The text for an account: %h, %u, %U and %%.  NULL: ENOMEM, or EINVAL. */
char *
account_expand(struct arena *a, const struct account *ac, const char *text)
{
	char *out = arena_strdup(a, ""), piece[2] = "";
	const char *add;

	for (; out != NULL && *text != '\0'; text++) {
		piece[0] = *text;
		add = piece;
		if (*text == '%') {
			switch (*++text) {
			case '%':
				piece[0] = '%';
				break;
			case 'h':
				add = ac->home;
				break;
			case 'u':
				add = ac->name;
				break;
			case 'U':
				out = arena_printf(a, "%s%lu", out,
				    (unsigned long)ac->uid);
				continue;
			default:
				errno = EINVAL;
				return NULL;
			}
		}
		out = arena_printf(a, "%s%s", out, add);
	}
	return out;
}

/* --- the entries --------------------------------------------------------------- */

/* By name, or by uid if there is no name. */
static int
find_entry(struct arena *a, const char *name, uid_t uid, struct passwd *pw)
{
	struct passwd *found = NULL;
	size_t len;
	char *buf;
	int error = ERANGE;

	for (len = 1024; error == ERANGE && len <= ENTRY_MAX; len *= 4) {
		if ((buf = arena_alloc(a, len)) == NULL)
			return -1;
		error = name != NULL ? getpwnam_r(name, pw, buf, len, &found) :
		    getpwuid_r(uid, pw, buf, len, &found);
	}
	if (found != NULL)
		return 0;
	errno = plat_failed(error) ? error : ENOENT;
	return -1;
}

const char *
account_tilde(struct arena *a, const char *path)
{
	size_t n = strcspn(path, "/");
	const char *name = NULL;
	struct passwd pw;

	if (*path != '~')
		return path;
	if (n > 1 && (name = arena_strndup(a, path + 1, n - 1)) == NULL)
		return NULL;
	if (find_entry(a, name, getuid(), &pw) == -1) {
		if (errno == ENOENT)
			errno = EINVAL;
		return NULL;
	}
	return arena_printf(a, "%s%s", pw.pw_dir, path + n);
}

/* *namep is NULL if the group has none; -1: ENOMEM. */
static int
group_name(struct arena *a, gid_t gid, const char **namep)
{
	struct group gr, *found = NULL;
	size_t len;
	char *buf;
	int error = ERANGE;

	for (len = 1024; error == ERANGE && len <= ENTRY_MAX; len *= 4) {
		if ((buf = arena_alloc(a, len)) == NULL)
			return -1;
		error = getgrgid_r(gid, &gr, buf, len, &found);
	}
	*namep = found != NULL ? gr.gr_name : NULL;
	return 0;
}

static int
read_groups(struct arena *a, const struct passwd *pw, struct account *ac)
{
	gid_t *gids;
	const char **names;
	int i, n = GROUPS_MAX, k = 0;

	gids = arena_alloc(a, (size_t)n * sizeof(*gids));
	if (gids == NULL)
		return -1;
	if (group_list(pw, gids, &n) == -1)
		n = 0;
	names = arena_alloc(a, ((size_t)n + 1) * sizeof(*names));
	if (names == NULL)
		return -1;
	/* For sshd a group without an entry does not exist. */
	for (i = 0; i < n; i++) {
		if (group_name(a, gids[i], &names[k]) == -1)
			return -1;
		k += names[k] != NULL;
	}
	ac->gids = gids;
	ac->ngids = (size_t)n;
	ac->groups = names;
	return 0;
}

/* The fields of the user's line in shadow(5), which is changed; 0: none. */
static int
find_shadow(const char *name, char *line, size_t size, char **fields, size_t n)
{
	size_t len = strlen(name), i;
	int found = 0;
	FILE *fp;

	if ((fp = fopen("/etc/shadow", "re")) == NULL)
		return 0;
	while (!found && fgets(line, (int)size, fp) != NULL)
		found = strncmp(line, name, len) == 0 && line[len] == ':';
	fclose(fp);
	line[found ? strcspn(line, "\n") : 0] = '\0';
	for (i = 0; i < n; i++)
		fields[i] = line != NULL ? strsep(&line, ":") : NULL;
	return found;
}

enum { SHADOW_PASSWORD = 1, SHADOW_EXPIRES = 7, SHADOW_FIELDS };

/*
 * Without PAM sshd refuses an account whose password begins with '!', by the
 * entry of shadow(5) where there is one, and one that has expired.
 */
static void
read_shadow(const struct passwd *pw, struct account *ac)
{
	char line[1024], *fields[SHADOW_FIELDS], *end;
	const char *password = pw->pw_passwd, *expires = NULL;
	long day;

	if (find_shadow(pw->pw_name, line, sizeof(line), fields,
	    SHADOW_FIELDS)) {
		password = fields[SHADOW_PASSWORD];
		expires = fields[SHADOW_EXPIRES];
	}
	ac->locked = password != NULL && *password == '!';
	if (expires == NULL || *expires == '\0')
		return;
	day = strtol(expires, &end, 10);
	ac->expired = *end == '\0' && day >= 0 && day < time(NULL) / 86400;
}

/* --- ChrootDirectory ----------------------------------------------------------- */

/*
 * Each component has to be root's, and nobody else may write to it
 * (safely_chroot() of session.c).
 */
static const char *
check_chroot(struct arena *a, const char *path)
{
	char at[PATH_MAX];
	struct stat st;
	size_t n;

	if (*path != '/' || strlen(path) >= sizeof(at))
		return "ChrootDirectory: no path from the root";
	for (n = 1;; n++) {
		if (n > 1 && path[n] != '/' && path[n] != '\0')
			continue;
		memcpy(at, path, n);
		at[n] = '\0';
		if (stat(at, &st) == -1 || !S_ISDIR(st.st_mode) ||
		    st.st_uid != 0 || st.st_mode & (S_IWGRP | S_IWOTH))
			return arena_printf(a, "ChrootDirectory: %s is not a "
			    "directory that only root can change", at);
		if (path[n] == '\0')
			return NULL;
	}
}

static int
is_executable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH);
}

int
account_read(struct arena *a, const char *name, struct account *ac)
{
	struct passwd pw;

	memset(ac, 0, sizeof(*ac));
	if (find_entry(a, name, 0, &pw) == -1)
		return -1;
	ac->name = pw.pw_name;
	ac->home = pw.pw_dir;
	ac->shell = pw.pw_shell != NULL && *pw.pw_shell != '\0' ?
	    pw.pw_shell : "/bin/sh";
	ac->uid = pw.pw_uid;
	read_shadow(&pw, ac);
	return read_groups(a, &pw, ac);
}

int
account_apply(struct arena *a, const struct sshd_settings *s,
    struct account *ac)
{
	const char *dir = sshd_value(s, "chrootdirectory");
	const char *pam = sshd_value(s, "usepam"), *shell = ac->shell;

	if (pam != NULL && strcmp(pam, "yes") == 0)
		ac->locked = ac->expired = 0;
	if (dir != NULL && *dir != '\0' && strcmp(dir, "none") != 0) {
		if ((ac->chroot = account_expand(a, ac, dir)) == NULL)
			return -1;
		ac->chroot_bad = check_chroot(a, ac->chroot);
		if ((shell = arena_printf(a, "%s%s", ac->chroot, shell)) ==
		    NULL)
			return -1;
	}
	ac->no_shell = !is_executable(shell);
	return 0;
}

/* --- inside the chroot ---------------------------------------------------------- */

/* Has the hosts file a line with this name? */
static int
has_host(FILE *fp, const char *host)
{
	char line[1024], *word, *rest;
	int found = 0;

	while (!found && fgets(line, sizeof(line), fp) != NULL) {
		line[strcspn(line, "#\r\n")] = '\0';
		word = strtok_r(line, " \t", &rest);
		while (word != NULL && !found) {
			word = strtok_r(NULL, " \t", &rest);
			found = word != NULL && strcasecmp(word, host) == 0;
		}
	}
	return found;
}

#define LOOK_MS		2000

/* A path in the chroot, which may be on a file system that does not answer. */
struct target_look {
	const char *path;
	int found;
};

static void
look_at_target(void *arg)
{
	struct target_look *look = arg;
	struct stat st;

	look->found = lstat(look->path, &st) == 0;
}

int
account_has_target(struct arena *a, const struct account *ac,
    const struct tun_end *end)
{
	struct target_look look = { NULL, 1 };
	const char *hosts, *dns;
	struct addr addr;
	struct stat st;
	FILE *fp;
	int found;

	if (end->path != NULL) {
		look.path = arena_printf(a, "%s%s", ac->chroot, end->path);
		if (look.path == NULL)
			return -1;
		/* What cannot be looked at is not missing. */
		(void)child_run(look_at_target, &look, &look.found,
		    sizeof(look.found), LOOK_MS);
		return look.found;
	}
	if (end->host == NULL || addr_parse(end->host, &addr))
		return 1;
	hosts = arena_printf(a, "%s/etc/hosts", ac->chroot);
	dns = arena_printf(a, "%s/etc/resolv.conf", ac->chroot);
	if (hosts == NULL || dns == NULL)
		return -1;
	if (lstat(dns, &st) == 0)
		return 1;
	/* The chroot is root's; a FIFO there would be root's own. */
	if (lstat(hosts, &st) == -1 || !S_ISREG(st.st_mode) ||
	    (fp = fopen(hosts, "re")) == NULL)
		return 0;
	found = has_host(fp, end->host);
	fclose(fp);
	return found;
}
