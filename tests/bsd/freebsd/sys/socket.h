/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SOCKET_H_
#define _SYS_SOCKET_H_

#include <sys/types.h>
#include <stdint.h>

#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SO_ACCEPTCONN	0x00000002

#define AF_UNIX		1
#define AF_INET		2
#define AF_INET6	28

typedef uint8_t sa_family_t;

struct sockaddr {
	uint8_t sa_len;
	sa_family_t sa_family;
	char sa_data[14];
};

struct sockaddr_storage {
	uint8_t ss_len;
	sa_family_t ss_family;
	char ss_pad1[6];
	int64_t ss_align;
	char ss_pad2[112];
};

int	socket(int, int, int);
int	bind(int, const struct sockaddr *, unsigned);

#endif
