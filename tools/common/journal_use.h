/* SPDX-License-Identifier: ISC */
/* The journal of the user, as the environment says where it is. */
#ifndef JOURNAL_USE_H
#define JOURNAL_USE_H

#include "common/tool.h"

struct tun_ctx;

/* Says to the context where the journal is, unless TUN_JOURNAL is "off". */
void	 journal_use(struct tun_ctx *ctx);
/* After a scan: says once if the journal was not used, and why. */
void	 journal_put_error(const struct tun_ctx *ctx);
/* Ends the program: what it was asked for needs the journal. */
void	 journal_fail(const struct tun_ctx *ctx) TOOL_NORETURN;
/* After the writing of a record with result r: says if it failed, and why. */
void	 journal_wrote(const struct tun_ctx *ctx, int r);
/* Writes that the master t was given this forward, and listens there. */
void	 journal_add(struct tun_ctx *ctx, const struct tun *t,
	    const struct tun_forward *fwd, int port);

#endif
