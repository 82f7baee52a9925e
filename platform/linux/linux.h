/* SPDX-License-Identifier: ISC */
/* What the Linux files share. */
#ifndef LINUX_H
#define LINUX_H

#include <dirent.h>

#include "impl.h"

/*
 * A pinned process: its /proc directory, held open. After the process is reaped
 * every look-up through it fails with ESRCH; a later process with this PID has
 * another directory.
 */
struct pin {
	int fd;			/* O_PATH; -1: free */
	pid_t pid;
	uint64_t ident[2];
};

struct live {
	DIR *proc;
	int procfd;		/* of proc */
	uid_t uid;
	unsigned scan;		/* flags of the walk */
	int foreign;		/* /proc is of another PID namespace */
	int pidfs;		/* pidfds have lasting inodes; -1: not asked */
	int pidfd;		/* pidfds work; -1: not asked */
	int64_t boot;		/* as plat_now(); -1: not asked */
	struct pin pins[PLAT_BATCH + 1]; /* last: repins an older row */
	char netns[64];		/* our own namespace's link; "": not asked */
	char pidns[64];		/* likewise */
	char *buf;		/* grows; linux_read() */
	size_t bufsize;
	void *lib;		/* the table library's handle */
	void *sock;		/* netlink.c's socket, across calls */
	uint8_t hints[8192];	/* a bit for each port of plat_hint() */
	int hinted;		/* there are some */
};

/* --- pin.c ---------------------------------------------------------------- */

/*
 * Reads into *bufp, which grows up to max, and adds a NUL. The kernel gives a
 * file with a list in it in pieces of 4 KB; of all others a short read is the
 * end.
 */
int	 linux_read_all(int fd, int pieces, char **bufp, size_t *sizep,
	    size_t max, size_t *lenp);

/* What one read(2) gives of a file. */
ssize_t	 linux_read_once(int dir, const char *file, char *buf, size_t len);

/* A link's text, NUL-terminated.  ENAMETOOLONG if it does not fit. */
ssize_t	 linux_link(int dir, const char *name, char *buf, size_t len);

/*
 * Cuts off the text that Linux adds to the name of a removed file: 1 it was
 * there, 0 it was not, -1 that could not be determined. path is the text of the
 * link, *lenp bytes.
 */
int	 linux_cut_deleted(int dir, const char *link, char *path,
	    ssize_t *lenp);

/* The base name of the executable that a link names. */
int	 linux_exe_name(int dir, const char *link, char *name, size_t len);

/* Removes the newline that the kernel adds to comm; others belong to it. */
int	 linux_read_comm(int dir, const char *file, char *buf, size_t len);

int	 linux_pidfd_open(pid_t pid);
int	 linux_have_pidfd(struct live *lv);

/* Fills in all of a pin but ident[0], which is in stat. */
int	 linux_pin_open(struct live *lv, struct pin *p, pid_t pid);
void	 linux_unpin(struct pin *p);

/*
 * The /proc directory of the process in row, for openat(2) and the like, or -1
 * with ESRCH. It is valid until the next call; the caller must not close it.
 */
int	 linux_pin(struct plat *pl, const struct plat_proc *row);

/* Is the process still there? 0 with ESRCH, or with the errno of a failure. */
int	 linux_is_there(struct plat *pl, const struct plat_proc *row);

/*
 * A small file of a pinned process, NUL-terminated, in a buffer that the next
 * call overwrites.  NULL with errno; E2BIG over a megabyte. The second one is
 * for a file that comes in pieces.
 */
char	*linux_read(struct plat *pl, int pin, const char *file, size_t *lenp);
char	*linux_read_list(struct plat *pl, int pin, const char *file,
	    size_t *lenp);

/* comm as the process wrote it; -1 if it is gone. */
int	 linux_comm(struct plat *pl, int pin, char *buf, size_t len);

/*
 * Fills in rows that have a pid, except ident[1], start and pin; the processes
 * are pinned already. A process that has exited gets pid 0. ident[0] is the
 * start in clock ticks since boot. There is one file for each library:
 * table_proc2.c, table_procps3.c, and table_procfs.c without one.
 */
int	 linux_rows(struct plat *pl, struct plat_proc *rows, size_t n);
void	 linux_rows_free(struct plat *pl);

/*
 * For the two libraries, which omit a process that they could not read: 0 the
 * pinned process has exited, -1 it has not, with error or EAGAIN in errno.
 */
int	 linux_left_out(struct plat *pl, int pin, int error);

/* For all three: translates tty_nr, flags and state of stat. */
void	 linux_row(struct plat_proc *row, int tty, unsigned long kflags,
	    char state);

/* Fills in all of stat, with comm and ident[0]; -1 if it has exited. */
int	 linux_stat(struct plat *pl, int pin, struct plat_proc *row);

/* --- the others ----------------------------------------------------------- */

/* linux_files.c: only what the kernel has in memory; no server is asked. */
struct stat;
int	 linux_look(int fd, struct stat *st, uint64_t *mount);
/* The same of the file that a name in a directory leads to. */
int	 linux_look_at(int dir, const char *name, struct stat *st,
	    uint64_t *mount);

/*
 * cgroup.c: group and unit, from the text of a cgroup file, which it changes.
 */
void	 linux_cgroup(char *text, struct plat_origin *op);
/* The same of an unchanged text: 1 if one of its groups is frozen. */
int	 linux_frozen(struct plat *pl, const char *text);

/* --- what proc.c puts into the table of the live system ------------------ */

int	 linux_members(struct plat *pl, const struct plat_proc *row,
	    pid_t *pids, size_t max, size_t *np);
int	 linux_socks(struct plat *pl, const uint64_t *keys, size_t nkeys,
	    unsigned flags, const struct plat_proc *netns,
	    struct plat_sock **socksp, size_t *np);
void	 linux_socks_close(struct plat *pl);
void	 linux_hint(struct plat *pl, uint16_t port);
int	 linux_socket_owner(struct plat *pl, const uint64_t *keys, size_t n,
	    pid_t *owners);
int	 linux_pipe_owner(struct plat *pl, const uint64_t *keys, size_t n,
	    pid_t *owners);
int	 linux_keepalive(struct plat *pl, struct plat_keepalive *v, size_t n,
	    int ms);

/* linux_mounts.c: parses a text of the form of /proc/self/mountinfo. */
int	 linux_mounts_parse(char *text, struct plat_mount **vp, size_t *np);

#endif
