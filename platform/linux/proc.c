/* SPDX-License-Identifier: ISC */
/* Linux: the walk over /proc, and what is read of a pinned process. */
#define _GNU_SOURCE

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>

#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/array.h"
#include "linux.h"

/* The kernel's limit for argv and environment together. */
#define ARGS_MAX	((size_t)6 << 20)
#define FDS_MAX		((size_t)1 << 16)

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal	424
#endif

/* --- open, close -------------------------------------------------------- */

/*
 * Was /proc mounted in another PID namespace? Then its PIDs are other ones: this
 * process has another number there, or by chance the same and its own beside it.
 * -1: a failure.
 */
static int
is_foreign(struct plat *pl)
{
	static const char field[] = "\nNSpid:\t";
	char self[16], *p;
	size_t len;

	if (linux_link(pl->live->procfd, "self", self, sizeof(self)) == -1)
		return plat_failed(errno) ? -1 : 1;
	if (atoi(self) != (int)getpid())
		return 1;
	p = linux_read(pl, pl->live->procfd, "self/status", &len);
	if (p == NULL)
		return plat_failed(errno) ? -1 : 1;
	/* A kernel without PID namespaces has no such line. */
	if ((p = strstr(p, field)) == NULL)
		return 0;
	p += sizeof(field) - 1;
	return p[strcspn(p, "\t\n")] == '\t';
}

static int
live_open(struct plat *pl, const char *table)
{
	struct statfs sfs;
	struct live *lv;
	size_t i;
	int error;

	(void)table;
	if ((lv = calloc(1, sizeof(*lv))) == NULL)
		return -1;
	for (i = 0; i <= PLAT_BATCH; i++)
		lv->pins[i].fd = -1;
	lv->uid = geteuid();
	lv->pidfs = lv->pidfd = -1;
	lv->boot = -1;
	if ((lv->proc = opendir("/proc")) == NULL) {
		free(lv);
		return -1;
	}
	lv->procfd = dirfd(lv->proc);
	if (fstatfs(lv->procfd, &sfs) == -1)
		goto bad;
	/* An empty directory would look like a machine without processes. */
	if (sfs.f_type != PROC_SUPER_MAGIC) {
		errno = ENODEV;
		goto bad;
	}
	pl->live = lv;
	if ((lv->foreign = is_foreign(pl)) != -1)
		return 0;
bad:
	error = errno;
	closedir(lv->proc);
	free(lv->buf);
	free(lv);
	pl->live = NULL;
	errno = error;
	return -1;
}

static void
live_close(struct plat *pl)
{
	struct live *lv = pl->live;
	size_t i;

	linux_socks_close(pl);
	linux_rows_free(pl);
	for (i = 0; i <= PLAT_BATCH; i++)
		linux_unpin(&lv->pins[i]);
	closedir(lv->proc);
	free(lv->buf);
	free(lv);
	pl->live = NULL;
}

/* Has this machine ::1? A kernel without IPv6 does not have the file. */
static int
have_loopback6(struct plat *pl)
{
	const char *text;
	size_t len;

	text = linux_read_list(pl, pl->live->procfd, "self/net/if_inet6",
	    &len);
	return text != NULL &&
	    strstr(text, "00000000000000000000000000000001 ") != NULL;
}

static unsigned
live_caps(struct plat *pl)
{
	struct live *lv = pl->live;
	unsigned caps;

	caps = PLAT_CAP_ARGS_OTHERS | PLAT_CAP_EXE | PLAT_CAP_CWD |
	    PLAT_CAP_SOCKS_OWN | PLAT_CAP_LISTENERS | PLAT_CAP_ENV |
	    PLAT_CAP_PIPES;
	if (lv->uid == 0)
		caps |= PLAT_CAP_SOCKS_OTHERS;
	if (!(pl->gaps & PLAT_GAP_NETLINK))
		caps |= PLAT_CAP_TCPINFO | PLAT_CAP_BYTES;
	if (!lv->foreign && linux_have_pidfd(lv))
		caps |= PLAT_CAP_SIGNAL_SAFE;
	if (have_loopback6(pl))
		caps |= PLAT_CAP_INET6;
	return caps;
}

