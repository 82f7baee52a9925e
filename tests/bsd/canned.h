/* SPDX-License-Identifier: ISC */
/*
 * One machine for all the fake kernels: its processes and its sockets, and
 * what can go wrong between two questions about them.
 *
 * Each tests/bsd/OS/kernel.c answers from here in the way, with the structs
 * and with the errno of its system; tests/bsd/test.c expects the same rows of
 * all of them.
 */
#ifndef CANNED_H
#define CANNED_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#define NODEVICE	(-1)

enum canned_what { FD_NONE, FD_SOCKET, FD_PIPE, FD_PATH };

struct canned_fd {
	enum canned_what what;
	int fd;
	int sock;		/* index in socks[] */
	uint64_t pipe, peer;
	const char *path;
};

#define NFDS	8

struct canned_proc {
	pid_t pid, ppid, pgid, sid;
	uid_t uid, ruid;
	int tty;		/* device, or NODEVICE */
	int lost;		/* the terminal was taken away */
	int64_t start;		/* microseconds after boot */
	char state;		/* R S T Z, K a kernel thread */
	const char *comm;
	const char *args;
	size_t argslen;
	const char *env;
	size_t envlen;
	const char *exe, *cwd;
	pid_t reaper;
	uint64_t parent;	/* unique number of who forked it */
	uint64_t catch, ignore;
	struct canned_fd fds[NFDS];
	/* What a kernel may make of it; see canned_hook. */
	int gone;		/* its number answers nothing any more */
	int argc;		/* what it says; 0: as many as there are */
};

enum canned_kind { SOCK_TCP4, SOCK_TCP6, SOCK_LOCAL };

/* States by the names that every system has them under. */
enum canned_state { ST_LISTEN, ST_ESTABLISHED, ST_CLOSE_WAIT, ST_OPEN,
    ST_DISCONNECTED };

struct canned_sock {
	enum canned_kind kind;
	enum canned_state state;
	uint8_t laddr[16], faddr[16];
	uint16_t lport, fport;
	const char *path;
	int peer;		/* index of the other end; -1: none */
	uid_t uid;
	uint32_t rq, wq;	/* of a listener: waiting, backlog */
	int rexmt, keep;	/* ms left; 0: does not run */
	int heard;		/* ms since the last segment */
	int rexmits;
	uint64_t rx, tx;
};

extern struct canned_proc procs[];
extern struct canned_sock socks[];
extern const size_t nprocs, nsocks;

#define BOOT	INT64_C(1700000000000000)

extern int64_t canned_boot;	/* microseconds; a stepped clock moves it */
extern int canned_nano;		/* nanoseconds of the boot, besides */
extern uid_t canned_uid;	/* who asks */
extern int canned_hidden;	/* addresses in the kernel are zeroed */
extern int canned_grow;		/* so many reads find the table grown */
extern int canned_hz;		/* ticks in a second */
extern int canned_keepalive;	/* all connections have one */
extern int canned_exec;		/* so many rows find 300 in an exec */
extern int canned_curtain;	/* others' descriptors are not shown */
extern int canned_jail;		/* number of its network, if not ours */
extern int canned_longer;	/* structs are longer than the headers say */
extern int canned_noinet6;	/* there is no ::1 */
extern int canned_nowatch;	/* kevent(2) says EACCES */
extern int canned_exits;	/* the watch sees an exit */
extern int canned_wild;		/* pointers in an answer lie */
extern int canned_token;	/* signals by audit token, or kvm(3), work */

/*
 * Called before a question is answered, with its name ("args", "row", ...).
 * It may change the tables, and what it returns is the errno to answer with.
 */
extern int (*canned_hook)(const char *what, pid_t pid);

/* What was sent, to whom, by which call. */
extern int sent_signal, sent_token;
extern pid_t sent_pid;

void	 canned_reset(void);
struct canned_proc *canned_proc(pid_t pid);	/* by number; NULL: gone */
int	 canned_may(const struct canned_proc *p);	/* owner or root */

/* -1 with the errno of the hook, or 0. */
int	 canned_ask(const char *what, pid_t pid);

/* The process that is asked for; NULL with the hook's errno, or ESRCH. */
struct canned_proc *canned_asked(const char *what, pid_t pid);

/* -1 with errno. */
int	 canned_fail(int error);

/*
 * sysctl(2)'s way to hand out len bytes: how many they are, a part and
 * ENOMEM, or all.
 */
int	 canned_give(const void *data, size_t len, void *old, size_t *oldlen);

/* The same of a table, which may have grown since its size was asked. */
int	 canned_table(const void *data, size_t len, void *old, size_t *oldlen);

/* Address of a socket in the kernel, or of its control block. */
uint64_t canned_so(int sock);
uint64_t canned_pcb(int sock);

/* A socket's family, TCP state and addresses as this system has them. */
int	 canned_family(const struct canned_sock *s);
int	 canned_tcps(const struct canned_sock *s);
void	 canned_inet(const struct canned_sock *s, const uint8_t *ip,
	    uint16_t port, void *sockaddr);
void	 canned_unix(const struct canned_sock *s, void *sockaddr);

/* sysctlbyname(3) of the two lists of sockets, each put into a buffer. */
int	 canned_lists(const char *name, size_t (*tcp)(char *),
	    size_t (*local)(char *), void *old, size_t *oldlen);

/* A number that no other process ever has. */
uint64_t canned_unique(const struct canned_proc *p);

#endif
