/* SPDX-License-Identifier: ISC */
/* tunps --record: what a scan reads, in a file. */
#ifndef RECORD_H
#define RECORD_H

struct tun_ctx;

/*
 * Does not return on failure.  The file is the user's alone, new or his own
 * before, and reached through no link of somebody else.
 */
void	 record_write(struct tun_ctx *ctx, unsigned flags, const char *path);

#endif
