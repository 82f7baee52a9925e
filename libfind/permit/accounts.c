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
#include <net/if.h>
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
static int
read_shadow(struct arena *a, const struct passwd *pw, struct account *ac)
{
	char line[1024], *fields[SHADOW_FIELDS], *end;
	const char *hash = pw->pw_passwd, *expires = NULL;
	long day;

	if (find_shadow(pw->pw_name, line, sizeof(line), fields,
	    SHADOW_FIELDS)) {
		hash = fields[SHADOW_PASSWORD];
		expires = fields[SHADOW_EXPIRES];
	} else if (hash != NULL && strcmp(hash, "x") == 0)
		hash = NULL;
	if (hash != NULL && (ac->hash = arena_strdup(a, hash)) == NULL)
		return -1;
	ac->locked = hash != NULL && *hash == '!';
	if (expires == NULL || *expires == '\0')
		return 0;
	day = strtol(expires, &end, 10);
	ac->expired = *end == '\0' && day >= 0 && day < time(NULL) / 86400;
	return 0;
}

#define HASH_MIN	13	/* of crypt(3): the oldest ones */

static int
is_yes(const struct sshd_settings *s, const char *keyword)
{
	const char *v = sshd_value(s, keyword);

	return v != NULL && strcmp(v, "yes") == 0;
}

/* "*", "!" and the like are no hash of any password. */
static enum tun_may
can_have_password(const struct sshd_settings *s, const char *hash)
{
	if (hash == NULL)
		return TUN_MAY_UNKNOWN;
	if (*hash == '\0' ? is_yes(s, "permitemptypasswords") : *hash != '*' &&
	    *hash != '!' && strlen(hash) >= HASH_MIN)
		return TUN_MAY_YES;
	return is_yes(s, "usepam") && pam_asks_others(s) ? TUN_MAY_UNKNOWN :
	    TUN_MAY_NO;
}

/* --- looks, at file systems that may not answer --------------------------- */

#define LOOK_MS		2000

/* Where an account comes to, and what is found there by a child. */
struct account_look {
	const char *shell, *chroot;	/* chroot NULL: none */
	struct look_result {
		int no_shell;
		char bad[PATH_MAX];	/* what of chroot is not root's alone */
	} found;
};

/*
 * Each component has to be root's, and nobody else may write to it
 * (safely_chroot() of session.c).
 */
static void
check_chroot(const char *path, char *bad)
{
	struct stat st;
	size_t n;

	for (n = 1; path[n - 1] != '\0'; n++) {
		if (n > 1 && path[n] != '/' && path[n] != '\0')
			continue;
		memcpy(bad, path, n);
		bad[n] = '\0';
		if (stat(bad, &st) == -1 || !S_ISDIR(st.st_mode) ||
		    st.st_uid != 0 || st.st_mode & (S_IWGRP | S_IWOTH))
			return;
	}
	bad[0] = '\0';
}

static int
is_executable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH);
}

static void
look_at_account(void *arg)
{
	struct account_look *look = arg;

	if (look->chroot != NULL)
		check_chroot(look->chroot, look->found.bad);
	look->found.no_shell = !is_executable(look->shell);
}

/* What cannot be looked at is not missing. */
static int
apply_look(struct arena *a, struct account_look *look, struct account *ac)
{
	if (child_run(look_at_account, look, &look->found,
	    sizeof(look->found), LOOK_MS) == -1) {
		ac->unseen = arena_printf(a, "%s cannot be looked at: %s",
		    look->shell, strerror(errno));
		return ac->unseen == NULL ? -1 : 0;
	}
	ac->no_shell = look->found.no_shell;
	if (look->found.bad[0] == '\0')
		return 0;
	ac->chroot_bad = arena_printf(a, "ChrootDirectory: %s is not a "
	    "directory that only root can change", look->found.bad);
	return ac->chroot_bad == NULL ? -1 : 0;
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
	return read_shadow(a, &pw, ac) == -1 ? -1 : read_groups(a, &pw, ac);
}

int
account_apply(struct arena *a, const struct sshd_settings *s,
    struct account *ac)
{
	const char *dir = sshd_value(s, "chrootdirectory");
	const char *shell = ac->shell;
	struct account_look look;

