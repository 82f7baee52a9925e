/* SPDX-License-Identifier: ISC */
/* The names of addresses in /etc/hosts; no name server is asked. */
#ifndef HOSTS_H
#define HOSTS_H

struct hosts;

struct hosts *hosts_read(const char *path);	/* NULL: it cannot be read */
/* The first name in the first line of this address, or NULL. */
const char *hosts_name(const struct hosts *hosts, const char *addr);
void	 hosts_free(struct hosts *hosts);

#endif
