/* SPDX-License-Identifier: ISC */
/* The base of libfind: memory, contexts, addresses, words, commands. */
#ifndef CORE_H
#define CORE_H

#include <limits.h>

#include "libfind.h"
#include "platform.h"

/*
 * arena.c: an arena, which owns all that is allocated from it.  Its functions
 * return NULL with ENOMEM.
 */
struct arena;

struct arena *arena_new(void);
void	 arena_free(struct arena *a);
void	*arena_alloc(struct arena *a, size_t n);	/* zeroed, aligned */
char	*arena_strdup(struct arena *a, const char *s);
char	*arena_strndup(struct arena *a, const char *s, size_t n);
char	*arena_printf(struct arena *a, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/*
 * Adds one zeroed element to an array of n elements.  Start with NULL and 0,
 * then always pass the array that the last call returned: the function knows
 * only from n whether there is room.
 */
void	*arena_push(struct arena *a, void *old, size_t n, size_t size);
/*
 * Adds s to an array of *np strings, which is NULL at first and then ends with
 * NULL.  -1 with ENOMEM, also if s is NULL: then it could not be made.
 */
int	 arena_add_string(struct arena *a, const char ***vp, size_t *np,
	    const char *s);

/* list.c: the snapshot, which is itself in its arena. */
struct tun_list {
	struct arena *arena;
	struct arena *journal;	/* what the tunnels have from it; or NULL */
	struct tun **tuns;	/* after list_sort(): sorted by PID */
	size_t ntuns;
	const char **notes;	/* what could not be seen */
	size_t nnotes;
	int complete;
	int64_t when;		/* seconds since the epoch */
};

struct tun_list *list_new(void);	/* empty and complete */
int	 list_add(struct tun_list *list, struct tun *t);
/* Of an empty tunnel or forward: what is not known says so. */
void	 tunnel_init(struct tun *t);
void	 fwd_init(struct tun_fwd *fwd, const struct tun *t, enum tun_source source);
void	 list_sort(struct tun_list *list); /* once, before tun_next() */
/* Records what was not seen; text is copied.  An equal note is added once. */
int	 list_note(struct tun_list *list, const char *text);

/* ctx.c */
struct tun_ctx {
	struct plat *pl;
	int recorded;		/* a recorded table, not this system */
	char **ssh_names;	/* more names of ssh, NULL-ended; or NULL */
	size_t nssh_names;
	struct tun_child *taken;	/* added by tun_take() */
	size_t ntaken;
	char *taken_host;	/* the host they should lead to; or NULL */
	struct resolver *rs;	/* for paths that others chose; resolve.h */
	struct journal_setup *journal;	/* NULL: no journal is used */
};

/* ctx.c: the journal of a context, as tun_journal_use() was told. */
struct journal_trouble {
	int error;		/* 0: none; ENOTDIR: the base is not ours */
	const char *why;	/* a constant text for the user */
};
struct journal_setup {
	char *state_home, *home; /* "": not given */
	char path[PATH_MAX];	/* of the file, at its last use; or "" */
	struct journal_trouble trouble;	/* of the last use */
};
void	 journal_setup_free(struct journal_setup *js);

/* evidence.c.  TUN_WHY_NONE adds nothing. */
void	evidence_add(struct tun_evidence *e, enum tun_why why);
void	evidence_drop(struct tun_evidence *e, enum tun_why why);

/*
 * addr.c: addresses.  An IPv4 address is the first 4 of 16 bytes, then zeros.
 */
struct addr {
	int family;
	uint8_t ip[16];
};

int	 addr_is_any(const uint8_t *ip);
int	 addr_is_loopback(int family, const uint8_t *ip);
int	 addr_parse(const char *host, struct addr *addr); /* 0: it is a name */
/* An IPv4-mapped IPv6 address becomes the IPv4 address. */
struct addr addr_plain(int family, const uint8_t *ip);
/* The same place, and an IPv4-mapped address equals the IPv4 address. */
int	 addr_same(int fa, const struct plat_addr *a, int fb,
	    const struct plat_addr *b);
/*
 * Does a listener at ip get connections to this address, or prevent another
 * listener there?  both: if it is at ::, it may be for IPv4, too.
 */
int	 addr_blocks(const struct addr *at, int family, const uint8_t *ip,
	    int both);
struct tun_addr addr_public(int family, const struct plat_addr *a);
/* Is it an address that no interface has?  No TCP port is used to find out. */
int	 addr_is_foreign(const struct addr *at);
/* The address or path to which a socket is bound; -1 with ENOMEM. */
int	 addr_of(struct arena *a, const struct plat_sock *sk,
	    struct tun_addr *ta);

/*
 * row.c: the row of a process of a snapshot, to ask the platform about that
 * process; one that was set is not pinned.
 */
void	 row_set(struct plat_proc *row, pid_t pid, const uint64_t *ident);
/* Reads the row of a process.  1: it exists, 0: it is gone or hidden, -1. */
int	 row_read(struct plat *pl, pid_t pid, struct plat_proc *row);
/* The same; -1 with ESRCH if it is not there, or is another process. */
int	 row_read_same(struct plat *pl, pid_t pid, const uint64_t *ident,
	    struct plat_proc *row);
/* Describes the process to the caller, with its name; NULL: ENOMEM. */
struct tun_peer *row_peer(struct arena *a, const struct plat_proc *row);

/*
 * user.c: the entry of a user, in the arena.  Returns NULL with ENOENT, or with
 * the error of the look-up.
 */
struct passwd;
const struct passwd *user_find(struct arena *a, uid_t uid);

/* Behind the name of a working directory that was removed. */
#define CWD_GONE	" (deleted)"

/* command.c: runs commands, several at once, and reads their output. */
struct run_job {
	const char *path;
	const char *const *argv, *const *env;	/* NULL-ended */
	const char *cwd;
	uid_t uid;		/* the user to become if become is set */
	gid_t gid;
	const gid_t *groups;
	size_t ngroups;
	int become;
	int errors;		/* also read its standard error */
	/* The result.  The caller frees out. */
	char *out;
	size_t len;
	int error;		/* ETIMEDOUT, E2BIG, ECHILD: failed, ... */
	/* while it runs */
	pid_t pid;
	int fd, done;
	int64_t deadline;
};

/* Sets the user of the job, with all groups if we have to become that user. */
int	 run_as(struct arena *a, const struct passwd *pw, struct run_job *job);
/*
 * Each job may run for ms, and all together for a few times ms.  -1 only with
 * ENOMEM.
 */
int	 run_jobs(struct run_job *jobs, size_t n, int ms);
/*
 * Can only root and uid change the file at path and everything on the way to
 * it?  Then real is the path without links.
 */
int	 run_trusts(const char *path, uid_t uid, char *real, size_t len);

#endif