	memset(&look, 0, sizeof(look));
	if (is_yes(s, "usepam"))
		ac->locked = ac->expired = 0;
	ac->password = can_have_password(s, ac->hash);
	if (dir != NULL && *dir != '\0' && strcmp(dir, "none") != 0) {
		if ((ac->chroot = account_expand(a, ac, dir)) == NULL)
			return -1;
		if ((shell = arena_printf(a, "%s%s", ac->chroot, shell)) ==
		    NULL)
			return -1;
	}
	if (ac->chroot != NULL && (*ac->chroot != '/' ||
	    strlen(ac->chroot) >= PATH_MAX)) {
		ac->chroot_bad = "ChrootDirectory: no path from the root";
		return 0;
	}
	look.shell = shell;
	look.chroot = ac->chroot;
	return apply_look(a, &look, ac);
}

/* --- inside the chroot ---------------------------------------------------------- */

/* Has the hosts file, which is changed, a line with this name? */
static int
has_host(char *text, const char *host)
{
	char *line, *word, *rest;
	int found = 0;

	while (!found && (line = strsep(&text, "\n")) != NULL) {
		line[strcspn(line, "#\r")] = '\0';
		word = strtok_r(line, " \t", &rest);
		while (word != NULL && !found) {
			word = strtok_r(NULL, " \t", &rest);
			found = word != NULL && strcasecmp(word, host) == 0;
		}
	}
	return found;
}

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

/* What cannot be looked at is not missing. */
static int
is_there(const char *path)
{
	struct target_look look = { path, 1 };

	(void)child_run(look_at_target, &look, &look.found,
	    sizeof(look.found), LOOK_MS);
	return look.found;
}

int
account_has_target(struct arena *a, const struct account *ac,
    const struct tun_end *end)
{
	struct key_file hosts;
	const char *path;
	struct addr addr;

	if (end->path == NULL && (end->host == NULL ||
	    addr_parse(end->host, &addr)))
		return 1;
	path = arena_printf(a, "%s%s", ac->chroot, end->path != NULL ?
	    end->path : "/etc/resolv.conf");
	if (path == NULL)
		return -1;
	if (end->path != NULL)
		return is_there(path);
	if (is_there(path))
		return 1;
	if ((path = arena_printf(a, "%s/etc/hosts", ac->chroot)) == NULL)
		return -1;
	if (key_file_read_own(a, path, &hosts) == -1)
		return errno == ENOMEM ? -1 : 1;
	return hosts.text != NULL && has_host(hosts.text, end->host);
}

/* --- tunnel devices ------------------------------------------------------- */

/* A number that Linux says of a device; -2: it is not there. */
static long
device_number(int unit, const char *what)
{
	char path[64];
	long n = -2;
	FILE *fp;

	snprintf(path, sizeof(path), "/sys/class/net/tun%d/%s", unit, what);
	if ((fp = fopen(path, "re")) == NULL)
		return -2;
	if (fscanf(fp, "%ld", &n) != 1)
		n = -2;
	fclose(fp);
	return n;
}

/*
 * Others than root open one of their own or of nobody, where tun(4) lets them.
 */
enum tun_may
account_has_device(const struct account *ac, int unit)
{
	char name[32];
	struct stat st;
	unsigned index;
	long owner, group;
	size_t i;
	int member = 0;

	if (ac->uid == 0)
		return TUN_MAY_YES;
	snprintf(name, sizeof(name), "tun%d", unit);
	if (unit < 0 || (index = if_nametoindex(name)) == 0 ||
	    stat("/dev/net/tun", &st) == -1 || (st.st_uid != ac->uid &&
	    (st.st_mode & (S_IROTH | S_IWOTH)) != (S_IROTH | S_IWOTH)))
		return TUN_MAY_NO;
	/* What is mounted there may be of another network namespace. */
	if (device_number(unit, "ifindex") != (long)index)
		return TUN_MAY_UNKNOWN;
	owner = device_number(unit, "owner");
	group = device_number(unit, "group");
	for (i = 0; i < ac->ngids; i++)
		member |= (long)ac->gids[i] == group;
	return (owner == -1 || owner == (long)ac->uid) &&
	    (group == -1 || member) ? TUN_MAY_YES : TUN_MAY_NO;
}
