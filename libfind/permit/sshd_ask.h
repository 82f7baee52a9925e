/* SPDX-License-Identifier: ISC */
/* Which sshd is asked for its settings, and about which client; sshd_ask.c. */
#ifndef SSHD_ASK_H
#define SSHD_ASK_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

struct arena;
struct plat;
struct sshd_settings;

struct sshd_ask {
	struct arena *a;
	/* The program; NULL: that of the sshd that listens here. */
	const char *program;
	const char *file;	/* -f */
	const char **options;	/* -o */
	size_t noptions;
	int given;		/* the caller has given -f or -o */
	pid_t pid;		/* the listener that is meant; 0: the only one */
	/* The client. */
	const char *host, *addr, *laddr, *rdomain;
	int lport;		/* 0: the first one of the settings */
	/* What was found. */
	size_t listeners, elsewhere;
	int64_t started;	/* the listener: seconds since 1970; 0: not
				   known, or its configuration is not meant */
	const char *error;	/* after a failure, or NULL */
};

/* -1: *error says why, or ENOMEM and the like. */
int	 sshd_ask_find(struct sshd_ask *ask, struct plat *pl);
int	 sshd_ask_option(struct sshd_ask *ask, const char *option);
/* Runs "sshd -T" for each user, several at once. */
int	 sshd_ask_users(struct sshd_ask *ask, const char *const *users,
	    size_t n, struct sshd_settings *v);

#endif
