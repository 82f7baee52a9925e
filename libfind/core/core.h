/* SPDX-License-Identifier: ISC */
/*
 * What all of libfind stands on: memory, contexts, addresses, words, commands.
 */
#ifndef CORE_H
#define CORE_H

#include "libfind.h"
#include "platform.h"

/* list.c: an arena that a snapshot owns.  All return NULL with ENOMEM. */
struct arena;

struct arena *arena_new(void);
void	 arena_free(struct arena *a);
void	*arena_alloc(struct arena *a, size_t n);	/* zeroed, aligned */
char	*arena_strdup(struct arena *a, const char *s);
char	*arena_strndup(struct arena *a, const char *s, size_t n);
char	*arena_printf(struct arena *a, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/*
 * An array of n elements becomes one of n + 1, the last zeroed.  Begin with
 * NULL and 0, then pass what the last call gave, never another array: that
 * there is room for more is known from n alone.
 */
void	*arena_push(struct arena *a, void *old, size_t n, size_t size);

/* list.c: the snapshot, itself in its arena. */
struct tun_list {
	struct arena *arena;
	struct tun **tuns;	/* after list_sort(): in order of PID */
	size_t ntuns;
	const char **notes;	/* what made it incomplete */
	size_t nnotes;
	int complete;
	int64_t when;		/* seconds since the epoch */
};

struct tun_list *list_new(void);	/* empty and complete */
int	 list_add(struct tun_list *list, struct tun *t);
void	 list_sort(struct tun_list *list); /* once, before tun_next() */
/* Something was not seen: text says what, and is copied.  Twice is once. */
int	 list_note(struct tun_list *list, const char *text);

/* ctx.c */
struct tun_ctx {
	struct plat *pl;
	int recorded;		/* not the live system */
	char **ssh_names;	/* more names for an ssh, NULL-ended; or NULL */
	size_t nssh_names;
	struct tun_child *taken;	/* by tun_take() */
	size_t ntaken;
	char *taken_host;	/* where these should lead; or NULL */
	struct resolver *rs;	/* for paths that others chose; resolve.h */
};

/* evidence.c: TUN_WHY_NONE adds nothing. */
void	evidence_add(struct tun_evidence *e, enum tun_why why);
void	evidence_drop(struct tun_evidence *e, enum tun_why why);

/* names.c: what a state says of whatever is in it. */
enum tun_health state_health(enum tun_state s, const char **reasonp);

/* addr.c: addresses.  An IPv4 one is the first 4 of 16 bytes, then zeros. */
struct addr {
	int family;
	uint8_t ip[16];
};

int	 addr_is_any(const uint8_t *ip);
int	 addr_is_loopback(int family, const uint8_t *ip);
int	 addr_parse(const char *host, struct addr *addr); /* 0: a name */
/* An IPv4 address in IPv6 clothes is the IPv4 address. */
int	 addr_same(int fa, const struct plat_addr *a, int fb,
	    const struct plat_addr *b);
struct tun_addr addr_public(int family, const struct plat_addr *a);
/* Where a socket is bound, be it a path; -1 with ENOMEM. */
int	 addr_of(struct arena *a, const struct plat_sock *sk,
	    struct tun_addr *ta);

/*
 * user.c: the entry of a user, the arena's.  NULL with ENOENT, or with what
 * kept us from looking.
 */
struct passwd;
const struct passwd *user_find(struct arena *a, uid_t uid);

/* Behind the name of a working directory that was removed. */
#define CWD_GONE	" (deleted)"

/* run.c: commands, several at once, whose output is read. */
struct run_job {
	const char *path;
	const char *const *argv, *const *env;	/* NULL-ended */
	const char *cwd;
	uid_t uid;		/* who it becomes where become is set */
	gid_t gid;
	const gid_t *groups;
	size_t ngroups;
	int become;
	int errors;		/* its standard error is read, too */
	/* What came of it.  The caller frees out. */
	char *out;
	size_t len;
	int error;		/* ETIMEDOUT, E2BIG, ECHILD: it failed, ... */
	/* while it runs */
	pid_t pid;
	int fd, done;
	int64_t deadline;
};

/* Whose the job is: with all groups, should we have to become that user. */
int	 run_as(struct arena *a, const struct passwd *pw, struct run_job *job);
/* ms for each, and some of them for all.  -1 only with ENOMEM. */
int	 run_jobs(struct run_job *jobs, size_t n, int ms);
/*
 * Is the file at path, and all that leads to it, in the hands of root or of
 * uid alone?  Then real is its path without links.
 */
int	 run_trusts(const char *path, uid_t uid, char *real, size_t len);

#endif
