/* SPDX-License-Identifier: ISC */
/*
 * What the BSDs and macOS share.  sysctl.c fills the table of impl.h, and has
 * the checks that no system must forget; one file per system has the os_*
 * below, which only ask and translate.
 */
#ifndef SYSCTL_H
#define SYSCTL_H

#include "impl.h"

struct live {
	uid_t uid;
	unsigned scan;		/* flags of the walk */
	struct plat_proc *rows;	/* its table */
	size_t n, next;
	void *os;		/* the system's own; os_close() */
};

/* A bag that keeps the sockets that were asked for. */
struct want {
	unsigned flags;		/* PLAT_SOCKS_* */
	int pass;		/* 0 listeners, 1 connections */
	uint64_t *keys;		/* sorted */
	size_t nkeys;
	uint8_t ports[8192];	/* a bit where a listener among keys is */
	struct plat_sock *socks;
	size_t n, size;
	int full;
};

/* --- what sysctl.c gives ------------------------------------------------- */

/*
 * Asks for the size, takes an eighth more, and again while the kernel says
 * ENOMEM.  get is as sysctl(3), a NULL buffer asks for the size.  *bufp is
 * never NULL and the caller's to free.
 */
int	 bsd_grow(int (*get)(void *arg, void *buf, size_t *lenp), void *arg,
	    void **bufp, size_t *lenp);

/* The same of a mib; its last word becomes the room if elem is not 0. */
int	 bsd_sysctl(int *mib, unsigned n, size_t elem, void **bufp,
	    size_t *lenp);

/*
 * How many records of this size the len bytes are.  -1 with EPROTO if the
 * kernel's are of another one; buf is freed then.
 */
int	 bsd_whole(void *buf, size_t len, size_t size, size_t *np);

/*
 * A string, or words, of a size that no size call tells: size bytes are
 * tried, then twice as many, up to max.  E2BIG above.
 */
int	 bsd_words(int *mib, unsigned n, size_t size, size_t max, char **bufp,
	    size_t *lenp);

/* A path into buf; its length, or -1.  ENOENT if the kernel lost it. */
ssize_t	 bsd_path(int *mib, unsigned n, char *buf, size_t len);

/* One more of an array that doubles, zeroed; NULL with errno. */
void	*bsd_more(void *vp, size_t n, size_t *size, size_t elem, size_t max);

/* Cut to fit; both ends with NUL, or from with its n bytes. */
void	 bsd_copy(char *to, size_t size, const char *from, size_t n);

/* Says what a descriptor is whose path is known. */
void	 bsd_fd_path(struct plat_fd *f, const char *path);

int	 bsd_want(struct want *w, const struct plat_sock *sk);

/* struct sockaddr_in, sockaddr_in6 to sk's family and address. */
void	 bsd_addr(struct plat_sock *sk, int family, const void *local,
	    const void *peer, unsigned lport, unsigned fport);

/* A name for what has none: of a connection by its ends, of a descriptor. */
uint64_t bsd_key_inet(const struct plat_sock *sk);
uint64_t bsd_key_fd(pid_t pid, int fd);

/* TCPS_* of this system. */
enum plat_tcp bsd_tcp(int state);

/* --- what each system gives ---------------------------------------------- */

int	 os_open(struct plat *pl);
void	 os_close(struct plat *pl);

/* PLAT_CAP_*, all but INET6. */
unsigned os_caps(struct plat *pl);

/* All processes, in no order; kernel threads without a number left out. */
int	 os_table(struct plat *pl, struct plat_proc **rowsp, size_t *np);

/* One of them; ESRCH if there is none. */
int	 os_row(struct plat *pl, pid_t pid, struct plat_proc *row);

/*
 * The contracts of platform.h, but they answer for whoever has the number
 * now, and errno is what the kernel said.  A process that never had any
 * words has 0 bytes of them.
 */
int	 os_args(struct plat *pl, const struct plat_proc *row, int env,
	    char **bufp, size_t *lenp);
ssize_t	 os_where(struct plat *pl, const struct plat_proc *row,
	    enum plat_where what, char *buf, size_t len);
int	 os_fds(struct plat *pl, const struct plat_proc *row,
	    struct plat_fd **fdsp, size_t *np, size_t *limit);
int	 os_origin(struct plat *pl, const struct plat_proc *row,
	    struct plat_origin *op);
int	 os_socks(struct plat *pl, struct want *w);

/* A signal that cannot hit a successor; ENOSYS where there is none. */
int	 os_signal(struct plat *pl, const struct plat_proc *row, int sig);

#endif
