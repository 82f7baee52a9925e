/* SPDX-License-Identifier: ISC */
/* tunps --record: writes what a scan reads to a file. */
#ifndef RECORD_FILE_H
#define RECORD_FILE_H

struct tun_ctx;

/*
 * Does not return on failure.  The file is the caller's alone, new or owned by
 * the caller before, and no link of another user leads to it.
 */
void	 record_write(struct tun_ctx *ctx, unsigned flags, const char *path);

#endif