/* Has the topmost mount of /proc the option hidepid? */
static int
says_hidepid(struct plat *pl)
{
	char *line, *next, *opt;
	size_t len;
	int hides = 0;

	line = linux_read_list(pl, pl->live->procfd, "self/mountinfo", &len);
	if (line == NULL)
		return 1;	/* not known, so the view may lack some */
	for (; line != NULL; line = next) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		if (strstr(line, " /proc ") == NULL ||
		    strstr(line, " - proc ") == NULL)
			continue;
		opt = strstr(line, "hidepid=");
		hides = opt != NULL && opt[8] != '0' &&
		    strncmp(opt + 8, "off", 3) != 0;
	}
	return hides;
}

static unsigned
live_gaps(struct plat *pl)
{
	struct live *lv = pl->live;
	unsigned gaps = pl->gaps;
	struct stat st;

	/* hidepid=2 hides the directory of PID 1, hidepid=1 its files. */
	if (fstatat(lv->procfd, "1/stat", &st, 0) == -1)
		gaps |= PLAT_GAP_HIDDEN;
	/* Not if PID 1 is our user's, as in a container. */
	else if (lv->uid != 0 && fstatat(lv->procfd, "1", &st, 0) == 0 &&
	    st.st_uid == lv->uid && says_hidepid(pl))
		gaps |= PLAT_GAP_HIDDEN;
	if (lv->foreign)
		gaps |= PLAT_GAP_PIDNS;
	return gaps;
}

static int64_t
microseconds(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t
live_now(struct plat *pl)
{
	(void)pl;
	return microseconds(CLOCK_REALTIME);
}

static uid_t
live_uid(struct plat *pl)
{
	return pl->live->uid;
}

/* The boot time as ps(1) computes it. A mount with subset=pid has no stat. */
static int64_t
boot_time(struct plat *pl)
{
	struct live *lv = pl->live;
	const char *p;
	size_t len;

	if (lv->boot != -1)
		return lv->boot;
	if ((p = linux_read(pl, lv->procfd, "stat", &len)) != NULL &&
	    (p = strstr(p, "\nbtime ")) != NULL)
		lv->boot = (int64_t)strtoll(p + 7, NULL, 10) * 1000000;
	else
		lv->boot = microseconds(CLOCK_REALTIME) -
		    microseconds(CLOCK_BOOTTIME);
	return lv->boot;
}

/* --- the walk ----------------------------------------------------------- */

static int
live_scan(struct plat *pl, unsigned flags)
{
	pl->live->scan = flags;
	rewinddir(pl->live->proc);
	return 0;
}

/* "PID/file"; with snprintf(3) this would take 5% of the walk. */
static const char *
under(char *path, const char *dir, size_t len, const char *file)
{
	memcpy(path, dir, len);
	strcpy(path + len, file);
	return path;
}

/*
 * Names the process in directory dir with as few system calls as possible: 1
 * for root, 2 for a process of this user, 1 to skip another user's or 4 to name
 * it. 0: not wanted, or exited; -1: a failure.
 */
static int
name_of(struct live *lv, const char *dir, size_t len, struct plat_name *np)
{
	char path[32];
	struct stat st;
	int own = 1;

	if (lv->uid != 0 || lv->scan & PLAT_SCAN_OWN) {
		if (fstatat(lv->procfd, dir, &st, 0) == -1)
			return plat_failed(errno) ? -1 : 0;
		own = st.st_uid == lv->uid;
		if (!own && lv->scan & PLAT_SCAN_OWN)
			return 0;
	}
	if (own) {
		np->via = PLAT_VIA_EXE;
		if (linux_exe_name(lv->procfd, under(path, dir, len, "/exe"),
		    np->name, sizeof(np->name)) == 0)
			return 1;
		/* A kernel thread, a zombie, or a process that has exited. */
		if (errno == ENOENT || errno == ESRCH) {
			np->name[0] = '\0';
			return 1;
		}
		if (plat_failed(errno))
			return -1;
	}
	/* Another user's process, or our own that is not dumpable. */
	np->via = PLAT_VIA_COMM;
	if (linux_read_comm(lv->procfd, under(path, dir, len, "/comm"),
	    np->name, sizeof(np->name)) == 0)
		return 1;
	return plat_failed(errno) ? -1 : 0;
}

static int
live_next(struct plat *pl, struct plat_name *np)
{
	struct live *lv = pl->live;
	struct dirent *de;
	const char *p;
	int r;

	for (;;) {
		errno = 0;
		if ((de = readdir(lv->proc)) == NULL)
			return errno != 0 ? -1 : 0;
		for (p = de->d_name; isdigit((unsigned char)*p); p++)
			;
		/* A number is at most 4194304. */
		if (*p != '\0' || p - de->d_name > 9)
			continue;
		np->pid = atoi(de->d_name);
		r = name_of(lv, de->d_name, (size_t)(p - de->d_name), np);
		if (r != 0)
			return r;
	}
}

static int
live_title(struct plat *pl, const struct plat_name *np, char *buf, size_t len)
{
	char path[32];
	ssize_t n;

	snprintf(path, sizeof(path), "%d/cmdline", (int)np->pid);
	if ((n = linux_read_once(pl->live->procfd, path, buf, len - 1)) == -1)
		return -1;
	buf[n] = '\0';
	return 0;
}

/* --- rows --------------------------------------------------------------- */

/* Without status, which a library reads, and takes longer than all else. */
static int
brief_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	struct stat st;
	size_t i;
	int pin;

	for (i = 0; i < n; i++) {
		if (rows[i].pid == 0)
			continue;
		pin = pl->live->pins[rows[i].pin].fd;
		if (linux_stat(pl, pin, &rows[i]) == 0 &&
		    fstat(pin, &st) == 0) {
			rows[i].uid = st.st_uid;
			continue;
		}
		if (plat_failed(errno))
			return -1;
		rows[i].pid = 0;
	}
	return 0;
}

