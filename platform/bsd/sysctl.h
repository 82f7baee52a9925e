/* SPDX-License-Identifier: ISC */
/*
 * What the BSDs and macOS share. sysctl.c fills in the table of impl.h and has
 * the checks that every system needs; one file per system has the os_*
 * functions below, which only ask the kernel and translate the answer.
 */
#ifndef SYSCTL_H
#define SYSCTL_H

#include "common/bag.h"
#include "impl.h"

struct live {
	uid_t uid;
	unsigned scan;		/* flags of the walk */
	struct plat_proc *rows;	/* its table */
	size_t n, next;
	int partial;		/* it leaves out processes of others */
	void *os;		/* data of the system */
	/* What os_open() sets on some systems; both may stay NULL. */
	void (*close)(struct plat *pl);
	/* A signal that no later process can get. */
	int (*signal)(struct plat *pl, const struct plat_proc *row, int sig);
};

#define FDS_MAX		((size_t)1 << 16)

/* A bag that keeps the sockets that were asked for. */
struct wanted_socks {
	int pass;		/* 0 listeners, 1 connections */
	struct bag bag;
};

/* --- what sysctl.c gives ------------------------------------------------- */

/*
 * Asks for the size, allocates an eighth more, and repeats this while the
 * kernel returns ENOMEM. get is like sysctl(3); a NULL buffer asks for the
 * size. *bufp is never NULL, and the caller frees it.
 */
int	 bsd_grow(int (*get)(void *arg, void *buf, size_t *lenp), void *arg,
	    void **bufp, size_t *lenp);

/* The same with a mib; if elem is not 0 its last word is set to the room. */
int	 bsd_sysctl(int *mib, unsigned n, size_t elem, void **bufp,
	    size_t *lenp);

/*
 * The number of records of this size in len bytes. -1 with EPROTO if the
 * kernel's records have another size; then buf is freed.
 */
int	 bsd_whole(void *buf, size_t len, size_t size, size_t *np);

/* bsd_sysctl() for records of this size; arrayp points to the pointer. */
int	 bsd_list(int *mib, unsigned n, size_t elem, size_t size,
	    void *arrayp, size_t *np);

/*
 * Reads a string or words for which the kernel tells no size: tries size bytes,
 * then doubles that up to max. E2BIG above.
 */
int	 bsd_words(int *mib, unsigned n, size_t size, size_t max, char **bufp,
	    size_t *lenp);

/* Copies a path into buf; returns its length, or -1. ENOENT: no path. */
ssize_t	 bsd_path(int *mib, unsigned n, char *buf, size_t len);

/* Waits a moment for the end of an exec; 0: it was waited for often enough. */
int	 bsd_exec_wait(int try);

/*
 * Copies and cuts to fit. to ends with NUL; from ends with NUL or has n bytes.
 */
void	 bsd_copy(char *to, size_t size, const char *from, size_t n);

/* Sets the state, with the flags that say the same. */
void	 bsd_state(struct plat_proc *row, char state, int kthread);
/* Sets the terminal. controls: the kernel says that it still controls it. */
void	 bsd_tty(struct plat_proc *row, uint64_t tty, uint64_t none,
	    int controls);

/* Sets the kind of a descriptor whose path is known. */
void	 bsd_fd_path(struct plat_fd *f, const char *path);

int	 bsd_want(struct wanted_socks *w, const struct plat_sock *sk);

/* Copies struct sockaddr_in or sockaddr_in6 to sk's family and address. */
void	 bsd_addr(struct plat_sock *sk, int family, const void *local,
	    const void *peer, unsigned lport, unsigned fport);

/* Make a key for a socket without one: from its ends, or from a descriptor. */
uint64_t bsd_key_inet(const struct plat_sock *sk);
uint64_t bsd_key_fd(pid_t pid, int fd);

/* TCPS_* of this system. */
enum plat_tcp bsd_tcp(int state);

/* --- what each system gives ---------------------------------------------- */

int	 os_open(struct plat *pl);

/* PLAT_CAP_*, except INET6. */
unsigned os_caps(struct plat *pl);

/* All processes, unsorted, without kernel threads that have no PID. */
int	 os_table(struct plat *pl, struct plat_proc **rowsp, size_t *np);

/* One process; ESRCH if it does not exist, EBUSY if it cannot be told now. */
int	 os_row(struct plat *pl, pid_t pid, struct plat_proc *row);

/*
 * As in platform.h, but for the process that has the PID now, and with the
 * kernel's errno. A process that never had any words returns 0 bytes.
 */
int	 os_args(struct plat *pl, const struct plat_proc *row, int env,
	    char **bufp, size_t *lenp);
ssize_t	 os_where(struct plat *pl, const struct plat_proc *row,
	    enum plat_where what, char *buf, size_t len);
/* Adds to the array, which the caller frees after a failure as well. */
int	 os_fds(struct plat *pl, const struct plat_proc *row,
	    struct plat_fd **fdsp, size_t *np, size_t *limit);
int	 os_origin(struct plat *pl, const struct plat_proc *row,
	    struct plat_origin *op);
int	 os_socks(struct plat *pl, struct wanted_socks *w);

#endif
