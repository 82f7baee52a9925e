/* SPDX-License-Identifier: ISC */
/* What tunadd was asked for, and the master that is to do it. */
#ifndef ADD_H
#define ADD_H

#include <sys/types.h>

#include <stddef.h>

#include "common/sshname.h"
#include "libfind.h"

struct add_spec {
	char option;
	char *name;			/* as in the command: "-L 8080:h:80" */
	struct tun_forward *fwd;
};

struct add_args {
	struct add_spec *specs;
	size_t nspecs;
	const char *path;		/* -S */
	const char *word;
	struct tun_select *sel;
	int dry, ms;
	struct sshnames ssh_names;
};

/* The master, with the facts that are known of it. */
struct add_target {
	struct tun_ctx *ctx;
	unsigned needs;			/* TUN_SCAN_ flags */
	struct tun_list *first;		/* that of the masters */
	struct tun_list *list;		/* the newest; it may be the same */
	struct tun_masters *masters;
	const struct tun_master *master;
	const struct tun *tun;		/* NULL: its process cannot be seen */
};

/* --- find_master.c ------------------------------------------------------- */

/* Finds the master that is meant, and asks it; ends the tool without one. */
void	 add_find_master(struct add_args *args, struct add_target *to);
/* A new list, made with more flags. */
void	 add_scan(struct add_target *to, unsigned more);
const struct tun *add_find_pid(const struct tun_list *list, pid_t pid);

/* --- who_listens.c ------------------------------------------------------- */

/* The number of listeners that the master has at fwd; -1: cannot be seen. */
int	 add_count_own(const struct add_target *to,
	    const struct tun_forward *fwd);
/* The same once there are some; 0: it never listened. */
int	 add_wait_listen(const struct add_target *to,
	    const struct tun_forward *fwd);
/* Names the other processes that listen there, after so; how many are they? */
int	 add_put_holders(const struct add_target *to,
	    const struct add_spec *spec, const char *so);

/* --- can_add.c ----------------------------------------------------------- */

/*
 * May the master be asked?  Returns 0 and reports why not.  If something is not
 * known, the master may be asked, but nothing is promised.
 */
int	 add_may_open(const struct add_args *args,
	    const struct add_target *to, const struct add_spec *spec);
/* -n: says what would be added; -1: an earlier one is in the way. */
int	 add_would_add(const struct add_args *args,
	    const struct add_target *to, const struct add_spec *spec);

#endif