static int
live_rows(struct plat *pl, struct plat_proc *rows, size_t n)
{
	struct live *lv = pl->live;
	struct pin *p;
	pid_t pid;
	long hz;
	size_t i;

	assert(n <= PLAT_BATCH);
	for (i = 0; i < PLAT_BATCH; i++)
		linux_unpin(&lv->pins[i]);
	for (i = 0; i < n; i++) {
		pid = rows[i].pid;
		memset(&rows[i], 0, sizeof(rows[i]));
		rows[i].pin = (int)i;
		if (pid <= 0)
			continue;
		if (linux_pin_open(lv, &lv->pins[i], pid) == 0)
			rows[i].pid = pid;
		else if (plat_failed(errno))
			return -1;
	}
	if ((lv->scan & PLAT_SCAN_BRIEF ? brief_rows(pl, rows, n) :
	    linux_rows(pl, rows, n)) == -1)
		return -1;
	hz = sysconf(_SC_CLK_TCK);
	for (i = 0; i < n; i++) {
		p = &lv->pins[i];
		if (rows[i].pid == 0) {
			linux_unpin(p);
			continue;
		}
		p->ident[0] = rows[i].ident[0];
		rows[i].ident[1] = p->ident[1];
		rows[i].start = boot_time(pl) +
		    (int64_t)(rows[i].ident[0] * 1000000 / (uint64_t)hz);
	}
	return 0;
}

/* --- argv, environment, places ------------------------------------------ */

/*
 * ESRCH if it has no memory of its own any more, which shows as a missing
 * executable. 0 if it has, or had none before; else another errno.
 */
static int
hollow(const struct plat_proc *row, int pinfd)
{
	char c;

	if (row->flags & (PLAT_KTHREAD | PLAT_ZOMBIE) ||
	    readlinkat(pinfd, "exe", &c, 1) != -1)
		return 0;
	if (errno == ENOENT || errno == ESRCH)
		return ESRCH;
	return plat_failed(errno) ? errno : 0;
}

static int
words(struct plat *pl, const struct plat_proc *row, const char *file,
    char **bufp, size_t *lenp)
{
	char *buf = NULL;
	size_t len, size = 0;
	int error = 0, fd, pinfd;

	if ((pinfd = linux_pin(pl, row)) == -1)
		return -1;
	if ((fd = openat(pinfd, file, O_RDONLY | O_CLOEXEC)) == -1) {
		if (errno == EPERM)	/* hidepid */
			errno = EACCES;
		return -1;
	}
	/*
	 * One byte more than the limit, for the NUL: sizes are powers of two.
	 */
	if (linux_read_all(fd, 0, &buf, &size, ARGS_MAX, &len) == -1)
		error = errno;
	else if (len > ARGS_MAX)
		error = E2BIG;
	/* A process that exits meanwhile shows an empty argv. */
	else if (len == 0)
		error = hollow(row, pinfd);
	close(fd);
	if (error != 0) {
		free(buf);
		errno = error;
		return -1;
	}
	/* A title may end without a NUL; linux_read_all() left room for one. */
	if (len > 0 && buf[len - 1] != '\0')
		len++;
	*bufp = buf;
	*lenp = len;
	return 0;
}

