/* SPDX-License-Identifier: ISC */
/* The control sockets of one user, as they are found and asked. */
#ifndef MASTERS_H
#define MASTERS_H

#include <sys/stat.h>

#include "verdict/verdict.h"

struct resolver;

struct master {
	struct tun_master pub;
	struct tun_masters *of;
	size_t i;		/* its index in tun_masters */
	char *text;		/* pub.text, if it was allocated */
	uint64_t key;		/* key of its listener; 0: none known */
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
	int blind;		/* the kernel does not show bound inodes */
};

struct master *master_of(const struct tun_master *m);

/*
 * stat(2) and lstat(2) for paths that other users chose.  They do not wait for
 * a file system that does not answer.
 */
int	 master_stat(struct tun_masters *m, const char *path, struct stat *st);
int	 master_lstat(struct tun_masters *m, const char *path, struct stat *st);

#endif
