/* SPDX-License-Identifier: ISC */
/* What tuncheck was asked, and what it has found. */
#ifndef CHECK_H
#define CHECK_H

#include <sys/types.h>

#include <stddef.h>

#include "common/sshname.h"
#include "libfind.h"

/* An operand, or the path of a -S. */
struct check_word {
	const char *text;
	struct tun_select *sel;	/* NULL: from -S */
	int found;
	int unseen;		/* not found, but may be there */
};

struct check_args {
	struct check_word *words;
	size_t nwords;
	int config, json, probe, quiet, verbose, expect;
	int ms;
	struct sshnames ssh_names;
	uid_t uid;
};

/* What is asked and reported. */
struct check_job {
	struct tun_ctx *ctx;
	struct tun_list *list;		/* NULL: no process was read */
	struct tun_masters *masters;
	const struct tun_master **ms;
	size_t nms;
	const struct tun **tuns;
	size_t ntuns;
};

/* answers.c: what masters and tunnels have answered, as text or JSON. */
void	 check_put(const struct check_args *args,
	    const struct check_job *job);
/* Notes are printed once, whatever was found. */
void	 check_put_notes(const struct check_job *job);
/* The exit status for the worst of all that was asked. */
int	 check_verdict(const struct check_args *args,
	    const struct check_job *job);

#endif