static int
live_args(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	return words(pl, row, "cmdline", bufp, lenp);
}

static int
live_env(struct plat *pl, const struct plat_proc *row, char **bufp,
    size_t *lenp)
{
	return words(pl, row, "environ", bufp, lenp);
}

static ssize_t
live_where(struct plat *pl, const struct plat_proc *row, enum plat_where what,
    char *buf, size_t len, int *gone)
{
	const char *link = what == PLAT_EXE ? "exe" : "cwd";
	int pinfd, r;
	ssize_t n;

	if ((pinfd = linux_pin(pl, row)) == -1 ||
	    (n = linux_link(pinfd, link, buf, len)) == -1 ||
	    (r = linux_cut_deleted(pinfd, link, buf, &n)) == -1)
		return -1;
	*gone = r;
	return n;
}

/* --- descriptors -------------------------------------------------------- */

/* The name of the interface that a descriptor of /dev/net/tun has. */
static void
tun_name(struct plat *pl, int pinfd, struct plat_fd *f)
{
	char file[32], *p;
	size_t len;

	/* Without a name it may be any interface; a failure is noted. */
	snprintf(file, sizeof(file), "fdinfo/%d", f->fd);
	if ((p = linux_read(pl, pinfd, file, &len)) == NULL ||
	    (p = strstr(p, "\niff:\t")) == NULL)
		return;
	p += 6;
	p[strcspn(p, "\n")] = '\0';
	if (*p == '\0')
		f->flags |= PLAT_FD_DELETED;
	snprintf(f->name, sizeof(f->name), "%.*s", (int)sizeof(f->name) - 1,
	    p);
}

/* Sets the kind of a descriptor by the text of its link. */
static void
fd_kind(struct plat *pl, int pinfd, struct plat_fd *f, const char *text)
{
	if (starts(text, "socket:[")) {
		f->kind = PLAT_FD_SOCKET;
		f->key = strtoull(text + 8, NULL, 10);
		return;
	}
	if (starts(text, "pipe:[")) {
		f->kind = PLAT_FD_PIPE;
		f->key = strtoull(text + 6, NULL, 10);
		return;
	}
	if (strcmp(text, "/dev/net/tun") == 0) {
		f->kind = PLAT_FD_TUN;
		tun_name(pl, pinfd, f);
		return;
	}
	if (strcmp(text, "/dev/null") == 0)
		f->kind = PLAT_FD_NULL;
	else if (starts(text, "/dev/pts/") || starts(text, "/dev/tty") ||
	    strcmp(text, "/dev/console") == 0)
		f->kind = PLAT_FD_TTY;
	else if (text[0] == '/')
		f->kind = PLAT_FD_FILE;
	if (strlen(text) < sizeof(f->name))
		strcpy(f->name, text);
}

/* 1: *f is filled in; 0: it was closed meanwhile. */
static int
read_fd(struct plat *pl, int pinfd, int dir, const char *name,
    struct plat_fd *f)
{
	char text[PATH_MAX];
	ssize_t len;
	int gone;

	if ((len = linux_link(dir, name, text, sizeof(text))) == -1) {
		if (errno == ENOENT)
			return 0;
		/* Without its link it would look like no socket. */
		if (errno != ENAMETOOLONG)
			return -1;
		text[len = 0] = '\0';
	}
	if ((gone = linux_cut_deleted(dir, name, text, &len)) == -1)
		return -1;
	f->fd = atoi(name);
	f->flags = gone ? PLAT_FD_DELETED : 0;
	fd_kind(pl, pinfd, f, text);
	return 1;
}

/*
 * The soft limit; 0: not known. This uses the PID; the pin is read afterwards,
 * which proves that the PID was still that of the process.
 */
static size_t
fd_limit(const struct plat *pl, pid_t pid)
{
	struct rlimit rl;

	if (pl->live->foreign ||
	    prlimit(pid, RLIMIT_NOFILE, NULL, &rl) == -1)
		return 0;
	return rl.rlim_cur == RLIM_INFINITY ? SIZE_MAX : (size_t)rl.rlim_cur;
}

