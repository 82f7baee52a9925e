/* SPDX-License-Identifier: ISC */
/* The control sockets of one user, as they are found and asked. */
#ifndef MASTERS_H
#define MASTERS_H

#include <sys/stat.h>

#include "verdict/verdict.h"

struct resolver;
struct looked;

struct master {
	struct tun_master pub;
	struct tun_masters *of;
	size_t i;		/* its index in tun_masters */
	char *text;		/* pub.text, if it was allocated */
	uint64_t key;		/* key of its listener; 0: none known */
	int elsewhere;		/* its path may lead to another file here */
	int known;		/* path is known to lead to this file */
	dev_t dev;
	ino_t ino;
};

struct tun_masters {
	struct arena *a;
	struct resolver *rs;	/* that of the context */
	int shared; /* the last file looked at is on a shared file system */
	uid_t uid;
	struct master **v;
	size_t n;
	struct plat_sock *socks; /* only during the search */
	size_t nsocks;
};

/* --- master_set.c -------------------------------------------------------- */

/*
 * stat(2) and lstat(2) for paths that other users chose.  They do not wait for
 * a file system that does not answer.
 */
int	 master_stat(struct tun_masters *m, const char *path,
	    struct looked *at);
int	 master_lstat(struct tun_masters *m, const char *path,
	    struct looked *at);

struct master *master_add(struct tun_masters *m, const char *path, uid_t uid);
/* The path of the master leads to this file. */
void	 master_set_file(struct master *e, const struct stat *st);
/* The one whose path leads to this file, or NULL. */
struct master *master_by_file(const struct tun_masters *m,
	    const struct stat *st);

/* --- control_listeners.c ------------------------------------------------- */

int	 masters_read_sockets(struct tun_ctx *ctx, struct tun_masters *m);
/* Those that are in the kernel's list; list says whose they are. */
int	 masters_find_listeners(struct tun_ctx *ctx, struct tun_masters *m,
	    const struct tun_list *list);
/* Those that the tunnels of the list name and that were not found there. */
int	 masters_find_named(struct tun_masters *m,
	    const struct tun_list *list);
/*
 * Adds a socket file that belongs to no known listener: it is dead, or its
 * master cannot be seen.  Files of other listeners are left out, because we
 * must not connect to them.
 */
int	 master_add_file(struct tun_masters *m, const char *path,
	    const struct looked *at, struct master **ep);

/* --- places.c ------------------------------------------------------------ */

int	 masters_find_places(struct tun_masters *m);

#endif