static DIR *
open_fds(const struct plat_proc *row, int pinfd)
{
	int error, fd;
	DIR *dir = NULL;

	fd = openat(pinfd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1 && (dir = fdopendir(fd)) != NULL)
		return dir;
	error = errno;
	/* The directory of a process that has exited is root's. */
	if (fd != -1)
		close(fd);
	else if (error == EACCES && hollow(row, pinfd) == ESRCH)
		error = ESRCH;
	errno = error;
	return NULL;
}

static int
read_fds(struct plat *pl, int pinfd, DIR *dir, struct plat_fd **fdsp,
    size_t *np)
{
	const struct dirent *de;
	struct plat_fd *f;
	int r;

	while (errno = 0, (de = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)de->d_name[0]))
			continue;
		f = array_more(fdsp, np, sizeof(*f), FDS_MAX);
		if (f == NULL || (r = read_fd(pl, pinfd, dirfd(dir),
		    de->d_name, f)) == -1)
			return -1;
		*np -= r == 0;
	}
	return errno == 0 ? 0 : -1;
}

static int
live_fds(struct plat *pl, const struct plat_proc *row, struct plat_fd **fdsp,
    size_t *np, size_t *limit)
{
	struct plat_fd *fds = NULL, *p;
	size_t n = 0, most;
	int error, pinfd, r;
	DIR *dir;

	if ((pinfd = linux_pin(pl, row)) == -1)
		return -1;
	most = fd_limit(pl, row->pid);
	if ((dir = open_fds(row, pinfd)) == NULL)
		return -1;
	error = read_fds(pl, pinfd, dir, &fds, &n) == -1 ? errno : 0;
	/* A process that exits meanwhile has closed some or all of them. */
	if (!plat_failed(error) && (r = hollow(row, pinfd)) != 0)
		error = r;
	closedir(dir);
	if (error != 0) {
		free(fds);
		errno = error;
		return -1;
	}
	/* Shrinks the array, because those of all candidates are kept. */
	if (n > 0 && (p = realloc(fds, n * sizeof(*fds))) != NULL)
		fds = p;
	*fdsp = fds;
	*np = n;
	if (limit != NULL)
		*limit = most;
	return 0;
}

/* --- origin ------------------------------------------------------------- */

static ssize_t
read_ns(struct plat *pl, int dir, const char *name, char *buf, size_t len)
{
	ssize_t n = linux_link(dir, name, buf, len);

	if (n == -1)
		(void)plat_note_failure(pl);
	return n;
}

/* The boot has a random number; a PID namespace has an inode. */
static int
live_boot(struct plat *pl, char *buf, size_t len)
{
	struct live *lv = pl->live;
	char ns[sizeof(lv->pidns)], *id;
	size_t idlen;

	if (lv->foreign)
		return plat_nosys();
	if (read_ns(pl, lv->procfd, "self/ns/pid", ns, sizeof(ns)) == -1 ||
	    (id = linux_read(pl, lv->procfd, "sys/kernel/random/boot_id",
	    &idlen)) == NULL)
		return -1;
	id[strcspn(id, "\n")] = '\0';
	if (snprintf(buf, len, "%s/%s", id, ns) >= (int)len) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

/* In a container it is often 0. */
static int
live_first_port(struct plat *pl)
{
	struct live *lv = pl->live;
	char *text;
	size_t len;

	if (lv->foreign || (text = linux_read(pl, lv->procfd,
	    "sys/net/ipv4/ip_unprivileged_port_start", &len)) == NULL)
		return IPPORT_RESERVED;
	return atoi(text);
}

/*
 * Each network namespace has files of its own, which everyone may look at, as
 * not everyone may at the links in ns.
 */
static int
live_netns(struct plat *pl, const struct plat_proc *row, uint64_t *idp)
{
	struct live *lv = pl->live;
	struct stat st, first;
	int dir = lv->procfd;

	if (lv->foreign)
		return plat_nosys();
	if ((row != NULL && (dir = linux_pin(pl, row)) == -1) ||
	    fstatat(dir, row != NULL ? "net/dev" : "self/net/dev", &st,
	    0) == -1 || fstatat(lv->procfd, "1/net/dev", &first, 0) == -1)
		return -1;
	*idp = st.st_ino == first.st_ino ? 1 : st.st_ino;
	return 0;
}

/* Is its namespace of this kind another than ours? -1: not known. */
static int
other_ns(struct plat *pl, int pinfd, const char *ns)
{
	char link[32], ours[64], theirs[64];

	snprintf(link, sizeof(link), "self/%s", ns);
	if (linux_link(pl->live->procfd, link, ours, sizeof(ours)) == -1 ||
	    linux_link(pinfd, ns, theirs, sizeof(theirs)) == -1)
		return -1;
	return strcmp(theirs, ours) != 0;
}

/*
 * The same of its root directory. The text of the link cannot tell: in a chroot
 * that of a process outside reads as "/".
 */
static int
other_root(struct plat *pl, int pinfd)
{
	struct stat ours, theirs;
	uint64_t mount, their_mount;

	if (linux_look_at(pl->live->procfd, "self/root", &ours,
	    &mount) == -1 ||
	    linux_look_at(pinfd, "root", &theirs, &their_mount) == -1)
		return -1;
	return theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino ||
	    their_mount != mount;
}

static int
live_other_files(struct plat *pl, const struct plat_proc *row)
{
	int pinfd, r;

	if ((pinfd = linux_pin(pl, row)) == -1)
		return -1;
	if ((r = other_ns(pl, pinfd, "ns/mnt")) != 0)
		return r;
	return other_root(pl, pinfd);
}

static int
live_is_contained(struct plat *pl, const struct plat_proc *row)
{
	int pinfd, r;

	if ((r = live_other_files(pl, row)) != 0)
		return r;
	if ((pinfd = linux_pin(pl, row)) == -1)
		return -1;
	return other_ns(pl, pinfd, "ns/pid");
}

/*
 * The PID in its own PID namespace: the last of NSpid in status. The link to
 * the namespace is read first, because most processes are in ours, and status
 * is long.
 */
static void
own_number(struct plat *pl, const struct plat_proc *row, int pinfd,
    struct plat_origin *op)
{
	struct live *lv = pl->live;
	char ns[sizeof(lv->pidns)], *p, *text;
	size_t len;

	if (lv->pidns[0] == '\0' && read_ns(pl, lv->procfd, "self/ns/pid",
	    lv->pidns, sizeof(lv->pidns)) == -1)
		lv->pidns[0] = '\0';
	if (lv->pidns[0] != '\0' && !lv->foreign &&
	    read_ns(pl, pinfd, "ns/pid", ns, sizeof(ns)) != -1 &&
	    strcmp(ns, lv->pidns) == 0) {
		op->nspid = row->pid;
		return;
	}
	if ((text = linux_read(pl, pinfd, "status", &len)) == NULL ||
	    (p = strstr(text, "\nNSpid:\t")) == NULL)
		return;
	op->nslevel = -1;
	for (p += sizeof("\nNSpid:") - 1; *p == '\t'; op->nslevel++)
		op->nspid = (pid_t)strtol(p + 1, &p, 10);
}

/*
 * The process that systemd itself started for the unit. Since version 248
 * systemd puts that PID into the environment, which children inherit; so only a
 * process that leads its session can be that process.
 */
static void
main_process(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	static const char name[] = "SYSTEMD_EXEC_PID=";
	const char *dot = strrchr(op->unit, '.'), *s;
	char *buf;
	size_t len;

	if (dot == NULL || strcmp(dot, ".service") != 0 ||
	    row->sid != row->pid || row->tty != PLAT_NOTTY)
		return;
	if (live_env(pl, row, &buf, &len) == -1) {
		(void)plat_note_failure(pl);
		return;
	}
	for (s = buf; s < buf + len; s += strlen(s) + 1)
		if (starts(s, name))
			op->unit_main = (pid_t)strtol(s + sizeof(name) - 1,
			    NULL, 10);
	free(buf);
}

static int
live_origin(struct plat *pl, const struct plat_proc *row,
    struct plat_origin *op)
{
	struct live *lv = pl->live;
	struct plat_origin o = { 0 };
	char net[sizeof(lv->netns)], *text;
	size_t len;
	int pinfd;

	if ((pinfd = linux_pin(pl, row)) == -1)
		return -1;
	o.reparented = o.netns = -1;
	o.unit_owner = (uid_t)-1;
	if ((text = linux_read(pl, pinfd, "cgroup", &len)) != NULL) {
		o.frozen = linux_frozen(pl, text);
		linux_cgroup(text, &o);
	} else if (errno == ESRCH)
		return -1;
	if (lv->netns[0] == '\0' && read_ns(pl, lv->procfd, "self/ns/net",
	    lv->netns, sizeof(lv->netns)) == -1)
		lv->netns[0] = '\0';
	if (lv->netns[0] != '\0' &&
	    read_ns(pl, pinfd, "ns/net", net, sizeof(net)) != -1)
		o.netns = strcmp(net, lv->netns) == 0;
	if (o.netns != -1 && starts(net, "net:["))
		o.netns_id = strtoull(net + 5, NULL, 10);
	if (!(lv->scan & PLAT_SCAN_BRIEF)) {
		own_number(pl, row, pinfd, &o);
		main_process(pl, row, &o);
	}
	*op = o;
	return 0;
}

/* --- signals ------------------------------------------------------------ */

static int
pidfd_send_signal_(int fd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
}

/*
 * Is the pinned process still the one that was selected? 0 with ESRCH if not,
 * or with another errno on failure.
 */
static int
is_still(struct plat *pl, const struct plat_proc *row, const char *exe,
    int pinfd)
{
	struct plat_proc now = { 0 };
	char name[256];
	struct stat st;
	int r = 0;

	if (linux_stat(pl, pinfd, &now) == -1 || fstat(pinfd, &st) == -1) {
		if (!plat_failed(errno))
			errno = ESRCH;
		return 0;
	}
	if (now.flags & PLAT_ZOMBIE || now.ident[0] != row->ident[0] ||
	    st.st_uid != row->uid)
		r = 0;
	else if (exe == NULL ||
	    linux_exe_name(pinfd, "exe", name, sizeof(name)) == 0)
		r = exe == NULL || strcmp(name, exe) == 0;
	else if (plat_failed(errno))
		return 0;
	else	/* comm has room for 15 bytes. */
		r = (errno == EACCES || errno == EPERM) &&
		    strncmp(now.comm, exe, 15) == 0;
	if (!r)
		errno = ESRCH;
	return r;
}

/*
 * First the pidfd is opened, then the process is checked. If the process of the
 * pin, or of the identity, still exists after that, the pidfd is of this
 * process.
 */
static int
live_hold(struct plat *pl, const struct plat_proc *row, const char *exe,
    int *fdp)
{
	struct live *lv = pl->live;
	int error, fd, pinfd;

	/* PIDs of another namespace belong to other processes here. */
	if (lv->foreign) {
		errno = ENOTSUP;
		return -1;
	}
	if ((fd = linux_pidfd_open(row->pid)) == -1 && errno != ENOSYS &&
	    errno != EPERM)
		return -1;
	if ((pinfd = linux_pin(pl, row)) != -1) {
		if (is_still(pl, row, exe, pinfd)) {
			*fdp = fd;
			return 0;
		}
	}
	error = errno;
	if (fd != -1)
		close(fd);
	errno = error;
	return -1;
}

/*
 * Checks again, because a process may have become another program by exec.
 * Without a pidfd, a few microseconds remain in which the PID can be reused.
 */
static int
live_hold_signal(struct plat *pl, const struct plat_proc *row,
    const char *exe, int fd, int sig)
{
	int pinfd;

	if ((pinfd = linux_pin(pl, row)) == -1 ||
	    !is_still(pl, row, exe, pinfd))
		return -1;
	return fd != -1 ? pidfd_send_signal_(fd, sig) : kill(row->pid, sig);
}

static int
live_signal(struct plat *pl, const struct plat_proc *row, const char *exe,
    int sig)
{
	int error, fd, r;

	if (live_hold(pl, row, exe, &fd) == -1)
		return -1;
	r = live_hold_signal(pl, row, exe, fd, sig);
	error = errno;
	if (fd != -1)
		close(fd);
	errno = error;
	return r;
}

const struct plat_ops plat_live = {
	.open = live_open,
	.close = live_close,
	.caps = live_caps,
	.gaps = live_gaps,
	.now = live_now,
	.uid = live_uid,
	.boot = live_boot,
	.netns = live_netns,
	.first_port = live_first_port,
	.other_files = live_other_files,
	.is_contained = live_is_contained,
	.scan = live_scan,
	.next = live_next,
	.title = live_title,
	.rows = live_rows,
	.args = live_args,
	.env = live_env,
	.where = live_where,
	.fds = live_fds,
	.origin = live_origin,
	.members = linux_members,
	.socks = linux_socks,
	.hint = linux_hint,
	.socket_owner = linux_socket_owner,
	.pipe_owner = linux_pipe_owner,
	.signal = live_signal,
	.hold = live_hold,
	.hold_signal = live_hold_signal,
	.keepalive = linux_keepalive
};
